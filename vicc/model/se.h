/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Security environments (ISO/IEC 7816-4, 10.3): which algorithm and key a command
 * is to use. Control reference templates are kept as they were set; only their
 * form is checked (10.3.2), what they name is the using command's business.
 */
#ifndef VICC_MODEL_SE_H
#define VICC_MODEL_SE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/sw.h"

#define SE_TEMPLATE_MAX 1024 /* bytes of one template */

enum se_crt {
	SE_AT,  /* A4: authentication */
	SE_KAT, /* A6: key agreement */
	SE_HT,  /* AA: hash */
	SE_CCT, /* B4: cryptographic checksum */
	SE_DST, /* B6: digital signature */
	SE_CT,  /* B8: confidentiality */
	SE_ANY, /* 00: set for a key generation without saying what the key is for */
	SE_CRTS,
};

/* What a template is for: P1 of SET, b8 to b5, and DO 95 (10.3.2, usage qualifier). */
enum se_use {
	SE_CHECK, /* b8: verify, encipher, external authentication */
	SE_MAKE,  /* b7: sign, decipher, internal authentication */
	SE_SM_RESPONSE, /* b6 */
	SE_SM_COMMAND,  /* b5 */
	SE_USES,
};

/* Data objects of a template (10.3.3). */
#define SE_DO_ALGORITHM 0x80
#define SE_DO_FILE 0x81
#define SE_DO_DF_NAME 0x82
#define SE_DO_SECRET_KEY 0x83  /* or public key */
#define SE_DO_PRIVATE_KEY 0x84 /* or a key to derive a session key from */
#define SE_DO_IV 0x87
#define SE_DO_RANDOM 0x91
#define SE_DO_CHALLENGE 0x94
#define SE_DO_USAGE 0x95

/* All zero is the empty environment. */
struct se {
	uint8_t number; /* 0: none restored */
	struct buf crt[SE_CRTS][SE_USES]; /* data objects, each tag once */
};

void se_clear(struct se *se); /* as new, wiped */

bool se_crt_of(uint8_t tag, enum se_crt *out); /* P2 of SET; false: there is no such template */
uint8_t se_tag(enum se_crt crt);

/*
 * Put data objects into a template, for each use whose bit is in uses (bit 8 to
 * 5 as in P1). Each replaces the one with its tag, the others stay. 9000, 6A80
 * (no data objects), 6A84; then all is as before.
 */
sw_t se_set(struct se *se, uint8_t uses, enum se_crt crt, struct view objects);

/* A template's data objects; empty: none. */
struct view se_template(const struct se *se, enum se_crt crt, enum se_use use);

/* One of them. False: it is not there, or empty. */
bool se_get(const struct se *se, enum se_crt crt, enum se_use use, uint8_t tag, struct view *value);

size_t se_size(const struct se *se); /* bytes of all templates */

/* Whether nothing was set. */
bool se_is_empty(const struct se *se);

bool se_copy(struct se *to, const struct se *from); /* false: no memory, to is as before */

#endif
