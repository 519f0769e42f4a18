#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The main job: a card comes in, talks, and leaves.
. "${top_srcdir:-.}/tests/e2e/lib.sh"

reader_add "$ENTRY" /dev/null:0x8C7B
pcscd_start

scene "two slots, both empty"
[ "$(readers)" = "$READER: empty
$READER1: empty" ] || fail "want two empty slots"

scene "a card comes and talks"
card_start card
probe "$READER" present connect atr=3B80800101 echo echo:13 echo:65535 ask:65535 ask:2 reconnect:reset \
	echo disconnect
[ "$(readers)" = "$READER: card
$READER1: empty" ] || fail "want a card in the first slot"

scene "it leaves while somebody is connected"
probe "$READER" connect "run:kill ${JOBS[card]}" absent "echo~W_REMOVED_CARD,E_NO_SMARTCARD" \
	"reconnect~E_NO_SMARTCARD,W_REMOVED_CARD"
job_wait card

scene "the second slot"
card_start card -p $((PORT + 1)) -i 7
probe "$READER1" present connect id:7 echo
job_stop card
probe "$READER1" absent
