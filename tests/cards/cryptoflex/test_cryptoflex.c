/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Cryptoflex, command by command, without a reader. */
#include <string.h>

#include "cards/cryptoflex/cryptoflex.h"
#include "crypto/cipher.h"
#include "codec/tlv.h"
#include "crypto/rsa.h"
#include "known.h"
#include "support.h"
#include "thecard.h"

#define TRANSPORT "2C15E526E93E8A19"
#define A16 "6A6A6A6A6A6A6A6A6A6A6A6A6A6A6A6A"
#define FF16 "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"

/* --- memory that is not there ------------------------------------------------------- */

static unsigned malloc_fails_at; /* which call from now on; 0: none */

void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);

void *
__wrap_malloc(size_t n)
{
	return malloc_fails_at > 0 && --malloc_fails_at == 0 ? NULL : __real_malloc(n);
}

static const struct card_env env;

static void
add_file(struct fs *fs, uint16_t fid, size_t size, const char *conditions, struct view contents)
{
	struct buf others = BUF(32);
	struct file_spec spec = {
		.fid = fid, .descriptor = { 0x01 }, .descriptor_n = 1, .life = FILE_ACTIVATED,
		.has_size = true, .size = size,
	};
	struct file *f;

	tlv_put(&others, FLEX_DO_AC, known(conditions));
	spec.others = buf_view(&others);
	ck_assert_uint_eq(fs_add(fs, fs->mf, &spec, &f), SW_OK);
	ck_assert_uint_eq(file_update(fs, f, NULL, 0, contents), SW_OK);
	buf_free(&others);
}

/* As delivered: an MF, its serial number, and the transport key, which the MF asks for. */
static void
setup(void)
{
	struct state *state = state_new();
	struct card_config cfg = { .state = state };
	struct buf others = BUF(32);
	struct file_spec mf = { .life = FILE_ACTIVATED, .has_size = true, .size = 30000 };

	ck_assert_ptr_nonnull(state);
	tlv_put(&others, FLEX_DO_AC, known("00 44 44 11 11 11"));
	mf.others = buf_view(&others);
	ck_assert_uint_eq(fs_format(&state->fs, &mf), SW_OK);
	buf_free(&others);
	add_file(&state->fs, 0x0002, 8, "0F FF FF 000000", known("01020304 05060708"));
	add_file(&state->fs, 0x0011, 27, "F4 F4 44 111111",
		 known("FF 08 00 FFFFFFFFFFFFFFFF 03 03 08 00" TRANSPORT "03 03 00 00"));
	card = cryptoflex_type.open(&cryptoflex_type, &cfg, &env);
	ck_assert_ptr_nonnull(card);
}

static void
teardown(void)
{
	card->ops->free(card);
}

static void
be_factory(void)
{
	expect("F02A0001 08" TRANSPORT, "9000");
}

/* --- transport -------------------------------------------------------------------- */

START_TEST(atr_and_classes)
{
	struct buf atr = BUF(33);

	ck_assert_int_eq(card->ops->atr(card, &atr), 0);
	ck_assert_view(buf_view(&atr), known("3B 95 18 40 FF 64 02 01 01 02"));
	buf_free(&atr);
	expect("C0A40000 02 3F00", "6116");
	expect("F0A40000 02 3F00", "6116");
	expect("00A40000 02 3F00", "6116");
	expect("10A40000 02 3F00", "6E00");
	expect("04A40000 02 3F00", "6E00");
	expect("80A40000 02 3F00", "6E00");
	expect("C0990000", "6D00");
	expect("00700000 01", "6D00"); /* the base has channels, this card none */
	expect("C0CA0100 00", "6D00");
	expect("C0A4", "6700");
}
END_TEST

START_TEST(answers_are_fetched)
{
	expect("C0A40000 02 0002", "610F");
	expect("C0C00000 05", "00000008 00 610A");
	expect("C0C00000 20", "6C0A");
	expect("C0C00000 0A", "02 01 FF 0FFFFF 01 02 00 00 9000");
	expect("C0C00000 0A", "6985");
	expect("C0A40000 02 0002 00", "610F"); /* an Le that T=0 cannot bring is ignored */
	expect("C0B00000 08", "0102030405060708 9000");
	expect("C0B00000 00", "6C08");
	expect("C0B00000 09", "6C08");
	expect("C0B00002 02", "0304 9000");
	expect("C0B00008 01", "6B00");
	expect("C0B00000", "6700");
}
END_TEST

/* --- files ---------------------------------------------------------------------------- */

START_TEST(select_by_fid_only)
{
	expect("C0A40400 05 A000000001", "6A82");
	expect("C0A40100 02 3F00", "6A86");
	expect("C0A40000 01 3F", "6700");
	expect("C0A40000 02 4444", "6A82");
	expect("C0A40000 02 3F00", "6116");
	/* 30000 - 2 x 16 - 8 - 27 */
	expect("C0C00000 16", "0000 74ED 3F00 38 FF 004444 01 09 00 00 02 00 00 00 00 00 00 9000");
}
END_TEST

