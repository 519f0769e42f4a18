/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Common Access Cards that are made with keys: which instance each becomes, and what is refused. */
#include "cards/cac/personal.h"

#include <stdio.h>
#include <string.h>

#include "cards/cac/cac.h"
#include "image/image.h"
#include "personal.h"
#include "model/key.h"
#include "model/object.h"
#include "support.h"
#include "talk.h"

static struct image *image;
static struct state *state; /* a new card's, until there is one */
static struct card *card;

static void
setup(void)
{
	const struct image_config contents = { .type = "cac", .contents = cac_type.contents };
	char error[256];

	ck_assert_int_eq(image_open(&image, &state, &contents, error, sizeof(error)), 0);
	begin_personal();
}

static void
teardown(void)
{
	import_free(&p.from);
	card_free(card);
	card = NULL;
	state_free(state);
	image_free(image);
}

static void
expect(const char *command, const char *answer)
{
	static const struct card_env env = { .log = NULL };
	const struct card_config cfg = { .state = state };

	if (!card)
		card = card_open(&cac_type, &cfg, &env);
	state = NULL;
	ck_assert_ptr_nonnull(card);
	expect_from(card, command, answer);
}

static void
fill(sw_t sw)
{
	ck_assert_uint_eq(cac_personal.personalise(state, &p), sw);
}

/* Key number n, with a certificate of so many bytes; 0: none. */
static void
add_key(unsigned place, size_t size)
{
	size_t n = p.from.n_keys;

	add_rsa(place);
	memset(p.from.keys[n].id, (int)n + 1, IMPORT_ID_SIZE);
	if (size == 0)
		return;
	p.from.certs[p.from.n_certs].der = (struct buf) BUF(8192);
	buf_fill(&p.from.certs[p.from.n_certs].der, (uint8_t)('a' + n), size);
	memset(p.from.certs[p.from.n_certs++].id, (int)n + 1, IMPORT_ID_SIZE);
}

static void
select_pki(unsigned instance, const char *answer)
{
	char command[64];

	snprintf(command, sizeof(command), "00A40400 07 A00000007901%02X 00", instance);
	expect(command, answer);
}

START_TEST(names_of_places)
{
	ck_assert_uint_eq(cac_personal.place("00"), 1);
	ck_assert_uint_eq(cac_personal.place("09"), 10);
	ck_assert_uint_eq(cac_personal.place("0A"), 0);
	ck_assert_uint_eq(cac_personal.place("9a"), 0);
	ck_assert_uint_eq(cac_personal.place(""), 0);
	ck_assert_uint_eq(cac_personal.place("0000"), 0);
	ck_assert(cac_personal.fits(&p.from.keys[0], 1));
}
END_TEST

/* Those with a place, and those without, in the order in which clients are to find them. */
START_TEST(keys_in_order)
{
	add_key(0, 3);
	add_key(1, 4);
	add_key(0, 5);
	ck_assert_ptr_null(cac_personal.refuse(&p));
	fill(SW_OK);
	select_pki(0, "6F0B8407A0000000790100A500 9000");
	expect("00520000 02 02FF 00", "0500 00 62626262 9000");
	select_pki(1, "6F0B8407A0000000790101A500 9000");
	expect("00520000 02 02FF 00", "0400 00 616161 9000");
	select_pki(2, "6F0B8407A0000000790102A500 9000");
	expect("00520000 02 02FF 00", "0600 00 6363636363 9000");
	select_pki(3, "6A82");
	expect("00200000 08 323436383130FFFF", "9000");
}
END_TEST

START_TEST(one_that_was_made)
{
	add_key(3, 0);
	p.orders[0].generated = true;
	strcpy(p.subject, "Somebody");
	ck_assert_ptr_null(cac_personal.refuse(&p));
	fill(SW_OK);
	select_pki(2, "6F0B8407A0000000790102A500 9000");
	expect("00520000 02 0203 00", "????00 9000");
	expect("00A40400 07 A0000000790200 00", "6F0B8407A0000000790200A500 9000");
	expect("00520002 02 0208 00", "536F6D65626F6479 9000");
}
END_TEST

