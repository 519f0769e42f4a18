/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A terminal for this card, in the issuer's folder (--pki): a CVCA, a document verifier and an
 * authentication terminal with all rights, as CV certificates and PKCS#8, such as npa-tool takes.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/output.h"
#include "base/slurp.h"
#include "cards/npa/fill.h"
#include "codec/tlv.h"
#include "crypto/digest.h"
#include "crypto/ec.h"
#include "model/field.h"

#define CURVE CURVE_BP256
#define FILE_MAX 4096
#define YEAR 10000 /* of a date YYYYMMDD */

struct party {
	const char *name; /* of its files */
	const char *car, *chr;
	enum cvc_role role;
	unsigned years; /* for which it is good */
};

static const struct party parties[] = {
	{ "cvca", "DECVCAAT00001", "DECVCAAT00001", CVC_CVCA, 3 },
	{ "dv", "DECVCAAT00001", "DEDVAT0000001", CVC_DV_DOMESTIC, 2 },
	{ "at", "DEDVAT0000001", "DETERMINAL001", CVC_TERMINAL, 1 },
};

#define PARTIES (sizeof(parties) / sizeof(*parties))

/* What is in 7F49; the parameters of a CVCA alone. */
static int
put_public_key(const struct ec *k, bool with_params, struct buf *out)
{
	static const uint8_t ecdsa_sha256[] = { 0x04, 0x00, 0x7f, 0x00, 0x07,
						0x02, 0x02, 0x02, 0x02, 0x03 };
	static const enum curve_part parts[] = { CURVE_PART_P, CURVE_PART_A, CURVE_PART_B,
						 CURVE_PART_G, CURVE_PART_N };
	struct buf v = BUF(2 * CURVE_SIZE_MAX + 1);
	int rc = 0;
	size_t i;

	tlv_put(out, 0x06, view_of(ecdsa_sha256, sizeof(ecdsa_sha256)));
	for (i = 0; rc == 0 && with_params && i < 5; i++) {
		buf_reset(&v);
		rc = curve_get(CURVE, parts[i], &v);
		tlv_put(out, 0x81 + (uint32_t)i, buf_view(&v));
	}
	buf_reset(&v);
	if (rc == 0)
		rc = ec_get_point(k, &v);
	tlv_put(out, 0x86, buf_view(&v));
	if (with_params)
		tlv_put_u8(out, 0x87, 1);
	buf_free(&v);
	return rc;
}

static int
sign_body(const struct ec *signer, struct view body, struct buf *out)
{
	struct buf hash = BUF(DIGEST_MAX);
	int rc = digest_once(DIGEST_SHA256, body, &hash);

	if (rc == 0)
		rc = ec_sign(signer, EC_FORM_PLAIN, buf_view(&hash), out);
	buf_free(&hash);
	return rc;
}

static int
put_certificate(const struct party *p, const struct ec *k, const struct ec *signer, uint32_t today,
		struct buf *out)
{
	struct buf key = BUF(1024), body = BUF(2048), signature = BUF(2 * CURVE_SIZE_MAX);
	/* no 29th of February, which few years have */
	const uint32_t day = today % YEAR == 229 ? today - 1 : today;
	int rc = put_public_key(k, p->role == CVC_CVCA, &key);

	cvc_put_body(&body,
		     &(struct cvc_body) {
			     .car = view_of(p->car, strlen(p->car)),
			     .chr = view_of(p->chr, strlen(p->chr)),
			     .key = buf_view(&key),
			     .chat = { .terminal = CVC_AT, .role = p->role, .rights = CHAT_AT_ALL },
			     .effective = day,
			     .expires = day + p->years * YEAR });
	if (rc == 0)
		rc = body.failed ? -ENOMEM : sign_body(signer, buf_view(&body), &signature);
	cvc_put(out, buf_view(&body), buf_view(&signature));
	buf_free(&key);
	buf_free(&body);
	buf_free(&signature);
	return rc;
}

