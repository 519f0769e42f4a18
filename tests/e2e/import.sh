#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Cards that vicc --import makes, of both types that OpenSC personalises: everything that
# pkcs15-init would have done is there, and it can go on with them.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
tools opensc-tool pkcs15-init pkcs15-tool pkcs11-tool p11tool openssl ssh sshd

PIN=123456
PHRASE="open sesame"

make_inputs()
{
	scene "keys and certificates, as people keep them"
	openssl genrsa -out ca.key 2048 2>>opensc.log
	openssl req -new -x509 -key ca.key -subj "/CN=An issuer" -days 3650 -out ca.crt
	openssl genrsa -out rsa.key 2048 2>>opensc.log
	openssl req -new -key rsa.key -subj "/CN=Some Body" -out rsa.req
	openssl x509 -req -in rsa.req -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -out rsa.crt 2>>opensc.log
	openssl pkey -in rsa.key -aes256 -passout "pass:$PHRASE" -out rsa.sealed
	openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:1024 -out pss.key 2>>opensc.log
	openssl ecparam -name prime256v1 -genkey -noout -out ec.key
	openssl req -new -x509 -key ec.key -subj "/CN=Some Body's EC" -days 3650 -out ec.crt
	openssl pkcs12 -export -in rsa.crt -inkey rsa.key -certfile ca.crt -passout "pass:$PHRASE" -out rsa.p12
	openssl pkcs12 -export -in ec.crt -inkey ec.key -passout pass: -out ec.p12
	public_key_of rsa.key >rsa.pub
	public_key_of ec.key >ec.pub
	printf 'another one\n%s\n' "$PHRASE" >phrases
	head -c 1000 /dev/urandom >message
	head -c 32 /dev/urandom >secret
	head -c 300 /dev/urandom >data
}

p11()
{
	quietly pkcs11-tool --module "$PKCS11" --login --pin $PIN "$@"
}

is_certificate() # id, file
{
	pkcs15-tool --read-certificate "$1" 2>>opensc.log | openssl x509 -outform DER >back.der
	openssl x509 -in "$2" -outform DER | cmp - back.der || fail "certificate $1 is not $2"
}

use_rsa() # id
{
	p11 --sign --id "$1" -m SHA256-RSA-PKCS -i message -o signature
	quietly openssl dgst -sha256 -verify rsa.pub -signature signature message
	openssl pkeyutl -encrypt -pubin -inkey rsa.pub -in secret -out sealed
	p11 --decrypt --id "$1" -m RSA-PKCS -i sealed -o opened
	cmp secret opened || fail "deciphered wrongly"
	pkcs15-tool --read-public-key "$1" 2>>opensc.log | cmp - rsa.pub || fail "another RSA key"
}

use_ec() # id
{
	p11 --sign --id "$1" -m ECDSA-SHA1 -i message -f openssl -o signature
	quietly openssl dgst -sha1 -verify ec.pub -signature signature message
	pkcs15-tool --read-public-key "$1" 2>>opensc.log | openssl pkey -pubin -outform PEM | cmp - ec.pub ||
		fail "another EC key"
}

is_refused() # text, command
{
	local says=$1

	shift
	refuses in_time "$@" </dev/null >refused.log 2>&1
	grep -qF -- "$says" refused.log || fail "does not say \"$says\": $(cat refused.log)"
}

# What there is, found by whoever asks.
look() # auth id
{
	scene "$TYPE: it is all there"
	pkcs15-tool --dump >dump 2>>opensc.log
	grep -q "^PKCS#15 Card \[A card for CI\]" dump || fail "another label: $(cat dump)"
	[ "$(grep -c "^Private .* Key" dump)" = 2 ] || fail "not two keys: $(cat dump)"
	[ "$(grep -c "^X.509 Certificate" dump)" = 3 ] || fail "not three certificates: $(cat dump)"
	grep -q "Serial number  : $(sed -n 's/.*"serial": "\(.*\)".*/\L\1/p' "$IMAGE")" dump ||
		fail "another serial number: $(cat dump)"
	quietly pkcs15-tool --verify-pin --auth-id "$1" --pin $PIN
	refuses pkcs15-tool --verify-pin --auth-id "$1" --pin 000000 >>opensc.log 2>&1
	quietly pkcs15-tool --verify-pin --auth-id "$1" --pin $PIN
	is_certificate 01 rsa.crt
	is_certificate 02 ec.crt
	is_certificate 03 ca.crt
	pkcs11-tool --module "$PKCS11" --list-token-slots >slots 2>>opensc.log
	grep -q "token label *: A card for CI$" slots || fail "another token: $(cat slots)"
	p11tool --provider "$PKCS11" --list-all "pkcs11:token=A%20card%20for%20CI" >objects 2>>opensc.log
	grep -q "object=Some%20Body;type=cert" objects || fail "p11tool: $(cat objects)"
	grep -q "object=Some%20Body%27s%20EC;type=public" objects || fail "p11tool: $(cat objects)"
}

use()
{
	scene "$TYPE: signed, deciphered and tested"
	use_rsa 01
	use_ec 02
	pkcs11-tool --module "$PKCS11" --login --pin $PIN --test >test.log 2>&1 || fail "--test: $(cat test.log)"
	grep -q "^No errors" test.log || fail "--test: $(cat test.log)"
}

log_in() # beginning of the line of the key
{
	scene "$TYPE: ssh"
	ssh_pin $PIN
	ssh-keygen -D "$PKCS11" 2>>opensc.log | grep "^$1" | head -n 1 >login.pub
	ssh_server "$(cat login.pub)"
	ssh_login -I "$PKCS11"
	job_stop sshd
}

