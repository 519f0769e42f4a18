/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Secure messaging: the printed examples, then what nobody prints. */
#include "model/sm.h"
#include "terminal.h"

/* Doc 9303-11, appendix D.4 */
#define ICAO_KENC "979EC13B1CBFE9DCD01AB0FED307EAE5"
#define ICAO_KMAC "F1CB1F1FB5ADF208806B89DC579DC1F8"
#define ICAO_SSC "887022120C06C226"

/* TR-03110 worked example (ECDH), the keys of PACE */
#define BSI_KENC "68406B4162100563D9C901A6154D2901"
#define BSI_KMAC "73FF268784F72AF833FDC9464049AFC9"

/* a passport's traffic: chip authentication under keys agreed on before */
#define PASS_KENC "524170DE3419B7AF2F23E45AD6EF9595"
#define PASS_KMAC "97893F5FDC29A5C13A924FE7D8ED44FD"
#define PASS_SSC "000000000000000000000000000000F0"

static struct sm *sm;
static struct buf scratch = BUF(70000), rsp = BUF(70000), frame = BUF(70000);
static struct apdu cmd, plain;

static void
open_session(enum sm_suite suite, const char *kenc, const char *kmac, const char *ssc)
{
	sm = sm_new(suite, known(kenc), known(kmac), known(ssc));
	ck_assert_ptr_nonnull(sm);
}

static void
teardown(void)
{
	sm_free(sm);
	sm = NULL;
	buf_free(&scratch);
	buf_free(&rsp);
	buf_free(&frame);
}

/* A command as it comes; it stays in frame. */
static sw_t
take(struct view raw)
{
	ck_assert(buf_set(&frame, raw));
	ck_assert_int_eq(apdu_parse(&cmd, buf_view(&frame)), 0);
	ck_assert(apdu_class(&cmd));
	return sm_unwrap(sm, &cmd, &plain, &scratch);
}

static void
refused(const char *raw, sw_t sw)
{
	ck_assert_uint_eq(take(known(raw)), sw);
}

/* ... is taken for this header, data and Ne. */
static void
command(const char *raw, const char *header, const char *data, size_t ne)
{
	ck_assert_uint_eq(take(known(raw)), SW_OK);
	ck_assert_view(view_of((uint8_t[]) { plain.cla, plain.ins, plain.p1, plain.p2 }, 4),
		       known(header));
	ck_assert_view(plain.data, known(data));
	ck_assert_uint_eq(plain.ne, ne);
}

static void
answer(const char *data, sw_t sw, const char *wrapped)
{
	buf_put_view(&rsp, known(data));
	ck_assert_int_eq(sm_wrap(sm, &cmd, sw, &rsp), 0);
	ck_assert_buf(&rsp, known(wrapped));
}

START_TEST(doc_9303_11_d4)
{
	open_session(SM_DES3, ICAO_KENC, ICAO_KMAC, ICAO_SSC);
	command("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800", "00A4020C", "011E", 0);
	answer("", 0x9000, "990290008E08FA855A5D4C50A8ED");
	command("0CB000000D9701048E08ED6705417E96BA5500", "00B00000", "", 4);
	answer("60145F01", 0x9000, "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED");
	command("0CB000040D9701128E082EA28A70F3C7B53500", "00B00004", "", 18);
	answer("04303130365F36063034303030305C026175", 0x9000,
	       "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D74");
}
END_TEST

START_TEST(tr_03110_example)
{
	/* the counter is 2 for the first answer */
	open_session(SM_AES, BSI_KENC, BSI_KMAC, "00000000000000000000000000000001");
	cmd = (struct apdu) { .ins = 0x22 };
	answer("", 0x9000, "990290008E08A89570A68664A7D6");
}
END_TEST

