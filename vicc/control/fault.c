/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control/fault.h"

#include <string.h>

/* --- when --------------------------------------------------------------------- */

/*
 * SplitMix64's output function (Steele, Lea, Flood: Fast
 * splittable pseudorandom number generators).
 */
uint64_t
fault_mix(uint64_t x)
{
	uint64_t z = x + 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/*
 * The seed is mixed first: with the sum of both, neighbours
 * would have the same schedule, shifted.
 */
uint64_t
fault_hash(uint64_t seed, uint64_t n)
{
	return fault_mix(fault_mix(seed) + n);
}

bool
fault_matches(const struct fault_filter *f, struct view cmd)
{
	if (cmd.n == 0 || f->atr)
		return cmd.n == 0 && f->atr;
	return f->n_ins == 0 || (cmd.n >= 2 && memchr(f->ins, cmd.p[1], f->n_ins));
}

struct fault_rule *
faults_add(struct faults *f, const struct fault_rule *rule)
{
	struct fault_rule *r;

	if (f->n == FAULT_RULES)
		return NULL;
	r = &f->rules[f->n++];
	*r = *rule;
	r->id = ++f->last_id;
	return r;
}

bool
faults_clear(struct faults *f, unsigned id)
{
	size_t i;

	if (id == 0) {
		f->n = 0;
		return true;
	}
	for (i = 0; i < f->n && f->rules[i].id != id; i++)
		;
	if (i == f->n)
		return false;
	f->n--;
	memmove(&f->rules[i], &f->rules[i + 1], (f->n - i) * sizeof(f->rules[0]));
	return true;
}

/* Whether it fires on the command that is its n-th, from 0. */
static bool
is_due(const struct fault_rule *r, uint64_t n)
{
	if ((r->times > 0 && r->fired >= r->times) || n < r->filter.after)
		return false;
	if (r->q > 0 && fault_hash(r->seed, n) % r->q >= r->p)
		return false;
	return r->every == 0 || (n - r->filter.after + 1) % r->every == 0;
}

struct fault_rule *
faults_next(struct faults *f, struct view cmd, uint64_t *hash)
{
	struct fault_rule *due = NULL, *r;
	uint64_t n;

	for (r = f->rules; r < f->rules + f->n; r++) {
		if (!fault_matches(&r->filter, cmd))
			continue;
		n = r->seen++;
		if (due || !is_due(r, n))
			continue;
		due = r;
		*hash = fault_hash(r->seed, n);
	}
	return due;
}

/* --- what ----------------------------------------------------------------------- */

/* Bytes by chance, appended. */
static void
put_drawn(struct buf *b, size_t n, uint64_t hash)
{
	for (; n > 0 && !b->failed; n--) {
		hash = fault_mix(hash);
		buf_u8(b, (uint8_t)hash);
	}
}

/* One bit of the data. */
static bool
flip(const struct fault_rule *r, uint64_t hash, struct buf *data)
{
	uint64_t first = fault_mix(hash), second = fault_mix(first);
	size_t at = r->byte >= 0 ? (size_t)r->byte : data->n > 0 ? first % data->n : 0;

	if (at >= data->n)
		return false;
	data->p[at] ^= (uint8_t)(1u << (r->bit >= 0 ? (unsigned)r->bit : second % 8));
	return true;
}

/* The same without the status word. */
static bool
change_data(const struct fault_rule *r, uint64_t hash, struct buf *data)
{
	size_t n = r->n > 0 ? (size_t)r->n : 0;

	switch (r->kind) {
	case FAULT_SW:
		buf_cut(data, 0);
		return true;
	case FAULT_FLIP:
		return flip(r, hash, data);
	case FAULT_SHORT:
		if (data->n == 0)
			return false;
		buf_cut(data, data->n > n ? data->n - n : 0);
		return true;
	case FAULT_LONG:
		put_drawn(data, n, hash);
		return true;
	case FAULT_DATA:
		buf_cut(data, 0);
		buf_put(data, r->bytes, r->n_bytes);
		return true;
	case FAULT_BIG:
		buf_cut(data, 0);
		put_drawn(data, n - 2, hash);
		return true;
	default:
		return false;
	}
}

bool
fault_change(const struct fault_rule *r, uint64_t hash, struct buf *rsp)
{
	uint8_t sw[2] = { (uint8_t)(r->sw >> 8), (uint8_t)r->sw };
	bool changed;

	if (rsp->n < 2)
		return false;
	if (r->kind != FAULT_SW)
		memcpy(sw, rsp->p + rsp->n - 2, 2);
	buf_cut(rsp, rsp->n - 2);
	changed = change_data(r, hash, rsp);
	buf_put(rsp, sw, 2);
	return changed;
}
