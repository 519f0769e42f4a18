/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <string.h>

#include "codec/apdu.h"
#include "codec/tlv.h"
#include "known.h"

/* --- ciphers ----------------------------------------------------------------------------- */

static const unsigned key_sizes[] = { 0, 16, 16, 24, 32 };

static size_t
block_of(unsigned cipher)
{
	return cipher == 1 ? 8 : 16;
}

static void
run_cipher(const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t *iv, struct view in,
	   bool encrypt, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	ck_assert_int_eq(EVP_CipherInit_ex(ctx, cipher, NULL, key, iv, encrypt), 1);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	ck_assert_int_eq(EVP_CipherUpdate(ctx, out, &n, in.p, (int)in.n), 1);
	ck_assert_uint_eq((size_t)n, in.n);
	EVP_CIPHER_CTX_free(ctx);
}

static void
session_cbc(unsigned cipher, const uint8_t *key, const uint8_t *iv, struct view in, bool encrypt,
	    uint8_t *out)
{
	const uint8_t zero[16] = { 0 };
	const EVP_CIPHER *ciphers[] = { NULL, EVP_des_ede_cbc(), EVP_aes_128_cbc(), EVP_aes_192_cbc(), EVP_aes_256_cbc() };

	run_cipher(ciphers[cipher], key, iv ? iv : zero, in, encrypt, out);
}

/* ISO/IEC 9797-1, algorithm 3, as the standard draws it: E over all, then D by K2, E by K1. */
static void
retail(const uint8_t *key, struct view in, uint8_t out[8])
{
	uint8_t k1[16], k2[16], buffer[70016];

	memcpy(k1, key, 8);
	memcpy(k1 + 8, key, 8);
	memcpy(k2, key + 8, 8);
	memcpy(k2 + 8, key + 8, 8);
	run_cipher(EVP_des_ede_cbc(), k1, (const uint8_t[8]) { 0 }, in, true, buffer);
	memcpy(out, buffer + in.n - 8, 8);
	run_cipher(EVP_des_ede(), k2, NULL, view_of(out, 8), false, out);
	run_cipher(EVP_des_ede(), k1, NULL, view_of(out, 8), true, out);
}

static void
pad_block(struct buf *b, size_t block)
{
	buf_u8(b, 0x80);
	while (b->n % block)
		buf_u8(b, 0);
}

/* in: not padded; of 3DES that is done here. */
static void
session_mac(unsigned cipher, const uint8_t *key, struct view in, uint8_t out[16])
{
	static const char *const names[] = { NULL, NULL, "AES-128-CBC", "AES-192-CBC", "AES-256-CBC" };
	OSSL_PARAM params[] = { OSSL_PARAM_END, OSSL_PARAM_END };
	struct buf padded = BUF(70016);
	EVP_MAC *cmac;
	EVP_MAC_CTX *ctx;
	size_t n;

	if (cipher == 1) {
		buf_put_view(&padded, in);
		pad_block(&padded, 8);
		retail(key, buf_view(&padded), out);
		buf_free(&padded);
		return;
	}
	params[0] = OSSL_PARAM_construct_utf8_string("cipher", (char *)names[cipher], 0);
	cmac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	ctx = EVP_MAC_CTX_new(cmac);
	ck_assert_int_eq(EVP_MAC_init(ctx, key, key_sizes[cipher], params), 1);
	ck_assert_int_eq(EVP_MAC_update(ctx, in.p, in.n), 1);
	ck_assert_int_eq(EVP_MAC_final(ctx, out, &n, 16), 1);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(cmac);
}

void
doc_hash(const char *name, struct view v, struct buf *out)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	size_t n;

	ck_assert_int_eq(EVP_Q_digest(NULL, name, NULL, v.p, v.n, digest, &n), 1);
	buf_put(out, digest, n);
}

/* Doc 9303-11, 9.7.1 */
static void
derive_key(unsigned cipher, struct view secret, unsigned use, uint8_t out[32])
{
	struct buf in = BUF(1024), hash = BUF(64);
	size_t i;

	buf_put_view(&in, secret);
	buf_u16(&in, 0);
	buf_u16(&in, (uint16_t)use);
	doc_hash(cipher > 2 ? "SHA256" : "SHA1", buf_view(&in), &hash);
	memcpy(out, hash.p, key_sizes[cipher]);
	for (i = 0; cipher == 1 && i < 16; i++) {
		out[i] &= 0xfe;
		if (__builtin_parity(out[i]) == 0)
			out[i] |= 1;
	}
	buf_free(&in);
	buf_free(&hash);
}

/* --- groups ----------------------------------------------------------------------------------- */

static const char *const modp_names[] = { "dh_1024_160", "dh_2048_224", "dh_2048_256" };
static const int nids[] = {
	NID_X9_62_prime192v1, NID_brainpoolP192r1, NID_secp224r1,       NID_brainpoolP224r1,
	NID_X9_62_prime256v1, NID_brainpoolP256r1, NID_brainpoolP320r1, NID_secp384r1,
	NID_brainpoolP384r1,  NID_brainpoolP512r1, NID_secp521r1,
};

bool
doc_is_curve(unsigned domain)
{
	return domain >= 8;
}

struct modp {
	BIGNUM *p, *q, *g;
};

static struct modp
modp(unsigned domain)
{
	OSSL_PARAM params[] = { OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
						       (char *)modp_names[domain],
						       strlen(modp_names[domain])),
				OSSL_PARAM_END };
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DHX", NULL);
	EVP_PKEY *k = NULL;
	struct modp m = { NULL, NULL, NULL };

	ck_assert_int_eq(EVP_PKEY_fromdata_init(ctx), 1);
	ck_assert_int_eq(EVP_PKEY_fromdata(ctx, &k, EVP_PKEY_KEY_PARAMETERS, params), 1);
	EVP_PKEY_get_bn_param(k, "p", &m.p);
	EVP_PKEY_get_bn_param(k, "q", &m.q);
	EVP_PKEY_get_bn_param(k, "g", &m.g);
	EVP_PKEY_free(k);
	EVP_PKEY_CTX_free(ctx);
	return m;
}

