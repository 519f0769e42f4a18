/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The socket, its lines and its clients; what the verbs do to a host that is none. */
#include "control/desk.h"

#include <fcntl.h>

#include "control/server.h"

static struct desk d;
static int fd;

static void
setup(void)
{
	desk_open(&d, &handler_test_type);
	fd = desk_client(&d);
}

static void
teardown(void)
{
	close(fd);
	desk_close(&d);
}

/* --- lines ------------------------------------------------------------------- */

START_TEST(the_greeting)
{
	int other = desk_connect(&d);
	json_t *line = desk_hear(&d, other), *vicc = json_object_get(line, "vicc");

	ck_assert_str_eq(json_string_value(json_object_get(vicc, "name")), "work");
	ck_assert_str_eq(json_string_value(json_object_get(vicc, "type")), "handler_test");
	ck_assert_int_eq(json_integer_value(json_object_get(vicc, "protocol")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(vicc, "pid")), getpid());
	ck_assert_uint_gt(json_array_size(json_object_get(vicc, "verbs")), 8);
	json_decref(line);
	close(other);
	ck_assert_uint_eq(mode_of(d.c->service.path), 0600);
}
END_TEST

/* An id comes back as it came; what is no string and no number is none. */
START_TEST(an_id)
{
	json_t *a = desk_ask(&d, fd, "{\"do\":\"status\",\"id\":17}");

	ck_assert_int_eq(json_integer_value(json_object_get(a, "id")), 17);
	json_decref(a);
	a = desk_ask(&d, fd, "{\"do\":\"dance\",\"id\":\"x\\u00e9\"}");
	ck_assert_str_eq(json_string_value(json_object_get(a, "id")), "x\u00e9");
	json_decref(a);
	desk_refused(&d, fd, "{\"do\":\"status\",\"id\":[1]}", "bad-request");
	desk_refused(&d, fd, "{\"do\":\"status\",\"id\":null}", "bad-request");
}
END_TEST

