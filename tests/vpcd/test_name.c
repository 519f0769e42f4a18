/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "name.h"
#include "support.h"

/* A DEVICENAME, and what is read of it: endpoint of slot 1 (0 with one slot), slots, timeout. */
static const struct good {
	const char *text;
	const char *endpoint;
	unsigned slots;
	unsigned timeout_s;
} good[] = {
	{ "/dev/null:0x8C7B", "listen:localhost:35964", 2, 60 },
	{ "/dev/null:35963", "listen:localhost:35964", 2, 60 },
	{ "/dev/null:0X8c7b/slots=16", "listen:localhost:35964", 16, 60 },
	{ "/dev/null", "listen:localhost:35964", 2, 60 },
	{ "\"/dev/null:0x8C7B\"", "listen:localhost:35964", 2, 60 },
	{ "listen:35963", "listen:localhost:35964", 2, 60 },
	{ "listen:localhost:4000", "listen:localhost:4001", 2, 60 },
	{ "listen:127.0.0.1:35963", "listen:127.0.0.1:35964", 2, 60 },
	{ "listen:127.0.0.1", "listen:127.0.0.1:35964", 2, 60 },
	{ "listen:@:35963", "listen:@:35964", 2, 60 },
	{ "listen:@", "listen:@:35964", 2, 60 },
	{ "listen:::1:35963", "listen:[::1]:35964", 2, 60 },
	{ "\"listen:[::1]:35963\"", "listen:[::1]:35964", 2, 60 },
	{ "listen:[::1]", "listen:[::1]:35964", 2, 60 },
	{ "listen:1/slots=1", "listen:localhost:1", 1, 60 },
	{ "listen:65535/slots=1", "listen:localhost:65535", 1, 60 },
	{ "listen:65534", "listen:localhost:65535", 2, 60 },
	{ "listen:65535/slots=16/shared=1", "listen:localhost:65535", 16, 60 },
	{ "listen:35963/shared=0/timeout=600", "listen:localhost:35964", 2, 600 },
	{ "unix:/run/pcscd/vpcd.sock", "unix:/run/pcscd/vpcd.sock.1", 2, 60 },
	{ "unix:/run/a=b/vpcd.sock/slots=1", "unix:/run/a=b/vpcd.sock", 1, 60 },
	{ "unix:/s/shared=1/slots=3/timeout=1", "unix:/s", 3, 1 },
	{ "connect:phone.local:35963", "connect:phone.local:35963", 1, 60 },
	{ "connect:phone", "connect:phone:35963", 1, 60 },
	{ "connect:::1:7", "connect:[::1]:7", 1, 60 },
	{ "connect:phone:7/slots=2", "connect:phone:8", 2, 60 },
	{ "phone:0x10", "connect:phone:16", 1, 60 },
	{ "listen:35963/atr=power/slots=3", "listen:localhost:35964", 3, 60 },
	{ "/dev/null:35963/atr=3B00", "listen:localhost:35964", 2, 60 },
	{ "/dev/null:35963/pad=1/mode=0660", "listen:localhost:35964", 2, 60 },
	{ "192.0.2.1:35963/timeout=86400", "connect:192.0.2.1:35963", 1, 86400 },
};

