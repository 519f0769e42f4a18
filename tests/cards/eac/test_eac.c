/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine against a terminal of our own: every protocol, every set of parameters, and what is refused. */
#include <errno.h>

#include "cards/eac/eac.h"
#include "chain.h"
#include "document.h"
#include "model/field.h"

static const struct view none = { .n = 0 };

static const char *const secrets[] = { NULL, MRZ_INFORMATION, "222222", "123456", "3333333333" };

static void
open_with_pace(const struct card_type *type, uint8_t method, uint8_t cipher, int id)
{
	struct buf access = BUF(512);

	secinfo_put_pace(&access, method, cipher, id);
	if (type == &identity_type) {
		secinfo_put_ca(&access, SECINFO_ECDH, SECINFO_AES128, 2, 0x41);
		secinfo_put_ca(&access, SECINFO_DH, SECINFO_3DES, 2, 0x45);
		secinfo_put_ri(&access, SECINFO_ECDH, 3, 1, false, -1);
	} else {
		secinfo_put_ca(&access, SECINFO_ECDH, SECINFO_AES256, 1, -1);
		secinfo_put_ca(&access, SECINFO_DH, SECINFO_3DES, 1, -1);
	}
	document_open(type, buf_view(&access));
	buf_free(&access);
}

static void
open_identity(void)
{
	open_with_pace(&identity_type, SECINFO_ECDH_GM, SECINFO_AES128, 13);
}

static unsigned
pace_with(unsigned password, const char *secret, struct view chat, unsigned *mse)
{
	const struct doc_pace p = {
		.method = SECINFO_ECDH_GM, .cipher = SECINFO_AES128, .id = 13, .password = password,
		.secret = said(secret), .chat = chat
	};

	return doc_pace(&terminal, &p, mse);
}

static unsigned
pace(unsigned password)
{
	return pace_with(password, secrets[password], none, NULL);
}

/* The session works, both ways. */
static void
check_session(void)
{
	struct buf out = BUF(64);

	ck_assert_uint_eq(doc_command(&terminal, "00B08100", none, 256, &out), 0x9000);
	ck_assert_view(buf_view(&out), said("some bytes that nobody has to hide"));
	ck_assert(!terminal.plain_answer);
	buf_free(&out);
	/* an error is protected, too */
	ck_assert_uint_eq(doc_command(&terminal, "00B09D00", none, 256, NULL), 0x6a82);
	ck_assert(!terminal.plain_answer);
	ck_assert_uint_eq(doc_command(&terminal, "00B08100", none, 256, NULL), 0x9000);
}

/* --- PACE ---------------------------------------------------------------------------------- */

/* Every method in every cipher over every group that it can have. */
START_TEST(every_set_of_parameters)
{
	static const uint8_t methods[] = { SECINFO_DH_GM, SECINFO_ECDH_GM, SECINFO_DH_IM, SECINFO_ECDH_IM, SECINFO_ECDH_CAM };
	const unsigned id = (unsigned)_i;
	size_t i;
	uint8_t cipher;

	if (!group_exists(id))
		return;
	for (i = 0; i < sizeof(methods); i++) {
		if (group_is_curve(id) !=
			    (methods[i] != SECINFO_DH_GM && methods[i] != SECINFO_DH_IM) ||
		    (methods[i] == SECINFO_ECDH_IM && id == 10))
			continue;
		for (cipher = SECINFO_3DES; cipher <= SECINFO_AES256; cipher++) {
			const struct doc_pace p = {
				.method = methods[i], .cipher = cipher, .id = id, .password = EAC_CAN,
				.secret = said("222222"), .no_id = cipher == SECINFO_AES192
			};

			if (methods[i] == SECINFO_ECDH_CAM && cipher == SECINFO_3DES)
				continue;
			open_with_pace(&passport_type, methods[i], cipher, _i);
			if (methods[i] == SECINFO_ECDH_CAM)
				ck_assert_int_eq(eac_key_make(kept, EAC_FIELD_CA_KEY, 1, id), 0);
			ck_assert_uint_eq(doc_pace(&terminal, &p, NULL), 0x9000);
			check_session();
			if (methods[i] == SECINFO_ECDH_CAM) {
				/* PK_Map = CA_IC * PK_IC */
				struct eac_key k;
				struct buf public = BUF(256), map = BUF(256);

				ck_assert_int_eq(eac_key_get(kept, EAC_FIELD_CA_KEY, &k), 0);
				ck_assert_int_eq(eac_key_public(&k, &public), 0);
				doc_multiply(id, buf_view(&public),
					     view_of(terminal.chip, terminal.chip_n), &map);
				ck_assert_view(buf_view(&map),
					       view_of(terminal.chip_map, terminal.chip_map_n));
				buf_free(&public);
				buf_free(&map);
			}
			document_close();
		}
	}
}
END_TEST

START_TEST(every_password)
{
	unsigned password;

	for (password = EAC_MRZ; password <= EAC_PUK; password++) {
		open_identity();
		ck_assert_uint_eq(pace(password), 0x9000);
		check_session();
		ck_assert_uint_eq(eac_status((struct iso *)card)->session, EAC_PACE);
		/* and another one within the session */
		ck_assert_uint_eq(pace(EAC_CAN), 0x9000);
		check_session();
		document_close();
	}
}
END_TEST

START_TEST(wrong_tokens)
{
	open_identity();
	ck_assert_uint_eq(pace_with(EAC_CAN, "222223", none, NULL), 0x6300);
	ck_assert_uint_eq(pace_with(EAC_MRZ, "T22000129364081251010317", none, NULL), 0x6300);
	ck_assert_uint_eq(pace_with(EAC_PUK, "3333333334", none, NULL), 0x63c9);
	ck_assert_uint_eq(pace(EAC_PUK), 0x9000);
	doc_forget(&terminal);
	ck_assert_uint_eq(pace_with(EAC_PUK, "3333333334", none, NULL), 0x63c8);
	document_close();
}
END_TEST

