/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An image's text into what a card keeps. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "codec/fcp.h"
#include "codec/tlv.h"
#include "image/fields.h"
#include "image/text.h"
#include "image/jsonread.h"
#include "model/card.h"
#include "model/key.h"
#include "model/object.h"
#include "model/record.h"

#define TYPE_MAX 255       /* characters */

/* Whose PINs, keys and environments are being read. */
struct owner {
	struct state *state;
	uint32_t uid; /* of the file; 0: the card */
	const struct card_type *card; /* the type that the image is of; NULL: none that we know */
	const struct schema *schema;  /* of the application that is there; NULL: not known */
};

static bool
refuse_sw(struct json_reader *r, sw_t sw, const char *what)
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

/* --- rules: "never", "always", "any of pin 1, local key 2, sm" ------------------- */

static bool
take_word(const char **text, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*text, word, n) != 0)
		return false;
	*text += n;
	return true;
}

/* pin N or key N, local in front where it is not the card's. */
static bool
take_reference(const char **text, struct sam_rule *rule)
{
	struct auth *auth = take_word(text, "local ") ? &rule->local : &rule->global;
	uint32_t *set;
	char *end;
	unsigned long n;

	if (take_word(text, "pin "))
		set = &auth->user;
	else if (take_word(text, "key "))
		set = &auth->external;
	else
		return false;
	if (**text < '0' || **text > '9')
		return false;
	n = strtoul(*text, &end, 10);
	*text = end;
	if (n > 31)
		return false;
	*set |= UINT32_C(1) << n;
	return true;
}

static bool
parse_rule(const char *text, struct sam_rule *rule)
{
	unsigned grant;

	*rule = (struct sam_rule) { .grant = SAM_NEVER };
	for (grant = 0; image_grants[grant] && !take_word(&text, image_grants[grant]); grant++)
		;
	if (!image_grants[grant])
		return false;
	rule->grant = (enum sam_grant)grant;
	if (*text == '\0')
		return true;
	if (!take_word(&text, " of "))
		return false;
	do {
		if (take_word(&text, "sm"))
			rule->sm = true;
		else if (!take_reference(&text, rule))
			return false;
	} while (take_word(&text, ", "));
	return *text == '\0';
}

static bool
read_rule(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	if (json_is_string(v) && parse_rule(json_string_value(v), into))
		return true;
	return json_refuse(r, "expected \"never\", \"always\", or a rule such as "
			      "\"any of pin 1, local key 2, sm\"");
}

/* --- PINs -------------------------------------------------------------------------- */

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
static bool
check_tries(struct json_reader *r, size_t tries, size_t tries_max, const char *what)
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
		return json_refuse(r, "the %s is not of %u to %u bytes", what, code->min, code->max);
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
	return check_tries(r, in->pin.code.tries, in->pin.code.tries_max, "\"tries\"") &&
	       check_tries(r, in->pin.puk.tries, in->pin.puk.tries_max, "\"puk_tries\"") &&
	       set_code(r, &in->pin.code, &in->value, "PIN") && set_code(r, &in->pin.puk, &in->puk, "PUK");
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
	{ "change", read_rule, .at = PIN_AT(pin.change) },
	{ "unblock", read_rule, .at = PIN_AT(pin.unblock) },
	{ "disable", read_rule, .at = PIN_AT(pin.disable) },
	{ .read = set_codes },
	JSON_END
};

static bool
add_pin(struct json_reader *r, struct pin_in *in, const struct owner *owner)
{
	struct sam_pin *next, *pin = sam_pin_add(&owner->state->sam, owner->uid, in->pin.ref);

	if (!pin)
		return json_refuse(r, "PIN %u is there twice, or is one of more than %d", in->pin.ref, SAM_ENTRIES_MAX);
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

/* --- keys -------------------------------------------------------------------------- */

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
	return fields_read(r, v, in->owner->schema ? in->owner->schema->key_fields : NULL, &in->props);
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
	{ "use", read_rule, .at = KEY_AT(use) },
	{ "manage", read_rule, .at = KEY_AT(manage) },
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
		return json_refuse(r, "no key of kind %s has %zu bytes", image_kinds[k->kind], in->value.n);
	if (in->bits > 0)
		k->bits = (unsigned)in->bits;
	return true;
}

