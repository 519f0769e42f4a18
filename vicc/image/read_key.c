/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys, with what applications want to know of them. */
#include "image/reading.h"

#include <errno.h>
#include <string.h>

#include "image/fields.h"
#include "image/text.h"
#include "model/key.h"

struct key_in {
	uint8_t ref, algorithm;
	unsigned kind;
	size_t bits, uses;
	struct buf value, label, comment;
	bool unread; /* the value is in a file that was only looked at */
	size_t tries, tries_max;
	struct sam_rule use, manage;
	const struct owner *owner;
	struct props props;
};

static bool
read_use(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	const struct json_field words = { .words = image_uses };
	unsigned bit;

	(void)f;
	if (!json_read_word(r, v, &words, &bit))
		return false;
	*(size_t *)into |= (size_t)1 << bit;
	return true;
}

static bool
read_uses(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	return json_read_list(r, v, read_use, into);
}

/* What the application wants to know of its keys. */
static bool
read_key_fields(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct key_in *in = into;

	(void)f;
	return fields_read(r, v, in->owner->schema ? in->owner->schema->key_fields : NULL,
			   &in->props);
}

/* The lines of a PEM are joined with what stood between them; all else is bytes. */
static bool
read_key_value(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	static const char begin[] = "-----BEGIN ";
	const char *first = json_string_value(json_is_array(v) ? json_array_get(v, 0) : v);
	struct key_in *in = into;
	bool pem = first && strncmp(first, begin, sizeof(begin) - 1) == 0;

	if (pem)
		return json_read_comment(r, v, f, &in->value);
	if (!json_read_bytes(r, v, f, &in->value))
		return false;
	in->unread = r->unread;
	return true;
}

#define KEY_TEXT_MAX (2 * SAM_ASYM_MAX) /* bytes of PEM */
#define KEY_AT(member) offsetof(struct key_in, member)

static const struct json_field key_table[] = {
	{ "comment", json_read_comment, .at = KEY_AT(comment), .max = SAM_COMMENT_MAX },
	{ "ref", json_read_u8, .at = KEY_AT(ref), .max = 127, .needed = true },
	{ "kind", json_read_word, .at = KEY_AT(kind), .words = image_kinds, .needed = true },
	{ .name = "value", .read = read_key_value, .max = KEY_TEXT_MAX },
	{ "bits", json_read_size, .at = KEY_AT(bits), .max = 65536 },
	{ "uses", read_uses, .at = KEY_AT(uses) },
	{ "algorithm", json_read_hex8, .at = KEY_AT(algorithm) },
	{ "label", json_read_bytes, .at = KEY_AT(label), .max = SAM_LABEL_MAX },
	{ "tries_max", json_read_size, .at = KEY_AT(tries_max), .max = 255 },
	{ "tries", json_read_size, .at = KEY_AT(tries), .max = 255 },
	{ "use", image_read_rule, .at = KEY_AT(use) },
	{ "manage", image_read_rule, .at = KEY_AT(manage) },
	{ .name = "fields", .read = read_key_fields },
	JSON_END
};

static bool
set_asymmetric(struct json_reader *r, struct sam_key *k, const struct key_in *in)
{
	int rc = in->unread ? 0 : key_set_value(k, buf_view(&in->value));

	if (rc == -ENOMEM)
		return json_no_memory(r);
	return rc == 0 || json_refuse(r, "the value is no key of kind %s: expected PKCS #8, "
					 "SubjectPublicKeyInfo, or data objects (vicc-image(5))",
				      image_kinds[k->kind]);
}

static bool
set_key_value(struct json_reader *r, struct sam_key *k, const struct key_in *in)
{
	if (in->value.n > 0 && !sam_kind_is_symmetric(k->kind) && !set_asymmetric(r, k, in))
		return false;
	if (in->value.n > 0 && sam_kind_is_symmetric(k->kind) &&
	    !sam_key_set_secret(k, buf_view(&in->value)))
		return json_refuse(r, "no key of kind %s has %zu bytes", image_kinds[k->kind],
				   in->value.n);
	if (in->bits > 0)
		k->bits = (unsigned)in->bits;
	return true;
}

static bool
add_key(struct json_reader *r, struct key_in *in, const struct owner *owner)
{
	struct sam_key *k =
		sam_key_add(&owner->state->sam, owner->uid, in->ref, (enum sam_kind)in->kind);

	if (!k)
		return json_refuse(r, "key %u is there twice, or is one of more than %d", in->ref,
				   SAM_ENTRIES_MAX);
	if (in->tries != SIZE_MAX && !image_check_tries(r, in->tries, in->tries_max, "\"tries\""))
		return false;
	k->uses = (unsigned)in->uses;
	k->algorithm = in->algorithm;
	k->tries_max = (uint8_t)in->tries_max;
	k->tries = (uint8_t)(in->tries == SIZE_MAX ? in->tries_max : in->tries);
	k->use = in->use;
	k->manage = in->manage;
	k->comment = in->comment;
	k->props = in->props;
	in->comment = (struct buf) BUF(0);
	in->props = (struct props) { .first = NULL };
	if (!buf_set(&k->label, buf_view(&in->label)))
		return json_no_memory(r);
	return set_key_value(r, k, in);
}

static bool
read_key(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct key_in in = {
		.algorithm = 0xff, .tries = SIZE_MAX,
		.use.grant = SAM_ALWAYS, .manage.grant = SAM_ALWAYS, .owner = into,
	};
	bool ok = json_read_object(r, v, key_table, &in) && add_key(r, &in, into);

	(void)f;
	buf_free(&in.value);
	buf_free(&in.label);
	buf_free(&in.comment);
	props_clear(&in.props);
	return ok;
}

bool
image_read_keys(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	return json_read_list(r, v, read_key, into);
}
