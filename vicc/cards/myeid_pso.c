/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is done with the keys: signatures, deciphering, key agreement. */
#include "cards/iso_key.h"
#include "cards/myeid.h"
#include "codec/tlv.h"

/* DO 80 of a template. */
#define RAW 0x00
#define PKCS1 0x02
#define ON_CURVE 0x04

/* Padding indicators of DECIPHER: all of it, or the first half and the second. */
#define WHOLE 0x00
#define FIRST_HALF 0x81
#define SECOND_HALF 0x82

static const struct {
	unsigned purposes; /* SAM_USE_... */
	struct algorithm algorithm;
} algorithms[] = {
	{ SAM_USE_SIGN | SAM_USE_DECIPHER, { .id = RAW, .what = ALGORITHM_RSA_RAW, .kind = SAM_RSA } },
	{ SAM_USE_SIGN | SAM_USE_DECIPHER, { .id = PKCS1, .what = ALGORITHM_RSA_PKCS1, .kind = SAM_RSA } },
	{ SAM_USE_SIGN, { .id = ON_CURVE, .what = ALGORITHM_ECDSA_DER, .kind = SAM_EC } },
	{ SAM_USE_DERIVE, { .id = ON_CURVE, .what = ALGORITHM_ECDH, .kind = SAM_EC } },
};

/* --- which key, and how -------------------------------------------------------------------- */

struct means {
	struct iso_means iso;
	const struct file *ef;
};

static sw_t
choose_key(struct iso *c, struct view objects, struct means *m)
{
	struct selector what = { .how = FS_BY_FID };
	struct file *ef;

	if (!tlv_find(objects, SE_DO_FILE, &what.data))
		return SW_CONDITIONS;
	if (what.data.n != 2 || fs_find(&c->state->fs, &c->ch->at, &what, &ef) != SW_OK)
		return SW_REFERENCE_NOT_FOUND;
	m->ef = ef;
	m->iso.key = sam_key_find(&c->state->sam, ef->uid, 0);
	return m->iso.key ? file_check(ef, &c->who, FILE_INTERNAL, ACL_READ) : SW_REFERENCE_NOT_FOUND;
}

static sw_t
choose_algorithm(struct view objects, unsigned purpose, struct means *m)
{
	const struct algorithm *a;
	struct view id;
	size_t i;

	if (!tlv_find(objects, SE_DO_ALGORITHM, &id))
		return SW_CONDITIONS;
	for (i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++) {
		a = &algorithms[i].algorithm;
		if (algorithms[i].purposes & purpose && id.n == 1 && a->id == id.p[0] &&
		    a->kind == m->iso.key->kind) {
			m->iso.algorithm = a;
			return SW_OK;
		}
	}
	return SW_FUNCTION_NOT_SUPPORTED;
}

/* What the template set last names: 6985 nothing, 6A88, 6982, 6A81. */
static sw_t
choose(struct iso *c, enum se_crt crt, unsigned purpose, struct means *m)
{
	struct view objects = se_template(&c->ch->se, crt, SE_MAKE);
	sw_t sw = choose_key(c, objects, m);

	return sw == SW_OK ? choose_algorithm(objects, purpose, m) : sw;
}

/* After its use a key may want its PIN again. */
static void
take_consent_back(struct iso *c, const struct file *ef)
{
	struct view v;

	if (file_other(ef, MYEID_DO_CONSENT, &v) && v.n > 0)
		c->global.user &= ~(UINT32_C(1) << (v.p[0] >> 4));
}

/* --- PERFORM SECURITY OPERATION ------------------------------------------------------------ */

/*
 * The client fills a hash up with zeros in front, to the bytes of the field. Of a
 * curve whose order is not whole bytes the leftmost bits would be other ones then.
 */
static struct view
without_filling(const struct sam_key *k, struct view hash)
{
	if (k->bits % 8 == 0 || hash.n != (k->bits + 7) / 8)
		return hash;
	while (hash.n > 1 && hash.p[0] == 0)
		hash = view_slice(hash, 1, hash.n);
	return hash;
}

static sw_t
sign(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view in = cmd->data;
	struct means m;
	sw_t sw = choose(c, SE_DST, SAM_USE_SIGN, &m);

	if (sw != SW_OK)
		return sw;
	if (in.n == 0)
		return SW_WRONG_DATA;
	if (m.iso.key->kind == SAM_EC)
		in = without_filling(m.iso.key, in);
	sw = iso_crypto_sw(c, key_sign(m.iso.key, m.iso.algorithm, NULL, in, rsp));
	if (sw == SW_OK)
		take_consent_back(c, m.ef);
	return sw;
}

static sw_t
decipher_whole(struct iso *c, const struct means *m, struct view in, struct buf *rsp)
{
	const struct iso_means *with = &m->iso;
	struct view no_iv = { .n = 0 };
	sw_t sw = iso_crypto_sw(c, key_decipher(with->key, with->algorithm, NULL, no_iv, in, rsp));

	if (sw == SW_OK)
		take_consent_back(c, m->ef);
	return sw;
}

static sw_t
decipher(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf *half = &myeid_of(c)->half;
	struct view in = cmd->data;
	uint8_t part = WHOLE;
	struct means m;
	sw_t sw = choose(c, SE_CT, SAM_USE_DECIPHER, &m);

	if (sw != SW_OK)
		return sw;
	if (!view_u8(&in, &part) || in.n == 0)
		return SW_WRONG_DATA;
	half->max = RSA_KEY_SIZE_MAX;
	switch (part) {
	case WHOLE:
		buf_free(half);
		return decipher_whole(c, &m, in, rsp);
	case FIRST_HALF:
		return buf_set(half, in) ? SW_OK : SW_WRONG_DATA;
	case SECOND_HALF:
		if (half->n == 0)
			return SW_CONDITIONS;
		buf_put_view(half, in);
		sw = half->failed ? SW_WRONG_DATA : decipher_whole(c, &m, buf_view(half), rsp);
		buf_free(half);
		return sw;
	default:
		return SW_WRONG_DATA;
	}
}

sw_t
myeid_perform_security_operation(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	switch (apdu_p1p2(cmd)) {
	case 0x9e9a:
		return sign(c, cmd, rsp);
	case 0x8086:
		return decipher(c, cmd, rsp);
	default:
		return SW_WRONG_P1P2;
	}
}

/* --- GENERAL AUTHENTICATE: key agreement ----------------------------------------------------- */

/* 7C { 85 point }; the answer is the shared secret, in no template. */
sw_t
myeid_general_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	static const uint32_t path[] = { 0x7c, 0x85, 0 };
	struct view point;
	struct means m;
	sw_t sw = choose(c, SE_AT, SAM_USE_DERIVE, &m);

	if (sw != SW_OK)
		return sw;
	if (!tlv_find_path(cmd->data, path, &point))
		return SW_WRONG_DATA;
	sw = iso_crypto_sw(c, key_agree(m.iso.key, m.iso.algorithm, point, rsp));
	if (sw == SW_OK)
		take_consent_back(c, m.ef);
	return sw;
}
