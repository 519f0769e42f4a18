/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The other end of secure messaging, made of nothing that the card's end is made of. */
#ifndef TESTS_TERMINAL_H
#define TESTS_TERMINAL_H

#include "codec/apdu.h"
#include "codec/tlv.h"
#include "crypto/cipher.h"
#include "crypto/mac.h"
#include "known.h"

struct terminal {
	enum cipher cipher;
	uint8_t kenc[32], kmac[32], ssc[16];
	size_t key, block; /* bytes */
};

static inline void
terminal_count(struct terminal *t)
{
	size_t i = t->block;

	while (i > 0 && ++t->ssc[i - 1] == 0)
		i--;
}

static inline void
terminal_iv(const struct terminal *t, uint8_t iv[16])
{
	struct buf b = BUF(16);

	memset(iv, 0, 16);
	if (t->cipher == CIPHER_3DES)
		return;
	ck_assert_int_eq(cipher_encrypt(t->cipher, CIPHER_ECB, view_of(t->kenc, t->key), NULL,
					view_of(t->ssc, 16), &b), 0);
	memcpy(iv, b.p, 16);
	buf_free(&b);
}

/* Appends 8E over ssc, head and objects. */
static inline void
terminal_mac(const struct terminal *t, struct view head, struct view objects, struct buf *out)
{
	struct buf in = BUF(70000), mac = BUF(16);

	buf_put(&in, t->ssc, t->block);
	buf_put_view(&in, head);
	if (head.n > 0)
		pad_iso(&in, t->block, t->block);
	buf_put_view(&in, objects);
	if (objects.n > 0)
		pad_iso(&in, 0, t->block);
	if (t->cipher == CIPHER_3DES)
		ck_assert_int_eq(mac_retail(view_of(t->kmac, 16), buf_view(&in), &mac), 0);
	else
		ck_assert_int_eq(mac_cmac(view_of(t->kmac, t->key), buf_view(&in), &mac), 0);
	tlv_put(out, 0x8e, view_slice(buf_view(&mac), 0, 8));
	buf_free(&in);
	buf_free(&mac);
}

/* The data field of a command with this header, data and value of DO 97 (empty: none). */
static inline void
terminal_protect(struct terminal *t, struct view header, struct view data, struct view le,
		 struct buf *out)
{
	struct buf padded = BUF(70000), value = BUF(70000), objects = BUF(70000);
	bool odd = header.p[1] & 1;
	uint8_t iv[16];

	terminal_count(t);
	terminal_iv(t, iv);
	if (data.n > 0) {
		buf_put_view(&padded, data);
		pad_iso(&padded, 0, t->block);
		if (!odd)
			buf_u8(&value, 1);
		ck_assert_int_eq(cipher_encrypt(t->cipher, CIPHER_CBC, view_of(t->kenc, t->key), iv,
						buf_view(&padded), &value), 0);
		tlv_put(&objects, odd ? 0x85 : 0x87, buf_view(&value));
	}
	if (le.n > 0)
		tlv_put(&objects, 0x97, le);
	buf_put_view(out, buf_view(&objects));
	terminal_mac(t, (header.p[0] & 0x4c) == 0x0c ? header : view_of(NULL, 0),
		     buf_view(&objects), out);
	buf_free(&padded);
	buf_free(&value);
	buf_free(&objects);
}

/* Check an answer's checksum; append its data to out. The status word of DO 99. */
static inline unsigned
terminal_open(struct terminal *t, struct view answer, bool odd, struct buf *out)
{
	struct view all = answer, cryptogram = view_of(NULL, 0), sw;
	struct buf mac = BUF(16);
	struct tlv o;
	uint8_t iv[16];

	terminal_count(t);
	ck_assert(tlv_next(&answer, &o));
	if (o.tag == (odd ? 0x85 : 0x87)) {
		cryptogram = o.value;
		ck_assert(tlv_next(&answer, &o));
	}
	ck_assert_uint_eq(o.tag, 0x99);
	ck_assert_uint_eq(o.value.n, 2);
	sw = o.value;
	terminal_mac(t, view_of(NULL, 0), view_slice(all, 0, all.n - answer.n), &mac);
	ck_assert_view(answer, buf_view(&mac));
	buf_free(&mac);
	if (cryptogram.n > 0) {
		struct buf b = BUF(70000);
		struct view v;

		terminal_iv(t, iv);
		if (!odd) {
			ck_assert_uint_eq(cryptogram.p[0], 1);
			cryptogram = view_slice(cryptogram, 1, cryptogram.n);
		}
		ck_assert_int_eq(cipher_decrypt(t->cipher, CIPHER_CBC, view_of(t->kenc, t->key), iv,
						cryptogram, &b), 0);
		v = buf_view(&b);
		ck_assert(unpad_iso(&v, t->block));
		buf_put_view(out, v);
		buf_free(&b);
	}
	return (unsigned)(sw.p[0] << 8 | sw.p[1]);
}

#endif
