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
UNIT_TESTS += tests/test_options tests/test_address tests/test_qr tests/test_signals tests/test_wake \
	tests/test_link tests/test_host
tests_test_options_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_options_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_address_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_address_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_qr_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_qr_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_link_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_link_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_host_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_host_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_signals_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_signals_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_wake_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(PCSC_CFLAGS)
tests_test_wake_LDADD = libviccd.la $(CHECK_LIBS) $(PCSC_LIBS) $(BSD_LIBS) -lpthread

SCRIPT_TESTS += tests/cmdline.sh

UNIT_TESTS += tests/test_notify
tests_test_notify_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_notify_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)

# a sanitizer cannot live behind the filter
if !SANITIZERS
UNIT_TESTS += tests/test_sandbox
endif
EXTRA_PROGRAMS = tests/test_sandbox
tests_test_sandbox_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_sandbox_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_memory
tests_test_memory_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=freezero
tests_test_memory_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_image
tests_test_image_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_image_LDADD = libimage.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
EXTRA_DIST += tests/state/v1/byhand.json tests/state/v1/everything.json tests/state/v1/iso7816.json \
	tests/state/v1/cryptoflex.json tests/state/v1/isoapplet.json \
	tests/state/v1/myeid.json

# vicc itself, and what can happen to its file
check_LTLIBRARIES += tests/faults.la
tests_faults_la_SOURCES = tests/faults.c
tests_faults_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -rpath /nowhere
tests_faults_la_LIBADD = -ldl
UNIT_TESTS += tests/test_crash
tests_test_crash_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_crash_LDADD = libimage.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
SCRIPT_TESTS += tests/image_page.sh

# those who look on
UNIT_TESTS += tests/test_trace tests/test_recorder
tests_test_trace_SOURCES = tests/test_trace.c tests/known.h tests/support.h
tests_test_trace_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_trace_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_recorder_SOURCES = tests/test_recorder.c tests/known.h tests/support.h
tests_test_recorder_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_recorder_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)

# a card that is made of somebody's keys
UNIT_TESTS += tests/test_ask tests/test_personalise
tests_test_ask_SOURCES = tests/test_ask.c tests/pty.h tests/support.h
tests_test_ask_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_ask_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS) -lutil
tests_test_personalise_SOURCES = tests/test_personalise.c tests/pty.h tests/known.h tests/support.h
tests_test_personalise_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_personalise_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS) -lutil
