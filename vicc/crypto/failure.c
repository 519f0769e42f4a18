/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/failure.h"

#include <errno.h>
#include <openssl/err.h>

int
crypto_failure(int otherwise)
{
	unsigned long e;
	int error = otherwise;

	while ((e = ERR_get_error()) != 0) {
		if (ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE)
			error = -ENOMEM;
	}
	return error;
}
