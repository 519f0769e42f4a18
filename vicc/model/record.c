/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/record.h"

#include <stdlib.h>
#include <string.h>

#include "codec/tlv.h"
#include "model/acl.h"

/* --- which one ------------------------------------------------------------------------ */

struct view
record_view(const struct file *ef, size_t number)
{
	if (number == 0 || number > ef->n_records)
		return view_of(NULL, 0);
	return buf_view(&ef->records[number - 1]);
}

static bool
has_identifier(const struct file *ef, size_t number, uint8_t id)
{
	struct view v = record_view(ef, number);

	return id == 0 || (v.n > 0 && v.p[0] == id);
}

static size_t
search_up(const struct file *ef, size_t from, uint8_t id)
{
	size_t i;

	for (i = from; i <= ef->n_records; i++) {
		if (has_identifier(ef, i, id))
			return i;
	}
	return 0;
}

static size_t
search_down(const struct file *ef, size_t from, uint8_t id)
{
	size_t i;

	for (i = from < ef->n_records ? from : ef->n_records; i > 0; i--) {
		if (has_identifier(ef, i, id))
			return i;
	}
	return 0;
}

sw_t
record_find(const struct file *ef, struct cursor *at, uint8_t p1, enum record_mode mode,
	    size_t *number)
{
	size_t now = at->record, found = 0;

	switch (mode) {
	case RECORD_FIRST:
		found = search_up(ef, 1, p1);
		break;
	case RECORD_LAST:
		found = search_down(ef, ef->n_records, p1);
		break;
	case RECORD_NEXT:
		/* 7816-4, 7.3.3: without a current record next is the first, previous the last */
		found = search_up(ef, now + 1, p1);
		break;
	case RECORD_PREVIOUS:
		found = search_down(ef, now ? now - 1 : ef->n_records, p1);
		break;
	default:
		found = p1 ? p1 : now;
		if (found > ef->n_records)
			found = 0;
	}
	if (found == 0)
		return SW_RECORD_NOT_FOUND;
	if (mode < RECORD_NUMBER)
		at->record = found;
	*number = found;
	return SW_OK;
}

/* --- what is in it -------------------------------------------------------------------- */

sw_t
record_read(const struct file *ef, const struct access *who, size_t number, struct view *out)
{
	sw_t sw = file_check(ef, who, FILE_RECORDS, ACL_READ);

	if (sw != SW_OK)
		return sw;
	if (number == 0 || number > ef->n_records)
		return SW_RECORD_NOT_FOUND;
	*out = record_view(ef, number);
	return SW_OK;
}

static sw_t
check_value(const struct file *ef, struct view v)
{
	struct view rest = v;
	struct tlv t;

	if (file_is_variable(ef) ? v.n == 0 : v.n != ef->record_max)
		return SW_WRONG_LENGTH;
	if (v.n > ef->record_max)
		return SW_NO_MEMORY;
	if (file_is_tlv(ef) && !simple_tlv_next(&rest, &t))
		return SW_LC_TLV;
	/* a fixed one may be padded behind its object */
	if (file_is_tlv(ef) && file_is_variable(ef) && rest.n > 0)
		return SW_LC_TLV;
	return SW_OK;
}

/* Whether the file may come to hold so many bytes more: what DO 80 gave it, and the card. */
static bool
has_room(const struct fs *fs, const struct file *ef, size_t old, size_t new)
{
	if (ef->has_size && new > old && file_bytes(ef) - old + new > ef->size)
		return false;
	return fs_room(fs, old, new);
}

/* In place, of the same length or another. */
static sw_t
replace(struct fs *fs, struct file *ef, size_t number, struct view v)
{
	struct buf *record = &ef->records[number - 1];
	size_t old = record->n;

	if (!has_room(fs, ef, old, v.n) || !buf_set(record, v))
		return SW_NO_MEMORY;
	fs_account(fs, old, v.n);
	fs->changed = true;
	return SW_OK;
}

sw_t
record_update(struct fs *fs, struct file *ef, const struct access *who, size_t number,
	      struct view v)
{
	sw_t sw = file_check(ef, who, FILE_RECORDS, ACL_UPDATE);