static void
modp_free(struct modp *m)
{
	BN_free(m->p);
	BN_free(m->q);
	BN_free(m->g);
}

static EC_GROUP *
curve(unsigned domain)
{
	return EC_GROUP_new_by_curve_name(nids[domain - 8]);
}

static size_t
field_of(unsigned domain)
{
	static const size_t sizes[] = { 24, 24, 28, 28, 32, 32, 40, 48, 48, 64, 66 };

	return sizes[domain - 8];
}

size_t
doc_element(unsigned domain)
{
	if (domain == 0)
		return 128;
	return doc_is_curve(domain) ? 1 + 2 * field_of(domain) : 256;
}

static void
put_bn(const BIGNUM *n, size_t size, struct buf *out)
{
	ck_assert_int_eq(BN_bn2binpad(n, buf_grow(out, size), (int)size), (int)size);
}

static EC_POINT *
point_of(const EC_GROUP *group, struct view v)
{
	EC_POINT *p = EC_POINT_new(group);

	ck_assert_int_eq(EC_POINT_oct2point(group, p, v.p, v.n, NULL), 1);
	return p;
}

static void
put_point(const EC_GROUP *group, const EC_POINT *p, size_t size, struct buf *out)
{
	ck_assert_uint_eq(EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED,
					     buf_grow(out, size), size, NULL),
			  size);
}

/* x * G + y * P, or g^x * p^y; x or y empty: without */
static void
combine_elements(unsigned domain, struct view x, struct view base, struct view y, struct buf *out)
{
	BIGNUM *a = BN_bin2bn(x.p, (int)x.n, NULL), *b = BN_bin2bn(y.p, (int)y.n, NULL),
	       *r = BN_new();
	BN_CTX *ctx = BN_CTX_new();

	if (doc_is_curve(domain)) {
		EC_GROUP *group = curve(domain);
		EC_POINT *sum = EC_POINT_new(group), *p = base.n > 0 ? point_of(group, base) : NULL;

		ck_assert_int_eq(EC_POINT_mul(group, sum, x.n ? a : NULL, p, p ? b : NULL, ctx), 1);
		put_point(group, sum, doc_element(domain), out);
		EC_POINT_free(sum);
		EC_POINT_free(p);
		EC_GROUP_free(group);
	} else {
		struct modp m = modp(domain);
		BIGNUM *h = BN_bin2bn(base.p, (int)base.n, NULL);

		ck_assert_int_eq(BN_mod_exp(r, m.g, a, m.p, ctx), 1);
		if (base.n > 0)
			ck_assert(BN_mod_exp(h, h, b, m.p, ctx) && BN_mod_mul(r, r, h, m.p, ctx));
		put_bn(r, doc_element(domain), out);
		BN_free(h);
		modp_free(&m);
	}
	BN_free(a);
	BN_free(b);
	BN_free(r);
	BN_CTX_free(ctx);
}

void
doc_multiply(unsigned domain, struct view base, struct view d, struct buf *out)
{
	const uint8_t zero = 0;

	if (base.n == 0)
		combine_elements(domain, d, base, base, out);
	else
		combine_elements(domain,
				 doc_is_curve(domain) ? view_of(NULL, 0) : view_of(&zero, 1), base,
				 d, out);
}

/* x, or all of it */
static struct view
secret_of(unsigned domain, struct view element)
{
	return doc_is_curve(domain) ? view_slice(element, 1, field_of(domain)) : element;
}

static void
compress(unsigned domain, struct view element, struct buf *out)
{
	if (doc_is_curve(domain))
		buf_put_view(out, secret_of(domain, element));
	else
		doc_hash("SHA1", element, out);
}

/* A private value: one that was laid down, or a random one. */
static void
choose_private(struct doc_terminal *t, unsigned domain, struct buf *d)
{
	BIGNUM *n = BN_new(), *order = BN_new();

	if (t->at_fixed < t->n_fixed) {
		buf_put_view(d, t->fixed[t->at_fixed++]);
	} else {
		if (doc_is_curve(domain)) {
			EC_GROUP *group = curve(domain);

			EC_GROUP_get_order(group, order, NULL);
			EC_GROUP_free(group);
		} else {
			struct modp m = modp(domain);

			BN_copy(order, m.q);
			modp_free(&m);
		}
		do {
			ck_assert_int_eq(BN_rand_range(n, order), 1);
		} while (BN_is_zero(n));
		put_bn(n, (size_t)BN_num_bytes(order), d);
	}
	BN_free(n);
	BN_free(order);
}

/* --- secure messaging ------------------------------------------------------------------------------ */

static void
count_up(struct doc_keys *k)
{
	size_t i = block_of(k->cipher);

	while (i > 0 && ++k->ssc[i - 1] == 0)
		i--;
}

static void
iv_of(const struct doc_keys *k, uint8_t iv[16])
{
	const EVP_CIPHER *ciphers[] = { NULL, NULL, EVP_aes_128_ecb(), EVP_aes_192_ecb(), EVP_aes_256_ecb() };

	memset(iv, 0, 16);
	if (k->cipher > 1)
		run_cipher(ciphers[k->cipher], k->enc, NULL, view_of(k->ssc, 16), true, iv);
}

/* Over SSC, the header padded (may be empty), and the objects. */
static void
sm_mac(const struct doc_keys *k, struct view header, struct view objects, struct buf *out)
{
	const size_t block = block_of(k->cipher);
	struct buf in = BUF(70016);
	uint8_t code[16];

	buf_put(&in, k->ssc, block);
	if (header.n > 0) {
		buf_put_view(&in, header);
		pad_block(&in, block);
	}
	if (objects.n > 0) {
		buf_put_view(&in, objects);
		pad_block(&in, block);
	}
	/* all of it is padded already */
	if (k->cipher == 1)
		retail(k->mac, buf_view(&in), code);
	else
		session_mac(k->cipher, k->mac, buf_view(&in), code);
	tlv_put(out, 0x8e, view_of(code, 8));
	buf_free(&in);
}

