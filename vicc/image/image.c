/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/image.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hex.h"
#include "base/text.h"
#include "model/card.h"
#include "image/jsonread.h"
#include "image/text.h"
#include "image/store.h"

struct image {
	char *type;
	const struct card_type *card; /* or NULL: found by its name */
	enum image_mode mode;
	struct store *store; /* NULL: memory */
	struct buf kept;     /* in memory: the text that counts */
	bool is_new;         /* fill has made it */
	bool remember;       /* it does where no file keeps it, too */
	bool detached;       /* what counts is in memory, and is another card than the file's */
};

void
image_wipe_memory(void)
{
	json_set_alloc_funcs(wiping_malloc, wiping_free);
}

/* --- reading -------------------------------------------------------------------- */

static int
read_stored(const struct store *store, const struct card_type *card, bool look_only,
	    struct image_text *t, char *error, size_t size)
{
	const struct json_files files = {
		.dir = store_dir(store), .owner = store_owner(store), .look_only = look_only,
	};
	struct buf text = BUF(IMAGE_TEXT_MAX);
	int rc = store_read(store, &text);

	if (rc < 0)
		snprintf(error, size, "%s: %s", store_path(store), strerror(-rc));
	else
		rc = image_text_read_as(t, card, buf_view(&text), store_path(store), &files, error,
					size);
	buf_free(&text);
	return rc;
}

static int
read_contents(const struct image_config *cfg, struct image_text *t, char *error, size_t size)
{
	char name[64];

	snprintf(name, sizeof(name), "contents of %s", cfg->type);
	return image_text_read_as(t, cfg->card, view_of(cfg->contents, strlen(cfg->contents)), name,
				  NULL, error, size);
}

static int
check_type(const struct image_text *t, const struct image_config *cfg, char *error, size_t size)
{
	if (strcmp(t->type, cfg->type) == 0)
		return 0;
	snprintf(error, size, "%s: the image of a card of type %s, not %s: start it with -t %s",
		 cfg->path, t->type, cfg->type, t->type);
	text_make_plain(error);
	return -EINVAL;
}

static int
set_serial(struct state *s, struct view serial, bool *changed)
{
	if (serial.n == 0 || view_equal(serial, buf_view(&s->serial)))
		return 0;
	*changed = true;
	return buf_set(&s->serial, serial) ? 0 : -ENOMEM;
}

static bool
is_there(const struct image *image)
{
	return image->store && store_exists(image->store);
}

static bool
fills(const struct image *image, const struct image_config *cfg)
{
	return cfg->fill && !(cfg->keep && is_there(image));
}

