/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Secure messaging of PIV (SP 800-73-4 Part 2, 4): a vector, and a terminal for both suites. */
#include "cards/piv/sm.h"

#include <stdio.h>

#include "cards/piv/piv.h"
#include "command_ends.h"
#include "crypto/ec.h"
#include "crypto/mac.h"
#include "crypto/rand.h"
#include "known.h"
#include "model/object.h"
#include "onecard.h"
#include "support.h"

#define CERTIFICATE \
	"7F2181CF5F290180420800010203040506075F2010000102030405060708090A0B0C0D0E0F7F494D06082A8648CE3D030107" \
	"86410480119B224BAB7F159BF088928D7144282E7297B16102F28BD5A933C622BA554A02D6223EBA00656B59D880F95F2D3C" \
	"0F264F018C095935BB1EC9DA4ACFB18A695F4C01005F37573055300A06082A8648CE3D040302034700304402205D4A1FDDB5" \
	"473A0566F204879E08337256817AE4B789B64A621CC2D5DA7EE76A02206C02DCDB3FEE6AA5FC73BF8BFC68B6F74E9B72B423" \
	"9E59CBB28E5833A7C4B781"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define NONCE "8D3AB80EA49DDB8DAC6746C9241DE6AD"

/* --- random numbers that were recorded ------------------------------------------------------- */

static const char *recorded;

int __real_rand_bytes(void *p, size_t n);
int __wrap_rand_bytes(void *p, size_t n);

int
__wrap_rand_bytes(void *p, size_t n)
{
	struct view v = recorded ? known(recorded) : view_of(NULL, 0);

	if (v.n != n)
		return __real_rand_bytes(p, n);
	memcpy(p, v.p, n);
	return 0;
}

/* --- cards ------------------------------------------------------------------------ */

static const char vector_card[] =
	"{ \"format\": 2, \"type\": \"piv\", \"keys\": [ { \"ref\": 4, \"kind\": \"ec\", \"bits\": 256,"
	" \"value\": \"06082A8648CE3D030107 8820 C3F8FBEA4C9FA0A3F58F9FBF412BDEDC69C0DE920DF595DD2DB379AF68823ED3\","
	" \"label\": \"" CERTIFICATE "\" } ], \"mf\": { \"files\": [ { \"fid\": \"1001\", \"structure\": \"df\","
	" \"fcp\": { \"name\": \"A000000308000010000100\" }, \"application\": \"piv\", \"selected\": true,"
	" \"objects\": { \"7E\": \"4F0BA000000308000010000100 5F2F024000\", \"5FC105\": [ \"70 82 1000\", \"random:4096\" ] },"
	" \"pins\": [ { \"ref\": 0, \"value\": \"text:123456\", \"min\": 6, \"padding\": \"FF\" },"
	" { \"ref\": 24, \"value\": \"text:24681357\", \"min\": 8, \"tries_max\": 0 } ] } ] } }";

static void
open_card(const char *contents, const char *suite)
{
	const struct card_value values[] = { { "sm", suite }, { .name = NULL } };
	struct image_config cfg = { .type = "piv",
				    .contents = contents ? contents : piv_type.contents };
	struct card_config config = { .values = suite ? values : NULL };

	made = (struct new_card) { .card = NULL };
	ck_assert_msg(
		image_open(&made.image, &config.state, &cfg, made.error, sizeof(made.error)) == 0,
		"%s", made.error);
	made.env = (struct card_env) { .ctx = made.image,
				       .commit = image_commit,
				       .revert = image_revert };
	made.card = card = card_open(&piv_type, &config, &made.env);
	ck_assert_ptr_nonnull(card);
}

static void
teardown(void)
{
	recorded = NULL;
	free_card(&made);
}

/* --- the vector ------------------------------------------------------------------- */

#define ESTABLISH \
	"00872704507C4E814A00F85D000000000000049CCAF34616591B84FE273E4A5CE1F211CDB3A949713277CF180147CFD6B2EB" \
	"630BD0FE24E200AE55022DA1B6B409491CB24FF87C84EA0B573C32BA2A9211E701820000"

static void
open_vector(void)
{
	open_card(vector_card, NULL);
	recorded = NONCE;
	expect(ESTABLISH,
	       "7C81F78281F400" NONCE "24F285EE125AC4F02435EFC80C47BD69" CERTIFICATE "9000");
}

