/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/eac/lds.h"

#include <errno.h>
#include <string.h>

#include "codec/photo.h"
#include "codec/tlv.h"

#define COM 0x60u
#define LDS_VERSION 0x5f01u
#define UNICODE_VERSION 0x5f36u
#define TAG_LIST 0x5cu
#define MRZ_DATA 0x5f1fu

#define FACE_HEADER (14 + 20 + 12) /* bytes before the picture */
#define SOD_CONTENT_MAX 2048

/* 9303-10, 3.11.1 and 4.6.1.1 */
static const uint8_t tags[LDS_GROUPS + 1] = {
	0, 0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f,
	0x70,
};

struct file *
emrtd_df(const struct state *s)
{
	struct file *f;

	for (f = s->fs.mf; f; f = fs_walk(&s->fs, f)) {
		if (f->application && strcmp(f->application->name, EMRTD_NAME) == 0)
			return f;
	}
	return NULL;
}

void
lds_init(struct lds *l)
{
	unsigned i;

	for (i = 0; i <= LDS_GROUPS; i++)
		l->group[i] = (struct buf) BUF(LDS_GROUP_MAX);
}

void
lds_free(struct lds *l)
{
	unsigned i;

	for (i = 0; i <= LDS_GROUPS; i++)
		buf_free(&l->group[i]);
}

bool
lds_read(struct lds *l, const struct file *df)
{
	const struct file *ef;
	unsigned n;

	for (n = 1; n <= LDS_GROUPS; n++) {
		ef = fs_child(df, (uint16_t)(EMRTD_FID_GROUP + n));
		if (ef && !buf_set(&l->group[n], buf_view(&ef->contents)))
			return false;
	}
	return true;
}

uint8_t
lds_tag(unsigned group)
{
	return tags[group];
}

bool
lds_put_group(struct buf *out, unsigned group, struct view contents)
{
	struct view rest = contents;
	struct tlv t;

	if (contents.n == 0 || contents.p[0] != tags[group]) {
		tlv_put(out, tags[group], contents);
		return true;
	}
	buf_put_view(out, contents);
	return tlv_next(&rest, &t) && rest.n == 0;
}

void
lds_put_mrz(struct buf *out, const struct mrz *mrz)
{
	size_t group = tlv_open(out, tags[1]);

	tlv_put(out, MRZ_DATA, view_of(mrz->text, mrz->n));
	tlv_close(out, group);
}

/* --- DG2 (9303-10, 4.7.2; ISO/IEC 19794-5, 5) -------------------------------------------------- */

static void
put_u32(struct buf *out, size_t n)
{
	buf_u16(out, (uint16_t)(n >> 16));
	buf_u16(out, (uint16_t)n);
}

/* Facial record header, facial information, image information: nothing is said of the face. */
static void
put_record(struct buf *out, const struct photo *p, struct view picture)
{
	static const uint8_t format[] = { 'F', 'A', 'C', 0, '0', '1', '0', 0 };

	buf_put(out, format, sizeof(format));
	put_u32(out, FACE_HEADER + picture.n);
	buf_u16(out, 1); /* faces */
	put_u32(out, FACE_HEADER - 14 + picture.n);
	/* no feature points; gender, eyes, hair, expression, pose: unspecified */
	buf_fill(out, 0, 16);
	buf_u8(out, 1);       /* full frontal */
	buf_u8(out, p->jpeg2000 ? 1 : 0);
	buf_u16(out, p->width);
	buf_u16(out, p->height);
	buf_u8(out, 1); /* 24 bit RGB, or what the picture says */
	buf_fill(out, 0, 5); /* source, device, quality: unspecified */
	buf_put_view(out, picture);
}

/*
 * CBEFF (ISO/IEC 7816-11): facial features in a format of ISO/IEC JTC 1/SC 37. In this form,
 * which issuers use, as mrtdreader 0.1.6 looks for the picture's kind at one offset.
 */
static void
put_header(struct buf *out)
{
	size_t header = tlv_open(out, 0xa1);

	tlv_put_u8(out, 0x81, 0x02);
	tlv_put_u8(out, 0x82, 0x00);
	tlv_put_u16(out, 0x87, 0x0101);
	tlv_put_u16(out, 0x88, 0x0008);
	tlv_close(out, header);
}

bool
lds_put_face(struct buf *out, struct view picture)
{
	struct photo p;
	size_t group, templates, template, record;

	if (!photo_read(picture, &p))
		return false;
	group = tlv_open(out, tags[2]);
	templates = tlv_open(out, 0x7f61);
	tlv_put_u8(out, 0x02, 1);
	template = tlv_open(out, 0x7f60);
	put_header(out);
	record = tlv_open(out, 0x5f2e);
	put_record(out, &p, picture);
	tlv_close(out, record);
	tlv_close(out, template);
	tlv_close(out, templates);
	tlv_close(out, group);
	return true;
}

