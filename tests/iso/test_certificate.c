/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates that the plain card verifies, and whose keys it then knows. */
#include "codec/tlv.h"
#include "isocard.h"
#include "rsa_known.h"

static struct buf out = BUF(4096), cmd = BUF(4096), hex = BUF(4096);
static struct ec *root, *terminal;

/* What a certificate says beside the key; NULL: nothing. */
static struct {
	const char *authority;     /* NULL: DEROOT00001 */
	const char *authorization; /* in 7F4C: hex */
	const char *effective, *expires;
} says;

static struct ec *
new_ec(enum curve c)
{
	struct ec *k;

	ck_assert_int_eq(ec_generate(&k, c), 0);
	return k;
}

/* The card knows the root's public key as 05. */
static void
setup(void)
{
	struct buf point = BUF(200);
	struct ec *public;
	struct sam_key *k;

	memset(&says, 0, sizeof(says));
	isocard_open();
	root = new_ec(CURVE_BP256);
	terminal = new_ec(CURVE_BP256);
	k = sam_key_add(&kept->sam, 0, 5, SAM_EC);
	k->uses = SAM_USE_CERTIFY;
	ck_assert_int_eq(ec_get_point(root, &point), 0);
	ck_assert_int_eq(ec_public(&public, CURVE_BP256, buf_view(&point)), 0);
	ck_assert_int_eq(key_keep_ec(k, public), 0);
	buf_free(&point);
	state_clean(kept);
	expect("002281B6 06 800113 830105", "9000");
}

static void
teardown(void)
{
	isocard_close();
	ec_free(root);
	ec_free(terminal);
	buf_free(&out);
	buf_free(&cmd);
}

#define AT_OID "06 09 04007F000703010202" /* an authentication terminal's */
#define IS_OID "06 09 04007F000703010201"
#define ROOT "53 05 C000000000"
#define DOMESTIC "53 05 8000000000"
#define FOREIGN "53 05 4000000000"
#define TERMINAL "53 05 0000000000"

/* A certificate of the terminal's key, signed by a key; values: over the values only. */
static void
certify(struct ec *by, struct ec *whose, const char *holder, bool values)
{
	struct buf body = BUF(1000), point = BUF(200), hash = BUF(32), sig = BUF(200);
	struct view t;
	size_t mark, key;

	buf_reset(&cmd);
	ck_assert_int_eq(ec_get_point(whose, &point), 0);
	mark = tlv_open(&body, 0x7f4e);
	tlv_put(&body, 0x5f29, known("00"));
	tlv_put(&body, 0x42, said(says.authority ? says.authority : "DEROOT00001"));
	key = tlv_open(&body, 0x7f49);
	tlv_put(&body, 0x06, known("04007F00070202020203")); /* TA with ECDSA and SHA-256 */
	tlv_put(&body, 0x86, buf_view(&point));
	tlv_close(&body, key);
	if (holder)
		tlv_put(&body, 0x5f20, said(holder));
	if (says.authorization)
		tlv_put(&body, 0x7f4c, known(says.authorization));
	if (says.effective)
		tlv_put(&body, 0x5f25, known(says.effective));
	if (says.expires)
		tlv_put(&body, 0x5f24, known(says.expires));
	tlv_close(&body, mark);
	t = buf_view(&body);
	if (values)
		tlv_find(t, 0x7f4e, &t);
	ck_assert_int_eq(digest_once(DIGEST_SHA256, t, &hash), 0);
	ck_assert_int_eq(ec_sign(by, EC_FORM_PLAIN, buf_view(&hash), &sig), 0);
	buf_put_view(&cmd, buf_view(&body));
	tlv_put(&cmd, 0x5f37, buf_view(&sig));
	buf_free(&body);
	buf_free(&point);
	buf_free(&hash);
	buf_free(&sig);
}

static unsigned
verify(const char *header)
{
	return send_command(header, buf_view(&cmd), 0, &out);
}

/* MSE SET with the holder's name. */
static unsigned
name_holder(const char *header, const char *algorithm, const char *holder)
{
	struct buf b = BUF(64);
	unsigned sw;

	buf_put_view(&b, known(algorithm));
	tlv_put(&b, 0x83, said(holder));
	sw = send_command(header, buf_view(&b), 0, &out);
	buf_free(&b);
	return sw;
}

