/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/sam.h"

#include <stdlib.h>
#include <string.h>

#include "model/acl.h"
#include "model/fs.h"

#define TRIES_SHOWN 15 /* 63CX has one digit */

static uint32_t
ref_bit(uint8_t ref)
{
	return ref < 32 ? UINT32_C(1) << ref : 0;
}

/* Of these local references those that are proven, seen from where they are named. */
static uint32_t
proven_local(uint32_t wanted, bool external, const struct file *from, const struct access *who)
{
	uint32_t proven = 0;
	uint8_t ref;

	for (ref = 0; from && ref < 32; ref++) {
		if (wanted & ref_bit(ref) &&
		    acl_reference(who, from, ref | 0x80, external) == SW_OK)
			proven |= ref_bit(ref);
	}
	return proven;
}

bool
sam_granted(const struct sam_rule *r, uint32_t owner, const struct access *who)
{
	const struct file *from = who->fs ? fs_by_uid(who->fs, owner ? owner : who->df) : NULL;
	uint32_t wanted[] = { r->global.user, r->global.external, r->local.user,
			      r->local.external };
	uint32_t proven[] = { who->global.user, who->global.external,
			      proven_local(r->local.user, false, from, who),
			      proven_local(r->local.external, true, from, who) };
	bool any = false, all = true;
	size_t i;

	for (i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		any = any || (wanted[i] & proven[i]);
		all = all && !(wanted[i] & ~proven[i]);
	}
	if (r->grant == SAM_NEVER || (r->sm && !who->sm))
		return false;
	return r->grant == SAM_ALWAYS || (r->grant == SAM_ANY ? any : all);
}

/* --- PINs --------------------------------------------------------------------- */

struct sam_pin *
sam_pin_find(const struct sam *s, uint32_t scope, uint8_t ref)
{
	struct sam_pin *p, *by_alias = NULL;

	for (p = s->pins; p; p = p->next) {
		if (p->scope != scope)
			continue;
		if (p->ref == ref)
			return p;
		if (!by_alias && p->aliases & ref_bit(ref))
			by_alias = p;
	}
	return by_alias;
}

struct sam_pin *
sam_pin_add(struct sam *s, uint32_t scope, uint8_t ref)
{
	struct sam_pin *fresh, **at;
	size_t n = 0;

	for (at = &s->pins; *at; at = &(*at)->next) {
		if ((*at)->scope == scope && (*at)->ref == ref)
			return NULL;
		n++;
	}
	fresh = n < SAM_ENTRIES_MAX ? calloc(1, sizeof(*fresh)) : NULL;
	if (!fresh)
		return NULL;
	fresh->scope = scope;
	fresh->ref = ref;
	fresh->code = (struct sam_code)SAM_CODE_NEW;
	fresh->puk = fresh->code;
	*at = fresh;
	s->changed = true;
	return fresh;
}

static bool
is_padded(const struct sam_code *code)
{
	return code->pad != SAM_UNPADDED;
}

static uint8_t
pad_byte(const struct sam_code *code)
{
	return code->pad == SAM_PAD_00 ? 0x00 : 0xff;
}

/* Bytes before the padding. */
static size_t
significant(const struct sam_code *code, struct view value)
{
	size_t n = value.n;

	while (is_padded(code) && n > 0 && value.p[n - 1] == pad_byte(code))
		n--;
	return n;
}

bool
sam_code_fits(const struct sam_code *code, struct view value, struct secret *kept)
{
	size_t n = significant(code, value);

	if (n < code->min || n > code->max || value.n > code->max || code->max > SECRET_MAX)
		return false;
	if (!secret_set(kept, value))
		return false;
	if (is_padded(code)) {
		memset(kept->bytes + n, pad_byte(code), code->max - n);
		kept->n = code->max;
	}
	return true;
}

bool
sam_code_set(struct sam_code *code, struct view value)
{
	struct secret kept;
	bool fits = sam_code_fits(code, value, &kept);

	if (fits) {
		code->value = kept;
		code->tries = code->tries_max;
	}
	secret_wipe(&kept);
	return fits;
}

