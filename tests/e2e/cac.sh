#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A Common Access Card with OpenSC, GnuTLS and NSS: made of keys and certificates, used, its PIN
# changed and blocked, used again from its image; one with ten keys, and one of other sizes.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
tools opensc-tool pkcs15-tool pkcs11-tool openssl p11tool certutil modutil

PIN=123456

p11()
{
	pkcs11-tool --module "$PKCS11" "$@" 2>>opensc.log
}

signed_in()
{
	quietly pkcs11-tool --module "$PKCS11" --login --pin "$PIN" "$@"
}

# A key, and its certificate in one file.
make_id() # name bits subject
{
	openssl req -x509 -newkey "rsa:$2" -nodes -keyout "$1.key" -subj "$3" -days 3650 -out "$1.crt" \
		-addext keyUsage=digitalSignature,keyEncipherment 2>>opensc.log
	cat "$1.key" "$1.crt" >"$1.pem"
}

new_card() # options
{
	rm -f "$IMAGE"
	vicc_start cac --pin-file pins "$@"
}

tests_well()
{
	pkcs11-tool --module "$PKCS11" --login --pin "$PIN" --test >test.log 2>&1 || fail "--test: $(cat test.log)"
	grep -q "^No errors" test.log || fail "--test: $(cat test.log)"
}

who()
{
	scene "what it is"
	opensc-tool -n 2>>opensc.log | contains -x "Common Access Card (CAC)" || fail "opensc-tool -n"
	p11 -L >told
	for line in "token label *: CAC II$" "token manufacturer *: Common Access Card$" "token model *: PKCS#15 emulated$" \
		"token flags *: login required, rng, token initialized, PIN initialized" "pin min/max *: 4/8$"; do
		grep -q "$line" told || fail "-L: no $line: $(cat told)"
	done
	grep -q "serial num *: $(sed -n 's/.*"serial": "\([0-9A-F]*\)".*/\1/p' "$IMAGE" | tail -c 17 | tr A-F a-f)" told ||
		fail "another serial number: $(cat told)"
	pkcs15-tool -D >told 2>&1 || fail "pkcs15-tool -D: $(cat told)"
	! grep -qi failed told || fail "pkcs15-tool -D: $(cat told)"
	[ "$(p11 -O | grep -c '^Certificate Object')" = "$1" ] || fail "not $1 certificates: $(p11 -O)"
}

use_card() # name
{
	scene "signed and deciphered"
	head -c 1000 /dev/urandom >message
	head -c 32 /dev/urandom >secret
	openssl x509 -in "$1.crt" -pubkey -noout >pub.pem
	signed_in --sign --id 0001 -m SHA256-RSA-PKCS -i message -o signature
	quietly openssl dgst -sha256 -verify pub.pem -signature signature message
	openssl pkeyutl -encrypt -pubin -inkey pub.pem -in secret -out sealed
	signed_in --decrypt --id 0001 -m RSA-PKCS -i sealed -o opened
	cmp secret opened || fail "deciphered wrongly"
	p11 --read-object --type cert --id 0001 | openssl x509 -inform DER | cmp - "$1.crt" || fail "another certificate"
	quietly pkcs11-tool --module "$PKCS11" --generate-random 32 -o random
}

pins()
{
	scene "the PIN: changed and back, wrong, blocked"
	signed_in --change-pin --new-pin 654321
	refuses pkcs11-tool --module "$PKCS11" --login --pin 123456 -O >>opensc.log 2>&1
	quietly pkcs11-tool --module "$PKCS11" --login --pin 654321 --change-pin --new-pin 123456
	for _ in 1 2 3; do
		pkcs11-tool --module "$PKCS11" --login --pin 999999 -O >told 2>&1 && fail "any PIN will do"
	done
	pkcs11-tool --module "$PKCS11" --login --pin "$PIN" -O >told 2>&1 && fail "it is not blocked"
	grep -q CKR_PIN_LOCKED told || fail "not locked: $(cat told)"
	opensc-tool -s "00 2C 00 00 10 31 32 33 34 35 36 37 38 31 32 33 34 35 36 FF FF" 2>>opensc.log | contains "SW1=0x90" ||
		fail "not unblocked"
	signed_in -O
}

gnutls()
{
	local url

	scene "GnuTLS"
	url=$(p11tool --provider "$PKCS11" --list-token-urls 2>>opensc.log | grep 'manufacturer=Common%20Access%20Card')
	[ "$(echo "$url" | wc -l)" = 1 ] || fail "URLs: $url"
	export GNUTLS_PIN=$PIN
	quietly p11tool --provider "$PKCS11" --login --list-all "$url"
	quietly p11tool --provider "$PKCS11" --test-sign --login "$url;object=CAC%20ID%20Certificate;type=private"
}

nss()
{
	scene "NSS"
	mkdir nss
	certutil -N -d sql:nss --empty-password
	quietly modutil -force -dbdir sql:nss -add cac -libfile "$PKCS11"
	echo "$PIN" >nss.pin
	certutil -K -d sql:nss -h all -f nss.pin >told 2>&1 || fail "certutil -K: $(cat told)"
	grep -q "CAC ID Certificate" told || fail "certutil -K: $(cat told)"
}

printf 'PIN1=%s\nPUK1=12345678\n' "$PIN" >pins
chmod 600 pins
make_id id1 2048 /O=OpenSC
reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start
new_card --import id1.pem
who 1
tests_well
use_card id1
pins
gnutls
nss
vicc_stop
vicc_start cac
who 1
use_card id1
vicc_stop

scene "a card of keys of three sizes, one of them its own"
make_id id2 3072 /CN=second
make_id id3 1024 /CN=third
new_card --import id2.pem --import id3.pem --generate 02=rsa2048 --subject "Some Body"
p11 -L | contains "token label *: second$" || fail "another label: $(p11 -L)"
p11 --read-object --type cert --id 0003 | openssl x509 -inform DER -noout -subject | contains "Some Body" || fail "another subject"
use_card id2
tests_well
vicc_stop

scene "ten certificates"
ids=()
for i in 0 1 2 3 4 5 6 7 8 9; do
	make_id "n$i" 1024 "/CN=number $i"
	ids+=(--import "n$i.pem")
done
new_card "${ids[@]}"
[ "$(p11 -O | grep -c '^Certificate Object')" = 10 ] || fail "not ten certificates"
signed_in --sign --id 000A -m SHA256-RSA-PKCS -i message -o signature
openssl x509 -in n9.crt -pubkey -noout >pub.pem
quietly openssl dgst -sha256 -verify pub.pem -signature signature message
vicc_stop
pcscd_lives
