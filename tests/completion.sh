#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What bash completes for vicc.
set -eu -o pipefail
: "${top_srcdir:=.}" "${top_builddir:=.}"
top_builddir=$(cd "$top_builddir" && pwd)
# shellcheck source=completion/vicc
. "$top_srcdir/completion/vicc"
# shellcheck source=completion/vicc-run
. "$top_srcdir/completion/vicc-run"
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
	"_${1//-/_}"
	got=$(printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd' ')
	[ "$got" = "$want" ] || { echo "FAIL: $*: \"$got\", want \"$want\"" && exit 1; }
}

completes "handler_test" vicc -t hand
completes "card.json" vicc -t ePass --photo car
completes "plugins" vicc -t ePass --pki plug
completes "" vicc -t ePass --can ""
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
completes "yes" vicc -t openpgp --touch y
completes "handler_test" vicc-run -t hand
completes "card.json" vicc-run --slots 3 -t iso7816 -f car
completes "--verbose --version" vicc-run --ver
completes "plugins" vicc-run --logs pl
completes "" vicc-run --slots 1
completes "" vicc-run --timeout 1
completes "pcsc_scan" vicc-run -t piv -- pcsc_s
completes "--slot --slots" vicc-run --slo
# viccctl: names, verbs, words of a verb
# shellcheck source=completion/viccctl
. "$top_srcdir/completion/viccctl"
PATH=$top_builddir/vicc/viccctl:$PATH
completes_ctl() # words wanted, words typed
{
	# shellcheck disable=SC2317
	_vicc() { _viccctl; }
	completes "$@"
	# shellcheck source=completion/vicc
	. "$top_srcdir/completion/vicc"
}
mkdir control
export VICC_CONTROL_DIR=$PWD/control
touch control/work.sock control/spare.1.sock control/other
completes_ctl "spare.1 work" viccctl -n ""
completes_ctl "spare.1" viccctl --name = sp
completes_ctl "insert" viccctl ins
completes_ctl "insert" viccctl -n work ins
completes_ctl "apdus event idle in out power" viccctl wait ""
completes_ctl "idle in" viccctl -n work wait i
completes_ctl "short slow= sw=" viccctl -n pin pad s
completes_ctl "--no-pcsc --no-wait" viccctl --no-
completes_ctl "card.json" viccctl --socket car
completes_ctl "" viccctl --timeout 1
# vicc-pad
# shellcheck source=completion/vicc-pad
. "$top_srcdir/completion/vicc-pad"
# shellcheck disable=SC2317
_vicc() { _vicc_pad; }
completes "card.json" vicc-pad --pin-file car
completes "short slow= sw=" vicc-pad --pin-file x --script s
completes "" vicc-pad --slot 1
completes "" vicc-pad --control p
completes "--pad-socket --pin-file --port --program" vicc-pad --p
. "$top_srcdir/completion/vicc"
# every option is offered
COMP_WORDS=(vicc --)
COMP_CWORD=1
_vicc
[ "$(printf '%s\n' "${COMPREPLY[@]}" | sort)" = "$(vicc --help | grep -oE '^ .{4,6}--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u)" ] ||
	{ echo "FAIL: not all options: ${COMPREPLY[*]}" && exit 1; }