/* Each is refused, and the next line is heard all the same. */
START_TEST(what_is_no_request)
{
	static const char *const lines[] = {
		"",
		" ",
		"[]",
		"null",
		"7",
		"\"do\"",
		"{",
		"}",
		"{}",
		"{\"do\"}",
		"{\"do\":1}",
		"{\"do\":null}",
		"{\"do\":\"status\"} x",
		"{\"do\":\"status\",\"do\":\"remove\"}",
		"{\"do\":\"sta\\u0000tus\"}",
		"\xff\xfe",
		"{\"do\":\"\xc3\x28\"}",
		"[[[[[[[[]]]]]]]]",
		"{'do':'status'}",
		"NaN",
		"{\"do\":1e999}",
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		desk_refused(&d, fd, lines[i], "bad-request");
	desk_does(&d, fd, "{\"do\":\"status\"}");
	desk_does(&d, fd, "  {  \"do\" : \"status\" }\t\r");
}
END_TEST

START_TEST(what_no_verb_has)
{
	desk_refused(&d, fd, "{\"do\":\"\"}", "bad-verb");
	desk_refused(&d, fd, "{\"do\":\"Insert\"}", "bad-verb");
	desk_refused(&d, fd, "{\"do\":\"insert\",\"now\":true}", "bad-argument");
	desk_refused(&d, fd, "{\"do\":\"lock\",\"reason\":7}", "bad-argument");
	desk_refused(&d, fd, "{\"do\":\"subscribe\",\"classes\":\"state\"}", "bad-argument");
	desk_refused(&d, fd, "{\"do\":\"subscribe\",\"classes\":[\"all\"]}", "bad-argument");
	desk_refused(&d, fd, "{\"do\":\"subscribe\",\"classes\":[{}]}", "bad-argument");
}
END_TEST

static void
ends_with(const char *line, size_t n, const char *error)
{
	json_t *answer;

	ck_assert_int_eq(send(fd, line, n, MSG_NOSIGNAL), (ssize_t)n);
	answer = desk_hear(&d, fd);
	ck_assert_str_eq(
		json_string_value(json_object_get(json_object_get(answer, "error"), "name")),
		error);
	json_decref(answer);
	ck_assert_ptr_null(desk_hear(&d, fd));
}

START_TEST(too_deep)
{
	static const char line[] = "{\"do\":[[[[[[[[1]]]]]]]]}\n";

	ends_with(line, strlen(line), "bad-request");
}
END_TEST

/* In a string brackets are none. */
START_TEST(not_too_deep)
{
	desk_refused(&d, fd, "{\"do\":\"[[[[[[[[[[[[\\\"[[[[{{\"}", "bad-verb");
	desk_refused(&d, fd, "{\"do\":[[],[],[],[],[],[],[],[],[],[]]}", "bad-request");
}
END_TEST

/* The longest line is a request, one that is longer the end. */
START_TEST(how_long_a_line_is)
{
	static char line[SERVER_LINE_MAX + 2];
	size_t k;

	memset(line, ' ', sizeof(line));
	memcpy(line, "{\"do\":\"status\"}", 15);
	line[SERVER_LINE_MAX] = '\n';
	for (k = 0; k < SERVER_LINE_MAX + 1; k += 4096) {
		peer_say(fd, line + k,
			 SERVER_LINE_MAX + 1 - k < 4096 ? SERVER_LINE_MAX + 1 - k : 4096);
		desk_turn(&d);
	}
	json_decref(desk_hear(&d, fd));
	memset(line, ' ', sizeof(line));
	for (k = 0; k < 16; k++) {
		peer_say(fd, line, 4096);
		desk_turn(&d);
	}
	ends_with(" ", 1, "bad-request");
}
END_TEST

/* A byte at a time, and many requests at once: answered one after the other. */
START_TEST(any_split)
{
	static const char
		line[] = "{\"do\":\"status\",\"id\":1}\n",
		many[] = "{\"do\":\"status\",\"id\":2}\n{\"do\":\"x\",\"id\":3}\n{\"id\":4}\n";
	json_t *a;
	size_t i;
	int id;

	for (i = 0; i < strlen(line); i++) {
		peer_say(fd, line + i, 1);
		desk_turn(&d);
	}
	peer_say(fd, many, strlen(many));
	for (id = 1; id <= 4; id++) {
		a = desk_hear(&d, fd);
		ck_assert_int_eq(json_integer_value(json_object_get(a, "id")), id);
		json_decref(a);
	}
}
END_TEST

/* --- clients --------------------------------------------------------------------- */

START_TEST(a_ninth_client)
{
	int fds[SERVER_CLIENTS], ninth, i;
	json_t *line;

	for (i = 1; i < SERVER_CLIENTS; i++)
		fds[i] = desk_client(&d);
	ninth = desk_connect(&d);
	line = desk_hear(&d, ninth);
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(line, "error"), "name")),
			 "busy");
	json_decref(line);
	ck_assert_ptr_null(desk_hear(&d, ninth));
	close(ninth);
	for (i = 1; i < SERVER_CLIENTS; i++)
		desk_does(&d, fds[i], "{\"do\":\"status\"}");
	/* one goes, and there is room */
	close(fds[3]);
	desk_turn(&d);
	fds[3] = desk_client(&d);
	for (i = 1; i < SERVER_CLIENTS; i++)
		close(fds[i]);
}
END_TEST

/* At each step: before the greeting, within a line, before the answer. */
START_TEST(clients_that_vanish)
{
	int i, other;

	for (i = 0; i < 50; i++) {
		other = desk_connect(&d);
		if (i % 5 > 0)
			desk_turn(&d);
		if (i % 5 > 1)
			peer_say(other, "{\"do\":\"sub", 10);
		if (i % 5 > 2)
			peer_say(other, "scribe\"}\n{\"do\":\"status\"}\n", 25);
		if (i % 5 > 3)
			desk_turn(&d);
		close(other);
		desk_turn(&d);
	}
	desk_does(&d, fd, "{\"do\":\"status\"}");
}
END_TEST

