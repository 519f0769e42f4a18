#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The header for plug-ins: needs nothing else, in C and C++, and every offset that
# its comments tell is the compiler's.
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}"
header=$top_srcdir/include/vicc/card.h
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
read -ra cc < <(sed -n 's/^CC = //p' "$top_builddir/Makefile")
strict=(-Wall -Wextra -Wpedantic -Werror -fsyntax-only -I "$top_srcdir/include")

# One assertion for each member and each whole struct: "NAME MEMBER 64 32".
offsets() {
	awk '
	function numbers(text) { # "12 (6)" or "12" at the beginning of a comment
		if (!match(text, /[0-9]+( \([0-9]+\))?/))
			return 0
		split(substr(text, RSTART, RLENGTH), n, /[ ()]+/)
		wide = n[1]; narrow = n[2] == "" ? n[1] : n[2]
		return 1
	}
	/^struct VICC\([a-z_]+\) {/ { name = $0; sub(/^[^(]*\(/, "", name); sub(/\).*/, "", name); next }
	!name { next }
	/^};?/ || /^}/ { if (numbers(substr($0, 3))) print name, "-", wide, narrow; name = ""; next }
	/^\t(\/\*| \*) *[0-9]+( \([0-9]+\))?  / { numbers($0) }
	/^\t[a-zV].*;/ {
		code = comment = $0
		sub(/;.*/, "", code); sub(/^[^;]*;/, "", comment)
		if (comment ~ /\/\* +[0-9]/)
			numbers(comment)
		if (match(code, /\(\*[a-z0-9_]+\)/)) {
			print name, substr(code, RSTART + 2, RLENGTH - 3), wide, narrow
			next
		}
		if (comment ~ /[0-9]+, +[0-9]+ /) { # two members in a line
			sub(/^.*uint8_t /, "", code); split(code, m, ", ")
			print name, m[1], wide, narrow; print name, m[2], wide + 1, narrow + 1
			next
		}
		sub(/\[.*/, "", code); sub(/^.*[ *]/, "", code)
		print name, code, wide, narrow
	}' "$header"
}

offsets >"$dir/offsets"
[ "$(wc -l <"$dir/offsets")" -gt 60 ] || { cat "$dir/offsets"; echo "FAIL: where are the offsets?"; exit 1; }
{
	echo '#include <vicc/card.h>'
	echo '#define IS(e, w, n) _Static_assert((e) == (sizeof(void *) == 8 ? (w) : (n)), #e)'
	while read -r name member wide narrow; do
		if [ "$member" = - ]; then
			echo "IS(sizeof(struct vicc_$name), $wide, $narrow);"
		else
			echo "IS(offsetof(struct vicc_$name, $member), $wide, $narrow);"
		fi
	done <"$dir/offsets"
} >"$dir/offsets.c"
"${cc[@]}" -std=c11 "${strict[@]}" "$dir/offsets.c"

# another number is another layout
sed 's/services, put), 32/services, put), 40/' "$dir/offsets.c" >"$dir/wrong.c"
cmp -s "$dir/offsets.c" "$dir/wrong.c" && exit 1
if "${cc[@]}" -std=c11 "${strict[@]}" "$dir/wrong.c" 2>/dev/null; then
	echo "FAIL: a wrong offset was not seen"
	exit 1
fi

printf '#include <vicc/card.h>\nint x;\n' >"$dir/alone.c"
"${cc[@]}" -std=c99 "${strict[@]}" "$dir/alone.c"
# the 32-bit numbers, where the compiler can
if echo '#include <stdint.h>' | "${cc[@]}" -m32 -ffreestanding -fsyntax-only -x c - 2>/dev/null; then
	"${cc[@]}" -m32 -ffreestanding -std=c11 "${strict[@]}" "$dir/offsets.c"
	echo "and on a 32-bit machine"
fi
if command -v c++ >/dev/null; then
	cp "$dir/alone.c" "$dir/alone.cc"
	c++ -std=c++11 "${strict[@]}" "$dir/alone.cc"
	echo "and in C++"
fi
