# SPDX-License-Identifier: LGPL-2.1-or-later
# One program per module, scripts for what only a whole program shows.

# what a test includes of ours beside the code: tests/support.h and its kin
TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(CHECK_CFLAGS)
UNIT_TESTS =
EXTRA_PROGRAMS =
SCRIPT_TESTS = tests/floors.sh
E2E_TESTS =

include tests/vpcd.mk
include tests/libvicc.mk
include tests/files.mk
include tests/vicc.mk
include tests/script.mk
include tests/plugin.mk
include tests/fuzz.mk
include tests/system.mk
include tests/control.mk
include tests/e2e.mk
include tests/bench.mk
include tests/soak.mk

if !SANITIZERS
SCRIPT_TESTS += tests/globals.sh tests/udev.sh
endif

check_PROGRAMS += $(UNIT_TESTS)
# those that take longest first
TESTS += $(E2E_TESTS) $(SCRIPT_TESTS) $(UNIT_TESTS)
EXTRA_DIST += tests/coverage.awk tests/coverage.txt tests/support.h tests/globals.sh $(SCRIPT_TESTS) $(E2E_TESTS)
TEST_EXTENSIONS = .sh
AM_TESTS_ENVIRONMENT = top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)'; \
	export top_srcdir top_builddir;
