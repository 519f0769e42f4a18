# SPDX-License-Identifier: LGPL-2.1-or-later
# The driver in a real pcscd, in a namespace of its own (tests/e2e/lib.sh).

check_PROGRAMS += tests/e2e/ausweisapp tests/e2e/badcard tests/e2e/pcscprobe
tests_e2e_ausweisapp_LDADD = $(BSD_LIBS)
tests_e2e_badcard_SOURCES = tests/e2e/badcard.c tests/e2e/echo.h
tests_e2e_badcard_LDADD = $(BSD_LIBS)
tests_e2e_pcscprobe_SOURCES = tests/e2e/pcscprobe.c tests/e2e/echo.h tests/program.h
tests_e2e_pcscprobe_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_e2e_pcscprobe_LDADD = $(PCSC_LIBS)

EXTRA_DIST += tests/e2e/lib.sh tests/e2e/gnupg.sh tests/e2e/nfcpcsc.c tests/e2e/opensc.sh \
	tests/e2e/misbehaviour.sh

E2E_TESTS += \
	tests/e2e/demo.sh tests/e2e/install.sh tests/e2e/readerconf.sh tests/e2e/manual.sh tests/e2e/readme.sh \
	tests/e2e/cryptoflex.sh tests/e2e/gpg.sh tests/e2e/import.sh tests/e2e/isoapplet.sh tests/e2e/myeid.sh \
	tests/e2e/ausweisapp.sh \
	tests/e2e/cac.sh \
	tests/e2e/epass.sh \
	tests/e2e/npa.sh \
	tests/e2e/openpgp.sh \
	tests/e2e/pad.sh \
	tests/e2e/piv.sh \
	tests/e2e/run.sh tests/e2e/several.sh tests/e2e/relay.sh tests/e2e/relay_isoapplet.sh tests/e2e/phone.sh tests/e2e/trace.sh \
	tests/e2e/basic.sh \
	tests/e2e/explorer.sh \
	tests/e2e/atr.sh \
	tests/e2e/surprises.sh \
	tests/e2e/reversed.sh \
	tests/e2e/doors.sh \
	tests/e2e/attributes.sh \
	tests/e2e/figures.sh \
	tests/e2e/commands.sh \
	tests/e2e/control.sh \
	tests/e2e/daemon.sh \
	tests/e2e/opensc_ci.sh \
	tests/e2e/token.sh \
	tests/e2e/vicc.sh \
	tests/e2e/virt_cacard.sh
