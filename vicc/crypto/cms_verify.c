/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading signed data, and whether the signature is right. */
#include "crypto/cms.h"

#include <errno.h>
#include <limits.h>
#include <openssl/cms.h>
#include <openssl/x509_vfy.h>

#include "codec/tlv.h"
#include "crypto/failure.h"

#define OID 0x06u
#define SEQUENCE 0x30u
#define SET 0x31u
#define EXPLICIT_0 0xa0u
#define CERTIFICATES 0xa0u

static bool
next_of(struct view *in, uint32_t tag, struct view *value)
{
	struct tlv t;

	if (!tlv_next(in, &t) || t.tag != tag)
		return false;
	*value = t.value;
	return true;
}

/* The first certificate, whole. */
static struct view
first_certificate(struct view in)
{
	struct view all, rest;
	struct tlv t;

	if (!next_of(&in, CERTIFICATES, &all))
		return view_of(NULL, 0);
	rest = all;
	if (!tlv_next(&rest, &t))
		return view_of(NULL, 0);
	return view_slice(all, 0, all.n - rest.n);
}

bool
cms_read(struct view signed_data, struct cms *out)
{
	static const uint32_t way[] = { SEQUENCE, EXPLICIT_0, SEQUENCE, 0 };
	static const uint32_t to_content[] = { EXPLICIT_0, 0x04, 0 };
	struct view in, version, algorithms, info;

	*out = (struct cms) { .by = NULL };
	if (!tlv_find_path(signed_data, way, &in) || !next_of(&in, 0x02, &version) ||
	    !next_of(&in, SET, &algorithms) || !next_of(&in, SEQUENCE, &info) ||
	    !next_of(&info, OID, &out->oid) || !tlv_find_path(info, to_content, &out->content))
		return false;
	out->certificate = first_certificate(in);
	return true;
}

/* --- the signature -------------------------------------------------------------------------- */

/* A store that trusts one CA, on every day. */
static X509_STORE *
store_of(struct view ca)
{
	const unsigned char *p = ca.p;
	X509 *x = ca.n <= INT_MAX ? d2i_X509(NULL, &p, (long)ca.n) : NULL;
	X509_STORE *store = x ? X509_STORE_new() : NULL;

	if (store && (X509_STORE_add_cert(store, x) != 1 ||
		      X509_STORE_set_purpose(store, X509_PURPOSE_ANY) != 1 ||
		      X509_STORE_set_flags(store, X509_V_FLAG_NO_CHECK_TIME) != 1)) {
		X509_STORE_free(store);
		store = NULL;
	}
	X509_free(x);
	return store;
}

static int
verify_chain(CMS_ContentInfo *cms, struct view ca)
{
	X509_STORE *store = store_of(ca);
	int rc = store && CMS_verify(cms, NULL, store, NULL, NULL, CMS_BINARY) == 1
			 ? 0
			 : crypto_failure(-EKEYREJECTED);

	X509_STORE_free(store);
	return rc;
}

int
cms_verify(struct view signed_data, struct view ca)
{
	const unsigned char *p = signed_data.p;
	CMS_ContentInfo *cms = NULL;
	int rc;

	if (signed_data.n <= INT_MAX)
		cms = d2i_CMS_ContentInfo(NULL, &p, (long)signed_data.n);
	if (!cms)
		return crypto_failure(-EINVAL);
	if (CMS_verify(cms, NULL, NULL, NULL, NULL, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) == 1)
		rc = verify_chain(cms, ca);
	else
		rc = crypto_failure(-EBADMSG);
	CMS_ContentInfo_free(cms);
	return rc;
}
