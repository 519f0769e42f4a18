/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of SoftHSM: a blob and an identifier that SoftHSM 2.6.1 wrote, objects that are built
 * here.
 */
#include "cards/cac/softhsm.h"

#include <errno.h>

#include "memory_ends.h"
#include "objects.h"
#include "support.h"

static const uint8_t blob[] = {
	0xb4, 0xa2, 0xbf, 0xd6, 0x32, 0xa2, 0x99, 0x06, 0xb1, 0x68, 0x05, 0xb0, 0x31, 0x89, 0xb8,
	0xed, 0xf5, 0x96, 0x48, 0x55, 0x20, 0x2e, 0x38, 0xf9, 0xc6, 0xbf, 0xb6, 0xdb, 0x8e, 0x7d,
	0xde, 0xf3, 0x69, 0xd0, 0x5b, 0xe9, 0x1b, 0x6d, 0x22, 0x44, 0xd8, 0xd7, 0xaa, 0x15, 0x5c,
	0xb4, 0x7a, 0x07, 0x7b, 0xdc, 0x39, 0x83, 0x29, 0x3a, 0x47, 0xca, 0x06, 0x3d, 0x71, 0x15,
	0xfa, 0xd6, 0xdd, 0x31, 0x45, 0x7b, 0xa7, 0x95, 0xfb, 0x1a, 0x49, 0xf9,
};
static const uint8_t master_key[] = {
	0x9e, 0x88, 0x7c, 0xb2, 0x7c, 0x96, 0x37, 0xc5, 0x71, 0x80, 0x2d, 0x77, 0x1f, 0x51, 0xd4,
	0x34, 0x85, 0x2f, 0x46, 0x22, 0x3d, 0xec, 0x38, 0x13, 0x4e, 0xb7, 0xf4, 0xc8, 0x01, 0x77,
	0x34, 0xb2,
};
static const uint8_t id[] = {
	0x22, 0x27, 0xb3, 0xc3, 0x8a, 0xd6, 0x10, 0x0e, 0xd8, 0x46, 0x73, 0xda, 0x2f, 0x0b, 0x2e,
	0xa2, 0x6e, 0xf9, 0xa2, 0xa4, 0x3c, 0xf5, 0x15, 0x98, 0xef, 0x60, 0x04, 0x07, 0x3a, 0xcf,
	0xff, 0xc7,
};

/* --- what is sealed ------------------------------------------------------------------------ */

static int
open_blob(struct view b, const char *pin, struct secret *master)
{
	return softhsm_open(b, view_of(pin, strlen(pin)), master);
}

START_TEST(vector)
{
	struct secret master = { .n = 0 };
	struct buf out = BUF(16);

	ck_assert_int_eq(open_blob(view_of(blob, sizeof(blob)), "123456", &master), 0);
	ck_assert(view_equal(secret_view(&master), view_of(master_key, sizeof(master_key))));
	ck_assert_int_eq(softhsm_unseal(&master, view_of(id, sizeof(id)), &out), 0);
	ck_assert(view_equal(buf_view(&out), view_of("\x01", 1)));
	ck_assert_int_eq(softhsm_unseal(&master, view_of(NULL, 0), &out), 0);
	ck_assert_uint_eq(out.n, 1);
	buf_free(&out);
}
END_TEST

START_TEST(what_opens_nothing)
{
	struct secret master = { .n = 0 };
	uint8_t other[sizeof(blob)];
	size_t i;

	ck_assert_int_eq(open_blob(view_of(blob, sizeof(blob)), "123457", &master), -EACCES);
	ck_assert_int_eq(open_blob(view_of(blob, sizeof(blob)), "", &master), -EACCES);
	ck_assert_int_eq(open_blob(view_of(blob, sizeof(blob) - 1), "123456", &master), -EINVAL);
	ck_assert_int_eq(open_blob(view_of(NULL, 0), "123456", &master), -EINVAL);
	for (i = 0; i < sizeof(blob); i += 9) {
		memcpy(other, blob, sizeof(blob));
		other[i] ^= 0x10;
		/* of the master key's own bytes nothing tells whether they are right */
		if (i < 8 || i >= 56)
			ck_assert_int_eq(
				open_blob(view_of(other, sizeof(other)), "123456", &master),
				-EACCES);
	}
	ck_assert_uint_eq(master.n, 0);
}
END_TEST

START_TEST(what_is_not_sealed_with_it)
{
	struct secret master = { .n = 0 };
	struct buf out = BUF(16);
	size_t n;

	ck_assert(secret_set(&master, view_of(master_key, sizeof(master_key))));
	for (n = 1; n < sizeof(id); n++)
		ck_assert_int_eq(softhsm_unseal(&master, view_of(id, n), &out), -EBADMSG);
	master.bytes[0] ^= 1;
	ck_assert_int_eq(softhsm_unseal(&master, view_of(id, sizeof(id)), &out), -EBADMSG);
	ck_assert_uint_eq(out.n, 0);
	buf_free(&out);
}
END_TEST

START_TEST(no_memory)
{
	struct secret master = { .n = 0 };
	bool hit = true;
	int rc;

	for (failing = 1; hit; failing++) {
		unsigned long nth = failing;

		allocations = 0;
		rc = softhsm_open(view_of(blob, sizeof(blob)), view_of("123456", 6), &master);
		failing = 0;
		hit = allocations >= nth;
		ck_assert(rc == 0 || (hit && rc < 0));
		failing = nth > 40 && hit ? nth + 997 : nth;
	}
	failing = 0;
	ck_assert_int_eq(rc, 0);
}
END_TEST

