/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A passport of each kind, and what its terminals may read. */
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "../../memory_ends.h"
#include "crypto/cms.h"
#include "passport.h"

/* --- contents -------------------------------------------------------------------------------- */

static void
expect_file(unsigned sfi, struct view wanted)
{
	struct buf b = BUF(LDS_GROUP_MAX);
	unsigned sw;

	ck_assert(doc_read_file(&terminal, sfi, &b, &sw));
	ck_assert(!terminal.plain_answer);
	ck_assert_buf(&b, wanted);
}

static struct view
contents_of(uint16_t fid)
{
	return buf_view(&fs_child(emrtd_df(passport_state()), fid)->contents);
}

START_TEST(specimen)
{
	struct buf picture = BUF(LDS_GROUP_MAX);
	unsigned sw;

	passport_open(NULL);
	ck_assert_uint_eq(select_application(), 0x9000);
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
	expect_file(0x1e, known("60 16 5F01 04 30313037 5F36 06 303430303030 5C 04 61756E6F"));
	ck_assert(view_equal(view_slice(contents_of(0x0101), 5, 88), said(SPECIMEN)));
	expect_file(1, contents_of(0x0101));
	expect_file(0x1d, contents_of(0x011d));
	ck_assert(doc_read_file(&terminal, 2, &picture, &sw));
	ck_assert_uint_eq(picture.n, 84 + lds_portrait.n);
	ck_assert_view(view_slice(buf_view(&picture), 84, lds_portrait.n), lds_portrait);
	buf_free(&picture);
	passport_close();
}
END_TEST

/* Long document numbers, all sizes. */
START_TEST(anybody)
{
	const struct card_value td1[] = {
		{ "mrz", "I<UTOD23145890<7349<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<" }, { NULL, NULL }
	};
	const struct card_value td2[] = {
		{ "mrz", "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6" }, { NULL, NULL }
	};

	passport_open(td1);
	ck_assert_uint_eq(doc_bac(&terminal, said("D23145890<34071279507122")), 0x6300);
	ck_assert_uint_eq(doc_bac(&terminal, said("D23145890734934071279507122")), 0x9000);
	ck_assert_uint_eq(pace_as(SECINFO_ECDH_GM, SECINFO_AES128, 13, EAC_MRZ,
				  "D23145890734934071279507122", ""),
			  0x9000);
	passport_close();
	passport_open(td2);
	ck_assert_uint_eq(doc_bac(&terminal, said("D23145890774081221204159")), 0x9000);
	passport_close();
}
END_TEST

/* --- PACE ---------------------------------------------------------------------------------------- */

/* Methods and ciphers, named as the option names them; test_eac has all of them over all groups. */
static const struct {
	const char *name;
	unsigned method, cipher, id;
} kinds[] = {
	{ "dh-gm-3des:0", SECINFO_DH_GM, SECINFO_3DES, 0 },
	{ "DH-GM-AES128:1", SECINFO_DH_GM, SECINFO_AES128, 1 },
	{ "dh-im-aes192:2", SECINFO_DH_IM, SECINFO_AES192, 2 },
	{ "ecdh-gm-3des:12", SECINFO_ECDH_GM, SECINFO_3DES, 12 },
	{ "ecdh-gm-aes192:15", SECINFO_ECDH_GM, SECINFO_AES192, 15 },
	{ "ecdh-gm-aes256:18", SECINFO_ECDH_GM, SECINFO_AES256, 18 },
	{ "ecdh-im-aes128:13", SECINFO_ECDH_IM, SECINFO_AES128, 13 },
	{ "ecdh-im-aes256:17", SECINFO_ECDH_IM, SECINFO_AES256, 17 },
	{ "ecdh-cam-aes128:13", SECINFO_ECDH_CAM, SECINFO_AES128, 13 },
	{ "ecdh-cam-aes256:16", SECINFO_ECDH_CAM, SECINFO_AES256, 16 },
};

static unsigned
pace_of(size_t i, unsigned password, const char *secret)
{
	return pace_as(kinds[i].method, kinds[i].cipher, kinds[i].id, password, secret, "");
}

START_TEST(kinds_of_pace)
{
	const struct card_value values[] = { { "pace", kinds[_i].name }, { "can", "123456" }, { "aa", "none" }, { NULL, NULL } };
	static const char *const secrets[][2] = { { INFORMATION, "L898902C3674081221204158" },
						  { "123456", "123457" } };
	size_t i;

	passport_open(values);
	for (i = 0; i < 2; i++) {
		passport_reset();
		ck_assert_uint_eq(pace_of((size_t)_i, (unsigned)(EAC_MRZ + i), secrets[i][1]),
				  0x6300);
		ck_assert_uint_eq(pace_of((size_t)_i, (unsigned)(EAC_MRZ + i), secrets[i][0]),
				  0x9000);
		ck_assert_uint_eq(select_application(), 0x9000);
		expect_file(1, contents_of(0x0101));
		ck_assert_uint_eq(pace_of((size_t)_i, EAC_PIN, "123456"), 0x6a88);
		/* 9303-11, 4.2: no BAC after it */
		ck_assert_uint_eq(doc_command(&terminal, "00840000", none, 8, NULL), 0x9000);
		ck_assert_uint_eq(doc_command(&terminal, "00820000", known("00"), 40, NULL),
				  0x6985);
	}
	passport_close();
}
END_TEST

/* Several sets, and the infos in DG14, too. */
START_TEST(several_sets)
{
	const struct card_value values[] = { { "pace", "ecdh-gm-aes128,ecdh-im-aes128:16,dh-gm-aes128" }, { NULL, NULL } };
	struct view access, group;

	passport_open(values);
	access = buf_view(&fs_child(passport_state()->fs.mf, 0x011c)->contents);
	ck_assert_view(access, known("31 3C 3012060A04007F0007020204020202010202010D "
				     "3012060A04007F00070202040402020102020110 3012060A04007F00070202040102020102020102"));
	group = contents_of(0x010e);
	ck_assert_ptr_nonnull(memmem(group.p, group.n, access.p + 2, access.n - 2));
	ck_assert_uint_eq(pace_as(SECINFO_ECDH_IM, SECINFO_AES128, 16, EAC_MRZ, INFORMATION, ""),
			  0x9000);
	ck_assert_uint_eq(pace_as(SECINFO_DH_GM, SECINFO_AES128, 2, EAC_MRZ, INFORMATION, ""),
			  0x9000);
	passport_close();
}
END_TEST

