/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Secure messaging of the plain card: how a session begins, lives and ends. */
#include <errno.h>

#include "crypto/kdf.h"
#include "isocard.h"
#include "terminal.h"

static struct terminal t;
static struct buf out = BUF(70000);

static void
teardown(void)
{
	isocard_close();
	buf_free(&out);
}

/* A challenge of the card's. */
static void
challenge(size_t n, uint8_t *to)
{
	struct buf b = BUF(16);

	ck_assert_uint_eq(send_command("00840000", known(""), n, &b), 0x9000);
	memcpy(to, b.p, n);
	buf_free(&b);
}

/* The environment names keys 00 and 01, or 02 and 03's likes; the challenge is the counter. */
static void
begin_des3(void)
{
	add_secret(0, 5, SAM_DES3, KEY_DES3);
	expect("002231B8 06 800101 830105", "9000");
	expect("002231B4 06 80010B 830101", "9000");
	t = (struct terminal) { .cipher = CIPHER_3DES, .key = 16, .block = 8 };
	memcpy(t.kenc, known(KEY_DES3).p, 16);
	memcpy(t.kmac, known("404142434445464748494A4B4C4D4E4F").p, 16);
	challenge(8, t.ssc);
}

static void
begin_aes(void)
{
	expect("002231B8 06 800103 830102", "9000");
	expect("002231B4 06 800109 830102", "9000");
	t = (struct terminal) { .cipher = CIPHER_AES, .key = 16, .block = 16 };
	memcpy(t.kenc, known(KEY_AES).p, 16);
	memcpy(t.kmac, known(KEY_AES).p, 16);
	challenge(16, t.ssc);
}

/* A protected command; the data of its answer in out; the status word inside. */
static unsigned
secured(const char *header, const char *data, const char *le, size_t outer_ne)
{
	struct buf field = BUF(70000), rsp = BUF(70000);
	unsigned sw;

	buf_reset(&out);
	terminal_protect(&t, known(header), known(data), known(le), &field);
	ck_assert_uint_eq(send_command(header, buf_view(&field), outer_ne, &rsp), 0x9000);
	sw = terminal_open(&t, buf_view(&rsp), known(header).p[1] & 1, &out);
	buf_free(&field);
	buf_free(&rsp);
	return sw;
}

/* The same, of a part of a chain that is refused in the clear. */
static void
refused_in_the_clear(const char *header, const char *data, unsigned sw)
{
	struct buf field = BUF(70000), rsp = BUF(70000);

	terminal_protect(&t, known(header), known(data), known(""), &field);
	ck_assert_uint_eq(send_command(header, buf_view(&field), 256, &rsp), sw);
	ck_assert_uint_eq(rsp.n, 0);
	buf_free(&field);
	buf_free(&rsp);
}

static void (*const begins[])(void) = { begin_des3, begin_aes };

START_TEST(a_session_by_challenge)
{
	begins[_i]();
	ck_assert_uint_eq(secured("0C200001", "31323334", "", 256), 0x9000);
	ck_assert_uint_eq(secured("0C200001", "31323335", "", 256), 0x63c2);
	ck_assert_uint_eq(secured("0C200001", "", "", 256), 0x63c2);
	ck_assert_uint_eq(secured("0C840000", "", "08", 256), 0x9000);
	ck_assert_uint_eq(out.n, 8);
	/* errors are told inside, too */
	ck_assert_uint_eq(secured("0C200009", "31", "", 256), 0x6a88);
	ck_assert_uint_eq(secured("0C990000", "31", "", 256), 0x6d00);
	ck_assert_uint_eq(out.n, 0);
	/* odd instructions */
	ck_assert_uint_eq(secured("0C210001", "530431323334", "", 256), 0x9000);
	/* a plain command is served, and the session lives on */
	expect("00200001", "9000");
	ck_assert_uint_eq(secured("0C200001", "", "", 256), 0x9000);
}
END_TEST

START_TEST(without_a_session)
{
	expect("0C200001 0A 8E08 0000000000000000", "6988");
	expect("0C200001 00", "6987");
	expect("0C200001 06 810431323334", "6987");
	expect("0C200001 04 31323334", "6988");
	expect("04200001", "6882");
	expect("0CC00000 00", "6882");
	/* keys are named, but there is no challenge */
	begin_des3();
	expect("00820000 08 0102030405060708", "63C2");
	expect("0C200001 0A 8E08 0000000000000000", "6988");
	/* or one of another length */
	expect("00840000 10", "*9000");
	expect("0C200001 0A 8E08 0000000000000000", "6988");
	/* no wrong PIN was counted by all that */
	expect("00200001", "63C3");
}
END_TEST

