/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a new card signs with: the signature PIN, a key, certificates. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cards/npa/fill.h"
#include "codec/tlv.h"
#include "crypto/certify.h"
#include "crypto/ec.h"
#include "model/key.h"

#define FILE_MAX 65536
#define CA_CERTIFICATE 0xc000
#define CERTIFICATE 0xc001
#define NAME "Erika Mustermann"
#define CA_NAME "vicc test CA for signatures"

/* DER of a Name with one common name. */
static void
put_name(struct buf *out, const char *text)
{
	static const uint8_t common_name[] = { 0x55, 0x04, 0x03 };
	size_t name = tlv_open(out, 0x30), set = tlv_open(out, 0x31), pair = tlv_open(out, 0x30);

	tlv_put(out, 0x06, view_of(common_name, sizeof(common_name)));
	tlv_put(out, 0x0c, view_of(text, strlen(text)));
	tlv_close(out, pair);
	tlv_close(out, set);
	tlv_close(out, name);
}

static int
fill_key(const struct filling *f, struct sam_key *k)
{
	const char *path = card_value(f->to.cfg, "esign-key");
	struct buf file = BUF(FILE_MAX);
	int rc;

	if (!path)
		return key_generate(k, 0, CURVE_BP256, NULL, NULL);
	rc = eac_read_file(&f->to, "esign-key", path, &file);
	if (rc == 0) {
		rc = key_set_value(k, buf_view(&file));
		if (rc < 0 || !key_is_private(k))
			snprintf(f->to.error, f->to.size,
				 "--esign-key %s: not a private EC key, PKCS#8 in DER or PEM",
				 path);
		rc = rc < 0 ? rc : key_is_private(k) ? 0 : -EINVAL;
	}
	buf_free(&file);
	return rc;
}

static int
certificate_from_file(const struct filling *f, struct file *df, const char *option,
		      const char *path, uint16_t fid)
{
	struct buf file = BUF(FILE_MAX);
	struct import im = { .n_certs = 0 };
	int rc = eac_read_file(&f->to, option, path, &file);

	if (rc == 0) {
		rc = import_read(&im, buf_view(&file), NULL, NULL);
		if (rc < 0 || im.n_certs == 0) {
			snprintf(f->to.error, f->to.size, "--%s %s: not a certificate", option,
				 path);
			rc = -EINVAL;
		}
	}
	if (rc == 0)
		rc = npa_set_file(f->to.s, df, fid, 0, buf_view(&im.certs[0].der));
	import_free(&im);
	buf_free(&file);
	return rc;
}

/* The CA's own, or the one of the card's key. */
static int
put_certificate(const struct import_key *key, const struct import_key *by, struct buf *out)
{
	const bool ca = key == by;
	struct buf subject = BUF(256), issuer = BUF(256), extensions = BUF(256);
	int rc;

	put_name(&subject, ca ? CA_NAME : NAME);
	put_name(&issuer, CA_NAME);
	if (ca)
		certify_put_ca(&extensions, true);
	certify_put_usage(&extensions, ca ? CERTIFY_SIGNS_CERTIFICATES : CERTIFY_SIGNS);
	rc = subject.failed || issuer.failed || extensions.failed
		     ? -ENOMEM
		     : certify_put(out, &(struct certify) { .key = key,
							    .by = by,
							    .subject = buf_view(&subject),
							    .issuer = buf_view(&issuer),
							    .extensions = buf_view(&extensions) });
	buf_free(&subject);
	buf_free(&issuer);
	buf_free(&extensions);
	return rc;
}

static int
keep_certificate(const struct filling *f, struct file *df, const struct import_key *key,
		 const struct import_key *by)
{
	struct buf cert = BUF(CERTIFY_SIZE_MAX);
	int rc = put_certificate(key, by, &cert);

	if (rc == 0)
		rc = npa_set_file(f->to.s, df, key == by ? CA_CERTIFICATE : CERTIFICATE, 0,
				  buf_view(&cert));
	buf_free(&cert);
	return rc;
}

/* By a CA that signs this one and is forgotten. */
static int
make_certificates(const struct filling *f, struct file *df, struct sam_key *k)
{
	const struct import_key key = key_asym(k);
	struct import_key ca = { .ec = NULL };
	int rc = ec_generate(&ca.ec, CURVE_BP256);

	if (rc == 0)
		rc = keep_certificate(f, df, &ca, &ca);
	if (rc == 0)
		rc = keep_certificate(f, df, &key, &ca);
	ec_free(ca.ec);
	return rc;
}

int
fill_esign(const struct filling *f)
{
	const char *cert = card_value(f->to.cfg, "esign-cert"),
		   *ca = card_value(f->to.cfg, "esign-ca-cert"),
		   *value = card_value(f->to.cfg, "qes-pin");
	struct file *df = npa_esign_df(f->to.s);
	struct sam_pin *pin = df ? sam_pin_find(&f->to.s->sam, df->uid, NPA_QES_PIN) : NULL;
	struct sam_key *k = df ? sam_key_add(&f->to.s->sam, df->uid, NPA_ESIGN_KEY, SAM_EC) : NULL;
	int rc;

	if (!pin || !k || (value && !sam_code_set(&pin->code, view_of(value, strlen(value)))))
		return fill_fail(f, 0, "qes-pin", "the card has no place for signatures");
	f->to.s->sam.changed = true;
	rc = fill_key(f, k);
	if (rc == 0)
		rc = cert ? certificate_from_file(f, df, "esign-cert", cert, CERTIFICATE)
			  : make_certificates(f, df, k);
	if (rc == 0 && ca)
		rc = certificate_from_file(f, df, "esign-ca-cert", ca, CA_CERTIFICATE);
	return rc;
}
