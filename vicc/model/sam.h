/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PINs, keys and security environments that a card keeps. Whoever changes a
 * member by hand sets `changed`.
 */
#ifndef VICC_MODEL_SAM_H
#define VICC_MODEL_SAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/sw.h"
#include "model/access.h"
#include "model/props.h"
#include "model/se.h"

#define SAM_ASYM_MAX 8192 /* bytes of an asymmetric key, encoded */
#define SAM_LABEL_MAX 1024
#define SAM_COMMENT_MAX 65536
/* PINs of a card; keys; environments: lists are searched from the front */
#define SAM_ENTRIES_MAX 4096

/* A right that a PIN or a key grants: to whom has proven one, or all, of these. */
enum sam_grant {
	SAM_NEVER,
	SAM_ALWAYS,
	SAM_ANY,
	SAM_ALL,
};

struct sam_rule {
	enum sam_grant grant;
	struct auth global; /* references of the card */
	struct auth local;  /* and of the application */
	bool sm;            /* and only under secure messaging */
};

/*
 * Local references are those that the owner of the rule, a DF or an EF, sees; 0, the
 * card: the current DF.
 */
bool sam_granted(const struct sam_rule *r, uint32_t owner, const struct access *who);

enum sam_pad {
	SAM_UNPADDED, /* as long as it is */
	SAM_PAD_00,   /* filled up to max */
	SAM_PAD_FF,
};

/* A value to be known, and how often one may be wrong. */
struct sam_code {
	struct secret value;  /* as it is compared: padded; empty: not set */
	uint8_t min, max;     /* bytes, without padding */
	enum sam_pad pad;
	uint8_t tries;        /* left */
	uint8_t tries_max;    /* 0: it never blocks */
};

/* No value, 4 to 8 bytes unpadded, 3 tries. */
#define SAM_CODE_NEW { .min = 4, .max = 8, .tries = 3, .tries_max = 3 }

enum sam_life {
	SAM_UNSET,       /* no value yet: the first setting needs no right */
	SAM_ACTIVE,
	SAM_DEACTIVATED, /* refused: 6984 */
};

struct sam_pin {
	struct sam_pin *next;
	uint32_t scope;   /* uid of the DF whose it is; 0: the card's */
	uint8_t ref;      /* number: P2, b5-1 */
	uint32_t aliases; /* bit n: also reached as number n */
	/* bit n: that alias is proven apart from the others, as a number of its own */
	uint32_t apart;
	enum sam_life life;
	bool disabled;    /* DISABLE VERIFICATION REQUIREMENT: counts as proven */
	struct sam_code code;
	struct sam_code puk; /* value empty: none */
	bool puk_is_pin;  /* another PIN of the same owner is the PUK, with its own tries: */
	uint8_t puk_ref;  /* that one */

	struct sam_rule change;  /* a new value without the old one */
	struct sam_rule unblock; /* full tries, and a new value, without the PUK */
	struct sam_rule disable; /* and enable, without the PIN */

	struct buf comment;      /* the image's; not the card's business */
};

enum sam_kind {
	SAM_DES = VICC_KEY_DES,     /* 8 bytes */
	SAM_DES3 = VICC_KEY_DES3,    /* 16 or 24 */
	SAM_AES = VICC_KEY_AES,     /* 16, 24 or 32 */
	SAM_HMAC = VICC_KEY_HMAC,    /* any */
	SAM_RSA = VICC_KEY_RSA,
	SAM_EC = VICC_KEY_EC,
	SAM_ED25519 = VICC_KEY_ED25519,
	SAM_X25519 = VICC_KEY_X25519,
	SAM_ED448 = VICC_KEY_ED448,
	SAM_X448 = VICC_KEY_X448,
};

/* What a key may be used for. */
#define SAM_USE_SIGN 0x001u
#define SAM_USE_VERIFY 0x002u    /* signatures and checksums */
#define SAM_USE_DECIPHER 0x004u
#define SAM_USE_ENCIPHER 0x008u
#define SAM_USE_CHECKSUM 0x010u
#define SAM_USE_INTERNAL 0x020u  /* INTERNAL AUTHENTICATE */
#define SAM_USE_EXTERNAL 0x040u  /* EXTERNAL, MUTUAL AUTHENTICATE */
#define SAM_USE_DERIVE 0x080u    /* key agreement */
#define SAM_USE_CERTIFY 0x100u   /* VERIFY CERTIFICATE */
#define SAM_USE_SM 0x200u

