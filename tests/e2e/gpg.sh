#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# GnuPG with the cards that OpenSC uses, by gnupg-pkcs11-scd: a key of the card becomes an
# OpenPGP key that signs and deciphers. GnuPG's own scdaemon lists such cards, and uses none.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
tools openssl gpg gpg-agent gpg-connect-agent gnupg-pkcs11-scd

export GNUPGHOME=$HOME/.gnupg
PIN=123456
UID_="Some Body <body@example.org>"

make_inputs()
{
	openssl req -new -x509 -newkey rsa:2048 -nodes -keyout key.pem -subj "/CN=Some Body" -days 3650 \
		-out cert.pem 2>>opensc.log
	printf 'PIN1=%s\nPUK1=0123456789abcdef\n' $PIN >pins.isoapplet
	printf 'PIN1=%s\nPUK1=12345678\n' $PIN >pins.myeid
	chmod 600 pins.*
	# what GnuPG asks for a PIN: it knows it, and will not insert a card that is out
	cat >pinentry <<-EOF
		#!/bin/bash
		echo OK
		while read -r word _; do
			case \$word in
			GETPIN) printf 'D $PIN\nOK\n' ;;
			CONFIRM) echo "ERR 83886179 Operation cancelled" ;;
			BYE) echo OK; exit ;;
			*) echo OK ;;
			esac
		done
	EOF
	chmod 700 pinentry
}

# As vicc-cards(7) prints it, and a program that types the PIN.
configure()
{
	rm -rf "$GNUPGHOME"
	mkdir -m 700 "$GNUPGHOME"
	echo "pinentry-program $E2E_DIR/pinentry" >"$GNUPGHOME/gpg-agent.conf"
	example vicc-cards.7 GNUPG | sed "s,^M=.*,M=$PKCS11," >block
	grep -q "^M=$PKCS11" block || fail "another example: $(cat block)"
	bash -e block >learned 2>>opensc.log || fail "the manual's example: $(cat block)"
}

make_openpgp_key()
{
	local grip

	scene "$TYPE: its key becomes an OpenPGP key"
	grip=$(sed -n 's/^S KEY-FRIEDNLY \([0-9A-F]*\) .*/\1/p' learned)
	[ -n "$grip" ] || fail "no key: $(cat learned)"
	printf '%s\n' "Key-Type: RSA" "Key-Grip: $grip" "Key-Usage: cert sign encrypt" \
		"Name-Real: Some Body" "Name-Email: body@example.org" "%commit" >parameters
	quietly gpg --batch --generate-key parameters
}

# A session key that is sealed begins with a zero byte once in 256 times; gnupg-pkcs11-scd leaves
# that out, and cards take no cryptogram that is shorter than the key. Such messages are not for it.
seal()
{
	local bits=0

	while [ "$bits" -le 2040 ]; do
		quietly gpg --batch --yes --trust-model always -r "$UID_" --output sealed --encrypt message
		bits=$(gpg --list-only --list-packets sealed 2>>opensc.log | sed -n 's/.*data: \[\([0-9]*\) bits\]/\1/p')
	done
}

use_openpgp_key()
{
	scene "$TYPE: signed and deciphered"
	head -c 1000 /dev/urandom >message
	quietly gpg --batch --yes --output signed --sign message
	quietly gpg --batch --yes --output back --decrypt signed
	cmp message back || fail "another message was signed"
	quietly gpg --batch --yes --output signature --detach-sign message
	quietly gpg --batch --verify signature message
	echo x >>message
	refuses gpg --batch --verify signature message >>opensc.log 2>&1
	seal
	quietly gpg --batch --yes --output opened --decrypt sealed
	cmp message opened || fail "deciphered wrongly"
}

# Nothing of it is on the host: without the card there is no signature.
needs_the_card()
{
	scene "$TYPE: without it there is no signature"
	vicc_stop
	refuses in_time gpg --batch --yes --output signature --detach-sign message >>opensc.log 2>&1
	gnupg_end
}

make_inputs
reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start
for TYPE in isoapplet myeid; do
	scene "$TYPE"
	rm -f "$IMAGE"
	vicc_start $TYPE --import key.pem --import cert.pem --pin-file pins.$TYPE
	configure
	make_openpgp_key
	use_openpgp_key
	needs_the_card
done