static void
put_cryptogram(struct doc_keys *k, bool odd, struct view data, struct buf *out)
{
	struct buf plain = BUF(70016), value = BUF(70016);
	uint8_t iv[16];

	buf_put_view(&plain, data);
	pad_block(&plain, block_of(k->cipher));
	if (!odd)
		buf_u8(&value, 1);
	iv_of(k, iv);
	session_cbc(k->cipher, k->enc, iv, buf_view(&plain), true, buf_grow(&value, plain.n));
	tlv_put(out, odd ? 0x85 : 0x87, buf_view(&value));
	buf_free(&plain);
	buf_free(&value);
}

static void
put_le(size_t ne, struct buf *out)
{
	if (ne > 256)
		tlv_put_u16(out, 0x97, (uint16_t)ne);
	else if (ne > 0)
		tlv_put_u8(out, 0x97, (uint8_t)ne);
}

static void
build(const char *header, struct view data, size_t ne, struct buf *raw)
{
	struct view h = known(header);
	struct apdu a = {
		.cla = h.p[0], .ins = h.p[1], .p1 = h.p[2], .p2 = h.p[3], .data = data, .ne = ne
	};

	ck_assert(apdu_build(raw, &a));
}

void
doc_protect(struct doc_terminal *t, const char *header, struct view data, size_t ne,
	    struct buf *raw)
{
	doc_protect_as(t, (uint8_t)(known(header).p[0] | 0x0c), true, header, data, ne, raw);
}

void
doc_protect_as(struct doc_terminal *t, uint8_t cla, bool covered, const char *header,
	       struct view data, size_t ne, struct buf *raw)
{
	struct view h = known(header);
	uint8_t head[4];
	char text[9];
	struct buf objects = BUF(70016);

	memcpy(head, h.p, 4);
	head[0] = cla;
	count_up(&t->keys);
	if (data.n > 0)
		put_cryptogram(&t->keys, head[1] & 1, data, &objects);
	put_le(ne, &objects);
	sm_mac(&t->keys, view_of(head, covered ? 4 : 0), buf_view(&objects), &objects);
	snprintf(text, sizeof(text), "%02X%02X%02X%02X", head[0], head[1], head[2], head[3]);
	build(text, buf_view(&objects), ne > 256 || objects.n > 255 ? 65536 : 256, raw);
	buf_free(&objects);
}

static unsigned
sw_of(const struct doc_terminal *t)
{
	return (unsigned)(t->raw[t->raw_n - 2] << 8 | t->raw[t->raw_n - 1]);
}

static void
terminal_transmit(struct doc_terminal *t, struct view raw)
{
	struct buf rsp = BUF(sizeof(t->raw));

	t->send(t->ctx, raw, &rsp);
	ck_assert_uint_ge(rsp.n, 2);
	memcpy(t->raw, rsp.p, rsp.n);
	t->raw_n = rsp.n;
	buf_free(&rsp);
	/* what is left is fetched */
	while (t->raw[t->raw_n - 2] == 0x61) {
		const uint8_t more[] = { 0x00, 0xc0, 0x00, 0x00, t->raw[t->raw_n - 1] };
		struct buf rest = BUF(sizeof(t->raw));

		t->send(t->ctx, view_of(more, 5), &rest);
		memcpy(t->raw + t->raw_n - 2, rest.p, rest.n);
		t->raw_n += rest.n - 2;
		buf_free(&rest);
	}
}

/* Take the protection off the answer. */
static unsigned
unprotect(struct doc_terminal *t, bool odd, struct buf *out)
{
	struct view in = view_of(t->raw, t->raw_n - 2), all = in, cryptogram = { .n = 0 };
	struct buf code = BUF(16), plain = BUF(70016);
	struct tlv o;
	uint8_t iv[16];
	unsigned sw;

	count_up(&t->keys);
	ck_assert(tlv_next(&in, &o));
	if (o.tag == (odd ? 0x85u : 0x87u)) {
		cryptogram = o.value;
		ck_assert(tlv_next(&in, &o));
	}
	ck_assert_uint_eq(o.tag, 0x99);
	ck_assert_uint_eq(o.value.n, 2);
	sw = (unsigned)(o.value.p[0] << 8 | o.value.p[1]);
	ck_assert_uint_eq(sw, sw_of(t));
	sm_mac(&t->keys, view_of(NULL, 0), view_slice(all, 0, all.n - in.n), &code);
	ck_assert_view(in, buf_view(&code));
	if (cryptogram.n > 0) {
		if (!odd) {
			ck_assert_uint_eq(cryptogram.p[0], 1);
			cryptogram = view_slice(cryptogram, 1, cryptogram.n);
		}
		iv_of(&t->keys, iv);
		session_cbc(t->keys.cipher, t->keys.enc, iv, cryptogram, false,
			    buf_grow(&plain, cryptogram.n));
		while (plain.n > 0 && plain.p[plain.n - 1] == 0)
			plain.n--;
		ck_assert(plain.n > 0 && plain.p[plain.n - 1] == 0x80);
		if (out)
			buf_put(out, plain.p, plain.n - 1);
	}
	buf_free(&code);
	buf_free(&plain);
	return sw;
}

unsigned
doc_plain(struct doc_terminal *t, const char *header, struct view data, size_t ne, struct buf *out)
{
	struct buf raw = BUF(70016);

	build(header, data, ne, &raw);
	terminal_transmit(t, buf_view(&raw));
	buf_free(&raw);
	if (out)
		buf_put(out, t->raw, t->raw_n - 2);
	return sw_of(t);
}