/* Section 10 of what this follows: each state of the PIN, each event. */
START_TEST(states_of_the_pin)
{
	static const struct {
		uint8_t tries;
		bool resumed, deactivated;
		unsigned mse, right, wrong, query;
		uint8_t after_right, after_wrong;
	} rows[] = {
		{ 3, false, false, 0x9000, 0x9000, 0x63c2, 0x63c3, 3, 2 },
		{ 2, false, false, 0x63c2, 0x9000, 0x63c1, 0x63c2, 3, 1 },
		{ 1, false, false, 0x63c1, 0x6985, 0x6985, 0x63c1, 1, 1 },
		{ 1, true, false, 0x63c1, 0x9000, 0x63c0, 0x63c1, 3, 0 },
		{ 0, true, false, 0x63c0, 0x6983, 0x6983, 0x63c0, 0, 0 },
		{ 3, false, true, 0x6283, 0x6984, 0x6984, 0x6283, 3, 3 },
	};
	struct sam_pin *pin;
	unsigned mse, right;

	for (right = 0; right < 2; right++) {
		open_identity();
		pin = sam_pin_find(&kept->sam, 0, EAC_PIN);
		pin->code.tries = rows[_i].tries;
		pin->life = rows[_i].deactivated ? SAM_DEACTIVATED : SAM_ACTIVE;
		if (rows[_i].resumed)
			ck_assert_uint_eq(pace(EAC_CAN), 0x9000);
		ck_assert_uint_eq(pace_with(EAC_PIN, right ? "123456" : "123457", none, &mse),
				  right ? rows[_i].right : rows[_i].wrong);
		ck_assert_uint_eq(mse, rows[_i].mse);
		ck_assert_uint_eq(pin->code.tries,
				  right ? rows[_i].after_right : rows[_i].after_wrong);
		/* asked for in a session */
		card->ops->power(card, CARD_RESET);
		doc_forget(&terminal);
		pin->code.tries = rows[_i].tries;
		ck_assert_uint_eq(doc_command(&terminal, "00200003", none, 0, NULL), 0x6982);
		ck_assert_uint_eq(pace(EAC_MRZ), 0x9000);
		ck_assert_uint_eq(doc_command(&terminal, "00200003", none, 0, NULL),
				  rows[_i].query);
		document_close();
	}
}
END_TEST

START_TEST(what_mse_refuses)
{
	open_identity();
	/* forms */
	ck_assert_uint_eq(doc_plain(&terminal, "0022C1A4", none, 0, NULL), 0x6700);
	ck_assert_uint_eq(
		doc_plain(&terminal, "0022C1A4", known("800A04007F00070202040202"), 0, NULL),
		0x6a80);
	ck_assert_uint_eq(doc_plain(&terminal, "0022C1A4",
				    known("800A04007F00070202040202 830101 830101"), 0, NULL),
			  0x6a80);
	ck_assert_uint_eq(doc_plain(&terminal, "0022C1A4",
				    known("800A04007F00070202040202 830101 990101"), 0, NULL),
			  0x6a80);
	ck_assert_uint_eq(doc_plain(&terminal, "0022C1A4",
				    known("800A04007F00070202040202 830101 7F4C00"), 0, NULL),
			  0x6a80);
	ck_assert_uint_eq(doc_plain(&terminal, "0022C1A4",
				    known("800A04007F00070202040202 83020101"), 0, NULL),
			  0x6a80);
	/* nothing of the kind */
	ck_assert_uint_eq(
		doc_plain(&terminal, "0022C1A4", known("800A04007F00070202040203 830101"), 0, NULL),
		0x6a88);
	ck_assert_uint_eq(
		doc_plain(&terminal, "0022C1A4", known("800A04007F00070202040202 830105"), 0, NULL),
		0x6a88);
	ck_assert_uint_eq(doc_plain(&terminal, "0022C1A4",
				    known("800A04007F00070202040202 830101 84010C"), 0, NULL),
			  0x6a88);
	ck_assert_uint_eq(doc_plain(&terminal, "0022C1A5", known("830101"), 0, NULL), 0x6a86);
	/* and nothing was begun */
	ck_assert_uint_eq(doc_plain(&terminal, "10860000", known("7C00"), 256, NULL), 0x6985);
	document_close();
}
END_TEST

static void
set_can(void)
{
	ck_assert_uint_eq(doc_command(&terminal, "0022C1A4",
				      known("800A04007F00070202040202 830102 84010D"), 0, NULL),
			  0x9000);
}

START_TEST(steps_in_their_order)
{
	static const char generator[] = "7C438141"
		"048BD2AEB9CB7E57CB2C4B482FFC81B7AFB9DE27E1E3BD23C23A4453BD9ACE3262"
		"547EF835C3DAC4FD97F8461A14611DC9C27745132DED8E545C1D54C72F046997";
	struct buf point = BUF(128);

	open_identity();
	set_can();
	/* another step's object, no object, bytes, the last part too early */
	ck_assert_uint_eq(
		doc_plain(&terminal, "10860000", known("7C0A850800000000000000 00"), 256, NULL),
		0x6985);
	set_can();
	ck_assert_uint_eq(doc_plain(&terminal, "00860000", known("7C00"), 256, NULL), 0x6883);
	set_can();
	ck_assert_uint_eq(doc_plain(&terminal, "10860000", known("7C01"), 256, NULL), 0x6a80);
	/* it is back to MSE each time */
	ck_assert_uint_eq(doc_plain(&terminal, "10860000", known("7C00"), 256, NULL), 0x6985);
	set_can();
	ck_assert_uint_eq(doc_plain(&terminal, "10860000", known("7C00"), 256, NULL), 0x9000);
	ck_assert_uint_eq(doc_plain(&terminal, "10860000", known("7C00"), 256, NULL), 0x6985);
	/* points: off the curve, compressed, short, infinity */
	buf_put_view(&point, known(generator));
	set_can();
	ck_assert_uint_eq(doc_plain(&terminal, "10860000", known("7C00"), 256, NULL), 0x9000);
	point.p[20] ^= 1;
	ck_assert_uint_eq(doc_plain(&terminal, "10860000", buf_view(&point), 256, NULL), 0x6a80);
	set_can();
	ck_assert_uint_eq(doc_plain(&terminal, "10860000", known("7C00"), 256, NULL), 0x9000);
	ck_assert_uint_eq(doc_plain(&terminal, "10860000", known("7C03810100"), 256, NULL), 0x6a80);
	/* ours */
	set_can();
	draw(known("3F00C4D39D153F2B2A214A078D899B22"));
	draw(known("0000000000000000000000000000000000000000000000000000000000000001"));
	ck_assert_uint_eq(doc_plain(&terminal, "10860000", known("7C00"), 256, NULL), 0x9000);
	ck_assert_uint_eq(doc_plain(&terminal, "10860000", known(generator), 256, NULL), 0x6a80);
	buf_free(&point);
	document_close();
}
END_TEST