/* Whoever has said all that he wanted to say still gets his answers, and what he subscribed to. */
START_TEST(half_closed)
{
	int other = desk_client(&d);
	json_t *line;

	peer_say(other, "{\"do\":\"subscribe\"}\n", 19);
	shutdown(other, SHUT_WR);
	json_decref(desk_hear(&d, other));
	desk_turn(&d);
	control_event(d.c, CLASS_STATE, "inserted", NULL);
	line = desk_hear(&d, other);
	ck_assert_str_eq(json_string_value(json_object_get(line, "event")), "inserted");
	json_decref(line);
	close(other);
	other = desk_client(&d);
	peer_say(other, "{\"do\":\"status\"}\n{\"do\":\"status\"}\n", 32);
	shutdown(other, SHUT_WR);
	json_decref(desk_hear(&d, other));
	json_decref(desk_hear(&d, other));
	ck_assert_ptr_null(desk_hear(&d, other));
	close(other);
}
END_TEST

/* Nobody waits for him: events are lost, and counted; answers end the connection. */
START_TEST(a_client_that_does_not_read)
{
	int events = 40000, i, heard = 0;
	json_int_t lost = 0;
	json_t *line;

	desk_does(&d, fd, "{\"do\":\"subscribe\"}");
	for (i = 0; i < events; i++)
		control_event(d.c, CLASS_STATE, "inserted", NULL);
	for (; heard + lost < events; json_decref(line)) {
		line = desk_hear(&d, fd);
		ck_assert_ptr_nonnull(line);
		if (strcmp(json_string_value(json_object_get(line, "event")), "lost") == 0)
			lost += json_integer_value(json_object_get(line, "n"));
		else
			heard++;
	}
	ck_assert_int_gt(lost, 0);
	ck_assert_int_gt(heard, 1000);
	desk_does(&d, fd, "{\"do\":\"status\"}");
}
END_TEST

START_TEST(requests_without_end_and_nobody_reads)
{
	static char many[4000];
	int other = desk_client(&d), i;
	size_t n = 0;

	for (n = 0; n + 16 < sizeof(many); n += 16)
		memcpy(many + n, "{\"do\":\"status\"}\n", 16);
	for (i = 0; i < 2000; i++) {
		send(other, many, n, MSG_DONTWAIT | MSG_NOSIGNAL);
		desk_turn(&d);
	}
	/* what it has to be told is bounded */
	ck_assert_uint_lt(d.c->service.server.clients[1].out.cap, 2 * SERVER_QUEUE_MAX);
	desk_does(&d, fd, "{\"do\":\"status\"}");
	close(other);
}
END_TEST

/* --- descriptors ------------------------------------------------------------------- */

static void
pass(int to, const int *fds, size_t n, const char *line)
{
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(16 * sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)line, .iov_len = strlen(line) };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = CMSG_SPACE(n * sizeof(int)) };

	*CMSG_FIRSTHDR(&m) = (struct cmsghdr) { .cmsg_level = SOL_SOCKET,
						.cmsg_type = SCM_RIGHTS,
						.cmsg_len = CMSG_LEN(n * sizeof(int)) };
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), fds, n * sizeof(int));
	ck_assert_int_eq(sendmsg(to, &m, MSG_NOSIGNAL), (ssize_t)strlen(line));
}

static int
lowest_free(void)
{
	int n = dup(0);

	close(n);
	return n;
}

/* A verb that wants none gets none, and none stays open. */
START_TEST(descriptors_that_nobody_wants)
{
	int fds[16], before, i;

	for (i = 0; i < 16; i++)
		fds[i] = 0;
	before = lowest_free();
	pass(fd, fds, 1, "{\"do\":\"status\"}\n");
	json_decref(desk_hear(&d, fd));
	pass(fd, fds, 16, "{\"do\":\"sta");
	desk_turn(&d);
	pass(fd, fds, 2, "tus\"}\n");
	json_decref(desk_hear(&d, fd));
	desk_turn(&d);
	ck_assert_int_eq(lowest_free(), before);
}
END_TEST

