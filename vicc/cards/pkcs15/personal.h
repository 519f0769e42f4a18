/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A card that is somebody's from the beginning: his keys and certificates in a
 * PKCS#15 application, guarded by his PIN, as pkcs15-init would have put them there
 * and can go on with. The files are the same for all types; where they are, under
 * which rules, and where a key lies, a type says in its layout.
 */
#ifndef VICC_CARDS_PKCS15_PERSONAL_H
#define VICC_CARDS_PKCS15_PERSONAL_H

#include "codec/pkcs15.h"
#include "crypto/import.h"
#include "model/state.h"

enum personal_secret {
	PERSONAL_PIN,
	PERSONAL_PUK,
	PERSONAL_SO_PIN, /* of the security officer, who may do what the user may not */
	PERSONAL_SO_PUK,
	PERSONAL_GLOBAL_PIN, /* of the card, beside that of an application */
	PERSONAL_ADMIN_KEY,  /* a symmetric key, of who writes the card */
};

#define PERSONAL_SECRETS 6
#define PERSONAL_LABEL_SIZE 65 /* bytes of UTF-8, and NUL */

/* What was said of a key, beside the key itself. */
struct personal_order {
	unsigned place;     /* a type's number; 0: wherever */
	bool generated;     /* for this card, and nowhere else */
};

struct personal {
	struct import from; /* keys go over to the card */
	struct personal_order orders[IMPORT_MAX]; /* of each of them */
	struct secret secrets[PERSONAL_SECRETS]; /* empty: none */
	char label[PERSONAL_LABEL_SIZE];
	/* common name for certificates that the card makes; "": the label */
	char subject[PERSONAL_LABEL_SIZE];
	char time[16];      /* now: YYYYMMDDhhmmssZ */
};

/* What a type has a place for. */
struct personal_type {
	struct {
		uint8_t min, max; /* bytes; max 0: the card has none */
	} secrets[PERSONAL_SECRETS];

	bool unlabelled; /* it is called what its certificates say: --label has no place */

	/* NULL: this key can be kept; or else a text: which can. */
	const char *(*fault)(const struct import_key *k);

	/* NULL: all of it together can be kept; or else why not. Absent: it can. */
	const char *(*refuse)(const struct personal *p);

	/* Keys have places with names: the number of one, 0: there is none. NULL: they have not. */
	unsigned (*place)(const char *name);
	/* Whether a key can be of use there. NULL, as place is. */
	bool (*fits)(const struct import_key *k, unsigned place);

	/*
	 * Fill a new card. Everything has been checked: PIN there, lengths and keys
	 * right. 9000; 6A84: too little memory, 6A89: two keys for one place; then s is good
	 * for nothing any more.
	 */
	sw_t (*personalise)(struct state *s, struct personal *p);
};

/* --- for the types ------------------------------------------------------------------ */

struct personal_ef {
	uint16_t fid;      /* of several: of the first */
	size_t size;       /* at least; 0: as long as what is in it */
	const char *rule;  /* the type's own affair */
};

struct personal_directory {
	enum pkcs15_df df;
	struct personal_ef ef;
};

#define PERSONAL_PATH_MAX 6 /* bytes: three identifiers */

struct personal_place {
	struct view path; /* of a key */
	uint8_t reference;
};

struct personal_layout {
	struct personal_ef dir, odf, token_info, profile, public_key, cert;
	const struct personal_directory *directories; /* in the order of the ODF */
	size_t n_directories;
	struct view user_id;  /* authId of the PIN that guards keys */
	unsigned token_flags; /* PKCS15_TOKEN_... */
	const struct pkcs15_algorithm *algorithms; /* of the TokenInfo; NULL: none */
	size_t n_algorithms;
	bool agrees;          /* EC keys are for key agreement, too */

	/* The FCP objects of a file of this size. */
	void (*objects)(const struct personal *p, const struct personal_ef *ef, size_t size,
			struct buf *others);

	/* Put key number n, from 0, where keys are; path may be kept in room. */
	sw_t (*place)(struct state *s, struct personal *p, size_t n, struct import_key *k,
		      uint8_t *room, struct personal_place *at);

	/* The AODF. */
	void (*pins)(const struct personal *p, struct buf *out);
};

/* Make all files in the application's DF, and EF.DIR beside it; keys are placed on the way. */
sw_t personal_lay_out(struct state *s, struct personal *p, struct file *app,
		      const struct personal_layout *l);

/* A file with this in it. out may be NULL. */
sw_t personal_add(struct state *s, const struct personal *p, const struct personal_layout *l,
		  struct file *df, const struct personal_ef *ef, struct view contents);

/* 3F00 and the application, and the file in it unless fid is 0; written into room. */
struct view personal_path(uint8_t room[PERSONAL_PATH_MAX], uint16_t fid);

/* The first certificate of a key, by its id; NULL: it has none. */
const struct import_cert *personal_certificate(const struct import *im, const uint8_t *id);

/* The key is k's no longer, but the card's. */
sw_t personal_give(struct sam_key *key, struct import_key *k);

/*
 * Put each key of p, n being its number: those with a place first, so that no other takes
 * it. 9000, or what put has refused the first with.
 */
sw_t personal_put_keys(const struct personal *p, sw_t (*put)(void *ctx, size_t n), void *ctx);

/* The same key once more. */
sw_t personal_copy(struct sam_key *key, const struct sam_key *from);

static inline enum sam_kind
personal_kind(const struct import_key *k)
{
	return k->ec ? SAM_EC : SAM_RSA;
}

/* A PIN with its PUK, all tries left. pin is made when it is not there. */
sw_t personal_set_pin(struct state *s, uint8_t ref, const struct sam_code *code,
		      const struct secret *value, const struct sam_code *puk_code,
		      const struct secret *puk);

extern const struct view personal_aid; /* of PKCS#15 */

#define PERSONAL_FID_APPLICATION 0x5015

#endif
