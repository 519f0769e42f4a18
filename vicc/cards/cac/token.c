/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A card whose keys are those of a token of SoftHSM. Its certificates are read when the
 * card is made. Its keys stay as sealed as they were found, among the values of the card's
 * state, which is in memory alone; VERIFY opens them with the PIN, and what ends the proof
 * closes them.
 */
#include "cards/cac/cac.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cards/cac/softhsm_store.h"
#include "codec/tlv.h"
#include "codec/x509.h"
#include "crypto/import.h"

#define VALUE_PIN "softhsm_pin" /* the blob */
#define KEY_NAME_SIZE 40
#define INSTANCES 10
#define SERIAL_SIZE 14          /* bytes */
#define NO_PIN_COUNTED 3        /* tries that are always left: SoftHSM locks nothing */

bool
cac_is_token(const struct iso *c)
{
	return props_has(&c->state->props, VALUE_PIN);
}

/* --- VERIFY -------------------------------------------------------------------------------- */

void
cac_token_close(struct cac *own)
{
	size_t i;

	for (i = 0; i < CAC_PKI_MAX; i++) {
		rsa_free(own->opened[i].rsa);
		own->opened[i].rsa = NULL;
	}
}

static void
key_name(char name[KEY_NAME_SIZE], size_t n)
{
	snprintf(name, KEY_NAME_SIZE, "softhsm_key_%zu", n);
}

/* Whose key this is: as import_cert.id, SHA-1 over SEQUENCE { n, e }. */
static int
put_id(const struct rsa *k, struct buf *id)
{
	struct buf n = BUF(RSA_KEY_SIZE_MAX), e = BUF(RSA_KEY_SIZE_MAX),
		   all = BUF(3 * RSA_KEY_SIZE_MAX);
	size_t mark = tlv_open(&all, 0x30);
	int rc = rsa_get(k, RSA_PART_N, &n);

	if (rc == 0)
		rc = rsa_get(k, RSA_PART_E, &e);
	x509_put_integer(&all, buf_view(&n));
	x509_put_integer(&all, buf_view(&e));
	tlv_close(&all, mark);
	if (rc == 0)
		rc = n.failed || e.failed || all.failed
			     ? -ENOMEM
			     : digest_once(DIGEST_SHA1, buf_view(&all), id);
	buf_free(&n);
	buf_free(&e);
	buf_free(&all);
	return rc;
}

/* What an instance has the certificate of. Empty: it is none, or of no token. */
static struct view
id_of(const struct file *df)
{
	return cac_is(df, &cac_pki_app) ? props_get(&df->props, CAC_TOKEN_ID) : view_of(NULL, 0);
}

struct rsa *
cac_token_key(const struct iso *c, const struct file *df)
{
	const struct cac_key *k = cac_own(c)->opened, *end = k + CAC_PKI_MAX;

	while (k < end && k->rsa && !view_equal(view_of(k->id, sizeof(k->id)), id_of(df)))
		k++;
	return k < end ? k->rsa : NULL;
}

/* Whether some instance has its certificate. */
static bool
is_shown(const struct fs *fs, struct view id)
{
	const struct file *f = fs->mf;

	while (f && !view_equal(id_of(f), id))
		f = fs_walk(fs, f);
	return f;
}

/* Takes it over: of a key that nobody sees nothing stays open. */
static int
keep_open(struct iso *c, struct rsa *k)
{
	struct cac_key *to = cac_own(c)->opened, *end = to + CAC_PKI_MAX;
	struct buf id = BUF(IMPORT_ID_SIZE);
	int rc = put_id(k, &id);

	while (to < end && to->rsa)
		to++;
	if (rc == 0 && to < end && is_shown(&c->state->fs, buf_view(&id))) {
		memcpy(to->id, id.p, id.n);
		to->rsa = k;
		k = NULL;
	}
	rsa_free(k);
	buf_free(&id);
	return rc;
}

/* Sealed parts of a key, each behind its number; what is broken is no key. */
static int
open_key(struct iso *c, const struct secret *master, struct view sealed)
{
	struct buf part[RSA_PART_COUNT];
	struct rsa_parts parts = { 0 };
	struct rsa *k = NULL;
	struct tlv t;
	size_t i;
	int rc = 0;

	for (i = 0; i < RSA_PART_COUNT; i++)
		part[i] = (struct buf) BUF(RSA_KEY_SIZE_MAX);
	while (rc == 0 && simple_tlv_next(&sealed, &t)) {
		i = (t.tag - 1) % RSA_PART_COUNT;
		if (t.tag <= RSA_PART_COUNT)
			buf_put_view(&part[i], t.value);
		else
			rc = softhsm_unseal(master, t.value, &part[i]);
	}
	for (i = 0; i < RSA_PART_COUNT; i++)
		parts.part[i] = buf_view(&part[i]);
	if (rc == 0)
		rc = rsa_private(&k, &parts);
	if (rc == 0)
		rc = keep_open(c, k);
	for (i = 0; i < RSA_PART_COUNT; i++)
		buf_free(&part[i]);
	return rc;
}

/* Empty: there are no more. */
static struct view
sealed_key(const struct iso *c, size_t n)
{
	char name[KEY_NAME_SIZE];

	key_name(name, n);
	return props_get(&c->state->props, name);
}

static int
open_keys(struct iso *c, const struct secret *master)
{
	struct view sealed;
	size_t i;
	int rc = 0;

	for (i = 0; rc != -ENOMEM && (sealed = sealed_key(c, i)).n > 0; i++) {
		rc = open_key(c, master, sealed);
		if (rc == -EBADMSG || rc == -EINVAL)
			log_error(c->env->log,
				  "key %zu of the token is broken, or of another cipher: left out",
				  i + 1);
	}
	return rc == -ENOMEM ? rc : 0;
}