START_TEST(what_the_mf_asks_for)
{
	expect("F0E00000 10 FFFF 0010 1234 01 FF 00 00 00 01 03 000000", "6982");
	expect("F0E40000 02 0002", "6982");
	be_factory();
	expect("F0E00000 10 FFFF 0010 1234 01 3F 00 00 00 01 03 000000", "9000");
	expect("C0B00000 10", "00000000000000000000000000000000 9000");
	expect("F0E00000 10 FFFF 0010 1234 01 3F 00 00 00 01 03 000000", "6A80");
	expect("F0E00000 0F FFFF 0010 1235 01 3F 00 00 00 01 03 0000", "6700");
	expect("F0E00000 10 FFFE 0010 1235 01 3F 00 00 00 01 03 000000", "6A80");
	expect("F0E00000 10 FFFF 0010 1235 03 3F 00 00 00 01 03 000000", "6A80");
	expect("F0E00000 10 FFFF 7FFF 1235 01 3F 00 00 00 01 03 000000", "6A84");
	expect("F0E40000 02 1234", "9000");
	expect("F0E40000 02 1234", "6A82");
	expect("C0B00000 10", "6986");
}
END_TEST

START_TEST(fill_and_status)
{
	be_factory();
	expect("F0E0A500 10 FFFF 0003 1234 01 3F 00 00 00 00 03 000000", "9000");
	expect("C0B00000 03", "6283");
	expect("F0440000", "9000");
	expect("C0B00000 03", "A5A5A5 9000");
	expect("F0040000", "9000");
	expect("C0D60000 01 00", "6283");
	expect("C0A40000 02 1234", "610F");
	expect("C0C00000 0F", "0000 0003 1234 01 3F 000000 00 02 00 00 9000");
}
END_TEST

START_TEST(directories)
{
	expect("F0A80000 04", "0008 0002 9000");
	expect("F0A80000 0F", "001B 0011 01 FF F4F444 01 04 111111 00 9000");
	expect("F0A80000 04", "6A82");
	expect("F0A80000 04", "0008 0002 9000");
	expect("C0A40000 02 3F00", "6116");
	expect("F0A80000 10", "6C0F");
	expect("F0A80000 04", "0008 0002 9000");
	expect("F0A80100 04", "6A86");
}
END_TEST

START_TEST(a_directory_goes_with_all_in_it)
{
	be_factory();
	expect("F0E00000 10 FFFF 0100 5015 38 FF 00 00 00 01 03 000000", "9000");
	expect("F0E00000 10 FFFF 0010 4401 01 3F 00 00 00 01 03 000000", "9000");
	/* 256 - 32 - 16 */
	expect("F0E00000 10 FFFF 00D1 4402 01 3F 00 00 00 01 03 000000", "6A84");
	expect("F0E00000 10 FFFF 00D0 4402 01 3F 00 00 00 01 03 000000", "9000");
	expect("C0A40000 02 5015", "6116"); /* the current DF itself */
	expect("C0A40000 02 3F00", "6116");
	expect("F0E40000 02 5015", "9000");
	expect("C0A40000 02 5015", "6A82");
	expect("C0A40000 02 4401", "6A82");
}
END_TEST

/* --- records ----------------------------------------------------------------------------- */

START_TEST(records_of_one_length)
{
	be_factory();
	expect("F0E00002 11 FFFF 0008 1234 02 3F 00 00 00 01 04 000000 04", "9000");
	expect("C0A40000 02 1234", "610F");
	expect("C0C00000 0F", "0000 0008 1234 02 3F 000000 01 02 00 04 9000");
	expect("C0DC0104 04 11223344", "9000");
	expect("C0DC0204 04 55667788", "9000");
	expect("C0DC0304 04 55667788", "6A83");
	expect("C0B20104 04", "11223344 9000");
	expect("C0B20104 00", "6C04");
	expect("C0B20000 04", "11223344 9000");
	expect("C0B20002 04", "55667788 9000");
	expect("C0B20002 04", "6A83");
	expect("C0B20003 04", "11223344 9000");
	expect("C0B20001 04", "55667788 9000");
	expect("C0B20005 04", "6A86");
	expect("C0B00000 04", "6981");
}
END_TEST

START_TEST(seek)
{
	be_factory();
	expect("F0E00003 11 FFFF 000C 1234 02 3F 00 00 00 01 04 000000 04", "9000");
	expect("C0DC0104 04 11223344", "9000");
	expect("C0DC0204 04 55223388", "9000");
	expect("C0DC0304 04 00002233", "9000");
	expect("F0A20000 02 2233", "9000");
	expect("C0B20004 04", "11223344 9000");
	expect("F0A20002 02 2233", "9000");
	expect("C0B20004 04", "55223388 9000");
	expect("F0A20202 02 2233", "9000"); /* from the third byte on */
	expect("C0B20004 04", "00002233 9000");
	expect("F0A20002 02 2233", "6A83");
	expect("F0A20001 01 55", "9000");
	expect("C0B20004 04", "55223388 9000");
	expect("F0A20000 02 9999", "6A83");
	expect("F0A20004 02 2233", "6A86");
}
END_TEST

START_TEST(records_of_any_length)
{
	be_factory();
	expect("F0E00000 10 FFFF 0008 1234 04 3F 00 00 00 01 03 000000", "9000");
	expect("C0E20000 03 112233", "9000");
	expect("C0E20000 05 4455667788", "9000");
	expect("C0E20000 01 99", "6A84");
	expect("C0B20104 03", "112233 9000");
	expect("C0B20204 00", "6C05");
	expect("C0E20001 01 99", "6A86");
}
END_TEST

