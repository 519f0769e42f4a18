/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An identity card for test_secrets: PACE with each password, PIN management, TA, CA, a signature. */
#include "secrets_idcard.h"

#include <unistd.h>

#include "base/hex.h"
#include "cards/eac/chain.h"
#include "cards/npa/idcard.h"
#include "crypto/cipher.h"
#include "crypto/kdf.h"
#include "model/key.h"

static const struct view none = { .n = 0 };
static const char card_pin[] = "739154", new_pin[] = "826047", puk[] = "5820417396",
		  qes_pin[] = "9471630528", can[] = "516283";
static const char *image_path;
static add_secret_fn *add;

/* --- what only sessions have ----------------------------------------------------------------- */

#define SESSION_SECRETS_MAX 24

static struct {
	const char *name;
	uint8_t bytes[32];
	size_t n;
} session_secrets[SESSION_SECRETS_MAX];
static size_t n_session_secrets;

static void
remember(const char *name, struct view v)
{
	ck_assert_uint_lt(n_session_secrets, SESSION_SECRETS_MAX);
	session_secrets[n_session_secrets].name = name;
	session_secrets[n_session_secrets].n = v.n;
	memcpy(session_secrets[n_session_secrets++].bytes, v.p, v.n);
}

static void
remember_session(const char *name)
{
	remember(name, view_of(terminal.keys.enc, 16));
	remember(name, view_of(terminal.keys.mac, 16));
}

void
add_idcard_sessions(add_secret_fn *add_secret)
{
	while (n_session_secrets > 0) {
		n_session_secrets--;
		add_secret(session_secrets[n_session_secrets].name,
			   view_of(session_secrets[n_session_secrets].bytes,
				   session_secrets[n_session_secrets].n));
	}
}

/* --- who looks on ---------------------------------------------------------------------------- */

static struct trace *watching;
static struct buf nonce =
	BUF(64); /* of PACE: the first answer to GENERAL AUTHENTICATE, encrypted */

static void
watch(struct view command, struct view rsp, const struct card_note *note)
{
	watching->tap.exchange(&watching->tap, command, rsp, note);
	if (nonce.n == 0 && command.n > 1 && command.p[0] == 0x10 && command.p[1] == 0x86)
		buf_put_view(&nonce, view_slice(rsp, 4, rsp.n - 6));
}

/* Outside of a session, so that the nonce comes in the clear. */
static void
open_by(enum eac_password password, const char *secret, const char *chat)
{
	struct buf plain = BUF(64);
	struct secret key;

	idcard_reset();
	buf_free(&nonce);
	ck_assert_uint_eq(idcard_pace(password, secret, known(chat)), 0x9000);
	remember_session("session by PACE");
	ck_assert_int_eq(kdf_derive(CIPHER_AES, 16, said(secret), KDF_PASSWORD, &key), 0);
	remember("key of a password", secret_view(&key));
	ck_assert_int_eq(cipher_decrypt(CIPHER_AES, CIPHER_CBC, secret_view(&key), NULL,
					buf_view(&nonce), &plain),
			 0);
	remember("nonce", buf_view(&plain));
	secret_wipe(&key);
	buf_free(&plain);
	buf_free(&nonce);
}

/* --- the card -------------------------------------------------------------------------------- */

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
	idcard_option("can", can);
	idcard_option("qes-pin", qes_pin);
	ck_assert_msg(idcard_open_at(image_path) == 0, "%s", error);
	add_keys();
	idcard_close();
	idcard_no_options();
}

static void
use_terminal(const struct chain *c)
{
	struct buf chat = BUF(64);

	hex_write(&chat, chat_of(CHAT_AT_ALL));
	buf_u8(&chat, 0);
	open_by(EAC_CAN, can, (const char *)chat.p);
	buf_free(&chat);
	ck_assert_uint_eq(show_chain(&terminal, c, true), 0x9000);
	ck_assert_uint_eq(authenticate(&terminal, c, none), 0x9000);
	ck_assert_uint_eq(idcard_chip_authentication(), 0x9000);
	remember_session("session by chip authentication");
	ck_assert_uint_eq(doc_command(&terminal, "00A4040C", known("A000000167455349474E"), 0, NULL),
			  0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00200081", said(qes_pin), 0, NULL), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "002A9E9A",
				      known("00112233445566778899AABBCCDDEEFF00112233"), 256, NULL),
			  0x9000);
}

/* A terminal's mistake: no log and no trace repeats it. */
static void
say_in_the_clear(void)
{
	ck_assert_uint_eq(doc_plain(&terminal, "00200003", said(card_pin), 0, NULL), 0x6700);
	ck_assert_uint_eq(doc_plain(&terminal, "002C0203", said(new_pin), 0, NULL), 0x6982);
	ck_assert_uint_eq(doc_plain(&terminal, "00240003", said(card_pin), 0, NULL), 0x6d00);
	ck_assert_uint_eq(doc_plain(&terminal, "00A4040C", known("A000000167455349474E"), 0, NULL),
			  0x9000);
	ck_assert_uint_eq(doc_plain(&terminal, "00200081", said(qes_pin), 0, NULL), 0x6982);
	ck_assert_uint_eq(doc_plain(&terminal, "80200003", said(puk), 0, NULL), 0x6a86);
	idcard_reset();
}

START_TEST(whole_life)
{
	struct chain c;

	make_card();
	ck_assert_msg(idcard_open_at(image_path) == 0, "%s", error);
	chain_of(&c, CHAT_AT_ALL);
	ck_assert_int_eq(eac_anchor_add(kept, buf_view(&c.cvca.cvc)), 0);
	ck_assert(field_set_number(eac_fields(kept), EAC_FIELD_DATE, 20260101));
	say_in_the_clear();
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "000000", none), 0x63c2);
	open_by(EAC_PUK, puk, "");
	open_by(EAC_PIN, card_pin, "");
	ck_assert_uint_eq(doc_command(&terminal, "002C0203", said(new_pin), 0, NULL), 0x9000);
	ck_assert_uint_eq(idcard_pace(EAC_PIN, new_pin, none), 0x9000);
	use_terminal(&c);
	chain_free(&c);
	idcard_close();
}
END_TEST

bool
play_idcard(const char *path, const struct log *log, struct trace *trace, add_secret_fn *add_secret)
{
	Suite *suite = suite_create("identity card");
	TCase *tc = tcase_create("identity card");
	SRunner *runner = srunner_create(suite);
	bool right;

	image_path = path;
	idcard_log = log;
	idcard_watch = watch;
	watching = trace;
	add = add_secret;
	add("PIN of an identity card", said(card_pin));
	add("its new PIN", said(new_pin));
	add("its PUK", said(puk));
	add("its CAN", said(can));
	add("its signature PIN", said(qes_pin));
	tcase_add_test(tc, whole_life);
	suite_add_tcase(suite, tc);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	right = srunner_ntests_failed(runner) == 0;
	srunner_free(runner);
	return right;
}
