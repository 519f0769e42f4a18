/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A card of your own, or a middle-man, as a plug-in of vicc(1): a shared object
 * that exports the one function at the end of this file, vicc_plugin().
 *
 * Plain C, nothing else of vicc is needed. The numbers in front of members are
 * their offsets in bytes on a 64-bit machine, in brackets on a 32-bit one; where
 * there is one number it holds for both. Pointers and size_t are as wide as the
 * machine's, all else has the width that it says; there are no holes.
 *
 * What there is today stays as it is for as long as VICC_ABI does. Within it the
 * two structs that carry a size, vicc_plugin and vicc_services, may grow at their
 * ends: whoever reads one asks its size before it touches what was added.
 *
 * Functions are called one at a time, never from two threads. Those that return
 * int32_t return 0, or a negative errno value, unless they say otherwise; those
 * that return uint16_t return an ISO 7816-4 status word. Whatever a plug-in
 * returns is checked: see the plug-in section of vicc(1) for what follows.
 */
#ifndef VICC_CARD_H
#define VICC_CARD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VICC_ABI 2

/*
 * struct VICC(view) is struct vicc_view. In vicc itself, which includes this file too,
 * it is struct view.
 */
#ifndef VICC
#define VICC(name) vicc_##name
#endif

/* vicc's own, never looked into from here. */
struct VICC(buf);      /* bytes that grow: an answer; services->put appends to it */
struct VICC(iso);      /* a table-driven card; begins with a struct vicc_card */

/* --- bytes and commands ---------------------------------------------------------- */

/* Some bytes of somebody else, never to be kept beyond the call that hands them in. */
struct VICC(view) {
	const uint8_t *p; /*  0 */
	size_t n;         /*  8 (4)  bytes */
};                        /* 16 (8) */

enum {
	VICC_LE_NONE,
	VICC_LE_SHORT,    /* one byte */
	VICC_LE_EXTENDED, /* two bytes, or three without data */
};

enum {
	VICC_SM_NONE,
	VICC_SM_PROPRIETARY,  /* b4b3 of CLA are 01 */
	VICC_SM_PLAIN_HEADER, /* 10: the header is not authenticated */
	VICC_SM_HEADER,       /* 11: it is */
};

/* A command APDU, taken apart (7816-4, 5.1). */
struct VICC(apdu) {
	uint8_t cla;            /*  0 */
	uint8_t ins;            /*  1 */
	uint8_t p1;             /*  2 */
	uint8_t p2;             /*  3 */
	uint8_t extended;       /*  4  1: Lc or Le were of extended length */
	uint8_t le;             /*  5  VICC_LE_... */
	uint16_t le_raw;        /*  6  Le as sent */

	/* What the class byte says. */
	uint8_t channel;        /*  8  0..19 */
	uint8_t sm;             /*  9  VICC_SM_...: how it came; the data are plain */
	uint8_t chained;        /* 10  1: more parts follow (seen by rows with
				 *      VICC_INSTR_EACH_PART) */
	uint8_t reserved[5];    /* 11  0 */

	struct VICC(view) data; /* 16  empty: no Lc */
	size_t ne;              /* 32 (24)  1..65536 response bytes expected at most; 0: no Le */
};                              /* 40 (28) */

/* --- a card ------------------------------------------------------------------------ */

#define VICC_ATR_MAX 33         /* bytes */
#define VICC_RESPONSE_MAX 65535 /* bytes of an answer, status word included */

enum {
	VICC_POWER_OFF, /* everything volatile is forgotten */
	VICC_POWER_ON,  /* cold reset */
	VICC_RESET,     /* warm reset */
};

struct VICC(card);

/* The five operations. */
struct VICC(card_ops) {
	/* 0  Append the ATR; it may be asked for without power. */
	int32_t (*atr)(struct VICC(card) *c, struct VICC(buf) *out);

	/* 8 (4)  VICC_POWER_... or VICC_RESET. Negative: the card leaves the reader. */
	int32_t (*power)(struct VICC(card) *c, uint32_t what);