struct sam_key {
	struct sam_key *next;
	uint32_t owner;      /* uid of its DF or of its key EF; 0: the card's */
	uint8_t ref;         /* number: P2, b7-1 */
	enum sam_kind kind;
	unsigned uses;       /* SAM_USE_...; 0: all that its kind can do */
	uint8_t algorithm;   /* DO 80 when the security environment names none; 0xff: none */
	unsigned bits;       /* of the modulus or field; symmetric: of the value */

	struct secret secret; /* of a symmetric kind */
	struct buf asym;      /* of the others: data objects (model/key.h); empty: none yet */
	struct buf label;     /* what came with it and is to come back (EC domain parameters) */

	uint8_t tries, tries_max; /* of EXTERNAL AUTHENTICATE; tries_max 0: never blocks */
	struct sam_rule use;      /* SAM_ALWAYS unless it says otherwise */
	struct sam_rule manage;   /* generate, import; SAM_ALWAYS likewise */

	/* what its application wants to know of it (model/field.h); not sized */
	struct props props;
	struct buf comment;       /* the image's */

	void *opened;             /* asym, as the crypto floor wants it, made on use; or NULL */
	void (*close)(void *opened);
};

/* A security environment that was stored; its number is in it. */
struct sam_se {
	struct sam_se *next;
	uint32_t owner; /* uid of the DF; 0: the MF */
	struct se se;
	struct buf comment; /* the image's */
};

/* All zero is an empty one. */
struct sam {
	struct sam_pin *pins; /* each list in the order in which they were added */
	struct sam_key *keys;
	struct sam_se *ses;

	bool changed;       /* since the owner last cleared it */
	bool tries_changed; /* counters only */

	/* Keep the counters now. 0: they are on disk; negative: not. NULL: there is only memory. */
	int (*commit)(void *ctx);
	void *commit_ctx;
};

void sam_free(struct sam *s); /* wiped */
void sam_clear(struct sam *s); /* nothing is left of what it keeps, wiped; its commit stays */

/* --- PINs --------------------------------------------------------------------- */

/* By number, or by alias. NULL: there is none. */
struct sam_pin *sam_pin_find(const struct sam *s, uint32_t scope, uint8_t ref);

/*
 * A new one, the sam's: no value, 3 tries, 4 to 8 bytes unpadded, nothing
 * granted. NULL: no memory, it is there already, or SAM_ENTRIES_MAX are.
 */
struct sam_pin *sam_pin_add(struct sam *s, uint32_t scope, uint8_t ref);

/* A value as it would be kept: padded. False: it may not be this code's value. */
bool sam_code_fits(const struct sam_code *code, struct view value, struct secret *kept);

/* The value and all tries. False: it does not fit. Marks nothing changed. */
bool sam_code_set(struct sam_code *code, struct view value);

/* Bit n: number n is proven with this PIN when it is reached as number ref. */
static inline uint32_t
sam_pin_bit(const struct sam_pin *pin, uint8_t ref)
{
	return UINT32_C(1) << (pin->apart >> ref & 1 ? ref : pin->ref);
}

/* All that are proven with it. */
static inline uint32_t
sam_pin_bits(const struct sam_pin *pin)
{
	return UINT32_C(1) << pin->ref | pin->apart;
}

/*
 * In what follows, ref is the number by which the PIN was reached: its own, or an alias.
 *
 * What VERIFY answers without data: 9000 when it is among the proven or is not
 * asked for, 63CX, 6983, 6984.
 */
sw_t sam_pin_state(const struct sam_pin *pin, uint8_t ref, const struct auth *proven);

/*
 * Compare a value. The try is spent and committed before the answer is known,
 * and given back when it is right: then the reference counts as proven, else it
 * no longer does. 9000, 63CX, 6983, 6984, 6581.
 */