START_TEST(what_fails_ends_it)
{
	begin_aes();
	ck_assert_uint_eq(secured("0C200001", "31323334", "", 256), 0x9000);
	expect("0C200001 0A 8E08 0000000000000000", "6988");
	ck_assert_ptr_null(((struct iso *)card)->channel[0].sm);
	/* what was proven stays; the session is gone for good */
	expect("00200001", "9000");
	expect("0C200001 0A 8E08 0000000000000000", "6988");
	/* until there is a new challenge */
	challenge(16, t.ssc);
	ck_assert_uint_eq(secured("0C200001", "", "", 256), 0x9000);
	expect("0C200001 06 810431323334", "6987");
	ck_assert_ptr_null(((struct iso *)card)->channel[0].sm);
	/* reset ends it as well */
	challenge(16, t.ssc);
	ck_assert_uint_eq(secured("0C200001", "", "", 256), 0x9000);
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	expect("0C200001 0A 8E08 0000000000000000", "6988");
}
END_TEST

/* The very bytes of a command that was right once. */
START_TEST(nothing_is_played_back)
{
	struct buf field = BUF(300), rsp = BUF(300);

	begin_des3();
	terminal_protect(&t, known("0C200001"), known("31323334"), known(""), &field);
	ck_assert_uint_eq(send_command("0C200001", buf_view(&field), 256, &rsp), 0x9000);
	buf_reset(&rsp);
	ck_assert_uint_eq(send_command("0C200001", buf_view(&field), 256, &rsp), 0x6988);
	ck_assert_uint_eq(rsp.n, 0);
	/* not under the challenge of another session either */
	expect("00840000 08", "*9000");
	ck_assert_uint_eq(send_command("0C200001", buf_view(&field), 256, &rsp), 0x6988);
	buf_free(&field);
	buf_free(&rsp);
}
END_TEST

START_TEST(keys_that_will_not_do)
{
	begin_des3();
	/* another kind than the checksum's; not there; not for this use */
	expect("002231B8 06 800103 830102", "9000");
	expect("0C200001 0A 8E08 0000000000000000", "6988");
	expect("002231B8 03 830109", "9000");
	expect("0C200001 0A 8E08 0000000000000000", "6988");
	expect("002231B8 06 800101 830105", "9000");
	sam_key_find(&kept->sam, 0, 5)->uses = SAM_USE_INTERNAL;
	expect("0C200001 0A 8E08 0000000000000000", "6988");
	sam_key_find(&kept->sam, 0, 5)->uses = SAM_USE_SM;
	/* an algorithm that is none of the suite's */
	expect("002231B4 03 800109", "9000");
	expect("0C200001 0A 8E08 0000000000000000", "6988");
	expect("002231B4 03 80010B", "9000");
	/* none of these cost the challenge */
	ck_assert_uint_eq(secured("0C200001", "", "", 256), 0x63c3);
}
END_TEST

START_TEST(a_rule_of_a_key)
{
	begin_aes();
	sam_key_find(&kept->sam, 0, 2)->use =
		(struct sam_rule) { .grant = SAM_ANY, .global.user = 2 };
	expect("0C200001 0A 8E08 0000000000000000", "6988");
	expect("00200001 04 31323334", "9000");
	ck_assert_uint_eq(secured("0C200001", "", "", 256), 0x9000);
}
END_TEST

START_TEST(checksums_only)
{
	struct buf field = BUF(64), rsp = BUF(64);

	expect("002231B4 06 80010B 830101", "9000");
	t = (struct terminal) { .cipher = CIPHER_3DES, .key = 16, .block = 8 };
	memcpy(t.kmac, known("404142434445464748494A4B4C4D4E4F").p, 16);
	challenge(8, t.ssc);
	terminal_count(&t);
	buf_put_view(&field, known("810431323334"));
	terminal_mac(&t, known("0C200001"), known("810431323334"), &field);
	ck_assert_uint_eq(send_command("0C200001", buf_view(&field), 256, &rsp), 0x9000);
	ck_assert_uint_eq(terminal_open(&t, buf_view(&rsp), false, &out), 0x9000);
	buf_free(&field);
	buf_free(&rsp);
}
END_TEST

