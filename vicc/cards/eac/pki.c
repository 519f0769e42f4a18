/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/eac/pki.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/output.h"
#include "base/slurp.h"
#include "codec/x509.h"
#include "crypto/certify.h"
#include "crypto/cms.h"
#include "crypto/export.h"

#define FILE_MAX (1u << 20) /* bytes */
#define NAME_MAX_DER 256

static const uint8_t oid_sod[] = { 0x67, 0x81, 0x08, 0x01, 0x01, 0x01 };
static const uint8_t oid_card_security[] = { 0x04, 0x00, 0x7f, 0x00, 0x07, 0x03, 0x02, 0x01 };
const struct view pki_oid_sod = VIEW(oid_sod);
const struct view pki_oid_card_security = VIEW(oid_card_security);

static const char csca_name[] = "vicc test CSCA";
static const char ds_name[] = "vicc test document signer";

void
pki_free(struct pki *p)
{
	rsa_free(p->csca.rsa);
	ec_free(p->csca.ec);
	rsa_free(p->ds.rsa);
	ec_free(p->ds.ec);
	buf_free(&p->csca_cert);
	buf_free(&p->ds_cert);
	p->csca = p->ds = (struct import_key) { .rsa = NULL };
}

/* --- making them --------------------------------------------------------------------------- */

/* Doc 9303-12, 7.1.1: who may be a CA for how many below, what a key is for, who signed. */
static int
put_extensions(const struct pki *p, bool ca, struct buf *out)
{
	int rc = certify_put_authority_identifier(&p->csca, out);

	if (rc == 0)
		rc = certify_put_subject_identifier(ca ? &p->csca : &p->ds, out);
	if (ca)
		certify_put_ca(out, true);
	certify_put_usage(out,
			  ca ? CERTIFY_SIGNS_CERTIFICATES | CERTIFY_SIGNS_LISTS : CERTIFY_SIGNS);
	return rc == 0 && out->failed ? -ENOMEM : rc;
}

static int
make_certificate(struct pki *p, bool ca, const char *country)
{
	struct buf subject = BUF(NAME_MAX_DER), issuer = BUF(NAME_MAX_DER),
		   extensions = BUF(NAME_MAX_DER);
	struct certify x = { .key = ca ? &p->csca : &p->ds, .by = &p->csca };
	int rc = put_extensions(p, ca, &extensions);

	x509_put_country_name(&subject, country, ca ? csca_name : ds_name);
	x509_put_country_name(&issuer, country, csca_name);
	if (subject.failed || issuer.failed)
		rc = -ENOMEM;
	x.subject = buf_view(&subject);
	x.issuer = buf_view(&issuer);
	x.extensions = buf_view(&extensions);
	if (rc == 0)
		rc = certify_put(ca ? &p->csca_cert : &p->ds_cert, &x);
	buf_free(&subject);
	buf_free(&issuer);
	buf_free(&extensions);
	return rc;
}

int
pki_make(struct pki *out, const char country[3])
{
	int rc;

	*out = (struct pki) PKI_INIT;
	rc = ec_generate(&out->csca.ec, CURVE_P256);
	if (rc == 0)
		rc = ec_generate(&out->ds.ec, CURVE_P256);
	if (rc == 0)
		rc = make_certificate(out, true, country);
	if (rc == 0)
		rc = make_certificate(out, false, country);
	if (rc < 0)
		pki_free(out);
	return rc;
}

/* --- a folder ------------------------------------------------------------------------------ */

struct folder {
	const char *dir;
	char *error;
	size_t size;
	char path[PATH_MAX];
};

