/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PIV cards that are made with keys: where these go, and what is beside them. */
#include "cards/piv/personal.h"

#include <string.h>

#include "cards/piv/piv.h"
#include "model/key.h"
#include "model/object.h"
#include "personal.h"
#include "newcard.h"
#include "support.h"
#include "talk.h"

static struct new_card made;
static struct state *state;
static struct file *df;

static void
setup(void)
{
	new_card(&made, &piv_type, NULL, NULL, NULL);
	ck_assert_ptr_nonnull(made.card);
	state = ((struct iso *)made.card)->state;
	df = state->fs.mf->children;
	begin_personal();
}

static void
teardown(void)
{
	import_free(&p.from);
	free_card(&made);
}

static void
expect(const char *command, const char *answer)
{
	expect_from(made.card, command, answer);
}

static void
fill(sw_t sw)
{
	ck_assert_uint_eq(piv_personal.personalise(state, &p), sw);
}

static bool
has_key(uint8_t ref)
{
	return sam_key_find(&state->sam, df->uid, ref & 0x7f);
}

START_TEST(names_of_places)
{
	ck_assert_uint_eq(piv_personal.place("9a"), 0x9a);
	ck_assert_uint_eq(piv_personal.place("9E"), 0x9e);
	ck_assert_uint_eq(piv_personal.place("95"), 0x95);
	ck_assert_uint_eq(piv_personal.place("f9"), 0xf9);
	ck_assert_uint_eq(piv_personal.place("9b"), 0);
	ck_assert_uint_eq(piv_personal.place("96"), 0);
	ck_assert_uint_eq(piv_personal.place(""), 0);
	ck_assert_uint_eq(piv_personal.place("9a9c"), 0);
	ck_assert_uint_eq(piv_personal.place("key"), 0);
}
END_TEST

/* One key is all that the card needs: without its certificate it makes one. */
START_TEST(one_key_in_all_places)
{
	const struct object *o;

	add_ec(0);
	fill(SW_OK);
	ck_assert(has_key(0x9a) && has_key(0x9c) && has_key(0x9d) && has_key(0x9e) &&
		  !has_key(0x82));
	expect("00F7009E", "010111 02020101 030102 0443 8641*9000");
	expect("00F7009C", "010111 02020301 030102 0443 8641*9000");
	expect("00200080 08 3234363831 30FFFF", "9000");
	o = object_find(df, 0x5fc105);
	ck_assert_ptr_nonnull(o);
	ck_assert_ptr_nonnull(memmem(o->value.p, o->value.n, "A card", 6));
	/* the PUK of all new cards is not this one's */
	expect("002C0080 10 3132333435363738 313233343536FFFF", "63C2");
}
END_TEST

START_TEST(keys_in_places)
{
	add_ec(0);
	add_ed(ED_X25519, 0x9d);
	add_ec(0);
	add_ec(0);
	add_ed(ED_25519, 0x9c);
	add_ec(0xf9);
	strcpy(p.subject, "Some Body");
	ck_assert(secret_set(&p.secrets[PERSONAL_PUK], view_of("1357", 4)));
	fill(SW_OK);
	expect("00F7009D", "0101E1 02020201 030101 0422 8620*9000");
	expect("00F7009C", "0101E0 02020301 030101 0422 8620*9000");
	ck_assert(has_key(0x9a) && has_key(0x9e) && has_key(0x82) && has_key(0x83) &&
		  !has_key(0x84));
	/* which cannot sign itself */
	ck_assert_ptr_null(object_find(df, 0x5fc10b));
	ck_assert_ptr_nonnull(object_find(df, 0x5fc10a));
	ck_assert_ptr_nonnull(object_find(df, 0x5fc10d));
	expect("00CB3FFF 05 5C035FC10C", "5308 C10102 C20100 FE00 9000");
	/* what was made for the card it attests, by the key that was brought for that */
	expect("00F99C00 000000", "3082*9000");
	expect("002C0080 10 31333537FFFFFFFF 313233343536FFFF", "9000");
}
END_TEST

START_TEST(two_keys_for_one_place)
{
	add_ec(0x9a);
	add_ec(0x9a);
	fill(SW_FILE_EXISTS);
}
END_TEST

START_TEST(what_fits)
{
	add_ed(ED_X25519, 0);
	add_ed(ED_25519, 0);
	ck_assert(piv_personal.fits(&p.from.keys[0], 0x9d) &&
		  !piv_personal.fits(&p.from.keys[0], 0x9a));
	ck_assert(!piv_personal.fits(&p.from.keys[1], 0x9d) &&
		  piv_personal.fits(&p.from.keys[1], 0x9a));
	ck_assert(piv_personal.fits(&p.from.keys[0], 0x82) &&
		  piv_personal.fits(&p.from.keys[1], 0x95));
	ck_assert_ptr_null(piv_personal.fault(&p.from.keys[0]));
	fill(SW_OK);
	expect("00F7009D", "0101E1*9000");
	expect("00F7009E", "0101E0*9000");
	ck_assert(!has_key(0x82));
}
END_TEST