/* Chip authentication mapping: the key is in EF.CardSecurity, for those who have come so far. */
START_TEST(card_security)
{
	const struct card_value values[] = { { "pace", "ecdh-cam-aes128:12" }, { NULL, NULL } };
	struct buf b = BUF(8192), map = BUF(128);
	struct view in, ef;
	struct secinfo info;
	unsigned sw;

	passport_open(values);
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
	ck_assert(!doc_read_file(&terminal, 0x1d, &b, &sw));
	ck_assert_uint_eq(sw, 0x6982);
	passport_reset();
	ck_assert_uint_eq(pace_as(SECINFO_ECDH_CAM, SECINFO_AES128, 12, EAC_MRZ, INFORMATION, ""),
			  0x9000);
	ck_assert(doc_read_file(&terminal, 0x1d, &b, &sw));
	ck_assert(tlv_find_path(buf_view(&b),
				(const uint32_t[]) { 0x30, 0xa0, 0x30, 0x30, 0xa0, 0x04, 0 }, &ef));
	ck_assert(secinfo_open(ef, &in));
	do {
		ck_assert(secinfo_next(&in, &info));
	} while (info.kind != SECINFO_CA_KEY);
	ck_assert_int_eq(info.domain, 12);
	doc_multiply(12, info.public, view_of(terminal.chip, terminal.chip_n), &map);
	ck_assert_view(buf_view(&map), view_of(terminal.chip_map, terminal.chip_map_n));
	buf_free(&b);
	buf_free(&map);
	passport_close();
}
END_TEST

START_TEST(pace_or_bac_alone)
{
	const struct card_value no_pace[] = { { "pace", "none" }, { NULL, NULL } };
	const struct card_value no_bac[] = { { "no-bac", "" }, { NULL, NULL } };

	passport_open(no_pace);
	ck_assert_uint_eq(doc_plain(&terminal, "00B09C00", none, 256, NULL), 0x6a82);
	ck_assert_uint_eq(pace_with_mrz(), 0x6a88);
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
	passport_close();
	passport_open(no_bac);
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x6985);
	ck_assert_uint_eq(select_application(), 0x9000);
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x6985);
	ck_assert_uint_eq(pace_with_mrz(), 0x9000);
	passport_close();
}
END_TEST

/* --- chip authentication -------------------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned method, cipher;
	int id;
	unsigned domain;
} chips[] = {
	{ "ecdh-aes128", SECINFO_ECDH, SECINFO_AES128, -1, 13 },
	{ "ecdh-3des:12", SECINFO_ECDH, SECINFO_3DES, -1, 12 },
	{ "ecdh-aes192:15", SECINFO_ECDH, SECINFO_AES192, -1, 15 },
	{ "ECDH-AES256:18", SECINFO_ECDH, SECINFO_AES256, -1, 18 },
	{ "dh-3des:0", SECINFO_DH, SECINFO_3DES, -1, 0 },
	{ "dh-aes128", SECINFO_DH, SECINFO_AES128, -1, 2 },
	{ "ecdh-aes128,dh-aes256", SECINFO_ECDH, SECINFO_AES128, 1, 13 },
	{ "ecdh-aes128,dh-aes256", SECINFO_DH, SECINFO_AES256, 2, 2 },
	{ "ecdh-3des,ecdh-aes256", SECINFO_ECDH, SECINFO_AES256, -1, 13 },
};

START_TEST(kinds_of_chip_authentication)
{
	const struct card_value values[] = { { "ca", chips[_i].name }, { "aa", "none" }, { NULL, NULL } };

	passport_open(values);
	ck_assert_uint_eq(select_application(), 0x9000);
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
	ck_assert_uint_eq(chip_authentication(chips[_i].method, chips[_i].cipher, chips[_i].id,
					      chips[_i].domain),
			  0x9000);
	expect_file(1, contents_of(0x0101));
	/* and within PACE */
	passport_reset();
	ck_assert_uint_eq(pace_with_mrz(), 0x9000);
	ck_assert_uint_eq(select_application(), 0x9000);
	ck_assert_uint_eq(chip_authentication(chips[_i].method, chips[_i].cipher, chips[_i].id,
					      chips[_i].domain),
			  0x9000);
	expect_file(2, contents_of(0x0102));
	passport_close();
}
END_TEST

START_TEST(no_chip_authentication)
{
	const struct card_value values[] = { { "ca", "none" }, { "aa", "none" }, { "pace", "none" }, { NULL, NULL } };

	passport_open(values);
	ck_assert_ptr_null(fs_child(emrtd_df(passport_state()), 0x010e));
	ck_assert_ptr_null(fs_child(emrtd_df(passport_state()), 0x010f));
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
	ck_assert_uint_eq(
		doc_command(&terminal, "002241A4", known("800A04007F00070202030202"), 0, NULL),
		0x6a88);
	passport_close();
}
END_TEST

/* A data group 14 that somebody has spoilt says nothing; a card without trust anchors has no names of them. */
START_TEST(spoilt_chip_authentication)
{
	static const struct {
		const char *contents;
		unsigned sw;
	} rows[] = {
		{ "6E 13 31 11 300F 060A04007F00070202030202 020101", 0x9000 },
		{ "6E 14 31 12 300F 060A04007F00070202030202 020101 30", 0x6a88 },
		{ "6F 13 31 11 300F 060A04007F00070202030202 020101", 0x6a88 },
		{ "", 0x6a88 },
	};
	size_t i;

	passport_open(NULL);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ck_assert_uint_eq(file_set_contents(&passport_state()->fs,
						    fs_child(emrtd_df(passport_state()), 0x010e),
						    known(rows[i].contents)),
				  0x9000);
		ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
		ck_assert_uint_eq(doc_command(&terminal, "002241A4",
					      known("800A04007F00070202030202"), 0, NULL),
				  rows[i].sw);
	}
	ck_assert_uint_eq(emrtd_renew_cvca(passport_state()), 0x9000);
	ck_assert_ptr_null(fs_child(emrtd_df(passport_state()), EMRTD_FID_CVCA));
	passport_close();
}
END_TEST

/* --- active authentication ------------------------------------------------------------------------- */

