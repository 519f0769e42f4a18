# SPDX-License-Identifier: LGPL-2.1-or-later

UNIT_TESTS += tests/script/test_formula tests/script/test_pattern tests/script/test_script

tests_script_test_formula_CPPFLAGS = $(TEST_CPPFLAGS)
tests_script_test_formula_LDADD = libscript.la $(CHECK_LIBS) $(BSD_LIBS)

tests_script_test_pattern_CPPFLAGS = $(TEST_CPPFLAGS)
tests_script_test_pattern_LDADD = libscript.la $(CHECK_LIBS) $(BSD_LIBS)
tests_script_test_script_CPPFLAGS = $(TEST_CPPFLAGS)
tests_script_test_script_LDADD = libscript.la $(CHECK_LIBS) $(BSD_LIBS)

# one text, run three ways: in process, over vicc's socket, through pcscd
check_PROGRAMS += tests/apdurun
tests_apdurun_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_apdurun_LDADD = libscript.la libwire.la $(PCSC_LIBS) $(BSD_LIBS)
SCRIPT_TESTS += tests/scripts.sh tests/scripts_socket.sh
E2E_TESTS += tests/e2e/scripts.sh
EXTRA_DIST += tests/scripts
# a folder: make would write a file of that name from tests/scripts.sh, when that is newer
tests/scripts: ;

# what they send, with calls that fail, and mixed with what nobody would send
UNIT_TESTS += tests/test_faults tests/test_soak
EXTRA_DIST += tests/session.h
tests_test_faults_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup \
	-Wl,--wrap=fsync,--wrap=write,--wrap=renameat,--wrap=rand_bytes
tests_test_faults_LDADD = libscript.la libimage.la $(BSD_LIBS)
tests_test_soak_LDADD = libscript.la libimage.la $(BSD_LIBS)

# what of a session is still there when it is over
if !SANITIZERS
UNIT_TESTS += tests/test_secrets
endif
tests_test_secrets_CFLAGS = $(AM_CFLAGS) -fno-builtin
tests_test_secrets_SOURCES = tests/test_secrets.c tests/freed.h tests/needles.h tests/sanitized.h tests/valgrind.h tests/secrets_idcard.c tests/secrets_idcard.h \
	tests/cards/npa/idcard.h $(EAC_TEST)
tests_test_secrets_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS) $(JANSSON_CFLAGS) -I$(top_srcdir)/tests/cards/eac
tests_test_secrets_LDADD = libviccd.la libscript.la libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