START_TEST(the_holder_is_known_then)
{
	struct buf challenge = BUF(8), sig = BUF(200);

	certify(root, terminal, "DETERM00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x9000);
	/* with it, the terminal proves itself */
	ck_assert_uint_eq(name_holder("002281A4", "800113", "DETERM00001"), 0x9000);
	ck_assert_uint_eq(send_command("00840000", known(""), 8, &challenge), 0x9000);
	ck_assert_int_eq(ec_sign(terminal, EC_FORM_PLAIN, buf_view(&challenge), &sig), 0);
	ck_assert_uint_eq(send_command("00820000", buf_view(&sig), 0, &out), 0x9000);
	ck_assert_uint_eq(send_command("00820000", buf_view(&sig), 0, &out), 0x6985);
	/* by no other name, and on no other channel */
	ck_assert_uint_eq(name_holder("002281A4", "800113", "DETERM00002"), 0x9000);
	ck_assert_uint_eq(send_command("00820000", buf_view(&sig), 0, &out), 0x6a88);
	expect("00700000 01", "01 9000");
	ck_assert_uint_eq(name_holder("012281A4", "800113", "DETERM00001"), 0x9000);
	ck_assert_uint_eq(send_command("01820000", buf_view(&sig), 0, &out), 0x6a88);
	/* nor after a reset */
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	ck_assert_uint_eq(name_holder("002281A4", "800113", "DETERM00001"), 0x9000);
	ck_assert_uint_eq(send_command("00820000", buf_view(&sig), 0, &out), 0x6a88);
	ck_assert_uint_eq(commits, 0);
	buf_free(&challenge);
	buf_free(&sig);
}
END_TEST

START_TEST(a_chain_of_two)
{
	struct ec *dv = new_ec(CURVE_BP256);

	says.authorization = AT_OID DOMESTIC;
	certify(root, dv, "DEDV00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x9000);
	says.authorization = AT_OID TERMINAL;
	says.authority = "DEDV00001";
	certify(dv, terminal, "DETERM00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x6300);
	ck_assert_uint_eq(name_holder("002281B6", "800113", "DEDV00001"), 0x9000);
	ck_assert_uint_eq(verify("002A00BE"), 0x9000);
	ck_assert_uint_eq(name_holder("002281A4", "800113", "DETERM00001"), 0x9000);
	expect("00840000 08", "*9000");
	expect("00820000 08 0102030405060708", "6300");
	ec_free(dv);
}
END_TEST

/* Sign a challenge with a key that was certified: what EXTERNAL AUTHENTICATE says. */
static unsigned
prove_to_be(struct ec *key, const char *holder)
{
	struct buf challenge = BUF(8), sig = BUF(200);
	unsigned sw;

	ck_assert_uint_eq(name_holder("002281A4", "800113", holder), 0x9000);
	ck_assert_uint_eq(send_command("00840000", known(""), 8, &challenge), 0x9000);
	ck_assert_int_eq(ec_sign(key, EC_FORM_PLAIN, buf_view(&challenge), &sig), 0);
	sw = send_command("00820000", buf_view(&sig), 0, &out);
	buf_free(&challenge);
	buf_free(&sig);
	return sw;
}

START_TEST(a_holder_is_proven_and_no_number)
{
	/* EFs that only key 00, and only the holder, may read */
	expect("00E0000019 6217 800101 820101 8302 0101 AB0B 80017F A406 830100 950180", "9000");
	expect("00E0000023 6221 800101 820101 8302 0102 AB15 80017F A410 830B 44455445524D3030303031 950180",
	       "9000");
	certify(root, terminal, "DETERM00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x9000);
	expect("00B0820001", "6982");
	ck_assert_uint_eq(prove_to_be(terminal, "DETERM00001"), 0x9000);
	expect("00820000", "9000");
	expect("00B0820001", "00 9000");
	expect("00B0810001", "6982");
	ck_assert_uint_eq(((struct iso *)card)->global.external, 0);
	/* the next certificate is another's */
	certify(root, terminal, "DETERM00002", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x9000);
	expect("00B0820001", "6982");
	/* one that is not genuine changes nothing */
	ck_assert_uint_eq(prove_to_be(terminal, "DETERM00002"), 0x9000);
	cmd.p[12] ^= 1;
	ck_assert_uint_eq(verify("002A00BE"), 0x6300);
	expect("00820000", "9000");
}
END_TEST

START_TEST(who_may_certify)
{
	struct ec *other = new_ec(CURVE_BP256);

	/* a terminal does not, nor whose certificate says nothing of it */
	says.authorization = AT_OID TERMINAL;
	certify(root, terminal, "DETERM00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x9000);
	ck_assert_uint_eq(name_holder("002281B6", "800113", "DETERM00001"), 0x9000);
	says.authority = "DETERM00001";
	certify(terminal, other, "DEEVIL00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x6985);
	expect("002281B6 06 800113 830105", "9000");
	says.authorization = says.authority = NULL;
	certify(root, terminal, "DETERM00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x9000);
	ck_assert_uint_eq(name_holder("002281B6", "800113", "DETERM00001"), 0x9000);
	says.authority = "DETERM00001";
	certify(terminal, other, "DEEVIL00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x6985);
	/* one who certifies is no terminal: he proves nothing */
	expect("002281B6 06 800113 830105", "9000");
	says.authorization = AT_OID FOREIGN;
	certify(root, terminal, "DEDV00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x9000);
	ck_assert_uint_eq(prove_to_be(terminal, "DEDV00001"), 0x6985);
	ec_free(other);
}
END_TEST

/*
 * With a certificate of this role for the terminal's key in force: what one of that
 * role below it comes to.
 */
static unsigned
below(const char *above, const char *role, const char *authority)
{
	struct ec *other = new_ec(CURVE_BP256);
	unsigned sw;

	expect("002281B6 06 800113 830105", "9000");
	says.authority = NULL;
	says.authorization = above;
	certify(root, terminal, "DEABOVE0001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x9000);
	ck_assert_uint_eq(name_holder("002281B6", "800113", "DEABOVE0001"), 0x9000);
	says.authority = authority;
	says.authorization = role;
	certify(terminal, other, "DEBELOW0001", false);
	sw = verify("002A00BE");
	ec_free(other);
	return sw;
}

START_TEST(the_path)
{
	ck_assert_uint_eq(below(AT_OID ROOT, AT_OID ROOT, "DEABOVE0001"), 0x9000);
	ck_assert_uint_eq(below(AT_OID ROOT, AT_OID FOREIGN, "DEABOVE0001"), 0x9000);
	ck_assert_uint_eq(below(AT_OID ROOT, AT_OID TERMINAL, "DEABOVE0001"), 0x6984);
	ck_assert_uint_eq(below(AT_OID ROOT, NULL, "DEABOVE0001"), 0x6984);
	ck_assert_uint_eq(below(AT_OID DOMESTIC, AT_OID ROOT, "DEABOVE0001"), 0x6984);
	ck_assert_uint_eq(below(AT_OID DOMESTIC, AT_OID DOMESTIC, "DEABOVE0001"), 0x6984);
	ck_assert_uint_eq(below(AT_OID FOREIGN, AT_OID TERMINAL, "DEABOVE0001"), 0x9000);
	ck_assert_uint_eq(below(AT_OID FOREIGN, NULL, "DEABOVE0001"), 0x9000);
	/* for another kind of terminal; by another's name */
	ck_assert_uint_eq(below(AT_OID DOMESTIC, IS_OID TERMINAL, "DEABOVE0001"), 0x6984);
	ck_assert_uint_eq(below(AT_OID DOMESTIC, AT_OID TERMINAL, "DEABOVE0002"), 0x6984);
}
END_TEST

static struct view
today(void)
{
	return props_get(&kept->props, "date");
}

START_TEST(dates)
{
	/* without a date of its own the card asks for none, but they are dates */
	says.effective = "020000010101";
	says.expires = "020001010001";
	certify(root, terminal, "DETERM00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x9000);
	ck_assert_uint_eq(today().n, 0);
	says.expires = "02000101000A";
	certify(root, terminal, "DETERM00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x6A80);
	says.expires = "0200010100";
	certify(root, terminal, "DETERM00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x6A80);
	says.effective = "FF0000010101";
	says.expires = NULL;
	certify(root, terminal, "DETERM00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x6A80);
	/* valid on its last day, and no longer */
	ck_assert(props_set(&kept->props, "date", known("020600010105")));
	says.effective = "020600010101";
	says.expires = "020600010105";
	certify(root, terminal, "DETERM00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x9000);
	says.expires = "020600010104";
	certify(root, terminal, "DETERM00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x6984);
	/* only those who are trusted with it move it, and only on */
	says.expires = "020900010105";
	says.effective = "020600010200";
	certify(root, terminal, "DETERM00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x9000);
	ck_assert_view(today(), known("020600010105"));
	ck_assert_uint_eq(below(AT_OID FOREIGN, AT_OID TERMINAL, "DEABOVE0001"), 0x9000);
	ck_assert_view(today(), known("020600010200"));
	says.effective = "020500000000";
	ck_assert_uint_eq(below(AT_OID ROOT, AT_OID ROOT, "DEABOVE0001"), 0x9000);
	ck_assert_view(today(), known("020600010200"));
}
END_TEST

/* In a DF of these control parameters: a terminal is proven by a path from its own key. */
static void
prove_in_df(const char *create)
{
	struct sam_key *k = sam_key_find(&kept->sam, 0, 5);

	expect(create, "9000");
	k->owner = iso_df(within_command())->uid;
	expect("002281B6 06 800113 830185", "9000");
	certify(root, terminal, "DETERM00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x9000);
	ck_assert_uint_eq(prove_to_be(terminal, "DETERM00001"), 0x9000);
}

/* A path that begins with a key of a DF ends where the DF does. */
START_TEST(the_path_has_an_owner)
{
	prove_in_df("00E0000009 6207 820138 8302 4000");
	expect("00A4000C023F00", "9000");
	ck_assert_uint_eq(name_holder("002281A4", "800113", "DETERM00001"), 0x9000);
	expect("00820000", "6A88");
	expect("00A4000C024000", "9000");
	expect("00820000", "6A88");
}
END_TEST

/* Or begins anew, when it is selected by name. */
START_TEST(the_path_of_an_application)
{
	prove_in_df("00E0000010 620E 820138 83024000 8405A000000001");
	expect("00A4040C05A000000001", "9000");
	ck_assert_uint_eq(name_holder("002281A4", "800113", "DETERM00001"), 0x9000);
	expect("00820000", "6A88");
}
END_TEST

START_TEST(forms)
{
	struct buf whole = BUF(4096);

	certify(root, terminal, "DETERM00001", false);
	tlv_put(&whole, 0x7f21, buf_view(&cmd));
	ck_assert_uint_eq(send_command("002A0092", buf_view(&whole), 0, &out), 0x9000);
	ck_assert_uint_eq(verify("002A00AE"), 0x6300);
	certify(root, terminal, "DETERM00001", true);
	ck_assert_uint_eq(verify("002A00AE"), 0x9000);
	ck_assert_uint_eq(verify("002A00BE"), 0x6300);
	/* one that names nobody is genuine, and that is all */
	certify(root, terminal, NULL, false);
	ck_assert_uint_eq(verify("002A00BE"), 0x9000);
	buf_free(&whole);
}
END_TEST

/* A certificate of what these data objects say, signed by the root's key with Ed25519. */
static void
certify_objects(struct ed *by, const char *objects, const char *holder)
{
	struct buf body = BUF(1000), sig = BUF(64);
	size_t mark;

	buf_reset(&cmd);
	mark = tlv_open(&body, 0x7f4e);
	tlv_put(&body, 0x42, said("DEROOT00001"));
	tlv_put(&body, 0x7f49, known(objects));
	tlv_put(&body, 0x5f20, said(holder));
	tlv_close(&body, mark);
	ck_assert_int_eq(ed_sign(by, buf_view(&body), &sig), 0);
	buf_put_view(&cmd, buf_view(&body));
	tlv_put(&cmd, 0x5f37, buf_view(&sig));
	buf_free(&body);
	buf_free(&sig);
}

/* Who signs with Ed25519 hashes by itself; whose key it is may be of another kind. */
START_TEST(kinds_of_keys)
{
	struct sam_key *k = sam_key_add(&kept->sam, 0, 6, SAM_ED25519);
	struct buf point = BUF(32), objects = BUF(300);
	struct ed *ours, *public;

	k->uses = SAM_USE_CERTIFY;
	ck_assert_int_eq(ed_generate(&ours, ED_25519), 0);
	ck_assert_int_eq(ed_get_public(ours, &point), 0);
	ck_assert_int_eq(ed_public(&public, ED_25519, buf_view(&point)), 0);
	ck_assert_int_eq(key_keep_ed(k, public), 0);
	expect("002281B6 06 800115 830106", "9000");
	/* RSA, which has no point */
	tlv_put(&objects, 0x81, known(rsa_known_hex[RSA_PART_N]));
	tlv_put(&objects, 0x82, known(rsa_known_hex[RSA_PART_E]));
	hex_write(&hex, buf_view(&objects));
	buf_u8(&hex, 0);
	certify_objects(ours, (const char *)hex.p, "DETERM00001");
	ck_assert_uint_eq(verify("002A00BE"), 0x9000);
	ck_assert_uint_eq(name_holder("002281A4", "80010C", "DETERM00001"), 0x9000);
	expect("00840000 08", "*9000");
	expect("00820000 03 010203", "6300");
	cmd.p[20] ^= 1;
	ck_assert_uint_eq(verify("002A00BE"), 0x6300);
	/* a point of none of the signer's curves; no key at all; one that is off its curve */
	certify_objects(ours, "8603040102", "DETERM00002");
	ck_assert_uint_eq(verify("002A00BE"), 0x6a80);
	certify_objects(ours, "9901AA", "DETERM00002");
	ck_assert_uint_eq(verify("002A00BE"), 0x6a80);
	certify_objects(ours, "8801AA", "DETERM00002");
	ck_assert_uint_eq(verify("002A00BE"), 0x6a80);
	certify_objects(ours, "06082A8648CE3D030107 8603040102", "DETERM00002");
	ck_assert_uint_eq(verify("002A00BE"), 0x6a80);
	ck_assert_uint_eq(name_holder("002281A4", "800113", "DETERM00002"), 0x9000);
	expect("00820000 03 010203", "6A88");
	ed_free(ours);
	buf_free(&point);
	buf_free(&objects);
	buf_free(&hex);
}
END_TEST

START_TEST(refused)
{
	certify(terminal, terminal, "DETERM00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x6300);
	certify(root, terminal, "DETERM00001", false);
	cmd.p[12] ^= 1;
	ck_assert_uint_eq(verify("002A00BE"), 0x6300);
	exchange("002A00BE", "7F4E00", 0x6a80, "");
	exchange("002A00BE", "5F370100", 0x6a80, "");
	exchange("002A00BE", "7F4E", 0x6a80, "");
	exchange("002A00BE", "7F4E02 7F49 5F3700", 0x6a80, "");
	exchange("002A00BE", "7F4E00 5F3700", 0x6300, "");
	/* with a key that certifies nothing */
	sam_key_find(&kept->sam, 0, 5)->uses = SAM_USE_VERIFY;
	certify(root, terminal, "DETERM00001", false);
	ck_assert_uint_eq(verify("002A00BE"), 0x6985);
	expect("0022F300", "9000");
	ck_assert_uint_eq(verify("002A00BE"), 0x6985);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("iso_certificate");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_holder_is_known_then);
	tcase_add_test(tc, a_chain_of_two);
	tcase_add_test(tc, a_holder_is_proven_and_no_number);
	tcase_add_test(tc, who_may_certify);
	tcase_add_test(tc, the_path);
	tcase_add_test(tc, dates);
	tcase_add_test(tc, the_path_has_an_owner);
	tcase_add_test(tc, the_path_of_an_application);
	tcase_add_test(tc, forms);
	tcase_add_test(tc, kinds_of_keys);
	tcase_add_test(tc, refused);
	return run("iso_certificate", tc);
}