unsigned
doc_command(struct doc_terminal *t, const char *header, struct view data, size_t ne,
	    struct buf *out)
{
	struct buf raw = BUF(70016);

	if (!t->keys.cipher)
		return doc_plain(t, header, data, ne, out);
	doc_protect(t, header, data, ne, &raw);
	terminal_transmit(t, buf_view(&raw));
	buf_free(&raw);
	t->plain_answer = t->raw_n == 2;
	return t->plain_answer ? sw_of(t) : unprotect(t, known(header).p[1] & 1, out);
}

bool
doc_read_file(struct doc_terminal *t, unsigned sfi, struct buf *out, unsigned *sw)
{
	char header[16];
	size_t before = out->n;

	snprintf(header, sizeof(header), "00B0%02X00", 0x80 | sfi);
	*sw = doc_command(t, header, view_of(NULL, 0), 256, out);
	while (*sw == 0x9000 && out->n > before) {
		if (out->n > 0x7fff)
			return false;
		snprintf(header, sizeof(header), "00B0%04X", (unsigned)out->n);
		before = out->n;
		*sw = doc_command(t, header, view_of(NULL, 0), 256, out);
	}
	if (*sw == 0x6b00)
		*sw = 0x9000;
	return *sw == 0x9000 || *sw == 0x6282;
}

void
doc_forget(struct doc_terminal *t)
{
	memset(&t->keys, 0, sizeof(t->keys));
}

static void
begin_session(struct doc_terminal *t, unsigned cipher, struct view secret)
{
	memset(&t->keys, 0, sizeof(t->keys));
	t->keys.cipher = cipher;
	derive_key(cipher, secret, 1, t->keys.enc);
	derive_key(cipher, secret, 2, t->keys.mac);
}

/* --- BAC ------------------------------------------------------------------------------------------------- */

unsigned
doc_bac(struct doc_terminal *t, struct view information)
{
	uint8_t kenc[32], kmac[32], ours[32], sealed[40], code[16], theirs[32], seed[16];
	struct buf hash = BUF(64), rnd = BUF(16), rsp = BUF(64);
	unsigned sw = doc_command(t, "00840000", view_of(NULL, 0), 8, &rnd);
	int i;

	if (sw != 0x9000)
		goto out;
	doc_hash("SHA1", information, &hash);
	derive_key(1, view_of(hash.p, 16), 1, kenc);
	derive_key(1, view_of(hash.p, 16), 2, kmac);
	RAND_bytes(ours, sizeof(ours));
	if (t->n_fixed > 1) {
		memcpy(ours, t->fixed[0].p, 8);
		memcpy(ours + 16, t->fixed[1].p, 16);
	}
	memcpy(ours + 8, rnd.p, 8);
	session_cbc(1, kenc, NULL, view_of(ours, 32), true, sealed);
	session_mac(1, kmac, view_of(sealed, 32), code);
	memcpy(sealed + 32, code, 8);
	sw = doc_command(t, "00820000", view_of(sealed, 40), 40, &rsp);
	if (sw != 0x9000)
		goto out;
	ck_assert_uint_eq(rsp.n, 40);
	session_mac(1, kmac, view_of(rsp.p, 32), code);
	ck_assert_mem_eq(code, rsp.p + 32, 8);
	session_cbc(1, kenc, NULL, view_of(rsp.p, 32), false, theirs);
	ck_assert_mem_eq(theirs, ours + 8, 8);
	ck_assert_mem_eq(theirs + 8, ours, 8);
	for (i = 0; i < 16; i++)
		seed[i] = ours[16 + i] ^ theirs[16 + i];
	begin_session(t, 1, view_of(seed, 16));
	memcpy(t->keys.ssc, theirs + 4, 4);
	memcpy(t->keys.ssc + 4, ours + 4, 4);
out:
	buf_free(&hash);
	buf_free(&rnd);
	buf_free(&rsp);
	return sw;
}

/* --- PACE -------------------------------------------------------------------------------------------------- */

static void
put_oid(struct buf *b, uint8_t family, unsigned method, unsigned cipher)
{
	const uint8_t oid[] = { 0x04, 0x00, 0x7f, 0x00, 0x07, 0x02, 0x02, family, (uint8_t)method, (uint8_t)cipher };

	buf_put(b, oid, sizeof(oid));
}

static void
session_token(const struct doc_keys *k, struct view oid, bool point, struct view public,
	      uint8_t out[8])
{
	struct buf in = BUF(1024);
	uint8_t code[16];
	size_t mark = tlv_open(&in, 0x7f49);

	tlv_put(&in, 0x06, oid);
	tlv_put(&in, point ? 0x86 : 0x84, public);
	tlv_close(&in, mark);
	session_mac(k->cipher, k->mac, buf_view(&in), code);
	memcpy(out, code, 8);
	buf_free(&in);
}

/* GENERAL AUTHENTICATE with one object (tag 0: none): the first object of the answer. */
static unsigned
general_authenticate(struct doc_terminal *t, const char *header, uint32_t tag, struct view value,
		     struct buf *answer, struct buf *all)
{
	struct buf data = BUF(1024), rsp = BUF(2048);
	size_t mark = tlv_open(&data, 0x7c);
	unsigned sw;
	struct view in;
	struct tlv o;

	if (tag)
		tlv_put(&data, tag, value);
	tlv_close(&data, mark);
	sw = doc_command(t, header, buf_view(&data), data.n > 200 || all ? 65536 : 256, &rsp);
	in = buf_view(&rsp);
	if (sw == 0x9000) {
		ck_assert(tlv_next(&in, &o) && o.tag == 0x7c && in.n == 0);
		in = o.value;
		if (all)
			buf_put_view(all, in);
		if (tlv_next(&in, &o))
			buf_put_view(answer, o.value);
	}
	buf_free(&data);
	buf_free(&rsp);
	return sw;
}

