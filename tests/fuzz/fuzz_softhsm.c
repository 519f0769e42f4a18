/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file of a store of SoftHSM: what is taken of it lies in it, and what is sealed opens or not. */
#include "cards/cac/softhsm.h"

#include <errno.h>

#include "fuzz.h"

static void
must_lie_in(struct view in, struct view v)
{
	must(v.n == 0 || (v.p >= in.p && v.n <= in.n && v.p + v.n <= in.p + in.n));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_of(data, size);
	struct secret master = { .n = 0 };
	struct softhsm_object o;
	struct buf out = BUF(4096);
	size_t i;
	int rc;

	if (!softhsm_read(in, &o))
		return 0;
	rc = softhsm_open(o.value[SOFTHSM_USER_PIN], view_of("123456", 6), &master);
	must(rc == 0 || rc == -EACCES || rc == -EINVAL);
	must(rc == 0 ? master.n == 32 : master.n == 0);
	if (master.n == 0)
		must(secret_set(&master, view_of("0123456789abcdef0123456789abcdef", 32)));
	for (i = 0; i < SOFTHSM_ATTRIBUTES; i++) {
		must_lie_in(in, o.value[i]);
		rc = softhsm_unseal(&master, o.value[i], &out);
		must(rc == 0 || rc == -EBADMSG || rc == -ENOMEM);
		buf_free(&out);
		out = (struct buf) BUF(4096);
	}
	secret_wipe(&master);
	return 0;
}
