#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Faults, tears, snapshots and swaps through a real pcscd; the examples of viccctl(1) and
# vicc-control(7), as they stand there.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
tools opensc-tool jq socat python3

export VICC_CONTROL_DIR=$E2E_DIR/control
mkdir bin
wrapper bin/viccctl "${VICCCTL[@]}"
PATH=$E2E_DIR/bin:$PATH

member() # of card's status
{
	viccctl --json -n "$1" status | jq -c ".$2"
}

# A command of a client: its answer, or the PC/SC error. READER is in the slot.
asks() # apdu[=answer][~errors]
{
	probe "$READER" present connect "apdu:$1"
}

is_back() # connects before
{
	[ "$(member work connects)" -gt "$1" ]
}

# A command that ends the connection, or the command after it: the card is there again.
drops() # apdu~errors...
{
	local before
	before=$(member work connects)
	probe "$READER" present connect "${@/#/apdu:}"
	until_true is_back "$before" || fail "$1, and the card was not dropped"
	viccctl wait in
}

# Blocks of a page's examples, as they stand there, one after the other in one shell.
run_example() # page, number of the block, text that it begins with
{
	example "$1" EXAMPLES "$2" >block
	grep -qF -- "$3" block || fail "$1: block $2 is another: $(cat block)"
	# shellcheck disable=SC1091
	. ./block >said 2>&1 || fail "$1, block $2: $(cat block said)"
}

# the daemon of the tree, in the shell of an example
vicc() { exec "${VICC[@]}" "$@"; }

reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start

scene "viccctl(1): no sleep anywhere"
run_example viccctl.1 1 "viccctl -n work wait in"
grep -q "^3b:87" said || fail "no ATR: $(cat said)"
until_true test ! -e "$VICC_CONTROL_DIR/work.sock"

scene "viccctl(1): a unit that has started when pcscd has the card"
post=$(sed -n 's,^\.Dl ExecStartPost=/usr/bin/,,p' "$top_srcdir/vicc/man/viccctl.1")
[[ $post == "viccctl -n work "* ]] || fail "viccctl(1) has another example: $post"
job_start work "${VICC[@]}" -t iso7816 --control work
in_time bash -c "$post"
[[ $(readers) == *"$READER: card"* ]] || fail "$(readers)"
job_stop work

scene "viccctl(1): two cards for one slot"
run_example viccctl.1 2 "viccctl swap b"
[ "$(member a state)" = '"out"' ] && [ "$(member b state)" = '"in"' ] || fail "b is not in"
viccctl swap a
viccctl swap b
times=$(member b insertions)
viccctl --socket "$VICC_CONTROL_DIR/b.sock" swap
[ "$(member b insertions)" = "$times" ] || fail "b made way for itself"

scene "viccctl(1): a wrong PIN is counted, and the answer is lost"
viccctl -n b remove
viccctl -n b apdu 00A4000C023F00 >/dev/null
viccctl -n b insert
run_example viccctl.1 3 "tear commit 1"
viccctl -n b wait in

scene "viccctl(1): each test begins with the same card"
run_example viccctl.1 4 "snapshot clean"

scene "viccctl(1): seeds"
run_example viccctl.1 5 "--seed"

scene "viccctl(1): the image as text"
run_example viccctl.1 6 "load -"
[ "$(member b loaded)" = null ] && [ "$(member b state)" = '"in"' ] || fail "its own again?"

scene "vicc-control(7): from any language"
viccctl -n a quit
viccctl -n b quit
until_true test ! -e "$VICC_CONTROL_DIR/a.sock" -a ! -e "$VICC_CONTROL_DIR/b.sock"
job_start work "${VICC[@]}" -t iso7816 --control work
viccctl wait in
# not for nine seconds, but until the event is there, and the card ends
example vicc-control.7 EXAMPLES | sed "s/-t 9/-t $E2E_PATIENCE/" >block
: >events
# shellcheck disable=SC1091
(. ./block) >events &
until_true grep -q '"ok":{}' events || fail "no subscription: $(cat events)"
viccctl remove
until_true grep -q '"event":"removed"' events || fail "no event: $(cat events)"
viccctl quit
wait $!
job_wait work
job_start work "${VICC[@]}" -t iso7816 --control work
viccctl wait in

