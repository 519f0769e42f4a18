# SPDX-License-Identifier: LGPL-2.1-or-later

UNIT_TESTS += tests/test_store
tests_test_store_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_store_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fsync,--wrap=renameat,--wrap=write
tests_test_store_LDADD = libimage.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
