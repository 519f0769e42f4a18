/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The scripts' commands once more, with one call that fails: of memory, of random
 * numbers, of the disk. Which one comes from a seed (FAULTS_SEED), how many are
 * tried of each kind from FAULTS_TRIES. Every command is answered whatever fails;
 * one that is refused has changed nothing; and what is on disk is what the card
 * has.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iso/stages.h"
#include "crypto/memory.h"
#include "crypto/rand.h"
#include "image/text.h"
#include "model/file.h"
#include "session.h"

#define TRIES 200
#define SEED 7816

enum kind {
	MEMORY,
	RANDOM,
	DISK,
	KINDS,
};

static const char *const kind_names[] = { "memory", "random", "disk" };

/* --- calls that fail ------------------------------------------------------------- */

static enum kind failing;
static unsigned long calls, fail_at; /* 0: none fails */
static bool counting;

static bool
fails(enum kind kind)
{
	return counting && kind == failing && ++calls == fail_at;
}

#define WRAPPED(type, name, parameters, arguments, kind, error, failed) \
	type __real_##name parameters; \
	type __wrap_##name parameters; \
	type \
	__wrap_##name parameters \
	{ \
		if (fails(kind)) { \
			errno = error; \
			return failed; \
		} \
		return __real_##name arguments; \
	}

WRAPPED(void *, malloc, (size_t n), (n), MEMORY, ENOMEM, NULL)
WRAPPED(void *, calloc, (size_t n, size_t size), (n, size), MEMORY, ENOMEM, NULL)
WRAPPED(void *, realloc, (void *p, size_t n), (p, n), MEMORY, ENOMEM, NULL)
WRAPPED(char *, strdup, (const char *s), (s), MEMORY, ENOMEM, NULL)
WRAPPED(int, fsync, (int fd), (fd), DISK, EIO, -1)
WRAPPED(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n), DISK, ENOSPC, -1)
WRAPPED(int, renameat, (int from, const char *a, int to, const char *b), (from, a, to, b), DISK,
	EIO, -1)

int __real_rand_bytes(void *p, size_t n);
int __wrap_rand_bytes(void *p, size_t n);

int
__wrap_rand_bytes(void *p, size_t n)
{
	if (!fails(RANDOM))
		return __real_rand_bytes(p, n);
	memset(p, 0, n);
	return -EIO;
}

/* --- one run ---------------------------------------------------------------------- */

struct trial {
	const char *script;
	const struct card_type *type;
	char *contents; /* that it begins with; NULL: the type's own */
	struct new_card made;
	const char *path; /* of the image; NULL: in memory */
	bool contents_kept; /* something but a counter was committed after the call that failed */
	bool lost;          /* the card has said that it is no more: memory failed a second time */
};

static void
fail(const struct trial *t, size_t number, const char *what)
{
	printf("FAIL: %s, command %zu, with call %lu of %s failing: %s\n", t->script, number,
	       fail_at, kind_names[failing], what);
	exit(EXIT_FAILURE);
}

static int
note_commit(void *ctx, struct state *s, unsigned changed)
{
	struct trial *t = ctx;
	int rc = image_commit(t->made.image, s, changed);

	if (rc == 0 && changed & STATE_CONTENTS && calls >= fail_at)
		t->contents_kept = true;
	return rc;
}

static struct state *
note_revert(void *ctx)
{
	struct trial *t = ctx;

	return image_revert(t->made.image);
}

static void
check_accounts(const struct trial *t, size_t number)
{
	const struct fs *fs = &((struct iso *)t->made.card)->state->fs;
	const struct file *f = NULL;
	size_t bytes = 0;

	while ((f = fs_walk(fs, f)))
		bytes += file_bytes(f);
	if (bytes != fs->used)
		fail(t, number, "the files hold more or less than is accounted for");
}

static void
check_disk(const struct trial *t, size_t number)
{
	struct buf here = BUF(IMAGE_TEXT_MAX), there = BUF(IMAGE_TEXT_MAX);
	struct script s = { .out = stdout };

	if (!image_text_write(&here, t->type->name, ((struct iso *)t->made.card)->state))
		fail(t, number, "the card's state cannot be written");
	if (script_load(&s, t->path, &there) < 0 || !view_equal(buf_view(&here), buf_view(&there)))
		fail(t, number, "what is on disk is not what the card has");
	buf_free(&here);
	buf_free(&there);
}