# pkcs15-init: another data object, key and certificate; away with a key that was imported.
go_on() # options that prove who one is
{
	scene "$TYPE: pkcs15-init goes on with it"
	quietly pkcs15-init -W data --label data "$@"
	pkcs15-tool --read-data-object data --raw --verify-pin "${AUTH[@]}" 2>>opensc.log | cmp - data ||
		fail "other data came back"
	quietly pkcs15-init -G rsa:2048 --id 20 --key-usage sign,decrypt "$@"
	quietly pkcs15-init -S ca.key --id 21 --key-usage sign "$@"
	quietly pkcs15-init -X ca.crt --id 21 "$@"
	is_certificate 21 ca.crt
	p11 --sign --id 20 -m SHA256-RSA-PKCS -i message -o signature
	use_rsa 01
	quietly pkcs15-init --delete-objects privkey,pubkey,cert --id 01 "$@"
	refuses pkcs15-tool --read-certificate 01 >>opensc.log 2>&1
	use_ec 02
}

unblock() # puk
{
	scene "$TYPE: the PUK"
	for _ in 1 2 3; do
		refuses pkcs15-tool --verify-pin --auth-id "$AUTH_ID" --pin 000000 >>opensc.log 2>&1
	done
	refuses pkcs15-tool --verify-pin "${AUTH[@]}" >>opensc.log 2>&1
	quietly pkcs15-tool --unblock-pin --auth-id "$AUTH_ID" --puk "$1" --new-pin $PIN
	quietly pkcs15-tool --verify-pin "${AUTH[@]}"
}

refused()
{
	local new=("${VICC[@]}" -t "$TYPE" -f "$E2E_DIR/other.json")

	scene "$TYPE: refusals"
	is_refused "is there already" "${VICC[@]}" -t "$TYPE" -f "$IMAGE" --import rsa.key --pin-file pins
	is_refused "no line of --passphrase-file phrases.wrong" "${new[@]}" --import rsa.p12 --pin-file pins \
		--passphrase-file phrases.wrong
	is_refused "--pin-file none: No such file" "${new[@]}" --import rsa.key --pin-file none
	is_refused "--import none: No such file" "${new[@]}" --import none --pin-file pins
	is_refused "neither a key nor a certificate" "${new[@]}" --import message --pin-file pins
	is_refused "this kind of key, curve or encryption is not supported" "${new[@]}" --import pss.key --pin-file pins
	is_refused "there is no PIN1" "${new[@]}" --import rsa.key --pin-file pins.none
	is_refused "no terminal to ask at" setsid "${new[@]}" --import rsa.key
	is_refused "no terminal to ask at" setsid "${new[@]}" --import rsa.sealed --pin-file pins
	[ ! -e other.json ] || fail "a card was made all the same"
	! grep -rqF -e $PIN -e "$PHRASE" refused.log vicc.log || fail "a secret is shown"
}

card() # PUK, authentication id, options of pkcs15-init
{
	AUTH_ID=$2
	AUTH=(--auth-id "$2" --pin "$PIN")
	vicc_start "$TYPE" --import rsa.p12 --import ec.p12 --import ec.crt --passphrase-file phrases \
		--pin-file pins --label "A card for CI"
	look "$2"
	use
	log_in "$LOGIN"
	unblock "$1"
	vicc_stop
	scene "$TYPE: by the same command, which keeps it, without the files"
	cp "$IMAGE" before.json
	vicc_start "$TYPE" --import none --pin-file none --keep
	is_certificate 01 rsa.crt
	vicc_stop
	cmp before.json "$IMAGE" || fail "another card"
	scene "$TYPE: again, from its image"
	vicc_start "$TYPE"
	use
	go_on "${AUTH[@]}" "${@:3}"
	vicc_stop
	refused
	scene "$TYPE: another card in place of it"
	cp "$IMAGE" before.json
	vicc_start "$TYPE" --force --import rsa.sealed --passphrase-file phrases --pin-file pins
	use_rsa 01
	vicc_stop
	[ "$(grep '"serial"' "$IMAGE")" != "$(grep '"serial"' before.json)" ] || fail "the same serial number"
	rm -f "$IMAGE" before.json
}

make_inputs
echo "wrong" >phrases.wrong
echo "PUK1=0123456789abcdef" >pins.none
is_refused "has no place for keys" "${VICC[@]}" --import rsa.key --pin-file pins

reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start

TYPE=isoapplet LOGIN=ssh-rsa
printf 'PIN1=%s\nPUK1=0123456789abcdef\n' $PIN >pins
card 0123456789abcdef FF

TYPE=myeid LOGIN=ecdsa-sha2-nistp256
printf 'PIN1=%s\nPUK1=1234567\nSOPIN=87654321\nSOPUK=12345678\n' $PIN >pins
echo "PUK1=12345678" >pins.none
card 1234567 01 --so-pin 87654321

scene "myeid: without an officer the user may do it all"
printf 'PIN1=%s\n' $PIN >pins
vicc_start myeid --import ec.key --pin-file pins
use_ec 01
quietly pkcs15-init -W data --label data --auth-id 01 --pin $PIN
head -c 32 /dev/urandom >aes.key
quietly pkcs15-init --store-secret-key aes.key --secret-key-algorithm aes/256 --id a1 \
	--key-usage keyEncipherment,dataEncipherment --auth-id 01 --pin $PIN
iv=000102030405060708090a0b0c0d0e0f
p11 --encrypt --id a1 -m AES-CBC-PAD --iv $iv -i message -o sealed
openssl enc -aes-256-cbc -K "$(od -An -tx1 -v aes.key | tr -d ' \n')" -iv $iv -in message | cmp - sealed ||
	fail "enciphered wrongly"
quietly pkcs15-init -E --secret @01=$PIN
refuses pkcs15-tool --dump >>opensc.log 2>&1
vicc_stop