/* Integrated mapping of a number, with square roots as one finds them in a textbook. */
static void
encode_point(unsigned domain, const BIGNUM *number, struct buf *out)
{
	EC_GROUP *group = curve(domain);
	BIGNUM *p = BN_new(), *a = BN_new(), *b = BN_new(), *t = BN_dup(number), *u = BN_new(),
	       *x = BN_new(), *y = BN_new(), *h = BN_new(), *e = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	EC_POINT *point = EC_POINT_new(group);
	int second = 0;

	EC_GROUP_get_curve(group, p, a, b, ctx);
	/* u = -t^2, x = -b/a * (1 + 1/(u^2 + u)) */
	BN_mod_sqr(u, t, p, ctx);
	BN_mod_sub(u, p, u, p, ctx);
	BN_mod_sqr(x, u, p, ctx);
	BN_mod_add(x, x, u, p, ctx);
	BN_mod_inverse(x, x, p, ctx);
	BN_mod_add(x, x, BN_value_one(), p, ctx);
	BN_mod_mul(x, x, b, p, ctx);
	BN_mod_inverse(h, a, p, ctx);
	BN_mod_mul(x, x, h, p, ctx);
	BN_mod_sub(x, p, x, p, ctx);
	/* h = x^3 + ax + b; a square: its root h^((p+1)/4); else x*u, t^3 * h^(1 - (p+1)/4) */
	BN_mod_sqr(h, x, p, ctx);
	BN_mod_add(h, h, a, p, ctx);
	BN_mod_mul(h, h, x, p, ctx);
	BN_mod_add(h, h, b, p, ctx);
	BN_copy(e, p);
	BN_add_word(e, 1);
	BN_rshift(e, e, 2);
	BN_mod_exp(y, h, e, p, ctx);
	second = BN_kronecker(h, p, ctx) != 1;
	if (second) {
		BN_mod_mul(x, x, u, p, ctx);
		BN_mod_inverse(y, y, p, ctx);
		BN_mod_mul(y, y, h, p, ctx);
		BN_set_word(e, 3);
		BN_mod_exp(t, t, e, p, ctx);
		BN_mod_mul(y, y, t, p, ctx);
	}
	ck_assert_int_eq(EC_POINT_set_affine_coordinates(group, point, x, y, ctx), 1);
	put_point(group, point, doc_element(domain), out);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	BN_free(p);
	BN_free(a);
	BN_free(b);
	BN_free(t);
	BN_free(u);
	BN_free(x);
	BN_free(y);
	BN_free(h);
	BN_free(e);
	BN_CTX_free(ctx);
}

static void
map_integrated(unsigned domain, unsigned cipher, struct view s, const uint8_t *t, struct buf *out)
{
	static const char *const constants[][2] = {
		{ "A668892A7C41E3CA739F40B057D85904", "A4E136AC725F738B01C1F60217C188AD" },
		{ "D463D65234124EF7897054986DCA0A174E28DF758CBAA03F240616414D5A1676",
		  "54BD7255F0AAF831BEC3423FCF39D69B6CBF066677D0FAAE5AADD99DF8E53517" },
	};
	const struct view c0 = known(constants[cipher > 2][0]),
			  c1 = known(constants[cipher > 2][1]);
	const size_t p_size = doc_is_curve(domain) ? field_of(domain) : doc_element(domain);
	struct buf r = BUF(1024);
	uint8_t key[32];
	BIGNUM *n, *x;
	BN_CTX *ctx = BN_CTX_new();

	session_cbc(cipher, t, NULL, s, true, key);
	while (r.n < p_size + 8) {
		uint8_t next[32];

		session_cbc(cipher, key, NULL, c1, true, buf_grow(&r, c1.n));
		session_cbc(cipher, key, NULL, c0, true, next);
		memcpy(key, next, 32);
	}
	n = BN_bin2bn(r.p, (int)r.n, NULL);
	x = BN_new();
	if (doc_is_curve(domain)) {
		EC_GROUP *group = curve(domain);
		BIGNUM *p = BN_new();

		EC_GROUP_get_curve(group, p, NULL, NULL, ctx);
		BN_nnmod(x, n, p, ctx);
		encode_point(domain, x, out);
		BN_free(p);
		EC_GROUP_free(group);
	} else {
		struct modp m = modp(domain);
		BIGNUM *e = BN_dup(m.p);

		BN_sub_word(e, 1);
		BN_div(e, NULL, e, m.q, ctx);
		BN_mod_exp(x, n, e, m.p, ctx);
		put_bn(x, doc_element(domain), out);
		BN_free(e);
		modp_free(&m);
	}
	BN_free(n);
	BN_free(x);
	BN_CTX_free(ctx);
	buf_free(&r);
}

static unsigned
set_pace(struct doc_terminal *t, const struct doc_pace *p)
{
	struct buf data = BUF(256);
	size_t mark = tlv_open(&data, 0x80);
	unsigned sw;

	put_oid(&data, 4, p->method, p->cipher);
	tlv_close(&data, mark);
	tlv_put_u8(&data, 0x83, (uint8_t)p->password);
	if (!p->no_id)
		tlv_put_u8(&data, 0x84, (uint8_t)p->id);
	if (p->chat.n > 0)
		tlv_put(&data, 0x7f4c, p->chat);
	sw = doc_command(t, "0022C1A4", buf_view(&data), 0, NULL);
	buf_free(&data);
	return sw;
}

