/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "pinblock.h"
#include "support.h"

/*
 * VERIFY: timers, formats; then what all rows here have in common; then the length of the
 * template.
 */
#define ENTRY "0804 02 00 0000 00 000000" /* 4 to 8 digits */
#define CHANGE "0804 03 02 03 0000 00 01 02 000000"

/* a row is bytes as they are sent, not code: clang-format would take them apart */
/* clang-format off */

/* A structure, what is typed for each PIN that it wants, and the command or the status word. */
static const struct row {
	const char *what;
	bool modify;
	const char *in;
	const char *typed[PIN_WANTED];
	const char *command; /* NULL: see answer */
	int answer;
} rows[] = {
	/* as clients were seen to send them */
	{ "OpenSC login, myeid", false,
	  "1E 1E 82 08 00 08 04 02 00 0000 00 000000 0D000000 00 20 00 01 08 FF FF FF FF FF FF FF FF",
	  { "123456" }, "00 20 00 01 08 31 32 33 34 35 36 FF FF", 0 },
	{ "OpenSC login, isoapplet, display", false,
	  "1E 1E 82 00 00 10 04 02 FF 0000 00 000000 15000000"
	  "00 20 00 01 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
	  { "123456" }, "00 20 00 01 10 31 32 33 34 35 36 00 00 00 00 00 00 00 00 00 00", 0 },
	{ "OpenSC login, OpenPGP 3.4", false,
	  "1E 1E 82 00 00 7F 06 02 00 0000 00 000000 05000000 00 20 00 82 00", { "123456" },
	  "00 20 00 82 06 31 32 33 34 35 36", 0 },
	{ "OpenSC change, myeid", true,
	  "1E 1E 02 08 00 00 08 08 04 03 02 00 0000 00 01 02 000000 15000000"
	  "00 24 00 01 10 FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF",
	  { "123456", "7654", "7654" },
	  "00 24 00 01 10 31 32 33 34 35 36 FF FF 37 36 35 34 FF FF FF FF", 0 },
	{ "OpenSC change, isoapplet, display", true,
	  "1E 1E 02 00 00 00 10 10 04 03 02 03 0000 00 01 02 000000 25000000 00 24 00 01 20"
	  "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
	  { "123456", "654321", "654321" },
	  "00 24 00 01 20 31 32 33 34 35 36 00 00 00 00 00 00 00 00 00 00"
	  "36 35 34 33 32 31 00 00 00 00 00 00 00 00 00 00", 0 },
	{ "OpenSC change, OpenPGP", true,
	  "1E 1E 02 00 00 00 00 7F 06 03 02 00 0000 00 01 02 000000 05000000 00 24 00 81 00",
	  { "123456", "654321", "654321" }, "00 24 00 81 0C 31 32 33 34 35 36 36 35 34 33 32 31", 0 },
	{ "pkcs15-tool --unblock-pin: the PUK is the old PIN", true,
	  "1E 1E 02 08 00 00 08 08 04 03 02 00 0000 00 01 02 000000 15000000"
	  "00 2C 00 01 10 FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF",
	  { "12345678", "7654", "7654" },
	  "00 2C 00 01 10 31 32 33 34 35 36 37 38 37 36 35 34 FF FF FF FF", 0 },
	{ "scdaemon CHECKPIN, varlen", false,
	  "00 00 82 00 00 0F 06 02 01 0904 00 000005 05000000 00 20 00 81 00", { "123456" },
	  "00 20 00 81 06 31 32 33 34 35 36", 0 },
	{ "scdaemon, admin PIN", false,
	  "00 00 82 00 00 0F 08 02 01 0904 00 000005 05000000 00 20 00 83 00", { "12345678" },
	  "00 20 00 83 08 31 32 33 34 35 36 37 38", 0 },
	{ "scdaemon PASSWD, varlen", true,
	  "00 00 82 00 00 00 00 0F 06 03 02 03 0904 00 01 02 000005 05000000 00 24 00 81 00",
	  { "123456", "654321", "654321" }, "00 24 00 81 0C 31 32 33 34 35 36 36 35 34 33 32 31", 0 },
	{ "scardcontrol, verify", false,
	  "00 00 82 08 00 08 04 07 01 0904 00 000000 0D000000 00 20 00 00 08 30 30 30 30 00 00 00 00",
	  { "1234" }, "00 20 00 00 08 31 32 33 34 00 00 00 00", 0 },
	{ "scardcontrol, modify", true,
	  "00 00 82 04 00 00 04 08 04 03 02 03 0904 00 00 00 000000 0D000000"
	  "00 24 00 00 08 30 30 30 30 30 30 30 30", { "1234", "5678", "5678" },
	  "00 24 00 00 08 31 32 33 34 35 36 37 38", 0 },
	{ "AusweisApp: four bytes, and no old PIN", true,
	  "00 00 82 00 00 00 00 06 06 01 02 02 0704 01 02 00 000000 04000000 00 2C 02 03",
	  { "123456", "123456" }, "00 2C 02 03 06 31 32 33 34 35 36", 0 },
	{ "GLP, of OpenSC: a nibble of length, BCD from the second byte", false,
	  "1E 1E 41 48 04 0C 04 02 00 0000 00 000000 0D000000 00 20 00 01 08 20 FF FF FF FF FF FF FF",
	  { "12345" }, "00 20 00 01 08 25 12 34 5F FF FF FF FF", 0 },
	{ "GLP, changed: each block with its length", true,
	  "00 00 89 47 04 00 08 0C 04 03 02 03 0C04 00 01 02 000000 15000000"
	  "00 24 00 01 10 20 FF FF FF FF FF FF FF 20 FF FF FF FF FF FF FF",
	  { "1234", "567890", "567890" },
	  "00 24 00 01 10 24 12 34 FF FF FF FF FF 26 56 78 90 FF FF FF FF", 0 },

	/* where the digits go */
	{ "ASCII behind something else", false, "0000 9A 08 00" ENTRY "10000000"
	  "00 20 00 01 0B AA BB CC FF FF FF FF FF FF FF FF", { "1234" },
	  "00 20 00 01 0B AA BB CC 31 32 33 34 FF FF FF FF", 0 },
	{ "a position of 8 bits", false, "0000 42 08 00" ENTRY "0E000000 00 20 00 01 09 AA FF FF FF FF FF FF FF FF",
	  { "1234" }, "00 20 00 01 09 AA 31 32 33 34 FF FF FF FF", 0 },
	{ "a position of 4 bits", false, "0000 22 08 00" ENTRY "0E000000 00 20 00 01 09 AA FF FF FF FF FF FF FF FF",
	  { NULL }, NULL, 0x6b80 },
	{ "Le stays", false, "0000 82 08 00" ENTRY "0E000000 00 20 00 01 08 FF FF FF FF FF FF FF FF 05",
	  { "1234" }, "00 20 00 01 08 31 32 33 34 FF FF FF FF 05", 0 },
	{ "Le stays behind what is appended", false, "0000 82 00 00" ENTRY "06000000 00 20 00 01 00 07",
	  { "1234" }, "00 20 00 01 04 31 32 33 34 07", 0 },
	{ "appended BCD, odd", false, "0000 81 00 00" ENTRY "05000000 00 20 00 01 00", { "12345" },
	  "00 20 00 01 03 12 34 5F", 0 },
	{ "BCD over a template, odd", false, "0000 81 04 00" ENTRY "09000000 00 20 00 01 04 AB CD EF 99",
	  { "12345" }, "00 20 00 01 04 12 34 5F 99", 0 },
	{ "binary", false, "0000 80 04 00" ENTRY "09000000 00 20 00 01 04 FF FF FF FF", { "1090" },
	  "00 20 00 01 04 01 00 09 00", 0 },
	{ "right-justified", false, "0000 86 08 00" ENTRY "0D000000 00 20 00 01 08 30 30 30 30 30 30 30 30",
	  { "1234" }, "00 20 00 01 08 30 30 30 30 31 32 33 34", 0 },
	{ "right-justified BCD", false, "0000 85 03 00" ENTRY "08000000 00 20 00 01 03 00 00 00",
	  { "1234" }, "00 20 00 01 03 00 12 34", 0 },
	{ "right-justified BCD, odd", false, "0000 85 03 00" ENTRY "08000000 00 20 00 01 03 00 00 00",
	  { "12345" }, NULL, 0x6b80 },
	{ "right-justified, longer than the block", false, "0000 86 04 00" ENTRY "0D000000"
	  "00 20 00 01 08 30 30 30 30 30 30 30 30", { "12345" }, NULL, 0x6403 },
	{ "right-justified in no block", false, "0000 86 00 00" ENTRY "0D000000"
	  "00 20 00 01 08 30 30 30 30 30 30 30 30", { NULL }, NULL, 0x6b80 },
	{ "no room", false, "0000 82 08 00" ENTRY "0A000000 00 20 00 01 05 FF FF FF FF FF", { "123456" }, NULL,
	  0x6403 },
	{ "just room, although the block is smaller", false, "0000 82 04 00" ENTRY "0B000000"
	  "00 20 00 01 06 FF FF FF FF FF FF", { "123456" }, "00 20 00 01 06 31 32 33 34 35 36", 0 },
	{ "no room behind its position", false, "0000 92 08 00" ENTRY "0B000000 00 20 00 01 06 FF FF FF FF FF FF",
	  { "12345" }, NULL, 0x6403 },
	{ "the old PIN does not reach into the new", true, "0000 82 00 00 00 04" CHANGE "0D000000"
	  "00 24 00 01 08 FF FF FF FF FF FF FF FF", { "12345", "1234", "1234" }, NULL, 0x6403 },
	{ "the new one first", true, "0000 82 00 00 04 00" CHANGE "0D000000"
	  "00 24 00 01 08 FF FF FF FF FF FF FF FF", { "1234", "5678", "5678" },
	  "00 24 00 01 08 35 36 37 38 31 32 33 34", 0 },
	{ "the new one first does not reach into the old", true, "0000 82 00 00 04 00" CHANGE "0D000000"
	  "00 24 00 01 08 FF FF FF FF FF FF FF FF", { "1234", "56789", "56789" }, NULL, 0x6403 },
	{ "a new PIN alone, at its offset", true, "0000 82 00 00 00 04 0804 00 02 01 0000 00 01 02 000000 0D000000"
	  "00 24 01 01 08 FF FF FF FF FF FF FF FF", { "5678" }, "00 24 01 01 08 FF FF FF FF 35 36 37 38", 0 },

	/* the number of digits */
	{ "a byte of length", false, "0000 8A 88 10" ENTRY "0D000000 00 20 00 01 08 00 FF FF FF FF FF FF FF",
	  { "1234" }, "00 20 00 01 08 04 31 32 33 34 FF FF FF", 0 },
	{ "a nibble, the first", false, "0000 8A 48 00" ENTRY "0D000000 00 20 00 01 08 0A FF FF FF FF FF FF FF",
	  { "1234" }, "00 20 00 01 08 4A 31 32 33 34 FF FF FF", 0 },
	{ "a nibble holds no 16", false, "0000 8A 48 00 1004 02 00 0000 00 000000 18000000"
	  "00 20 00 01 13 00 FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF", { "1234567890123456" }, NULL,
	  0x6403 },
	{ "a length behind the data", false, "0000 82 88 18" ENTRY "0D000000 00 20 00 01 08 FF FF FF FF FF FF FF FF",
	  { "1234" }, NULL, 0x6403 },
	{ "6 bits of length", false, "0000 82 68 00" ENTRY "0D000000 00 20 00 01 08 FF FF FF FF FF FF FF FF",
	  { NULL }, NULL, 0x6b80 },
	{ "a byte of length across two", false, "0000 82 88 04" ENTRY "0D000000"
	  "00 20 00 01 08 FF FF FF FF FF FF FF FF", { NULL }, NULL, 0x6b80 },
	{ "a nibble of length across two", false, "0000 82 48 02" ENTRY "0D000000"
	  "00 20 00 01 08 FF FF FF FF FF FF FF FF", { NULL }, NULL, 0x6b80 },
	{ "reserved bits", false, "0000 82 48 20" ENTRY "0D000000 00 20 00 01 08 FF FF FF FF FF FF FF FF",
	  { NULL }, NULL, 0x6b80 },

	/* lengths of PINs, in the order in which they are found */
	{ "too short", false, "0000 82 00 00" ENTRY "05000000 00 20 00 01 00", { "123" }, NULL, 0x6403 },
	{ "too long", false, "0000 82 00 00" ENTRY "05000000 00 20 00 01 00", { "123456789" }, NULL, 0x6403 },
	{ "the longest", false, "0000 82 00 00" ENTRY "05000000 00 20 00 01 00", { "12345678" },
	  "00 20 00 01 08 31 32 33 34 35 36 37 38", 0 },
	{ "a maximum of 0 is none", false, "0000 82 00 00 0004 02 00 0000 00 000000 05000000 00 20 00 01 00",
	  { "123456789012345678901234567890123456789012345678901234567890123" },
	  "00 20 00 01 3F 31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30"
	  "31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30 31 32 33", 0 },
	{ "more than the most", false, "0000 82 00 00 0408 02 00 0000 00 000000 05000000 00 20 00 01 00", { NULL },
	  NULL, 0x6b80 },
	{ "the second is too short", true, "0000 82 00 00 00 00" CHANGE "05000000 00 24 00 01 00",
	  { "1234", "567", "567" }, NULL, 0x6403 },
	{ "new ones that differ", true, "0000 82 00 00 00 00" CHANGE "05000000 00 24 00 01 00",
	  { "1234", "5678", "5679" }, NULL, 0x6402 },
	{ "one is longer", true, "0000 82 00 00 00 00" CHANGE "05000000 00 24 00 01 00",
	  { "1234", "5678", "56789" }, NULL, 0x6402 },
	{ "too long comes before different", true, "0000 82 00 00 00 00" CHANGE "05000000 00 24 00 01 00",
	  { "1234", "123456789", "1234" }, NULL, 0x6403 },

	/* what is no command with a PIN */
	{ "another instruction", false, "0000 82 00 00" ENTRY "05000000 00 D6 00 00 00", { NULL }, NULL, 0x6b80 },
	{ "CHANGE is not verified", false, "0000 82 00 00" ENTRY "05000000 00 24 00 01 00", { NULL }, NULL, 0x6b80 },
	{ "VERIFY is not changed", true, "0000 82 00 00 00 00" CHANGE "05000000 00 20 00 01 00", { NULL }, NULL,
	  0x6b80 },
	{ "secure messaging", false, "0000 82 00 00" ENTRY "05000000 0C 20 00 01 00", { NULL }, NULL, 0x6b80 },
	{ "secure messaging of a further channel", false, "0000 82 00 00" ENTRY "05000000 60 20 00 01 00", { NULL },
	  NULL, 0x6b80 },
	{ "a further channel", false, "0000 82 00 00" ENTRY "05000000 4C 20 00 01 00", { "1234" },
	  "4C 20 00 01 04 31 32 33 34", 0 },
	{ "a class of its own", false, "0000 82 00 00" ENTRY "05000000 FC 20 00 01 00", { "1234" },
	  "FC 20 00 01 04 31 32 33 34", 0 },
	{ "extended Lc", false, "0000 82 08 00" ENTRY "0F000000 00 20 00 01 00 00 08 FF FF FF FF FF FF FF FF",
	  { NULL }, NULL, 0x6b80 },
	{ "less data than Lc", false, "0000 82 08 00" ENTRY "0C000000 00 20 00 01 08 FF FF FF FF FF FF FF", { NULL },
	  NULL, 0x6b80 },
	{ "two bytes of Le", false, "0000 82 08 00" ENTRY "07000000 00 20 00 01 00 00 00", { NULL }, NULL, 0x6b80 },
	{ "a block, but no data", false, "0000 82 08 00" ENTRY "05000000 00 20 00 01 00", { NULL }, NULL, 0x6b80 },
	{ "a length, but no data", false, "0000 82 40 00" ENTRY "05000000 00 20 00 01 00", { NULL }, NULL, 0x6b80 },
	{ "an unknown encoding", false, "0000 83 00 00" ENTRY "05000000 00 20 00 01 00", { NULL }, NULL, 0x6b80 },

	/* what is no structure */
	{ "nothing", false, "", { NULL }, NULL, -ENOTSUP },
	{ "three bytes of a command", false, "0000 82 00 00" ENTRY "03000000 00 20 00", { NULL }, NULL, -ENOTSUP },
	{ "a length that is not so", false, "0000 82 00 00" ENTRY "06000000 00 20 00 01 00", { NULL }, NULL, -ENOTSUP },
	{ "one that is in its upper half", false, "0000 82 00 00" ENTRY "05000100 00 20 00 01 00", { NULL }, NULL,
	  -ENOTSUP },
	{ "one in big-endian", false, "0000 82 00 00" ENTRY "00000005 00 20 00 01 00", { NULL }, NULL, -ENOTSUP },
	{ "4 messages", true, "0000 82 00 00 00 00 0804 03 02 04 0000 00 01 02 000000 05000000 00 24 00 01 00", { NULL },
	  NULL, -ENOTSUP },
};

