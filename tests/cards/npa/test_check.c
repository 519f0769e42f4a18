/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is said of a card whose parts do not fit together; --issue signs it again. */
#include <stdlib.h>
#include <unistd.h>

#include "cards/eac/lds.h"
#include "cards/eac/options.h"
#include "crypto/cms.h"
#include "idcard.h"

static char lines[4][160];
static size_t n_lines;

static void
take_line(void *ctx, const char *line)
{
	(void)ctx;
	if (n_lines < 4)
		snprintf(lines[n_lines], sizeof(lines[0]), "%s", line);
	n_lines++;
}

static struct buf *
contents(uint16_t fid)
{
	return &fs_child(kept->fs.mf, fid)->contents;
}

static void
nothing(void)
{
}

static void
spoil_group(void)
{
	fs_child(npa_eid_df(kept), 0x0104)->contents.p[0] = 0x65;
}

static void
cut_group(void)
{
	fs_child(npa_eid_df(kept), 0x0104)->contents.n--;
}

static void
spoil_access(void)
{
	contents(0x011c)->p[0] = 0x30;
}

/* The URL of CardInfo, which is the last of EF.CardAccess but for the privileged terminals' info. */
static void
change_access(void)
{
	uint8_t *url = memmem(contents(0x011c)->p, contents(0x011c)->n, "https", 5);

	ck_assert_ptr_nonnull(url);
	url[0] = 'H';
}

static void
change_key(void)
{
	ck_assert_int_eq(eac_key_make(kept, EAC_FIELD_CA_KEY, 0x41, 13), 0);
}

static void
change_privileged_key(void)
{
	ck_assert_int_eq(eac_key_make(kept, EAC_FIELD_CA_KEY_PRIVILEGED, 0x45, 13), 0);
}

static void
spoil_security(void)
{
	contents(0x011d)->p[0] = 0x31;
}

/* The last byte of the signature: of s, which then is another number. */
static void
spoil_signature(void)
{
	contents(0x011d)->p[contents(0x011d)->n - 1] ^= 1;
}

static void
forget_signer(void)
{
	ck_assert(props_set(eac_fields(kept), EAC_FIELD_DS,
			    props_get(eac_fields(kept), EAC_FIELD_CSCA)));
}

static const struct {
	void (*spoil)(void);
	size_t n;
	const char *said; /* the first */
} spoilt[] = {
	{ nothing, 0, "" },
	{ spoil_group, 1, "data group 4 is not one object with tag 64" },
	{ cut_group, 1, "data group 4 is not one object with tag 64" },
	{ spoil_access, 1, "EF.CardAccess is not a SET of SecurityInfos" },
	{ change_access, 2, "EF.CardSecurity does not say what EF.CardAccess says" },
	{ change_key, 1,
	  "EF.CardSecurity has a key of chip authentication that is not the card's" },
	{ change_privileged_key, 1,
	  "EF.ChipSecurity has a key of chip authentication that is not the card's" },
	{ spoil_security, 1, "EF.CardSecurity is not SecurityInfos in CMS SignedData" },
	{ spoil_signature, 1, "the signature of EF.CardSecurity is wrong" },
	{ forget_signer, 2, "EF.CardSecurity has another certificate than field \"ds\"" },
};

START_TEST(what_does_not_fit_is_said)
{
	idcard_open();
	n_lines = 0;
	spoilt[_i].spoil();
	npa_type.check(kept, take_line, NULL);
	if (n_lines > 0)
		ck_assert_str_eq(lines[0], spoilt[_i].said);
	ck_assert_uint_eq(n_lines, spoilt[_i].n);
	idcard_close();
}
END_TEST

/* --- the passport of --epass, by what an ePass has for its own ------------------------------- */

static struct buf *
passport_file(uint16_t fid)
{
	return &fs_child(emrtd_df(kept), fid)->contents;
}

/* A letter of the name in the MRZ. */
static void
spoil_name(void)
{
	passport_file(EMRTD_FID_GROUP + 1)->p[70] ^= 1;
}

static void
spoil_photo(void)
{
	passport_file(EMRTD_FID_GROUP + 2)->p[200] ^= 1;
}

static void
spoil_sod(void)
{
	passport_file(EMRTD_FID_SOD)->p[passport_file(EMRTD_FID_SOD)->n - 1] ^= 1;
}

static void
lose_photo(void)
{
	fs_delete(&kept->fs, fs_child(emrtd_df(kept), EMRTD_FID_GROUP + 2), NULL);
}

static void
other_document_number(void)
{
	ck_assert(sam_code_set(&sam_pin_find(&kept->sam, 0, EAC_MRZ)->code,
			       said("X22000129364081252010315")));
}

