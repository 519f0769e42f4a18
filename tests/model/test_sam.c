/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PINs, keys, stored environments: what is spent when, and what is granted to whom. */
#include <errno.h>

#include "files.h"
#include "known.h"
#include "model/sam.h"

static struct sam sam;
static struct auth proven;
static struct access nobody;
static struct fs fs; /* whose MF has the local references */

/* References of the MF, proven. */
static void
prove_local(struct access *who, uint32_t user, uint32_t external)
{
	who->fs = &fs;
	who->df = fs.mf->uid;
	*proofs_own(&who->local, fs.mf) = (struct auth) { .user = user, .external = external };
}

/* What was on disk at the last commit. */
static struct {
	unsigned times;
	int result;
	uint8_t tries, puk_tries;
	struct auth proven;
} disk;

static struct sam_pin *pin;

static int
commit(void *ctx)
{
	ck_assert_ptr_eq(ctx, &sam);
	ck_assert(sam.tries_changed);
	disk.times++;
	if (disk.result == 0 && pin) {
		disk.tries = pin->code.tries;
		disk.puk_tries = pin->puk.tries;
		disk.proven = proven;
	}
	return disk.result;
}

static void
setup(void)
{
	memset(&disk, 0, sizeof(disk));
	memset(&proven, 0, sizeof(proven));
	ck_assert(fs_init(&fs));
	sam = (struct sam) { .commit = commit, .commit_ctx = &sam };
	pin = sam_pin_add(&sam, 0, 1);
	ck_assert_ptr_nonnull(pin);
	pin->aliases = 0x1;
	ck_assert(sam_code_set(&pin->code, said("1234")));
	ck_assert(sam_code_set(&pin->puk, said("12345678")));
	pin->life = SAM_ACTIVE;
	sam.changed = false;
}

static void
teardown(void)
{
	sam_free(&sam);
	fs_free(&fs);
	pin = NULL;
}

static sw_t
verify(const char *value)
{
	return sam_verify(&sam, pin, (pin)->ref, said(value), &proven);
}

START_TEST(right_and_wrong)
{
	ck_assert_uint_eq(sam_pin_state(pin, (pin)->ref, &proven), 0x63c3);
	ck_assert_uint_eq(verify("1235"), 0x63c2);
	ck_assert_uint_eq(sam_pin_state(pin, (pin)->ref, &proven), 0x63c2);
	ck_assert_uint_eq(verify("1234"), SW_OK);
	ck_assert_uint_eq(proven.user, 1u << 1);
	ck_assert_uint_eq(pin->code.tries, 3);
	ck_assert_uint_eq(sam_pin_state(pin, (pin)->ref, &proven), SW_OK);
	/* a wrong one takes back what was proven */
	ck_assert_uint_eq(verify("12345"), 0x63c2);
	ck_assert_uint_eq(proven.user, 0);
	ck_assert_uint_eq(verify(""), 0x63c1);
	ck_assert_uint_eq(
		verify("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789"),
		0x63c0);
	ck_assert_uint_eq(verify("1234"), SW_BLOCKED);
	ck_assert_uint_eq(sam_pin_state(pin, (pin)->ref, &proven), SW_BLOCKED);
	ck_assert_uint_eq(proven.user, 0);
	ck_assert(!sam.changed);
}
END_TEST

START_TEST(a_try_is_on_disk_before_it_is_compared)
{
	/* also of a right one: who cuts the power at the answer has not won a try */
	ck_assert_uint_eq(verify("1234"), SW_OK);
	ck_assert_uint_eq(disk.times, 1);
	ck_assert_uint_eq(disk.tries, 2);
	ck_assert_uint_eq(disk.proven.user, 0);
	ck_assert_uint_eq(pin->code.tries, 3);
	ck_assert(sam.tries_changed);
	ck_assert_uint_eq(verify("9999"), 0x63c2);
	ck_assert_uint_eq(disk.times, 2);
	ck_assert_uint_eq(disk.tries, 2);
	/* what was proven is gone before, too */
	ck_assert_uint_eq(disk.proven.user, 0);
	/* of the PUK likewise */
	ck_assert_uint_eq(sam_unblock(&sam, pin, 1, said("12345678"), &nobody, &proven), SW_OK);
	ck_assert_uint_eq(disk.times, 3);
	ck_assert_uint_eq(disk.puk_tries, 2);
	ck_assert_uint_eq(pin->puk.tries, 3);
}
END_TEST

