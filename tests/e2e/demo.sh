#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The main job, shown: ./dev demo. Without --shell it ends by itself, and is a test.
# shellcheck source=tests/e2e/lib.sh
. "${top_srcdir:-.}/tests/e2e/lib.sh"

for tool in pcsc_scan opensc-tool; do
	command -v "$tool" >/dev/null || skip "$tool is not installed"
done
PATH=$top_builddir/vicc:$PATH
bold='' plain=''
[ ! -t 1 ] || bold=$'\e[1m' plain=$'\e[0m'

tell()
{
	echo
	printf '%s\n' "$@"
}

command_line()
{
	printf '%s$ %s%s\n' "$bold" "$*" "$plain"
}

# Show a command and what it prints; in a test that must hold the text.
show() # text, command...
{
	local wanted=$1 out

	shift
	command_line "$@"
	out=$("$@" 2>&1 | tr -d '\r') || fail "$* has failed: $out"
	printf '  %s\n' "${out//$'\n'/$'\n'  }"
	grep -q -- "$wanted" <<<"$out" || fail "$wanted is not in what $* says"
}

tell "A pcscd of our own is started, with the driver that was just built. Its namespace" \
	"has a loopback and a /run/pcscd that nobody else sees: the system's is not touched."
reader_add "$ENTRY" /dev/null:0x8C7B
pcscd_start

tell "One line of configuration gives two readers, each on a port: 35963 and 35964." \
	"Nothing is in them yet."
show "^1 *No .*$READER1" opensc-tool --list-readers

tell "vicc is a card: an ISO 7816 one, in memory. It connects to the first port."
command_line 'vicc --type iso7816 &'
job_start vicc "${VICC[@]}" --type iso7816
probe "$READER" present >/dev/null
job_said vicc .
sed "s/^/  /" "$E2E_DIR/vicc.log"

tell "Any PC/SC program sees it now. Its ATR, which is what a card says when it is switched on:"
show '^3b:' opensc-tool --reader 0 --atr
show 'Card inserted' pcsc_scan -c

tell "Commands go to the card and answers come back: SELECT the root (3F00), which describes" \
	"itself; then GET CHALLENGE, which brings eight random bytes. 90 00 means well done."
show 'SW1=0x90, SW2=0x00' opensc-tool --reader 0 --send-apdu 00A40000023F0000
show 'SW1=0x90, SW2=0x00' opensc-tool --reader 0 --send-apdu 0084000008

tell "VERIFY with the PIN that a new card has, 1234; and with a wrong one: 63 C2 leaves two tries."
show 'SW1=0x90, SW2=0x00' opensc-tool --reader 0 --send-apdu 002000010431323334
show 'SW1=0x63, SW2=0xC2' opensc-tool --reader 0 --send-apdu 002000010430303030

tell "What the card does not know it refuses. 6D 00 means no such instruction."
show 'SW1=0x6D, SW2=0x00' opensc-tool --reader 0 --send-apdu 00020000

tell "SIGUSR1 takes the card out, SIGUSR2 puts it back."
command_line kill -USR1 %vicc
kill -USR1 "${JOBS[vicc]}"
probe "$READER" absent >/dev/null
show "^0 *No .*$READER" opensc-tool --list-readers
command_line kill -USR2 %vicc
kill -USR2 "${JOBS[vicc]}"
probe "$READER" present >/dev/null
show "^0 *Yes .*$READER" opensc-tool --list-readers

if [ "${1-}" = --shell ]; then
	tell "Now you. The card is in the first reader; the second is free: vicc --slot 1 &" \
		"vicc --list-types says what there is. This shell's pcscd and cards end with it: exit."
	PS1='(card) \w\$ ' bash --norc -i || :
fi

job_stop vicc
[ "$JOB_STATUS" = 0 ] || fail "vicc ended with $JOB_STATUS"
pcscd_stop
tell "That was it, and all that was started has ended. ./dev demo --shell leaves you in there;" \
	"README.md says how to install it for real."
