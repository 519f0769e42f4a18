/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plain ISO/IEC 7816 card, all of -4, -8 and -9: others build on it. */
#ifndef VICC_CARDS_ISO7816_ISO7816_H
#define VICC_CARDS_ISO7816_ISO7816_H

#include "iso/iso.h"

extern const struct iso_app iso7816_app;
extern const struct iso_type iso7816_iso_type;
extern const struct card_type iso7816_type;

/* mutual.c */
instr_fn iso7816_external_authenticate;

#endif