	/*
	 * 16 (8)  A command of any length, well-formed or not: append the answer, which
	 * always ends in a status word. Negative: the card leaves the reader.
	 */
	int32_t (*transmit)(struct VICC(card) *c, struct VICC(view) cmd, struct VICC(buf) *rsp);

	/*
	 * 24 (12)  Whether the card is there now: 1 or 0, or negative: it will not come
	 * back. *fd is -1; a descriptor put there becomes readable when that may have
	 * changed: then it is asked again, and is to take note of the news.
	 */
	int32_t (*event)(struct VICC(card) *c, int32_t *fd);

	/* 32 (16)  Let go of what it holds. */
	void (*free)(struct VICC(card) *c);
}; /* 40 (20) */

/* What a card may say of the command that it has just answered, for a trace. */
struct VICC(card_note) {
	const char *instruction; /*  0  its name, for as long as the card lives; NULL: not known */
	uint32_t secret;         /*  8 (4)  not 0: its data are never shown, in either direction.
				  *         Without a name they are shown only where the class is
				  *         interindustry, channel 0, and the instruction is
				  *         known to bring neither PINs nor keys and to write
				  *         nothing */
	uint32_t reserved;       /* 12 (8)  0 */
};                               /* 16 (12) */

/* The first member of whatever a card keeps. All but note is vicc's. */
struct VICC(card) {
	const struct VICC(card_ops) *ops; /*  0 */
	void *host;                       /*  8 (4) */
	struct VICC(card_note) note;      /* 16 (8)  empty before each command */
};                                        /* 32 (20) */

/* --- rows: a card derived from one of vicc's ------------------------------------- */

/*
 * What an instruction does. Append data to rsp and return the status word. Errors
 * (64xx to 6Fxx) drop the data and put the selection back. What was changed stays
 * changed, whatever is answered, and is on disk before the terminal has the answer.
 */
typedef uint16_t VICC(instr_fn)(struct VICC(iso) *c, const struct VICC(apdu) *cmd,
				struct VICC(buf) *rsp);

#define VICC_INSTR_LC 0x0001u        /* without data: 6700 */
#define VICC_INSTR_LE 0x0002u        /* with neither data nor Le: 6700 (an answer is due) */
#define VICC_INSTR_NO_LC 0x0004u     /* with data: 6700 */
#define VICC_INSTR_SECRET 0x0008u    /* data in either direction are never shown */
#define VICC_INSTR_TRANSPORT 0x0010u /* GET RESPONSE: not wrapped, does not drop what is pending */
#define VICC_INSTR_SM 0x0020u        /* only under secure messaging: 6982 */
#define VICC_INSTR_AT_ONCE 0x0040u   /* without Le the data are answered at once, not announced
				      * by 61XX */
#define VICC_INSTR_EACH_PART 0x0080u /* the row sees, and answers, each part of a chain: see
				      * chained */

/* A row takes the place of the base's with the same ins, cla and cla_mask. */
struct VICC(instr) {
	uint8_t cla, cla_mask;   /*  0,  1  (CLA & cla_mask) == cla; mask 0: any interindustry
				  *         class */
	uint8_t ins;             /*  2 */
	uint8_t p1_rfu, p2_rfu;  /*  3,  4  bits that must be 0: else 6A86 */
	uint8_t reserved[3];     /*  5  0 */
	VICC(instr_fn) *fn;      /*  8  NULL: the card has no such instruction, though its base
				  *     may */
	const char *name;        /* 16 (12)  as the standard prints it */
	uint32_t flags;          /* 24 (16)  VICC_INSTR_... */
	uint32_t reserved2;      /* 28 (20)  0 */
};                               /* 32 (24) */

/* --- applications: what answers while a DF, or one below it, is selected ------------ */

