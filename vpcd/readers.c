/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "readers.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define LUN_SLOT(lun) ((unsigned)((lun) & 0xffff))
#define LUN_READER(lun) ((unsigned)((lun) >> 16))

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct reader *readers;

static struct reader *
readers_find(unsigned index)
{
	struct reader *r;

	for (r = readers; r && r->index != index; r = r->next)
		;
	return r;
}

static bool
endpoint_taken(const struct name *name)
{
	const struct reader *r;

	for (r = readers; r; r = r->next) {
		if (name_collides(&r->name, name))
			return true;
	}
	return false;
}

static struct reader *
make(unsigned index, const struct name *name)
{
	char endpoint[NAME_TEXT_SIZE];
	struct reader *r;

	if (endpoint_taken(name)) {
		name_endpoint(name, 0, endpoint);
		log_error("%s: refused: another entry of reader.conf has it already", endpoint);
		return NULL;
	}
	/* large, and touched only as far as it is used */
	r = calloc(1, sizeof(*r));
	if (!r) {
		log_error("no memory for a reader");
		return NULL;
	}
	r->index = index;
	r->name = *name;
	r->next = readers;
	readers = r;
	return r;
}

static bool
any_open(const struct reader *r)
{
	unsigned k;

	for (k = 0; k < r->name.slots; k++) {
		if (r->slots[k].open)
			return true;
	}
	return false;
}

/* Free what no call uses any more and the table does not know. */
static void
unref(struct reader *r)
{
	unsigned k;

	if (--r->refs > 0)
		return;
	/* the last slots first: a shared door is the first one's */
	for (k = r->name.slots; k-- > 0;)
		slot_free(&r->slots[k]);
	free(r);
}

/* Take it out of the table; the calls under way end first. */
static void
retire(struct reader *r)
{
	struct reader **at = &readers;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	unref(r);
}

static int
create(struct reader *r, unsigned k)
{
	int rc;

	if (k >= r->name.slots || r->slots[k].door) {
		log_error("slot %u of reader %u: cannot be created", k, r->index);
		return -EINVAL;
	}
	rc = slot_open(&r->slots[k], r, k);
	if (rc < 0) {
		log_error("slot %u of reader %u: %s", k, r->index, strerror(-rc));
		return rc;
	}
	r->slots[k].open = true;
	return 0;
}

int
reader_create(unsigned long lun, const struct name *name)
{
	struct reader *r;
	int rc = -EINVAL;

	pthread_mutex_lock(&table_lock);
	r = readers_find(LUN_READER(lun));
	if (!r && LUN_SLOT(lun) == 0) {
		r = make(LUN_READER(lun), name);
		if (r)
			r->refs = 1;
	}
	if (r)
		rc = create(r, LUN_SLOT(lun));
	if (r && rc < 0 && !any_open(r))
		retire(r);
	pthread_mutex_unlock(&table_lock);
	return rc;
}

struct slot *
reader_get(unsigned long lun)
{
	struct slot *s = NULL;
	struct reader *r;

	pthread_mutex_lock(&table_lock);
	r = readers_find(LUN_READER(lun));
	if (r && LUN_SLOT(lun) < r->name.slots && r->slots[LUN_SLOT(lun)].open) {
		s = &r->slots[LUN_SLOT(lun)];
		r->refs++;
	}
	pthread_mutex_unlock(&table_lock);
	return s;
}

void
reader_put(struct slot *s)
{
	pthread_mutex_lock(&table_lock);
	unref(s->reader);
	pthread_mutex_unlock(&table_lock);
}

int
reader_close(unsigned long lun)
{
	struct slot *s = reader_get(lun);

	if (!s)
		return -ENODEV;
	slot_shut(s);
	pthread_mutex_lock(&table_lock);
	if (s->open) {
		s->open = false;
		if (!any_open(s->reader))
			retire(s->reader);
	}
	unref(s->reader);
	pthread_mutex_unlock(&table_lock);
	return 0;
}
