/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "model/card.h"
#include "cards/contents.h"
#include "folder.h"
#include "image/image.h"
#include "image/jsonread.h"
#include "image/text.h"
#include "model/key.h"
#include "model/object.h"
#include "model/record.h"
#include "support.h"
#include "textfile.h"

static char error[512];

static void
setup(void)
{
	image_wipe_memory();
	make_dir();
}

static const char *
in_dir(const char *name)
{
	static char path[600];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static const char *
in_source(const char *name)
{
	static char path[1200];
	const char *top = getenv("top_srcdir");

	snprintf(path, sizeof(path), "%s/tests/state/%s", top ? top : ".", name);
	return path;
}

static struct image_text
read_ok(struct view text)
{
	struct image_text t;

	ck_assert_msg(image_text_read(&t, text, "x", NULL, error, sizeof(error)) == 0, "%s", error);
	return t;
}

static struct buf
write_ok(const struct image_text *t)
{
	struct buf b = BUF(IMAGE_TEXT_MAX);

	ck_assert(image_text_write(&b, t->type, t->state));
	return b;
}

static void
expect_same(const struct buf *a, const struct buf *b)
{
	size_t i;

	for (i = 0; i < a->n && i < b->n && a->p[i] == b->p[i]; i++)
		;
	ck_assert_msg(a->n == b->n && i == a->n,
		      "they differ from byte %zu on: \"%.60s\", \"%.60s\"", i,
		      (const char *)a->p + i, (const char *)b->p + i);
}

/* --- formats ------------------------------------------------------------------ */

/* Whatever was an image once opens, and what is written of it is read as the same. */
START_TEST(opens_for_ever)
{
	static const char *const formats[] = { "v1", "v2" };
	const char *folder = in_source(formats[_i]);
	struct dirent *e;
	DIR *d = opendir(folder);
	unsigned n = 0;

	ck_assert_msg(d != NULL, "%s", folder);
	while ((e = readdir(d))) {
		char name[300];
		struct buf text, once, twice;
		struct image_text t;

		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", formats[_i], e->d_name);
		text = slurped(in_source(name));
		ck_assert_msg(
			image_text_read(&t, buf_view(&text), name, NULL, error, sizeof(error)) == 0,
			"%s", error);
		ck_assert_uint_eq(t.format, 1 + (unsigned)_i);
		ck_assert_uint_eq(state_changed(t.state), 0);
		once = write_ok(&t);
		image_text_free(&t);
		t = read_ok(buf_view(&once));
		twice = write_ok(&t);
		expect_same(&once, &twice);
		image_text_free(&t);
		buf_free(&text);
		buf_free(&once);
		buf_free(&twice);
		n++;
	}
	closedir(d);
	ck_assert_uint_ge(n, 3);
}
END_TEST

/* The text that we write is frozen, too: people keep images under version control. */
START_TEST(is_written_as_it_was)
{
	struct buf frozen = slurped(in_source("v2/everything.json"));
	struct buf loose = slurped(in_source("v1/byhand.json")), now;
	struct image_text t = read_ok(buf_view(&frozen));

	now = write_ok(&t);
	expect_same(&now, &frozen);
	image_text_free(&t);
	buf_free(&now);

	t = read_ok(buf_view(&loose));
	now = write_ok(&t);
	expect_same(&now, &frozen);
	image_text_free(&t);
	buf_free(&now);
	buf_free(&frozen);
	buf_free(&loose);
}
END_TEST

static struct file *
file_at(struct state *s, const char *path)
{
	struct file *f = s->fs.mf;
	unsigned fid;

	for (; f && sscanf(path, "/%4x", &fid) == 1; path += 5)
		f = fs_child(f, (uint16_t)fid);
	ck_assert_msg(f != NULL, "no %s", path);
	return f;
}

#define EXPECT_BYTES(v, text) ck_assert(view_equal((v), view_of((text), sizeof(text) - 1)))

static void
expect_pins_and_keys(struct state *s)
{
	const struct sam_pin *p = sam_pin_find(&s->sam, 0, 2);
	const struct sam_key *k = sam_key_find(&s->sam, 0, 0);
	struct view ref;

	EXPECT_BYTES(secret_view(&p->code.value), "123456\0\0\0\0\0\0\0\0\0\0");
	EXPECT_BYTES(secret_view(&p->puk.value), "87654321\xff\xff\xff\xff\xff\xff\xff\xff");
	ck_assert_uint_eq(p->code.tries, 2);
	ck_assert_uint_eq(p->code.tries_max, 5);
	ck_assert_uint_eq(p->puk.tries, 9);
	ck_assert_uint_eq(p->change.grant, SAM_ANY);
	ck_assert_uint_eq(p->change.global.user, 1u << 1);
	ck_assert_uint_eq(p->change.global.external, 1u << 3);
	ck_assert_uint_eq(p->change.local.user, 1u << 4);
	ck_assert_uint_eq(p->change.local.external, 1u << 5);
	ck_assert(p->change.sm && !p->disable.sm);
	ck_assert_uint_eq(p->unblock.grant, SAM_ALL);
	ck_assert_uint_eq(p->unblock.global.user, 1u << 1 | 1u << 31);
	ck_assert_uint_eq(p->disable.grant, SAM_ALWAYS);

	p = sam_pin_find(&s->sam, 0, 31);
	ck_assert_uint_eq(p->ref, 1);
	ck_assert_uint_eq(p->life, SAM_ACTIVE);
	ck_assert_uint_eq(p->code.tries, 3);
	ck_assert_uint_eq(p->change.grant, SAM_NEVER);
	ck_assert_uint_eq(sam_pin_find(&s->sam, 0, 3)->life, SAM_UNSET);
	p = sam_pin_find(&s->sam, 0, 4);
	ck_assert(p->disabled && p->life == SAM_DEACTIVATED);
	ck_assert_ptr_nonnull(sam_pin_find(&s->sam, s->fs.mf->uid, 1));

	EXPECT_BYTES(secret_view(&k->secret),
		     "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xffwxyz0123");
	ck_assert_uint_eq(k->uses, SAM_USE_INTERNAL | SAM_USE_EXTERNAL);
	ck_assert_uint_eq(k->algorithm, 0);
	ck_assert_uint_eq(k->bits, 192);
	ck_assert_uint_eq(k->tries, 1);
	k = sam_key_find(&s->sam, 0, 127);
	/* a curve, of a key to come */
	EXPECT_BYTES(buf_view(&k->asym), "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07");
	ck_assert_uint_eq(k->algorithm, 0xff);
	ck_assert_uint_eq(k->bits, 256);
	ck_assert_uint_eq(sam_key_find(&s->sam, 0, 2)->manage.grant, SAM_NEVER);
	ck_assert_ptr_nonnull(sam_key_find(&s->sam, file_at(s, "/000A")->uid, 0));

	EXPECT_BYTES(se_template(sam_se_find(&s->sam, 0, 1), SE_DST, SE_MAKE),
		     "\x84\x01\x00\x80\x01\x10");
	ck_assert(se_get(sam_se_find(&s->sam, file_at(s, "/5000")->uid, 1), SE_CT, SE_SM_COMMAND,
			 0x83, &ref));
	ck_assert(se_is_empty(sam_se_find(&s->sam, 0, 255)));
}

static void
expect_files(struct state *s)
{
	const struct file *f = file_at(s, "/2F00");

	ck_assert_uint_eq(f->contents.n, 40);
	ck_assert_uint_eq(f->sfi, 30);
	ck_assert_uint_eq(f->life, FILE_ACTIVATED);
	ck_assert(view_starts(buf_view(&f->contents), view_of("forty bytes", 11)));
	ck_assert_uint_eq(f->contents.p[39], FILE_ERASED);
	f = file_at(s, "/0001");
	ck_assert_uint_eq(f->life, FILE_CREATION);
	ck_assert_uint_eq(f->contents.n, 4);
	EXPECT_BYTES(buf_view(&file_at(s, "/0002")->contents), "\1\0\0\0\0");
	EXPECT_BYTES(buf_view(&file_at(s, "/0003")->contents), "\xaa\0\0\0\0\0\0");
	f = file_at(s, "/0004");
	ck_assert_uint_eq(f->n_records, 3);
	EXPECT_BYTES(record_view(f, 2), "\0\0\0\0");
	EXPECT_BYTES(record_view(f, 3), "\5\0\0\0");
	f = file_at(s, "/0005");
	ck_assert_uint_eq(f->records_max, 4);
	EXPECT_BYTES(record_view(f, 1), "\3\0\0");
	EXPECT_BYTES(record_view(file_at(s, "/0006"), 2), "\2\0");
	EXPECT_BYTES(buf_view(&object_find(file_at(s, "/0008"), 0x7f21)->value), "\0\1");
	EXPECT_BYTES(buf_view(&object_find(s->fs.mf, 0x0101)->value), "\0");
	f = file_at(s, "/000A");
	ck_assert_uint_eq(f->descriptor[0], 0x11);
	ck_assert_uint_eq(f->size, 2048);
	ck_assert_uint_eq(f->life, 0);
	EXPECT_BYTES(buf_view(&f->others), "\x86\3\x11\x11\xff\x85\2\0\2");
	ck_assert_uint_eq(file_at(s, "/000B")->record_max, 4);
	EXPECT_BYTES(buf_view(&file_at(s, "/000D")->others), "\xc1\1\1\xc1\1\2");
	ck_assert(file_is_df(file_at(s, "/5000/0001")));
	EXPECT_BYTES(file_name(file_at(s, "/5000")), "application");
	EXPECT_BYTES(buf_view(&file_at(s, "/5000/0001/0001")->contents), "\xff");
}

START_TEST(says_what_it_says)
{
	struct buf text = slurped(in_source("v1/byhand.json"));
	struct image_text t = read_ok(buf_view(&text));
	struct state *s = t.state;

	ck_assert_str_eq(t.type, "everything");
	ck_assert(!t.fetched);
	ck_assert_uint_eq(s->serial.n, 16);
	EXPECT_BYTES(buf_view(&s->atr), "\x3b\x00");
	EXPECT_BYTES(buf_view(&s->comment), "first line\n\na \"third\" \\ one, \xc3\xa4");
	EXPECT_BYTES(buf_view(&s->fs.mf->comment), "root");
	ck_assert_uint_eq(s->fs.quota, 100000);
	ck_assert(s->fs.terminated);
	EXPECT_BYTES(props_get(&s->props, "a name"), "value");
	ck_assert(props_has(&s->props, "empty"));
	expect_pins_and_keys(s);
	expect_files(s);
	image_text_free(&t);
	buf_free(&text);
}
END_TEST

/* --- refusals ------------------------------------------------------------------- */

#define HEAD "{\"format\":1,\n\"type\":\"t\",\n"
#define PIN(members) HEAD "\"pins\":[\n{" members "}]}"
#define KEY(members) HEAD "\"keys\":[\n{" members "}]}"
#define EF(members) HEAD "\"mf\":{\n\"files\":[\n{\"fid\":\"0001\"," members "}]}}"

static const struct refusal {
	const char *text;
	unsigned line;
	const char *word;
} refusals[] = {
	{ "", 1, "end of file" },
	{ "\n\n[", 3, "end of file" },
	{ "[]", 1, "object" },
	{ "7", 1, "expected" },
	{ HEAD "\"type\":\"u\"}", 3, "duplicate object key near '\"type\"'" },
	{ HEAD "\"mf\":{}} x", 3, "end of file expected" },
	{ HEAD "\"mf\":{\n\"comment\":\"\xff\"}}", 4, "decode" },
	{ "{\"type\":\"t\"}", 1, "\"format\" is missing" },
	{ "{\n\"format\":0,\"type\":\"t\"}", 2, "format: expected a number from 1 to 2" },
	{ "{\n\"format\":3,\"type\":\"t\"}", 2, "later version" },
	{ "{\n\"format\":\"1\"}", 2, "expected a number" },
	{ "{\"format\":1}", 1, "\"type\" is missing" },
	{ "{\"format\":1,\n\"type\":\"\"}", 2, "card type" },
	{ HEAD "\"tpye\":\"t\"}", 3,
	  "unknown key \"tpye\", expected one of: format, type, comment, serial" },
	{ HEAD "\"serial\":\"123\"}", 3, "serial: expected pairs of hex digits" },
	{ HEAD "\"serial\":\"0102030405060708090a0b0c0d0e0f1011\"}", 3, "0 to 16 bytes" },
	{ HEAD "\"serial\":[\n\"01\",\n2]}", 5, "expected a string" },
	{ HEAD "\"serial\":null}", 3, "expected a string" },
	{ HEAD "\"serial\":\"random:\"}", 3, "random:N" },
	{ HEAD "\"serial\":\"random:0\"}", 3, "random:N" },
	{ HEAD "\"serial\":\"random:-1\"}", 3, "random:N" },
	{ HEAD "\"serial\":\"random:8x\"}", 3, "random:N" },
	{ HEAD "\"serial\":\"random:17\"}", 3, "0 to 16 bytes" },
	{ HEAD "\"serial\":\"random:99999999999999999999\"}", 3, "0 to 16 bytes" },
	{ HEAD "\"serial\":\"file:x\"}", 3, "not possible here" },
	{ HEAD "\"comment\":7}", 3, "comment: expected a string" },
	{ HEAD "\"comment\":[\"\",\n7]}", 4, "comment: expected a string" },
	{ HEAD "\"memory\":-1}", 3, "expected a number from 0" },
	{ HEAD "\"memory\":1.5}", 3, "expected a number from 0" },
	{ HEAD "\"memory\":16777217}", 3, "expected a number from 0 to 16777216" },
	{ HEAD "\"terminated\":1}", 3, "true or false" },
	{ HEAD "\"properties\":[]}", 3, "expected an object" },
	{ HEAD "\"properties\":{\"a\":\"\",\n\"b\":\"x\"}}", 4, "b: expected pairs" },
	{ HEAD "\"memory\":3,\"mf\":{\"objects\":{\"42\":\"01020304\"}}}", 1,
	  "take 4 bytes, \"memory\" allows 3" },
	{ HEAD "\"memory\":4,\"properties\":{\"a\":\"01020304\"}}", 1,
	  "take 5 bytes, \"memory\" allows 4" },
	{ HEAD "\"memory\":15,\"keys\":[{\"ref\":1,\"kind\":\"aes\",\"value\":\"random:16\"}]}", 1,
	  "take 16 bytes, \"memory\" allows 15" },

	{ HEAD "\"pins\":{}}", 3, "expected a list" },
	{ HEAD "\"pins\":[\n7]}", 4, "expected an object" },
	{ PIN("\"value\":\"text:1234\""), 4, "\"ref\" is missing" },
	{ PIN("\"ref\":32"), 4, "ref: expected a number from 0 to 31" },
	{ PIN("\"ref\":1,\n\"value\":\"text:123\""), 4, "PIN is not of 4 to 8 bytes" },
	{ PIN("\"ref\":1,\n\"value\":\"text:123456789\""), 4, "PIN is not of 4 to 8 bytes" },
	{ PIN("\"ref\":1,\"puk\":\"text:123\""), 4, "PUK is not of 4 to 8 bytes" },
	{ PIN("\"ref\":1},\n{\"ref\":1"), 5, "PIN 1 is there twice" },
	{ PIN("\"ref\":1,\n\"aliases\":[1,\n32]"), 6, "aliases: expected a number" },
	{ PIN("\"ref\":1,\"padding\":\"ff\""), 4, "expected one of: \"none\", \"00\", \"FF\"" },
	{ PIN("\"ref\":1,\"life\":\"alive\""), 4, "\"active\"" },
	{ PIN("\"ref\":1,\"disabled\":0"), 4, "true or false" },
	{ PIN("\"ref\":1,\"tries\":256"), 4, "0 to 255" },
	{ PIN("\"ref\":1,\"tries_max\":256"), 4, "0 to 255" },
	{ PIN("\"ref\":1,\"change\":\"\""), 4, "change: expected \"never\"" },
	{ PIN("\"ref\":1,\"change\":\"any \""), 4, "a rule" },
	{ PIN("\"ref\":1,\"change\":\"any of \""), 4, "a rule" },
	{ PIN("\"ref\":1,\"change\":\"any of pin\""), 4, "a rule" },
	{ PIN("\"ref\":1,\"change\":\"any of pin 32\""), 4, "a rule" },
	{ PIN("\"ref\":1,\"change\":\"any of pin 1,\""), 4, "a rule" },
	{ PIN("\"ref\":1,\"change\":\"any of pin 1 key 2\""), 4, "a rule" },
	{ PIN("\"ref\":1,\"change\":\"any of pin -1\""), 4, "a rule" },
	{ PIN("\"ref\":1,\"change\":\"sometimes\""), 4, "a rule" },

	{ KEY("\"ref\":1"), 4, "\"kind\" is missing" },
	{ KEY("\"ref\":128,\"kind\":\"aes\""), 4, "0 to 127" },
	{ KEY("\"ref\":1,\"kind\":\"rot13\""), 4, "\"hmac\", \"rsa\"" },
	{ KEY("\"ref\":1,\"kind\":\"aes\",\"value\":\"00\""), 4, "no key of kind aes has 1 bytes" },
	{ PIN("\"ref\":1,\"tries\":99,\"tries_max\":3"), 4,
	  "\"tries\" of 99: there are at most 3" },
	{ PIN("\"ref\":1,\"tries\":4"), 4, "\"tries\" of 4: there are at most 3" },
	{ PIN("\"ref\":1,\"puk_tries\":9"), 4, "\"puk_tries\" of 9: there are at most 3" },
	{ KEY("\"ref\":1,\"kind\":\"aes\",\"tries\":6,\"tries_max\":5"), 4,
	  "\"tries\" of 6: there are at most 5" },
	{ KEY("\"ref\":1,\"kind\":\"aes\"},{\n\"kind\":\"aes\",\"ref\":1"), 4,
	  "key 1 is there twice" },
	{ KEY("\"ref\":1,\"kind\":\"aes\",\"uses\":[\"sign\",\n\"sing\"]"), 5,
	  "expected one of: \"sign\"" },
	{ KEY("\"ref\":1,\"kind\":\"aes\",\"algorithm\":0"), 4, "2 hex digits" },

	{ HEAD "\"environments\":[{}]}", 3, "\"number\" is missing" },
	{ HEAD "\"environments\":[{\"number\":1},\n{\"number\":1}]}", 4, "twice" },
	{ HEAD "\"environments\":[{\"number\":1,\"templates\":{\n\"B7_make\":\"800101\"}}]}", 4,
	  "B7_make: expected" },
	{ HEAD "\"environments\":[{\"number\":1,\"templates\":{\n\"B6_do\":\"800101\"}}]}", 4,
	  "expected a template" },
	{ HEAD "\"environments\":[{\"number\":1,\"templates\":{\n\"B6_make\":\"8001\"}}]}", 4,
	  "data objects" },

	{ HEAD "\"mf\":[]}", 3, "expected an object" },
	{ HEAD "\"mf\":{\"fid\":\"3F00\"}}", 3, "unknown key \"fid\"" },
	{ HEAD "\"mf\":{\"files\":[{\"structure\":\"df\"}]}}", 3, "\"fid\" is missing" },
	{ HEAD "\"mf\":{\"contents\":\"00\"}}", 3, "no contents" },
	{ EF("\"structure\":\"linear\""), 5, "structure: expected one of the words" },
	{ EF("\"structure\":\"1\""), 5, "structure: expected one of the words" },
	{ EF("\"size\":1"), 5, "expected \"structure\"" },
	{ EF("\"structure\":\"df\",\"fcp\":{\"name\":\"A000\"},\"application\":\"piv\""), 5,
	  "the type is not one of this vicc's" },
	{ EF("\"structure\":\"transparent\",\"coding\":21"), 5,
	  "coding: expected a string of 2 hex digits" },
	{ EF("\"structure\":\"df\",\"descriptor\":\"38\""), 5, "expected \"structure\"" },
	{ EF("\"descriptor\":\"80\""), 5, "not possible on a card" },
	{ EF("\"descriptor\":\"01020304050607\""), 5, "1 to 6 bytes" },
	{ EF("\"structure\":\"df\"},\n{\"fid\":\"0001\",\"structure\":\"df\""), 6,
	  "identifier is taken" },
	{ EF("\"structure\":\"df\",\"fcp\":{\"name\":\"A0\"}},\n{\"fid\":\"0002\",\"structure\":\"df\",\"fcp\":{\"name\":\"A0\"}"),
	  6, "name is taken" },
	{ EF("\"structure\":\"transparent\",\n\"fcp\":{\n\"nmae\":\"\"}"), 7,
	  "nmae: expected the name of an FCP object" },
	{ EF("\"structure\":\"transparent\",\"fcp\":{\"8283\":\"\"}"), 5,
	  "expected the name of an FCP object" },
	{ EF("\"structure\":\"transparent\",\"fcp\":{\"82\":\"01\"}"), 5, "object 82" },
	{ EF("\"structure\":\"transparent\",\"fcp\":\"88 01 08\""), 5, "object 88" },
	{ EF("\"structure\":\"transparent\",\"fcp\":\"8C02\""), 5, "not possible on a card" },
	{ EF("\"structure\":\"transparent\",\"sfi\":31"), 5, "0 to 30" },
	{ EF("\"structure\":\"transparent\",\"life\":\"dead\""), 5,
	  "life: expected one of the words" },
	{ EF("\"structure\":\"transparent\",\"size\":2,\n\"contents\":\"010203\""), 6,
	  "contents: expected 0 to 2 bytes" },
	{ EF("\"structure\":\"transparent\",\"length\":2"), 5, "goes with \"contents\"" },
	{ EF("\"structure\":\"transparent\",\"records\":[]"), 5, "no records" },
	{ EF("\"structure\":\"transparent\",\"files\":[]"), 5, "no files" },
	{ EF("\"structure\":\"transparent\",\"objects\":{}"), 5, "no objects" },
	{ EF("\"structure\":\"linear_fixed\",\"record_size\":2,\"records\":[\n\"00\",\n\"010203\"]"), 7,
	  "expected 0 to 2 bytes" },
	{ EF("\"structure\":\"linear_fixed\",\"record_size\":2,\"records_max\":1,\"records\":[\n\"00\",\n\"00\"]"), 7,
	  "no room" },
	{ EF("\"structure\":\"ber_tlv\",\"objects\":{\n\"x\":\"\"}"), 6, "expected a tag in hex" },
	{ EF("\"structure\":\"ber_tlv\",\"objects\":{\n\"5F50\":\"\",\"5f50\":\"\"}"), 6, "twice" },
};

START_TEST(is_refused)
{
	const struct refusal *r = &refusals[_i];
	struct image_text t;
	char place[32];

	snprintf(place, sizeof(place), "x.json:%u: ", r->line);
	ck_assert_msg(image_text_read(&t, view_of(r->text, strlen(r->text)), "x.json", NULL, error,
				      sizeof(error)) == -EINVAL, "%s", r->text);
	ck_assert_msg(strncmp(error, place, strlen(place)) == 0 && strstr(error, r->word),
		      "%s\n-> %s", r->text, error);
	ck_assert_ptr_null(strchr(error, '\n'));
	ck_assert_ptr_null(t.state);
}
END_TEST

/* What is wrong is shown, what is secret is not. */
START_TEST(refusals_keep_secrets)
{
	static const char *const broken[] = {
		PIN("\"ref\":1,\"value\":\"text:73550915\" \"x\""),
		PIN("\"ref\":1,\"value\":73550915x"),
		PIN("\"ref\":1,\"value\":\"73550915z\""),
		PIN("\"ref\":1,\"value\":\"text:735509150\""),
		PIN("\"ref\":1,\"value\":73550915"),
		PIN("\"ref\":1,\"value\":[\"text:73550915\",[\"text:73550915\"]]"),
	};
	struct image_text t;
	size_t i;

	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		ck_assert_int_lt(image_text_read(&t, view_of(broken[i], strlen(broken[i])), "x",
						 NULL, error, sizeof(error)),
				 0);
		ck_assert_msg(!strstr(error, "7355"), "%s", error);
	}
}
END_TEST

