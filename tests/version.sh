#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The version is configure.ac's. What is made from it has it; what is written by hand,
# NEWS and the packages' changelogs, agrees: the newest entry of each is of this version.
set -eu -o pipefail
: "${top_srcdir:=.}" "${top_builddir:=.}"
unset MAKEFLAGS MFLAGS MAKELEVEL
wrong=0

says() { # what, the version that it has
	[ "$2" = "$version" ] || { echo "FAIL: $1 says \"$2\", configure.ac $version" && wrong=1; }
}

version=$(sed -n 's/^PACKAGE_VERSION = //p' "$top_builddir/Makefile")
parts=$(sed -nE 's/^m4_define\(\[VICC_(MAJOR|MINOR|BUILD)\], \[([0-9]+)\]\)$/\2/p' "$top_srcdir/configure.ac" | paste -sd.)
says "the configured tree" "$parts"
says "vicc --version" "$("$top_builddir/vicc/vicc" --version | sed -n '1s/^vicc //p')"
make -s -C "$top_builddir" include/vicc.pc
says vicc.pc "$(sed -n 's/^Version: *//p' "$top_builddir/include/vicc.pc")"
says NEWS "$(sed -nE '1s/^vicc ([0-9.]+)(,.*)?$/\1/p' "$top_srcdir/NEWS")"
make -s -C "$top_builddir" rpm/vicc.spec
spec=$top_builddir/rpm/vicc.spec
[ -e "$spec" ] || spec=$top_srcdir/rpm/vicc.spec # the tarball's
says vicc.spec "$(sed -n 's/^Version: *//p' "$spec")"
says "the changelog of vicc.spec" "$(sed -nE '/^%changelog/,$s/^\* .* - ([0-9.]+)-[^ ]*$/\1/p' "$spec" | head -n 1)"
# not in the tarball
[ ! -e "$top_srcdir/debian" ] ||
	says debian/changelog "$(sed -nE '1s/^vicc \(([0-9.]+)-[^)]*\) .*/\1/p' "$top_srcdir/debian/changelog")"
exit $wrong
