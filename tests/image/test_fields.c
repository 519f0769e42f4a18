/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Applications in an image's text, and the fields that they declare. */
#include <string.h>

#include "image/text.h"
#include "model/fs.h"
#include "support.h"

static const char *const words[] = { "never", "once", "always", NULL };
static const struct field fields[] = {
	{ "bytes", FIELD_BYTES, .min = 1, .max = 4 },
	{ "text", FIELD_TEXT, .max = 8 },
	{ "number", FIELD_NUMBER, .min = 2, .max = 70000 },
	{ .name = "flag", .kind = FIELD_FLAG },
	{ "word", FIELD_WORD, .words = words },
	{ "pair", FIELD_BYTES, .min = 2, .max = 2 },
	FIELD_END
};
static const struct field key_fields[] = { { "policy", FIELD_WORD, .words = words }, FIELD_END };
static const struct schema root = { .fields = fields };
static const struct schema one = { .name = "one", .fields = fields, .key_fields = key_fields };
static const struct schema two = { .name = "two" };

static const struct schema *
find(const struct card_type *t, const char *application)
{
	(void)t;
	if (!application)
		return &root;
	return strcmp(application, "one") == 0   ? &one
	       : strcmp(application, "two") == 0 ? &two
						 : NULL;
}

static const struct card_type card = { .name = "t", .schema = find };
static char error[1024];

static int
read_text(struct image_text *t, const char *text)
{
	return image_text_read_as(t, &card, view_of(text, strlen(text)), "x.json", NULL, error,
				  sizeof(error));
}

#define HEAD "{\"format\":2,\n\"type\":\"t\",\n"
#define DF(fid, name, members) \
	"{\"fid\":\"" fid "\",\"structure\":\"df\",\"fcp\":{\"name\":\"" name "\"}," members "}"
#define MF(members) HEAD "\"mf\":{\n" members "}}"
#define FILES(files) MF("\"files\":[\n" files "]")

static const char all[] =
	HEAD "\"keys\":[{\"ref\":1,\"kind\":\"rsa\"}],"
	"\"mf\":{\"fields\":{\"number\":7},\"files\":["
	DF("1001", "A0000001", "\"application\":\"one\",\"selected\":true,"
	   "\"fields\":{\"word\":\"once\",\"flag\":true,\"number\":70000,\"text\":\"gr\xc3\xbc\xc3\x9f\",\"bytes\":\"random:4\"},"
	   "\"keys\":[{\"ref\":2,\"kind\":\"rsa\",\"fields\":{\"policy\":\"always\"}}],"
	   "\"files\":[" DF("2001", "A0000003", "\"keys\":[{\"ref\":3,\"kind\":\"rsa\",\"fields\":{\"policy\":\"once\"}}]") "]") ","
	DF("1002", "A0000002", "\"application\":\"two\"") "]}}";

static struct file *
df(const struct state *s, uint16_t fid)
{
	struct file *f = fs_child(s->fs.mf, fid);

	ck_assert_ptr_nonnull(f);
	return f;
}

static void
expect_all(const struct state *s)
{
	const struct file *f = df(s, 0x1001);
	const struct sam_key *k = sam_key_find(&s->sam, f->uid, 2);

	ck_assert_ptr_eq(s->schema, &root);
	ck_assert_uint_eq(field_number(&s->fs.mf->props, "number", 0), 7);
	ck_assert_ptr_eq(f->application, &one);
	ck_assert_ptr_eq(df(s, 0x1002)->application, &two);
	ck_assert_uint_eq(s->fs.selected, f->uid);
	ck_assert_uint_eq(field_number(&f->props, "number", 0), 70000);
	ck_assert(field_flag(&f->props, "flag"));
	ck_assert_uint_eq(field_word(&f->props, "word", 9), 1);
	ck_assert(view_equal(props_get(&f->props, "text"), view_of("gr\xc3\xbc\xc3\x9f", 6)));
	ck_assert_uint_eq(props_get(&f->props, "bytes").n, 4);
	ck_assert_uint_eq(field_word(&k->props, "policy", 9), 2);
	k = sam_key_find(&s->sam, fs_child(f, 0x2001)->uid, 3);
	ck_assert_uint_eq(field_word(&k->props, "policy", 9), 1);
}

