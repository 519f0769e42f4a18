#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The same cards, when it is the reader that connects.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/misbehaviour.sh"

SLOW="Impatient PCD 01 00"
SLOW_ADDRESS=(-p 36063)

bad_card()
{
	local name=$1

	shift
	card_start "$name" -l "$@"
}

reader_add "$ENTRY" connect:127.0.0.1:35963/slots=2
reader_add "Impatient PCD" 127.0.0.1:36063/timeout=1
pcscd_start

scene "nobody there: the readers are, and that is said once each"
[ "$(readers)" = "$READER: empty
$READER1: empty
$SLOW: empty" ] || fail "want three empty slots"
pcscd_logged "connect:127.0.0.1:35963: cannot connect"
until_true exceeds $(($(count_of Tcp.AttemptFails) + 6)) count_of Tcp.AttemptFails || fail "it does not try again"
[ "$(pcscd_log_count "connect:127.0.0.1:35963: cannot connect")" = 1 ] || fail "said more than once"

neighbour_start -l -p $((PORT + 1))
all_misbehaviour
out_of_turn
swapped die=0
swapped die=5
swapped_idle

scene "a card that never answers the first time"
bad_card silent on-atr mute
job_said silent "atr asked"
[[ $(readers) == "$READER: empty"* ]] || fail "a silent peer is a card"
job_stop silent
good_session
neighbour_stop
