#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# PIV, OpenPGP and management on one card: gpg, yubico-piv-tool, ykman and OpenSC in turn, while
# scdaemon keeps the card open, and each finds its own; again after a restart from the image.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
. "$top_srcdir/tests/e2e/gnupg.sh"
tools gpg gpg-agent gpg-connect-agent yubico-piv-tool ykman opensc-tool pkcs11-tool pkcs15-tool openssl

SCDAEMON_OPTIONS="pcsc-shared"
WHOM=body@example.org

yubico()
{
	quietly yubico-piv-tool -r Virtual "$@"
}

# scdaemon 2.2 does not look whether another program has selected another application: it fails,
# and a new one begins with a selection of its own. That of 2.4 does so by itself. The agent goes,
# too: "scd killscd" leaves it with a scdaemon that ends seconds later, and no other until then.
find_again()
{
	in_time gpg --batch --card-status && return
	gpg_forget
	return 1
}

ours_again()
{
	until_true find_again >>opensc.log 2>&1 || fail "gpg does not find its card again"
}

serial_numbers()
{
	scene "one serial number"
	ykman -r "00 00" info 2>>opensc.log >told || fail "ykman info"
	grep -q "^PIV.*Enabled" told || fail "ykman info: $(cat told)"
	grep -q "^OpenPGP.*Enabled" told || fail "ykman info: $(cat told)"
	number=$(sed -n 's/^Serial number: *//p' told)
	yubico-piv-tool -r Virtual -a status 2>>opensc.log >told
	[ "$(sed -n 's/^Serial Number:[^0-9-]*//p' told)" = "$number" ] || fail "PIV has another serial number: $(cat told)"
	ours_again
	gpg --batch --card-status --with-colons 2>>opensc.log >told || fail "card-status"
	[ "$((16#$(sed -n 's/^serial:\([0-9A-F]*\):/\1/p' told)))" = "$number" ] || fail "OpenPGP has another serial number: $(cat told)"
}

fill()
{
	scene "keys for both"
	answer cardedit.genkeys.backup_enc n cardedit.genkeys.replace_keys y cardedit.genkeys.replace_key y \
		keygen.valid 0 keygen.name "Some Body" keygen.email $WHOM keygen.comment "" keygen.userid.cmd O
	card_edit admin generate quit
	openssl req -new -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -subj "/CN=token" \
		-days 3650 -out cert.pem 2>>opensc.log
	yubico -a import-key -s 9a -i key.pem
	yubico -a import-certificate -s 9a -i cert.pem
}

in_turn()
{
	scene "in turn, with scdaemon beside"
	for _ in 1 2; do
		ours_again
		use_keys $WHOM
		yubico -a verify-pin -P 123456 -a test-signature -s 9a -i cert.pem
		ours_again
		use_keys $WHOM
		OPENSC_DRIVER=PIV-II quietly pkcs15-tool --list-certificates
		OPENSC_DRIVER=openpgp quietly pkcs15-tool --list-keys
	done
}

# A PIN of one application opens nothing of the other, and wrong ones count for one alone.
apart()
{
	scene "rights are an application's own"
	# by no driver of OpenSC, which would select its own between these
	OPENSC_DRIVER=default quietly opensc-tool -s 00A4040006D27600012401 -s 0020008206313233343536 -s 00A4040005A000000308 -s 00200080
	tail -n 1 opensc.log | contains "SW1=0x63, SW2=0xC3" || fail "PW1 is PIV's PIN: $(tail -n 4 opensc.log)"
	refuses yubico-piv-tool -r Virtual -a verify-pin -P 999999 >>opensc.log 2>&1
	ours_again
	gpg --batch --card-status --with-colons 2>>opensc.log >told || fail "card-status"
	grep -q "^pinretry:3:0:3:" told || fail "a wrong PIN of PIV counts: $(cat told)"
	yubico -a verify-pin -P 123456
}

