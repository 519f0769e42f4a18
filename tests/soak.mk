# SPDX-License-Identifier: LGPL-2.1-or-later
# ./dev soak: too long for make check, which only compiles it.

check_PROGRAMS += tests/soak/client
tests_soak_client_SOURCES = tests/soak/client.c tests/e2e/echo.h tests/program.h
tests_soak_client_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS) -I$(top_srcdir)/tests/e2e
tests_soak_client_LDADD = $(PCSC_LIBS)
EXTRA_DIST += tests/soak/run

soak-programs: tests/soak/client tests/e2e/badcard tests/e2e/pcscprobe vicc/vicc libifdvpcd.la
.PHONY: soak-programs