static unsigned
map(struct doc_terminal *t, const struct doc_pace *p, struct view s, struct buf *base)
{
	const bool integrated = p->method == 3 || p->method == 4;
	struct buf d = BUF(256), ours = BUF(256), theirs = BUF(256), shared = BUF(256);
	const uint8_t one = 1;
	unsigned sw;

	if (integrated) {
		if (t->at_fixed < t->n_fixed)
			buf_put_view(&ours, t->fixed[t->at_fixed++]);
		else
			RAND_bytes(buf_grow(&ours, key_sizes[p->cipher]),
				   (int)key_sizes[p->cipher]);
	} else {
		choose_private(t, p->id, &d);
		doc_multiply(p->id, view_of(NULL, 0), buf_view(&d), &ours);
	}
	sw = general_authenticate(t, "10860000", 0x81, buf_view(&ours), &theirs, NULL);
	if (sw == 0x9000 && integrated) {
		ck_assert_uint_eq(theirs.n, 0);
		map_integrated(p->id, p->cipher, s, ours.p, base);
	} else if (sw == 0x9000) {
		memcpy(t->chip_map, theirs.p, theirs.n);
		t->chip_map_n = theirs.n;
		doc_multiply(p->id, buf_view(&theirs), buf_view(&d), &shared);
		combine_elements(p->id, s, buf_view(&shared), view_of(&one, 1), base);
	}
	buf_free(&d);
	buf_free(&ours);
	buf_free(&theirs);
	buf_free(&shared);
	return sw;
}

/* What came beside the card's token. */
static void
keep_extras(struct doc_terminal *t, const struct doc_keys *k, struct view all)
{
	uint8_t iv[16], ones[16], plain[256];
	struct tlv o;

	t->chip_n = t->car_n[0] = t->car_n[1] = 0;
	while (tlv_next(&all, &o)) {
		if (o.tag == 0x87 || o.tag == 0x88) {
			memcpy(t->car[o.tag - 0x87], o.value.p, o.value.n);
			t->car_n[o.tag - 0x87] = o.value.n;
		} else if (o.tag == 0x8a) {
			struct doc_keys ff = *k;

			memset(ones, 0xff, 16);
			memcpy(ff.ssc, ones, 16);
			iv_of(&ff, iv);
			session_cbc(k->cipher, k->enc, iv, o.value, false, plain);
			t->chip_n = o.value.n;
			while (plain[t->chip_n - 1] == 0)
				t->chip_n--;
			ck_assert_uint_eq(plain[--t->chip_n], 0x80);
			memcpy(t->chip, plain, t->chip_n);
		}
	}
}

static unsigned
pace_agree(struct doc_terminal *t, const struct doc_pace *p, struct view base)
{
	struct buf d = BUF(256), ours = BUF(256), theirs = BUF(256), shared = BUF(256),
		   oid = BUF(16), rsp = BUF(16), all = BUF(1024), comp = BUF(256);
	struct doc_terminal next = { .keys = { .cipher = 0 } };
	uint8_t code[8];
	unsigned sw;

	choose_private(t, p->id, &d);
	doc_multiply(p->id, base, buf_view(&d), &ours);
	sw = general_authenticate(t, "10860000", 0x83, buf_view(&ours), &theirs, NULL);
	if (sw != 0x9000)
		goto out;
	doc_multiply(p->id, buf_view(&theirs), buf_view(&d), &shared);
	begin_session(&next, p->cipher, secret_of(p->id, buf_view(&shared)));
	put_oid(&oid, 4, p->method, p->cipher);
	session_token(&next.keys, buf_view(&oid), doc_is_curve(p->id), buf_view(&theirs), code);
	sw = general_authenticate(t, "00860000", 0x85, view_of(code, 8), &rsp, &all);
	if (sw != 0x9000)
		goto out;
	session_token(&next.keys, buf_view(&oid), doc_is_curve(p->id), buf_view(&ours), code);
	ck_assert_view(buf_view(&rsp), view_of(code, 8));
	keep_extras(t, &next.keys, buf_view(&all));
	compress(p->id, buf_view(&theirs), &comp);
	memcpy(t->id_picc, comp.p, comp.n);
	t->id_picc_n = comp.n;
	t->keys = next.keys;
out:
	buf_free(&d);
	buf_free(&ours);
	buf_free(&theirs);
	buf_free(&shared);
	buf_free(&oid);
	buf_free(&rsp);
	buf_free(&all);
	buf_free(&comp);
	return sw;
}

unsigned
doc_pace(struct doc_terminal *t, const struct doc_pace *p, unsigned *mse)
{
	struct buf sealed = BUF(32), hash = BUF(64), base = BUF(256);
	uint8_t key[32], s[32];
	unsigned sw = set_pace(t, p);

	if (mse)
		*mse = sw;
	if (sw != 0x9000 && sw >> 8 != 0x63 && sw >> 8 != 0x62)
		goto out;
	sw = general_authenticate(t, "10860000", 0, view_of(NULL, 0), &sealed, NULL);
	if (sw != 0x9000)
		goto out;
	if (p->password == 1)
		doc_hash("SHA1", p->secret, &hash);
	derive_key(p->cipher, p->password == 1 ? buf_view(&hash) : p->secret, 3, key);
	if (p->key)
		memcpy(key, p->key->p, p->key->n);
	session_cbc(p->cipher, key, NULL, buf_view(&sealed), false, s);
	sw = map(t, p, view_of(s, sealed.n), &base);
	if (sw == 0x9000)
		sw = pace_agree(t, p, buf_view(&base));
out:
	buf_free(&sealed);
	buf_free(&hash);
	buf_free(&base);
	return sw;
}

/* --- chip authentication --------------------------------------------------------------------------------------- */

void
doc_ca_key(struct doc_terminal *t, unsigned domain, struct buf *compressed)
{
	struct buf d = BUF(256), public = BUF(256);

	choose_private(t, domain, &d);
	doc_multiply(domain, view_of(NULL, 0), buf_view(&d), &public);
	memcpy(t->ca_private, d.p, d.n);
	t->ca_private_n = d.n;
	memcpy(t->ca_public, public.p, public.n);
	t->ca_public_n = public.n;
	if (compressed)
		compress(domain, buf_view(&public), compressed);
	buf_free(&d);
	buf_free(&public);
}

