#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the objects may hold: no mutable data in libvicc, so that many cards share a
# process without a lock; nothing but pcscd's names out of the driver.
set -eu
cd "${top_builddir-.}"

# sanitizers and coverage keep data of their own in every object
if grep -Eq '^(VICC_SANITIZE|CFLAGS) = .*(-fsanitize|--coverage|-fprofile)' Makefile; then
	echo "an instrumented build: nothing to see"
	exit 77
fi

mutable=$(objdump -h .libs/libvicc.a | awk '
	/file format/ { object = $1 }
	$2 ~ /^\.t?(data|bss)/ && $2 !~ /^\.data\.rel\.ro/ && $3 !~ /^0+$/ { print object, $2, "0x" $3 }')
[ -z "$mutable" ] || {
	echo "mutable globals in libvicc:"
	echo "$mutable"
	exit 1
}

stray=$(nm -D --defined-only .libs/libifdvpcd.so | awk '$3 !~ /^IFDH/ { print $3 }')
[ -z "$stray" ] || {
	echo "the driver exports more than pcscd's names: $stray"
	exit 1
}
nm -D --defined-only .libs/libifdvpcd.so | grep -q ' T IFDHCreateChannelByName$'
objdump -h .libs/libvicc.a | grep -q '\.text'
