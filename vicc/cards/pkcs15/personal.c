/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/pkcs15/personal.h"

#include <stdio.h>
#include <string.h>

#include "codec/tlv.h"
#include "model/key.h"

#define MANUFACTURER "vicc"
#define DIRECTORY_MAX 32768 /* bytes */

/* How pkcs15-init finds its profile again: 01, length, name. */
static const uint8_t profile_name[] = { 0x01, 0x06, 'p', 'k', 'c', 's', '1', '5' };

static const uint8_t aid[] = { 0xa0, 0x00, 0x00, 0x00, 0x63, 'P', 'K', 'C', 'S', '-', '1', '5' };
const struct view personal_aid = VIEW(aid);

struct laying {
	struct state *s;
	struct personal *p;
	struct file *app;
	const struct personal_layout *l;
	struct buf directories[PKCS15_DF_COUNT];
};

/* --- files ----------------------------------------------------------------------------- */

struct view
personal_path(uint8_t room[PERSONAL_PATH_MAX], uint16_t fid)
{
	const uint16_t fids[] = { FILE_FID_MF, PERSONAL_FID_APPLICATION, fid };
	size_t i, n = fid ? 3 : 2;

	for (i = 0; i < n; i++) {
		room[2 * i] = (uint8_t)(fids[i] >> 8);
		room[2 * i + 1] = (uint8_t)fids[i];
	}
	return view_of(room, 2 * n);
}

/* A directory has room for as much again, for those who go on with the card. */
static size_t
size_for(const struct personal_ef *ef, size_t n)
{
	if (ef->size == 0)
		return n;
	return 2 * n > ef->size ? 2 * n : ef->size;
}

sw_t
personal_add(struct state *s, const struct personal *p, const struct personal_layout *l,
	     struct file *df, const struct personal_ef *ef, struct view contents)
{
	struct buf others = BUF(FILE_OTHERS_MAX);
	struct file_spec spec = {
		.fid = ef->fid, .descriptor = { 0x01 }, .descriptor_n = 1, .life = FILE_ACTIVATED,
		.sfi = FCP_SFI_IMPLIED, .has_size = true, .size = size_for(ef, contents.n),
	};
	struct file *f;
	sw_t sw = SW_NO_MEMORY;

	l->objects(p, ef, spec.size, &others);
	spec.others = buf_view(&others);
	if (!others.failed)
		sw = fs_add(&s->fs, df, &spec, &f);
	if (sw == SW_OK && contents.n > 0)
		sw = file_update(&s->fs, f, NULL, 0, contents);
	buf_free(&others);
	return sw;
}

/* What was written may not have found room. */
static sw_t
add_written(struct laying *y, struct file *df, const struct personal_ef *ef, const struct buf *b)
{
	return b->failed ? SW_NO_MEMORY : personal_add(y->s, y->p, y->l, df, ef, buf_view(b));
}

/* Object number n of a kind, after each other from the first one's FID on. */
static sw_t
add_numbered(struct laying *y, const struct personal_ef *first, size_t n, const struct buf *b)
{
	struct personal_ef ef = *first;

	ef.fid = (uint16_t)(ef.fid + n);
	return add_written(y, y->app, &ef, b);
}

/* --- which is which ---------------------------------------------------------------------- */

static bool
same_id(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, IMPORT_ID_SIZE) == 0;
}

/* The key came already, with another file. */
static bool
key_is_again(const struct import *im, size_t i)
{
	size_t k;

	for (k = 0; k < i && !same_id(im->keys[k].id, im->keys[i].id); k++)
		;
	return k < i;
}

static bool
cert_is_again(const struct import *im, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++) {
		if (view_equal(buf_view(&im->certs[k].der), buf_view(&im->certs[i].der)))
			return true;
	}
	return false;
}

/* Keys are numbered as they came, from 1; 0: there is none with this id. */
static uint8_t
number_of(const struct import *im, const uint8_t *id)
{
	uint8_t n = 0;
	size_t i;

	for (i = 0; i < im->n_keys; i++) {
		if (!key_is_again(im, i))
			n++;
		if (same_id(im->keys[i].id, id))
			return n;
	}
	return 0;
}