START_TEST(vector)
{
	open_vector();
	expect("0CCB3FFF2087110111FAA8141DC8777F5351577391A2A9809701008E087EEF903E747FDBA500",
	       "872101B2196DBF7B9608FDEB2A22D03FCF1F2BD8D75A9C90FB666A2F67722F994BFC28990290008E08FD40A26F118EEAEE9000");
	expect("0C2000801D8711019790F267DB924EAA192C397B0264F3218E082071DA75CAA2101800",
	       "990290008E081F8D2466FB3AD3A69000");
	expect("00200080", "9000");
}
END_TEST

/* Played again, out of order, changed: 6988, and the session is over. */
START_TEST(vector_disturbed)
{
	open_vector();
	expect("0C2000801D8711019790F267DB924EAA192C397B0264F3218E082071DA75CAA2101800", "6988");
	expect("0CCB3FFF2087110111FAA8141DC8777F5351577391A2A9809701008E087EEF903E747FDBA500",
	       "6982");
	expect("00200080", "63C3");
}
END_TEST

START_TEST(not_on)
{
	open_card(NULL, NULL);
	expect("0C2000800A 8E080000000000000000 00", "6882");
	expect("00872704 06 7C0481008200", "6A86");
	expect("0020009808 3132333435363738", "6A88");
}
END_TEST

/* --- a terminal ------------------------------------------------------------------- */

struct terminal {
	const char *name; /* of the suite, and what it is made of */
	uint8_t id, key_id;
	enum curve curve;
	enum digest hash;
	size_t key, nonce;

	uint8_t keys[4][32];
	uint8_t counter[16], mcv[16], rmcv[16];
};

static const struct terminal suites[] = {
	{ "CS2", PIV_CS2, 0x09, CURVE_P256, DIGEST_SHA256, 16, 16, .counter = { [15] = 1 } },
	{ "CS7", PIV_CS7, 0x0d, CURVE_P384, DIGEST_SHA384, 32, 24, .counter = { [15] = 1 } },
};

static unsigned
fetch(unsigned sw, struct buf *out)
{
	uint8_t more[] = { 0x00, 0xc0, 0x00, 0x00, 0x00 };

	while (sw >> 8 == 0x61) {
		more[4] = (uint8_t)sw;
		sw = send_raw(view_of(more, sizeof(more)), out);
	}
	return sw;
}

static void
put_id(struct buf *out, size_t n, const void *p)
{
	buf_u8(out, (uint8_t)n);
	buf_put(out, p, n);
}

/* Four keys out of the secret and what both have said. */
static void
derive(struct terminal *t, struct view z, struct view host, struct view card_id, struct view nonce)
{
	struct buf all = BUF(256), in = BUF(512);
	uint8_t i;

	for (i = 1; all.n < 4 * t->key; i++) {
		buf_reset(&in);
		buf_fill(&in, 0, 3);
		buf_u8(&in, i);
		buf_put_view(&in, z);
		buf_u8(&in, 4);
		buf_fill(&in, t->key_id, 4);
		put_id(&in, 8, host.p + 1);
		put_id(&in, 1, "");
		put_id(&in, 16, host.p + 10);
		put_id(&in, 8, card_id.p);
		put_id(&in, nonce.n, nonce.p);
		put_id(&in, 1, "");
		ck_assert_int_eq(digest_once(t->hash, buf_view(&in), &all), 0);
	}
	for (i = 0; i < 4; i++)
		memcpy(t->keys[i], all.p + i * t->key, t->key);
	buf_free(&all);
	buf_free(&in);
}

static void
check_confirmation(const struct terminal *t, struct view host, struct view card_id,
		   struct view given)
{
	struct buf in = BUF(256), mac = BUF(16);

	buf_put(&in, "KC_1_V", 6);
	buf_put_view(&in, card_id);
	buf_put_view(&in, view_slice(host, 1, 8));
	buf_put_view(&in, view_slice(host, 10, host.n));
	ck_assert_int_eq(mac_cmac(view_of(t->keys[0], t->key), buf_view(&in), &mac), 0);
	ck_assert_view(buf_view(&mac), given);
	buf_free(&in);
	buf_free(&mac);
}

