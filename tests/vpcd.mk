# SPDX-License-Identifier: LGPL-2.1-or-later

UNIT_TESTS += tests/test_wire tests/test_name

tests_test_wire_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_wire_LDADD = libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_name_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(PCSC_CFLAGS)
tests_test_name_LDADD = libvpcd.la $(CHECK_LIBS) $(BSD_LIBS)