scene "what a client sees of each fault"
answer=0084000008
asks $answer=????????????????9000
viccctl sw 6A82 --on 84
asks $answer=6A82
viccctl sw 6A82 --on 84 --late
asks $answer=6A82
viccctl flip 0 0 --on 84
asks $answer=????????????????9000
viccctl short 2 --on 84
asks $answer=????????????9000
viccctl long 3 --on 84
asks $answer=??????????????????????9000
viccctl data 0102 --on 84
asks $answer=01029000
viccctl delay 300 --on 84
asks $answer=????????????????9000
viccctl split 3 1 --on 84
asks $answer=????????????????9000
viccctl delay 100 --on atr
viccctl remove
viccctl insert
asks $answer=????????????????9000
gone='E_NO_SMARTCARD,W_REMOVED_CARD,E_NOT_TRANSACTED,F_COMM_ERROR'
for fault in empty one "cut 5" close abort; do
	# shellcheck disable=SC2086
	viccctl $fault --on 84
	drops "$answer~$gone"
done
viccctl big 250 --on 84
asks "$answer"
viccctl twice --on 84
drops "$answer~$gone,SUCCESS" "$answer~$gone"
[ "$(member work faults)" = 16 ] || fail "$(member work faults) faults"
[ "$(viccctl faults | wc -l)" = 16 ] || fail "not all rules"
viccctl clear

scene "torn at each place"
for at in command "commit 0" "answer 0" "answer 1" "answer 5"; do
	# shellcheck disable=SC2086
	viccctl tear $at --on 84 --back 1
	drops "$answer~$gone"
done
viccctl tear command --back -1
asks "$answer~$gone"
viccctl wait out
[ "$(member work state)" = '"out"' ] || fail "it is back"
viccctl insert
[ "$(member work torn)" = 6 ] || fail "torn $(member work torn) times"

scene "reset, power and glitch"
probe "$READER" present connect "apdu:$answer" "run:viccctl reset" "apdu:$answer~W_RESET_CARD"
probe "$READER" present connect "apdu:$answer" "run:viccctl reset --cold" "apdu:$answer~W_RESET_CARD"
[ "$(member work resets)" -ge 1 ] || fail "no reset"
viccctl glitch
asks $answer=????????????????9000

scene "a mute card is in, and clients see that it is mute"
viccctl mute on
viccctl remove
viccctl insert
probe "$READER" mute connect~W_UNRESPONSIVE_CARD,W_UNPOWERED_CARD
viccctl mute off
viccctl remove
viccctl insert
asks $answer=????????????????9000

scene "counters, trace, and both kinds of files"
[ "$(viccctl counters | jq .connects)" -gt 5 ] || fail "no counters"
[ "$(member work apdus)" = 0 ] || fail "they count on"
viccctl trace on t.pcapng
asks $answer=????????????????9000
viccctl trace off
tshark -r t.pcapng >said 2>/dev/null
[ "$(grep -c "" said)" -ge 2 ] || fail "no trace: $(cat said)"
viccctl snapshot s.json
[ "$(stat -c %a s.json)" = 600 ] || fail "others can read it"
"${VICC[@]}" --check-image s.json >said || fail "$(cat said)"
viccctl snapshot - >again.json
cmp s.json again.json
! viccctl load s.json 2>said || fail "loaded, while in"
grep -q "(in)" said || fail "$(cat said)"
! viccctl snapshot /nonexistent/x 2>said || fail "written where nothing is"

scene "what the card's own --trace and --record show of that"
job_start both "${VICC[@]}" -t iso7816 --slot 1 --control both --trace own.pcapng --record own.apdu
viccctl -n both wait in
viccctl -n both trace off
probe "$READER1" present connect apdu:00A4000C023F00=9000 disconnect
viccctl -n both trace on
viccctl -n both sw 6A82 --on 84
viccctl -n both close --on atr
viccctl -n both remove
viccctl -n both insert
probe "$READER1" present connect "apdu:$answer=6A82" disconnect
job_stop both
[ "$JOB_STATUS" = 0 ] || fail "it ended with $JOB_STATUS"
grep -qx "# < 2 bytes: fault sw" own.apdu || fail "recorded: $(cat own.apdu)"
tshark -r own.pcapng -V >said 2>/dev/null
grep -qi "get challenge" said || fail "it is not in the trace"
! grep -qi "select file" said || fail "it is in the trace, which was off"

scene "hold: no card outlives its test"
job_stop work
job_start work "${VICC[@]}" -t iso7816 --control work
viccctl wait in
status=0
viccctl hold -- sh -c 'exit 7' || status=$?
[ "$status" = 7 ] || fail "hold ended with $status"
job_wait work
[ "$JOB_STATUS" = 0 ] || fail "the card ended with $JOB_STATUS"