/* Whether the holder of the certificate in 5FC122 has signed that. */
static void
check_signature(const struct terminal *t, struct view body, struct view signed_data)
{
	static const uint32_t path[] = { 0x30, 0x03, 0 };
	const uint8_t begin[] = { 0x03, (uint8_t)(curve_point(t->curve) + 1), 0x00, 0x04 };
	const struct object *o = object_find(iso()->state->fs.mf->children, PIV_OBJECT_SM_SIGNER);
	const uint8_t *at = memmem(o->value.p, o->value.n, begin, sizeof(begin));
	struct buf hash = BUF(DIGEST_MAX);
	struct view signature;
	struct ec *signer;

	ck_assert_ptr_nonnull(at);
	ck_assert_int_eq(ec_public(&signer, t->curve, view_of(at + 3, curve_point(t->curve))), 0);
	ck_assert(tlv_find_path(signed_data, path, &signature));
	ck_assert_int_eq(digest_once(t->hash, body, &hash), 0);
	ck_assert_int_eq(ec_verify(signer, EC_FORM_DER, buf_view(&hash),
				   view_slice(signature, 1, signature.n)),
			 0);
	ec_free(signer);
	buf_free(&hash);
}

/* The card's point out of its certificate. */
static struct view
check_certificate(const struct terminal *t, struct view cvc)
{
	struct view body, key, point, signature;
	struct tlv whole;

	ck_assert(tlv_next(&cvc, &whole) && whole.tag == 0x7f21 && cvc.n == 0);
	body = whole.value;
	ck_assert(tlv_find(body, 0x7f49, &key) && tlv_find(key, 0x86, &point));
	ck_assert_uint_eq(point.n, curve_point(t->curve));
	ck_assert(tlv_find(body, 0x5f37, &signature));
	if (object_find(iso()->state->fs.mf->children, PIV_OBJECT_SM_SIGNER))
		check_signature(t, view_slice(body, 0, (size_t)(signature.p - body.p) - 3),
				signature);
	return point;
}

static void
establish(struct terminal *t)
{
	struct buf host = BUF(256), cmd = BUF(512), rsp = BUF(2048), z = BUF(64), id = BUF(64);
	struct view outer, answer, nonce, confirmation, card_id;
	struct ec *ec;
	size_t mark, inner;

	ck_assert_int_eq(ec_generate(&ec, t->curve), 0);
	buf_u8(&host, 0);
	buf_put(&host, "terminal", 8);
	ck_assert_int_eq(ec_get_point(ec, &host), 0);
	buf_put_view(&cmd, known("008700 04"));
	cmd.p[2] = t->id;
	buf_u8(&cmd, (uint8_t)(host.n + 6));
	mark = tlv_open(&cmd, 0x7c);
	inner = tlv_open(&cmd, 0x81);
	buf_put_view(&cmd, buf_view(&host));
	tlv_close(&cmd, inner);
	tlv_put(&cmd, 0x82, view_of(NULL, 0));
	tlv_close(&cmd, mark);
	buf_u8(&cmd, 0);
	ck_assert_uint_eq(fetch(send_raw(buf_view(&cmd), &rsp), &rsp), 0x9000);
	ck_assert(tlv_find(buf_view(&rsp), 0x7c, &outer) && tlv_find(outer, 0x82, &answer));
	ck_assert_uint_eq(answer.p[0], 0);
	nonce = view_slice(answer, 1, t->nonce);
	confirmation = view_slice(answer, 1 + t->nonce, 16);
	answer = view_slice(answer, 17 + t->nonce, answer.n);
	ck_assert_int_eq(digest_once(DIGEST_SHA256, answer, &id), 0);
	card_id = view_slice(buf_view(&id), 0, 8);
	ck_assert_int_eq(ec_shared(ec, check_certificate(t, answer), &z), 0);
	derive(t, buf_view(&z), buf_view(&host), card_id, nonce);
	check_confirmation(t, buf_view(&host), card_id, confirmation);
	ec_free(ec);
	buf_free(&host);
	buf_free(&cmd);
	buf_free(&rsp);
	buf_free(&z);
	buf_free(&id);
}

static void
make_iv(const struct terminal *t, bool answer, uint8_t iv[16])
{
	struct buf out = BUF(16);
	uint8_t counter[16];

	memcpy(counter, t->counter, 16);
	counter[0] |= answer ? 0x80 : 0;
	ck_assert_int_eq(cipher_encrypt(CIPHER_AES, CIPHER_ECB, view_of(t->keys[2], t->key), NULL,
					view_of(counter, 16), &out), 0);
	memcpy(iv, out.p, 16);
	buf_free(&out);
}

static void
checksum(const struct terminal *t, unsigned key, uint8_t mcv[16], struct view header,
	 struct view objects)
{
	struct buf in = BUF(8192), out = BUF(16);

