#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Several cards of the same types at once: each client shows each of them, by a name, a serial
# number and a label of its own; and the same when they come back in the same order.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
tools opensc-tool pkcs11-tool pkcs15-tool p11tool openssl ssh-keygen ssh-agent yubico-piv-tool ykman modutil certutil pcsc_scan gpg-connect-agent openpgp-tool

outside
cards=(-t piv -f a.json -t piv -f b.json -t myeid -f c.json -t myeid -f d.json)
# a card is made by a script of no command
: >none.apdu
(umask 077; printf 'PIN1=123456\nPUK1=12345678\n' >pins)
for card in "piv a alpha" "piv b beta" "myeid c gamma" "myeid d delta"; do
	read -r type file label <<<"$card"
	openssl req -new -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem \
		-subj "/CN=$label" 2>>"$E2E_DIR/opensc.log"
		"${VICC[@]}" -t "$type" -f "$file.json" --import key.pem --import cert.pem --pin-file pins --label "$label" --script none.apdu \
		>>"$E2E_DIR/opensc.log" 2>&1 || fail "$card: $(cat "$E2E_DIR/opensc.log")"
done

# each line of its output is another one, and they are as many as this
distinct() # N WHAT COMMAND...
{
	local n=$1 what=$2 got

	shift 2
	in_time "$@" >shown 2>>"$E2E_DIR/opensc.log" || fail "$what: $*"
	echo "$what: $(cut -c 1-40 shown | paste -sd,)"
	got=$(sort -u shown | wc -l)
	[ "$got" = "$n" ] && [ "$(wc -l <shown)" = "$n" ] || fail "$what: $(cat shown)"
}

cat >look <<'LOOK'
set -eu -o pipefail
what=$1
M=$(echo /usr/lib/*/opensc-pkcs11.so)
case $what in
readers)	opensc-tool -l | sed -n 's/^[0-9].* Yes .*\(Virtual.*\)/\1/p' ;;
cards)		for r in 0 1 2 3; do opensc-tool --reader $r --serial | tail -n 1; done ;;
tokens)		pkcs11-tool --module "$M" -L | sed -n 's/^ *token label *: //p' ;;
numbers)	pkcs11-tool --module "$M" -L | sed -n 's/^ *serial num *: //p' ;;
slots)		pkcs11-tool --module "$M" -L | sed -n 's/^Slot [0-9]* ([^)]*): //p' ;;
certificates)	for r in 0 1 2 3; do pkcs15-tool --reader $r --read-certificate "$(pkcs15-tool --reader $r -c | sed -n 's/^.*ID *: //p' | head -n 1)" |
			openssl x509 -noout -subject; done ;;
urls)		p11tool --provider "$M" --list-token-urls | grep model= ;;
keys)		ssh-keygen -D "$M" | awk '{ print $2 }' | sort -u ;;
pcsc_scan)	pcsc_scan -c | sed -n 's/^ Reader [0-9]*: *//p' ;;
status)		viccctl --all --json status | grep -o '"reader":"[^"]*"' ;;
kept)		viccctl --all --json status | grep -o '"serial":"[^"]*"' ;;
nss)		rm -f ./*.db pkcs11.txt && certutil -N -d sql:. --empty-password
		modutil -force -dbdir sql:. -add cards -libfile "$M" >added
		modutil -dbdir sql:. -list cards | sed -n 's/^ *Token Name: *//p' ;;
nicknames)	echo 123456 >pin
		certutil -L -d sql:. -h all -f pin | sed -n 's/ *u,u,u$//p' ;;
agent)		printf '#!/bin/sh\necho 123456\n' >askpass && chmod 755 askpass
		export SSH_ASKPASS=$PWD/askpass SSH_ASKPASS_REQUIRE=force DISPLAY=:none
		eval "$(ssh-agent -a "$(mktemp -u /tmp/agent.XXXXXX)" -P '*')" >&2
		trap 'kill "$SSH_AGENT_PID"' EXIT
		ssh-add -s "$M" </dev/null >&2
		ssh-add -L | awk '{ print $2 }' | sort -u ;;
ykman)		for r in 00 01; do ykman -r "Virtual PCD 00 $r" info | sed -n 's/^Serial number: *//p'; done ;;
openpgp)	for r in 0 1; do openpgp-tool --reader $r --card-info | sed -n 's/^AID: *//p'; done ;;
gpg)		for r in 00 01; do # 2.2 has one reader, 2.4 has all
			# short, for a socket; another agent for each
			GNUPGHOME=$(mktemp -d /tmp/gnupg.XXXXXX)
			export GNUPGHOME
			printf 'disable-ccid\nreader-port Virtual PCD 00 %s\n' $r >"$GNUPGHOME/scdaemon.conf"
			gpg-connect-agent "SCD SERIALNO --all" "SCD GETINFO card_list" /bye | sed -n 's/^S SERIALNO //p'
			gpgconf --kill all
			rm -rf "$GNUPGHOME"
		done | sort -u ;;
piv)		for r in 00 01; do yubico-piv-tool -r "Virtual PCD 00 $r" -a status | sed -n 's/^CHUID:[[:space:]]*//p'; done ;;
esac
LOOK
for round in 1 2; do
	scene "round $round"
	for what in readers pcsc_scan status cards kept tokens numbers slots nss certificates urls keys agent; do
		distinct 4 $what vicc-run --slots 4 "${cards[@]}" -- bash look $what
		[ "$round" = 2 ] || mv shown "$what.first"
		[ "$round" = 1 ] || diff "$what.first" shown || fail "$what are not the same as before"
	done
	distinct 10 nicknames vicc-run --slots 4 "${cards[@]}" -- bash look nicknames
	for what in piv ykman; do
		distinct 2 $what vicc-run --slots 4 "${cards[@]}" -- bash look $what
	done
	for what in openpgp gpg; do
		distinct 2 $what vicc-run -t openpgp -f e.json -t openpgp -f f.json -- bash look $what
	done
done
# PIV cards have four certificates by their slots, the others one
for label in alpha beta gamma delta; do
	grep -q "$label" certificates.first || fail "no certificate of $label"
done

# What the processes of one command have in common, their generators of random numbers have not.
scene "new cards of one command have numbers of their own"
distinct 4 cards vicc-run --slots 4 -t piv -t myeid -t piv -t myeid -- bash look cards
distinct 4 "random numbers" vicc-run --slots 4 -t cac -t cac -t cac -t cac -- \
	bash -c 'for r in 0 1 2 3; do opensc-tool --reader $r --send-apdu 0084000010 | tail -n 1; done'
