# SPDX-License-Identifier: LGPL-2.1-or-later

UNIT_TESTS += tests/test_store
tests_test_store_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_store_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fsync,--wrap=renameat,--wrap=write
tests_test_store_LDADD = libimage.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_alloc tests/test_jsontext
tests_test_alloc_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_alloc_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=freezero
tests_test_alloc_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_jsontext_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_test_jsontext_LDADD = libimage.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)

# the process around a card
UNIT_TESTS += tests/test_options
tests_test_options_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_options_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
