# SPDX-License-Identifier: LGPL-2.1-or-later

UNIT_TESTS += tests/test_pattern tests/test_script

tests_test_pattern_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_pattern_LDADD = libscript.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_script_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_script_LDADD = libscript.la $(CHECK_LIBS) $(BSD_LIBS)