START_TEST(values_of_small_order)
{
	struct buf one = BUF(256), data = BUF(512);
	size_t mark;
	int i;

	open_with_pace(&identity_type, SECINFO_DH_GM, SECINFO_AES128, 1);
	for (i = 0; i < 3; i++) {
		buf_reset(&one);
		buf_fill(&one, i == 2 ? 0xff : 0, 255);
		buf_u8(&one, (uint8_t)(i == 2 ? 0xff : i)); /* 0, 1, above p */
		ck_assert_uint_eq(doc_plain(&terminal, "0022C1A4",
					    known("800A04007F00070202040102 830102"), 0, NULL),
				  0x9000);
		ck_assert_uint_eq(doc_plain(&terminal, "10860000", known("7C00"), 256, NULL),
				  0x9000);
		buf_reset(&data);
		mark = tlv_open(&data, 0x7c);
		tlv_put(&data, 0x81, buf_view(&one));
		tlv_close(&data, mark);
		ck_assert_uint_eq(doc_plain(&terminal, "10860000", buf_view(&data), 65536, NULL),
				  0x6a80);
	}
	buf_free(&one);
	buf_free(&data);
	document_close();
}
END_TEST

/* Who sends the card's own ephemeral key back has not got one. */
START_TEST(our_key_sent_back)
{
	static const char one[] =
		"0000000000000000000000000000000000000000000000000000000000000001";
	struct buf point = BUF(128), data = BUF(256);
	size_t mark;

	open_identity();
	set_can();
	draw(known("3F00C4D39D153F2B2A214A078D899B22"));
	draw(known(one));
	draw(known(one));
	ck_assert_uint_eq(doc_plain(&terminal, "10860000", known("7C00"), 256, NULL), 0x9000);
	/* 2 G: the generator is (s + 2) G, and so is the card's key */
	doc_multiply(13, none, known("02"), &point);
	mark = tlv_open(&data, 0x7c);
	tlv_put(&data, 0x81, buf_view(&point));
	tlv_close(&data, mark);
	ck_assert_uint_eq(doc_plain(&terminal, "10860000", buf_view(&data), 256, NULL), 0x9000);
	buf_reset(&point);
	buf_reset(&data);
	doc_multiply(13, none, known("3F00C4D39D153F2B2A214A078D899B24"), &point);
	mark = tlv_open(&data, 0x7c);
	tlv_put(&data, 0x83, buf_view(&point));
	tlv_close(&data, mark);
	ck_assert_uint_eq(doc_plain(&terminal, "10860000", buf_view(&data), 256, NULL), 0x6a80);
	buf_free(&point);
	buf_free(&data);
	document_close();
}
END_TEST

/* Chip authentication mapping with a key that is in another group than the mapping's: no session. */
START_TEST(mapping_key_of_another_group)
{
	const struct doc_pace p = { .method = SECINFO_ECDH_CAM,
				    .cipher = SECINFO_AES128,
				    .id = 13,
				    .password = EAC_CAN,
				    .secret = said("222222") };

	open_with_pace(&passport_type, SECINFO_ECDH_CAM, SECINFO_AES128, 13);
	ck_assert_int_eq(eac_key_make(kept, EAC_FIELD_CA_KEY, 1, 12), 0);
	ck_assert_uint_eq(doc_pace(&terminal, &p, NULL), 0x6a88);
	ck_assert_uint_eq(eac_status((struct iso *)card)->session, EAC_LOCKED);
	document_close();
}
END_TEST

/* --- sessions --------------------------------------------------------------------------------- */

START_TEST(plain_commands_end_a_session)
{
	struct buf raw = BUF(256), rsp = BUF(256);

	open_identity();
	ck_assert_uint_eq(pace(EAC_PIN), 0x9000);
	ck_assert_uint_eq(doc_plain(&terminal, "00B08100", none, 256, NULL), 0x9000);
	ck_assert_uint_eq(eac_status((struct iso *)card)->session, EAC_LOCKED);
	ck_assert_uint_eq(doc_command(&terminal, "00B08100", none, 256, NULL), 0x6988);
	ck_assert(terminal.plain_answer);
	doc_forget(&terminal);
	/* one byte that is wrong does, too, and what was good is not good twice */
	ck_assert_uint_eq(pace(EAC_PIN), 0x9000);
	doc_protect(&terminal, "00B08100", none, 256, &raw);
	document_send(NULL, buf_view(&raw), &rsp);
	ck_assert_uint_gt(rsp.n, 2);
	buf_reset(&rsp);
	document_send(NULL, buf_view(&raw), &rsp);
	ck_assert_view(buf_view(&rsp), known("6988"));
	ck_assert_uint_eq(eac_status((struct iso *)card)->session, EAC_LOCKED);
	buf_free(&raw);
	buf_free(&rsp);
	document_close();
}
END_TEST

