/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An identity card for test_secrets: PACE with each password, PIN management, TA, CA, a signature. */
#include "secrets_idcard.h"

#include <unistd.h>

#include "cards/eac/chain.h"
#include "cards/npa/idcard.h"
#include "model/key.h"

static const struct view none = { .n = 0 };
static const char card_pin[] = "739154", new_pin[] = "826047", puk[] = "5820417396",
		  qes_pin[] = "9471630528";
static const char *image_path;
static add_secret_fn *add;

static void
add_key(const char *field)
{
	struct eac_key k = { .id = 0 };

	ck_assert_int_eq(eac_key_get(kept, field, &k), 0);
	add(field, secret_view(&k.d));
	secret_wipe(&k.d);
}

static void
add_keys(void)
{
	const struct import_key key =
		key_asym(sam_key_find(&kept->sam, npa_esign_df(kept)->uid, NPA_ESIGN_KEY));
	struct buf d = BUF(CURVE_SIZE_MAX);

	add_key(EAC_FIELD_CA_KEY);
	add_key(EAC_FIELD_CA_KEY_PRIVILEGED);
	add_key(EAC_FIELD_RI_KEY);
	add_key(EAC_FIELD_RI_KEY_2);
	ck_assert_int_eq(ec_get_d(key.ec, &d), 0);
	add("key of signatures", buf_view(&d));
	buf_free(&d);
}

static void
make_card(void)
{
	idcard_option("pin", card_pin);
	idcard_option("puk", puk);
	idcard_option("qes-pin", qes_pin);
	ck_assert_msg(idcard_open_at(image_path) == 0, "%s", error);
	add_keys();
	idcard_close();
	idcard_no_options();
}

static void
use_terminal(const struct chain *c)
{
	ck_assert_uint_eq(idcard_pace(EAC_CAN, "222222", chat_of(CHAT_AT_ALL)), 0x9000);
	ck_assert_uint_eq(show_chain(&terminal, c, true), 0x9000);
	ck_assert_uint_eq(authenticate(&terminal, c, none), 0x9000);
	ck_assert_uint_eq(idcard_chip_authentication(), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00A4040C", known("A000000167455349474E"), 0, NULL),
			  0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00200081", said(qes_pin), 0, NULL), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "002A9E9A",
				      known("00112233445566778899AABBCCDDEEFF00112233"), 256, NULL),
			  0x9000);
}

START_TEST(whole_life)
{
	struct chain c;

	make_card();
	ck_assert_msg(idcard_open_at(image_path) == 0, "%s", error);
	chain_of(&c, CHAT_AT_ALL);
	ck_assert_int_eq(eac_anchor_add(kept, buf_view(&c.cvca.cvc)), 0);
	ck_assert(field_set_number(eac_fields(kept), EAC_FIELD_DATE, 20260101));
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "000000", none), 0x63c2);
	ck_assert_uint_eq(idcard_pace(EAC_PUK, puk, none), 0x9000);
	ck_assert_uint_eq(idcard_pace(EAC_PIN, card_pin, none), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "002C0203", said(new_pin), 0, NULL), 0x9000);
	ck_assert_uint_eq(idcard_pace(EAC_PIN, new_pin, none), 0x9000);
	idcard_reset();
	use_terminal(&c);
	chain_free(&c);
	idcard_close();
}
END_TEST

bool
play_idcard(const char *path, add_secret_fn *add_secret)
{
	Suite *suite = suite_create("identity card");
	TCase *tc = tcase_create("identity card");
	SRunner *runner = srunner_create(suite);
	bool right;

	image_path = path;
	add = add_secret;
	add("PIN of an identity card", said(card_pin));
	add("its new PIN", said(new_pin));
	add("its PUK", said(puk));
	add("its signature PIN", said(qes_pin));
	tcase_add_test(tc, whole_life);
	suite_add_tcase(suite, tc);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	right = srunner_ntests_failed(runner) == 0;
	srunner_free(runner);
	return right;
}