static const struct {
	const char *name;
	const char *hash;
	enum digest digest;
	const char *trailer; /* NULL: EC */
	const char *info;    /* of EC, in DG14 */
} signers[] = {
	{ "rsa:1024", "SHA256", DIGEST_SHA256, "34CC", NULL },
	{ "rsa:1024:sha1", "SHA1", DIGEST_SHA1, "BC", NULL },
	{ "rsa:1280:SHA224", "SHA224", DIGEST_SHA224, "38CC", NULL },
	{ "rsa:1024:sha384", "SHA384", DIGEST_SHA384, "36CC", NULL },
	{ "rsa:2048:sha512", "SHA512", DIGEST_SHA512, "35CC", NULL },
	{ "ec:P-256", "SHA256", DIGEST_SHA256, NULL, "0606 678108010105 020101 060A 04007F00070101040103" },
	{ "ec:brainpoolP384r1:sha384", "SHA384", DIGEST_SHA384, NULL, "0606 678108010105 020101 060A 04007F00070101040104" },
	{ "ec:P-224:sha1", "SHA1", DIGEST_SHA1, NULL, "0606 678108010105 020101 060A 04007F00070101040101" },
};

/* 9303-11, 6.1.2: 6A, M1, H(M1 | RND.IFD), how it was made. */
static void
check_recovered(struct view m, struct view nonce, size_t i)
{
	struct view trailer = known(signers[i].trailer);
	struct buf message = BUF(600), hash = BUF(64);
	const size_t h = digest_size(signers[i].digest);

	ck_assert_uint_eq(m.p[0], 0x6a);
	ck_assert_view(view_slice(m, m.n - trailer.n, trailer.n), trailer);
	buf_put_view(&message, view_slice(m, 1, m.n - 1 - h - trailer.n));
	buf_put_view(&message, nonce);
	doc_hash(signers[i].hash, buf_view(&message), &hash);
	ck_assert_view(view_slice(m, m.n - h - trailer.n, h), buf_view(&hash));
	buf_free(&message);
	buf_free(&hash);
}

static void
check_signature(struct view signature, struct view nonce, size_t i)
{
	struct view group = contents_of(0x010f), info;
	struct buf m = BUF(600);
	struct import_key key;
	struct tlv t;

	ck_assert(tlv_next(&group, &t) && t.tag == 0x6f);
	ck_assert_int_eq(import_key_read(&key, t.value), 0);
	if (signers[i].trailer) {
		ck_assert_int_eq(rsa_raw_public(key.rsa, signature, &m), 0);
		check_recovered(buf_view(&m), nonce, i);
	} else {
		doc_hash(signers[i].hash, nonce, &m);
		ck_assert_int_eq(ec_verify(key.ec, EC_FORM_PLAIN, buf_view(&m), signature), 0);
		/* 9303-11, 9.2.5 */
		group = contents_of(0x010e);
		info = known(signers[i].info);
		ck_assert_ptr_nonnull(memmem(group.p, group.n, info.p, info.n));
	}
	rsa_free(key.rsa);
	ec_free(key.ec);
	buf_free(&m);
}

START_TEST(kinds_of_active_authentication)
{
	const struct card_value values[] = { { "aa", signers[_i].name }, { "ca", "none" }, { NULL, NULL } };
	static const uint8_t nonce[16] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct buf signature = BUF(600);
	size_t n;

	passport_open(values);
	ck_assert_uint_eq(select_application(), 0x9000);
	ck_assert_uint_eq(doc_plain(&terminal, "00880000", view_of(nonce, 8), 256, NULL), 0x6982);
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
	for (n = 0; n <= sizeof(nonce); n++) {
		if (n != 8)
			ck_assert_uint_eq(
				doc_command(&terminal, "00880000", view_of(nonce, n), 256, NULL),
				0x6700);
	}
	ck_assert_uint_eq(doc_command(&terminal, "00880000", view_of(nonce, 8), 65536, &signature),
			  0x9000);
	check_signature(buf_view(&signature), view_of(nonce, 8), (size_t)_i);
	buf_free(&signature);
	passport_close();
}
END_TEST

/* An answer that is fetched in parts, each in the clear, is one answer: the session goes on. */
START_TEST(fetched)
{
	const struct card_value values[] = { { "aa", "rsa:2048" },
					     { "ca", "none" },
					     { NULL, NULL } };
	struct buf signature = BUF(600);

	passport_open(values);
	ck_assert_uint_eq(select_application(), 0x9000);
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
	ck_assert_uint_eq(
		doc_command(&terminal, "00880000", known("0102030405060708"), 256, &signature),
		0x9000);
	ck_assert_uint_gt(terminal.raw_n, 258);
	ck_assert_uint_eq(signature.n, 256);
	expect_file(1, contents_of(0x0101));
	/* and where nothing waits, it is a command as any other */
	ck_assert_uint_eq(doc_plain(&terminal, "00C00000", none, 256, NULL), 0x6985);
	ck_assert_uint_eq(doc_plain(&terminal, "00B08100", none, 256, NULL), 0x6982);
	buf_free(&signature);
	passport_close();
}
END_TEST

/* A key that somebody has put in, too short for what its signatures have to hold. */
START_TEST(short_active_authentication)
{
	const struct card_value values[] = { { "aa", "rsa:1024:sha512" }, { NULL, NULL } };
	struct sam_key *k;

	passport_open(values);
	k = sam_key_find(&passport_state()->sam, emrtd_df(passport_state())->uid, EMRTD_KEY_AA);
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
	ck_assert_uint_eq(select_application(), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00880000", known("0102030405060708"), 256, NULL),
			  0x9000);
	ck_assert_int_eq(key_generate(k, 512, CURVE_P256, NULL, NULL), 0);
	ck_assert_uint_eq(doc_command(&terminal, "00880000", known("0102030405060708"), 256, NULL),
			  0x6a80);
	passport_close();
}
END_TEST

START_TEST(no_active_authentication)
{
	const struct card_value values[] = { { "aa", "none" }, { NULL, NULL } };

	passport_open(values);
	ck_assert_uint_eq(select_application(), 0x9000);
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00880000", known("0102030405060708"), 256, NULL),
			  0x6d00);
	passport_close();
}
END_TEST

/* --- terminal authentication ------------------------------------------------------------------------- */

static void
remove_folder(const char *path)
{
	struct dirent *e;
	DIR *d = opendir(path);

	while ((e = readdir(d)))
		unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	rmdir(path);
}

