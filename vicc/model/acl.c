/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/acl.h"

#include "codec/tlv.h"
#include "model/fs.h"
#include "model/record.h"

#define SC_ALL 0x80
#define SC_SM 0x40
#define SC_EXTERNAL 0x20
#define SC_USER 0x10
#define SC_SE 0x0f
#define SC_SE_MAX 14

#define AM_BYTE 0x80u        /* AM objects: an access mode byte, */
#define AM_HEADER_FIRST 0x81u /* or parts of a command header: */
#define AM_HEADER_LAST 0x8fu  /* b4 CLA, b3 INS, b2 P1, b1 P2 */
#define AM_PROPRIETARY 0x9cu

#define SC_DO_ALWAYS 0x90u
#define SC_DO_NEVER 0x97u
#define SC_DO_BYTE 0x9eu
#define SC_DO_OR 0xa0u
#define SC_DO_NOT 0xa7u
#define SC_DO_AND 0xafu
#define CRT_AT 0xa4u
#define CRT_CCT 0xb4u
#define CRT_DST 0xb6u
#define CRT_CT 0xb8u

#define REFERENCE 0x83u /* in a CRT */
#define USAGE 0x95u
#define USAGE_EXTERNAL 0x80
#define USAGE_USER 0x08

#define SE_TEMPLATE 0x7bu
#define SE_NUMBER 0x80u

#define NESTING_MAX 8

/* What a condition comes to; unknown: it names what does not exist. */
enum verdict { NO, YES, UNKNOWN };

static sw_t
verdict_sw(enum verdict v)
{
	return v == YES ? SW_OK : v == NO ? SW_SECURITY_STATUS : SW_REFERENCE_UNUSABLE;
}

/* The better of two: for "one of them". */
static enum verdict
either(enum verdict a, enum verdict b)
{
	return a == YES || b == YES ? YES : a == UNKNOWN || b == UNKNOWN ? UNKNOWN : NO;
}

static enum verdict
both(enum verdict a, enum verdict b)
{
	return a == NO || b == NO ? NO : a == UNKNOWN || b == UNKNOWN ? UNKNOWN : YES;
}

static enum verdict
opposite(enum verdict a)
{
	return a == UNKNOWN ? UNKNOWN : a == YES ? NO : YES;
}

sw_t
check_access(const struct access *who, const struct file *f, enum acl_op op)
{
	if (!who)
		return SW_OK;
	return who->check_access ? who->check_access(who, f, op) : acl_check(who, f, op);
}

/* --- what was proven ------------------------------------------------------------------ */

#define LOCAL 0x80
#define PIN_NUMBER 0x1f
#define KEY_NUMBER 0x7f
#define NUMBERS 32 /* that can be proven: bits of struct auth */

static bool
proven(const struct auth *a, uint8_t number, bool external)
{
	return number < NUMBERS && (external ? a->external : a->user) >> number & 1;
}

bool
acl_user(const struct access *who, uint8_t number)
{
	return proven(&who->global, number, false);
}

static enum verdict
reference(const struct access *who, const struct file *f, uint8_t ref, bool external)
{
	struct reference r = { .number = ref & (external ? KEY_NUMBER : PIN_NUMBER) };
	struct auth a = ref & LOCAL ? proofs_above(&who->local, f) : who->global;

	if (who->refs && who->refs->find) {
		if (!who->refs->find(who, f, ref, external, &r))
			return UNKNOWN;
		if (r.df)
			a = proofs_of(&who->local, r.df);
	}
	return proven(&a, r.number, external) ? YES : NO;
}

sw_t
acl_reference(const struct access *who, const struct file *f, uint8_t ref, bool external)
{
	return verdict_sw(reference(who, f, ref, external));
}

sw_t
acl_nibble(const struct access *who, const struct file *f, unsigned nibble)
{
	if (nibble == 0x0)
		return SW_OK;
	if (nibble == 0xf)
		return SW_SECURITY_STATUS;
	return verdict_sw(reference(who, f, (uint8_t)nibble, false));
}

/* --- security environments ------------------------------------------------------------ */

/* The SE template with this number out of a file of them. */
static bool
template_in(struct view v, uint8_t number, struct view *crts)
{
	struct view id;
	struct tlv t;

	while (tlv_next_padded(&v, &t)) {
		if (t.tag == SE_TEMPLATE && tlv_find(t.value, SE_NUMBER, &id) && id.n == 1 &&
		    id.p[0] == number) {
			*crts = t.value;
			return true;
		}
	}
	return false;
}