START_TEST(a_purse)
{
	be_factory();
	expect("F0E00003 11 FFFF 000C 1234 06 FF 00 00 00 01 04 000000 04", "9000");
	expect("F0320000 03 000064", "6103");
	expect("C0C00000 03", "000064 9000");
	expect("F0300000 03 000001", "6103");
	expect("C0C00000 03", "000063 9000");
	expect("F0300000 03 000064", "6985");
	expect("F0320000 03 FFFFFF", "6985");
	expect("F0320000 02 0001", "6700");
	expect("C0B20104 04", "00006300 9000");
	expect("C0B20204 04", "00006400 9000");
	expect("C0DC0003 04 AABBCCDD", "9000"); /* over the oldest, which becomes the newest */
	expect("C0B20104 04", "AABBCCDD 9000");
	expect("C0B20304 04", "00006400 9000");
	/* one that may only be updated */
	expect("F0E00003 11 FFFF 000C 1235 06 3F 00 00 00 01 04 000000 04", "9000");
	expect("F0320000 03 000064", "6981");
}
END_TEST

/* --- CHVs and keys -------------------------------------------------------------------------- */

/* MF/0000: a CHV1 with 3 tries, and 2 to unblock it. */
static void
make_chv(void)
{
	be_factory();
	expect("F0E00000 10 FFFF 0017 0000 01 FF F4 FF 44 01 03 111111", "9000");
	expect("C0200001 08 3131313131313131", "6981"); /* not written: no CHV yet */
	expect("C0D60000 17 01FFFF 3132333400000000 03 03 3132333435363738 02 02", "9000");
}

START_TEST(a_chv)
{
	make_chv();
	expect("C0200001 08 3132333400000000", "9000");
	expect("C0200001 08 31323334FFFFFFFF", "6300");
	expect("C0200001 08 31323334FFFFFFFF", "6300");
	expect("C0200001 08 31323334FFFFFFFF", "6983");
	expect("C0200001 08 3132333400000000", "6983");
	expect("F02C0001 10 3132333435363739 3939393900000000", "6300");
	expect("F02C0001 10 3132333435363738 3939393900000000", "9000");
	expect("C0200001 08 3132333400000000", "6300");
	expect("C0200001 08 3939393900000000", "9000");
	expect("F0240001 10 3132333400000000 3132333400000000", "6300");
	expect("F0240001 10 3939393900000000 3132333400000000", "9000");
	expect("C0200001 08 3132333400000000", "9000");
	expect("C0200001 07 31323334000000", "6700");
	expect("C0200002 08 3132333400000000", "6981");
	expect("C0200003 08 3132333400000000", "6A86");
	expect("C0200101 08 3132333400000000", "6A86");
}
END_TEST

START_TEST(unblocking_has_its_own_tries)
{
	make_chv();
	expect("F02C0001 10 3132333435363739 3939393900000000", "6300");
	expect("F02C0001 10 3132333435363739 3939393900000000", "6983");
	expect("F02C0001 10 3132333435363738 3939393900000000", "6983");
	expect("C0200001 08 3132333400000000", "9000");
}
END_TEST

START_TEST(rights_last_until_they_are_taken)
{
	make_chv();
	expect("F0E00000 10 FFFF 0004 4401 01 3F 11 FF FF 01 03 000000", "9000");
	expect("C0B00000 04", "6982");
	expect("C0200001 08 3132333400000000", "9000");
	expect("C0B00000 04", "00000000 9000");
	expect("C0A40000 02 3F00", "6116");
	expect("C0A40000 02 4401", "610F");
	expect("C0B00000 04", "00000000 9000"); /* wherever one went meanwhile */
	expect("C0200001 08 FFFFFFFFFFFFFFFF", "6300");
	expect("C0B00000 04", "6982");
	expect("C0200001 08 3132333400000000", "9000");
	expect("F0220400 00", "9000"); /* LOGOUT AC: keys */
	expect("C0B00000 04", "00000000 9000");
	expect("F0220700 00", "9000");
	expect("C0B00000 04", "6982");
	expect("C0200001 08 3132333400000000", "9000");
	ck_assert_int_eq(card->ops->power(card, CARD_RESET), 0);
	expect("C0A40000 02 4401", "610F");
	expect("C0B00000 04", "6982");
}
END_TEST

START_TEST(the_nearest_chv_governs)
{
	make_chv();
	expect("F0E00000 10 FFFF 0200 5015 38 FF 00 11 11 01 03 000000", "9000");
	expect("F0E00000 10 FFFF 0017 0000 01 FF F1 FF 11 01 03 000000", "6982");
	expect("C0200001 08 3132333400000000", "9000"); /* the MF's */
	expect("F0E00000 10 FFFF 0017 0000 01 FF F1 FF 11 01 03 000000", "9000");
	/* just created: the MF's still counts, and lets it be written */
	expect("C0D60000 17 01FFFF 3535353500000000 03 03 3132333435363738 02 02", "9000");
	expect("C0D60000 01 01", "6982");
	expect("C0200001 08 3535353500000000", "9000");
	expect("C0D60000 01 01", "9000");
}
END_TEST

