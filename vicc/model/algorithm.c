/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/algorithm.h"

static const struct algorithm algorithms[] = {
	{ 0x00, .what = ALGORITHM_CIPHER, .kind = SAM_DES3, .mode = CIPHER_ECB },
	{ 0x01, .what = ALGORITHM_CIPHER, .kind = SAM_DES3, .mode = CIPHER_CBC },
	{ 0x02, .what = ALGORITHM_CIPHER, .kind = SAM_AES, .mode = CIPHER_ECB },
	{ 0x03, .what = ALGORITHM_CIPHER, .kind = SAM_AES, .mode = CIPHER_CBC },
	{ 0x04, .what = ALGORITHM_CIPHER, .kind = SAM_DES, .mode = CIPHER_ECB },
	{ 0x05, .what = ALGORITHM_CIPHER, .kind = SAM_DES, .mode = CIPHER_CBC },
	{ 0x07, .what = ALGORITHM_HASH, .digest = DIGEST_SHA1 },
	{ 0x08, .what = ALGORITHM_HASH, .digest = DIGEST_SHA256 },
	{ 0x09, .what = ALGORITHM_CMAC, .kind = SAM_AES },
	{ 0x0a, .what = ALGORITHM_HMAC, .kind = SAM_HMAC, .digest = DIGEST_SHA256 },
	{ 0x0b, .what = ALGORITHM_RETAIL_MAC, .kind = SAM_DES3 },
	{ 0x0c, .what = ALGORITHM_RSA_PKCS1, .kind = SAM_RSA },
	{ 0x10, .what = ALGORITHM_RSA_RAW, .kind = SAM_RSA },
	{ 0x11, .what = ALGORITHM_RSA_PSS, .kind = SAM_RSA },
	{ 0x12, .what = ALGORITHM_RSA_OAEP, .kind = SAM_RSA },
	{ 0x13, .what = ALGORITHM_ECDSA, .kind = SAM_EC },
	{ 0x14, .what = ALGORITHM_ECDH, .kind = SAM_EC },
	{ 0x15, .what = ALGORITHM_ED25519, .kind = SAM_ED25519 },
	{ 0x16, .what = ALGORITHM_X25519, .kind = SAM_X25519 },
	{ 0x18, .what = ALGORITHM_HASH, .digest = DIGEST_SHA224 },
	{ 0x19, .what = ALGORITHM_HASH, .digest = DIGEST_SHA384 },
	{ 0x1a, .what = ALGORITHM_HASH, .digest = DIGEST_SHA512 },
	{ 0x1b, .what = ALGORITHM_HASH, .digest = DIGEST_SHA3_256 },
	{ 0x1c, .what = ALGORITHM_HASH, .digest = DIGEST_SHA3_384 },
	{ 0x1d, .what = ALGORITHM_HASH, .digest = DIGEST_SHA3_512 },
};

const struct algorithm *
algorithm_find(uint8_t id)
{
	size_t i;

	for (i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++) {
		if (algorithms[i].id == id)
			return &algorithms[i];
	}
	return NULL;
}

bool
algorithm_digest_of(size_t n, enum digest *out)
{
	static const enum digest all[] = {
		DIGEST_SHA1, DIGEST_SHA224, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512,
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (digest_size(all[i]) == n) {
			*out = all[i];
			return true;
		}
	}
	return false;
}
