#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The daemon in a real pcscd, with the clients that people use.
. "${top_srcdir:-.}/tests/e2e/lib.sh"

card=("${VICC[@]}" -t handler_test)
ATR=3BD6180080B1806D1F038051006110309E

reader_add "$ENTRY" /dev/null:0x8C7B
reader_add "Unix" unix:/run/pcscd/vpcd.sock/slots=1
reader_add "Called" connect:localhost:4000
pcscd_start

scene "opensc-tool and pcsc_scan see it"
job_start vicc "${card[@]}"
job_said vicc "connected to localhost:35963"
probe "$READER" present
[ "$(opensc-tool -r "$READER" -c default -a)" = "3b:d6:18:00:80:b1:80:6d:1f:03:80:51:00:61:10:30:9e" ] ||
	fail "opensc-tool does not see the ATR"
opensc-tool -r "$READER" -c default -s 00:A4:04:00:06:A0:00:00:00:18:FF -s 80:34:00:05:05 >"$E2E_DIR/tool.log"
grep -q "^00 01 02 03 04" "$E2E_DIR/tool.log" || fail "opensc-tool does not get the answer"
job_start scan pcsc_scan -n
job_said scan "3B D6 18 00 80 B1 80 6D 1F 03 80 51 00 61 10 30 9E"
job_stop scan

scene "out with SIGUSR1, back with SIGUSR2"
kill -USR1 "${JOBS[vicc]}"
probe "$READER" absent
kill -USR2 "${JOBS[vicc]}"
probe "$READER" present connect "run:kill -USR1 ${JOBS[vicc]}" absent \
	"apdu:80300000~W_REMOVED_CARD,E_NO_SMARTCARD"

scene "both protocols"
kill -USR2 "${JOBS[vicc]}"
probe "$READER" present connect:T0 "atr=$ATR" apdu:80340100FF=6C00 apdu:803600090100=6109 \
	apdu:80C0000009=0001020304050607089000
kill -USR1 "${JOBS[vicc]}"
probe "$READER" absent
kill -USR2 "${JOBS[vicc]}"
probe "$READER" present connect:T1 apdu:80300000=9000 apdu:8036000302000103=0001029000

scene "a busy slot says so, once, and gets the card when it is free"
job_start second "${card[@]}"
job_said second "the slot is busy, another card is in it: try the next with --slot 1"
job_start once "${card[@]}" --once
job_wait once
[ "$JOB_STATUS" = 1 ] || fail "--once at a busy slot ended with $JOB_STATUS"
until_true exceeds $(($(count_of Tcp.ActiveOpens) + 3)) count_of Tcp.ActiveOpens || fail "it does not try again"
[ "$(grep -c "slot is busy" "$E2E_DIR/second.log")" = 1 ] || fail "says it in a loop"
job_stop vicc
[ "$JOB_STATUS" = 0 ] || fail "vicc ended with $JOB_STATUS"
job_said second "connected to localhost:35963"
probe "$READER" present connect apdu:80300000=9000

scene "pcscd goes and comes again: so does the card"
pcscd_stop
job_said second "the reader has gone away; waiting for it"
pcscd_start
job_said second "connected to localhost:35963" 2
probe "$READER" present connect apdu:80300000=9000
[ "$(wc -l <"$E2E_DIR/second.log")" = 4 ] || fail "says more than that"
job_stop second
probe "$READER" absent

scene "a card that is there before pcscd"
pcscd_stop
job_start early "${card[@]}"
job_said early "no reader there"
pcscd_start
job_said early "connected"
probe "$READER" present
job_stop early

scene "several cards under one command"
job_start several "${VICC[@]}" -t handler_test -t handler_test -t handler_test --unix /run/pcscd/vpcd.sock
probe "$READER" present connect apdu:80300000=9000
probe "$READER1" present connect apdu:80300000=9000
probe "Unix 01 00" present connect apdu:80300000=9000
kill -USR1 "${JOBS[several]}"
probe "$READER" absent
probe "$READER1" absent
probe "Unix 01 00" absent
kill -USR2 "${JOBS[several]}"
probe "$READER" present
probe "$READER1" present
probe "Unix 01 00" present
job_stop several INT
[ "$JOB_STATUS" = 0 ] || fail "vicc ended with $JOB_STATUS"
probe "$READER1" absent

