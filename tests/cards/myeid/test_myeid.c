/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The card of the MyEID family, in what it does differently from its base. */
#include "cards/myeid/myeid.h"

#include <stdio.h>

#include "codec/tlv.h"
#include "known.h"
#include "onecard.h"
#include "rsa_known.h"
#include "support.h"

#define AID "A000000063504B43532D3135"
#define PIN1 "31313131FFFFFFFF"
#define PUK1 "3132333435363738"
#define PIN3 "30303030FFFFFFFF"
#define OTHER "3232323232FFFFFF"

static void
setup(void)
{
	open_new_card(&myeid_type, NULL, NULL);
}

static void
make_pins(void)
{
	expect("00DA0101 13" PIN1 PUK1 "030A00", "9000");
	expect("00DA0103 13" PIN3 PUK1 "030A00", "9000");
}

static void
activate(void)
{
	expect("00440400 0C" AID, "9000");
}

static void
verify(void)
{
	expect("00200001 08" PIN1, "9000");
}

static void
enter(void)
{
	expect("00A4040C 0C" AID, "9000");
}

/* A key EF of PIN 1 in the application, current from then on; info is object 85. */
static void
create_key(const char *fid, const char *fdb, const char *bits, const char *info)
{
	char command[128];

	enter();
	snprintf(command, sizeof(command),
		 "00E00000 19 6217 8102 %s 8201 %s 8302 %s 8603 1111FF 8502 %s 8A01 00", bits, fdb,
		 fid, info);
	expect(command, "9000");
}

/* --- what it says of itself ------------------------------------------------ */

START_TEST(atr_and_application)
{
	struct buf atr = BUF(33);

	ck_assert_int_eq(card->ops->atr(card, &atr), 0);
	ck_assert_buf(&atr, known("3b 8b 81 01 80 73 f6 a1 d8 65 4f 73 45 49 44 66"));
	expect("00A40400 0C" AID "00",
	       "6F1D 8201 38 8302 5015 8A01 01 840C" AID "8603 111FFF 9000");
	expect("00A40400 05 A000000001 00", "6A82");
	expect("00A40400 0C F276A288BCFBA69D34F31001 00", "6A82");
	expect("00A40400 0D" AID "00 00", "6A82");
}
END_TEST

START_TEST(information)
{
	char pattern[80];
	size_t i;

	ck_assert_uint_eq(iso()->state->serial.n, 10);
	strcpy(pattern, "4F73454944 040500 ");
	for (i = 0; i < 10; i++)
		snprintf(pattern + strlen(pattern), 3, "%02X", iso()->state->serial.p[i]);
	strcat(pattern, " 0000 9000");
	expect("00CA01A0 14", pattern);
	expect("00CA01A0 00", pattern);
	expect("00CA01AA 0B", "01 000F 1000 00C0 0100 0209 9000");
	expect("00CA01AB 00", "6A88");
	expect("00CA01A0", "6700");
}
END_TEST

START_TEST(serial_of_another_length)
{
	ck_assert(buf_set(&iso()->state->serial, known("0102")));
	expect("00CA01A0 14", "4F73454944 040500 00000000000000000102 0000 9000");
	ck_assert(buf_set(&iso()->state->serial, known("0102030405060708090A0B0C")));
	expect("00CA01A0 14", "4F73454944 040500 030405060708090A0B0C 0000 9000");
}
END_TEST

START_TEST(changes_are_counted)
{
	make_pins();
	expect("00CA01A0 14", "4F73454944 040500 ???????????????????? 0002 9000");
	expect("00200001", "9000");
	expect("00CA01A0 14", "4F73454944 040500 ???????????????????? 0002 9000");
	ck_assert(props_set(&iso()->state->props, "changes", known("FFFF")));
	activate();
	expect("00CA01A0 14", "4F73454944 040500 ???????????????????? 0000 9000");
}
END_TEST

/* How often a card that was only just put in has changed, as it says. */
static unsigned
count_of_new(bool is_volatile)
{
	static const struct card_env none;
	struct card_config cfg = { .state = state_new(), .is_volatile = is_volatile };
	struct card *new = card_open(&myeid_type, &cfg, &none);
	struct buf rsp = BUF(32);
	unsigned n;

	ck_assert_ptr_nonnull(new);
	ck_assert_int_eq(talk(new, "00CA01A0 14", &rsp), 0);
	ck_assert_uint_eq(rsp.n, 22);
	n = (unsigned)(rsp.p[18] << 8 | rsp.p[19]);
	buf_free(&rsp);
	card_free(new);
	return n;
}

/* Of cards that begin alike and forget, each counts from elsewhere. */
START_TEST(changes_are_counted_from_elsewhere)
{
	unsigned first = count_of_new(true), same = 0, i;

	for (i = 0; i < 8; i++)
		same += count_of_new(true) == first;
	ck_assert_uint_lt(same, 2);
	ck_assert_uint_eq(count_of_new(false), 0);
}
END_TEST

START_TEST(files_are_listed)
{
	expect("00CA01A1 00", "5015 9000");
	expect("00CA01A3 00", "5015 9000");
	enter();
	expect("00CA01A1 00", "9000");
	expect("00E00000 19 6217 8002 0010 8201 01 8302 4401 8603 013FFF 8502 0000 8A01 00",
	       "9000");
	expect("00E00000 19 6217 8002 0010 8201 01 8302 4402 8603 013FFF 8502 0000 8A01 00",
	       "9000");
	expect("00CA01A1 00", "4401 4402 9000");
	create_key("4B01", "11", "0400", "0000");
	create_key("4B02", "22", "0100", "0000");
	create_key("4B03", "23", "0100", "0000");
	create_key("4D01", "19", "0040", "0000");
	create_key("4D02", "29", "0080", "0000");
	expect("00CA01A1 00", "4401 4402 4B01 4B02 4B03 4D01 4D02 9000");
	expect("00CA01A2 00", "4401 4402 9000");
	expect("00CA01A3 00", "9000");
	expect("00CA01A4 00", "4B01 9000");
	expect("00CA01A5 00", "4B02 4B03 9000");
	expect("00CA01A6 00", "4D01 4D02 9000");
	expect("00CA01A7 00", "6A88");
}
END_TEST

/* What is not there is 6A88, whyever. */
START_TEST(what_get_data_tells_of_keys)
{
	static const char *const parts[] = {
		"00", "01", "02", "03", "80", "81", "82", "83", "84", "85", "86", "87", "A0", "AB",
	};
	char command[16];
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(*parts) - 2; i++) {
		snprintf(command, sizeof(command), "00CA01%s 00", parts[i]);
		expect(command, "6A88");
	}
	expect("00CA0040 00", "6A88");
	expect("00CA02A0 00", "6A88");
	enter();
	expect("00E00000 19 6217 8002 0010 8201 01 8302 4401 8603 013FFF 8502 0000 8A01 00",
	       "9000");
	expect("00CA0101 00", "6A88");
	expect("00CA0181 00", "6A88");
	create_key("4B01", "11", "0400", "0000");
	expect("00CA0100 00", "6A88"); /* not made yet */
	expect("00460000", "9000");
	expect("00CA0100 00", "9200 0400 0018 9000");
	expect("00CA0181 00", "6A88");
	create_key("4B02", "22", "0100", "0000");
	expect("00CA0100 00", "6A88");
	expect("00CA0181 00",
	       "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF 9000");
	expect("00CA0182 00",
	       "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC 9000");
	expect("00CA0183 00",
	       "5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B 9000");
	expect("00CA0184 00", "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
	       "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5 9000");
	expect("00CA0185 00",
	       "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551 9000");
}
END_TEST