static unsigned
set_ca(struct doc_terminal *t, uint8_t family, unsigned method, unsigned cipher, int key_id)
{
	struct buf data = BUF(64);
	size_t mark = tlv_open(&data, 0x80);
	unsigned sw;

	put_oid(&data, family, method, cipher);
	tlv_close(&data, mark);
	if (key_id >= 0)
		tlv_put_u8(&data, 0x84, (uint8_t)key_id);
	sw = doc_command(t, "002241A4", buf_view(&data), 0, NULL);
	buf_free(&data);
	return sw;
}

unsigned
doc_ca2(struct doc_terminal *t, unsigned method, unsigned cipher, int key_id, unsigned domain,
	struct view public)
{
	const struct view ours = view_of(t->ca_public, t->ca_public_n);
	struct buf r = BUF(16), all = BUF(256), secret = BUF(512), shared = BUF(256), oid = BUF(16);
	struct doc_terminal next = { .keys = { .cipher = 0 } };
	unsigned sw = set_ca(t, 3, method, cipher, key_id);
	struct view theirs;
	uint8_t code[8];

	if (sw == 0x9000)
		sw = general_authenticate(t, "00860000", 0x80, ours, &r, &all);
	if (sw == 0x9000) {
		doc_multiply(domain, public, view_of(t->ca_private, t->ca_private_n), &shared);
		buf_put_view(&secret, secret_of(domain, buf_view(&shared)));
		buf_put_view(&secret, buf_view(&r));
		begin_session(&next, cipher, buf_view(&secret));
		put_oid(&oid, 3, method, cipher);
		session_token(&next.keys, buf_view(&oid), doc_is_curve(domain), ours, code);
		ck_assert(tlv_find(buf_view(&all), 0x82, &theirs));
		ck_assert_view(theirs, view_of(code, 8));
		t->keys = next.keys;
	}
	buf_free(&r);
	buf_free(&all);
	buf_free(&secret);
	buf_free(&shared);
	buf_free(&oid);
	return sw;
}

static unsigned
agree_3des(struct doc_terminal *t, int key_id)
{
	struct buf data = BUF(512);
	unsigned sw;

	tlv_put(&data, 0x91, view_of(t->ca_public, t->ca_public_n));
	if (key_id >= 0)
		tlv_put_u8(&data, 0x84, (uint8_t)key_id);
	sw = doc_command(t, "002241A6", buf_view(&data), 0, NULL);
	buf_free(&data);
	return sw;
}

unsigned
doc_ca1(struct doc_terminal *t, unsigned method, unsigned cipher, int key_id, unsigned domain,
	struct view public)
{
	struct buf answer = BUF(16), shared = BUF(256);
	unsigned sw;

	doc_ca_key(t, domain, NULL);
	if (cipher == 1) {
		sw = agree_3des(t, key_id);
	} else {
		sw = set_ca(t, 3, method, cipher, key_id);
		if (sw == 0x9000)
			sw = general_authenticate(t, "00860000", 0x80,
						  view_of(t->ca_public, t->ca_public_n), &answer,
						  NULL);
	}
	if (sw == 0x9000) {
		doc_multiply(domain, public, view_of(t->ca_private, t->ca_private_n), &shared);
		begin_session(t, cipher, secret_of(domain, buf_view(&shared)));
	}
	buf_free(&answer);
	buf_free(&shared);
	return sw;
}

/* --- terminal authentication -------------------------------------------------------------------------------------- */

static EVP_PKEY *
make_key(bool rsa)
{
	return rsa ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)
		   : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "brainpoolP256r1");
}

/* What is in 7F49. */
static void
put_key(const struct doc_cert *c, bool params, struct buf *out)
{
	uint8_t oid[] = { 0x04, 0x00, 0x7f, 0x00, 0x07, 0x02, 0x02, 0x02, c->scheme[0], c->scheme[1] };
	struct buf v = BUF(512);
	BIGNUM *n = NULL;

	tlv_put(out, 0x06, view_of(oid, sizeof(oid)));
	if (c->scheme[0] == 1) {
		EVP_PKEY_get_bn_param(c->key, "n", &n);
		put_bn(n, 256, &v);
		tlv_put(out, 0x81, buf_view(&v));
		tlv_put(out, 0x82, known("010001"));
	} else {
		uint8_t point[65];
		size_t len;

		if (params) {
			EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_brainpoolP256r1);
			BIGNUM *p = BN_new(), *a = BN_new(), *b = BN_new();
			const BIGNUM *const first[] = { p, a, b };
			int i;

			EC_GROUP_get_curve(group, p, a, b, NULL);
			for (i = 0; i < 3; i++) {
				buf_reset(&v);
				put_bn(first[i], 32, &v);
				tlv_put(out, 0x81 + (uint32_t)i, buf_view(&v));
			}
			buf_reset(&v);
			put_point(group, EC_GROUP_get0_generator(group), 65, &v);
			tlv_put(out, 0x84, buf_view(&v));
			buf_reset(&v);
			put_bn(EC_GROUP_get0_order(group), 32, &v);
			tlv_put(out, 0x85, buf_view(&v));
			BN_free(p);
			BN_free(a);
			BN_free(b);
			EC_GROUP_free(group);
		}
		ck_assert_int_eq(
			EVP_PKEY_get_octet_string_param(c->key, "pub", point, sizeof(point), &len),
			1);
		tlv_put(out, 0x86, view_of(point, len));
		if (params)
			tlv_put_u8(out, 0x87, 1);
	}
	BN_free(n);
	buf_free(&v);
}

