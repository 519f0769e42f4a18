#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vicc --daemon: back when pcscd has the card, or nothing is left.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
cd "$E2E_DIR"
export VICC_CONTROL_DIR=$E2E_DIR/control

has()
{
	[[ $(readers) == *"$1: $2"* ]] || fail "$1 is not $2: $(readers)"
}

gone()
{
	! kill -0 "$1" 2>/dev/null
}

no_cards()
{
	# a zombie of ours is none
	! pgrep -r D,R,S -x vicc >/dev/null
}

reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start

scene "it returns when pcscd has the card, and holds nothing of ours"
said=$(in_time "${VICC[@]}" --daemon --pid-file pid -t handler_test 2>&1)
has "$READER" card
pid=$(cat pid)
[ "$(tr '\0' ' ' <"/proc/$pid/cmdline" | grep -c handler_test)" = 1 ] || fail "$pid is another"
[[ $said == *"connected to localhost:$PORT"* ]] || fail "said: $said"
[ "$(readlink "/proc/$pid/fd/0")" = /dev/null ] || fail "standard input is $(readlink "/proc/$pid/fd/0")"
kill -USR1 "$pid"
probe "$READER" absent
kill -USR2 "$pid"
probe "$READER" present connect apdu:80300000=9000
kill "$pid"
until_true gone "$pid"

scene "several cards, one of them outside"
in_time "${VICC[@]}" -q --daemon --pid-file pid --control c -t handler_test -t handler_test --out
has "$READER" card
has "$READER1" empty
"${VICCCTL[@]}" -n c.1 insert
has "$READER1" card
pid=$(cat pid)
kill "$pid"
until_true gone "$pid"

scene "what is wrong is said, and nothing is left"
status=0
in_time "${VICC[@]}" --daemon --nonsense 2>said || status=$?
[ "$status" = 2 ] || fail "a wrong option: $status"
echo '{' >bad.json
rm -f pid
in_time "${VICC[@]}" --daemon --pid-file pid -f bad.json 2>said || status=$?
[ "$status" = 1 ] && grep -q "bad.json" said || fail "a bad image: $status, $(cat said)"
[ ! -e pid ] || fail "a pid file is left"
status=0
in_time "${VICC[@]}" --daemon --pid-file /nonexistent/pid 2>said || status=$?
[ "$status" = 1 ] && grep -q "cannot write --pid-file" said || fail "no pid file: $status, $(cat said)"
pcscd_stop
status=0
in_time "${VICC[@]}" --daemon --pid-file pid 2>said || status=$?
[ "$status" = 1 ] && grep -q "no reader has taken the card in 10 s" said || fail "no reader: $status, $(cat said)"
[ ! -e pid ] || fail "a pid file is left"
until_true no_cards || fail "a card is left: $(pgrep -a vicc)"
