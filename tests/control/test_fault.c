/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which command goes wrong, and how: schedules that never change. */
#include "control/fault.h"

#include <string.h>

#include "support.h"

static const uint8_t verify[] = { 0x00, 0x20, 0x00, 0x01 }, select_[] = { 0x00, 0xa4, 0x04, 0x00 };

static struct fault_rule *
add(struct faults *f, struct fault_rule rule)
{
	struct fault_rule *r = faults_add(f, &rule);

	ck_assert_ptr_nonnull(r);
	return r;
}

/* The command at which a rule fires, and how often so far. */
static bool
fires(struct faults *f, struct view cmd)
{
	uint64_t hash;
	struct fault_rule *r = faults_next(f, cmd, &hash);

	if (r)
		r->fired++;
	return r != NULL;
}

START_TEST(mixing)
{
	ck_assert_uint_eq(fault_mix(0), 0xe220a8397b1dcdafu);
	/* neighbouring seeds have nothing in common */
	ck_assert_uint_ne(fault_hash(1, 1), fault_hash(2, 0));
}
END_TEST

/* The contract: seed 1, 1 of 20, the first 200 commands. */
START_TEST(the_schedule_of_a_seed)
{
	static const unsigned at[] = { 26, 35, 41, 63, 65, 79, 132, 133, 186 };
	struct faults f = { .n = 0 };
	unsigned n, k = 0;

	add(&f, (struct fault_rule) { .kind = FAULT_CLOSE, .p = 1, .q = 20, .seed = 1 });
	for (n = 0; n < 200; n++) {
		if (fires(&f, view_of(verify, 4)))
			ck_assert_uint_eq(n, at[k++]);
	}
	ck_assert_uint_eq(k, 9);
}
END_TEST

/* Fires, of twelve VERIFY, at those with a 1. */
static void
schedule(struct fault_rule rule, const char *wanted)
{
	struct faults f = { .n = 0 };
	char got[13] = "";
	int i;

	add(&f, rule);
	for (i = 0; i < 12; i++) {
		fires(&f, view_of(select_, 4));
		got[i] = fires(&f, view_of(verify, 4)) ? '1' : '0';
	}
	ck_assert_str_eq(got, wanted);
}

START_TEST(filters)
{
	struct fault_filter on = { .ins = { 0x20 }, .n_ins = 1 },
			    after = { .ins = { 0x20 }, .n_ins = 1, .after = 2 };

	schedule((struct fault_rule) { .filter = on, .times = 1 }, "100000000000");
	schedule((struct fault_rule) { .filter = on }, "111111111111");
	schedule((struct fault_rule) { .filter = after, .times = 2 }, "001100000000");
	schedule((struct fault_rule) { .filter = on, .every = 4 }, "000100010001");
	schedule((struct fault_rule) { .filter = after, .every = 4, .times = 2 }, "000001000100");
	schedule((struct fault_rule) { .filter = on, .p = 0, .q = 1 }, "000000000000");
	schedule((struct fault_rule) { .filter = on, .p = 1, .q = 1 }, "111111111111");
}
END_TEST

START_TEST(what_matches)
{
	struct fault_filter all = { .n_ins = 0 }, some = { .ins = { 0xa4, 0x20 }, .n_ins = 2 },
			    atr = { .atr = true };

	ck_assert(fault_matches(&all, view_of(verify, 4)));
	ck_assert(fault_matches(&all, view_of(verify, 1)));
	ck_assert(!fault_matches(&all, view_of(NULL, 0)));
	ck_assert(fault_matches(&some, view_of(verify, 4)));
	ck_assert(fault_matches(&some, view_of(select_, 2)));
	ck_assert(!fault_matches(&some, view_of(verify, 1)));
	ck_assert(fault_matches(&atr, view_of(NULL, 0)));
	ck_assert(!fault_matches(&atr, view_of(verify, 4)));
}
END_TEST

/* The first rule that fires wins; the others have counted the command all the same. */
START_TEST(the_first_rule_wins)
{
	struct faults f = { .n = 0 };
	uint64_t hash;
	unsigned first = add(&f, (struct fault_rule) { .kind = FAULT_CUT, .every = 2 })->id;
	unsigned second = add(&f, (struct fault_rule) { .kind = FAULT_ONE, .every = 3 })->id;
	const unsigned wanted[] = { 0, first, second, first, 0, first, 0, first, second };
	struct fault_rule *r;
	size_t i;

	for (i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		r = faults_next(&f, view_of(verify, 4), &hash);
		ck_assert_uint_eq(r ? r->id : 0, wanted[i]);
	}
}
END_TEST

