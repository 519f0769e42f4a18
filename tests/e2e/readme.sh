#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# README's blocks, pasted into a shell as they stand there: each does what it says. A block
# that is not here, and is not among those that others try, fails.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
tools pcsc_scan opensc-tool pkcs15-init pkcs15-tool pkcs11-tool openssl ssh-keygen

mkdir bin
printf '#!/bin/bash\nexec' >bin/vicc
printf ' %q' "${VICC[@]}" >>bin/vicc
echo ' "$@"' >>bin/vicc
chmod +x bin/vicc
PATH=$E2E_DIR/bin:$PATH
awk '/^```/ { fenced = !fenced } !fenced && /^    / { if (!inside) n++; inside = 1; print substr($0, 5) >("block." n); next } { inside = 0 }' "$top_srcdir/README.md"

# In a shell whose jobs are numbered, as those of a terminal are; the card leaves at the end.
paste() # block... ; what is printed is in pasted.log
{
	cat "$@" >pasted
	echo 'kill %vicc && wait' >>pasted
	timeout 120 bash -e -m pasted >pasted.log 2>&1 </dev/null || fail "$*: $(cat pasted pasted.log)"
	probe "$READER" absent
}

prints() # text
{
	grep -qE -- "$1" pasted.log || fail "\"$1\" is not printed: $(cat pasted pasted.log)"
}

reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start
n=0
for ((i = 1; ; i++)); do
	[ -e "block.$i" ] || break
	scene "$(head -n 1 "block.$i")"
	n=$((n + 1))
	case $(<"block.$i") in
	"./dev "* | "./bootstrap "*) ;;           # ./dev fresh, tests/e2e/install.sh
	"[Service]"* | "polkit.addRule("*) ;;     # tests/packages/units.sh
	"app default {"*) cp "block.$i" "$OPENSC_CONF" ;;
	"vicc &"*)
		paste "block.$i"
		prints "Card inserted"
		prints "^3b:"
		;;
	*"vicc -t piv -f card.json --generate"*)
		sed 's/--pin-file/--force &/' "block.$i" >ssh # twice: alone, and before what follows
		paste "block.$i"
		prints "Card inserted"
		;;
	"vicc -t myeid -f mine.json &"*)
		paste "block.$i"
		prints "Card inserted"
		;;
	"M="*)
		paste ssh "block.$i"
		prints "^ecdsa-sha2-nistp256 "
		;;
	*"vicc -t piv --import"*)
		rm -f card.json
		paste "block.$i"
		prints "No errors"
		;;
	"vicc -t piv -f card.json --volatile &")
		{ cat "block.$i" && echo "sleep 1"; } >volatile
		paste volatile
		;;
	*"vicc -t cryptoflex"*)
		# as whoever pastes them does it, with the cache of files that OpenSC has
		{ cat "block.$i" && echo "pkcs15-tool --dump"; } >flexed
		paste flexed
		prints "Private RSA Key"
		grep -q '"type": "cryptoflex"' flex.json || fail "no card is kept: $(cat pasted.log)"
		;;
	"vicc --trace"*)
		head -n -2 "block.$i" >watched # paste ends the card itself
		tail -n 1 "block.$i" >replay
		paste watched
		prints "SW1=0x90, SW2=0x00"
		bash -e replay >pasted.log 2>&1 || fail "$(cat replay pasted.log talk.apdu)"
		prints "all answered as expected"
		;;
	*) fail "nobody tries this block: $(cat "block.$i")" ;;
	esac
done
[ "$n" -ge 10 ] || fail "where are the blocks?"
