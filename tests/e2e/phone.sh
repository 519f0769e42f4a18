#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vicc --reversed and a phone that calls it: an app that is the reader. One connection for
# each tap, power without asking for the ATR, and frames in two segments.
. "${top_srcdir:-.}/tests/e2e/lib.sh"

call()
{
	exec 3<>"/dev/tcp/127.0.0.1/$PORT"
}

hang_up()
{
	exec 3>&- 3<&-
}

bytes() # hex
{
	printf '%b' "$(printf '%s' "$1" | sed 's/../\\x&/g')" >&3
}

# As these apps send: the length, a moment, the body.
say() # hex
{
	bytes "$(printf '%04x' $((${#1} / 2)))"
	sleep 0.02 # so that these are two segments; one would do as well
	bytes "$1"
}

heard() # how many bytes
{
	timeout "$E2E_PATIENCE" head -c "$1" <&3 | od -An -tx1 -v | tr -d ' \n'
}

# One answer, by its own length.
answer()
{
	local n

	n=$(heard 2)
	[ ${#n} = 4 ] || fail "the card has hung up"
	heard $((16#$n))
}

expect() # command, answer
{
	local got

	say "$1"
	got=$(answer)
	# shellcheck disable=SC2053
	[[ $got == $2 ]] || fail "$1: $got, not $2"
}

scene "it says where to call, and does not shout it"
job_start card "${VICC[@]}" -R -t iso7816
job_said card "vicc://"
said=$(cat "$E2E_DIR/card.log")
[[ $said == *"vicc://localhost:$PORT"* || $said == *"vicc://127.0.0.1:$PORT"* ]] || fail "$said"

scene "a tap: power, no ATR, commands"
call
say 01
expect 00a4000c023f00 9000
expect 0084000008 '????????????????9000'
expect 002000010431323334 9000
expect 00200001 9000
hang_up

scene "the next tap is a new session"
call
say 01
expect 00200001 63c3
say 02
expect 00200001 63c3
hang_up

scene "without power, and whatever else an app may forget"
call
expect 00a4000c023f00 9000
say 04
[ "$(answer)" = 3b8780018031f873f7c1fff5 ] || fail "no ATR"
hang_up

scene "in bytes, and several at once"
call
for byte in 00 05 00 84 00 00 04; do
	bytes $byte
	sleep 0.01
done
got=$(answer)
[ ${#got} = 12 ] || fail "GET CHALLENGE: $got"
bytes 0001010001020004002000010004002000010000
[ "$(answer)$(answer)" = 63c363c3 ] || fail "two commands in one segment"
hang_up

scene "half a frame, and gone"
for part in 00 0005 000500a4; do
	call
	bytes $part
	hang_up
done
call
expect 00a4000c023f00 9000
hang_up

scene "two phones: the second waits for the first"
call
say 01
expect 00200001 63c3
exec 4<>"/dev/tcp/127.0.0.1/$PORT"
printf '\0\4\0\x20\0\1' >&4
expect 00200001 63c3
hang_up
[ "$(timeout "$E2E_PATIENCE" head -c 4 <&4 | od -An -tx1 | tr -d ' \n')" = 000263c3 ] || fail "the second phone"
exec 4>&- 4<&-

scene "a port that is taken"
status=0
in_time "${VICC[@]}" -R >"$E2E_DIR/taken.txt" 2>&1 || status=$?
[ "$status" = 1 ] || fail "a taken port: exit $status"
grep -q "is taken" "$E2E_DIR/taken.txt" || fail "$(cat "$E2E_DIR/taken.txt")"
job_stop card
[ "$JOB_STATUS" = 0 ] || fail "vicc ended with $JOB_STATUS"