static bool
template_of(const struct file *ef, uint8_t number, struct view *crts)
{
	size_t i;

	if (file_kind(ef) == FILE_TRANSPARENT)
		return template_in(buf_view(&ef->contents), number, crts);
	for (i = 1; i <= ef->n_records; i++) {
		if (template_in(record_view(ef, i), number, crts))
			return true;
	}
	return false;
}

/* In the file that DO 8D of a DF above f names. */
static bool
find_se(const struct file *f, uint8_t number, struct view *crts)
{
	const struct file *ef;
	struct view fid;
	uint16_t id;

	for (; f; f = f->parent) {
		if (!file_is_df(f) || !file_other(f, FCP_SE_FILE, &fid) || !view_u16(&fid, &id))
			continue;
		ef = fs_child(f, id);
		if (ef && template_of(ef, number, crts))
			return true;
	}
	return false;
}

/* --- one condition -------------------------------------------------------------------- */

/* More than a byte is no number, but the name of whom a certificate is for (7816-4, 10.3.3). */
static enum verdict
is_named(const struct access *who, const struct file *f, struct view name, bool external)
{
	if (name.n == 1)
		return reference(who, f, name.p[0], external);
	if (!external)
		return UNKNOWN;
	return holder_is_proven(who->holder) && view_equal(buf_view(&who->holder->name), name) ? YES
											       : NO;
}

/* All references of an authentication template, as one kind. */
static enum verdict
template_references(const struct access *who, const struct file *f, struct view crt, bool external)
{
	enum verdict all = UNKNOWN, one;
	bool any = false;
	struct tlv t;

	while (tlv_next(&crt, &t)) {
		if (t.tag != REFERENCE || t.value.n == 0)
			continue;
		one = is_named(who, f, t.value, external);
		all = any ? both(all, one) : one;
		any = true;
	}
	return all;
}

static uint8_t
usage_of(struct view crt)
{
	struct view v;

	if (!tlv_find(crt, USAGE, &v) || v.n != 1)
		return USAGE_USER | USAGE_EXTERNAL;
	return v.p[0];
}

/* One of two kinds of proof: a kind that has no such reference is no choice. */
static enum verdict
either_kind(enum verdict a, enum verdict b)
{
	return a == UNKNOWN ? b : b == UNKNOWN ? a : either(a, b);
}

/* Without a usage either kind of proof will do. */
static enum verdict
authentication(const struct access *who, const struct file *f, struct view crt)
{
	uint8_t usage = usage_of(crt);
	enum verdict v = UNKNOWN;

	if (usage & USAGE_USER)
		v = template_references(who, f, crt, false);
	if (usage & USAGE_EXTERNAL && v != YES)
		v = either_kind(v, template_references(who, f, crt, true));
	return v;
}

/* What the environment's authentication templates with this usage ask for, all of it. */
static enum verdict
by_environment(const struct access *who, const struct file *f, struct view crts, uint8_t usage)
{
	enum verdict all = UNKNOWN, one;
	bool any = false;
	struct tlv t;

	while (tlv_next(&crts, &t)) {
		if (t.tag != CRT_AT || !(usage_of(t.value) & usage))
			continue;
		one = template_references(who, f, t.value, usage == USAGE_EXTERNAL);
		all = any ? both(all, one) : one;
		any = true;
	}
	return all;
}

/* Any proof of the kind: the card's, or of a DF that f is in. */
static bool
anything_proven(const struct access *who, const struct file *f, bool user)
{
	const struct auth local = proofs_above(&who->local, f);

	if (user)
		return who->global.user | local.user;
	return holder_is_proven(who->holder) || (who->global.external | local.external);
}

/* With environment 0, which is none, any proof of the kind counts. */
static enum verdict
by_kind(const struct access *who, const struct file *f, uint8_t number, uint8_t usage)
{
	bool user = usage == USAGE_USER;
	struct view objects;

	if (number == 0)
		return anything_proven(who, f, user) ? YES : NO;
	if (number > SC_SE_MAX)
		return UNKNOWN;
	if (find_se(f, number, &objects))
		return by_environment(who, f, objects, usage);
	if (who->refs && who->refs->se && who->refs->se(who, f, number, &objects) &&
	    usage_of(objects) & usage)
		return template_references(who, f, objects, !user);
	return UNKNOWN;
}