/* --- verbs ---------------------------------------------------------------------------- */

START_TEST(in_and_out)
{
	json_t *ok;

	desk_does(&d, fd, "{\"do\":\"remove\"}");
	ck_assert(signals_out());
	ck_assert_uint_eq(signals_removals(), 1);
	/* it is out already */
	desk_does(&d, fd, "{\"do\":\"remove\"}");
	ck_assert_uint_eq(signals_removals(), 1);
	ok = desk_ok(&d, fd, "{\"do\":\"insert\"}");
	ck_assert_str_eq(json_string_value(json_object_get(ok, "state")), "offered");
	json_decref(ok);
	ck_assert(!signals_out());
	desk_does(&d, fd, "{\"do\":\"lock\",\"reason\":\"burnt\"}");
	ck_assert(host_is_out(&d.host));
	desk_refused(&d, fd, "{\"do\":\"insert\"}", "locked");
	signals_set_out(false);
	ck_assert(host_is_out(&d.host));
	desk_does(&d, fd, "{\"do\":\"unlock\"}");
	ck_assert(host_is_out(&d.host));
	desk_does(&d, fd, "{\"do\":\"insert\"}");
	ck_assert(!host_is_out(&d.host));
}
END_TEST

/* All members are there, also when nothing is known. */
START_TEST(the_status_of_nothing)
{
	json_t *s = desk_ok(&d, fd, "{\"do\":\"status\"}");
	static const char *const null[] = { "reader", "seen", "atr",  "locked", "sw",
					    "header", "file", "mode", "label",  "inserted_for" };
	size_t i;

	for (i = 0; i < sizeof(null) / sizeof(*null); i++) {
		ck_assert_ptr_nonnull(json_object_get(s, null[i]));
		ck_assert_msg(json_is_null(json_object_get(s, null[i])), "%s", null[i]);
	}
	ck_assert_int_eq(json_integer_value(json_object_get(s, "clients")), 1);
	ck_assert_str_eq(json_string_value(json_object_get(s, "state")), "out");
	json_decref(s);
}
END_TEST

START_TEST(events_of_classes)
{
	json_t *line;

	desk_does(&d, fd, "{\"do\":\"subscribe\",\"classes\":[\"power\"]}");
	control_event(d.c, CLASS_STATE, "inserted", NULL);
	control_event(d.c, CLASS_POWER, "power", json_pack("{s:s}", "what", "on"));
	line = desk_hear(&d, fd);
	ck_assert_str_eq(json_string_value(json_object_get(line, "what")), "on");
	ck_assert(json_is_real(json_object_get(line, "at")));
	json_decref(line);
	desk_does(&d, fd, "{\"do\":\"unsubscribe\"}");
	control_event(d.c, CLASS_POWER, "power", NULL);
	desk_does(&d, fd, "{\"do\":\"status\"}");
}
END_TEST

/* The end of the connection that is tied is the end of the card; of another it is not. */
START_TEST(tie_and_quit)
{
	int tied = desk_client(&d), other = desk_client(&d);

	desk_does(&d, tied, "{\"do\":\"tie\"}");
	close(other);
	desk_turn(&d);
	ck_assert(!signals_stop());
	close(tied);
	desk_turn(&d);
	ck_assert(signals_stop());
}
END_TEST

START_TEST(quit_is_answered)
{
	desk_does(&d, fd, "{\"do\":\"quit\"}");
	ck_assert(signals_stop());
}
END_TEST

/* --- where the socket is ---------------------------------------------------------------- */