/* The family's, GET RESPONSE, and no instruction more. */
static bool
family_has(unsigned ins)
{
	static const uint8_t own[] = {
		0x0e, 0x20, 0x22, 0x24, 0x2a, 0x2c, 0x2e, 0x44, 0x46, 0x84, 0x86, 0xa4,
		0xb0, 0xc0, 0xca, 0xd6, 0xda, 0xe0, 0xe4,
	};

	return memchr(own, (int)ins, sizeof(own));
}

/*
 * Of the base, what would end files, need no PIN, reach keys some other way, or is not
 * the family's.
 */
START_TEST(what_there_is_not)
{
	char command[16];
	unsigned ins;

	for (ins = 0; ins < 0x100; ins++) {
		snprintf(command, sizeof(command), "00%02X0000", ins);
		if (!family_has(ins))
			expect(command, "6D00");
	}
	expect("0CB00000 00", "6E00");
	expect("04B00000 00", "6E00");
	expect("00DA0040 01 00", "6A86");
	expect("0020FF01", "6A86");
	expect("00240101 08" PIN1, "6A86");
	expect("002C0101 08" PIN1, "6A86");
	expect("002C0301", "6A86");
	expect("01A40400 00", "6881");
	expect("A0A40000 02 3F00", "6E00");
	expect("00448000 02 5015", "6A86");
	expect("00440400 05 A000000001", "6A82");
}
END_TEST

/* --- files ----------------------------------------------------------------- */

START_TEST(creation)
{
	enter();
	expect("00E00000 19 6217 8002 0003 8201 01 8302 4401 8603 F3FFFF 8502 0000 8A01 00",
	       "9000");
	expect("00E00000 19 6217 8002 0003 8201 01 8302 4401 8603 F3FFFF 8502 0000 8A01 00",
	       "6A89");
	/* it is current, and its rule is not in force */
	expect("00D60000 03 AABBCC", "9000");
	expect("00B00000 00", "AABBCC 9000");
	expect("00A40200 02 4401 00",
	       "6F17 8002 0003 8201 01 8302 4401 8A01 01 8603 F3FFFF 8502 0000 9000");
	make_pins();
	activate();
	activate();
	expect("00A40200 02 4401 00",
	       "6F17 8002 0003 8201 01 8302 4401 8A01 05 8603 F3FFFF 8502 0000 9000");
	expect("00B00000 00", "6982");
	expect("00D60000 03 112233", "6982");
	expect("00200003 08" PIN3, "9000");
	expect("00D60000 03 112233", "9000");
	expect("00B00000 00", "6982");
	/* a new one is as the card is; only PIN 1 may create */
	expect("00E00000 19 6217 8002 0003 8201 01 8302 4402 8603 F3FFFF 8502 0000 8A01 00",
	       "6982");
	verify();
	expect("00E00000 19 6217 8002 0003 8201 01 8302 4402 8603 F3FFFF 8502 0000 8A01 01",
	       "9000");
	expect("00B00000 00", "6982");
}
END_TEST

START_TEST(deletion)
{
	enter();
	expect("00E00000 19 6217 8002 0003 8201 01 8302 4401 8603 003FFF 8502 0000 8A01 00",
	       "9000");
	make_pins();
	activate();
	expect("A0E40000", "6982");
	expect("00200003 08" PIN3, "9000");
	expect("A0E40000", "9000");
	expect("00A40200 02 4401 00", "6A82");
	expect("00CA01A1 00", "9000");
	/* the application itself: its name still means the card */
	enter();
	expect("A0E40000", "6982");
	verify();
	expect("A0E40000", "9000");
	expect("00A4040C 0C" AID, "9000");
	expect("00CA01A1 00", "9000");
	expect("A0E40000", "6985"); /* the MF */
}
END_TEST

/* The driver sends two bytes more than there are, when a DF has a name. */
START_TEST(named_df)
{
	expect("00E00000 21 621F 8102 0000 8201 38 8302 5016 8603 000FFF 8502 0000 8A01 00"
	       "8404 A0B0C0D0 0000", "9000");
	expect("00A40400 04 A0B0C0D0 00",
	       "6F1D 8201 38 8302 5016 8A01 01 8102 0000 8603 000FFF 8502 0000 8404 A0B0C0D0 9000");
}
END_TEST

START_TEST(format)
{
	create_key("4B01", "11", "0400", "0000");
	make_pins();
	activate();
	expect("00DA01E0 08 FFFF 000FFF 000FFF", "6982");
	verify();
	expect("00DA01E0 08 FFFF 000FFF 000FFF", "6982");
	expect("00200003 08" PIN3, "9000");
	expect("00DA01E0 07 FFFF 000FFF 000F", "6700");
	expect("00DA01E0 09 FFFF 000FFF 000FFF 00", "6700");
	expect("00DA01E0 08 FFFF 000FFF 2222FF", "9000");
	expect("00CA01A1 00", "5015 9000");
	expect("00200001", "9000"); /* in creation again */
	expect("00200001 08" PIN1, "6A88");
	expect("00CA01B1 00", "6A88");
	ck_assert_ptr_null(iso()->state->sam.keys);
	ck_assert_uint_eq(iso()->global.user, 0);
	expect("00A40400 0C" AID "00",
	       "6F1D 8201 38 8302 5015 8A01 01 840C" AID "8603 2222FF 9000");
	expect("00A40000 02 3F00 00", "6F0F 8201 38 8302 3F00 8A01 01 8603 000FFF 9000");
}
END_TEST

/* --- PINs ------------------------------------------------------------------ */

START_TEST(pins)
{
	expect("00200001", "9000"); /* in creation nothing is to be proven */
	expect("0020000E", "9000");
	expect("00200000", "6A86");
	expect("0020000F", "6A86");
	expect("00200081", "6A86");
	expect("00200001 08" PIN1, "6A88");
	expect("00DA0100 13" PIN1 PUK1 "030A00", "6986"); /* no PIN: then part of a key */
	expect("00DA010F 13" PIN1 PUK1 "030A00", "6986");
	expect("00DA0101 0F" PIN1 "38373635343332", "6700");
	expect("00DA0101 18" PIN1 PUK1 "030A000000040400", "6700");
	expect("00DA0101 14" PIN1 PUK1 "030A0001", "6984"); /* PINs of other kinds */
	expect("00DA0101 13" PIN1 PUK1 "000A00", "6A80");
	expect("00DA0101 13 313131FFFFFFFFFF" PUK1 "030A00", "6A80");
	make_pins();
	make_pins(); /* as often as one likes, until then */
	activate();
	expect("00200001", "63C3");
	expect("00200002", "6A88");
	expect("00200001 08" OTHER, "63C2");
	expect("00200001 04 31313131", "9000"); /* padded or not */
	expect("00200001", "9000");
	expect("00240001 10" PIN1 OTHER, "9000");
	expect("00200001 08" PIN1, "63C2");
	expect("00200001 08" PIN1, "63C1");
	expect("00200001 08" PIN1, "63C0");
	expect("00200001 08" OTHER, "6983");
	expect("00200001", "6983");
	expect("002C0001 10" PIN1 PIN1, "63C9");
	expect("002C0001 10" PUK1 PIN1, "9000");
	verify();
	/* another length is no try */
	expect("00240001 0C" PIN1 "31323334", "6700");
	expect("002C0001 0C" PIN1 "31323334", "6700");
	expect("00240000 10" PIN1 OTHER, "6A86");
	expect("002C000F 10" PIN1 OTHER, "6A86");
	expect("00CA01B1 00", "03 0A 03 0A 00 00 00 04 04 9000");
}
END_TEST