START_TEST(what_is_not_on_disk_is_not_compared)
{
	disk.result = -EIO;
	ck_assert_uint_eq(verify("1234"), SW_MEMORY_FAILURE);
	ck_assert_uint_eq(proven.user, 0);
	ck_assert_uint_eq(pin->code.tries, 2);
	ck_assert_uint_eq(sam_change(&sam, pin, (pin)->ref, said("12345678"), &proven),
			  SW_MEMORY_FAILURE);
	ck_assert_uint_eq(sam_unblock(&sam, pin, 0, said("123456784321"), &nobody, &proven),
			  SW_MEMORY_FAILURE);
	ck_assert_uint_eq(sam_require(&sam, pin, (pin)->ref, false, said("1234"), &nobody, &proven),
			  SW_MEMORY_FAILURE);
	ck_assert(!pin->disabled);
	ck_assert_uint_eq(pin->code.tries, 0);
	/* blocked in memory: there is nothing to spend, and nothing is written */
	ck_assert_uint_eq(verify("1234"), SW_BLOCKED);
	ck_assert_uint_eq(disk.times, 4);
	ck_assert_view(secret_view(&pin->code.value), said("1234"));
	ck_assert_uint_eq(proven.user, 0);
}
END_TEST

START_TEST(who_is_found)
{
	struct sam_pin *local = sam_pin_add(&sam, 7, 1), *zero;

	ck_assert_ptr_eq(sam_pin_find(&sam, 0, 1), pin);
	ck_assert_ptr_eq(sam_pin_find(&sam, 0, 0), pin);
	ck_assert_ptr_eq(sam_pin_find(&sam, 7, 1), local);
	ck_assert_ptr_null(sam_pin_find(&sam, 7, 0));
	ck_assert_ptr_null(sam_pin_find(&sam, 0, 2));
	ck_assert_ptr_null(sam_pin_add(&sam, 0, 1));
	/* its own number goes before another's alias */
	zero = sam_pin_add(&sam, 0, 0);
	ck_assert_ptr_eq(sam_pin_find(&sam, 0, 0), zero);
	sam_drop_orphans(&sam, &fs);
	ck_assert_ptr_null(sam_pin_find(&sam, 7, 1));
	ck_assert_ptr_eq(sam_pin_find(&sam, 0, 1), pin);
	sam_drop_orphans(&sam, &fs);
	ck_assert_ptr_eq(sam_pin_find(&sam, 0, 1), pin);
}
END_TEST

