/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text of unknown origin, on its way to a terminal. */
#ifndef VICC_BASE_TEXT_H
#define VICC_BASE_TEXT_H

#include <stdbool.h>

/* UTF-8, and no control character in it (C0, DEL, C1). */
bool text_is_plain(const char *text);

/* Put a question mark for each byte that is not. */
void text_make_plain(char *text);

#endif