START_TEST(a_passports_traffic)
{
	open_session(SM_AES, PASS_KENC, PASS_KMAC, PASS_SSC);
	command("0C2241A41D8711015D8F69B1EA365CCE4304970DB12421F38E085340D338128085E700",
		"002241A4", "800A04007F00070202030202", 0);
	answer("", 0x9000, "990290008E083F5136E82A6C3477");
	ck_assert_uint_eq(
		take(known(
			"0C860000608751019E18F1BA79D805379752BB560EB70AAC3CE3BC5AFE2FDD4AEB325C"
			"A8B578B4A93B9F66A5DF40005F8E878535251D33DD974AAF77FB858773E5799FA9DC1034"
			"E89B1150EC7F0BB3DB4BF37A1B9EA4458A9701008E089D204D950C0B95DB00")),
		SW_OK);
	ck_assert(view_starts(plain.data, known("7C438041 04")));
	ck_assert_uint_eq(plain.data.n, 69);
	ck_assert_uint_eq(plain.ne, 256);
	answer("7C00", 0x9000,
	       "8711010B0A5DFFC7432DE4DEB604291377A05B990290008E08B3384A1F5D157973");
}
END_TEST

START_TEST(keys_that_fit)
{
	static const size_t lengths[] = { 0, 8, 15, 16, 17, 24, 32, 33 };
	uint8_t key[33] = { 0 };
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		struct view k = view_of(key, lengths[i]), k16 = view_of(key, 16);
		bool aes = k.n == 16 || k.n == 24 || k.n == 32;

		sm = sm_new(SM_AES, k16, k, view_of(NULL, 0));
		ck_assert(!sm == !aes);
		sm_free(sm);
		sm = sm_new(SM_DES3, k, k16, view_of(NULL, 0));
		ck_assert(!sm == !(k.n == 16 || k.n == 0));
		sm_free(sm);
		sm = sm_new(SM_DES3, k16, k16, k);
		ck_assert(!sm == !(k.n == 8 || k.n == 0));
		sm_free(sm);
		sm = sm_new(SM_AES, k16, k16, k);
		ck_assert(!sm == !(k.n == 16 || k.n == 0));
		sm_free(sm);
	}
	sm = NULL;
}
END_TEST

/* One session with each of them: they end with the first. */
static void
wrong(const char *raw, sw_t sw)
{
	open_session(SM_DES3, ICAO_KENC, ICAO_KMAC, ICAO_SSC);
	refused(raw, sw);
	sm_free(sm);
	sm = NULL;
}

START_TEST(missing_and_wrong_objects)
{
	/* no checksum */
	wrong("0CA4020C00", SW_SM_MISSING);
	wrong("0CA4020C", SW_SM_MISSING);
	wrong("0CA4020C0B8709016375432908C044F600", SW_SM_MISSING);
	/* wrong in each of its parts */
	wrong("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F900", SW_SM_INCORRECT);
	wrong("0CA4020C158709016375432908C044F78E08BF8B92D635FF24F800", SW_SM_INCORRECT);
	wrong("0CA4020D158709016375432908C044F68E08BF8B92D635FF24F800", SW_SM_INCORRECT);
	/* shorter, or not the last */
	wrong("0CA4020C148709016375432908C044F68E07BF8B92D635FF2400", SW_SM_INCORRECT);
	wrong("0CA4020C158E08BF8B92D635FF24F88709016375432908C044F600", SW_SM_INCORRECT);
	/* no data objects at all, a broken one, an unknown one, one twice */
	wrong("0CA4020C02011E00", SW_SM_INCORRECT);
	wrong("0CA4020C058E08BF8B9200", SW_SM_INCORRECT);
	wrong("0CA4020C0D9101018E081122334455667788 00", SW_SM_INCORRECT);
	wrong("0CA4020C10 970101 970101 8E08112233445566778800", SW_SM_INCORRECT);
	wrong("0CA4020C0F 9703010203 8E08112233445566778800", SW_SM_INCORRECT);
}
END_TEST

static struct terminal
terminal(enum cipher cipher)
{
	struct terminal t = { .cipher = cipher, .key = 16, .block = cipher_block(cipher) };

	memcpy(t.kenc, known(ICAO_KENC).p, 16);
	memcpy(t.kmac, known(ICAO_KMAC).p, 16);
	open_session(cipher == CIPHER_3DES ? SM_DES3 : SM_AES, ICAO_KENC, ICAO_KMAC, "");
	return t;
}

