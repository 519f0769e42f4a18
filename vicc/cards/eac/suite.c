/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/eac/suite.h"

#include <errno.h>

#include "codec/secinfo.h"
#include "codec/tlv.h"
#include "crypto/group.h"
#include "crypto/mac.h"

struct eac_suite
suite_of(uint8_t number)
{
	static const struct eac_suite suites[] = {
		[SECINFO_3DES] = { CIPHER_3DES, 16, SM_DES3 },
		[SECINFO_AES128] = { CIPHER_AES, 16, SM_AES },
		[SECINFO_AES192] = { CIPHER_AES, 24, SM_AES },
		[SECINFO_AES256] = { CIPHER_AES, 32, SM_AES },
	};

	return suites[number];
}

int
suite_mac(const struct eac_suite *s, const struct secret *key, struct view data, struct buf *out)
{
	const size_t before = out->n;
	int rc = s->sm == SM_AES ? mac_cmac(secret_view(key), data, out)
				 : mac_retail_padded(secret_view(key), data, out);

	if (rc == 0)
		buf_cut(out, before + SUITE_TOKEN);
	return rc;
}

int
suite_token(const struct eac_suite *s, const struct secret *key, struct view oid, bool is_point,
	    struct view public, struct buf *out)
{
	struct buf input = BUF(GROUP_ELEMENT_MAX + 64);
	size_t mark = tlv_open(&input, 0x7f49);
	int rc;

	tlv_put(&input, 0x06, oid);
	tlv_put(&input, is_point ? 0x86 : 0x84, public);
	tlv_close(&input, mark);
	rc = input.failed ? -ENOMEM : suite_mac(s, key, buf_view(&input), out);
	buf_free(&input);
	return rc;
}

int
suite_session(const struct eac_suite *s, struct view secret, struct sm **out, struct secret *kmac)
{
	struct secret enc = { .n = 0 }, mac = { .n = 0 };
	int rc = kdf_derive(s->cipher, s->key, secret, KDF_ENC, &enc);

	if (rc == 0)
		rc = kdf_derive(s->cipher, s->key, secret, KDF_MAC, &mac);
	if (rc == 0) {
		*out = sm_new(s->sm, secret_view(&enc), secret_view(&mac), view_of(NULL, 0));
		rc = *out ? 0 : -ENOMEM;
	}
	if (rc == 0 && kmac)
		*kmac = mac;
	secret_wipe(&enc);
	secret_wipe(&mac);
	return rc;
}