/* clang-format on */

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static size_t
bytes(const char *text, uint8_t *out)
{
	unsigned v;
	size_t n = 0;
	int k;

	while (sscanf(text, " %2x%n", &v, &k) == 1) {
		out[n++] = (uint8_t)v;
		text += k;
	}
	return n;
}

static void
type(struct pin *pins, const struct row *row, unsigned n)
{
	unsigned i;

	memset(pins, 0, PIN_WANTED * sizeof(*pins));
	for (i = 0; i < n; i++) {
		ck_assert_msg(row->typed[i] != NULL, "%s: %u PINs are wanted", row->what, n);
		strcpy(pins[i].digits, row->typed[i]);
	}
	ck_assert_msg(n == PIN_WANTED || !row->typed[n], "%s: only %u PINs are wanted", row->what,
		      n);
}

START_TEST(a_structure)
{
	const struct row *row = &rows[_i];
	struct pin pins[PIN_WANTED];
	uint8_t in[512], wanted[512];
	struct pinblock b;
	size_t n;
	int rc;

	rc = pinblock_read(&b, row->modify, in, bytes(row->in, in));
	if (rc == 0) {
		type(pins, row, b.ask.n_wanted);
		rc = pinblock_fill(&b, pins);
	}
	ck_assert_msg(rc == row->answer, "%s: %x, not %x", row->what, (unsigned)rc,
		      (unsigned)row->answer);
	if (!row->command)
		return;
	n = bytes(row->command, wanted);
	ck_assert_msg(b.cmd_len == n, "%s: %zu bytes, not %zu", row->what, b.cmd_len, n);
	ck_assert_msg(memcmp(b.cmd, wanted, n) == 0, "%s: another command", row->what);
}
END_TEST

