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
#include "iso/app.h"
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

/* What the certificates that were verified on a channel come to, down to the last one. */
struct certified {
	struct sam sam;       /* one key, its holder's, or none */
	struct holder holder; /* proven by EXTERNAL AUTHENTICATE */
	uint32_t owner;       /* uid of the DF whose key the first was verified with; 0: the card */
	struct buf role;      /* DO 7F4C of the last, what is in it; empty: it had none */
};

struct channel {
	bool open;
	struct cursor at;      /* what is selected */
	const struct app *app; /* and answers; NULL while the channel is not open */
	uint8_t *memory;       /* for what that keeps */
	struct proofs proven;  /* of local references */
	struct se se;          /* the security environment in force */
	uint8_t challenge[ISO_CHALLENGE_MAX];
	size_t challenge_len;  /* bytes; 0: none is outstanding */
	bool witness;          /* it was given out enciphered, to be told back */
	struct secret hash;    /* the code of PSO: HASH, for the signature to come; empty: none */
	enum digest hash_by;
	struct certified certified;
	struct sm *sm;         /* NULL: no session */
	struct sm *sm_next;    /* keys agreed on, in force once this answer has left */

	bool chaining;
	struct apdu chain_head;
	struct buf chain;      /* parts of a command so far */
	struct buf pending;    /* what GET RESPONSE fetches */
	sw_t pending_sw;       /* and the status word behind it */
	bool pending_secret;   /* never shown, as the command that left it */
};

/* A type of card: constant. What is on a new one is its image. */
struct iso_type {
	const struct iso_app *root;
	struct view atr;
	unsigned channels;          /* logical channels, the basic one included; 0: that alone */
	const struct iso_app *const *apps; /* beside iso_apps, ended by NULL; or NULL */
	/*
	 * What the options of this run change on the card: kept before it answers. 0 or negative
	 * (and then there is no card). NULL: nothing.
	 */
	int (*configure)(struct state *s, const struct card_config *cfg);
};

/* One command on its way through the stages. Of what is in it nothing outlives the command. */
struct exchange {
	struct iso *c;
	struct view raw;
	struct apdu outer;       /* as it came */
	struct apdu cmd;         /* as it is meant: without SM, joined from its parts */
	struct channel *ch;      /* NULL: refused before it had one */
	struct cursor before;    /* what was selected */
	const struct instr *row; /* NULL: the card has no such instruction */
	enum iso_order order;    /* of the stages, once it is known what is selected */
	struct access who;       /* who asks, once there is a channel */
	bool under_sm;           /* came under SM, which was right */
	bool sm_broken;          /* came under SM, which was not */
	bool fetches;            /* is GET RESPONSE for what is waiting */
	bool part;               /* of a chain that goes on */
	bool reset_after;        /* all that is volatile goes once the answer is sealed */
	struct buf answer;       /* these two keep their memory for the next one, wiped */
	struct buf scratch;      /* what SM was taken off */
	sw_t sw;
};

/* A card. */
struct iso {
	struct card card;
	const struct card_env *env;
	const struct iso_type *type;
	unsigned channels;
	struct app *apps;  /* [0] is the root, the others those that the state names */
	size_t n_apps;
	uint8_t *root_memory;      /* volatile memory of the root */
	/* bytes of volatile memory on each channel, for what is selected there */
	size_t app_memory;
	struct view atr;           /* of the configuration, or empty */

	struct state *state;       /* what it keeps; its own */
	struct auth global;        /* what was proven of global references */
	struct channel channel[ISO_CHANNELS_MAX];

	struct exchange x;         /* the command under way */
	bool lost;                 /* its state could not be had back: the card is gone */
};

/*
 * For card_type.open; card_type.data is the iso_type. Takes cfg->state over. NULL, with a line
 * in the log: no memory, or the options cannot be applied, or kept.
 */
struct card *iso_open(const struct card_type *t, const struct card_config *cfg,
		      const struct card_env *env);

/* For card_type.schema; of its data, an iso_type. */
const struct schema *iso_type_schema(const struct card_type *t, const char *application);

