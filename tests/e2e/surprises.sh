#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Cards that misbehave, while another slot goes on as if nothing had happened.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/misbehaviour.sh"

SLOW="Impatient PCD 01 00"
SLOW_ADDRESS=(-p 36063)

bad_card()
{
	card_start "$@"
}

# Each byte of an answer of 15 bytes and its length is the last one.
dying()
{
	local n

	for n in $(seq 0 16); do
		dropped die="$n" "$@"
	done
}

reader_add "$ENTRY" /dev/null:0x8C7B
reader_add "Impatient PCD" listen:36063/slots=1/timeout=1
pcscd_start

neighbour_start -p $((PORT + 1))
all_misbehaviour
dying
dying reset
out_of_turn
swapped die=0
swapped die=5
swapped size=1
swapped_idle

scene "nothing that pcscd says of it is about a card's bytes"
[ "$(pcscd_log_count '[0-9A-F]{2} [0-9A-F]{2}')" = 0 ] || fail "bytes in the log"
neighbour_stop
