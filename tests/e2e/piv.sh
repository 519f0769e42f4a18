#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A PIV card with yubico-piv-tool, ykman, OpenSC and ssh: filled, used, restarted from its image,
# used again, blocked and begun anew; then all of it once more on that card;
# and a card that is made with keys.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
tools yubico-piv-tool ykman opensc-tool piv-tool pkcs15-tool pkcs11-tool openssl p11tool ssh ssh-agent sshd

PIN=123456
SLOTS=(9a 9c 9d 9e 82 95)

yubico()
{
	quietly yubico-piv-tool -r Virtual "$@"
}

signed_in()
{
	quietly pkcs11-tool --module "$PKCS11" --login --pin "$PIN" "$@"
}

who()
{
	scene "who it is"
	opensc-tool -n 2>>opensc.log | contains -x "Personal Identity Verification Card" || fail "opensc-tool -n"
	yubico-piv-tool -r Virtual -a status 2>>opensc.log >told
	grep -q "^Version:.*5\.7\.2" told || fail "status: $(cat told)"
	grep -q "^PIN tries left:.*3" told || fail "status: $(cat told)"
	[ "$(sed -n 's/^Serial Number:[^0-9-]*//p' told)" -ge 0 ] || fail "status: $(cat told)"
	yubico -a set-chuid -a set-ccc
}

# Whether the last N numbers of a key fill as many BYTES each.
is_full() # key, N, BYTES
{
	[ "$(openssl asn1parse -in "$1" | sed -n 's/.*INTEGER *://p; s/.*HEX DUMP\]://p' | tail -n "$2" |
		grep -cxE "(0[1-9A-F]|[1-9A-F].)[0-9A-F]{$((2 * $3 - 2))}")" = "$2" ]
}

# Of a number that is a byte shorter than it might be, which one key in forty has,
# yubico-piv-tool 2.7 tells a length that is a byte too long: such keys are not for it.
make_key() # place
{
	local numbers=5 bytes=128 key=key$1.pem make=(openssl genrsa -traditional -out "key$1.pem")

	case $1 in
	9a | 95) numbers=1 bytes=32 make=(openssl ecparam -name prime256v1 -genkey -noout -out "$key") ;;
	82) bytes=64 make+=(1024) ;;
	*) make+=(2048) ;;
	esac
	quietly "${make[@]}"
	until is_full "$key" "$numbers" "$bytes"; do
		quietly "${make[@]}"
	done
}

# A key and its certificate for each place, RSA and EC.
fill_card()
{
	local slot

	scene "keys and certificates from outside"
	for slot in "${SLOTS[@]}"; do
		make_key "$slot"
		yubico -a import-key -s "$slot" -i "key$slot.pem"
		openssl req -new -x509 -key "key$slot.pem" -subj "/CN=slot $slot" -days 3650 -out "cert$slot.pem"
		yubico -a import-certificate -s "$slot" -i "cert$slot.pem"
	done
}

