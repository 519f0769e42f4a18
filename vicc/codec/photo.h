/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a picture's file says of itself: JPEG (ITU-T T.81) and JPEG 2000 (T.800). */
#ifndef VICC_CODEC_PHOTO_H
#define VICC_CODEC_PHOTO_H

#include "base/bytes.h"

struct photo {
	bool jpeg2000;          /* or else JPEG */
	uint16_t width, height; /* pixels */
};

/* False: neither of the two, or larger than 65535 pixels either way. */
bool photo_read(struct view file, struct photo *out);

#endif