/* Whoever has no key must not write a part of what is protected, nor the other way round. */
START_TEST(parts_of_two_kinds)
{
	begin_aes();
	ck_assert_uint_eq(secured("0C200001", "31323334", "", 256), 0x9000);
	expect("10200001 02 3132", "9000");
	refused_in_the_clear("0C200001", "3334", 0x6883);
	ck_assert_ptr_null(((struct iso *)card)->channel[0].sm);
	expect("00200001 02 3334", "63C2"); /* it stands alone: nothing is left of the chain */

	begin_aes();
	ck_assert_uint_eq(secured("1C200001", "3132", "", 256), 0x9000);
	expect("00200001 02 3334", "6883");
	ck_assert_ptr_null(((struct iso *)card)->channel[0].sm);
	begin_aes();
	ck_assert_uint_eq(secured("1C200001", "3132", "", 256), 0x9000);
	expect("10200001 02 3334", "6883");
	ck_assert_ptr_null(((struct iso *)card)->channel[0].sm);

	/* another command is no part: it is done, and the session lives on */
	begin_aes();
	ck_assert_uint_eq(secured("1C200001", "3132", "", 256), 0x9000);
	expect("00840000 08", "*9000");
	ck_assert_uint_eq(secured("0C200001", "", "", 256), 0x63c2);
}
END_TEST

START_TEST(parts_of_a_chain)
{
	begin_aes();
	expect("002241AA 03 800108", "9000");
	/* each part is protected by itself; the hash is of both */
	ck_assert_uint_eq(secured("1C2A9080", "6162", "", 256), 0x9000);
	ck_assert_uint_eq(secured("0C2A9080", "63", "00", 256), 0x9000);
	ck_assert_view(buf_view(&out),
		       known("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"));
}
END_TEST

/* DO 97 bounds the plain answer, the outer Le cuts the wrapped one; GET RESPONSE is plain. */
START_TEST(longer_than_le)
{
	struct buf field = BUF(64), rsp = BUF(400);

	begin_des3();
	ck_assert_uint_eq(secured("0C840000", "", "00", 65536), 0x9000);
	ck_assert_uint_eq(out.n, 256);
	buf_reset(&out);
	terminal_protect(&t, known("0C840000"), known(""), known("00"), &field);
	/* 87 82 0109 01 .. 99 8E: 256 + 8 + 5 + 14 = 283 bytes */
	ck_assert_uint_eq(send_command("0C840000", buf_view(&field), 256, &rsp), 0x611b);
	ck_assert_uint_eq(rsp.n, 256);
	ck_assert_uint_eq(send_command("00C00000", known(""), 256, &rsp), 0x9000);
	ck_assert_uint_eq(terminal_open(&t, buf_view(&rsp), false, &out), 0x9000);
	ck_assert_uint_eq(out.n, 256);
	/* the counter is where it was */
	ck_assert_uint_eq(secured("0C200001", "", "", 256), 0x63c3);
	buf_free(&field);
	buf_free(&rsp);
}
END_TEST

START_TEST(a_session_is_its_channels)
{
	begin_des3();
	expect("00700000 01", "01 9000");
	ck_assert_uint_eq(secured("0C200001", "", "", 256), 0x63c3);
	expect("0D200001 0A 8E08 0000000000000000", "6988");
	ck_assert_uint_eq(secured("0C200001", "", "", 256), 0x63c3);
	/* channel 4: its header is not authenticated */
	expect("00700004", "9000");
	expect("402231B8 06 800101 830105", "9000");
	expect("402231B4 06 80010B 830101", "9000");
	buf_reset(&out);
	ck_assert_uint_eq(send_command("40840000", known(""), 8, &out), 0x9000);
	memcpy(t.ssc, out.p, 8);
	ck_assert_uint_eq(secured("60200001", "31323334", "", 256), 0x9000);
	/* its end is the answer's, too */
	{
		struct buf field = BUF(64), rsp = BUF(64);

		terminal_protect(&t, known("60708000"), known(""), known(""), &field);
		ck_assert_uint_eq(send_command("60708000", buf_view(&field), 256, &rsp), 0x9000);
		ck_assert_uint_eq(rsp.n, 0);
		expect("40200001", "6881");
		buf_free(&field);
	}
}
END_TEST

