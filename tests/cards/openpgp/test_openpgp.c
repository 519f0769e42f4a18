/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The OpenPGP card beyond what its scripts say: RSA, options, memory that ends, commands at random. */
#include "cards/openpgp/openpgp.h"

#include <errno.h>

#include "cards/openpgp/personal.h"
#include "cards/token/token.h"
#include "codec/tlv.h"
#include "command_ends.h"
#include "known.h"
#include "model/key.h"
#include "model/object.h"
#include "onecard.h"
#include "personal.h"
#include "support.h"

#define PW1 "313233343536"
#define PW3 "3132333435363738"

static void
open_card(const char *contents)
{
	open_new_card(&openpgp_type, contents, NULL);
}

static void
setup(void)
{
	open_card(NULL);
}

static struct file *
df(void)
{
	return iso_app_file(&iso()->state->fs, "openpgp");
}

static void
prove(uint32_t bits)
{
	proofs_own(&iso()->channel[0].proven, df())->user = bits;
}

#define ALL 0x0eu

/* --- RSA ------------------------------------------------------------------------------------- */

static const struct {
	uint8_t tag;
	enum rsa_part part;
} parts[] = {
	{ 0x91, RSA_PART_E },  { 0x92, RSA_PART_P },  { 0x93, RSA_PART_Q }, { 0x94, RSA_PART_QINV },
	{ 0x95, RSA_PART_DP }, { 0x96, RSA_PART_DQ }, { 0x97, RSA_PART_N },
};

/* The first n parts of a private key, for the key of this template. */
static void
put_import(struct buf *out, const struct rsa *rsa, uint8_t crt, size_t n)
{
	struct buf tags = BUF(64), values = BUF(4096);
	size_t i, before, list;

	for (i = 0; i < n; i++) {
		before = values.n;
		ck_assert_int_eq(rsa_get(rsa, parts[i].part, &values), 0);
		tlv_put_tag(&tags, parts[i].tag);
		tlv_put_length(&tags, values.n - before);
	}
	list = tlv_open(out, 0x4d);
	tlv_put(out, crt, view_of(NULL, 0));
	tlv_put(out, 0x7f48, buf_view(&tags));
	tlv_put(out, 0x5f48, buf_view(&values));
	tlv_close(out, list);
	buf_free(&tags);
	buf_free(&values);
}

static struct rsa *
new_rsa(size_t bits)
{
	struct rsa *rsa;

	ck_assert_int_eq(rsa_generate(&rsa, bits, view_of(NULL, 0), NULL, NULL), 0);
	return rsa;
}

static const size_t numbers[] = { 3, 6, 7 };

START_TEST(rsa_brought_and_used)
{
	struct buf data = BUF(4096), out = BUF(4096), back = BUF(RSA_KEY_SIZE_MAX);
	struct rsa *rsa = new_rsa(2048);
	struct view key, n;

	prove(ALL);
	put_import(&data, rsa, 0xb6, numbers[_i]);
	ck_assert_uint_eq(ask(0xdb, 0x3fff, buf_view(&data), &out), 0x9000);
	/* the public half, its modulus at its length */
	ck_assert_uint_eq(ask(0x47, 0x8100, known("B600"), &out), 0x9000);
	ck_assert(tlv_find(buf_view(&out), 0x7f49, &key) && tlv_find(key, 0x81, &n));
	ck_assert_uint_eq(n.n, 256);
	buf_free(&out);
	/* whatever it is, it is padded and signed */
	ck_assert_uint_eq(ask(0x2a, 0x9e9a, known("0102030405"), &out), 0x9000);
	ck_assert_int_eq(rsa_verify_pkcs1(rsa, known("0102030405"), buf_view(&out)), 0);
	buf_free(&out);
	/* deciphered, without the padding */
	buf_reset(&data);
	put_import(&data, rsa, 0xb8, numbers[_i]);
	ck_assert_uint_eq(ask(0xdb, 0x3fff, buf_view(&data), &out), 0x9000);
	buf_reset(&data);
	buf_u8(&data, 0x00);
	ck_assert_int_eq(rsa_encrypt_pkcs1(rsa, known("0A0B0C"), &data), 0);
	ck_assert_uint_eq(ask(0x2a, 0x8086, buf_view(&data), &out), 0x9000);
	ck_assert_buf(&out, known("0A0B0C"));
	/* whatever is wrong with it, one answer; no padding (a wrong cryptogram by chance has one) */
	memset(data.p + 1, 0, data.n - 1);
	ck_assert_uint_eq(ask(0x2a, 0x8086, buf_view(&data), &out), 0x6a80);
	ck_assert_uint_eq(ask(0x2a, 0x8086, view_slice(buf_view(&data), 0, 256), &out), 0x6a80);
	buf_u8(&data, 0x00);
	ck_assert_uint_eq(ask(0x2a, 0x8086, buf_view(&data), &out), 0x6a80);
	ck_assert_uint_eq(out.n, 0);
	rsa_free(rsa);
	buf_free(&data);
	buf_free(&back);
}
END_TEST

