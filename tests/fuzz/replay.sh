#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every fuzzer over what is kept of its corpus, and over what is nothing at all.
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}"
empty=$(mktemp)
trap 'rm "$empty"' EXIT
status=0

for corpus in "$top_srcdir"/tests/fuzz/corpus/*; do
	case $corpus in */image) more=("$top_srcdir/tests/state") ;; *) more=() ;; esac
	"$top_builddir/tests/fuzz/fuzz_${corpus##*/}" "$empty" "$corpus" "${more[@]}" || status=1
done
exit "$status"
