/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program at the other end of two pipes: started, not to be had, ended. */
#include "base/process.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "folder.h"
#include "peer.h"

#define PATIENCE_MS 60000

static struct process p;

START_TEST(it_answers)
{
	char got[6] = "";
	int status;

	ck_assert_int_eq(process_start(&p, "cat"), 0);
	ck_assert_int_eq(write(p.to, "hello", 5), 5);
	ck_assert(peer_readable(p.from, PEER_PATIENCE_MS));
	ck_assert_int_eq(read(p.from, got, 5), 5);
	ck_assert_str_eq(got, "hello");
	/* neither end waits */
	ck_assert_int_eq(read(p.from, got, 5), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert(!process_ended(&p, &status, 0));
	process_end(&p, PATIENCE_MS);
	ck_assert_int_eq(p.to, -1);
	ck_assert_int_eq(p.from, -1);
	ck_assert_int_eq(p.pid, 0);
}
END_TEST

START_TEST(it_ends)
{
	FILE *f;
	char path[72];
	int status;

	make_dir();
	snprintf(path, sizeof(path), "%s/three", dir);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs("#!/bin/sh\nexit 3\n", f);
	fclose(f);
	ck_assert_int_eq(chmod(path, 0700), 0);
	ck_assert_int_eq(process_start(&p, path), 0);
	ck_assert(process_ended(&p, &status, PATIENCE_MS));
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 3);
	/* said once */
	ck_assert(!process_ended(&p, &status, PATIENCE_MS));
	process_end(&p, 0);
	remove_dir();
}
END_TEST

/* One that minds neither the end of its input nor SIGTERM. */
START_TEST(it_is_ended)
{
	FILE *f;
	char path[72];

	make_dir();
	snprintf(path, sizeof(path), "%s/deaf", dir);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs("#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n", f);
	fclose(f);
	ck_assert_int_eq(chmod(path, 0700), 0);
	ck_assert_int_eq(process_start(&p, path), 0);
	process_end(&p, 10);
	ck_assert_int_eq(waitpid(p.pid, NULL, 0), -1);
	ck_assert_int_eq(errno, ECHILD);
	remove_dir();
}
END_TEST

START_TEST(there_is_none)
{
	ck_assert_int_eq(process_start(&p, "/nowhere/joe"), -ENOENT);
	process_end(&p, PATIENCE_MS);
	ck_assert_int_eq(process_start(&p, "/"), -EACCES);
	process_end(&p, PATIENCE_MS);
}
END_TEST

/* For each of the three pipes in turn. */
START_TEST(no_descriptor_left)
{
	struct rlimit was, now;

	was = peer_no_descriptors();
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &now), 0);
	now.rlim_cur += (rlim_t)_i * 2;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &now), 0);
	ck_assert_int_eq(process_start(&p, "cat"), -EMFILE);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
	process_end(&p, PATIENCE_MS);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("process");

	tcase_add_test(tc, it_answers);
	tcase_add_test(tc, it_ends);
	tcase_add_test(tc, it_is_ended);
	tcase_add_test(tc, there_is_none);
	tcase_add_loop_test(tc, no_descriptor_left, 0, 3);
	return run("process", tc);
}
