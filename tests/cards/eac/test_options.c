/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values of options that documents share, and private keys in files. */
#include <errno.h>

#include "cards/eac/options.h"
#include "known.h"

START_TEST(values)
{
	static const struct {
		const char *(*fault)(const char *value);
		const char *right[4], *wrong[12];
	} words[] = {
		{ eac_can_fault, { "000000", "123456" }, { "", "12345", "1234567", "12345a", "      " } },
		{ eac_date_fault, { "20000101", "20240229", "20991231" },
		  { "", "2024", "20230229", "19991231", "21000101", "2024-1-1" } },
		{ eac_pace_or_none_fault, { "none", "ecdh-gm-aes128", "ecdh-cam-aes256:17,dh-im-3des" },
		  { "", ",", "ecdh", "ecdh-gm-aes128:", "ecdh-gm-aes128:5", "ecdh-gm-aes128:2", "dh-gm-aes128:13",
		    "ecdh-im-aes128:10", "ecdh-cam-3des:13", "ecdh-gm-aes128,x", "none,ecdh-gm-aes128" } },
		{ eac_pace_fault, { "ecdh-gm-aes128", "ecdh-cam-aes256:17,dh-im-3des" }, { "", "none", "ecdh-gm-aes128:19" } },
		{ eac_ca_fault, { "NONE", "ecdh-aes128", "dh-3des:0,ecdh-aes256:18" },
		  { "", "ecdh-gm-aes128", "ecdh-aes128:3", "dh-aes128:13", "ecdh-aes128 " } },
		{ eac_path_fault, { "a" }, { "" } },
	};
	size_t i, j;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		for (j = 0; j < 4 && words[i].right[j]; j++)
			ck_assert_msg(!words[i].fault(words[i].right[j]), "%s", words[i].right[j]);
		for (j = 0; j < 12 && words[i].wrong[j]; j++)
			ck_assert_msg(words[i].fault(words[i].wrong[j]) != NULL, "\"%s\"",
				      words[i].wrong[j]);
	}
}
END_TEST

#define BP256_ORDER "A9FB57DBA1EEA9BC3E660A909D838D718C397AA3B561A6F7901E0E82974856A7"
#define BP256_LAST "A9FB57DBA1EEA9BC3E660A909D838D718C397AA3B561A6F7901E0E82974856A6"
#define ONE_20 "0000000000000000000000000000000000000001"
#define ONE_32 "0000000000000000000000000000000000000000000000000000000000000001"
#define ONE_66 "0000" ONE_32 "0000000000000000000000000000000000000000000000000000000000000001"

/* The number itself: as long as the order, not zero, below the order. */
static const struct {
	unsigned domain;
	const char *bytes, *said; /* NULL: it is taken */
} numbers[] = {
	{ 13, ONE_32, NULL },
	{ 13, BP256_LAST, NULL },
	{ 18, ONE_66, NULL },
	{ 0, ONE_20, NULL },
	{ 13, "", "--ca-key f: not a private key for domain parameters 13 (ca_key), as PKCS#8, or as a number of 32 bytes below the order" },
	{ 13, "01", "a number of 32 bytes below the order" },
	{ 13, "000000000000000000000000000000000000000000000000000000000000000000000001", "32 bytes" },
	{ 13, "00" ONE_32, "32 bytes" },
	{ 13, "0000000000000000000000000000000000000000000000000000000000000000", "32 bytes" },
	{ 13, BP256_ORDER, "32 bytes" },
	{ 13, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "32 bytes" },
	{ 18, ONE_32, "66 bytes" },
	{ 0, "00", "20 bytes" },
	{ 2, ONE_20, "32 bytes" },
};

static int
take(struct state *s, const struct eac_key_file *from, char error[200])
{
	const struct eac_making m = { .s = s, .error = error, .size = 200 };

	return eac_take_key(&m, from);
}

START_TEST(numbers_for_keys)
{
	const struct view bytes = known(numbers[_i].bytes);
	struct eac_key_file from = { .option = "ca-key", .path = "f", .bytes = bytes, .raw = true,
				     .field = EAC_FIELD_CA_KEY, .id = 7, .domain = numbers[_i].domain };
	struct state *s = state_new();
	struct eac_key k = { .id = 0 };
	char error[200] = "";

	ck_assert_ptr_nonnull(s);
	if (numbers[_i].said) {
		ck_assert_int_eq(take(s, &from, error), -EINVAL);
		ck_assert_msg(strstr(error, numbers[_i].said) != NULL, "%s", error);
		ck_assert_ptr_null(strchr(error, '\n'));
		ck_assert_int_eq(eac_key_get(s, EAC_FIELD_CA_KEY, &k), -ENOENT);
	} else {
		ck_assert_int_eq(take(s, &from, error), 0);
		ck_assert_int_eq(eac_key_get(s, EAC_FIELD_CA_KEY, &k), 0);
		ck_assert_view(secret_view(&k.d), bytes);
		ck_assert_uint_eq(k.id, 7);
		secret_wipe(&k.d);
		/* where a number is not allowed it is none */
		from.raw = false;
		ck_assert_int_eq(take(s, &from, error), -EINVAL);
		ck_assert_ptr_null(strstr(error, "number"));
	}
	state_free(s);
}
END_TEST

/* With d 1 the public value is the generator, whose first bit is set: an INTEGER has a zero before it. */
START_TEST(public_keys)
{
	struct state *s = state_new();
	struct buf infos = BUF(4096);

	ck_assert_ptr_nonnull(s);
	ck_assert_int_eq(eac_key_set(s, EAC_FIELD_CA_KEY, 1, 0, known(ONE_20)), 0);
	ck_assert_int_eq(eac_put_ca_key(s, EAC_FIELD_CA_KEY, true, 1, &infos), 0);
	ck_assert(eac_has_ca_key(s, EAC_FIELD_CA_KEY, buf_view(&infos)));
	ck_assert(!eac_has_ca_key(s, EAC_FIELD_CA_KEY_2, buf_view(&infos)));
	/* another key, and the same one under another number */
	ck_assert_int_eq(eac_key_make(s, EAC_FIELD_CA_KEY, 1, 0), 0);
	ck_assert(!eac_has_ca_key(s, EAC_FIELD_CA_KEY, buf_view(&infos)));
	ck_assert_int_eq(eac_key_set(s, EAC_FIELD_CA_KEY, 2, 0, known(ONE_20)), 0);
	ck_assert(!eac_has_ca_key(s, EAC_FIELD_CA_KEY, buf_view(&infos)));
	buf_free(&infos);
	state_free(s);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("options");

	tcase_add_test(tc, values);
	tcase_add_loop_test(tc, numbers_for_keys, 0, sizeof(numbers) / sizeof(*numbers));
	tcase_add_test(tc, public_keys);
	return run("eac options", tc);
}