# Signatures and cryptograms that OpenSSL understands, by OpenSC.
use_card()
{
	local slot

	scene "signed, deciphered and agreed"
	head -c 1000 /dev/urandom >message
	head -c 32 /dev/urandom >secret
	for slot in "${SLOTS[@]}"; do
		yubico-piv-tool -r Virtual -a read-certificate -s "$slot" 2>>opensc.log | cmp - "cert$slot.pem" ||
			fail "another certificate in $slot"
	done
	signed_in --sign --id 02 -m SHA256-RSA-PKCS -i message -o signature
	public_key_of key9c.pem >pub.pem
	quietly openssl dgst -sha256 -verify pub.pem -signature signature message
	signed_in --sign --id 01 -m ECDSA-SHA256 -i message -f openssl -o signature
	public_key_of key9a.pem >pub.pem
	quietly openssl dgst -sha256 -verify pub.pem -signature signature message
	openssl pkeyutl -encrypt -certin -inkey cert9d.pem -in secret -out sealed
	signed_in --decrypt --id 03 -m RSA-PKCS -i sealed -o opened
	cmp secret opened || fail "deciphered wrongly"
	yubico -a verify-pin -P "$PIN" -a test-signature -s 9c -i cert9c.pem
	yubico -a verify-pin -P "$PIN" -a test-decipher -s 9d -i cert9d.pem
	yubico -a verify-pin -P "$PIN" -a test-signature -s 9a -i cert9a.pem
	yubico -a test-signature -s 9e -i cert9e.pem
	quietly pkcs15-tool --dump
	pkcs11-tool --module "$PKCS11" --login --pin "$PIN" --test >test.log 2>&1 || fail "--test: $(cat test.log)"
	grep -q "^No errors" test.log || fail "--test: $(cat test.log)"
	p11tool --provider "$PKCS11" --list-all-certs "pkcs11:" >certs 2>>opensc.log
	[ "$(grep -c "^Object" certs)" = ${#SLOTS[@]} ] || fail "p11tool: $(cat certs)"
	yubico-piv-tool -r Virtual -a status 2>>opensc.log | grep -c "^Slot" >slots
	[ "$(cat slots)" -ge 4 ] || fail "status shows $(cat slots) slots"
}

# Made on the card, and attested: nobody else has it.
generate()
{
	local alg

	scene "keys made on the card, attested"
	yubico -a read-certificate -s f9 -o f9.pem
	for alg in RSA1024 RSA2048 ECCP256 ECCP384; do
		yubico -a generate -s 83 -A $alg -o pub.pem
		yubico -a attest -s 83 -o attested.pem
		quietly openssl verify -partial_chain -trusted f9.pem attested.pem
		openssl x509 -in attested.pem -pubkey -noout | cmp - pub.pem || fail "another key was attested"
		openssl x509 -in attested.pem -subject -noout | contains "PIV Attestation 83" || fail "attested for another"
	done
	refuses yubico-piv-tool -r Virtual -a attest -s 9a >>opensc.log 2>&1
}

# OpenSC's own tool knows the management key by a file; that it has written is not its exit status.
opensc_admin()
{
	scene "piv-tool"
	echo 01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:08 >admin.key
	export PIV_EXT_AUTH_KEY=$PWD/admin.key
	printf 'S\004text' >object
	piv-tool -A M:9B:03 -O 9000 -i object >>opensc.log 2>&1 || :
	yubico-piv-tool -r Virtual -a read-object --id 0x5fc106 -f binary >back 2>>opensc.log
	[ "$(cat back)" = text ] || cmp back object || fail "piv-tool stored another object"
	quietly piv-tool --serial --name
	yubico -a delete-certificate -s 9c
	piv-tool -A M:9B:03 -C 9C -i cert9c.pem >>opensc.log 2>&1 || :
	yubico-piv-tool -r Virtual -a read-certificate -s 9c 2>>opensc.log | cmp - cert9c.pem ||
		fail "piv-tool stored another certificate"
}

pins()
{
	scene "PIN, PUK and management key"
	yubico -a change-pin -P 123456 -N 24681012
	refuses yubico-piv-tool -r Virtual -a verify-pin -P 123456 >>opensc.log 2>&1
	yubico -a change-puk -P 12345678 -N 87654321
	yubico -a unblock-pin -P 87654321 -N 654321
	quietly pkcs15-tool --verify-pin --auth-id 01 --pin 654321
	quietly pkcs15-tool --change-pin --auth-id 01 --pin 654321 --new-pin 123456
	for _ in 1 2 3; do
		refuses yubico-piv-tool -r Virtual -a verify-pin -P 999999 >>opensc.log 2>&1
	done
	refuses yubico-piv-tool -r Virtual -a verify-pin -P 123456 >>opensc.log 2>&1
	quietly pkcs15-tool --unblock-pin --auth-id 01 --puk 87654321 --new-pin 123456
	yubico -a verify-pin -P 123456
	yubico -a set-mgm-key -n 0102030405060708A1A2A3A4A5A6A7A8B1B2B3B4B5B6B7B8
	refuses yubico-piv-tool -r Virtual -a set-chuid >>opensc.log 2>&1
	yubico -k0102030405060708A1A2A3A4A5A6A7A8B1B2B3B4B5B6B7B8 \
		-a set-mgm-key -n 010203040506070801020304050607080102030405060708
	yubico -a set-chuid
	yubico -a verify-pin -P 123456 -a pin-retries --pin-retries 5 --puk-retries 4
	yubico-piv-tool -r Virtual -a status 2>>opensc.log | contains "^PIN tries left:.*5" || fail "retries"
}

log_in()
{
	scene "ssh, with the key in 9A"
	ssh_by_card "$PIN" ecdsa-sha2-nistp256
}

restart()
{
	vicc_stop
	vicc_start piv
}

begin_anew()
{
	scene "blocked, and begun anew"
	refuses yubico-piv-tool -r Virtual -a reset >>opensc.log 2>&1
	for _ in 1 2 3 4 5; do
		refuses yubico-piv-tool -r Virtual -a verify-pin -P 999999 >>opensc.log 2>&1
		refuses yubico-piv-tool -r Virtual -a unblock-pin -P 99999999 -N 123456 >>opensc.log 2>&1
	done
	yubico -a reset
	refuses yubico-piv-tool -r Virtual -a read-certificate -s 9a >>opensc.log 2>&1
	yubico -a verify-pin -P 123456
}

yk()
{
	quietly ykman -r "00 00" "$@"
}

# ykman asks the management application first, and keeps a management key that the PIN guards.
ykman_too()
{
	local key=010203040506070801020304050607080102030405060708

	scene "ykman"
	ykman -r "00 00" info 2>>opensc.log >told || fail "ykman info"
	grep -q "^PIV.*Enabled" told || fail "ykman info: $(cat told)"
	grep -q "^Serial number: *[0-9]" told || fail "ykman info: $(cat told)"
	yk piv keys generate -a ECCP256 -m $key 9a pub.pem
	yk piv certificates generate -s CN=yk -P 123456 -m $key 9a pub.pem
	yk piv keys attest 9a attested.pem
	yk piv access change-pin -P 123456 -n 654321
	yk piv access change-management-key -a AES256 -g -p -P 654321 -m $key
	yk piv certificates generate -s CN=again -P 654321 9a pub.pem
	ykman -r "00 00" piv info 2>>opensc.log >told || fail "ykman piv info"
	grep -q "CN=again" told || fail "ykman piv info: $(cat told)"
	yk piv reset -f
	yubico -a verify-pin -P 123456
}

# OpenSSL's engine and Java's provider, where they are installed.
others()
{
	if openssl engine pkcs11 >/dev/null 2>&1; then
		scene "OpenSSL's engine"
		openssl x509 -in cert.pem -pubkey -noout >pub.pem
		PKCS11_MODULE_PATH=$PKCS11 quietly openssl dgst -engine pkcs11 -keyform engine -sha256 -out signature \
			-sign "pkcs11:id=%01;type=private;pin-value=$PIN" message
		quietly openssl dgst -sha256 -verify pub.pem -signature signature message
	fi
	if command -v keytool >/dev/null; then
		scene "Java's SunPKCS11"
		printf 'name = vicc\nlibrary = %s\nslotListIndex = 0\n' "$PKCS11" >sun.cfg
		keytool -list -keystore NONE -storetype PKCS11 -providerClass sun.security.pkcs11.SunPKCS11 \
			-providerArg sun.cfg -storepass "$PIN" >java.log 2>&1 || fail "keytool: $(cat java.log)"
		[ "$(grep -c PrivateKeyEntry java.log)" = 3 ] || fail "keytool: $(cat java.log)"
	fi
}

# One command makes a card of keys, from outside and of its own.
personal()
{
	scene "a card that is somebody's from the beginning"
	printf 'PIN1=246810\nPUK1=13579135\nADMINKEY=0x%s\n' 000102030405060708090a0b0c0d0e0f1011121314151617 >pins
	chmod 600 pins
	openssl pkcs12 -export -inkey key9c.pem -in cert9c.pem -passout pass:sesame -out key.p12
	echo sesame >phrases
	chmod 600 phrases
	rm -f "$IMAGE"
	vicc_start piv --import 9D=key.p12 --passphrase-file phrases --generate 9A=p256 --generate 9C=rsa2048 \
		--subject "Some Body" --pin-file pins
	PIN=246810
	pkcs15-tool --list-certificates >certs 2>>opensc.log
	[ "$(grep -c "^X.509" certs)" = 3 ] || fail "certificates: $(cat certs)"
	pkcs11-tool --module "$PKCS11" --login --pin "$PIN" --test >test.log 2>&1 || fail "--test: $(cat test.log)"
	grep -q "^No errors" test.log || fail "--test: $(cat test.log)"
	yubico-piv-tool -r Virtual -a read-certificate -s 9a >cert.pem 2>>opensc.log
	quietly openssl verify -partial_chain -trusted cert.pem cert.pem
	openssl x509 -in cert.pem -noout -subject | contains "Some Body" || fail "another subject"
	yubico -a verify-pin -P "$PIN" -a test-signature -s 9a -i cert.pem
	yubico -k000102030405060708090a0b0c0d0e0f1011121314151617 -a set-chuid
	refuses yubico-piv-tool -r Virtual -a set-chuid >>opensc.log 2>&1
}

reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start
vicc_start piv
for round in first second; do
	scene "$round time"
	who
	fill_card
	use_card
	restart
	use_card
	generate
	opensc_admin
	pins
	log_in
	begin_anew
	ykman_too
	restart
done
vicc_stop
personal
others
vicc_stop
pcscd_lives