START_TEST(a_name_is_taken)
{
	struct host host = { .link = &d.link };
	struct control *second = NULL;
	struct stat st;

	ck_assert_int_eq(control_open(&second, &d.o, &host, &desk_log), -EADDRINUSE);
	/* and the first is there as before */
	ck_assert_int_eq(stat(d.c->service.path, &st), 0);
	desk_does(&d, fd, "{\"do\":\"status\"}");
}
END_TEST

START_TEST(whose_folder)
{
	struct options o = d.o;
	struct host host = { .link = &d.link };
	struct control *second = NULL;
	char path[128];

	snprintf(path, sizeof(path), "%s/sub/x.sock", d.folder);
	o.control = path;
	ck_assert_int_eq(control_open(&second, &o, &host, &desk_log), 0);
	ck_assert_str_eq(second->service.name, "x");
	control_free(second);
	snprintf(path, sizeof(path), "%s/sub", d.folder);
	ck_assert_int_eq(chmod(path, 0777), 0);
	snprintf(path, sizeof(path), "%s/sub/x.sock", d.folder);
	ck_assert_int_eq(control_open(&second, &o, &host, &desk_log), -EPERM);
	/* of neither us nor root */
	if (geteuid() == 0) {
		snprintf(path, sizeof(path), "%s/sub", d.folder);
		ck_assert_int_eq(chmod(d.folder, 0755), 0);
		ck_assert_int_eq(chmod(path, 0755), 0);
		ck_assert_int_eq(chown(path, 65533, 65533), 0);
		snprintf(path, sizeof(path), "%s/sub/x.sock", d.folder);
		ck_assert_int_eq(seteuid(65534), 0);
		ck_assert_int_eq(control_open(&second, &o, &host, &desk_log), -EPERM);
		ck_assert_int_eq(seteuid(0), 0);
	}
	snprintf(path, sizeof(path), "%s/sub/no/no/x.sock", d.folder);
	ck_assert_int_eq(control_open(&second, &o, &host, &desk_log), -ENOENT);
	/* what is no folder, and what leads nowhere */
	snprintf(path, sizeof(path), "%s/x.sock", d.c->service.path);
	ck_assert_int_eq(control_open(&second, &o, &host, &desk_log), -ENOTDIR);
	snprintf(path, sizeof(path), "%s/sub/nowhere/x.sock", d.folder);
	*strrchr(path, '/') = '\0';
	ck_assert_int_eq(symlink("nothing", path), 0);
	path[strlen(path)] = '/';
	ck_assert_int_eq(control_open(&second, &o, &host, &desk_log), -ENOENT);
	*strrchr(path, '/') = '\0';
	unlink(path);
	snprintf(path, sizeof(path), "%s/sub", d.folder);
	rmdir(path);
	unsetenv("VICC_CONTROL_DIR");
	unsetenv("XDG_RUNTIME_DIR");
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[127] = '\0';
	ck_assert_int_eq(control_open(&second, &o, &host, &desk_log), -EINVAL);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("control");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_greeting);
	tcase_add_test(tc, an_id);
	tcase_add_test(tc, what_is_no_request);
	tcase_add_test(tc, what_no_verb_has);
	tcase_add_test(tc, too_deep);
	tcase_add_test(tc, not_too_deep);
	tcase_add_test(tc, how_long_a_line_is);
	tcase_add_test(tc, any_split);
	tcase_add_test(tc, a_ninth_client);
	tcase_add_test(tc, clients_that_vanish);
	tcase_add_test(tc, half_closed);
	tcase_add_test(tc, a_client_that_does_not_read);
	tcase_add_test(tc, requests_without_end_and_nobody_reads);
	tcase_add_test(tc, descriptors_that_nobody_wants);
	tcase_add_test(tc, in_and_out);
	tcase_add_test(tc, the_status_of_nothing);
	tcase_add_test(tc, events_of_classes);
	tcase_add_test(tc, tie_and_quit);
	tcase_add_test(tc, quit_is_answered);
	tcase_add_test(tc, a_name_is_taken);
	tcase_add_test(tc, whose_folder);
	return run("control", tc);
}
