/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The card that tests of reader drivers talk to (HandlerTest, by the author of
 * pcsc-lite): each form of command in each length, and an answer that shows
 * whether all of it came through.
 */
#ifndef VICC_CARDS_HANDLER_TEST_HANDLER_TEST_H
#define VICC_CARDS_HANDLER_TEST_HANDLER_TEST_H

#include "model/card.h"

extern const struct card_type handler_test_type;

#endif
