/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whose key goes where on a token, and which password opens it. */
#include "cards/token/token.h"

#include "cards/token/personal.h"
#include "crypto/ec.h"
#include "crypto/ed.h"
#include "iso/stages.h"
#include "known.h"
#include "newcard.h"
#include "support.h"
#include "thecard.h"

#define PIV "00A4040005A000000308"
#define OPENPGP "00A4040006D27600012401"

static struct new_card made;
static struct personal p;

static void
setup(void)
{
	new_card(&made, &token_type, NULL, NULL, NULL);
	card = made.card;
	ck_assert_msg(card, "%s", made.error);
	p = (struct personal) { .label = "A token" };
	ck_assert(secret_set(&p.secrets[PERSONAL_PIN], known("323436383130")));
}

static void
teardown(void)
{
	free_card(&made);
}

static void
add_key(const char *place, bool ec)
{
	size_t n = p.from.n_keys++;

	if (ec)
		ck_assert_int_eq(ec_generate(&p.from.keys[n].ec, CURVE_P256), 0);
	else
		ck_assert_int_eq(ed_generate(&p.from.keys[n].ed, ED_X25519), 0);
	p.orders[n] = (struct personal_order) { .place = place ? token_personal.place(place) : 0 };
	ck_assert(!place || p.orders[n].place);
}

static void
fill(sw_t sw)
{
	struct iso *c = (struct iso *)card;

	ck_assert_uint_eq(token_personal.personalise(c->state, &p), sw);
	import_free(&p.from);
}

START_TEST(keys_of_both)
{
	add_key("sig", true);
	add_key("9C", true);
	add_key("dec", false);
	add_key(NULL, true);
	ck_assert(secret_set(&p.secrets[PERSONAL_PUK], known("3939393939393939")));
	ck_assert(secret_set(&p.secrets[PERSONAL_SO_PIN], known("3838383838383838")));
	fill(SW_OK);
	expect(OPENPGP, "9000");
	expect("00CA00DE00", "0102 0202 0300 9000");
	expect("00CA00C100", "132A8648CE3D030107 9000");
	expect("00CA00C200", "122B060104019755010501 9000");
	/* the PUK is PIV's alone */
	expect("00CA00C400", "007F7F7F030003 9000");
	expect("00200082 06 323436383130", "9000");
	expect("00200083 08 3838383838383838", "9000");
	expect(PIV "00", "*9000");
	expect("00200080 08 323436383130FFFF", "9000");
	expect("002C0080 10 3939393939393939 323436383130FFFF", "9000");
	/* those that are free, and not the one that has a key of its own */
	expect("00F7009A00", "*9000");
	expect("00F7009C00", "*9000");
	expect("00F7009E00", "*9000");
	expect("00F7008200", "6A88");
}
END_TEST

/* What is nobody else's is where nobody has said otherwise. */
START_TEST(piv_alone)
{
	add_key(NULL, true);
	fill(SW_OK);
	expect(OPENPGP, "9000");
	expect("00CA00DE00", "0100 0200 0300 9000");
	expect("00200083 08 3132333435363738", "9000");
	expect(PIV "00", "*9000");
	expect("00F7009D00", "*9000");
}
END_TEST

START_TEST(two_for_one_place)
{
	add_key(_i ? "aut" : "9A", true);
	add_key(_i ? "aut" : "9A", true);
	fill(SW_FILE_EXISTS);
}
END_TEST

START_TEST(names_of_places)
{
	ck_assert_uint_eq(token_personal.place("9a"), 0x9a);
	ck_assert_uint_eq(token_personal.place("aut"), 3);
	ck_assert_uint_eq(token_personal.place("9B"), 0);
	ck_assert_uint_eq(token_personal.place("key"), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("token");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, keys_of_both);
	tcase_add_test(tc, piv_alone);
	tcase_add_loop_test(tc, two_for_one_place, 0, 2);
	tcase_add_test(tc, names_of_places);
	return run("token", tc);
}