/*
 * For a row, and from there only: what the type's base does with this command, its
 * row's gate included. 6D00: it has none for it.
 */
sw_t iso_base(struct iso *c, const struct apdu *cmd, struct buf *rsp);

/* Wipe all that is volatile, on every channel; what is on the card stays. */
void iso_reset_volatile(struct iso *c);

/* A channel as new: what is selected after a reset, or where another one stands. */
void iso_channel_open(struct iso *c, struct channel *ch, const struct channel *from);
void iso_channel_close(struct iso *c, struct channel *ch); /* wiped */

/* A session of secure messaging on the channel of the command under way is over. */
void iso_sm_end(struct iso *c);

/*
 * The last four bytes of the card's serial number, as tools print it: signed, but never
 * negative.
 */
uint32_t iso_serial(const struct iso *c);

/* Selected files of the channel, resolved; the MF, or NULL: no EF. */
struct file *iso_df(const struct iso *c);
struct file *iso_ef(const struct iso *c);

/* Whether the process wants to end: long work asks and gives up (returns -ECANCELED). */
bool iso_interrupted(void *c);

/*
 * The bridge from the machine's language: 0 9000, -ENOMEM 6A84, -EIO and its kin 6581,
 * others 6F00. Logs.
 */
sw_t iso_sw(const struct iso *c, int error);

static inline bool
iso_is_interindustry(uint8_t cla)
{
	return !(cla & 0x80);
}

/* What answers on the channel of the command under way does in its own way. */
static inline const struct iso_hooks *
iso_hooks(const struct iso *c)
{
	return &c->x.ch->app->hooks;
}

/* Whether a reference (P2) is of the selected application (b8) and not of the card. */
static inline bool
iso_ref_is_local(uint8_t ref)
{
	return ref & 0x80;
}

/* What was proven of the references that a DF of the path to the current one has; 0: the card. */
struct auth *iso_auth(struct iso *c, uint32_t owner);

/* Who asks: what the card and the channel know of it, without the command. */
struct access iso_asker(const struct iso *c);

/* After each command: what was proven to a DF that is not on the path any more ends. */
void iso_end_proofs(struct iso *c);

/* --- what handlers are made of --------------------------------------------- */

/*
 * The EF with a short identifier, current from then on; 0: the one that is (6986, 6A82,
 * 31 6A86).
 */
sw_t iso_ef_by_sfi(struct iso *c, unsigned sfi, struct file **ef);

/* P1 P2 of odd instructions: 0 the current EF, up to 30 its short identifier, else its FID. */
sw_t iso_ef_by_p1p2(struct iso *c, const struct apdu *cmd, struct file **ef);

/* A file as SELECT would find it; without data and P1 the current EF, else the current DF. */
sw_t iso_target(struct iso *c, const struct apdu *cmd, struct file **f);

/* What CREATE FILE says: spec->others views others. 6A80, 6A86. */
sw_t iso_file_spec(const struct apdu *cmd, struct file_spec *spec, struct buf *others);

/*
 * The data of odd instructions: DO 54 at most twice, DO 53 or 73 at most once. False:
 * anything else.
 */
struct iso_offset_data {
	size_t offset[2]; /* not in bytes: in data units */
	unsigned n_offsets;
	bool has_data;
	struct view data;
};
bool iso_offset_data(struct view in, struct iso_offset_data *out);

/* The most bytes that an answer of ne bytes has room for in a DO 53; 0: none. */
size_t iso_room_in_53(size_t ne);

/* The owner, to sam, of the environments that a DF has stored: its uid; 0 of the MF. */
uint32_t iso_se_owner(const struct file *df);

/* What rules of files refer to: for struct access. */
extern const struct access_refs iso_access_refs;

/* --- base handlers, to be called by name ------------------------------------ */

/* SELECT by DF name and GET RESPONSE, nothing else: a root, or a base. */
extern const struct iso_app iso_bare_app;

/* bare.c */
instr_fn iso_select_name;
/* channel.c */
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
