#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A reader with a PIN pad: what is typed, what goes wrong, and where digits are not.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
tools openssl opensc-tool pkcs11-tool pkcs15-tool strace gpg-connect-agent script

VICC_PAD=("$top_builddir/vicc/vicc-pad")
[ -z "$SANITIZER" ] || VICC_PAD+=(--no-sandbox)
# long enough to stand nowhere by chance
PIN=73516284
NEWPIN=918273
PUK=8765432112345678
# bytes of the PIN, as logs and traces write them
PIN_BYTES="37 ?33 ?35 ?31 ?36 ?32 ?38 ?34"

cat >"$OPENSC_CONF" <<-CONF
	app default {
		reader_driver pcsc { enable_pinpad = true; }
		framework pkcs15 { use_file_caching = no; }
	}
CONF

# WORDS [OPTION...]: the pad does this, one request after the other
pad_start()
{
	: >pad.log
	job_start pad "${VICC_PAD[@]}" -v --pin-file pins --script "$@"
	job_said pad "connected to"
}

# SW: a client was told that, and the pad ends well
pad_told()
{
	job_said pad "the client was told ($1)"
	job_stop pad
	[ "$JOB_STATUS" = 0 ] || fail "vicc-pad ended with $JOB_STATUS"
}

# PIN NEWPIN PUK
make_pins()
{
	printf 'PIN1=%s\nNEWPIN1=%s\nPUK1=%s\n' "$@" >pins
	chmod 600 pins
}

p11()
{
	in_time pkcs11-tool --module "$PKCS11" "$@" </dev/null >said 2>&1
}

# WORDS TEXT ARGUMENT...: with this at the pad, pkcs11-tool fails, and says so
p11_fails()
{
	local words=$1 text=$2

	shift 2
	pad_start "$words"
	refuses p11 "$@"
	grep -qE -- "$text" said || fail "$words: no $text: $(cat said)"
	job_stop pad
}

# --- OpenSC ------------------------------------------------------------------------

opensc_works()
{
	scene "$TYPE: OpenSC logs in, changes the PIN and back, and unblocks it"
	opensc-tool -l >said
	[ "$(grep -c "PIN pad" said)" = 2 ] || fail "no PIN pad: $(cat said)"
	p11 -L
	grep -q "PIN pad present" said || fail "$(cat said)"
	ID=$(pkcs15-tool --list-pins 2>/dev/null | sed -n 's/.*ID *: *//p' | head -n 1)
	pad_start right
	p11 --login -O || fail "$(cat said)"
	grep -q "Private Key Object" said || fail "not logged in: $(cat said)"
	quietly in_time pkcs15-tool --verify-pin --auth-id "$ID" --use-pinpad
	p11 --login --change-pin || fail "$(cat said)"
	p11 --login -O || fail "with the new PIN: $(cat said)"
	quietly in_time pkcs15-tool --change-pin --auth-id "$ID" --use-pinpad
	quietly in_time pkcs15-tool --verify-pin --auth-id "$ID" --use-pinpad
	quietly in_time pkcs15-tool --unblock-pin --auth-id "$ID" --use-pinpad
	quietly in_time pkcs15-tool --verify-pin --auth-id "$ID" --use-pinpad
	[ "$(grep -c "told 9000" pad.log)" -ge 8 ] || fail "$(cat pad.log)"
	# the PIN of the file again
	quietly in_time pkcs15-tool --change-pin --auth-id "$ID" --use-pinpad
	pad_told 9000
}

opensc_understands()
{
	scene "$TYPE: what OpenSC makes of the answers"
	p11_fails cancel CKR_FUNCTION_CANCELED --login -O
	p11_fails sw=6400 CKR_FUNCTION_CANCELED --login -O
	p11_fails short CKR_PIN_LEN_RANGE --login -O
	p11_fails long CKR_PIN_LEN_RANGE --login -O
	p11_fails sw=6B80 CKR_GENERAL_ERROR --login -O
	p11_fails "right differ" CKR_PIN_INVALID --login --change-pin
	p11_fails wrong CKR_PIN_INCORRECT --login -O
	pad_start right
	p11 --login -O || fail "the right PIN: $(cat said)"
	pad_told 9000
}