/* Read, written, read and written: all is there, and the text is the same. */
START_TEST(there_and_back)
{
	struct buf once = BUF(65536), twice = BUF(65536);
	struct image_text t;

	ck_assert_msg(read_text(&t, all) == 0, "%s", error);
	expect_all(t.state);
	ck_assert(image_text_write(&once, t.type, t.state));
	image_text_free(&t);
	buf_u8(&once, 0);
	ck_assert_msg(read_text(&t, (const char *)once.p) == 0, "%s", error);
	expect_all(t.state);
	ck_assert(image_text_write(&twice, t.type, t.state));
	buf_u8(&twice, 0);
	ck_assert_str_eq((const char *)once.p, (const char *)twice.p);
	image_text_free(&t);
	buf_free(&once);
	buf_free(&twice);
}
END_TEST

/* Where the type is not known, nothing of it can be told right from wrong. */
START_TEST(of_an_unknown_type)
{
	struct image_text t;

	ck_assert_int_lt(image_text_read(&t, view_of(all, strlen(all)), "x.json", NULL, error,
					 sizeof(error)),
			 0);
	ck_assert_ptr_nonnull(strstr(error, "no such fields"));
}
END_TEST

static const struct refusal {
	const char *text;
	unsigned line;
	const char *word;
} refusals[] = {
	{ FILES(DF("1001", "A000", "\n\"application\":\"three\"")), 6,
	  "application: no application \"three\" on a card of this type" },
	{ FILES(DF("1001", "A000", "\n\"application\":7")), 6,
	  "expected the name of an application" },
	{ FILES(DF("1001", "A000", "\"application\":\"one\"") ",\n" DF("1002", "B000", "\n\"application\":\"one\"")), 7,
	  "application \"one\" is there twice" },
	{ FILES(DF("1001", "A000", "\"application\":\"one\",\n\"application\":\"two\"")), 6,
	  "duplicate object key" },
	{ FILES("{\"fid\":\"1001\",\"structure\":\"df\",\n\"application\":\"one\"}"), 6,
	  "selected by name" },
	{ FILES("{\"fid\":\"1001\",\"structure\":\"transparent\",\n\"application\":\"one\"}"), 6,
	  "has no application" },
	{ MF("\"application\":\"one\""), 4, "selected by name" },
	{ FILES(DF("1001", "A000", "\"selected\":true") ",\n" DF("1002", "B000", "\n\"selected\":true")), 7, "selects another one already" },
	{ FILES("{\"fid\":\"1001\",\"structure\":\"transparent\",\n\"selected\":true}"), 6,
	  "has no selection" },
	{ FILES(DF("1001", "A000", "\n\"fields\":{\"number\":7}")), 6, "keeps no such fields" },
	{ FILES(DF("1001", "A000", "\"application\":\"two\",\n\"fields\":{\"number\":7}")), 6,
	  "keeps no such fields" },
	{ MF("\"fields\":{\n\"nubmer\":7}"), 5,
	  "unknown field, expected one of: bytes, text, number, flag, word" },
	{ MF("\"fields\":{\n\"number\":1}"), 5, "number: expected a number from 2 to 70000" },
	{ MF("\"fields\":{\n\"number\":70001}"), 5, "expected a number from 2 to 70000" },
	{ MF("\"fields\":{\n\"number\":\"7\"}"), 5, "expected a number" },
	{ MF("\"fields\":{\n\"flag\":1}"), 5, "true or false" },
	{ MF("\"fields\":{\n\"word\":\"twice\"}"), 5, "never" },
	{ MF("\"fields\":{\n\"text\":\"123456789\"}"), 5, "a string of 0 to 8 bytes" },
	{ MF("\"fields\":{\n\"text\":8}"), 5, "a string of 0 to 8 bytes" },
	{ MF("\"fields\":{\n\"bytes\":\"\"}"), 5, "1 to 4 bytes" },
	{ MF("\"fields\":{\n\"pair\":\"01\"}"), 5, "expected 2 bytes" },
	{ MF("\"fields\":{\n\"pair\":\"010203\"}"), 5, "expected 2 bytes" },
	{ MF("\"fields\":[\n7]"), 4, "expected an object" },
	{ HEAD "\"pins\":[{\"ref\":1,\n\"apart\":[2]}]}", 3, "is one of \"aliases\"" },
	{ HEAD "\"pins\":[{\"ref\":1,\"puk_pin\":1}]}", 3, "is another PIN" },
	{ HEAD "\"pins\":[{\"ref\":1,\"puk_pin\":2,\"puk\":\"text:12345678\"}]}", 3,
	  "is another PIN" },
	{ HEAD "\"keys\":[{\"ref\":1,\"kind\":\"rsa\",\n\"fields\":{\"policy\":\"once\"}}]}", 4,
	  "keeps no such fields" },
	{ FILES(DF("1001", "A000", "\"application\":\"one\",\"keys\":[{\"ref\":1,\"kind\":\"rsa\",\n\"fields\":{\"policy\":\"x\"}}]")), 6, "never" },
};