static int folder_fail(struct folder *f, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Say what is wrong with the file that was looked at last; rc. */
static int
folder_fail(struct folder *f, int rc, const char *fmt, ...)
{
	int n = snprintf(f->error, f->size, "--pki %s: ", f->path);
	va_list ap;

	va_start(ap, fmt);
	if (n > 0 && (size_t)n < f->size)
		vsnprintf(f->error + n, f->size - (size_t)n, fmt, ap);
	va_end(ap);
	return rc;
}

static bool
set_path(struct folder *f, const char *name)
{
	return snprintf(f->path, sizeof(f->path), "%s/%s", f->dir, name) < (int)sizeof(f->path);
}

int
pki_write(const char *path, struct view v, mode_t mode)
{
	int fd = output_open(path, mode, true), rc;
	ssize_t n;

	if (fd < 0)
		return fd;
	n = write(fd, v.p, v.n);
	rc = n < 0 || fsync(fd) < 0 ? -errno : (size_t)n < v.n ? -ENOSPC : 0;
	close(fd);
	return rc;
}

static int
write_pem(struct folder *f, const char *name, struct view pem, mode_t mode)
{
	int rc = set_path(f, name) ? pki_write(f->path, pem, mode) : -ENAMETOOLONG;

	return rc < 0 ? folder_fail(f, rc, "%s", output_fault(rc)) : 0;
}

static int
write_key(struct folder *f, const char *name, const struct import_key *k)
{
	struct buf pem = BUF(FILE_MAX);
	int rc = export_key(k, &pem);

	rc = rc == 0 ? write_pem(f, name, buf_view(&pem), 0600)
		     : folder_fail(f, rc, "%s", strerror(-rc));
	buf_free(&pem);
	return rc;
}

static int
write_certificate(struct folder *f, const char *name, const struct buf *der)
{
	struct buf pem = BUF(FILE_MAX);
	int rc = export_pem("CERTIFICATE", buf_view(der), &pem);

	rc = rc == 0 ? write_pem(f, name, buf_view(&pem), 0644)
		     : folder_fail(f, rc, "%s", strerror(-rc));
	buf_free(&pem);
	return rc;
}

/* The document signer's certificate last: where it is, all are. */
static int
fill_folder(struct folder *f, struct pki *p, const char *country)
{
	int rc = pki_make(p, country);

	if (rc < 0)
		return folder_fail(f, rc, "%s", strerror(-rc));
	rc = write_key(f, "csca.key", &p->csca);
	if (rc == 0)
		rc = write_certificate(f, "csca.pem", &p->csca_cert);
	if (rc == 0)
		rc = write_key(f, "ds.key", &p->ds);
	if (rc == 0)
		rc = write_certificate(f, "ds.pem", &p->ds_cert);
	return rc;
}

/* What a file holds: one key, or one certificate. -ENOENT, without a word: it is not there. */
static int
read_one(struct folder *f, const char *name, bool key, struct import *im)
{
	struct buf text = BUF(FILE_MAX);
	int rc;

	if (!set_path(f, name))
		return folder_fail(f, -ENAMETOOLONG, "%s", strerror(ENAMETOOLONG));
	rc = slurp(f->path, &text);
	if (rc == 0)
		rc = import_read(im, buf_view(&text), NULL, NULL);
	if (rc == 0 && (key ? im->n_keys != 1 : im->n_certs != 1))
		rc = -EBADMSG;
	if (rc == 0 && key && im->keys[0].ed)
		rc = -ENOTSUP;
	buf_free(&text);
	if (rc == -EBADMSG || rc == -ENOTSUP || rc == -EACCES)
		return folder_fail(f, rc,
				   key ? "not a private key, RSA or EC, without a passphrase"
				       : "not a certificate");
	return rc < 0 && rc != -ENOENT ? folder_fail(f, rc, "%s", strerror(-rc)) : rc;
}

static int
read_key(struct folder *f, const char *name, struct import_key *k)
{
	struct import im = { .n_keys = 0 };
	int rc = read_one(f, name, true, &im);

	if (rc == 0) {
		*k = im.keys[0];
		im.keys[0] = (struct import_key) { .rsa = NULL };
	}
	import_free(&im);
	return rc;
}

/* A certificate, which is for this key. */
static int
read_certificate(struct folder *f, const char *name, const struct import_key *k, struct buf *der)
{
	struct import im = { .n_keys = 0 };
	int rc = read_one(f, name, false, &im);

	if (rc == 0 && k && memcmp(im.certs[0].id, k->id, IMPORT_ID_SIZE) != 0)
		rc = folder_fail(f, -EINVAL, "the certificate of another key");
	if (rc == 0)
		buf_put_view(der, buf_view(&im.certs[0].der));
	if (rc == 0 && der->failed)
		rc = folder_fail(f, -ENOMEM, "%s", strerror(ENOMEM));
	import_free(&im);
	return rc;
}

/* By name only: whether the signature is right is what readers are there for. */
static int
check_issuer(struct folder *f, const struct pki *p)
{
	struct x509 csca, ds;

	if (!x509_read(buf_view(&p->csca_cert), &csca) || !x509_read(buf_view(&p->ds_cert), &ds))
		return folder_fail(f, -EINVAL, "not a certificate");
	if (!view_equal(ds.issuer, csca.subject))
		return folder_fail(f, -EINVAL, "the certificate is not by the CA of csca.pem");
	return 0;
}

static int
read_folder(struct folder *f, struct pki *p)
{
	bool csca_is_known;
	int rc = read_key(f, "csca.key", &p->csca);

	csca_is_known = rc == 0;
	if (rc == 0 || rc == -ENOENT)
		rc = read_certificate(f, "csca.pem", csca_is_known ? &p->csca : NULL,
				      &p->csca_cert);
	if (rc == 0)
		rc = read_key(f, "ds.key", &p->ds);
	if (rc == 0)
		rc = read_certificate(f, "ds.pem", &p->ds, &p->ds_cert);
	if (rc == -ENOENT)
		return folder_fail(f, rc, "%s", strerror(ENOENT));
	return rc == 0 ? check_issuer(f, p) : rc;
}

/* Whether none of the files is there. */
static bool
is_empty(struct folder *f)
{
	static const char *const names[] = { "csca.key", "csca.pem", "ds.key", "ds.pem" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (set_path(f, names[i]) && access(f->path, F_OK) == 0)
			return false;
	}
	return true;
}

int
pki_open(struct pki *out, const char *dir, const char country[3], char *error, size_t size)
{
	struct folder f = { .dir = dir, .error = error, .size = size };
	int rc;

	*out = (struct pki) PKI_INIT;
	snprintf(f.path, sizeof(f.path), "%s", dir);
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return folder_fail(&f, -errno, "%s", strerror(errno));
	rc = is_empty(&f) ? fill_folder(&f, out, country) : read_folder(&f, out);
	if (rc < 0)
		pki_free(out);
	return rc;
}

/* --- signing ------------------------------------------------------------------------------- */

enum digest
pki_digest(const struct pki *p)
{
	return certify_digest(&p->ds);
}

int
pki_sign(const struct pki *p, struct view oid, struct view content, struct buf *out)
{
	const struct cms cms = { .oid = oid, .content = content, .by = &p->ds,
				 .certificate = buf_view(&p->ds_cert) };

	return cms_put(out, &cms);
}