/* PIN and PUK, and what may follow: tries, flags, kind, grid, shortest of each. */
START_TEST(parameters_of_pins)
{
	expect("00DA0101 10" PIN1 PUK1, "9000");
	expect("00CA01B1 00", "05 0A 05 0A 00 00 00 04 04 9000");
	expect("00DA0101 11" PIN1 PUK1 "02", "9000");
	expect("00CA01B1 00", "02 0A 02 0A 00 00 00 04 04 9000");
	expect("00DA0101 12" PIN1 PUK1 "03FF", "9000");
	expect("00CA01B1 00", "03 0F 03 0F 00 00 00 04 04 9000");
	expect("00DA010E 15" PIN1 PUK1 "03053F 00 77", "9000");
	expect("00CA01BE 00", "03 05 03 05 3F 00 00 04 04 9000");
	expect("00CA01B1 00", "03 0F 03 0F 00 00 00 04 04 9000");
	expect("00DA0102 17 3131FFFFFFFFFFFF" PUK1 "030500 00 00 02 08", "9000");
	expect("00CA01B2 00", "03 05 03 05 00 00 00 02 08 9000");
	expect("00DA0102 16 31FFFFFFFFFFFFFF" PUK1 "030500 00 00 02", "6A80");
	expect("00DA0102 16" PIN1 PUK1 "030500 00 00 09", "9000"); /* none that can be: 4 */
	expect("00CA01B2 00", "03 05 03 05 00 00 00 04 04 9000");
	expect("00CA01B3 00", "6A88");
	expect("00CA01B0 00", "6A86");
	expect("00CA01BF 00", "6A86");
}
END_TEST

START_TEST(a_locked_pin)
{
	expect("00DA0101 13" PIN1 PUK1 "030A03", "9000"); /* and locked again when unblocked */
	activate();
	expect("00200001", "6985");
	expect("00200001 08" OTHER, "63C2");
	expect("00200001 08" PIN1, "6985");
	expect("00200001", "6985");
	expect("00CA01AC 00", "0000 9000");
	expect("00240001 10" PIN1 OTHER, "9000");
	expect("00CA01B1 00", "03 0A 03 0A 02 00 00 04 04 9000");
	expect("00200001 08" OTHER, "9000");
	expect("00CA01AC 00", "0001 9000");
	expect("002C0001 10" PUK1 PIN1, "9000");
	expect("00200001 08" PIN1, "6985");
	expect("00240001 10" PIN1 OTHER, "9000");
	expect("00200001 08" OTHER, "9000");
	expect("00200001 08" PIN1, "63C2");
	expect("00200001 08" PIN1, "63C1");
	expect("00200001 08" PIN1, "63C0");
	expect("002C0001 10" PUK1 PIN1, "9000");
	expect("00200001", "6985");
}
END_TEST

/* PIN 1 may be unblocked by a global unblocker, PIN 2 be set by an administrator, PIN 3 neither. */
START_TEST(unblockers_and_administrators)
{
	expect("00DA0101 13" PIN1 PUK1 "030A04", "9000");
	expect("00DA0102 13" PIN1 PUK1 "030A10", "9000");
	expect("00DA0103 13" PIN1 PUK1 "030A00", "9000");
	expect("00DA0104 13" PIN3 PUK1 "030A08", "9000");
	expect("00DA0105 13" PIN3 PUK1 "030A20", "9000");
	activate();
	expect("002C0001 08" OTHER, "63CA"); /* the PUK's tries, and none is spent */
	expect("00240001 08" OTHER, "63C3");
	expect("00240006 08" OTHER, "6A88");
	expect("00200001 08" OTHER, "63C2");
	expect("00200001 08" OTHER, "63C1");
	expect("00200001 08" OTHER, "63C0");
	expect("00240001 08" OTHER, "6983");
	expect("00200004 08" PIN3, "9000");
	expect("00CA01AC 00", "4008 9000");
	expect("00240001 08" OTHER, "6983"); /* to unblock is not to change */
	expect("002C0001 08 313233FFFFFFFFFF", "6A80");
	expect("002C0001 08" OTHER, "9000");
	expect("00200001 08" OTHER, "9000");
	expect("002C0002 08" OTHER, "63CA");
	expect("002C0003 08" OTHER, "63CA");
	expect("002EB000", "9000");
	expect("002C0001 08" PIN1, "63CA");
	expect("00200005 08" PIN3, "9000");
	expect("00CA01AC 00", "8011 9000");
	expect("002C0001 08" PIN1, "63CA");
	expect("00240001 08" PIN1, "63C3");
	expect("00240002 08" OTHER, "9000");
	expect("002C0002 08" PIN1, "9000");
	expect("00200002 08" PIN1, "9000");
	expect("00240003 08" OTHER, "63C3");
	expect("002EA000", "9000");
	expect("00240002 08" OTHER, "63C3");
	expect("002EA001", "6A86");
	expect("002EB001", "6A86");
	expect("002E1000", "6A86");
	expect("00CA01AC 00", "0003 9000");
}
END_TEST

START_TEST(new_pins_later)
{
	make_pins();
	activate();
	expect("00DA0102 13" PIN1 PUK1 "030A00", "6982");
	verify();
	expect("00DA0102 13" PIN1 PUK1 "030A00", "9000");
	/* and no one takes over one that is there */
	expect("00200003 08" PIN3, "9000");
	expect("00DA0101 13" OTHER PUK1 "030A00", "6985");
	expect("00DA010E 13" OTHER PUK1 "030A00", "9000");
	expect("0020000E 08" OTHER, "9000");
}
END_TEST

START_TEST(logout)
{
	make_pins();
	activate();
	verify();
	expect("00200003 08" PIN3, "9000");
	expect("002E0001", "9000");
	expect("00200001", "63C3");
	expect("00200003", "9000");
	verify();
	expect("002E0000", "9000");
	expect("00200001", "63C3");
	expect("00200003", "63C3");
	expect("002E000F", "6A86");
	expect("002E0100", "6A86");
	verify();
	ck_assert_int_eq(card->ops->power(card, CARD_RESET), 0);
	expect("00200001", "63C3");
}
END_TEST

/* --- keys ------------------------------------------------------------------ */

