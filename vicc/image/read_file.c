/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files: what each one is; what is in it, in read_contents.c. */
#include "image/reading.h"

#include <string.h>

#include "base/hex.h"
#include "codec/fcp.h"
#include "codec/tlv.h"
#include "image/text.h"

bool
image_refuse_sw(struct json_reader *r, sw_t sw, const char *what)
{
	switch (sw) {
	case SW_FILE_EXISTS:
		return json_refuse(r, "%s: the identifier is taken", what);
	case SW_NAME_EXISTS:
		return json_refuse(r, "%s: the name is taken", what);
	case SW_NO_MEMORY:
		return json_refuse(r, "%s: no room, too many or too deep", what);
	default:
		return json_refuse(r, "%s: not possible on a card (%04X)", what, sw);
	}
}

static bool read_file(struct json_reader *r, const json_t *v, const struct json_field *f,
		      void *into);

/* One of these words, or two hex digits. */
static bool
read_word_or_hex(struct json_reader *r, const json_t *v, const struct image_word *words,
		 size_t *out)
{
	const char *text = json_string_value(v);
	uint8_t byte;

	for (; text && words->word; words++) {
		if (strcmp(words->word, text) == 0) {
			*out = words->value;
			return true;
		}
	}
	if (!text || strlen(text) != 2 || !json_read_hex8(r, v, NULL, &byte))
		return json_refuse(r,
				   "expected one of the words in vicc-image(5), or two hex digits");
	*out = byte;
	return true;
}

static bool
read_structure(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	return read_word_or_hex(r, v, image_structures, into);
}

static bool
read_file_life(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	size_t life;

	(void)f;
	if (!read_word_or_hex(r, v, image_file_lives, &life))
		return false;
	*(uint8_t *)into = (uint8_t)life;
	return true;
}

static bool
read_coding(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	uint8_t byte;

	if (!json_read_hex8(r, v, f, &byte))
		return false;
	*(size_t *)into = byte;
	return true;
}

static bool
read_file_size(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct file_spec *spec = into;

	spec->has_size = true;
	return json_read_size(r, v, f, &spec->size);
}

static bool
fcp_tag(const char *word, uint32_t *tag)
{
	const struct image_word *w;
	struct buf hex = BUF(3);
	struct view v;
	bool ok;

	for (w = image_fcp_tags; w->word; w++) {
		if (strcmp(w->word, word) == 0) {
			*tag = w->value;
			return true;
		}
	}
	ok = hex_read(&hex, word);
	v = buf_view(&hex);
	ok = ok && tlv_tag_next(&v, tag) && v.n == 0;
	buf_free(&hex);
	return ok;
}

static bool
read_fcp_object(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct buf *others = into, value;
	uint32_t tag;

	(void)f;
	if (!fcp_tag(r->key, &tag))
		return json_refuse(
			r, "expected the name of an FCP object (vicc-image(5)), or a tag in hex");
	if (!json_bytes(r, v, 0, FILE_OTHERS_MAX, &value))
		return false;
	tlv_put(others, tag, buf_view(&value));
	buf_free(&value);
	return true;
}

/* By name, or as they are where names cannot say it. */
static bool
read_fcp(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct buf *others = into;

	(void)f;
	*others = (struct buf) BUF(FILE_OTHERS_MAX);
	if (!json_is_object(v))
		return json_bytes(r, v, 0, FILE_OTHERS_MAX, others);
	if (!json_read_map(r, v, read_fcp_object, others))
		return false;
	return !others->failed || json_refuse(r, "more than %d bytes in all", FILE_OTHERS_MAX);
}

/* The descriptor from its parts (7816-4, 7.4.5). */
static bool
make_descriptor(struct json_reader *r, struct file_in *in)
{
	struct buf *d = &in->descriptor;

	if ((in->structure == SIZE_MAX) == (d->n == 0))
		return json_refuse(r, "expected \"structure\", or \"descriptor\" instead");
	if (d->n == 0) {
		*d = (struct buf) BUF(FCP_DESCRIPTOR_MAX);
		buf_u8(d, (uint8_t)in->structure);
		if (in->coding != SIZE_MAX || in->record_size > 0)
			buf_u8(d, (uint8_t)(in->coding == SIZE_MAX ? 0x21 : in->coding));
		if (in->record_size > 0)
			buf_u16(d, (uint16_t)in->record_size);
		if (in->record_size > 0 && in->records_max > 0)
			buf_u8(d, (uint8_t)in->records_max);
	}
	if (d->failed)
		return json_no_memory(r);
	memcpy(in->spec.descriptor, d->p, d->n);
	in->spec.descriptor_n = d->n;
	return true;
}

