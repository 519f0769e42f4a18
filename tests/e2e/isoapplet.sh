#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An isoapplet card with OpenSC, ssh and gpg: made, used, restarted from its image, used
# again; then, as there is no way to erase one, a second card by the same list.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
tools opensc-tool opensc-explorer pkcs15-init pkcs15-tool pkcs11-tool openssl ssh ssh-agent sshd gpg

PIN=123456
PUK=0123456789abcdef

init()
{
	quietly pkcs15-init "$@"
}

p11()
{
	quietly pkcs11-tool --module "$PKCS11" --login --pin $PIN "$@"
}

read_public() # id
{
	pkcs15-tool --read-public-key "$1" 2>>opensc.log || fail "read public key $1"
}

make_card()
{
	scene "pkcs15-init makes it"
	opensc-tool -n 2>>opensc.log | contains IsoApplet || fail "opensc-tool -n"
	init --create-pkcs15 --so-pin $PIN --so-puk $PUK
	quietly pkcs15-tool --change-pin --pin $PIN --new-pin 654321
	quietly pkcs15-tool --unblock-pin --puk $PUK --new-pin $PIN
	init -G rsa:2048 --id 1 --key-usage decrypt,sign --auth-id FF --pin $PIN
	init -G ec:prime256v1 --id 3 --auth-id FF --pin $PIN
	read_public 1 >rsa.pub
	read_public 3 >ec.pub
}

fill_card()
{
	scene "keys, certificate and data from outside"
	openssl genrsa -out rsa.pem 2048 2>>opensc.log
	openssl ecparam -name secp384r1 -genkey -noout -out ec.pem
	openssl req -new -x509 -key rsa.pem -subj "/CN=isoapplet" -days 3650 -out cert.pem
	head -c 300 /dev/urandom >data
	init -S rsa.pem --id 5 --auth-id FF --pin $PIN --key-usage sign,decrypt
	init -X cert.pem --id 5 --pin $PIN --auth-id FF
	init -S ec.pem --id 7 --auth-id FF --pin $PIN
	init -W data --label data --pin $PIN --auth-id FF
	pkcs15-tool --read-certificate 5 2>>opensc.log | openssl x509 -outform DER >back.der
	openssl x509 -in cert.pem -outform DER | cmp - back.der || fail "another certificate came back"
	pkcs15-tool --read-data-object data --raw --verify-pin --pin $PIN 2>>opensc.log | cmp - data || fail "other data came back"
}

# Signatures that openssl verifies, and what openssl enciphered.
use_rsa() # id, public key
{
	head -c 1000 /dev/urandom >message
	p11 --sign --id "$1" -m SHA256-RSA-PKCS -i message -o signature
	quietly openssl dgst -sha256 -verify "$2" -signature signature message
	head -c 32 /dev/urandom >secret
	openssl pkeyutl -encrypt -pubin -inkey "$2" -in secret -out sealed
	p11 --decrypt --id "$1" -m RSA-PKCS -i sealed -o opened
	cmp secret opened || fail "deciphered wrongly"
}

use_ec() # id, public key
{
	openssl dgst -sha1 -binary message >digest
	p11 --sign --id "$1" -m ECDSA-SHA1 -i message -f openssl -o signature
	quietly openssl dgst -sha1 -verify "$2" -signature signature message
}

use_card()
{
	scene "signed, deciphered and tested"
	use_rsa 01 rsa.pub
	use_ec 03 ec.pub
	public_key_of rsa.pem >rsa5.pub
	public_key_of ec.pem >ec7.pub
	use_rsa 05 rsa5.pub
	use_ec 07 ec7.pub
	pkcs11-tool --module "$PKCS11" --login --pin $PIN --test >test.log 2>&1 || fail "--test: $(cat test.log)"
	grep -q "^No errors" test.log || fail "--test: $(cat test.log)"
	pkcs15-tool --dump >dump 2>>opensc.log
	grep -q "Private EC Key" dump || fail "pkcs15-tool --dump: $(cat dump)"
}

block_and_unblock()
{
	scene "a PIN run down and up again"
	for _ in 1 2 3; do
		refuses pkcs15-tool --verify-pin --pin 000000 >>opensc.log 2>&1
	done
	refuses pkcs15-tool --verify-pin --pin $PIN >>opensc.log 2>&1
	quietly pkcs15-tool --unblock-pin --puk $PUK --new-pin $PIN
	quietly pkcs15-tool --verify-pin --pin $PIN
}

explore()
{
	scene "opensc-explorer"
	head -c 64 /dev/urandom >blob
	cat >explore <<-EOF
		info
		cd 5015
		info
		verify CHV1 31:32:33:34:35:36:00:00:00:00:00:00:00:00:00:00
		create 4EEE 64
		update_binary 4EEE 0 $(od -An -tx1 -v blob | tr -d ' \n')
		get 4EEE back
		rm 4EEE
		do_get 0101
		random 8
		quit
	EOF
	quietly opensc-explorer explore
	cmp blob back || fail "what opensc-explorer wrote is not what it reads"
}

log_in()
{
	scene "ssh, with the RSA key"
	ssh_by_card $PIN ssh-rsa
}

gpg_sees_it()
{
	scene "gpg --card-status"
	gpg_card >card.txt || fail "gpg --card-status"
	grep -qi "pkcs#15\|p15" card.txt || fail "gpg: $(cat card.txt)"
}

reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start
for round in first second; do
	scene "the $round card"
	rm -f "$IMAGE"
	vicc_start isoapplet
	make_card
	fill_card
	use_card
	vicc_stop
	scene "again, from its image"
	vicc_start isoapplet
	use_card
	block_and_unblock
	explore
	if [ $round = first ]; then
		log_in
		gpg_sees_it
	fi
	init --delete-objects privkey,pubkey,cert --id 5 --pin $PIN
	vicc_stop
done
