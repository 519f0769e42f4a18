/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An image's text into what a card keeps: the whole. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/jsonread.h"
#include "image/reading.h"
#include "image/text.h"
#include "model/card.h"

#define TYPE_MAX 255 /* characters */

struct image_in {
	struct image_text *text;
	struct owner owner;
	size_t memory;
};

static bool
read_format(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct image_in *in = into;
	json_int_t n = json_integer_value(v);

	(void)f;
	if (json_is_integer(v) && n > IMAGE_FORMAT)
		return json_refuse(r, "format %lld is of a later version, this one knows up to %d",
				   (long long)n, IMAGE_FORMAT);
	return json_number(r, v, 1, IMAGE_FORMAT, &in->text->format);
}

static bool
read_type(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct image_in *in = into;
	const char *text = json_string_value(v);

	(void)f;
	if (!text || *text == '\0' || strlen(text) > TYPE_MAX)
		return json_refuse(r, "expected the name of a card type");
	in->text->type = strdup(text);
	if (!in->owner.card)
		in->owner.card = card_type_find(text);
	if (in->owner.card && in->owner.card->schema)
		in->owner.schema = in->owner.state->schema =
			in->owner.card->schema(in->owner.card, NULL);
	return in->text->type || json_no_memory(r);
}

static bool
read_into_buf(struct json_reader *r, const json_t *v, struct buf *into, size_t max)
{
	buf_free(into);
	return json_bytes(r, v, 0, max, into);
}

static bool
read_serial(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct image_in *in = into;

	(void)f;
	return read_into_buf(r, v, &in->owner.state->serial, STATE_SERIAL_MAX);
}

static bool
read_atr(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct image_in *in = into;

	(void)f;
	return read_into_buf(r, v, &in->owner.state->atr, in->owner.state->atr.max);
}

static bool
read_comment(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct image_in *in = into;

	return json_read_comment(r, v, f, &in->owner.state->comment);
}

static bool
read_terminated(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct image_in *in = into;

	return json_read_flag(r, v, f, &in->owner.state->fs.terminated);
}

static bool
read_prop(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct image_in *in = into;
	struct buf b;
	bool ok;

	(void)f;
	if (!json_bytes(r, v, 0, PROPS_VALUE_MAX, &b))
		return false;
	ok = props_set(&in->owner.state->props, r->key, buf_view(&b));
	buf_free(&b);
	return ok || json_refuse(r, "out of memory, or more than %d properties", PROPS_MAX);
}

static bool
read_props(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	return json_read_map(r, v, read_prop, into);
}

static bool
read_mf(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct image_in *in = into;

	(void)f;
	return image_read_file(r, v, &in->owner, NULL);
}

/* Only now: on the way there, more may have been there for a moment. */
static bool
check_memory(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct image_in *in = into;
	const struct state *s = in->owner.state;
	struct fs *fs = &in->owner.state->fs;
	size_t beside = sam_values_size(&s->sam) + props_size(&s->props);

	(void)v;
	(void)f;
	if (beside > in->memory)
		return json_refuse(
			r,
			"keys, environments and properties take %zu bytes, \"memory\" allows %zu",
			beside, in->memory);
	if (fs->used > in->memory)
		return json_refuse(r, "the contents take %zu bytes, \"memory\" allows %zu",
				   fs->used, in->memory);
	fs->quota = in->memory;
	return true;
}

static const struct json_field image_table[] = {
	{ "format", read_format, .needed = true },
	{ "type", read_type, .needed = true },
	{ "comment", read_comment, .max = STATE_COMMENT_MAX },
	{ .name = "serial", .read = read_serial },
	{ .name = "atr", .read = read_atr },
	{ "memory", json_read_size, .at = offsetof(struct image_in, memory),
	  .max = STATE_MEMORY_MAX },
	{ .name = "terminated", .read = read_terminated },
	{ "pins", image_read_pins, .at = offsetof(struct image_in, owner) },
	{ "keys", image_read_keys, .at = offsetof(struct image_in, owner) },
	{ "environments", image_read_ses, .at = offsetof(struct image_in, owner) },
	{ .name = "properties", .read = read_props },
	{ .name = "mf", .read = read_mf },
	{ .read = check_memory },
	JSON_END
};

static bool
read_image(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	return json_read_object(r, v, image_table, into);
}

int
image_text_read_as(struct image_text *out, const struct card_type *card, struct view text,
		   const char *name, const struct json_files *files, char *error, size_t size)
{
	struct json_reader r = {
		.name = name, .text = text, .files = files, .error = error, .size = size,
		.names = BUF(IMAGE_TEXT_MAX),
	};
	struct image_in in = { .text = out, .memory = FS_QUOTA };

	*out = (struct image_text) { .state = state_new() };
	if (!out->state) {
		snprintf(error, size, "%s: out of memory", name);
		return -ENOMEM;
	}
	in.owner.state = out->state;
	in.owner.card = card;
	out->state->fs.quota = STATE_MEMORY_MAX;
	if (!json_read_text(&r, read_image, &in)) {
		buf_free(&r.names);
		image_text_free(out);
		return -EINVAL;
	}
	out->fetched = r.fetched;
	out->names = r.names;
	state_clean(out->state);
	return 0;
}

int
image_text_read(struct image_text *out, struct view text, const char *name,
		const struct json_files *files, char *error, size_t size)
{
	return image_text_read_as(out, NULL, text, name, files, error, size);
}

void
image_text_free(struct image_text *t)
{
	state_free(t->state);
	free(t->type);
	buf_free(&t->names);
	*t = (struct image_text) { .state = NULL };
}
