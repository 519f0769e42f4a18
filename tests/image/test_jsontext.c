/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <jansson.h>
#include <string.h>

#include "image/jsontext.h"
#include "support.h"

/* Each value that is worth looking for is the number of its own line. */
static const char text[] =
	"\n"
	"{ \"two\": 2, \"also\":2,\n"
	"  \"es\\\"c}a\\\\ped\": \"a \\\"{[\\\\\",\n"
	"  \"empty\": {}, \"none\": [ ],\n"
	"\t\"list\": [ 5,\n"
	"\t\t6, [ 6, [ 6 ],\n"
	"\t\t 7 ],\n"
	"\t\t{ \"x\" : 8\n"
	"\t\t, \"deep\": { \"y\": [ true,\n"
	"10 ] } } ],\n"
	"\n"
	"\"last\"\n"
	":\n"
	"null }\n";

static const struct where {
	size_t line;
	size_t depth;
	size_t how[5];
} places[] = {
	{ 2, 0, { 0 } },
	{ 2, 1, { 0 } },
	{ 2, 1, { 1 } },
	{ 3, 1, { 2 } },
	{ 4, 1, { 3 } },
	{ 4, 1, { 4 } },
	{ 5, 1, { 5 } },
	{ 5, 2, { 5, 0 } },
	{ 6, 2, { 5, 1 } },
	{ 6, 2, { 5, 2 } },
	{ 6, 4, { 5, 2, 1, 0 } },
	{ 7, 3, { 5, 2, 2 } },
	{ 8, 3, { 5, 3, 0 } },
	{ 9, 3, { 5, 3, 1 } },
	{ 9, 4, { 5, 3, 1, 0 } },
	{ 9, 5, { 5, 3, 1, 0, 0 } },
	{ 10, 5, { 5, 3, 1, 0, 1 } },
	{ 12, 1, { 6 } },
};

START_TEST(a_line)
{
	const struct where *w = &places[_i];
	struct view v = view_of(text, strlen(text));

	ck_assert_uint_eq(json_line(v, w->how, w->depth), w->line);
}
END_TEST

START_TEST(lines_of_what_is_not_there)
{
	static const size_t beyond[] = { 100, 100, 100 };
	char cut[sizeof(text)];
	size_t n;

	/* whatever is asked of whatever text, it ends, inside of it */
	for (n = 0; n < sizeof(text); n++) {
		memcpy(cut, text, n);
		json_line(view_of(cut, n), beyond, 3);
		json_line(view_of(cut, n), (const size_t[]) { 5, 3, 1, 0, 1 }, 5);
	}
}
END_TEST

static void
expect(struct json_writer *w, const char *want)
{
	json_error_t e;
	json_t *v;

	ck_assert(!w->out.failed);
	buf_u8(&w->out, 0);
	ck_assert_str_eq((const char *)w->out.p, want);
	v = json_loads((const char *)w->out.p, JSON_REJECT_DUPLICATES, &e);
	ck_assert_msg(v != NULL, "%d: %s", e.line, e.text);
	json_decref(v);
	buf_free(&w->out);
}

START_TEST(written)
{
	struct json_writer w = { .out = BUF(10000) };

	json_open(&w, NULL, '{');
	json_put_number(&w, "n", 9007199254740991);
	json_put_text(&w, "q\"\\", "a\"b\\c\nd\x01 \xc3\xa4");
	json_put_true(&w, "on");
	json_open(&w, "none", '[');
	json_close(&w, ']');
	json_open(&w, "list", '[');
	json_put_text(&w, NULL, "");
	json_open(&w, NULL, '{');
	json_close(&w, '}');
	json_close(&w, ']');
	json_put_hex(&w, "hex", view_of("\x3f", 2));
	json_close(&w, '}');
	expect(&w,
	       "{\n"
	       "\t\"n\": 9007199254740991,\n"
	       "\t\"q\\\"\\\\\": \"a\\\"b\\\\c\\u000ad\\u0001 \xc3\xa4\",\n"
	       "\t\"on\": true,\n"
	       "\t\"none\": [],\n"
	       "\t\"list\": [\n"
	       "\t\t\"\",\n"
	       "\t\t{}\n"
	       "\t],\n"
	       "\t\"hex\": \"3F00\"\n"
	       "}\n");
}
END_TEST

START_TEST(bytes_written)
{
	static const char long_text[] =
		"0123456789012345678901234567890123456789012345678901234567890123"
		"and so on";
	struct json_writer w = { .out = BUF(10000) };
	struct buf b = BUF(100);

	buf_fill(&b, 0xab, 33);
	json_open(&w, NULL, '{');
	json_put_bytes(&w, "none", view_of(NULL, 0));
	json_put_bytes(&w, "short", view_of("abc", 3));
	json_put_bytes(&w, "text", view_of("a\"c\\", 4));
	json_put_bytes(&w, "not", view_of("abc\n", 4));
	json_put_bytes(&w, "nor", view_of("\xc3\xa4rger", 6));
	json_put_bytes(&w, "fits", view_slice(buf_view(&b), 0, 32));
	json_put_bytes(&w, "long", buf_view(&b));
	json_put_bytes(&w, "prose", view_of(long_text, strlen(long_text)));
	json_close(&w, '}');
	expect(&w,
	       "{\n"
	       "\t\"none\": \"\",\n"
	       "\t\"short\": \"616263\",\n"
	       "\t\"text\": \"text:a\\\"c\\\\\",\n"
	       "\t\"not\": \"6162630A\",\n"
	       "\t\"nor\": \"C3A472676572\",\n"
	       "\t\"fits\": \"ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB\",\n"
	       "\t\"long\": [\n"
	       "\t\t\"ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB\",\n"
	       "\t\t\"AB\"\n"
	       "\t],\n"
	       "\t\"prose\": [\n"
	       "\t\t\"text:0123456789012345678901234567890123456789012345678901234567890123\",\n"
	       "\t\t\"text:and so on\"\n"
	       "\t]\n"
	       "}\n");
	buf_free(&b);
}
END_TEST

START_TEST(no_room)
{
	struct json_writer w = { .out = BUF(8) };

	json_open(&w, NULL, '{');
	json_put_text(&w, "key", "value");
	json_close(&w, '}');
	ck_assert(w.out.failed);
	buf_free(&w.out);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("jsontext");

	tcase_add_loop_test(tc, a_line, 0, sizeof(places) / sizeof(places[0]));
	tcase_add_test(tc, lines_of_what_is_not_there);
	tcase_add_test(tc, written);
	tcase_add_test(tc, bytes_written);
	tcase_add_test(tc, no_room);
	return run("jsontext", tc);
}
