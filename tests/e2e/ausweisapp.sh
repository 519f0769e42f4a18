#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# AusweisApp, without its window, changes the PIN of an identity card; runs it down to the CAN and to
# the PUK, and back; over restarts of the card, and kill -9.
. "${top_srcdir:-.}/tests/e2e/lib.sh"

# of Debian 13, of Debian 12
AUSWEISAPP=$(command -v AusweisApp || command -v AusweisApp2) || skip "AusweisApp is not installed"
export QT_QPA_PLATFORM=offscreen HOME=$E2E_DIR/home XDG_RUNTIME_DIR=$E2E_DIR/home
mkdir -m 700 "$HOME"
cd "$E2E_DIR"

card_in()
{
	job_start vicc "${VICC[@]}" -t nPA -f card.json "$@"
	probe "$READER" present
}

card_out()
{
	job_stop vicc
	[ "$JOB_STATUS" = 0 ] || fail "vicc ended with $JOB_STATUS"
}

card_killed()
{
	job_stop vicc KILL
	[ "$JOB_STATUS" = 137 ] || fail "vicc ended with $JOB_STATUS"
}

listens()
{
	(: <"/dev/tcp/127.0.0.1/$PORT_APP") 2>/dev/null
}

# What it asks, in this order, and how it ends.
talk() # wanted, values
{
	local wanted=$1
	shift
	in_time "$top_builddir/tests/e2e/ausweisapp" "$PORT_APP" "$@" >said || fail "AusweisApp has said: $(cat said)"
	[ "$(paste -sd, said)" = "$wanted" ] || fail "wanted $wanted, got $(paste -sd, said)"
}

PORT_APP=24727
reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start
job_start app "$AUSWEISAPP" --ui websocket --no-logfile --port "$PORT_APP"
until_true listens

scene "another PIN"
card_in --pin 111111
talk "PIN 3,NEW 3,changed" PIN=111111 NEW=123456
card_killed

scene "two wrong ones, and a restart; then the CAN; a third one, and the PUK"
card_in
talk "PIN 3,PIN 2,CAN 1,PIN 1,PUK 0,PIN 3,NEW 3,changed" \
	PIN=111111 PIN=222222 CAN=222222 PIN=333333 PUK=3333333333 PIN=123456 NEW=654321
card_killed

scene "it is on disk: the new one is right at once"
card_in
talk "PIN 3,NEW 3,changed" PIN=654321 NEW=111111
card_out

scene "a transport PIN of five digits"
rm card.json
card_in --pin 12345 --can 654321
talk "PIN 3,NEW 3,changed" PIN=12345 NEW=111111
card_out
job_stop app