START_TEST(rsa_that_is_refused)
{
	struct buf data = BUF(4096), out = BUF(4096), longest = BUF(256);
	struct rsa *rsa = new_rsa(2048), *other = new_rsa(3072);

	prove(ALL);
	put_import(&data, rsa, 0xb6, 2);
	ck_assert_uint_eq(ask(0xdb, 0x3fff, buf_view(&data), &out), 0x6a80);
	buf_reset(&data);
	/* of another size than the attributes say */
	put_import(&data, other, 0xb6, 3);
	ck_assert_uint_eq(ask(0xdb, 0x3fff, buf_view(&data), &out), 0x6a80);
	buf_reset(&data);
	/* n is not p times q */
	put_import(&data, rsa, 0xb6, 7);
	data.p[data.n - 2] ^= 0x10;
	ck_assert_uint_eq(ask(0xdb, 0x3fff, buf_view(&data), &out), 0x6a80);
	expect("0047810002B60000", "6A88");
	/* as many bytes as there is room for, and one more */
	buf_reset(&data);
	put_import(&data, rsa, 0xb6, 3);
	ck_assert_uint_eq(ask(0xdb, 0x3fff, buf_view(&data), &out), 0x9000);
	buf_fill(&longest, 0x5a, 245);
	ck_assert_uint_eq(ask(0x2a, 0x9e9a, buf_view(&longest), &out), 0x9000);
	buf_fill(&longest, 0x5a, 1);
	prove(ALL);
	ck_assert_uint_eq(ask(0x2a, 0x9e9a, buf_view(&longest), &out), 0x6700);
	expect("00CA009300", "000001 9000");
	rsa_free(rsa);
	rsa_free(other);
	buf_free(&data);
	buf_free(&out);
	buf_free(&longest);
}
END_TEST

#define HASH "9834876DCFB05CB167A5C24953EBA58C4AC89B1ADF57F28F2F9D09AF107EE8F0"

/* What it signs, the public half that it tells verifies. */
START_TEST(signatures_of_each_curve)
{
	static const char *const attributes[] = {
		"132A8648CE3D030107",   "132B81040022",         "132B81040023",
		"132B2403030208010107", "132B240303020801010B", "132B240303020801010D",
		"132B8104000A",         "162B06010401DA470F01", "162B6571",
	};
	struct buf out = BUF(1024);
	struct sam_key *k;

	prove(ALL);
	ck_assert_uint_eq(ask(0xda, 0x00c1, known(attributes[_i]), &out), 0x9000);
	ck_assert_uint_eq(ask(0x47, 0x8000, known("B600"), &out), 0x9000);
	buf_free(&out);
	ck_assert_uint_eq(ask(0x2a, 0x9e9a, known(HASH), &out), 0x9000);
	k = sam_key_find(&iso()->state->sam, df()->uid, OPENPGP_SIG);
	if (key_ec(k))
		ck_assert_int_eq(ec_verify(key_ec(k), EC_FORM_PLAIN, known(HASH), buf_view(&out)),
				 0);
	else
		ck_assert_int_eq(ed_verify(key_ed(k), known(HASH), buf_view(&out)), 0);
	buf_free(&out);
}
END_TEST

/* --- options, images -------------------------------------------------------------------------- */

static void
open_with(const struct card_type *type, const struct card_value *values, const char *serial)
{
	struct buf number = BUF(16);
	struct image_config cfg = { .type = type->name, .contents = type->contents };
	struct card_config config = { .values = values };

	free_card(&made);
	made = (struct new_card) { .env = { .log = NULL } };
	ck_assert(hex_read(&number, serial));
	cfg.serial = buf_view(&number);
	ck_assert_int_eq(
		image_open(&made.image, &config.state, &cfg, made.error, sizeof(made.error)), 0);
	card = made.card = card_open(type, &config, &made.env);
	ck_assert_ptr_nonnull(card);
	buf_free(&number);
}

