#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A card of the MyEID family with OpenSC, ssh and gpg: personalised, used, restarted from
# its image, used again, erased; then the same once more on the card that was erased.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
tools opensc-tool opensc-explorer pkcs15-init pkcs15-tool pkcs15-crypt pkcs11-tool openssl p11tool \
	ssh ssh-agent sshd gpg gpg-connect-agent

SO=(--so-pin 00000000)
USER=(--auth-id 1 --pin 11111111)
CURVES=(192:prime192v1 256:prime256v1 384:secp384r1 521:secp521r1)

init()
{
	quietly pkcs15-init "$@"
}

signed_in()
{
	quietly pkcs11-tool --module "$PKCS11" --login --pin 11111111 "$@"
}

read_public() # id
{
	pkcs15-tool --read-public-key "$1" 2>>opensc.log || fail "read public key $1"
}

make_card()
{
	scene "pkcs15-init personalises it"
	opensc-tool -n 2>>opensc.log | contains '^OsEID 4\.' || fail "opensc-tool -n"
	init -C --pin 1111 --puk 1111111 "${SO[@]}" --so-puk 00000000
	init -P -a 1 -l "Basic PIN" --pin 11111111 --puk 111111 "${SO[@]}"
	init -P -a 2 -l "Another" --pin 22222222 --puk 222222 "${SO[@]}"
	# before rules are in force nothing has to be proven, and so OpenSC may go on
	init -G rsa:1024 --id 45 --key-usage sign "${USER[@]}" "${SO[@]}"
	signed_in --test
	init --delete-objects privkey,pubkey --id 45 "${USER[@]}" "${SO[@]}"
	init -F
}

generate()
{
	local curve

	scene "keys made on the card"
	init -G rsa:2048 --id 20 --key-usage sign,decrypt "${USER[@]}" "${SO[@]}"
	init -G rsa:512 --id 05 --key-usage sign,decrypt "${USER[@]}" "${SO[@]}"
	RSA=(20 05)
	if [ $round = first ]; then
		RSA+=(40)
		init -G rsa:4096 --id 40 --key-usage sign,decrypt "${USER[@]}" "${SO[@]}"
	fi
	for curve in "${CURVES[@]}"; do
		init -G "ec:${curve#*:}" --id "0${curve%%:*}" --key-usage sign,keyAgreement "${USER[@]}" "${SO[@]}"
	done
}

fill_card()
{
	scene "keys, certificate and data from outside"
	openssl genrsa -out rsa.pem 2048 2>>opensc.log
	openssl ecparam -name secp384r1 -genkey -noout -out ec.pem
	openssl req -new -x509 -key rsa.pem -subj "/CN=myeid" -days 3650 -out cert.pem
	openssl x509 -in cert.pem -outform DER -out cert.der
	head -c 300 /dev/urandom >data
	init -S rsa.pem --id 71 --key-usage sign,decrypt "${USER[@]}" "${SO[@]}"
	init -X cert.pem --id 71 "${USER[@]}" "${SO[@]}"
	init -S ec.pem --id 72 --key-usage sign,keyAgreement "${USER[@]}" "${SO[@]}"
	head -c 32 /dev/urandom >aes.key
	init --store-secret-key aes.key --secret-key-algorithm aes/256 --id a1 \
		--key-usage keyEncipherment,dataEncipherment "${USER[@]}" "${SO[@]}"
	init -W data --label data --pin 11111111 --auth-id 1 "${SO[@]}"
}

came_back()
{
	pkcs15-tool --read-certificate 71 2>>opensc.log | openssl x509 -outform DER | cmp - cert.der ||
		fail "another certificate came back"
	pkcs15-tool --read-data-object data --raw --verify-pin "${USER[@]}" 2>>opensc.log | cmp - data ||
		fail "other data came back"
}

# Signatures that openssl verifies, and what openssl enciphered.
use_rsa() # id, public key
{
	signed_in --sign --id "$1" -m SHA256-RSA-PKCS -i message -o signature
	quietly openssl dgst -sha256 -verify "$2" -signature signature message
	openssl pkeyutl -encrypt -pubin -inkey "$2" -in secret -out sealed
	signed_in --decrypt --id "$1" -m RSA-PKCS -i sealed -o opened
	cmp secret opened || fail "deciphered wrongly"
}

