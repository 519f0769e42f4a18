/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an APDU script can compute, because a card expects its host to:
 *
 *   {fill N A}        N bytes: A over and over     {sha-1 A} {sha-256 A}
 *   {pad N A}         A and 80 00.. up to a multiple of N
 *   {slice AT N A}    N bytes of A from AT on, counted from 0
 *   {add N A}         A as a big-endian number, N larger
 *   {xor A B}
 *   {3des-ecb KEY A}  {3des-cbc KEY IV A}  {3des-cbc-back KEY IV A}  likewise aes-
 *   {retail-mac KEY A}  {cmac KEY A}  {hmac-sha-256 KEY A}
 */
#ifndef VICC_SCRIPT_FORMULA_H
#define VICC_SCRIPT_FORMULA_H

#include "base/bytes.h"

#define FORMULA_NUMBERS_MAX 2
#define FORMULA_VALUES_MAX 3

struct formula {
	const char *name;
	unsigned numbers, values; /* how many it takes */
	/* Append the result. NULL, or what is wrong, for a person. */
	const char *(*fn)(const size_t *numbers, const struct view *values, struct buf *out);
};

const struct formula *formula_find(const char *name); /* NULL: there is none */

#endif
