/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PACE (Doc 9303-11, 4.4; TR-03110-2, 3.2; TR-03110-3, B.1). */
#include <errno.h>
#include <string.h>

#include "cards/eac/engine.h"
#include "codec/tlv.h"
#include "crypto/rand.h"
#include "iso/key.h"

#define DO_OID 0x80
#define DO_PASSWORD 0x83
#define DO_PARAMETERS 0x84
#define DO_CHAT 0x7f4c
#define DO_EXTENSIONS 0x65
#define DO_AUXILIARY 0x67

#define DYNAMIC_DATA 0x7c

void
pace_clear(struct pace *p)
{
	group_free(p->group);
	buf_free(&p->base);
	buf_free(&p->ours);
	buf_free(&p->theirs);
	explicit_bzero(p, sizeof(*p));
}

/* --- MSE: SET AT ----------------------------------------------------------------------- */

/* What it says; views of the command. */
struct pace_request {
	struct view oid, password, parameters, chat;
};

static bool
take_object(struct pace_request *r, const struct tlv *t)
{
	struct view *at;

	switch (t->tag) {
	case DO_OID:
		at = &r->oid;
		break;
	case DO_PASSWORD:
		at = &r->password;
		break;
	case DO_PARAMETERS:
		at = &r->parameters;
		break;
	case DO_CHAT:
		at = &r->chat;
		break;
	default:
		return t->tag == DO_EXTENSIONS || t->tag == DO_AUXILIARY;
	}
	if (at->n > 0 || t->value.n == 0)
		return false;
	*at = t->value;
	return true;
}

static bool
read_request(struct view in, struct pace_request *r)
{
	struct tlv t;

	*r = (struct pace_request) { .oid = { .n = 0 } };
	while (tlv_next(&in, &t)) {
		if (!take_object(r, &t))
			return false;
	}
	return in.n == 0 && r->oid.n > 0 && r->oid.n <= EAC_OID_MAX && r->password.n == 1 &&
	       r->parameters.n <= 1;
}

/* The set of parameters that is meant: one of EF.CardAccess, by its number where there are several. */
static bool
find_info(const struct iso *c, const struct pace_request *r, struct secinfo *out)
{
	struct view in = eac_card_access(c);
	struct secinfo info;
	unsigned found = 0;

	while (secinfo_next(&in, &info)) {
		if (info.kind != SECINFO_PACE || !info.has_id || !view_equal(info.oid, r->oid))
			continue;
		if (r->parameters.n == 1 && info.id != r->parameters.p[0])
			continue;
		*out = info;
		found++;
	}
	return found == 1;
}

/* DH for the groups, ECDH for the curves. */
static bool
method_fits(const struct secinfo *info)
{
	const bool dh = info->method == SECINFO_DH_GM || info->method == SECINFO_DH_IM;

	return group_exists(info->id) && dh != group_is_curve(info->id);
}

sw_t
pace_set(struct iso *c, const struct apdu *cmd)
{
	struct pace *p = &eac_own(c)->pace;
	const struct sam_pin *pin;
	struct pace_request r;
	struct secinfo info;
	struct group *g;
	struct chat chat = { .terminal = CVC_NONE };
	int rc;

	pace_clear(p);
	ca_clear(&eac_own(c)->ca);
	if (!read_request(cmd->data, &r) || (r.chat.n > 0 && !chat_read(r.chat, &chat)))
		return SW_WRONG_DATA;
	pin = eac_password(c, r.password.p[0]);
	if (!pin || !find_info(c, &r, &info) || !method_fits(&info))
		return SW_REFERENCE_NOT_FOUND;
	rc = group_new(&g, info.id);
	if (rc < 0)
		return iso_crypto_sw(c, rc);
	p->group = g;
	p->step = PACE_NONCE;
	memcpy(p->oid, r.oid.p, r.oid.n);
	p->oid_len = r.oid.n;
	p->method = info.method;
	p->suite = suite_of(info.cipher);
	p->password = (enum eac_password)pin->ref;
	p->has_chat = r.chat.n > 0;
	p->chat = chat;
	p->base.max = p->ours.max = p->theirs.max = GROUP_ELEMENT_MAX;
	return eac_password_set(c, pin);
}

/* --- the nonce ----------------------------------------------------------------------------- */

static bool
is_integrated(const struct pace *p)
{
	return p->method == SECINFO_DH_IM || p->method == SECINFO_ECDH_IM;
}

static size_t
nonce_size(const struct pace *p)
{
	return is_integrated(p) && p->suite.key > 16 ? 32 : 16;
}

