/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys that are made on the plain card, and keys that are brought to it. */
#include <errno.h>

#include "codec/tlv.h"
#include "isocard.h"
#include "rsa_known.h"

static struct buf out = BUF(70000);

static void
teardown(void)
{
	isocard_close();
	buf_free(&out);
}

static struct sam_key *
key(uint8_t ref)
{
	return sam_key_find(&kept->sam, 0, ref);
}

/* An object of the 7F49 in out. */
static struct view
public_part(uint32_t tag)
{
	const uint32_t path[] = { 0x7f49, tag, 0 };
	struct view v = { .n = 0 };

	ck_assert(tlv_find_path(buf_view(&out), path, &v));
	return v;
}

static void
generate(const char *header, const char *data)
{
	buf_reset(&out);
	ck_assert_uint_eq(send_command(header, known(data), 65536, &out), 0x9000);
}

START_TEST(generate_ec)
{
	struct buf first = BUF(300);

	expect("00460000 00", "6985");
	expect("002241B6 06 800113 840105", "9000");
	generate("00460000", "");
	ck_assert_view(public_part(0x06), known("2A8648CE3D030107"));
	ck_assert_uint_eq(public_part(0x86).n, 65);
	ck_assert_uint_eq(commits, 1);
	ck_assert(key_is_private(key(5)));
	buf_put_view(&first, buf_view(&out));
	/* reading is not making */
	generate("00460100", "");
	ck_assert_view(buf_view(&out), buf_view(&first));
	ck_assert_uint_eq(commits, 1);
	/* again: another one; the kind is known by now */
	generate("00460005", "");
	ck_assert(!view_equal(buf_view(&out), buf_view(&first)));
	/* on another curve */
	generate("00470000", "0609 2B2403030208010107");
	ck_assert_view(public_part(0x06), known("2B2403030208010107"));
	/* which it keeps */
	generate("00460000", "");
	ck_assert_view(public_part(0x06), known("2B2403030208010107"));
	exchange("00460000", "06032A0304", 0x6A80, "");
	exchange("00460000", "0603", 0x6A80, "");
	expect("00460800 00", "6A86");
	expect("00460000", "6700");
	expect("00460109 00", "6A88");
	buf_free(&first);
}
END_TEST

/* Whoever sends domain parameters wants them back to the byte. */
START_TEST(explicit_domain_parameters)
{
	static const struct {
		uint32_t tag;
		enum curve_part part;
	} rows[] = {
		{ 0x81, CURVE_PART_P }, { 0x82, CURVE_PART_A }, { 0x83, CURVE_PART_B },
		{ 0x84, CURVE_PART_G }, { 0x85, CURVE_PART_N }, { 0x87, CURVE_PART_H },
	};
	struct buf parameters = BUF(1000), part = BUF(200);
	size_t i;

	for (i = 0; i < 6; i++) {
		ck_assert_int_eq(curve_get(CURVE_P384, rows[i].part, &part), 0);
		tlv_put(&parameters, rows[i].tag, buf_view(&part));
		buf_free(&part);
	}
	expect("00224100 06 800113 840105", "9000");
	ck_assert_uint_eq(send_command("00460000", buf_view(&parameters), 65536, &out), 0x9000);
	ck_assert_uint_eq(public_part(0x86).n, 97);
	ck_assert(view_equal(view_slice(buf_view(&out), 5, parameters.n), buf_view(&parameters)));
	/* and so when it is read */
	generate("00460100", "");
	ck_assert(view_equal(view_slice(buf_view(&out), 5, parameters.n), buf_view(&parameters)));
	/* parameters of no curve */
	parameters.p[10] ^= 1;
	buf_reset(&out);
	ck_assert_uint_eq(send_command("00460000", buf_view(&parameters), 65536, &out), 0x6A80);
	buf_free(&parameters);
}
END_TEST

START_TEST(generate_rsa)
{
	struct buf sig = BUF(300);
	struct rsa *public;

	/* template and size in the command */
	generate("00460000", "B606 80010C 840107 7F4904 81020400");
	ck_assert_uint_eq(public_part(0x81).n, 128);
	ck_assert_view(public_part(0x82), known("010001"));
	ck_assert_uint_eq(key(7)->bits, 1024);
	ck_assert_int_eq(rsa_public(&public, public_part(0x81), public_part(0x82)), 0);
	expect("002241B6 06 80010C 840107", "9000");
	ck_assert_uint_eq(send_command("002A9E9A", known("010203"), 256, &sig), 0x9000);
	ck_assert_int_eq(rsa_verify_pkcs1(public, known("010203"), buf_view(&sig)), 0);
	rsa_free(public);
	/* with an exponent; the size stays */
	generate("00460000", "7F4903 820103");
	ck_assert_uint_eq(public_part(0x81).n, 128);
	ck_assert_view(public_part(0x82), known("03"));
	exchange("00460000", "7F4904 81020401", 0x6A80, "");
	exchange("00460000", "7F4904 8102FFFF", 0x6A80, "");
	exchange("00460000", "7F4903 820102", 0x6A80, "");
	buf_free(&sig);
}
END_TEST