sw_t
cac_token_verify(struct iso *c, struct view pin)
{
	struct secret master = { .n = 0 };
	int rc;

	if (pin.n == 0)
		return cac_pin_is_proven(c) ? SW_OK : SW_TRIES | NO_PIN_COUNTED;
	iso_auth(c, 0)->user = 0;
	cac_token_close(cac_own(c));
	rc = softhsm_open(props_get(&c->state->props, VALUE_PIN), view_strip_end(pin, 0xff),
			  &master);
	if (rc == 0)
		rc = open_keys(c, &master);
	secret_wipe(&master);
	if (rc == -EACCES)
		return SW_TRIES | NO_PIN_COUNTED;
	if (rc < 0) {
		cac_token_close(cac_own(c));
		return iso_sw(c, rc);
	}
	iso_auth(c, 0)->user = UINT32_C(1) << CAC_PIN_REF;
	return SW_OK;
}

/* --- the card ---------------------------------------------------------------------------- */

static int
add_certificate(struct state *s, uint8_t instance, struct view der, const struct log *log)
{
	struct import im = { .n_certs = 0 };
	const struct import_cert *cert = &im.certs[0];
	struct file *df;
	int rc = import_read(&im, der, NULL, NULL);

	if (rc == 0 && (cert->der.n == 0 || cert->der.n > CAC_CERTIFICATE_MAX))
		rc = -EFBIG;
	if (rc < 0 && rc != -ENOMEM) {
		log_error(
			log,
			"certificate %u of the token is broken, or longer than %d bytes: left out",
			instance + 1, CAC_CERTIFICATE_MAX);
		rc = -EBADMSG;
	} else if (rc == 0 && cac_add_pki(s, instance, buf_view(&cert->der), &df) != SW_OK) {
		rc = -ENOMEM;
	} else if (rc == 0 &&
		   (!props_set(&df->props, CAC_TOKEN_ID, view_of(cert->id, sizeof(cert->id))) ||
		    !field_set_number(&df->props, CAC_TOKEN_BITS, (uint32_t)cert->rsa_bits))) {
		rc = -ENOMEM;
	}
	if (rc == 0 && instance == 0 && cac_set_person(s, cert->name) != SW_OK)
		rc = -ENOMEM;
	import_free(&im);
	return rc;
}

static int
add_certificates(struct state *s, const struct softhsm_token *t, const struct log *log)
{
	uint8_t instance = 0;
	size_t i;
	int rc = 0;

	for (i = 0; rc != -ENOMEM && i < t->n_certs && instance < INSTANCES; i++) {
		rc = add_certificate(s, instance, buf_view(&t->certs[i].der), log);
		instance = (uint8_t)(instance + (rc == 0));
	}
	if (rc != -ENOMEM && i < t->n_certs)
		log_notice(log, "the token has %zu certificates more than a card: left out",
			   t->n_certs - i);
	if (rc != -ENOMEM && instance == 0)
		rc = -ENOENT;
	return rc == -EBADMSG ? 0 : rc;
}

/* Numbers from 1: parts in the clear; sealed ones behind them. */
static int
add_key(struct state *s, size_t n, const struct softhsm_key *k)
{
	struct buf all = BUF(PROPS_VALUE_MAX);
	char name[KEY_NAME_SIZE];
	size_t i;
	int rc;

	key_name(name, n);
	for (i = 0; i < RSA_PART_COUNT; i++)
		simple_tlv_put(&all, (uint8_t)(i + 1 + (k->sealed ? RSA_PART_COUNT : 0)),
			       buf_view(&k->part[i]));
	rc = !all.failed && props_set(&s->props, name, buf_view(&all)) ? 0 : -ENOMEM;
	buf_free(&all);
	return rc;
}

/*
 * The same at each insertion, another one after each enrolment: what clients have cached is of
 * this card.
 */
static int
set_serial(struct state *s, const struct softhsm_token *t)
{
	struct hash *h = hash_new(DIGEST_SHA256);
	struct buf sum = BUF(DIGEST_MAX);
	int rc = h ? hash_update(h, buf_view(&t->serial)) : -ENOMEM;
	size_t i;

	for (i = 0; rc == 0 && i < t->n_certs; i++)
		rc = hash_update(h, buf_view(&t->certs[i].der));
	if (rc == 0)
		rc = hash_final(h, &sum);
	if (rc == 0 &&
	    (sum.failed || !buf_set(&s->serial, view_slice(buf_view(&sum), 0, SERIAL_SIZE))))
		rc = -ENOMEM;
	hash_free(h);
	buf_free(&sum);
	return rc;
}

int
cac_token_fill(struct state *s, const char *conf, const struct log *log)
{
	struct softhsm_token t;
	int rc = softhsm_store_read(conf, &t, log);
	size_t i;

	if (rc < 0) {
		softhsm_token_free(&t);
		return rc;
	}
	rc = set_serial(s, &t);
	if (rc == 0)
		rc = add_certificates(s, &t, log);
	if (rc == 0 && !props_set(&s->props, VALUE_PIN, buf_view(&t.pin)))
		rc = -ENOMEM;
	for (i = 0; rc == 0 && i < t.n_keys; i++)
		rc = add_key(s, i, &t.keys[i]);
	if (rc < 0)
		log_error(log, "--softhsm %s: %s", conf,
			  rc == -ENOENT ? "no certificate that a card can show" : strerror(-rc));
	softhsm_token_free(&t);
	return rc;
}
