#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An OpenPGP card with gpg, ssh through gpg-agent and OpenSC: keys made on it and brought, used,
# the card restarted from its image, and used again; PINs, the resetting code, a host that
# hashes PINs, a reset. All of it twice.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
. "$top_srcdir/tests/e2e/gnupg.sh"
tools gpg gpg-agent gpg-connect-agent ssh sshd openssl opensc-tool openpgp-tool pkcs11-tool pkcs15-tool

WHOM=body@example.org

card_field() # field of --with-colons, pattern
{
	gpg --batch --card-status --with-colons 2>>opensc.log >told || fail "card-status"
	grep -q "^$1:$2" told || fail "card-status: $1 is not $2: $(cat told)"
}

restart()
{
	gpg_forget
	vicc_stop
	vicc_start openpgp
}

about_the_holder()
{
	scene "what is known of the holder"
	answer keygen.smartcard.surname Doe keygen.smartcard.givenname Jane cardedit.change_url https://example.org/key \
		cardedit.change_login jane cardedit.change_lang en cardedit.change_sex f cardedit.change_salutation f
	card_edit admin name url login lang quit
	card_field name "Jane:Doe"
	card_field url ".*example.org/key"
	card_field login jane
	card_field lang en
	card_field version 0304
	card_field pinretry 3:0:3
}

generate()
{
	scene "keys made on the card by --card-edit: RSA"
	answer cardedit.genkeys.backup_enc n cardedit.genkeys.replace_keys y cardedit.genkeys.replace_key y \
		keygen.valid 0 keygen.name "Some Body" keygen.email $WHOM keygen.comment "" keygen.userid.cmd O
	card_edit admin generate quit
	gpg --batch --list-secret-keys --with-colons 2>>opensc.log >told
	[ "$(grep -c "^\(sec\|ssb\):.*:D2760001240103" told)" = 3 ] || fail "no keys of the card: $(cat told)"
}

# Keys made here and moved to the card: a primary key that signs, one that decrypts, one for ssh.
bring() # algorithm of the first and the third, of the second
{
	scene "keys brought: $1, $2"
	gpg_home
	gpg_quietly --passphrase '' --quick-generate-key $WHOM "$1" sign never
	FPR=$(gpg --batch --list-keys --with-colons $WHOM 2>>opensc.log | sed -n 's/^fpr:*\([0-9A-F]*\):/\1/p' | head -n 1)
	gpg_quietly --passphrase '' --quick-add-key "$FPR" "$2" encr never
	gpg_quietly --passphrase '' --quick-add-key "$FPR" "${1/nistp256/nistp256/ecdsa}" auth never
	answer keyedit.keytocard.use_primary y cardedit.genkeys.replace_key y keyedit.save.okay y
	KEYS=(keytocard "=1" "key 1" keytocard "=2" "key 1" "key 2" keytocard "=3" save)
	edit_key "$FPR" "${KEYS[@]}"
	gpg --batch --list-secret-keys --with-colons 2>>opensc.log >told
	[ "$(grep -c "^\(sec\|ssb\):.*:D2760001240103" told)" = 3 ] || fail "not on the card: $(cat told)"
}

log_in()
{
	scene "ssh through gpg-agent"
	SSH_AUTH_SOCK=$(gpgconf --list-dirs agent-ssh-socket)
	export SSH_AUTH_SOCK
	gpg-connect-agent /bye >>opensc.log 2>&1
	ssh-add -L 2>>opensc.log | grep cardno: >login.pub || fail "ssh-add -L has no key of the card"
	ssh_server "$(cat login.pub)"
	ssh_login
	unset SSH_AUTH_SOCK
	job_stop sshd
}

random()
{
	scene "random numbers"
	gpg-connect-agent --hex "scd random 64" /bye 2>>opensc.log >told
	grep -q "^OK" told || fail "scd random: $(cat told)"
}

passwords()
{
	scene "PIN, Admin PIN, resetting code"
	cp pin new
	echo 24681012 >new
	answer cardutil.change_pin.menu 1
	card_edit_passwd 1 && echo 24681012 >pin
	echo 87654321 >new
	card_edit_passwd 3 && echo 87654321 >"admin"
	echo 99999999 >new
	card_edit_passwd 4 && echo 99999999 >code
	card_field pinretry 3:3:3
	gpg_forget
	use_keys $WHOM
	echo 135790 >pin
	gpg_forget
	for _ in 1 2 3; do
		refuses in_time gpg --batch --yes --output signature --detach-sign message >>opensc.log 2>&1
		gpg_forget
	done
	card_field pinretry 0:3:3
	echo 123456 >new
	card_edit_passwd 2 && echo 123456 >pin
	card_field pinretry 3:3:3
	gpg_forget
	use_keys $WHOM
	echo 12345678 >new
	card_edit_passwd 3 && echo 12345678 >"admin"
	gpg_forget
}

kdf()
{
	scene "a host that hashes PINs"
	begin_anew
	card_edit admin kdf-setup quit
	card_field kdf on
	restart
	generate
	use_keys $WHOM
	echo 24681012 >new
	card_edit_passwd 1 && echo 24681012 >pin
	gpg_forget
	use_keys $WHOM
	echo 123456 >pin
	begin_anew
	card_field kdf off
}

begin_anew()
{
	scene "a card begun anew"
	answer cardedit.factory-reset.proceed y cardedit.factory-reset.really yes
	card_edit admin factory-reset quit
	card_field pinretry 3:0:3
	gpg_home
	card_field fpr ":::"
}

opensc()
{
	scene "OpenSC"
	# its --test logs in once; where each signature takes a PIN, it finds itself logged out
	card_edit admin forcesig quit
	gpg_forget
	opensc-tool -n 2>>opensc.log >told
	grep -q "OpenPGP" told || fail "opensc-tool -n: $(cat told)"
	quietly openpgp-tool --user-info
	quietly openpgp-tool --verify CHV3 --pin 12345678 --gen-key 1 --key-type rsa2048
	quietly openpgp-tool --verify CHV3 --pin 12345678 --gen-key 2 --key-type rsa2048
	quietly openpgp-tool --verify CHV3 --pin 12345678 --gen-key 3 --key-type rsa2048
	quietly pkcs15-tool --dump
	quietly pkcs15-tool --verify-pin --auth-id 02 --pin 123456
	for slot in 0 1; do
		pkcs11-tool --module "$PKCS11" --slot-index $slot --login --pin 123456 --test >test.log 2>&1 ||
			fail "--test in slot $slot: $(cat test.log)"
		grep -q "^No errors" test.log || fail "--test in slot $slot: $(cat test.log)"
	done
	quietly openpgp-tool --erase
	quietly openpgp-tool --verify CHV2 --pin 123456
}

reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start
vicc_start openpgp
for round in first second; do
	scene "$round time"
	gpg_home
	about_the_holder
	generate
	use_keys $WHOM
	random
	log_in
	restart
	use_keys $WHOM
	passwords
	for kind in "ed25519 cv25519" "nistp256 nistp256" "rsa2048 rsa2048"; do
		begin_anew
		# shellcheck disable=SC2086
		key_attr $kind
		# shellcheck disable=SC2086
		bring $kind
		use_keys $WHOM
		log_in
		restart
		use_keys $WHOM
	done
	kdf
	opensc
	restart
done
vicc_stop
pcscd_lives