	buf_put(&in, mcv, 16);
	if (header.n > 0) {
		buf_put_view(&in, header);
		pad_iso(&in, 16, 16);
	}
	buf_put_view(&in, objects);
	ck_assert_int_eq(mac_cmac(view_of(t->keys[key], t->key), buf_view(&in), &out), 0);
	memcpy(mcv, out.p, 16);
	buf_free(&in);
	buf_free(&out);
}

/* A command, protected: header, Lc, objects, Le; in parts when it is long. */
static unsigned
protect(struct terminal *t, struct view header, struct view data, struct buf *rsp)
{
	struct buf objects = BUF(8192), plain = BUF(8192), part = BUF(300);
	uint8_t iv[16], checked[] = { 0x0c, header.p[1], header.p[2], header.p[3] };
	struct view rest;
	size_t mark, n;
	unsigned sw = 0x9000;

	if (data.n > 0) {
		buf_put_view(&plain, data);
		pad_iso(&plain, 0, 16);
		make_iv(t, false, iv);
		mark = tlv_open(&objects, 0x87);
		buf_u8(&objects, 1);
		ck_assert_int_eq(cipher_encrypt(CIPHER_AES, CIPHER_CBC, view_of(t->keys[2], t->key),
						iv, buf_view(&plain), &objects),
				 0);
		tlv_close(&objects, mark);
	}
	tlv_put_u8(&objects, 0x97, 0);
	checksum(t, 1, t->mcv, view_of(checked, 4), buf_view(&objects));
	tlv_put(&objects, 0x8e, view_of(t->mcv, 8));
	for (rest = buf_view(&objects); sw == 0x9000 && rest.n > 0;
	     rest = view_slice(rest, n, rest.n)) {
		n = rest.n > 200 ? 200 : rest.n;
		buf_reset(&part);
		buf_u8(&part, n < rest.n ? 0x1c : 0x0c);
		buf_put(&part, header.p + 1, 3);
		buf_u8(&part, (uint8_t)n);
		buf_put_view(&part, view_slice(rest, 0, n));
		if (n == rest.n)
			buf_u8(&part, 0);
		sw = send_raw(buf_view(&part), rsp);
	}
	buf_free(&objects);
	buf_free(&plain);
	buf_free(&part);
	return fetch(sw, rsp);
}

/* What a protected answer says: data, appended to out, and the status word inside. */
static unsigned
uncover(struct terminal *t, struct view answer, struct buf *out)
{
	struct view cipher = { .n = 0 }, sw, mac;
	uint8_t iv[16];
	size_t i = 16;

	checksum(t, 3, t->rmcv, view_of(NULL, 0), view_slice(answer, 0, answer.n - 10));
	ck_assert(tlv_find(answer, 0x99, &sw) && sw.n == 2);
	ck_assert(tlv_find(answer, 0x8e, &mac));
	ck_assert_view(mac, view_of(t->rmcv, 8));
	if (tlv_find(answer, 0x87, &cipher)) {
		struct buf plain = BUF(8192);
		struct view v;

		make_iv(t, true, iv);
		ck_assert_int_eq(cipher_decrypt(CIPHER_AES, CIPHER_CBC, view_of(t->keys[2], t->key),
						iv, view_slice(cipher, 1, cipher.n), &plain),
				 0);
		v = buf_view(&plain);
		ck_assert(unpad_iso(&v, 16));
		buf_put_view(out, v);
		buf_free(&plain);
	}
	while (i > 0 && ++t->counter[i - 1] == 0)
		i--;
	return (unsigned)(sw.p[0] << 8 | sw.p[1]);
}

/* Under the session: command and answer in hex; "*": any. */
static void
under_sm(struct terminal *t, const char *header, const char *data, const char *answer)
{
	struct buf rsp = BUF(8192), plain = BUF(8192);
	unsigned sw = protect(t, known(header), known(data), &rsp);

	ck_assert_uint_eq(sw, 0x9000);
	sw = uncover(t, buf_view(&rsp), &plain);
	buf_u16(&plain, (uint16_t)sw);
	ck_assert_msg(answer_is(buf_view(&plain), answer), "%s %s: not %s, but ..%04X, %zu bytes",
		      header, data, answer, sw, plain.n);
	buf_free(&rsp);
	buf_free(&plain);
}

#define TEMPLATE \
	"6135 4F06000010000100 79074F05A000000308 50087669636320504956" \
	"AC18 800105 800106 800107 800111 800114 800116"

