#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The main job, shown: ./dev demo. Without --shell it ends by itself, and is a test. It is
# run again by vicc-run, which has the pcscd, the reader and the card.
# shellcheck source=tests/e2e/lib.sh
[ -n "${DEMO-}" ] || E2E_INSIDE=vicc-run . "${top_srcdir:-.}/tests/e2e/lib.sh"
set -eu -o pipefail

if [ -z "${DEMO-}" ]; then
	for tool in pcscd pcsc_scan opensc-tool; do
		command -v "$tool" >/dev/null || skip "$tool is not installed"
	done
	demo=$(realpath "$0")
	outside
	vicc-run -- true 2>refusal || ! grep "no namespaces" refusal ||
		skip "$(id -un) can make no namespaces here; in a container: docker run --privileged, or podman run --privileged"
	DEMO=1 vicc-run --slots 2 -t iso7816 -- "$demo" "$@" || fail "exit $?"
	exit
fi

bold='' plain=''
[ ! -t 1 ] || bold=$'\e[1m' plain=$'\e[0m'

tell()
{
	echo
	printf '%s\n' "$@"
}

# Show a command and what it prints; in a test that must hold the text.
show() # text, command...
{
	local wanted=$1 out

	shift
	printf '%s$ %s%s\n' "$bold" "$*" "$plain"
	out=$("$@" 2>&1 | tr -d '\r') || { echo "FAIL: $* has failed: $out"; exit 1; }
	[ -z "$out" ] || printf '  %s\n' "${out//$'\n'/$'\n'  }"
	grep -q -- "$wanted" <<<"$out" || { echo "FAIL: $wanted is not in what $* says"; exit 1; }
}

tell "This was started by vicc-run --slots 2 -t iso7816 -- COMMAND: a pcscd of its own, with the driver that" \
	"was just built, two readers, and in the first a card. Nobody else sees them: the system's is not touched."
show "^1 *No .*Virtual PCD 00 01" opensc-tool --list-readers

tell "The card is vicc, an ISO 7816 one, in memory. viccctl asks it what it is doing."
show '^card *iso7816 .* in' viccctl status

tell "Any PC/SC program sees it. Its ATR, which is what a card says when it is switched on:"
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

tell "viccctl takes the card out and puts it back, and returns when pcscd has seen it."
show '' viccctl remove
show '^0 *No .*Virtual PCD 00 00' opensc-tool --list-readers
show '' viccctl insert
show '^0 *Yes .*Virtual PCD 00 00' opensc-tool --list-readers

if [ "${1-}" = --shell ]; then
	tell "Now you. The card is in the first reader; viccctl --help says what can be done with it." \
		"This shell's pcscd and cards end with it: exit."
	PS1='(card) \w\$ ' bash --norc -i || :
fi

tell "That was it: vicc-run ends all that it has started. ./dev demo --shell leaves you in there;" \
	"README.md says how to install it for real."
