/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Security environments (ISO/IEC 7816-4, 10.3): which algorithm and key a command is to use. */
#ifndef VICC_MODEL_SE_H
#define VICC_MODEL_SE_H

#include <stdint.h>

/* All zero is the empty environment. */
struct se {
	uint8_t number; /* 0: none restored */
};

void se_clear(struct se *se); /* as new, wiped */

#endif