static int
make_nonce(struct iso *c, struct pace *p, struct buf *sealed)
{
	struct secret key = { .n = 0 };
	int rc = eac_password_key(eac_password(c, p->password), &p->suite, &key);

	p->nonce.n = nonce_size(p);
	if (rc == 0)
		rc = rand_bytes(p->nonce.bytes, p->nonce.n);
	if (rc == 0)
		rc = cipher_encrypt(p->suite.cipher, CIPHER_CBC, secret_view(&key), NULL,
				    secret_view(&p->nonce), sealed);
	secret_wipe(&key);
	return rc;
}

static sw_t
step_nonce(struct iso *c, struct pace *p, struct view in, struct buf *rsp)
{
	struct buf sealed = BUF(32);
	int rc;

	(void)in;
	rc = make_nonce(c, p, &sealed);
	if (rc == 0)
		tlv_put(rsp, 0x80, buf_view(&sealed));
	buf_free(&sealed);
	return iso_crypto_sw(c, rc);
}

/* --- the mapping ------------------------------------------------------------------------------ */

/* Doc 9303-11, 4.4.3.3.1; the key is kept, for chip authentication mapping. */
static int
map_generic(struct pace *p, struct view theirs, struct buf *ours)
{
	struct buf shared = BUF(GROUP_ELEMENT_MAX);
	int rc = group_private(p->group, &p->map_d);

	if (rc == 0)
		rc = group_public(p->group, view_of(NULL, 0), secret_view(&p->map_d), ours);
	if (rc == 0 && view_equal(buf_view(ours), theirs))
		rc = -EINVAL;
	if (rc == 0)
		rc = group_agree(p->group, secret_view(&p->map_d), theirs, &shared);
	if (rc == 0)
		rc = group_map_generic(p->group, secret_view(&p->nonce), buf_view(&shared),
				       &p->base);
	buf_free(&shared);
	return rc;
}

/* The constants of the pseudo-random function (4.4.3.3.2), for blocks of 128 and of 256 bits. */
static const uint8_t c0[][32] = {
	{ 0xa6, 0x68, 0x89, 0x2a, 0x7c, 0x41, 0xe3, 0xca, 0x73, 0x9f, 0x40, 0xb0, 0x57, 0xd8, 0x59, 0x04 },
	{ 0xd4, 0x63, 0xd6, 0x52, 0x34, 0x12, 0x4e, 0xf7, 0x89, 0x70, 0x54, 0x98, 0x6d, 0xca, 0x0a, 0x17,
	  0x4e, 0x28, 0xdf, 0x75, 0x8c, 0xba, 0xa0, 0x3f, 0x24, 0x06, 0x16, 0x41, 0x4d, 0x5a, 0x16, 0x76 },
};
static const uint8_t c1[][32] = {
	{ 0xa4, 0xe1, 0x36, 0xac, 0x72, 0x5f, 0x73, 0x8b, 0x01, 0xc1, 0xf6, 0x02, 0x17, 0xc1, 0x88, 0xad },
	{ 0x54, 0xbd, 0x72, 0x55, 0xf0, 0xaa, 0xf8, 0x31, 0xbe, 0xc3, 0x42, 0x3f, 0xcf, 0x39, 0xd6, 0x9b,
	  0x6c, 0xbf, 0x06, 0x66, 0x77, 0xd0, 0xfa, 0xae, 0x5a, 0xad, 0xd9, 0x9d, 0xf8, 0xe5, 0x35, 0x17 },
};

/* key = the first bytes of CBC(key, data). */
static int
next_key(const struct pace *p, struct secret *key, struct view data)
{
	struct buf out = BUF(32);
	int rc = cipher_encrypt(p->suite.cipher, CIPHER_CBC, secret_view(key), NULL, data, &out);

	if (rc == 0)
		secret_set(key, view_slice(buf_view(&out), 0, p->suite.key));
	buf_free(&out);
	return rc;
}

/* R(s, t), in whole blocks. */
static int
pseudo_random(const struct pace *p, struct view t, struct buf *out)
{
	const size_t block = p->nonce.n, wide = block == 32;
	struct secret key;
	int rc;

	secret_set(&key, t);
	rc = next_key(p, &key, secret_view(&p->nonce));
	while (rc == 0 && out->n < group_prf(p->group)) {
		rc = cipher_encrypt(p->suite.cipher, CIPHER_CBC, secret_view(&key), NULL,
				    view_of(c1[wide], block), out);
		if (rc == 0)
			rc = next_key(p, &key, view_of(c0[wide], block));
	}
	secret_wipe(&key);
	return rc;
}

static int
map_integrated(struct pace *p, struct view t)
{
	struct buf r = BUF(2 * GROUP_ELEMENT_MAX);
	int rc = t.n == p->suite.key ? pseudo_random(p, t, &r) : -EINVAL;

	if (rc == 0)
		rc = group_map_integrated(p->group, buf_view(&r), &p->base);
	buf_free(&r);
	return rc;
}

