/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/cac/personal.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "cards/cac/cac.h"
#include "cards/pkcs15/certificate.h"
#include "codec/tlv.h"
#include "model/object.h"

#define PKI_NUMBER 0x0100
#define FID_PKI 0x1100 /* of the first; nothing selects by it */
#define PLACES 10      /* what clients were made for */

#define MEMBER_INFO 0x71
#define MEMBER_CERTIFICATE 0x70
#define MEMBER_MSCUID 0x72
#define MEMBER_CHECK 0xfe

#define MEMBER_NAME 0x01
#define MEMBER_PERSON 0x17 /* ten digits */
#define NAME_MAX_SIZE 20

static void
put_name(uint16_t number, struct buf *out)
{
	static const uint8_t rid[] = { 0xa0, 0x00, 0x00, 0x00, 0x79 };

	buf_put(out, rid, sizeof(rid));
	buf_u16(out, number);
}

/* A certificate, and nothing else that would tell. */
static sw_t
set_members(struct fs *fs, struct file *df, struct view der)
{
	static const uint8_t plain[] = { 0x00 };
	const struct {
		uint8_t tag;
		struct view value;
	} members[] = {
		{ MEMBER_INFO, view_of(plain, sizeof(plain)) },
		{ MEMBER_CERTIFICATE, der },
		{ MEMBER_MSCUID, view_of(NULL, 0) },
		{ MEMBER_CHECK, view_of(NULL, 0) },
	};
	sw_t sw = SW_OK;
	size_t i;

	for (i = 0; sw == SW_OK && i < sizeof(members) / sizeof(*members); i++)
		sw = object_set(fs, df, members[i].tag, members[i].value);
	return sw;
}

sw_t
cac_add_pki(struct state *s, uint8_t instance, struct view der, struct file **out)
{
	struct buf name = BUF(16), others = BUF(32);
	struct file_spec spec = {
		.fid = (uint16_t)(FID_PKI + instance), .descriptor = { 0x38 }, .descriptor_n = 1,
		.life = FILE_ACTIVATED, .sfi = FCP_SFI_IMPLIED,
	};
	sw_t sw;

	put_name((uint16_t)(PKI_NUMBER | instance), &name);
	tlv_put(&others, FCP_NAME, buf_view(&name));
	spec.others = buf_view(&others);
	sw = name.failed || others.failed ? SW_NO_MEMORY : fs_add(&s->fs, s->fs.mf, &spec, out);
	buf_free(&name);
	buf_free(&others);
	if (sw != SW_OK)
		return sw == SW_NAME_EXISTS ? SW_FILE_EXISTS : sw;
	(*out)->application = &cac_pki_app.schema;
	return set_members(&s->fs, *out, der);
}

/* The last bytes of the serial number, as ten digits. */
static void
put_person(const struct state *s, char digits[11])
{
	struct view serial = buf_view(&s->serial);
	size_t n = 0;

	if (serial.n > 4)
		serial = view_slice(serial, serial.n - 4, 4);
	view_number(serial, &n);
	snprintf(digits, 11, "%010lu", (unsigned long)n);
}

sw_t
cac_set_person(struct state *s, const char *name)
{
	struct buf aid = BUF(16);
	struct file *df;
	char digits[11];
	size_t n = strlen(name);
	sw_t sw;

	put_name(0x0200, &aid);
	df = fs_by_name(&s->fs, buf_view(&aid));
	buf_free(&aid);
	if (!df)
		return SW_OK;
	put_person(s, digits);
	sw = object_set(&s->fs, df, MEMBER_NAME,
			view_of(name, n < NAME_MAX_SIZE ? n : NAME_MAX_SIZE));
	return sw == SW_OK ? object_set(&s->fs, df, MEMBER_PERSON, view_of(digits, 10)) : sw;
}

/* --- keys ------------------------------------------------------------------------------------- */

/* Instances 00 to 09 have the places 1 to 10. */
static unsigned
cac_place(const char *name)
{
	struct buf n = BUF(1);
	unsigned place = hex_read(&n, name) && n.n == 1 && n.p[0] < PLACES ? n.p[0] + 1u : 0;

	buf_free(&n);
	return place;
}

static bool
cac_fits(const struct import_key *k, unsigned place)
{
	(void)k;
	(void)place;
	return true;
}

/* Its own certificate, or one that a key that was made signs itself. */
static sw_t
put_certificate(const struct personal *p, const struct import_cert *cert, struct sam_key *key,
		struct buf *der)
{
	if (cert)
		buf_put_view(der, buf_view(&cert->der));
	else if (personal_self_sign(key, p->subject[0] ? p->subject : p->label,
				    PERSONAL_CERTIFICATE_USER, der) < 0)
		return SW_NO_MEMORY;
	return der->failed ? SW_NO_MEMORY : SW_OK;
}