#define SELECT_TO_SIGN "00A4040006D27600012401"

START_TEST(what_options_say)
{
	static const struct card_value values[] = {
		{ "touch", "no" },   { "name", "Doe<<Jane" }, { "url", "https://example.org" },
		{ "login", "jane" }, { "no-management", "" }, { .name = NULL },
	};

	open_with(&openpgp_type, values, "0102030405060708");
	expect("00CA004F00", "D2760001240103 04FFFE 05060708 0000 9000");
	expect("00CA005B00", "446F653C3C4A616E65 9000");
	expect("00CA5F5000", "68747470733A2F2F6578616D706C652E6F7267 9000");
	expect("00CA005E00", "6A616E65 9000");
	expect("00A4040008A000000527471117", "6A82");
	/* nobody presses the button, of what asks for it */
	prove(ALL);
	expect("00DA00C10A 162B06010401DA470F01", "9000");
	expect("0047800002B60000", "7F49*9000");
	expect("002A9E9A010000", "*9000");
	prove(ALL);
	expect("00DA00D6020120", "9000");
	expect("002A9E9A010000", "6600");
	expect("00CA009300", "000001 9000");
	open_with(&token_type, values, "07");
	expect(SELECT_TO_SIGN "00", "6F128410 D2760001240103 04FFFE 00000007 0000 9000");
}
END_TEST

START_TEST(button_after_a_while)
{
	static const struct card_value values[] = { { "touch", "60" }, { .name = NULL } };

	open_with(&openpgp_type, values, "07");
	prove(ALL);
	expect("00DA00C10A 162B06010401DA470F01", "9000");
	expect("0047800002B60000", "7F49*9000");
	expect("00DA00D6020120", "9000");
	expect("002A9E9A010000", "*9000");
}
END_TEST

/* The process is to end: nobody waits for a finger. */
static bool
ends(void *ctx)
{
	(void)ctx;
	return true;
}

START_TEST(button_at_the_end)
{
	static const struct card_value values[] = { { "touch", "30000" }, { .name = NULL } };

	open_with(&openpgp_type, values, "07");
	prove(ALL);
	expect("00DA00C10A 162B06010401DA470F01", "9000");
	expect("0047800002B60000", "7F49*9000");
	expect("00DA00D6020120", "9000");
	made.env.interrupted = ends;
	expect("002A9E9A010000", "6600");
}
END_TEST

START_TEST(wrong_options)
{
	static const struct {
		const char *name, *right, *wrong;
	} values[] = {
		{ "touch", "yes", "maybe" },
		{ "touch", "30000", "30001" },
		{ "touch", "0", "-1" },
		{ "touch", "no", "" },
		{ "name", "D", "" },
		{ "name", "Doe<<Jane",
		  "D\xc3\xb6"
		  "e" },
		{ "url", "u", "" },
		{ "login", "l", "" },
		{ "name", "123456789012345678901234567890123456789",
		  "1234567890123456789012345678901234567890" },
	};
	const struct card_option *o = card_option_find(&openpgp_type, values[_i].name);

	ck_assert_ptr_null(o->fault(values[_i].right));
	ck_assert_ptr_nonnull(o->fault(values[_i].wrong));
}
END_TEST

/* An image without PINs or with attributes that mean nothing is refused gently. */
START_TEST(an_image_that_says_little)
{
	open_card(
		"{ \"format\": 2, \"type\": \"openpgp\", \"serial\": \"07\", \"mf\": { \"files\": [ { \"fid\": \"2001\","
		" \"structure\": \"df\", \"fcp\": { \"name\": \"D27600012401\" }, \"application\": \"openpgp\","
		" \"selected\": true, \"objects\": { \"C1\": \"99\", \"C2\": \"99\", \"F9\": \"99\", \"D6\": \"01\" },"
		" \"keys\": [ { \"ref\": 1, \"kind\": \"aes\", \"value\": \"000102030405060708090A0B0C0D0E0F\" },"
		" { \"ref\": 3, \"kind\": \"aes\", \"value\": \"000102030405060708090A0B0C0D0E0F\" } ] } ] } }");
	expect("00200081 06 " PW1, "6A88");
	expect("00240081 06 " PW1, "6A88");
	expect("002C0081 06 " PW1, "6A88");
	expect("00E60000", "6982");
	expect("00CA00C400", "00000000 000000 9000");
	prove(ALL);
	expect("00DA00D308" PW3, "6A88");
	expect("0047800002B60000", "6985");
	expect("0047810002B60000", "6A88");
	expect("002A9E9A010000", "6985");
	expect("0088000001 00 00", "6985");
	expect("00DB3FFF0D 4D0B B600 7F4802 9201 5F4801 05", "6985");
	expect("00DA00F9", "9000");
	expect("00E60000", "9000");
	expect("00440000", "9000");
	expect("00CA00C100", "010800002000 9000");
}
END_TEST