no_digit_is_seen()
{
	scene "$TYPE: no digit in pcscd's log or memory, the client's system calls, the pad's memory, messages"
	# it could fail: this shell has the PIN
	refuses "$PCSCPROBE" hunt $$ "$PIN" >/dev/null
	"$PCSCPROBE" hunt "$PCSCD_PID" "$PIN" || fail "in pcscd's memory"
	: >"$PCSCD_LOG"
	pad_start right --no-sandbox
	in_time strace -f -qq -s 1000 -o calls pkcs11-tool --module "$PKCS11" --login -O >said 2>&1 || fail "$(cat said)"
	[ "$(pcscd_log_count "00 ?20 ?00|Control")" -gt 0 ] || fail "pcscd logs no command"
	"$PCSCPROBE" hunt "$PCSCD_PID" "$PIN" || fail "in pcscd's memory"
	pad_told 9000
	! grep -E "$PIN|$PIN_BYTES" calls pad.log vicc.log "$PCSCD_LOG" || fail "digits are seen"
	# as in the log it would be if the client had it
	p11 --login --pin $PIN -O || fail "$(cat said)"
	[ "$(pcscd_log_count "$PIN_BYTES")" -gt 0 ] || fail "pcscd logs no commands"
}

# --- a script at the pad ------------------------------------------------------------

# RESULT ARGUMENT...: a client logs in, and meanwhile viccctl does this with the pad, and prints RESULT
commanded_login()
{
	local wanted=$1 told

	shift
	job_start client pkcs11-tool --module "$PKCS11" --login -O
	told=$(in_time "${VICCCTL[@]}" pad "$@") || fail "pad $*"
	[ "$told" = "$wanted" ] || fail "pad $*: $told, not $wanted"
	job_wait client
}

has_two_clients()
{
	[[ $("${VICCCTL[@]}" --json status) == *'"clients":2'* ]]
}

