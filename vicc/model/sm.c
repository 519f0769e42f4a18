/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/sm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/tlv.h"
#include "crypto/cipher.h"
#include "crypto/mac.h"

#define FRAME_DATA_MAX 65533   /* bytes beside the status word, in one frame */
#define TRAILER 14             /* DO 99 and DO 8E */
#define PADDING_INDICATOR 0x01 /* 7816-4, 10.2.2: 80 00.. */

/* Data objects of secure messaging (7816-4, table 48); each is in the checksum. */
#define DO_PLAIN 0x81
#define DO_CRYPTOGRAM_ODD 0x85 /* of BER-TLV data, without indicator: odd instructions */
#define DO_CRYPTOGRAM 0x87     /* behind a padding indicator */
#define DO_LE 0x97
#define DO_PLAIN_TLV 0xb3
#define DO_SW 0x99
#define DO_MAC 0x8e

typedef int mac_fn(struct view key, struct view data, struct buf *out);

struct suite {
	enum cipher cipher;
	size_t block; /* bytes; of the counter, too */
	bool iv_from_ssc;
	mac_fn *mac;
};

static const struct suite suites[] = {
	[SM_DES3] = { .cipher = CIPHER_3DES, .block = 8, .mac = mac_retail },
	[SM_AES] = { .cipher = CIPHER_AES, .block = 16, .iv_from_ssc = true, .mac = mac_cmac },
};

struct iso_sm {
	struct sm sm;
	const struct suite *suite;
	struct secret kenc, kmac;
	uint8_t ssc[CIPHER_BLOCK_MAX]; /* as wide as a block */
	size_t ne; /* of the command under way; 0: it named none */
};

static bool
key_fits(enum sm_suite suite, struct view key)
{
	/* two keys of DES, K1 and K2: the checksum knows no third */
	return suite == SM_DES3 ? key.n == 16 : cipher_takes_key(suites[suite].cipher, key.n);
}

/* Append the checksum over the counter, a header and data objects; either may be empty. */
static int
sm_checksum(struct iso_sm *sm, struct view header, struct view objects, struct buf *out)
{
	size_t block = sm->suite->block, begin;
	struct buf input = BUF(block + block + objects.n + block);
	int rc;

	buf_put(&input, sm->ssc, block);
	if (header.n > 0) {
		buf_put_view(&input, header);
		pad_iso(&input, block, block);
	}
	begin = input.n;
	if (objects.n > 0) {
		buf_put_view(&input, objects);
		pad_iso(&input, begin, block);
	}
	rc = input.failed ? -ENOMEM : sm->suite->mac(secret_view(&sm->kmac), buf_view(&input), out);
	buf_free(&input);
	return rc;
}

/* TR-03110-3, F.2.1: of 3DES it is zero. */
static int
make_iv(struct iso_sm *sm, uint8_t iv[CIPHER_BLOCK_MAX])
{
	struct buf out = BUF(CIPHER_BLOCK_MAX);
	int rc = 0;

	memset(iv, 0, CIPHER_BLOCK_MAX);
	if (sm->suite->iv_from_ssc)
		rc = cipher_encrypt(sm->suite->cipher, CIPHER_ECB, secret_view(&sm->kenc), NULL,
				    view_of(sm->ssc, sm->suite->block), &out);
	if (rc == 0 && out.n > 0)
		memcpy(iv, out.p, out.n);
	buf_free(&out);
	return rc;
}

/* --- commands ------------------------------------------------------------------- */

/* What a protected command consists of. */
struct parts {
	uint32_t tag; /* of the data; 0: none */
	struct view data;
	struct view le;      /* empty: none */
	struct view mac;     /* empty: none */
	struct view checked; /* the data objects before it */
};

static bool
take_data(struct parts *p, const struct tlv *t)
{
	if (p->tag != 0)
		return false;
	p->tag = t->tag;
	p->data = t->value;
	return true;
}

static bool
take_le(struct parts *p, const struct tlv *t)
{
	if (p->le.n > 0 || t->value.n < 1 || t->value.n > 2)
		return false;
	p->le = t->value;
	return true;
}

static bool
take_part(struct parts *p, const struct tlv *t)
{
	switch (t->tag) {
	case DO_PLAIN:
	case DO_PLAIN_TLV:
	case DO_CRYPTOGRAM:
	case DO_CRYPTOGRAM_ODD:
		return take_data(p, t);
	case DO_LE:
		return take_le(p, t);
	case DO_MAC:
		p->mac = t->value;
		return t->value.n == SM_MAC;
	default:
		/* nobody vouches for anything else */
		return false;
	}
}