/* From the terminal to the card. */
static sw_t
sent(struct terminal *t, const char *header, struct view data, struct view le)
{
	struct buf field = BUF(70000), raw = BUF(80000);
	struct apdu outer = { 0 };
	struct view h = known(header);
	sw_t sw;

	terminal_protect(t, h, data, le, &field);
	outer.cla = h.p[0];
	outer.ins = h.p[1];
	outer.p1 = h.p[2];
	outer.p2 = h.p[3];
	outer.data = buf_view(&field);
	outer.ne = 256;
	ck_assert(apdu_build(&raw, &outer));
	sw = take(buf_view(&raw));
	buf_free(&field);
	buf_free(&raw);
	return sw;
}

START_TEST(every_length_both_ways)
{
	static const size_t lengths[] = { 0,   1,   7,   8,   9,   15,   16,   17,
					  127, 128, 231, 255, 256, 4000, 65000 };
	struct terminal t = terminal(_i ? CIPHER_AES : CIPHER_3DES);
	static uint8_t data[65000];
	struct buf out = BUF(70000);
	size_t i;

	memset(data, 0xa5, sizeof(data));
	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		struct view v = view_of(data, lengths[i]);
		const char *header = i & 1 ? "0CB10000" : "0CD60000";

		ck_assert_uint_eq(sent(&t, header, v, known("0000")), SW_OK);
		ck_assert_view(plain.data, v);
		ck_assert_uint_eq(plain.ne, 65536);
		buf_put_view(&rsp, v);
		ck_assert_int_eq(sm_wrap(sm, &cmd, 0x6282, &rsp), 0);
		ck_assert_uint_eq(terminal_open(&t, buf_view(&rsp), i & 1, &out), 0x6282);
		ck_assert_buf(&out, v);
		buf_free(&rsp);
	}
}
END_TEST

START_TEST(headers_that_are_not_authenticated)
{
	struct terminal t = terminal(CIPHER_3DES);

	ck_assert_uint_eq(sent(&t, "08D60001", known("AB"), known("")), SW_OK);
	ck_assert_uint_eq(plain.cla, 0x00);
	ck_assert_uint_eq(plain.p2, 0x01);
	sm_wrap(sm, &cmd, 0x9000, &rsp);
	terminal_count(&t);
	/* channel 5, chained */
	ck_assert_uint_eq(sent(&t, "71D60001", known("AB"), known("")), SW_OK);
	ck_assert_uint_eq(plain.cla, 0x51);
	ck_assert_uint_eq(plain.channel, 5);
	ck_assert(plain.chained);
	sm_wrap(sm, &cmd, 0x9000, &rsp);
	terminal_count(&t);
	/* and a chained one whose header is */
	ck_assert_uint_eq(sent(&t, "1DD60001", known("AB"), known("")), SW_OK);
	ck_assert_uint_eq(plain.cla, 0x11);
}
END_TEST

/* TR-03110-3, B.11 with no data at all: one padding, the header's. */
START_TEST(nothing_but_a_checksum)
{
	struct terminal t = terminal(_i ? CIPHER_AES : CIPHER_3DES);

	ck_assert_uint_eq(sent(&t, "0C2C0303", known(""), known("")), SW_OK);
	ck_assert_uint_eq(plain.data.n, 0);
	ck_assert_uint_eq(plain.ne, 0);
}
END_TEST

START_TEST(the_same_again_is_refused)
{
	struct terminal t = terminal(CIPHER_AES), before = t;

	ck_assert_uint_eq(sent(&t, "0CD60000", known("00"), known("")), SW_OK);
	sm_wrap(sm, &cmd, 0x9000, &rsp);
	ck_assert_uint_eq(sent(&before, "0CD60000", known("00"), known("")), SW_SM_INCORRECT);
}
END_TEST