static uint8_t
n_keys(const struct import *im)
{
	uint8_t n = 0;
	size_t i;

	for (i = 0; i < im->n_keys; i++)
		n = (uint8_t)(n + !key_is_again(im, i));
	return n;
}

const struct import_cert *
personal_certificate(const struct import *im, const uint8_t *id)
{
	size_t i;

	for (i = 0; i < im->n_certs; i++) {
		if (same_id(im->certs[i].id, id))
			return &im->certs[i];
	}
	return NULL;
}

/* --- keys ---------------------------------------------------------------------------------- */

static const struct {
	unsigned said;      /* IMPORT_USE_... */
	unsigned rsa, ec;   /* PKCS15_USE_... */
} uses[] = {
	{ IMPORT_USE_SIGN | IMPORT_USE_CERT_SIGN | IMPORT_USE_CRL_SIGN, PKCS15_USE_SIGN,
	  PKCS15_USE_SIGN },
	{ IMPORT_USE_NON_REPUDIATION, PKCS15_USE_NON_REPUDIATION, PKCS15_USE_NON_REPUDIATION },
	{ IMPORT_USE_KEY_ENCIPHER, PKCS15_USE_DECRYPT | PKCS15_USE_UNWRAP, 0 },
	{ IMPORT_USE_DATA_ENCIPHER, PKCS15_USE_DECRYPT, 0 },
	{ IMPORT_USE_KEY_AGREE, 0, PKCS15_USE_DERIVE },
};

/* What its certificates say; without any, or when they say nothing of use, all that it can do. */
static unsigned
usage_of(const struct laying *y, const struct import_key *k)
{
	const struct import *im = &y->p->from;
	unsigned can = PKCS15_USE_SIGN | (k->rsa         ? PKCS15_USE_DECRYPT
					  : y->l->agrees ? PKCS15_USE_DERIVE
							 : 0);
	unsigned said = 0, usage = 0;
	size_t i;

	for (i = 0; i < im->n_certs; i++) {
		if (same_id(im->certs[i].id, k->id))
			said |= im->certs[i].usage;
	}
	if (said == IMPORT_USE_ANY)
		return can;
	for (i = 0; i < sizeof(uses) / sizeof(*uses); i++) {
		if (said & uses[i].said)
			usage |= k->rsa ? uses[i].rsa : uses[i].ec;
	}
	if (!y->l->agrees)
		usage &= ~PKCS15_USE_DERIVE;
	return usage ? usage : can;
}

static unsigned
public_usage(unsigned usage)
{
	return (usage & PKCS15_USE_DERIVE) |
	       (usage & (PKCS15_USE_SIGN | PKCS15_USE_NON_REPUDIATION) ? PKCS15_USE_VERIFY : 0) |
	       (usage & PKCS15_USE_DECRYPT ? PKCS15_USE_ENCRYPT : 0) |
	       (usage & PKCS15_USE_UNWRAP ? PKCS15_USE_WRAP : 0);
}

static bool
put_public(const struct import_key *k, struct buf *out)
{
	struct buf a = BUF(RSA_KEY_SIZE_MAX), b = BUF(RSA_KEY_SIZE_MAX);
	bool ok;

	if (k->rsa) {
		ok = rsa_get(k->rsa, RSA_PART_N, &a) == 0 && rsa_get(k->rsa, RSA_PART_E, &b) == 0;
		pkcs15_put_rsa(out, buf_view(&a), buf_view(&b));
	} else {
		ok = ec_get_point(k->ec, &a) == 0;
		pkcs15_put_ec(out, curve_oid(ec_curve(k->ec)), buf_view(&a));
	}
	buf_free(&a);
	buf_free(&b);
	return ok;
}

static sw_t
add_public(struct laying *y, size_t n, const struct import_key *k, struct pkcs15_key *about)
{
	struct buf value = BUF(2 * RSA_KEY_SIZE_MAX);
	uint8_t room[PERSONAL_PATH_MAX];
	sw_t sw = put_public(k, &value) ? add_numbered(y, &y->l->public_key, n, &value)
					: SW_NO_MEMORY;

	about->path = personal_path(room, (uint16_t)(y->l->public_key.fid + n));
	pkcs15_put_public_key(&y->directories[PKCS15_PUKDF], about);
	buf_free(&value);
	return sw;
}

