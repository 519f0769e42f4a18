/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table-driven card: what ISO/IEC 7816-4, -8 and -9 say, and what others
 * derive from it by rows and hooks. A command goes through the stages of iso.c
 * in, one row's function acts, and the answer goes through the stages out.
 */
#ifndef VICC_ISO_ISO_H
#define VICC_ISO_ISO_H

#include "base/bytes.h"
#include "base/sw.h"
#include "model/card.h"
#include "codec/apdu.h"
#include "crypto/digest.h"
#include "model/access.h"
#include "model/fs.h"
#include "model/se.h"
#include "model/sm.h"
#include "model/state.h"

#define ISO_CHANNELS_MAX 20     /* 7816-4, 5.4.1: 0..19 */
#define ISO_CHAIN_MAX 65536     /* bytes of a command joined from its parts */
#define ISO_ANSWER_MAX 0x20000  /* bytes that one command may answer in all */
#define ISO_CHALLENGE_MAX 16

struct iso;

/*
 * Rows, struct instr, and what they call, an instr_fn, are vicc/card.h's: take apart,
 * refuse, act; append data to rsp. 62xx and 63xx keep the data, errors drop them.
 */
#define INSTR_LC VICC_INSTR_LC               /* without data: 6700 */
#define INSTR_LE VICC_INSTR_LE               /* with neither data nor Le: 6700 (an answer is due) */
#define INSTR_NO_LC VICC_INSTR_NO_LC         /* with data: 6700 */
#define INSTR_SECRET VICC_INSTR_SECRET       /* data in either direction are never shown */
#define INSTR_TRANSPORT VICC_INSTR_TRANSPORT /* GET RESPONSE: not wrapped, does not drop what is pending */
#define INSTR_SM VICC_INSTR_SM               /* only under secure messaging: 6982 */
#define INSTR_AT_ONCE VICC_INSTR_AT_ONCE     /* without Le the data are answered at once, not announced by 61XX */

#define INSTR_END { .name = NULL }

struct channel {
	bool open;
	struct cursor at;      /* what is selected */
	struct auth auth;      /* what was proven of local references */
	struct se se;          /* the security environment in force */
	uint8_t challenge[ISO_CHALLENGE_MAX];
	size_t challenge_len;  /* bytes; 0: none is outstanding */
	bool witness;          /* it was given out enciphered, to be told back */
	struct secret hash;    /* the code of PSO: HASH, for the signature to come; empty: none */
	enum digest hash_by;
	struct sam certified;  /* the key of the certificate verified last, if any; its label is the holder */
	struct sm *sm;         /* NULL: no session */
	struct sm *sm_next;    /* keys agreed on, in force once this answer has left */

	bool chaining;
	struct apdu chain_head;
	struct buf chain;      /* parts of a command so far */
	struct buf pending;    /* what GET RESPONSE fetches */
	sw_t pending_sw;       /* and the status word behind it */
	bool pending_secret;   /* never shown, as the command that left it */
};

/*
 * What a type may do in its own way: return type, name, parameters. Each has a
 * default of the same name with iso_ in front, to call by name.
 */
#define ISO_HOOKS(HOOK) \
	/* CLA -> channel, sm, chained; not 0: refused (6E00) */ \
	HOOK(sw_t, classify, (struct iso *c, struct apdu *cmd)) \
	/* may this be done? */ \
	HOOK(sw_t, judge, (const struct access *who, const struct file *f, enum acl_op op)) \
	/* append what SELECT tells of a file */ \
	HOOK(sw_t, fci, (struct iso *c, const struct file *f, const struct apdu *cmd, struct buf *rsp)) \
	/* an application was selected by name */ \
	HOOK(void, entered, (struct iso *c, struct file *df)) \
	/* Le, 61XX, 6CXX: cut the answer, keep the rest */ \
	HOOK(sw_t, finish, (struct iso *c, const struct apdu *cmd, struct buf *rsp, sw_t sw)) \
	/* what it keeps has changed, and is kept after this */ \
	HOOK(void, changing, (struct iso *c)) \
	/* append the ATR */ \
	HOOK(void, atr, (struct iso *c, struct buf *out)) \
	/* the type's own volatile state: reset, power */ \
	HOOK(void, forget, (struct iso *c)) \
	/* what the type's own members hold */ \
	HOOK(void, release, (struct iso *c))

#define ISO_HOOK_MEMBER(type, name, parameters) type (*name) parameters;
#define ISO_HOOK_DEFAULT(type, name, parameters) type iso_##name parameters;

struct iso_hooks {
	ISO_HOOKS(ISO_HOOK_MEMBER)
};
ISO_HOOKS(ISO_HOOK_DEFAULT)

/* Constant. Absent members are the base's. */
struct iso_type {
	const struct iso_type *base; /* NULL: this is the root */
	struct view atr;
	const struct instr *instr;   /* ended by INSTR_END */
	struct iso_hooks hooks;
	unsigned channels;           /* logical channels, the basic one included */
	size_t size;                 /* of the instance, whose first member is a struct iso */
};

/* A card. */
struct iso {
	struct card card;
	const struct card_env *env;
	const struct iso_type *type;
	struct iso_hooks hooks;    /* every one set */
	struct instr *rows;        /* flattened, by INS */
	size_t n_rows;
	uint16_t first[257];       /* rows of INS i: first[i] .. first[i + 1] - 1 */
	unsigned channels;
	struct view atr;           /* of the configuration, or empty */

