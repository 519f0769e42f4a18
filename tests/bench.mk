# SPDX-License-Identifier: LGPL-2.1-or-later
# ./dev bench and what it measures with; make check only compiles it.

check_PROGRAMS += tests/bench/bench tests/bench/barecard tests/bench/barerelay
tests_bench_bench_SOURCES = tests/bench/bench.c tests/bench/bare.h tests/program.h
tests_bench_bench_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_bench_bench_LDADD = $(PCSC_LIBS) -lpthread
tests_bench_barecard_SOURCES = tests/bench/barecard.c tests/bench/bare.h
tests_bench_barerelay_SOURCES = tests/bench/barerelay.c tests/bench/bare.h
tests_bench_barerelay_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_bench_barerelay_LDADD = $(PCSC_LIBS)

check_PROGRAMS += tests/bench/passport
tests_bench_passport_SOURCES = tests/bench/passport.c tests/bench/document.h tests/program.h $(EPASS_TEST)
tests_bench_passport_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS) $(JANSSON_CFLAGS)
tests_bench_passport_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)

check_PROGRAMS += tests/bench/idcard
tests_bench_idcard_SOURCES = tests/bench/idcard.c tests/bench/document.h tests/program.h tests/cards/npa/idcard.h $(EAC_TEST)
tests_bench_idcard_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS) $(JANSSON_CFLAGS) -I$(top_srcdir)/tests/cards/eac
tests_bench_idcard_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)

# it counts malloc, which a sanitizer has for itself
if !SANITIZERS
check_PROGRAMS += tests/bench/driver
tests_bench_driver_SOURCES = tests/bench/driver.c tests/bench/bare.h tests/program.h
tests_bench_driver_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_bench_driver_LDADD = -lpthread
endif

# modules that are never installed: libtool wants a path to make them shared
check_LTLIBRARIES += tests/bench/libbareifd.la tests/bench/passall.la
tests_bench_passall_la_SOURCES = tests/bench/passall.c
tests_bench_passall_la_CPPFLAGS = -I$(top_srcdir)/include
tests_bench_passall_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath $(abs_builddir)
tests_bench_libbareifd_la_SOURCES = tests/bench/bareifd.c tests/bench/bare.h
tests_bench_libbareifd_la_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_bench_libbareifd_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath $(abs_builddir)

bench-programs: tests/bench/bench tests/bench/passport tests/bench/idcard tests/bench/barecard tests/bench/barerelay tests/bench/driver \
	tests/bench/libbareifd.la tests/bench/passall.la \
	tests/e2e/pcscprobe vicc/vicc vicc/vicc-run vicc/viccctl/viccctl libifdvpcd.la
.PHONY: bench-programs
EXTRA_DIST += tests/bench/fleet tests/bench/fleet.gp tests/bench/run tests/bench/middle.awk tests/bench/report.awk tests/bench/points.awk tests/bench/plot.gp tests/bench/page tests/bench/page.awk