static sw_t
step_map(struct iso *c, struct pace *p, struct view in, struct buf *rsp)
{
	struct buf ours = BUF(GROUP_ELEMENT_MAX);
	int rc = is_integrated(p) ? map_integrated(p, in) : map_generic(p, in, &ours);

	if (rc == 0)
		tlv_put(rsp, 0x82, buf_view(&ours));
	buf_free(&ours);
	return iso_crypto_sw(c, rc);
}

/* --- key agreement --------------------------------------------------------------------------- */

static sw_t
step_agree(struct iso *c, struct pace *p, struct view in, struct buf *rsp)
{
	int rc = group_check(p->group, in);

	if (rc == 0)
		rc = group_private(p->group, &p->d);
	if (rc == 0)
		rc = group_public(p->group, buf_view(&p->base), secret_view(&p->d), &p->ours);
	if (rc == 0 && view_equal(buf_view(&p->ours), in))
		rc = -EINVAL;
	if (rc == 0)
		rc = buf_set(&p->theirs, in) ? 0 : -ENOMEM;
	if (rc == 0)
		tlv_put(rsp, 0x84, buf_view(&p->ours));
	return iso_crypto_sw(c, rc);
}

/* --- tokens ------------------------------------------------------------------------------------- */

/* What the last step comes to. */
struct outcome {
	struct sm *sm;
	struct secret kenc, kmac;
	struct buf token, wanted; /* ours, and what theirs has to be */
	struct buf chip;          /* value of DO 8A; empty: none */
	struct buf id_picc, compressed; /* Comp() of our key; of theirs, with CAM */
};

static void
outcome_free(struct outcome *o)
{
	sm_free(o->sm);
	secret_wipe(&o->kenc);
	secret_wipe(&o->kmac);
	buf_free(&o->token);
	buf_free(&o->wanted);
	buf_free(&o->chip);
	buf_free(&o->id_picc);
	buf_free(&o->compressed);
}

static int
session_keys(struct pace *p, struct outcome *o)
{
	struct buf shared = BUF(GROUP_ELEMENT_MAX);
	struct view secret;
	int rc = group_agree(p->group, secret_view(&p->d), buf_view(&p->theirs), &shared);

	secret = group_secret(p->group, buf_view(&shared));
	if (rc == 0)
		rc = suite_session(&p->suite, secret, &o->sm, &o->kmac);
	if (rc == 0)
		rc = kdf_derive(p->suite.cipher, p->suite.key, secret, KDF_ENC, &o->kenc);
	buf_free(&shared);
	return rc;
}

/* A_IC = E(KSenc, CA_IC), CA_IC = SK_IC^-1 * SK_Map (4.4.3.3.3 and 4.4.3.5.2). */
static int
chip_data(const struct iso *c, const struct pace *p, struct outcome *o)
{
	uint8_t iv[CIPHER_BLOCK_MAX];
	struct buf data = BUF(GROUP_PRIVATE_MAX + CIPHER_BLOCK_MAX), first = BUF(CIPHER_BLOCK_MAX);
	struct eac_key k = { .id = 0 };
	int rc;

	if (p->method != SECINFO_ECDH_CAM)
		return 0;
	memset(iv, 0xff, sizeof(iv));
	rc = eac_key_get(c->state, EAC_FIELD_CA_KEY, &k);
	if (rc == 0 && k.domain != group_id(p->group))
		rc = -ENOENT;
	if (rc == 0)
		rc = group_quotient(p->group, secret_view(&k.d), secret_view(&p->map_d), &data);
	pad_iso(&data, 0, CIPHER_BLOCK_MAX);
	if (rc == 0)
		rc = cipher_encrypt(CIPHER_AES, CIPHER_ECB, secret_view(&o->kenc), NULL,
				    view_of(iv, sizeof(iv)), &first);
	if (rc == 0 && !data.failed)
		rc = cipher_encrypt(CIPHER_AES, CIPHER_CBC, secret_view(&o->kenc), first.p,
				    buf_view(&data), &o->chip);
	buf_free(&data);
	buf_free(&first);
	secret_wipe(&k.d);
	return rc;
}

/* All that can fail, before a try is spent. */
static int
work_out(struct iso *c, struct pace *p, struct outcome *o)
{
	const struct view oid = view_of(p->oid, p->oid_len);
	const bool point = group_is_curve(group_id(p->group));
	int rc = session_keys(p, o);

	if (rc == 0)
		rc = suite_token(&p->suite, &o->kmac, oid, point, buf_view(&p->theirs), &o->token);
	if (rc == 0)
		rc = suite_token(&p->suite, &o->kmac, oid, point, buf_view(&p->ours), &o->wanted);
	if (rc == 0)
		rc = chip_data(c, p, o);
	if (rc == 0)
		rc = group_compress(p->group, buf_view(&p->ours), &o->id_picc);
	if (rc == 0 && p->method == SECINFO_ECDH_CAM)
		rc = group_compress(p->group, buf_view(&p->theirs), &o->compressed);
	return rc;
}