/* Made for this test. */
#define RSA_PRIVATE \
	"30820275020100300d06092a864886f70d01010105000482025f3082025b02010002818100c162106a9084bd91" \
	"2436ae1408b95d8cf6681b1723eb7f5023a2599319fb67ee8548de27eb3dec9295f8bffff4e09b2abdf8f49d20" \
	"284808bd3f12cdf0dfe295aef72e41019dafd75be61fea45f6762f5b183a1aa5920d004a191ade50bce44ea160" \
	"f2150f201ef002db085a75293bc503f12310ef7211ffd97c38f35c343383020301000102818078d0bb50d85915" \
	"d5c7ba21a7828bcc5674db35918f6f616abfd87dfdd90da830ec344a16c671398b9b067d6d7b9f97516cbe4c94" \
	"9db28cce68ed2ee25aca84d3c7394754c1289e927721dfb4631aa4f1b64787f7c70fff2f4acb6202d587a0ca46" \
	"3d82ca58235e9fe5a41520a458f9cf15235b2b8b31b30b58e348608c89a681024100fa5156f94ca8f25b150894" \
	"e2d4744ba8b09457c9d40bb818efedd446883301f098aa12708e648e28b5279126bf323aa3a358748fdc289f97" \
	"688bf2ed608cb705024100c5c5dccb67be053e845cc002b957b3008b25287289a5e7aa5db42630fefe97204416" \
	"c12e7d0ba79127dc83ad662c6fd2c0d19a1a653c73ed5188ecdd562036e702407bf622132d72912aa7fceaf675" \
	"ededb5e9545d31371062a7fed191892853d2471ae34664752fb8f2d1db79576de1eb0634934e8e1ba2067e8da8" \
	"98b213593c1d02405865f92b9da22c9be5f3c30b34a6c366b1cb190a21065bc7257cf9391b30d681e08d3f29b5" \
	"50b9444349e83d6016eaa08bf8e3e57a6c8bf07e6a325d383acbef024035d8de97c0ea0c25fc3900859e5fe4d9" \
	"4b1bec906c79153b7fab79c34f18b225bd81e522f382ad6a472b494f7d2fc3c8e83017614dd5c9aa479f315240" \
	"35dc01"