static unsigned
read_sw(unsigned sfi)
{
	struct buf b = BUF(256);
	unsigned sw;

	doc_read_file(&terminal, sfi, &b, &sw);
	buf_free(&b);
	return sw;
}

/* Up to chip authentication; TA's outcome. */
static unsigned
inspect(struct chain *c, bool pace)
{
	passport_reset();
	if (pace)
		ck_assert_uint_eq(pace_with_mrz(), 0x9000);
	ck_assert_uint_eq(select_application(), 0x9000);
	if (!pace)
		ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
	ck_assert_uint_eq(read_sw(3), 0x6982);
	ck_assert_uint_eq(chip_authentication(SECINFO_ECDH, SECINFO_AES128, -1, 13), 0x9000);
	ck_assert_uint_eq(read_sw(3), 0x6982);
	return terminal_authentication(c, pace ? view_of(terminal.id_picc, terminal.id_picc_n)
					       : said("L898902C36"));
}

START_TEST(fingers_and_eyes)
{
	const unsigned rights = (unsigned)_i & 3;
	const bool pace = _i & 4;
	struct chain c;

	chain_make(&c, rights, "300101");
	open_with_chain(&c, "20270101", false);
	ck_assert_uint_eq(inspect(&c, pace), 0x9000);
	ck_assert_uint_eq(read_sw(3), rights & 1 ? 0x9000 : 0x6982);
	ck_assert_uint_eq(read_sw(4), rights & 2 ? 0x9000 : 0x6982);
	if (rights & 1)
		expect_file(3, known("63 07 66696E67657273"));
	if (rights & 2)
		expect_file(4, known("76 04 65796573"));
	expect_file(1, contents_of(0x0101));
	/* they are gone with the session */
	ck_assert_uint_eq(doc_plain(&terminal, "00B08300", none, 256, NULL), 0x6982);
	doc_forget(&terminal);
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
	ck_assert_uint_eq(read_sw(3), 0x6982);
	ck_assert_uint_eq(read_sw(4), 0x6982);
	chain_free(&c);
	passport_close();
}
END_TEST

START_TEST(trust_anchors)
{
	const struct doc_cert_spec link = { .car = "UTCVCA00001",
					    .chr = "UTCVCA00002",
					    .terminal = CVC_IS,
					    .rights = 0xc3,
					    .effective = "280101",
					    .expires = "400101" };
	struct doc_cert next;
	struct chain c;

	chain_make(&c, 1, "300101");
	open_with_chain(&c, "20270101", false);
	ck_assert_uint_eq(select_application(), 0x9000);
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
	expect_file(
		0x1c,
		known("42 0B 5554435643413030303031 0000000000000000000000000000000000000000000000"));
	ck_assert_uint_eq(chip_authentication(SECINFO_ECDH, SECINFO_AES128, -1, 13), 0x9000);
	/* a link certificate is the anchor from now on, and the one before stays */
	doc_cert_make(&next, &c.cvca, &link);
	ck_assert_uint_eq(doc_show(&terminal, "UTCVCA00001", &next, true), 0x9000);
	expect_file(
		0x1c,
		known("42 0B 5554435643413030303032 42 0B 5554435643413030303031 00000000000000000000"));
	doc_cert_free(&next);
	chain_free(&c);
	passport_close();
}
END_TEST

/* --- a link certificate, and what may happen while it is stored ----------------------------- */

enum fate {
	KILLED_BEFORE, /* of the commit, and after it */
	KILLED_AFTER,
	DISK_FULL,
	FATES
};
static enum fate fate;

/* In the place of image_commit. */
static int
fateful_commit(void *ctx, struct state *s, unsigned changed)
{
	int rc;

	if (fate == KILLED_BEFORE)
		raise(SIGKILL);
	rc = image_commit(ctx, s, changed);
	if (fate == KILLED_AFTER)
		raise(SIGKILL);
	return rc;
}

static void
open_again(const char *path)
{
	passport_make(NULL, path);
	ck_assert_msg(p.card, "%s", p.error);
	ck_assert_uint_eq(select_application(), 0x9000);
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
}

/* In a process of its own: the link is shown. 0: the disk was full, and the card is what it was. */
static void
show_link(const char *path, const struct doc_cert *next, struct view first)
{
	const struct rlimit none_at_all = { 0, 0 };

	open_again(path);
	ck_assert_uint_eq(chip_authentication(SECINFO_ECDH, SECINFO_AES128, -1, 13), 0x9000);
	passport_state()->commit = fateful_commit;
	signal(SIGXFSZ, SIG_IGN);
	if (fate == DISK_FULL)
		ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none_at_all), 0);
	ck_assert_uint_eq(doc_show(&terminal, "UTCVCA00001", next, true), 0x6581);
	ck_assert_view(eac_anchor(passport_state(), CVC_IS, false), first);
	ck_assert_uint_eq(eac_anchor(passport_state(), CVC_IS, true).n, 0);
	_exit(0);
}