static sw_t
add_private(struct laying *y, size_t n, struct import_key *k, struct pkcs15_key *about)
{
	uint8_t room[PERSONAL_PATH_MAX];
	struct personal_place at = { .reference = 0 };
	sw_t sw = y->l->place(y->s, y->p, n, k, room, &at);

	about->path = at.path;
	about->reference = at.reference;
	pkcs15_put_private_key(&y->directories[PKCS15_PRKDF], about);
	return sw;
}

static sw_t
add_key(struct laying *y, struct import_key *k)
{
	const struct import_cert *cert = personal_certificate(&y->p->from, k->id);
	const uint8_t id = number_of(&y->p->from, k->id);
	const unsigned usage = usage_of(y, k);
	char label[IMPORT_NAME_SIZE];
	struct pkcs15_key about = {
		.object = { .label = label, .flags = PKCS15_MODIFIABLE, .id = view_of(&id, 1) },
		.ec = k->ec,
		.bits = k->rsa ? rsa_size(k->rsa) * 8 : curve_bits(ec_curve(k->ec)),
		.usage = public_usage(usage),
	};
	sw_t sw;

	snprintf(label, sizeof(label), "Key %u", id);
	if (cert && *cert->name)
		strlcpy(label, cert->name, sizeof(label));
	sw = add_public(y, id - 1u, k, &about);
	if (sw != SW_OK)
		return sw;
	about.object.flags |= PKCS15_PRIVATE;
	about.object.auth_id = y->l->user_id;
	about.usage = usage;
	if (cert)
		about.subject = buf_view(&cert->subject);
	return add_private(y, id - 1u, k, &about);
}

static sw_t
add_keys(struct laying *y)
{
	struct import *im = &y->p->from;
	sw_t sw = SW_OK;
	size_t i;

	for (i = 0; sw == SW_OK && i < im->n_keys; i++) {
		if (!key_is_again(im, i))
			sw = add_key(y, &im->keys[i]);
	}
	return sw;
}

/* --- certificates ---------------------------------------------------------------------------- */

/* One without a key is an issuer's. */
static sw_t
add_cert(struct laying *y, size_t n, const struct import_cert *cert, uint8_t id, bool authority)
{
	uint8_t room[PERSONAL_PATH_MAX];
	struct pkcs15_cert about = {
		.object = {
			.label = *cert->name ? cert->name : "Certificate",
			.flags = PKCS15_MODIFIABLE,
			.id = view_of(&id, 1),
		},
		.authority = authority,
		.path = personal_path(room, (uint16_t)(y->l->cert.fid + n)),
	};

	pkcs15_put_cert(&y->directories[PKCS15_CDF], &about);
	return add_numbered(y, &y->l->cert, n, &cert->der);
}

static sw_t
add_certs(struct laying *y)
{
	const struct import *im = &y->p->from;
	uint8_t others = n_keys(im), id;
	sw_t sw = SW_OK;
	size_t i, n = 0;
	bool authority;

	for (i = 0; sw == SW_OK && i < im->n_certs; i++) {
		if (cert_is_again(im, i))
			continue;
		id = number_of(im, im->certs[i].id);
		authority = id == 0;
		if (authority)
			id = ++others;
		sw = add_cert(y, n++, &im->certs[i], id, authority);
	}
	return sw;
}

/* --- what names them ------------------------------------------------------------------------- */

static sw_t
add_directories(struct laying *y)
{
	struct buf odf = BUF(DIRECTORY_MAX);
	uint8_t room[PERSONAL_PATH_MAX];
	const struct personal_directory *d;
	sw_t sw = SW_OK;

	for (d = y->l->directories; sw == SW_OK && d < y->l->directories + y->l->n_directories;
	     d++) {
		pkcs15_put_directory(&odf, d->df, personal_path(room, d->ef.fid));
		sw = add_written(y, y->app, &d->ef, &y->directories[d->df]);
	}
	if (sw == SW_OK)
		sw = add_written(y, y->app, &y->l->odf, &odf);
	buf_free(&odf);
	return sw;
}