START_TEST(keys)
{
	expect("F02A0001 08 0000000000000000", "6300");
	expect("F02A0001 08 0000000000000000", "6300");
	expect("F02A0001 08" TRANSPORT, "9000");
	expect("F02A0001 07 2C15E526E93E8A", "6300");
	expect("F02A0002 08" TRANSPORT, "6A88");
	expect("F02A0101 08" TRANSPORT, "6A86");
	expect("F02A0000 08 0000000000000000", "6300");
	expect("F02A0000 08 0000000000000000", "6300");
	expect("F02A0000 08 0000000000000000", "6983");
	expect("F02A0000 08 FFFFFFFFFFFFFFFF", "6983");
	/* a blocked key leaves the challenge to others */
	expect("C084000008", "*9000");
	expect("C0820000 07 00 010203040506", "6983");
	ck_assert_uint_eq(((struct iso *)card)->channel[0].challenge_len, 8);
}
END_TEST

/* E(transport key, challenge), the first six bytes. */
static void
authenticate(const char *wrong, char *out, size_t size)
{
	struct buf challenge = BUF(16), answer = BUF(16), hex = BUF(64);

	ck_assert_int_eq(talk(card, "C0840000 08", &challenge), 0);
	buf_cut(&challenge, 8);
	ck_assert_int_eq(cipher_encrypt(CIPHER_3DES, CIPHER_ECB, known(TRANSPORT), NULL,
					buf_view(&challenge), &answer), 0);
	buf_cut(&answer, 6);
	hex_write(&hex, buf_view(&answer));
	buf_u8(&hex, 0);
	snprintf(out, size, "C0820000 07 01 %s", wrong ? wrong : (char *)hex.p);
	buf_free(&challenge);
	buf_free(&answer);
	buf_free(&hex);
}

START_TEST(external_authenticate)
{
	char command[64];

	expect("C0820000 07 01 000000000000", "6985"); /* no challenge */
	authenticate("000000000000", command, sizeof(command));
	expect(command, "6300");
	expect(command, "6985"); /* valid once */
	expect("F0E00000 10 FFFF 0010 1234 01 FF 00 00 00 01 03 000000", "6982");
	authenticate(NULL, command, sizeof(command));
	expect(command, "9000");
	expect("F0E00000 10 FFFF 0010 1234 01 FF 00 00 00 01 03 000000", "9000");
	expect("C0820000 06 01 0000000000", "6700");
}
END_TEST

START_TEST(des_internal_authenticate)
{
	be_factory();
	expect("F0E00000 10 FFFF 0010 0001 01 FF F0 FF FF 01 03 000000", "9000");
	expect("C0D60000 0E FF 08 00 0123456789ABCDEF 03 03 00", "9000");
	/* DES, a known answer: 4E6F772069732074 under 0123456789ABCDEF (FIPS 81, table B1) */
	expect("C0880000 08 4E6F772069732074", "6106");
	expect("C0C00000 06", "3FA40E8A984D 9000");
	expect("C0880001 08 4E6F772069732074", "6A88");
	expect("C0880200 08 4E6F772069732074", "6A86");
}
END_TEST

/* UPDATE BINARY of 4 bytes with the MAC that PRO wants. */
static void
protected_update(char *out, size_t size, bool right)
{
	struct buf challenge = BUF(16), text = BUF(16), mac = BUF(16), hex = BUF(64);
	uint8_t iv[8];

	ck_assert_int_eq(talk(card, "C0840000 08", &challenge), 0);
	memcpy(iv, challenge.p, sizeof(iv));
	buf_put_view(&text, known("D6 0000 04 CAFEBABE"));
	ck_assert_int_eq(cipher_encrypt(CIPHER_3DES, CIPHER_CBC, known(TRANSPORT), iv,
					buf_view(&text), &mac),
			 0);
	buf_cut(&mac, 6);
	mac.p[5] ^= !right;
	hex_write(&hex, buf_view(&mac));
	buf_u8(&hex, 0);
	snprintf(out, size, "C0D60000 0B 04CAFEBABE %s", (char *)hex.p);
	buf_free(&challenge);
	buf_free(&text);
	buf_free(&mac);
	buf_free(&hex);
}

START_TEST(protected_access)
{
	char command[64];
	size_t i;

	be_factory();
	expect("F0E00000 10 FFFF 0004 4401 01 3F 03 FF FF 01 03 011111", "9000");
	expect("C0D60000 04 CAFEBABE", "6982");
	protected_update(command, sizeof(command), false);
	expect(command, "6300");
	expect(command, "6985"); /* the challenge is spent */
	protected_update(command, sizeof(command), true);
	expect(command, "9000");
	expect(command, "6985");
	expect("C0B00000 04", "CAFEBABE 9000");
	expect("C0D60000 04 00000000", "6982");
	/* after too many wrong ones the right one is none either, and costs no challenge */
	for (i = 1; i <= 3; i++) {
		protected_update(command, sizeof(command), false);
		expect(command, i < 3 ? "6300" : "6983");
	}
	protected_update(command, sizeof(command), true);
	expect(command, "6983");
	ck_assert_uint_eq(((struct iso *)card)->channel[0].challenge_len, 8);
}
END_TEST

