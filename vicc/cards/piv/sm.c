/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One session: SP 800-73-4 Part 2, 4.2. */
#include "cards/piv/sm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "codec/tlv.h"
#include "crypto/cipher.h"
#include "crypto/mac.h"

#define BLOCK 16
#define PADDING_INDICATOR 0x01
#define CLASS 0x0c      /* in the checksum, also of a command that came in parts */
#define OVERHEAD 37     /* bytes at most that an answer is longer than its data */

#define DO_CRYPTOGRAM 0x87
#define DO_LE 0x97
#define DO_SW 0x99
#define DO_MAC 0x8e

struct piv_sm {
	struct sm sm;
	sw_t refusal;           /* 0: it is a session */
	struct secret mac, enc, rmac;
	/* of the command under way; that of its answer has the first bit set */
	uint8_t counter[BLOCK];
	uint8_t mcv[BLOCK];     /* checksum of the last command, whole */
	uint8_t rmcv[BLOCK];    /* and of the last answer */
};

/* --- what both directions do ------------------------------------------------------------------ */

/* 4.2.2: the counter, enciphered. */
static int
make_iv(const struct piv_sm *s, bool answer, uint8_t iv[BLOCK])
{
	struct buf out = BUF(BLOCK);
	uint8_t counter[BLOCK];
	int rc;

	memcpy(counter, s->counter, BLOCK);
	if (answer)
		counter[0] |= 0x80;
	rc = cipher_encrypt(CIPHER_AES, CIPHER_ECB, secret_view(&s->enc), NULL,
			    view_of(counter, BLOCK), &out);
	if (rc == 0)
		memcpy(iv, out.p, BLOCK);
	buf_free(&out);
	return rc;
}

/* 4.2.3: over the checksum before it; the new one is left in next, whole. */
static int
checksum(const struct secret *key, const uint8_t before[BLOCK], struct view header,
	 struct view objects, uint8_t next[BLOCK])
{
	struct buf input = BUF((size_t)2 * BLOCK + objects.n), out = BUF(BLOCK);
	int rc;

	buf_put(&input, before, BLOCK);
	if (header.n > 0) {
		buf_put_view(&input, header);
		pad_iso(&input, BLOCK, BLOCK);
	}
	buf_put_view(&input, objects);
	rc = input.failed ? -ENOMEM : mac_cmac(secret_view(key), buf_view(&input), &out);
	if (rc == 0)
		memcpy(next, out.p, BLOCK);
	buf_free(&input);
	buf_free(&out);
	return rc;
}

/* --- commands --------------------------------------------------------------------------------- */

struct parts {
	struct view cryptogram; /* behind the padding indicator; empty: none */
	struct view le;         /* empty: none */
	struct view mac;
	struct view checked;    /* the objects before it */
};

static bool
take_object(struct parts *p, const struct tlv *t)
{
	struct view v = t->value;
	uint8_t indicator;

	if (t->tag == DO_CRYPTOGRAM && !p->cryptogram.n && !p->le.n && view_u8(&v, &indicator)) {
		p->cryptogram = v;
		return indicator == PADDING_INDICATOR && v.n > 0;
	}
	if (t->tag == DO_LE && !p->le.n) {
		p->le = v;
		return v.n == 1 || v.n == 2;
	}
	return false;
}

/* [87] [97] 8E, in this order. 9000, 6987: there is no checksum, 6988. */
static sw_t
take_parts(struct view in, struct parts *p)
{
	struct view all = in;
	struct tlv t;

	*p = (struct parts) { .mac = { .n = 0 } };
	while (tlv_next(&in, &t) && t.tag != DO_MAC) {
		if (!take_object(p, &t))
			return SW_SM_INCORRECT;
		p->checked = view_slice(all, 0, all.n - in.n);
	}
	if (in.n == 0 && p->checked.n == all.n)
		return SW_SM_MISSING;
	if (in.n > 0 || t.tag != DO_MAC || t.value.n != SM_MAC)
		return SW_SM_INCORRECT;
	p->mac = t.value;
	return SW_OK;
}

static bool
is_genuine(struct piv_sm *s, const struct apdu *in, const struct parts *p)
{
	const uint8_t header[] = { CLASS, in->ins, in->p1, in->p2 };
	uint8_t next[BLOCK];

	if (checksum(&s->mac, s->mcv, view_of(header, sizeof(header)), p->checked, next) < 0 ||
	    !secret_equal(view_of(next, SM_MAC), p->mac))
		return false;
	memcpy(s->mcv, next, BLOCK);
	return true;
}