static const struct {
	void (*spoil)(void);
	size_t n;
	const char *said; /* the first */
} spoilt_passports[] = {
	{ nothing, 0, "" },
	{ spoil_name, 2, "data group 1 has another MRZ than field \"mrz\"" },
	{ spoil_photo, 1, "EF.SOD has another hash of data group 2" },
	{ spoil_sod, 1, "the signature of EF.SOD is wrong" },
	{ lose_photo, 2, "EF.COM lists data group 2, which is not there" },
	{ other_document_number, 1, "PIN 1 is not what the MRZ in field \"mrz\" gives" },
};

START_TEST(what_does_not_fit_on_its_passport_is_said)
{
	idcard_option("epass", "");
	idcard_open();
	n_lines = 0;
	spoilt_passports[_i].spoil();
	npa_type.check(kept, take_line, NULL);
	if (n_lines > 0)
		ck_assert_str_eq(lines[0], spoilt_passports[_i].said);
	ck_assert_uint_eq(n_lines, spoilt_passports[_i].n);
	idcard_close();
	idcard_no_options();
}
END_TEST

/* --- EF.CardSecurity that somebody else has signed --------------------------------------------- */

static char dir[] = "/tmp/test_checkXXXXXX";
static char image_path[64], key_path[64], security_path[64];

static void
write_file(const char *name, struct view contents)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(contents.p, 1, contents.n, f), contents.n);
	ck_assert_int_eq(fclose(f), 0);
}

/* Another card's, and its key. */
static void
write_security_of_stranger(void)
{
	struct eac_key k;

	idcard_open();
	ck_assert_int_eq(eac_key_get(kept, EAC_FIELD_CA_KEY, &k), 0);
	write_file(key_path, secret_view(&k.d));
	write_file(security_path, buf_view(contents(0x011d)));
	secret_wipe(&k.d);
	idcard_close();
}

/* How many lines a card that starts says; the first is in lines[0]. It logs until it is closed. */
static size_t
lines_of_start(void)
{
	static struct log log;

	log = (struct log) { .out = tmpfile(), .level = LOG_NOTICE, .name = "vicc" };
	ck_assert_ptr_nonnull(log.out);
	idcard_log = &log;
	ck_assert_msg(idcard_open_at(image_path) == 0, "%s", error);
	idcard_log = NULL;
	rewind(log.out);
	for (n_lines = 0; n_lines < 4 && fgets(lines[n_lines], sizeof(lines[0]), log.out);)
		n_lines++;
	return n_lines;
}

static void
close_logging(void)
{
	FILE *out = env.log->out;

	idcard_close();
	fclose(out);
}

