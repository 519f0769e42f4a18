# SPDX-License-Identifier: LGPL-2.1-or-later
# Cards and middle-men of other people.

SCRIPT_TESTS += tests/header.sh tests/plugin.sh
E2E_TESTS += tests/e2e/plugin.sh
EXTRA_DIST += tests/cards/plugin/two.c tests/cards/plugin/two.apdu

UNIT_TESTS += tests/cards/plugin/test_mitm
tests_cards_plugin_test_mitm_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cards_plugin_test_mitm_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

# one plug-in, in three forms, that uses all services
check_LTLIBRARIES += tests/cards/plugin/services_rows.la tests/cards/plugin/services_flex.la tests/cards/plugin/services_ops.la
tests_cards_plugin_services_rows_la_SOURCES = tests/cards/plugin/services.c
tests_cards_plugin_services_rows_la_CPPFLAGS = -I$(top_srcdir)/include
tests_cards_plugin_services_rows_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -rpath /nowhere
tests_cards_plugin_services_flex_la_SOURCES = tests/cards/plugin/services.c
tests_cards_plugin_services_flex_la_CPPFLAGS = -I$(top_srcdir)/include -DLENT_BASE='"cryptoflex"' -DLENT_CLASS=0
tests_cards_plugin_services_flex_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -rpath /nowhere
tests_cards_plugin_services_ops_la_SOURCES = tests/cards/plugin/services.c
tests_cards_plugin_services_ops_la_CPPFLAGS = -I$(top_srcdir)/include -DLENT_OPS
tests_cards_plugin_services_ops_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -rpath /nowhere

UNIT_TESTS += tests/cards/plugin/test_plugin
tests_cards_plugin_test_plugin_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cards_plugin_test_plugin_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/daemon/test_guard
tests_daemon_test_guard_CPPFLAGS = $(TEST_CPPFLAGS)
tests_daemon_test_guard_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