START_TEST(both_suites)
{
	struct terminal t = suites[_i];
	char certificate[2 * 600 + 32];

	open_card(NULL, t.name);
	expect("00A4040005A000000308",
	       _i ? TEMPLATE "80012E 060100 9000" : TEMPLATE "800127 060100 9000");
	establish(&t);
	under_sm(&t, "00CB3FFF", "5C017E", "7E124F0BA0000003080000100001005F2F0240009000");
	under_sm(&t, "00200080", "393939393939FFFF", "63C2");
	under_sm(&t, "00200080", "313233343536FFFF", "9000");
	under_sm(&t, "00200080", "", "9000");
	/* what is plain in between does not disturb it */
	expect("00CB3FFF 05 5C035FC10C", "5308C10100C20100FE009000");
	under_sm(&t, "00CB3FFF", "5C035FC105", "6A82");
	under_sm(&t, "0087009B", "7C028100", "7C0A8108*9000");
	under_sm(&t, "00840000", "", "6D00");
	/* more than one part, and more than one answer */
	proofs_own(&iso()->channel[0].proven, iso()->state->fs.mf->children)->external |=
		UINT32_C(1) << 0x1b;
	snprintf(certificate, sizeof(certificate), "5C035FC105 53820258 %01200d", 0);
	under_sm(&t, "00DB3FFF", certificate, "9000");
	snprintf(certificate, sizeof(certificate), "53820258 %01200d 9000", 0);
	under_sm(&t, "00CB3FFF", "5C035FC105", certificate);
	/* a new session takes the place of the old one */
	t = suites[_i];
	establish(&t);
	under_sm(&t, "00200080", "", "9000");
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	expect("0C200080 0A 8E080000000000000000 00", "6982");
}
END_TEST

START_TEST(what_is_wrong)
{
	struct terminal t = suites[0];
	static const char *const wrong[][2] = {
		{ "0C200080 00", "6987" },                              /* nothing */
		{ "0C200080 03 970100 00", "6987" },                    /* no checksum */
		{ "0C200080 0A 8E080000000000000000 00", "6988" },      /* another one */
		{ "0C200080 06 8E0400000000 00", "6988" },              /* a short one */
		{ "0C200080 0D 8E080000000000000000 970100 00", "6988" }, /* not at the end */
		/* an object that there is not */
		{ "0C200080 0D 8101008E080000000000000000 00", "6988" },
		{ "0C200080 02 8E08 00", "6988" },                      /* no whole object */
	};
	size_t i;

	open_card(NULL, "CS2");
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		t = suites[0];
		establish(&t);
		expect(wrong[i][0], wrong[i][1]);
		/* the session is over */
		expect("0C200080 0A 8E080000000000000000 00", "6982");
	}
	expect("00872E04 06 7C0481008200", "6A86");
	expect("00872704 06 7C0481020000", "6A80");
	expect("00872704 50 7C4E 814A 01 0000000000000000 04" ZEROS ZEROS " 8200", "6A80");
	expect("00872704 50 7C4E 814A 00 0000000000000000 04" ZEROS ZEROS " 8200", "6A80");
}
END_TEST

/* A chain is protected as one, or not at all. */
START_TEST(mixed_parts)
{
	struct terminal t = suites[0];

	open_card(NULL, "CS2");
	establish(&t);
	expect("1C200080 03 870101", "9000");
	expect("00200080 08 313233343536FFFF", "6883");
	expect("0C200080 0A 8E080000000000000000 00", "6982");
}
END_TEST

START_TEST(pairing_code)
{
	struct terminal t = suites[0];

	open_card(vector_card, NULL);
	expect("00200098 08 3234363831333537", "6982");
	establish(&t);
	under_sm(&t, "00200098", "3234363831333536", "6300");
	under_sm(&t, "00200098", "3234363831333537", "9000");
	under_sm(&t, "00200098", "32343638", "6A80");
	under_sm(&t, "00200198", "3234363831333537", "6A86");
}
END_TEST

/* The key stays, and its certificate names the card also after it has begun anew. */
START_TEST(reset_keeps_it)
{
	struct terminal t = suites[0];
	struct iso *c;

	open_card(NULL, "CS2");
	c = (struct iso *)card;
	c->state->sam.pins->code.tries = c->state->sam.pins->puk.tries = 0;
	expect("00FB0000", "9000");
	ck_assert_ptr_nonnull(object_find(c->state->fs.mf->children, PIV_OBJECT_SM_SIGNER));
	establish(&t);
	under_sm(&t, "00200080", "313233343536FFFF", "9000");
}
END_TEST

