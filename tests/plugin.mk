# SPDX-License-Identifier: LGPL-2.1-or-later
# Cards and middle-men of other people.

SCRIPT_TESTS += tests/header.sh tests/plugin.sh
E2E_TESTS += tests/e2e/plugin.sh

UNIT_TESTS += tests/test_mitm
tests_test_mitm_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_mitm_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

# one plug-in, in three forms, that asks for all that is lent
check_LTLIBRARIES += tests/lent_rows.la tests/lent_flex.la tests/lent_ops.la
tests_lent_rows_la_SOURCES = tests/lent.c
tests_lent_rows_la_CPPFLAGS = -I$(top_srcdir)/include
tests_lent_rows_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -rpath /nowhere
tests_lent_flex_la_SOURCES = tests/lent.c
tests_lent_flex_la_CPPFLAGS = -I$(top_srcdir)/include -DLENT_BASE='"cryptoflex"' -DLENT_CLASS=0
tests_lent_flex_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -rpath /nowhere
tests_lent_ops_la_SOURCES = tests/lent.c
tests_lent_ops_la_CPPFLAGS = -I$(top_srcdir)/include -DLENT_OPS
tests_lent_ops_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -rpath /nowhere

UNIT_TESTS += tests/test_plugin
tests_test_plugin_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_plugin_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_guard
tests_test_guard_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_guard_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
