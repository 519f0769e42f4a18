/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Applications: the DF that names one, and their fields. */
#include "image/reading.h"

#include "image/fields.h"

static bool
is_named_already(const struct fs *fs, const struct schema *s)
{
	const struct file *f;

	for (f = fs->mf; f; f = fs_walk(fs, f)) {
		if (f->application == s)
			return true;
	}
	return false;
}

/* Where it can be selected; once on a card, unless it says otherwise. */
bool
image_read_application(struct json_reader *r, const json_t *v, const struct json_field *f,
		       void *into)
{
	const char *name = json_string_value(v);
	struct file_in *in = into;
	const struct card_type *card = in->owner.card;
	const struct schema *s = name && card && card->schema ? card->schema(card, name) : NULL;

	(void)f;
	if (!name)
		return json_refuse(r, "expected the name of an application");
	if (!card)
		return json_refuse(
			r,
			"the type is not one of this vicc's: use -t with the plug-in that it is");
	if (!s)
		return json_refuse(r, "no application \"%.40s\" on a card of this type", name);
	if (!s->repeated && is_named_already(&in->owner.state->fs, s))
		return json_refuse(r, "application \"%s\" is there twice", s->name);
	if (!image_has_kind(r, in, FILE_DF, "application"))
		return false;
	if (!in->file->parent || in->file->name_n == 0)
		return json_refuse(
			r, "an application is selected by name: \"fcp\" needs a \"name\" (84)");
	in->file->application = in->owner.schema = s;
	return true;
}

bool
image_read_selected(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct file_in *in = into;
	struct fs *fs = &in->owner.state->fs;
	bool selected;

	if (!image_has_kind(r, in, FILE_DF, "selection") || !json_read_flag(r, v, f, &selected))
		return false;
	if (selected && fs->selected)
		return json_refuse(r, "a reset selects another one already");
	if (selected)
		fs->selected = in->file->uid;
	return true;
}

bool
image_read_fields(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct file_in *in = into;
	const struct schema *s = in->file->parent ? in->file->application : in->owner.schema;

	(void)f;
	return fields_read(r, v, s ? s->fields : NULL, &in->file->props);
}