/* --- EF.COM, EF.SOD ------------------------------------------------------------------------------ */

void
lds_put_com(struct buf *out, const struct lds *l)
{
	size_t com = tlv_open(out, COM), list;
	unsigned i;

	tlv_put(out, LDS_VERSION, view_of("0107", 4));
	tlv_put(out, UNICODE_VERSION, view_of("040000", 6));
	list = tlv_open(out, TAG_LIST);
	for (i = 1; i <= LDS_GROUPS; i++) {
		if (l->group[i].n > 0)
			buf_u8(out, tags[i]);
	}
	tlv_close(out, list);
	tlv_close(out, com);
}

static int
put_hash(struct buf *out, unsigned group, struct view contents, enum digest d)
{
	struct buf hash = BUF(DIGEST_MAX);
	size_t pair = tlv_open(out, 0x30);
	int rc = digest_once(d, contents, &hash);

	tlv_put_u8(out, 0x02, (uint8_t)group);
	tlv_put(out, 0x04, buf_view(&hash));
	tlv_close(out, pair);
	if (rc == 0 && hash.failed)
		rc = -ENOMEM;
	buf_free(&hash);
	return rc;
}

/* LDSSecurityObject of version 0 (4.6.2.3) */
static int
put_security_object(struct buf *out, const struct lds *l, enum digest d)
{
	size_t object = tlv_open(out, 0x30), hashes;
	unsigned i;
	int rc = 0;

	tlv_put_u8(out, 0x02, 0);
	digest_put_algorithm(d, out);
	hashes = tlv_open(out, 0x30);
	for (i = 1; rc == 0 && i <= LDS_GROUPS; i++) {
		if (l->group[i].n > 0)
			rc = put_hash(out, i, buf_view(&l->group[i]), d);
	}
	tlv_close(out, hashes);
	tlv_close(out, object);
	return rc;
}

int
lds_put_sod(struct buf *out, const struct lds *l, const struct pki *pki)
{
	struct buf content = BUF(SOD_CONTENT_MAX);
	size_t sod = tlv_open(out, LDS_SOD);
	int rc = put_security_object(&content, l, pki_digest(pki));

	if (rc == 0 && content.failed)
		rc = -ENOMEM;
	if (rc == 0)
		rc = pki_sign(pki, pki_oid_sod, buf_view(&content), out);
	tlv_close(out, sod);
	buf_free(&content);
	return rc == 0 && out->failed ? -ENOMEM : rc;
}

/* --- reading what was signed --------------------------------------------------------------------- */

/* The hash of an AlgorithmIdentifier, whose parameters do not count. */
static bool
read_digest(struct view algorithm, enum digest *out)
{
	static const enum digest known[] = {
		DIGEST_SHA1, DIGEST_SHA224, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512,
	};
	static const uint32_t way[] = { 0x30, 0x06, 0 };
	struct view wanted, oid;
	bool found = false;
	size_t i;

	if (!tlv_find(algorithm, 0x06, &wanted))
		return false;
	for (i = 0; i < sizeof(known) / sizeof(*known) && !found; i++) {
		struct buf b = BUF(64);

		digest_put_algorithm(known[i], &b);
		*out = known[i];
		found = tlv_find_path(buf_view(&b), way, &oid) && view_equal(oid, wanted);
		buf_free(&b);
	}
	return found;
}

static bool
read_hash(struct view pair, struct lds_hashes *out)
{
	struct view number, hash;

	if (!tlv_find(pair, 0x02, &number) || !tlv_find(pair, 0x04, &hash) || number.n != 1 ||
	    number.p[0] < 1 || number.p[0] > LDS_GROUPS)
		return false;
	out->of[number.p[0]] = hash;
	return true;
}

bool
lds_read_hashes(struct view content, struct lds_hashes *out)
{
	struct tlv object, version, algorithm, hashes, pair;

	*out = (struct lds_hashes) { .digest = DIGEST_SHA256 };
	if (!tlv_next(&content, &object) || !tlv_next(&object.value, &version) ||
	    !tlv_next(&object.value, &algorithm) || !tlv_next(&object.value, &hashes) ||
	    !read_digest(algorithm.value, &out->digest))
		return false;
	while (tlv_next(&hashes.value, &pair)) {
		if (!read_hash(pair.value, out))
			return false;
	}
	return hashes.value.n == 0;
}