/* --- mutual authentication ----------------------------------------------------------- */

static uint8_t rnd_ic[8];

/* E(RND.IFD | RND.IC | K.IFD) and its checksum. */
static void
token(struct buf *data)
{
	struct buf plain = BUF(32), mac = BUF(16);

	buf_put_view(&plain, known("781723860C06C226"));
	buf_put(&plain, rnd_ic, 8);
	buf_put_view(&plain, known("0B795240CB7049B01C19B33E32804F0B"));
	ck_assert_int_eq(cipher_encrypt(t.cipher, CIPHER_CBC, view_of(t.kenc, 16), NULL,
					buf_view(&plain), data),
			 0);
	if (t.cipher == CIPHER_3DES)
		ck_assert_int_eq(mac_retail_padded(view_of(t.kmac, 16), buf_view(data), &mac), 0);
	else
		ck_assert_int_eq(mac_cmac(view_of(t.kmac, 16), buf_view(data), &mac), 0);
	buf_put_view(data, view_slice(buf_view(&mac), 0, 8));
	buf_free(&plain);
	buf_free(&mac);
}

/* The session that the card's token leads to. */
static void
agree(struct view answer)
{
	struct buf plain = BUF(32);
	uint8_t seed[16];
	struct secret k = { .n = 0 };
	size_t i;

	ck_assert_uint_eq(answer.n, 40);
	ck_assert_int_eq(cipher_decrypt(t.cipher, CIPHER_CBC, view_of(t.kenc, 16), NULL,
					view_slice(answer, 0, 32), &plain), 0);
	ck_assert_mem_eq(plain.p, rnd_ic, 8);
	ck_assert_mem_eq(plain.p + 8, known("781723860C06C226").p, 8);
	for (i = 0; i < 16; i++)
		seed[i] = plain.p[16 + i] ^ known("0B795240CB7049B01C19B33E32804F0B").p[i];
	ck_assert_int_eq(kdf_derive(t.cipher, 16, view_of(seed, 16), KDF_ENC, &k), 0);
	memcpy(t.kenc, k.bytes, 16);
	ck_assert_int_eq(kdf_derive(t.cipher, 16, view_of(seed, 16), KDF_MAC, &k), 0);
	memcpy(t.kmac, k.bytes, 16);
	memset(t.ssc, 0, 16);
	if (t.cipher == CIPHER_3DES) {
		memcpy(t.ssc, rnd_ic + 4, 4);
		memcpy(t.ssc + 4, known("0C06C226").p, 4);
	}
	buf_free(&plain);
}

START_TEST(fresh_keys)
{
	struct buf data = BUF(64), rsp = BUF(64);

	begins[_i]();
	challenge(8, rnd_ic);
	token(&data);
	ck_assert_uint_eq(send_command("00820000", buf_view(&data), 256, &rsp), 0x9000);
	agree(buf_view(&rsp));
	ck_assert_uint_eq(secured("0C200001", "31323334", "", 256), 0x9000);
	/* again, inside: the answer goes under the old keys, what follows under the new ones */
	ck_assert_uint_eq(secured("0C840000", "", "08", 256), 0x9000);
	memcpy(rnd_ic, out.p, 8);
	{
		struct terminal session = t;
		struct buf hex = BUF(200);

		memcpy(t.kenc, known(_i ? KEY_AES : KEY_DES3).p, 16);
		memcpy(t.kmac, known(_i ? KEY_AES : "404142434445464748494A4B4C4D4E4F").p, 16);
		buf_reset(&data);
		token(&data);
		hex_write(&hex, buf_view(&data));
		buf_u8(&hex, 0);
		{
			struct terminal base = t;

			t = session;
			ck_assert_uint_eq(secured("0C820000", (char *)hex.p, "00", 256), 0x9000);
			t = base;
		}
		agree(buf_view(&out));
		buf_free(&hex);
	}
	ck_assert_uint_eq(secured("0C200001", "", "", 256), 0x9000);
	buf_free(&data);
	buf_free(&rsp);
}
END_TEST