/* PKCS#8 (RFC 5958) around ECPrivateKey (RFC 5915). */
static int
put_private_key(const struct ec *k, struct buf *out)
{
	static const uint8_t ec_public[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
	struct buf d = BUF(CURVE_SIZE_MAX);
	size_t all = tlv_open(out, 0x30), mark;
	int rc = ec_get_d(k, &d);

	tlv_put_u8(out, 0x02, 0);
	mark = tlv_open(out, 0x30);
	tlv_put(out, 0x06, view_of(ec_public, sizeof(ec_public)));
	tlv_put(out, 0x06, curve_oid(CURVE));
	tlv_close(out, mark);
	mark = tlv_open(out, 0x04);
	{
		size_t inner = tlv_open(out, 0x30);

		tlv_put_u8(out, 0x02, 1);
		tlv_put(out, 0x04, buf_view(&d));
		tlv_close(out, inner);
	}
	tlv_close(out, mark);
	tlv_close(out, all);
	buf_free(&d);
	return rc;
}

/* --- the folder ------------------------------------------------------------------------------- */

static int
terminal_fail(const struct filling *f, int rc, const char *path)
{
	snprintf(f->to.error, f->to.size, "--pki %s: %s", path, output_fault(rc));
	return rc;
}

static int
write_file(const struct filling *f, const char *name, const char *end, struct view v, mode_t mode)
{
	char path[PATH_MAX];
	int rc;

	/* cvca.cvcert, the longest of these names, has fitted */
	snprintf(path, sizeof(path), "%s/%s.%s", card_value(f->to.cfg, "pki"), name, end);
	rc = pki_write(path, v, mode);
	return rc < 0 ? terminal_fail(f, rc, path) : 0;
}

/* A new key, its certificate by the one before, both in the folder. */
static int
make_party(const struct filling *f, const struct party *p, struct ec *keys[PARTIES], size_t i)
{
	struct buf cvc = BUF(FILE_MAX), pkcs8 = BUF(FILE_MAX);
	const uint32_t today = field_number(eac_fields(f->to.s), EAC_FIELD_DATE, 0);
	int rc = ec_generate(&keys[i], CURVE);

	if (rc == 0)
		rc = put_certificate(p, keys[i], keys[i == 0 ? 0 : i - 1], today, &cvc);
	if (rc == 0)
		rc = put_private_key(keys[i], &pkcs8);
	if (rc == 0)
		rc = write_file(f, p->name, "pkcs8", buf_view(&pkcs8), 0600);
	if (rc == 0)
		rc = write_file(f, p->name, "cvcert", buf_view(&cvc), 0644);
	buf_free(&cvc);
	buf_free(&pkcs8);
	return rc;
}

static int
make_parties(const struct filling *f)
{
	struct ec *keys[PARTIES] = { NULL };
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < PARTIES; i++)
		rc = make_party(f, &parties[i], keys, i);
	for (i = 0; i < PARTIES; i++)
		ec_free(keys[i]);
	return rc;
}

/* The CVCA of the folder, in which all are made where there is none. */
static int
read_anchor(const struct filling *f, const char *path, struct buf *out)
{
	int rc = slurp(path, out);

	if (rc == -ENOENT) {
		rc = make_parties(f);
		if (rc < 0)
			return rc;
		rc = slurp(path, out);
	}
	return rc < 0 ? terminal_fail(f, rc, path) : 0;
}

/* It is one that the card trusts. */
int
fill_terminal(const struct filling *f)
{
	const char *dir = card_value(f->to.cfg, "pki");
	struct buf v = BUF(FILE_MAX);
	char path[PATH_MAX];
	int rc;

	if (!dir)
		return 0;
	if (snprintf(path, sizeof(path), "%s/cvca.cvcert", dir) >= (int)sizeof(path))
		return terminal_fail(f, -ENAMETOOLONG, dir);
	rc = read_anchor(f, path, &v);
	if (rc == 0) {
		rc = eac_anchor_add(f->to.s, buf_view(&v));
		if (rc < 0)
			snprintf(f->to.error, f->to.size, "--pki %s: %s", path,
				 rc == -EEXIST ? "--cvca has named two already"
					       : "not a CV certificate of a CVCA (7F21)");
	}
	buf_free(&v);
	return rc;
}