#define RSA_PUBLIC \
	"30819f300d06092a864886f70d010101050003818d0030818902818100c162106a9084bd912436ae1408b95d8c" \
	"f6681b1723eb7f5023a2599319fb67ee8548de27eb3dec9295f8bffff4e09b2abdf8f49d20284808bd3f12cdf0" \
	"dfe295aef72e41019dafd75be61fea45f6762f5b183a1aa5920d004a191ade50bce44ea160f2150f201ef002db" \
	"085a75293bc503f12310ef7211ffd97c38f35c3433830203010001"
#define EC_PRIVATE \
	"308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b020101042031ca0689d1cf14b8fa" \
	"046ae1eda01b8925e3304985d7776771cb000954bbbeeca1440342000403520bbfcadfbaf5f3da2e3813651967" \
	"17a1ce1fa8edb76202ae7a6e5426e4435d660060cbbe540d9123849e252204b21e9e6bbc9798fff7088a008082" \
	"c3a015"
#define EC_PUBLIC \
	"3059301306072a8648ce3d020106082a8648ce3d0301070342000403520bbfcadfbaf5f3da2e381365196717a1" \
	"ce1fa8edb76202ae7a6e5426e4435d660060cbbe540d9123849e252204b21e9e6bbc9798fff7088a008082c3a0" \
	"15"