/* The checksum comes last, so that it is over all the rest. */
static sw_t
take_apart(struct view in, struct parts *p)
{
	struct view all = in;
	struct tlv t;

	*p = (struct parts) { .tag = 0 };
	while (p->mac.n == 0 && tlv_next(&in, &t)) {
		if (!take_part(p, &t))
			return SW_SM_INCORRECT;
		if (p->mac.n == 0)
			p->checked = view_slice(all, 0, all.n - in.n);
	}
	if (in.n > 0)
		return SW_SM_INCORRECT;
	return p->mac.n == 0 ? SW_SM_MISSING : SW_OK;
}

static bool
mac_right(struct iso_sm *sm, const struct apdu *in, const struct parts *p)
{
	const uint8_t header[] = { in->cla, in->ins, in->p1, in->p2 };
	struct view covered = { .p = header, .n = in->sm == APDU_SM_HEADER ? sizeof(header) : 0 };
	struct buf mac = BUF(MAC_CMAC_SIZE);
	bool right;

	right = sm_checksum(sm, covered, p->checked, &mac) == 0 &&
		secret_equal(view_slice(buf_view(&mac), 0, SM_MAC), p->mac);
	buf_free(&mac);
	return right;
}

static bool
decrypt(struct iso_sm *sm, struct view cryptogram, struct buf *scratch, struct view *out)
{
	uint8_t iv[CIPHER_BLOCK_MAX];

	buf_reset(scratch);
	if (sm->kenc.n == 0 || cryptogram.n == 0 || make_iv(sm, iv) < 0)
		return false;
	if (cipher_decrypt(sm->suite->cipher, CIPHER_CBC, secret_view(&sm->kenc), iv, cryptogram,
			   scratch) < 0)
		return false;
	*out = buf_view(scratch);
	return unpad_iso(out, sm->suite->block);
}

static bool
plain_data(struct iso_sm *sm, const struct apdu *in, const struct parts *p, struct buf *scratch,
	   struct view *out)
{
	struct view data = p->data;
	uint8_t indicator;
	bool odd = in->ins & 1;

	switch (p->tag) {
	case DO_CRYPTOGRAM:
		return !odd && view_u8(&data, &indicator) && indicator == PADDING_INDICATOR &&
		       decrypt(sm, data, scratch, out);
	case DO_CRYPTOGRAM_ODD:
		return odd && decrypt(sm, data, scratch, out);
	default:
		*out = data;
		return true;
	}
}

static void
plain_le(struct apdu *plain, struct view le)
{
	size_t n = 0;

	plain->le = le.n == 0 ? APDU_LE_NONE : le.n == 1 ? APDU_LE_SHORT : APDU_LE_EXTENDED;
	view_number(le, &n);
	plain->le_raw = (uint16_t)n;
	if (le.n > 0 && n == 0)
		n = le.n == 1 ? 256 : APDU_NE_MAX;
	plain->ne = n;
}

/* 7816-4, 5.4.1: b4 b3 of the first interindustry classes, b6 of the further ones. */
static uint8_t
plain_class(uint8_t cla)
{
	return cla & 0x40 ? cla & (uint8_t)~0x20 : cla & (uint8_t)~0x0c;
}

static sw_t
iso_unwrap(struct sm *session, const struct apdu *in, struct apdu *plain, struct buf *scratch)
{
	struct iso_sm *sm = (struct iso_sm *)session;
	struct parts p;
	struct view data = view_of(NULL, 0);
	sw_t sw = take_apart(in->data, &p);

	if (sw != SW_OK)
		return sw;
	bytes_count_up(sm->ssc, sm->suite->block);
	if (!mac_right(sm, in, &p) || !plain_data(sm, in, &p, scratch, &data))
		return SW_SM_INCORRECT;
	*plain = *in;
	plain->cla = plain_class(in->cla);
	plain->data = data;
	plain_le(plain, p.le);
	sm->ne = plain->ne;
	return SW_OK;
}

sw_t
sm_refusal(const struct apdu *in)
{
	struct parts p;
	sw_t sw = take_apart(in->data, &p);

	return sw == SW_OK ? SW_SM_INCORRECT : sw;
}

/* --- answers -------------------------------------------------------------------- */

static size_t
object_size(size_t n)
{
	return 1 + (n < 0x80 ? 1 : n < 0x100 ? 2 : 3) + n;
}

