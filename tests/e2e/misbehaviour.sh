# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What a card can do wrong, for surprises.sh and reversed.sh. The sourcing script
# defines bad_card NAME ADDRESS... WORD..., which brings a card to $READER,
# and gives SLOW, a reader with one second per command, and its card's ADDRESS.

LOST="E_NO_SMARTCARD,W_REMOVED_CARD"
NEVER="$LOST,E_NOT_TRANSACTED"

# Another client talks to the other slot all the time, and must not notice.
neighbour_start()
{
	card_start neighbour "$@" -i 9
	job_start steady "$PCSCPROBE" do "$READER1" present connect id:9 steady
	job_said steady "^steady"
}

neighbour_stop()
{
	job_stop steady
	[ "$JOB_STATUS" = 0 ] || fail "the other slot has noticed something"
	grep FIGURE "$E2E_DIR/steady.log"
	job_stop neighbour
}

# A good card comes in, talks, and leaves.
good_session()
{
	bad_card good
	probe "$READER" present connect echo disconnect
	job_stop good
	probe "$READER" absent
}

# WORD...: an odd card, whose answers are right all the same.
tolerated()
{
	scene "tolerated: $*"
	bad_card odd "$@"
	probe "$READER" present connect echo echo:300 ask:2 ask:1000 echo disconnect
	job_stop odd
	probe "$READER" absent
}

# WORD...: the second command goes wrong. No answer, never again one to this
# handle, and the card is out.
dropped()
{
	scene "dropped: $*"
	bad_card odd from=2 "$@"
	probe "$READER" present connect echo "echo:13~$LOST" "echo:13~$LOST" absent
	job_wait odd
}

# The same for what looks like an answer that is not complete yet.
dropped_in_time()
{
	scene "dropped after a second: $*"
	bad_card odd "${SLOW_ADDRESS[@]}" "$@"
	probe "$SLOW" present connect "echo:13~$NEVER" "echo:13~$LOST" absent
	job_wait odd
}

# WORD...: the card ends while it powers up. It may be seen for a moment.
lost_at_power_up()
{
	scene "lost at power up: $*"
	bad_card odd "$@"
	job_wait odd
	probe "$READER" absent
}

all_misbehaviour()
{
	tolerated
	tolerated apart=20
	tolerated split=1 pause=0
	tolerated split=999 pause=1
	tolerated late=100
	tolerated late=50 apart=20 split=3

	dropped size=0
	dropped size=1
	dropped less=1
	dropped less=14
	dropped twice
	dropped die
	dropped die=1
	dropped die=2
	dropped die=3
	dropped die=16
	dropped die=16 reset
	dropped die=1 half
	dropped split=1 pause=1 die=9
	dropped_in_time mute
	dropped_in_time lie=1
	dropped_in_time lie=50000
	dropped_in_time garbage=64

	lost_at_power_up on-up die
	lost_at_power_up on-power die
	lost_at_power_up on-power die=1
	lost_at_power_up on-power die=2
	lost_at_power_up on-power die=6
	lost_at_power_up on-power die=6 reset
	lost_at_power_up on-power size=0
	lost_at_power_up on-power size=1
	lost_at_power_up on-power size=34
	lost_at_power_up on-power size=65535
	lost_at_power_up on-power less=1
	lost_at_power_up on-power twice
	good_session
}

# It says more than it was asked, before the next command.
out_of_turn()
{
	scene "talks out of turn"
	bad_card odd ahead
	job_said odd "talks out of turn"
	probe "$READER" present:2000~SUCCESS,E_TIMEOUT "connect~SUCCESS,$LOST,W_UNRESPONSIVE_CARD" \
		"echo~$LOST,E_INVALID_HANDLE" absent
	job_wait odd
}

# It dies, and another one takes its place at once: never one session.
swapped()
{
	scene "another card in its place: $*"
	bad_card odd swap from=2 "$@"
	probe "$READER" present connect echo "echo~$LOST" "echo~$LOST" "echo~$LOST" \
		"run:grep -q atr $E2E_DIR/odd.log" "echo~$LOST"
	job_said odd connected 2
	probe "$READER" present connect id:1 echo disconnect
	job_stop odd
	probe "$READER" absent
}

# The first card is idle when it leaves.
swapped_idle()
{
	scene "another card in the place of an idle one"
	bad_card first
	echo "kill ${JOBS[first]}" >"$E2E_DIR/swap"
	job_start session "$PCSCPROBE" do "$READER" present connect echo begin end \
		"run:sh $E2E_DIR/swap; until [ -e $E2E_DIR/swapped ]; do sleep 0.02; done" \
		"echo~W_REMOVED_CARD" "begin~W_REMOVED_CARD" "disconnect~W_REMOVED_CARD,SUCCESS" connect id:1 echo
	job_wait first
	bad_card second -i 1
	job_said second "control 1"
	touch "$E2E_DIR/swapped"
	job_wait session
	[ "$JOB_STATUS" = 0 ] || fail "one session with two cards"
	job_stop second
	rm "$E2E_DIR/swapped"
	probe "$READER" absent
}
