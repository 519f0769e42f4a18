#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The whole life of a Cryptoflex with OpenSC: personalised, used, erased; then, from its
# image, once more. cryptoflex.sh [BITS...]; without any, all that the card can do.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
tools opensc-tool opensc-explorer pkcs15-init pkcs15-tool pkcs15-crypt cryptoflex-tool openssl

AUT1=2c:15:e5:26:e9:3e:8a:19
export OPENSC_DRIVER=flex

init()
{
	quietly pkcs15-init -T "$@"
}

OPENSC=$(opensc-tool --info | sed -n '1s/^OpenSC \([0-9.]*\).*/\1/p')
SO=(--so-pin 87654321)
USER=(--auth-id 01 --pin 123456)

explore()
{
	scene "opensc-tool and opensc-explorer"
	opensc-tool -n | contains "Cryptoflex 32K" || fail "opensc-tool -n"
	[ "$(opensc-tool --serial | wc -w)" -ge 8 ] || fail "opensc-tool --serial"
	quietly opensc-tool -f
	head -c 100 /dev/urandom >blob
	cat >explore <<-EOF
		ls
		info
		verify AUT1 $AUT1
		mkdir 4400 1000
		cd 4400
		create 4401 100
		put 4401 blob
		info 4401
		cat 4401
		get 4401 back
		random 16
		apdu C0 A4 00 00 02 3F 00
		cd ..
		rm 4400
		quit
	EOF
	quietly opensc-explorer explore
	cmp blob back || fail "what opensc-explorer wrote is not what it reads"
}