/* Without memory there is no session, and no half of one; with it, there is. */
START_TEST(no_memory)
{
	unsigned long n;
	bool refused = true;
	unsigned sw;

	for (n = 1; refused; n++) {
		open_card(vector_card, NULL);
		sw = command_ends(ESTABLISH, n, &refused);
		ck_assert_uint_eq(sw, refused ? 0x6a84 : 0x9000);
		expect("0C200080 0A 8E080000000000000000 00", refused ? "6982" : "6988");
		teardown();
	}
	ck_assert_uint_gt(n, 5);
	open_card(vector_card, NULL);
}
END_TEST

/* An option may take the other application off the card, and nothing else. */
START_TEST(without_management)
{
	const struct card_value values[] = { { "no-management", "" }, { .name = NULL } };

	free_card(&made);
	made = (struct new_card) { .image = NULL };
	{
		struct image_config cfg = { .type = "piv", .contents = piv_type.contents };
		struct card_config config = { .values = values };

		ck_assert_int_eq(image_open(&made.image, &config.state, &cfg, made.error,
					    sizeof(made.error)),
				 0);
		card = made.card = card_open(&piv_type, &config, &made.env);
	}
	ck_assert_ptr_nonnull(card);
	expect("00A40400 08 A000000527471117", "6A82");
	expect("00A4040C 05 A000000308", "9000");
}
END_TEST

/* Nor does the card come without what was asked for. */
START_TEST(no_memory_for_the_option)
{
	const struct card_value values[] = { { "sm", "CS7" }, { .name = NULL } };
	struct card_env env = { .ctx = NULL };
	unsigned long n;

	for (n = 1;; n++) {
		struct image_config cfg = { .type = "piv", .contents = piv_type.contents };
		struct card_config config = { .values = values };
		struct image *image;
		bool hit;

		ck_assert_int_eq(
			image_open(&image, &config.state, &cfg, made.error, sizeof(made.error)), 0);
		allocations = 0;
		failing = n;
		card = card_open(&piv_type, &config, &env);
		hit = allocations >= failing;
		failing = 0;
		ck_assert(hit == (card == NULL));
		card_free(card);
		image_free(image);
		if (!hit)
			break;
	}
	ck_assert_uint_gt(n, 20);
	open_card(vector_card, NULL);
}
END_TEST

/* A key on another curve, or without a certificate, is none for this. */
START_TEST(keys_of_no_suite)
{
	static const char image[] =
		"{ \"format\": 2, \"type\": \"piv\", \"keys\": [ { \"ref\": 4, \"kind\": \"ec\", \"bits\": 521,"
		" \"value\": \"06052B81040023 8801 05\", \"label\": \"7F2100\" } ], \"mf\": { \"files\": [ { \"fid\": \"1001\","
		" \"structure\": \"df\", \"fcp\": { \"name\": \"A000000308000010000100\" }, \"application\": \"piv\","
		" \"selected\": true } ] } }";

	open_card(image, NULL);
	expect("00872704 06 7C0481008200", "6A86");
	expect("0C200080 0A 8E080000000000000000 00", "6882");
}
END_TEST

/* A card keeps the key that it has; one that has no GUID cannot be certified. */
START_TEST(option_where_it_is_too_late)
{
	const struct card_value values[] = { { "sm", "CS2" }, { .name = NULL } };
	struct image_config cfg = {
		.type = "piv",
		.contents = "{ \"format\": 2, \"type\": \"piv\", \"mf\": { \"files\": [ { \"fid\": \"1001\","
			    " \"structure\": \"df\", \"fcp\": { \"name\": \"A000000308000010000100\" },"
			    " \"application\": \"piv\" } ] } }",
	};
	struct card_config config = { .values = values };
	struct card_env env = { .ctx = NULL };
	struct image *image;

	ck_assert_int_eq(image_open(&image, &config.state, &cfg, made.error, sizeof(made.error)),
			 0);
	ck_assert_ptr_null(card_open(&piv_type, &config, &env));
	image_free(image);
	open_card(vector_card, "CS7");
	expect("00872E04 06 7C0481008200", "6A86");
	expect("00872704 06 7C0481008200", "6A80");
}
END_TEST

