/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/hex.h"
#include "script/pattern.h"
#include "support.h"

static struct props names;

static struct reader
reader_of(const char *text)
{
	return (struct reader) { .text = view_of(text, strlen(text)), .names = &names };
}

static void
setup(void)
{
	ck_assert(props_set(&names, "key", view_of("\x01\x02\x03", 3)));
	ck_assert(props_set(&names, "none", view_of(NULL, 0)));
}

static void
teardown(void)
{
	props_clear(&names);
}

/* What is written, and the bytes that it is. */
static const struct value {
	const char *text;
	const char *hex;
} values[] = {
	{ "", "" },
	{ "00", "00" },
	{ "00 A4 04 00", "00A40400" },
	{ "00A40400", "00A40400" },
	{ "00a4\t04\r\n 00 # a word\n 01", "00A4040001" },
	{ "# nothing", "" },
	{ "\"1234\"", "31323334" },
	{ "\"\"", "" },
	{ "\"#a\" 00", "236100" },
	{ "$key", "010203" },
	{ "$none", "" },
	{ "FF$key", "FF010203" },
	{ "[]", "00" },
	{ "62[80 02[]]", "6203800200" },
	{ "[ {fill 127 AA} 00 ]", "8180*" },
	{ "()", "" },
	{ "(00)", "0100" },
	{ "( 62 [ 83 [ 3F 00 ] ] )", "06620483023F00" },
	{ "{slice 0 1 ({fill 255 00})}", "FF" },
	{ "{slice 0 3 ({fill 256 00})}", "000100" },
	{ "{slice 0 4 [{fill 256 00}]}", "82010000" },
	{ "{fill 5 01 02}", "0102010201" },
	{ "{fill 0 01}", "" },
	{ "{pad 8 }", "8000000000000000" },
	{ "{pad 8 01 02 03 04 05 06 07}", "0102030405060780" },
	{ "{pad 8 0102030405060708}", "01020304050607088000000000000000" },
	{ "{slice 1 2 $key}", "0203" },
	{ "{slice 3 0 $key}", "" },
	{ "{add 1 00 FF}", "0100" },
	{ "{add 1 FF FF}", "0000" },
	{ "{add 258 00 00 01}", "000103" },
	{ "{xor 0FF0 00FF}", "0F0F" },
	{ "{xor {add 1 00} 01}", "00" },
	{ "{xor [ 00 ] 01 01}", "0001" },
};

START_TEST(test_values)
{
	const struct value *v = &values[_i];
	struct reader r = reader_of(v->text);
	struct buf got = BUF(PATTERN_MAX), hex = BUF(2 * PATTERN_MAX);
	size_t n = strcspn(v->hex, "*");

	ck_assert_msg(pattern_value(&got, &r), "%s: %s", v->text, r.fault);
	hex_write(&hex, buf_view(&got));
	ck_assert_msg((v->hex[n] || hex.n == n) && hex.n >= n &&
			      memcmp(hex.p ? hex.p : (void *)"", v->hex, n) == 0,
		      "%s is %.*s", v->text, (int)hex.n, (const char *)hex.p);
	buf_free(&got);
	buf_free(&hex);
}
END_TEST

/* What is refused, a word of the reason, and where. */
static const struct bad {
	const char *text;
	const char *word;
	size_t at;
} bad[] = {
	{ "0", "two digits", 1 },
	{ "00 A", "two digits", 4 },
	{ "00 G0", "expected a byte, a name", 3 },
	{ "00 A4 ~", "expected a byte, a name", 6 },
	{ "??", "may be anything", 2 },
	{ "*", "may be anything", 1 },
	{ "$x:2", "may be anything", 4 },
	{ "* *", "only one", 2 },
	{ "$x:* *", "only one", 5 },
	{ "$nobody", "this name has no value", 0 },
	{ "$", "name is missing", 1 },
	{ "$key:", "decimal", 5 },
	{ "$key:8x", "decimal", 6 },
	{ "$abcdefghijklmnopqrstuvwxyz0123456789", "too long", 32 },
	{ "$x:99999999", "too large", 7 },
	{ "\"a", "end on its line", 0 },
	{ "\"a\n\"", "end on its line", 0 },
	{ "[00", "not closed", 1 },
	{ "[00)", "expected a byte, a name", 3 },
	{ "00]", "expected a byte, a name", 2 },
	{ "[*]", "cannot contain", 3 },
	{ "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", "too many brackets", 16 },
	{ "{nothing 00}", "no formula", 0 },
	{ "{}", "name is missing", 1 },
	{ "{fill}", "decimal", 5 },
	{ "{fill 3}", "nothing to fill", 8 },
	{ "{fill 0A 00}", "decimal", 7 },
	{ "{fill 3 ??}", "may be anything", 11 },
	{ "{fill 69633 00}", "too large", 10 },
	{ "{fill 69632 00} 00", "too many bytes", 18 },
	{ "({fill 65536 00})", "too many bytes", 17 },
	{ "{pad 0 00}", "block", 10 },
	{ "{slice 2 2 $key}", "fewer bytes", 16 },
	{ "{xor 00}", "one length", 8 },
	{ "{xor}", "more values", 4 },
	{ "{xor 00 0000}", "one length", 13 },
	{ "{xor 00 00", "not closed", 8 },
};