static sw_t
tries_left(uint8_t tries)
{
	return (sw_t)(SW_TRIES | (tries < TRIES_SHOWN ? tries : TRIES_SHOWN));
}

static bool
is_blocked(uint8_t tries, uint8_t tries_max)
{
	return tries_max > 0 && tries == 0;
}

sw_t
sam_decrement_tries(struct sam *s, uint8_t *tries, uint8_t tries_max)
{
	if (is_blocked(*tries, tries_max))
		return SW_BLOCKED;
	if (tries_max == 0)
		return SW_OK;
	(*tries)--;
	s->tries_changed = true;
	return !s->commit || s->commit(s->commit_ctx) == 0 ? SW_OK : SW_MEMORY_FAILURE;
}

sw_t
sam_restore_tries(struct sam *s, uint8_t *tries, uint8_t tries_max, bool right)
{
	if (!right)
		return tries_max > 0 ? tries_left(*tries) : SW_WARNING_CHANGED;
	/* the commit at the end of the command keeps it */
	if (tries_max > 0) {
		*tries = tries_max;
		s->tries_changed = true;
	}
	return SW_OK;
}

void
sam_increment_tries(struct sam *s, uint8_t *tries, uint8_t tries_max)
{
	if (tries_max == 0)
		return;
	(*tries)++;
	s->tries_changed = true;
}

sw_t
sam_try(struct sam *s, uint8_t *tries, uint8_t tries_max, struct view given, struct view right)
{
	sw_t sw = sam_decrement_tries(s, tries, tries_max);

	if (sw != SW_OK)
		return sw;
	return sam_restore_tries(s, tries, tries_max, right.n > 0 && secret_equal(given, right));
}

/* As it would be kept, or any bytes that no value can equal. */
static sw_t
try_code(struct sam *s, struct sam_code *code, struct view given)
{
	struct secret padded;
	sw_t sw;

	if (!is_padded(code) || !sam_code_fits(code, given, &padded))
		return sam_try(s, &code->tries, code->tries_max, given, secret_view(&code->value));
	sw = sam_try(s, &code->tries, code->tries_max, secret_view(&padded),
		     secret_view(&code->value));
	secret_wipe(&padded);
	return sw;
}

static void
prove_pin(struct auth *proven, uint32_t bits, bool yes)
{
	if (yes)
		proven->user |= bits;
	else
		proven->user &= ~bits;
}

sw_t
sam_pin_state(const struct sam_pin *pin, uint8_t ref, const struct auth *proven)
{
	if (pin->life != SAM_ACTIVE)
		return SW_REFERENCE_UNUSABLE;
	if (pin->disabled || proven->user & sam_pin_bit(pin, ref))
		return SW_OK;
	return is_blocked(pin->code.tries, pin->code.tries_max) ? SW_BLOCKED
								: tries_left(pin->code.tries);
}

sw_t
sam_verify(struct sam *s, struct sam_pin *pin, uint8_t ref, struct view value, struct auth *proven)
{
	sw_t sw;

	if (pin->life != SAM_ACTIVE)
		return SW_REFERENCE_UNUSABLE;
	prove_pin(proven, sam_pin_bit(pin, ref), false);
	sw = try_code(s, &pin->code, value);
	prove_pin(proven, sam_pin_bit(pin, ref), sw == SW_OK);
	return sw;
}

/*
 * Part a value of this code from what stands behind it. What is too short for
 * that is all value: it is wrong, and counts, as any other (its length is not
 * told).
 */
static struct view
take_value(const struct sam_code *code, struct view *from)
{
	struct view value;

	if (!view_take(from, code->value.n, &value)) {
		value = *from;
		*from = view_of(NULL, 0);
	}
	return value;
}

/*
 * Whether what follows a right value could be none itself. Asked of padded codes
 * only, whose length everybody knows: of others it would tell theirs.
 */