static sw_t
put_key(struct state *s, struct personal *p, size_t n, uint8_t instance)
{
	const struct import_cert *cert = personal_certificate(&p->from, p->from.keys[n].id);
	struct sam_key *key = sam_key_add(&s->sam, 0, CAC_KEY_REF, SAM_RSA);
	struct buf der = BUF(CAC_CERTIFICATE_MAX);
	struct file *df = NULL;
	sw_t sw = key ? personal_give(key, &p->from.keys[n]) : SW_NO_MEMORY;

	if (sw == SW_OK)
		sw = put_certificate(p, cert, key, &der);
	if (sw == SW_OK)
		sw = cac_add_pki(s, instance, buf_view(&der), &df);
	if (sw == SW_OK)
		key->owner = df->uid;
	buf_free(&der);
	return sw;
}

static bool
is_again(const struct import *im, size_t n)
{
	size_t i;

	for (i = 0; i < n && memcmp(im->keys[i].id, im->keys[n].id, IMPORT_ID_SIZE) != 0; i++)
		;
	return i < n;
}

#define NO_KEY SIZE_MAX

/*
 * Those with a place first; the others come into what is free, in the order in which they were
 * given.
 */
static sw_t
assign_keys(const struct personal *p, size_t key_of[PLACES])
{
	size_t i, next = 0;
	unsigned place;

	for (i = 0; i < PLACES; i++)
		key_of[i] = NO_KEY;
	for (i = 0; i < p->from.n_keys; i++) {
		place = p->orders[i].place;
		if (place && key_of[place - 1] != NO_KEY)
			return SW_FILE_EXISTS;
		if (place)
			key_of[place - 1] = i;
	}
	for (i = 0; i < p->from.n_keys; i++) {
		if (p->orders[i].place || is_again(&p->from, i))
			continue;
		while (next < PLACES && key_of[next] != NO_KEY)
			next++;
		if (next == PLACES)
			return SW_NO_MEMORY;
		key_of[next] = i;
	}
	return SW_OK;
}

/* In the order of their places, which is that in which clients find them. */
static sw_t
put_keys(struct state *s, struct personal *p)
{
	size_t key_of[PLACES];
	sw_t sw = assign_keys(p, key_of);
	uint8_t i;

	for (i = 0; sw == SW_OK && i < PLACES; i++) {
		if (key_of[i] != NO_KEY)
			sw = put_key(s, p, key_of[i], i);
	}
	return sw;
}

static sw_t
cac_personalise(struct state *s, struct personal *p)
{
	static const struct sam_code code = {
		.min = CAC_PIN_MIN, .max = CAC_PIN_SIZE, .pad = SAM_PAD_FF,
		.tries = 3, .tries_max = 3,
	};
	static const struct sam_code puk = {
		.min = CAC_PIN_SIZE, .max = CAC_PIN_SIZE, .tries = 3, .tries_max = 3,
	};
	sw_t sw = personal_set_pin(s, CAC_PIN_REF, &code, &p->secrets[PERSONAL_PIN], &puk,
				   &p->secrets[PERSONAL_PUK]);

	if (sw == SW_OK)
		sw = cac_set_person(s, p->subject[0] ? p->subject : p->label);
	return sw == SW_OK ? put_keys(s, p) : sw;
}

/* --- what it takes ----------------------------------------------------------------------- */

static const char *
cac_fault(const struct import_key *k)
{
	size_t bits = k->rsa ? rsa_size(k->rsa) * 8 : 0;

	if (bits == 1024 || bits == 2048 || bits == 3072)
		return NULL;
	return "RSA of 1024, 2048 or 3072 bits";
}

/* Nothing would show a key without a certificate. */
static const char *
cac_refuse(const struct personal *p)
{
	const struct import_cert *cert;
	size_t i, n = 0;

	for (i = 0; i < p->from.n_keys; i++) {
		cert = personal_certificate(&p->from, p->from.keys[i].id);
		if (!cert && !p->orders[i].generated)
			return "a key has no certificate: without one nobody sees it";
		if (cert && cert->der.n > CAC_CERTIFICATE_MAX)
			return "a certificate is longer than 4095 bytes";
		n += p->orders[i].place || !is_again(&p->from, i);
	}
	return n > PLACES ? "the card has places for ten keys" : NULL;
}

const struct personal_type cac_personal = {
	.secrets = {
		[PERSONAL_PIN] = { CAC_PIN_MIN, CAC_PIN_SIZE },
		[PERSONAL_PUK] = { CAC_PIN_SIZE, CAC_PIN_SIZE },
	},
	.unlabelled = true,
	.fault = cac_fault,
	.refuse = cac_refuse,
	.place = cac_place,
	.fits = cac_fits,
	.personalise = cac_personalise,
};
