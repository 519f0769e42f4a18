#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Cards that a script commands, through a real pcscd: vicc --control and viccctl.
. "${top_srcdir:-.}/tests/e2e/lib.sh"

export VICC_CONTROL_DIR=$E2E_DIR/control

viccctl() { "${VICCCTL[@]}" "$@"; }

# Ends with this exit code.
ends() # code, command...
{
	local want=$1 status=0

	shift
	"$@" >"$E2E_DIR/said" 2>&1 || status=$?
	[ "$status" = "$want" ] || fail "$* ended with $status, not $want: $(cat "$E2E_DIR/said")"
}

milliseconds()
{
	local t=${EPOCHREALTIME/./}
	echo $((t / 1000))
}

is() # member, JSON that it is, option of viccctl...
{
	local member=$1 want=$2 got

	shift 2
	got=$(viccctl --json "$@" status | grep -oE "\"$member\":(\"[^\"]*\"|[^,}]*)")
	[ "$got" = "\"$member\":$want" ] || fail "$got, and not $want"
}

# A client that is connected need not have subscribed: a command, and whether this job was told.
is_told()
{
	"$PCSCPROBE" do "$READER" connect apdu:80300000=9000 >/dev/null || fail "no answer"
	grep -q '"event":"command"' "$E2E_DIR/$1.log"
}

has_counted()
{
	"$PCSCPROBE" do "$READER" connect apdu:80300000=9000 >/dev/null || fail "no answer"
	job_ended waiting
}

has_eight()
{
	[[ $(viccctl -n quick --json status) == *'"clients":8'* ]]
}

FLOODS=()
reader_add "$ENTRY" "/dev/null:$PORT"
reader_add "Unix" unix:/run/pcscd/vpcd.sock/slots=1
reader_add "Shared" unix:/run/pcscd/shared.sock/slots=2/shared=1
pcscd_start

scene "nobody is there"
ends 3 viccctl status
ends 2 viccctl
ends 2 viccctl dance
ends 4 viccctl --timeout 0.1 -n work wait in
ends 0 viccctl list
[ ! -s "$E2E_DIR/said" ] || fail "a list of nobody"

scene "wait in does not race with the start"
job_start vicc "${VICC[@]}" -t handler_test --control work
viccctl -n work wait in
"$PCSCPROBE" do "$READER" connect apdu:80300000=9000 >/dev/null || fail "pcscd has not seen it"
[ "$(viccctl list)" = work ] || fail "the list is $(viccctl list)"
is state '"in"'
is reader "\"$READER\""
is seen true
is sw '"9000"'
viccctl status >"$E2E_DIR/said"
grep -qE "^work +handler_test +localhost:35963 +in(, power)? +$READER +1  8030 9000$" "$E2E_DIR/said" ||
	fail "$(cat "$E2E_DIR/said")"

has()
{
	[[ $(readers) == *"$1: $2"* ]] || fail "$1 is not $2: $(readers)"
}

scene "insert and remove return when pcscd has seen it"
for _ in 1 2 3 4 5; do
	viccctl remove
	has "$READER" empty
	viccctl remove
	viccctl insert
	has "$READER" card
	viccctl insert
done
is insertions 6
is connects 6

scene "signals and the socket command the same card"
kill -USR1 "${JOBS[vicc]}"
viccctl wait out
viccctl insert
has "$READER" card
viccctl remove
kill -USR2 "${JOBS[vicc]}"
viccctl wait in
has "$READER" card

scene "a card that is locked stays out"
viccctl lock "being burnt"
viccctl wait out
has "$READER" empty
ends 1 viccctl insert
grep -qF "viccctl: work: card work is locked: being burnt (locked)" "$E2E_DIR/said" || fail "$(cat "$E2E_DIR/said")"
kill -USR2 "${JOBS[vicc]}"
is locked '"being burnt"'
ends 4 viccctl --timeout 0.3 wait in
viccctl unlock
is state '"out"'
viccctl insert
has "$READER" card