START_TEST(padded_values)
{
	struct secret kept;

	pin->code = (struct sam_code) {
		.min = 4, .max = 8, .pad = SAM_PAD_FF, .tries = 3, .tries_max = 3,
	};
	ck_assert(sam_code_set(&pin->code, known("31323334 FFFF")));
	ck_assert_view(secret_view(&pin->code.value), known("31323334 FFFFFFFF"));
	ck_assert_uint_eq(sam_verify(&sam, pin, (pin)->ref, known("31323334 FFFFFFFF"), &proven),
			  SW_OK);
	ck_assert_uint_eq(sam_verify(&sam, pin, (pin)->ref, known("31323334"), &proven), SW_OK);
	ck_assert_uint_eq(sam_verify(&sam, pin, (pin)->ref, known("31323334 00000000"), &proven),
			  0x63c2);
	ck_assert_uint_eq(sam_verify(&sam, pin, (pin)->ref, known("31323334 FFFFFFFFFF"), &proven),
			  0x63c1);
	ck_assert_uint_eq(sam_change(&sam, pin, (pin)->ref,
				     known("31323334FFFFFFFF 3132333435FFFFFF"), &proven),
			  SW_OK);
	/*
	 * where the length is no secret, a new value that is none costs nothing, be the
	 * old one right or not
	 */
	ck_assert_uint_eq(sam_change(&sam, pin, (pin)->ref,
				     known("39393939FFFFFFFF 313233FFFFFFFFFF"), &proven),
			  SW_WRONG_DATA);
	ck_assert_uint_eq(sam_change(&sam, pin, (pin)->ref, known("39393939FFFFFFFF"), &proven),
			  SW_WRONG_DATA);
	ck_assert_uint_eq(pin->code.tries, 3);
	pin->puk.pad = SAM_PAD_FF;
	ck_assert_uint_eq(sam_unblock(&sam, pin, 0, known("3132333435363738 313233FFFFFFFFFF"),
				      &nobody, &proven),
			  SW_WRONG_DATA);
	ck_assert_uint_eq(sam_unblock(&sam, pin, 0, known("3932333435363738 313233FFFFFFFFFF"),
				      &nobody, &proven),
			  SW_WRONG_DATA);
	ck_assert_uint_eq(pin->puk.tries, 3);
	ck_assert_view(secret_view(&pin->code.value), known("3132333435 FFFFFF"));
	/* shorter than min behind its padding, longer than max */
	ck_assert(!sam_code_fits(&pin->code, known("313233FFFFFFFFFF"), &kept));
	ck_assert(!sam_code_fits(&pin->code, known("FFFFFFFFFFFFFFFF"), &kept));
	ck_assert(!sam_code_fits(&pin->code, known("313233343536373839"), &kept));
	ck_assert(!sam_code_fits(&pin->code, known(""), &kept));
	pin->code.pad = SAM_PAD_00;
	ck_assert(sam_code_fits(&pin->code, known("31323334FF"), &kept));
	ck_assert_view(secret_view(&kept), known("31323334FF000000"));
}
END_TEST

START_TEST(change)
{
	ck_assert_uint_eq(sam_change(&sam, pin, (pin)->ref, said("12344321"), &proven), SW_OK);
	ck_assert_view(secret_view(&pin->code.value), said("4321"));
	ck_assert_uint_eq(proven.user, 2);
	ck_assert(sam.changed);
	/* the new one is judged after the old one */
	ck_assert_uint_eq(sam_change(&sam, pin, (pin)->ref, said("4321123"), &proven),
			  SW_WRONG_DATA);
	ck_assert_uint_eq(sam_change(&sam, pin, (pin)->ref, said("4321"), &proven), SW_WRONG_DATA);
	ck_assert_uint_eq(sam_change(&sam, pin, (pin)->ref, said("4321123456789"), &proven),
			  SW_WRONG_DATA);
	ck_assert_uint_eq(sam_change(&sam, pin, (pin)->ref, said("1234123"), &proven), 0x63c2);
	ck_assert_uint_eq(proven.user, 0);
	/* too short to be parted: wrong, and nothing about its length */
	ck_assert_uint_eq(sam_change(&sam, pin, (pin)->ref, said("43"), &proven), 0x63c1);
	ck_assert_uint_eq(sam_change(&sam, pin, (pin)->ref, said(""), &proven), 0x63c0);
	ck_assert_uint_eq(sam_change(&sam, pin, (pin)->ref, said("43215555"), &proven), SW_BLOCKED);
	ck_assert_view(secret_view(&pin->code.value), said("4321"));
}
END_TEST

