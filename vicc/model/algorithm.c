/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/algorithm.h"

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
