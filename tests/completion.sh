#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What bash completes for vicc.
set -eu -o pipefail
: "${top_srcdir:=.}" "${top_builddir:=.}"
top_builddir=$(cd "$top_builddir" && pwd)
# shellcheck source=completion/vicc
. "$top_srcdir/completion/vicc"
PATH=$top_builddir/vicc:$PATH
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
touch card.json plug.so
mkdir plugins bin
# as pcsc_scan prints them
cat >bin/pcsc_scan <<'SCAN'
#!/bin/sh
[ "$*" = -r ] || exit 1
echo "Using reader plug'n play mechanism"
echo "Scanning present readers..."
echo "0: Virtual PCD 00 00"
echo "1: Gemalto (USB) [CCID Interface] 01 00 "
SCAN
chmod +x bin/pcsc_scan
PATH=$PWD/bin:$PATH

completes() { # words wanted, words typed
	local got want=$1

	shift
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	_vicc
	got=$(printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd' ')
	[ "$got" = "$want" ] || { echo "FAIL: $*: \"$got\", want \"$want\"" && exit 1; }
}

completes "handler_test" vicc -t hand
completes "handler_test" vicc --type = hand
completes "handler_test" vicc -q -t iso7816 -t h
completes "plug.so" vicc -t pl
completes "bin card.json plug.so plugins" vicc --file ""
completes "card.json" vicc -f car
completes "card.json" vicc --trace = car
completes "handler_test" vicc --type = hand
completes "bin card.json plug.so plugins" vicc --trace =
completes "--read-only --reader --record --reversed" vicc --re
completes "--volatile" vicc -t iso7816 --vol
completes "" vicc --port 3
completes "" vicc --mitm-deadline 3
completes "plugins" vicc --plugin-folder pl
completes 'Gemalto\ \(USB\)\ \[CCID\ Interface\]\ 01\ 00 Virtual\ PCD\ 00\ 00' vicc -t relay --reader ""
completes 'Virtual\ PCD\ 00\ 00' vicc -t relay --reader Vi
completes 'Virtual\ PCD\ 00\ 00' vicc -t relay --reader = 'Virtual\ PC'
completes 'Virtual PCD 00 00' vicc -t relay --reader '"Virtual P'
completes "" vicc -t relay --reader Nobody
completes "" vicc --nothing-like-it
# every option is offered
COMP_WORDS=(vicc --)
COMP_CWORD=1
_vicc
[ "$(printf '%s\n' "${COMPREPLY[@]}" | sort)" = "$(vicc --help | grep -oE '^ .{4,6}--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u)" ] ||
	{ echo "FAIL: not all options: ${COMPREPLY[*]}" && exit 1; }