/* What a number means: kinds of algorithm, */
enum {
	VICC_ALGORITHM_END,        /* of the list */
	VICC_ALGORITHM_CIPHER,     /* of kind, in mode */
	VICC_ALGORITHM_HASH,       /* digest */
	VICC_ALGORITHM_CMAC,
	VICC_ALGORITHM_RETAIL_MAC,
	VICC_ALGORITHM_HMAC,       /* digest */
	VICC_ALGORITHM_RSA_PKCS1,  /* signature and encryption of RFC 8017, 8.2 and 7.2 */
	VICC_ALGORITHM_RSA_RAW,    /* as it is: of the modulus' length */
	VICC_ALGORITHM_RSA_PSS,
	VICC_ALGORITHM_RSA_OAEP,
	VICC_ALGORITHM_ECDSA,      /* r || s */
	VICC_ALGORITHM_ECDSA_DER,  /* SEQUENCE of r and s */
	VICC_ALGORITHM_ECDH,
	VICC_ALGORITHM_ED25519,
	VICC_ALGORITHM_X25519,
};

/* of key, */
enum {
	VICC_KEY_DES,              /* 8 bytes */
	VICC_KEY_DES3,             /* 16 or 24 */
	VICC_KEY_AES,              /* 16, 24 or 32 */
	VICC_KEY_HMAC,             /* any */
	VICC_KEY_RSA,
	VICC_KEY_EC,
	VICC_KEY_ED25519,
	VICC_KEY_X25519,
	VICC_KEY_ED448,
	VICC_KEY_X448,
};

/* of cipher mode and of hash. */
enum { VICC_MODE_ECB, VICC_MODE_CBC };
enum {
	VICC_DIGEST_SHA1,
	VICC_DIGEST_SHA224,
	VICC_DIGEST_SHA256,
	VICC_DIGEST_SHA384,
	VICC_DIGEST_SHA512,
	VICC_DIGEST_SHA3_256,
	VICC_DIGEST_SHA3_384,
	VICC_DIGEST_SHA3_512,
};

struct VICC(algorithm) {
	uint8_t id;              /*  0  the number: P1, or DO 80 of a control reference template */
	uint8_t what;            /*  1  VICC_ALGORITHM_... */
	uint8_t kind;            /*  2  VICC_KEY_...: of the key that it wants; of a hash 0 */
	uint8_t mode;            /*  3  VICC_MODE_...: of a cipher */
	uint8_t digest;          /*  4  VICC_DIGEST_...: of a hash, and of HMAC */
	uint8_t reserved[3];     /*  5  0 */
};                               /*  8 */

#define VICC_APP_CHAIN_FIRST 0x0001u   /* a chain is one protected command in pieces, not several
					* of them */
#define VICC_APP_PLAIN_ENDS_SM \
	0x0002u /* what is in the clear, but GET RESPONSE for what
					* waits, ends a session of secure messaging */

/* One that a DF of the card's image names: "application": "...". */
struct VICC(application) {
	const char *name;                  /*  0  1 to 31 of a-z 0-9 - _ */
	const char *base;                  /*  8 (4)  what it builds on: a type with a table, or
					    *         "bare" (SELECT by name and GET RESPONSE);
					    *         NULL: what answers elsewhere on the card */
	const struct VICC(instr) *rows;    /* 16 (8) */
	size_t n_rows;                     /* 24 (12) */
	const struct VICC(algorithm) *algorithms; /* 32 (16)  up to VICC_ALGORITHM_END; NULL: the
						   *          base's */
	size_t memory;                     /* 40 (20)  bytes on each channel, all 0 after each
					    *          selection of another application and after
					    *          each reset: services->own */
	uint32_t flags;                    /* 48 (24)  VICC_APP_... */
	uint32_t reserved;                 /* 52 (28)  0 */
};                                         /* 56 (32) */

/* --- a middle-man ------------------------------------------------------------------- */

