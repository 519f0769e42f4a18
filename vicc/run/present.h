/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether PC/SC has seen the cards. */
#ifndef VICC_RUN_PRESENT_H
#define VICC_RUN_PRESENT_H

#include <stdbool.h>

/*
 * Look, and wait a little, at most ms, until so many readers have a card. True when they
 * have. pcscd is the one of $PCSCLITE_CSOCK_NAME.
 */
bool present_wait(unsigned cards, unsigned ms);

#endif