/* A right checksum over a cryptogram that is none. */
static void
sealed(struct terminal *t, const char *header, const char *objects, sw_t sw)
{
	struct buf field = BUF(300), raw = BUF(400);
	struct apdu outer = { 0 };
	struct view h = known(header);

	terminal_count(t);
	buf_put_view(&field, known(objects));
	terminal_mac(t, h, known(objects), &field);
	outer.cla = h.p[0];
	outer.ins = h.p[1];
	outer.data = buf_view(&field);
	ck_assert(apdu_build(&raw, &outer));
	ck_assert_uint_eq(take(buf_view(&raw)), sw);
	buf_free(&field);
	buf_free(&raw);
}

START_TEST(cryptograms_that_are_none)
{
	struct terminal t = terminal(CIPHER_3DES);

	sealed(&t, "0CD60000", "8700", SW_SM_INCORRECT);
	sealed(&t, "0CD60000", "870101", SW_SM_INCORRECT);
	sealed(&t, "0CD60000", "870801 11223344556677", SW_SM_INCORRECT);
	sealed(&t, "0CD60000", "870900 1122334455667788", SW_SM_INCORRECT);
	sealed(&t, "0CD60000", "870902 1122334455667788", SW_SM_INCORRECT);
	/* no padding inside */
	sealed(&t, "0CD60000", "870901 1122334455667788", SW_SM_INCORRECT);
	/* an odd one's in an even instruction, and the other way */
	sealed(&t, "0CD60000", "8508 1122334455667788", SW_SM_INCORRECT);
	sealed(&t, "0CD70000", "870901 1122334455667788", SW_SM_INCORRECT);
	/* plain values need no cryptogram */
	sealed(&t, "0CD60000", "8102ABCD", SW_OK);
	ck_assert_view(plain.data, known("ABCD"));
	sealed(&t, "0CD70000", "B303540100", SW_OK);
	ck_assert_view(plain.data, known("540100"));
	sealed(&t, "0CD60000", "8100", SW_OK);
	ck_assert_uint_eq(plain.data.n, 0);
	sealed(&t, "0CD60000", "8101AB 8101AB", SW_SM_INCORRECT);
}
END_TEST

START_TEST(le_bounds_the_plain_answer)
{
	struct terminal t = terminal(CIPHER_AES);
	struct buf out = BUF(70000);

	ck_assert_uint_eq(sent(&t, "0CCA0000", known(""), known("03")), SW_OK);
	buf_put_view(&rsp, known("0102030405"));
	ck_assert_int_eq(sm_wrap(sm, &cmd, 0x9000, &rsp), 0);
	ck_assert_uint_eq(terminal_open(&t, buf_view(&rsp), false, &out), 0x9000);
	ck_assert_buf(&out, known("010203"));
	buf_free(&rsp);

	/* without it, all of it */
	ck_assert_uint_eq(sent(&t, "0CCA0000", known(""), known("")), SW_OK);
	buf_put_view(&rsp, known("0102030405"));
	ck_assert_int_eq(sm_wrap(sm, &cmd, 0x9000, &rsp), 0);
	ck_assert_uint_eq(terminal_open(&t, buf_view(&rsp), false, &out), 0x9000);
	ck_assert_buf(&out, known("0102030405"));
}
END_TEST

START_TEST(the_frame_bounds_it_too)
{
	struct terminal t = terminal(_i ? CIPHER_AES : CIPHER_3DES);
	struct buf out = BUF(70000);

	ck_assert_uint_eq(sent(&t, "0CCA0000", known(""), known("0000")), SW_OK);
	buf_fill(&rsp, 0x5a, 65536);
	ck_assert_int_eq(sm_wrap(sm, &cmd, 0x9000, &rsp), 0);
	ck_assert_uint_le(rsp.n, 65533);
	ck_assert_uint_gt(rsp.n, 65533 - 16 - 1);
	ck_assert_uint_eq(terminal_open(&t, buf_view(&rsp), false, &out), 0x9000);
	ck_assert_uint_eq(out.n, sm_room(sm, &cmd, 65533));
	buf_free(&out);
}
END_TEST

