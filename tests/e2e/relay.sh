#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A card relayed from one slot of our reader into another, through pcscd.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"

# The relay, into slot 0, of what is in slot 1.
relay_start()
{
	job_start relay "${VICC[@]}" -t relay --reader "00 01" "$@"
}

reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start

scene "a relay that cannot begin"
status=0
in_time "${VICC[@]}" -t relay --reader "no such" >out.txt 2>&1 || status=$?
[ "$status" = 1 ] || fail "no such reader: exit $status"
grep -q '"no such" matches none of 0 "'"$READER"'", 1 "'"$READER1"'"' out.txt || fail "$(cat out.txt)"
status=0
in_time "${VICC[@]}" -t relay --reader "Virtual" >out.txt 2>&1 || status=$?
[ "$status" = 1 ] && grep -q "more than one" out.txt || fail "more than one: exit $status, $(cat out.txt)"
for own in "$READER" 0; do
	status=0
	in_time "${VICC[@]}" -t relay --reader "$own" >out.txt 2>&1 || status=$?
	[ "$status" = 1 ] && grep -q "is the slot that this card would go into" out.txt ||
		fail "its own slot: exit $status, $(cat out.txt)"
done
status=0
in_time "${VICC[@]}" -t iso7816 --reader 1 >out.txt 2>&1 || status=$?
[ "$status" = 2 ] || fail "--reader without relay: exit $status"

scene "the card comes, and what is relayed is the card"
relay_start
job_said relay "no card in \"$READER1\"; waiting"
probe "$READER" absent
card_start real -p $((PORT + 1)) -i 5
probe "$READER" present connect atr=3B80800101 id:5 echo echo:300 ask:2 ask:258 echo:60000 ask:65535 \
	reconnect:reset echo reconnect:unpower echo disconnect:unpower
grep -q "wider filter" "$E2E_DIR/relay.log" || grep -q no-sandbox <<<"${VICC[*]}" || fail "vicc does not say that its filter is wide"
job_said real "^control 2"

scene "it has it for itself"
probe "$READER1" "connect~E_SHARING_VIOLATION"

scene "it leaves, and returns, and another comes"
job_stop real
probe "$READER" absent
card_start real -p $((PORT + 1)) -i 6
probe "$READER" present connect id:6 echo
job_stop real
probe "$READER" absent
card_start real -p $((PORT + 1)) -i 7
probe "$READER" present connect id:7 echo "run:kill ${JOBS[real]}" absent "echo~W_REMOVED_CARD,E_NO_SMARTCARD"
job_wait real

scene "it ends at once, whatever it waits for"
job_stop relay
[ "$JOB_STATUS" = 0 ] || fail "relay ended with $JOB_STATUS"

scene "shared"
card_start real -p $((PORT + 1)) -i 8
relay_start --shared
probe "$READER" present connect id:8 echo
probe "$READER1" connect id:8 echo
probe "$READER" connect "id:8" echo
job_stop relay
job_stop real
probe "$READER1" absent

scene "a card that speaks T=0 gets no Le behind data"
job_start vicc "${VICC[@]}" -v -v --slot 1 --atr 3B00
probe "$READER1" present
relay_start
probe "$READER" present connect atr=3B00 protocol=T0 apdu:00A4000C023F0000=9000 apdu:00A4000C023F00=9000 apdu:0084000008 disconnect
[ "$(grep -c "00 A4 00 0C SELECT, 7 bytes: 9000" "$E2E_DIR/vicc.log")" = 2 ] || fail "not 2 times 7 bytes: $(grep SELECT "$E2E_DIR/vicc.log")"
job_stop relay
job_stop vicc
probe "$READER1" absent

scene "what a command is that no table knows is secret: neither trace nor record shows its data"
job_start vicc "${VICC[@]}" -t cryptoflex --slot 1
probe "$READER1" present
relay_start --trace flex.pcapng --record flex.apdu
probe "$READER" present connect apdu:C0A40000023F00 apdu:C0D6000004536531A4 apdu:80E2000004536532A4 \
	apdu:00D6000004536533A4 apdu:C0200001083132333435363738 disconnect
job_stop relay
job_stop vicc
refuses grep -qaE "Se[123]|12345678" flex.pcapng
refuses grep -qE "53 65 3[123]|31 32 33 34" flex.apdu
grep -q "^# > C0 D6 00 00  secret, 9 bytes in all" flex.apdu || fail "$(cat flex.apdu)"
probe "$READER1" absent

scene "pcscd is restarted under it"
job_start vicc "${VICC[@]}" --slot 1
probe "$READER1" present
relay_start
probe "$READER" present connect "apdu:00A4000C023F00=9000" disconnect
pcscd_stop
pcscd_start
probe "$READER" present connect "apdu:00A4000C023F00=9000" disconnect

scene "without its reader, and with it again"
pcscd_stop
reader_clear
reader_add "$ENTRY" "listen:$PORT/slots=1"
pcscd_start
probe "$READER" absent
pcscd_stop
reader_clear
reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start
probe "$READER" present connect "apdu:00A4000C023F00=9000" disconnect
job_stop relay
[ "$JOB_STATUS" = 0 ] || fail "relay ended with $JOB_STATUS"

scene "a card that somebody else has is waited for"
rm -f let-go
job_start other "$PCSCPROBE" do "$READER1" present connect "run:while ! test -e let-go; do sleep 0.02; done" disconnect
job_said other "connect: SUCCESS"
relay_start
job_said relay "cannot be had: Sharing violation"
probe "$READER" absent
touch let-go
job_wait other
probe "$READER" present connect "apdu:00A4000C023F00=9000" disconnect
job_stop relay
job_stop vicc

scene "OpenSC, through the relay"
for tool in opensc-tool pkcs15-init pkcs11-tool; do
	command -v "$tool" >/dev/null || skip "$tool is not installed"
done
job_start vicc "${VICC[@]}" -t isoapplet --slot 1
probe "$READER1" present
relay_start --trace relay.pcapng
probe "$READER" present
opensc-tool -r "$READER" -n | contains IsoApplet || fail "opensc-tool -n"
quietly pkcs15-init --create-pkcs15 --so-pin 123456 --so-puk 0123456789abcdef
quietly pkcs15-init -G rsa:2048 --id 1 --key-usage decrypt,sign --auth-id FF --pin 123456
quietly pkcs15-init -G ec:prime256v1 --id 3 --auth-id FF --pin 123456
quietly pkcs11-tool --module "$PKCS11" --login --pin 123456 --test
job_stop relay
job_stop vicc

scene "and its trace, with secrets masked where there is no table of instructions"
command -v tshark >/dev/null || skip "tshark is not installed"
tshark -r relay.pcapng -V >trace.txt 2>>tshark.log
for said in "Select file" "Verify" "Normal processing" "Response to frame"; do
	grep -q "$said" trace.txt || fail "tshark does not say $said"
done
tshark -r relay.pcapng -x >hex.txt 2>>tshark.log
grep -q "00 20 00 01 10 ff ff ff" hex.txt || fail "VERIFY is not masked"
refuses grep -q "123456" hex.txt
