/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/kdf.h"

#include <errno.h>

#include "crypto/digest.h"

void
des_parity(uint8_t *key, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		key[i] = (uint8_t)((key[i] & 0xfe) | !(__builtin_popcount(key[i] & 0xfe) & 1));
}

int
kdf_derive(enum cipher c, size_t n, struct view secret, enum kdf_use use, struct secret *key)
{
	struct buf seed = BUF(secret.n + 4);
	struct buf hash = BUF(DIGEST_MAX);
	int r = -ENOMEM;

	if (c == CIPHER_3DES ? n != 16 : !cipher_takes_key(c, n))
		return -EINVAL;
	buf_put_view(&seed, secret);
	buf_u16(&seed, 0);
	buf_u16(&seed, (uint16_t)use);
	if (seed.failed)
		goto out;
	r = digest_once(n > 16 ? DIGEST_SHA256 : DIGEST_SHA1, buf_view(&seed), &hash);
	if (r < 0)
		goto out;
	secret_set(key, view_of(hash.p, n));
	if (c == CIPHER_3DES)
		des_parity(key->bytes, n);
out:
	buf_free(&seed);
	buf_free(&hash);
	return r;
}