/* One password, two references: what is proven by one is not proven by the other. */
START_TEST(two_flags)
{
	pin->aliases = pin->apart = 1u << 2;
	ck_assert_uint_eq(sam_verify(&sam, pin, 2, said("1234"), &proven), SW_OK);
	ck_assert_uint_eq(proven.user, 1u << 2);
	ck_assert_uint_eq(sam_pin_state(pin, 2, &proven), SW_OK);
	ck_assert_uint_eq(sam_pin_state(pin, 1, &proven), 0x63c3);
	ck_assert_uint_eq(sam_verify(&sam, pin, 1, said("4321"), &proven), 0x63c2);
	ck_assert_uint_eq(proven.user, 1u << 2);
	ck_assert_uint_eq(sam_verify(&sam, pin, 1, said("1234"), &proven), SW_OK);
	ck_assert_uint_eq(proven.user, 3u << 1);
	/* with a new value by the PUK neither is */
	ck_assert_uint_eq(sam_unblock(&sam, pin, 0, said("123456785678"), &nobody, &proven), SW_OK);
	ck_assert_uint_eq(proven.user, 0);
	pin->disabled = true;
	ck_assert_uint_eq(sam_disabled(&sam, 0), 3u << 1);
}
END_TEST

START_TEST(longest_password)
{
	uint8_t most[128];

	memset(most, 'a', sizeof(most));
	pin->code.max = 127;
	ck_assert(!sam_code_set(&pin->code, view_of(most, 128)));
	ck_assert(sam_code_set(&pin->code, view_of(most, 127)));
	ck_assert_uint_eq(sam_verify(&sam, pin, 1, view_of(most, 126), &proven), 0x63c2);
	ck_assert_uint_eq(sam_verify(&sam, pin, 1, view_of(most, 127), &proven), SW_OK);
}
END_TEST

/* The PUK is a PIN by itself: it can be verified and changed, and has its own tries. */
START_TEST(a_puk_that_is_a_pin)
{
	struct sam_pin *puk = sam_pin_add(&sam, 0, 3);

	pin->puk_is_pin = true;
	pin->puk_ref = 3;
	ck_assert_uint_eq(sam_unblock(&sam, pin, 0, said("876543215678"), &nobody, &proven),
			  SW_CONDITIONS);
	ck_assert(sam_code_set(&puk->code, said("87654321")));
	puk->life = SAM_ACTIVE;
	pin->code.tries = 0;
	ck_assert_uint_eq(sam_unblock(&sam, pin, 0, said("123456785678"), &nobody, &proven),
			  0x63c2);
	ck_assert_uint_eq(puk->code.tries, 2);
	ck_assert_uint_eq(pin->code.tries, 0);
	ck_assert_uint_eq(sam_unblock(&sam, pin, 0, said("876543215678"), &nobody, &proven), SW_OK);
	ck_assert_uint_eq(puk->code.tries, 3);
	ck_assert_uint_eq(proven.user, 0); /* nothing was verified */
	ck_assert_uint_eq(sam_verify(&sam, pin, 1, said("5678"), &proven), SW_OK);
}
END_TEST