START_TEST(key_files)
{
	enter();
	expect("00E00000 19 6217 8102 0200 8201 11 8302 4B01 8603 1111FF 8502 0000 8A01 00",
	       "9000");
	expect("00A40200 02 4B01 00",
	       "6F1B 8002 0200 8201 11 8302 4B01 8A01 01 8102 0200 8603 1111FF 8502 0000 9000");
	expect("00B00000 00", "6981");
	/* sizes that no key has leave nothing behind */
	expect("00E00000 19 6217 8102 01F8 8201 11 8302 4B02 8603 1111FF 8502 0000 8A01 00",
	       "6A80");
	expect("00E00000 19 6217 8102 1008 8201 11 8302 4B02 8603 1111FF 8502 0000 8A01 00",
	       "6A80");
	expect("00E00000 19 6217 8102 0401 8201 11 8302 4B02 8603 1111FF 8502 0000 8A01 00",
	       "6A80");
	expect("00E00000 19 6217 8102 00FF 8201 22 8302 4B02 8603 1111FF 8502 0000 8A01 00",
	       "6A80");
	expect("00E00000 19 6217 8102 0100 8201 12 8302 4B02 8603 1111FF 8502 0000 8A01 00",
	       "6A80");
	expect("00CA01A1 00", "4B01 9000");
	expect("00A40200 02 4B01", "611D");
	expect("00CA0101 00", "6A88"); /* it has no value yet */
	expect("00CA0186 00", "6A88");
	expect("00CA0103 00", "6A88");
	expect("A0E40000", "9000");
	ck_assert_ptr_null(iso()->state->sam.keys);
}
END_TEST

START_TEST(generated_rsa)
{
	struct buf n = BUF(256), signature = BUF(256);
	struct rsa *rsa;

	make_pins();
	create_key("4B01", "11", "0200", "0000");
	activate();
	expect("00460000 07 3005 8103 010001", "6982");
	verify();
	expect("00460000 04 3003 8101", "6A80");
	expect("00460000 07 3005 8003 010001", "6A80");
	expect("00460000 07 3005 8103 010002", "6A80");
	expect("00460100 07 3005 8103 010001", "6A86");
	expect("00460000 07 3005 8103 010001", "9000");
	expect("00CA0102 00", "010001 9000");
	ck_assert_uint_eq(ask(0xca, 0x0101, view_of(NULL, 0), &n), 0x9000);
	ck_assert_uint_eq(n.n, 64);
	expect("002241B6 0A 800102 8102 4B01 840100", "9000");
	ck_assert_uint_eq(ask(0x2a, 0x9e9a, known("00112233445566778899"), &signature), 0x9000);
	ck_assert_int_eq(rsa_public(&rsa, buf_view(&n), known("010001")), 0);
	ck_assert_int_eq(rsa_verify_pkcs1(rsa, known("00112233445566778899"), buf_view(&signature)),
			 0);
	rsa_free(rsa);
	buf_free(&n);
	buf_free(&signature);
	/* another exponent */
	expect("00460000 05 3003 8101 03", "9000");
	expect("00CA0102 00", "03 9000");
}
END_TEST

START_TEST(generated_on_each_curve)
{
	static const struct {
		const char *bits;
		enum curve curve;
	} sizes[] = {
		{ "00C0", CURVE_P192 }, { "00E0", CURVE_P224 }, { "0100", CURVE_P256 },
		{ "0180", CURVE_P384 }, { "0209", CURVE_P521 },
	};
	struct buf q = BUF(200);
	struct view point;
	struct ec *ec;
	char fid[5];
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		snprintf(fid, sizeof(fid), "4B%02X", (unsigned)i + 1);
		create_key(fid, "22", sizes[i].bits, "0000");
		expect("00460000", "9000");
		ck_assert_uint_eq(ask(0xca, 0x0186, view_of(NULL, 0), &q), 0x9000);
		ck_assert(tlv_find(buf_view(&q), 0x86, &point));
		ck_assert_int_eq(ec_public(&ec, sizes[i].curve, point), 0);
		ec_free(ec);
		buf_free(&q);
	}
}
END_TEST

/* A hash comes filled up with zeros; on P-521 they must not push bits of it out. */
START_TEST(signed_on_curves)
{
	static const struct {
		const char *bits;
		enum curve curve;
		size_t field;
	} sizes[] = {
		{ "00C0", CURVE_P192, 24 }, { "0100", CURVE_P256, 32 }, { "0209", CURVE_P521, 66 },
	};
	struct buf q = BUF(200), signature = BUF(200), filled = BUF(80);
	struct view point, hash = known("F112233445566778899AABBCCDDEEFF001122334");
	struct ec *ec;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		create_key("4B01", "22", sizes[i].bits, "0000");
		expect("00460000", "9000");
		ck_assert_uint_eq(ask(0xca, 0x0186, view_of(NULL, 0), &q), 0x9000);
		ck_assert(tlv_find(buf_view(&q), 0x86, &point));
		ck_assert_int_eq(ec_public(&ec, sizes[i].curve, point), 0);
		expect("002241B6 0A 800104 8102 4B01 840100", "9000");
		buf_fill(&filled, 0, sizes[i].field - hash.n);
		buf_put_view(&filled, hash);
		ck_assert_uint_eq(ask(0x2a, 0x9e9a, buf_view(&filled), &signature), 0x9000);
		ck_assert_int_eq(ec_verify(ec, EC_FORM_DER, hash, buf_view(&signature)), 0);
		buf_free(&signature);
		ck_assert_uint_eq(ask(0x2a, 0x9e9a, hash, &signature), 0x9000);
		ck_assert_int_eq(ec_verify(ec, EC_FORM_DER, hash, buf_view(&signature)), 0);
		buf_free(&signature);
		buf_free(&q);
		buf_free(&filled);
		ec_free(ec);
		expect("00A40200 02 4B01", "611D");
		expect("A0E40000", "9000");
	}
}
END_TEST

static void
load(uint8_t part, enum rsa_part number, size_t from, size_t to, bool zero)
{
	struct buf value = BUF(512);

	if (zero)
		buf_u8(&value, 0);
	buf_put_view(&value, view_slice(known(rsa_known_hex[number]), from, to - from));
	ck_assert_uint_eq(ask(0xda, (uint16_t)(0x0100 | part), buf_view(&value), NULL), 0x9000);
	buf_free(&value);
}

static void
load_primes(void)
{
	load(0x83, RSA_PART_P, 0, 64, true);
	load(0x84, RSA_PART_Q, 0, 64, true);
	load(0x85, RSA_PART_DP, 0, 64, false);
	load(0x86, RSA_PART_DQ, 0, 64, true);
	load(0x87, RSA_PART_QINV, 0, 64, false);
}

/* What the known key makes of a block below its modulus. */
static void
expect_raw(void)
{
	struct buf block = BUF(128), own = BUF(128), other = BUF(128);
	struct rsa *rsa = rsa_known_key();

	buf_fill(&block, 0x11, 128);
	ck_assert_int_eq(rsa_raw_private(rsa, buf_view(&block), &own), 0);
	expect("002241B6 0A 800100 8102 4B01 840100", "9000");
	ck_assert_uint_eq(ask(0x2a, 0x9e9a, buf_view(&block), &other), 0x9000);
	ck_assert_view(buf_view(&other), buf_view(&own));
	rsa_free(rsa);
	buf_free(&block);
	buf_free(&own);
	buf_free(&other);
}

