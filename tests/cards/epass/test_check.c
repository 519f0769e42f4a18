/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What does not fit together on a passport is said; --issue signs it again. */
#include <errno.h>

#include "crypto/cms.h"
#include "passport.h"

#define LINES_MAX 32

static char lines[LINES_MAX][200];
static size_t n_lines;

static void
collect(void *ctx, const char *line)
{
	(void)ctx;
	ck_assert_uint_lt(n_lines, LINES_MAX);
	snprintf(lines[n_lines++], sizeof(*lines), "%s", line);
}

/* What there is to be said of the card that is open. */
static void
check(void)
{
	n_lines = 0;
	epass_check(passport_state(), collect, NULL);
}

static void
expect(const char *wanted)
{
	ck_assert_uint_eq(n_lines, 1);
	ck_assert_str_eq(lines[0], wanted);
}

static struct file *
group(unsigned n)
{
	return fs_child(emrtd_df(passport_state()), (uint16_t)(EMRTD_FID_GROUP + n));
}

static void
set(struct file *f, struct view contents)
{
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(file_set_contents(&passport_state()->fs, f, contents), 0x9000);
}

/* --- what fits -------------------------------------------------------------------------------- */

static const struct card_value kinds[][5] = {
	{ { NULL, NULL } },
	{ { "pace", "ecdh-cam-aes128:12" }, { NULL, NULL } },
	{ { "pace", "none" }, { "ca", "none" }, { "aa", "none" }, { NULL, NULL } },
	{ { "pace", "dh-gm-aes128" },
	  { "ca", "dh-3des:0,ecdh-aes256:17" },
	  { "aa", "ec:brainpoolP384r1:sha384" },
	  { NULL, NULL } },
	{ { "mrz",
	    "I<UTOD23145890<7349<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<" },
	  { NULL, NULL } },
};

START_TEST(a_new_card_fits)
{
	passport_open(kinds[_i]);
	check();
	ck_assert_msg(n_lines == 0, "%s", lines[0]);
	passport_close();
}
END_TEST

/* --- what does not ---------------------------------------------------------------------------- */

/* Each spoils the card in one way; of some the document signer has something to say, too. */
static void
another_name(void)
{
	file_update(&passport_state()->fs, group(1), NULL, 10, said("X"));
}

static void
another_photo(void)
{
	file_update(&passport_state()->fs, group(2), NULL, 200, known("00112233"));
}

static void
no_group_15(void)
{
	fs_delete(&passport_state()->fs, group(15), NULL);
}

static void
another_tag(void)
{
	file_update(&passport_state()->fs, group(2), NULL, 0, known("76"));
}

static void
half_a_group(void)
{
	struct file *f = group(2);

	set(f, view_slice(buf_view(&f->contents), 0, f->contents.n / 2));
}

static void
com_without_photo(void)
{
	set(fs_child(emrtd_df(passport_state()), EMRTD_FID_COM),
	    known("60 15 5F01 04 30313037 5F36 06 303430303030 5C 03 616E6F"));
}

static void
com_with_fingers(void)
{
	set(fs_child(emrtd_df(passport_state()), EMRTD_FID_COM),
	    known("60 17 5F01 04 30313037 5F36 06 303430303030 5C 05 6175636E6F"));
}

static void
no_com(void)
{
	fs_delete(&passport_state()->fs, fs_child(emrtd_df(passport_state()), EMRTD_FID_COM), NULL);
}

static void
no_sod(void)
{
	fs_delete(&passport_state()->fs, fs_child(emrtd_df(passport_state()), EMRTD_FID_SOD), NULL);
}

static void
sod_of_nothing(void)
{
	set(fs_child(emrtd_df(passport_state()), EMRTD_FID_SOD), known("77 02 3000"));
}

/* The last byte of EF.SOD is the signature's. */
static void
another_signature(void)
{
	struct file *f = fs_child(emrtd_df(passport_state()), EMRTD_FID_SOD);
	const uint8_t last = f->contents.p[f->contents.n - 1] ^ 1;

	file_update(&passport_state()->fs, f, NULL, f->contents.n - 1, view_of(&last, 1));
}

/* Of an issuer that has nothing to do with the card. */
static void
set_certificate(const char *field, bool ca)
{
	struct pki other;

	ck_assert_int_eq(pki_make(&other, "UT"), 0);
	ck_assert(props_set(&emrtd_df(passport_state())->props, field,
			    buf_view(ca ? &other.csca_cert : &other.ds_cert)));
	pki_free(&other);
}

static void
another_signer(void)
{
	set_certificate(EAC_FIELD_DS, false);
}

static void
another_ca(void)
{
	set_certificate(EAC_FIELD_CSCA, true);
}

