/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cards that are somebody's from the beginning, seen from inside and by commands. */
#include "cards/pkcs15/personal.h"

#include "model/card.h"
#include "codec/tlv.h"
#include "crypto/digest.h"
#include "image/image.h"
#include "image/text.h"
#include "known.h"
#include "model/key.h"
#include "rsa_known.h"
#include "support.h"
#include "thecard.h"

#define N_TYPES 2

static const char *const names[N_TYPES] = { "isoapplet", "myeid" };

static struct personal p;
static struct image *image;
static struct state *state; /* until the card has it */
static const struct card_type *type;
static char error[256];
static size_t quota; /* of the card; 0: the usual one */

static void
setup(void)
{
	memset(&p, 0, sizeof(p));
	quota = 0;
	secret_set(&p.secrets[PERSONAL_PIN], said("123456"));
	strcpy(p.label, "A label");
	strcpy(p.time, "20261125034500Z");
}

static void
teardown(void)
{
	import_free(&p.from);
	card_free(card);
	state_free(state);
	image_free(image);
	card = NULL;
	state = NULL;
	image = NULL;
}

/* --- what is imported ----------------------------------------------------------------- */

static struct import_key *
next_key(uint8_t id)
{
	struct import_key *k = &p.from.keys[p.from.n_keys++];

	memset(k->id, id, sizeof(k->id));
	return k;
}

/* P-256 with a private key of this one number. */
static struct ec *
ec_of(enum curve c, uint8_t d)
{
	struct ec *k;

	ck_assert_int_eq(ec_private(&k, c, view_of(&d, 1)), 0);
	return k;
}

static void
give_ec(uint8_t id)
{
	next_key(id)->ec = ec_of(CURVE_P256, id);
}

static struct rsa *
rsa_of(size_t bits)
{
	struct rsa *k;

	ck_assert_int_eq(rsa_generate(&k, bits, view_of(NULL, 0), NULL, NULL), 0);
	return k;
}

static void
give_cert(uint8_t id, const char *name, unsigned usage)
{
	struct import_cert *c = &p.from.certs[p.from.n_certs++];
	const uint8_t der[] = { 0x30, 0x03, 0x02, 0x01, id };

	memset(c->id, id, sizeof(c->id));
	c->der = c->subject = (struct buf) BUF(4096);
	buf_put(&c->der, der, sizeof(der));
	buf_put_view(&c->subject, known("3011 310F 300D 0603 550403 0C06 6D6520727361"));
	strlcpy(c->name, name, sizeof(c->name));
	c->usage = usage;
}

/* --- and what comes of it -------------------------------------------------------------- */

/* The linker's --wrap puts this before the real one. */
void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);

static unsigned failing;     /* which allocation of a personalisation is to fail; 0: none */
static unsigned fail_malloc; /* counted down */
static bool fired;           /* it did */

void *
__wrap_malloc(size_t n)
{
	if (fail_malloc > 0 && --fail_malloc == 0)
		return NULL;
	return __real_malloc(n);
}

static int
fill(const void *ctx, struct state *s, char *text, size_t size)
{
	sw_t sw;

	(void)ctx;
	if (quota)
		s->fs.quota = quota;
	fail_malloc = failing;
	sw = type->personal->personalise(s, &p);
	fired = failing > 0 && fail_malloc == 0;
	fail_malloc = 0;
	snprintf(text, size, "%04X", sw);
	return sw == SW_OK ? 0 : -1;
}

static int
try_make(int i)
{
	const struct image_config cfg = {
		.type = names[i],
		.contents = card_type_find(names[i])->contents,
		.serial = known("0102030405"),
		.fill = fill,
	};

	type = card_type_find(names[i]);
	return image_open(&image, &state, &cfg, error, sizeof(error));
}

static void
make(int i)
{
	ck_assert_msg(try_make(i) == 0, "%s", error);
}

static struct file *
app(void)
{
	return fs_child(state->fs.mf, PERSONAL_FID_APPLICATION);
}

static struct view
contents(uint16_t fid)
{
	struct file *f = fs_child(app(), fid);

	ck_assert_msg(f, "no file %04X", fid);
	return buf_view(&f->contents);
}