START_TEST(loaded_rsa)
{
	create_key("4B01", "11", "0400", "0000");
	load_primes();
	load(0x80, RSA_PART_N, 0, 128, true);
	expect("00CA0102 00", "6A88"); /* not all there yet */
	load(0x81, RSA_PART_E, 0, 3, false);
	expect("00CA0102 00", "010001 9000");
	expect_raw();
	/* again, with the modulus in halves */
	load_primes();
	expect("00DA0189 01 22", "6985");
	load(0x88, RSA_PART_N, 0, 64, false);
	load(0x89, RSA_PART_N, 64, 128, false);
	load(0x81, RSA_PART_E, 0, 3, false);
	expect_raw();
	/* numbers that do not go together */
	load(0x83, RSA_PART_P, 0, 64, true);
	load(0x84, RSA_PART_P, 0, 64, true);
	load(0x85, RSA_PART_DP, 0, 64, false);
	load(0x86, RSA_PART_DQ, 0, 64, true);
	load(0x87, RSA_PART_QINV, 0, 64, false);
	load(0x80, RSA_PART_N, 0, 128, true);
	expect("00DA0181 03 010001", "6A80");
	expect("00CA0102 00", "6A88");
	load(0x84, RSA_PART_Q, 0, 64, true);
	load(0x81, RSA_PART_E, 0, 3, false);
	expect_raw();
	expect("00DA0182 01 01", "6A86");
	expect("00DA0183 01 00", "6A80");
}
END_TEST

/* A key of another size than its EF says. */
START_TEST(loaded_rsa_of_another_size)
{
	struct view n = known(rsa_known_hex[RSA_PART_N]);

	create_key("4B01", "11", "0200", "0000");
	load_primes();
	ck_assert_uint_eq(ask(0xda, 0x0180, n, NULL), 0x6a80);
	load(0x81, RSA_PART_E, 0, 3, false);
	ck_assert_uint_eq(ask(0xda, 0x0180, view_slice(n, 0, 64), NULL), 0x6a80);
	expect("00CA0101 00", "6A88");
}
END_TEST