/* What a pad is to know; and what is left to the reader. */
START_TEST(what_is_asked)
{
	uint8_t in[512];
	struct pinblock b;

	ck_assert_int_eq(
		pinblock_read(
			&b, true, in,
			bytes("00 00 82 00 00 00 00 0F 06 03 02 03 0904 00 01 02 000005 05000000"
			      "00 24 00 81 00",
			      in)),
		0);
	ck_assert(b.ask.modify);
	ck_assert_uint_eq(b.ask.ins, 0x24);
	ck_assert_uint_eq(b.ask.ref, 0x81);
	ck_assert_uint_eq(b.ask.first, 30);
	ck_assert_uint_eq(b.ask.next, 30);
	ck_assert_uint_eq(b.ask.min, 6);
	ck_assert_uint_eq(b.ask.max, 15);
	ck_assert_uint_eq(b.ask.end, 2);
	ck_assert_uint_eq(b.ask.texts, 3);
	ck_assert_uint_eq(b.ask.lang, 0x0409);
	ck_assert_uint_eq(b.ask.n_wanted, 3);
	ck_assert_int_eq(b.ask.want[0], PIN_OLD);
	ck_assert_int_eq(b.ask.want[1], PIN_NEW);
	ck_assert_int_eq(b.ask.want[2], PIN_AGAIN);
	ck_assert_int_eq(
		pinblock_read(
			&b, false, in,
			bytes("07 00 82 00 00 0004 08 01 0904 00 000000 05000000 00 20 00 81 00",
			      in)),
		0);
	ck_assert_uint_eq(b.ask.first, 7);
	ck_assert_uint_eq(b.ask.next, 7);
	ck_assert_uint_eq(b.ask.max, 255);
	ck_assert_uint_eq(b.ask.end, 2);
	ck_assert_int_eq(
		pinblock_read(
			&b, false, in,
			bytes("07 03 82 00 00 0004 05 FE 0904 00 000000 05000000 00 20 00 81 00",
			      in)),
		0);
	ck_assert_uint_eq(b.ask.next, 3);
	ck_assert_uint_eq(b.ask.end, 5);
	ck_assert_uint_eq(b.ask.texts, 0xfe);
}
END_TEST

/* The largest template, and one byte more. */
START_TEST(the_largest)
{
	static uint8_t in[19 + PINBLOCK_COMMAND_MAX + 1];
	struct pin pins[PIN_WANTED] = { { "12345678" } };
	size_t n = PINBLOCK_COMMAND_MAX;
	struct pinblock b;

	bytes("00 00 82 08 00" ENTRY "05010000 00 20 00 01 FF", in);
	memset(in + 24, 0xaa, 256);
	ck_assert_int_eq(pinblock_read(&b, false, in, 19 + n), 0);
	ck_assert_int_eq(pinblock_fill(&b, pins), 0);
	ck_assert_uint_eq(b.cmd_len, n);
	ck_assert_mem_eq(b.cmd + 5, "12345678\xaa", 9);
	in[15]++;
	ck_assert_int_eq(pinblock_read(&b, false, in, 19 + n + 1), 0x6b80);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("pinblock");

	tcase_add_loop_test(tc, a_structure, 0, (int)N_ROWS);
	tcase_add_test(tc, what_is_asked);
	tcase_add_test(tc, the_largest);
	return run("pinblock", tc);
}