#define EC_COMPRESSED \
	"3039301306072a8648ce3d020106082a8648ce3d0301070322000303520bbfcadfbaf5f3da2e381365196717a1" \
	"ce1fa8edb76202ae7a6e5426e443"
#define ED_PRIVATE "302e020100300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"
#define ED_PUBLIC "302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"
#define X_PUBLIC "302a300506032b656e0321008520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
#define X448_PUBLIC "3042300506032b656f033900" \
	"9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836647241d953d40c5b12da88120d53" \
	"177f80e532c41fa0"
#define PEM_TEXT(newline) \
	"-----BEGIN PRIVATE KEY-----" newline \
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMcoGidHPFLj6BGrh" newline \
	"7aAbiSXjMEmF13dnccsACVS7vuyhRANCAAQDUgu/yt+69fPaLjgTZRlnF6HOH6jt" newline \
	"t2ICrnpuVCbkQ11mAGDLvlQNkSOEniUiBLIenmu8l5j/9wiKAICCw6AV" newline \
	"-----END PRIVATE KEY-----"
#define PEM_SEALED \
	"-----BEGIN ENCRYPTED PRIVATE KEY-----\\n" \
	"MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAg25yk0FfD3agICCAAw\\n" \
	"DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEELHn5yyB6R/z0aUmmD7jNQwEgZAr\\n" \
	"BlqXZdTr5BhowG8sJmhCaymkv3eCuFln1cQuLvPbWTMejFmjunvbegd06eShXwtE\\n" \
	"dlDh0ZO/DFzNVnq5omkbUyBBp1GTJc7PVv/eZiWTJ1CKJg0mfmnLGgTxRZrcNCZD\\n" \
	"k5Vxkaaxjf7UrCs69jYB5d0tEwNqYVbvxMC9uF9044J+X/eV68pLU/ET22PdBY4=\\n" \
	"-----END ENCRYPTED PRIVATE KEY-----\\n"

#define ONE_KEY(kind, value) HEAD "\"keys\":[{\"ref\":1,\"kind\":\"" kind "\",\"value\":" value "}]}"
#define HEX(text) "\"" text "\""

static const struct {
	const char *text;
	unsigned bits;  /* 0: refused */
	bool private;
} asymmetric[] = {
	{ ONE_KEY("rsa", HEX(RSA_PRIVATE)), 1024, true },
	{ ONE_KEY("rsa", HEX(RSA_PUBLIC)), 1024, false },
	{ ONE_KEY("ec", HEX(EC_PRIVATE)), 256, true },
	{ ONE_KEY("ec", HEX(EC_PUBLIC)), 256, false },
	{ ONE_KEY("ec", HEX(EC_COMPRESSED)), 256, false },
	{ ONE_KEY("ed25519", HEX(ED_PRIVATE)), 256, true },
	{ ONE_KEY("ed25519", HEX(ED_PUBLIC)), 256, false },
	{ ONE_KEY("x25519", HEX(X_PUBLIC)), 256, false },
	{ ONE_KEY("ec", "\"" PEM_TEXT("\\n") "\""), 256, true },
	{ ONE_KEY("ec", "\"text:" PEM_TEXT("\\n") "\""), 256, true },
	{ ONE_KEY("ec", "[\"" PEM_TEXT("\",\"") "\"]"), 256, true },
	/* data objects, and what is still to come */
	{ ONE_KEY("ed25519", "\"8820d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842\""), 256, true },
	{ ONE_KEY("ec", "\"06082a8648ce3d030107\",\"bits\":256"), 256, false },
	{ ONE_KEY("rsa", "\"7f4803920101\",\"bits\":1024"), 1024, false },
	/* of another kind or curve, sealed, cut, followed by more, or nothing at all */
	{ ONE_KEY("rsa", HEX(EC_PRIVATE)), 0, false },
	{ ONE_KEY("ec", HEX(RSA_PUBLIC)), 0, false },
	{ ONE_KEY("x25519", HEX(ED_PRIVATE)), 0, false },
	{ ONE_KEY("x25519", HEX(X448_PUBLIC)), 0, false },
	{ ONE_KEY("ec", HEX(ED_PUBLIC)), 0, false },
	{ ONE_KEY("ec", "\"" PEM_SEALED "\""), 0, false },
	{ ONE_KEY("ed25519", HEX(ED_PRIVATE "00")), 0, false },
	{ ONE_KEY("ed25519", HEX(ED_PUBLIC "00")), 0, false },
	{ ONE_KEY("ed25519", "\"302e0201\""), 0, false },
	{ ONE_KEY("rsa", "\"3003020101\""), 0, false },
	{ ONE_KEY("rsa", "\"00\""), 0, false },
	{ ONE_KEY("rsa", "\"810101820103\""), 0, false },
	{ ONE_KEY("ec", "\"06082a8648ce3d0301ff\""), 0, false },
	{ ONE_KEY("ec", "\"880101\""), 0, false },
	{ ONE_KEY("ed25519", "\"880101\""), 0, false },
	{ ONE_KEY("ec", "\"-----BEGIN PRIVATE KEY-----\""), 0, false },
};