START_TEST(is_refused)
{
	const struct refusal *r = &refusals[_i];
	struct image_text t;
	char place[32];

	snprintf(place, sizeof(place), "x.json:%u: ", r->line);
	ck_assert_msg(read_text(&t, r->text) < 0, "%s", r->text);
	ck_assert_msg(strncmp(error, place, strlen(place)) == 0 && strstr(error, r->word),
		      "%s\n-> %s", r->text, error);
}
END_TEST

/* Two references to one password, and a PUK that is a PIN. */
START_TEST(pins_of_two_kinds)
{
	struct buf text = BUF(65536);
	struct image_text t;
	int i;

	ck_assert_int_eq(
		read_text(&t, HEAD
			  "\"pins\":[{\"ref\":1,\"aliases\":[2,4],\"apart\":[2],\"puk_pin\":3},"
			  "{\"ref\":3,\"value\":\"text:12345678\"}]}"),
		0);
	for (i = 0; i < 2; i++) {
		const struct sam_pin *pin = sam_pin_find(&t.state->sam, 0, 4);

		ck_assert_uint_eq(pin->aliases, 1u << 2 | 1u << 4);
		ck_assert_uint_eq(pin->apart, 1u << 2);
		ck_assert(pin->puk_is_pin);
		ck_assert_uint_eq(pin->puk_ref, 3);
		buf_reset(&text);
		ck_assert(image_text_write(&text, t.type, t.state));
		image_text_free(&t);
		buf_u8(&text, 0);
		ck_assert_msg(read_text(&t, (const char *)text.p) == 0, "%s", error);
	}
	image_text_free(&t);
	buf_free(&text);
}
END_TEST

START_TEST(what_does_not_fit)
{
	struct buf text = BUF(65536);
	struct image_text t;

	ck_assert_int_eq(read_text(&t, MF("\"fields\":{\"number\":7}")), 0);
	ck_assert(field_set_number(&t.state->fs.mf->props, "number", 70001));
	ck_assert(field_set_word(&t.state->fs.mf->props, "word", 3));
	ck_assert(field_set_flag(&t.state->fs.mf->props, "flag", true));
	ck_assert(field_set_flag(&t.state->fs.mf->props, "flag", false));
	ck_assert(image_text_write(&text, t.type, t.state));
	image_text_free(&t);
	buf_u8(&text, 0);
	ck_assert_msg(read_text(&t, (const char *)text.p) == 0, "%s", error);
	ck_assert_ptr_null(t.state->fs.mf->props.first);
	image_text_free(&t);
	buf_free(&text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("fields");

	tcase_add_test(tc, there_and_back);
	tcase_add_test(tc, of_an_unknown_type);
	tcase_add_loop_test(tc, is_refused, 0, (int)(sizeof(refusals) / sizeof(*refusals)));
	tcase_add_test(tc, pins_of_two_kinds);
	tcase_add_test(tc, what_does_not_fit);
	return run("fields", tc);
}