commanded()
{
	local filter

	scene "$TYPE: a pad that a script commands"
	export VICC_CONTROL_DIR=$E2E_DIR/control
	job_start pad "${VICC_PAD[@]}" -v --pin-file pins --control pin
	job_said pad "connected to"
	"${VICCCTL[@]}" status | contains -E "^pin +pad +/run/pcscd/vpcd-$PORT.pad ready " || fail "$("${VICCCTL[@]}" status)"
	job_start looks "${VICCCTL[@]}" events
	until_true has_two_clients || fail "$("${VICCCTL[@]}" --json status)"
	commanded_login 63C2 wrong
	grep -q CKR_PIN_INCORRECT client.log || fail "$(cat client.log)"
	commanded_login 9000 right
	grep -q "Private Key Object" client.log || fail "not logged in: $(cat client.log)"
	commanded_login 6401 cancel
	grep -q CKR_FUNCTION_CANCELED client.log || fail "$(cat client.log)"
	commanded_login 9000 slow=100
	commanded_login 6400 sw=6400
	commanded_login 9000 enter - <<<"$PIN"
	commanded_login 6403 enter - <<<"12"
	"${VICCCTL[@]}" pad next cancel gone right
	refuses p11 --login -O
	p11 --login -O || fail "$(cat said)"
	# what is for all cards is not for a pad
	"${VICCCTL[@]}" --all insert
	[ "$("${VICCCTL[@]}" --all status | wc -l)" = 2 ] || fail "$("${VICCCTL[@]}" --all status)"
	refuses "${VICCCTL[@]}" insert 2>said
	grep -q "(bad-verb)" said || fail "$(cat said)"
	# nobody asks, and nobody answers
	refuses "${VICCCTL[@]}" --timeout 0.1 pad right 2>said
	grep -q "no PIN is asked for in time" said || fail "$(cat said)"
	refuses "${VICCCTL[@]}" --no-wait pad right 2>said
	grep -q "(not-possible)" said || fail "$(cat said)"
	refuses "${VICCCTL[@]}" pad enter "$PIN" 2>said
	grep -q "^viccctl: .*usage: viccctl pad" said || fail "$(cat said)"
	"${VICCCTL[@]}" --json status >known
	# it may have subscribed when the first was over
	job_said looks '"event":"asked"' 5
	job_said looks '"event":"done"' 5
	job_stop looks
	! grep -E "$PIN|$PIN_BYTES" pad.log looks.log known || fail "digits are seen"
	filter=$(sed -n 's/^Seccomp:\t//p' "/proc/${JOBS[pad]}/status")
	[ -n "$SANITIZER" ] || [ "$filter" != 0 ] || fail "no filter"
	"${VICCCTL[@]}" quit
	job_wait pad
	[ "$JOB_STATUS" = 0 ] || fail "the pad ended with $JOB_STATUS"

	scene "the example of vicc-pad(1)"
	example vicc-pad.1 EXAMPLES 6 >block
	grep -q -- "--control pin" block || fail "another example: $(cat block)"
	mkdir bin
	wrapper bin/vicc-pad "${VICC_PAD[@]}"
	wrapper bin/viccctl "${VICCCTL[@]}"
	PATH=$PWD/bin:$PATH in_time bash -ec '. ./block' >said 2>pad.log || fail "$(cat said pad.log)"
	[ "$(grep -E "^[0-9A-F]{4}$" said | paste -sd,)" = 63C2,9000 ] || fail "$(cat said pad.log)"
	until_true test ! -e "$VICC_CONTROL_DIR/pin.sock" || fail "the pad has not ended"
	[ -z "$(ls "$VICC_CONTROL_DIR")" ] || fail "left behind: $(ls "$VICC_CONTROL_DIR")"
}

# --- what reaches the card ---------------------------------------------------------