/* Whatever people have a key in; what is no key of its kind is refused at once. */
START_TEST(asymmetric_keys)
{
	struct view text = view_of(asymmetric[_i].text, strlen(asymmetric[_i].text));
	struct image_text t;
	struct sam_key *k;
	struct buf once, twice;
	int rc = image_text_read(&t, text, "x", NULL, error, sizeof(error));

	if (asymmetric[_i].bits == 0) {
		ck_assert_int_lt(rc, 0);
		ck_assert_msg(strstr(error, "x:3: keys: the value is no key of kind ") != NULL,
			      "%s", error);
		return;
	}
	ck_assert_msg(rc == 0, "%s", error);
	k = sam_key_find(&t.state->sam, 0, 1);
	ck_assert_uint_eq(k->bits, asymmetric[_i].bits);
	ck_assert_int_eq(key_is_private(k), asymmetric[_i].private);
	once = write_ok(&t);
	image_text_free(&t);
	t = read_ok(buf_view(&once));
	ck_assert_int_eq(key_is_private(sam_key_find(&t.state->sam, 0, 1)), asymmetric[_i].private);
	twice = write_ok(&t);
	expect_same(&once, &twice);
	image_text_free(&t);
	buf_free(&once);
	buf_free(&twice);
}
END_TEST

static void
expect_sound(struct view text)
{
	struct image_text t;
	struct buf once, twice;

	if (image_text_read(&t, text, "x", NULL, error, sizeof(error)) < 0) {
		ck_assert_int_eq(strncmp(error, "x:", 2), 0);
		return;
	}
	once = write_ok(&t);
	image_text_free(&t);
	t = read_ok(buf_view(&once));
	twice = write_ok(&t);
	expect_same(&once, &twice);
	image_text_free(&t);
	buf_free(&once);
	buf_free(&twice);
}

START_TEST(cut_anywhere)
{
	struct buf text = slurped(in_source("v1/byhand.json"));
	struct image_text t;
	size_t n;

	while (text.p[text.n - 1] == '\n')
		buf_cut(&text, text.n - 1);
	for (n = 0; n < text.n; n++)
		ck_assert_int_lt(
			image_text_read(&t, view_of(text.p, n), "x", NULL, error, sizeof(error)),
			0);
	buf_free(&text);
}
END_TEST

START_TEST(a_byte_replaced_anywhere)
{
	static const char with[] = { 0, '"', '{', ']', '0', '9', 'A', ':', '\\', ' ', '\xff' };
	struct buf text = slurped(in_source("v1/byhand.json"));
	size_t n, i;
	uint8_t had;

	for (n = 0; n < text.n; n++) {
		had = text.p[n];
		/* one of them at each place: all of them would take a minute */
		i = n % sizeof(with);
		text.p[n] = (uint8_t)with[i];
		expect_sound(buf_view(&text));
		text.p[n] = had;
	}
	buf_free(&text);
}
END_TEST

START_TEST(nested_deeply)
{
	static const char df[] = "\"files\":[{\"fid\":\"0001\",\"structure\":\"df\",";
	struct buf text = BUF(1 << 20);
	struct image_text t;
	unsigned i;

	/* more than a card may have, and more than jansson reads */
	for (i = 0; i < 3000; i++)
		buf_put(&text, "{\"mf\":", 6);
	ck_assert_int_lt(image_text_read(&t, buf_view(&text), "x", NULL, error, sizeof(error)), 0);
	buf_reset(&text);
	buf_put(&text, HEAD "\"mf\":{", strlen(HEAD "\"mf\":{"));
	for (i = 0; i < 200; i++)
		buf_put(&text, df, sizeof(df) - 1);
	buf_put(&text, "\"life\":\"activated\"", 18);
	for (i = 0; i < 200; i++)
		buf_put(&text, "}]", 2);
	buf_put(&text, "}}", 2);
	ck_assert_int_lt(image_text_read(&t, buf_view(&text), "x", NULL, error, sizeof(error)), 0);
	ck_assert_msg(strstr(error, "deep") != NULL, "%s", error);
	buf_free(&text);
}
END_TEST

/* --- what comes from elsewhere ---------------------------------------------------- */

static struct json_files here;

static void
open_here(void)
{
	here = (struct json_files) { .dir = open(dir, O_RDONLY | O_DIRECTORY), .owner = geteuid() };
	ck_assert_int_ge(here.dir, 0);
}

#define NAMES(path) HEAD "\"properties\":{\"a\":\"file:" path "\"}}"

static int
read_here(struct image_text *t, const char *text)
{
	return image_text_read(t, view_of(text, strlen(text)), "x", &here, error, sizeof(error));
}

static void
expect_refused(const char *text, const char *why)
{
	struct image_text t;

	error[0] = '\0';
	ck_assert_int_lt(read_here(&t, text), 0);
	ck_assert_str_eq(error, why);
}

START_TEST(files_and_chance)
{
	static const char text[] = HEAD
		"\"serial\":\"random:16\",\n\"properties\":{\"a\":\"file:a.bin\",\n\"b\":[\"00\",\"file:a.bin\",\"random:2\"]}}";
	struct image_text t, u;

	open_here();
	spill(in_dir("a.bin"), "a\nb");
	ck_assert_int_eq(read_here(&t, text), 0);
	ck_assert_int_eq(read_here(&u, text), 0);
	ck_assert(t.fetched);
	EXPECT_BYTES(props_get(&t.state->props, "a"), "a\nb");
	ck_assert_uint_eq(props_get(&t.state->props, "b").n, 6);
	ck_assert_uint_eq(t.state->serial.n, 16);
	ck_assert(!view_equal(buf_view(&t.state->serial), buf_view(&u.state->serial)));
	image_text_free(&t);
	image_text_free(&u);

	unlink(in_dir("a.bin"));
	expect_refused(text, "x:4: a: a.bin: No such file or directory");
	ck_assert_int_eq(mkfifo(in_dir("a.bin"), 0600), 0);
	expect_refused(text, "x:4: a: a.bin: not a regular file");
	close(here.dir);
}
END_TEST

#define SIXTEEN "0123456789abcdef"
#define SIXTY_FOUR SIXTEEN SIXTEEN SIXTEEN SIXTEEN
#define LONG_NAME SIXTY_FOUR SIXTY_FOUR SIXTY_FOUR SIXTY_FOUR

/* Only what lies below the folder, by its own name. */
START_TEST(files_below)
{
	struct image_text t;

	open_here();
	ck_assert_int_eq(mkdir(in_dir("sub"), 0700), 0);
	spill(in_dir("sub/b"), "12");
	ck_assert_int_eq(symlink("/etc/passwd", in_dir("link")), 0);
	ck_assert_int_eq(symlink("/etc", in_dir("etc")), 0);
	ck_assert_int_eq(symlink("b", in_dir("sub/near")), 0);
	ck_assert_int_eq(read_here(&t, NAMES("sub/b")), 0);
	image_text_free(&t);
	ck_assert_int_eq(read_here(&t, NAMES("./sub//./b")), 0);
	EXPECT_BYTES(props_get(&t.state->props, "a"), "12");
	image_text_free(&t);
	expect_refused(NAMES("/etc/passwd"), "x:3: a: /etc/passwd: not below the image's folder");
	expect_refused(NAMES("../../etc/passwd"),
		       "x:3: a: ../../etc/passwd: not below the image's folder");
	expect_refused(NAMES("sub/../sub/b"), "x:3: a: sub/../sub/b: not below the image's folder");
	expect_refused(NAMES("link"), "x:3: a: link: a symbolic link is not followed");
	expect_refused(NAMES("sub/near"), "x:3: a: sub/near: a symbolic link is not followed");
	expect_refused(NAMES("etc/passwd"), "x:3: a: etc/passwd: Not a directory");
	expect_refused(NAMES("sub"), "x:3: a: sub: not a regular file");
	expect_refused(NAMES(""), "x:3: a: : No such file or directory");
	expect_refused(NAMES(LONG_NAME),
		       "x:3: a: " LONG_NAME ": File name too long");
	unlink(in_dir("sub/near"));
	unlink(in_dir("sub/b"));
	rmdir(in_dir("sub"));
	close(here.dir);
}
END_TEST

/* An image of another user gets nothing that is not its owner's, however it came there. */
START_TEST(files_of_others)
{
	struct image_text t;

	open_here();
	spill(in_dir("a"), "12");
	here.owner = geteuid() + 1;
	expect_refused(NAMES("a"), "x:3: a: a: belongs to another user than the image");
	here.look_only = true;
	expect_refused(NAMES("a"), "x:3: a: a: belongs to another user than the image");
	here.owner = geteuid();
	ck_assert_int_eq(read_here(&t, NAMES("a")), 0);
	image_text_free(&t);
	close(here.dir);
}
END_TEST