static bool
is_hopeless(const struct sam_code *first, struct view given, const struct sam_code *next,
	    struct view value)
{
	struct secret kept = { .n = 0 };
	bool fits = sam_code_fits(next, value, &kept);

	secret_wipe(&kept);
	return is_padded(first) && given.n == first->value.n && !fits &&
	       !is_blocked(first->tries, first->tries_max);
}

sw_t
sam_change(struct sam *s, struct sam_pin *pin, uint8_t ref, struct view old_new,
	   struct auth *proven)
{
	struct view old = take_value(&pin->code, &old_new);
	sw_t sw;

	if (pin->life == SAM_ACTIVE && is_hopeless(&pin->code, old, &pin->code, old_new))
		return SW_WRONG_DATA;
	sw = sam_verify(s, pin, ref, old, proven);
	if (sw != SW_OK)
		return sw;
	if (!sam_code_set(&pin->code, old_new))
		return SW_WRONG_DATA;
	s->changed = true;
	return SW_OK;
}

sw_t
sam_set(struct sam *s, struct sam_pin *pin, struct view value, const struct access *who)
{
	if (pin->life == SAM_DEACTIVATED)
		return SW_REFERENCE_UNUSABLE;
	if (pin->life != SAM_UNSET && !sam_granted(&pin->change, pin->scope, who))
		return SW_SECURITY_STATUS;
	if (!sam_code_set(&pin->code, value))
		return SW_WRONG_DATA;
	pin->life = SAM_ACTIVE;
	s->changed = true;
	return SW_OK;
}

/* Its own, or another PIN that is active. NULL: it has none. */
static struct sam_code *
puk_of(const struct sam *s, struct sam_pin *pin)
{
	struct sam_pin *other;

	if (!pin->puk_is_pin)
		return pin->puk.value.n > 0 ? &pin->puk : NULL;
	other = sam_pin_find(s, pin->scope, pin->puk_ref);
	return other && other->life == SAM_ACTIVE ? &other->code : NULL;
}

sw_t
sam_unblock(struct sam *s, struct sam_pin *pin, uint8_t p1, struct view data,
	    const struct access *who, struct auth *proven)
{
	bool by_puk = p1 < 2, renews = p1 == 0 || p1 == 2;
	struct sam_code *puk = puk_of(s, pin);
	struct view given = view_of(NULL, 0);
	sw_t sw;

	if (pin->life != SAM_ACTIVE)
		return SW_REFERENCE_UNUSABLE;
	if (by_puk && !puk)
		return SW_CONDITIONS;
	if (by_puk)
		given = p1 == 0 ? take_value(puk, &data) : data;
	if (by_puk && renews && is_hopeless(puk, given, &pin->code, data))
		return SW_WRONG_DATA;
	if (by_puk)
		sw = try_code(s, puk, given);
	else
		sw = sam_granted(&pin->unblock, pin->scope, who) ? SW_OK : SW_SECURITY_STATUS;
	if (sw != SW_OK)
		return sw;
	if (renews && !sam_code_set(&pin->code, data))
		return SW_WRONG_DATA;
	pin->code.tries = pin->code.tries_max;
	prove_pin(proven, sam_pin_bits(pin), false);
	s->changed = true;
	return SW_OK;
}

sw_t
sam_require(struct sam *s, struct sam_pin *pin, uint8_t ref, bool required, struct view value,
	    const struct access *who, struct auth *proven)
{
	sw_t sw;

	if (pin->life != SAM_ACTIVE)
		return SW_REFERENCE_UNUSABLE;
	if (value.n > 0)
		sw = sam_verify(s, pin, ref, value, proven);
	else
		sw = sam_granted(&pin->disable, pin->scope, who) ? SW_OK : SW_SECURITY_STATUS;
	if (sw != SW_OK)
		return sw;
	pin->disabled = !required;
	s->changed = true;
	return SW_OK;
}