START_TEST(loading_goes_on_after_a_restart)
{
	char path[] = "/tmp/test_myeidXXXXXX", image[64];

	ck_assert_ptr_nonnull(mkdtemp(path));
	snprintf(image, sizeof(image), "%s/card.json", path);
	open_new_card(&myeid_type, NULL, image);
	create_key("4B01", "11", "0400", "0000");
	load_primes();
	open_new_card(&myeid_type, NULL, image);
	enter();
	expect("00A40200 02 4B01", "611D");
	load(0x80, RSA_PART_N, 0, 128, true);
	load(0x81, RSA_PART_E, 0, 3, false);
	open_new_card(&myeid_type, NULL, image);
	enter();
	expect_raw();
	unlink(image);
	snprintf(image, sizeof(image), "%s/card.json.lock", path);
	unlink(image);
	ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

#define ZEROS "00000000000000000000000000000000"

/* RFC 5903, 8.1, on P-256. */
#define I_D "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433"
#define I_Q \
	"04 DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180" \
	"5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3"
#define R_Q \
	"04 D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63" \
	"56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB"
#define SHARED "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE"

START_TEST(loaded_on_a_curve)
{
	make_pins();
	create_key("4B02", "22", "0100", "0000");
	activate();
	expect("00DA0187 20" I_D, "6982");
	verify();
	expect("00DA0187 20" I_D, "9000");
	expect("00CA0186 00", "8641" I_Q "9000");
	expect("00DA0186 41" I_Q, "9000");
	expect("00DA0186 43 0441" I_Q, "9000");
	expect("00DA0186 41" R_Q, "6A80");
	expect("00DA0187 20 FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
	       "6A80");
	expect("00DA0180 01 01", "6A86");
	expect("00CA0186 00", "8641" I_Q "9000");
	expect("002241A4 0A 800104 8102 4B02 840100", "9000");
	expect("00860000 45 7C43 8541" R_Q "20", SHARED "9000");
	expect("00860000 45 7C43 8141" R_Q "20", "6A80");
	expect("00860000 05 7C03 8501 04 20", "6A80");
	expect("00860001 45 7C43 8541" R_Q "20", "6A86");
	expect("002E0000", "9000");
	expect("00860000 45 7C43 8541" R_Q "20", "6982");
	/* signing needs a template of its own */
	verify();
	expect("002A9E9A 01 11 00", "6985");
	/* the point first, which the private half then has to go with */
	create_key("4B03", "22", "0100", "0000");
	expect("00DA0186 41 04" ZEROS ZEROS ZEROS ZEROS, "6A80");
	expect("00DA0186 43 0441" I_Q, "9000");
	expect("00CA0186 00", "8641" I_Q "9000");
	expect("00DA0186 41" R_Q, "9000");
	expect("00DA0187 20" I_D, "9000");
	expect("00CA0186 00", "8641" I_Q "9000");
}
END_TEST

/* --- their use ------------------------------------------------------------- */

START_TEST(deciphered_in_halves)
{
	struct rsa *rsa = rsa_known_key();
	struct buf sealed = BUF(128), part = BUF(130), plain = BUF(128),
		   long_ = BUF(RSA_KEY_SIZE_MAX + 2);

	create_key("4B01", "11", "0400", "0000");
	load_primes();
	load(0x80, RSA_PART_N, 0, 128, true);
	load(0x81, RSA_PART_E, 0, 3, false);
	ck_assert_int_eq(rsa_encrypt_pkcs1(rsa, said("a secret"), &sealed), 0);
	expect("002241B8 0A 800102 8102 4B01 840100", "9000");
	/* at once */
	buf_u8(&part, 0x00);
	buf_put_view(&part, buf_view(&sealed));
	ck_assert_uint_eq(ask(0x2a, 0x8086, buf_view(&part), &plain), 0x9000);
	ck_assert_buf(&plain, said("a secret"));
	/* the second half alone is none */
	part.p[0] = 0x82;
	ck_assert_uint_eq(ask(0x2a, 0x8086, view_slice(buf_view(&part), 0, 65), &plain), 0x6985);
	/* in two */
	part.p[0] = 0x81;
	ck_assert_uint_eq(ask(0x2a, 0x8086, view_slice(buf_view(&part), 0, 65), NULL), 0x9000);
	part.p[64] = 0x82; /* over the last byte that has gone */
	ck_assert_uint_eq(ask(0x2a, 0x8086, view_slice(buf_view(&part), 64, 65), &plain), 0x9000);
	ck_assert_buf(&plain, said("a secret"));
	/* another half */
	ck_assert_uint_eq(ask(0x2a, 0x8086, view_slice(buf_view(&part), 0, 65), NULL), 0x9000);
	ck_assert_uint_eq(ask(0x2a, 0x8086, view_slice(buf_view(&part), 64, 60), &plain), 0x6a80);
	buf_reset(&part);
	buf_u8(&part, 0x81);
	buf_put_view(&part, view_slice(buf_view(&sealed), 0, 64));
	ck_assert_uint_eq(ask(0x2a, 0x8086, buf_view(&part), NULL), 0x9000);
	buf_reset(&part);
	buf_u8(&part, 0x82);
	buf_put_view(&part, view_slice(buf_view(&sealed), 64, 64));
	ck_assert_uint_eq(ask(0x2a, 0x8086, buf_view(&part), &plain), 0x9000);
	ck_assert_buf(&plain, said("a secret"));
	/* once */
	ck_assert_uint_eq(ask(0x2a, 0x8086, buf_view(&part), &plain), 0x6985);
	part.p[0] = 0x81;
	ck_assert_uint_eq(ask(0x2a, 0x8086, buf_view(&part), NULL), 0x9000);
	ck_assert_int_eq(card->ops->power(card, CARD_RESET), 0);
	enter();
	expect("002241B8 0A 800102 8102 4B01 840100", "9000");
	part.p[0] = 0x82;
	ck_assert_uint_eq(ask(0x2a, 0x8086, buf_view(&part), &plain), 0x6985);
	part.p[0] = 0x83;
	ck_assert_uint_eq(ask(0x2a, 0x8086, buf_view(&part), &plain), 0x6a80);
	/* nothing behind the byte, and more than any key is long */
	ck_assert_uint_eq(ask(0x2a, 0x8086, known("81"), &plain), 0x6a80);
	buf_reset(&long_);
	buf_fill(&long_, 0, RSA_KEY_SIZE_MAX + 2);
	ck_assert_uint_eq(ask(0x2a, 0x8086, buf_view(&long_), &plain), 0x6a80);
	rsa_free(rsa);
	buf_free(&long_);
	buf_free(&sealed);
	buf_free(&part);
	buf_free(&plain);
}
END_TEST

START_TEST(a_key_is_its_pins)
{
	make_pins();
	create_key("4B01", "22", "0100", "0000");
	expect("00460000", "9000");
	activate();
	expect("002A9E9A 01 11 00", "6985"); /* no template */
	expect("002241B6 0A 800104 8102 4B01 840100", "9000");
	expect("002A9E9A 01 11 00", "6982");
	verify();
	expect("002A9E9A 01 11 00", "*9000");
	expect("002A9E9A 00", "6A80");
	expect("002A9E9A", "6A80");
	expect("002A9EAC 03 900111 00", "6A86");
	expect("002241B6 07 800102 8102 4B01", "9000");
	expect("002A9E9A 01 11 00", "6A81"); /* no such thing on a curve */
	expect("002241B6 07 800104 8102 4B09", "9000");
	expect("002A9E9A 01 11 00", "6A88");
	expect("002241B6 07 800104 8102 5015", "9000");
	expect("002A9E9A 01 11 00", "6A88"); /* a DF */
	expect("00A40200 02 4B01", "611D");
	expect("A0E40000", "9000");
	expect("002241B6 07 800104 8102 4B01", "9000");
	expect("002A9E9A 01 11 00", "6A88"); /* gone */
}
END_TEST

START_TEST(consent_for_each_use)
{
	make_pins();
	create_key("4B01", "22", "0100", "1000");
	expect("00460000", "9000");
	create_key("4B02", "22", "0100", "0000");
	expect("00460000", "9000");
	activate();
	verify();
	expect("002241B6 0A 800104 8102 4B02 840100", "9000");
	expect("002A9E9A 01 11 00", "*9000");
	expect("002A9E9A 01 11 00", "*9000");
	expect("002241B6 0A 800104 8102 4B01 840100", "9000");
	expect("002A9E9A 01 11 00", "*9000");
	expect("002A9E9A 01 11 00", "6982");
	verify();
	expect("002A9E9A 01 11 00", "*9000");
	expect("00200001", "63C3");
}
END_TEST

/* FIPS 197, C.1. */
#define C1_KEY "000102030405060708090A0B0C0D0E0F"
#define C1_PLAIN "00112233445566778899AABBCCDDEEFF"
#define C1_SEALED "69C4E0D86A7B0430D8CDB78070B4C55A"

/* SP 800-38A, F.2.1: the first two blocks. */
#define F2_KEY "2B7E151628AED2A6ABF7158809CF4F3C"
#define F2_IV C1_KEY
#define F2_PLAIN1 "6BC1BEE22E409F96E93D7E117393172A"
#define F2_PLAIN2 "AE2D8A571E03AC9C9EB76FAC45AF8E51"
#define F2_SEALED1 "7649ABAC8119B246CEE98E9B12E9197D"
#define F2_SEALED2 "5086CB9B507219EE95DB113A917678B2"

#define ECB(p1) "0022" p1 "B8 1C 800100 8102 4D01 830100 8710" ZEROS
#define CBC(p1) "0022" p1 "B8 1C 800100 8102 4D01 830100 8710" F2_IV

/* A key of AES that PIN 1 is asked for anew each time, for what it enciphers and wraps. */
static void
consented_aes(void)
{
	make_pins();
	create_key("4D01", "29", "0080", "1008");
	expect("00DA01A0 10" C1_KEY, "9000");
	create_key("4D02", "29", "0080", "1008");
	expect("00DA01A0 10" F2_KEY, "9000");
	activate();
}

START_TEST(consent_is_spent_by_each_part)
{
	consented_aes();
	expect(ECB("81"), "9000");
	verify();
	expect("102A8480 10" C1_PLAIN "10", "*9000");
	expect("00200001", "63C3");
	expect("102A8480 10" C1_PLAIN "10", "6982");
	verify();
	expect("002A8480 10" C1_PLAIN "10", "*9000");
	expect("00200001", "63C3");
}
END_TEST

START_TEST(consent_is_spent_by_wrapping)
{
	consented_aes();
	expect("002281B8 0B 80010A 8102 4D01 8302 4D02", "9000");
	verify();
	expect("002A8400 00", "*9000");
	expect("00200001", "63C3");
	/* the key that leaves is used, too */
	verify();
	create_key("4D03", "29", "0080", "0008");
	expect("00DA01A0 10" C1_KEY, "9000");
	expect("002E0000", "9000");
	expect("002281B8 0B 80010A 8102 4D03 8302 4D02", "9000");
	expect("002A8400 00", "6982");
	verify();
	expect("002A8400 00", "*9000");
	expect("00200001", "63C3");
	expect("002241B8 0B 80010A 8102 4D01 8302 4D03", "9000");
	verify();
	expect("002A0084 10" C1_SEALED, "9000");
	expect("00200001", "63C3");
}
END_TEST

/* What cannot be a use costs nothing; what is one, and fails, does. */
START_TEST(consent_is_spent_by_failing)
{
	consented_aes();
	expect("002241B8 0B 80018A 8102 4D01 8302 4D02", "9000");
	verify();
	expect("002A0084 0F 000000000000000000000000000000", "6700");
	expect("00200001", "9000");
	expect("002A0084 10" C1_SEALED, "6A80"); /* no padding */
	expect("00200001", "63C3");
	verify();
	create_key("4B01", "22", "0100", "1000");
	expect("00460000", "9000");
	expect("002241A4 0A 800104 8102 4B01 840100", "9000");
	expect("00860000 02 7C00 00", "6A80");
	expect("00200001", "9000");
	expect("00860000 07 7C05 8503 040101 00", "6A80"); /* no point of the curve */
	expect("00200001", "63C3");
}
END_TEST

/* --- symmetric keys --------------------------------------------------------------------------- */

START_TEST(ciphers)
{
	make_pins();
	create_key("4D01", "29", "0080", "0000");
	activate();
	expect("00DA01A0 10" C1_KEY, "6982");
	verify();
	expect(ECB("81"), "9000");
	expect("002A8480 10" C1_PLAIN "10", "6A88"); /* no value yet */
	expect("00DA01A0 0F 000102030405060708090A0B0C0D0E", "6A80");
	expect("00DA0180 10" C1_KEY, "6A86");
	expect("00460000", "6A81");
	expect("00DA01A0 10" C1_KEY, "9000");
	expect("00CA0101 00", "6A88");
	/* a block by itself, each time */
	expect("002A8480 10" C1_PLAIN "10", C1_SEALED "9000");
	expect("002A8480 10" C1_PLAIN "10", C1_SEALED "9000");
	expect("002A8480 0F 00112233445566778899AABBCCDDEE 10", "6700");
	expect("002A8480 00", "6700");
	expect("002281B8 14 800100 8102 4D01 830100 8708 0000000000000000", "9000");
	expect("002A8480 10" C1_PLAIN "10", "6985"); /* an IV is a block */
	expect(ECB("81"), "9000");
	expect("002A8084 10" C1_SEALED "10", "6985"); /* the other direction was not set */
	expect(ECB("41"), "9000");
	expect("002A8084 10" C1_SEALED "10", C1_PLAIN "9000");
	expect("002A8086 11 00" C1_SEALED "10", "*9000");
	expect("002E0000", "9000");
	expect("002A8084 10" C1_SEALED "10", "6982");
}
END_TEST

START_TEST(ciphers_that_go_on)
{
	create_key("4D01", "29", "0080", "0000");
	expect("00DA01A0 10" F2_KEY, "9000");
	expect(CBC("81"), "9000");
	expect("102A8480 10" F2_PLAIN1 "10", F2_SEALED1 "9000");
	expect("102A8480 10" F2_PLAIN2 "10", F2_SEALED2 "9000");
	/* a template begins it anew */
	expect(CBC("81"), "9000");
	expect("102A8480 20" F2_PLAIN1 F2_PLAIN2 "20", F2_SEALED1 F2_SEALED2 "9000");
	expect(CBC("41"), "9000");
	expect("102A8084 10" F2_SEALED1 "10", F2_PLAIN1 "9000");
	expect("102A8084 10" F2_SEALED2 "10", F2_PLAIN2 "9000");
	/* and so does a command that says it is the last */
	expect(CBC("41"), "9000");
	expect("102A8084 10" F2_SEALED1 "10", F2_PLAIN1 "9000");
	expect("002A8084 10" F2_SEALED2 "10", F2_PLAIN2 "9000");
	expect("002A8084 10" F2_SEALED1 "10", F2_PLAIN1 "9000");
	/* a template without an IV has none, whatever the one before had */
	expect("002281B8 0A 800100 8102 4D01 830100", "9000");
	expect("00DA01A0 10" C1_KEY, "9000");
	expect("002A8480 10" C1_PLAIN "10", C1_SEALED "9000");
}
END_TEST

/* Sizes and kinds of symmetric keys; DES by the vector of SP 800-67's K K K. */
START_TEST(symmetric_key_files)
{
	static const struct {
		const char *fdb, *bits;
		bool good;
	} sizes[] = {
		{ "29", "0080", true },
		{ "29", "00C0", true },
		{ "29", "0100", true },
		{ "29", "0040", false },
		{ "19", "0040", true },
		{ "19", "0080", true },
		{ "19", "00C0", true },
		{ "19", "0100", false },
		{ "29", "0000", false }, { "19", "0000", false }, { "31", "0080", false },
	};
	char command[128];
	size_t i;

	enter();
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		snprintf(command, sizeof(command),
			 "00E00000 19 6217 8102 %s 8201 %s 8302 4D01 8603 1111FF 8502 0000 8A01 00",
			 sizes[i].bits, sizes[i].fdb);
		expect(command, sizes[i].good ? "9000" : "6A80");
		if (sizes[i].good)
			expect("A0E40000", "9000");
	}
	create_key("4D01", "19", "0040", "0000");
	expect("00DA01A0 08 0123456789ABCDEF", "9000");
	expect("002281B8 0A 800100 8102 4D01 830100", "9000");
	expect("002A8480 08 4E6F772069732074 08", "3FA40E8A984D4815 9000");
}
END_TEST

