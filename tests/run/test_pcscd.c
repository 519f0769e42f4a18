/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/pcscd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

/* As 1.9.9 and 2.3.3 print them, and their --help behind it. */
static const char old[] =
	"pcsc-lite version 1.9.9.\n"
	"Enabled features: Linux x86_64-pc-linux-gnu serial usb libudev usbdropdir=/usr/lib/pcsc/drivers "
	"ipcdir=/run/pcscd filter configdir=/etc/reader.conf.d\n"
	"Usage: pcscd options\n";
static const char newer[] = "pcsc-lite version 2.3.3\n"
			    "Enabled features: USB polkit ipcdir=/var/run/pcscd\n"
			    "Usage: pcscd options\n"
			    "  --disable-polkit\tdisable polkit support\n";

START_TEST(what_pcscd_says_of_itself)
{
	struct run r = { .device = "" };

	ck_assert_int_eq(pcscd_read(&r, old), 0);
	ck_assert_str_eq(r.ipc, "/run/pcscd");
	ck_assert(!r.disable_polkit);
	ck_assert_int_eq(pcscd_read(&r, newer), 0);
	ck_assert_str_eq(r.ipc, "/var/run/pcscd");
	ck_assert(r.disable_polkit);
}
END_TEST

START_TEST(what_says_nothing_of_it)
{
	static char longest[PATH_MAX + 64];
	struct run r = { .device = "" };

	ck_assert_int_eq(pcscd_read(&r, ""), -1);
	ck_assert_int_eq(pcscd_read(&r, "sh: 1: pcscd: not found\n"), -1);
	ck_assert_int_eq(pcscd_read(&r, "features: ipcdir="), -1);
	ck_assert_int_eq(pcscd_read(&r, "features: ipcdir=run/pcscd\n"), -1);
	snprintf(longest, sizeof(longest), " ipcdir=/%0*d", PATH_MAX - 2, 0);
	ck_assert_int_eq(pcscd_read(&r, longest), 0);
	ck_assert_uint_eq(strlen(r.ipc), PATH_MAX - 1);
	snprintf(longest, sizeof(longest), " ipcdir=/%0*d", PATH_MAX - 1, 0);
	ck_assert_int_eq(pcscd_read(&r, longest), -1);
}
END_TEST

START_TEST(what_may_stand_in_a_value)
{
	static const char *const wrong[] = { " ", "/slots=1 ", "/a\n", "\"",
					     "#", "/\xc3\xa4", "'",    "~" };
	unsigned i;

	ck_assert(pcscd_takes(""));
	ck_assert(pcscd_takes("/slots=1/mode=0660/a-b_c.d@e:f\\G"));
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert(!pcscd_takes(wrong[i]));
}
END_TEST

static void
entry_is(const struct run *r, const char *wanted)
{
	char path[PATH_MAX], got[512] = "";
	FILE *f;

	ck_assert_int_eq(pcscd_configure(r), 0);
	snprintf(path, sizeof(path), "%s/reader.conf", r->folder);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_gt(fread(got, 1, sizeof(got) - 1, f), 0);
	fclose(f);
	ck_assert_ptr_nonnull(strstr(got, wanted));
	unlink(path);
	snprintf(path, sizeof(path), "%s/libifdvpcd.so", r->folder);
	ck_assert_int_eq(unlink(path), 0);
}

START_TEST(an_entry)
{
	struct run r = { .device = "",
			 .driver = "/nonexistent/a b.so",
			 .folder = "/tmp/vicc-test.XXXXXX" };

	ck_assert_ptr_nonnull(mkdtemp(r.folder));
	strcpy(r.reader, "/tmp/reader");
	entry_is(&r, "\nDEVICENAME unix:/tmp/reader\n");
	r.inside = true;
	entry_is(&r, "\nDEVICENAME /dev/null:0x8C7B\n");
	r.slots = "4";
	r.device = "/shared=1";
	entry_is(&r, "\nDEVICENAME /dev/null:0x8C7B/slots=4/shared=1\n");
	rmdir(r.folder);
	ck_assert_int_eq(pcscd_configure(&r), -ENOENT);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("pcscd");

	tcase_add_test(tc, what_pcscd_says_of_itself);
	tcase_add_test(tc, what_says_nothing_of_it);
	tcase_add_test(tc, what_may_stand_in_a_value);
	tcase_add_test(tc, an_entry);
	return run("pcscd", tc);
}