START_TEST(update_enciphered)
{
	be_factory();
	expect("F0E00000 10 FFFF 0008 4401 01 3F 00 FF FF 01 03 000000", "9000");
	expect("F0220400 00", "9000");
	expect("C0DE0000 08 0000000000000000", "6982"); /* under no key */
	be_factory();
	expect("C0DE0000 07 00000000000000", "6700");
	{
		struct buf enciphered = BUF(8), hex = BUF(64);
		char command[64];

		ck_assert_int_eq(cipher_encrypt(CIPHER_3DES, CIPHER_ECB, known(TRANSPORT), NULL,
						known("1122334455667788"), &enciphered), 0);
		hex_write(&hex, buf_view(&enciphered));
		buf_u8(&hex, 0);
		snprintf(command, sizeof(command), "C0DE0000 08 %s", (char *)hex.p);
		expect(command, "9000");
		buf_free(&enciphered);
		buf_free(&hex);
	}
	expect("C0B00000 08", "1122334455667788 9000");
}
END_TEST

START_TEST(sha1)
{
	/* FIPS 180-4, "abc" */
	expect("04400000 03 616263", "6114");
	expect("C0C00000 14", "A9993E364706816ABA3E25717850C26C9CD0D89D 9000");
	/* 64 + 0 bytes: 'a' x 64 */
	expect("14400000 40 6161616161616161616161616161616161616161616161616161616161616161"
	       "6161616161616161616161616161616161616161616161616161616161616161", "9000");
	expect("04400000", "6114");
	expect("C0C00000 14", "0098BA824B5C16427BD7A1122A5A442A25EC644D 9000");
	expect("14400000 03 616263", "6700");
}
END_TEST

/* --- what only an image, or few, come to ------------------------------------------ */

static struct fs *
files(void)
{
	return &((struct iso *)card)->state->fs;
}

/* A file that says nothing of conditions and of INCREASE. */
static struct file *
plain_file(struct file_spec *spec)
{
	struct file *f;

	spec->life = FILE_ACTIVATED;
	ck_assert_uint_eq(fs_add(files(), files()->mf, spec, &f), SW_OK);
	return f;
}

START_TEST(a_file_that_says_nothing_is_free)
{
	struct file_spec spec = { .fid = 0x1234,
				  .descriptor = { 0x01 },
				  .descriptor_n = 1,
				  .has_size = true,
				  .size = 2 };

	plain_file(&spec);
	expect("C0A40000 02 1234", "610F");
	expect("C0C00000 0F", "0000 0002 1234 01 FF 000000 01 02 00 00 9000");
	expect("C0D60000 02 CAFE", "9000");
	expect("C0B00000 02", "CAFE 9000");
	expect("C0A40000 02 3F00", "6116");
	expect("F0A80000 04", "0008 0002 9000");
	expect("F0A80000 04", "001B 0011 9000");
	expect("F0A80000 0F", "0002 1234 01 FF 000000 01 04 000000 00 9000");
}
END_TEST

START_TEST(records_need_a_length_and_a_number)
{
	be_factory();
	expect("F0E00002 11 FFFF 0008 1234 02 3F 00 00 00 01 04 000000 00", "6A80");
	expect("F0E00000 11 FFFF 0008 1234 02 3F 00 00 00 01 04 000000 04", "6A80");
	expect("F0E00002 11 FFFF 0008 1234 06 3F 00 00 00 01 04 000000 00", "6A80");
	expect("F0E00002 10 FFFF 0008 1234 02 3F 00 00 00 01 03 000000", "6A80");
	expect("F0E00002 11 FFFF 0008 1234 02 3F 00 00 00 01 04 000000 04", "9000");
}
END_TEST

START_TEST(a_directory_that_is_not_to_be_listed)
{
	be_factory();
	expect("F0E00000 10 FFFF 0100 5015 38 FF F0 00 00 01 03 000000", "9000");
	expect("F0A80000 04", "6982");
}
END_TEST

START_TEST(a_purse_is_cyclic_and_has_a_value)
{
	struct file_spec spec = { .fid = 0x1235,
				  .descriptor = { 0x06, 0x01, 0, 4 },
				  .descriptor_n = 4 };

	plain_file(&spec);
	be_factory();
	expect("F0E00003 11 FFFF 000C 1234 02 FF 00 00 00 01 04 000000 04", "9000");
	expect("F0320000 03 000001", "6981");
	expect("F0300000 03 000001", "6981");
	expect("C0A40000 02 1235", "610F");
	expect("F0320000 03 000001", "6A83");
}
END_TEST

START_TEST(files_of_keys_that_are_none)
{
	struct file_spec spec = { .fid = 0x0011,
				  .descriptor = { 0x02, 0x01, 0, 4, 3 },
				  .descriptor_n = 5 };
	struct file *file = fs_child(files()->mf, 0x0011);

	/* the second key is longer than the file */
	file->contents.p[13] = 0xf0;
	expect("F02A0001 08" TRANSPORT, "6A88");
	/* and one that has records: FIDs are one file's each */
	file->fid = 0x2222;
	plain_file(&spec);
	expect("F02A0001 08" TRANSPORT, "6A88");
}
END_TEST