/* And what is refused, with a word of the reason. */
static const struct bad {
	const char *text;
	const char *word;
} bad[] = {
	{ "", "empty" },
	{ "\"\"", "empty" },
	{ "35963", "want" },
	{ "phone", "want" },
	{ "/dev/ttyS0", "want" },
	{ "/dev/null:", "port" },
	{ "/dev/null:0", "port" },
	{ "/dev/null:65536", "port" },
	{ "/dev/null:65535", "no room" },
	{ "/dev/null:0x", "port" },
	{ "/dev/null:0x0x1", "port" },
	{ "/dev/null:-1", "port" },
	{ "/dev/null:+1", "port" },
	{ "/dev/null: 1", "port" },
	{ "/dev/null:1x", "port" },
	{ "/dev/null:8C7B", "port" },
	{ "/dev/null:4294967297", "port" },
	{ "/dev/null:99999999999999999999", "port" },
	{ "/dev/null/35963", "want" },
	{ "listen:", "no address" },
	{ "listen:phone:35963", "numeric" },
	{ "listen:127.0.0:35963", "numeric" },
	{ "listen:::x:1", "IPv6" },
	{ "listen:35963/slots", "port" },
	{ "listen:35963/slots=", "1..16" },
	{ "listen:35963/slots=0", "1..16" },
	{ "listen:35963/slots=17", "1..16" },
	{ "listen:35963/slots=two", "1..16" },
	{ "listen:35963/slot=2", "unknown" },
	{ "listen:35963/Slots=2", "unknown" },
	{ "listen:35963/=2", "unknown" },
	{ "listen:35963/shared=2", "0 or 1" },
	{ "listen:35963/shared=yes", "0 or 1" },
	{ "listen:35963/timeout=0", "1..86400" },
	{ "listen:35963/timeout=86401", "1..86400" },
	{ "listen:35963/timeout=-5", "1..86400" },
	{ "listen:35963/mode=0600", "unix" },
	{ "listen:1/atr=", "power, or" },
	{ "listen:1/atr=on", "power, or" },
	{ "listen:1/atr=3", "power, or" },
	{ "listen:1/atr=3B0", "power, or" },
	{ "listen:1/atr=3B+1", "power, or" },
	{ "listen:1/atr=3Bx1", "power, or" },
	{ "listen:1/atr=3B", "2 to 33" },
	{ "listen:1/atr=3A00", "3B or 3F" },
	{ "listen:1/atr=3B01", "ends before" },
	{ "listen:1/atr=3B0055", "follow" },
	{ "listen:1/atr=3B800102", "TCK" },
	{ "listen:1/atr=3B00/atr=power", "one" },
	{ "listen:1/atr=power/atr=3B00", "one" },
	{ "listen:1/atr=3BFF110000E10000F1FE4500F101000001000102030405060708090A0B0C0D0EBB00",
	  "at most 33" },
	{ "listen:35963/pad=0", "1 or display" },
	{ "listen:35963/pad=", "1 or display" },
	{ "listen:35963/pad=2", "1 or display" },
	{ "unix:", "path" },
	{ "unix:relative", "path" },
	{ "unix:/run/pcscd/", "path" },
	{ "unix:/s/mode=9", "octal" },
	{ "unix:/s/mode=01777", "octal" },
	{ "unix:/s/group=nosuchgroup0", "no such group" },
	{ "connect:", "no address" },
	{ "connect:@:35963", "host" },
	{ "connect:phone:35963/shared=1", "listens" },
	{ "connect:a:b:35963", "IPv6" },
	{ "lisen:127.0.0.1:35963", "IPv6" },
	{ "con nect:1", "no address" },
	{ ":35963", "no address" },
	{ "\"phone:1", "no address" },
};

START_TEST(is_read)
{
	const struct good *g = &good[_i];
	char error[512] = "", endpoint[NAME_TEXT_SIZE];
	struct name n;

	ck_assert_msg(name_parse(&n, g->text, error, sizeof(error)) == 0, "%s: %s", g->text, error);
	name_endpoint(&n, n.slots > 1 ? 1 : 0, endpoint);
	ck_assert_str_eq(endpoint, g->endpoint);
	ck_assert_uint_eq(n.slots, g->slots);
	ck_assert_uint_eq(n.timeout_s, g->timeout_s);
}
END_TEST

START_TEST(is_refused)
{
	const struct bad *b = &bad[_i];
	char error[512] = "";
	struct name n;

	ck_assert_msg(name_parse(&n, b->text, error, sizeof(error)) == -1, "\"%s\" was read",
		      b->text);
	ck_assert_msg(strstr(error, b->word) != NULL, "\"%s\": \"%s\" has no \"%s\"", b->text,
		      error, b->word);
	ck_assert_ptr_null(strchr(error, '\n'));
}
END_TEST