/* A new card, and nothing else. */
static int
make_new(const struct image *image, const struct image_config *cfg, struct image_text *t,
	 char *error, size_t size)
{
	bool changed;
	int rc;

	if (is_there(image) && !cfg->replace) {
		snprintf(
			error, size,
			"%s is there already: a new card goes into another file, or with --force over it; --keep uses this one",
			cfg->path);
		return -EEXIST;
	}
	rc = read_contents(cfg, t, error, size);
	if (rc == 0 && set_serial(t->state, cfg->serial, &changed) < 0) {
		snprintf(error, size, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	return rc < 0 ? rc : cfg->fill(cfg->fill_ctx, t->state, error, size);
}

/* What the file says, or for want of one what a new card has on it. */
static int
read_first(struct image *image, const struct image_config *cfg, struct image_text *t,
	   char *error, size_t size)
{
	int rc;

	image->is_new = fills(image, cfg);
	if (image->is_new)
		return make_new(image, cfg, t, error, size);
	if (!is_there(image))
		return read_contents(cfg, t, error, size);
	rc = read_stored(image->store, image->card, false, t, error, size);
	if (rc == 0)
		rc = check_type(t, cfg, error, size);
	return rc;
}

/* --- keeping --------------------------------------------------------------------- */

static int
keep_in_memory(struct image *image, const struct state *s)
{
	struct buf text = BUF(IMAGE_TEXT_MAX);

	if (!image_text_write(&text, image->type, s)) {
		buf_free(&text);
		return -ENOMEM;
	}
	buf_free(&image->kept);
	image->kept = text;
	return 0;
}

static int
keep_on_disk(struct image *image, const struct state *s)
{
	struct buf text = BUF(IMAGE_TEXT_MAX);
	int rc = -ENOMEM;

	if (image_text_write(&text, image->type, s))
		rc = store_commit(image->store, buf_view(&text));
	buf_free(&text);
	return rc;
}

/* The card has a file of its own, which keeps what it changes. */
static bool
writes(const struct image *image)
{
	return image->store && image->mode == IMAGE_KEEP;
}

static int
image_keep(struct image *image, const struct state *s)
{
	if (writes(image) && !image->detached)
		return keep_on_disk(image, s);
	if (image->remember || (image->store && image->mode == IMAGE_READ_ONLY))
		return keep_in_memory(image, s);
	return 0;
}

int
image_commit(void *ctx, struct state *s, unsigned changed)
{
	struct image *image = ctx;

	if (image->store && image->mode == IMAGE_READ_ONLY && (changed & STATE_CONTENTS))
		return -EROFS;
	return image_keep(image, s);
}

struct state *
image_revert(void *ctx)
{
	struct image *image = ctx;
	struct image_text t = { .state = NULL };
	struct state *s = NULL;
	char error[512];
	int rc = -ENOENT;

	if (image->kept.n > 0)
		rc = image_text_read_as(&t, image->card, buf_view(&image->kept), "kept", NULL,
					error, sizeof(error));
	else if (image->store && image->mode == IMAGE_KEEP)
		rc = read_stored(image->store, image->card, false, &t, error, sizeof(error));
	if (rc == 0) {
		s = t.state;
		t.state = NULL;
	}
	image_text_free(&t);
	return s;
}

/* --- another card of the same type ------------------------------------------------ */

int
image_text(const struct image *image, struct buf *out)
{
	if (image->kept.n > 0)
		buf_put_view(out, buf_view(&image->kept));
	else if (writes(image))
		return store_read(image->store, out);
	else
		return -ENOENT;
	return out->failed ? -ENOMEM : 0;
}

/* Of the card of this image, whole, and with nothing to be fetched from elsewhere. */
static int
read_other(const struct image *image, struct view text, struct image_text *t, char *error,
	   size_t size)
{
	int rc = image_text_read_as(t, image->card, text, "image", NULL, error, size);

	if (rc == 0 && strcmp(t->type, image->type) != 0) {
		snprintf(error, size, "the image of a card of type %s, not %s", t->type,
			 image->type);
		text_make_plain(error);
		rc = -EINVAL;
	}
	return rc;
}

int
image_replace(struct image *image, struct view text, bool detached, struct state **out, char *error,
	      size_t size)
{
	struct image_text t = { .state = NULL };
	struct image before = *image;
	int rc = read_other(image, text, &t, error, size);

	if (rc == 0) {
		image->detached = detached;
		image->kept = (struct buf) { .max = 0 };
		rc = detached ? keep_in_memory(image, t.state) : image_keep(image, t.state);
		if (rc < 0) {
			snprintf(error, size, "cannot be written: %s", strerror(-rc));
			*image = before;
		} else {
			buf_free(&before.kept);
		}
	}
	if (rc == 0) {
		*out = t.state;
		t.state = NULL;
	}
	image_text_free(&t);
	return rc;
}

/* --- opening --------------------------------------------------------------------- */

/* What is not yet in the file as it is to be used goes there first. */
static int
keep_first(struct image *image, const struct image_config *cfg, const struct image_text *t,
	   char *error, size_t size)
{
	bool changed = fills(image, cfg) || t->fetched || (image->store && !is_there(image));
	char suffix[16];
	int rc = set_serial(t->state, cfg->serial, &changed);

	if (rc == 0 && image->mode == IMAGE_KEEP && is_there(image) && t->format < IMAGE_FORMAT) {
		snprintf(suffix, sizeof(suffix), "v%zu", t->format);
		rc = store_keep(image->store, suffix);
		changed = true;
	}
	if (rc == 0 &&
	    (changed || image->mode == IMAGE_READ_ONLY || (image->remember && !writes(image))))
		rc = image_keep(image, t->state);
	if (rc < 0)
		snprintf(error, size, "%s: cannot be written: %s",
			 cfg->path ? cfg->path : cfg->type, strerror(-rc));
	return rc;
}

/* Not whether it is right: that is said with a line number, later. */
static bool
looks_like_one(struct view text)
{
	static const char format[] = "\"format\"";

	while (text.n > 0 && memchr(" \t\r\n", *text.p, 4))
		text = view_slice(text, 1, text.n);
	return text.n > 0 && *text.p == '{' && memmem(text.p, text.n, format, sizeof(format) - 1);
}

static bool
holds_one(const struct store *store)
{
	struct buf text = BUF(IMAGE_TEXT_MAX);
	bool yes = store_read(store, &text) == 0 && looks_like_one(buf_view(&text));

	buf_free(&text);
	return yes;
}

/*
 * A file that is something else gets no lock beside it: what is wrong with it can be
 * said without.
 */
static unsigned
store_flags(const struct image_config *cfg)
{
	struct store *store = NULL;
	char error[512];
	unsigned flags = STORE_READ_ONLY;
	int rc;

	if (cfg->mode != IMAGE_KEEP)
		return flags;
	rc = store_open(&store, cfg->path, STORE_READ_ONLY, error, sizeof(error));
	if (rc == -ENOENT || (rc == 0 && holds_one(store)))
		flags = 0;
	store_free(store);
	return flags;
}

static int
open_store(struct image *image, const struct image_config *cfg, char *error, size_t size)
{
	int rc;

	if (!cfg->path)
		return 0;
	rc = store_open(&image->store, cfg->path, store_flags(cfg), error, size);
	if (rc == -ENOENT && image->mode == IMAGE_VOLATILE)
		return 0; /* a new card in memory */
	if (rc == 0 && cfg->fill && cfg->replace && is_there(image) && !holds_one(image->store)) {
		snprintf(error, size,
			 "%s: this is no card image, and --force replaces nothing else", cfg->path);
		return -EINVAL;
	}
	return rc;
}

static int
open_all(struct image *image, struct state **state, const struct image_config *cfg, char *error,
	 size_t size)
{
	struct image_text t = { .state = NULL };
	int rc = open_store(image, cfg, error, size);

	if (rc == 0)
		rc = read_first(image, cfg, &t, error, size);
	if (rc == 0)
		rc = keep_first(image, cfg, &t, error, size);
	if (rc == 0) {
		*state = t.state;
		t.state = NULL;
	}
	image_text_free(&t);
	return rc;
}

int
image_open(struct image **out, struct state **state, const struct image_config *cfg, char *error,
	   size_t size)
{
	struct image *image = calloc(1, sizeof(*image));
	int rc = -ENOMEM;

	if (image)
		image->type = strdup(cfg->type);
	if (image && image->type) {
		image->mode = cfg->mode;
		image->card = cfg->card;
		image->remember = cfg->remember;
		rc = open_all(image, state, cfg, error, size);
	} else {
		snprintf(error, size, "%s", strerror(ENOMEM));
	}
	if (rc < 0) {
		image_free(image);
		return rc;
	}
	*out = image;
	return 0;
}

void
image_free(struct image *image)
{
	if (!image)
		return;
	store_free(image->store);
	buf_free(&image->kept);
	free(image->type);
	free(image);
}

int
image_folder(const struct image *image)
{
	return image && image->store ? store_dir(image->store) : -1;
}

bool
image_is_new(const struct image *image)
{
	return image && image->is_new;
}

/* --- saying what is in one ----------------------------------------------------------- */

static void
put_bytes(FILE *out, const char *what, struct view v)
{
	struct buf text = BUF(2 * v.n + 1);

	hex_write(&text, v);
	buf_u8(&text, 0);
	if (v.n > 0 && !text.failed)
		fprintf(out, "%s %s\n", what, (const char *)text.p);
	buf_free(&text);
}

static void
put_tries(FILE *out, uint8_t tries, uint8_t tries_max)
{
	if (tries_max > 0)
		fprintf(out, ", %u of %u tries left", tries, tries_max);
}

static void
put_owned(FILE *out, const struct sam *sam, uint32_t uid, int depth)
{
	const struct sam_pin *pin;
	const struct sam_key *key;
	const struct sam_se *se;

	for (pin = sam->pins; pin; pin = pin->next) {
		if (pin->scope != uid)
			continue;
		fprintf(out, "%*sPIN %u %s%s", 2 * depth, "", pin->ref, image_lives[pin->life],
			pin->disabled ? ", not asked for" : "");
		put_tries(out, pin->code.tries, pin->code.tries_max);
		fputs(pin->puk.value.n > 0 ? "; PUK" : "", out);
		if (pin->puk.value.n > 0)
			put_tries(out, pin->puk.tries, pin->puk.tries_max);
		fputc('\n', out);
	}
	for (key = sam->keys; key; key = key->next) {
		if (key->owner != uid)
			continue;
		fprintf(out, "%*skey %u %s, %u bits", 2 * depth, "", key->ref,
			image_kinds[key->kind], key->bits);
		put_tries(out, key->tries, key->tries_max);
		fputs(key->secret.n == 0 && key->asym.n == 0 ? ", not set\n" : "\n", out);
	}
	for (se = sam->ses; se; se = se->next) {
		if (se->owner == uid)
			fprintf(out, "%*ssecurity environment %u\n", 2 * depth, "", se->se.number);
	}
}

static void
put_file(FILE *out, const struct file *f, bool selected)
{
	const char *structure = image_word_for(image_structures, f->descriptor[0]);
	const char *life = image_word_for(image_file_lives, f->life);
	const struct object *o;
	size_t n = 0;

	for (o = f->objects; o; o = o->next)
		n++;
	fprintf(out, "%*s%04X %s, %s", 2 * (int)f->depth, "", f->fid,
		structure ? structure : "of the card's own structure",
		life ? life : "in no known state");
	if (file_kind(f) == FILE_TRANSPARENT)
		fprintf(out, ", %zu bytes", f->contents.n);
	if (file_kind(f) == FILE_RECORDS)
		fprintf(out, ", %zu records, %zu bytes", f->n_records, file_bytes(f));
	if (n > 0)
		fprintf(out, ", %zu objects", n);
	if (f->application)
		fprintf(out, ", application %s", f->application->name);
	if (selected)
		fputs(", selected after a reset", out);
	fputc('\n', out);
}

/* What the card is going to read, when it first starts. */
static void
put_files(FILE *out, struct buf *names)
{
	char *rest, *name;

	buf_u8(names, 0);
	rest = names->failed ? NULL : (char *)names->p;
	while ((name = strsep(&rest, "\n"))) {
		text_make_plain(name);
		if (*name)
			fprintf(out, "file, not read yet: %s\n", name);
	}
}

static void
put_summary(FILE *out, const char *path, struct image_text *t)
{
	const struct state *s = t->state;
	const struct file *f;

	text_make_plain(t->type);
	fprintf(out, "%s: a card of type %s%s, format %zu\n", path, t->type,
		card_type_find(t->type) ? "" : " (not one of this vicc's)", t->format);
	if (t->fetched)
		fputs("some of it is \"file:\" or \"random:\" and is fetched when the card first starts\n",
		      out);
	put_files(out, &t->names);
	put_bytes(out, "serial number", buf_view(&s->serial));
	put_bytes(out, "ATR", buf_view(&s->atr));
	fprintf(out, "%zu of %zu bytes used%s\n", s->fs.used, s->fs.quota,
		s->fs.terminated ? ", terminated" : "");
	put_owned(out, &s->sam, 0, 0);
	for (f = fs_walk(&s->fs, NULL); f; f = fs_walk(&s->fs, f)) {
		put_file(out, f, f->uid == s->fs.selected);
		put_owned(out, &s->sam, f->uid, (int)f->depth + 1);
	}
}

static void
put_mismatch(void *ctx, const char *line)
{
	fprintf(ctx, "mismatch: %s\n", line);
}

/* What does not fit together; of what has not been read yet nothing can be said. */
static void
put_mismatches(FILE *out, const struct image_text *t)
{
	const struct card_type *card = card_type_find(t->type);

	if (card && card->check && !t->fetched)
		card->check(t->state, put_mismatch, out);
}

int
image_check(const char *path, FILE *out, char *error, size_t size)
{
	struct image_text t = { .state = NULL };
	struct store *store = NULL;
	int rc = store_open(&store, path, STORE_READ_ONLY, error, size);

	if (rc == 0)
		rc = read_stored(store, NULL, true, &t, error, size);
	if (rc == 0)
		put_summary(out, path, &t);
	if (rc == 0)
		put_mismatches(out, &t);
	image_text_free(&t);
	store_free(store);
	return rc;
}
