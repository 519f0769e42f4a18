#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What viccctl makes of its words: numbers that are none, and what it exits with. The card
# is out, and there is no reader.
set -eu -o pipefail
: "${top_srcdir:=.}" "${top_builddir:=.}"
viccctl=$top_builddir/vicc/viccctl/viccctl
vicc=("$top_builddir/vicc/vicc")
! grep -q '^VICC_SANITIZE = .' "$top_builddir/Makefile" || vicc+=(--no-sandbox)
# nobody's pcscd is asked
export PCSCLITE_CSOCK_NAME=/nonexistent/pcscd.comm
dir=$(mktemp -d)
export VICC_CONTROL_DIR=$dir/control
card=

cleanup() {
	[ -z "$card" ] || kill -KILL "$card" 2>/dev/null || :
	rm -rf "$dir"
}
trap cleanup EXIT

fail() {
	echo "FAIL: $*: $(cat "$dir/err")"
	exit 1
}

ends() { # exit code, words
	local want=$1 got=0

	shift
	timeout 60 "$viccctl" "$@" >"$dir/out" 2>"$dir/err" </dev/null || got=$?
	[ "$got" = "$want" ] || fail "viccctl $*: exit $got, not $want"
}

says() { # text
	grep -qF -- "$1" "$dir/err" || fail "no \"$1\""
}

"${vicc[@]}" -q -t iso7816 --unix "$dir/none" --control work --out &
card=$!
ends 0 -v --timeout 60 wait out

for number in "" " 5" "+5" "5 " "5x" "0x5" "--5" "-" 99999999999999999999 1.5; do
	for option in --after --every --times --seed --back; do
		ends 2 flip "$option" "$number"
		says "$option \"$number\" is not what it should be"
	done
	ends 2 clear "$number"
	ends 2 cut "$number"
	ends 2 tear commit "$number"
	ends 2 wait idle "$number"
done
for rate in "" / /20 1/ " 1/20" "+1/20" "1/ 20" 1/+20 1//20 1/20/ 1/0 1/-2 -1/20 1x/20 20; do
	ends 2 flip --rate "$rate"
	says "--rate \"$rate\" is not what it should be"
done
for time in "" " 1" +1 -1 nan inf 0x1p3 1e3 86401 1s 1.2.3; do
	ends 2 --timeout "$time" status
	says "--timeout \"$time\" is not a time"
done
# none of them was taken
ends 0 faults
[ ! -s "$dir/out" ] || fail "rules: $(cat "$dir/out")"

# words that are none, too few or too many
for words in "mute" "mute perhaps" "snapshot a b" "load" "load a b" "trace" "trace perhaps" "trace off x" "raw" "raw a b" \
	"status x" "remove x" "hold" "wait" "wait in now" "wait power now" "wait event" "lock a b"; do
	# shellcheck disable=SC2086
	ends 2 $words
done
ends 2 raw "[]"
says "raw needs one JSON object"
ends 2 -x status
says "there is no option -x"
ends 2 --nonsense=1 status
says "there is no option --nonsense"
for name in a/b "$(printf 'x%.0s' {1..40})"; do
	ends 2 -n "$name" status
	says "is not a name; --socket takes a path"
	ends 2 "-n$name" status
done
ends 0 --version
grep -q "^viccctl [0-9]" "$dir/out" || fail "no version"
# all of it is no matter to a card that is there, by its name or its socket
ends 0 -nwork -v status
ends 0 --socket "$VICC_CONTROL_DIR/work.sock" status
ends 3 --socket "/$(printf 'x%.0s' {1..200})" status
ends 3 --socket "$dir/nobody" status
says "viccctl: no such card: nobody is at $dir/nobody"

# what it says with --json, and what it is told with raw
ends 0 --json clear
[ "$(cat "$dir/out")" = "{}" ] || fail "clear: $(cat "$dir/out")"
ends 0 --json faults
ends 0 --json counters
ends 0 raw '{"do":"status","id":7}'
grep -q '"id":7' "$dir/out" || fail "raw: $(cat "$dir/out")"
ends 1 raw '{"do":"dance"}'
grep -q '"bad-verb"' "$dir/out" || fail "raw: $(cat "$dir/out")"

# files and folders that are not there
ends 1 snapshot /nonexistent/x
ends 1 load /nonexistent/x
ends 1 trace on /nonexistent/x
ends 1 readers --config /nonexistent/x
printf 'DEVICENAME %s\n' /dev/ttyS0 listen:127.0.0.1:4000/slots=1 listen:192.0.2.7:4001/slots=1 unix:/run/x/slots=1 \
	connect:127.0.0.1:4002 >"$dir/conf"