scene "readers"
job_start work "${VICC[@]}" -t iso7816 --control work
viccctl wait in
viccctl readers >said
grep -q "^$READER *listen:localhost:35963 *3B87" said && grep -q "^$READER1 .*empty" said || fail "$(cat said)"
grep -q "listen:@:35963" said || fail "no advice: $(cat said)"
if ip addr add 192.0.2.7/32 dev lo; then
	printf 'FRIENDLYNAME "x"\nDEVICENAME listen:@:4000/slots=1\nLIBPATH x\n' >x.conf
	viccctl readers --config x.conf >said
	grep -q "vpcd://192.0.2.7:4000" said || fail "$(cat said)"
	viccctl readers --config x.conf --qr >said
	! grep -q "^#define HAVE_QRENCODE" "$top_builddir/config.h" || grep -q 107m said || fail "no QR code"
fi
refuses viccctl readers --config /nonexistent

scene "examples/control: a shell script"
job_stop work
job_start card "${VICC[@]}" -t myeid --control card
viccctl wait in
"$top_srcdir/examples/control/steps.sh" >said 2>&1 || fail "steps.sh: $(cat said)"
grep -q '^"torn":1$' said && grep -qE "^card +myeid .* in" said || fail "steps.sh: $(cat said)"
job_stop card

scene "examples/control: garbled answers, and a client that hangs"
job_start card "${VICC[@]}" -t iso7816 --control card
viccctl wait in
GARBLE_SECONDS=$E2E_PATIENCE "$top_srcdir/examples/control/garble.sh" 2 opensc-tool --name >said || fail "$(cat said)"
grep -q "^2 seeds, .* 0 crashed or hung" said || fail "$(cat said)"
touch first
! GARBLE_SECONDS=5 "$top_srcdir/examples/control/garble.sh" 1 sh -c "rm first 2>/dev/null || exec sleep 1000" >said || fail "a client that hangs is not found"
grep -q "^seed 1: hangs" said && [ -s garbled/seed-1.pcapng ] || fail "$(cat said)"
touch first
! "$top_srcdir/examples/control/garble.sh" 1 sh -c 'rm first 2>/dev/null || kill -SEGV $$' >said || fail "a crash is not found"
grep -q "^seed 1: ended by signal 11" said || fail "$(cat said)"

scene "examples/control: Python, which the clients of needs_check bring"
python3 "$top_srcdir/examples/control/client.py" >said 2>&1 || fail "client.py: $(cat said)"
grep -q "^GET CHALLENGE: .*9000$" said && grep -q "^refused: there is no snapshot nothing" said || fail "client.py: $(cat said)"
job_stop card
job_start work "${VICC[@]}" -t iso7816 --control work
viccctl wait in

# 1000 were made so, and no state was lost: E2E_SWAPS=1000
scene "a swap is seen, however fast, while a client polls; and no card loses what it keeps"
job_start spare "${VICC[@]}" -t iso7816 --control spare --out
viccctl -n spare wait out
polls()
{
	while readers >/dev/null; do sleep 0.01; done
}
polls &
poller=$!
swaps=${E2E_SWAPS:-20} took=0
for ((i = 0; i < swaps; i++)); do
	start=${EPOCHREALTIME/./}
	if ((i % 2)); then viccctl swap work; else viccctl swap spare; fi
	took=$((took + ${EPOCHREALTIME/./} - start))
	# each card has the PIN that it was given the last time that it was in
	now=$(printf '3%d' 1 $((i / 200 % 10)) $((i / 20 % 10)) $((i / 2 % 10)))
	before=31323334
	((i < 2)) || before=$(printf '3%d' 1 $(((i - 2) / 200 % 10)) $(((i - 2) / 20 % 10)) $(((i - 2) / 2 % 10)))
	probe "$READER" present connect "apdu:0024000108$before$now=9000" disconnect
done
kill "$poller"
figure "swap" $((took / swaps / 1000)) 350 ms
[ "$(member spare insertions)" = $(((swaps + 1) / 2)) ] || fail "spare was inserted $(member spare insertions) times"
job_stop spare
job_stop work
[ -z "$(ls "$VICC_CONTROL_DIR")" ] || fail "left behind: $(ls "$VICC_CONTROL_DIR")"
