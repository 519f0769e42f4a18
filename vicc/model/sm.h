/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Secure messaging (ISO/IEC 7816-4, 10): one session of a channel. */
#ifndef VICC_MODEL_SM_H
#define VICC_MODEL_SM_H

struct sm;

void sm_free(struct sm *sm); /* takes NULL; wiped */

#endif