ends 0 readers --config "$dir/conf"
[ "$(grep -c "only programs of this machine reach it" "$dir/out")" = 2 ] || fail "readers: $(cat "$dir/out")"
grep -q "vpcd://192.0.2.7:4001" "$dir/out" || fail "readers: $(cat "$dir/out")"
ends 1 readers
says "--config FILE reads the entries of a configuration"
ends 1 reset
ends 4 --timeout 0.2 wait idle 86400000
says "the card is not idle for 86400000 ms in time"

# events that others cause
"$viccctl" --timeout 60 wait event inserted &
waits=$!
until "$viccctl" --json status | grep -q '"clients":2'; do sleep 0.02; done
ends 0 --no-wait insert
wait "$waits"
ends 0 --no-wait remove

# and what they are if they are right
ends 0 flip 3 0 --rate 1/20 --seed -9223372036854775808 --after 2
ends 0 lie -3 --on B0
ends 0 --timeout .5 faults
[ "$(grep -o '"kind":"[a-z]*"' "$dir/out" | paste -sd,)" = '"kind":"flip","kind":"lie"' ] || fail "rules: $(cat "$dir/out")"
ends 0 clear 1
ends 1 clear 1
ends 0 clear
# with the word fault and without, and as an object of one's own
rule() { # what it is told as, words
	local want=$1

	ends 0 "${@:2}"
	ends 0 faults
	grep -qF -- "$want" "$dir/out" || fail "${*:2}: $(cat "$dir/out")"
	ends 0 clear
}
rule '"kind":"cut","matched":0,"fired":0,"on":["20"],"after":2' fault cut 5 --on 20 --after 2
rule '"kind":"delay"' fault delay 300 --every 10
rule '"kind":"delay"' delay 300 --every 10
rule '"kind":"cut","matched":0,"fired":0,"on":["20"],"after":2' raw '{"do":"fault","kind":"cut","n":5,"on":"20","after":2,"times":1}'
ends 0 tear answer 3 --on 2A --back -1
ends 0 tear commit 0
ends 0 raw '{"do":"status","id":7}'
grep -q '"state":"out"' "$dir/out" || fail "raw status: $(cat "$dir/out")"
ends 1 raw '{"do":"dance"}'
for object in "" "[]" "insert" '{"do":"status"' '{"do":"status","do":"insert"}'; do
	ends 2 raw "$object"
	says "raw needs one JSON object"
done
# the conversation in vicc-control(7), to the byte
mapfile -t lines < <(awk '/^\.Sh / { here = /REQUESTS AND ANSWERS/ } /^\.Ed/ { text = 0 } here && text
	/^\.Bd -literal/ { text = 1 }' "$top_srcdir/vicc/man/vicc-control.7")
[ ${#lines[@]} = 4 ] || fail "another example: ${lines[*]}"
ends 0 lock burnt
for i in 0 2; do
	"$viccctl" raw "${lines[i]}" >"$dir/out" 2>"$dir/err" || :
	[ "$(cat "$dir/out")" = "${lines[i + 1]}" ] || fail "${lines[i]}: $(cat "$dir/out")"
done
ends 0 unlock
# digits are no arguments
for words in "" "enter" "enter 1234" "right wrong" "enter - -"; do
	# shellcheck disable=SC2086
	ends 2 pad $words
	says "usage: viccctl pad"
done
ends 2 pad enter -
says "a line of digits on standard input"
ends 1 pad next right
says "(bad-verb)"
ends 0 quit
wait "$card"
card=

# a card that is none: one line, and it is gone or silent
if command -v socat >/dev/null; then
	pretends() { # what it says, and does; seconds; exit status, text
		echo "$1" >"$dir/line"
		socat -t 60 UNIX-LISTEN:"$dir/pretence" SYSTEM:"cat $dir/line; $2" 2>/dev/null &
		card=$!
		# that it is bound is not enough: it listens (__SO_ACCEPTCON)
		until grep -q " 00010000 .* $dir/pretence\$" /proc/net/unix; do sleep 0.02; done
		ends "$4" --timeout "$3" --socket "$dir/pretence" status
		says "$5"
		kill "$card" 2>/dev/null || :
		wait "$card" || :
		card=
		rm -f "$dir/pretence"
	}
	pretends 'nonsense' "sleep 60" 60 3 "viccctl: $dir/pretence: Protocol error"
	pretends $'{"vicc":{}}\nnonsense' "sleep 60" 60 1 "what the card says is no line of JSON"
	pretends '{"error":{"name":"busy"}}' "sleep 60" 60 1 "the card has too many clients already"
	pretends '{"vicc":{}}' "read -r ask" 60 3 "the card has gone away"
	pretends '{"vicc":{}}' "sleep 60" 8 4 "no answer in time: the card works on a command"
fi