START_TEST(basic_access_control)
{
	open_with_pace(&passport_type, SECINFO_ECDH_GM, SECINFO_AES128, 13);
	ck_assert_uint_eq(doc_command(&terminal, "00820000", known(
		"0000000000000000000000000000000000000000000000000000000000000000 0000000000000000"), 40, NULL), 0x6985);
	ck_assert_uint_eq(doc_bac(&terminal, said("T22000129364081251010317")), 0x6300);
	ck_assert_uint_eq(doc_bac(&terminal, said(MRZ_INFORMATION)), 0x9000);
	check_session();
	/* again, within and after */
	ck_assert_uint_eq(doc_bac(&terminal, said(MRZ_INFORMATION)), 0x9000);
	check_session();
	/* not after PACE */
	ck_assert_uint_eq(pace(EAC_CAN), 0x9000);
	ck_assert_uint_eq(doc_bac(&terminal, said(MRZ_INFORMATION)), 0x6985);
	document_close();
	/* nor on a card that has none */
	open_identity();
	ck_assert_uint_eq(doc_bac(&terminal, said(MRZ_INFORMATION)), 0x6985);
	document_close();
}
END_TEST

/* --- certificates ------------------------------------------------------------------------------- */

/* The card's trust, and its date, go with it. */
static void
card_trusts(const struct chain *c)
{
	ck_assert_int_eq(eac_anchor_add(kept, buf_view(&c->cvca.cvc)), 0);
	ck_assert(field_set_number(eac_fields(kept), EAC_FIELD_DATE, 20260101));
}

static unsigned
chip_authentication(void)
{
	struct eac_key k;
	struct buf public = BUF(256);
	unsigned sw;

	ck_assert_int_eq(eac_key_get(kept, EAC_FIELD_CA_KEY, &k), 0);
	ck_assert_int_eq(eac_key_public(&k, &public), 0);
	sw = doc_ca2(&terminal, SECINFO_ECDH, SECINFO_AES128, 0x41, 13, buf_view(&public));
	buf_free(&public);
	return sw;
}

/* PACE, TA and CA 2, with all rights that are asked for. */
static void
open_authenticated(struct chain *c, uint64_t chat, uint64_t rights)
{
	open_identity();
	chain_of(c, rights);
	card_trusts(c);
	ck_assert_int_eq(eac_key_make(kept, EAC_FIELD_CA_KEY, 0x41, 13), 0);
	ck_assert_uint_eq(pace_with(EAC_PIN, "123456", chat_of(chat), NULL), 0x9000);
	ck_assert_view(view_of(terminal.car[0], terminal.car_n[0]), said("DECVCAAT00001"));
	ck_assert_uint_eq(terminal.car_n[1], 0);
	ck_assert_uint_eq(show_chain(&terminal, c, false), 0x9000);
	ck_assert_uint_eq(authenticate(&terminal, c, none), 0x9000);
	ck_assert_uint_eq(chip_authentication(), 0x9000);
	check_session();
}

START_TEST(terminal_and_chip_authentication_2)
{
	struct chain c;
	struct iso *iso;

	open_authenticated(&c, CHAT_AT_READ(1) | CHAT_AT_READ(2),
			   CHAT_AT_READ(1) | CHAT_AT_READ(3));
	iso = (struct iso *)card;
	iso->x.ch = &iso->channel[0];
	/* what both have */
	ck_assert(eac_has_right(iso, CVC_AT, CHAT_AT_READ(1)));
	ck_assert(!eac_has_right(iso, CVC_AT, CHAT_AT_READ(2)));
	ck_assert(!eac_has_right(iso, CVC_AT, CHAT_AT_READ(3)));
	ck_assert(!eac_has_right(iso, CVC_IS, CHAT_AT_READ(1)));
	ck_assert_uint_eq(field_number(eac_fields(kept), EAC_FIELD_DATE, 0), 20260201);
	/* once is enough */
	ck_assert_uint_eq(doc_show(&terminal, "DECVCAAT00001", &c.dv, true), 0x6985);
	ck_assert_uint_eq(chip_authentication(), 0x6985);
	/* all of it ends with the session */
	ck_assert_uint_eq(doc_plain(&terminal, "00B08100", none, 256, NULL), 0x9000);
	iso->x.ch = &iso->channel[0];
	ck_assert(!eac_has_right(iso, CVC_AT, CHAT_AT_READ(1)));
	chain_free(&c);
	document_close();
}
END_TEST