/* --- cards that are made with keys ------------------------------------------------------------ */

static void
fill(sw_t sw)
{
	ck_assert_uint_eq(openpgp_personal.personalise(iso()->state, &p), sw);
	import_free(&p.from);
}

START_TEST(keys_in_places)
{
	begin_personal();
	add_ed(ED_25519, OPENPGP_SIG);
	add_ed(ED_X25519, OPENPGP_DEC);
	add_ec(0);
	ck_assert(secret_set(&p.secrets[PERSONAL_PUK], known("3939393939393939")));
	ck_assert(secret_set(&p.secrets[PERSONAL_SO_PIN], known("3838383838383838")));
	fill(SW_OK);
	expect("00CA00DE00", "0101 0201 0302 9000");
	expect("00CA00C100", "162B06010401DA470F01 9000");
	expect("00CA00C200", "122B060104019755010501 9000");
	expect("00CA00C300", "132A8648CE3D030107 9000");
	expect("00CA00C400", "007F7F7F030303 9000");
	expect("00200082 06 323436383130", "9000");
	expect("00200083 08 3838383838383838", "9000");
	expect("0088000020" HASH "00", "*9000");
}
END_TEST

START_TEST(one_key_everywhere)
{
	begin_personal();
	add_ec(0);
	fill(SW_OK);
	expect("00CA00DE00", "0102 0202 0302 9000");
	expect("00CA00C200", "122A8648CE3D030107 9000");
	expect("00200083 08 " PW3, "9000");
	expect("00CA00C400", "007F7F7F030003 9000");
}
END_TEST

START_TEST(no_place_for_it)
{
	begin_personal();
	add_ec(OPENPGP_SIG);
	add_ec(OPENPGP_SIG);
	fill(SW_FILE_EXISTS);
	setup();
	begin_personal();
	add_ec(0);
	add_ec(0);
	fill(SW_FILE_EXISTS);
	ck_assert_uint_eq(openpgp_personal.place("sig"), OPENPGP_SIG);
	ck_assert_uint_eq(openpgp_personal.place("dec"), OPENPGP_DEC);
	ck_assert_uint_eq(openpgp_personal.place("aut"), OPENPGP_AUT);
	ck_assert_uint_eq(openpgp_personal.place("9a"), 0);
	begin_personal();
	add_ed(ED_X448, 0);
	ck_assert(!openpgp_personal.fits(&p.from.keys[0], OPENPGP_SIG));
	ck_assert(openpgp_personal.fits(&p.from.keys[0], OPENPGP_DEC));
	ck_assert_ptr_null(openpgp_personal.fault(&p.from.keys[0]));
	import_free(&p.from);
	ck_assert_int_eq(ec_generate(&p.from.keys[0].ec, CURVE_P192), 0);
	ck_assert_ptr_nonnull(openpgp_personal.fault(&p.from.keys[0]));
	p.from.n_keys = 1;
	import_free(&p.from);
}
END_TEST

/* --- memory that ends --------------------------------------------------------------------------- */

#define KEY "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433"

static const struct {
	const char *before, *command;
} at_the_end_of_memory[] = {
	{ NULL, "00DA00C10A 162B06010401DA470F01" },
	{ "00DA00C10A 162B06010401DA470F01", "0047800002B60000" },
	{ "00DA00C209 122A8648CE3D030107", "00DB3FFF2C 4D2A B800 7F480292205F4820" KEY },
	{ "00DA00C10A 162B06010401DA470F01", "00DB3FFF2C 4D2A B600 7F480292205F4820" KEY },
	{ NULL, "00DA00D510 000102030405060708090A0B0C0D0E0F" },
	{ NULL, "00DA005B03 446F65" },
	{ NULL, "00DA00C40101" },
	{ NULL, "00DA00F95A 810103 820108 830400000100 84080102030405060708 8720" KEY "8820" KEY },
	{ "00E60000", "00440000" },
};