/* --check-image reads nothing, but knows how long it is, and names it. */
START_TEST(files_looked_at)
{
	struct image_text t;

	open_here();
	here.look_only = true;
	spill(in_dir("a"), "secret");
	ck_assert_int_eq(chmod(in_dir("a"), 0), 0);
	ck_assert_int_eq(read_here(&t, NAMES("a")), 0);
	EXPECT_BYTES(props_get(&t.state->props, "a"), "\0\0\0\0\0\0");
	EXPECT_BYTES(buf_view(&t.names), "a\n");
	image_text_free(&t);
	ck_assert_int_eq(symlink("a", in_dir("link")), 0);
	expect_refused(NAMES("link"), "x:3: a: link: a symbolic link is not followed");
	expect_refused(HEAD "\"serial\":[\"file:a\",\"file:a\",\"file:a\"]}",
		       "x:3: serial: expected 0 to 16 bytes");
	/* what it must be inside is not known yet */
	ck_assert_int_eq(
		read_here(
			&t, HEAD
			"\"environments\":[{\"number\":1,\"templates\":{\"B6_make\":\"file:a\"}}]}"),
		0);
	image_text_free(&t);
	close(here.dir);
}
END_TEST

static void
put_text(struct buf *b, const char *text)
{
	buf_put(b, text, strlen(text));
}

/* An image with n of what one of the rows says, so many to a DF. */
static const struct many {
	/* a number stands between each and behind */
	const char *before, *each, *behind, *after, *refusal;
	unsigned per_df; /* 0: they are the card's */
} many[] = {
	{ "\"properties\":{", "\"p", "\":\"00\"", "}", "more than 4096 properties", 0 },
	{ "\"environments\":[", "{\"number\":", "}", "]", "more than 4096 environments", 256 },
	{ "\"keys\":[", "{\"ref\":", ",\"kind\":\"aes\"}", "]", "more than 4096", 128 },
	{ "\"pins\":[", "{\"ref\":", "}", "]", "more than 4096", 32 },
};

static void
put_many(struct buf *b, const struct many *m, unsigned n)
{
	unsigned i, per = m->per_df ? m->per_df : n;
	char one[64];

	put_text(b, m->per_df ? HEAD "\"mf\":{\"files\":[" : HEAD);
	for (i = 0; i < n; i++) {
		if (i % per == 0 && m->per_df) {
			snprintf(one, sizeof(one), "%s{\"fid\":\"%04X\",\"structure\":\"df\",",
				 i ? "," : "", i / per + 1);
			put_text(b, one);
		}
		put_text(b, i % per == 0 ? m->before : ",");
		snprintf(one, sizeof(one), "%s%u%s", m->each, i % per, m->behind);
		put_text(b, one);
		if (i % per == per - 1 || i == n - 1)
			put_text(b, m->after);
		if ((i % per == per - 1 || i == n - 1) && m->per_df)
			put_text(b, "}");
	}
	put_text(b, m->per_df ? "]}}" : "}");
}

/* Lists that are searched from the front end before that takes any time. */
START_TEST(ends_soon)
{
	const struct many *m = &many[_i];
	struct buf text = BUF(IMAGE_TEXT_MAX);
	struct image_text t;

	put_many(&text, m, 4096);
	ck_assert_msg(image_text_read(&t, buf_view(&text), "x", NULL, error, sizeof(error)) == 0,
		      "%s", error);
	image_text_free(&t);
	buf_reset(&text);
	put_many(&text, m, 4097);
	ck_assert_int_lt(image_text_read(&t, buf_view(&text), "x", NULL, error, sizeof(error)), 0);
	ck_assert_msg(strstr(error, m->refusal) != NULL, "%s", error);
	buf_reset(&text);
	put_many(&text, m, m->per_df == 32 ? 100000 : 300000);
	ck_assert_int_lt(image_text_read(&t, buf_view(&text), "x", NULL, error, sizeof(error)), 0);
	buf_free(&text);
}
END_TEST

/* --- opening ------------------------------------------------------------------------ */

static const struct image_config iso = { .type = "iso7816", .contents = contents_iso7816 };

static struct image *
open_ok(const struct image_config *cfg, struct state **s)
{
	struct image *image = NULL;

	ck_assert_msg(image_open(&image, s, cfg, error, sizeof(error)) == 0, "%s", error);
	return image;
}

static void
close_image(struct image *image, struct state *s)
{
	state_free(s);
	image_free(image);
}

static void
spend_a_try(struct image *image, struct state *s)
{
	s->sam.pins->code.tries--;
	ck_assert_int_eq(image_commit(image, s, STATE_TRIES), 0);
}

START_TEST(in_memory)
{
	struct state *s, *other;
	struct image *image = open_ok(&iso, &s), *second = open_ok(&iso, &other);
	struct buf text = BUF(IMAGE_TEXT_MAX);

	ck_assert_uint_eq(s->serial.n, 8);
	ck_assert(!view_equal(buf_view(&s->serial), buf_view(&other->serial)));
	ck_assert_int_eq(image_commit(image, s, STATE_CONTENTS), 0);
	ck_assert_ptr_null(image_revert(image));
	/* nothing is remembered that was not asked for */
	ck_assert_int_eq(image_text(image, &text), -ENOENT);
	state_free(s);
	state_free(other);
	image_free(image);
	image_free(second);
	image_free(NULL);
}
END_TEST

/* A text may begin with space: it is a card's, and locked. */
START_TEST(begins_with_space)
{
	struct image_config cfg = iso;
	struct image *image;
	struct state *s;

	spill(in_dir("space.json"), "\n\t \r\n{\"format\":1,\"type\":\"iso7816\"}");
	cfg.path = in_dir("space.json");
	image = open_ok(&cfg, &s);
	ck_assert_int_eq(access(in_dir("space.json.lock"), F_OK), 0);
	close_image(image, s);
}
END_TEST

START_TEST(made_and_kept)
{
	struct image_config cfg = iso;
	struct state *s, *again;
	struct image *image;
	struct secret key;

	cfg.path = in_dir("card.json");
	cfg.serial = view_of("\1\2\3", 3);
	image = open_ok(&cfg, &s);
	/* on disk before it is used: the random key must stay what it is */
	ck_assert_uint_eq(mode_of(cfg.path), 0600);
	EXPECT_BYTES(buf_view(&s->serial), "\1\2\3");
	key = sam_key_find(&s->sam, 0, 0)->secret;
	ck_assert_uint_eq(key.n, 24);
	ck_assert_int_lt(image_open(&(struct image *) { NULL }, &again, &cfg, error, sizeof(error)),
			 0);
	ck_assert_ptr_nonnull(strstr(error, "in use"));
	ck_assert_int_eq(file_update(&s->fs, file_at(s, "/2F00"), NULL, 0, view_of("hello", 5)),
			 SW_OK);
	ck_assert_int_eq(image_commit(image, s, STATE_CONTENTS), 0);
	close_image(image, s);

	cfg.serial = view_of(NULL, 0);
	image = open_ok(&cfg, &s);
	ck_assert(
		secret_equal(secret_view(&key), secret_view(&sam_key_find(&s->sam, 0, 0)->secret)));
	EXPECT_BYTES(buf_view(&s->serial), "\1\2\3");
	ck_assert(view_starts(buf_view(&file_at(s, "/2F00")->contents), view_of("hello", 5)));
	/* what was not committed is not there */
	file_at(s, "/2F00")->contents.p[0] = 'J';
	again = image_revert(image);
	ck_assert_ptr_nonnull(again);
	ck_assert_int_eq(file_at(again, "/2F00")->contents.p[0], 'h');
	ck_assert_uint_eq(state_changed(again), 0);
	state_free(again);
	close_image(image, s);

	cfg.serial = view_of("\4", 1);
	image = open_ok(&cfg, &s);
	EXPECT_BYTES(buf_view(&s->serial), "\4");
	close_image(image, s);
}
END_TEST

static int
fill(const void *ctx, struct state *s, char *text, size_t size)
{
	if (!ctx) {
		snprintf(text, size, "no");
		return -EINVAL;
	}
	/* the serial number is known by now */
	return file_update(&s->fs, file_at(s, "/2F00"), NULL, 0, buf_view(&s->serial)) == SW_OK
		       ? 0
		       : -ENOMEM;
}