scene "events"
job_start events "${VICCCTL[@]}" events state power commands
until_true is_told events || fail "no events"
viccctl remove
for what in '"event":"command"' '"event":"power","at":[0-9]{10}\.[0-9]{1,6},"what":"off"' \
	'"event":"disconnected".*"why":"removed"' '"event":"removed".*"why":"control"'; do
	job_said events "$what"
done
viccctl insert
job_said events '"event":"connected"'
job_stop events

scene "waiting for other things"
ends 4 viccctl --timeout 0.2 wait event removed
job_start waiting "${VICCCTL[@]}" wait apdus 2
until_true has_counted || fail "wait apdus does not end"
job_wait waiting
[ "$JOB_STATUS" = 0 ] || fail "wait apdus ended with $JOB_STATUS"
viccctl wait idle 50
# pcscd takes it from a card that nobody has used for some seconds
probe "$READER" connect "run:${VICCCTL[*]} wait power" disconnect

scene "several cards, each with its name"
job_start several "${VICC[@]}" --control many --slot 1 -t handler_test -t iso7816 --control other --unix /run/pcscd/vpcd.sock
viccctl -n many.1 wait in
viccctl -n other wait in
[ "$(viccctl list | paste -sd' ')" = "many.1 other work" ] || fail "the names are $(viccctl list)"
ends 2 viccctl status
grep -qx other "$E2E_DIR/said" || fail "which cards? $(cat "$E2E_DIR/said")"
[ "$(viccctl --all status | wc -l)" = 4 ] || fail "not all cards"
VICC_CARD=other viccctl --json status >"$E2E_DIR/said"
grep -q '"type":"iso7816"' "$E2E_DIR/said" || fail "not the card of VICC_CARD"
viccctl --all remove
has "$READER" empty
has "$READER1" empty
has "Unix 01 00" empty
viccctl --all insert
has "Unix 01 00" card
ends 3 viccctl -n nobody insert
viccctl -n many.1 quit
viccctl -n other quit
job_wait several
[ "$JOB_STATUS" = 0 ] || fail "they ended with $JOB_STATUS"