static bool
add_key(struct json_reader *r, struct key_in *in, const struct owner *owner)
{
	struct sam_key *k = sam_key_add(&owner->state->sam, owner->uid, in->ref, (enum sam_kind)in->kind);

	if (!k)
		return json_refuse(r, "key %u is there twice, or is one of more than %d", in->ref, SAM_ENTRIES_MAX);
	if (in->tries != SIZE_MAX && !check_tries(r, in->tries, in->tries_max, "\"tries\""))
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

/* --- security environments ----------------------------------------------------------- */

struct se_in {
	struct se se;
	struct buf comment;
	size_t number;
};

/* A key such as B6_make: template and use. */
static bool
parse_template_name(const char *key, enum se_crt *crt, unsigned *use)
{
	struct buf tag = BUF(1);
	bool ok = strlen(key) > 3 && key[2] == '_' && hex_read_n(&tag, key, 2) && tag.n == 1 &&
		  se_crt_of(tag.p[0], crt);

	buf_free(&tag);
	for (*use = 0; ok && image_se_uses[*use]; (*use)++) {
		if (strcmp(key + 3, image_se_uses[*use]) == 0)
			return true;
	}
	return false;
}

static bool
read_template(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct se *se = into;
	struct buf objects;
	enum se_crt crt;
	unsigned use;
	sw_t sw;

	(void)f;
	if (!parse_template_name(r->key, &crt, &use))
		return json_refuse(r, "expected a template and its use: A4, A6, AA, B4, B6, B8 or 00, "
				      "and _check, _make, _sm_response or _sm_command");
	if (!json_bytes(r, v, 1, SE_TEMPLATE_MAX, &objects))
		return false;
	sw = se_set(se, (uint8_t)(0x80 >> use), crt, buf_view(&objects));
	buf_free(&objects);
	return sw == SW_OK || r->unread || json_refuse(r, "expected data objects");
}

static bool
read_templates(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	return json_read_map(r, v, read_template, into);
}

static const struct json_field se_table[] = {
	{ "comment", json_read_comment, .at = offsetof(struct se_in, comment), .max = SAM_COMMENT_MAX },
	{ "number", json_read_size, .at = offsetof(struct se_in, number), .max = 255, .needed = true },
	{ "templates", read_templates, .at = offsetof(struct se_in, se) },
	JSON_END
};

static bool
add_se(struct json_reader *r, struct se_in *in, const struct owner *owner)
{
	struct sam *sam = &owner->state->sam;
	struct sam_se *last = sam->ses;

	if (sam_se_find(sam, owner->uid, (uint8_t)in->number))
		return json_refuse(r, "environment %zu is there twice", in->number);
	if (!sam_se_store(sam, owner->uid, (uint8_t)in->number, &in->se))
		return json_refuse(r, "out of memory, or more than %d environments", SAM_ENTRIES_MAX);
	for (last = sam->ses; last->next; last = last->next)
		;
	last->comment = in->comment;
	in->comment = (struct buf) BUF(0);
	return true;
}

static bool
read_se(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct se_in in = { .number = 0 };
	bool ok = json_read_object(r, v, se_table, &in) && add_se(r, &in, into);

	(void)f;
	se_clear(&in.se);
	buf_free(&in.comment);
	return ok;
}

/* --- files --------------------------------------------------------------------------- */

struct file_in {
	struct owner owner;  /* the file's own, once it hangs */
	struct file *df;     /* its parent; NULL: it is the MF */
	struct file *file;

	struct file_spec spec;
	struct buf descriptor, others, comment;
	size_t structure;    /* FDB; SIZE_MAX: not said */
	size_t coding;       /* DCB; SIZE_MAX likewise */
	size_t record_size, records_max;
	size_t length;       /* of transparent contents; SIZE_MAX: as size says */
};

static bool read_file(struct json_reader *r, const json_t *v, const struct json_field *f, void *into);

/* One of these words, or two hex digits. */
static bool
read_word_or_hex(struct json_reader *r, const json_t *v, const struct image_word *words, size_t *out)
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
		return json_refuse(r, "expected one of the words in vicc-image(5), or two hex digits");
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
		return json_refuse(r, "expected the name of an FCP object (vicc-image(5)), or a tag in hex");
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
		return refuse_sw(r, sw, "this file");
	in->owner.uid = in->file->uid;
	buf_free(&in->file->comment);
	in->file->comment = in->comment;
	in->comment = (struct buf) BUF(0);
	return true;
}

