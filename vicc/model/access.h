/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who asks, for what, and what that has been proven to be. */
#ifndef VICC_MODEL_ACCESS_H
#define VICC_MODEL_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/sw.h"
#include "model/proof.h"

struct file;
struct fs;
struct sam_key;
struct access;

/*
 * What is to be done, in the order of the bits of an access mode byte (7816-4,
 * 9.3.3.1), b7 first; the same bits mean one thing for a DF and one for an EF.
 */
enum acl_op {
	ACL_DELETE,      /* the file itself */
	ACL_TERMINATE,
	ACL_ACTIVATE,
	ACL_DEACTIVATE,
	ACL_WRITE,       /* EF: write, append, create a record; DF: create a DF */
	ACL_UPDATE,      /* EF: update, erase; DF: create an EF */
	ACL_READ,        /* EF: read, search; DF: delete a child */
	/* with keys, which no bit stands for; the file is whose they are: a DF or a key EF */
	ACL_KEY_USE,
	ACL_KEY_GENERATE,
	ACL_KEY_IMPORT,
	ACL_CREATE_DF = ACL_WRITE,
	ACL_CREATE_EF = ACL_UPDATE,
	ACL_DELETE_CHILD = ACL_READ,
};

/* The one question: may it be done? SW_OK, or why not: 6982, 6984. It only goes down. */
typedef sw_t check_access_fn(const struct access *who, const struct file *f, enum acl_op op);

/* Where a reference leads. */
struct reference {
	const struct file *df; /* whose it is; NULL: the card's */
	uint8_t number;        /* the PIN's or key's own, which an alias is not */
};

/*
 * Where rules find what they refer to, seen from a file. A member that is NULL knows
 * nothing: then no environment exists, and every reference does.
 */
struct access_refs {
	/* The objects of the AT of a stored security environment. False: there is none. */
	bool (*se)(const struct access *who, const struct file *f, uint8_t number, struct view *at);
	/* The PIN (external: the key) that is meant; b8: local. False: there is none. */
	bool (*find)(const struct access *who, const struct file *f, uint8_t ref, bool external,
		     struct reference *out);
};

struct access {
	struct auth global;  /* of the card's references: counts on every channel */
	struct proofs local; /* of the channel */
	const struct holder *holder; /* of the certificate verified last; NULL: none */
	const struct fs *fs; /* where the owners of rules are; NULL: none is */
	uint32_t df;         /* uid of the current DF */
	uint8_t cla, ins, p1, p2;
	bool sm;            /* the command came under secure messaging */
	uint8_t se;         /* number of the security environment in force */
	check_access_fn *check_access; /* NULL: acl_check */
	const struct access_refs *refs; /* NULL: knows nothing */
	/* with ACL_KEY_...: which one; NULL: one that is not there yet */
	const struct sam_key *key;
	const void *card;   /* for a check that knows more than this: the struct iso */
};

#endif
