/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a card keeps, as an image's text: the same text for the same contents. */
#include <stdio.h>
#include <string.h>

#include "codec/fcp.h"
#include "codec/tlv.h"
#include "image/fields.h"
#include "image/text.h"
#include "image/jsontext.h"

static void
put_word(struct json_writer *w, const char *key, const struct image_word *words, uint8_t value)
{
	const char *word = image_word_for(words, value);

	if (word)
		json_put_text(w, key, word);
	else
		json_put_hex(w, key, view_of(&value, 1));
}

static void
put_flag(struct json_writer *w, const char *key, bool set)
{
	if (set)
		json_put_true(w, key);
}

static void
put_if_any(struct json_writer *w, const char *key, struct view v)
{
	if (v.n > 0)
		json_put_bytes(w, key, v);
}

/* One string, or one for each line. */
static void
put_comment(struct json_writer *w, const struct buf *comment)
{
	const char *at = (const char *)comment->p, *end, *line;

	if (comment->n == 0)
		return;
	end = at + comment->n;
	if (!memchr(at, '\n', comment->n)) {
		json_put_chars(w, "comment", buf_view(comment));
		return;
	}
	json_open(w, "comment", '[');
	for (;;) {
		line = memchr(at, '\n', (size_t)(end - at));
		json_put_chars(w, NULL, view_of(at, (size_t)((line ? line : end) - at)));
		if (!line)
			break;
		at = line + 1;
	}
	json_close(w, ']');
}

/* --- PINs, keys, environments ----------------------------------------------------- */

static void
put_references(struct buf *text, uint32_t set, const char *what, const char **before)
{
	char one[32];
	unsigned n;

	for (n = 0; n < 32; n++) {
		if (!(set & UINT32_C(1) << n))
			continue;
		snprintf(one, sizeof(one), "%s%s %u", *before, what, n);
		buf_put(text, one, strlen(one));
		*before = ", ";
	}
}

static void
put_rule(struct json_writer *w, const char *key, const struct sam_rule *rule, enum sam_grant usual)
{
	struct buf text = BUF(4096);
	const char *before = " of ";

	buf_put(&text, image_grants[rule->grant], strlen(image_grants[rule->grant]));
	put_references(&text, rule->global.user, "pin", &before);
	put_references(&text, rule->global.external, "key", &before);
	put_references(&text, rule->local.user, "local pin", &before);
	put_references(&text, rule->local.external, "local key", &before);
	if (rule->sm) {
		buf_put(&text, before, strlen(before));
		buf_put(&text, "sm", 2);
	}
	if (rule->grant != usual || text.n > strlen(image_grants[rule->grant]))
		json_put_chars(w, key, buf_view(&text));
	w->out.failed = w->out.failed || text.failed;
	buf_free(&text);
}

/* Without the padding that reading puts behind it again. */
static struct view
bare_code(const struct sam_code *code)
{
	struct view v = secret_view(&code->value);

	return code->pad == SAM_UNPADDED ? v
					 : view_strip_end(v, code->pad == SAM_PAD_00 ? 0x00 : 0xff);
}

/* All of it, or with usual what differs from that. */
static void
put_code(struct json_writer *w, const char *const keys[6], const struct sam_code *code,
	 const struct sam_code *usual)
{
	put_if_any(w, keys[0], bare_code(code));
	if (!usual || code->min != usual->min)
		json_put_number(w, keys[1], code->min);
	if (!usual || code->max != usual->max)
		json_put_number(w, keys[2], code->max);
	if (code->pad != SAM_UNPADDED)
		json_put_text(w, keys[3], image_paddings[code->pad]);
	if (!usual || code->tries != usual->tries || code->tries_max != usual->tries_max) {
		json_put_number(w, keys[4], code->tries);
		json_put_number(w, keys[5], code->tries_max);
	}
}

static void
put_aliases(struct json_writer *w, const char *key, uint32_t aliases)
{
	unsigned n;

	if (!aliases)
		return;
	json_open(w, key, '[');
	for (n = 0; n < 32; n++) {
		if (aliases & UINT32_C(1) << n)
			json_put_number(w, NULL, n);
	}
	json_close(w, ']');
}