scene "two cards alike behind one endpoint"
said() # text that viccctl has said, or none
{
	[ "$(grep -c "which one is this card's is not known" "$E2E_DIR/said")" = "$1" ] || fail "$(cat "$E2E_DIR/said")"
}
shared=(--unix /run/pcscd/shared.sock --shared-port)
job_start one "${VICC[@]}" -t handler_test --control one "${shared[@]}"
ends 0 viccctl -n one wait in
said 0
job_start two "${VICC[@]}" -t handler_test --control two "${shared[@]}" --out
ends 0 viccctl -n two wait out
said 0
ends 0 viccctl -n two insert
said 0
ends 0 viccctl -n one wait in
said 1
ends 1 viccctl -n one reset
said 1
for _ in 1 2 3; do
	ends 0 viccctl -n one remove
	said 0
	[ "$(readers | grep -c "^Shared .*: card")" = 1 ] || fail "$(readers)"
	ends 0 viccctl -n one insert
	said 0
	[ "$(readers | grep -c "^Shared .*: card")" = 2 ] || fail "$(readers)"
done
ends 0 viccctl -n one remove
ends 0 viccctl -n one wait out
said 1
viccctl -n one quit
viccctl -n two quit
job_wait one
job_wait two

scene "a name is taken once"
ends 1 "${VICC[@]}" --control work
grep -q "the name is taken" "$E2E_DIR/said" || fail "$(cat "$E2E_DIR/said")"
job_stop vicc KILL
job_start vicc "${VICC[@]}" -t handler_test --control work --out
viccctl wait out
probe "$READER" absent
viccctl insert
has "$READER" card

scene "without pcscd the card's word counts"
viccctl --no-pcsc remove
viccctl --no-pcsc insert
pcscd_stop
viccctl remove
ends 4 viccctl --timeout 0.3 insert
is state '"offered"'
pcscd_start
viccctl wait in
has "$READER" card

scene "the filter leaves what control needs, and nobody is woken for nothing"
wakeups() { awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/${JOBS[vicc]}/status"; }
# A second in which nothing happens to it. The end of a connection, and pcscd that takes the power of
# a card that nobody uses, are something.
is_left_alone()
{
	local before

	before=$(wakeups)
	sleep 1
	[ "$(wakeups)" = "$before" ]
}
job_start looks "${VICCCTL[@]}" events state power commands
until_true is_told looks || fail "no events"
viccctl wait idle 300
[ -n "$SANITIZER" ] || until_true is_left_alone || fail "woken again and again"
job_stop looks
if [ -z "$SANITIZER" ] && strace -o /dev/null true 2>/dev/null; then
	job_start traced strace -D -qq -o "$E2E_DIR/calls" "${VICC[@]}" -t iso7816 --slot 1 -f "$E2E_DIR/x.json" --control x
	viccctl -n x wait in
	viccctl -n x remove
	viccctl -n x insert
	"$PCSCPROBE" do "$READER1" connect apdu:00A40000=?? apdu:0084000008 >/dev/null || :
	viccctl -n x status >/dev/null
	viccctl -n x quit
	job_wait traced
	until_true grep -q "^exit_group(0)" "$E2E_DIR/calls" || fail "no end"
	! grep EPERM "$E2E_DIR/calls" || fail "the filter refuses what is needed"
	[ ! -e "$VICC_CONTROL_DIR/x.sock" ] || fail "the socket is left behind"
	# and without it there is no socket but those that lead to readers and to pcscd
	job_start traced strace -D -qq -o "$E2E_DIR/calls" "${VICC[@]}" -t iso7816 --slot 1
	probe "$READER1" present
	job_stop traced
	until_true grep -q "^exit_group(0)" "$E2E_DIR/calls" || fail "no end"
	# a build for ./dev coverage makes folders for its figures, each from the root to below itself
	awk -v built="$(cd "$top_builddir" && pwd)/" '
		/^mkdir/ { split($0, part, "\""); if (index(built, part[2] "/") == 1 || index(part[2], built) == 1) next }
		/^(bind|listen|accept4|mkdir)/ && !/AF_NETLINK/ { print; found = 1 }
		END { exit found }' "$E2E_DIR/calls" || fail "without --control"
fi

scene "clients that ask without end, and the time of a command"
job_start quick "${VICC[@]}" -t handler_test --slot 1 --control quick
viccctl -n quick wait in
commands=()
for _ in {1..200}; do
	commands+=(apdu:803004009000~SUCCESS)
done
many() # µs for 200 commands, the best of five times: others work here, too
{
	local start took best=

	for _ in 1 2 3 4 5; do
		start=${EPOCHREALTIME/./}
		"$PCSCPROBE" do "$READER1" connect "${commands[@]}" >/dev/null || fail "no answer"
		took=$((${EPOCHREALTIME/./} - start))
		[ -n "$best" ] && [ "$best" -lt "$took" ] || best=$took
	done
	echo "$best"
}
alone=$(many)
flood() { yes '{"do":"status"}' | timeout "$E2E_PATIENCE" socat - "UNIX:$VICC_CONTROL_DIR/quick.sock" >/dev/null; }
for _ in 1 2 3 4 5 6 7; do
	flood 2>/dev/null &
	FLOODS+=($!)
done
[[ $(viccctl -n quick --json status) == *'"clients":8'* ]] || until_true has_eight || fail "they do not ask"
figure "200 commands with 7 clients that ask without end, for each ms without" "$(awk -v a="$(many)" -v b="$alone" 'BEGIN { print a / b }')" 1.1 ms
kill "${FLOODS[@]}" 2>/dev/null || :
job_stop quick

scene "insert costs little more than pcscd takes"
start=$(milliseconds)
for _ in 1 2 3 4 5 6 7 8 9 10; do
	viccctl remove
	viccctl insert
done
figure "remove and insert" $((($(milliseconds) - start) / 10)) 700 ms
job_stop vicc
[ "$JOB_STATUS" = 0 ] || fail "vicc ended with $JOB_STATUS"
[ -z "$(ls "$VICC_CONTROL_DIR")" ] || fail "left behind: $(ls "$VICC_CONTROL_DIR")"