/* What becomes of a message; negative: as VICC_GONE, and for good. */
enum {
	VICC_PASS,   /* it goes on as it is */
	VICC_CHANGE, /* what was appended to instead goes on in its place */
	VICC_ANSWER, /* of a command: what was appended to instead is the answer, the card never
		      * sees it */
	VICC_GONE,   /* the card leaves the reader, and comes back a moment later */
};

/* A NULL member passes. Each has its deadline (vicc --mitm-deadline), also when it only waits. */
struct VICC(mitm_ops) {
	/* 0  The ATR, on its way to the terminal. */
	int32_t (*atr)(struct VICC(card) *m, struct VICC(view) atr, struct VICC(buf) *instead);

	/* 8 (4)  VICC_POWER_... or VICC_RESET, before the card has it: VICC_PASS or VICC_GONE. */
	int32_t (*power)(struct VICC(card) *m, uint32_t what);

	/* 16 (8)  A command, on its way to the card. */
	int32_t (*command)(struct VICC(card) *m, struct VICC(view) cmd, struct VICC(buf) *instead);

	/* 24 (12)  The card's answer, on its way to the terminal; not one of its own. */
	int32_t (*answer)(struct VICC(card) *m, struct VICC(view) rsp, struct VICC(buf) *instead);

	/* 32 (16)  As of struct vicc_card_ops: 0 takes the card out, 1 puts it back. */
	int32_t (*event)(struct VICC(card) *m, int32_t *fd);

	/* 40 (20)  Let go of what it holds. */
	void (*free)(struct VICC(card) *m);
}; /* 48 (24) */

/* --- the services of vicc --------------------------------------------------------------- */

enum {
	VICC_LOG_ERROR,  /* always */
	VICC_LOG_NOTICE, /* unless -q */
	VICC_LOG_INFO,   /* -v */
	VICC_LOG_DEBUG,  /* -vv */
};

/*
 * "card" is whatever the function that asks was called with: a struct vicc_card or
 * a struct vicc_iso. What wants a struct vicc_iso is for rows.
 */
struct VICC(services) {
	uint32_t abi;        /*  0  VICC_ABI of this vicc */
	uint32_t size;       /*  4  of this struct, bytes */
	const char *version; /*  8  of vicc, for messages */

	/* 16 (12)  Write a line. No data of commands, please, at any level. */
	void (*log)(const void *card, uint32_t level, const char *line);

	/* 24 (16)  n random bytes, for keys and challenges alike. */
	int32_t (*random)(void *p, size_t n);

	/* 32 (20)  Append. What does not fit is remembered, and refused at the end. */
	void (*put)(struct VICC(buf) *out, const void *p, size_t n);

	/*
	 * 40 (24)  Take a command of any of the seven forms apart, its data being a
	 * part of raw. -EINVAL: 6700.
	 */
	int32_t (*parse)(struct VICC(view) raw, struct VICC(apdu) *cmd);

	/* 48 (28)  1: the process is to end; long work asks now and then, and gives up. */
	int32_t (*interrupted)(const void *card);

	/*
	 * 56 (32)  Bytes that are kept in the card's image under a name (letters, digits,
	 * - and _); empty: there are none. They live until the next keep.
	 */
	struct VICC(view) (*kept)(void *card, const char *name);

	/*
	 * 64 (36)  Keep them: on disk before the terminal has the answer. -ENOTSUP:
	 * this card keeps nothing.
	 */
	int32_t (*keep)(void *card, const char *name, struct VICC(view) value);

	/*
	 * 72 (40)  All that has changed is on disk when this returns 0, as a try must
	 * be before it is judged.
	 */
	int32_t (*commit)(void *card);

	/*
	 * 80 (44)  Own bytes of what has this row: the plug-in's of this card,
	 * vicc_plugin.memory of them, all 0 after each reset, or those of one of its
	 * applications on this channel.
	 */
	void *(*own)(struct VICC(iso) *c);

	/*
	 * 88 (48)  What the base would do with this command: the row that it has for
	 * it, gate included.
	 */
	uint16_t (*base)(struct VICC(iso) *c, const struct VICC(apdu) *cmd, struct VICC(buf) *rsp);

