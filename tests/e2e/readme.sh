#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# README's blocks, pasted into a shell as they stand there: each does what it says. A block
# that is not here, and is not among those that others try, fails.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
tools pcsc_scan opensc-tool pkcs15-init pkcs15-tool pkcs11-tool openssl ssh-keygen gpg

outside
cd "$E2E_DIR"
awk '/^```/ { fenced = !fenced } !fenced && /^    / { if (!inside) n++; inside = 1; print substr($0, 5) >("block." n); next } { inside = 0 }' "$top_srcdir/README.md"

# In a shell whose jobs are numbered, as those of a terminal are; the card leaves at the end.
paste() # block... ; what is printed is in pasted.log
{
	cat "$@" >pasted
	echo 'kill %vicc && wait' >>pasted
	timeout $((5 * E2E_PATIENCE)) bash -e -m pasted >pasted.log 2>&1 </dev/null || fail "$*: $(cat pasted pasted.log)"
	probe "$READER" absent
}

# With a pcscd of its own, which nothing else sees.
ran() # block
{
	(cd "$OUTSIDE/here" && timeout $((5 * E2E_PATIENCE)) bash -e "$E2E_DIR/$1") >pasted.log 2>&1 </dev/null || fail "$1: $(cat "$1" pasted.log)"
	cp "$1" pasted
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
	"vicc-run -t piv -- opensc-tool -a")
		ran "block.$i"
		prints "^3b:"
		;;
	"vicc-run -t piv --import "*)
		openssl req -new -x509 -newkey rsa:2048 -nodes -keyout "$OUTSIDE/here/key.pem" -out "$OUTSIDE/here/cert.pem" \
			-subj "/CN=mine" 2>>opensc.log
		(umask 077; printf 'PIN1=123456\nPUK1=12345678\n' >"$OUTSIDE/here/pins")
		printf 'check:\n\tpkcs11-tool --module opensc-pkcs11.so --login --pin 123456 --test\n' >"$OUTSIDE/here/Makefile"
		ran "block.$i"
		prints "No errors"
		;;
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
	"vicc -t nPA -f npa.json --pki npa-pki &"*)
		paste "block.$i"
		prints "Card inserted"
		prints "^61 32 4F 0F E8 28 BD 08"
		;;
	*"vicc -t nPA --epass"*)
		paste "block.$i"
		prints "application emrtd"
		prints "D<<<<<<<<<<<<<8MUELLER<<HILDE<"
		! grep -q mismatch pasted.log || fail "$(<pasted.log)"
		;;
	"vicc -t myeid -f mine.json &"*)
		paste "block.$i"
		prints "Card inserted"
		;;
	"M="*)
		paste ssh "block.$i"
		prints "^ecdsa-sha2-nistp256 "
		;;
	*"vicc -t openpgp -f gpg.json --generate"*)
		paste "block.$i"
		prints "Good signature from \"Jane Doe"
		prints "Key attributes .*ed25519 cv25519 ed25519"
		;;
	*"--pad -- "*)
		ran "block.$i"
		prints "No errors"
		;;
	*"vicc -t piv --import"*)
		rm -f card.json
		paste "block.$i"
		prints "No errors"
		;;
	"vicc -t piv -f card.json --volatile &")
		{ cat "block.$i" && printf '%q ' "$PCSCPROBE" do "$READER" present && echo; } >volatile
		paste volatile
		;;
	*"vicc -t ePass"*)
		xxd -r -p <<<"FFD8FFE000104A46494600010100000100010000FFC0000B080140 00F001011100FFD9" >face.jpg
		paste "block.$i"
		prints "issuer/ds.pem: OK"
		;;
	"vicc -t iso7816 --control work"*)
		export VICC_CONTROL_DIR=$E2E_DIR/control
		paste "block.$i"
		prints "the card has gone"
		prints "^work +iso7816 .* out "
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
