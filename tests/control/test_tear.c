/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Power that is lost in a command: before it, between each two of its commits, behind
 * it. Of each command of all scripts, on a card of each type. What is kept then is what
 * the last commit before it has kept, and the card is that; there is no third outcome.
 */
#include "control/desk.h"

#include <sys/wait.h>

#include "image/text.h"
#include "iso/iso.h"
#include "session.h"

#define COMMITS_MAX 32

static struct desk d;
static struct buf kept[COMMITS_MAX + 1]; /* before the command, and after each of its commits */
static int n_kept;
static struct buf last; /* the text that was kept last, by whatever command */

/* In the place of image_commit: what it keeps is written down. */
static int
commit_and_note(void *ctx, struct state *s, unsigned changed)
{
	int rc = image_commit(ctx, s, changed);

	if (rc < 0)
		return rc;
	buf_free(&last);
	last = (struct buf)BUF(IMAGE_TEXT_MAX);
	ck_assert_int_eq(image_text(d.image, &last), 0);
	if (n_kept <= COMMITS_MAX) {
		kept[n_kept] = (struct buf)BUF(IMAGE_TEXT_MAX);
		buf_put_view(&kept[n_kept++], buf_view(&last));
	}
	return 0;
}

/* What is kept is the k-th of these texts, and the card is what is kept. */
static bool
is_at(int k)
{
	struct buf now = BUF(IMAGE_TEXT_MAX), own = BUF(IMAGE_TEXT_MAX);
	struct seat {
		struct card card;
		struct card *sitter;
	} *seat = (struct seat *)d.host.card;
	const struct iso *c = (const struct iso *)seat->sitter;
	bool same = image_text(d.image, &now) == 0 &&
		    view_equal(buf_view(&now), buf_view(&kept[k])) &&
		    image_text_write(&own, d.o.type->name, c->state) &&
		    view_equal(buf_view(&own), buf_view(&now));

	buf_free(&now);
	buf_free(&own);
	return same;
}

static void
begin(void)
{
	n_kept = 1;
	kept[0] = (struct buf)BUF(IMAGE_TEXT_MAX);
	buf_put_view(&kept[0], buf_view(&last));
}

/* In a process of its own: how many commits the command makes. */
static int
count_commits(struct view cmd)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX);
	int rc;

	begin();
	rc = desk_command(&d, cmd, &rsp);
	buf_free(&rsp);
	return rc < 0 ? COMMITS_MAX + 1 : n_kept - 1;
}

/* Likewise: torn before commit k. 0: all is as it should be. */
static int
tear_and_look(struct view cmd, int k, struct buf *rsp)
{
	begin();
	d.c->tear = (struct tear) { .armed = true, .at = TEAR_COMMIT, .n = k, .back = -1 };
	if (desk_command(&d, cmd, rsp) != -ECANCELED || d.c->n_torn != 1 || !signals_out())
		return 1;
	if (n_kept - 1 > k)
		return 2;
	if (!is_at(n_kept - 1))
		return 3;
	/* it works on */
	buf_reset(rsp);
	return desk_command(&d, view_of("\x00\xa4\x00\x00", 4), rsp) < 0 || rsp->n < 2 ? 4 : 0;
}

static int
tear_at(struct view cmd, int k)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX);
	int rc = tear_and_look(cmd, k, &rsp);

	buf_free(&rsp);
	return rc;
}

static int
in_child(int (*fn)(struct view cmd, int k), struct view cmd, int k)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn(cmd, k));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

static int
count_it(struct view cmd, int k)
{
	(void)k;
	return count_commits(cmd);
}

static void
tear_everywhere(const char *script, struct view cmd, size_t number, size_t *torn)
{
	int commits = in_child(count_it, cmd, 0), k, rc;

	ck_assert_int_le(commits, COMMITS_MAX);
	for (k = 0; k < commits; k++) {
		rc = in_child(tear_at, cmd, k);
		ck_assert_msg(rc == 0, "%s, command %zu, torn before commit %d of %d: %d", script,
			      number, k, commits, rc);
		++*torn;
	}
}

/* Frames of a conversation, with a card that begins with these contents: how often it was torn. */
static size_t
play(const struct card_type *type, const char *script, struct view frames, const char *contents)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX);
	struct view rest = frames, frame;
	size_t number = 0, torn = 0;

	desk_open(&d, type);
	desk_card(&d, contents, NULL);
	last = (struct buf)BUF(IMAGE_TEXT_MAX);
	ck_assert_int_eq(image_text(d.image, &last), 0);
	d.c->own.commit = commit_and_note;
	for (; session_next(&rest, &frame); number++) {
		buf_reset(&rsp);
		if (frame.n == 1) {
			card_power(d.host.card, frame.p[0]);
			continue;
		}
		tear_everywhere(script, frame, number, &torn);
		n_kept = COMMITS_MAX + 1;
		ck_assert_int_eq(desk_command(&d, frame, &rsp), 0);
	}
	desk_close(&d);
	buf_free(&last);
	buf_free(&rsp);
	return torn;
}

static size_t
play_script(const struct card_type *type, const char *script)
{
	struct buf frames = BUF(SESSION_MAX);
	char *contents = session_contents(script);
	size_t torn;

	ck_assert_msg(session_record(&frames, type, script), "%s", script);
	torn = play(type, script, buf_view(&frames), contents);
	buf_free(&frames);
	free(contents);
	return torn;
}

/* cryptoflex has no script: a wrong transport key counts a try. */
static size_t
play_wrong_key(const struct card_type *type)
{
	static const char frames[] = "\0\x01\x01"
				     "\0\x0d\xf0\x2a\x00\x01\x08"
				     "99999999";

	return play(type, "VERIFY KEY", view_of(frames, sizeof(frames) - 1), NULL);
}

START_TEST(every_commit_of_every_command)
{
	const struct card_type *type = card_types[_i];
	size_t torn = 0, i;
	glob_t paths;

	if (!type->contents)
		return;
	if (session_scripts(&paths, type) == GLOB_NOMATCH)
		torn = play_wrong_key(type);
	for (i = 0; i < paths.gl_pathc; i++)
		torn += play_script(type, paths.gl_pathv[i]);
	printf("%s: torn at %zu commits, in %zu scripts\n", type->name, torn, paths.gl_pathc);
	/* no command changes a passport */
	ck_assert_int_eq(torn > 0, strcmp(type->name, "ePass") != 0);
	globfree(&paths);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("tear");
	int n = 0;

	while (card_types[n])
		n++;
	tcase_set_timeout(tc, 600);
	tcase_add_loop_test(tc, every_commit_of_every_command, 0, n);
	return run("tear", tc);
}