START_TEST(terminal_authentication_refusals)
{
	struct doc_cert_spec cvca = cvca_spec(), dv = dv_spec(), t = terminal_spec(CHAT_AT_READ(1)),
			     spec;
	struct doc_cert other, forged;
	struct chain c;

	open_identity();
	chain_make(&c, &cvca, &dv, &t);
	card_trusts(&c);
	ck_assert_int_eq(eac_key_make(kept, EAC_FIELD_CA_KEY, 0x41, 13), 0);
	/* before PACE */
	ck_assert_uint_eq(doc_show(&terminal, "DECVCAAT00001", &c.dv, false), 0x6982);
	ck_assert_uint_eq(pace_with(EAC_PIN, "123456", chat_of(CHAT_AT_READ(1)), NULL), 0x9000);
	ck_assert_uint_eq(chip_authentication(), 0x6985);
	/* without a key; with one that nobody knows */
	ck_assert_uint_eq(doc_command(&terminal, "002A00BE",
				      view_slice(buf_view(&c.dv.cvc), 4, 4096), 0, NULL),
			  0x6985);
	ck_assert_uint_eq(doc_show(&terminal, "DECVCAAT00002", &c.dv, true), 0x6a88);
	/* the wrong order: a terminal's by a CVCA, and one that a terminal has signed */
	spec = terminal_spec(1);
	spec.car = "DECVCAAT00001";
	doc_cert_make(&other, &c.cvca, &spec);
	ck_assert_uint_eq(doc_show(&terminal, "DECVCAAT00001", &other, true), 0x6984);
	doc_cert_free(&other);
	ck_assert_uint_eq(show_chain(&terminal, &c, true), 0x9000);
	ck_assert_uint_eq(doc_show(&terminal, "DETERMINAL001", &c.terminal, true), 0x6a88);
	/* expired */
	spec = dv_spec();
	spec.expires = "251231";
	doc_cert_make(&other, &c.cvca, &spec);
	ck_assert_uint_eq(doc_show(&terminal, "DECVCAAT00001", &other, true), 0x6984);
	doc_cert_free(&other);
	/* forged: another's signature, one bit, another kind of terminal */
	spec = dv_spec();
	doc_cert_make(&forged, NULL, &spec);
	ck_assert_uint_eq(doc_show(&terminal, "DECVCAAT00001", &forged, true), 0x6984);
	doc_cert_free(&forged);
	c.dv.cvc.p[c.dv.cvc.n - 1] ^= 1;
	ck_assert_uint_eq(doc_show(&terminal, "DECVCAAT00001", &c.dv, true), 0x6984);
	c.dv.cvc.p[c.dv.cvc.n - 1] ^= 1;
	spec = dv_spec();
	spec.terminal = CVC_IS;
	spec.rights = 0x83;
	doc_cert_make(&other, &c.cvca, &spec);
	ck_assert_uint_eq(doc_show(&terminal, "DECVCAAT00001", &other, true), 0x6984);
	doc_cert_free(&other);
	/* no certificate at all */
	ck_assert_uint_eq(doc_command(&terminal, "002281B6",
				      known("830D 44454356434141543030303031"), 0, NULL),
			  0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "002A00BE", known("7F4E00 5F3700"), 0, NULL),
			  0x6a80);
	/* a terminal that was not shown, a challenge that was not asked for, a signature that is wrong */
	ck_assert_uint_eq(show_chain(&terminal, &c, true), 0x9000);
	ck_assert_uint_eq(
		doc_ta(&terminal, &c.terminal, "DETERMINAL002", known("00"), none, false, none),
		0x6a88);
	ck_assert_uint_eq(doc_command(&terminal, "00820000", known("00"), 0, NULL), 0x6985);
	ck_assert_uint_eq(doc_ta(&terminal, &c.terminal, "DETERMINAL001", known("00"), none, false,
				 known("00")),
			  0x6300);
	check_session();
	ck_assert_uint_eq(doc_command(&terminal, "002281A4", known("830100"), 0, NULL), 0x6a88);
	/* and from the front it works */
	ck_assert_uint_eq(show_chain(&terminal, &c, false), 0x9000);
	ck_assert_uint_eq(authenticate(&terminal, &c, none), 0x9000);
	/* chip authentication with another key than the one that was signed */
	doc_ca_key(&terminal, 13, NULL);
	ck_assert_uint_eq(chip_authentication(), 0x6300);
	check_session();
	chain_free(&c);
	document_close();
}
END_TEST

/* MANAGE SECURITY ENVIRONMENT that lacks a part, or has more than there is room for. */
START_TEST(terminal_authentication_requests)
{
	struct doc_cert_spec cvca = cvca_spec(), dv = dv_spec(), t = terminal_spec(CHAT_AT_READ(1));
	static const uint8_t filler[4080];
	struct buf ephemeral = BUF(200), aux = BUF(4096);
	struct chain c;

	open_identity();
	chain_make(&c, &cvca, &dv, &t);
	card_trusts(&c);
	ck_assert_int_eq(eac_key_make(kept, EAC_FIELD_CA_KEY, 0x41, 13), 0);
	ck_assert_uint_eq(pace_with(EAC_PIN, "123456", chat_of(CHAT_AT_READ(1)), NULL), 0x9000);
	/* no name, no key, a key that is longer than any */
	ck_assert_uint_eq(show_chain(&terminal, &c, true), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "002281A4",
				      known("800A04007F00070202020203 910100"), 0, NULL),
			  0x6a80);
	ck_assert_uint_eq(
		doc_command(&terminal, "002281A4",
			    known("800A04007F00070202020203 830D 4445544552 4D494E414C303031"), 0,
			    NULL),
		0x6a80);
	buf_fill(&ephemeral, 0, 200);
	ck_assert_uint_eq(doc_ta(&terminal, &c.terminal, "DETERMINAL001", buf_view(&ephemeral),
				 none, false, none),
			  0x6a84);
	/* named, but no challenge asked for; more auxiliary data than a message has room for */
	buf_cut(&ephemeral, 32);
	ck_assert_uint_eq(
		doc_command(
			&terminal, "002281A4",
			known("800A04007F00070202020203 830D 4445544552 4D494E414C303031 910100"),
			0, NULL),
		0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00820000", known("00"), 0, NULL), 0x6985);
	tlv_put(&aux, 0x67, view_of(filler, sizeof(filler)));
	ck_assert_uint_eq(doc_ta(&terminal, &c.terminal, "DETERMINAL001", buf_view(&ephemeral),
				 buf_view(&aux), false, none),
			  0x6a84);
	/* and from the front it works */
	ck_assert_uint_eq(show_chain(&terminal, &c, true), 0x9000);
	ck_assert_uint_eq(authenticate(&terminal, &c, none), 0x9000);
	buf_free(&ephemeral);
	buf_free(&aux);
	chain_free(&c);
	document_close();
}
END_TEST