START_TEST(atrs)
{
	char error[512];
	struct name n;

	ck_assert_int_eq(name_parse(&n, "/dev/null", error, sizeof(error)), 0);
	ck_assert_int_eq(n.atr_from, NAME_ATR_ASKED);
	ck_assert_uint_eq(n.atr_len, 0);
	ck_assert_int_eq(name_parse(&n, "listen:1/atr=power", error, sizeof(error)), 0);
	ck_assert_int_eq(n.atr_from, NAME_ATR_POWER);
	ck_assert_uint_eq(n.atr_len, 0);
	ck_assert_int_eq(name_parse(&n, "listen:1/atr=3b8001fF", error, sizeof(error)), -1);
	ck_assert_int_eq(name_parse(&n, "listen:1/atr=3b80807F7f/slots=1", error, sizeof(error)),
			 -1);
	ck_assert_int_eq(name_parse(&n, "listen:1/atr=3b80800101/slots=1", error, sizeof(error)),
			 0);
	ck_assert_int_eq(n.atr_from, NAME_ATR_FIXED);
	ck_assert_uint_eq(n.atr_len, 5);
	ck_assert_mem_eq(n.atr, "\x3b\x80\x80\x01\x01", 5);
}
END_TEST

START_TEST(unix_options)
{
	struct name n;
	char error[512];

	ck_assert_int_eq(name_parse(&n, "unix:/s", error, sizeof(error)), 0);
	ck_assert_uint_eq(n.file_mode, 0600);
	ck_assert_uint_eq(n.group, (gid_t)-1);
	ck_assert_int_eq(name_parse(&n, "unix:/s/mode=0660/group=root", error, sizeof(error)), 0);
	ck_assert_uint_eq(n.file_mode, 0660);
	ck_assert_uint_eq(n.group, 0);
}
END_TEST

START_TEST(pads)
{
	static const struct {
		const char *text, *end; /* of slot 1's socket */
		enum name_pad pad;
	} rows[] = {
		{ "/dev/null/pad=1", "/vpcd-35964.pad", NAME_PAD_KEYS },
		{ "listen:@:4000/pad=display", "/vpcd-4001.pad", NAME_PAD_DISPLAY },
		{ "listen:4000/shared=1/pad=1", "/vpcd-4000.1.pad", NAME_PAD_KEYS },
		{ "phone:4000/slots=2/pad=1", "/vpcd-connect-4001.pad", NAME_PAD_KEYS },
		{ "unix:/run/vpcd/s/pad=1", "/run/vpcd/s.1.pad", NAME_PAD_KEYS },
		{ "unix:/run/vpcd/s/shared=1/pad=1", "/run/vpcd/s.1.pad", NAME_PAD_KEYS },
		{ "unix:/run/vpcd/s", "/run/vpcd/s.1.pad", NAME_PAD_NONE },
	};
	char error[512], path[PADLINE_PATH];
	struct name n;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(name_parse(&n, rows[i].text, error, sizeof(error)) == 0, "%s", error);
		ck_assert_int_eq(n.pad, rows[i].pad);
		ck_assert(name_pad_path(&n, 1, path));
		ck_assert_msg(strstr(path, rows[i].end) &&
				      strcmp(strstr(path, rows[i].end), rows[i].end) == 0,
			      "%s", path);
	}
}
END_TEST

/* Its path is four characters longer than that of the card. */
START_TEST(the_longest_path_of_a_pad)
{
	char text[256] = "unix:/", error[512] = "";
	struct name n;

	memset(text + 6, 'x', 103);
	strcpy(text + 6 + 102, "/slots=1/pad=1");
	ck_assert_int_eq(name_parse(&n, text, error, sizeof(error)), 0);
	memset(text + 6, 'x', 103);
	strcpy(text + 6 + 103, "/slots=1/pad=1");
	ck_assert_int_eq(name_parse(&n, text, error, sizeof(error)), -1);
	ck_assert_ptr_nonnull(strstr(error, "/pad="));
}
END_TEST

