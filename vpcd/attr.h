/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What IFDHGetCapabilities and IFDHControl tell of the driver and its slots. */
#ifndef VPCD_ATTR_H
#define VPCD_ATTR_H

#include <ifdhandler.h>

#include "slot.h"

/* bytes: 65535 on the wire, less header, Lc and Le of an extended APDU */
#define ATTR_APDU_DATA_MAX 65526

/* The control code of a feature: the one that clients were tested with, libccid's. */
#define ATTR_FEATURE_CODE(feature) (0x42330000u + (feature))

/*
 * The value of tag into value; *len is the room and then the length, bytes. s
 * may be NULL (no such slot): then only what the driver is can be asked.
 * IFD_SUCCESS, IFD_ERROR_TAG or IFD_ERROR_INSUFFICIENT_BUFFER; on error *len
 * and value are untouched (pcscd then fills in what it knows itself).
 */
RESPONSECODE attr_get(struct slot *s, DWORD tag, void *value, DWORD *len);

/*
 * PC/SC Part 10, 2.2, 2.6.8 and 2.6.14: the list of features, and those that only tell what
 * the reader is. s may be NULL. IFD_SUCCESS, IFD_NOT_SUPPORTED or
 * IFD_ERROR_INSUFFICIENT_BUFFER; *len is set, 0 on error.
 */
RESPONSECODE attr_control(const struct slot *s, DWORD code, void *out, DWORD room, DWORD *len);

/* Whether there is a pad on which PINs are entered. */
bool attr_has_pad(const struct slot *s);

#endif
