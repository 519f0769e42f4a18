/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/fs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "codec/tlv.h"
#include "model/acl.h"
#include "model/object.h"
#include "model/record.h"

/* --- one file, made and unmade -------------------------------------------------------- */

static void
free_file(struct fs *fs, struct file *f)
{
	record_drop_all(fs, f);
	object_drop_all(fs, f);
	fs_account(fs, f->contents.n, 0);
	buf_free(&f->contents);
	buf_free(&f->others);
	buf_free(&f->comment);
	props_clear(&f->props);
	free(f);
}

/* Record sizes out of the descriptor (7816-4, 7.4.5): FDB DCB size(1-2) count(1-2). */
static bool
record_limits(struct file *f, size_t *count)
{
	struct view v = view_of(f->descriptor, f->descriptor_n), size = { 0 };

	v = view_slice(v, 2, v.n);
	view_take(&v, v.n < 2 ? v.n : 2, &size);
	view_number(size, &f->record_max);
	view_number(v, count);
	f->records_max = *count ? *count : FILE_RECORDS_MAX;
	if (f->record_max == 0 && file_is_variable(f))
		f->record_max = FILE_RECORD_MAX;
	return *count <= FILE_RECORDS_MAX && f->record_max > 0;
}

/* Fixed and cyclic records of a given number are there from the start, erased. */
static sw_t
fill_records(struct fs *fs, struct file *f, uint8_t fill)
{
	struct buf one = BUF(FILE_RECORD_MAX);
	size_t count = 0;
	sw_t sw = SW_OK;

	if (!record_limits(f, &count))
		return SW_WRONG_DATA;
	if (file_is_variable(f))
		return SW_OK;
	buf_fill(&one, fill, f->record_max);
	if (one.failed)
		sw = SW_NO_MEMORY;
	while (count-- > 0 && sw == SW_OK)
		sw = record_add(fs, f, buf_view(&one));
	buf_free(&one);
	return sw;
}

static sw_t
fill_file(struct fs *fs, struct file *f, const struct file_spec *spec)
{
	struct buf next;

	if (file_kind(f) == FILE_RECORDS)
		return fill_records(fs, f, spec->fill);
	if (file_kind(f) != FILE_TRANSPARENT || !spec->has_size)
		return SW_OK;
	if (!fs_room(fs, 0, spec->size))
		return SW_NO_MEMORY;
	next = (struct buf) BUF(spec->size);
	buf_fill(&next, spec->fill, spec->size);
	if (next.failed)
		return SW_NO_MEMORY;
	f->contents = next;
	fs_account(fs, 0, spec->size);
	return SW_OK;
}

static bool
describe_file(struct file *f, const struct file_spec *spec)
{
	struct view name;

	f->fid = spec->fid;
	memcpy(f->descriptor, spec->descriptor, sizeof(f->descriptor));
	f->descriptor_n = spec->descriptor_n;
	f->life = spec->life;
	f->sfi = spec->sfi;
	f->has_size = spec->has_size;
	f->size = spec->size;
	f->comment.max = FILE_COMMENT_MAX;
	f->others.max = FILE_OTHERS_MAX;
	buf_put_view(&f->others, spec->others);
	if (file_is_df(f) && tlv_find(spec->others, FCP_NAME, &name)) {
		memcpy(f->name, name.p, name.n);
		f->name_n = name.n;
	}
	return !f->others.failed;
}

/* As the spec says; not in the tree yet. */
static sw_t
new_file(struct fs *fs, const struct file_spec *spec, struct file **out)
{
	struct file *f = calloc(1, sizeof(*f));
	sw_t sw = SW_NO_MEMORY;

	if (f && describe_file(f, spec))
		sw = fill_file(fs, f, spec);
	if (sw == SW_OK)
		*out = f;
	else if (f)
		free_file(fs, f);
	return sw;
}

/* --- the tree ------------------------------------------------------------------------- */

struct file *
fs_walk(const struct fs *fs, const struct file *f)
{
	if (!f)
		return fs->mf;
	if (f->children)
		return f->children;
	while (f && !f->next)
		f = f->parent;
	return f ? f->next : NULL;
}