/* --- keys under keys -------------------------------------------------------------- */

START_TEST(wrapped_and_unwrapped)
{
	struct buf wrapped = BUF(64), padded = BUF(64);

	make_pins();
	create_key("4D01", "29", "0080", "0000");
	expect("00DA01A0 10" C1_KEY, "9000");
	create_key("4D02", "29", "0080", "0008");
	expect("002281B8 0B 80010A 8102 4D01 8302 4D02", "9000");
	expect("002A8400 00", "6A88"); /* no value to wrap */
	expect("00DA01A0 10" F2_KEY, "9000");
	activate();
	expect("002A8400 00", "6982");
	verify();
	expect("002A8400 01 00 00", "6700");
	ck_assert_uint_eq(ask(0x2a, 0x8400, view_of(NULL, 0), &wrapped), 0x9000);
	ck_assert_uint_eq(wrapped.n, 16);
	/* the other one may not leave the card */
	expect("002281B8 0B 80010A 8102 4D02 8302 4D01", "9000");
	expect("002A8400 00", "6982");
	expect("002281B8 0B 80018A 8102 4D01 8302 4D02", "9000");
	ck_assert_uint_eq(ask(0x2a, 0x8400, view_of(NULL, 0), &padded), 0x9000);
	ck_assert_uint_eq(padded.n, 32);
	ck_assert_view(view_slice(buf_view(&padded), 0, 16), buf_view(&wrapped));
	/* into another, and see that it is the same key */
	create_key("4D03", "29", "0080", "0000");
	expect("002241B8 0B 80018A 8102 4D01 8302 4D03", "9000");
	ck_assert_uint_eq(ask(0x2a, 0x0084, buf_view(&wrapped), NULL), 0x6a80); /* no padding */
	ck_assert_uint_eq(ask(0x2a, 0x0084, buf_view(&padded), NULL), 0x9000);
	expect("002281B8 1C 800100 8102 4D03 830100 8710" F2_IV, "9000");
	expect("002A8480 10" F2_PLAIN1 "10", F2_SEALED1 "9000");
	/* 02, but 01 before it */
	buf_reset(&padded);
	ck_assert_int_eq(cipher_encrypt(CIPHER_AES, CIPHER_CBC, known(C1_KEY), (uint8_t[16]) { 0 },
					known(F2_KEY "010101010101010101010101010101 02"), &padded),
			 0);
	ck_assert_uint_eq(padded.n, 32);
	ck_assert_uint_eq(ask(0x2a, 0x0084, buf_view(&padded), NULL), 0x6a80);
	/* without padding, and too long */
	expect("002241B8 0B 80010A 8102 4D01 8302 4D03", "9000");
	ck_assert_uint_eq(ask(0x2a, 0x0084, buf_view(&padded), NULL), 0x6a80);
	ck_assert_uint_eq(ask(0x2a, 0x0084, buf_view(&wrapped), NULL), 0x9000);
	/* the target must be there, a key, and loadable */
	expect("002241B8 07 80010A 8102 4D01", "9000");
	expect("002A0084 10" C1_SEALED, "6985");
	expect("002241B8 0B 80010A 8102 4D01 8302 4D09", "9000");
	expect("002A0084 10" C1_SEALED, "6A88");
	expect("002241B8 0B 80010A 8102 4D01 8302 4D03", "9000");
	expect("002E0000", "9000");
	expect("002A0084 10" C1_SEALED, "6982");
	buf_free(&wrapped);
	buf_free(&padded);
}
END_TEST