START_TEST(room)
{
	struct apdu even = { .ins = 0xb0 }, odd = { .ins = 0xb1 };
	size_t n;

	terminal(CIPHER_3DES);
	/* the plain bytes of an answer of 256 */
	ck_assert_uint_eq(sm_room(sm, &even, 256), 231);
	ck_assert_uint_eq(sm_room(sm, &even, 14), 0);
	ck_assert_uint_eq(sm_room(sm, &even, 0), 0);
	/* right to the byte, for each length */
	for (n = 0; n < 700; n++) {
		struct apdu *a = n & 1 ? &odd : &even;
		size_t fits = sm_room(sm, a, n);

		cmd = *a;
		buf_fill(&rsp, 1, fits);
		ck_assert_int_eq(sm_wrap(sm, &cmd, 0x9000, &rsp), 0);
		ck_assert(fits == 0 || rsp.n <= n);
		buf_reset(&rsp);
		buf_fill(&rsp, 1, fits + 1);
		ck_assert_int_eq(sm_wrap(sm, &cmd, 0x9000, &rsp), 0);
		ck_assert_uint_gt(rsp.n, n);
		buf_reset(&rsp);
	}
	sm_free(sm);
	terminal(CIPHER_AES);
	ck_assert_uint_eq(sm_room(sm, &even, 256), 223);
}
END_TEST

START_TEST(authentication_only)
{
	struct terminal t = terminal(CIPHER_3DES);

	sm_free(sm);
	open_session(SM_DES3, "", ICAO_KMAC, "");
	sealed(&t, "0CD60000", "8102ABCD", SW_OK);
	ck_assert_uint_eq(sm_room(sm, &cmd, 16 + 200), 199);
	buf_put_view(&rsp, known("0102"));
	ck_assert_int_eq(sm_wrap(sm, &cmd, 0x9000, &rsp), 0);
	ck_assert(view_starts(buf_view(&rsp), known("81020102 99029000 8E08")));
	terminal_count(&t);
	sealed(&t, "0CD60000", "870901 1122334455667788", SW_SM_INCORRECT);
}
END_TEST

START_TEST(no_memory_is_said)
{
	struct terminal t = terminal(CIPHER_AES);

	ck_assert_uint_eq(sent(&t, "0CCA0000", known(""), known("00")), SW_OK);
	rsp.max = 20;
	buf_fill(&rsp, 1, 10);
	ck_assert_int_lt(sm_wrap(sm, &cmd, 0x9000, &rsp), 0);
	ck_assert_uint_eq(rsp.n, 0);
	rsp.max = 70000;
}
END_TEST

START_TEST(without_a_session)
{
	ck_assert(buf_set(&frame, known("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800")));
	ck_assert_int_eq(apdu_parse(&cmd, buf_view(&frame)), 0);
	ck_assert_uint_eq(sm_refusal(&cmd), SW_SM_INCORRECT);
	cmd.data = known("8709016375432908C044F6");
	ck_assert_uint_eq(sm_refusal(&cmd), SW_SM_MISSING);
	cmd.data = known("");
	ck_assert_uint_eq(sm_refusal(&cmd), SW_SM_MISSING);
	cmd.data = known("011E");
	ck_assert_uint_eq(sm_refusal(&cmd), SW_SM_INCORRECT);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("sm");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, doc_9303_11_d4);
	tcase_add_test(tc, tr_03110_example);
	tcase_add_test(tc, a_passports_traffic);
	tcase_add_test(tc, keys_that_fit);
	tcase_add_test(tc, missing_and_wrong_objects);
	tcase_add_loop_test(tc, every_length_both_ways, 0, 2);
	tcase_add_test(tc, headers_that_are_not_authenticated);
	tcase_add_loop_test(tc, nothing_but_a_checksum, 0, 2);
	tcase_add_test(tc, the_same_again_is_refused);
	tcase_add_test(tc, cryptograms_that_are_none);
	tcase_add_test(tc, le_bounds_the_plain_answer);
	tcase_add_loop_test(tc, the_frame_bounds_it_too, 0, 2);
	tcase_add_test(tc, room);
	tcase_add_test(tc, authentication_only);
	tcase_add_test(tc, no_memory_is_said);
	tcase_add_test(tc, without_a_session);
	return run("sm", tc);
}