	/* 96 (52)  Select a file: two bytes for each on the way down from the MF, which is 3F00. */
	uint16_t (*select)(struct VICC(iso) *c, struct VICC(view) path);

	/*
	 * 104 (56)  Of the selected file, if whoever asks may: *n bytes from offset on, or
	 * as many as there are and 6282. *n is how many they were.
	 */
	uint16_t (*read)(struct VICC(iso) *c, size_t offset, void *p, size_t *n);

	/* 112 (60)  Likewise. A file never grows: 6A84. */
	uint16_t (*update)(struct VICC(iso) *c, size_t offset, struct VICC(view) v);

	/*
	 * 120 (64)  1: the PIN that P2 of VERIFY would name so has been verified, or
	 * none is asked for.
	 */
	int32_t (*verified)(struct VICC(iso) *c, uint8_t reference);
}; /* 128 (68) */

/* --- what a plug-in is ------------------------------------------------------------------ */

/* One of three: ops is a card, base one that is derived by rows, mitm a middle-man. */
struct VICC(plugin) {
	uint32_t abi;                      /*  0  VICC_ABI, that of the header it was made with */
	uint32_t size;                     /*  4  sizeof(struct vicc_plugin) */
	const char *name;                  /*  8  of the type: 1 to 31 of a-z 0-9 - _ */
	const char *summary;               /* 16 (12)  one line for vicc --list-types */
	size_t memory;                     /* 24 (16)  bytes for each card, all 0. With ops and
					    *          mitm they begin with its struct vicc_card;
					    *          with base see services->own */
	const struct VICC(card_ops) *ops;  /* 32 (20)  power NULL: it does nothing; event NULL: 1 */
	const char *base;                  /* 40 (24)  the type that it differs from: "iso7816" */
	const struct VICC(instr) *rows;    /* 48 (28)  in which way */
	size_t n_rows;                     /* 56 (32) */
	struct VICC(view) atr;             /* 64 (36)  with base: another ATR; empty: the base's */
	const char *contents;              /* 80 (44)  what is on a new card, vicc-image(5), for
					    *          vicc -f; NULL: with base what the base
					    *          has, with ops nothing is kept */
	const struct VICC(mitm_ops) *mitm; /* 88 (48) */
	const struct VICC(algorithm) *algorithms; /* 96 (52)  with base: up to
						   *          VICC_ALGORITHM_END; NULL: the
						   *          base's */
	const struct VICC(application) *applications; /* 104 (56)  with base: those that its
						       *           contents name */
	size_t n_applications;             /* 112 (60) */
};                                         /* 120 (64) */

/*
 * The one symbol of a plug-in. services live as long as the process; what is returned
 * does too, and is never written to. This function, and the first two members of
 * services and of what it returns, are the same for every ABI: look at services->abi before
 * anything else is used. NULL: it cannot be used here.
 */
#ifdef __GNUC__
__attribute__((visibility("default")))
#endif
const struct VICC(plugin) *vicc_plugin(const struct VICC(services) *services);

#define VICC_PLUGIN_SYMBOL "vicc_plugin"

/*
 * The usual way to write it, in C: VICC_PLUGIN(vicc, .name = "mine", .summary = ...)
 * with the members of struct vicc_plugin but the first two, and "vicc" a variable,
 * static const struct vicc_services *vicc, that the functions before it use.
 */
#define VICC_PLUGIN(variable, ...)                                                          \
	static const struct vicc_plugin vicc_plugin_description = {                         \
		.abi = VICC_ABI, .size = sizeof(struct vicc_plugin), __VA_ARGS__            \
	};                                                                                  \
	const struct vicc_plugin *vicc_plugin(const struct vicc_services *services)         \
	{                                                                                   \
		variable = services;                                                        \
		return services->abi == VICC_ABI ? &vicc_plugin_description : NULL;         \
	}

#ifdef __cplusplus
}
#endif

#endif