static void
put_anchor(const struct iso *c, enum cvc_terminal terminal, bool before, uint32_t tag,
	   struct buf *rsp)
{
	struct view anchor = eac_anchor(c->state, terminal, before);
	struct cvc cert;

	if (anchor.n > 0 && cvc_read(anchor, &cert))
		tlv_put(rsp, tag, cert.chr);
}

static void
succeed(struct iso *c, struct pace *p, struct outcome *o, struct buf *rsp)
{
	struct eac *e = eac_own(c);

	tlv_put(rsp, 0x86, buf_view(&o->token));
	if (o->chip.n > 0)
		tlv_put(rsp, 0x8a, buf_view(&o->chip));
	if (p->has_chat) {
		put_anchor(c, p->chat.terminal, false, 0x87, rsp);
		put_anchor(c, p->chat.terminal, true, 0x88, rsp);
	}
	eac_next_session(e, &(struct eac_status) {
		.session = EAC_PACE,
		.password = p->password,
		.has_chat = p->has_chat,
		.chat = p->chat,
		.ca = p->method == SECINFO_ECDH_CAM && eac_type_of(c)->eac1, /* 4.4.3.5.2: the chip is genuine */
	});
	e->next_id = o->id_picc;
	e->next_compressed = o->compressed;
	o->id_picc = o->compressed = (struct buf) { .n = 0 };
	sm_free(c->x.ch->sm_next);
	c->x.ch->sm_next = o->sm;
	o->sm = NULL;
}

static sw_t
step_token(struct iso *c, struct pace *p, struct view in, struct buf *rsp)
{
	struct sam_pin *pin = eac_password(c, p->password);
	struct outcome o = {
		.token = BUF(16), .wanted = BUF(16), .chip = BUF(128), .id_picc = BUF(EAC_COMPRESSED_MAX),
		.compressed = BUF(EAC_COMPRESSED_MAX)
	};
	sw_t sw = iso_crypto_sw(c, work_out(c, p, &o));

	if (sw == SW_OK)
		sw = eac_password_try(c, pin);
	if (sw == SW_OK)
		sw = eac_password_judge(c, pin, secret_equal(in, buf_view(&o.wanted)));
	if (sw == SW_OK)
		succeed(c, p, &o, rsp);
	outcome_free(&o);
	return sw;
}

/* --- GENERAL AUTHENTICATE ------------------------------------------------------------------------- */

typedef sw_t step_fn(struct iso *c, struct pace *p, struct view in, struct buf *rsp);

static const struct {
	uint32_t tag; /* of the one object in 7C; 0: none */
	step_fn *fn;
} steps[] = {
	[PACE_NONCE] = { 0, step_nonce },
	[PACE_MAP] = { 0x81, step_map },
	[PACE_AGREE] = { 0x83, step_agree },
	[PACE_TOKEN] = { 0x85, step_token },
};

/* 6985: the object of another step. */
static sw_t
take_input(struct view in, uint32_t tag, struct view *value)
{
	struct tlv t;

	if (in.n == 0)
		return tag == 0 ? SW_OK : SW_CONDITIONS;
	if (!tlv_next(&in, &t) || in.n > 0)
		return SW_WRONG_DATA;
	*value = t.value;
	if (t.tag == tag)
		return SW_OK;
	return t.tag == 0x81 || t.tag == 0x83 || t.tag == 0x85 ? SW_CONDITIONS : SW_WRONG_DATA;
}

static sw_t
do_step(struct iso *c, struct pace *p, const struct apdu *cmd, struct buf *rsp)
{
	struct view in, value = { .n = 0 };
	size_t mark;
	sw_t sw;

	if (!eac_dynamic_data(cmd, &in))
		return SW_WRONG_DATA;
	sw = take_input(in, steps[p->step].tag, &value);
	if (sw != SW_OK)
		return sw;
	/* 7816-4, 5.3.3: the last step is the last part of the chain */
	if (!!cmd->chained != (p->step != PACE_TOKEN))
		return SW_LAST_EXPECTED;
	mark = tlv_open(rsp, DYNAMIC_DATA);
	sw = steps[p->step].fn(c, p, value, rsp);
	tlv_close(rsp, mark);
	return sw;
}

/* Whatever goes wrong, it is back to MSE. */
sw_t
pace_step(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct pace *p = &eac_own(c)->pace;
	sw_t sw = do_step(c, p, cmd, rsp);

	if (sw != SW_OK || p->step == PACE_TOKEN)
		pace_clear(p);
	else
		p->step++;
	if (sw != SW_OK)
		buf_reset(rsp);
	return sw;
}