START_TEST(setting_needs_a_right)
{
	struct access so = { .global.user = 1u << 2 };

	ck_assert_uint_eq(sam_set(&sam, pin, said("5555"), &so), SW_SECURITY_STATUS);
	pin->change = (struct sam_rule) { .grant = SAM_ANY, .global.user = 1u << 2 };
	ck_assert_uint_eq(sam_set(&sam, pin, said("5555"), &nobody), SW_SECURITY_STATUS);
	ck_assert_uint_eq(sam_set(&sam, pin, said("555"), &so), SW_WRONG_DATA);
	ck_assert_uint_eq(sam_set(&sam, pin, said("5555"), &so), SW_OK);
	ck_assert_view(secret_view(&pin->code.value), said("5555"));
	/* but not the first time */
	pin = sam_pin_add(&sam, 0, 3);
	ck_assert_uint_eq(sam_pin_state(pin, (pin)->ref, &proven), SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(verify(""), SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(sam_change(&sam, pin, (pin)->ref, said("5555"), &proven),
			  SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(sam_set(&sam, pin, said("6666"), &nobody), SW_OK);
	ck_assert_uint_eq(verify("6666"), SW_OK);
	ck_assert_uint_eq(sam_set(&sam, pin, said("7777"), &nobody), SW_SECURITY_STATUS);
	pin->life = SAM_DEACTIVATED;
	ck_assert_uint_eq(sam_set(&sam, pin, said("7777"), &so), SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(verify("6666"), SW_REFERENCE_UNUSABLE);
}
END_TEST

static sw_t
unblock(uint8_t p1, const char *data, const struct access *who)
{
	return sam_unblock(&sam, pin, p1, said(data), who, &proven);
}

START_TEST(unblock_by_puk)
{
	pin->code.tries = 0;
	proven.user = 2;
	ck_assert_uint_eq(unblock(0, "123456794321", &nobody), 0x63c2);
	ck_assert_uint_eq(unblock(0, "1234", &nobody), 0x63c1);
	ck_assert_uint_eq(unblock(0, "12345678432", &nobody), SW_WRONG_DATA);
	ck_assert_uint_eq(pin->puk.tries, 3);
	ck_assert_uint_eq(pin->code.tries, 0);
	ck_assert_uint_eq(unblock(0, "123456784321", &nobody), SW_OK);
	ck_assert_uint_eq(proven.user, 0);
	ck_assert_uint_eq(verify("4321"), SW_OK);
	pin->code.tries = 0;
	ck_assert_uint_eq(unblock(1, "12345678", &nobody), SW_OK);
	ck_assert_uint_eq(verify("4321"), SW_OK);
	ck_assert_uint_eq(unblock(1, "1", &nobody), 0x63c2);
	ck_assert_uint_eq(unblock(1, "2", &nobody), 0x63c1);
	ck_assert_uint_eq(unblock(1, "3", &nobody), 0x63c0);
	ck_assert_uint_eq(unblock(1, "12345678", &nobody), SW_BLOCKED);
	secret_wipe(&pin->puk.value);
	ck_assert_uint_eq(unblock(1, "12345678", &nobody), SW_CONDITIONS);
	ck_assert_uint_eq(unblock(0, "", &nobody), SW_CONDITIONS);
}
END_TEST

START_TEST(unblock_by_right)
{
	struct access half = { .global.user = 1u << 2 }, both = { .global.user = 1u << 2 };

	prove_local(&both, 0, 1);
	pin->code.tries = 0;
	ck_assert_uint_eq(unblock(2, "4321", &both), SW_SECURITY_STATUS);
	pin->unblock =
		(struct sam_rule) { .grant = SAM_ALL, .global.user = 1u << 2, .local.external = 1 };
	ck_assert_uint_eq(unblock(3, "", &half), SW_SECURITY_STATUS);
	ck_assert_uint_eq(unblock(3, "", &both), SW_OK);
	ck_assert_uint_eq(verify("1234"), SW_OK);
	ck_assert_uint_eq(unblock(2, "321", &both), SW_WRONG_DATA);
	ck_assert_uint_eq(unblock(2, "4321", &both), SW_OK);
	ck_assert_uint_eq(proven.user, 0);
	ck_assert_uint_eq(verify("4321"), SW_OK);
	pin->life = SAM_DEACTIVATED;
	ck_assert_uint_eq(unblock(3, "", &both), SW_REFERENCE_UNUSABLE);
}
END_TEST

START_TEST(rights)
{
	struct sam_rule r = { .grant = SAM_ANY, .global.user = 6, .local.user = 8 };
	struct access who = { .sm = false };
	struct file *df;

	prove_local(&who, 6, 0);
	ck_assert(!sam_granted(&r, 0, &who));
	prove_local(&who, 8, 0);
	ck_assert(sam_granted(&r, 0, &who));
	/* seen from the owner of the rule; what has none is seen from nowhere */
	df = add(&fs, fs.mf, 0x1000, "38", 0, "");
	ck_assert(sam_granted(&r, df->uid, &who));
	ck_assert(!sam_granted(&r, 99, &who));
	*proofs_own(&who.local, fs.mf) = (struct auth) { 0 };
	proofs_own(&who.local, df)->user = 8;
	ck_assert(sam_granted(&r, df->uid, &who));
	ck_assert(!sam_granted(&r, 0, &who));
	who.df = df->uid;
	ck_assert(sam_granted(&r, 0, &who));
	r.grant = SAM_ALL;
	ck_assert(!sam_granted(&r, 0, &who));
	who.global.user = 7;
	ck_assert(sam_granted(&r, 0, &who));
	r.sm = true;
	ck_assert(!sam_granted(&r, 0, &who));
	who.sm = true;
	ck_assert(sam_granted(&r, 0, &who));
	r.grant = SAM_NEVER;
	ck_assert(!sam_granted(&r, 0, &who));
	r = (struct sam_rule) { .grant = SAM_ALWAYS };
	ck_assert(sam_granted(&r, 0, &nobody));
	r = (struct sam_rule) { .grant = SAM_ANY };
	ck_assert(!sam_granted(&r, 0, &who));
}
END_TEST

START_TEST(not_asked_for)
{
	ck_assert_uint_eq(
		sam_require(&sam, pin, (pin)->ref, false, view_of(NULL, 0), &nobody, &proven),
		SW_SECURITY_STATUS);
	ck_assert_uint_eq(sam_require(&sam, pin, (pin)->ref, false, said("9999"), &nobody, &proven),
			  0x63c2);
	ck_assert_uint_eq(sam_disabled(&sam, 0), 0);
	ck_assert_uint_eq(sam_require(&sam, pin, (pin)->ref, false, said("1234"), &nobody, &proven),
			  SW_OK);
	proven.user = 0;
	ck_assert_uint_eq(sam_pin_state(pin, (pin)->ref, &proven), SW_OK);
	ck_assert_uint_eq(sam_disabled(&sam, 0), 2);
	ck_assert_uint_eq(sam_disabled(&sam, 7), 0);
	pin->disable.grant = SAM_ALWAYS;
	ck_assert_uint_eq(
		sam_require(&sam, pin, (pin)->ref, true, view_of(NULL, 0), &nobody, &proven),
		SW_OK);
	ck_assert_uint_eq(sam_pin_state(pin, (pin)->ref, &proven), 0x63c3);
	ck_assert_uint_eq(sam_disabled(&sam, 0), 0);
}
END_TEST

START_TEST(many_tries_and_none_counted)
{
	uint8_t none = 0;

	pin->code.tries = pin->code.tries_max = 200;
	ck_assert_uint_eq(verify("9"), 0x63cf);
	ck_assert_uint_eq(pin->code.tries, 199);
	disk.times = 0;
	ck_assert_uint_eq(sam_try(&sam, &none, 0, said("a"), said("b")), SW_WARNING_CHANGED);
	ck_assert_uint_eq(sam_try(&sam, &none, 0, said("a"), said("a")), SW_OK);
	ck_assert_uint_eq(disk.times, 0);
	/* nothing equals what was not set */
	ck_assert_uint_eq(sam_try(&sam, &none, 0, said(""), said("")), SW_WARNING_CHANGED);
}
END_TEST

static unsigned closed;

static void
close_opened(void *p)
{
	ck_assert_ptr_eq(p, &closed);
	closed++;
}

START_TEST(keys)
{
	static const uint8_t value[40];
	static const struct {
		enum sam_kind kind;
		size_t good[4];
	} rows[] = {
		{ SAM_DES, { 8 } }, { SAM_DES3, { 16, 24 } }, { SAM_AES, { 16, 24, 32 } },
		{ SAM_HMAC, { 1, 20, 40 } }, { SAM_RSA, { 0 } },
	};
	struct sam_key *k;
	size_t i, n, j;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		k = sam_key_add(&sam, 0, (uint8_t)i, rows[i].kind);
		ck_assert_ptr_nonnull(k);
		ck_assert_ptr_eq(sam_key_find(&sam, 0, (uint8_t)i), k);
		for (j = 0; j < 4 && rows[i].good[j]; j++) {
			ck_assert(sam_key_set_secret(k, view_of(value, rows[i].good[j])));
			ck_assert_uint_eq(k->bits, rows[i].good[j] * 8);
		}
		for (n = 0; n <= 40 && k->kind != SAM_HMAC; n++) {
			for (j = 0; j < 4 && rows[i].good[j] != n; j++)
				;
			ck_assert_uint_eq(sam_key_set_secret(k, view_of(value, n)), j < 4 && n > 0);
		}
	}
	ck_assert_ptr_null(sam_key_add(&sam, 0, 0, SAM_AES));
	ck_assert_ptr_null(sam_key_find(&sam, 5, 0));

	/* what was opened goes with its encoding, and with the key */
	k = sam_key_find(&sam, 0, 4);
	k->opened = &closed;
	k->close = close_opened;
	ck_assert(sam_key_set_asym(k, said("der")));
	ck_assert_uint_eq(closed, 1);
	k->opened = &closed;
	sam_key_remove(&sam, k);
	ck_assert_uint_eq(closed, 2);
	ck_assert_ptr_null(sam_key_find(&sam, 0, 4));
	k = sam_key_add(&sam, 9, 4, SAM_EC);
	k->opened = &closed;
	k->close = close_opened;
	sam_drop_orphans(&sam, &fs);
	ck_assert_uint_eq(closed, 3);
}
END_TEST

START_TEST(cleared)
{
	struct se se = { .number = 1 };

	ck_assert_ptr_nonnull(sam_key_add(&sam, 0, 1, SAM_AES));
	ck_assert_ptr_nonnull(sam_key_add(&sam, 7, 1, SAM_AES));
	ck_assert(sam_se_store(&sam, 0, 1, &se));
	sam.changed = false;
	sam_clear(&sam);
	ck_assert_ptr_null(sam.pins);
	ck_assert_ptr_null(sam.keys);
	ck_assert_ptr_null(sam.ses);
	ck_assert(sam.changed);
	ck_assert(sam.commit == commit);
}
END_TEST

START_TEST(environments)
{
	struct se se = { 0 };

	ck_assert_uint_eq(se_set(&se, 0x40, SE_DST, known("840101")), SW_OK);
	sam.changed = false;
	ck_assert(sam_se_store(&sam, 7, 2, &se));
	ck_assert(sam.changed);
	ck_assert_ptr_null(sam_se_find(&sam, 0, 2));
	ck_assert_ptr_nonnull(sam_se_find(&sam, 7, 2));
	ck_assert_uint_eq(sam_se_find(&sam, 7, 2)->number, 2);
	ck_assert_uint_eq(se_set(&se, 0x40, SE_DST, known("840103")), SW_OK);
	ck_assert(sam_se_store(&sam, 7, 2, &se));
	ck_assert_view(se_template(sam_se_find(&sam, 7, 2), SE_DST, SE_MAKE), known("840103"));
	ck_assert(!sam_se_erase(&sam, 7, 3));
	ck_assert(sam_se_erase(&sam, 7, 2));
	ck_assert(!sam_se_erase(&sam, 7, 2));
	ck_assert(sam_se_store(&sam, 7, 2, &se));
	sam_drop_orphans(&sam, &fs);
	ck_assert_ptr_null(sam_se_find(&sam, 7, 2));
	se_clear(&se);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("sam");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, right_and_wrong);
	tcase_add_test(tc, a_try_is_on_disk_before_it_is_compared);
	tcase_add_test(tc, what_is_not_on_disk_is_not_compared);
	tcase_add_test(tc, who_is_found);
	tcase_add_test(tc, padded_values);
	tcase_add_test(tc, change);
	tcase_add_test(tc, two_flags);
	tcase_add_test(tc, longest_password);
	tcase_add_test(tc, a_puk_that_is_a_pin);
	tcase_add_test(tc, setting_needs_a_right);
	tcase_add_test(tc, unblock_by_puk);
	tcase_add_test(tc, unblock_by_right);
	tcase_add_test(tc, rights);
	tcase_add_test(tc, not_asked_for);
	tcase_add_test(tc, many_tries_and_none_counted);
	tcase_add_test(tc, keys);
	tcase_add_test(tc, cleared);
	tcase_add_test(tc, environments);
	return run("sam", tc);
}
