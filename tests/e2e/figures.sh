#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What it costs. Each figure is printed; only one that is a hundredfold off fails.
. "${top_srcdir:-.}/tests/e2e/lib.sh"

# The p95 of a FIGURE line that pcscprobe has printed.
p95()
{
	sed -n "s/^FIGURE $1: .*p95 \([0-9.]*\) ms.*/\1/p" "$2"
}

# The median, likewise.
p50()
{
	sed -n "s/^FIGURE $1: p50 \([0-9.]*\) ms.*/\1/p" "$2"
}

# How often any thread of pcscd has been put to work so far.
wake_ups()
{
	awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$PCSCD_PID/task"/*/status
}

e2e_is_traced()
{
	job_ended strace || ! grep -q '^TracerPid:[[:space:]]*0$' "/proc/$PCSCD_PID/status"
}

# System calls of pcscd on a card's connection, while a client sends 100 commands.
syscalls_per_command()
{
	local n

	job_start strace strace -f -qq -yy -o "$E2E_DIR/calls" -p "$PCSCD_PID"
	until_true e2e_is_traced
	if job_ended strace; then
		echo "system calls are not counted: $(cat "$E2E_DIR/strace.log")"
		job_wait strace
		return 0
	fi
	probe "$READER" connect echoes:100 disconnect >/dev/null
	job_stop strace INT
	n=$(grep -cE '^[0-9]+ +[a-z0-9]+\(.*TCP(v6)?:\[' "$E2E_DIR/calls" || :)
	[ "$n" -gt 0 ] || fail "no system call has been seen"
	figure "system calls per command" "$(awk -v n="$n" 'BEGIN { printf "%.2f", n / 100 }')" 3 ""
}

reader_add "$ENTRY" /dev/null:0x8C7B
pcscd_start

scene "insertion and removal, seen by SCardGetStatusChange"
"$PCSCPROBE" latency "$READER" "$PORT" 50 | tee "$E2E_DIR/latency" || fail "no latency"
figure "insertion, p95" "$(p95 insertion "$E2E_DIR/latency")" 2 ms
figure "removal, p95" "$(p95 removal "$E2E_DIR/latency")" 2 ms

scene "commands"
card_start card
probe "$READER" present connect echoes:2000 disconnect
syscalls_per_command

scene "a card that sends length and body apart, with Nagle's algorithm on: nothing is waited for"
card_start nagle -p $((PORT + 1)) nagle apart=0
probe "$READER1" present connect echoes:100 disconnect
figure "a command to it, p50" "$(p50 APDU "$E2E_DIR/probe.log")" 0.2 ms
job_stop nagle

scene "20 idle seconds, one card in, once pcscd has switched it off"
job_said card "control 0"
before=$(wake_ups)
sleep 20
figure "wake-ups in 20 idle seconds" $(($(wake_ups) - before)) 1 ""
job_stop card
probe "$READER" absent
pcscd_stop
figure "shutdown, empty" "$PCSCD_STOP_MS" 1200 ms

# DEVICENAME: a pcscd with this reader alone
alone()
{
	reader_clear
	reader_add "$ENTRY" "$1"
	pcscd_start
}

# WHAT: end it in this state
measured_stop()
{
	pcscd_stop
	figure "shutdown, $1" "$PCSCD_STOP_MS" 1200 ms
}

scene "shutdown"
alone /dev/null:0x8C7B
card_start card
probe "$READER" present
measured_stop "a card in"
job_wait card

alone /dev/null:0x8C7B
card_start card
job_start client "$PCSCPROBE" do "$READER" present connect echo sleep:60000
job_said client "^echo: SUCCESS"
measured_stop "a client connected"
job_stop client
job_wait card

alone /dev/null:0x8C7B
card_start card late=60000
job_start client "$PCSCPROBE" do "$READER" present connect echo
job_said card "command of"
measured_stop "a card that does not answer"
job_stop client
job_stop card

alone /dev/null:0x8C7B
card_start card on-power late=60000
job_said card "control 1"
measured_stop "a card that does not power up"
job_stop card

alone /dev/null:0x8C7B
card_start card on-atr mute
job_said card "atr asked"
measured_stop "a candidate"
job_wait card

alone connect:127.0.0.1:35963
pcscd_logged "cannot connect"
measured_stop "nobody to connect to"

# 192.0.2.0/24 is nobody's: the connect hangs in the air
ip link add dummy0 type dummy 2>/dev/null && ip addr add 192.0.2.1/24 dev dummy0 && ip link set dummy0 up || :
is_dialling()
{
	[ -n "$(ss -Htn state syn-sent dport = 35963)" ]
}
alone connect:192.0.2.2:35963
! ip addr | contains -F 192.0.2.1 || until_true is_dialling || fail "no connection under way"
measured_stop "a connection under way"