START_TEST(rules_come_and_go)
{
	struct faults f = { .n = 0 };
	struct fault_rule rule = { .kind = FAULT_ONE };
	unsigned i;

	for (i = 0; i < FAULT_RULES; i++)
		ck_assert_uint_eq(add(&f, rule)->id, i + 1);
	ck_assert_ptr_null(faults_add(&f, &rule));
	ck_assert(!faults_clear(&f, FAULT_RULES + 1));
	ck_assert(faults_clear(&f, 7));
	ck_assert(!faults_clear(&f, 7));
	ck_assert_uint_eq(f.rules[6].id, 8);
	/* an id is not given twice */
	ck_assert_uint_eq(add(&f, rule)->id, FAULT_RULES + 1);
	ck_assert(faults_clear(&f, 0));
	ck_assert_uint_eq(f.n, 0);
	ck_assert(!fires(&f, view_of(verify, 4)));
}
END_TEST

/* What becomes of "abc" 9000; NULL: nothing. */
static void
change(struct fault_rule r, const char *before, size_t n, const char *after, size_t m)
{
	struct buf rsp = BUF(VICC_RESPONSE_MAX);
	bool changed;

	buf_put(&rsp, before, n);
	changed = fault_change(&r, 1, &rsp);
	ck_assert_int_eq(changed, after != NULL);
	ck_assert_uint_eq(rsp.n, after ? m : n);
	ck_assert_mem_eq(rsp.p, after ? after : before, after ? m : n);
	buf_free(&rsp);
}

START_TEST(contents)
{
	change((struct fault_rule) { .kind = FAULT_SW, .sw = 0x6982 }, "abc\x90\x00", 5, "\x69\x82",
	       2);
	change((struct fault_rule) { .kind = FAULT_FLIP, .byte = 1, .bit = 0 }, "abc\x90\x00", 5,
	       "acc\x90\x00", 5);
	change((struct fault_rule) { .kind = FAULT_FLIP, .byte = 3, .bit = 0 }, "abc\x90\x00", 5,
	       NULL, 0);
	change((struct fault_rule) { .kind = FAULT_FLIP, .byte = -1, .bit = -1 }, "\x90\x00", 2,
	       NULL, 0);
	change((struct fault_rule) { .kind = FAULT_SHORT, .n = 2 }, "abc\x90\x00", 5, "a\x90\x00",
	       3);
	change((struct fault_rule) { .kind = FAULT_SHORT, .n = 9 }, "abc\x90\x00", 5, "\x90\x00",
	       2);
	change((struct fault_rule) { .kind = FAULT_SHORT, .n = 1 }, "\x90\x00", 2, NULL, 0);
	change((struct fault_rule) { .kind = FAULT_DATA, .bytes = "xy", .n_bytes = 2 },
	       "abc\x90\x00", 5, "xy\x90\x00", 4);
	change((struct fault_rule) { .kind = FAULT_DATA, .bytes = "xy", .n_bytes = 2 }, "\x90", 1,
	       NULL, 0);
	change((struct fault_rule) { .kind = FAULT_CUT }, "abc\x90\x00", 5, NULL, 0);
}
END_TEST

START_TEST(more_than_there_was)
{
	struct fault_rule more = { .kind = FAULT_LONG, .n = 3 },
			  big = { .kind = FAULT_BIG, .n = VICC_RESPONSE_MAX };
	struct buf rsp = BUF(VICC_RESPONSE_MAX), again = BUF(VICC_RESPONSE_MAX);

	buf_put(&rsp, "abc\x90\x00", 5);
	ck_assert(fault_change(&more, 42, &rsp));
	ck_assert_uint_eq(rsp.n, 8);
	ck_assert_mem_eq(rsp.p, "abc", 3);
	ck_assert_mem_eq(rsp.p + 6, "\x90\x00", 2);
	ck_assert_uint_eq(rsp.p[3], (uint8_t)fault_mix(42));
	buf_put(&again, "abc\x90\x00", 5);
	ck_assert(fault_change(&more, 42, &again));
	ck_assert(view_equal(buf_view(&rsp), buf_view(&again)));
	ck_assert(fault_change(&big, 1, &rsp));
	ck_assert_uint_eq(rsp.n, VICC_RESPONSE_MAX);
	ck_assert(!rsp.failed);
	buf_free(&rsp);
	buf_free(&again);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("fault");

	tcase_add_test(tc, mixing);
	tcase_add_test(tc, the_schedule_of_a_seed);
	tcase_add_test(tc, filters);
	tcase_add_test(tc, what_matches);
	tcase_add_test(tc, the_first_rule_wins);
	tcase_add_test(tc, rules_come_and_go);
	tcase_add_test(tc, contents);
	tcase_add_test(tc, more_than_there_was);
	return run("fault", tc);
}