use_rsa_raw() # id, public key
{
	local size

	size=$(openssl pkey -pubin -in "$2" -text -noout | sed -n 's/.*(\([0-9]*\) bit).*/\1/p')
	{ printf '\0' && head -c $((size / 8 - 1)) /dev/urandom; } >block
	signed_in --sign --id "$1" -m RSA-X-509 -i block -o signature
	openssl pkeyutl -encrypt -pubin -inkey "$2" -pkeyopt rsa_padding_mode:none -in signature -out back
	cmp block back || fail "signed another block"
}

use_ec() # id, public key
{
	signed_in --sign --id "$1" -m ECDSA-SHA1 -i message -f openssl -o signature
	quietly openssl dgst -sha1 -verify "$2" -signature signature message
	openssl dgst -sha384 -binary message >digest
	signed_in --sign --id "$1" -m ECDSA -i digest -f openssl -o signature
	quietly openssl pkeyutl -verify -pubin -inkey "$2" -in digest -sigfile signature
}

agree() # id, public key, curve
{
	openssl ecparam -name "$3" -genkey -noout -out other.pem
	openssl pkey -in other.pem -pubout -outform DER -out other.der
	signed_in --derive --id "$1" -m ECDH1-DERIVE -i other.der -o shared
	openssl pkeyutl -derive -inkey other.pem -peerkey "$2" -out own
	cmp own shared || fail "agreed on another secret"
}

use_card()
{
	local curve id

	scene "signed, deciphered, agreed and tested"
	head -c 1000 /dev/urandom >message
	head -c 32 /dev/urandom >secret
	for id in "${RSA[@]}"; do
		read_public "$id" >rsa.pub
		use_rsa "$id" rsa.pub
		use_rsa_raw "$id" rsa.pub
	done
	public_key_of rsa.pem >rsa.pub
	use_rsa 71 rsa.pub
	use_rsa_raw 71 rsa.pub
	for curve in "${CURVES[@]}"; do
		read_public "0${curve%%:*}" >ec.pub
		use_ec "0${curve%%:*}" ec.pub
		agree "0${curve%%:*}" ec.pub "${curve#*:}"
	done
	public_key_of ec.pem >ec.pub
	use_ec 72 ec.pub
	came_back
	pkcs11-tool --module "$PKCS11" --login --pin 11111111 --test >test.log 2>&1 || fail "--test: $(cat test.log)"
	grep -q "^No errors" test.log || fail "--test: $(cat test.log)"
	quietly pkcs15-tool --dump
	p11tool --provider "$PKCS11" --list-all-certs "pkcs11:" >certs 2>>opensc.log
	grep -q "MyEID%20%28Basic%20PIN%29;id=%71" certs || fail "p11tool: $(cat certs)"
}

# DES and 3DES in each size, as OpenSC stores them for the family.
store_des()
{
	local id=80 kind

	scene "DES keys"
	for kind in 8:des/64 16:3des/128 24:3des; do
		head -c "${kind%%:*}" /dev/urandom >des.key
		init --store-secret-key des.key --secret-key-algorithm "${kind#*:}" --id $id "${USER[@]}" "${SO[@]}"
		id=$((id + 1))
	done
}

# AES of the card against openssl's, and keys that travel under others.
use_aes()
{
	local iv=000102030405060708090a0b0c0d0e0f key other

	scene "AES, and keys wrapped and unwrapped"
	key=$(od -An -tx1 -v aes.key | tr -d ' \n')
	head -c 1000 /dev/urandom >plain
	signed_in --encrypt --id a1 -m AES-CBC-PAD --iv $iv -i plain -o sealed
	openssl enc -aes-256-cbc -K "$key" -iv $iv -in plain | cmp - sealed || fail "enciphered wrongly"
	signed_in --decrypt --id a1 -m AES-CBC-PAD --iv $iv -i sealed -o back
	cmp plain back || fail "deciphered wrongly"
	head -c 16 /dev/urandom >other.key
	other=$(od -An -tx1 -v other.key | tr -d ' \n')
	read_public 20 >rsa.pub
	openssl pkeyutl -encrypt -pubin -inkey rsa.pub -in other.key -out wrapped
	signed_in --unwrap -m RSA-PKCS --id 20 -i wrapped --key-type AES:16 --application-id b1 \
		--application-label other --extractable
	signed_in --wrap -m AES-CBC-PAD --iv $iv --id a1 --application-id b1 -o wrapped
	openssl enc -d -aes-256-cbc -K "$key" -iv $iv -in wrapped | cmp - other.key || fail "wrapped another key"
	signed_in --unwrap -m AES-CBC-PAD --iv $iv --id a1 -i wrapped --key-type AES:16 --application-id b2 \
		--application-label again
	head -c 32 plain >short
	signed_in --encrypt --id b2 -m AES-ECB -i short -o sealed
	openssl enc -aes-128-ecb -nopad -K "$other" -in short | cmp - sealed || fail "unwrapped another key"
	signed_in --delete-object --type secrkey --id b1
	signed_in --delete-object --type secrkey --id b2
}