static size_t
iso_room(const struct sm *session, const struct apdu *cmd, size_t wrapped)
{
	const struct iso_sm *sm = (const struct iso_sm *)session;
	size_t left = wrapped > TRAILER ? wrapped - TRAILER : 0, step, n, extra;

	if (sm->kenc.n == 0) {
		step = 1;
		extra = 0;
	} else {
		step = sm->suite->block;
		extra = cmd->ins & 1 ? 0 : 1;
	}
	for (n = left - left % step; n > 0 && object_size(n + extra) > left; n -= step)
		;
	/* padding takes one byte at least */
	return n > 0 && sm->kenc.n > 0 ? n - 1 : n;
}

static int
put_cryptogram(struct iso_sm *sm, bool odd, struct view data, struct buf *out)
{
	size_t block = sm->suite->block;
	struct buf padded = BUF(data.n + block), value = BUF(1 + data.n + block);
	uint8_t iv[CIPHER_BLOCK_MAX];
	int rc = make_iv(sm, iv);

	buf_put_view(&padded, data);
	pad_iso(&padded, 0, block);
	if (!odd)
		buf_u8(&value, PADDING_INDICATOR);
	if (rc == 0 && padded.failed)
		rc = -ENOMEM;
	if (rc == 0)
		rc = cipher_encrypt(sm->suite->cipher, CIPHER_CBC, secret_view(&sm->kenc), iv,
				    buf_view(&padded), &value);
	if (rc == 0 && value.failed)
		rc = -ENOMEM;
	if (rc == 0)
		tlv_put(out, odd ? DO_CRYPTOGRAM_ODD : DO_CRYPTOGRAM, buf_view(&value));
	buf_free(&padded);
	buf_free(&value);
	return rc;
}

static int
put_data(struct iso_sm *sm, bool odd, struct view data, struct buf *out)
{
	if (data.n == 0)
		return 0;
	if (sm->kenc.n > 0)
		return put_cryptogram(sm, odd, data, out);
	tlv_put(out, odd ? DO_PLAIN_TLV : DO_PLAIN, data);
	return 0;
}

static int
put_mac(struct iso_sm *sm, struct buf *out)
{
	struct buf mac = BUF(MAC_CMAC_SIZE);
	int rc = sm_checksum(sm, view_of(NULL, 0), buf_view(out), &mac);

	if (rc == 0)
		tlv_put(out, DO_MAC, view_slice(buf_view(&mac), 0, SM_MAC));
	buf_free(&mac);
	return rc;
}

static int
iso_wrap(struct sm *session, const struct apdu *cmd, sw_t sw, struct buf *rsp)
{
	struct iso_sm *sm = (struct iso_sm *)session;
	struct buf out = BUF(rsp->max);
	size_t most = iso_room(session, cmd, FRAME_DATA_MAX);
	int rc;

	bytes_count_up(sm->ssc, sm->suite->block);
	if (sm->ne > 0 && sm->ne < most)
		most = sm->ne;
	rc = put_data(sm, cmd->ins & 1, view_slice(buf_view(rsp), 0, most), &out);
	tlv_put_u16(&out, DO_SW, sw);
	if (rc == 0)
		rc = put_mac(sm, &out);
	if (rc == 0 && (out.failed || rsp->failed))
		rc = -ENOMEM;
	buf_free(rsp);
	if (rc < 0)
		buf_free(&out);
	else
		*rsp = out;
	return rc;
}

/* --- the session --------------------------------------------------------------- */

static void
iso_free(struct sm *sm)
{
	freezero(sm, sizeof(struct iso_sm));
}

static const struct sm_ops iso_sm_ops = {
	.unwrap = iso_unwrap,
	.wrap = iso_wrap,
	.room = iso_room,
	.free = iso_free,
};

struct sm *
sm_new(enum sm_suite suite, struct view kenc, struct view kmac, struct view ssc)
{
	struct iso_sm *sm;

	if (!key_fits(suite, kmac) || (kenc.n > 0 && !key_fits(suite, kenc)))
		return NULL;
	if (ssc.n > 0 && ssc.n != suites[suite].block)
		return NULL;
	sm = calloc(1, sizeof(*sm));
	if (!sm)
		return NULL;
	sm->sm.ops = &iso_sm_ops;
	sm->suite = &suites[suite];
	secret_set(&sm->kenc, kenc);
	secret_set(&sm->kmac, kmac);
	if (ssc.n > 0)
		memcpy(sm->ssc, ssc.p, ssc.n);
	return &sm->sm;
}