static bool
has_kind(struct json_reader *r, const struct file_in *in, enum file_kind kind, const char *what)
{
	return file_kind(in->file) == kind || json_refuse(r, "a file of this structure has no %s", what);
}

/* --- applications ------------------------------------------------------------------ */

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

/* Once on a card, and where it can be selected. */
static bool
read_application(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	const char *name = json_string_value(v);
	struct file_in *in = into;
	const struct card_type *card = in->owner.card;
	const struct schema *s = name && card && card->schema ? card->schema(card, name) : NULL;

	(void)f;
	if (!name)
		return json_refuse(r, "expected the name of an application");
	if (!card)
		return json_refuse(r, "the type is not one of this vicc's: use -t with the plug-in that it is");
	if (!s)
		return json_refuse(r, "no application \"%.40s\" on a card of this type", name);
	if (is_named_already(&in->owner.state->fs, s))
		return json_refuse(r, "application \"%s\" is there twice", s->name);
	if (!has_kind(r, in, FILE_DF, "application"))
		return false;
	if (!in->file->parent || in->file->name_n == 0)
		return json_refuse(r, "an application is selected by name: \"fcp\" needs a \"name\" (84)");
	in->file->application = in->owner.schema = s;
	return true;
}

static bool
read_selected(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct file_in *in = into;
	struct fs *fs = &in->owner.state->fs;
	bool selected;

	if (!has_kind(r, in, FILE_DF, "selection") || !json_read_flag(r, v, f, &selected))
		return false;
	if (selected && fs->selected)
		return json_refuse(r, "a reset selects another one already");
	if (selected)
		fs->selected = in->file->uid;
	return true;
}

static bool
read_fields(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct file_in *in = into;
	const struct schema *s = in->file->parent ? in->file->application : in->owner.schema;

	(void)f;
	return fields_read(r, v, s ? s->fields : NULL, &in->file->props);
}

/* --- contents ------------------------------------------------------------------------ */

/* At least n bytes long, erased behind what the text says. */
static bool
fit_contents(struct buf *b, size_t n)
{
	if (b->n < n)
		buf_fill(b, FILE_ERASED, n - b->n);
	return !b->failed;
}

static bool
read_contents(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct file_in *in = into;
	struct fs *fs = &in->owner.state->fs;
	size_t length = in->length != SIZE_MAX ? in->length : in->spec.has_size ? in->spec.size : 0;
	bool fixed = in->length != SIZE_MAX || in->spec.has_size;
	struct buf b;
	sw_t sw;

	(void)f;
	if (!has_kind(r, in, FILE_TRANSPARENT, "contents") ||
	    !json_bytes(r, v, 0, fixed ? length : STATE_MEMORY_MAX, &b))
		return false;
	b.max = STATE_MEMORY_MAX;
	sw = fit_contents(&b, length) ? file_set_contents(fs, in->file, buf_view(&b)) : SW_NO_MEMORY;
	buf_free(&b);
	return sw == SW_OK || refuse_sw(r, sw, "these contents");
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
	return sw == SW_OK || refuse_sw(r, sw, "this record");
}

static bool
read_records(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct file_in *in = into;

	(void)f;
	if (!has_kind(r, in, FILE_RECORDS, "records"))
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
	return sw == SW_OK || refuse_sw(r, sw, "this object");
}

static bool
read_data_objects(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct file_in *in = into;

	(void)f;
	return (file_is_df(in->file) || has_kind(r, in, FILE_OBJECTS, "objects")) &&
	       json_read_map(r, v, read_data_object, in);
}