pins()
{
	scene "PINs changed, run down and up again"
	quietly pkcs15-tool --change-pin "${USER[@]}" --new-pin 87654321
	quietly pkcs15-tool --unblock-pin --auth-id 1 --puk 111111 --new-pin 11111111
	for _ in 1 2 3; do
		refuses pkcs15-tool --verify-pin --auth-id 1 --pin 00000000 >>opensc.log 2>&1
	done
	refuses pkcs15-tool --verify-pin "${USER[@]}" >>opensc.log 2>&1
	refuses pkcs11-tool --module "$PKCS11" --login --pin 11111111 --list-objects >>opensc.log 2>&1
	quietly pkcs15-tool --unblock-pin --auth-id 1 --puk 111111 --new-pin 11111111
	quietly pkcs15-tool --verify-pin "${USER[@]}"
	quietly pkcs15-tool --verify-pin --auth-id 2 --pin 22222222
}

explore()
{
	scene "opensc-tool and opensc-explorer"
	SERIAL=$(opensc-tool --serial 2>>opensc.log)
	[ "$(wc -w <<<"$SERIAL")" -ge 10 ] || fail "opensc-tool --serial"
	quietly opensc-tool -f
	head -c 64 /dev/urandom >blob
	cat >explore <<-EOF
		ls
		cd 5015
		ls
		info 4402
		verify CHV1 31:31:31:31:31:31:31:31
		create 4EEE 64
		update_binary 4EEE 0 $(od -An -tx1 -v blob | tr -d ' \n')
		get 4EEE back
		rm 4EEE
		random 8
		quit
	EOF
	quietly opensc-explorer explore
	cmp blob back || fail "what opensc-explorer wrote is not what it reads"
}

log_in()
{
	local id

	scene "ssh, with the EC key"
	for id in 05 0192; do # an agent that is shown keys of such sizes hangs up
		init --delete-objects privkey,pubkey --id $id "${USER[@]}" "${SO[@]}"
	done
	ssh_by_card 11111111 ecdsa-sha2-nistp256
}

gpg_sees_it()
{
	scene "gpg --card-status"
	gpg_card >card.txt || fail "gpg --card-status"
	grep -qi "pkcs#15\|p15" card.txt || fail "gpg: $(cat card.txt)"
	gpg-connect-agent "scd learn --force" /bye >learned 2>>opensc.log
	grep -q "^S KEYPAIRINFO" learned || fail "scd learn: $(cat learned)"
	gnupg_end
}

# What pkcs15-init was told beside -E counts for nothing: it wants the SO PIN this way.
erase()
{
	scene "erased"
	init --delete-objects privkey,pubkey,cert --id 71 "${USER[@]}" "${SO[@]}"
	refuses pkcs15-init -E "${SO[@]}" >>opensc.log 2>&1 </dev/null
	init -E --secret @FF=00000000
	refuses pkcs15-tool --dump >>opensc.log 2>&1
}

reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start
for round in first second; do
	scene "the $round round"
	vicc_start myeid
	make_card
	generate
	fill_card
	use_card
	vicc_stop
	scene "again, from its image"
	vicc_start myeid
	use_card
	use_aes
	store_des
	pins
	explore
	if [ $round = first ]; then
		log_in
		gpg_sees_it
	fi
	erase
	vicc_stop
done