static bool
decipher(const struct piv_sm *s, struct view cryptogram, struct view *plain, struct buf *scratch)
{
	uint8_t iv[BLOCK];

	buf_reset(scratch);
	if (cryptogram.n == 0) {
		*plain = view_of(NULL, 0);
		return true;
	}
	if (make_iv(s, false, iv) < 0 ||
	    cipher_decrypt(CIPHER_AES, CIPHER_CBC, secret_view(&s->enc), iv, cryptogram, scratch) <
		    0 ||
	    scratch->failed)
		return false;
	*plain = buf_view(scratch);
	return unpad_iso(plain, BLOCK);
}

static size_t
expected(struct view le)
{
	size_t n = 0;

	if (le.n == 0)
		return 0;
	view_number(le, &n);
	return n ? n : le.n == 1 ? 256 : APDU_NE_MAX;
}

static sw_t
unwrap(struct sm *sm, const struct apdu *in, struct apdu *plain, struct buf *scratch)
{
	struct piv_sm *s = (struct piv_sm *)sm;
	struct parts p;
	sw_t sw = s->refusal ? s->refusal : take_parts(in->data, &p);

	if (sw != SW_OK)
		return sw;
	*plain = *in;
	if (!is_genuine(s, in, &p) || !decipher(s, p.cryptogram, &plain->data, scratch))
		return SW_SM_INCORRECT;
	plain->cla = 0x00;
	plain->ne = expected(p.le);
	return SW_OK;
}

/* --- answers ---------------------------------------------------------------------- */

static int
piv_sm_encipher(const struct piv_sm *s, struct buf *data, struct buf *out)
{
	uint8_t iv[BLOCK];
	size_t mark;
	int rc;

	if (data->n == 0)
		return 0;
	pad_iso(data, 0, BLOCK);
	rc = data->failed ? -ENOMEM : make_iv(s, true, iv);
	mark = tlv_open(out, DO_CRYPTOGRAM);
	buf_u8(out, PADDING_INDICATOR);
	if (rc == 0)
		rc = cipher_encrypt(CIPHER_AES, CIPHER_CBC, secret_view(&s->enc), iv,
				    buf_view(data), out);
	tlv_close(out, mark);
	return rc;
}

/* The whole of it is wrapped, whatever Le was: it is cut on its way out. */
static int
wrap(struct sm *sm, const struct apdu *cmd, sw_t sw, struct buf *rsp)
{
	struct piv_sm *s = (struct piv_sm *)sm;
	struct buf out = BUF(rsp->max);
	int rc = piv_sm_encipher(s, rsp, &out);

	(void)cmd;
	tlv_put_u16(&out, DO_SW, sw);
	if (rc == 0)
		rc = checksum(&s->rmac, s->rmcv, view_of(NULL, 0), buf_view(&out), s->rmcv);
	tlv_put(&out, DO_MAC, view_of(s->rmcv, SM_MAC));
	bytes_count_up(s->counter, sizeof(s->counter));
	buf_reset(rsp);
	if (rc == 0 && !out.failed)
		buf_put_view(rsp, buf_view(&out));
	if (rc == 0 && (out.failed || rsp->failed))
		rc = -ENOMEM;
	if (rc < 0)
		buf_reset(rsp);
	buf_free(&out);
	return rc;
}

static size_t
room(const struct sm *sm, const struct apdu *cmd, size_t wrapped)
{
	(void)sm;
	(void)cmd;
	return wrapped > OVERHEAD ? (wrapped - OVERHEAD) / BLOCK * BLOCK : 0;
}

/* --- beginning and end ------------------------------------------------------------ */

static void
free_session(struct sm *sm)
{
	freezero(sm, sizeof(struct piv_sm));
}

static const struct sm_ops ops = {
	.unwrap = unwrap, .wrap = wrap, .room = room, .free = free_session,
};

struct sm *
piv_sm_refuse(sw_t sw)
{
	struct piv_sm *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->sm.ops = &ops;
	s->refusal = sw;
	return &s->sm;
}

struct sm *
piv_sm_new(const struct secret keys[PIV_SM_KEYS])
{
	struct piv_sm *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->sm.ops = &ops;
	s->mac = keys[PIV_SM_MAC];
	s->enc = keys[PIV_SM_ENC];
	s->rmac = keys[PIV_SM_RMAC];
	s->counter[BLOCK - 1] = 1;
	return &s->sm;
}