/* No CHAT, another terminal's, a password that does not do. */
START_TEST(what_pace_has_to_have_said)
{
	struct chain c;
	unsigned i;

	open_identity();
	chain_of(&c, CHAT_AT_READ(1) | CHAT_AT_CAN);
	card_trusts(&c);
	for (i = 0; i < 4; i++) {
		const uint64_t chat = i == 3 ? CHAT_AT_READ(1) | CHAT_AT_CAN : CHAT_AT_READ(1);

		card->ops->power(card, CARD_RESET);
		doc_forget(&terminal);
		ck_assert_uint_eq(pace_with(i == 0 ? EAC_PIN : EAC_CAN,
					    i == 0 ? "123456" : "222222",
					    i == 0   ? none
					    : i == 1 ? known("0609 04007F000703010201 530103")
						     : chat_of(chat),
					    NULL),
				  0x9000);
		ck_assert_uint_eq(show_chain(&terminal, &c, true), 0x9000);
		ck_assert_uint_eq(authenticate(&terminal, &c, none), i == 3 ? 0x9000 : 0x6982);
	}
	chain_free(&c);
	document_close();
}
END_TEST

START_TEST(link_certificates)
{
	struct doc_cert_spec spec = cvca_spec();
	struct doc_cert link;
	struct chain c;

	open_identity();
	chain_of(&c, CHAT_AT_READ(1));
	card_trusts(&c);
	spec.chr = "DECVCAAT00002";
	spec.effective = "260601";
	spec.expires = "260701";
	doc_cert_make(&link, &c.cvca, &spec);
	ck_assert_uint_eq(pace_with(EAC_PIN, "123456", chat_of(CHAT_AT_READ(1)), NULL), 0x9000);
	ck_assert_uint_eq(doc_show(&terminal, "DECVCAAT00001", &link, true), 0x9000);
	ck_assert_view(eac_anchor(kept, CVC_AT, false), buf_view(&link.cvc));
	ck_assert_view(eac_anchor(kept, CVC_AT, true), buf_view(&c.cvca.cvc));
	ck_assert_uint_eq(field_number(eac_fields(kept), EAC_FIELD_DATE, 0), 20260601);
	ck_assert_int_eq(eac_anchor_add(kept, buf_view(&link.cvc)), -EEXIST);
	/* both are named from then on, and the old one still does */
	ck_assert_uint_eq(pace_with(EAC_PIN, "123456", chat_of(CHAT_AT_READ(1)), NULL), 0x9000);
	ck_assert_view(view_of(terminal.car[0], terminal.car_n[0]), said("DECVCAAT00002"));
	ck_assert_view(view_of(terminal.car[1], terminal.car_n[1]), said("DECVCAAT00001"));
	ck_assert_uint_eq(show_chain(&terminal, &c, true), 0x9000);
	doc_cert_free(&link);
	chain_free(&c);
	document_close();
}
END_TEST

START_TEST(rsa_certificates)
{
	struct doc_cert_spec cvca = cvca_spec(), dv = dv_spec(), t = terminal_spec(CHAT_AT_READ(1));
	struct chain c;

	open_identity();
	cvca.rsa = dv.rsa = t.rsa = true;
	cvca.pss = dv.pss = t.pss = _i == 1;
	chain_make(&c, &cvca, &dv, &t);
	card_trusts(&c);
	ck_assert_uint_eq(pace_with(EAC_PIN, "123456", chat_of(CHAT_AT_READ(1)), NULL), 0x9000);
	ck_assert_uint_eq(show_chain(&terminal, &c, false), 0x9000);
	ck_assert_uint_eq(authenticate(&terminal, &c, none), 0x9000);
	chain_free(&c);
	document_close();
}
END_TEST

/* Clients wrap the auxiliary data once more, and sign what is within. */
START_TEST(auxiliary_data)
{
	static const char inner[] = "6717 7315 060904007F000703010401 530832303031 30313031";
	struct buf signed_data = BUF(64);
	struct chain c;
	struct iso *iso;

	open_identity();
	chain_of(&c, CHAT_AT_AGE);
	card_trusts(&c);
	ck_assert_uint_eq(pace_with(EAC_PIN, "123456", chat_of(CHAT_AT_AGE), NULL), 0x9000);
	ck_assert_uint_eq(show_chain(&terminal, &c, true), 0x9000);
	buf_put_view(&signed_data, known(inner));
	terminal.wraps_aux = _i == 1;
	ck_assert_uint_eq(authenticate(&terminal, &c, buf_view(&signed_data)), 0x9000);
	iso = (struct iso *)card;
	iso->x.ch = &iso->channel[0];
	ck_assert_view(eac_auxiliary(iso), buf_view(&signed_data));
	buf_free(&signed_data);
	chain_free(&c);
	document_close();
}
END_TEST

/* --- passports ------------------------------------------------------------------------------------- */

static unsigned
chip_authentication_1(unsigned method, unsigned cipher, unsigned domain)
{
	struct eac_key k;
	struct buf public = BUF(256);
	unsigned sw;

	ck_assert_int_eq(
		eac_key_get(kept, domain == 13 ? EAC_FIELD_CA_KEY : EAC_FIELD_CA_KEY_2, &k), 0);
	ck_assert_int_eq(eac_key_public(&k, &public), 0);
	sw = doc_ca1(&terminal, method, cipher, -1, domain, buf_view(&public));
	buf_free(&public);
	return sw;
}

