/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <openssl/err.h>

#include "crypto/failure.h"
#include "support.h"

START_TEST(nothing_queued)
{
	ck_assert_int_eq(crypto_failure(-EIO), -EIO);
}
END_TEST

START_TEST(any_error)
{
	ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
	ERR_raise(ERR_LIB_USER, ERR_R_PASSED_NULL_PARAMETER);
	ck_assert_int_eq(crypto_failure(-EINVAL), -EINVAL);
	ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

/* Whatever came after it. */
START_TEST(no_memory)
{
	ERR_raise(ERR_LIB_USER, ERR_R_MALLOC_FAILURE);
	ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
	ck_assert_int_eq(crypto_failure(-EINVAL), -ENOMEM);
	ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("failure");

	tcase_add_test(tc, nothing_queued);
	tcase_add_test(tc, any_error);
	tcase_add_test(tc, no_memory);
	return run("failure", tc);
}