static void
another_aa_key(void)
{
	struct sam_key *k =
		sam_key_find(&passport_state()->sam, emrtd_df(passport_state())->uid, EMRTD_KEY_AA);

	ck_assert_int_eq(key_generate(k, 1024, CURVE_P256, NULL, NULL), 0);
}

static void
another_ca_key(void)
{
	ck_assert_int_eq(eac_key_make(passport_state(), EAC_FIELD_CA_KEY, 0, 13), 0);
}

static void
another_access(void)
{
	set(fs_child(passport_state()->fs.mf, EPASS_FID_CARD_ACCESS),
	    known("31 14 3012060A04007F0007020204040202010202010D"));
}

static void
another_mrz(void)
{
	ck_assert(props_set(&emrtd_df(passport_state())->props, EMRTD_FIELD_MRZ,
			    said("P<UTOSMITH<<JOHN<<<<<<<<<<<<<<<<<<<<<<<<<<<<"
				 "X1234567<7UTO8001014M3012316<<<<<<<<<<<<<<00")));
}

static void
no_mrz(void)
{
	ck_assert(props_set(&emrtd_df(passport_state())->props, EMRTD_FIELD_MRZ, said("P<")));
}

static void
chip_of_nothing(void)
{
	set(group(14), known("6E 02 3000"));
}

static void
no_application(void)
{
	fs_delete(&passport_state()->fs, emrtd_df(passport_state()), NULL);
}

static const struct {
	void (*spoil)(void);
	const char *says[4]; /* in their order */
} spoilt[] = {
	{ another_name,
	  { "data group 1 has another MRZ than field \"mrz\"",
	    "EF.SOD has another hash of data group 1" } },
	{ another_photo, { "EF.SOD has another hash of data group 2" } },
	{ no_group_15,
	  { "EF.COM lists data group 15, which is not there",
	    "EF.SOD has a hash of data group 15, which is not there",
	    "there is a key of active authentication, and no data group 15" } },
	{ another_tag,
	  { "data group 2 does not begin with its tag, 75",
	    "EF.SOD has another hash of data group 2" } },
	{ half_a_group,
	  { "data group 2 is shorter than it says", "EF.SOD has another hash of data group 2" } },
	{ com_without_photo, { "EF.COM does not list data group 2" } },
	{ com_with_fingers, { "EF.COM lists data group 3, which is not there" } },
	{ no_com, { "EF.COM is missing, or has no list of data groups" } },
	{ no_sod, { "EF.SOD is missing" } },
	{ sod_of_nothing, { "EF.SOD is not hashes of data groups in CMS SignedData" } },
	{ another_signature, { "the signature of EF.SOD is wrong" } },
	{ another_signer, { "EF.SOD has another certificate than field \"ds\"" } },
	{ another_ca, { "the signer of EF.SOD is not by the CA of field \"csca\"" } },
	{ another_aa_key, { "data group 15 is not the key of active authentication" } },
	{ another_ca_key,
	  { "data group 14 has a key of chip authentication that is not the card's" } },
	{ another_access, { "data group 14 does not say what EF.CardAccess says" } },
	{ another_mrz,
	  { "data group 1 has another MRZ than field \"mrz\"",
	    "PIN 1 is not what the MRZ in field \"mrz\" gives" } },
	{ no_mrz,
	  { "field \"mrz\": it has 2 characters, and not 90 (TD1), 72 (TD2) or 88 (TD3)" } },
	{ chip_of_nothing,
	  { "EF.SOD has another hash of data group 14",
	    "data group 14 is not a SET of SecurityInfos" } },
	{ no_application, { "there is no DF of application emrtd" } },
};

START_TEST(what_does_not_fit_is_said)
{
	size_t n = 0;

	passport_open(NULL);
	spoilt[_i].spoil();
	check();
	while (n < 4 && spoilt[_i].says[n]) {
		ck_assert_uint_lt(n, n_lines);
		ck_assert_str_eq(lines[n], spoilt[_i].says[n]);
		n++;
	}
	ck_assert_uint_eq(n, n_lines);
	passport_close();
}
END_TEST

START_TEST(card_security)
{
	const struct card_value cam[] = { { "pace", "ecdh-cam-aes128:13" }, { NULL, NULL } };
	struct file *f;
	uint8_t last;

	passport_open(cam);
	f = fs_child(passport_state()->fs.mf, EPASS_FID_CARD_SECURITY);
	last = f->contents.p[f->contents.n - 1] ^ 1;
	file_update(&passport_state()->fs, f, NULL, f->contents.n - 1, view_of(&last, 1));
	check();
	expect("the signature of EF.CardSecurity is wrong");
	set(f, known("3000"));
	check();
	expect("EF.CardSecurity is not SecurityInfos in CMS SignedData");
	passport_close();
}
END_TEST