static size_t
index_of(const struct fs *fs, uint32_t uid)
{
	size_t low = 0, high = fs->n_files, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (fs->index[mid]->uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct file *
fs_by_uid(const struct fs *fs, uint32_t uid)
{
	size_t i = index_of(fs, uid);

	return i < fs->n_files && fs->index[i]->uid == uid ? fs->index[i] : NULL;
}

struct file *
fs_df(const struct fs *fs, const struct cursor *at)
{
	struct file *f = at->df ? fs_by_uid(fs, at->df) : NULL;

	return f ? f : fs->mf;
}

struct file *
fs_ef(const struct fs *fs, const struct cursor *at)
{
	return at->ef ? fs_by_uid(fs, at->ef) : NULL;
}

struct file *
fs_child(const struct file *df, uint16_t fid)
{
	struct file *f;

	for (f = df->children; f; f = f->next) {
		if (f->fid == fid)
			return f;
	}
	return NULL;
}

struct file *
fs_child_by_sfi(const struct file *df, uint8_t sfi)
{
	struct file *f, *implied = NULL;

	if (sfi == 0)
		return NULL;
	for (f = df->children; f; f = f->next) {
		if (file_sfi(f) != sfi)
			continue;
		if (f->sfi == sfi)
			return f;
		if (!implied)
			implied = f;
	}
	return implied;
}

struct file *
fs_by_name(const struct fs *fs, struct view name)
{
	struct file *f;

	for (f = fs->mf; f; f = fs_walk(fs, f)) {
		if (f->name_n > 0 && view_equal(file_name(f), name))
			return f;
	}
	return NULL;
}

sw_t
fs_rename(struct fs *fs, struct file *df, struct view name)
{
	struct view others = buf_view(&df->others);
	struct file *other = fs_by_name(fs, name);
	struct buf renamed = BUF(FILE_OTHERS_MAX);
	struct tlv t;
	bool kept;

	assert(name.n > 0 && name.n <= FCP_NAME_MAX);
	if (other)
		return other == df ? SW_OK : SW_NAME_EXISTS;
	tlv_put(&renamed, FCP_NAME, name);
	while (tlv_next(&others, &t)) {
		if (t.tag != FCP_NAME)
			buf_put_view(&renamed, t.whole);
	}
	kept = !renamed.failed && buf_set(&df->others, buf_view(&renamed));
	buf_free(&renamed);
	if (!kept)
		return SW_NO_MEMORY;
	memcpy(df->name, name.p, name.n);
	df->name_n = name.n;
	fs->changed = true;
	return SW_OK;
}

/* Room in the index for one more. */
static bool
reserve_index(struct fs *fs)
{
	size_t cap = fs->index_cap ? 2 * fs->index_cap : 16;
	struct file **grown;

	if (fs->n_files < fs->index_cap)
		return true;
	grown = realloc(fs->index, cap * sizeof(*grown));
	if (!grown)
		return false;
	fs->index = grown;
	fs->index_cap = cap;
	return true;
}

static void
hang(struct file *df, struct file *f)
{
	struct file **last = &df->children;

	while (*last)
		last = &(*last)->next;
	*last = f;
	f->parent = df;
	f->depth = df->depth + 1;
}

static void
number_file(struct fs *fs, struct file *f)
{
	f->uid = ++fs->next_uid;
	fs->index[fs->n_files++] = f;
	fs->changed = true;
}

static void
forget_index(struct fs *fs, const struct file *f)
{
	size_t i = index_of(fs, f->uid);

	fs->n_files--;
	memmove(&fs->index[i], &fs->index[i + 1], (fs->n_files - i) * sizeof(*fs->index));
}

/* With all below it, from the leaves up; it hangs nowhere any more. */
static void
free_tree(struct fs *fs, struct file *top)
{
	struct file *f = top, *up;

	while (f) {
		if (f->children) {
			f = f->children;
			continue;
		}
		up = f == top ? NULL : f->parent;
		if (up)
			up->children = f->next;
		forget_index(fs, f);
		free_file(fs, f);
		f = up;
	}
}

static const struct file_spec default_mf = {
	.fid = FILE_FID_MF,
	.descriptor = { 0x38 },
	.descriptor_n = 1,
	.life = FILE_ACTIVATED,
};

bool
fs_init(struct fs *fs)
{
	*fs = (struct fs) { .quota = FS_QUOTA };
	if (!reserve_index(fs) || new_file(fs, &default_mf, &fs->mf) != SW_OK) {
		free(fs->index);
		return false;
	}
	number_file(fs, fs->mf);
	fs->changed = false;
	return true;
}

void
fs_free(struct fs *fs)
{
	if (fs->mf)
		free_tree(fs, fs->mf);
	free(fs->index);
	*fs = (struct fs) { 0 };
}

/* Whole objects, a name that can be one. */
static bool
others_valid(const struct file_spec *spec)
{
	struct fcp fcp;

	return spec->others.n <= FILE_OTHERS_MAX && fcp_read(&fcp, spec->others) == 0;
}

sw_t
fs_format(struct fs *fs, const struct file_spec *mf)
{
	struct file_spec spec = *mf;
	struct file *f;
	sw_t sw;

	if (!others_valid(mf))
		return SW_WRONG_DATA;
	spec.fid = FILE_FID_MF;
	if (file_kind_of(spec.descriptor[0]) != FILE_DF || spec.descriptor_n == 0)
		memcpy(spec.descriptor, default_mf.descriptor, spec.descriptor_n = 1);
	sw = new_file(fs, &spec, &f);
	if (sw != SW_OK)
		return sw;
	free_tree(fs, fs->mf);
	fs->mf = f;
	number_file(fs, f);
	return SW_OK;
}

/* --- selection ------------------------------------------------------------------------ */

void
fs_enter(struct cursor *at, const struct file *f)
{
	bool df = file_is_df(f);

	at->df = df ? f->uid : f->parent->uid;
	at->ef = df ? 0 : f->uid;
	at->record = 0;
}

static struct file *
child_df(const struct file *df, uint16_t fid)
{
	struct file *f = fs_child(df, fid);

	return f && file_is_df(f) ? f : NULL;
}

/* 7816-4, 11.1.1: what stands where a lone identifier may point. */
static struct file *
around(const struct fs *fs, struct file *df, uint16_t fid)
{
	struct file *f = fs_child(df, fid);

	if (fid == FILE_FID_MF)
		return fs->mf;
	if (f)
		return f;
	if (df->fid == fid)
		return df;
	if (!df->parent)
		return NULL;
	if (df->parent->fid == fid)
		return df->parent;
	f = fs_child(df->parent, fid);
	return f ? f : child_df(fs->mf, fid);
}

static sw_t
by_fid(const struct fs *fs, struct file *df, const struct selector *what, struct file **found)
{
	struct view v = what->data;
	uint16_t fid = FILE_FID_MF;
	struct file *f = NULL;

	if (what->how == FS_PARENT) {
		*found = df->parent;
		return v.n > 0 ? SW_LC_P1P2 : df->parent ? SW_OK : SW_FILE_NOT_FOUND;
	}
	if (v.n != 2 && (v.n > 0 || what->how != FS_BY_FID))
		return SW_LC_P1P2;
	view_u16(&v, &fid);
	if (what->how == FS_BY_FID)
		f = around(fs, df, fid);
	else
		f = fs_child(df, fid);
	if (f && what->how != FS_BY_FID && file_is_df(f) != (what->how == FS_CHILD_DF))
		f = NULL;
	*found = f;
	return f ? SW_OK : SW_FILE_NOT_FOUND;
}

static sw_t
by_path(const struct fs *fs, struct file *from, const struct selector *what, struct file **found)
{
	struct view v = what->data;
	struct file *f = from;
	uint16_t fid;

	if (v.n == 0 || v.n % 2)
		return v.n ? SW_WRONG_DATA : SW_LC_P1P2;
	if (what->how == FS_PATH_FROM_MF) {
		f = fs->mf;
		if (v.p[0] == FILE_FID_MF >> 8 && v.p[1] == (FILE_FID_MF & 0xff))
			view_u16(&v, &fid);
	}
	while (f && view_u16(&v, &fid))
		f = fs_child(f, fid);
	*found = f;
	return f ? SW_OK : SW_FILE_NOT_FOUND;
}

/* The first, last, next or previous of the DFs whose name starts so, in the order of the tree. */
static struct file *
matching(const struct fs *fs, const struct file *last, enum fs_which which, struct view start)
{
	struct file *f, *before = NULL, *end = NULL;
	bool passed = !last;

	for (f = fs->mf; f; f = fs_walk(fs, f)) {
		if (f == last) {
			if (which == FS_PREVIOUS)
				return before;
			passed = true;
			if (which == FS_NEXT)
				continue;
		}
		if (f->name_n == 0 || !view_starts(file_name(f), start))
			continue;
		if (which == FS_FIRST || (which == FS_NEXT && passed))
			return f;
		before = end = f;
	}
	return which == FS_LAST || (which == FS_PREVIOUS && !last) ? end : NULL;
}

static sw_t
by_name(const struct fs *fs, const struct cursor *at, const struct selector *what,
	struct file **found)
{
	if (what->data.n > FCP_NAME_MAX)
		return SW_LC_P1P2;
	if (what->data.n == 0)
		*found = fs->mf;
	else
		*found = matching(fs, fs_by_uid(fs, at->by_name), what->which, what->data);
	return *found ? SW_OK : SW_FILE_NOT_FOUND;
}

sw_t
fs_find(const struct fs *fs, const struct cursor *at, const struct selector *what,
	struct file **found)
{
	struct file *df = fs_df(fs, at);

	*found = NULL;
	switch (what->how) {
	case FS_BY_FID:
	case FS_CHILD_DF:
	case FS_CHILD_EF:
	case FS_PARENT:
		return by_fid(fs, df, what, found);
	case FS_BY_NAME:
		return by_name(fs, at, what, found);
	case FS_PATH_FROM_MF:
	case FS_PATH_FROM_DF:
		return by_path(fs, df, what, found);
	}
	return SW_WRONG_P1P2;
}

sw_t
fs_select(const struct fs *fs, const struct selector *what, struct cursor *at, struct file **found)
{
	struct file *f;
	sw_t sw = fs_find(fs, at, what, &f);

	if (sw != SW_OK)
		return sw;
	fs_enter(at, f);
	if (what->how == FS_BY_NAME)
		at->by_name = f->uid;
	if (found)
		*found = f;
	return SW_OK;
}

/* --- creation ------------------------------------------------------------------------- */

static bool
spec_valid(const struct file_spec *spec)
{
	/* other FIDs that a standard reserves are its own CREATE FILE's business */
	if (spec->fid == FILE_FID_MF)
		return false;
	if (spec->descriptor_n == 0 || spec->descriptor_n > FCP_DESCRIPTOR_MAX ||
	    file_kind_of(spec->descriptor[0]) == FILE_NO_KIND)
		return false;
	if (spec->sfi > FCP_SFI_MAX && spec->sfi != FCP_SFI_IMPLIED)
		return false;
	return others_valid(spec);
}

static bool
sfi_taken(const struct file *df, const struct file_spec *spec)
{
	const struct file *f = NULL;

	if (spec->sfi != FCP_SFI_IMPLIED)
		f = fs_child_by_sfi(df, spec->sfi);
	/* an implied one gives way */
	return f && f->sfi == spec->sfi;
}

static sw_t
check_spec(const struct fs *fs, const struct file *df, const struct file_spec *spec)
{
	bool is_df = file_kind_of(spec->descriptor[0]) == FILE_DF;
	struct view name;

	if (!spec_valid(spec))
		return SW_WRONG_DATA;
	if (fs_child(df, spec->fid) || (!is_df && sfi_taken(df, spec)))
		return SW_FILE_EXISTS;
	if (is_df && tlv_find(spec->others, FCP_NAME, &name) && fs_by_name(fs, name))
		return SW_NAME_EXISTS;
	if (fs->n_files >= FS_FILES_MAX || df->depth + is_df > FS_DEPTH_MAX)
		return SW_NO_MEMORY;
	return SW_OK;
}

sw_t
fs_add(struct fs *fs, struct file *df, const struct file_spec *spec, struct file **out)
{
	struct file *f = NULL;
	sw_t sw = check_spec(fs, df, spec);

	if (sw == SW_OK)
		sw = reserve_index(fs) ? new_file(fs, spec, &f) : SW_NO_MEMORY;
	if (sw != SW_OK)
		return sw;
	hang(df, f);
	number_file(fs, f);
	if (out)
		*out = f;
	return SW_OK;
}

sw_t
fs_create(struct fs *fs, struct cursor *at, const struct access *who, const struct file_spec *spec,
	  struct file **out)
{
	bool is_df = file_kind_of(spec->descriptor[0]) == FILE_DF;
	struct file *df = fs_df(fs, at), *f;
	sw_t sw = file_check(df, who, FILE_DF, is_df ? ACL_CREATE_DF : ACL_CREATE_EF);

	if (sw == SW_OK)
		sw = fs_add(fs, df, spec, &f);
	if (sw != SW_OK)
		return sw;
	fs_enter(at, f);
	if (out)
		*out = f;
	return SW_OK;
}

/* --- deletion, life cycle ------------------------------------------------------------- */

static bool
lies_in(const struct file *f, const struct file *df)
{
	while (f && f != df)
		f = f->parent;
	return f;
}

void
fs_leave(const struct fs *fs, struct cursor *at, const struct file *f)
{
	const struct file *ef = fs_ef(fs, at);

	if (!f->parent)
		return;
	if (lies_in(fs_df(fs, at), f))
		fs_enter(at, f->parent);
	else if (ef == f)
		fs_enter(at, f->parent);
}

static void
unhang(struct file *f)
{
	struct file **link = &f->parent->children;

	while (*link != f)
		link = &(*link)->next;
	*link = f->next;
	f->next = NULL;
}

sw_t
fs_delete(struct fs *fs, struct file *f, const struct access *who)
{
	sw_t sw = SW_OK;

	if (!f->parent)
		return SW_CONDITIONS;
	if (who)
		sw = check_access(who, f, ACL_DELETE);
	if (who && sw == SW_OK)
		sw = check_access(who, f->parent, ACL_DELETE_CHILD);
	if (sw != SW_OK)
		return sw;
	unhang(f);
	free_tree(fs, f);
	fs->changed = true;
	return SW_OK;
}

static void
set_life(struct fs *fs, struct file *f, enum file_life life)
{
	f->life = (uint8_t)life;
	fs->changed = true;
}

sw_t
fs_activate(struct fs *fs, struct file *f, const struct access *who)
{
	sw_t sw = check_access(who, f, ACL_ACTIVATE);

	if (file_terminated(f))
		return SW_CONDITIONS;
	if (sw == SW_OK && (f->life & 0xfd) != FILE_ACTIVATED)
		set_life(fs, f, FILE_ACTIVATED);
	return sw;
}

sw_t
fs_deactivate(struct fs *fs, struct file *f, const struct access *who)
{
	sw_t sw = check_access(who, f, ACL_DEACTIVATE);

	if (file_terminated(f))
		return SW_CONDITIONS;
	if (sw == SW_OK && !file_deactivated(f))
		set_life(fs, f, FILE_DEACTIVATED);
	return sw;
}

sw_t
fs_terminate(struct fs *fs, struct file *f, const struct access *who)
{
	sw_t sw = check_access(who, f, ACL_TERMINATE);

	if (file_terminated(f) || !f->parent)
		return SW_CONDITIONS;
	if (sw == SW_OK)
		set_life(fs, f, FILE_TERMINATED);
	return sw;
}

sw_t
fs_terminate_card(struct fs *fs, const struct access *who)
{
	sw_t sw = check_access(who, fs->mf, ACL_TERMINATE);

	if (sw != SW_OK)
		return sw;
	fs->terminated = true;
	fs->changed = true;
	return SW_OK;
}

/* --- memory --------------------------------------------------------------------------- */

bool
fs_room(const struct fs *fs, size_t old, size_t new)
{
	return new <= old || (fs->used <= fs->quota && new - old <= fs->quota - fs->used);
}

void
fs_account(struct fs *fs, size_t old, size_t new)
{
	fs->used = fs->used - old + new;
}
