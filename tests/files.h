/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file system in which tests put files. */
#ifndef TESTS_FILES_H
#define TESTS_FILES_H

#include <string.h>

#include "base/hex.h"
#include "model/fs.h"
#include "support.h"

/* Bytes written in hex; they stay until the eighth call after this. */
static inline struct view
bytes(const char *hex)
{
	static struct buf ring[8];
	static unsigned turn;
	struct buf *b = &ring[turn++ % 8];

	buf_free(b);
	*b = (struct buf) BUF(65536);
	ck_assert_msg(hex_read(b, hex), "not hex: %s", hex);
	return buf_view(b);
}

#define ck_bytes_eq(v, hex) \
	do { \
		struct view ck_got = (v), ck_want = bytes(hex); \
		ck_assert_uint_eq(ck_got.n, ck_want.n); \
		if (ck_want.n > 0) \
			ck_assert_mem_eq(ck_got.p, ck_want.p, ck_want.n); \
	} while (0)

/* A spec with a descriptor in hex, activated, of a size. */
static inline struct file_spec
spec_of(uint16_t fid, const char *descriptor, size_t size)
{
	struct file_spec spec = {
		.fid = fid,
		.life = FILE_ACTIVATED,
		.sfi = FCP_SFI_IMPLIED,
		.has_size = size > 0,
		.size = size,
	};
	struct view d = bytes(descriptor);

	memcpy(spec.descriptor, d.p, d.n);
	spec.descriptor_n = d.n;
	return spec;
}

/* A file that must succeed; others in hex. */
static inline struct file *
add(struct fs *fs, struct file *df, uint16_t fid, const char *descriptor, size_t size,
    const char *others)
{
	struct file_spec spec = spec_of(fid, descriptor, size);
	struct file *f = NULL;

	spec.others = bytes(others);
	ck_assert_uint_eq(fs_add(fs, df, &spec, &f), SW_OK);
	ck_assert_ptr_nonnull(f);
	return f;
}

#endif