static void
put_pin(struct json_writer *w, const struct sam_pin *pin)
{
	static const char *const pin_keys[] = { "value",   "min",   "max",
						"padding", "tries", "tries_max" };
	static const char *const puk_keys[] = {
		"puk", "puk_min", "puk_max", "puk_padding", "puk_tries", "puk_tries_max",
	};
	static const struct sam_code usual = SAM_CODE_NEW;
	const struct sam_code *no_puk = pin->puk.value.n > 0 ? NULL : &usual;

	json_open(w, NULL, '{');
	put_comment(w, &pin->comment);
	json_put_number(w, "ref", pin->ref);
	put_aliases(w, "aliases", pin->aliases);
	put_aliases(w, "apart", pin->apart);
	put_code(w, pin_keys, &pin->code, NULL);
	if (pin->life != (pin->code.value.n > 0 ? SAM_ACTIVE : SAM_UNSET))
		json_put_text(w, "life", image_lives[pin->life]);
	put_flag(w, "disabled", pin->disabled);
	put_code(w, puk_keys, &pin->puk, no_puk);
	if (pin->puk_is_pin)
		json_put_number(w, "puk_pin", pin->puk_ref);
	put_rule(w, "change", &pin->change, SAM_NEVER);
	put_rule(w, "unblock", &pin->unblock, SAM_NEVER);
	put_rule(w, "disable", &pin->disable, SAM_NEVER);
	json_close(w, '}');
}

static void
put_uses(struct json_writer *w, unsigned uses)
{
	unsigned bit;

	if (!uses)
		return;
	json_open(w, "uses", '[');
	for (bit = 0; image_uses[bit]; bit++) {
		if (uses & 1u << bit)
			json_put_text(w, NULL, image_uses[bit]);
	}
	json_close(w, ']');
}

static void
put_key(struct json_writer *w, const struct sam_key *k, const struct schema *schema)
{
	const bool symmetric = sam_kind_is_symmetric(k->kind);
	const struct view value = symmetric ? secret_view(&k->secret) : buf_view(&k->asym);

	json_open(w, NULL, '{');
	put_comment(w, &k->comment);
	json_put_number(w, "ref", k->ref);
	json_put_text(w, "kind", image_kinds[k->kind]);
	put_if_any(w, "value", value);
	if (k->bits != (symmetric ? 8 * k->secret.n : 0))
		json_put_number(w, "bits", k->bits);
	put_uses(w, k->uses);
	if (k->algorithm != 0xff)
		json_put_hex(w, "algorithm", view_of(&k->algorithm, 1));
	put_if_any(w, "label", buf_view(&k->label));
	if (k->tries || k->tries_max) {
		json_put_number(w, "tries", k->tries);
		json_put_number(w, "tries_max", k->tries_max);
	}
	put_rule(w, "use", &k->use, SAM_ALWAYS);
	put_rule(w, "manage", &k->manage, SAM_ALWAYS);
	fields_write(w, "fields", schema ? schema->key_fields : NULL, &k->props);
	json_close(w, '}');
}

static void
put_templates(struct json_writer *w, const struct se *se)
{
	unsigned crt, use;
	struct view v;
	char key[32];

	json_open(w, "templates", '{');
	for (crt = 0; crt < SE_CRTS; crt++) {
		for (use = 0; use < SE_USES; use++) {
			v = se_template(se, (enum se_crt)crt, (enum se_use)use);
			snprintf(key, sizeof(key), "%02X_%s", se_tag((enum se_crt)crt),
				 image_se_uses[use]);
			put_if_any(w, key, v);
		}
	}
	json_close(w, '}');
}

static void
put_se(struct json_writer *w, const struct sam_se *se)
{
	json_open(w, NULL, '{');
	put_comment(w, &se->comment);
	json_put_number(w, "number", se->se.number);
	if (!se_is_empty(&se->se))
		put_templates(w, &se->se);
	json_close(w, '}');
}

/* A list that there is only when something is in it. */
static void
open_once(struct json_writer *w, const char *key, bool *any)
{
	if (!*any)
		json_open(w, key, '[');
	*any = true;
}

static void
close_any(struct json_writer *w, bool any)
{
	if (any)
		json_close(w, ']');
}