static bool
read_pins(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	return json_read_list(r, v, read_pin, into);
}

static bool
read_keys(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	return json_read_list(r, v, read_key, into);
}

static bool
read_ses(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	return json_read_list(r, v, read_se, into);
}

static bool
read_files(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct file_in *in = into;

	(void)f;
	return has_kind(r, in, FILE_DF, "files") && json_read_list(r, v, read_file, in);
}

#define FILE_AT(member) offsetof(struct file_in, member)

/* What the MF has of it comes last in the front part: its identifier and structure are given. */
static const struct json_field file_table[] = {
	{ "fid", json_read_hex16, .at = FILE_AT(spec.fid), .needed = true },
	{ "structure", read_structure, .at = FILE_AT(structure) },
	{ "descriptor", json_read_bytes, .at = FILE_AT(descriptor), .min = 1, .max = FCP_DESCRIPTOR_MAX },
	{ "coding", read_coding, .at = FILE_AT(coding) },
	{ "record_size", json_read_size, .at = FILE_AT(record_size), .min = 1, .max = FILE_RECORD_MAX },
	{ "records_max", json_read_size, .at = FILE_AT(records_max), .min = 1, .max = FILE_RECORDS_MAX },
	{ "sfi", json_read_u8, .at = FILE_AT(spec.sfi), .max = FCP_SFI_MAX },
#define MF_FIRST 7
	{ "size", read_file_size, .at = FILE_AT(spec), .max = STATE_MEMORY_MAX },
	{ "comment", json_read_comment, .at = FILE_AT(comment), .max = FILE_COMMENT_MAX },
	{ "life", read_file_life, .at = FILE_AT(spec.life) },
	{ "fcp", read_fcp, .at = FILE_AT(others) },
	{ .read = hang_file },
	{ .name = "application", .read = read_application },
	{ .name = "selected", .read = read_selected },
	{ .name = "fields", .read = read_fields },
	{ "length", json_read_size, .at = FILE_AT(length), .max = STATE_MEMORY_MAX },
	{ .name = "contents", .read = read_contents },
	{ .read = check_length },
	{ .name = "records", .read = read_records },
	{ .name = "objects", .read = read_data_objects },
	{ "pins", read_pins, .at = FILE_AT(owner) },
	{ "keys", read_keys, .at = FILE_AT(owner) },
	{ "environments", read_ses, .at = FILE_AT(owner) },
	{ .name = "files", .read = read_files },
	JSON_END
};

static bool
read_file_in(struct json_reader *r, const json_t *v, const struct owner *owner, struct file *df)
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
	return read_file_in(r, v, &in->owner, in->file);
}

/* --- the whole ------------------------------------------------------------------------ */

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
		in->owner.schema = in->owner.state->schema = in->owner.card->schema(in->owner.card, NULL);
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
	return read_file_in(r, v, &in->owner, NULL);
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
		return json_refuse(r, "keys, environments and properties take %zu bytes, \"memory\" allows %zu",
				   beside, in->memory);
	if (fs->used > in->memory)
		return json_refuse(r, "the contents take %zu bytes, \"memory\" allows %zu", fs->used,
				   in->memory);
	fs->quota = in->memory;
	return true;
}

static const struct json_field image_table[] = {
	{ "format", read_format, .needed = true },
	{ "type", read_type, .needed = true },
	{ "comment", read_comment, .max = STATE_COMMENT_MAX },
	{ .name = "serial", .read = read_serial },
	{ .name = "atr", .read = read_atr },
	{ "memory", json_read_size, .at = offsetof(struct image_in, memory), .max = STATE_MEMORY_MAX },
	{ .name = "terminated", .read = read_terminated },
	{ "pins", read_pins, .at = offsetof(struct image_in, owner) },
	{ "keys", read_keys, .at = offsetof(struct image_in, owner) },
	{ "environments", read_ses, .at = offsetof(struct image_in, owner) },
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
image_text_read_as(struct image_text *out, const struct card_type *card, struct view text, const char *name,
		   const struct json_files *files, char *error, size_t size)
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