static void
check_state(const struct trial *t, size_t number)
{
	bool was = counting;

	counting = false;
	if (!t->lost && t->type->contents) {
		check_accounts(t, number);
		if (t->path)
			check_disk(t, number);
	}
	counting = was;
}

static void
send(struct trial *t, struct view frame, size_t number)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX);
	bool hit = counting && calls < fail_at;
	int rc;

	t->contents_kept = false;
	rc = card_transmit(t->made.card, frame, &rsp);
	hit = hit && calls >= fail_at;
	if (rc < 0 && !hit)
		fail(t, number, "the card is lost");
	t->lost = rc < 0;
	if (!t->lost && (rsp.n < 2 || (rsp.p[rsp.n - 2] & 0xf0) < 0x60))
		fail(t, number, "no status word");
	if (!t->lost && rsp.p[rsp.n - 2] >= 0x64 && rsp.p[rsp.n - 2] < 0x90 && t->contents_kept)
		fail(t, number, "it was refused, and yet something has changed");
	if (hit)
		check_state(t, number);
	buf_free(&rsp);
}

static bool
make(struct trial *t)
{
	new_card(&t->made, t->type, t->contents, t->path, nobody_waits);
	if (!t->made.card)
		return false;
	if (t->made.image) {
		t->made.env.ctx = t;
		t->made.env.commit = note_commit;
		t->made.env.revert = note_revert;
		iso_adopt((struct iso *)t->made.card);
	}
	return true;
}

static void
play(struct trial *t, struct view frames)
{
	struct view frame;
	size_t number = 0;

	counting = true;
	calls = 0;
	if (make(t)) {
		for (; !t->lost && session_next(&frames, &frame); number++) {
			if (frame.n == 1)
				card_power(t->made.card, (enum card_power)frame.p[0]);
			else
				send(t, frame, number);
		}
		check_state(t, number);
	} else if (calls < fail_at || fail_at == 0) {
		fail(t, 0, t->made.error);
	}
	counting = false;
	free_card(&t->made);
	if (t->path)
		unlink(t->path);
}

/* --- all of them -------------------------------------------------------------------- */

static unsigned long
setting(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 0) : otherwise;
}

static void
try_script(const struct card_type *type, const char *script, const char *path, unsigned long tries)
{
	struct trial t = { .script = script, .type = type, .contents = session_contents(script) };
	struct buf frames = BUF(SESSION_MAX);
	unsigned long i, n;

	if (!session_record(&frames, type, script))
		exit(EXIT_FAILURE);
	for (failing = 0; failing < KINDS; failing++) {
		t.path = failing == DISK && type->contents ? path : NULL;
		fail_at = 0;
		play(&t, buf_view(&frames));
		n = calls;
		/* the first ones are the making of the card: always */
		for (i = 1; i <= tries && i <= n; i++) {
			fail_at =
				i <= tries / 4 || n <= tries ? i : 1 + (unsigned long)random() % n;
			t.lost = false;
			play(&t, buf_view(&frames));
		}
		printf("%s: %lu calls of %s, %lu made to fail\n", strrchr(script, '/') + 1, n,
		       kind_names[failing], i - 1);
	}
	buf_free(&frames);
	free(t.contents);
}

int
main(void)
{
	/* where syncing costs nothing: what fails is ours to say */
	char dir[] = "/dev/shm/vicc-faults-XXXXXX", path[64], lock[72];
	const struct card_type *const *type;
	glob_t scripts;
	size_t i, n = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	/* as vicc does: then the libraries run out of memory as well */
	image_wipe_memory();
	if (!crypto_wipe_memory())
		return EXIT_FAILURE;
	srandom((unsigned)setting("FAULTS_SEED", SEED));
	if (access("/dev/shm", W_OK) < 0)
		strcpy(dir, "/tmp/vicc-faults-XXXXXX");
	if (crypto_warm() < 0 || !mkdtemp(dir))
		return EXIT_FAILURE;
	snprintf(path, sizeof(path), "%s/card.json", dir);
	snprintf(lock, sizeof(lock), "%s.lock", path);
	for (type = card_types; *type; type++) {
		if (session_scripts(&scripts, *type) != 0)
			continue;
		for (i = 0; i < scripts.gl_pathc; i++)
			try_script(*type, scripts.gl_pathv[i], path,
				   setting("FAULTS_TRIES", TRIES));
		n += i;
		globfree(&scripts);
	}
	unlink(lock);
	if (n == 0)
		puts("FAIL: there are no scripts; top_srcdir says where");
	return rmdir(dir) == 0 && n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
