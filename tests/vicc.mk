# SPDX-License-Identifier: LGPL-2.1-or-later

UNIT_TESTS += tests/image/test_store
tests_image_test_store_CPPFLAGS = $(TEST_CPPFLAGS)
tests_image_test_store_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fsync,--wrap=renameat,--wrap=write
tests_image_test_store_LDADD = libimage.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/base/test_alloc tests/base/test_output tests/base/test_process tests/base/test_slurp tests/base/test_text \
	tests/image/test_jsontext
tests_base_test_alloc_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_alloc_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=freezero
tests_base_test_alloc_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_base_test_text_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_text_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_base_test_output_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_output_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_base_test_process_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_process_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_base_test_slurp_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_slurp_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_image_test_jsontext_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_image_test_jsontext_LDADD = libimage.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)

# the process around a card
UNIT_TESTS += tests/cli/test_options tests/cli/test_virt_cacard tests/daemon/test_address tests/daemon/test_qr tests/daemon/test_signals tests/daemon/test_autostart \
	tests/daemon/test_link tests/daemon/test_host
tests_cli_test_options_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cli_test_options_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_cli_test_virt_cacard_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cli_test_virt_cacard_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_daemon_test_address_CPPFLAGS = $(TEST_CPPFLAGS)
tests_daemon_test_address_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_daemon_test_qr_CPPFLAGS = $(TEST_CPPFLAGS)
tests_daemon_test_qr_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_daemon_test_link_CPPFLAGS = $(TEST_CPPFLAGS)
tests_daemon_test_link_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_daemon_test_host_CPPFLAGS = $(TEST_CPPFLAGS)
tests_daemon_test_host_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_daemon_test_signals_CPPFLAGS = $(TEST_CPPFLAGS)
tests_daemon_test_signals_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_daemon_test_autostart_CPPFLAGS = $(TEST_CPPFLAGS) $(PCSC_CFLAGS)
tests_daemon_test_autostart_LDADD = libviccd.la $(CHECK_LIBS) $(PCSC_LIBS) $(BSD_LIBS) -lpthread

SCRIPT_TESTS += tests/cmdline.sh

UNIT_TESTS += tests/daemon/test_supervise
tests_daemon_test_supervise_CPPFLAGS = $(TEST_CPPFLAGS)
tests_daemon_test_supervise_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/daemon/test_notify
EXTRA_DIST += tests/sanitized.h
tests_daemon_test_notify_CPPFLAGS = $(TEST_CPPFLAGS)
tests_daemon_test_notify_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)

# a sanitizer cannot live behind the filter
if !SANITIZERS
UNIT_TESTS += tests/daemon/test_sandbox tests/daemon/test_delegate
endif
EXTRA_PROGRAMS += tests/daemon/test_sandbox tests/daemon/test_delegate
check_LTLIBRARIES += tests/daemon/real.la
tests_daemon_real_la_SOURCES = tests/daemon/real.c
tests_daemon_real_la_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_daemon_real_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath $(abs_builddir)
tests_daemon_test_delegate_CPPFLAGS = $(TEST_CPPFLAGS) $(PCSC_CFLAGS)
tests_daemon_test_delegate_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=dlopen
tests_daemon_test_delegate_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_daemon_test_sandbox_CPPFLAGS = $(TEST_CPPFLAGS)
tests_daemon_test_sandbox_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/crypto/test_memory
tests_crypto_test_memory_CPPFLAGS = $(TEST_CPPFLAGS)
tests_crypto_test_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=freezero
tests_crypto_test_memory_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/image/test_fields
tests_image_test_fields_CPPFLAGS = $(TEST_CPPFLAGS)
tests_image_test_fields_LDADD = libimage.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/image/test_image
EXTRA_DIST += tests/textfile.h
tests_image_test_image_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_image_test_image_LDADD = libimage.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
EXTRA_DIST += tests/state/v1/byhand.json tests/state/v1/everything.json tests/state/v1/iso7816.json \
	tests/state/v1/cryptoflex.json tests/state/v1/isoapplet.json \
	tests/state/v1/myeid.json \
	tests/state/v2/everything.json tests/state/v2/iso7816.json tests/state/v2/cryptoflex.json \
	tests/state/v2/cac.json tests/state/v2/ePass.json tests/state/v2/isoapplet.json tests/state/v2/myeid.json \
	tests/state/v2/npa.json tests/state/v2/openpgp.json tests/state/v2/piv.json tests/state/v2/token.json

# vicc itself, and what can happen to its file
check_LTLIBRARIES += tests/faults.la
tests_faults_la_SOURCES = tests/faults.c
tests_faults_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -rpath /nowhere
tests_faults_la_LIBADD = -ldl
UNIT_TESTS += tests/test_crash
tests_test_crash_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_crash_LDADD = libimage.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
SCRIPT_TESTS += tests/image_page.sh

# those who look on
UNIT_TESTS += tests/trace/test_trace tests/trace/test_recorder
tests_trace_test_trace_SOURCES = tests/trace/test_trace.c tests/known.h tests/support.h
tests_trace_test_trace_CPPFLAGS = $(TEST_CPPFLAGS)
tests_trace_test_trace_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_trace_test_recorder_SOURCES = tests/trace/test_recorder.c tests/known.h tests/support.h
tests_trace_test_recorder_CPPFLAGS = $(TEST_CPPFLAGS)
tests_trace_test_recorder_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS)

# a card that is made of somebody's keys
UNIT_TESTS += tests/pad/test_control tests/pad/test_file tests/pad/test_pad
tests_pad_test_control_SOURCES = tests/pad/test_control.c tests/pad/asked.h tests/peer.h tests/support.h
tests_pad_test_control_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_pad_test_control_LDADD = libpad.la $(CHECK_LIBS) $(JANSSON_LIBS) $(BSD_LIBS)
tests_pad_test_file_SOURCES = tests/pad/test_file.c tests/pad/asked.h tests/support.h
tests_pad_test_file_CPPFLAGS = $(TEST_CPPFLAGS)
tests_pad_test_file_LDADD = libpad.la $(CHECK_LIBS) $(BSD_LIBS)
tests_pad_test_pad_SOURCES = tests/pad/test_pad.c tests/tty.h tests/peer.h tests/support.h
tests_pad_test_pad_CPPFLAGS = $(TEST_CPPFLAGS)
tests_pad_test_pad_LDADD = libpad.la $(CHECK_LIBS) $(BSD_LIBS) -lutil

UNIT_TESTS += tests/cli/test_ask tests/cli/test_personalise
tests_cli_test_ask_SOURCES = tests/cli/test_ask.c tests/tty.h tests/valgrind.h tests/support.h
tests_cli_test_ask_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cli_test_ask_LDADD = libviccd.la $(CHECK_LIBS) $(BSD_LIBS) -lutil
tests_cli_test_personalise_SOURCES = tests/cli/test_personalise.c tests/tty.h tests/known.h tests/support.h
tests_cli_test_personalise_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cli_test_personalise_LDADD = libviccd.la libimage.la $(CHECK_LIBS) $(BSD_LIBS) -lutil

# vicc-run
UNIT_TESTS += tests/run/test_pcscd
tests_run_test_pcscd_SOURCES = tests/run/test_pcscd.c vicc/run/pcscd.c tests/support.h
tests_run_test_pcscd_CPPFLAGS = $(TEST_CPPFLAGS)
tests_run_test_pcscd_LDADD = $(CHECK_LIBS) $(BSD_LIBS)