START_TEST(the_process_ends)
{
	interrupted = true;
	exchange("00460000", "B606 80010C 840107 7F4904 81020800", 0x6400, "");
	ck_assert_ptr_null(key(7));
	ck_assert_uint_eq(commits, 0);
}
END_TEST

START_TEST(generate_ed)
{
	generate("00460000", "B606 800115 840108");
	ck_assert_uint_eq(public_part(0x86).n, 32);
	ck_assert_uint_eq(key(8)->kind, SAM_ED25519);
	generate("00460000", "A606 800116 840109");
	ck_assert_uint_eq(public_part(0x86).n, 32);
	ck_assert_uint_eq(key(9)->kind, SAM_X25519);
}
END_TEST

START_TEST(what_names_no_key_pair)
{
	exchange("00460000", "B603 800113", 0x6985, ""); /* no key */
	exchange("00460000", "B603 840105", 0x6985, ""); /* no kind */
	exchange("00460000", "B606 800109 840105", 0x6A81, "");
	exchange("00460000", "B606 800108 840105", 0x6A81, "");
	exchange("00460000", "B607 80021313 840105", 0x6A81, "");
	exchange("00460000", "B607 800113 84020105", 0x6A88, "");
	exchange("00460000", "B606 800113 8401", 0x6A80, "");
	exchange("00460000", "B60A 800113 810242FF 840105", 0x6A88, "");
	ck_assert_uint_eq(commits, 0);
}
END_TEST

/* It names no file: the key is the card's. */
START_TEST(an_empty_file_reference)
{
	exchange("00460000", "B608 800113 8100 84010A", 0x9000, NULL);
	ck_assert_ptr_nonnull(sam_key_find(&kept->sam, 0, 0x0a));
	ck_assert_ptr_null(sam_key_find(&kept->sam, kept->fs.mf->uid, 0x0a));
}
END_TEST

START_TEST(who_may_make_keys)
{
	struct sam_key *k;

	generate("00460000", "B606 800113 840105");
	k = key(5);
	k->manage = (struct sam_rule) { .grant = SAM_ANY, .global.user = 2 };
	exchange("00460000", "B606 800113 840105", 0x6982, "");
	expect("00200001 04 31323334", "9000");
	exchange("00460000", "B606 800113 840105", 0x9000, NULL);
	/* a new one in a DF where no file may be made */
	expect("00E00000 10 620E 820138 83025002 8A0105 8C0202FF", "9000");
	expect("00A4000C 02 5002", "9000");
	exchange("00460000", "B606 800113 840185", 0x6982, "");
	expect("00A4000C 02 3F00", "9000");
	/* one where it may, and there it is */
	expect("00E00000 0C 620A 820138 83025003 8A0105", "9000");
	expect("00A4000C 02 5003", "9000");
	exchange("00460000", "B606 800113 840185", 0x9000, NULL);
	ck_assert_ptr_nonnull(sam_key_find(&kept->sam, ((struct iso *)card)->channel[0].at.df, 5));
	exchange("00460100", "B603 840185", 0x9000, NULL);
	expect("00A4000C 02 3F00", "9000");
	exchange("00460100", "B603 840185", 0x6A88, NULL);
	/* with its DF it goes */
	expect("00E40000 02 5003", "9000");
	for (k = kept->sam.keys; k; k = k->next)
		ck_assert_uint_eq(k->owner, 0);
}
END_TEST

/* A key of a key EF, as DO 81 names it. */
START_TEST(keys_in_files)
{
	expect("00E00000 0E 620C 820109 83024B01 8A0105 8000", "6A80");
	expect("00E00000 0C 620A 820109 83024B01 8A0105", "9000");
	exchange("00460000", "B607 800113 81024B01", 0x9000, NULL);
	ck_assert_ptr_null(key(0)->asym.p);
	expect("002241B6 07 800113 81024B01", "9000");
	exchange("002A9E9A", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
		 0x9000, NULL);
	expect("002241B6 04 81024B02", "9000");
	exchange("002A9E9A", "BA78", 0x6A88, NULL);
}
END_TEST

/* --- import ----------------------------------------------------------------------- */

static void
put_part(struct buf *b, uint8_t tag, enum rsa_part part)
{
	tlv_put(b, tag, known(rsa_known_hex[part]));
}