/* These three bytes are its serial number, and what EF.DIR was filled with. */
static void
opens_with(const struct image_config *cfg, const char *serial)
{
	const struct view wanted = view_of(serial, 3);
	struct state *s = NULL;
	struct image *image = open_ok(cfg, &s);

	ck_assert(view_equal(buf_view(&s->serial), wanted));
	ck_assert(view_starts(buf_view(&file_at(s, "/2F00")->contents), wanted));
	close_image(image, s);
}

static void
opens_not(const struct image_config *cfg, int rc, const char *why)
{
	struct state *s = NULL;
	struct image *image;

	ck_assert_int_eq(image_open(&image, &s, cfg, error, sizeof(error)), rc);
	ck_assert_msg(strstr(error, why), "%s", error);
}

/* A card.json that is to be made, and filled. */
static struct image_config
to_be_filled(const char *serial)
{
	struct image_config cfg = iso;

	cfg.path = in_dir("card.json");
	cfg.serial = view_of(serial, 3);
	cfg.fill = fill;
	cfg.fill_ctx = &iso;
	return cfg;
}

/* The one that is there, whatever it is. */
static const struct image_config *
that_is_there(void)
{
	static struct image_config cfg;

	cfg = iso;
	cfg.path = in_dir("card.json");
	return &cfg;
}

START_TEST(made_and_filled)
{
	struct image_config cfg = to_be_filled("\1\2\3");
	struct stat st;

	cfg.fill_ctx = NULL;
	opens_not(&cfg, -EINVAL, "no");
	ck_assert_int_lt(stat(cfg.path, &st), 0);
	cfg.fill_ctx = &cfg;
	opens_with(&cfg, "\1\2\3");
	/* and in memory */
	cfg.path = NULL;
	cfg.serial = view_of("\7\7\7", 3);
	opens_with(&cfg, "\7\7\7");
}
END_TEST

/* Where there is one already, it stays as it is, unless it is to go and the new one can be filled. */
START_TEST(filled_in_place_of_another)
{
	struct image_config cfg = to_be_filled("\1\2\3");

	opens_with(&cfg, "\1\2\3");
	cfg.serial = view_of("\4\5\6", 3);
	opens_not(&cfg, -EEXIST, "card.json is there already");
	cfg.replace = true;
	cfg.fill_ctx = NULL;
	opens_not(&cfg, -EINVAL, "no");
	opens_with(that_is_there(), "\1\2\3");
	cfg.fill_ctx = &cfg;
	opens_with(&cfg, "\4\5\6");
	opens_with(that_is_there(), "\4\5\6");
}
END_TEST

/* One that is kept need not be filled: nothing is written. */
START_TEST(kept_or_filled)
{
	struct image_config cfg = to_be_filled("\1\2\3");

	opens_with(&cfg, "\1\2\3");
	cfg.keep = true;
	cfg.fill_ctx = NULL;
	cfg.serial.n = 0;
	opens_with(&cfg, "\1\2\3");
	cfg.path = in_dir("other.json");
	opens_not(&cfg, -EINVAL, "no");
	cfg.fill_ctx = &cfg;
	cfg.serial.n = 3;
	opens_with(&cfg, "\1\2\3");
}
END_TEST

/* A broken image may be replaced, but nothing that never was an image. */
START_TEST(filled_in_place_of_what_is_broken)
{
	struct image_config cfg = to_be_filled("\4\5\6");
	struct stat st;

	cfg.replace = true;
	cfg.path = in_dir("passwd");
	spill(cfg.path, "root:x:0:0:");
	opens_not(&cfg, -EINVAL, "passwd: this is no card image");
	ck_assert_int_lt(stat(in_dir("passwd.lock"), &st), 0);
	ck_assert_int_eq(stat(in_dir("passwd"), &st), 0);
	ck_assert_int_eq(st.st_size, 11);
	cfg.path = in_dir("card.json");
	spill(cfg.path, "{ \"format\":1");
	opens_with(&cfg, "\4\5\6");
	opens_with(that_is_there(), "\4\5\6");
}
END_TEST

START_TEST(read_only)
{
	struct image_config cfg = iso;
	struct state *s, *again;
	struct image *image;
	struct buf before, after;

	cfg.path = in_dir("card.json");
	cfg.mode = IMAGE_READ_ONLY;
	ck_assert_int_eq(image_open(&image, &s, &cfg, error, sizeof(error)), -ENOENT);
	/* a template: chance once for as long as it runs */
	spill(cfg.path, contents_iso7816);
	before = slurped(cfg.path);
	image = open_ok(&cfg, &s);
	ck_assert_int_eq(image_commit(image, s, STATE_CONTENTS), -EROFS);
	ck_assert_int_eq(image_commit(image, s, STATE_CONTENTS | STATE_TRIES), -EROFS);
	spend_a_try(image, s);
	spend_a_try(image, s);
	again = image_revert(image);
	ck_assert_ptr_nonnull(again);
	/* a refused command gives no try back */
	ck_assert_uint_eq(again->sam.pins->code.tries, 1);
	ck_assert(view_equal(buf_view(&s->serial), buf_view(&again->serial)));
	ck_assert(secret_equal(secret_view(&s->sam.keys->secret),
			       secret_view(&again->sam.keys->secret)));
	state_free(s);
	state_free(again);
	image_free(image);
	after = slurped(cfg.path);
	expect_same(&before, &after);
	buf_free(&before);
	buf_free(&after);
	ck_assert_int_ne(access(in_dir("card.json.lock"), F_OK), 0);
}
END_TEST

START_TEST(changes_forgotten)
{
	struct image_config cfg = iso;
	struct state *s;
	struct image *image;
	struct buf before, after;

	cfg.path = in_dir("card.json");
	cfg.mode = IMAGE_VOLATILE;
	image = open_ok(&cfg, &s);
	ck_assert_int_ne(access(in_dir("card.json"), F_OK), 0);
	close_image(image, s);
	spill(in_dir("card.json"), contents_iso7816);
	before = slurped(in_dir("card.json"));
	image = open_ok(&cfg, &s);
	ck_assert_int_eq(image_commit(image, s, STATE_CONTENTS), 0);
	spend_a_try(image, s);
	close_image(image, s);
	after = slurped(in_dir("card.json"));
	expect_same(&before, &after);
	buf_free(&before);
	buf_free(&after);
}
END_TEST

/* Neither another type's image nor a broken one is touched. */
START_TEST(left_alone)
{
	static const struct {
		const char *text, *word;
		bool locked; /* it may be an image */
	} files[] = {
		{ "{\"format\":1,\"type\":\"myeid\"}",
		  "the image of a card of type myeid, not iso7816: start it with -t myeid", true },
		{ "{\"format\":1,\n\"type\":\"iso7816\",", "card.json:2: ", true },
		{ "", "card.json:1: ", false },
		{ "root:x:0:0:root:/root:/bin/bash\n", "card.json:1: ", false },
		{ "{\"format\":3,\"type\":\"iso7816\"}", "card.json:1: format: format 3 is of a later version, this one knows up to 2", true },
	};
	struct image_config cfg = iso;
	struct image *image = NULL;
	struct state *s = NULL;
	struct buf b;

	cfg.path = in_dir("card.json");
	cfg.serial = view_of("\1", 1);
	spill(cfg.path, files[_i].text);
	ck_assert_int_lt(image_open(&image, &s, &cfg, error, sizeof(error)), 0);
	ck_assert_msg(strstr(error, files[_i].word) != NULL, "%s", error);
	ck_assert_int_eq(strncmp(error, cfg.path, strlen(cfg.path)), 0);
	ck_assert_ptr_null(s);
	ck_assert_int_eq(access(in_dir("card.json.lock"), F_OK) == 0, files[_i].locked);
	b = slurped(in_dir("card.json"));
	ck_assert(view_equal(buf_view(&b), view_of(files[_i].text, strlen(files[_i].text))));
	buf_free(&b);
}
END_TEST