static void
start(void)
{
	static const struct card_env env;
	struct card_config cfg = { .state = state };

	state = NULL;
	card = card_open(type, &cfg, &env);
	ck_assert_ptr_nonnull(card);
	ck_assert_int_eq(card_power(card, CARD_POWER_ON), 0);
}

/* The file that a directory object names. */
static struct file *
named(struct view path)
{
	struct selector what = { .how = FS_PATH_FROM_MF, .data = path };
	struct cursor at = { 0 };
	struct file *f;

	ck_assert_uint_eq(fs_find(&state->fs, &at, &what, &f), SW_OK);
	return f;
}

/* Object number n of a directory file. */
static struct tlv
object(uint16_t fid, size_t n)
{
	struct view v = contents(fid);
	struct tlv t;

	do {
		ck_assert_msg(tlv_next(&v, &t) && t.tag, "%04X has no object %zu", fid, n);
	} while (n-- > 0);
	return t;
}

static size_t
count(uint16_t fid)
{
	struct view v = contents(fid);
	struct tlv t;
	size_t n = 0;

	while (tlv_next(&v, &t) && t.value.n > 0)
		n++;
	return n;
}

static const uint16_t prkdf[N_TYPES] = { 0x4402, 0x4402 }, pukdf[N_TYPES] = { 0x4403, 0x4404 },
		      cdf[N_TYPES] = { 0x4404, 0x4403 }, first_cert[N_TYPES] = { 0x3400, 0x4301 };

/* The second part of an object: id, usage and so on. */
static struct view
attributes(struct tlv o, size_t part)
{
	struct tlv t;

	do {
		ck_assert(tlv_next(&o.value, &t));
	} while (part-- > 0);
	return t.value;
}

/* --- the files ---------------------------------------------------------------------------- */

START_TEST(every_name_leads_to_a_file)
{
	static const char *const token_info[N_TYPES] = {
		"3030 0201 00 0405 0102030405 0C04 76696363 8007 41206C6162656C 0302 0410",
		"3081A6 0201 00 0405 0102030405 0C04 76696363 8007 41206C6162656C 0302 0430 A274",
	};
	static const uint32_t path[] = { 0x30, 0x04, 0 };
	struct view odf, v;
	struct tlv t;
	unsigned seen = 0;

	give_ec(1);
	give_cert(1, "Mine", IMPORT_USE_ANY);
	make(_i);
	ck_assert_view(
		view_slice(buf_view(&fs_child(state->fs.mf, 0x2f00)->contents), 0, 31),
		known("611D 4F0C A000000063504B43532D3135 5007 41206C6162656C 5104 3F005015"));
	for (odf = contents(0x5031); tlv_next(&odf, &t) && t.tag; seen |= 1u << (t.tag & 0x1f)) {
		ck_assert(tlv_find_path(t.value, path, &v));
		ck_assert(!file_is_df(named(v)));
	}
	/* private and public keys, certificates, PINs */
	ck_assert_uint_eq(seen & 0x113, 0x113);
	ck_assert(view_starts(contents(0x5032), known(token_info[_i])));
	ck_assert_uint_eq(count(prkdf[_i]), 1);
	ck_assert_uint_eq(count(pukdf[_i]), 1);
	ck_assert_uint_eq(count(cdf[_i]), 1);
	ck_assert_uint_eq(count(0x4401), 1);
	ck_assert_view(contents(first_cert[_i]), known("3003020101"));
	ck_assert_uint_eq(state->comment.n, 0);
}
END_TEST

/*
 * Keys are numbered as they come; what came twice is there once; certificates go with
 * their keys.
 */