START_TEST(import_rsa)
{
	struct buf parts = BUF(1000), cmd = BUF(1000), sig = BUF(200);
	struct rsa *public = rsa_known_public();

	put_part(&parts, 0x92, RSA_PART_P);
	put_part(&parts, 0x93, RSA_PART_Q);
	put_part(&parts, 0x94, RSA_PART_QINV);
	put_part(&parts, 0x95, RSA_PART_DP);
	put_part(&parts, 0x96, RSA_PART_DQ);
	tlv_put(&cmd, 0x7f48, buf_view(&parts));
	/* nobody said where to */
	ck_assert_uint_eq(send_command("00DB3FFF", buf_view(&cmd), 0, &out), 0x6985);
	expect("002241B6 06 80010C 840107", "9000");
	ck_assert_uint_eq(send_command("00DB3FFF", buf_view(&cmd), 0, &out), 0x9000);
	ck_assert_uint_eq(commits, 1);
	ck_assert_uint_eq(send_command("002A9E9A", known("010203"), 256, &sig), 0x9000);
	ck_assert_int_eq(rsa_verify_pkcs1(public, known("010203"), buf_view(&sig)), 0);
	generate("00460100", "");
	ck_assert_view(public_part(0x81), known(rsa_known_hex[RSA_PART_N]));
	/* numbers that do not belong together: the old key stays */
	cmd.p[20] ^= 1;
	ck_assert_uint_eq(send_command("00DB3FFF", buf_view(&cmd), 0, &out), 0x6A80);
	ck_assert(key_is_private(key(7)));
	exchange("002A9E9A", "010203", 0x9000, NULL);
	rsa_free(public);
	buf_free(&parts);
	buf_free(&cmd);
	buf_free(&sig);
}
END_TEST

START_TEST(import_in_parts_of_a_chain)
{
	struct buf parts = BUF(1000), cmd = BUF(1000);

	put_part(&parts, 0x92, RSA_PART_P);
	put_part(&parts, 0x93, RSA_PART_Q);
	put_part(&parts, 0x95, RSA_PART_DP);
	tlv_put(&cmd, 0x7f48, buf_view(&parts));
	expect("002241B6 06 80010C 840107", "9000");
	ck_assert_uint_eq(send_command("10DB3FFF", view_slice(buf_view(&cmd), 0, 100), 0, &out),
			  0x9000);
	ck_assert_ptr_null(key(7));
	ck_assert_uint_eq(send_command("00DB3FFF", view_slice(buf_view(&cmd), 100, 1000), 0, &out),
			  0x9000);
	ck_assert(key_is_private(key(7)));
	buf_free(&parts);
	buf_free(&cmd);
}
END_TEST

/* RFC 6979, A.2.5 */
START_TEST(import_ec)
{
	exchange("00DB3FFF",
		 "B606 800113 840105"
		 "7F482C 0608 2A8648CE3D030107 8820 C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
		 0x9000, "");
	generate("00460105", "");
	ck_assert_view(public_part(0x86),
		       known("04 60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
			     "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"));
	/* only its public half, to verify with: 7F49 */
	buf_reset(&out);
	ck_assert_uint_eq(send_command("00460105", known(""), 256, &out), 0x9000);
	{
		struct buf cmd = BUF(300);

		buf_put_view(&cmd, known("B603 840106"));
		buf_put_view(&cmd, buf_view(&out));
		ck_assert_uint_eq(send_command("00DB3FFF", buf_view(&cmd), 0, &out), 0x9000);
		buf_free(&cmd);
	}
	ck_assert(!key_is_private(key(6)));
	expect("002241B6 06 800113 840106", "9000");
	exchange("002A9E9A", "0102", 0x6A88, "");
	/* on no curve; off its curve; no key at all */
	exchange("00DB3FFF", "B603 840106 7F4803 880101", 0x6A80, "");
	exchange("00DB3FFF", "B603 840106 7F480D 0608 2A8648CE3D030107 880100", 0x6A80, "");
	exchange("00DB3FFF", "B603 840106 7F4800", 0x6A80, "");
	/* an unknown kind of it is the environment's business */
	exchange("00DB3FFF", "B606 800115 840108 7F4822 8820"
		 "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", 0x9000, "");
	ck_assert_uint_eq(key(8)->kind, SAM_ED25519);
}
END_TEST

START_TEST(import_needs_the_right)
{
	struct sam_key *k = sam_key_add(&kept->sam, 0, 5, SAM_EC);
	const char *cmd = "B606 800113 840105"
		"7F482C 0608 2A8648CE3D030107 8820 C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";

	k->manage.grant = SAM_NEVER;
	exchange("00DB3FFF", cmd, 0x6982, "");
	ck_assert_uint_eq(k->asym.n, 0);
	k->manage.grant = SAM_ALWAYS;
	exchange("00DB3FFF", cmd, 0x9000, "");
	ck_assert_uint_gt(k->asym.n, 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("iso_key");

	tcase_add_checked_fixture(tc, isocard_open, teardown);
	tcase_add_test(tc, generate_ec);
	tcase_add_test(tc, explicit_domain_parameters);
	tcase_add_test(tc, generate_rsa);
	tcase_add_test(tc, the_process_ends);
	tcase_add_test(tc, generate_ed);
	tcase_add_test(tc, what_names_no_key_pair);
	tcase_add_test(tc, an_empty_file_reference);
	tcase_add_test(tc, who_may_make_keys);
	tcase_add_test(tc, keys_in_files);
	tcase_add_test(tc, import_rsa);
	tcase_add_test(tc, import_in_parts_of_a_chain);
	tcase_add_test(tc, import_ec);
	tcase_add_test(tc, import_needs_the_right);
	return run("iso_key", tc);
}