uint32_t
sam_disabled(const struct sam *s, uint32_t scope)
{
	const struct sam_pin *p;
	uint32_t refs = 0;

	for (p = s->pins; p; p = p->next) {
		if (p->scope == scope && p->life == SAM_ACTIVE && p->disabled)
			refs |= sam_pin_bits(p);
	}
	return refs;
}

/* --- keys --------------------------------------------------------------------- */

struct sam_key *
sam_key_find(const struct sam *s, uint32_t owner, uint8_t ref)
{
	struct sam_key *k = s->keys;

	while (k && (k->owner != owner || k->ref != ref))
		k = k->next;
	return k;
}

struct sam_key *
sam_key_add(struct sam *s, uint32_t owner, uint8_t ref, enum sam_kind kind)
{
	struct sam_key *fresh, **at;
	size_t n = 0;

	for (at = &s->keys; *at; at = &(*at)->next) {
		if ((*at)->owner == owner && (*at)->ref == ref)
			return NULL;
		n++;
	}
	fresh = n < SAM_ENTRIES_MAX ? calloc(1, sizeof(*fresh)) : NULL;
	if (!fresh)
		return NULL;
	fresh->owner = owner;
	fresh->ref = ref;
	fresh->kind = kind;
	fresh->algorithm = 0xff;
	fresh->use.grant = fresh->manage.grant = SAM_ALWAYS;
	fresh->asym.max = SAM_ASYM_MAX;
	fresh->label.max = SAM_LABEL_MAX;
	*at = fresh;
	s->changed = true;
	return fresh;
}

static bool
secret_length_right(enum sam_kind kind, size_t n)
{
	switch (kind) {
	case SAM_DES:
		return n == 8;
	case SAM_DES3:
		return n == 16 || n == 24;
	case SAM_AES:
		return n == 16 || n == 24 || n == 32;
	default:
		return kind == SAM_HMAC && n > 0;
	}
}

bool
sam_key_set_secret(struct sam_key *k, struct view value)
{
	if (!secret_length_right(k->kind, value.n) || !secret_set(&k->secret, value))
		return false;
	k->bits = (unsigned)value.n * 8;
	return true;
}

static void
close_key(struct sam_key *k)
{
	if (k->opened)
		k->close(k->opened);
	k->opened = NULL;
}

bool
sam_key_set_asym(struct sam_key *k, struct view objects)
{
	if (!buf_set(&k->asym, objects))
		return false;
	close_key(k);
	return true;
}

static void
free_key(struct sam_key *k)
{
	close_key(k);
	buf_free(&k->asym);
	buf_free(&k->label);
	buf_free(&k->comment);
	props_clear(&k->props);
	freezero(k, sizeof(*k));
}

/* Member by member: each stays in its list, where it is found, with its rights. */
void
sam_key_swap(struct sam_key *a, struct sam_key *b)
{
	struct sam_key was = *a;

	a->kind = b->kind;
	a->bits = b->bits;
	a->secret = b->secret;
	a->asym = b->asym;
	a->label = b->label;
	a->opened = b->opened;
	a->close = b->close;
	b->kind = was.kind;
	b->bits = was.bits;
	b->secret = was.secret;
	b->asym = was.asym;
	b->label = was.label;
	b->opened = was.opened;
	b->close = was.close;
	explicit_bzero(&was, sizeof(was));
}

void
sam_key_remove(struct sam *s, struct sam_key *k)
{
	struct sam_key **at = &s->keys;

	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	free_key(k);
	s->changed = true;
}

/* --- stored security environments ----------------------------------------------- */

static struct sam_se **
find_se(const struct sam *s, uint32_t owner, uint8_t number)
{
	/* the list's head is as good as any link to hang the next on */
	struct sam_se **at = (struct sam_se **)(uintptr_t)&s->ses;

	while (*at && ((*at)->owner != owner || (*at)->se.number != number))
		at = &(*at)->next;
	return at;
}