START_TEST(numbers)
{
	give_ec(7);
	give_ec(9);
	give_ec(7);
	give_cert(3, "Issuer", IMPORT_USE_CERT_SIGN);
	give_cert(9, "Nine", IMPORT_USE_ANY);
	give_cert(3, "Issuer", IMPORT_USE_CERT_SIGN);
	give_cert(7, "", IMPORT_USE_ANY);
	make(_i);
	ck_assert_uint_eq(count(prkdf[_i]), 2);
	ck_assert_uint_eq(count(cdf[_i]), 3);
	ck_assert_view(attributes(object(cdf[_i], 0), 0), known("0C06 497373756572 0302 0640"));
	ck_assert_view(attributes(object(cdf[_i], 0), 1), known("0401 03 0101 FF"));
	ck_assert_view(attributes(object(cdf[_i], 1), 1), known("0401 02"));
	ck_assert_view(attributes(object(cdf[_i], 2), 0),
		       known("0C0B 4365727469666963617465 0302 0640"));
	ck_assert_view(attributes(object(cdf[_i], 2), 1), known("0401 01"));
	ck_assert(view_starts(attributes(object(prkdf[_i], 0), 0), known("0C05 4B65792031")));
	ck_assert(view_starts(attributes(object(prkdf[_i], 1), 0), known("0C04 4E696E65")));
	ck_assert(view_starts(attributes(object(pukdf[_i], 1), 1), known("0401 02")));
}
END_TEST

static const struct {
	bool rsa;
	unsigned said;
	const char *wanted[N_TYPES]; /* of the private key */
	const char *public[N_TYPES];
} usages[] = {
	{ true, IMPORT_USE_ANY, { "0302 0560", "0302 0560" }, { "0302 0182", "0302 0182" } },
	{ true, IMPORT_USE_SIGN, { "0302 0520", "0302 0520" }, { "0302 0102", "0302 0102" } },
	{ true, IMPORT_USE_KEY_ENCIPHER, { "0302 0244", "0302 0244" },
	  { "0302 0388", "0302 0388" } },
	{ true, IMPORT_USE_SIGN | IMPORT_USE_NON_REPUDIATION, { "0303 062040", "0303 062040" },
	  { "0302 0102", "0302 0102" } },
	{ false, IMPORT_USE_ANY, { "0302 0520", "0303 072080" }, { "0302 0102", "0303 070280" } },
	{ false, IMPORT_USE_KEY_AGREE, { "0302 0520", "0303 070080" },
	  { "0302 0102", "0303 070080" } },
	{ false, IMPORT_USE_CRL_SIGN, { "0302 0520", "0302 0520" }, { "0302 0102", "0302 0102" } },
};

#define N_USAGES (sizeof(usages) / sizeof(*usages))

START_TEST(usage)
{
	const size_t what = (size_t)_i / N_TYPES, which = (size_t)_i % N_TYPES;
	struct view v;

	if (usages[what].rsa)
		next_key(1)->rsa = rsa_of(2048);
	else
		give_ec(1);
	give_cert(1, "x", usages[what].said);
	make((int)which);
	v = attributes(object(prkdf[which], 0), 1);
	ck_assert(view_starts(view_slice(v, 3, v.n), known(usages[what].wanted[which])));
	v = attributes(object(pukdf[which], 0), 1);
	ck_assert(view_starts(view_slice(v, 3, v.n), known(usages[what].public[which])));
}
END_TEST

START_TEST(as_many_as_there_may_be)
{
	char name[IMPORT_NAME_SIZE];
	struct file *f;
	unsigned i;

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	for (i = 1; i <= IMPORT_MAX; i++) {
		give_ec((uint8_t)i);
		give_cert((uint8_t)i, name, IMPORT_USE_ANY);
	}
	make(_i);
	ck_assert_uint_eq(count(prkdf[_i]), IMPORT_MAX);
	ck_assert_uint_eq(count(cdf[_i]), IMPORT_MAX);
	/* and there is room for more */
	f = fs_child(app(), prkdf[_i]);
	ck_assert_uint_eq(f->contents.p[f->contents.n / 2 + 8], 0);
}
END_TEST

START_TEST(no_room)
{
	give_ec(1);
	quota = 1000;
	ck_assert_int_lt(try_make(_i), 0);
	ck_assert_str_eq(error, "6A84");
	ck_assert_ptr_null(state);
}
END_TEST

static void
give_two(void)
{
	struct rsa_parts parts = rsa_known_parts(RSA_BIT(P) | RSA_BIT(Q) | RSA_BIT(E));

	give_ec(1);
	ck_assert_int_eq(rsa_private(&next_key(2)->rsa, &parts), 0);
}

/*
 * The text of the card, where it could be made although the n-th allocation failed.
 * Whether one did.
 */
static bool
make_failing(int i, unsigned n, struct buf *text)
{
	give_two();
	failing = n;
	try_make(i);
	failing = 0;
	if (state)
		ck_assert(image_text_write(text, names[i], state));
	teardown();
	return fired;
}

