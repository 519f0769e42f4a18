/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Issuers, in memory and in folders. openssl verifies what they sign in tests/e2e/epass.sh. */
#include "cards/eac/pki.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec/tlv.h"
#include "codec/x509.h"
#include "crypto/certify.h"
#include "crypto/export.h"
#include "known.h"
#include "support.h"

static char dir[] = "/tmp/vicc-pki-XXXXXX", sub[64], error[512];

static void
setup(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(sub, sizeof(sub), "%s/issuer", dir);
	error[0] = '\0';
}

static const char *
path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", sub, name);
	return path;
}

static void
teardown(void)
{
	static const char *const names[] = { "csca.key", "csca.pem", "ds.key", "ds.pem" };
	size_t i;

	for (i = 0; i < 4; i++)
		unlink(path_of(names[i]));
	rmdir(sub);
	rmdir(dir);
}

START_TEST(in_memory)
{
	struct x509 csca, ds;
	struct pki p;

	ck_assert_int_eq(pki_make(&p, "UT"), 0);
	ck_assert(x509_read(buf_view(&p.csca_cert), &csca));
	ck_assert(x509_read(buf_view(&p.ds_cert), &ds));
	ck_assert_view(csca.issuer, csca.subject);
	ck_assert_view(ds.issuer, csca.subject);
	ck_assert(!view_equal(ds.subject, csca.subject));
	/* the country of both */
	ck_assert_view(view_slice(ds.subject, 2, 13), known("310B 3009 0603550406 1302 5554"));
	ck_assert_view(view_slice(csca.subject, 2, 13), known("310B 3009 0603550406 1302 5554"));
	pki_free(&p);
	ck_assert_ptr_null(p.ds.ec);
}
END_TEST

/* Signed attributes, signer, digest: RFC 5652, 5.3 and 5.4. */
START_TEST(signed_data)
{
	struct buf cms = BUF(8192), set = BUF(512), hash = BUF(DIGEST_MAX),
		   message = BUF(DIGEST_MAX);
	struct view data, signers, info, attributes = { .n = 0 }, signature = { .n = 0 };
	struct tlv t;
	struct pki p;

	ck_assert_int_eq(pki_make(&p, "UT"), 0);
	ck_assert_int_eq(pki_sign(&p, pki_oid_sod, said("content"), &cms), 0);
	data = buf_view(&cms);
	ck_assert(tlv_find_path(data, (const uint32_t[]) { 0x30, 0xa0, 0x30, 0 }, &data));
	/* the second SET: the first one is of hash algorithms */
	while (tlv_next(&data, &t))
		signers = t.value;
	ck_assert(tlv_find(signers, 0x30, &info));
	while (tlv_next(&info, &t)) {
		if (t.tag == 0xa0)
			attributes = t.value;
		if (t.tag == 0x04)
			signature = t.value;
	}
	tlv_put(&set, 0x31, attributes);
	ck_assert_int_eq(digest_once(DIGEST_SHA256, buf_view(&set), &hash), 0);
	ck_assert_int_eq(ec_verify(p.ds.ec, EC_FORM_DER, buf_view(&hash), signature), 0);
	ck_assert_int_eq(digest_once(DIGEST_SHA256, said("content"), &message), 0);
	ck_assert_ptr_nonnull(memmem(attributes.p, attributes.n, message.p, message.n));
	ck_assert_ptr_nonnull(memmem(attributes.p, attributes.n, pki_oid_sod.p, pki_oid_sod.n));
	buf_free(&cms);
	buf_free(&set);
	buf_free(&hash);
	buf_free(&message);
	pki_free(&p);
}
END_TEST