	if (sw == SW_OK && (number == 0 || number > ef->n_records))
		sw = SW_RECORD_NOT_FOUND;
	if (sw == SW_OK)
		sw = check_value(ef, v);
	return sw == SW_OK ? replace(fs, ef, number, v) : sw;
}

sw_t
record_write(struct fs *fs, struct file *ef, const struct access *who,
	     const struct record_part *part)
{
	sw_t sw = file_check(ef, who, FILE_RECORDS, part->op);
	struct buf *record;

	if (sw != SW_OK)
		return sw;
	if (part->number == 0 || part->number > ef->n_records)
		return SW_RECORD_NOT_FOUND;
	record = &ef->records[part->number - 1];
	if (part->offset > record->n || (part->offset == record->n && part->data.n == 0))
		return SW_WRONG_OFFSET;
	if (part->data.n > record->n - part->offset)
		return SW_NO_MEMORY;
	if (!file_combine(record->p + part->offset, part->data, part->how))
		return SW_CONDITIONS;
	fs->changed = true;
	return SW_OK;
}

/* One more slot in the array. */
static bool
grow(struct file *ef)
{
	struct buf *grown = realloc(ef->records, (ef->n_records + 1) * sizeof(*grown));

	if (!grown)
		return false;
	ef->records = grown;
	ef->records[ef->n_records] = (struct buf) BUF(FILE_RECORD_MAX);
	return true;
}

sw_t
record_add(struct fs *fs, struct file *ef, struct view v)
{
	if (ef->n_records >= ef->records_max || !fs_room(fs, 0, v.n) || !grow(ef) ||
	    !buf_set(&ef->records[ef->n_records], v))
		return SW_NO_MEMORY;
	ef->n_records++;
	fs_account(fs, 0, v.n);
	return SW_OK;
}

/* The last becomes number 1. */
static void
rotate(struct file *ef)
{
	struct buf newest = ef->records[ef->n_records - 1];

	memmove(&ef->records[1], &ef->records[0], (ef->n_records - 1) * sizeof(newest));
	ef->records[0] = newest;
}

static bool
is_full(const struct fs *fs, const struct file *ef, size_t n)
{
	return ef->n_records >= ef->records_max || !has_room(fs, ef, 0, n);
}

sw_t
record_append(struct fs *fs, struct file *ef, const struct access *who, enum acl_op op,
	      struct view v, size_t *number)
{
	sw_t sw = file_check(ef, who, FILE_RECORDS, op);
	bool cyclic = file_is_cyclic(ef);

	if (sw == SW_OK)
		sw = check_value(ef, v);
	if (sw != SW_OK)
		return sw;
	if (cyclic && ef->n_records > 0 && is_full(fs, ef, v.n))
		sw = replace(fs, ef, ef->n_records, v);
	else if (!has_room(fs, ef, 0, v.n))
		sw = SW_NO_MEMORY;
	else
		sw = record_add(fs, ef, v);
	if (sw != SW_OK)
		return sw;
	if (cyclic)
		rotate(ef);
	fs->changed = true;
	*number = cyclic ? 1 : ef->n_records;
	return SW_OK;
}

sw_t
record_erase(struct fs *fs, struct file *ef, const struct access *who, size_t first, size_t last)
{
	sw_t sw = file_check(ef, who, FILE_RECORDS, ACL_UPDATE);
	size_t i;

	if (sw != SW_OK)
		return sw;
	if (first == 0 || first > last || last > ef->n_records)
		return SW_RECORD_NOT_FOUND;
	for (i = first - 1; i < last; i++)
		memset(ef->records[i].p, FILE_ERASED, ef->records[i].n);
	fs->changed = true;
	return SW_OK;
}

void
record_drop_all(struct fs *fs, struct file *ef)
{
	while (ef->n_records > 0) {
		ef->n_records--;
		fs_account(fs, ef->records[ef->n_records].n, 0);
		buf_free(&ef->records[ef->n_records]);
	}
	free(ef->records);
	ef->records = NULL;
}