START_TEST(room_in_an_answer)
{
	struct secret keys[PIV_SM_KEYS] = { { .n = 16 }, { .n = 16 }, { .n = 16 }, { .n = 16 } };
	struct sm *sm = piv_sm_new(keys);
	struct apdu cmd = { .ins = 0xcb };
	struct buf rsp = BUF(512);
	size_t n;

	open_card(NULL, NULL);
	for (n = 0; n < 300; n++) {
		size_t plain = sm_room(sm, &cmd, n);

		buf_reset(&rsp);
		buf_fill(&rsp, 0x55, plain);
		ck_assert_int_eq(sm_wrap(sm, &cmd, SW_OK, &rsp), 0);
		ck_assert(plain == 0 || rsp.n <= n);
	}
	buf_free(&rsp);
	sm_free(sm);
}
END_TEST

/* --- whatever comes --------------------------------------------------------------- */

#define SECRET_KEY "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433"
#define SECRET_ADMIN "A0A1A2A3A4A5A6A7B0B1B2B3B4B5B6B7C0C1C2C3C4C5C6C7"

static const char random_card[] =
	"{ \"format\": 2, \"type\": \"piv\", \"serial\": \"01020304\", \"mf\": { \"files\": [ { \"fid\": \"1001\","
	" \"structure\": \"df\", \"fcp\": { \"name\": \"A000000308000010000100\" }, \"application\": \"piv\","
	" \"selected\": true, \"objects\": { \"5FC102\": \"3410000102030405060708090A0B0C0D0E0F\" },"
	" \"pins\": [ { \"ref\": 0, \"value\": \"text:123456\", \"min\": 6, \"padding\": \"FF\", \"tries_max\": 255,"
	" \"puk\": \"text:12345678\", \"puk_padding\": \"FF\", \"puk_tries_max\": 255 } ],"
	" \"keys\": [ { \"ref\": 27, \"kind\": \"des3\", \"value\": \"" SECRET_ADMIN "\" },"
	" { \"ref\": 26, \"kind\": \"ec\", \"bits\": 256, \"value\": \"06082A8648CE3D030107 8820 " SECRET_KEY
	"\" } ] } ] } }";

static uint32_t seed;