static sw_t
add_token_info(struct laying *y)
{
	const struct pkcs15_token t = {
		.serial = buf_view(&y->s->serial),
		.manufacturer = MANUFACTURER,
		.label = y->p->label,
		.flags = y->l->token_flags,
		.algorithms = y->l->algorithms,
		.n_algorithms = y->l->n_algorithms,
		.time = y->p->time,
	};
	struct buf info = BUF(512);
	sw_t sw;

	pkcs15_put_token_info(&info, &t);
	sw = add_written(y, y->app, &y->l->token_info, &info);
	buf_free(&info);
	return sw;
}

static sw_t
add_dir(struct laying *y)
{
	struct buf dir = BUF(512);
	uint8_t room[PERSONAL_PATH_MAX];
	sw_t sw;

	pkcs15_put_application(&dir, personal_aid, y->p->label, personal_path(room, 0));
	sw = add_written(y, y->s->fs.mf, &y->l->dir, &dir);
	buf_free(&dir);
	return sw;
}

sw_t
personal_lay_out(struct state *s, struct personal *p, struct file *app,
		 const struct personal_layout *l)
{
	struct laying y = { .s = s, .p = p, .app = app, .l = l };
	sw_t sw;
	size_t i;

	for (i = 0; i < PKCS15_DF_COUNT; i++)
		y.directories[i] = (struct buf) BUF(DIRECTORY_MAX);
	l->pins(p, &y.directories[PKCS15_AODF]);
	sw = add_keys(&y);
	if (sw == SW_OK)
		sw = add_certs(&y);
	if (sw == SW_OK)
		sw = add_directories(&y);
	if (sw == SW_OK)
		sw = add_token_info(&y);
	if (sw == SW_OK)
		sw = personal_add(s, p, l, app, &l->profile,
				  view_of(profile_name, sizeof(profile_name)));
	if (sw == SW_OK)
		sw = add_dir(&y);
	for (i = 0; i < PKCS15_DF_COUNT; i++)
		buf_free(&y.directories[i]);
	/* what the type's own contents say of themselves no longer holds */
	buf_free(&s->comment);
	buf_free(&s->fs.mf->comment);
	return sw;
}

/* --- for the types ---------------------------------------------------------------- */

sw_t
personal_give(struct sam_key *key, struct import_key *k)
{
	int rc = k->rsa  ? key_keep_rsa(key, k->rsa)
		 : k->ec ? key_keep_ec(key, k->ec)
			 : key_keep_ed(key, k->ed);

	k->rsa = NULL;
	k->ec = NULL;
	k->ed = NULL;
	return rc == 0 ? SW_OK : SW_NO_MEMORY;
}

sw_t
personal_put_keys(const struct personal *p, sw_t (*put)(void *ctx, size_t n), void *ctx)
{
	sw_t sw = SW_OK;
	size_t i;

	for (i = 0; sw == SW_OK && i < p->from.n_keys; i++) {
		if (p->orders[i].place)
			sw = put(ctx, i);
	}
	for (i = 0; sw == SW_OK && i < p->from.n_keys; i++) {
		if (!p->orders[i].place)
			sw = put(ctx, i);
	}
	return sw;
}

sw_t
personal_copy(struct sam_key *key, const struct sam_key *from)
{
	key->kind = from->kind;
	key->bits = from->bits;
	return sam_key_set_asym(key, buf_view(&from->asym)) ? SW_OK : SW_NO_MEMORY;
}

sw_t
personal_set_pin(struct state *s, uint8_t ref, const struct sam_code *code,
		 const struct secret *value, const struct sam_code *puk_code,
		 const struct secret *puk)
{
	struct sam_pin *pin = sam_pin_find(&s->sam, 0, ref);

	if (!pin)
		pin = sam_pin_add(&s->sam, 0, ref);
	if (!pin)
		return SW_NO_MEMORY;
	pin->code = *code;
	pin->puk = *puk_code;
	pin->life = SAM_ACTIVE;
	s->sam.changed = true;
	if (!sam_code_set(&pin->code, secret_view(value)) ||
	    (puk->n > 0 && !sam_code_set(&pin->puk, secret_view(puk))))
		return SW_WRONG_DATA;
	return SW_OK;
}
