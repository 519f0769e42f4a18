/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A card in another PC/SC reader. It is ours from the moment that we hold its ATR,
 * exclusively unless told otherwise; when it leaves its reader it leaves ours.
 *
 * Threads: one beside the process's own, which only waits for the reader's news,
 * with a PC/SC context of its own, and tells of them by a descriptor.
 */
#ifndef VICC_CARDS_RELAY_RELAY_H
#define VICC_CARDS_RELAY_RELAY_H

#include "model/card.h"

extern const struct card_type relay_type;

/*
 * Which of the readers (names one behind the other, an empty one last, as PC/SC
 * lists them) is meant by a number, from 0, or by a part of its name; NULL: the
 * only one. NULL, with a line in error: none, or more than one.
 */
const char *relay_choose(const char *readers, const char *wanted, char *error, size_t size);

#endif
