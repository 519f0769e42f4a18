#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The APDU scripts over vicc's socket, a new card for each.
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}"
vicc=("$top_builddir/vicc/vicc" --quiet)
grep -q '^VICC_SANITIZE = .' "$top_builddir/Makefile" && vicc+=(--no-sandbox)
exec "$top_builddir/tests/apdurun" socket "$top_srcdir"/tests/scripts/*.apdu -- "${vicc[@]}"