START_TEST(unwrapped_by_rsa)
{
	struct rsa *rsa = rsa_known_key();
	struct buf sealed = BUF(128), data = BUF(130);

	create_key("4B01", "11", "0400", "0000");
	load_primes();
	load(0x80, RSA_PART_N, 0, 128, true);
	load(0x81, RSA_PART_E, 0, 3, false);
	create_key("4D01", "29", "0080", "0000");
	ck_assert_int_eq(rsa_encrypt_pkcs1(rsa, known(F2_KEY), &sealed), 0);
	expect("002241B8 0B 80010A 8102 4B01 8302 4D01", "9000");
	buf_u8(&data, 0x00);
	buf_put_view(&data, buf_view(&sealed));
	ck_assert_uint_eq(ask(0x2a, 0x0086, buf_view(&data), NULL), 0x9000);
	expect(CBC("81"), "9000");
	expect("002A8480 10" F2_PLAIN1 "10", F2_SEALED1 "9000");
	/* in halves, into a key that is shorter than that */
	create_key("4D02", "19", "0040", "0000");
	expect("002241B8 0B 80010A 8102 4B01 8302 4D02", "9000");
	data.p[0] = 0x81;
	ck_assert_uint_eq(ask(0x2a, 0x0086, view_slice(buf_view(&data), 0, 65), NULL), 0x9000);
	data.p[64] = 0x82;
	ck_assert_uint_eq(ask(0x2a, 0x0086, view_slice(buf_view(&data), 64, 65), NULL), 0x6a80);
	/* wrapped for itself: extractable or not */
	expect("002281B8 0B 80010A 8102 4B01 8302 4D01", "9000");
	expect("002A8400 00", "6982");
	/* RSA does not encipher data, nor does it decipher by blocks */
	expect("002281B8 07 800102 8102 4B01", "9000");
	expect("002A8480 01 01 00", "6A81");
	expect("002241B8 07 800100 8102 4B01", "9000");
	expect("002A8084 10" C1_SEALED "10", "6A81");
	/* nor is its file one that a key is put into */
	expect("002241B8 0B 80010A 8102 4B01 8302 4B01", "9000");
	expect("002A0084 10" C1_SEALED, "6A88");
	rsa_free(rsa);
	buf_free(&sealed);
	buf_free(&data);
}
END_TEST

/* None is stored; what is restored is the empty one. */
START_TEST(environments)
{
	create_key("4D01", "29", "0080", "0000");
	expect("00DA01A0 10" C1_KEY, "9000");
	expect(ECB("81"), "9000");
	expect("0022F201", "6A81");
	expect("0022F401", "6A81");
	expect("0022F301", "6A87");
	expect("0022F300 01 00", "6A87");
	expect("0022C1B8 0A 800100 8102 4D01 830100", "6A81");
	expect("002241B4 0A 800100 8102 4D01 830100", "6985");
	expect("002281B6 0A 800100 8102 4D01 830100", "6985");
	expect("002A8480 10" C1_PLAIN "10", C1_SEALED "9000");
	expect("0022F300", "9000");
	expect("002A8480 10" C1_PLAIN "10", "6985");
}
END_TEST

START_TEST(keys_of_a_session)
{
	make_pins();
	create_key("4D01", "29", "0080", "0001");
	expect("00DA01A0 10" C1_KEY, "9000");
	create_key("4D02", "29", "0080", "0000");
	expect("00DA01A0 10" C1_KEY, "9000");
	enter();
	expect("00CA01A1 00", "4D01 4D02 9000");
	ck_assert_int_eq(card->ops->power(card, CARD_RESET), 0);
	ck_assert_uint_eq(state_changed(iso()->state), 0);
	enter();
	expect("00CA01A1 00", "4D02 9000");
	ck_assert_ptr_nonnull(iso()->state->sam.keys);
	ck_assert_ptr_null(iso()->state->sam.keys->next);
}
END_TEST

START_TEST(memory_is_bounded)
{
	iso()->state->fs.quota = 200;
	enter();
	expect("00E00000 19 6217 8102 0100 8201 22 8302 4B01 8603 1111FF 8502 0000 8A01 00",
	       "9000");
	expect("00460000", "6A84"); /* beside what there is */
	expect("00CA0186 00", "6A88");
	expect("00E00000 19 6217 8102 0100 8201 22 8302 4B02 8603 1111FF 8502 0000 8A01 00",
	       "9000");
	expect("00E00000 19 6217 8102 0100 8201 22 8302 4B03 8603 1111FF 8502 0000 8A01 00",
	       "6A84");
	expect("00CA01A1 00", "4B01 4B02 9000");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("myeid");

	tcase_add_checked_fixture(tc, setup, close_card);
	tcase_add_test(tc, atr_and_application);
	tcase_add_test(tc, information);
	tcase_add_test(tc, serial_of_another_length);
	tcase_add_test(tc, changes_are_counted);
	tcase_add_test(tc, changes_are_counted_from_elsewhere);
	tcase_add_test(tc, files_are_listed);
	tcase_add_test(tc, what_get_data_tells_of_keys);
	tcase_add_test(tc, what_there_is_not);
	tcase_add_test(tc, creation);
	tcase_add_test(tc, deletion);
	tcase_add_test(tc, named_df);
	tcase_add_test(tc, format);
	tcase_add_test(tc, pins);
	tcase_add_test(tc, parameters_of_pins);
	tcase_add_test(tc, a_locked_pin);
	tcase_add_test(tc, unblockers_and_administrators);
	tcase_add_test(tc, new_pins_later);
	tcase_add_test(tc, logout);
	tcase_add_test(tc, key_files);
	tcase_add_test(tc, generated_rsa);
	tcase_add_test(tc, generated_on_each_curve);
	tcase_add_test(tc, signed_on_curves);
	tcase_add_test(tc, loaded_rsa);
	tcase_add_test(tc, loaded_rsa_of_another_size);
	tcase_add_test(tc, loading_goes_on_after_a_restart);
	tcase_add_test(tc, loaded_on_a_curve);
	tcase_add_test(tc, deciphered_in_halves);
	tcase_add_test(tc, a_key_is_its_pins);
	tcase_add_test(tc, consent_for_each_use);
	tcase_add_test(tc, consent_is_spent_by_each_part);
	tcase_add_test(tc, consent_is_spent_by_wrapping);
	tcase_add_test(tc, consent_is_spent_by_failing);
	tcase_add_test(tc, ciphers);
	tcase_add_test(tc, ciphers_that_go_on);
	tcase_add_test(tc, symmetric_key_files);
	tcase_add_test(tc, wrapped_and_unwrapped);
	tcase_add_test(tc, unwrapped_by_rsa);
	tcase_add_test(tc, environments);
	tcase_add_test(tc, keys_of_a_session);
	tcase_add_test(tc, memory_is_bounded);
	return run("myeid", tc);
}
