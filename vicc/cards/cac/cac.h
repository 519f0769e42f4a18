/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Common Access Card, generation 2: GSC-IS 2.1 (NISTIR 6887), "virtual machine" card
 * edge. Each application is a DF of its own; SELECT takes its whole name, and nothing is
 * selected after a reset. The PIN, reference 00, is the card's.
 */
#ifndef VICC_CARDS_CAC_CAC_H
#define VICC_CARDS_CAC_CAC_H

#include "crypto/import.h"
#include "iso/iso.h"

extern const struct iso_app cac_ccc_app, cac_aca_app, cac_pki_app, cac_data_app, cac_get_data_app;
extern const struct card_type cac_type;

#define CAC_PKI_MAX 16 /* instances, 00 to 0F */

/* A key of a token, open. */
struct cac_key {
	struct rsa *rsa;
	uint8_t id[IMPORT_ID_SIZE]; /* which certificates are its */
};

/* What is volatile. */
struct cac {
	uint16_t object;     /* identifier of the one that is selected; 0: none */
	struct buf block;    /* parts of a command of the private key */
	/* once the PIN of the token was right; the others are NULL */
	struct cac_key opened[CAC_PKI_MAX];
};

struct cac *cac_own(const struct iso *c);

/* The selected application. */
static inline bool
cac_is(const struct file *df, const struct iso_app *app)
{
	return df->application == &app->schema;
}

/*
 * The last two bytes of its name, which is also the identifier of its first object; 0: it has
 * no name.
 */
uint16_t cac_number(const struct file *df);
uint8_t cac_instance(const struct file *df); /* of a PKI application */

/* Append the name of the access control applet. */
void cac_put_aca_name(struct buf *out);

/* --- buffer.c: objects ------------------------------------------------------------------- */

/* Fields of a DF, by name. */
#define CAC_FIELD_OBJECTS "objects" /* identifiers of its objects, two bytes each; absent: cac_number */
#define CAC_FIELD_GUARDED "guarded" /* values want the PIN */

/*
 * Members of an object are data objects of the DF: this tag, or of the first object the member
 * alone.
 */
#define CAC_MEMBER(object, member) ((uint32_t)(object) << 8 | (member))

/* Whether an application has objects; number i of them from 0; false: there are no more. */
bool cac_object(const struct file *df, size_t i, uint16_t *id);

instr_fn cac_read_buffer, cac_update_buffer, cac_get_properties;

/* --- aca.c ---------------------------------------------------------------------------------- */

instr_fn cac_get_acr;

/* --- key.c: PIN and private keys -------------------------------------------------------------- */

#define CAC_PIN_REF 0
#define CAC_PIN_SIZE 8 /* bytes of a PIN or PUK on the wire, filled up with FF */
#define CAC_PIN_MIN 4
#define CAC_KEY_REF 1  /* of its DF */

bool cac_pin_is_proven(struct iso *c);
void cac_drop_block(struct cac *own); /* the parts so far, wiped */

/* Bytes of the modulus of an instance's key; 0: there is no key. */
size_t cac_key_size(const struct iso *c, const struct file *df);

instr_fn cac_verify, cac_change_reference_data, cac_reset_retry_counter, cac_private_sign_decrypt;

/* --- token.c: a card whose keys are those of a token of SoftHSM -------------------------- */

/*
 * Of an instance of such a card, bytes and a number: SHA-1 of its public key (import_cert.id),
 * bits of it.
 */
#define CAC_TOKEN_ID "id"
#define CAC_TOKEN_BITS "bits"

bool cac_is_token(const struct iso *c);

/* VERIFY: opens the keys. 9000, 63C3, 6A84. */
sw_t cac_token_verify(struct iso *c, struct view pin);
/* NULL: an instance without one, or not open */
struct rsa *cac_token_key(const struct iso *c, const struct file *df);
void cac_token_close(struct cac *own); /* no key is open any more */

/* Fill the state of a new card from the store that a configuration names. 0 or negative (said). */
int cac_token_fill(struct state *s, const char *conf, const struct log *log);

/* --- personal.c -------------------------------------------------------------------------- */

#define CAC_CERTIFICATE_MAX 4095 /* bytes: OpenSC takes no longer one */

/* A new instance with a certificate; number in use: 6A89. out: its DF. */
sw_t cac_add_pki(struct state *s, uint8_t instance, struct view der, struct file **out);

/* Who the card is: a name, and the digits of the serial number. */
sw_t cac_set_person(struct state *s, const char *name);

#endif
