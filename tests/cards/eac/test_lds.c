/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/eac/lds.h"

#include "codec/tlv.h"
#include "known.h"
#include "support.h"

#define PICTURE "FFD8 FFC0 000B 08 0140 00F0 01 011100"

static struct lds l;

static void
setup(void)
{
	lds_init(&l);
}

static void
teardown(void)
{
	lds_free(&l);
}

START_TEST(mrz)
{
	char fault[MRZ_FAULT_SIZE];
	struct mrz m;

	/* Doc 9303-10, 4.7.1 */
	ck_assert(mrz_read(
		&m,
		said("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"),
		fault));
	lds_put_mrz(&l.group[1], &m);
	ck_assert_uint_eq(l.group[1].n, 2 + 3 + 72);
	ck_assert_view(view_slice(buf_view(&l.group[1]), 0, 5), known("614B 5F1F48"));
	ck_assert_view(view_slice(buf_view(&l.group[1]), 5, 72), view_of(m.text, 72));
}
END_TEST

/* Byte for byte, up to the picture: 9303-10, 4.7.2; ISO/IEC 19794-5, table 2. */
START_TEST(face)
{
	struct buf b = BUF(LDS_GROUP_MAX);

	ck_assert(lds_put_face(&b, known(PICTURE)));
	ck_assert_buf(
		&b,
		known("75 59 7F61 56 020101 7F60 50 A1 0E 8101 02 8201 00 8702 0101 8802 0008 5F2E 3D "
		      "46414300 30313000 0000003D 0001 "
		      "0000002F 0000 00 00 00 000000 0000 000000 000000 "
		      "01 00 00F0 0140 01 00 0000 0000 " PICTURE));
	ck_assert(!lds_put_face(&b, known("3000")));
	ck_assert_uint_eq(b.n, 0);
}
END_TEST

/* mrtdreader 0.1.6 wants to find the picture's kind at 73, for any picture of usual size. */
START_TEST(face_at_its_place)
{
	static uint8_t picture[5000];
	struct buf b = BUF(LDS_GROUP_MAX);
	struct view begin = known(PICTURE);

	memcpy(picture, begin.p, begin.n);
	ck_assert(lds_put_face(&b, view_of(picture, sizeof(picture))));
	ck_assert_uint_eq(b.n, 84 + sizeof(picture));
	ck_assert_uint_eq(b.p[72], 1);
	ck_assert_uint_eq(b.p[73], 0);
	buf_free(&b);
}
END_TEST

/* Whole, bare, and what only looks whole. */
START_TEST(groups)
{
	struct buf b = BUF(64);
	unsigned n;

	ck_assert(lds_put_group(&b, 11, known("6B 02 0500")));
	ck_assert_buf(&b, known("6B 02 0500"));
	ck_assert(lds_put_group(&b, 11, known("0500")));
	ck_assert_buf(&b, known("6B 02 0500"));
	ck_assert(lds_put_group(&b, 3, known("")));
	ck_assert_buf(&b, known("63 00"));
	ck_assert(!lds_put_group(&b, 11, known("6B 03 0500")));
	buf_free(&b);
	ck_assert(!lds_put_group(&b, 11, known("6B 02 0500 00")));
	buf_free(&b);
	for (n = 1; n <= LDS_GROUPS; n++)
		ck_assert_uint_ne(lds_tag(n), 0);
	ck_assert_uint_eq(lds_tag(2), 0x75);
	ck_assert_uint_eq(lds_tag(16), 0x70);
}
END_TEST

START_TEST(com)
{
	struct buf b = BUF(64);

	lds_put_com(&b, &l);
	ck_assert_buf(&b, known("60 12 5F01 04 30313037 5F36 06 303430303030 5C 00"));
	ck_assert(lds_put_group(&l.group[1], 1, known("00")));
	ck_assert(lds_put_group(&l.group[16], 16, known("00")));
	ck_assert(lds_put_group(&l.group[2], 2, known("00")));
	lds_put_com(&b, &l);
	ck_assert_buf(&b, known("60 15 5F01 04 30313037 5F36 06 303430303030 5C 03 617570"));
}
END_TEST

START_TEST(sod)
{
	const uint32_t to_content[] = { 0x77, 0x30, 0xa0, 0x30, 0x30, 0xa0, 0x04, 0 };
	struct buf object = BUF(8192), wanted = BUF(256);
	struct view content;
	struct pki pki;

	ck_assert(lds_put_group(&l.group[1], 1, known("AA")));
	ck_assert(lds_put_group(&l.group[14], 14, known("BB")));
	ck_assert_int_eq(pki_make(&pki, "UT"), 0);
	ck_assert_int_eq(lds_put_sod(&object, &l, &pki), 0);
	ck_assert(tlv_find_path(buf_view(&object), to_content, &content));
	/* version 0, SHA-256, the numbers and hashes of the groups with their tags */
	buf_put_view(&wanted,
		     known("3060 020100 300B 0609608648016503040201 304E 3025 020101 0420"));
	ck_assert_int_eq(digest_once(DIGEST_SHA256, known("61 01 AA"), &wanted), 0);
	buf_put_view(&wanted, known("3025 02010E 0420"));
	ck_assert_int_eq(digest_once(DIGEST_SHA256, known("6E 01 BB"), &wanted), 0);
	ck_assert_view(content, buf_view(&wanted));
	buf_free(&object);
	buf_free(&wanted);
	pki_free(&pki);
}
END_TEST

/* An LDSSecurityObject: version, hash, hashes (9303-10, 4.6.2.3). */
START_TEST(hashes)
{
	static const struct {
		const char *content;
		bool right;
	} rows[] = {
		{ "3019 020100 300B 0609608648016503040201 3007 3005 020101 0400", true },
		{ "3015 020100 3007 06052B0E03021A 3007 3005 020110 0400", true },
		{ "3012 020100 300B 0609608648016503040201 3000", true },
		/* no object, no hash, none of ours, an algorithm without a name */
		{ "", false },
		{ "3003 020100", false },
		{ "3005 020100 3000", false },
		{ "3012 020100 300B 06096086480165030402FF 3000", false },
		{ "300B 020100 3004 04020000 3000", false },
		/* of a hash: no number, no value, two bytes, 0, 17; what is behind the last */
		{ "3016 020100 300B 0609608648016503040201 3004 3002 0400", false },
		{ "3017 020100 300B 0609608648016503040201 3005 3003 020101", false },
		{ "301A 020100 300B 0609608648016503040201 3008 3006 02020101 0400", false },
		{ "3019 020100 300B 0609608648016503040201 3007 3005 020100 0400", false },
		{ "3019 020100 300B 0609608648016503040201 3007 3005 020111 0400", false },
		{ "3013 020100 300B 0609608648016503040201 3001 30", false },
	};
	struct lds_hashes out;

	ck_assert(lds_read_hashes(known(rows[_i].content), &out) == rows[_i].right);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("lds");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, mrz);
	tcase_add_test(tc, face);
	tcase_add_test(tc, face_at_its_place);
	tcase_add_test(tc, groups);
	tcase_add_test(tc, com);
	tcase_add_test(tc, sod);
	tcase_add_loop_test(tc, hashes, 0, 14);
	return run("lds", tc);
}
