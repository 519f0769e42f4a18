/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/fromdata.h"

#include <errno.h>

#include "crypto/failure.h"

int
key_from_params(const char *type, OSSL_PARAM_BLD *bld, int selection, EVP_PKEY **pkey)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *params = bld ? OSSL_PARAM_BLD_to_param(bld) : NULL;
	int r = 0;

	if (!ctx || !params)
		r = crypto_failure(-ENOMEM);
	else if (EVP_PKEY_fromdata_init(ctx) != 1 ||
		 EVP_PKEY_fromdata(ctx, pkey, selection, params) != 1)
		r = crypto_failure(-EINVAL);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	return r;
}