static enum verdict
read_condition(const struct access *who, const struct file *f, uint8_t sc)
{
	enum verdict (*join)(enum verdict, enum verdict) = sc & SC_ALL ? both : either;
	enum verdict v = sc & SC_ALL ? YES : NO;

	if (sc == ACL_ALWAYS)
		return YES;
	/* none of the three conditions, or all that there is: FF is never */
	if (sc == ACL_NEVER || !(sc & (SC_SM | SC_EXTERNAL | SC_USER)))
		return NO;
	if (sc & SC_SM)
		v = join(v, who->sm ? YES : NO);
	if (sc & SC_EXTERNAL)
		v = join(v, by_kind(who, f, sc & SC_SE, USAGE_EXTERNAL));
	if (sc & SC_USER)
		v = join(v, by_kind(who, f, sc & SC_SE, USAGE_USER));
	return v;
}

sw_t
acl_condition(const struct access *who, const struct file *f, uint8_t sc)
{
	return verdict_sw(read_condition(who, f, sc));
}

/* --- compact (9.3.3.2) ---------------------------------------------------------------- */

sw_t
acl_compact(const struct access *who, const struct file *f, struct view rule, uint8_t bit)
{
	uint8_t mode, at, sc = ACL_NEVER;

	/* b8: b7 to b4 are proprietary, which is none of ours */
	if (!view_u8(&rule, &mode) || !(mode & bit) || (mode & 0x80 && bit > 0x04))
		return SW_SECURITY_STATUS;
	/* one condition for each bit that is set, the highest bit's first */
	for (at = 0x40; at >= bit; at >>= 1) {
		if (mode & at && !view_u8(&rule, &sc))
			return SW_SECURITY_STATUS;
	}
	return acl_condition(who, f, sc);
}

/* --- expanded (9.3.3.3) --------------------------------------------------------------- */

static bool
is_mode(uint32_t tag)
{
	return (tag >= AM_BYTE && tag <= AM_HEADER_LAST) || tag == AM_PROPRIETARY;
}

/* One of the headers in the list, each of the parts that the tag says. */
static bool
header_matches(const struct access *who, uint32_t tag, struct view list)
{
	const uint8_t header[] = { who->cla, who->ins, who->p1, who->p2 };
	bool matches;
	uint8_t byte;
	unsigned i;

	while (list.n > 0) {
		matches = true;
		for (i = 0; i < sizeof(header); i++) {
			if (!(tag & (8u >> i)))
				continue;
			if (!view_u8(&list, &byte))
				return false;
			if (byte != header[i])
				matches = false;
		}
		if (matches)
			return true;
	}
	return false;
}

static bool
mode_matches(const struct access *who, const struct tlv *t, uint8_t bit)
{
	if (t->tag == AM_BYTE)
		return t->value.n == 1 && (t->value.p[0] & bit) &&
		       !(t->value.p[0] & 0x80 && bit > 0x04);
	return t->tag >= AM_HEADER_FIRST && t->tag <= AM_HEADER_LAST &&
	       header_matches(who, t->tag, t->value);
}

/*
 * What each condition byte comes to, looked up once: there are but so many, a rule may
 * have thousands, and each may send through a file of environments.
 */
struct conditions {
	bool known[256];
	enum verdict verdict[256];
};

static enum verdict
condition_once(const struct access *who, const struct file *f, uint8_t sc, struct conditions *once)
{
	if (!once->known[sc])
		once->verdict[sc] = read_condition(who, f, sc);
	once->known[sc] = true;
	return once->verdict[sc];
}

static enum verdict security_object(const struct access *who, const struct file *f,
				    const struct tlv *t, unsigned depth, struct conditions *once);

/* Those in a template, joined. */
static enum verdict
joined(const struct access *who, const struct file *f, struct view in, unsigned depth,
       struct conditions *once, enum verdict (*join)(enum verdict, enum verdict))
{
	enum verdict v = join == both ? YES : NO;
	struct tlv t;

	if (in.n == 0 || depth > NESTING_MAX)
		return UNKNOWN;
	while (tlv_next(&in, &t))
		v = join(v, security_object(who, f, &t, depth, once));
	return in.n == 0 ? v : UNKNOWN;
}

static enum verdict
security_object(const struct access *who, const struct file *f, const struct tlv *t, unsigned depth,
		struct conditions *once)
{
	switch (t->tag) {
	case SC_DO_ALWAYS:
		return YES;
	case SC_DO_NEVER:
		return NO;
	case SC_DO_BYTE:
		return t->value.n == 1 ? condition_once(who, f, t->value.p[0], once) : UNKNOWN;
	case CRT_AT:
		return authentication(who, f, t->value);
	case CRT_CCT:
	case CRT_DST:
	case CRT_CT:
		return who->sm ? YES : NO;
	case SC_DO_OR:
		return joined(who, f, t->value, depth + 1, once, either);
	case SC_DO_AND:
		return joined(who, f, t->value, depth + 1, once, both);
	case SC_DO_NOT:
		return opposite(joined(who, f, t->value, depth + 1, once, either));
	}
	return UNKNOWN;
}