static unsigned
random_below(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

/* Data that are almost objects: tags that mean something, lengths that are mostly right. */
static void
put_random_objects(struct buf *out, unsigned depth)
{
	static const uint32_t tags[] = {
		0x7c, 0x80, 0x81, 0x82, 0x85, 0xac, 0x5c, 0x53, 0xaa, 0xab, 0x7e, 0x7f61,
		6, 7, 8, 1,
	};
	unsigned n = random_below(4), i;

	while (n-- > 0) {
		size_t mark = tlv_open(out, tags[random_below(sizeof(tags) / sizeof(*tags))]);

		if (depth > 0 && random_below(2)) {
			put_random_objects(out, depth - 1);
		} else {
			for (i = random_below(random_below(8) ? 24 : 100); i > 0; i--)
				buf_u8(out, (uint8_t)random_below(256));
		}
		tlv_close(out, mark);
	}
	if (out->n > 0 && !random_below(8))
		out->p[random_below((unsigned)out->n)] ^= (uint8_t)(1u << random_below(8));
}

static void
put_random_data(struct buf *out)
{
	static const char *const good[] = {
		"5C035FC102", "5C017E", "5C035FC101", "313233343536FFFF", "AC03800111", "7C028000",
		"7C028100", "7C06820081021234", "A000000308", "A000000527471117",
		"5C035FC10153027000", "049B",
		"313233343536FFFF313233343536FFFF", ("0620" SECRET_KEY),
	};

	if (random_below(2))
		buf_put_view(out, known(good[random_below(sizeof(good) / sizeof(*good))]));
	else
		put_random_objects(out, 2);
}

static void
put_random_header(struct buf *out)
{
	static const uint8_t ins[] = {
		0x20, 0x24, 0x2c, 0x47, 0x87, 0xa4, 0xcb, 0xdb, 0xf6, 0xf7, 0xf8, 0xf9,
		0xfa, 0xfb, 0xfd, 0xfe, 0xff, 0x1d, 0xc0, 0x87, 0xcb,
	};
	static const uint8_t p[] = {
		0,    0,    0x9a, 0x9b, 0x9c, 0x9e, 0x80, 0x81, 0x04, 0x11,
		0x14, 0x03, 0x27, 0xe0, 0xe1, 0xff, 0xfe, 0x3f, 0xf9, 0x82,
	};

	buf_u8(out, 0);
	buf_u8(out, random_below(20) ? ins[random_below(sizeof(ins))] : (uint8_t)random_below(256));
	buf_u8(out, p[random_below(sizeof(p))]);
	buf_u8(out, p[random_below(sizeof(p))]);
	if (out->p[1] == 0xcb || out->p[1] == 0xdb) {
		out->p[2] = 0x3f;
		out->p[3] = 0xff;
	} else if (out->p[1] == 0xa4) {
		out->p[2] = 0x04;
		out->p[3] = 0x00;
	}
}

/* Nothing of a key leaves the card. */
static void
check_answer(struct view answer)
{
	static const char *const secrets[] = { SECRET_KEY, SECRET_ADMIN };
	size_t i;

	for (i = 0; answer.n > 0 && i < 2; i++) {
		struct view secret = known(secrets[i]);

		ck_assert_ptr_null(memmem(answer.p, answer.n, secret.p, secret.n));
	}
}

enum { FRESH, PIN_PROVEN, ADMIN_PROVEN, UNDER_SM, STATES };

static void
force_state(int what)
{
	struct iso *c = (struct iso *)card;
	struct auth *proven = proofs_own(&c->channel[0].proven, c->state->fs.mf->children);

	*proven = (struct auth) { 0 };
	if (what >= PIN_PROVEN)
		proven->user |= 1;
	if (what >= ADMIN_PROVEN)
		proven->external |= UINT32_C(1) << 0x1b;
}

static void
send_plain(struct view header, struct view data, struct buf *rsp)
{
	struct buf raw = BUF(512);

	buf_put_view(&raw, header);
	if (data.n > 0)
		buf_u8(&raw, (uint8_t)data.n);
	buf_put_view(&raw, data);
	if (random_below(2))
		buf_u8(&raw, (uint8_t)random_below(3));
	if (!random_below(12))
		raw.p[0] = random_below(2) ? 0x10 : 0x0c;
	send_raw(buf_view(&raw), rsp);
	buf_free(&raw);
}

/*
 * Where another application answers, which has no such session, or keys were agreed on
 * anew: begin again.
 */
static void
send_protected(struct terminal *t, struct view header, struct view data, struct buf *rsp)
{
	struct buf plain = BUF(CARD_RESPONSE_MAX);
	uint8_t ins = header.p[1];
	unsigned sw = protect(t, header, data, rsp);

	if (sw == 0x9000) {
		uncover(t, buf_view(rsp), &plain);
		check_answer(buf_view(&plain));
	}
	if (sw != 0x9000 || ins == 0xa4 || ins == 0x87) {
		card_power(card, CARD_RESET);
		*t = suites[0];
		establish(t);
	}
	buf_free(&plain);
}

START_TEST(ten_thousand_commands)
{
	struct terminal t = suites[0];
	unsigned i;

	open_card(random_card, "CS2");
	made.env.interrupted = nobody_waits;
	seed = 17 + (uint32_t)_i;
	if (_i == UNDER_SM)
		establish(&t);
	for (i = 0; i < 10000; i++) {
		struct buf header = BUF(4), data = BUF(255), rsp = BUF(CARD_RESPONSE_MAX);

		force_state(_i);
		put_random_header(&header);
		put_random_data(&data);
		if (data.failed)
			buf_reset(&data);
		if (_i == UNDER_SM)
			send_protected(&t, buf_view(&header), buf_view(&data), &rsp);
		else
			send_plain(buf_view(&header), buf_view(&data), &rsp);
		check_answer(buf_view(&rsp));
		buf_free(&header);
		buf_free(&data);
		buf_free(&rsp);
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("sm");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, vector);
	tcase_add_test(tc, vector_disturbed);
	tcase_add_test(tc, not_on);
	tcase_add_loop_test(tc, both_suites, 0, 2);
	tcase_add_test(tc, what_is_wrong);
	tcase_add_test(tc, mixed_parts);
	tcase_add_test(tc, pairing_code);
	tcase_add_test(tc, reset_keeps_it);
	tcase_add_test(tc, no_memory);
	tcase_add_test(tc, without_management);
	tcase_add_test(tc, no_memory_for_the_option);
	tcase_add_test(tc, keys_of_no_suite);
	tcase_add_test(tc, option_where_it_is_too_late);
	tcase_add_test(tc, room_in_an_answer);
	tcase_add_loop_test(tc, ten_thousand_commands, 0, STATES);
	return run("sm", tc);
}