	struct state *state;       /* what it keeps; its own */
	struct auth global;        /* what was proven of global references */
	struct channel channel[ISO_CHANNELS_MAX];

	/* of the command under way */
	struct channel *ch;        /* NULL: refused before it had one */
	const struct instr *row;   /* NULL: the card has no such instruction */
	struct access who;
	struct buf answer;
	struct buf scratch;        /* what SM was taken off; wiped after the exchange */
	bool forget_after;         /* once the answer is sealed */
	bool lost;                 /* its state could not be had back: the card is gone */
};

/* For card_type.open; card_type.data is the iso_type. Takes cfg->state over. */
struct card *iso_open(const struct card_type *t, const struct card_config *cfg,
		      const struct card_env *env);

/* The root of all types. */
extern const struct iso_type iso7816_iso_type;
extern const struct card_type iso7816_type;

/* Its state, just exchanged, is to be kept where the process says. */
void iso_adopt(struct iso *c);

/*
 * For a row, and from there only: what the type's base does with this command, its
 * row's gate included. 6D00: it has none for it.
 */
sw_t iso_base(struct iso *c, const struct apdu *cmd, struct buf *rsp);

/* Forget all that is volatile, on every channel; keep what is on the card. */
void iso_forget_all(struct iso *c);

/* A channel as new: closed, wiped. */
void iso_channel_close(struct channel *ch);

/* Selected files of the channel, resolved; the MF, or NULL: no EF. */
struct file *iso_df(const struct iso *c);
struct file *iso_ef(const struct iso *c);

/* Whether the process wants to end: long work asks and gives up (returns -ECANCELED). */
bool iso_interrupted(void *c);

/* The bridge from the machine's language: 0 9000, -ENOMEM 6A84, -EIO and its kin 6581, others 6F00. Logs. */
sw_t iso_sw(const struct iso *c, int error);

/* Whether a reference (P2) is of the selected application (b8) and not of the card. */
static inline bool
iso_ref_is_local(uint8_t ref)
{
	return ref & 0x80;
}

/* The set of proven references to which one belongs. */
struct auth *iso_auth(struct iso *c, uint8_t ref);

/* --- what handlers are made of --------------------------------------------- */

/* The EF with a short identifier, current from then on; 0: the one that is (6986, 6A82, 31 6A86). */
sw_t iso_ef_by_sfi(struct iso *c, unsigned sfi, struct file **ef);

/* P1 P2 of odd instructions: 0 the current EF, up to 30 its short identifier, else its FID. */
sw_t iso_ef_by_p1p2(struct iso *c, const struct apdu *cmd, struct file **ef);

/* A file as SELECT would find it; without data and P1 the current EF, else the current DF. */
sw_t iso_target(struct iso *c, const struct apdu *cmd, struct file **f);

/* What CREATE FILE says: spec->others views others. 6A80, 6A86. */
sw_t iso_file_spec(const struct apdu *cmd, struct file_spec *spec, struct buf *others);

/* After files went: with them what they owned of PINs, keys and environments. */
void iso_drop_orphans(struct iso *c);

/* The data of odd instructions: DO 54 at most twice, DO 53 or 73 at most once. False: anything else. */
struct iso_offset_data {
	size_t offset[2]; /* not in bytes: in data units */
	unsigned n_offsets;
	bool has_data;
	struct view data;
};
bool iso_offset_data(struct view in, struct iso_offset_data *out);

/* The most bytes that an answer of ne bytes has room for in a DO 53; 0: none. */
size_t iso_room_in_53(size_t ne);

/* What rules of files refer to: for struct access. */
extern const struct access_refs iso_access_refs;

/* --- base handlers, to be called by name ------------------------------------ */

/* iso.c */
instr_fn iso_get_response, iso_manage_channel;
/* file.c */
instr_fn iso_select, iso_create_file, iso_delete_file, iso_activate_file, iso_deactivate_file,
	iso_terminate_ef, iso_terminate_df, iso_terminate_card;
/* binary.c */
instr_fn iso_read_binary, iso_write_binary, iso_update_binary, iso_erase_binary, iso_search_binary;
instr_fn iso_read_binary_odd, iso_write_binary_odd, iso_update_binary_odd, iso_erase_binary_odd,
	iso_search_binary_odd;
/* record.c */
instr_fn iso_read_record, iso_write_record, iso_update_record, iso_append_record, iso_erase_record,
	iso_search_record;
instr_fn iso_read_record_odd, iso_write_record_odd, iso_update_record_odd;
/* object.c */
instr_fn iso_get_data, iso_put_data, iso_get_data_odd, iso_put_data_odd;
/* auth.c */
instr_fn iso_verify, iso_verify_odd, iso_change_reference_data, iso_reset_retry_counter,
	iso_disable_verification, iso_enable_verification, iso_get_challenge,
	iso_internal_authenticate, iso_external_authenticate, iso_general_authenticate,
	iso_general_authenticate_odd;
/* pso.c; key.h and auth.h have what these are made of */
instr_fn iso_manage_security_environment, iso_perform_security_operation;
/* certificate.c */
instr_fn iso_verify_certificate;
/* key.c */
instr_fn iso_generate_key_pair, iso_generate_key_pair_odd;

/* sm.c: the two stages of secure messaging. */
sw_t iso_sm_unwrap(struct iso *c, const struct apdu *outer, struct apdu *plain);
sw_t iso_sm_wrap(struct iso *c, const struct apdu *outer, sw_t sw, struct buf *rsp);

#endif
