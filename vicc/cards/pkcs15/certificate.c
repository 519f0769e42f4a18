/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/pkcs15/certificate.h"

#include <errno.h>

#include "codec/x509.h"
#include "crypto/certify.h"
#include "model/key.h"

int
personal_certify(struct sam_key *k, const char *name, struct sam_key *by, struct view issuer,
		 struct view extensions, struct buf *out)
{
	const struct import_key key = key_asym(k), signer = key_asym(by);
	struct buf subject = BUF(512);
	struct certify x = {
		.key = &key, .by = &signer, .issuer = issuer, .extensions = extensions
	};
	int rc;

	x509_put_name(&subject, name);
	x.subject = buf_view(&subject);
	rc = subject.failed ? -ENOMEM : certify_put(out, &x);
	buf_free(&subject);
	return rc;
}

int
personal_self_sign(struct sam_key *k, const char *name, enum personal_certificate what,
		   struct buf *out)
{
	struct buf extensions = BUF(64);
	struct import_key key;
	int rc = 0;

	if (what == PERSONAL_CERTIFICATE_SIGNER) {
		key = key_asym(k);
		rc = certify_put_subject_identifier(&key, &extensions);
	}
	if (what == PERSONAL_CERTIFICATE_CA) {
		certify_put_ca(&extensions, false);
		certify_put_usage(&extensions, CERTIFY_SIGNS_CERTIFICATES);
	}
	if (extensions.failed)
		rc = -ENOMEM;
	if (rc == 0)
		rc = personal_certify(k, name, k, view_of(NULL, 0), buf_view(&extensions), out);
	buf_free(&extensions);
	return rc;
}