# What pkcs15-crypt --decipher --raw is to do. From 0.24 on OpenSC refuses it itself, "Not
# supported": it takes no key of this driver for one that can do it raw. The commands are
# left, a number with its least byte first.
decipher() # key id; block to signature
{
	local number last=C088000080 file=3000

	case $OPENSC in
	0.2[0-3].*)
		quietly pkcs15-crypt --decipher --raw --key "$1" --pin 123456 -i block -o signature
		return
		;;
	esac
	number=$(od -An -tx1 -v -w1 block | tac | tr -d ' \n')
	[ "$1" = 45 ] || file=3001
	if [ ${#number} = 512 ]; then
		last=1088000080${number:0:256}" -s "$last${number:256}
	else
		last=C0880000$(printf %02x $((${#number} / 2)))$number
	fi
	# shellcheck disable=SC2086
	opensc-tool -s C0A40000023F00 -s C0A40000025015 -s C0A40000024B01 -s C0200001083132333435360000 \
		-s C0A4000002$file -s $last -s "C0C00000$(printf %02x $((BITS / 8 % 256)))" >decipher.log 2>&1 || fail "opensc-tool -s"
	number=$(sed -n '/SW1=0x90, SW2=0x00):/,$p' decipher.log | tail -n +2 | tail -n $((BITS / 128)) | cut -c1-47 | tr -d ' \n')
	printf '%b' "$(fold -w2 <<<"$number" | tac | sed 's/^/\\x/' | tr -d '\n')" >signature
}

# The raw operation with the private key, on a block as PKCS#1 pads it, and openssl's word on it.
raw_operation() # key id, public key file
{
	local size=$((BITS / 8)) info=3031300d060960864801650304020105000420 digest
	head -c 200 /dev/urandom >message
	digest=$(openssl dgst -sha256 -binary message | od -An -tx1 -v | tr -d ' \n')
	{
		printf '\0\1'
		head -c $((size - 54)) /dev/zero | tr '\0' '\377'
		printf '\0'
		printf '%b' "$(printf '%s' "$info$digest" | sed 's/../\\x&/g')"
	} >block
	decipher "$1"
	quietly openssl dgst -sha256 -verify "$2" -signature signature message
}

personalise()
{
	scene "pkcs15-init, $BITS bits"
	init --create-pkcs15 "${SO[@]}" --so-puk 12345678 --label t
	init --store-pin --auth-id 01 --pin 123456 --puk 11223344 "${SO[@]}" --label U
	init --generate-key "rsa/$BITS" --id 45 --key-usage sign,decrypt "${USER[@]}" "${SO[@]}"
	init --store-private-key "k$BITS.pem" --id 46 --key-usage sign,decrypt "${USER[@]}" "${SO[@]}"
	init --store-certificate "c$BITS.pem" --id 46 "${USER[@]}" "${SO[@]}"
	# beside two keys, OpenSC's profile leaves 41 bytes in the PIN's directory
	init --store-data note --label d --application-name a "${USER[@]}" "${SO[@]}"
}

use()
{
	scene "pkcs15-tool and the keys, $BITS bits"
	quietly pkcs15-tool --dump
	pkcs15-tool --read-public-key 45 >public45.pem 2>>opensc.log || fail "read public key"
	pkcs15-tool --read-certificate 46 >cert46.pem 2>>opensc.log || fail "read certificate"
	openssl x509 -in cert46.pem -outform DER -out back.der
	openssl x509 -in "c$BITS.pem" -outform DER -out sent.der
	cmp sent.der back.der || fail "the certificate is not the one that was stored"
	openssl pkey -in "k$BITS.pem" -pubout -out public46.pem
	raw_operation 45 public45.pem
	raw_operation 46 public46.pem
	quietly pkcs15-tool --verify-pin --auth-id 01 --pin 123456
	quietly pkcs15-tool --change-pin --auth-id 01 --pin 123456 --new-pin 654321
	quietly pkcs15-tool --unblock-pin --auth-id 01 --puk 11223344 --new-pin 123456
	quietly pkcs15-tool --verify-pin --auth-id 01 --pin 123456
}

unmake()
{
	scene "deleted and erased, $BITS bits"
	init --delete-objects cert,privkey,pubkey --id 46 "${USER[@]}" "${SO[@]}"
	init --erase-card "${SO[@]}" --pin 123456
}

# An application without SO PIN, and one with a single PIN.
variants()
{
	scene "without SO PIN, and with one PIN"
	init --create-pkcs15 --no-so-pin
	init --store-pin --auth-id 01 --pin 123456 --puk 11223344 --label U
	init --erase-card --pin 123456
	init --profile pkcs15+onepin --create-pkcs15 --pin 123456 --puk 11223344
	init --profile pkcs15+onepin --generate-key rsa/1024 --id 45 --auth-id 01 --pin 123456
	init --profile pkcs15+onepin --erase-card --pin 123456
}

# With AUT1 proven, in the session that the holder keeps up.
as_factory() # explorer command...
{
	printf '%s\n' "verify AUT1 $AUT1" "$@" quit >prove
	quietly opensc-explorer prove
}

flex_tool() # words typed, arguments...
{
	local typed=$1

	shift
	printf '%b' "$typed" | cryptoflex-tool "$@" >>opensc.log 2>&1 || fail "cryptoflex-tool $*"
}

# cryptoflex-tool never proves AUT1 itself: somebody before it, on a card that stays powered.
cryptoflex_tool()
{
	scene "cryptoflex-tool"
	job_start holder "$PCSCPROBE" do "$READER" connect sleep:300000
	job_said holder "^connect: SUCCESS"
	as_factory
	flex_tool '1234567\n7654321\n' -P 1
	flex_tool '' -c 2
	flex_tool '1234567\n' -V -g
	flex_tool '1234567\n' -V -g -k 2 -m 1024
	cryptoflex-tool -l >keys 2>>opensc.log || fail "cryptoflex-tool -l"
	[ "$(grep -c 'Modulus length 1024' keys)" = 2 ] || fail "cryptoflex-tool -l: $(cat keys)"
	as_factory "rm 0012" "rm 1012" "rm 0000"
	job_stop holder
}

printf 'a note of its own\n' >note
sizes=("$@")
[ $# -gt 0 ] || sizes=(512 768 1024 2048)
for bits in "${sizes[@]}"; do
	openssl genrsa -out "k$bits.pem" "$bits" 2>>opensc.log
	openssl req -new -x509 -key "k$bits.pem" -subj "/CN=flex $bits" -days 3650 -out "c$bits.pem" 2>>opensc.log
done

reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start
for round in first second; do
	scene "the $round round"
	vicc_start cryptoflex
	explore
	for BITS in "${sizes[@]}"; do
		personalise
		use
		vicc_stop
		vicc_start cryptoflex
		use
		unmake
	done
	variants
	cryptoflex_tool
	vicc_stop
done
