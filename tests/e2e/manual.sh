#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The examples of vicc-cards(7), as they stand there, and what they are said to print;
# and the two cards of an example of vicc.conf(5).
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
tools opensc-tool pkcs15-init pkcs15-tool pkcs15-crypt openssl tshark yubico-piv-tool openpgp-tool

# A card is in its slot before anything else is done.
start()
{
	local slot=0

	job_start "card${#JOBS[@]}" "${VICC[@]}" "$@"
	while [ $# -gt 1 ]; do
		[ "$1" != --slot ] || slot=$2
		shift
	done
	probe "$ENTRY 00 0$slot" present
}

step()
{
	case $1 in
	'# '*)
		grep -qF -- "${1#\# }" said || fail "not \"${1#\# }\", but: $(cat said)" ;;
	'vicc '*'&')
		echo "\$ $1"
		eval "start ${1:5:-1}" ;;
	*)
		echo "\$ $1"
		eval "$1" >said 2>&1 </dev/null || fail "$1: $(cat said)" ;;
	esac
}

# What the page says of the ATR, in its own words or as bytes.
check_atr() # section
{
	local said

	said=$(awk -v section="$1" '/^\.S[sh] / { here = substr($0, 5) == section }
		here && /^\.It ATR/ { getline; print; exit }' "$top_srcdir/vicc/man/vicc-cards.7" |
		grep -oE '^3B( [0-9A-F]{2})+') || return 0
	said=$(tr 'A-F ' 'a-f:' <<<"$said")
	[ "$(opensc-tool -a 2>>opensc.log)" = "$said" ] || fail "the ATR is not $said, but $(opensc-tool -a 2>&1)"
}

play() # section
{
	local line lines name

	mkdir "$E2E_DIR/play"
	cd "$E2E_DIR/play"
	cp "$top_srcdir/examples/card.c" .
	mapfile -t lines < <(example vicc-cards.7 "$1")
	[ ${#lines[@]} -ge 3 ] || fail "no example"
	for line in "${lines[@]}"; do
		step "$line"
	done
	check_atr "$1"
	for name in "${!JOBS[@]}"; do
		job_stop "$name"
		[ "$JOB_STATUS" = 0 ] || fail "$name ended with $JOB_STATUS"
	done
	probe "$READER" absent
	probe "$READER1" absent
	cd ..
	rm -r play
}

# As after an installation.
read -ra compiler < <(sed -n 's/^CC = //p' "$top_builddir/Makefile")
cc() { "${compiler[@]}" "$@"; }
pkg-config() { echo "-I$top_srcdir/include"; }
vicc() { "${VICC[@]}" "$@"; }

reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start
mapfile -t types < <("${VICC[@]}" --plugin-folder /nonexistent --list-types | sed 's/ .*//')
for type in "${types[@]}" Plug-ins; do
	scene "$type"
	(play "$type")
done
pcscd_stop

scene "vicc.conf(5): two cards, a unix socket, a trace"
cd "$E2E_DIR"
example vicc.conf.5 EXAMPLES 2 | sed "s,/run/vpcd/sock,$E2E_DIR/sock," >two.conf
grep -q '^type isoapplet$' two.conf || fail "another example: $(cat two.conf)"
reader_clear
reader_add "$ENTRY" "unix:$E2E_DIR/sock"
pcscd_start
job_start two "${VICC[@]}" --config two.conf
probe "$READER" present connect apdu:002000010431323334=9000
probe "$READER1" present connect apdu:00A404000CF276A288BCFBA69D34F31001
job_stop two
[ "$JOB_STATUS" = 0 ] || fail "two ended with $JOB_STATUS"
[ -s talk.pcapng ] || fail "no trace"