/* A card is whole, or is none. */
START_TEST(no_memory)
{
	struct buf whole = BUF(IMAGE_TEXT_MAX), text = BUF(IMAGE_TEXT_MAX);
	unsigned n = 1;

	ck_assert(!make_failing(_i, 0, &whole));
	ck_assert_uint_gt(whole.n, 0);
	while (make_failing(_i, n, &text)) {
		ck_assert_msg(text.n == 0 || view_equal(buf_view(&text), buf_view(&whole)),
			      "with allocation %u failing it is another card", n);
		buf_reset(&text);
		n++;
	}
	ck_assert_uint_gt(n, 50);
	buf_free(&whole);
	buf_free(&text);
}
END_TEST

/* Nothing but certificates is a card, too. */
START_TEST(no_key)
{
	give_cert(1, "Issuer", IMPORT_USE_ANY);
	make(_i);
	ck_assert_uint_eq(count(prkdf[_i]), 0);
	ck_assert_uint_eq(count(cdf[_i]), 1);
}
END_TEST

/* --- keys and PINs in use --------------------------------------------------------- */

/* Sign 32 bytes of AA with the first key, which is 1 times G of P-256, and see whether it did. */
static void
sign(int i)
{
	static const uint8_t hash[32] = { 0xaa };
	const bool hashes = i == 0; /* isoapplet to the older driver */
	struct buf rsp = BUF(CARD_RESPONSE_MAX), digest = BUF(DIGEST_MAX);
	struct ec *k = ec_of(CURVE_P256, 1);
	struct view in = view_of(hash, sizeof(hash));

	ck_assert_int_eq(
		talk(card,
		     "002A9E9A20 AA00000000000000000000000000000000000000000000000000000000000000 00",
		     &rsp),
		0);
	ck_assert_uint_eq(rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1], SW_OK);
	if (hashes)
		ck_assert_int_eq(digest_once(DIGEST_SHA1, in, &digest), 0);
	ck_assert_int_eq(ec_verify(k, EC_FORM_DER, hashes ? buf_view(&digest) : in,
				   view_slice(buf_view(&rsp), 0, rsp.n - 2)), 0);
	ec_free(k);
	buf_free(&rsp);
	buf_free(&digest);
}

static const struct {
	const char *select, *choose, *verify, *unblock, *unblock_sw;
} words[N_TYPES] = {
	{ "00A40400 0C F276A288BCFBA69D34F31001 00", "002241B6 06 800121 840100",
	  "00200001 10 31323334353600000000000000000000",
	  "002C0001 20 30313233343536373839616263646566 36353433323100000000000000000000", "9000" },
	{ "00A40400 0C A000000063504B43532D3135 00", "002241B6 0A 800104 81024B01 840100",
	  "00200001 08 313233343536FFFF",
	  "002C0001 10 3132333435363738 363534333231FFFF", "9000" },
};

START_TEST(the_pin_guards_the_key)
{
	give_ec(1);
	make(_i);
	start();
	expect(words[_i].select, _i ? "*9000" : "00 06 07 9000");
	expect(words[_i].choose, "9000");
	expect("002A9E9A20 AA00000000000000000000000000000000000000000000000000000000000000 00",
	       "6982");
	expect(words[_i].verify, "9000");
	expect(words[_i].choose, "9000");
	sign(_i);
}
END_TEST

/* One that was not given there is not. */
START_TEST(the_puk)
{
	const char *puk = _i ? "12345678" : "0123456789abcdef";

	give_ec(1);
	secret_set(&p.secrets[PERSONAL_PUK], said(puk));
	make(_i);
	start();
	expect(words[_i].unblock, words[_i].unblock_sw);
	teardown();
	setup();
	give_ec(1);
	make(_i);
	start();
	expect(words[_i].unblock, _i ? "6985" : "63C0");
	expect(words[_i].verify, "9000");
}
END_TEST

