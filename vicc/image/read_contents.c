/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is in a file: bytes, records, data objects. */
#include "image/reading.h"

#include "base/hex.h"
#include "model/object.h"
#include "model/record.h"

/* At least n bytes long, erased behind what the text says. */
static bool
fit_contents(struct buf *b, size_t n)
{
	if (b->n < n)
		buf_fill(b, FILE_ERASED, n - b->n);
	return !b->failed;
}

bool
image_read_contents(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct file_in *in = into;
	struct fs *fs = &in->owner.state->fs;
	size_t length = in->length != SIZE_MAX ? in->length : in->spec.has_size ? in->spec.size : 0;
	bool fixed = in->length != SIZE_MAX || in->spec.has_size;
	struct buf b;
	sw_t sw;

	(void)f;
	if (!image_has_kind(r, in, FILE_TRANSPARENT, "contents") ||
	    !json_bytes(r, v, 0, fixed ? length : STATE_MEMORY_MAX, &b))
		return false;
	b.max = STATE_MEMORY_MAX;
	sw = fit_contents(&b, length) ? file_set_contents(fs, in->file, buf_view(&b))
				      : SW_NO_MEMORY;
	buf_free(&b);
	return sw == SW_OK || image_refuse_sw(r, sw, "these contents");
}

static bool
read_record(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct file_in *in = into;
	size_t max = in->file->record_max;
	struct buf b;
	sw_t sw;

	(void)f;
	if (!json_bytes(r, v, 0, max, &b))
		return false;
	sw = file_is_variable(in->file) || fit_contents(&b, max) ?
	     record_add(&in->owner.state->fs, in->file, buf_view(&b)) : SW_NO_MEMORY;
	buf_free(&b);
	return sw == SW_OK || image_refuse_sw(r, sw, "this record");
}

bool
image_read_records(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct file_in *in = into;

	(void)f;
	if (!image_has_kind(r, in, FILE_RECORDS, "records"))
		return false;
	record_drop_all(&in->owner.state->fs, in->file);
	return json_read_list(r, v, read_record, in);
}

/* Keyed by tag, or by P1 P2 for what has none. */
static bool
read_data_object(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct file_in *in = into;
	struct buf b = BUF(sizeof(uint32_t));
	size_t tag = 0;
	sw_t sw;
	bool ok = hex_read(&b, r->key) && b.n > 0 && view_number(buf_view(&b), &tag);

	(void)f;
	buf_free(&b);
	if (!ok)
		return json_refuse(r, "expected a tag in hex");
	if (object_find(in->file, (uint32_t)tag))
		return json_refuse(r, "this tag is there twice");
	if (!json_bytes(r, v, 0, OBJECT_MAX, &b))
		return false;
	sw = object_set(&in->owner.state->fs, in->file, (uint32_t)tag, buf_view(&b));
	buf_free(&b);
	return sw == SW_OK || image_refuse_sw(r, sw, "this object");
}

bool
image_read_objects(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct file_in *in = into;

	(void)f;
	return (file_is_df(in->file) || image_has_kind(r, in, FILE_OBJECTS, "objects")) &&
	       json_read_map(r, v, read_data_object, in);
}