START_TEST(what_cannot_be_kept)
{
	struct import_key k = { .rsa = NULL };

	ck_assert_int_eq(ec_generate(&k.ec, CURVE_P521), 0);
	ck_assert_ptr_nonnull(piv_personal.fault(&k));
	ec_free(k.ec);
	k.ec = NULL;
	ck_assert_int_eq(rsa_generate(&k.rsa, 1536, view_of(NULL, 0), NULL, NULL), 0);
	ck_assert_ptr_nonnull(piv_personal.fault(&k));
	rsa_free(k.rsa);
	k.rsa = NULL;
	ck_assert_int_eq(ed_generate(&k.ed, ED_448), 0);
	ck_assert_ptr_nonnull(piv_personal.fault(&k));
	ed_free(k.ed);
}
END_TEST

START_TEST(global_pin_and_management_key)
{
	add_ec(0x9a);
	ck_assert(secret_set(&p.secrets[PERSONAL_GLOBAL_PIN], view_of("97531086", 8)));
	ck_assert(secret_set(&p.secrets[PERSONAL_ADMIN_KEY], view_of("0123456789abcdef", 16)));
	fill(SW_OK);
	expect("00CB3FFF 03 5C017E", "7E12 4F0BA000000308000010000100 5F2F026010 9000");
	expect("00F7009B", "010108 02020001 050100 9000");
	expect("00200000 08 3937353331303836", "9000");
	expect("0087119A 0A 7C08 8200 8104 01020304", "7C*9000");
}
END_TEST

/* RSA signs its certificate, too, and what it attests. */
START_TEST(rsa)
{
	add_rsa(0xf9);
	add_ed(ED_25519, 0x9a);
	fill(SW_OK);
	expect("00CB3FFF 000005 5C035FFF01 0000", "*9000");
	expect("00F700F9 000000", "010106 02020101 030102*9000");
	expect("00F99A00 000000", "3082*9000");
	ck_assert_uint_gt(object_find(df, PIV_OBJECT_ATTESTATION)->value.n, 300);
}
END_TEST

/* A certificate that was brought is the one that is kept. */
START_TEST(certificate_that_was_brought)
{
	struct import_cert *cert = &p.from.certs[p.from.n_certs++];

	add_ec(0x9a);
	cert->der = (struct buf)BUF(64);
	buf_put(&cert->der, "0123", 4);
	fill(SW_OK);
	expect("00CB3FFF 05 5C035FC105", "530B 700430313233 710100 FE00 9000");
}
END_TEST

static void
again_with_keys(void)
{
	teardown();
	setup();
	add_ec(0);
	add_ec(0xf9);
	ck_assert(secret_set(&p.secrets[PERSONAL_GLOBAL_PIN], view_of("97531086", 8)));
}

START_TEST(no_memory)
{
	make_without_memory(&piv_personal, &state, again_with_keys, false);
}
END_TEST

/* An image that is no PIV card's, and codes that cannot be. */
START_TEST(what_cannot_be_made)
{
	add_ec(0x9a);
	ck_assert(secret_set(&p.secrets[PERSONAL_PUK], view_of("123456789", 9)));
	fill(SW_WRONG_DATA);
	secret_wipe(&p.secrets[PERSONAL_PUK]);
	ck_assert(secret_set(&p.secrets[PERSONAL_GLOBAL_PIN], view_of("12345", 5)));
	fill(SW_WRONG_DATA);
	secret_wipe(&p.secrets[PERSONAL_GLOBAL_PIN]);
	sam_key_remove(&state->sam, sam_key_find(&state->sam, df->uid, 0x1b));
	ck_assert(secret_set(&p.secrets[PERSONAL_ADMIN_KEY], view_of("0123456789abcdef", 16)));
	fill(SW_REFERENCE_NOT_FOUND);
	ck_assert(secret_set(&p.secrets[PERSONAL_PIN], view_of("1", 1)));
	fill(SW_WRONG_DATA);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("personal");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, names_of_places);
	tcase_add_test(tc, one_key_in_all_places);
	tcase_add_test(tc, keys_in_places);
	tcase_add_test(tc, two_keys_for_one_place);
	tcase_add_test(tc, what_fits);
	tcase_add_test(tc, what_cannot_be_kept);
	tcase_add_test(tc, global_pin_and_management_key);
	tcase_add_test(tc, rsa);
	tcase_add_test(tc, certificate_that_was_brought);
	tcase_add_test(tc, no_memory);
	tcase_add_test(tc, what_cannot_be_made);
	return run("personal", tc);
}