START_TEST(a_folder)
{
	struct pki p, again;
	struct stat st;

	ck_assert_msg(pki_open(&p, sub, "UT", error, sizeof(error)) == 0, "%s", error);
	ck_assert_int_eq(stat(path_of("ds.key"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(stat(path_of("csca.key"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_msg(pki_open(&again, sub, "UT", error, sizeof(error)) == 0, "%s", error);
	ck_assert_view(buf_view(&again.ds_cert), buf_view(&p.ds_cert));
	ck_assert_view(buf_view(&again.csca_cert), buf_view(&p.csca_cert));
	ck_assert_ptr_nonnull(again.csca.ec);
	pki_free(&again);
	/* the CA's key is not needed */
	ck_assert_int_eq(unlink(path_of("csca.key")), 0);
	ck_assert_msg(pki_open(&again, sub, "UT", error, sizeof(error)) == 0, "%s", error);
	ck_assert_ptr_null(again.csca.ec);
	pki_free(&again);
	pki_free(&p);
}
END_TEST

static void
write_file(const char *name, struct view v)
{
	FILE *f = fopen(path_of(name), "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(v.p, 1, v.n, f), v.n);
	fclose(f);
}

static void
expect_fault(const char *name, const char *wanted)
{
	char text[512];
	struct pki p;

	ck_assert_int_lt(pki_open(&p, sub, "UT", error, sizeof(error)), 0);
	snprintf(text, sizeof(text), "--pki %s: %s", path_of(name), wanted);
	ck_assert_str_eq(error, text);
}

START_TEST(broken_folders)
{
	struct buf pem = BUF(8192);
	struct pki p, other;

	ck_assert_int_eq(pki_open(&p, sub, "UT", error, sizeof(error)), 0);
	ck_assert_int_eq(pki_make(&other, "UT"), 0);
	ck_assert_int_eq(export_pem("CERTIFICATE", buf_view(&other.ds_cert), &pem), 0);
	write_file("ds.pem", buf_view(&pem));
	expect_fault("ds.pem", "the certificate of another key");
	write_file("ds.pem", said("nothing"));
	expect_fault("ds.pem", "not a certificate");
	ck_assert_int_eq(unlink(path_of("ds.pem")), 0);
	expect_fault("ds.pem", "No such file or directory");
	write_file("ds.key", buf_view(&pem));
	expect_fault("ds.key", "not a private key, RSA or EC, without a passphrase");
	ck_assert_int_eq(unlink(path_of("ds.key")), 0);
	expect_fault("ds.key", "No such file or directory");
	write_file("csca.key", said(""));
	expect_fault("csca.key", "not a private key, RSA or EC, without a passphrase");
	buf_free(&pem);
	pki_free(&p);
	pki_free(&other);
}
END_TEST

/* Signed by a CA of another name. */
START_TEST(another_ca)
{
	struct buf pem = BUF(8192);
	struct pki p, other;

	ck_assert_int_eq(pki_open(&p, sub, "UT", error, sizeof(error)), 0);
	ck_assert_int_eq(pki_make(&other, "XX"), 0);
	ck_assert_int_eq(export_pem("CERTIFICATE", buf_view(&other.csca_cert), &pem), 0);
	write_file("csca.pem", buf_view(&pem));
	expect_fault("csca.pem", "the certificate of another key");
	ck_assert_int_eq(unlink(path_of("csca.key")), 0);
	expect_fault("ds.pem", "the certificate is not by the CA of csca.pem");
	buf_free(&pem);
	pki_free(&p);
	pki_free(&other);
}
END_TEST

/* Ed25519 signs no documents. */
START_TEST(a_key_that_does_not_sign)
{
	static const char pem[] =
		"-----BEGIN PRIVATE KEY-----\n"
		"MC4CAQAwBQYDK2VwBCIEIJ73yelDfF3OPHMMiiv4LPWtBpPmUBQwdG8WUJMhy3Mk\n"
		"-----END PRIVATE KEY-----\n";
	struct pki p;

	ck_assert_int_eq(pki_open(&p, sub, "UT", error, sizeof(error)), 0);
	write_file("ds.key", said(pem));
	expect_fault("ds.key", "not a private key, RSA or EC, without a passphrase");
	pki_free(&p);
}
END_TEST

/* The same folder under a name so long that those of its files have no room: 4095 bytes are a path's most. */
static void
long_name(char *name, size_t n)
{
	const size_t at = strlen(sub);

	memset(name, '/', n);
	memcpy(name, sub, at);
	name[n] = '\0';
}

START_TEST(names_too_long)
{
	char name[5000];
	struct pki p;

	long_name(name, 4090);
	ck_assert_int_eq(pki_open(&p, name, "UT", error, sizeof(error)), -ENAMETOOLONG);
	ck_assert_ptr_nonnull(strstr(error, "--pki /tmp/vicc-pki-"));
	ck_assert_int_eq(pki_open(&p, sub, "UT", error, sizeof(error)), 0);
	pki_free(&p);
	/* ds.key has room, csca.key not */
	long_name(name, 4088);
	error[0] = '\0';
	ck_assert_int_eq(pki_open(&p, name, "UT", error, sizeof(error)), -ENAMETOOLONG);
	ck_assert_ptr_nonnull(strstr(error, "--pki /tmp/vicc-pki-"));
	long_name(name, 4086);
	ck_assert_int_eq(pki_open(&p, name, "UT", error, sizeof(error)), 0);
	pki_free(&p);
}
END_TEST

/* What is written in part is not taken for whole. */
START_TEST(full_disk)
{
	struct rlimit was, few;
	struct pki p;
	int rc;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &was), 0);
	signal(SIGXFSZ, SIG_IGN);
	few = (struct rlimit) { .rlim_cur = _i ? 10 : 0, .rlim_max = was.rlim_max };
	/* check, too, writes files: nothing is asserted meanwhile */
	setrlimit(RLIMIT_FSIZE, &few);
	errno = 0;
	rc = pki_open(&p, sub, "UT", error, sizeof(error));
	setrlimit(RLIMIT_FSIZE, &was);
	ck_assert_int_eq(rc, _i ? -ENOSPC : -EFBIG);
	ck_assert_ptr_nonnull(
		strstr(error, _i ? "csca.key: No space left" : "csca.key: File too large"));
}
END_TEST

START_TEST(no_folder)
{
	struct pki p;

	ck_assert_int_lt(pki_open(&p, "/nowhere/issuer", "UT", error, sizeof(error)), 0);
	ck_assert_str_eq(error, "--pki /nowhere/issuer: No such file or directory");
}
END_TEST

/* A signer with an RSA key: the folder was filled by somebody else. */
START_TEST(rsa)
{
	struct buf pem = BUF(16384), subject = BUF(128), cms = BUF(16384);
	struct x509 csca;
	struct pki p;

	ck_assert_int_eq(pki_open(&p, sub, "UT", error, sizeof(error)), 0);
	ec_free(p.ds.ec);
	p.ds.ec = NULL;
	ck_assert_int_eq(rsa_generate(&p.ds.rsa, 1024, view_of(NULL, 0), NULL, NULL), 0);
	ck_assert(x509_read(buf_view(&p.csca_cert), &csca));
	x509_put_name(&subject, "rsa");
	buf_reset(&p.ds_cert);
	ck_assert_int_eq(
		certify_put(&p.ds_cert, &(struct certify) { .key = &p.ds,
							    .by = &p.csca,
							    .issuer = csca.subject,
							    .subject = buf_view(&subject) }),
		0);
	ck_assert_int_eq(export_key(&p.ds, &pem), 0);
	write_file("ds.key", buf_view(&pem));
	buf_reset(&pem);
	ck_assert_int_eq(export_pem("CERTIFICATE", buf_view(&p.ds_cert), &pem), 0);
	write_file("ds.pem", buf_view(&pem));
	pki_free(&p);
	ck_assert_msg(pki_open(&p, sub, "UT", error, sizeof(error)) == 0, "%s", error);
	ck_assert_ptr_nonnull(p.ds.rsa);
	ck_assert_int_eq(pki_sign(&p, pki_oid_card_security, said("content"), &cms), 0);
	ck_assert_ptr_nonnull(memmem(cms.p, cms.n, "content", 7));
	pki_free(&p);
	buf_free(&pem);
	buf_free(&subject);
	buf_free(&cms);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("pki");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, in_memory);
	tcase_add_test(tc, signed_data);
	tcase_add_test(tc, a_folder);
	tcase_add_test(tc, broken_folders);
	tcase_add_test(tc, another_ca);
	tcase_add_test(tc, a_key_that_does_not_sign);
	tcase_add_test(tc, names_too_long);
	tcase_add_loop_test(tc, full_disk, 0, 2);
	tcase_add_test(tc, no_folder);
	tcase_add_test(tc, rsa);
	return run("pki", tc);
}