START_TEST(what_is_refused)
{
	size_t i;

	add_key(0, CAC_CERTIFICATE_MAX);
	ck_assert_ptr_null(cac_personal.refuse(&p));
	add_key(0, CAC_CERTIFICATE_MAX + 1);
	ck_assert_ptr_nonnull(strstr(cac_personal.refuse(&p), "longer than 4095"));
	import_free(&p.from);
	add_key(0, 0);
	ck_assert_ptr_nonnull(strstr(cac_personal.refuse(&p), "no certificate"));
	import_free(&p.from);
	for (i = 0; i < 10; i++)
		add_key(0, 1);
	ck_assert_ptr_null(cac_personal.refuse(&p));
	/* the same once more is no other */
	add_key(0, 1);
	memset(p.from.keys[10].id, 1, IMPORT_ID_SIZE);
	ck_assert_ptr_null(cac_personal.refuse(&p));
	memset(p.from.keys[10].id, 11, IMPORT_ID_SIZE);
	ck_assert_ptr_nonnull(strstr(cac_personal.refuse(&p), "ten keys"));
	fill(SW_NO_MEMORY);
}
END_TEST

START_TEST(two_keys_for_one_place)
{
	add_key(2, 1);
	add_key(2, 1);
	fill(SW_FILE_EXISTS);
}
END_TEST

START_TEST(an_instance_that_is_there)
{
	struct file *df;

	ck_assert_uint_eq(cac_add_pki(state, 0, view_of("1", 1), &df), SW_OK);
	add_key(1, 1);
	fill(SW_FILE_EXISTS);
}
END_TEST

START_TEST(kinds_of_keys)
{
	struct import_key k = { .rsa = NULL };
	static const struct {
		size_t bits;
		bool fits;
	} sizes[] = { { 512, false }, { 1024, true }, { 1536, false } };
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		ck_assert_int_eq(rsa_generate(&k.rsa, sizes[i].bits, view_of(NULL, 0), NULL, NULL),
				 0);
		ck_assert(sizes[i].fits == !cac_personal.fault(&k));
		rsa_free(k.rsa);
		k.rsa = NULL;
	}
	ck_assert_int_eq(ec_generate(&k.ec, CURVE_P256), 0);
	ck_assert_ptr_nonnull(cac_personal.fault(&k));
	ec_free(k.ec);
}
END_TEST

/* Codes that cannot be; an image without Person Instance is a card, too. */
START_TEST(codes_and_person)
{
	struct file *df = fs_by_name(&state->fs, view_of("\xa0\x00\x00\x00\x79\x02\x00", 7));

	ck_assert(secret_set(&p.secrets[PERSONAL_PUK], view_of("1234567", 7)));
	fill(SW_WRONG_DATA);
	secret_wipe(&p.secrets[PERSONAL_PUK]);
	ck_assert_uint_eq(fs_delete(&state->fs, df, NULL), SW_OK);
	fill(SW_OK);
	ck_assert(secret_set(&p.secrets[PERSONAL_PIN], view_of("123", 3)));
	fill(SW_WRONG_DATA);
}
END_TEST

static void
again_with_keys(void)
{
	teardown();
	setup();
	add_key(0, 10);
	add_key(5, 0);
	p.orders[1].generated = true;
}

START_TEST(no_memory)
{
	make_without_memory(&cac_personal, &state, again_with_keys, true);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("personal");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, names_of_places);
	tcase_add_test(tc, keys_in_order);
	tcase_add_test(tc, one_that_was_made);
	tcase_add_test(tc, what_is_refused);
	tcase_add_test(tc, two_keys_for_one_place);
	tcase_add_test(tc, an_instance_that_is_there);
	tcase_add_test(tc, kinds_of_keys);
	tcase_add_test(tc, codes_and_person);
	tcase_add_test(tc, no_memory);
	return run("personal", tc);
}
