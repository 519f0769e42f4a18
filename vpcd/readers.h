/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The readers of this process, one per entry of reader.conf: pcscd loads the
 * module once for all of them. A Lun is reader << 16 | slot.
 */
#ifndef VPCD_READERS_H
#define VPCD_READERS_H

#include "name.h"
#include "slot.h"

/*
 * Create the slot; the first one of a reader makes the reader, with this name.
 * 0, or negative when it is refused (and said in the log).
 */
int reader_create(unsigned long lun, const struct name *name);

/* Close the slot. -ENODEV: there is no such slot. */
int reader_close(unsigned long lun);

/* The slot, kept alive until reader_put; NULL: there is none. */
struct slot *reader_get(unsigned long lun);
void reader_put(struct slot *s);

#endif
