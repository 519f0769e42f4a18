/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of control sockets, and where they are. */
#include "cli/place.h"

#include <string.h>
#include <unistd.h>

#include "support.h"

START_TEST(names)
{
	static const char *const good[] = { "a", "work", "A-z_0.9", "-", "_", "abcdefghijklmnopqrstuvwxyz012345" };
	static const char *const bad[] = { "", ".", "..", ".x", "a b", "a/b", "\xc3\xa4", "a\n", "abcdefghijklmnopqrstuvwxyz0123456" };
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		ck_assert_msg(place_is_name(good[i]), "%s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(!place_is_name(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(folders)
{
	char path[32], wanted[32];

	setenv("VICC_CONTROL_DIR", "/a", 1);
	setenv("XDG_RUNTIME_DIR", "/b", 1);
	ck_assert(place_folder(path, sizeof(path)));
	ck_assert_str_eq(path, "/a");
	unsetenv("VICC_CONTROL_DIR");
	ck_assert(place_folder(path, sizeof(path)));
	ck_assert_str_eq(path, geteuid() == 0 ? "/run/vicc" : "/b/vicc");
	unsetenv("XDG_RUNTIME_DIR");
	ck_assert(place_folder(path, sizeof(path)) == (geteuid() == 0));
	setenv("VICC_CONTROL_DIR", "", 1);
	ck_assert(place_folder(path, sizeof(path)) == (geteuid() == 0));
	/* the longest, and one too many */
	memset(wanted, 'x', sizeof(wanted));
	wanted[31] = '\0';
	setenv("VICC_CONTROL_DIR", wanted, 1);
	ck_assert(place_folder(path, 32));
	ck_assert(!place_folder(path, 31));
}
END_TEST

/* Neither root nor a service: in the folder of a login, or nowhere. */
START_TEST(a_folder_of_a_login)
{
	const uid_t own = geteuid();
	char path[32];

	if (own == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	unsetenv("VICC_CONTROL_DIR");
	setenv("XDG_RUNTIME_DIR", "/b", 1);
	ck_assert(place_folder(path, sizeof(path)));
	ck_assert_str_eq(path, "/b/vicc");
	unsetenv("XDG_RUNTIME_DIR");
	ck_assert(!place_folder(path, sizeof(path)));
	ck_assert(!place_socket("work", 0, path, sizeof(path)));
	ck_assert_int_eq(seteuid(own), 0);
}
END_TEST

START_TEST(sockets)
{
	char path[32];

	setenv("VICC_CONTROL_DIR", "/a", 1);
	ck_assert(place_socket("work", 0, path, sizeof(path)));
	ck_assert_str_eq(path, "/a/work.sock");
	ck_assert(place_socket("work", 12, path, sizeof(path)));
	ck_assert_str_eq(path, "/a/work.12.sock");
	ck_assert(place_socket("./x", 0, path, sizeof(path)));
	ck_assert_str_eq(path, "./x");
	ck_assert(place_socket("/x/y", 1, path, sizeof(path)));
	ck_assert_str_eq(path, "/x/y.1");
	ck_assert(place_socket("work", 0, path, 13));
	ck_assert(!place_socket("work", 0, path, 12));
	ck_assert(!place_socket("/x/y", 1, path, 6));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("place");

	tcase_add_test(tc, names);
	tcase_add_test(tc, folders);
	tcase_add_test(tc, a_folder_of_a_login);
	tcase_add_test(tc, sockets);
	return run("place", tc);
}