START_TEST(so_many_rights)
{
	struct flex *x = flex_of((struct iso *)card);
	char command[40];
	unsigned i;

	be_factory();
	/* 40 keys of 8 bytes: the oldest right goes, which is to have proven the transport key */
	expect("F0E00000 10 FFFF 0200 5015 38 FF 00 00 00 01 03 000000", "9000");
	expect("F0E00000 10 FFFF 01E2 0011 01 3F 00 00 00 01 03 000000", "9000");
	expect("C0D60000 01 FF", "9000");
	for (i = 0; i < FLEX_RIGHTS_MAX; i++) {
		snprintf(command, sizeof(command), "C0D6%04X 0C 0800 %02X11111111111111 0303",
			 1 + 12 * i, i);
		expect(command, "9000");
	}
	ck_assert_uint_eq(x->n_rights, 1);
	for (i = 0; i < FLEX_RIGHTS_MAX - 1; i++) {
		snprintf(command, sizeof(command), "F02A00%02X 08 %02X11111111111111", i, i);
		expect(command, "9000");
	}
	ck_assert_uint_eq(x->n_rights, FLEX_RIGHTS_MAX);
	expect("C0A40000 02 3F00", "6116");
	expect("F0E00000 10 FFFF 0010 1234 01 FF 00 00 00 01 03 000000", "9000");
	expect("C0A40000 02 5015", "6116");
	snprintf(command, sizeof(command), "F02A00%02X 08 %02X11111111111111", i, i);
	expect(command, "9000");
	ck_assert_uint_eq(x->n_rights, FLEX_RIGHTS_MAX);
	expect("C0A40000 02 3F00", "6116");
	expect("F0E00000 10 FFFF 0010 1235 01 FF 00 00 00 01 03 000000", "6982");
}
END_TEST

START_TEST(protected_without_a_mac)
{
	struct access who = { .card = (struct iso *)card };

	be_factory();
	/* to be read, which has no data to protect */
	expect("F0E00000 10 FFFF 0004 4401 01 3F 33 FF FF 01 03 111111", "9000");
	expect("C0B00000 04", "6982");
	/* by a key that is not there */
	expect("F0E00000 10 FFFF 0004 4402 01 3F 03 FF FF 01 03 0F1111", "9000");
	expect("C0D60000 04 CAFEBABE", "6982");
	/* in a DF, from which files are deleted with a MAC */
	expect("F0E00000 10 FFFF 0100 5015 38 FF 00 30 00 01 03 001000", "9000");
	expect("F0E40000 02 4401", "6982");
	/* no command of this card does it, and nothing would be asked for it */
	ck_assert_uint_eq(flex_check_access(&who, files()->mf, ACL_TERMINATE), SW_SECURITY_STATUS);
}
END_TEST

/* The first bytes of the challenge, which are a MAC of nothing, as that of this UPDATE BINARY. */
static void
forge(struct buf *frame)
{
	struct buf challenge = BUF(16);

	ck_assert_int_eq(talk(card, "C0840000 08", &challenge), 0);
	buf_reset(frame);
	buf_put_view(frame, known("C0D60000 0B 04CAFEBABE"));
	buf_put_view(frame, view_slice(buf_view(&challenge), 0, 6));
	buf_free(&challenge);
}

/* Whatever memory there is not: nobody is let in without the key. */
START_TEST(no_mac_without_memory)
{
	struct buf frame = BUF(32), rsp = BUF(16);
	unsigned i;
	int rc;

	be_factory();
	expect("F0E00000 10 FFFF 0004 4401 01 3F 03 FF FF 01 03 011111", "9000");
	for (i = 1; i < 20; i++) {
		forge(&frame);
		malloc_fails_at = i;
		rc = card_transmit(card, buf_view(&frame), &rsp);
		malloc_fails_at = 0;
		ck_assert_int_eq(rc, 0);
		ck_assert_uint_ge(rsp.n, 2);
		ck_assert_uint_ne(rsp.p[rsp.n - 2], 0x90);
		buf_reset(&rsp);
		/* a wrong one is a try */
		expect("F02A0001 08" TRANSPORT, "9000");
	}
	expect("C0B00000 04", "00000000 9000");
	buf_free(&frame);
	buf_free(&rsp);
}
END_TEST

/* The chip's, and no instruction more. */
static bool
chip_has(unsigned ins)
{
	static const uint8_t own[] = {
		0x04, 0x20, 0x22, 0x24, 0x2a, 0x2c, 0x30, 0x32, 0x40, 0x44, 0x46, 0x82,
		0x84, 0x88, 0xa2, 0xa4, 0xa8, 0xb0, 0xb2, 0xc0, 0xd6, 0xdc, 0xde, 0xe0,
		0xe2, 0xe4,
	};

	return memchr(own, (int)ins, sizeof(own));
}

START_TEST(no_instruction_of_the_base)
{
	static const char *const classes[] = { "C0", "F0", "00" };
	char command[16];
	unsigned ins, i;

	for (ins = 0; ins < 0x100; ins++) {
		for (i = 0; i < 3 && !chip_has(ins); i++) {
			snprintf(command, sizeof(command), "%s%02X0000", classes[i], ins);
			expect(command, "6D00");
		}
	}
}
END_TEST

