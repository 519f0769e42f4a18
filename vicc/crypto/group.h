/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Diffie-Hellman over the standardised domain parameters (Doc 9303-11, 9.5.1;
 * TR-03110-3, A.2.1.1), and the mappings of PACE. Elements are bytes: points 04 X Y,
 * or numbers in the length of p. Whatever comes from outside is checked: form,
 * length, on the curve and not infinity, or 1 < y < p - 1 and y^q = 1.
 */
#ifndef VICC_CRYPTO_GROUP_H
#define VICC_CRYPTO_GROUP_H

#include "base/bytes.h"
#include "base/mem.h"
#include "crypto/curve.h"

#define GROUP_ELEMENT_MAX 256 /* bytes: a number of 2048 bits */
#define GROUP_PRIVATE_MAX CURVE_SIZE_MAX
#define GROUP_STANDARD_MAX 18

struct group;

/* Each function that returns an int: 0, or negative; -ENOMEM, -EIO, and what it says. */

/* id: 0..2, 8..18. -ENOENT: reserved; -ENOTSUP: this libcrypto was built without the curve. */
int group_new(struct group **out, unsigned id);
void group_free(struct group *g); /* takes NULL */

bool group_exists(unsigned id);                  /* not reserved */
bool group_is_curve(unsigned id);                /* or else a MODP group */
bool group_curve(unsigned id, enum curve *c);    /* false: a MODP group */
bool group_from_curve(enum curve c, unsigned *id); /* false: no standardised one */

unsigned group_id(const struct group *g);
size_t group_element(const struct group *g);     /* bytes of a public value */
size_t group_scalar(const struct group *g);      /* bytes of a private value: of the order */

/* A private value, 1 .. order - 1: as many bytes of rand_bytes at a time, until they are one. */
int group_private(const struct group *g, struct secret *d);

/* base: a generator by a mapping; empty: the group's own. Append d times (to the power d) base. */
int group_public(const struct group *g, struct view base, struct view d, struct buf *out);

/* -EINVAL: not an element that somebody may send. */
int group_check(const struct group *g, struct view element);

/* Append the shared element d times theirs, which is checked. -EINVAL: theirs. */
int group_agree(const struct group *g, struct view d, struct view theirs, struct buf *out);

/* What of a shared element is the secret: x, or all of it. */
struct view group_secret(const struct group *g, struct view element);

/* Append Comp(public) (TR-03110-3, A.2.2.3): x, or SHA-1 of the value. */
int group_compress(const struct group *g, struct view public, struct buf *out);

/*
 * Generic mapping (Doc 9303-11, 4.4.3.3.1): append s * G + H, g^s * h. -EINVAL: it is no
 * generator.
 */
int group_map_generic(const struct group *g, struct view s, struct view h, struct buf *out);

/*
 * Integrated mapping (4.4.3.3.2, B): append the generator of R, the output of the
 * pseudo-random function: at least group_prf bytes. -ENOTSUP: the curve knows no such
 * encoding (P-224); -EINVAL: it is no generator.
 */
int group_map_integrated(const struct group *g, struct view r, struct buf *out);
size_t group_prf(const struct group *g); /* bytes of R: those of p and 8 more */

/* Append a^-1 * b mod n, in group_scalar bytes (chip authentication mapping, 4.4.3.3.3). */
int group_quotient(const struct group *g, struct view a, struct view b, struct buf *out);

/*
 * Append an AlgorithmIdentifier with explicit parameters, for DG14: id-ecPublicKey
 * with ECParameters (X9.62), or dhpublicnumber with DomainParameters (X9.42).
 */
int group_put_algorithm(const struct group *g, struct buf *out);

/*
 * The id of such parameters (the whole SEQUENCE behind the OID). False: none of the
 * standardised.
 */
bool group_from_parameters(struct view parameters, unsigned *id);

#endif
