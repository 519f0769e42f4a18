/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * With a libpcsclite that redirects, as that of pcsc-lite 2.3.0 and later: this program's own
 * SCardEstablishContext loads the real library once, when it is called, and fails for ever
 * when that fails. The real library is tests/daemon/real.c.
 */
#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <winscard.h>

#include "daemon/sandbox.h"
#include "daemon/autostart.h"
#include "support.h"

static const struct log quiet = { .out = NULL };
static unsigned loads_of_real;

/* --- the library that redirects ------------------------------------------------------ */

static LONG (*establish)(DWORD, LPCVOID, LPCVOID, LPSCARDCONTEXT);

void *__real_dlopen(const char *name, int flags);
void *__wrap_dlopen(const char *name, int flags);

void *
__wrap_dlopen(const char *name, int flags)
{
	if (strcmp(name, "libpcsclite_real.so.1") == 0)
		loads_of_real++;
	return __real_dlopen(name, flags);
}

static void
load(void)
{
	void *library = __real_dlopen(getenv("LIBPCSCLITE_DELEGATE"), RTLD_LAZY);

	if (library)
		*(void **)&establish = dlsym(library, "SCardEstablishContext");
}

LONG
SCardEstablishContext(DWORD scope, LPCVOID a, LPCVOID b, LPSCARDCONTEXT context)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	return establish ? establish(scope, a, b, context) : SCARD_F_INTERNAL_ERROR;
}

LONG
SCardReleaseContext(SCARDCONTEXT context)
{
	(void)context;
	return SCARD_S_SUCCESS;
}

/* --- behind the filter --------------------------------------------------------------- */

static void
setup(void)
{
	const char *top = getenv("top_builddir");
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/tests/daemon/.libs/real.so", top ? top : ".");
	ck_assert_int_eq(access(path, R_OK), 0);
	setenv("LIBPCSCLITE_DELEGATE", path, 1);
	loads_of_real = 0;
}

/* A child's exit status, so that libcheck is not behind the filter. */
static int
in_child(int (*act)(void))
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(act());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
autostart_behind_filter(void)
{
	struct autostart w;

	autostart_init(&w, &quiet);
	if (sandbox_enter(SANDBOX_CALLS, &quiet) < 0)
		return 2;
	autostart_pcscd(&w);
	return w.held ? 0 : 1;
}

START_TEST(the_real_library_is_loaded_before)
{
	ck_assert_int_eq(in_child(autostart_behind_filter), 0);
}
END_TEST

static int
establish_unprepared(void)
{
	SCARDCONTEXT context;

	if (sandbox_enter(SANDBOX_CALLS, &quiet) < 0)
		return 2;
	if (SCardEstablishContext(0, NULL, NULL, &context) != SCARD_F_INTERNAL_ERROR)
		return 3;
	return SCardEstablishContext(0, NULL, NULL, &context) == SCARD_F_INTERNAL_ERROR ? 1 : 4;
}

/* What this library is worth as a test. */
START_TEST(loaded_behind_it_fails_for_ever)
{
	ck_assert_int_eq(in_child(establish_unprepared), 1);
}
END_TEST

START_TEST(it_has_a_name_of_its_own)
{
	struct autostart w;

	unsetenv("LIBPCSCLITE_DELEGATE");
	autostart_init(&w, &quiet);
	ck_assert_uint_eq(loads_of_real, 1);
	autostart_free(&w);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("delegate");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, the_real_library_is_loaded_before);
	tcase_add_test(tc, loaded_behind_it_fails_for_ever);
	tcase_add_test(tc, it_has_a_name_of_its_own);
	return run("delegate", tc);
}