START_TEST(the_longest_path)
{
	char text[512] = "unix:", error[512], endpoint[NAME_TEXT_SIZE];
	struct name n;

	memset(text + 5, 'x', 107);
	text[5] = '/';
	strcpy(text + 5 + 107, "/slots=1");
	ck_assert_int_eq(name_parse(&n, text, error, sizeof(error)), 0);
	/* the same with two slots leaves no room for .1 */
	strcpy(text + 5 + 107, "/slots=2");
	ck_assert_int_eq(name_parse(&n, text, error, sizeof(error)), -1);
	strcpy(text + 5 + 104, "/slots=16");
	ck_assert_int_eq(name_parse(&n, text, error, sizeof(error)), 0);
	name_endpoint(&n, 15, endpoint);
	ck_assert_uint_eq(strlen(endpoint), 5 + 107);
}
END_TEST

START_TEST(too_long)
{
	char text[4096], error[512];
	struct name n;

	memset(text, 'a', sizeof(text));
	memcpy(text, "connect:", 8);
	text[8 + 256] = '\0';
	ck_assert_int_eq(name_parse(&n, text, error, sizeof(error)), -1);
	text[8 + 256] = 'a';
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(name_parse(&n, text, error, sizeof(error)), -1);
	/* many options are as long, and are read or refused one by one */
	strcpy(text, "listen:1");
	while (strlen(text) < 560)
		strcat(text, "/slots=1");
	ck_assert_int_eq(name_parse(&n, text, error, sizeof(error)), 0);
}
END_TEST

START_TEST(a_channel_id)
{
	struct name n;
	char error[512], endpoint[NAME_TEXT_SIZE];

	ck_assert_int_eq(name_from_port(&n, 35963, error, sizeof(error)), 0);
	name_endpoint(&n, 0, endpoint);
	ck_assert_str_eq(endpoint, "listen:localhost:35963");
	ck_assert_uint_eq(n.slots, 2);
	ck_assert_int_eq(name_from_port(&n, 0, error, sizeof(error)), -1);
	ck_assert_int_eq(name_from_port(&n, 65535, error, sizeof(error)), -1);
	ck_assert_int_eq(name_from_port(&n, 65536, error, sizeof(error)), -1);
	ck_assert_int_eq(name_from_port(&n, 0x10000 + 35963, error, sizeof(error)), -1);
}
END_TEST

static bool
collide(const char *a, const char *b)
{
	struct name x, y;
	char error[512];

	ck_assert_int_eq(name_parse(&x, a, error, sizeof(error)), 0);
	ck_assert_int_eq(name_parse(&y, b, error, sizeof(error)), 0);
	ck_assert(name_collides(&x, &y) == name_collides(&y, &x));
	return name_collides(&x, &y);
}

START_TEST(collisions)
{
	ck_assert(collide("listen:4000", "/dev/null:4000"));
	ck_assert(collide("listen:4000", "listen:4001/slots=1"));
	ck_assert(!collide("listen:4000", "listen:4002"));
	ck_assert(!collide("listen:4000/slots=4/shared=1", "listen:4001"));
	ck_assert(collide("unix:/s", "unix:/s.1/slots=1"));
	ck_assert(!collide("unix:/s", "unix:/s.2"));
	ck_assert(!collide("connect:phone:4000", "listen:127.0.0.1:4000"));
	ck_assert(collide("connect:phone:4000", "phone:4000"));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("name");

	tcase_add_loop_test(tc, is_read, 0, sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tc, is_refused, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, atrs);
	tcase_add_test(tc, unix_options);
	tcase_add_test(tc, pads);
	tcase_add_test(tc, the_longest_path_of_a_pad);
	tcase_add_test(tc, the_longest_path);
	tcase_add_test(tc, too_long);
	tcase_add_test(tc, a_channel_id);
	tcase_add_test(tc, collisions);
	return run("name", tc);
}
