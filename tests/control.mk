# SPDX-License-Identifier: LGPL-2.1-or-later
# Commands from outside: vicc/control, vicc/viccctl.

EXTRA_DIST += tests/control/desk.h

UNIT_TESTS += tests/control/test_control
tests_control_test_control_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_control_test_control_LDADD = libcontrol.la libviccd.la libimage.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/cli/test_place
tests_cli_test_place_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cli_test_place_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/control/test_fault
tests_control_test_fault_CPPFLAGS = $(TEST_CPPFLAGS)
tests_control_test_fault_LDADD = libcontrol.la libviccd.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/control/test_tear
tests_control_test_tear_SOURCES = tests/control/test_tear.c tests/control/desk.h tests/session.h tests/support.h
tests_control_test_tear_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_control_test_tear_LDADD = libcontrol.la libviccd.la libimage.la libscript.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/control/test_verbs
tests_control_test_verbs_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_control_test_verbs_LDADD = libcontrol.la libviccd.la libimage.la $(CHECK_LIBS) $(BSD_LIBS)

# viccctl, which is no library: what a test needs of it
UNIT_TESTS += tests/viccctl/test_file
tests_viccctl_test_file_SOURCES = tests/viccctl/test_file.c vicc/viccctl/file.c vicc/base/output.c tests/support.h
tests_viccctl_test_file_CPPFLAGS = $(TEST_CPPFLAGS)
tests_viccctl_test_file_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=read,--wrap=write,--wrap=fstat,--wrap=fstat64,--wrap=close
tests_viccctl_test_file_LDADD = libwire.la $(CHECK_LIBS) $(BSD_LIBS) -lpthread
UNIT_TESTS += tests/viccctl/test_connection
tests_viccctl_test_connection_SOURCES = tests/viccctl/test_connection.c vicc/viccctl/connection.c vicc/base/bytes.c \
	tests/peer.h tests/support.h
tests_viccctl_test_connection_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_viccctl_test_connection_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=poll,--wrap=recv
tests_viccctl_test_connection_LDADD = libwire.la $(CHECK_LIBS) $(JANSSON_LIBS) $(BSD_LIBS)
SCRIPT_TESTS += tests/viccctl/words.sh