static void
put_pins(struct json_writer *w, const struct sam *sam, uint32_t uid)
{
	const struct sam_pin *pin;
	bool any = false;

	for (pin = sam->pins; pin; pin = pin->next) {
		if (pin->scope != uid)
			continue;
		open_once(w, "pins", &any);
		put_pin(w, pin);
	}
	close_any(w, any);
}

static void
put_keys(struct json_writer *w, const struct sam *sam, uint32_t uid, const struct schema *schema)
{
	const struct sam_key *k;
	bool any = false;

	for (k = sam->keys; k; k = k->next) {
		if (k->owner != uid)
			continue;
		open_once(w, "keys", &any);
		put_key(w, k, schema);
	}
	close_any(w, any);
}

static void
put_ses(struct json_writer *w, const struct sam *sam, uint32_t uid)
{
	const struct sam_se *se;
	bool any = false;

	for (se = sam->ses; se; se = se->next) {
		if (se->owner != uid)
			continue;
		open_once(w, "environments", &any);
		put_se(w, se);
	}
	close_any(w, any);
}

/* schema: of the application that is there. */
static void
put_owned(struct json_writer *w, const struct sam *sam, uint32_t uid, const struct schema *schema)
{
	put_pins(w, sam, uid);
	put_keys(w, sam, uid, schema);
	put_ses(w, sam, uid);
}

/* --- files -------------------------------------------------------------------------- */

/* Whether the words for its parts say all of it. */
static bool
descriptor_has_words(const struct file *f)
{
	if (!image_word_for(image_structures, f->descriptor[0]))
		return false;
	/* 7816-4, 7.4.5: with a record size of two bytes, and a count of one; none of them 0 */
	switch (f->descriptor_n) {
	case 1:
	case 2:
		return true;
	case 4:
	case 5:
		return (f->descriptor[2] || f->descriptor[3]) &&
		       (f->descriptor_n == 4 ||
			(f->descriptor[4] && f->descriptor[4] <= FILE_RECORDS_MAX));
	}
	return false;
}

static void
put_descriptor(struct json_writer *w, const struct file *f)
{
	const uint8_t *d = f->descriptor;

	if (!descriptor_has_words(f)) {
		json_put_hex(w, "descriptor", view_of(d, f->descriptor_n));
		return;
	}
	json_put_text(w, "structure", image_word_for(image_structures, d[0]));
	if (f->descriptor_n > 1)
		json_put_hex(w, "coding", view_of(d + 1, 1));
	if (f->descriptor_n > 2)
		json_put_number(w, "record_size", (size_t)d[2] << 8 | d[3]);
	if (f->descriptor_n > 4)
		json_put_number(w, "records_max", d[4]);
}

/* Whether names say it all: each object once, and its length as we would write it. */
static bool
fcp_has_names(struct view others)
{
	struct buf same = BUF(FILE_OTHERS_MAX);
	struct view rest = others, later;
	struct tlv t;
	bool ok = true;

	while (ok && tlv_next(&rest, &t)) {
		ok = !tlv_find(rest, t.tag, &later);
		tlv_put(&same, t.tag, t.value);
	}
	ok = ok && view_equal(buf_view(&same), others);
	buf_free(&same);
	return ok;
}

static void
put_fcp(struct json_writer *w, const struct file *f)
{
	struct view rest = buf_view(&f->others);
	const char *name;
	struct tlv t;
	char hex[16];

	if (rest.n == 0)
		return;
	if (!fcp_has_names(rest)) {
		json_put_bytes(w, "fcp", rest);
		return;
	}
	json_open(w, "fcp", '{');
	while (tlv_next(&rest, &t)) {
		name = image_word_for(image_fcp_tags, t.tag);
		snprintf(hex, sizeof(hex),
			 t.tag > 0xffff ? "%06X"
			 : t.tag > 0xff ? "%04X"
					: "%02X",
			 t.tag);
		json_put_bytes(w, name ? name : hex, t.value);
	}
	json_close(w, '}');
}