/* A try that cannot be kept: nothing is answered, the right token or not. */
START_TEST(mutual_without_a_disk)
{
	struct buf data = BUF(64), raw = BUF(80), rsp = BUF(64);

	begin_des3();
	sam_key_find(&kept->sam, 0, 5)->tries_max = 2;
	sam_key_find(&kept->sam, 0, 5)->tries = 2;
	challenge(8, rnd_ic);
	token(&data);
	buf_put_view(&raw, known("00820000 28"));
	buf_put_view(&raw, buf_view(&data));
	buf_u8(&raw, 0);
	disk_error = -EIO;
	ck_assert_int_eq(card->ops->transmit(card, buf_view(&raw), &rsp), -EIO);
	ck_assert_ptr_null(((struct iso *)card)->channel[0].sm);
	buf_free(&data);
	buf_free(&raw);
	buf_free(&rsp);
}
END_TEST

START_TEST(mutual_refused)
{
	struct buf data = BUF(64), rsp = BUF(64);

	begin_des3();
	sam_key_find(&kept->sam, 0, 5)->tries_max = 2;
	sam_key_find(&kept->sam, 0, 5)->tries = 2;
	challenge(8, rnd_ic);
	token(&data);
	data.p[39] ^= 1;
	ck_assert_uint_eq(send_command("00820000", buf_view(&data), 256, &rsp), 0x63c1);
	ck_assert_uint_eq(rsp.n, 0);
	ck_assert_ptr_null(((struct iso *)card)->channel[0].sm);
	/* none, or one that is too long: that is no try, and the challenge stays */
	ck_assert_uint_eq(send_command("00820000", buf_view(&data), 256, &rsp), 0x6985);
	challenge(16, t.ssc);
	ck_assert_uint_eq(send_command("00820000", buf_view(&data), 256, &rsp), 0x6985);
	ck_assert_uint_eq(((struct iso *)card)->channel[0].challenge_len, 16);
	ck_assert_uint_eq(sam_key_find(&kept->sam, 0, 5)->tries, 1);
	/* another challenge than the last one; none */
	data.p[39] ^= 1;
	challenge(8, rnd_ic);
	ck_assert_uint_eq(send_command("00820000", buf_view(&data), 256, &rsp), 0x63c0);
	ck_assert_uint_eq(send_command("00820000", buf_view(&data), 256, &rsp), 0x6983);
	ck_assert_ptr_null(((struct iso *)card)->channel[0].sm);
	sam_key_find(&kept->sam, 0, 5)->tries_max = 0;
	ck_assert_uint_eq(send_command("00820000", buf_view(&data), 256, &rsp), 0x6985);
	challenge(16, t.ssc);
	ck_assert_uint_eq(send_command("00820000", buf_view(&data), 256, &rsp), 0x6985);
	buf_free(&data);
	buf_free(&rsp);
}
END_TEST

START_TEST(a_try_of_mutual_is_on_disk_first)
{
	struct buf data = BUF(64), rsp = BUF(64);

	begin_des3();
	sam_key_find(&kept->sam, 0, 5)->tries_max = 3;
	sam_key_find(&kept->sam, 0, 5)->tries = 3;
	state_clean(kept);
	challenge(8, rnd_ic);
	token(&data);
	commits = 0;
	ck_assert_uint_eq(send_command("00820000", buf_view(&data), 256, &rsp), 0x9000);
	ck_assert_uint_eq(commits, 2);
	ck_assert_uint_eq(sam_key_find(&kept->sam, 0, 5)->tries, 3);
	buf_free(&data);
	buf_free(&rsp);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("iso_sm");

	tcase_add_checked_fixture(tc, isocard_open, teardown);
	tcase_add_loop_test(tc, a_session_by_challenge, 0, 2);
	tcase_add_test(tc, without_a_session);
	tcase_add_test(tc, what_fails_ends_it);
	tcase_add_test(tc, nothing_is_played_back);
	tcase_add_test(tc, keys_that_will_not_do);
	tcase_add_test(tc, a_rule_of_a_key);
	tcase_add_test(tc, checksums_only);
	tcase_add_test(tc, parts_of_two_kinds);
	tcase_add_test(tc, parts_of_a_chain);
	tcase_add_test(tc, longer_than_le);
	tcase_add_test(tc, a_session_is_its_channels);
	tcase_add_loop_test(tc, fresh_keys, 0, 2);
	tcase_add_test(tc, mutual_without_a_disk);
	tcase_add_test(tc, mutual_refused);
	tcase_add_test(tc, a_try_of_mutual_is_on_disk_first);
	return run("iso_sm", tc);
}