START_TEST(no_extended_length)
{
	expect("C0A40000 000002 3F00", "6700");
	expect("C0840000 000008", "6700");
	expect("00840000 000008", "6700");
	expect("C0A40000 02 3F00", "6116");
}
END_TEST

START_TEST(enciphered_under_the_last_key)
{
	make_chv();
	expect("F0E00000 10 FFFF 0008 4401 01 3F 00 FF FF 01 03 000000", "9000");
	expect("C0200001 08 3132333400000000", "9000");
	/* the CHV is no key; what was proven before it is */
	expect("C0DE0000 08 0000000000000000", "9000");
	expect("F0220400 00", "9000");
	expect("C0DE0000 08 0000000000000000", "6982");
}
END_TEST

/* --- RSA -------------------------------------------------------------------------- */

/* A DF with a CHV1 (proven) and key files for one key of this many bits. */
static void
make_key_df(unsigned bits)
{
	unsigned h = bits / 16;
	char command[96];

	make_chv();
	expect("F0E00000 10 FFFF 0800 4B00 38 FF 00 00 00 01 03 000000", "9000");
	snprintf(command, sizeof(command), "F0E00000 10 FFFF %04X 0012 01 3F F0 FF FF 01 03 000000",
		 5 * h + 6);
	expect(command, "9000");
	snprintf(command, sizeof(command), "F0E00000 10 FFFF %04X 1012 01 3F 00 FF FF 01 03 000000",
		 5 * h + 10);
	expect(command, "9000");
}

/* The modulus that stands in 1012, big-endian. */
static void
read_modulus(unsigned bits, struct buf *n)
{
	const struct file *f =
		fs_child(fs_child(((struct iso *)card)->state->fs.mf, 0x4B00), 0x1012);
	size_t i;

	for (i = bits / 8; i-- > 0;)
		buf_u8(n, f->contents.p[3 + i]);
}

/* As the chip makes them: p is the larger one. */
static void
larger_prime_first(unsigned bits)
{
	const struct file *f =
		fs_child(fs_child(((struct iso *)card)->state->fs.mf, 0x4B00), 0x0012);
	const uint8_t *p = f->contents.p + 3;
	size_t h = bits / 16, i;

	for (i = h; i-- > 0 && p[i] == p[h + i];)
		;
	ck_assert_uint_gt(p[i], p[h + i]);
}

/* Sign, and see that the public key brings the block back; all with the least byte first. */
static void
sign_and_check(unsigned bits)
{
	size_t size = bits / 8, i;
	struct buf n = BUF(512), hex = BUF(2048), signature = BUF(512), plain = BUF(512),
		   got = BUF(512);
	char command[1200], announced[16];
	struct rsa *key;

	read_modulus(bits, &n);
	larger_prime_first(bits);
	ck_assert_int_eq(rsa_public(&key, buf_view(&n), known("010001")), 0);
	ck_assert_uint_eq(rsa_size(key), size);
	buf_fill(&plain, 0x6a, size);
	plain.p[size - 1] = 0; /* the highest byte: below the modulus */
	hex_write(&hex, buf_view(&plain));
	buf_u8(&hex, 0);
	if (bits == 2048) {
		snprintf(command, sizeof(command), "10880000 0A %.20s", (char *)hex.p);
		expect(command, "9000");
		snprintf(command, sizeof(command), "00880000 F6 %s", (char *)hex.p + 20);
		expect(command, "6100");
	} else {
		snprintf(command, sizeof(command), "C0880000 %02X %s", (unsigned)size,
			 (char *)hex.p);
		snprintf(announced, sizeof(announced), "61%02X", (unsigned)size);
		expect(command, announced);
	}
	snprintf(command, sizeof(command), "C0C00000 %02X", (unsigned)(size & 0xff));
	ck_assert_int_eq(talk(card, command, &got), 0);
	ck_assert_uint_eq(got.n, size + 2);
	for (i = size; i-- > 0;)
		buf_u8(&signature, got.p[i]);
	buf_reset(&got);
	ck_assert_int_eq(rsa_raw_public(key, buf_view(&signature), &got), 0);
	for (i = 0; i < size; i++)
		ck_assert_uint_eq(got.p[size - 1 - i], plain.p[i]);
	rsa_free(key);
	buf_free(&n);
	buf_free(&hex);
	buf_free(&signature);
	buf_free(&plain);
	buf_free(&got);
}

START_TEST(generate_and_sign)
{
	static const struct { unsigned bits; const char *command; } sizes[] = {
		{ 512, "F0460040 04 01000100" }, { 768, "F0460060 04 01000100" },
		{ 1024, "F0460080 04 01000100" }, { 2048, "F0460000 04 01000100" },
	};

	make_key_df(sizes[_i].bits);
	expect(sizes[_i].command, "6982");
	expect("C0200001 08 3132333400000000", "9000");
	expect(sizes[_i].command, "9000");
	sign_and_check(sizes[_i].bits);
	/* again, over the old one */
	expect(sizes[_i].command, "9000");
	sign_and_check(sizes[_i].bits);
}
END_TEST