/* --- files ------------------------------------------------------------------------------------ */

static void
put_flag(struct buf *b, uint64_t type, bool yes)
{
	put_number(b, type);
	put_number(b, 1);
	buf_u8(b, yes);
}

static void
put_bytes(struct buf *b, uint64_t type, uint64_t kind, const char *text, size_t n)
{
	put_number(b, type);
	put_number(b, kind);
	put_number(b, kind == 5 ? n / 8 : n);
	buf_put(b, text, n);
}

static void
put_object(struct buf *b, uint64_t class, bool private)
{
	*b = (struct buf) BUF(4096);
	put_number(b, 1);
	put_value(b, 0, class);
	put_flag(b, 2, private);
	put_bytes(b, 3, 3, "label", 5);
	put_value(b, 0x100, 0);
	put_bytes(b, 0x40000600, 5, "0123456789abcdef", 16);
	put_bytes(b, 0x40000211, 4, "attributes", 10);
	put_value(b, 0x170, UINT64_MAX);
	put_bytes(b, 0x102, 3, "id", 2);
	put_bytes(b, 0x11, 3, "value", 5);
	put_bytes(b, 0x120, 3, "n", 1);
	put_bytes(b, 0x128, 3, "qinv", 4);
	ck_assert(!b->failed);
}

START_TEST(certificates_and_keys)
{
	struct softhsm_object o;
	struct buf b;

	put_object(&b, 1, false);
	ck_assert(softhsm_read(buf_view(&b), &o));
	ck_assert_int_eq(o.class, SOFTHSM_CERTIFICATE);
	ck_assert(!o.private);
	ck_assert(view_equal(o.value[SOFTHSM_LABEL], view_of("label", 5)));
	ck_assert(view_equal(o.value[SOFTHSM_ID], view_of("id", 2)));
	ck_assert(view_equal(o.value[SOFTHSM_VALUE], view_of("value", 5)));
	ck_assert(view_equal(o.value[SOFTHSM_RSA + RSA_PART_QINV], view_of("qinv", 4)));
	ck_assert_uint_eq(o.value[SOFTHSM_RSA + RSA_PART_D].n, 0);
	buf_free(&b);
	put_object(&b, 1, true);
	ck_assert(softhsm_read(buf_view(&b), &o));
	ck_assert_int_eq(o.class, SOFTHSM_OTHER);
	buf_free(&b);
	put_object(&b, 3, true);
	ck_assert(softhsm_read(buf_view(&b), &o));
	ck_assert_int_eq(o.class, SOFTHSM_RSA_KEY);
	ck_assert(o.private);
	put_value(&b, 0x100, 3); /* EC */
	ck_assert(softhsm_read(buf_view(&b), &o));
	ck_assert_int_eq(o.class, SOFTHSM_OTHER);
	buf_free(&b);
	put_object(&b, 2, false);
	ck_assert(softhsm_read(buf_view(&b), &o));
	ck_assert_int_eq(o.class, SOFTHSM_OTHER);
	buf_free(&b);
}
END_TEST

/* Whole attributes, or it is no file; an empty object is one. */
START_TEST(cut_short)
{
	struct softhsm_object o;
	struct buf b;
	size_t n, whole = 0;

	put_object(&b, 1, false);
	for (n = 0; n < b.n; n++)
		whole += softhsm_read(view_of(b.p, n), &o);
	ck_assert_uint_eq(whole, 12 - 1); /* before each attribute */
	buf_free(&b);
}
END_TEST

START_TEST(what_is_no_object)
{
	static const struct {
		uint64_t kind, n;
	} wrong[] = {
		{ 0, 1 }, { 6, 1 }, { 3, UINT64_MAX }, { 3, 9 }, { 4, 9 }, { 5, 2 },
		{ 5, UINT64_MAX / 8 + 2 },
	};
	struct softhsm_object o;
	struct buf b = BUF(256);
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		buf_reset(&b);
		put_number(&b, 1);
		put_number(&b, 3);
		put_number(&b, wrong[i].kind);
		put_number(&b, wrong[i].n);
		buf_put(&b, "12345678", 8);
		ck_assert_msg(!softhsm_read(buf_view(&b), &o), "%zu", i);
	}
	buf_free(&b);
}
END_TEST

/* In CBC a bit of the IV is one of the first block, which is RJR and the key's first bytes. */
START_TEST(a_pin_is_right_where_the_mark_is)
{
	struct secret master = { .n = 0 };
	uint8_t other[sizeof(blob)];
	size_t i;

	for (i = 8; i < 12; i++) {
		memcpy(other, blob, sizeof(blob));
		other[i] ^= 0x10;
		ck_assert_int_eq(open_blob(view_of(other, sizeof(other)), "123456", &master),
				 i < 11 ? -EACCES : 0);
		ck_assert_uint_eq(master.n, i < 11 ? 0 : sizeof(master_key));
	}
	ck_assert_uint_eq(master.bytes[0], master_key[0] ^ 0x10);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("softhsm");

	tcase_add_test(tc, vector);
	tcase_add_test(tc, what_opens_nothing);
	tcase_add_test(tc, what_is_not_sealed_with_it);
	tcase_add_test(tc, no_memory);
	tcase_add_test(tc, certificates_and_keys);
	tcase_add_test(tc, cut_short);
	tcase_add_test(tc, what_is_no_object);
	tcase_add_test(tc, a_pin_is_right_where_the_mark_is);
	return run("softhsm", tc);
}
