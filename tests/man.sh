#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The manual pages are in order, and vpcd(8) leaves out nothing that can be said in an entry.
set -eu
: "${top_srcdir:=$(cd "$(dirname "$0")/.." && pwd)}"
command -v mandoc >/dev/null || { echo "SKIP: mandoc is not installed"; exit 77; }

cd "$top_srcdir"
for page in vpcd/vpcd.8 vicc/man/*.[1-8]; do
	# another name of a page
	other=$(sed -n 's|^\.so man[1-8]/||p' "$page")
	[ -z "$other" ] || [ ! -e "vicc/man/$other" ] || continue
	mandoc -Tlint -Wwarning "$page"
	said=$(! command -v groff >/dev/null || groff -mandoc -ww -Tutf8 -z "$page" 2>&1)
	[ -z "$said" ] || { echo "FAIL: $said" && exit 1; }
	grep -qiE '^\.(Sh EXAMPLES|SH EXAMPLES|Bd -literal)' "$page" || { echo "FAIL: $page has no example" && exit 1; }
done

# each option of DEVICENAME, each mode
words=$(sed -nE 's/.*strcmp\(key, "([a-z]+)"\).*/\1=/p; s/.*strncmp\(s, "([a-z]+:)".*/\1/p' vpcd/name.c)
[ "$(wc -w <<<"$words")" -ge 8 ] || { echo "FAIL: found only $words in name.c" && exit 1; }
for word in $words; do
	grep -qE "^\.It Li /?${word%:}" vpcd/vpcd.8 || { echo "FAIL: vpcd.8 does not tell of $word" && exit 1; }
done