# Each keeps its application and its PIN until its transaction ends.
at_once()
{
	local piv=(connect) openpgp=(connect) other i

	scene "two clients at once, in transactions"
	for ((i = 0; i < 300; i++)); do
		piv+=(begin apdu:00A4040005A000000308 apdu:0020008008313233343536FFFF=9000 apdu:00200080=9000 end)
		openpgp+=(begin apdu:00A4040006D27600012401 apdu:0020008106313233343536=9000 apdu:00200081=9000 end)
	done
	"$PCSCPROBE" do "$READER" "${piv[@]}" disconnect >>opensc.log &
	other=$!
	probe "$READER" "${openpgp[@]}" disconnect >>opensc.log
	wait "$other" || fail "the client of PIV was disturbed: $(tail -n 4 opensc.log)"
}

ykman_has_said() # text, command...
{
	ykman -r "00 00" openpgp "${@:2}" 2>>opensc.log >told || fail "ykman openpgp ${*:2}"
	grep -q "$1" told || fail "ykman openpgp ${*:2} does not say \"$1\": $(cat told)"
}

with_ykman()
{
	scene "ykman with the OpenPGP application"
	ykman_has_said "^Application version: *5.7.2" info
	ykman_has_said "^PIN tries remaining: *3" info
	refuses ykman -r "00 00" openpgp access set-retries -f -a 99999999 5 6 7 >>opensc.log 2>&1
	ykman_has_said "^Admin PIN tries remaining: *2" info
	quietly ykman -r "00 00" openpgp access set-retries -f -a 12345678 5 6 7
	ykman_has_said "^Admin PIN tries remaining: *7" info
	quietly ykman -r "00 00" openpgp certificates import -a 12345678 sig cert.pem
	quietly ykman -r "00 00" openpgp certificates export sig exported.pem
	cmp cert.pem exported.pem || fail "ykman exports another certificate"
	quietly ykman -r "00 00" openpgp certificates delete -a 12345678 sig
	refuses ykman -r "00 00" openpgp certificates export sig exported.pem >>opensc.log 2>&1
	quietly ykman -r "00 00" openpgp keys set-touch -f -a 12345678 aut on
	# in a line of its own since ykman 5
	ykman_has_said "^\(Authentication key\|  Touch policy:\) *On" info
	ours_again
	gpg --batch --card-status --with-colons 2>>opensc.log >told || fail "card-status"
	grep -q "^pinretry:5:0:7:" told || fail "gpg has not seen the tries: $(cat told)"
	use_keys $WHOM
}

# Made with keys for both by one command.
brought()
{
	scene "keys brought for both"
	rm -f "$IMAGE"
	(umask 077 && printf 'PIN1=246810\nPUK1=87654321\nSOPIN=11223344\n' >pins)
	vicc_start token --import 9A=key.pem --import cert.pem --generate sig=p521 --generate dec=p384 \
		--generate aut=ed25519 --pin-file "$E2E_DIR/pins"
	gpg_home
	echo 246810 >pin
	echo 11223344 >"admin"
	yubico -a verify-pin -P 246810 -a test-signature -s 9a -i cert.pem
	gpg_quietly --card-status
	gpg_quietly --pinentry-mode loopback --passphrase 246810 --quick-generate-key "$WHOM" card
	use_keys $WHOM
	OPENSC_DRIVER=PIV-II quietly pkcs15-tool --list-certificates
}

resets()
{
	scene "a reset of one leaves the other"
	ours_again
	answer cardedit.factory-reset.proceed y cardedit.factory-reset.really yes
	card_edit admin factory-reset quit
	gpg_forget
	yubico -a verify-pin -P 123456 -a test-signature -s 9a -i cert.pem
	gpg_home
	fill
	gpg_forget
	quietly ykman -r "00 00" openpgp reset -f
	ykman_has_said "^PIN tries remaining: *3" info
	gpg_home
	fill
	for _ in 1 2 3; do
		refuses yubico-piv-tool -r Virtual -a verify-pin -P 999999 >>opensc.log 2>&1
		refuses yubico-piv-tool -r Virtual -a unblock-pin -P 99999999 -N 123456 >>opensc.log 2>&1
	done
	yubico -a reset
	gpg_forget
	use_keys $WHOM
}

reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start
vicc_start token
gpg_home
serial_numbers
fill
in_turn
apart
gpg_forget
at_once
vicc_stop
vicc_start token
in_turn
serial_numbers
with_ykman
resets
gpg_forget
vicc_stop
brought
gpg_forget
vicc_stop
pcscd_lives