/* The old anchor or the new one with the old behind it; and the rest of the card is as it was. */
START_TEST(link_is_stored_whole)
{
	static char anchor[] = "/tmp/vicc-epass-XXXXXX", dir[] = "/tmp/vicc-epass-XXXXXX";
	const struct card_value values[] = {
		{ "cvca", anchor }, { "date", "20270101" }, { "aa", "none" }, { NULL, NULL }
	};
	const struct doc_cert_spec link = { .car = "UTCVCA00001",
					    .chr = "UTCVCA00002",
					    .terminal = CVC_IS,
					    .rights = 0xc3,
					    .effective = "280101",
					    .expires = "400101" };
	const struct view one = known("42 0B 5554435643413030303031"),
			  two = known("42 0B 5554435643413030303032");
	struct view first, names;
	struct doc_cert next;
	struct chain c;
	char path[64];
	int status;
	pid_t pid;

	fate = (enum fate)_i;
	chain_make(&c, 1, "300101");
	doc_cert_make(&next, &c.cvca, &link);
	written(anchor, buf_view(&c.cvca.cvc));
	memset(dir + strlen(dir) - 6, 'X', 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/card.json", dir);
	passport_make(values, path);
	ck_assert_msg(p.card, "%s", p.error);
	passport_close();
	first = buf_view(&c.cvca.cvc);
	pid = fork();
	if (pid == 0)
		show_link(path, &next, first);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, fate == DISK_FULL ? 0 : SIGKILL);
	open_again(path);
	names = contents_of(EMRTD_FID_CVCA);
	if (fate == KILLED_AFTER) {
		ck_assert_view(eac_anchor(passport_state(), CVC_IS, false), buf_view(&next.cvc));
		ck_assert_view(eac_anchor(passport_state(), CVC_IS, true), first);
		ck_assert_view(view_slice(names, 0, 13), two);
		ck_assert_view(view_slice(names, 13, 13), one);
		ck_assert_uint_eq(field_number(eac_fields(passport_state()), EAC_FIELD_DATE, 0),
				  20280101);
	} else {
		ck_assert_view(eac_anchor(passport_state(), CVC_IS, false), first);
		ck_assert_uint_eq(eac_anchor(passport_state(), CVC_IS, true).n, 0);
		ck_assert_view(view_slice(names, 0, 13), one);
		ck_assert_uint_eq(names.p[13], 0);
		ck_assert_uint_eq(field_number(eac_fields(passport_state()), EAC_FIELD_DATE, 0),
				  20270101);
	}
	/* and the terminal gets in by what there is */
	ck_assert_uint_eq(chip_authentication(SECINFO_ECDH, SECINFO_AES128, -1, 13), 0x9000);
	ck_assert_uint_eq(terminal_authentication(&c, said("L898902C36")), 0x9000);
	ck_assert_uint_eq(read_sw(1), 0x9000);
	passport_close();
	doc_cert_free(&next);
	chain_free(&c);
	unlink(anchor);
	remove_folder(dir);
}
END_TEST

START_TEST(expired)
{
	struct chain c;

	chain_make(&c, 3, "261231");
	open_with_chain(&c, "20270101", false);
	ck_assert_uint_eq(inspect(&c, false), 0x6984);
	ck_assert_uint_eq(read_sw(3), 0x6982);
	passport_close();
	open_with_chain(&c, "20270101", true);
	ck_assert_uint_eq(inspect(&c, true), 0x9000);
	ck_assert_uint_eq(read_sw(3), 0x9000);
	passport_close();
	open_with_chain(&c, "20261231", false);
	ck_assert_uint_eq(inspect(&c, false), 0x9000);
	passport_close();
	chain_free(&c);
}
END_TEST

/* --- options ------------------------------------------------------------------------------------------ */

static const struct {
	const char *name, *value, *error;
} wrong[] = {
	{ "mrz", "P<UTO", "--mrz: it has 5 characters, and not 90 (TD1), 72 (TD2) or 88 (TD3)" },
	{ "mrz",
	  "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408123F1204159ZE184226B<<<<<10",
	  "--mrz: the check digit of the date of birth (line 2, character 20) is 3: it should be 2" },
	{ "photo", "/nonexistent", "--photo /nonexistent: No such file or directory" },
	{ "photo", "/dev/null", "--photo /dev/null: neither JPEG nor JPEG 2000" },
	{ "dg", "3=/nonexistent", "--dg /nonexistent: No such file or directory" },
	{ "cvca", "/nonexistent", "--cvca /nonexistent: No such file or directory" },
	{ "cvca", "/dev/null", "--cvca /dev/null: not a CV certificate of a CVCA (7F21)" },
	{ "ca-key", "/nonexistent", "--ca-key /nonexistent: No such file or directory" },
	{ "ca-key", "/dev/null",
	  "--ca-key /dev/null: not a private key for domain parameters 13 (ca_key), as PKCS#8, or as a number of 32 bytes below the order" },
	{ "ef-cardaccess", "/dev/null", "--ef-cardaccess /dev/null: not a SET of SecurityInfos" },
	{ "ef-cardsecurity", "/nonexistent",
	  "--ef-cardsecurity /nonexistent: No such file or directory" },
	{ "ef-cardsecurity", "/dev/null",
	  "--ef-cardsecurity /dev/null: not SecurityInfos in CMS SignedData" },
	{ "ca", "ecdh-aes128:12,ecdh-aes128:13,ecdh-aes128:14",
	  "--ca: more than 2 sets of domain parameters" },
	{ "pki", "/nonexistent/x", "--pki /nonexistent/x: No such file or directory" },
	{ "aa", "dsa:1024", "the card cannot be made: Invalid argument" },
};

START_TEST(wrong_values)
{
	const struct card_value values[] = { { wrong[_i].name, wrong[_i].value }, { "aa", "none" }, { NULL, NULL } };

	passport_make(values, NULL);
	ck_assert_ptr_null(p.card);
	ck_assert_str_eq(p.error, wrong[_i].error);
	passport_close();
}
END_TEST

/* What the command line refuses by itself. */
START_TEST(wrong_words)
{
	static const struct {
		const char *(*fault)(const char *value);
		const char *right[4], *wrong[12];
	} words[] = {
		{ epass_wrong_dg,
		  { "1=a", "16=b", "3==" },
		  { "", "0=a", "17=a", "3", "3=", "=a", "-1=a", "x=a" } },
		{ epass_wrong_aa,
		  { "none", "rsa:4096:sha1", "ec:P-521" },
		  { "", "rsa", "rsa:", "rsa:1023", "rsa:512", "rsa:4104", "rsa:1024:md5",
		    "rsa:1024:sha1:x", "ec:none", "dsa:1024", "rsa:1024x",
		    "ec:P-256 and so on and on, with more characters than there is room for" } },
	};
	size_t i, j;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		for (j = 0; j < 4 && words[i].right[j]; j++)
			ck_assert_msg(!words[i].fault(words[i].right[j]), "%s", words[i].right[j]);
		for (j = 0; j < 12 && words[i].wrong[j]; j++)
			ck_assert_msg(words[i].fault(words[i].wrong[j]) != NULL, "\"%s\"",
				      words[i].wrong[j]);
	}
}
END_TEST

