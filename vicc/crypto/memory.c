/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/memory.h"

#include <openssl/crypto.h>

#include "base/alloc.h"

static void *
memory_take(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	/* OpenSSL's own: nothing asked for is nothing given */
	return n > 0 ? wiping_malloc(n) : NULL;
}

static void *
memory_retake(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return wiping_realloc(p, n);
}

static void
memory_give(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	wiping_free(p);
}

bool
crypto_wipe_memory(void)
{
	return CRYPTO_set_mem_functions(memory_take, memory_retake, memory_give) == 1;
}