START_TEST(a_new_iso7816_card)
{
	struct state *s;
	struct image *image = open_ok(&iso, &s);
	struct sam_pin *pin = sam_pin_find(&s->sam, 0, 0);
	const struct file *ef_atr = file_at(s, "/2F01");
	struct auth proven = { .user = 0 };

	ck_assert_uint_eq(pin->ref, 1);
	ck_assert_uint_eq(sam_verify(&s->sam, pin, 1, view_of("1234", 4), &proven), SW_OK);
	ck_assert_uint_eq(proven.user, 1u << 1);
	ck_assert_uint_eq(pin->code.tries_max, 3);
	EXPECT_BYTES(secret_view(&pin->puk.value), "12345678");
	ck_assert_uint_eq(sam_key_find(&s->sam, 0, 0)->kind, SAM_DES3);
	ck_assert_uint_eq(s->fs.quota, 262144);
	ck_assert_uint_eq(s->fs.mf->others.n, 0);
	ck_assert_uint_eq(file_sfi(file_at(s, "/2F00")), 30);

	/* EF.ATR repeats what the historical bytes say: 31 F8 73 F7 C1 FF */
	EXPECT_BYTES(buf_view(&ef_atr->contents),
		     "\x7f\x66\x08\x02\x02\xff\xff\x02\x02\xff\xff"
		     "\x43\x01\xf8"
		     "\x46\x04vicc"
		     "\x47\x03\xf7\xc1\xff");
	close_image(image, s);
}
END_TEST

/* Where needle stands in memory that malloc has, or had; NULL: nowhere. */
static const void *
find_in_heap(const char *needle, size_t n)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long from, to;
	const void *found = NULL;
	char line[512];

	while (!found && fgets(line, sizeof(line), maps)) {
		if (strstr(line, "[heap]") && sscanf(line, "%lx-%lx", &from, &to) == 2)
			found = memmem((const void *)from, to - from, needle, n);
	}
	fclose(maps);
	return found;
}

/* A PIN and a key that are found nowhere once nobody has them any more. */
START_TEST(nothing_stays_behind)
{
	static const char *const before = HEAD "\"pins\":[{\"ref\":1,\"max\":64,\"value\":\"text:";
	static const char *const between =
		"\"}],\"keys\":[{\"ref\":1,\"kind\":\"aes\",\"value\":\"";
	/* long ones, to look for their ends: malloc writes on the beginning of what is freed */
	char pin[41] = "", hex[65] = "", bytes[32];
	struct image_config cfg = { .type = "t" };
	struct state *s, *again;
	struct image *image;
	size_t i;
	FILE *f;

	/* not a constant, and never whole in a buffer of stdio's */
	for (i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (char)(0x91 + 7 * i);
		snprintf(hex + 2 * i, 3, "%02X", (unsigned char)bytes[i]);
	}
	for (i = 0; i < sizeof(pin) - 1; i++)
		pin[i] = (char)('3' + (i * i + 2) % 7);
	cfg.path = in_dir("card.json");
	f = fopen(cfg.path, "w");
	setvbuf(f, NULL, _IONBF, 0);
	fprintf(f, "%s%s%s%s\"}]}", before, pin, between, hex);
	fclose(f);
	ck_assert_ptr_null(find_in_heap(pin + 28, 12));

	image = open_ok(&cfg, &s);
	/* it would be found */
	ck_assert_ptr_nonnull(s->sam.pins);
	ck_assert(memmem(s->sam.pins, sizeof(*s->sam.pins), pin, sizeof(pin) - 1) != NULL);
	spend_a_try(image, s);
	again = image_revert(image);
	ck_assert_ptr_nonnull(again);
	/* it is locked */
	ck_assert_int_lt(image_open(&image, &again, &cfg, error, sizeof(error)), 0);
	state_free(s);
	state_free(again);
	image_free(image);
	ck_assert_ptr_null(find_in_heap(pin + 28, 12));
	ck_assert_ptr_null(find_in_heap(hex + 48, 16));
	ck_assert_ptr_null(find_in_heap(bytes + 16, 16));
}
END_TEST

START_TEST(is_described)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	ck_assert_int_eq(image_check(in_source("v1/byhand.json"), out, error, sizeof(error)), 0);
	fclose(out);
	ck_assert_ptr_nonnull(
		strstr(text, "a card of type everything (not one of this vicc's), format 1\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nserial number 0102030405060708090A0B0C0D0E0F10\n"));
	ck_assert_ptr_nonnull(
		strstr(text, "\nPIN 2 active, 2 of 5 tries left; PUK, 9 of 10 tries left\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nkey 0 des3, 192 bits, 1 of 3 tries left\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nkey 6 ed25519, 0 bits, not set\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n3F00 df, initialisation, 4 objects\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n  2F00 transparent, activated, 40 bytes\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n      0001 transparent, activated, 1 bytes\n"));
	/* no secrets */
	ck_assert_ptr_null(strstr(text, "1234\n"));
	ck_assert_ptr_null(strstr(text, "87654321"));
	ck_assert_ptr_null(strstr(text, "00112233"));
	free(text);

	out = open_memstream(&text, &n);
	spill(in_dir("piv.json"), contents_piv);
	ck_assert_int_eq(image_check(in_dir("piv.json"), out, error, sizeof(error)), 0);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(text, ", application piv, selected after a reset\n"));
	free(text);

	out = open_memstream(&text, &n);
	ck_assert_int_lt(image_check(in_dir("nothing.json"), out, error, sizeof(error)), 0);
	ck_assert_ptr_nonnull(strstr(error, "nothing.json: No such file"));
	spill(in_dir("broken.json"), "{\n\"format\":1,\n\"typo\":1}");
	ck_assert_int_lt(image_check(in_dir("broken.json"), out, error, sizeof(error)), 0);
	ck_assert_ptr_nonnull(strstr(error, "broken.json:3: unknown key \"typo\""));
	fclose(out);
	ck_assert_uint_eq(n, 0);
	free(text);
}
END_TEST

START_TEST(full_memory)
{
	struct image_text t = read_ok(view_of(contents_iso7816, strlen(contents_iso7816)));
	struct file_spec spec = {
		.fid = 1, .descriptor = { 1 }, .descriptor_n = 1, .has_size = true, .size = 65536,
		.fill = 0xa5,
	};
	struct buf text;
	size_t used;

	while (fs_add(&t.state->fs, t.state->fs.mf, &spec, NULL) == SW_OK)
		spec.fid++;
	ck_assert_uint_eq(spec.fid, 4);
	used = t.state->fs.used;
	text = write_ok(&t);
	image_text_free(&t);
	t = read_ok(buf_view(&text));
	ck_assert_uint_eq(t.state->fs.used, used);
	ck_assert_uint_eq(file_at(t.state, "/0003")->contents.n, 65536);
	image_text_free(&t);
	/* what does not fit into the text is said, not cut */
	buf_free(&text);
	t = read_ok(view_of(contents_iso7816, strlen(contents_iso7816)));
	text = (struct buf) BUF(100);
	ck_assert(!image_text_write(&text, "iso7816", t.state));
	buf_free(&text);
	image_text_free(&t);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("image");

	tcase_add_checked_fixture(tc, setup, remove_dir);
	tcase_add_loop_test(tc, opens_for_ever, 0, 2);
	tcase_add_test(tc, is_written_as_it_was);
	tcase_add_test(tc, says_what_it_says);
	tcase_add_loop_test(tc, is_refused, 0, sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_test(tc, refusals_keep_secrets);
	tcase_add_loop_test(tc, asymmetric_keys, 0, sizeof(asymmetric) / sizeof(asymmetric[0]));
	tcase_add_test(tc, cut_anywhere);
	tcase_add_test(tc, a_byte_replaced_anywhere);
	tcase_add_test(tc, nested_deeply);
	tcase_add_test(tc, files_and_chance);
	tcase_add_test(tc, files_below);
	tcase_add_test(tc, files_of_others);
	tcase_add_test(tc, files_looked_at);
	tcase_add_loop_test(tc, ends_soon, 0, 4);
	tcase_add_test(tc, in_memory);
	tcase_add_test(tc, begins_with_space);
	tcase_add_test(tc, made_and_kept);
	tcase_add_test(tc, made_and_filled);
	tcase_add_test(tc, filled_in_place_of_another);
	tcase_add_test(tc, kept_or_filled);
	tcase_add_test(tc, filled_in_place_of_what_is_broken);
	tcase_add_test(tc, read_only);
	tcase_add_test(tc, changes_forgotten);
	tcase_add_loop_test(tc, left_alone, 0, 5);
	tcase_add_test(tc, a_new_iso7816_card);
	tcase_add_test(tc, nothing_stays_behind);
	tcase_add_test(tc, is_described);
	tcase_add_test(tc, full_memory);
	return run("image", tc);
}
