# SPDX-License-Identifier: LGPL-2.1-or-later
# ./dev bench and what it measures with; make check only compiles it.

check_PROGRAMS += tests/bench/bench tests/bench/barecard
tests_bench_bench_SOURCES = tests/bench/bench.c tests/bench/bare.h
tests_bench_bench_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_bench_bench_LDADD = $(PCSC_LIBS) -lpthread
tests_bench_barecard_SOURCES = tests/bench/barecard.c tests/bench/bare.h

# it counts malloc, which a sanitizer has for itself
if !SANITIZERS
check_PROGRAMS += tests/bench/driver
tests_bench_driver_SOURCES = tests/bench/driver.c tests/bench/bare.h
tests_bench_driver_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_bench_driver_LDADD = -lpthread
endif

# a module that is never installed: libtool wants a path to make it shared
check_LTLIBRARIES += tests/bench/libbareifd.la
tests_bench_libbareifd_la_SOURCES = tests/bench/bareifd.c tests/bench/bare.h
tests_bench_libbareifd_la_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_bench_libbareifd_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath $(abs_builddir)

bench-programs: tests/bench/bench tests/bench/barecard tests/bench/driver tests/bench/libbareifd.la \
	tests/e2e/pcscprobe vicc/vicc libifdvpcd.la
.PHONY: bench-programs
EXTRA_DIST += tests/bench/run tests/bench/report.awk tests/bench/points.awk tests/bench/plot.gp
