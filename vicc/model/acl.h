/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Access rules (ISO/IEC 7816-4, 9.3): who may do what with a file. A file says it
 * in one of four ways among its FCP objects: 8C compact, AB expanded, 8B in a
 * record of an EF.ARR, 86 in a form of its maker's; one that says nothing is free
 * for everything. What a rule does not mention nobody may do.
 */
#ifndef VICC_MODEL_ACL_H
#define VICC_MODEL_ACL_H

#include "base/bytes.h"
#include "base/sw.h"
#include "model/access.h"
#include "model/file.h"

#define ACL_ALWAYS 0x00 /* security condition bytes (9.3.3.2) */
#define ACL_NEVER 0xff

/* May it be done? By what the application says, or acl_check. who NULL: the card itself, always. */
sw_t check_access(const struct access *who, const struct file *f, enum acl_op op);

/* The default: the rules in the order 8C AB 8B 86; none are in force in creation state. */
check_access_fn acl_check;

/* --- its parts, for judges of other cards --------------------------------------------- */

/* Access mode byte and a condition byte for each of its bits from b7 on; bit: 0x40..0x01. */
sw_t acl_compact(const struct access *who, const struct file *f, struct view rule, uint8_t bit);

/* AM objects, each followed by SC objects. bit: 0 for what is no bit (then only headers match). */
sw_t acl_expanded(const struct access *who, const struct file *f, struct view rules, uint8_t bit);

/* One security condition byte; SE numbers are looked up for f. */
sw_t acl_condition(const struct access *who, const struct file *f, uint8_t sc);

/* Half a byte, as cards with PINs only use it: 0 always, F never, else PIN n. */
sw_t acl_nibble(const struct access *who, const struct file *f, unsigned nibble);

/*
 * Whether a reference (b8: local) that is seen from f was proven; external: a key's.
 * 9000, 6982; 6984: there is no such PIN or key.
 */
sw_t acl_reference(const struct access *who, const struct file *f, uint8_t ref, bool external);

/* Whether a PIN of the card was proven. */
bool acl_user(const struct access *who, uint8_t number);

/* 0: it has none. */
static inline uint8_t
acl_bit(enum acl_op op)
{
	return op <= ACL_READ ? (uint8_t)(0x40 >> op) : 0;
}

#endif
