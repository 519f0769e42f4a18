#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Who is a card, and who only stands at the door.
. "${top_srcdir:-.}/tests/e2e/lib.sh"

reader_add "$ENTRY" /dev/null:0x8C7B
pcscd_start

# It has ended (the reader closed it), was never a card, and keeps nobody out.
never_a_card()
{
	scene "never a card: $*"
	card_start odd "$@"
	job_wait odd
	refuses grep -q "control" "$E2E_DIR/odd.log"
	[[ $(readers) == "$READER: empty"* ]] || fail "it is a card"
}

good_session()
{
	card_start good "$@"
	probe "$READER" present connect echo disconnect
	job_stop good
	probe "$READER" absent
}

for size in 0 1 34 35 255 65535; do
	never_a_card atr_size=$size
done
never_a_card -a 3A00
never_a_card -a 00
never_a_card on-atr twice
never_a_card on-atr less=1
for n in 0 1 2 3 6; do
	never_a_card on-atr die=$n
done
never_a_card on-atr die=2 reset
never_a_card on-atr die=6 half
never_a_card on-connect garbage=64
never_a_card on-connect garbage=2
never_a_card on-connect size=0
never_a_card on-connect size=40
good_session

scene "an ATR of 33 bytes, and of 2"
LONGEST=3BFF110000E10000F1FE4500F101000001000102030405060708090A0B0C0D0EBB
card_start longest -a "$LONGEST"
probe "$READER" present connect "atr=$LONGEST" echo disconnect
job_stop longest
probe "$READER" absent
good_session -a 3B00
good_session -a 3F00

scene "ATRs in pieces"
good_session on-atr split=1 pause=1
good_session on-power split=1 pause=1
good_session on-atr apart=20
good_session on-power apart=20

scene "a card that sleeps before it answers the first time"
good_session on-atr late=3000

scene "one that does not answer to power up is dropped after five seconds, and nobody waits for ever"
card_start mute on-power mute
job_said mute "control 1"
probe "$READER" absent
job_wait mute
pcscd_logged "did not answer in time"
good_session

scene "a card that is mute stays, and may find its voice again"
card_start dumb dumb
probe "$READER" present mute connect~W_UNPOWERED_CARD,W_UNRESPONSIVE_CARD
job_said dumb "no ATR" 2
probe "$READER" present
job_stop dumb
probe "$READER" absent
card_start dumb dumb=1
probe "$READER" present mute connect echo disconnect
job_stop dumb
probe "$READER" absent
good_session

scene "what knocks but is no card"
knock()
{
	exec 5<>"/dev/tcp/127.0.0.1/$PORT"
	printf '%b' "$1" >&5
	timeout "$E2E_PATIENCE" cat <&5 >/dev/null || fail "\"$1\" was not rejected"
	exec 5>&-
}
knock 'GET / HTTP/1.0\r\n\r\n'
knock '\0026\0003\0001\0000\0001'
knock '\0000\0002\0220\0000'
good_session

scene "silent ones keep nobody out, and the ninth displaces the oldest"
for fd in {10..17}; do
	eval "exec $fd<>/dev/tcp/127.0.0.1/$PORT"
done
read -r -t 0.2 -u 10 _ && fail "the first has been closed already"
exec 18<>"/dev/tcp/127.0.0.1/$PORT"
timeout "$E2E_PATIENCE" cat <&10 >"$E2E_DIR/first"
card_start good
probe "$READER" present connect echo
scene "and are told that there is a card now"
for fd in {12..18}; do
	timeout "$E2E_PATIENCE" cat <&"$fd" >/dev/null || fail "$fd was left waiting"
	eval "exec $fd>&-"
done
pcscd_logged "busy"
job_stop good
probe "$READER" absent

scene "cards that do not know get ATR"
pcscd_stop
reader_clear
reader_add "Told" listen:40060/slots=1/atr=3B80800101
reader_add "Power" listen:40061/slots=1/atr=power
pcscd_start
TOLD="Told 00 00" POWER="Power 01 00"
card_start told deaf -p 40060
probe "$TOLD" present connect atr=3B80800101 echo reconnect:reset echo disconnect
refuses grep "unknown here" "$E2E_DIR/told.log"
job_stop told
probe "$TOLD" absent
card_start power deaf replies -p 40061 -a 3B00
probe "$POWER" present connect atr=3B00 echo reconnect:reset echo disconnect
refuses grep "unknown here" "$E2E_DIR/power.log"
job_stop power
probe "$POWER" absent
card_start power deaf replies dumb -p 40061
probe "$POWER" present mute
job_stop power
probe "$POWER" absent
card_start power deaf replies on-connect size=0 -p 40061
probe "$POWER" present connect echo disconnect
job_stop power
card_start silent deaf -p 40061
probe "$POWER" absent
job_wait silent
pcscd_logged "did not answer in time"
card_start chatty on-connect size=0 -p 40060
job_wait chatty
pcscd_lives