const struct se *
sam_se_find(const struct sam *s, uint32_t owner, uint8_t number)
{
	struct sam_se *found = *find_se(s, owner, number);

	return found ? &found->se : NULL;
}

static bool
has_room_for_se(const struct sam *s)
{
	const struct sam_se *se;
	size_t n = 0;

	for (se = s->ses; se; se = se->next)
		n++;
	return n < SAM_ENTRIES_MAX;
}

bool
sam_se_store(struct sam *s, uint32_t owner, uint8_t number, const struct se *se)
{
	struct sam_se **at = find_se(s, owner, number), *fresh = *at;

	if (!fresh && has_room_for_se(s))
		fresh = calloc(1, sizeof(*fresh));
	if (!fresh)
		return false;
	if (!se_copy(&fresh->se, se)) {
		if (!*at)
			free(fresh);
		return false;
	}
	fresh->owner = owner;
	fresh->se.number = number;
	*at = fresh;
	s->changed = true;
	return true;
}

static void
free_se(struct sam_se *se)
{
	se_clear(&se->se);
	buf_free(&se->comment);
	free(se);
}

bool
sam_se_erase(struct sam *s, uint32_t owner, uint8_t number)
{
	struct sam_se **at = find_se(s, owner, number), *gone = *at;

	if (!gone)
		return false;
	*at = gone->next;
	free_se(gone);
	s->changed = true;
	return true;
}

/* --- all of it ------------------------------------------------------------------ */

static bool
is_gone(const struct fs *fs, uint32_t uid)
{
	return uid && !fs_by_uid(fs, uid);
}

static void
drop_pins(struct sam *s, const struct fs *fs)
{
	struct sam_pin **at = &s->pins, *gone;

	while ((gone = *at)) {
		if (fs && !is_gone(fs, gone->scope)) {
			at = &gone->next;
			continue;
		}
		*at = gone->next;
		buf_free(&gone->comment);
		freezero(gone, sizeof(*gone));
		s->changed = true;
	}
}

static void
drop_keys(struct sam *s, const struct fs *fs)
{
	struct sam_key **at = &s->keys, *gone;

	while ((gone = *at)) {
		if (fs && !is_gone(fs, gone->owner)) {
			at = &gone->next;
			continue;
		}
		*at = gone->next;
		free_key(gone);
		s->changed = true;
	}
}

static void
drop_ses(struct sam *s, const struct fs *fs)
{
	struct sam_se **at = &s->ses, *gone;

	while ((gone = *at)) {
		if (fs && !is_gone(fs, gone->owner)) {
			at = &gone->next;
			continue;
		}
		*at = gone->next;
		free_se(gone);
		s->changed = true;
	}
}

/* Those whose owner is gone; without a fs all. */
static void
drop_owned(struct sam *s, const struct fs *fs)
{
	drop_pins(s, fs);
	drop_keys(s, fs);
	drop_ses(s, fs);
}

#define OVERHEAD 64 /* bytes beside the values: name, rules, links */

size_t
sam_key_size(const struct sam_key *k)
{
	return OVERHEAD + k->secret.n + k->asym.n + k->label.n;
}

static size_t
sum(const struct sam *s, size_t overhead)
{
	const struct sam_key *k;
	const struct sam_se *se;
	size_t n = 0;

	for (k = s->keys; k; k = k->next)
		n += sam_key_size(k) - OVERHEAD + overhead;
	for (se = s->ses; se; se = se->next)
		n += overhead + se_size(&se->se);
	return n;
}

size_t
sam_size(const struct sam *s)
{
	return sum(s, OVERHEAD);
}

size_t
sam_values_size(const struct sam *s)
{
	return sum(s, 0);
}

void
sam_drop_orphans(struct sam *s, const struct fs *fs)
{
	drop_owned(s, fs);
}

void
sam_clear(struct sam *s)
{
	drop_owned(s, NULL);
}

void
sam_free(struct sam *s)
{
	drop_owned(s, NULL);
	explicit_bzero(s, sizeof(*s));
}