START_TEST(no_memory)
{
	const char *before = at_the_end_of_memory[_i].before;
	bool hit = true;
	unsigned long n;
	unsigned sw;

	for (n = 1; hit; n++) {
		setup();
		prove(ALL);
		if (before)
			expect(before, "9000");
		prove(ALL);
		sw = command_ends(at_the_end_of_memory[_i].command, n, &hit);
		ck_assert_uint_eq(sw, hit ? 0x6a84 : 0x9000);
		if (hit)
			ck_assert_uint_eq(commits, 0);
	}
	ck_assert_uint_gt(n, 1);
}
END_TEST

/* --- whatever comes ------------------------------------------------------------------------------- */

#define SECRET_AES "A0A1A2A3A4A5A6A7B0B1B2B3B4B5B6B7"

static const char random_card[] =
	"{ \"format\": 2, \"type\": \"openpgp\", \"serial\": \"01020304\", \"mf\": { \"files\": [ { \"fid\": \"2001\","
	" \"structure\": \"df\", \"fcp\": { \"name\": \"D27600012401\" }, \"application\": \"openpgp\", \"selected\": true,"
	" \"objects\": { \"C1\": \"132A8648CE3D030107\", \"C2\": \"122A8648CE3D030107\", \"C3\": \"132A8648CE3D030107\" },"
	" \"pins\": [ { \"ref\": 1, \"aliases\": [2], \"apart\": [2], \"value\": \"text:Zq7#Kp2!\", \"min\": 6, \"max\": 127,"
	" \"tries_max\": 255, \"puk_min\": 8, \"puk_max\": 127, \"puk_tries_max\": 255 },"
	" { \"ref\": 3, \"value\": \"text:x9+Wv4$m\", \"min\": 8, \"max\": 127, \"tries_max\": 255 },"
	" { \"ref\": 17, \"min\": 0, \"max\": 127 }, { \"ref\": 19, \"min\": 0, \"max\": 127 } ],"
	" \"keys\": [ { \"ref\": 1, \"kind\": \"ec\", \"value\": \"06082A8648CE3D030107 8820 " KEY
	"\" },"
	" { \"ref\": 2, \"kind\": \"ec\", \"value\": \"06082A8648CE3D030107 8820 " KEY "\" },"
	" { \"ref\": 3, \"kind\": \"ec\", \"value\": \"06082A8648CE3D030107 8820 " KEY "\" },"
	" { \"ref\": 5, \"kind\": \"aes\", \"value\": \"" SECRET_AES "\" } ] } ] } }";

static uint32_t seed;