# WORD TYPED STRUCTURE COMMAND: a client sends the structure to verify or modify; with that
# typed, the card gets the command. It is the judge's: it shows what has come.
reaches()
{
	local structure=${3// /} command=${4// /} length

	length=$(printf '%02X' $((${#command} / 2)))
	# shellcheck disable=SC2016
	printf '#!/bin/sh\nwhile read -r ask; do echo "pin %s"; done\n' "$2" >typist
	chmod 700 typist
	: >pad.log
	job_start pad "${VICC_PAD[@]}" -v --program ./typist
	job_said pad "connected to"
	probe "$READER" connect "$1:$structure=????" "apdu:00400000$length=${command}9000" disconnect
	job_said pad "the client was told"
	job_stop pad
}

recorded_rows()
{
	local ff=FFFFFFFFFFFFFFFF oo=0000000000000000

	scene "what clients were seen to send, and what the card gets of it"
	# OpenSC: login with myeid, with isoapplet and a display, with OpenPGP
	reaches verify 123456 "1E1E 82 08 00 0804 02 00 0000 00 000000 0D000000 00200001 08 $ff" \
		"00200001 08 313233343536 FFFF"
	reaches verify 123456 "1E1E 82 00 00 1004 02 FF 0000 00 000000 15000000 00200001 10 $oo $oo" \
		"00200001 10 313233343536 0000 $oo"
	reaches verify 123456 "1E1E 82 00 00 7F06 02 00 0000 00 000000 05000000 00200082 00" "00200082 06 313233343536"
	# OpenSC: changes, and a PUK as old PIN
	reaches modify "123456 7654 7654" \
		"1E1E 02 08 00 00 08 0804 03 02 00 0000 000102 000000 15000000 00240001 10 $ff $ff" \
		"00240001 10 313233343536 FFFF 37363534 FFFFFFFF"
	reaches modify "123456 7654 7654" \
		"1E1E 02 00 00 00 10 1004 03 02 03 0000 000102 000000 25000000 00240001 20 $oo $oo $oo $oo" \
		"00240001 20 313233343536 0000 $oo 37363534 00000000 $oo"
	reaches modify "123456 654321 654321" \
		"1E1E 02 00 00 00 00 7F06 03 02 00 0000 000102 000000 05000000 00240081 00" \
		"00240081 0C 313233343536 363534333231"
	reaches modify "87654321 7654 7654" \
		"1E1E 02 08 00 00 08 0804 03 02 00 0000 000102 000000 15000000 002C0001 10 $ff $ff" \
		"002C0001 10 3837363534333231 37363534 FFFFFFFF"
	# scdaemon: CHECKPIN, the admin PIN, PASSWD
	reaches verify 123456 "0000 82 00 00 0F06 02 01 0904 00 000005 05000000 00200081 00" "00200081 06 313233343536"
	reaches verify 12345678 "0000 82 00 00 0F08 02 01 0904 00 000005 05000000 00200083 00" \
		"00200083 08 3132333435363738"
	reaches modify "123456 654321 654321" \
		"0000 82 00 00 00 00 0F06 03 02 03 0904 000102 000005 05000000 00240081 00" \
		"00240081 0C 313233343536 363534333231"
	# libccid's scardcontrol, AusweisApp, and OpenSC's GLP
	reaches verify 1234 "0000 82 08 00 0804 07 01 0904 00 000000 0D000000 00200000 08 30303030 00000000" \
		"00200000 08 31323334 00000000"
	reaches modify "123456 123456" "0000 82 00 00 00 00 0606 01 02 02 0704 010200 000000 04000000 002C0203" \
		"002C0203 06 313233343536"
	reaches verify 12345 "1E1E 41 48 04 0C04 02 00 0000 00 000000 0D000000 00200001 08 20FFFFFFFFFFFFFF" \
		"00200001 08 25 1234 5F FFFFFFFF"
}

# --- time, and those who go ---------------------------------------------------------

VERIFY="1E1E820800080402000000000000000D0000000020000008FFFFFFFFFFFFFFFF"
ONE_SECOND="0100${VERIFY:4}"

# How long the step of this name took, by the log of a job.
took()
{
	sed -n "s/^$2.*(\([0-9.]*\) ms).*/\1/p" "$1.log" | tail -n 1
}

times()
{
	scene "a client that only looks: the card is not even switched on"
	pad_start right
	probe "$READER" direct "verify:$VERIFY=6A00" disconnect
	pad_told 6A00

	scene "nobody at the pad, and somebody who types nothing"
	probe "$READER" connect "verify:$ONE_SECOND=6400" disconnect
	figure "nobody at the pad, over 1 s" "$(awk -v t="$(took probe verify)" 'BEGIN { print t - 1000 }')" 100 ms
	pad_start "time slow=300"
	probe "$READER" connect "verify:$ONE_SECOND=6400" "verify:$VERIFY=????" disconnect
	pad_told 6A00

	scene "two slots at once: neither waits for the other"
	: >pad.log
	job_start pad "${VICC_PAD[@]}" -v --pin-file pins --control pin
	job_said pad "connected to"
	job_start slow "$PCSCPROBE" do "$READER" connect "verify:$VERIFY=????" disconnect
	job_said pad "a PIN is wanted"
	job_start pad1 "${VICC_PAD[@]}" -v --slot 1 --pin-file pins --script sw=9000
	probe "$READER1" present connect "verify:$VERIFY=9000" disconnect
	! grep -q "^verify" slow.log || fail "the other slot was first"
	"${VICCCTL[@]}" --no-wait pad right
	job_wait slow
	[ "$JOB_STATUS" = 0 ] || fail "$(cat slow.log)"
	job_stop pad1
	job_stop pad
}

those_who_go()
{
	scene "a pad that dies while somebody types: the next is asked"
	pad_start time
	job_start client "$PCSCPROBE" do "$READER" connect "verify:$VERIFY=6985" disconnect
	job_said pad "a PIN is wanted"
	job_start next "${VICC_PAD[@]}" -v --pin-file pins --script sw=6985
	job_said next "connected to"
	job_stop pad KILL
	job_wait client
	[ "$JOB_STATUS" = 0 ] || fail "$(cat client.log)"
	job_stop next

	scene "a pad that breaks each time, and in the end does not"
	pad_start "gone gone gone sw=6985"
	probe "$READER" connect "verify:$VERIFY=6985" disconnect
	job_stop pad

	scene "a client that dies while somebody types"
	pad_start "slow=1000 right"
	job_start client "$PCSCPROBE" do "$READER" connect "verify:$VERIFY=????"
	job_said pad "a PIN is wanted"
	job_stop client KILL
	job_said pad "the client was told"
	probe "$READER" connect "verify:$VERIFY=????" disconnect
	job_stop pad

	scene "the card is taken out while somebody types"
	pad_start time
	# it says when it is over: who waits for what is in a log looks there now and then
	# shellcheck disable=SC2016
	job_start client bash -ec '"$@"; echo "over ${EPOCHREALTIME/./}"' - \
		"$PCSCPROBE" do "$READER" connect "verify:$VERIFY~E_NOT_TRANSACTED,E_NO_SMARTCARD"
	job_said pad "a PIN is wanted"
	taken=${EPOCHREALTIME/./}
	kill "${JOBS[vicc]}"
	job_said pad "no PIN is wanted any more: card"
	job_wait client
	[ "$JOB_STATUS" = 0 ] || fail "$(cat client.log)"
	figure "a card that leaves ends it" $((($(sed -n 's/^over //p' client.log) - taken) / 1000)) 50 ms
	probe "$READER" absent
	job_wait vicc
	job_stop pad
}

is_traced() # process
{
	! grep -q "^TracerPid:.0$" "/proc/$1/status"
}

# Two seconds without a call; what was begun before them, such as a wait after a card has left, ends first.
is_quiet()
{
	local before

	before=$(wc -l <idle.calls)
	sleep 2
	[ "$(wc -l <idle.calls)" = "$before" ]
}

# The call that a thread waits in is a line, too, when strace comes: whole, or without its end.
idle()
{
	scene "an idle pcscd, and a pad that waits: not one system call"
	pad_start right
	job_start calls strace -f -o idle.calls -p "$PCSCD_PID" -p "${JOBS[pad]}"
	until_true is_traced "$PCSCD_PID" || fail "pcscd is not traced"
	until_true is_traced "${JOBS[pad]}" || fail "the pad is not traced"
	until_true is_quiet || fail "they are not idle: $(cat idle.calls)"
	job_stop calls INT
	[ "$(wc -l <idle.calls)" -ge 3 ] || fail "nothing is traced: $(cat idle.calls)"
	# it could fail
	job_start calls strace -f -o idle.calls -p "${JOBS[pad]}"
	until_true is_traced "${JOBS[pad]}" || fail "the pad is not traced"
	job_stop pad
	job_wait calls
	grep -qvE "resuming interrupted|detached|<unfinished" idle.calls || fail "no call is seen: $(cat idle.calls)"
}

end_in_the_middle()
{
	scene "pcscd is ended while somebody types"
	pad_start time
	job_start client "$PCSCPROBE" do "$READER" present connect "verify:$VERIFY~E_NO_SERVICE,F_COMM_ERROR"
	job_said pad "a PIN is wanted"
	pcscd_stop
	figure "shutdown, somebody types" "$PCSCD_STOP_MS" 1200 ms
	job_stop client
	job_wait foreign
	job_said pad "the reader has gone away|no PIN is wanted"
	job_stop pad
}

# A card that is not vicc's, behind the pad: it echoes.
foreign_card()
{
	scene "any card will do"
	card_start foreign
	probe "$READER" present
	pad_start right
	probe "$READER" connect "verify:$VERIFY" disconnect
	job_said foreign "command of 13"
	job_stop pad
}

# --- the manual ---------------------------------------------------------------------

manual_card()
{
	scene "the examples of vicc-pad(1): a card, and OpenSC"
	example vicc-pad.1 EXAMPLES 1 | contains '^DEVICENAME */dev/null:0x8C7B/pad=1$' || fail "another entry"
	example vicc-pad.1 EXAMPLES 2 | sed -e "s,^vicc ,exec ${VICC[*]} ," -e 's/&$//' >block
	grep -q -- "^exec.*--pad" block || fail "another example: $(cat block)"
	job_start manual bash -e block
	probe "$READER" present
	example vicc-pad.1 EXAMPLES 3 >manual.conf
	OPENSC_CONF=$E2E_DIR/manual.conf p11 --login -O || fail "$(cat said)"
	grep -q "Private Key Object" said || fail "not logged in: $(cat said)"
	job_stop manual
	probe "$READER" absent
	make_pins $PIN $NEWPIN 87654321
}

manual_pads()
{
	scene "the examples of vicc-pad(1): somebody who errs, and a program"
	example vicc-pad.1 EXAMPLES 4 | sed -e "s,^vicc-pad ,exec ${VICC_PAD[*]} -v ," -e 's/&$//' >block
	grep -q "^exec.*wrong time right" block || fail "another example: $(cat block)"
	: >pad.log
	job_start pad bash -e block
	probe "$READER" connect "verify:$VERIFY=6A00" "verify:$ONE_SECOND=6400" "verify:$VERIFY=6A00" disconnect
	job_stop pad
	example vicc-pad.1 EXAMPLES 5 >dated
	chmod 700 dated
	: >pad.log
	job_start pad "${VICC_PAD[@]}" -v --program ./dated
	job_said pad "connected to"
	probe "$READER" connect "verify:$VERIFY=????" disconnect
	pad_told "6401|6A04"
}

# --- SSSD ---------------------------------------------------------------------------

# SSSD's own program. How often the pad has entered a PIN meanwhile is in ENTERED.
p11_child()
{
	local before status=0

	before=$(grep -c "the client was told 9000" vicc.log || :)
	in_time "$P11_CHILD" --debug-level=9 --logger=stderr --verify=no_ocsp --ca_db="$E2E_DIR/cert.pem" "$@" >told 2>child.log || status=$?
	ENTERED=$(($(grep -c "the client was told 9000" vicc.log || :) - before))
	! grep -q "C_Login failed" child.log || fail "p11_child $*: $(cat child.log)"
	[ "$status" = 0 ] && [ "$(head -n 1 told)" = 0 ]
}

# SSSD 2.8, which Debian 12 has, logs in with a PIN or not at all; 2.10 drops the PIN, and leaves
# it to the pad.
sssd_child()
{
	local lines mine module

	has_p11_child || return 0
	scene "SSSD's p11_child"
	p11_child --pre || fail "p11_child --pre: $(cat told child.log)"
	[ "$ENTERED" = 0 ] || fail "a PIN was wanted before the login"
	module=$(grep -m 1 '\.so$' told)
	mapfile -t lines < <(grep -A 2 -m 1 '\.so$' told)
	grep -qxF "SSSD Test Token" told || fail "another token: $(cat told)"
	mine=(--module_name="$module" --token_name="SSSD Test Token" --key_id="${lines[1]}" --label="${lines[2]}")
	printf 123456 >typed
	p11_child --auth --pin "${mine[@]}" <typed || fail "p11_child --auth --pin: $(cat told child.log)"
	if p11_child --auth --keypad "${mine[@]}" </dev/null; then
		[ "$ENTERED" -ge 1 ] || fail "logged in, and the pad was not asked: $(cat child.log)"
	else
		grep -q "Login required but no PIN available" child.log || fail "p11_child --auth --keypad: $(cat told child.log)"
	fi
}

# What SSSD's tests of PIN pads do (test_smartcard_pinpad.py), with the calls of its p11_child:
# objects are written with a PIN, beside the pad; C_Login has none; pcscd is started again.
sssd_sequence()
{
	local before

	scene "SSSD's sequence: a token of its name, data written with a PIN, C_Login without, and pcscd again"
	printf 'PIN1=123456\nPUK1=87654321\n' >pins
	rm -f "$IMAGE"
	job_start vicc "${VICC[@]}" -t myeid -f "$IMAGE" --import key.pem --import cert.pem --pin-file pins \
		--label "SSSD Test Token" --pad -v
	probe "$READER" present
	echo data >data
	p11 --login --pin 123456 --write-object data --type data --label object --private || fail "$(cat said)"
	p11 -L
	grep -q "token label *: SSSD Test Token" said || fail "$(cat said)"
	! grep -q "a PIN is wanted" vicc.log || fail "the pad was asked although the client has the PIN"
	p11 --login --sign --mechanism SHA256-RSA-PKCS -i data -o signature || fail "$(cat said)"
	openssl dgst -sha256 -verify <(public_key_of key.pem) -signature signature data >>opensc.log || fail "another signature"
	job_said vicc "the client was told 9000"
	sssd_child
	before=$(grep -c "the client was told 9000" vicc.log)
	restart "/dev/null:$PORT/pad=1"
	probe "$READER" present
	p11 --login -O || fail "after pcscd has ended: $(cat said)"
	grep -q "Private Key Object" said || fail "not logged in: $(cat said)"
	job_said vicc "the client was told 9000" $((before + 1))
	job_stop vicc
	rm "$IMAGE"
	probe "$READER" absent
}

# --- GnuPG --------------------------------------------------------------------------

# OPTION...: scdaemon with these, and a pinentry that writes down what it is asked
gnupg_with()
{
	gnupg_end
	printf '%s\n' disable-ccid "$@" >"$GNUPGHOME/scdaemon.conf"
	: >pinentry.log
}

# COMMAND TEXT: scdaemon does this, and says that
scd()
{
	in_time gpg-connect-agent "SCD SERIALNO openpgp" "SCD $1" /bye </dev/null >said 2>>opensc.log || fail "$1: $(cat said)"
	tail -n 1 said | contains -E -- "$2" || fail "$1: no $2: $(cat said pinentry.log)"
}

gnupg_works()
{
	local card

	scene "GnuPG: the PIN is entered at the pad, and pinentry is not asked for it"
	mkdir -p "$GNUPGHOME" && chmod 700 "$GNUPGHOME"
	cat >pinentry <<-PINENTRY
		#!/bin/bash
		echo OK
		while read -r line; do
			echo "\$line" >>$E2E_DIR/pinentry.log
			[[ \$line != GETPIN* ]] || echo "D $PIN"
			echo OK
			[ "\$line" != BYE ] || exit
		done
	PINENTRY
	chmod 700 pinentry
	echo "pinentry-program $E2E_DIR/pinentry" >"$GNUPGHOME/gpg-agent.conf"
	printf '%s\n' PIN81=$PIN PIN82=$PIN PIN83=87654321 NEWPIN81=$NEWPIN >pins
	printf '%s\n' PIN1=$PIN SOPIN=87654321 >made
	chmod 600 made
	rm -f "$IMAGE"
	job_start vicc "${VICC[@]}" -t openpgp -f "$IMAGE" --generate sig=ed25519 --pin-file made
	probe "$READER" present
	gnupg_with enable-pinpad-varlen
	pad_start "right right wrong cancel right"
	scd "GETATTR SERIALNO" "^OK"
	card=$(sed -n 's/^S SERIALNO //p' said | head -n 1)
	scd "CHECKPIN $card" "^OK"
	scd "CHECKPIN ${card}[CHV3]" "^OK"
	scd "CHECKPIN $card" "^ERR .*Bad PIN"
	scd "CHECKPIN $card" "^ERR .*"
	scd "PASSWD 1" "^OK"
	scd "CHECKPIN $card" "^OK"
	grep -q "Use the reader's pinpad" pinentry.log || fail "$(cat pinentry.log)"
	! grep -q GETPIN pinentry.log || fail "the PIN is asked at the keyboard"
	[ "$(pcscd_log_count "$PIN_BYTES")" = 0 ] || fail "in pcscd's log"
	pad_told 9000

	scene "GnuPG without enable-pinpad-varlen asks at the keyboard, as the manual says"
	gnupg_with
	scd "CHECKPIN $card" "^(OK|ERR .*Bad PIN)"
	grep -q GETPIN pinentry.log || fail "$(cat pinentry.log)"
	gnupg_end
	job_stop vicc
	rm "$IMAGE"
	probe "$READER" absent
}

# --- a person -----------------------------------------------------------------------

# Behind the filter of system calls, unlike in the unit tests.
at_a_terminal()
{
	scene "a person at a terminal"
	: >pad.log
	mkfifo keys
	exec 9<>keys
	job_start pad bash -c 'exec script -qefc "$*" /dev/null <keys' - "${VICC_PAD[@]}" -v
	job_said pad "connected to"
	job_start client "$PCSCPROBE" do "$READER" connect "verify:$VERIFY=6A04" disconnect
	job_said pad "4 to 8 digits"
	printf '12345\r' >&9
	job_wait client
	[ "$JOB_STATUS" = 0 ] || fail "$(cat client.log pad.log)"
	job_said pad "not accepted: 6A04"
	! grep 12345 pad.log || fail "digits are shown"
	job_stop pad
	exec 9>&-
}

make_key()
{
	openssl req -new -x509 -newkey rsa:2048 -nodes -keyout key.pem -subj "/CN=Pad" -days 3650 -out cert.pem 2>/dev/null
}

# DEVICENAME
restart()
{
	[ -z "$PCSCD_PID" ] || pcscd_stop
	reader_clear
	reader_add "$ENTRY" "$1"
	pcscd_start --debug --apdu
}

# That of vicc --pad, by its number.
pad_has_ended()
{
	! kill -0 "$pad" 2>/dev/null
}

make_key
TYPE=myeid
make_pins $PIN $NEWPIN 87654321
restart "/dev/null:$PORT/pad=1"
vicc_start $TYPE --import key.pem --import cert.pem --pin-file pins --pad

scene "vicc --pad enters the PIN"
p11 --login -O || fail "$(cat said)"
grep -q "Private Key Object" said || fail "not logged in: $(cat said)"
pad=$(pgrep -P "${JOBS[vicc]}")
vicc_stop
until_true pad_has_ended || fail "vicc's pad is still there"
vicc_start $TYPE
opensc_works
opensc_understands
no_digit_is_seen
commanded
vicc_stop
manual_card
restart "/dev/null:$PORT/pad=1"
gnupg_works
sssd_sequence
make_pins $PIN $NEWPIN 87654321

# with no card in it, whose power pcscd takes some seconds after the last client
idle

job_start vicc "${VICC[@]}" -t handler_test -t handler_test
probe "$READER" present
probe "$READER1" present
recorded_rows
manual_pads
at_a_terminal
times
those_who_go
foreign_card
end_in_the_middle

TYPE=isoapplet
make_pins $PIN $NEWPIN $PUK
restart "unix:/run/pcscd/sock/pad=display/mode=0660"
[ "$(stat -c %a /run/pcscd/sock.1.pad)" = 660 ] || fail "the pad's socket has mode $(stat -c %a /run/pcscd/sock.1.pad)"
VICC_PAD+=(--unix /run/pcscd/sock)
vicc_start $TYPE --unix /run/pcscd/sock --import key.pem --import cert.pem --pin-file pins
opensc_works
vicc_stop