START_TEST(chip_and_terminal_authentication_1)
{
	struct doc_cert_spec cvca = { .car = "UTCVCA00001",
				      .chr = "UTCVCA00001",
				      .terminal = CVC_IS,
				      .rights = 0xc3,
				      .effective = "250101",
				      .expires = "300101" };
	struct doc_cert_spec dv = { .car = "UTCVCA00001",
				    .chr = "UTDVIS00001",
				    .terminal = CVC_IS,
				    .rights = 0x83,
				    .effective = "260101",
				    .expires = "280101",
				    .no_params = true };
	struct doc_cert_spec is = { .car = "UTDVIS00001",
				    .chr = "UTINSPECT0001",
				    .terminal = CVC_IS,
				    .rights = 0x01,
				    .effective = "260101",
				    .expires = "280101",
				    .no_params = true };
	struct iso *iso;
	struct buf comp = BUF(256);
	struct chain c;

	open_with_pace(&passport_type, SECINFO_ECDH_GM, SECINFO_AES128, 13);
	chain_make(&c, &cvca, &dv, &is);
	card_trusts(&c);
	ck_assert_int_eq(eac_key_make(kept, EAC_FIELD_CA_KEY, 1, 13), 0);
	ck_assert_int_eq(eac_key_make(kept, EAC_FIELD_CA_KEY_2, 2, 2), 0);
	ck_assert_uint_eq(chip_authentication_1(SECINFO_ECDH, SECINFO_AES256, 13), 0x6982);
	if (_i == 0)
		ck_assert_uint_eq(doc_bac(&terminal, said(MRZ_INFORMATION)), 0x9000);
	else
		ck_assert_uint_eq(pace(EAC_MRZ), 0x9000);
	/* not before chip authentication */
	ck_assert_uint_eq(doc_show(&terminal, "UTCVCA00001", &c.dv, false), 0x6985);
	ck_assert_uint_eq(
		doc_command(&terminal, "002241A4", known("800A04007F00070202030204"), 0, NULL),
		0x9000);
	/* one command, and with a key in it; what was set stays */
	ck_assert_uint_eq(doc_command(&terminal, "10860000", known("7C03800100"), 256, NULL),
			  0x6883);
	ck_assert_uint_eq(doc_command(&terminal, "00860000", known("7C03810100"), 256, NULL),
			  0x6a80);
	ck_assert_uint_eq(doc_command(&terminal, "00860000", known("7C03800100"), 256, NULL),
			  0x6a80);
	ck_assert_uint_eq(
		doc_command(&terminal, "002241A4", known("800A04007F00070202030202"), 0, NULL),
		0x6a88);
	check_session();
	ck_assert_uint_eq(chip_authentication_1(SECINFO_DH, SECINFO_3DES, 2), 0x9000);
	check_session();
	ck_assert_uint_eq(chip_authentication_1(SECINFO_ECDH, SECINFO_AES256, 13), 0x9000);
	check_session();
	ck_assert_uint_eq(doc_show(&terminal, "UTCVCA00001", &c.dv, false), 0x9000);
	ck_assert_uint_eq(doc_show(&terminal, "UTDVIS00001", &c.terminal, true), 0x9000);
	buf_put(&comp, terminal.ca_public + 1, 32);
	ck_assert_uint_eq(doc_ta(&terminal, &c.terminal, "UTINSPECT0001", buf_view(&comp), none,
				 true,
				 _i == 0 ? said("T220001293")
					 : view_of(terminal.id_picc, terminal.id_picc_n)),
			  0x9000);
	buf_free(&comp);
	iso = (struct iso *)card;
	iso->x.ch = &iso->channel[0];
	ck_assert(eac_has_right(iso, CVC_IS, CHAT_IS_DG3));
	ck_assert(!eac_has_right(iso, CVC_IS, CHAT_IS_DG4));
	chain_free(&c);
	document_close();
}
END_TEST

/* --- restricted identification --------------------------------------------------------------------------- */

START_TEST(restricted_identification)
{
	struct buf sector = BUF(256), point = BUF(128), hash = BUF(64), extension = BUF(128),
		   data = BUF(512), id = BUF(128), again = BUF(128), wanted = BUF(64),
		   shared = BUF(128);
	struct doc_cert_spec cvca = cvca_spec(), dv = dv_spec(), t = terminal_spec(CHAT_AT_RI);
	struct eac_key k;
	struct chain c;
	size_t mark, inner;
	int i;

	/* a sector's key, and its hash in the terminal's certificate */
	doc_multiply(13, none, known("01020304"), &point);
	mark = tlv_open(&sector, 0x7f49);
	tlv_put(&sector, 0x06, known("04007F00070202050203"));
	tlv_put(&sector, 0x86, buf_view(&point));
	tlv_close(&sector, mark);
	doc_hash("SHA256", buf_view(&sector), &hash);
	mark = tlv_open(&extension, 0x73);
	tlv_put(&extension, 0x06, known("04007F000703010302"));
	tlv_put(&extension, 0x80, buf_view(&hash));
	tlv_close(&extension, mark);
	t.extensions = buf_view(&extension);

	open_identity();
	chain_make(&c, &cvca, &dv, &t);
	card_trusts(&c);
	ck_assert_int_eq(eac_key_make(kept, EAC_FIELD_CA_KEY, 0x41, 13), 0);
	ck_assert_int_eq(eac_key_make(kept, EAC_FIELD_RI_KEY, 1, 13), 0);
	ck_assert_uint_eq(pace_with(EAC_PIN, "123456", chat_of(CHAT_AT_RI), NULL), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "002241A4",
				      known("800A04007F00070202050203 840101"), 0, NULL),
			  0x6985);
	ck_assert_uint_eq(show_chain(&terminal, &c, false), 0x9000);
	ck_assert_uint_eq(authenticate(&terminal, &c, none), 0x9000);
	ck_assert_uint_eq(chip_authentication(), 0x9000);
	mark = tlv_open(&data, 0x7c);
	inner = tlv_open(&data, 0xa0);
	tlv_put(&data, 0x06, known("04007F00070202050203"));
	tlv_put(&data, 0x86, buf_view(&point));
	tlv_close(&data, inner);
	tlv_close(&data, mark);
	for (i = 0; i < 2; i++) {
		ck_assert_uint_eq(doc_command(&terminal, "002241A4",
					      known("800A04007F00070202050203 840101"), 0, NULL),
				  0x9000);
		ck_assert_uint_eq(doc_command(&terminal, "00860000", buf_view(&data), 256,
					      i == 0 ? &id : &again),
				  0x9000);
	}
	ck_assert_view(buf_view(&id), buf_view(&again));
	/* H(x(SK * PK)) */
	ck_assert_int_eq(eac_key_get(kept, EAC_FIELD_RI_KEY, &k), 0);
	doc_multiply(13, buf_view(&point), secret_view(&k.d), &shared);
	doc_hash("SHA256", view_slice(buf_view(&shared), 1, 32), &wanted);
	ck_assert_view(view_slice(buf_view(&id), 4, id.n), buf_view(&wanted));
	/* a sector that the certificate does not have */
	data.p[data.n - 1] ^= 1;
	ck_assert_uint_eq(doc_command(&terminal, "002241A4",
				      known("800A04007F00070202050203 840101"), 0, NULL),
			  0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00860000", buf_view(&data), 256, NULL), 0x6a80);
	ck_assert_uint_eq(doc_command(&terminal, "002241A4",
				      known("800A04007F00070202050203 840102"), 0, NULL),
			  0x6a88);
	buf_free(&sector);
	buf_free(&point);
	buf_free(&hash);
	buf_free(&extension);
	buf_free(&data);
	buf_free(&id);
	buf_free(&again);
	buf_free(&wanted);
	buf_free(&shared);
	chain_free(&c);
	document_close();
}
END_TEST