static unsigned
random_below(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

#define PICK(array) (array)[random_below(sizeof(array) / sizeof(*(array)))]

static void
put_random_header(struct buf *out)
{
	static const uint16_t tags[] = {
		0x0101, 0x0103, 0x0104, 0x004f, 0x005b, 0x005e, 0x0065, 0x006e,
		0x0073, 0x007a, 0x5f50, 0x5f52, 0x7f21, 0x00c0, 0x00c1, 0x00c2,
		0x00c3, 0x00c4, 0x00c5, 0x00c7, 0x00cd, 0x00ce, 0x00d3, 0x00d5,
		0x00d6, 0x00d7, 0x00d9, 0x00de, 0x00f9, 0x00fa, 0x3fff,
	};
	static const uint8_t ins[] = {
		0x20, 0x22, 0x24, 0x2a, 0x2c, 0x44, 0x47, 0x84, 0x88, 0xa4, 0xa5, 0xca,
		0xcc, 0xda, 0xdb, 0xe6, 0xc0, 0x2a, 0xda, 0xca, 0xdb, 0xf1, 0xf2,
	};
	static const uint16_t others[] = {
		0x0000, 0x0081, 0x0082, 0x0083, 0xff81, 0x9e9a, 0x8086, 0x8680, 0x8000,
		0x8100, 0x41a4, 0x41b8, 0x0204, 0x0400, 0x0281, 0x3fff, 0x7f21,
	};
	uint8_t code = random_below(20) ? PICK(ins) : (uint8_t)random_below(256);
	bool data = code == 0xca || code == 0xda;

	buf_u8(out, random_below(30) ? 0x00 : random_below(2) ? 0x10 : 0x0c);
	buf_u8(out, code);
	buf_u16(out, data ? PICK(tags) : code == 0xdb ? 0x3fff : PICK(others));
}

static void
put_random_data(struct buf *out)
{
	static const char *const good[] = {
		"313233343536",
		"3132333435363738",
		"B600",
		"B800",
		"A400",
		"B603840101",
		"830102",
		"830103",
		"030405",
		"60045C027F21",
		"D27600012401",
		"0120",
		"0020",
		"01",
		"162B06010401DA470F01",
		"122B060104019755010501",
		"010800002000",
		"132A8648CE3D030107",
		"4D2AB6007F480292205F4820" KEY,
		"4D02B600",
		"4D2AB8007F480292205F4820" KEY,
		"810100",
		"A6257F4922862009" KEY,
		"02" SECRET_AES,
		SECRET_AES,
	};
	unsigned i;

	if (random_below(3))
		buf_put_view(out, known(PICK(good)));
	else
		for (i = random_below(40); i > 0; i--)
			buf_u8(out, (uint8_t)random_below(256));
	if (out->n > 0 && !random_below(6))
		out->p[random_below((unsigned)out->n)] ^= (uint8_t)(1u << random_below(8));
}

/* Nothing of a key or a password leaves the card. */
static void
check_answer(struct view answer, uint16_t p1p2)
{
	static const char *const secrets[] = { KEY, "5A7137234B703221", "78392B577634246D" };
	size_t i;

	ck_assert_uint_ge(answer.n, 2);
	ck_assert(answer.p[answer.n - 2] == 0x90 || (answer.p[answer.n - 2] & 0xf0) == 0x60);
	/* what was written there is read there: private objects may be anything */
	for (i = 0; p1p2 >> 8 != 0x01 && i < sizeof(secrets) / sizeof(*secrets); i++) {
		struct view secret = known(secrets[i]);

		ck_assert_ptr_null(memmem(answer.p, answer.n, secret.p, secret.n));
	}
}

enum { FRESH, PW1_PROVEN, ALL_PROVEN, TERMINATED, STATES };

static void
force_state(int what)
{
	static const uint32_t proven[] = {
		[FRESH] = 0, [PW1_PROVEN] = 0x06, [ALL_PROVEN] = ALL, [TERMINATED] = ALL
	};

	/* another application may have been selected, or none */
	if (iso()->channel[0].at.df != df()->uid)
		expect(SELECT_TO_SIGN, "*");
	prove(proven[what]);
	if (what == TERMINATED && !random_below(20))
		df()->life = FILE_TERMINATED;
}

/* In each state, without and with what Yubico has beside. */
START_TEST(ten_thousand_commands)
{
	unsigned i;

	open_card(random_card);
	ck_assert(_i < STATES || props_set(&df()->props, OPENPGP_FIELD_VERSION, known("050702")));
	made.env.interrupted = ends;
	seed = 17 + (uint32_t)_i;
	for (i = 0; i < 10000; i++) {
		struct buf raw = BUF(512), data = BUF(255), rsp = BUF(CARD_RESPONSE_MAX);
		uint16_t p1p2;

		force_state(_i % STATES);
		put_random_header(&raw);
		p1p2 = (uint16_t)(raw.p[2] << 8 | raw.p[3]);
		put_random_data(&data);
		if (data.n > 0)
			buf_u8(&raw, (uint8_t)data.n);
		buf_put_view(&raw, buf_view(&data));
		if (random_below(2))
			buf_u8(&raw, (uint8_t)random_below(3));
		ck_assert_int_eq(card->ops->transmit(card, buf_view(&raw), &rsp), 0);
		if (raw.p[1] == 0xca || raw.p[1] == 0x47 || raw.p[1] == 0x2a || raw.p[1] == 0x88)
			check_answer(buf_view(&rsp), p1p2);
		buf_free(&raw);
		buf_free(&data);
		buf_free(&rsp);
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("openpgp");

	tcase_add_checked_fixture(tc, setup, close_card);
	tcase_add_loop_test(tc, rsa_brought_and_used, 0, sizeof(numbers) / sizeof(*numbers));
	tcase_add_test(tc, rsa_that_is_refused);
	tcase_add_loop_test(tc, signatures_of_each_curve, 0, 9);
	tcase_add_test(tc, what_options_say);
	tcase_add_test(tc, button_after_a_while);
	tcase_add_test(tc, button_at_the_end);
	tcase_add_loop_test(tc, wrong_options, 0, 9);
	tcase_add_test(tc, an_image_that_says_little);
	tcase_add_test(tc, keys_in_places);
	tcase_add_test(tc, one_key_everywhere);
	tcase_add_test(tc, no_place_for_it);
	tcase_add_loop_test(tc, no_memory, 0,
			    sizeof(at_the_end_of_memory) / sizeof(*at_the_end_of_memory));
	tcase_add_loop_test(tc, ten_thousand_commands, 0, 2 * STATES);
	return run("openpgp", tc);
}