START_TEST(options_that_exclude_each_other)
{
	const struct card_value sets[] = { { "pace", "none" }, { "ef-cardaccess", "/dev/null" }, { NULL, NULL } };
	const struct card_value nothing[] = { { "pace", "none" }, { "no-bac", "" }, { NULL, NULL } };
	const struct card_value keys[] = { { "ca", "ecdh-aes128,dh-aes128" }, { "ca-key", "/dev/null" }, { NULL, NULL } };
	const struct card_value no_use[] = { { "ca", "none" }, { "ca-key", "/dev/null" }, { NULL, NULL } };
	const struct card_value unread[] = { { "pace", "none" }, { "ef-cardsecurity", "/dev/null" }, { NULL, NULL } };
	const struct card_value third[] = { { "pace", "ecdh-cam-aes128:14" },
					    { "ca", "ecdh-aes128:12,ecdh-aes128:13" },
					    { NULL, NULL } };

	passport_make(sets, NULL);
	ck_assert_str_eq(p.error, "choose either --pace or --ef-cardaccess");
	passport_make(nothing, NULL);
	ck_assert_str_eq(p.error, "--no-bac with --pace none: nobody could read the card");
	passport_make(keys, NULL);
	ck_assert_str_eq(
		p.error,
		"--ca-key: --ca names two sets of domain parameters, and so needs two keys");
	passport_make(no_use, NULL);
	ck_assert_str_eq(p.error, "--ca-key with --ca none: the card has no use for a key");
	passport_make(unread, NULL);
	ck_assert_str_eq(p.error, "--ef-cardsecurity with --pace none: nobody could read it");
	passport_make(third, NULL);
	ck_assert_str_eq(
		p.error,
		"--ca: PACE with chip authentication mapping needs one key more than there is room for");
}
END_TEST

/* Data groups of somebody's: one that is cut off, one that is too long. */
START_TEST(data_groups_that_are_wrong)
{
	static char file[] = "/tmp/vicc-epass-XXXXXX";
	char value[64], error[160];
	const struct card_value values[] = { { "dg", value }, { NULL, NULL } };
	struct buf large = BUF(LDS_GROUP_MAX + 1);

	snprintf(value, sizeof(value), "11=%s", written(file, known("6B 05 00")));
	passport_make(values, NULL);
	ck_assert_ptr_null(p.card);
	snprintf(error, sizeof(error),
		 "--dg %s: it begins as data group 11 (6B), but is not as long as it says", value);
	ck_assert_str_eq(p.error, error);
	unlink(file);
	buf_fill(&large, 0, LDS_GROUP_MAX + 1);
	snprintf(value, sizeof(value), "11=%s", written(file, buf_view(&large)));
	passport_make(values, NULL);
	ck_assert_ptr_null(p.card);
	snprintf(error, sizeof(error), "--dg %s: more than 262144 bytes", value);
	ck_assert_str_eq(p.error, error);
	buf_free(&large);
	unlink(file);
}
END_TEST

/* The issuer is of the state in the MRZ, whose name may be one letter. */
START_TEST(issuing_state)
{
	const struct card_value values[] = {
		{ "mrz",
		  "P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10" },
		{ "aa", "none" },
		{ NULL, NULL }
	};
	struct view csca;

	passport_open(values);
	csca = props_get(&emrtd_df(passport_state())->props, EAC_FIELD_CSCA);
	ck_assert_ptr_nonnull(memmem(csca.p, csca.n,
				     "\x55\x04\x06\x13\x02"
				     "DE",
				     7));
	passport_close();
}
END_TEST

/* Files of somebody's: EF.CardAccess, and the key of chip authentication as a number. */
START_TEST(given_files)
{
	static char access[] = "/tmp/vicc-epass-XXXXXX", key[] = "/tmp/vicc-epass-XXXXXX", other[] = "/tmp/vicc-epass-XXXXXX";
	const struct view d =
		known("7984674CF3B3A524BF929CE8A67FCF22173DA0BAD595EED6DEB72D22C542FA9D");
	const struct card_value values[] = { { "ef-cardaccess", access }, { "ca-key", key }, { NULL, NULL } };
	const struct card_value foreign[] = { { "ef-cardaccess", other }, { NULL, NULL } };
	struct eac_key kept;

	written(access, known("31 14 3012060A04007F0007020204040202010202010D"));
	written(key, d);
	written(other, known("31 08 3006 06 01 2A 02 01 01"));
	passport_open(values);
	ck_assert_uint_eq(pace_with_mrz(), 0x6a88);
	ck_assert_uint_eq(pace_as(SECINFO_ECDH_IM, SECINFO_AES128, 13, EAC_MRZ, INFORMATION, ""),
			  0x9000);
	ck_assert_int_eq(eac_key_get(passport_state(), EAC_FIELD_CA_KEY, &kept), 0);
	ck_assert_view(secret_view(&kept.d), d);
	ck_assert_uint_eq(select_application(), 0x9000);
	ck_assert_uint_eq(chip_authentication(SECINFO_ECDH, SECINFO_AES128, -1, 13), 0x9000);
	passport_close();
	passport_make(foreign, NULL);
	ck_assert_ptr_null(p.card);
	ck_assert_ptr_nonnull(strstr(p.error, "OID 2A (hex)"));
	unlink(access);
	unlink(key);
	unlink(other);
}
END_TEST

/* --- EF.CardSecurity of somebody's ---------------------------------------------------------------- */

static struct view
security_of_card(void)
{
	return buf_view(&fs_child(passport_state()->fs.mf, EPASS_FID_CARD_SECURITY)->contents);
}

/* What is signed there, by the card's own issuer. */
static struct view
signed_by_card(void)
{
	const struct view csca = props_get(&emrtd_df(passport_state())->props, EAC_FIELD_CSCA);
	struct view infos;
	struct cms cms;

	ck_assert_int_eq(cms_verify(security_of_card(), csca), 0);
	ck_assert(cms_read(security_of_card(), &cms));
	ck_assert_view(cms.certificate,
		       props_get(&emrtd_df(passport_state())->props, EAC_FIELD_DS));
	ck_assert(secinfo_open(cms.content, &infos));
	return infos;
}

/* The key of the mapping is that of EF.CardSecurity. */
static void
expect_mapping(void)
{
	struct buf file = BUF(8192), map = BUF(128);
	struct secinfo info = { .kind = SECINFO_OTHER };
	struct view infos;
	struct cms cms;
	unsigned sw;

	ck_assert_uint_eq(pace_as(SECINFO_ECDH_CAM, SECINFO_AES128, 13, EAC_MRZ, INFORMATION, ""),
			  0x9000);
	ck_assert(doc_read_file(&terminal, 0x1d, &file, &sw));
	ck_assert(cms_read(buf_view(&file), &cms) && secinfo_open(cms.content, &infos));
	while (info.kind != SECINFO_CA_KEY)
		ck_assert(secinfo_next(&infos, &info));
	doc_multiply(13, info.public, view_of(terminal.chip, terminal.chip_n), &map);
	ck_assert_view(buf_view(&map), view_of(terminal.chip_map, terminal.chip_map_n));
	buf_free(&file);
	buf_free(&map);
}