START_TEST(test_bad)
{
	const struct bad *b = &bad[_i];
	struct reader r = reader_of(b->text);
	struct buf got = BUF(PATTERN_MAX);

	ck_assert_msg(!pattern_value(&got, &r), "%s is taken", b->text);
	ck_assert_msg(r.fault && strstr(r.fault, b->word), "%s: %s", b->text, r.fault);
	ck_assert_msg(r.at == b->at, "%s: %s at %zu", b->text, r.fault, r.at);
	ck_assert_uint_eq(got.n, 0);
	buf_free(&got);
}
END_TEST

START_TEST(test_word)
{
	struct reader r = reader_of(" {fill 2 00} 01");
	struct buf got = BUF(16);

	ck_assert(pattern_word(&got, &r));
	ck_assert_uint_eq(got.n, 2);
	ck_assert(pattern_word(&got, &r));
	ck_assert_uint_eq(got.n, 3);
	ck_assert(!pattern_word(&got, &r));
	ck_assert_str_eq(r.fault, "a value is missing");
	buf_free(&got);
}
END_TEST

/* A pattern, an answer, and the first bytes that differ: -1 when they match. */
static const struct match {
	const char *pattern;
	const char *got;
	int wanted, at;
} matches[] = {
	{ "9000", "9000", -1, -1 },
	{ "90??", "90FF", -1, -1 },
	{ "63C?", "63CF", -1, -1 },
	{ "63C?", "63D0", 1, 1 },
	{ "?3C0", "63C0", -1, -1 },
	{ "?3C0", "64C0", 0, 0 },
	{ "9000", "6A82", 0, 0 },
	{ "9000", "9001", 1, 1 },
	{ "9000", "019000", 0, 0 },
	{ "019000", "01", 1, 1 },
	{ "01029000", "01039000", 1, 1 },
	{ "0102", "010203", 2, 2 },
	{ "*", "", -1, -1 },
	{ "*", "00", -1, -1 },
	{ "* 9000", "9000", -1, -1 },
	{ "* 9000", "0102039000", -1, -1 },
	{ "* 9000", "0102036A82", 0, 3 },
	{ "* 9000", "0102039001", 1, 4 },
	{ "* 9000", "00", 0, 0 },
	{ "01 * 9000", "019000", -1, -1 },
	{ "01 * 9000", "01FF9000", -1, -1 },
	{ "01 * 9000", "02FF9000", 0, 0 },
	{ "01 * 0100", "0100", 1, 1 },
	{ "62 [ 80 02 ?? ?? ] 9000", "62048002AAAA9000", -1, -1 },
	{ "62 [ 80 02 ?? ?? ] 9000", "62038002AAAA9000", 1, 1 },
};

START_TEST(test_match)
{
	const struct match *m = &matches[_i];
	struct reader r = reader_of(m->pattern);
	struct pattern p = PATTERN;
	struct buf got = BUF(64);
	struct mismatch at;
	bool ok;

	ck_assert(pattern_read(&p, &r));
	ck_assert(hex_read(&got, m->got));
	ok = pattern_match(&p, buf_view(&got), &at);
	ck_assert_msg(ok == (m->at < 0), "%s and %s", m->pattern, m->got);
	ck_assert_msg(ok || (at.wanted == (size_t)m->wanted && at.got == (size_t)m->at),
		      "%s and %s: %zu, %zu", m->pattern, m->got, at.wanted, at.got);
	pattern_free(&p);
	buf_free(&got);
}
END_TEST

START_TEST(test_keep)
{
	static const uint8_t got[] = { 0x7c, 0x03, 0x81, 0x01, 0xaa, 0x05, 0x06, 0x90, 0x00 };
	struct reader r = reader_of("7C [ 81 $a:2 ] $b:* 06 $sw:2");
	struct pattern p = PATTERN;
	struct view v = VIEW(got);
	struct mismatch at;

	ck_assert(pattern_read(&p, &r));
	ck_assert(pattern_match(&p, v, &at));
	ck_assert_uint_eq(p.n_keep, 3);
	ck_assert_str_eq(p.keep[0].name, "a");
	ck_assert(view_equal(pattern_kept(&p, &p.keep[0], v), view_of(got + 3, 2)));
	ck_assert_str_eq(p.keep[1].name, "b");
	ck_assert(view_equal(pattern_kept(&p, &p.keep[1], v), view_of(got + 5, 1)));
	ck_assert(view_equal(pattern_kept(&p, &p.keep[2], v), view_of(got + 7, 2)));
	pattern_free(&p);
}
END_TEST

START_TEST(test_keep_too_many)
{
	struct reader r = reader_of("$a:1 $b:1 $c:1 $d:1 $e:1 $f:1 $g:1 $h:1 $i:1");
	struct pattern p = PATTERN;

	ck_assert(!pattern_read(&p, &r));
	ck_assert_str_eq(r.fault, "too many names in one pattern");
	pattern_free(&p);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(*(array)))

int
main(void)
{
	TCase *tc = tcase_create("pattern");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_values, 0, COUNT(values));
	tcase_add_loop_test(tc, test_bad, 0, COUNT(bad));
	tcase_add_test(tc, test_word);
	tcase_add_loop_test(tc, test_match, 0, COUNT(matches));
	tcase_add_test(tc, test_keep);
	tcase_add_test(tc, test_keep_too_many);
	return run("pattern", tc);
}