/* AM objects that stand together share the conditions behind them, of which one must hold. */
sw_t
acl_expanded(const struct access *who, const struct file *f, struct view rules, uint8_t bit)
{
	struct conditions once = { .known = { false } };
	enum verdict v = NO;
	bool matched = false, in_conditions = false;
	struct tlv t;

	while (tlv_next_padded(&rules, &t)) {
		if (!is_mode(t.tag)) {
			in_conditions = true;
			if (matched)
				v = either(v, security_object(who, f, &t, 0, &once));
			continue;
		}
		if (in_conditions && matched)
			break;
		in_conditions = false;
		matched = matched || mode_matches(who, &t, bit);
	}
	return verdict_sw(v);
}

/* --- by reference, and proprietary ---------------------------------------------------- */

/* Its number in the EF.ARR; with pairs, that of the environment in force, else of environment 0. */
static bool
rule_number(const struct access *who, struct view v, uint8_t *number)
{
	uint8_t se, record;
	bool found = false;

	if (v.n == 1)
		return view_u8(&v, number);
	while (view_u8(&v, &se) && view_u8(&v, &record)) {
		if (se == who->se) {
			*number = record;
			return true;
		}
		if (se == 0) {
			*number = record;
			found = true;
		}
	}
	return found;
}

/* 7816-4, 9.3.3.5: the EF.ARR is where the file is, or further up. */
static const struct file *
rule_file(const struct file *f, uint16_t fid)
{
	const struct file *df, *ef;

	for (df = file_is_df(f) ? f : f->parent; df; df = df->parent) {
		ef = fs_child(df, fid);
		if (ef && file_kind(ef) == FILE_RECORDS)
			return ef;
	}
	return NULL;
}

static sw_t
by_reference(const struct access *who, const struct file *f, struct view value, uint8_t bit)
{
	const struct file *arr;
	struct view rules;
	uint16_t fid;
	uint8_t number = 0;

	if (!view_u16(&value, &fid) || !rule_number(who, value, &number))
		return SW_REFERENCE_UNUSABLE;
	arr = rule_file(f, fid);
	rules = arr ? record_view(arr, number) : view_of(NULL, 0);
	return rules.n > 0 ? acl_expanded(who, f, rules, bit) : SW_REFERENCE_UNUSABLE;
}

/* Halves of two bytes: read or use, update or create; delete, generate. */
static sw_t
nibbles(const struct access *who, const struct file *f, struct view v, enum acl_op op)
{
	switch (op) {
	case ACL_DELETE:
	case ACL_TERMINATE:
		return acl_nibble(who, f, v.p[1] >> 4);
	case ACL_READ:
		/* of a DF, deleting a child: the child's own rule says it */
		return file_is_df(f) ? SW_OK : acl_nibble(who, f, v.p[0] >> 4);
	case ACL_WRITE:
		return acl_nibble(who, f, file_is_df(f) ? v.p[0] >> 4 : v.p[0] & 0x0f);
	default:
		return acl_nibble(who, f, v.p[0] & 0x0f);
	}
}

static sw_t
proprietary(const struct access *who, const struct file *f, struct view v, enum acl_op op)
{
	/* FF and a condition for each bit of a full access mode byte, in their order */
	if (v.n == 8 && v.p[0] == 0xff)
		return acl_condition(who, f, v.p[1 + op]);
	if (v.n == 3)
		return nibbles(who, f, v, op);
	return SW_SECURITY_STATUS;
}

sw_t
acl_check(const struct access *who, const struct file *f, enum acl_op op)
{
	struct view v;

	/* 7816-4, 7.4.10: no rule is in force yet */
	if (f->life == FILE_CREATION)
		return SW_OK;
	if (file_other(f, FCP_RULE_COMPACT, &v))
		return acl_compact(who, f, v, acl_bit(op));
	if (file_other(f, FCP_RULE_EXPANDED, &v))
		return acl_expanded(who, f, v, acl_bit(op));
	if (file_other(f, FCP_RULE_REFERENCE, &v))
		return by_reference(who, f, v, acl_bit(op));
	if (file_other(f, FCP_RULE_PROPRIETARY, &v))
		return proprietary(who, f, v, op);
	return SW_OK;
}