/* An EF.CardAccess that has the mapping: the card has a key for it, and says which. */
START_TEST(mapping_in_card_access)
{
	static char file[] = "/tmp/vicc-epass-XXXXXX";
	const struct card_value values[] = { { "ef-cardaccess", file }, { NULL, NULL } };

	written(file, known("31 14 3012060A04007F0007020204060202010202010D"));
	passport_open(values);
	expect_mapping();
	passport_close();
	unlink(file);
}
END_TEST

/* With its key it stays as it is; without, it has keys of the card's; with another, it is refused. */
START_TEST(given_card_security)
{
	static char file[] = "/tmp/vicc-epass-XXXXXX", key[] = "/tmp/vicc-epass-XXXXXX", other[] = "/tmp/vicc-epass-XXXXXX";
	const struct card_value cam = { "pace", "ecdh-cam-aes128:13" }, security = { "ef-cardsecurity", file };
	const struct card_value first[] = { cam, { "ca-key", key }, { NULL, NULL } };
	const struct card_value same[] = { cam, { "ca-key", key }, security, { NULL, NULL } };
	const struct card_value wrong_key[] = { cam, { "ca-key", other }, security, { NULL, NULL } };
	const struct card_value no_key[] = { cam, security, { NULL, NULL } };
	const struct log log = { .out = tmpfile(), .level = LOG_INFO, .name = "vicc" };
	struct buf was = BUF(8192);
	char line[256];

	written(key, known("7984674CF3B3A524BF929CE8A67FCF22173DA0BAD595EED6DEB72D22C542FA9D"));
	written(other, known("7984674CF3B3A524BF929CE8A67FCF22173DA0BAD595EED6DEB72D22C542FA9E"));
	passport_open(first);
	buf_put_view(&was, security_of_card());
	written(file, buf_view(&was));
	passport_close();
	passport_open(same);
	ck_assert_view(security_of_card(), buf_view(&was));
	expect_mapping();
	passport_close();
	passport_make(wrong_key, NULL);
	ck_assert_ptr_null(p.card);
	ck_assert_ptr_nonnull(strstr(p.error, "its public key does not belong to --ca-key"));
	/* and a line says so */
	ck_assert_ptr_nonnull(log.out);
	passport_log = &log;
	passport_open(no_key);
	passport_log = NULL;
	rewind(log.out);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), log.out));
	ck_assert_ptr_nonnull(strstr(line, "the card has keys of its own in it"));
	ck_assert_ptr_null(fgets(line, sizeof(line), log.out));
	fclose(log.out);
	ck_assert(!view_equal(security_of_card(), buf_view(&was)));
	ck_assert(eac_has_ca_key(passport_state(), EAC_FIELD_CA_KEY, signed_by_card()));
	expect_mapping();
	passport_close();
	buf_free(&was);
	unlink(file);
	unlink(key);
	unlink(other);
}
END_TEST

/* Of a card without the mapping: all keys that it has, and nothing else of what was there is lost. */
START_TEST(keys_in_card_security)
{
	static char file[] = "/tmp/vicc-epass-XXXXXX";
	const struct card_value mapping[] = { { "pace", "ecdh-cam-aes128:12" }, { NULL, NULL } };
	const struct card_value values[] = { { "ca", "dh-aes128:2,ecdh-aes128:15" }, { "ef-cardsecurity", file }, { NULL, NULL } };
	const struct view pace = known("3012060A04007F0007020204060202010202010C");
	struct view infos;

	passport_open(mapping);
	written(file, security_of_card());
	passport_close();
	passport_open(values);
	infos = signed_by_card();
	ck_assert_ptr_nonnull(memmem(infos.p, infos.n, pace.p, pace.n));
	ck_assert(eac_has_ca_key(passport_state(), EAC_FIELD_CA_KEY, infos));
	ck_assert(eac_has_ca_key(passport_state(), EAC_FIELD_CA_KEY_2, infos));
	passport_close();
	unlink(file);
}
END_TEST

/* Written once: then it is what it is. */
START_TEST(written_once)
{
	static char dir[] = "/tmp/vicc-epass-XXXXXX";
	const struct card_value values[] = { { "can", "123456" }, { NULL, NULL } };
	const struct card_value later[] = { { "date", "20300101" }, { "disable-ta-checks", "" }, { NULL, NULL } };
	struct buf sod = BUF(8192);
	char path[64], lock[64];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/card.json", dir);
	snprintf(lock, sizeof(lock), "%s/card.json.lock", dir);
	passport_make(values, path);
	ck_assert_msg(p.card, "%s", p.error);
	buf_put_view(&sod, contents_of(0x011d));
	passport_close();
	passport_make(NULL, path);
	ck_assert_ptr_nonnull(p.card);
	ck_assert_view(contents_of(0x011d), buf_view(&sod));
	ck_assert_uint_eq(pace_as(SECINFO_ECDH_GM, SECINFO_AES128, 13, EAC_CAN, "123456", ""),
			  0x9000);
	ck_assert_uint_eq(select_application(), 0x9000);
	ck_assert_uint_eq(chip_authentication(SECINFO_ECDH, SECINFO_AES128, -1, 13), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00880000", known("0102030405060708"), 256, NULL),
			  0x9000);
	passport_close();
	passport_make(values, path);
	ck_assert_ptr_null(p.card);
	passport_close();
	passport_make(later, path);
	ck_assert_ptr_nonnull(p.card);
	ck_assert_uint_eq(field_number(eac_fields(passport_state()), EAC_FIELD_DATE, 0), 20300101);
	ck_assert(field_flag(eac_fields(passport_state()), EAC_FIELD_NO_TA_CHECKS));
	passport_close();
	buf_free(&sod);
	unlink(path);
	unlink(lock);
	rmdir(dir);
}
END_TEST