/* What has a key of its own cannot be said a second time. */
static bool
check_fcp(struct json_reader *r, const struct file_in *in)
{
	bool df = !in->df || file_kind_of(in->spec.descriptor[0]) == FILE_DF;
	struct view rest = in->spec.others;
	struct tlv t;

	while (tlv_next(&rest, &t)) {
		if (fcp_computed(t.tag, df))
			return json_refuse(r, "fcp: object %02X has a key of its own: "
					      "structure, size, fid, sfi or life", t.tag);
	}
	return true;
}

/* From here on there is a file to fill. */
static bool
hang_file(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct file_in *in = into;
	struct fs *fs = &in->owner.state->fs;
	sw_t sw;

	(void)v;
	(void)f;
	in->spec.others = buf_view(&in->others);
	if ((in->df && !make_descriptor(r, in)) || !check_fcp(r, in))
		return false;
	if (in->df) {
		sw = fs_add(fs, in->df, &in->spec, &in->file);
	} else {
		sw = fs_format(fs, &in->spec);
		in->file = fs->mf;
	}
	if (sw != SW_OK)
		return image_refuse_sw(r, sw, "this file");
	in->owner.uid = in->file->uid;
	buf_free(&in->file->comment);
	in->file->comment = in->comment;
	in->comment = (struct buf) BUF(0);
	return true;
}

bool
image_has_kind(struct json_reader *r, const struct file_in *in, enum file_kind kind,
	       const char *what)
{
	return file_kind(in->file) == kind ||
	       json_refuse(r, "a file of this structure has no %s", what);
}

static bool
check_length(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	const struct file_in *in = into;

	(void)f;
	return in->length == SIZE_MAX || json_object_get(v, "contents") ||
	       json_refuse(r, "\"length\" goes with \"contents\"");
}
static bool
read_files(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct file_in *in = into;

	(void)f;
	return image_has_kind(r, in, FILE_DF, "files") && json_read_list(r, v, read_file, in);
}

#define FILE_AT(member) offsetof(struct file_in, member)

/* What the MF has of it comes last in the front part: its identifier and structure are given. */
static const struct json_field file_table[] = {
	{ "fid", json_read_hex16, .at = FILE_AT(spec.fid), .needed = true },
	{ "structure", read_structure, .at = FILE_AT(structure) },
	{ "descriptor", json_read_bytes, .at = FILE_AT(descriptor), .min = 1,
	  .max = FCP_DESCRIPTOR_MAX },
	{ "coding", read_coding, .at = FILE_AT(coding) },
	{ "record_size", json_read_size, .at = FILE_AT(record_size), .min = 1,
	  .max = FILE_RECORD_MAX },
	{ "records_max", json_read_size, .at = FILE_AT(records_max), .min = 1,
	  .max = FILE_RECORDS_MAX },
	{ "sfi", json_read_u8, .at = FILE_AT(spec.sfi), .max = FCP_SFI_MAX },
#define MF_FIRST 7
	{ "size", read_file_size, .at = FILE_AT(spec), .max = STATE_MEMORY_MAX },
	{ "comment", json_read_comment, .at = FILE_AT(comment), .max = FILE_COMMENT_MAX },
	{ "life", read_file_life, .at = FILE_AT(spec.life) },
	{ "fcp", read_fcp, .at = FILE_AT(others) },
	{ .read = hang_file },
	{ .name = "application", .read = image_read_application },
	{ .name = "selected", .read = image_read_selected },
	{ .name = "fields", .read = image_read_fields },
	{ "length", json_read_size, .at = FILE_AT(length), .max = STATE_MEMORY_MAX },
	{ .name = "contents", .read = image_read_contents },
	{ .read = check_length },
	{ .name = "records", .read = image_read_records },
	{ .name = "objects", .read = image_read_objects },
	{ "pins", image_read_pins, .at = FILE_AT(owner) },
	{ "keys", image_read_keys, .at = FILE_AT(owner) },
	{ "environments", image_read_ses, .at = FILE_AT(owner) },
	{ .name = "files", .read = read_files },
	JSON_END
};

bool
image_read_file(struct json_reader *r, const json_t *v, const struct owner *owner, struct file *df)
{
	struct file_in in = {
		.owner = *owner,
		.df = df,
		.spec = { .fid = FILE_FID_MF, .life = FILE_ACTIVATED, .sfi = FCP_SFI_IMPLIED },
		.structure = SIZE_MAX,
		.coding = SIZE_MAX,
		.length = SIZE_MAX,
	};
	bool ok = json_read_object(r, v, df ? file_table : file_table + MF_FIRST, &in);

	buf_free(&in.descriptor);
	buf_free(&in.others);
	buf_free(&in.comment);
	return ok;
}

static bool
read_file(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	const struct file_in *in = into;

	(void)f;
	return image_read_file(r, v, &in->owner, in->file);
}