/* --- signing again ---------------------------------------------------------------------------- */

static int
issue(const struct card_value *values, char error[512])
{
	const struct card_config cfg = { .values = values };

	return epass_issue(passport_state(), &cfg, error, 512);
}

/* A holder's new photo and a new data group, which no list and no hash knows. */
START_TEST(issued_again)
{
	const struct card_value cam[] = { { "pace", "ecdh-cam-aes128:13" }, { NULL, NULL } };
	struct buf ca = BUF(PKI_CERT_MAX), signed_before = BUF(8192);
	struct file *security;
	struct cms cms;
	char error[512] = "";

	passport_open(cam);
	security = fs_child(passport_state()->fs.mf, EPASS_FID_CARD_SECURITY);
	ck_assert(cms_read(buf_view(&security->contents), &cms));
	buf_put_view(&signed_before, cms.content);
	buf_put_view(&ca, props_get(&emrtd_df(passport_state())->props, EAC_FIELD_CSCA));
	another_photo();
	no_group_15();
	check();
	ck_assert_uint_gt(n_lines, 2);
	ck_assert_int_eq(issue(NULL, error), 0);
	check();
	expect("there is a key of active authentication, and no data group 15");
	ck_assert(passport_state()->fs.changed);
	/* by another issuer than before, who signs what EF.CardSecurity said */
	ck_assert(cms_read(buf_view(&security->contents), &cms));
	ck_assert_view(cms.content, buf_view(&signed_before));
	ck_assert_int_eq(cms_verify(buf_view(&security->contents), buf_view(&ca)), -EKEYREJECTED);
	ck_assert_int_eq(cms_verify(buf_view(&security->contents),
				    props_get(&emrtd_df(passport_state())->props, EAC_FIELD_CSCA)),
			 0);
	ck_assert_int_eq(cms_verify(known("3000"), buf_view(&ca)), -EINVAL);
	buf_free(&ca);
	buf_free(&signed_before);
	passport_close();
}
END_TEST

/* As the command line does it: over an image, which keeps it. */
START_TEST(issued_in_its_image)
{
	static char dir[] = "/tmp/vicc-epass-XXXXXX";
	const struct card_value again[] = { { "issue", "" }, { NULL, NULL } };
	char path[64], lock[80];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/card.json", dir);
	snprintf(lock, sizeof(lock), "%s.lock", path);
	passport_make(NULL, path);
	another_photo();
	ck_assert_int_eq(image_commit(p.image, passport_state(), STATE_CONTENTS), 0);
	passport_close();
	passport_make(NULL, path);
	check();
	expect("EF.SOD has another hash of data group 2");
	passport_close();
	passport_make(again, path);
	ck_assert_ptr_nonnull(p.card);
	passport_close();
	passport_make(NULL, path);
	check();
	ck_assert_uint_eq(n_lines, 0);
	passport_close();
	unlink(path);
	unlink(lock);
	rmdir(dir);
}
END_TEST

START_TEST(not_issued)
{
	const struct card_value cam[] = { { "pace", "ecdh-cam-aes128:13" }, { NULL, NULL } };
	const struct card_value nowhere[] = { { "pki", "/nonexistent/x" }, { NULL, NULL } };
	char error[512] = "";

	passport_open(cam);
	ck_assert_int_lt(issue(nowhere, error), 0);
	ck_assert_str_eq(error, "--pki /nonexistent/x: No such file or directory");
	set(fs_child(passport_state()->fs.mf, EPASS_FID_CARD_SECURITY), known("3000"));
	ck_assert_int_lt(issue(NULL, error), 0);
	ck_assert_str_eq(error, "--issue: EF.CardSecurity is not CMS SignedData");
	ck_assert(props_set(&emrtd_df(passport_state())->props, EMRTD_FIELD_MRZ, said("P<")));
	ck_assert_int_lt(issue(NULL, error), 0);
	ck_assert_ptr_nonnull(strstr(error, "--issue: field \"mrz\": "));
	passport_close();
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("check");

	tcase_add_loop_test(tc, a_new_card_fits, 0, sizeof(kinds) / sizeof(*kinds));
	tcase_add_loop_test(tc, what_does_not_fit_is_said, 0, sizeof(spoilt) / sizeof(*spoilt));
	tcase_add_test(tc, card_security);
	tcase_add_test(tc, issued_again);
	tcase_add_test(tc, issued_in_its_image);
	tcase_add_test(tc, not_issued);
	return run("check", tc);
}