/* By the key's scheme, with SHA-256: plain r || s, RSA PKCS#1 v1.5, or PSS with a salt as long as the hash. */
static void
sign_message(const struct doc_cert *c, struct view message, struct buf *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key;
	uint8_t der[600];
	const uint8_t *at = der;
	size_t n = sizeof(der);
	ECDSA_SIG *sig;

	ck_assert_int_eq(EVP_DigestSignInit_ex(ctx, &key, "SHA256", NULL, NULL, c->key, NULL), 1);
	if (c->scheme[0] == 1 && c->scheme[1] == 4) {
		ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING), 1);
		ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_pss_saltlen(key, RSA_PSS_SALTLEN_DIGEST), 1);
	}
	ck_assert_int_eq(EVP_DigestSign(ctx, der, &n, message.p, message.n), 1);
	EVP_MD_CTX_free(ctx);
	if (c->scheme[0] == 1) {
		buf_put(out, der, n);
		return;
	}
	sig = d2i_ECDSA_SIG(NULL, &at, (long)n);
	put_bn(ECDSA_SIG_get0_r(sig), 32, out);
	put_bn(ECDSA_SIG_get0_s(sig), 32, out);
	ECDSA_SIG_free(sig);
}

static void
put_date(struct buf *b, uint32_t tag, const char *digits)
{
	uint8_t date[6];
	int i;

	for (i = 0; i < 6; i++)
		date[i] = (uint8_t)(digits[i] - '0');
	tlv_put(b, tag, view_of(date, 6));
}

static void
put_body(const struct doc_cert *c, const struct doc_cert_spec *s, struct buf *b)
{
	const uint8_t role[] = { 0x04, 0x00, 0x7f, 0x00, 0x07, 0x03, 0x01, 0x02, (uint8_t)s->terminal };
	size_t all = tlv_open(b, 0x7f4e), mark, i, n = s->terminal == 2 ? 5 : 1;
	uint8_t rights[5];

	tlv_put_u8(b, 0x5f29, 0);
	tlv_put(b, 0x42, said(s->car));
	mark = tlv_open(b, 0x7f49);
	put_key(c, !s->no_params, b);
	tlv_close(b, mark);
	tlv_put(b, 0x5f20, said(s->chr));
	mark = tlv_open(b, 0x7f4c);
	tlv_put(b, 0x06, view_of(role, sizeof(role)));
	for (i = 0; i < n; i++)
		rights[i] = (uint8_t)(s->rights >> 8 * (n - 1 - i));
	tlv_put(b, 0x53, view_of(rights, n));
	tlv_close(b, mark);
	put_date(b, 0x5f25, s->effective);
	put_date(b, 0x5f24, s->expires);
	if (s->extensions.n > 0)
		tlv_put(b, 0x65, s->extensions);
	tlv_close(b, all);
}

void
doc_cert_make(struct doc_cert *out, const struct doc_cert *signer, const struct doc_cert_spec *spec)
{
	struct buf body = BUF(4096), signature = BUF(512);
	size_t mark;

	*out = (struct doc_cert) { .cvc = BUF(4096), .key = make_key(spec->rsa) };
	out->scheme[0] = spec->rsa ? 1 : 2;
	out->scheme[1] = spec->pss ? 4 : spec->rsa ? 2 : 3;
	ck_assert_ptr_nonnull(out->key);
	put_body(out, spec, &body);
	sign_message(signer ? signer : out, buf_view(&body), &signature);
	mark = tlv_open(&out->cvc, 0x7f21);
	buf_put_view(&out->cvc, buf_view(&body));
	tlv_put(&out->cvc, 0x5f37, buf_view(&signature));
	tlv_close(&out->cvc, mark);
	buf_free(&body);
	buf_free(&signature);
}

void
doc_cert_free(struct doc_cert *c)
{
	buf_free(&c->cvc);
	EVP_PKEY_free(c->key);
}

unsigned
doc_show(struct doc_terminal *t, const char *car, const struct doc_cert *cert, bool extended)
{
	struct buf data = BUF(64);
	struct view in = buf_view(&cert->cvc), part;
	struct tlv o;
	unsigned sw;

	tlv_put(&data, 0x83, said(car));
	sw = doc_command(t, "002281B6", buf_view(&data), 0, NULL);
	buf_free(&data);
	if (sw != 0x9000)
		return sw;
	ck_assert(tlv_next(&in, &o));
	in = o.value;
	if (extended)
		return doc_command(t, "002A00BE", in, 0, NULL);
	while (in.n > 200) {
		view_take(&in, 200, &part);
		sw = doc_command(t, "102A00BE", part, 0, NULL);
		if (sw != 0x9000)
			return sw;
	}
	return doc_command(t, "002A00BE", in, 0, NULL);
}

unsigned
doc_ta(struct doc_terminal *t, const struct doc_cert *cert, const char *chr, struct view compressed,
       struct view aux, bool v1, struct view id_picc)
{
	struct buf data = BUF(8192), r = BUF(16), message = BUF(8192), signature = BUF(512);
	const uint8_t oid[] = { 0x04, 0x00, 0x7f, 0x00, 0x07, 0x02, 0x02, 0x02, cert->scheme[0], cert->scheme[1] };
	unsigned sw;

	if (!v1)
		tlv_put(&data, 0x80, view_of(oid, sizeof(oid)));
	tlv_put(&data, 0x83, said(chr));
	if (!v1)
		tlv_put(&data, 0x91, compressed);
	if (t->wraps_aux)
		tlv_put(&data, 0x67, aux);
	else
		buf_put_view(&data, aux);
	sw = doc_command(t, "002281A4", buf_view(&data), 0, NULL);
	if (sw == 0x9000)
		sw = doc_command(t, "00840000", view_of(NULL, 0), 8, &r);
	if (sw == 0x9000) {
		buf_put_view(&message, id_picc);
		buf_put_view(&message, buf_view(&r));
		buf_put_view(&message, compressed);
		buf_put_view(&message, aux);
		sign_message(cert, buf_view(&message), &signature);
		sw = doc_command(t, "00820000", buf_view(&signature), 0, NULL);
	}
	buf_free(&data);
	buf_free(&r);
	buf_free(&message);
	buf_free(&signature);
	return sw;
}