/* Said when the card is made, and when somebody asks, but not at each start; all else is. */
START_TEST(a_stranger_has_signed)
{
	char lock[80];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(image_path, sizeof(image_path), "%s/card.json", dir);
	snprintf(key_path, sizeof(key_path), "%s/key", dir);
	snprintf(security_path, sizeof(security_path), "%s/security", dir);
	snprintf(lock, sizeof(lock), "%s.lock", image_path);
	write_security_of_stranger();
	idcard_option("ca-key", key_path);
	idcard_option("ef-cardsecurity", security_path);
	ck_assert_uint_eq(lines_of_start(), 2);
	ck_assert_ptr_nonnull(
		strstr(lines[0], "EF.CardSecurity has another certificate than field"));
	kept->fs.changed = true;
	ck_assert_uint_eq(doc_plain(&terminal, "00A4000C", known("3F00"), 0, NULL), 0x9000);
	close_logging();
	idcard_no_options();
	ck_assert_uint_eq(lines_of_start(), 0);
	n_lines = 0;
	npa_type.check(kept, take_line, NULL);
	ck_assert_uint_eq(n_lines, 2);
	spoil_group();
	kept->fs.changed = true;
	ck_assert_uint_eq(doc_plain(&terminal, "00A4000C", known("3F00"), 0, NULL), 0x9000);
	close_logging();
	ck_assert_uint_eq(lines_of_start(), 1);
	ck_assert_ptr_nonnull(strstr(lines[0], "data group 4 is not one object with tag 64"));
	close_logging();
	unlink(image_path);
	unlink(key_path);
	unlink(security_path);
	unlink(lock);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

/* --- signing again ----------------------------------------------------------------------------- */

static int
issue(const char *pki, char why[512])
{
	const struct card_value given[] = { { pki ? "pki" : NULL, pki }, { NULL, NULL } };
	const struct card_config cfg = { .values = given };

	return npa_issue(kept, &cfg, why, 512);
}

static size_t
lines_of_check(void)
{
	n_lines = 0;
	npa_type.check(kept, take_line, NULL);
	return n_lines;
}

/* What was changed by hand is signed as it is now, by another issuer. */
START_TEST(issued_again)
{
	struct buf before = BUF(8192), signed_before = BUF(PKI_CERT_MAX);
	char why[512] = "";
	struct view infos;

	idcard_option("epass", "");
	idcard_open();
	ck_assert(eac_signed_infos(buf_view(contents(0x011d)), &infos));
	buf_put_view(&before, infos);
	buf_put_view(&signed_before, props_get(eac_fields(kept), EAC_FIELD_CSCA));
	spoil_photo();
	spoil_signature();
	contents(0x011b)->p[contents(0x011b)->n - 1] ^= 1;
	ck_assert_uint_eq(lines_of_check(), 3);
	ck_assert_msg(issue(NULL, why) == 0, "%s", why);
	ck_assert_uint_eq(lines_of_check(), 0);
	ck_assert(eac_signed_infos(buf_view(contents(0x011d)), &infos));
	ck_assert_view(infos, buf_view(&before));
	ck_assert_int_eq(cms_verify(buf_view(contents(0x011d)), buf_view(&signed_before)),
			 -EKEYREJECTED);
	/* without the passport, too */
	fs_delete(&kept->fs, emrtd_df(kept), NULL);
	ck_assert_msg(issue(NULL, why) == 0, "%s", why);
	ck_assert_uint_eq(lines_of_check(), 0);
	buf_free(&before);
	buf_free(&signed_before);
	idcard_close();
}
END_TEST

/* A card without a key for privileged terminals has no EF.ChipSecurity, and gets none. */
START_TEST(issued_without_chip_security)
{
	char why[512] = "";

	idcard_option("ca", "none");
	idcard_open();
	ck_assert_ptr_null(fs_child(kept->fs.mf, 0x011b));
	spoil_signature();
	ck_assert_msg(issue(NULL, why) == 0, "%s", why);
	ck_assert_uint_eq(lines_of_check(), 0);
	ck_assert_ptr_null(fs_child(kept->fs.mf, 0x011b));
	idcard_close();
	idcard_no_options();
}
END_TEST

START_TEST(not_issued)
{
	char why[512] = "";

	idcard_open();
	ck_assert_int_lt(issue("/nonexistent/x", why), 0);
	ck_assert_str_eq(why, "--pki /nonexistent/x: No such file or directory");
	contents(0x011b)->n = 2;
	ck_assert_int_lt(issue(NULL, why), 0);
	ck_assert_str_eq(why, "--issue: EF.ChipSecurity is not CMS SignedData");
	contents(0x011d)->n = 2;
	ck_assert_int_lt(issue(NULL, why), 0);
	ck_assert_str_eq(why, "--issue: EF.CardSecurity is not CMS SignedData");
	idcard_close();
}
END_TEST

/* By the option, over an image, which keeps it; --pki alone is refused. */
START_TEST(issued_in_its_image)
{
	char lock[80];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(image_path, sizeof(image_path), "%s/card.json", dir);
	snprintf(lock, sizeof(lock), "%s.lock", image_path);
	idcard_option("epass", "");
	ck_assert_msg(idcard_open_at(image_path) == 0, "%s", error);
	spoil_photo();
	ck_assert_int_eq(image_commit(image, kept, STATE_CONTENTS), 0);
	idcard_close();
	idcard_no_options();
	ck_assert_uint_eq(lines_of_start(), 1);
	close_logging();
	idcard_option("pki", dir);
	ck_assert_int_eq(idcard_open_at(image_path), -ECANCELED);
	idcard_no_options();
	idcard_option("issue", "");
	ck_assert_uint_eq(lines_of_start(), 0);
	close_logging();
	idcard_no_options();
	ck_assert_uint_eq(lines_of_start(), 0);
	close_logging();
	unlink(image_path);
	unlink(lock);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("check");

	tcase_add_loop_test(tc, what_does_not_fit_is_said, 0, sizeof(spoilt) / sizeof(*spoilt));
	tcase_add_loop_test(tc, what_does_not_fit_on_its_passport_is_said, 0,
			    sizeof(spoilt_passports) / sizeof(*spoilt_passports));
	tcase_add_test(tc, a_stranger_has_signed);
	tcase_add_test(tc, issued_again);
	tcase_add_test(tc, issued_without_chip_security);
	tcase_add_test(tc, not_issued);
	tcase_add_test(tc, issued_in_its_image);
	return run("npa check", tc);
}