scene "reversed: the reader calls, again and again"
job_start called "${card[@]}" -R -P 4000
probe "Called 02 00" present connect apdu:80300000=9000
grep -qx "vicc://localhost:4000" "$E2E_DIR/called.log" || fail "no address"
pcscd_stop
pcscd_start
job_said called "connected to the reader" 2
probe "Called 02 00" present connect apdu:80300000=9000
job_stop called
probe "Called 02 00" absent

scene "an address that others reach is drawn, on a terminal"
if ip addr add 192.0.2.7/32 dev lo; then
	job_start shown "${card[@]}" -R -H @ -P 4001
	job_said shown "vicc://192.0.2.7:4001"
	! grep -q 107m "$E2E_DIR/shown.log" || fail "a QR code, and no terminal"
	job_stop shown
	if command -v script >/dev/null && grep -q "^#define HAVE_QRENCODE" "$top_builddir/config.h"; then
		job_start drawn script -qefc "${card[*]} -R -H @ -P 4001" /dev/null
		job_said drawn 107m
		job_stop drawn
	fi
fi

scene "killed in the middle of a command"
job_start slow "${card[@]}"
# the command takes seconds; if it comes late, the card is gone before: one of the same errors
probe "$READER" present connect "run:sh -c '(sleep 0.3; kill ${JOBS[slow]}) &'" \
	"apdu:803800FF~W_REMOVED_CARD,E_NO_SMARTCARD,E_NOT_TRANSACTED"
job_wait slow
[ "$JOB_STATUS" = 0 ] || fail "vicc ended with $JOB_STATUS"
probe "$READER" absent

scene "where nobody listens, pcscd is called, and only on this machine"
pcscd_stop
pcscd_start --debug
job_start remote "${card[@]}" -H 127.0.0.1 -P 5000 --slot 1
pcscd_logged "Establishing Context"
job_stop remote
# another, whose log has no request of that card that is still under way
pcscd_stop
pcscd_start --debug
contexts=$(pcscd_log_count "Establishing Context")
job_start remote "${card[@]}" -H 192.0.2.9 -P 5000
job_said remote "cannot connect|no reader there"
[ "$(pcscd_log_count "Establishing Context")" = "$contexts" ] || fail "called for another machine"
job_stop remote
pcscd_stop
pcscd_start

[ -z "$SANITIZER${E2E_VALGRIND:-}" ] || exit 0

scene "three system calls per command, and none that the filter refuses"
commands=()
for _ in {1..50}; do
	commands+=(apdu:80340010=000102030405060708090A0B0C0D0E0F9000)
done
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	job_start traced strace -D -qq -o "$E2E_DIR/strace.out" "${card[@]}" -q
	probe "$READER" present connect "${commands[@]//80340010/8034001010}" >/dev/null
	job_stop traced
	[ "$JOB_STATUS" = 0 ] || fail "vicc ended with $JOB_STATUS"
	until_true grep -q "^exit_group(0)" "$E2E_DIR/strace.out" || fail "no end"
	awk '/^sendmsg/ { last = NR } { line[NR] = $0 }
	     END {
		for (i = 1; i <= last; i++)
			if (line[i] ~ /^sendmsg/) { sent++; from = from ? from : i }
		for (i = from; i <= last; i++)
			if (line[i] !~ /^(poll|recvfrom|sendmsg|restart_syscall)/) { print "beside: " line[i]; bad = 1 }
		if (sent < 50 || last - from > 3 * sent + 20) { print last - from " for " sent; bad = 1 }
		exit bad
	     }' "$E2E_DIR/strace.out" || fail "more than three system calls per command"
	! grep EPERM "$E2E_DIR/strace.out" || fail "the filter refuses what is needed"
fi

scene "figures"
"$PCSCPROBE" first "$READER" 20 "${card[@]}" -q >"$E2E_DIR/first.log"
cat "$E2E_DIR/first.log"
figure "start to first command, median" "$(sed -n 's/.*p50 \([0-9.]*\).*/\1/p' "$E2E_DIR/first.log")" 10 ms
job_start idle "${card[@]}" -v
probe "$READER" present connect apdu:80300000=9000
# pcscd switches an unused card off after a while: that is the last that it does
job_said idle "power off"
figure "anonymous memory" "$(awk '/^RssAnon/ { print $2 }' "/proc/${JOBS[idle]}/status")" 2048 KiB
wakeups() { awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/${JOBS[idle]}/status"; }
# Five seconds without one; whatever it was at when they began ends first.
is_idle()
{
	local before

	before=$(wakeups)
	sleep 5
	[ "$(wakeups)" = "$before" ]
}
until_true is_idle || fail "it wakes up with nothing to do"
