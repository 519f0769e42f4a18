/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PINs, with their PUKs. */
#include "image/reading.h"

#include <string.h>

#include "image/text.h"

struct pin_in {
	struct sam_pin pin;
	struct buf value, puk;
	size_t life; /* SIZE_MAX: not said */
	unsigned word;
};

/* Full tries, unless the text says how many are left. */
static bool
read_tries_max(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct sam_code *code = into;

	if (!json_read_u8(r, v, f, &code->tries_max))
		return false;
	code->tries = code->tries_max;
	return true;
}

static bool
read_padding(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct sam_code *code = into;
	unsigned word;

	if (!json_read_word(r, v, f, &word))
		return false;
	code->pad = (enum sam_pad)word;
	return true;
}

static bool
read_life(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	unsigned word;

	if (!json_read_word(r, v, f, &word))
		return false;
	*(size_t *)into = word;
	return true;
}

static bool
read_alias(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	size_t n;

	(void)f;
	if (!json_number(r, v, 0, 31, &n))
		return false;
	*(uint32_t *)into |= UINT32_C(1) << n;
	return true;
}

static bool
read_aliases(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	return json_read_list(r, v, read_alias, into);
}

/* More tries than there are after a right value would be given away. */
bool
image_check_tries(struct json_reader *r, size_t tries, size_t tries_max, const char *what)
{
	return tries_max == 0 || tries <= tries_max ||
	       json_refuse(r, "%s of %zu: there are at most %zu", what, tries, tries_max);
}

/* Once it is known how long it may be. */
static bool
set_code(struct json_reader *r, struct sam_code *code, const struct buf *value, const char *what)
{
	uint8_t tries = code->tries;

	if (value->n == 0)
		return true;
	if (!sam_code_set(code, buf_view(value)))
		return json_refuse(r, "the %s is not of %u to %u bytes", what, code->min,
				   code->max);
	code->tries = tries;
	return true;
}

static bool
set_codes(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct pin_in *in = into;

	(void)v;
	(void)f;
	if (in->pin.apart & ~in->pin.aliases)
		return json_refuse(r, "what is proven \"apart\" is one of \"aliases\"");
	if (in->pin.puk_is_pin && (in->puk.n > 0 || in->pin.puk_ref == in->pin.ref))
		return json_refuse(r, "\"puk_pin\" is another PIN, instead of \"puk\"");
	return image_check_tries(r, in->pin.code.tries, in->pin.code.tries_max, "\"tries\"") &&
	       image_check_tries(r, in->pin.puk.tries, in->pin.puk.tries_max, "\"puk_tries\"") &&
	       set_code(r, &in->pin.code, &in->value, "PIN") &&
	       set_code(r, &in->pin.puk, &in->puk, "PUK");
}

static bool
read_puk_pin(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct sam_pin *pin = into;

	pin->puk_is_pin = true;
	return json_read_u8(r, v, f, &pin->puk_ref);
}

#define PIN_AT(member) offsetof(struct pin_in, member)

static const struct json_field pin_table[] = {
	{ "comment", json_read_comment, .at = PIN_AT(pin.comment), .max = SAM_COMMENT_MAX },
	{ "ref", json_read_u8, .at = PIN_AT(pin.ref), .max = 31, .needed = true },
	{ "aliases", read_aliases, .at = PIN_AT(pin.aliases) },
	{ "apart", read_aliases, .at = PIN_AT(pin.apart) },
	{ "value", json_read_bytes, .at = PIN_AT(value), .max = SECRET_MAX },
	{ "min", json_read_u8, .at = PIN_AT(pin.code.min), .max = SECRET_MAX },
	{ "max", json_read_u8, .at = PIN_AT(pin.code.max), .max = SECRET_MAX },
	{ "padding", read_padding, .at = PIN_AT(pin.code), .words = image_paddings },
	{ "tries_max", read_tries_max, .at = PIN_AT(pin.code), .max = 255 },
	{ "tries", json_read_u8, .at = PIN_AT(pin.code.tries), .max = 255 },
	{ "life", read_life, .at = PIN_AT(life), .words = image_lives },
	{ "disabled", json_read_flag, .at = PIN_AT(pin.disabled) },
	{ "puk", json_read_bytes, .at = PIN_AT(puk), .max = SECRET_MAX },
	{ "puk_min", json_read_u8, .at = PIN_AT(pin.puk.min), .max = SECRET_MAX },
	{ "puk_max", json_read_u8, .at = PIN_AT(pin.puk.max), .max = SECRET_MAX },
	{ "puk_padding", read_padding, .at = PIN_AT(pin.puk), .words = image_paddings },
	{ "puk_tries_max", read_tries_max, .at = PIN_AT(pin.puk), .max = 255 },
	{ "puk_tries", json_read_u8, .at = PIN_AT(pin.puk.tries), .max = 255 },
	{ "puk_pin", read_puk_pin, .at = PIN_AT(pin), .max = 31 },
	{ "change", image_read_rule, .at = PIN_AT(pin.change) },
	{ "unblock", image_read_rule, .at = PIN_AT(pin.unblock) },
	{ "disable", image_read_rule, .at = PIN_AT(pin.disable) },
	{ .read = set_codes },
	JSON_END
};

static bool
add_pin(struct json_reader *r, struct pin_in *in, const struct owner *owner)
{
	struct sam_pin *next, *pin = sam_pin_add(&owner->state->sam, owner->uid, in->pin.ref);

	if (!pin)
		return json_refuse(r, "PIN %u is there twice, or is one of more than %d",
				   in->pin.ref, SAM_ENTRIES_MAX);
	next = pin->next;
	*pin = in->pin;
	pin->next = next;
	pin->scope = owner->uid;
	if (in->life != SIZE_MAX)
		pin->life = (enum sam_life)in->life;
	else
		pin->life = pin->code.value.n > 0 ? SAM_ACTIVE : SAM_UNSET;
	in->pin.comment = (struct buf) BUF(0);
	return true;
}

static bool
read_pin(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct pin_in in = {
		.pin = { .code = SAM_CODE_NEW, .puk = SAM_CODE_NEW }, .life = SIZE_MAX,
	};
	bool ok = json_read_object(r, v, pin_table, &in) && add_pin(r, &in, into);

	(void)f;
	buf_free(&in.value);
	buf_free(&in.puk);
	buf_free(&in.pin.comment);
	explicit_bzero(&in, sizeof(in));
	return ok;
}

bool
image_read_pins(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	return json_read_list(r, v, read_pin, into);
}