/* When memory ends while a passport is made, there is none; and there is nothing left of it. */
START_TEST(memory_ends)
{
	static char anchor[] = "/tmp/vicc-epass-XXXXXX";
	const struct card_value sets[][5] = {
		{ { "aa", "none" },
		  { "pace", "none" },
		  { "can", "123456" },
		  { "ca", "none" },
		  { NULL, NULL } },
		{ { "aa", "ec:P-256" },
		  { "pace", "ecdh-cam-aes128:12" },
		  { "can", "123456" },
		  { "ca", "ecdh-3des:12" },
		  { NULL, NULL } },
		{ { "aa", "none" }, { "cvca", anchor }, { NULL, NULL } },
	};
	struct chain c;
	unsigned long at;
	bool hit = true;

	chain_make(&c, 3, "280101");
	written(anchor, buf_view(&c.cvca.cvc));
	chain_free(&c);
	for (at = 1; hit; at++) {
		allocations = 0;
		failing = at;
		passport_make(sets[_i], NULL);
		hit = allocations >= at;
		failing = 0;
		ck_assert_msg(hit == (p.card == NULL), "allocation %lu", at);
		passport_close();
	}
	ck_assert_uint_gt(at, 100);
	unlink(anchor);
}
END_TEST

/* Nor with a file that is looked at again when the card is there: of that nothing is lost but a line. */
START_TEST(memory_ends_with_card_security)
{
	static char file[] = "/tmp/vicc-epass-XXXXXX";
	const struct card_value mapping[] = { { "pace", "ecdh-cam-aes128:12" },
					      { "aa", "none" },
					      { NULL, NULL } };
	const struct card_value values[] = { { "ef-cardsecurity", file },
					     { "aa", "none" },
					     { NULL, NULL } };
	struct card_config cfg = { .values = values };
	unsigned long at;
	int rc = -1;

	passport_open(mapping);
	written(file, security_of_card());
	passport_close();
	for (at = 1; rc < 0; at++) {
		allocations = 0;
		failing = at;
		rc = passport_contents(&cfg, NULL);
		failing = 0;
		ck_assert_int_eq(rc < 0, allocations >= at);
		if (rc < 0)
			passport_close();
	}
	ck_assert_uint_gt(at, 100);
	state_free(cfg.state);
	passport_close();
	unlink(file);
}
END_TEST

/* When it ends while a passport is signed again, that is said. */
START_TEST(memory_ends_while_it_is_issued)
{
	const struct card_value mapping[] = { { "pace", "ecdh-cam-aes128:12" },
					      { "aa", "none" },
					      { NULL, NULL } };
	const struct card_config cfg = { .values = NULL };
	unsigned long at;
	int rc = -1;

	passport_open(mapping);
	for (at = 1; rc < 0; at++) {
		p.error[0] = '\0';
		allocations = 0;
		failing = at;
		rc = epass_issue(passport_state(), &cfg, p.error, sizeof(p.error));
		failing = 0;
		ck_assert_int_eq(rc < 0, allocations >= at);
		ck_assert_int_eq(rc < 0, p.error[0] != '\0');
	}
	ck_assert_uint_gt(at, 20);
	passport_close();
}
END_TEST

/* When it ends while the chip signs, there is no signature; and the next time there is one. */
START_TEST(memory_ends_while_it_signs)
{
	const struct card_value values[] = { { "aa", _i ? "ec:P-256" : "rsa:1024" },
					     { NULL, NULL } };
	struct apdu cmd = { .ins = 0x88, .data = known("0102030405060708"), .ne = 256 };
	struct buf rsp = BUF(256);
	unsigned long at;
	struct iso *c;
	sw_t sw = SW_NO_MEMORY;

	passport_open(values);
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
	ck_assert_uint_eq(select_application(), 0x9000);
	c = (struct iso *)p.card;
	c->x.ch = &c->channel[0];
	c->x.under_sm = true;
	for (at = 1; sw != SW_OK; at++) {
		buf_free(&rsp);
		rsp.max = 256;
		allocations = 0;
		failing = at;
		sw = emrtd_internal_authenticate(c, &cmd, &rsp);
		failing = 0;
		ck_assert(sw == SW_OK || allocations >= at);
		if (rsp.failed)
			sw = SW_NO_MEMORY;
	}
	ck_assert_uint_gt(at, 2);
	ck_assert_uint_eq(rsp.n, _i ? 64 : 128);
	buf_free(&rsp);
	passport_close();
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("epass");

	tcase_set_timeout(tc, 600);
	tcase_add_test(tc, specimen);
	tcase_add_test(tc, anybody);
	tcase_add_loop_test(tc, kinds_of_pace, 0, sizeof(kinds) / sizeof(*kinds));
	tcase_add_test(tc, several_sets);
	tcase_add_test(tc, card_security);
	tcase_add_test(tc, pace_or_bac_alone);
	tcase_add_loop_test(tc, kinds_of_chip_authentication, 0, sizeof(chips) / sizeof(*chips));
	tcase_add_test(tc, no_chip_authentication);
	tcase_add_test(tc, spoilt_chip_authentication);
	tcase_add_loop_test(tc, kinds_of_active_authentication, 0,
			    sizeof(signers) / sizeof(*signers));
	tcase_add_test(tc, fetched);
	tcase_add_test(tc, short_active_authentication);
	tcase_add_test(tc, no_active_authentication);
	tcase_add_loop_test(tc, fingers_and_eyes, 0, 8);
	tcase_add_test(tc, trust_anchors);
	tcase_add_loop_test(tc, link_is_stored_whole, 0, FATES);
	tcase_add_test(tc, expired);
	tcase_add_loop_test(tc, wrong_values, 0, sizeof(wrong) / sizeof(*wrong));
	tcase_add_test(tc, wrong_words);
	tcase_add_test(tc, options_that_exclude_each_other);
	tcase_add_test(tc, data_groups_that_are_wrong);
	tcase_add_test(tc, issuing_state);
	tcase_add_test(tc, given_files);
	tcase_add_test(tc, mapping_in_card_access);
	tcase_add_test(tc, given_card_security);
	tcase_add_test(tc, keys_in_card_security);
	tcase_add_test(tc, written_once);
	tcase_add_loop_test(tc, memory_ends, 0, 3);
	tcase_add_test(tc, memory_ends_with_card_security);
	tcase_add_test(tc, memory_ends_while_it_is_issued);
	tcase_add_loop_test(tc, memory_ends_while_it_signs, 0, 2);
	return run("epass", tc);
}
