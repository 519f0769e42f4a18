# SPDX-License-Identifier: LGPL-2.1-or-later

# Built like this they only replay; tests/fuzz/run gives them another main by
# FUZZ_MAIN= FUZZ_ENGINE=-fsanitize=fuzzer, which clang and afl-clang-fast know.
FUZZ_MAIN = libreplay.la
FUZZ_ENGINE =
check_LTLIBRARIES += libreplay.la
libreplay_la_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz.h

FUZZERS = tests/fuzz/fuzz_apdu tests/fuzz/fuzz_card tests/fuzz/fuzz_control tests/fuzz/fuzz_document tests/fuzz/fuzz_eac \
	tests/fuzz/fuzz_image tests/fuzz/fuzz_name tests/fuzz/fuzz_pad tests/fuzz/fuzz_padctl \
	tests/fuzz/fuzz_script tests/fuzz/fuzz_softhsm tests/fuzz/fuzz_tlv tests/fuzz/fuzz_wire
check_PROGRAMS += $(FUZZERS)
SCRIPT_TESTS += tests/fuzz/replay.sh
EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus tests/newcard.h

tests_fuzz_fuzz_apdu_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
tests_fuzz_fuzz_apdu_LDADD = $(FUZZ_MAIN) libvicc.la $(BSD_LIBS)
tests_fuzz_fuzz_card_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_fuzz_fuzz_card_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
tests_fuzz_fuzz_card_LDADD = $(FUZZ_MAIN) libimage.la $(BSD_LIBS)
tests_fuzz_fuzz_eac_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
tests_fuzz_fuzz_eac_LDADD = $(FUZZ_MAIN) libvicc.la $(BSD_LIBS)
tests_fuzz_fuzz_document_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
tests_fuzz_fuzz_document_LDADD = $(FUZZ_MAIN) libvicc.la $(BSD_LIBS)
tests_fuzz_fuzz_control_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) -I$(top_srcdir)/tests
tests_fuzz_fuzz_control_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
tests_fuzz_fuzz_control_LDADD = $(FUZZ_MAIN) libcontrol.la libviccd.la libimage.la $(BSD_LIBS)
tests_fuzz_fuzz_image_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
tests_fuzz_fuzz_image_LDADD = $(FUZZ_MAIN) libimage.la $(BSD_LIBS)
tests_fuzz_fuzz_name_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_fuzz_fuzz_name_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
tests_fuzz_fuzz_name_LDADD = $(FUZZ_MAIN) libvpcd.la $(BSD_LIBS)
tests_fuzz_fuzz_pad_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_fuzz_fuzz_pad_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
tests_fuzz_fuzz_pad_LDADD = $(FUZZ_MAIN) libvpcd.la $(BSD_LIBS) -lpthread
tests_fuzz_fuzz_padctl_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_padctl_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
tests_fuzz_fuzz_padctl_LDADD = $(FUZZ_MAIN) libpad.la $(JANSSON_LIBS) $(BSD_LIBS)
tests_fuzz_fuzz_script_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
tests_fuzz_fuzz_script_LDADD = $(FUZZ_MAIN) libscript.la $(BSD_LIBS)
tests_fuzz_fuzz_softhsm_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
tests_fuzz_fuzz_softhsm_LDADD = $(FUZZ_MAIN) libvicc.la $(BSD_LIBS)
tests_fuzz_fuzz_tlv_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
tests_fuzz_fuzz_tlv_LDADD = $(FUZZ_MAIN) libvicc.la $(BSD_LIBS)
tests_fuzz_fuzz_wire_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_fuzz_fuzz_wire_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_ENGINE)
tests_fuzz_fuzz_wire_LDADD = $(FUZZ_MAIN) libvpcd.la $(BSD_LIBS) -lpthread

fuzzers: $(FUZZERS)
.PHONY: fuzzers