START_TEST(an_officer_or_none)
{
	struct view rule;

	secret_set(&p.secrets[PERSONAL_SO_PIN], said("87654321"));
	give_ec(1);
	make(1);
	ck_assert_uint_eq(count(0x4401), 2);
	ck_assert_ptr_nonnull(sam_pin_find(&state->sam, 0, 3));
	ck_assert(file_other(state->fs.mf, FCP_RULE_PROPRIETARY, &rule));
	ck_assert_view(rule, known("113FFF"));
	ck_assert(file_other(fs_child(app(), 0x4401), FCP_RULE_PROPRIETARY, &rule));
	ck_assert_view(rule, known("033FFF"));
	ck_assert_uint_eq(state->fs.mf->life, FILE_ACTIVATED);
	teardown();
	setup();
	give_ec(1);
	make(1);
	ck_assert_ptr_null(sam_pin_find(&state->sam, 0, 3));
	ck_assert(file_other(state->fs.mf, FCP_RULE_PROPRIETARY, &rule));
	ck_assert_view(rule, known("111FFF"));
	ck_assert(file_other(fs_child(app(), 0x4401), FCP_RULE_PROPRIETARY, &rule));
	ck_assert_view(rule, known("011FFF"));
}
END_TEST

/* --- which keys ------------------------------------------------------------------- */

START_TEST(which_curves)
{
	static const char known_curves[N_TYPES][CURVE_COUNT + 1] = {
		/* P192 P224 P256 P384 P521, Brainpool 160 192 224 256 320 384 512, secp256k1 */
		"11110" "0111100" "1",
		"10111" "0000000" "0",
	};
	const struct personal_type *t = card_type_find(names[_i])->personal;
	struct import_key k = { .rsa = NULL };
	unsigned c;

	for (c = 0; c < CURVE_COUNT; c++) {
		k.ec = ec_of((enum curve)c, 5);
		ck_assert_msg((t->fault(&k) == NULL) == (known_curves[_i][c] == '1'), "%s: %s",
			      names[_i], curve_name((enum curve)c));
		ec_free(k.ec);
	}
	k.ec = NULL;
	ck_assert_int_eq(ed_generate(&k.ed, ED_25519), 0);
	ck_assert_ptr_nonnull(t->fault(&k));
	ed_free(k.ed);
}
END_TEST

START_TEST(which_moduli)
{
	struct import_key k = { .rsa = rsa_known_key() };

	ck_assert_ptr_nonnull(card_type_find("isoapplet")->personal->fault(&k));
	ck_assert_ptr_null(card_type_find("myeid")->personal->fault(&k));
	rsa_free(k.rsa);
	k.rsa = rsa_of(1032);
	ck_assert_ptr_nonnull(card_type_find("myeid")->personal->fault(&k));
	rsa_free(k.rsa);
	k.rsa = rsa_of(2048);
	ck_assert_ptr_null(card_type_find("isoapplet")->personal->fault(&k));
	ck_assert_ptr_null(card_type_find("myeid")->personal->fault(&k));
	rsa_free(k.rsa);
}
END_TEST

/* Who has no place for keys says so. */
START_TEST(other_types)
{
	const struct card_type *const *t;
	unsigned n = 0;

	for (t = card_types; *t; t++)
		/* those whose keys have places have no PKCS#15 */
		n += (*t)->personal && !(*t)->personal->place;
	ck_assert_uint_eq(n, N_TYPES);
	ck_assert_uint_eq(card_type_find("isoapplet")->personal->secrets[PERSONAL_SO_PIN].max, 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("personal");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, every_name_leads_to_a_file, 0, N_TYPES);
	tcase_add_loop_test(tc, numbers, 0, N_TYPES);
	tcase_add_loop_test(tc, usage, 0, (int)(N_USAGES * N_TYPES));
	tcase_add_loop_test(tc, as_many_as_there_may_be, 0, N_TYPES);
	tcase_add_loop_test(tc, no_room, 0, N_TYPES);
	tcase_add_loop_test(tc, no_memory, 0, N_TYPES);
	tcase_add_loop_test(tc, no_key, 0, N_TYPES);
	tcase_add_loop_test(tc, the_pin_guards_the_key, 0, N_TYPES);
	tcase_add_loop_test(tc, the_puk, 0, N_TYPES);
	tcase_add_test(tc, an_officer_or_none);
	tcase_add_loop_test(tc, which_curves, 0, N_TYPES);
	tcase_add_test(tc, which_moduli);
	tcase_add_test(tc, other_types);
	return run("personal", tc);
}