sw_t sam_verify(struct sam *s, struct sam_pin *pin, uint8_t ref, struct view value,
		struct auth *proven);

/* As sam_verify with the old value in front; what follows it is the new one (6A80). */
sw_t sam_change(struct sam *s, struct sam_pin *pin, uint8_t ref, struct view old_new,
		struct auth *proven);

/* A new value without the old one: needs the right, or none set yet. 9000, 6982, 6984, 6A80. */
sw_t sam_set(struct sam *s, struct sam_pin *pin, struct view value, const struct access *who);

/*
 * RESET RETRY COUNTER by its P1: 0 PUK and new value, 1 PUK, 2 new value, 3
 * nothing. 9000; 63CX and 6983 are the PUK's; 6982, 6984, 6985 (no PUK), 6A80.
 * What was proven of it no longer is.
 */
sw_t sam_unblock(struct sam *s, struct sam_pin *pin, uint8_t p1, struct view data,
		 const struct access *who, struct auth *proven);

/* DISABLE and ENABLE VERIFICATION REQUIREMENT; an empty value: by right alone. */
sw_t sam_require(struct sam *s, struct sam_pin *pin, uint8_t ref, bool required, struct view value,
		 const struct access *who, struct auth *proven);

/* References that count as proven because nobody asks for them. */
uint32_t sam_disabled(const struct sam *s, uint32_t scope);

/*
 * Spend one try of a counter (on disk), then compare. What the four above and
 * EXTERNAL AUTHENTICATE are made of, for cards that keep codes of their own.
 * 9000, 63CX (6300 where nothing is counted), 6983, 6581.
 */
sw_t sam_try(struct sam *s, uint8_t *tries, uint8_t tries_max, struct view given,
	     struct view right);

/*
 * Its two halves, where right and wrong are not a comparison: spend before
 * (9000, 6983, 6581), then answer with the other, which gives the try back or
 * says how many are left.
 */
sw_t sam_decrement_tries(struct sam *s, uint8_t *tries, uint8_t tries_max);
sw_t sam_restore_tries(struct sam *s, uint8_t *tries, uint8_t tries_max, bool right);

/* Give the try back that was spent on what then could not be judged. */
void sam_increment_tries(struct sam *s, uint8_t *tries, uint8_t tries_max);

/* --- keys --------------------------------------------------------------------- */

struct sam_key *sam_key_find(const struct sam *s, uint32_t owner, uint8_t ref); /* NULL: none */

/* A new one, the sam's, usable and manageable by all. NULL: as for a PIN. */
struct sam_key *sam_key_add(struct sam *s, uint32_t owner, uint8_t ref, enum sam_kind kind);

/* The value of a symmetric key. False: no such kind has that length; then as before. */
bool sam_key_set_secret(struct sam_key *k, struct view value);

/* The objects of an asymmetric one; what was opened is closed. False: no memory; as before. */
bool sam_key_set_asym(struct sam_key *k, struct view objects);

void sam_key_remove(struct sam *s, struct sam_key *k);

/* Exchange what two keys are: kind, value, label; not where they are and whose. */
void sam_key_swap(struct sam_key *a, struct sam_key *b);

static inline bool
sam_kind_is_symmetric(enum sam_kind kind)
{
	return kind <= SAM_HMAC;
}

/* --- stored security environments ----------------------------------------------- */

const struct se *sam_se_find(const struct sam *s, uint32_t owner, uint8_t number); /* NULL: none */
/* A copy, in place of one that is there. False: no memory, or SAM_ENTRIES_MAX are there. */
bool sam_se_store(struct sam *s, uint32_t owner, uint8_t number, const struct se *se);
bool sam_se_erase(struct sam *s, uint32_t owner, uint8_t number); /* false: there is none */

/* --- all of it ------------------------------------------------------------------ */

/* Bytes that keys and environments take, names and links included: a card's memory is bounded. */
size_t sam_size(const struct sam *s);
size_t sam_values_size(const struct sam *s); /* of the values alone */
size_t sam_key_size(const struct sam_key *k);

/* All that belongs to files which are no more. */
void sam_drop_orphans(struct sam *s, const struct fs *fs);

#endif
