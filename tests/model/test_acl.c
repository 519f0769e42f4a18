/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files.h"
#include "model/acl.h"
#include "model/record.h"

#define USER(n) (1u << (n))

static struct fs fs;
static struct file *df;

static void
setup(void)
{
	ck_assert(fs_init(&fs));
	df = add(&fs, fs.mf, 0x1000, "38", 0, "");
}

static void
teardown(void)
{
	fs_free(&fs);
}

/* What an EF with these rules says to who. */
static sw_t
ask(const char *rules, const struct access *who, enum acl_op op)
{
	static uint16_t fid = 0x2000;

	return check_access(who, add(&fs, df, fid++, "01", 1, rules), op);
}

static const struct access nobody = { 0 };
static const struct access pin1 = { .global.user = USER(1) };
static const struct access pin2 = { .global.user = USER(2) };
/* of the MF */
static const struct access local1 = { .local.at[0] = { .owner = 1, .proven.user = USER(1) } };
static const struct access key1 = { .global.external = USER(1) };
static const struct access both1 = { .global.user = USER(1), .global.external = USER(1) };
static const struct access sealed = { .sm = true };

START_TEST(no_rule_is_no_hindrance)
{
	ck_assert_uint_eq(ask("", &nobody, ACL_DELETE), SW_OK);
	ck_assert_uint_eq(ask("85 01 00", &nobody, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("8C02 01FF", NULL, ACL_READ), SW_OK); /* the card itself */
}
END_TEST

START_TEST(compact_in_the_order_of_bits)
{
	static const char rule[] = "8C08 7F FF 00 FF 00 FF 00 FF";
	static const sw_t want[] = { 0x6982, 0x9000, 0x6982, 0x9000, 0x6982, 0x9000, 0x6982 };
	int op;

	for (op = ACL_DELETE; op <= ACL_READ; op++)
		ck_assert_uint_eq(ask(rule, &nobody, (enum acl_op)op), want[op]);
}
END_TEST

START_TEST(compact_what_is_not_said_is_never)
{
	ck_assert_uint_eq(ask("8C02 02 00", &nobody, ACL_READ), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("8C02 02 00", &nobody, ACL_UPDATE), SW_OK);
	ck_assert_uint_eq(ask("8C00", &nobody, ACL_READ), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("8C02 03 00", &nobody, ACL_UPDATE), SW_OK);
	ck_assert_uint_eq(ask("8C02 03 00", &nobody, ACL_READ), SW_SECURITY_STATUS); /* cut */
	/* b8: the upper bits mean something else */
	ck_assert_uint_eq(ask("8C03 C1 00 00", &nobody, ACL_DELETE), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("8C03 C1 FF 00", &nobody, ACL_READ), SW_OK);
}
END_TEST

START_TEST(conditions_without_environment)
{
	ck_assert_uint_eq(acl_condition(&nobody, df, 0x10), SW_SECURITY_STATUS);
	ck_assert_uint_eq(acl_condition(&pin1, df, 0x10), SW_OK);
	ck_assert_uint_eq(acl_condition(&local1, df, 0x90), SW_OK);
	ck_assert_uint_eq(acl_condition(&key1, df, 0x10), SW_SECURITY_STATUS);
	ck_assert_uint_eq(acl_condition(&key1, df, 0x20), SW_OK);
	ck_assert_uint_eq(acl_condition(&key1, df, 0x30), SW_OK);  /* one of them */
	ck_assert_uint_eq(acl_condition(&key1, df, 0xb0), SW_SECURITY_STATUS); /* all */
	ck_assert_uint_eq(acl_condition(&both1, df, 0xb0), SW_OK);
	ck_assert_uint_eq(acl_condition(&sealed, df, 0x40), SW_OK);
	ck_assert_uint_eq(acl_condition(&pin1, df, 0x40), SW_SECURITY_STATUS);
	ck_assert_uint_eq(acl_condition(&sealed, df, 0xd0), SW_SECURITY_STATUS);
	ck_assert_uint_eq(acl_condition(&both1, df, 0x80), SW_SECURITY_STATUS);
	ck_assert_uint_eq(acl_condition(&both1, df, 0x01), SW_SECURITY_STATUS);
	ck_assert_uint_eq(acl_condition(&both1, df, 0x1f), SW_REFERENCE_UNUSABLE);
}
END_TEST

/* An EF with SE templates, that DO 8D of the DF names. */
START_TEST(environments_in_a_file)
{
	struct file *home = add(&fs, fs.mf, 0x3000, "38", 0, "8D02 0003");
	struct file *f = add(&fs, home, 0x0003, "01", 64, "");
	struct file *ef = add(&fs, home, 0x0004, "01", 1, "");

	ck_assert_uint_eq(acl_condition(&pin1, ef, 0x11), SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(file_update(&fs, f, NULL, 0,
				      bytes("7B0B 800101 A406 830101 950108"
					    "7B0B 800102 A406 830181 950108"
					    "7B13 800103 A406 830101 950108 A406 830101 950180")), SW_OK);
	ck_assert_uint_eq(acl_condition(&pin1, ef, 0x11), SW_OK);
	ck_assert_uint_eq(acl_condition(&pin2, ef, 0x11), SW_SECURITY_STATUS);
	ck_assert_uint_eq(acl_condition(&key1, ef, 0x11), SW_SECURITY_STATUS);
	/* no AT for keys */
	ck_assert_uint_eq(acl_condition(&key1, ef, 0x21), SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(acl_condition(&pin1, ef, 0x12), SW_SECURITY_STATUS);
	ck_assert_uint_eq(acl_condition(&local1, ef, 0x12), SW_OK);
	ck_assert_uint_eq(acl_condition(&pin1, ef, 0xb3), SW_SECURITY_STATUS);
	ck_assert_uint_eq(acl_condition(&both1, ef, 0xb3), SW_OK);
	ck_assert_uint_eq(acl_condition(&key1, ef, 0x23), SW_OK);
	ck_assert_uint_eq(acl_condition(&pin1, ef, 0x14), SW_REFERENCE_UNUSABLE);
	/* from elsewhere the file is not seen */
	ck_assert_uint_eq(acl_condition(&pin1, df, 0x11), SW_REFERENCE_UNUSABLE);
}
END_TEST

/* The same in records, one template or more in each. */
START_TEST(environments_in_records)
{
	struct file *home = add(&fs, fs.mf, 0x3000, "38", 0, "8D02 0003");
	struct file *f = add(&fs, home, 0x0003, "0401000020", 64, "");
	struct file *ef = add(&fs, home, 0x0004, "01", 1, "");
	size_t number;

	ck_assert_uint_eq(acl_condition(&pin1, ef, 0x11), SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(record_append(&fs, f, NULL, ACL_WRITE,
					bytes("7B0B 800101 A406 830101 950108"), &number),
			  SW_OK);
	ck_assert_uint_eq(record_append(&fs, f, NULL, ACL_WRITE,
					bytes("7B0B 800102 A406 830181 950108"), &number),
			  SW_OK);
	ck_assert_uint_eq(acl_condition(&pin1, ef, 0x11), SW_OK);
	ck_assert_uint_eq(acl_condition(&pin2, ef, 0x11), SW_SECURITY_STATUS);
	ck_assert_uint_eq(acl_condition(&pin1, ef, 0x12), SW_SECURITY_STATUS);
	ck_assert_uint_eq(acl_condition(&local1, ef, 0x12), SW_OK);
	ck_assert_uint_eq(acl_condition(&local1, ef, 0x13), SW_REFERENCE_UNUSABLE);
}
END_TEST

static bool
stored(const struct access *who, const struct file *f, uint8_t number, struct view *at)
{
	static const uint8_t objects[] = { 0x83, 0x01, 0x02, 0x95, 0x01, 0x08 };

	(void)who;
	(void)f;
	*at = view_of(objects, sizeof(objects));
	return number == 5;
}

static bool
only_1_and_2(const struct access *who, const struct file *f, uint8_t ref, bool external,
	     struct reference *out)
{
	(void)who;
	(void)f;
	*out = (struct reference) { .number = ref };
	return !external && (ref == 1 || ref == 2);
}

START_TEST(environments_and_references_of_the_card)
{
	static const struct access_refs refs = { .se = stored, .find = only_1_and_2 };
	struct access who = { .global.user = USER(2), .refs = &refs };

	ck_assert_uint_eq(acl_condition(&who, df, 0x15), SW_OK);
	ck_assert_uint_eq(acl_condition(&who, df, 0x25), SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(acl_condition(&who, df, 0x16), SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(acl_nibble(&who, df, 1), SW_SECURITY_STATUS);
	ck_assert_uint_eq(acl_nibble(&who, df, 2), SW_OK);
	ck_assert_uint_eq(acl_nibble(&who, df, 3), SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(acl_nibble(&who, df, 0), SW_OK);
	ck_assert_uint_eq(acl_nibble(&who, df, 15), SW_SECURITY_STATUS);
	who.global.user = USER(1);
	ck_assert_uint_eq(acl_condition(&who, df, 0x15), SW_SECURITY_STATUS);
}
END_TEST

/* Keys 1, 2 and 21 of the card; of PINs 1. */
static bool
keys(const struct access *who, const struct file *f, uint8_t ref, bool external,
     struct reference *out)
{
	(void)who;
	(void)f;
	*out = (struct reference) { .number = ref };
	return external ? ref == 1 || ref == 2 || ref == 0x21 : ref == 1;
}

START_TEST(external_templates)
{
	static const struct access_refs refs = { .find = keys };
	struct access who = { .refs = &refs };

	/* what is not proven is refused, what does not exist cannot be */
	ck_assert_uint_eq(ask("AB0B 800101 A406 830101 950180", &who, ACL_READ),
			  SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("AB0B 800101 A406 830103 950180", &who, ACL_READ),
			  SW_REFERENCE_UNUSABLE);
	/* either kind: there is a key 2, but no PIN 2 */
	ck_assert_uint_eq(ask("AB08 800101 A403 830102", &who, ACL_READ), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("AB08 800101 A403 830103", &who, ACL_READ), SW_REFERENCE_UNUSABLE);
	who.global.external = USER(1);
	ck_assert_uint_eq(ask("AB0B 800101 A406 830101 950180", &who, ACL_READ), SW_OK);
	/* key 21 is not key 01 */
	ck_assert_uint_eq(ask("AB0B 800101 A406 830121 950180", &who, ACL_READ),
			  SW_SECURITY_STATUS);
}
END_TEST

START_TEST(a_name_is_no_number)
{
	struct access who = { .global.external = UINT32_MAX, .global.user = UINT32_MAX };
	struct holder holder = { .name = BUF(16) };

	ck_assert_uint_eq(ask("AB0D 800101 A408 8303 414201 950180", &who, ACL_READ),
			  SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("AB0D 800101 A408 8303 414201 950108", &who, ACL_READ),
			  SW_REFERENCE_UNUSABLE);
	who.holder = &holder;
	ck_assert(buf_set(&holder.name, bytes("414201")));
	ck_assert_uint_eq(ask("AB0D 800101 A408 8303 414201 950180", &who, ACL_READ),
			  SW_SECURITY_STATUS);
	holder.proven = true;
	ck_assert_uint_eq(ask("AB0D 800101 A408 8303 414201 950180", &who, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("AB0D 800101 A408 8303 414202 950180", &who, ACL_READ),
			  SW_SECURITY_STATUS);
	buf_free(&holder.name);
}
END_TEST

static bool
two_templates(const struct access *who, const struct file *f, uint8_t number, struct view *at)
{
	(void)who;
	(void)f;
	(void)number;
	*at = bytes("830103 830101");
	return true;
}

/* One that does not exist is not made up for by the next. */
START_TEST(all_of_an_environment)
{
	static const struct access_refs refs = { .se = two_templates, .find = keys };
	struct access who = { .refs = &refs, .global.user = USER(1) };
	struct file *home = add(&fs, fs.mf, 0x3000, "38", 0, "8D02 0003");
	struct file *f = add(&fs, home, 0x0003, "01", 64, "");

	ck_assert_uint_eq(acl_condition(&who, df, 0x15), SW_REFERENCE_UNUSABLE);
	/* in a file: two templates, for PIN 3, which there is not, and for PIN 1 */
	ck_assert_uint_eq(file_update(&fs, f, NULL, 0,
				      bytes("7B13 800105 A406 830103 950108 A406 830101 950108")),
			  SW_OK);
	ck_assert_uint_eq(acl_condition(&who, home, 0x15), SW_REFERENCE_UNUSABLE);
}
END_TEST

START_TEST(expanded_first_match_wins)
{
	ck_assert_uint_eq(ask("AB0A 800101 9000 800103 9700", &nobody, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("AB0A 800101 9700 800103 9000", &nobody, ACL_READ),
			  SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("AB0A 800101 9700 800103 9000", &nobody, ACL_UPDATE), SW_OK);
	ck_assert_uint_eq(ask("AB0A 800101 9700 800103 9000", &nobody, ACL_DELETE),
			  SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("AB00", &nobody, ACL_READ), SW_SECURITY_STATUS);
	/* modes that stand together share what follows, of which one must hold */
	ck_assert_uint_eq(ask("AB0B 800101 800102 9700 9E0110", &pin1, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("AB0B 800101 800102 9700 9E0110", &pin1, ACL_UPDATE), SW_OK);
	ck_assert_uint_eq(ask("AB0B 800101 800102 9700 9E0110", &pin1, ACL_WRITE),
			  SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("AB0B 800101 800102 9700 9E0110", &nobody, ACL_READ),
			  SW_SECURITY_STATUS);
	/* a mode without condition */
	ck_assert_uint_eq(ask("AB03 800101", &nobody, ACL_READ), SW_SECURITY_STATUS);
}
END_TEST

START_TEST(expanded_by_header)
{
	struct access who = { .cla = 0x00, .ins = 0xb0, .p1 = 0x81, .p2 = 0x00 };

	ck_assert_uint_eq(ask("AB05 8401B0 9000", &who, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("AB05 8401D6 9000", &who, ACL_READ), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("AB06 8402D6B0 9000", &who, ACL_READ), SW_OK); /* one of two */
	ck_assert_uint_eq(ask("AB06 8602B081 9000", &who, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("AB06 8602B082 9000", &who, ACL_READ), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("AB08 8F0400B08100 9000", &who, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("AB08 8F0410B08100 9000", &who, ACL_READ), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("AB07 8F0300B081 9000", &who, ACL_READ), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("AB05 9C01B0 9000", &who, ACL_READ), SW_SECURITY_STATUS);
}
END_TEST

START_TEST(expanded_conditions)
{
	static const char at[] = "AB0B 800101 A406 830101 950108";

	ck_assert_uint_eq(ask(at, &pin1, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask(at, &key1, ACL_READ), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("AB08 800101 A403 830101", &key1, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("AB08 800101 A403 830101", &pin1, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("AB05 800101 A400", &pin1, ACL_READ), SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(ask("AB08 800101 B403 830101", &sealed, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("AB08 800101 B803 830101", &pin1, ACL_READ), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("AB07 800101 9E020000", &pin1, ACL_READ), SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(ask("AB06 800101 C10100", &pin1, ACL_READ), SW_REFERENCE_UNUSABLE);
}
END_TEST

START_TEST(expanded_or_and_not)
{
	static const char either[] = "AB0B 800101 A006 9E0110 9E0120";
	static const char all[] = "AB0B 800101 AF06 9E0110 9E0120";

	ck_assert_uint_eq(ask(either, &pin1, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask(either, &nobody, ACL_READ), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask(all, &pin1, ACL_READ), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask(all, &both1, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("AB08 800101 A703 9E0110", &nobody, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("AB08 800101 A703 9E0110", &pin1, ACL_READ), SW_SECURITY_STATUS);
	/* what is unknown is neither, whichever way it is turned */
	ck_assert_uint_eq(ask("AB08 800101 A703 9E0111", &pin1, ACL_READ), SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(ask("AB0A 800101 A005 9E0111 9000", &pin1, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("AB0A 800101 AF05 9E0111 9000", &pin1, ACL_READ),
			  SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(ask("AB0A 800101 AF05 9E0111 9700", &pin1, ACL_READ), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("AB05 800101 A000", &pin1, ACL_READ), SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(ask("AB08 800101 A003 9E0210", &pin1, ACL_READ), SW_REFERENCE_UNUSABLE);
}
END_TEST

START_TEST(expanded_nested_too_deep)
{
	struct buf b = BUF(256), rule = BUF(256);
	int depth;

	for (depth = 0; depth < 12; depth++) {
		buf_reset(&rule);
		hex_read(&rule, "800101");
		if (depth == 0) {
			hex_read(&b, "9000");
		} else {
			const uint8_t head[] = { 0xa0, (uint8_t)b.n };

			buf_insert(&b, 0, head, 2);
		}
		buf_put_view(&rule, buf_view(&b));
		ck_assert_uint_eq(acl_expanded(&nobody, df, buf_view(&rule), 1),
				  depth <= 8 ? SW_OK : SW_REFERENCE_UNUSABLE);
	}
	buf_free(&b);
	buf_free(&rule);
}
END_TEST

START_TEST(by_reference)
{
	struct file *arr = add(&fs, fs.mf, 0x2f06, "0421 0020", 0, ""), *near;
	struct access who = { .se = 0 };

	ck_assert_uint_eq(record_add(&fs, arr, bytes("800101 9000 FFFFFF")), SW_OK);
	ck_assert_uint_eq(record_add(&fs, arr, bytes("800102 9000")), SW_OK);
	ck_assert_uint_eq(ask("8B03 2F0601", &nobody, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("8B03 2F0601", &nobody, ACL_UPDATE), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("8B03 2F0602", &nobody, ACL_UPDATE), SW_OK);
	ck_assert_uint_eq(ask("8B03 2F0603", &nobody, ACL_READ), SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(ask("8B03 2F0700", &nobody, ACL_READ), SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(ask("8B02 2F06", &nobody, ACL_READ), SW_REFERENCE_UNUSABLE);
	ck_assert_uint_eq(ask("8B01 2F", &nobody, ACL_READ), SW_REFERENCE_UNUSABLE);
	/* by environment: 0 is for those that are not named */
	ck_assert_uint_eq(ask("8B06 2F06 0001 0102", &who, ACL_READ), SW_OK);
	who.se = 1;
	ck_assert_uint_eq(ask("8B06 2F06 0001 0102", &who, ACL_READ), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("8B06 2F06 0001 0102", &who, ACL_UPDATE), SW_OK);
	who.se = 2;
	ck_assert_uint_eq(ask("8B06 2F06 0001 0102", &who, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("8B06 2F06 0301 0102", &who, ACL_READ), SW_REFERENCE_UNUSABLE);
	/* the nearest one */
	near = add(&fs, df, 0x2f06, "0421 0020", 0, "");
	ck_assert_uint_eq(record_add(&fs, near, bytes("800101 9700")), SW_OK);
	ck_assert_uint_eq(ask("8B03 2F0601", &nobody, ACL_READ), SW_SECURITY_STATUS);
}
END_TEST

START_TEST(seven_conditions)
{
	static const char rule[] = "8608 FF 00 FF 90 00 00 90 FF";

	ck_assert_uint_eq(ask(rule, &nobody, ACL_DELETE), SW_OK);
	ck_assert_uint_eq(ask(rule, &pin1, ACL_TERMINATE), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask(rule, &nobody, ACL_ACTIVATE), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask(rule, &pin1, ACL_ACTIVATE), SW_OK);
	ck_assert_uint_eq(ask(rule, &nobody, ACL_UPDATE), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask(rule, &pin1, ACL_UPDATE), SW_OK);
	ck_assert_uint_eq(ask(rule, &pin1, ACL_READ), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("8608 00 00 00 00 00 00 00 00", &pin1, ACL_READ), SW_SECURITY_STATUS);
}
END_TEST

START_TEST(three_bytes_of_halves)
{
	struct file *d = add(&fs, df, 0x4000, "38", 0, "8603 112FFF");

	ck_assert_uint_eq(ask("8603 01 2F FF", &nobody, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("8603 01 2F FF", &nobody, ACL_UPDATE), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("8603 01 2F FF", &pin1, ACL_UPDATE), SW_OK);
	ck_assert_uint_eq(ask("8603 01 2F FF", &pin1, ACL_DELETE), SW_SECURITY_STATUS);
	ck_assert_uint_eq(ask("8603 01 2F FF", &pin2, ACL_DELETE), SW_OK);
	ck_assert_uint_eq(check_access(&pin1, d, ACL_CREATE_EF), SW_OK);
	ck_assert_uint_eq(check_access(&pin2, d, ACL_CREATE_DF), SW_SECURITY_STATUS);
	ck_assert_uint_eq(check_access(&nobody, d, ACL_DELETE_CHILD), SW_OK);
}
END_TEST

START_TEST(creation_state)
{
	struct file *f = add(&fs, df, 0x4000, "01", 1, "8C02 01FF");

	f->life = FILE_CREATION;
	ck_assert_uint_eq(check_access(&nobody, f, ACL_READ), SW_OK);
	f->life = FILE_INITIALISATION;
	ck_assert_uint_eq(check_access(&nobody, f, ACL_READ), SW_SECURITY_STATUS);
}
END_TEST

static sw_t
stern(const struct access *who, const struct file *f, enum acl_op op)
{
	(void)who;
	(void)f;
	return op == ACL_READ ? SW_OK : SW_CONDITIONS;
}

START_TEST(another_judge)
{
	struct access who = { .check_access = stern };

	ck_assert_uint_eq(ask("8C02 01FF", &who, ACL_READ), SW_OK);
	ck_assert_uint_eq(ask("", &who, ACL_UPDATE), SW_CONDITIONS);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("acl");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, no_rule_is_no_hindrance);
	tcase_add_test(tc, compact_in_the_order_of_bits);
	tcase_add_test(tc, compact_what_is_not_said_is_never);
	tcase_add_test(tc, conditions_without_environment);
	tcase_add_test(tc, environments_in_a_file);
	tcase_add_test(tc, environments_in_records);
	tcase_add_test(tc, environments_and_references_of_the_card);
	tcase_add_test(tc, external_templates);
	tcase_add_test(tc, a_name_is_no_number);
	tcase_add_test(tc, all_of_an_environment);
	tcase_add_test(tc, expanded_first_match_wins);
	tcase_add_test(tc, expanded_by_header);
	tcase_add_test(tc, expanded_conditions);
	tcase_add_test(tc, expanded_or_and_not);
	tcase_add_test(tc, expanded_nested_too_deep);
	tcase_add_test(tc, by_reference);
	tcase_add_test(tc, seven_conditions);
	tcase_add_test(tc, three_bytes_of_halves);
	tcase_add_test(tc, creation_state);
	tcase_add_test(tc, another_judge);
	return run("acl", tc);
}