/* --- nonsense, in each state ---------------------------------------------------------------------------------- */

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void
nonsense(uint32_t *seed, bool protect)
{
	static const char *const headers[] = {
		"0022C1A4", "002241A4", "002241A6", "002281B6", "002281A4", "10860000", "00860000", "002A00BE", "102A00BE",
		"00840000", "00820000", "00200003", "00B08100", "00A40004", "00B10001",
	};
	static const char *const bodies[] = {
		"", "7C00", "800A04007F00070202040202830102", "800A04007F00070202030202840141", "830D44454356434141543030303031",
		"7C0A85080000000000000000", "7C03810104", "5402000000", "7F4E005F3700", "91020102",
		"800A04007F00070202020203830D4445544552 4D494E414C303031 910100",
	};
	struct buf data = BUF(512);
	const char *header = headers[next_random(seed) % (sizeof(headers) / sizeof(*headers))];
	uint32_t n;

	buf_put_view(&data, known(bodies[next_random(seed) % (sizeof(bodies) / sizeof(*bodies))]));
	for (n = next_random(seed) % 3; n > 0 && data.n > 0; n--)
		data.p[next_random(seed) % data.n] ^= (uint8_t)(1 << next_random(seed) % 8);
	if (next_random(seed) % 8 == 0)
		buf_fill(&data, (uint8_t)next_random(seed), next_random(seed) % 200);
	if (protect && next_random(seed) % 50)
		doc_command(&terminal, header, buf_view(&data), next_random(seed) % 2 ? 256 : 0,
			    NULL);
	else
		doc_plain(&terminal, header, buf_view(&data), next_random(seed) % 3 ? 8 : 65536,
			  NULL);
	buf_free(&data);
}

static void
enter_state(int state, struct chain *c)
{
	card->ops->power(card, CARD_RESET);
	doc_forget(&terminal);
	if (state == 1)
		ck_assert_uint_eq(doc_bac(&terminal, said(MRZ_INFORMATION)), 0x9000);
	if (state >= 2)
		ck_assert_uint_eq(pace_with(EAC_CAN, "222222", chat_of(CHAT_AT_ALL), NULL), 0x9000);
	if (state >= 3) {
		ck_assert_uint_eq(show_chain(&terminal, c, true), 0x9000);
		ck_assert_uint_eq(authenticate(&terminal, c, none), 0x9000);
	}
	if (state == 4)
		ck_assert_uint_eq(chip_authentication(), 0x9000);
}

START_TEST(random_commands)
{
	uint32_t seed = (uint32_t)_i + 1;
	struct chain c;
	int i;

	if (_i == 1)
		open_with_pace(&passport_type, SECINFO_ECDH_GM, SECINFO_AES128, 13);
	else
		open_identity();
	chain_of(&c, CHAT_AT_ALL);
	card_trusts(&c);
	ck_assert_int_eq(eac_key_make(kept, EAC_FIELD_CA_KEY, 0x41, 13), 0);
	for (i = 0; i < 10000; i++) {
		if (i % 500 == 0 || (terminal.plain_answer && i % 20 == 0 && _i > 0))
			enter_state(_i, &c);
		terminal.plain_answer = false;
		nonsense(&seed, _i > 0);
		if (eac_status((struct iso *)card)->session == EAC_LOCKED)
			doc_forget(&terminal);
	}
	chain_free(&c);
	document_close();
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("engine");

	tcase_add_loop_test(tc, every_set_of_parameters, 0, 19);
	tcase_add_test(tc, every_password);
	tcase_add_test(tc, wrong_tokens);
	tcase_add_loop_test(tc, states_of_the_pin, 0, 6);
	tcase_add_test(tc, what_mse_refuses);
	tcase_add_test(tc, steps_in_their_order);
	tcase_add_test(tc, our_key_sent_back);
	tcase_add_test(tc, mapping_key_of_another_group);
	tcase_add_test(tc, values_of_small_order);
	tcase_add_test(tc, plain_commands_end_a_session);
	tcase_add_test(tc, basic_access_control);
	tcase_add_test(tc, terminal_and_chip_authentication_2);
	tcase_add_test(tc, terminal_authentication_refusals);
	tcase_add_test(tc, terminal_authentication_requests);
	tcase_add_test(tc, what_pace_has_to_have_said);
	tcase_add_test(tc, link_certificates);
	tcase_add_loop_test(tc, rsa_certificates, 0, 2);
	tcase_add_loop_test(tc, auxiliary_data, 0, 2);
	tcase_add_loop_test(tc, chip_and_terminal_authentication_1, 0, 2);
	tcase_add_test(tc, restricted_identification);
	tcase_add_loop_test(tc, random_commands, 0, 5);
	return run("eac", tc);
}
