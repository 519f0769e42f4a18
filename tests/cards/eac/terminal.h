/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A terminal for documents, on libcrypto alone: it shares nothing with the card's side but
 * bytes, TLV and APDUs. BAC, PACE, terminal and chip authentication 1 and 2, restricted
 * identification, and secure messaging under what they agree on.
 */
#ifndef TESTS_CARDS_EAC_TERMINAL_H
#define TESTS_CARDS_EAC_TERMINAL_H

#include <openssl/evp.h>
#include <stdbool.h>

#include "base/bytes.h"

#define DOC_ELEMENT_MAX 256
#define DOC_ANSWER_MAX 70000

/* The last byte of an OID: 1 3DES, 2 AES-128, 3 AES-192, 4 AES-256. */
struct doc_keys {
	unsigned cipher; /* 0: there is no session */
	uint8_t enc[32], mac[32], ssc[16];
};

/* How a command goes to the card: its answer, status word included, into rsp. */
typedef void doc_send_fn(void *ctx, struct view command, struct buf *rsp);

struct doc_terminal {
	doc_send_fn *send;
	void *ctx;
	struct doc_keys keys;
	uint8_t raw[65600];   /* the last answer as it came, */
	size_t raw_n;
	bool plain_answer;    /* and whether it came unprotected in a session */

	bool wraps_aux; /* auxiliary data are sent in one 67 more than is signed */

	/* For known answers: private values to take, in turn, in place of random ones. */
	struct view fixed[4];
	unsigned n_fixed, at_fixed;

	/* What PACE left. */
	uint8_t id_picc[DOC_ELEMENT_MAX]; /* Comp() of the card's ephemeral key */
	size_t id_picc_n;
	uint8_t car[2][32];               /* DO 87 and 88 */
	size_t car_n[2];
	uint8_t chip[DOC_ELEMENT_MAX];    /* chip authentication mapping: CA_IC, */
	size_t chip_n;
	uint8_t chip_map[DOC_ELEMENT_MAX]; /* and the card's mapping key that it belongs to */
	size_t chip_map_n;

	/* The key pair of chip authentication, made before terminal authentication 2. */
	uint8_t ca_private[DOC_ELEMENT_MAX], ca_public[DOC_ELEMENT_MAX];
	size_t ca_private_n, ca_public_n;
};

/* --- commands -------------------------------------------------------------------------- */

/*
 * A command: header in hex, data, Ne (0: none; above 256: extended). Protected when there is a
 * session; out (or NULL) gets the data of the answer. The status word: that of DO 99, or the bare one.
 */
unsigned doc_command(struct doc_terminal *t, const char *header, struct view data, size_t ne,
		     struct buf *out);

/* The same without protection: in a session it ends that. */
unsigned doc_plain(struct doc_terminal *t, const char *header, struct view data, size_t ne,
		   struct buf *out);

/* The command as doc_command would send it, without sending it; the counter moves. */
void doc_protect(struct doc_terminal *t, const char *header, struct view data, size_t ne,
		 struct buf *raw);

/* Under another class byte, and with the header in the checksum or not. */
void doc_protect_as(struct doc_terminal *t, uint8_t cla, bool covered, const char *header,
		    struct view data, size_t ne, struct buf *raw);

/* A whole file by its short identifier, from 0 on; false: a status word that is neither 9000 nor 6282. */
bool doc_read_file(struct doc_terminal *t, unsigned sfi, struct buf *out, unsigned *sw);

/* Forget the session, as after a reset. */
void doc_forget(struct doc_terminal *t);

/* --- protocols --------------------------------------------------------------------------- */

struct doc_pace {
	unsigned method;   /* of the OID: 1 DH-GM 2 ECDH-GM 3 DH-IM 4 ECDH-IM 6 ECDH-CAM */
	unsigned cipher;   /* of the OID: 1..4 */
	unsigned id;       /* of the domain parameters */
	bool no_id;        /* do not send it */
	unsigned password; /* 1 MRZ 2 CAN 3 PIN 4 PUK */
	struct view secret; /* MRZ information, or digits */
	struct view chat;  /* what is in 7F4C; empty: none */
	const struct view *key; /* K_pi in place of secret; or NULL */
};

/* MSE and the four steps. *mse (or NULL): the answer to MSE. 9000, or where it ended. */
unsigned doc_pace(struct doc_terminal *t, const struct doc_pace *p, unsigned *mse);

/* GET CHALLENGE, EXTERNAL AUTHENTICATE. */
unsigned doc_bac(struct doc_terminal *t, struct view information);

/* A fresh key pair for CA, in the group of this id; public: Comp() of it for TA 2 (appended). */
void doc_ca_key(struct doc_terminal *t, unsigned domain, struct buf *compressed);

/* CA 2 with that key. key_id < 0: none is sent. public: the card's static key. */
unsigned doc_ca2(struct doc_terminal *t, unsigned method, unsigned cipher, int key_id,
		 unsigned domain, struct view public);
/* CA 1, by GENERAL AUTHENTICATE, or by MSE 41 A6 where cipher is 1. */
unsigned doc_ca1(struct doc_terminal *t, unsigned method, unsigned cipher, int key_id,
		 unsigned domain, struct view public);

/* A certificate that the terminal may show, and the key that it names, in PKCS#8 (terminal's own). */
struct doc_cert {
	struct buf cvc; /* 7F21 */
	EVP_PKEY *key;
	unsigned char scheme[2]; /* the last two bytes of the key's OID */
};

struct doc_cert_spec {
	const char *car, *chr;
	unsigned terminal;       /* 1 IS 2 AT 3 ST */
	uint64_t rights;         /* with the role's bits */
	const char *effective, *expires; /* YYMMDD */
	bool rsa;                /* else ECDSA on brainpoolP256r1 */
	bool pss;                /* of rsa: PSS, else PKCS#1 v1.5 */
	bool no_params;
	struct view extensions;  /* what is in 65 */
};

/* Make a key and its certificate, signed by signer (NULL: by itself). */
void doc_cert_make(struct doc_cert *out, const struct doc_cert *signer,
		   const struct doc_cert_spec *spec);
void doc_cert_free(struct doc_cert *c);

/* MSE DST and VERIFY CERTIFICATE, by short commands in a chain, or extended. */
unsigned doc_show(struct doc_terminal *t, const char *car, const struct doc_cert *cert,
		  bool extended);

/* MSE AT, GET CHALLENGE, EXTERNAL AUTHENTICATE. compressed: of CA's key. aux: the whole DO 67, or empty. v1: no 80, 91. */
unsigned doc_ta(struct doc_terminal *t, const struct doc_cert *cert, const char *chr,
		struct view compressed, struct view aux, bool v1, struct view id_picc);

/* --- for tests that compute by themselves --------------------------------------------------- */

/* base: generator, empty: the group's own; d times (to the power d) base. */
void doc_multiply(unsigned domain, struct view base, struct view d, struct buf *out);
void doc_hash(const char *name, struct view v, struct buf *out);
size_t doc_element(unsigned domain); /* bytes */
bool doc_is_curve(unsigned domain);

#endif
