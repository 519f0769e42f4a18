/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory runs out at each allocation of each command in turn: the answer says so,
 * and what is on the card is as it was before, to the byte.
 */
#include "model/object.h"
#include "plaincard.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static int until_failure; /* allocations; 0: none fails */

static bool
fails(void)
{
	return until_failure > 0 && --until_failure == 0;
}

void *
__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

/* --- all that is on the card, as bytes ------------------------------------------------ */

static void
dump_file(const struct file *f, struct buf *b)
{
	const struct object *o;
	size_t i;

	buf_put(b, &f->uid, sizeof(f->uid));
	file_fcp(f, b);
	buf_put_view(b, buf_view(&f->contents));
	for (i = 0; i < f->n_records; i++) {
		buf_u16(b, (uint16_t)f->records[i].n);
		buf_put_view(b, buf_view(&f->records[i]));
	}
	for (o = f->objects; o; o = o->next) {
		buf_u16(b, (uint16_t)o->tag);
		buf_put_view(b, buf_view(&o->value));
	}
}

static void
dump(struct buf *b)
{
	const struct fs *fs = &iso()->state->fs;
	const struct file *f;

	buf_reset(b);
	buf_put(b, &fs->used, sizeof(fs->used));
	buf_put(b, &fs->n_files, sizeof(fs->n_files));
	buf_put(b, &iso()->channel[0].at, sizeof(iso()->channel[0].at));
	for (f = fs_walk(fs, NULL); f; f = fs_walk(fs, f))
		dump_file(f, b);
	ck_assert(!b->failed);
}

static void
contents(void)
{
	expect("00E0000009 6207 820138 8302 4000", "9000");
	expect("00E000000C 620A 8204 0421 0100 8302 0102", "9000");
	expect("00E2000002 0101", "9000");
	expect("00DA00C101 AA", "9000");
	expect("00DA00C201 AA", "9000");
}

/* --- each command, failing at its first allocation, its second, and so on ------------- */

static const char *const commands[] = {
	"00E0000010 620E 8002 0200 820101 8302 0103 8501 AA",
	"00E000000D 620B 8205 0221 0020 05 8302 0104",
	"00E000000F 620D 820138 8302 4100 8404 A0010203",
	"00E2000005 0102030405",
	("00DC010446 02020202020202020202020202020202020202020202020202020202020202020202020202020202"
	 "020202020202020202020202020202020202020202020202020202020202"),
	"00DA00C306 010203040506",
	"00DA00C106 010203040506",
	"00DA00C1",
	"00DB3FFF0A C101BB C301CC C402DDDD",
	"00A4000C023F00",
	"00A40000023F0000",
	"00E40000",
	"00B2010500",
};

START_TEST(nothing_changes)
{
	struct buf before = BUF(65536), after = BUF(65536), rsp = BUF(1024), cmd = BUF(1024);
	bool out_of_memory = true;
	int n;

	for (n = 1; out_of_memory; n++) {
		setup();
		contents();
		dump(&before);
		buf_reset(&rsp);
		buf_u16(&rsp, 0);
		buf_cut(&rsp, 0);
		buf_reset(&cmd);
		ck_assert(hex_read(&cmd, commands[_i]));
		commits = 0;
		until_failure = n;
		card->ops->transmit(card, buf_view(&cmd), &rsp);
		out_of_memory = until_failure == 0;
		until_failure = 0;
		dump(&after);
		if (rsp.n < 2 || rsp.p[rsp.n - 2] == 0x6a) {
			ck_assert_uint_eq(before.n, after.n);
			ck_assert_mem_eq(before.p, after.p, before.n);
			ck_assert_uint_eq(commits, 0);
		}
		if (rsp.n == 2 && rsp.p[0] == 0x6a)
			ck_assert_uint_eq(rsp.p[1], 0x84);
		else if (rsp.n >= 2)
			ck_assert_uint_eq(rsp.p[rsp.n - 2], 0x90);
		teardown();
	}
	ck_assert_uint_eq(rsp.p[rsp.n - 2], 0x90);
	buf_free(&before);
	buf_free(&after);
	buf_free(&rsp);
	buf_free(&cmd);
}
END_TEST

START_TEST(no_card)
{
	struct fs fs;
	int n;

	for (n = 1;; n++) {
		until_failure = n;
		if (fs_init(&fs))
			break;
		ck_assert_int_lt(n, 10);
	}
	until_failure = 0;
	fs_free(&fs);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("iso_memory");

	tcase_add_loop_test(tc, nothing_changes, 0, sizeof(commands) / sizeof(*commands));
	tcase_add_test(tc, no_card);
	return run("iso_memory", tc);
}