START_TEST(what_generation_refuses)
{
	make_key_df(512);
	expect("C0200001 08 3132333400000000", "9000");
	expect("F0460041 04 01000100", "6A86");
	expect("F0460040 03 010001", "6700");
	expect("F0460040 04 02000000", "6982");
	expect("F0460060 04 01000100", "6A84");
	expect("C0A40000 02 3F00", "6116");
	expect("F0460040 04 01000100", "6A82");
}
END_TEST

START_TEST(what_signing_refuses)
{
	make_key_df(512);
	expect("C0880000 03 010203", "6982");
	expect("C0200001 08 3132333400000000", "9000");
	expect("C0880000 03 010203", "6A88"); /* no key there */
	expect("F0460040 04 01000100", "9000");
	expect("C0880000 03 010203", "6700");
	expect("C0880001 03 010203", "6A88");
	expect("C0880000 40 " FF16 FF16 FF16 FF16, "6A80"); /* not below the modulus */
	expect("C0A40000 02 3F00", "6116");
	expect("C0880000 03 010203", "6A82");
}
END_TEST

START_TEST(files_of_rsa_keys)
{
	make_key_df(1024);
	expect("C0200001 08 3132333400000000", "9000");
	expect("F0460040 04 01000100", "9000");
	expect("F0460060 04 01000100", "6A84"); /* over one of another length */
	expect("C0A40000 02 0012", "610F");
	expect("F0040000", "6982");
	fs_child(fs_child(files()->mf, 0x4B00), 0x0012)->life = FILE_DEACTIVATED;
	expect("C0880000 03 010203", "6283");
	expect("F0460040 04 01000100", "6283");
}
END_TEST

/*
 * A known answer for the order of bytes and numbers: a key that openssl made, written
 * as OpenSC writes it (p, q, q^-1 mod p, d mod p-1, d mod q-1, the least byte first), and
 * what arithmetic outside of this tree says that it signs.
 */
START_TEST(order_of_bytes_and_numbers)
{
	make_key_df(512);
	expect("C0A40000 02 0012", "610F");
	expect("C0D60000 A3 00A3 01"
	       "0338E9A26B9B8FE3C1873E41AD01C84781BA50704F0FBE06554BEE6508E720FA"
	       "B772C476B36C5F920454EF264F0BE2CA96951423C46ABE41149E78CA83459DEA"
	       "569ACDE55D4D2E74592BD03ECB967AD29DD8007DDD67A683DB441EE6D45AE271"
	       "7D13D30C6DA19EB90F43D109563288DCA462A078D90F1933B84C44DBD8BE3B40"
	       "3F678B8A680A4A122CBB57B44E67642D9008E72BDDDABC6985B6723E220CD3E8", "9000");
	expect("C0200001 08 3132333400000000", "9000");
	expect("C0880000 40" A16 A16 A16 "6A6A6A6A6A6A6A6A6A6A6A6A6A6A6A00", "6140");
	expect("C0C00000 40",
	       "A06D03114E02D1ACFD92BB96241C3C330B80334C363726ED45B9FFF8839953EB"
	       "20291F6D1831B11C6162FEDB9DBC443A64263DD2F73C37FCAF9CAFC7371BCC11 9000");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("cryptoflex");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, atr_and_classes);
	tcase_add_test(tc, answers_are_fetched);
	tcase_add_test(tc, select_by_fid_only);
	tcase_add_test(tc, what_the_mf_asks_for);
	tcase_add_test(tc, fill_and_status);
	tcase_add_test(tc, directories);
	tcase_add_test(tc, a_directory_goes_with_all_in_it);
	tcase_add_test(tc, records_of_one_length);
	tcase_add_test(tc, seek);
	tcase_add_test(tc, records_of_any_length);
	tcase_add_test(tc, a_purse);
	tcase_add_test(tc, a_chv);
	tcase_add_test(tc, unblocking_has_its_own_tries);
	tcase_add_test(tc, rights_last_until_they_are_taken);
	tcase_add_test(tc, the_nearest_chv_governs);
	tcase_add_test(tc, keys);
	tcase_add_test(tc, external_authenticate);
	tcase_add_test(tc, des_internal_authenticate);
	tcase_add_test(tc, protected_access);
	tcase_add_test(tc, update_enciphered);
	tcase_add_test(tc, sha1);
	tcase_add_test(tc, a_file_that_says_nothing_is_free);
	tcase_add_test(tc, records_need_a_length_and_a_number);
	tcase_add_test(tc, a_directory_that_is_not_to_be_listed);
	tcase_add_test(tc, a_purse_is_cyclic_and_has_a_value);
	tcase_add_test(tc, files_of_keys_that_are_none);
	tcase_add_test(tc, so_many_rights);
	tcase_add_test(tc, protected_without_a_mac);
	tcase_add_test(tc, no_mac_without_memory);
	tcase_add_test(tc, no_instruction_of_the_base);
	tcase_add_test(tc, no_extended_length);
	tcase_add_test(tc, enciphered_under_the_last_key);
	tcase_add_loop_test(tc, generate_and_sign, 0, 4);
	tcase_add_test(tc, what_generation_refuses);
	tcase_add_test(tc, what_signing_refuses);
	tcase_add_test(tc, files_of_rsa_keys);
	tcase_add_test(tc, order_of_bytes_and_numbers);
	return run("cryptoflex", tc);
}
