/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/tlv_index.h"

#include <stdlib.h>

struct tlv_index {
	size_t n;
	struct tlv_entry entry[]; /* by tag, then by place */
};

static int
index_compare(const void *a, const void *b)
{
	const struct tlv_entry *x = a, *y = b;

	if (x->tag != y->tag)
		return x->tag < y->tag ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

static struct tlv_index *
room_for(size_t n)
{
	return calloc(1, sizeof(struct tlv_index) + n * sizeof(struct tlv_entry));
}

static void
index_append(struct tlv_index *ix, const struct tlv *t)
{
	ix->entry[ix->n] = (struct tlv_entry) { .tag = t->tag, .value = t->value, .place = ix->n };
	ix->n++;
}

static void
sort(struct tlv_index *ix)
{
	qsort(ix->entry, ix->n, sizeof(*ix->entry), index_compare);
}

struct tlv_index *
tlv_index_of(const struct tlv *objects, size_t n)
{
	struct tlv_index *ix = room_for(n);
	size_t i;

	if (!ix)
		return NULL;
	for (i = 0; i < n; i++)
		index_append(ix, &objects[i]);
	sort(ix);
	return ix;
}

struct tlv_index *
tlv_index_new(struct view objects)
{
	struct view rest = objects;
	struct tlv_index *ix;
	struct tlv t;
	size_t n = 0;

	while (tlv_next(&rest, &t))
		n++;
	ix = room_for(n);
	if (!ix)
		return NULL;
	while (tlv_next(&objects, &t))
		index_append(ix, &t);
	sort(ix);
	return ix;
}

void
tlv_index_free(struct tlv_index *ix)
{
	size_t i;

	for (i = 0; ix && i < ix->n; i++)
		tlv_index_free(ix->entry[i].inside);
	free(ix);
}

struct tlv_entry *
tlv_index_find(struct tlv_index *ix, uint32_t tag)
{
	size_t low = 0, high = ix->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (ix->entry[middle].tag < tag)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ix->n && ix->entry[low].tag == tag ? &ix->entry[low] : NULL;
}

struct tlv_index *
tlv_index_inside(struct tlv_entry *e)
{
	if (!e->inside)
		e->inside = tlv_index_new(e->value);
	return e->inside;
}