static void
put_contents(struct json_writer *w, const struct file *f)
{
	struct view all = buf_view(&f->contents), v = view_strip_end(all, FILE_ERASED);
	bool odd = all.n != (f->has_size ? f->size : v.n);

	if (file_kind(f) != FILE_TRANSPARENT)
		return;
	if (odd)
		json_put_number(w, "length", all.n);
	if (odd || v.n > 0)
		json_put_bytes(w, "contents", v);
}

static void
put_records(struct json_writer *w, const struct file *f)
{
	struct view v;
	size_t i;

	if (file_kind(f) != FILE_RECORDS)
		return;
	json_open(w, "records", '[');
	for (i = 0; i < f->n_records; i++) {
		v = buf_view(&f->records[i]);
		json_put_bytes(w, NULL, file_is_variable(f) ? v : view_strip_end(v, FILE_ERASED));
	}
	json_close(w, ']');
}

static void
put_objects(struct json_writer *w, const struct file *f)
{
	const struct object *o;
	char key[16];

	if (!f->objects)
		return;
	json_open(w, "objects", '{');
	for (o = f->objects; o; o = o->next) {
		snprintf(key, sizeof(key),
			 o->tag > 0xffff ? "%06X"
			 : o->tag > 0xff ? "%04X"
					 : "%02X",
			 o->tag);
		json_put_bytes(w, key, buf_view(&o->value));
	}
	json_close(w, '}');
}

static void
put_head(struct json_writer *w, const struct file *f)
{
	uint8_t fid[] = { (uint8_t)(f->fid >> 8), (uint8_t)f->fid };

	if (f->parent) {
		json_put_hex(w, "fid", view_of(fid, sizeof(fid)));
		put_descriptor(w, f);
	}
	if (f->has_size)
		json_put_number(w, "size", f->size);
	if (f->parent && f->sfi != FCP_SFI_IMPLIED)
		json_put_number(w, "sfi", f->sfi);
}

/* What it is to an application: schema is of the one that is there, itself or above. */
static void
put_application(struct json_writer *w, const struct file *f, const struct state *s,
		const struct schema *schema)
{
	if (f->application)
		json_put_text(w, "application", f->application->name);
	put_flag(w, "selected", s->fs.selected == f->uid);
	if (schema && (f->application || !f->parent))
		fields_write(w, "fields", schema->fields, &f->props);
}

static void
put_file(struct json_writer *w, const char *key, const struct file *f, const struct state *s,
	 const struct schema *above)
{
	const struct schema *schema = f->application ? f->application : above;
	const struct file *child;

	json_open(w, key, '{');
	put_comment(w, &f->comment);
	put_head(w, f);
	if (f->life != FILE_ACTIVATED)
		put_word(w, "life", image_file_lives, f->life);
	put_fcp(w, f);
	put_application(w, f, s, schema);
	put_contents(w, f);
	put_records(w, f);
	put_objects(w, f);
	put_owned(w, &s->sam, f->uid, schema);
	if (f->children)
		json_open(w, "files", '[');
	for (child = f->children; child; child = child->next)
		put_file(w, NULL, child, s, schema);
	if (f->children)
		json_close(w, ']');
	json_close(w, '}');
}

/* --- the whole ------------------------------------------------------------------------ */

static void
put_props(struct json_writer *w, const struct props *props)
{
	const struct prop *p;

	if (!props->first)
		return;
	json_open(w, "properties", '{');
	for (p = props->first; p; p = p->next)
		json_put_bytes(w, p->name, buf_view(&p->value));
	json_close(w, '}');
}

bool
image_text_write(struct buf *out, const char *type, const struct state *s)
{
	struct json_writer w = { .out = *out };

	json_open(&w, NULL, '{');
	json_put_number(&w, "format", IMAGE_FORMAT);
	json_put_text(&w, "type", type);
	put_comment(&w, &s->comment);
	put_if_any(&w, "serial", buf_view(&s->serial));
	put_if_any(&w, "atr", buf_view(&s->atr));
	json_put_number(&w, "memory", s->fs.quota);
	put_flag(&w, "terminated", s->fs.terminated);
	put_owned(&w, &s->sam, 0, s->schema);
	put_props(&w, &s->props);
	put_file(&w, "mf", s->fs.mf, s, s->schema);
	json_close(&w, '}');
	*out = w.out;
	return !out->failed;
}
