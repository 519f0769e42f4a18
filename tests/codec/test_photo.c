/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/photo.h"

#include "known.h"
#include "support.h"

#define JFIF "FFD8 FFE0 0010 4A464946 00 0101 00 0001 0001 0000 "
#define FRAME "FFC0 000B 08 0140 00F0 01 011100 "
#define JP2 "0000000C 6A502020 0D0A870A 00000014 66747970 6A703220 00000000 6A703220 "
#define IHDR "00000016 69686472 00000140 000000F0 0003 07 07 00 00 "
#define SIZ "FF4F FF51 002F 0000 000000F4 00000142 00000004 00000002 "

static void
expect_size(const char *file, bool jpeg2000)
{
	struct view all = known(file);
	struct photo p;
	size_t n;

	ck_assert(photo_read(all, &p));
	ck_assert_int_eq(p.jpeg2000, jpeg2000);
	ck_assert_uint_eq(p.width, 240);
	ck_assert_uint_eq(p.height, 320);
	/* one that is cut short is none, or is the same */
	for (n = 0; n < all.n; n++)
		ck_assert(!photo_read(view_slice(all, 0, n), &p) ||
			  (p.width == 240 && p.height == 320));
}

START_TEST(sizes)
{
	expect_size(JFIF FRAME, false);
	expect_size(
		"FFD8 FFC4 0004 0000 FFC8 0002 FFCC 0002 FFC2 0011 08 0140 00F0 03 012200 021101 031101",
		false);
	expect_size(JP2 "0000001E 6A703268 " IHDR, true);
	/* a box to the end of the file, behind one that is not for us */
	expect_size(JP2 "00000008 66726565 00000000 6A703268 " IHDR, true);
	expect_size(SIZ, true);
}
END_TEST

static void
expect_none(const char *file)
{
	struct photo p;

	ck_assert(!photo_read(known(file), &p));
}

START_TEST(none)
{
	expect_none("");
	expect_none("89504E470D0A1A0A 0000000D 49484452 00000001 00000001");
	expect_none("FFD8");
	expect_none("FFD8 FFD9");
	expect_none(JFIF "0000 0004 0000 " FRAME); /* no marker */
	expect_none("FFD8 FFE0 0001 " FRAME);      /* a length that does not count itself */
	expect_none("FFD8 FFC0 000B 08 0000 00F0 01 011100");
	expect_none("FFD8 FFC0 0004 08 01");
	expect_none(JP2 "00000008 6A703268");
	expect_none(JP2 "00000007 6A703268 00");
	expect_none(JP2 "0000001E 6A703268 00000016 69686472 00010000 000000F0 0003 07 07 00 00");
	expect_none("FF4F FF51 002F 0000 00000004 00000142 00000004 00000002");
	expect_none("FF4F FF52 002F 0000 000000F4 00000142 00000004 00000002");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("photo");

	tcase_add_test(tc, sizes);
	tcase_add_test(tc, none);
	return run("photo", tc);
}
