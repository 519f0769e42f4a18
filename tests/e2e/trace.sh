#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# --trace, judged by tshark, and --record, judged by --script.
# shellcheck disable=SC2016 # $PIN1 is the script's
. "${top_srcdir:-.}/tests/e2e/lib.sh"
command -v tshark >/dev/null || skip "tshark is not installed"
cd "$E2E_DIR"
export HOME=$E2E_DIR

fields() # file, field...
{
	local file=$1 f args=()

	shift
	for f; do args+=(-e "$f"); done
	tshark -r "$file" -T fields "${args[@]}" 2>>tshark.log
}

# A talk with a secret in each direction.
TALK=(present connect apdu:00A4000C023F00=9000 "apdu:00840000 08"
	apdu:002000010431323334=9000 apdu:002000010439393939=63C2 apdu:002000010431323334=9000
	"apdu:0088000008 0102030405060708 00" apdu:00B0810000 disconnect)
for i in "${!TALK[@]}"; do TALK[i]=${TALK[i]// /}; done

reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start

scene "two cards, one trace"
job_start vicc "${VICC[@]}" --trace both.pcapng -t iso7816 -t handler_test
probe "$READER" "${TALK[@]}"
probe "$READER1" present connect apdu:00A4040006A00000001850=9000 disconnect
job_stop vicc
[ "$(stat -c %a both.pcapng)" = 600 ] || fail "the trace is open to others"
tshark -r both.pcapng -V >all.txt 2>>tshark.log || fail "tshark: $(cat tshark.log)"
for said in "ISO 7816 ATR" "Select file" "Get challenge" "Verify" "Normal processing" "Response to"; do
	grep -qi "$said" all.txt || fail "tshark does not say $said: $(head -c 3000 all.txt)"
done
fields both.pcapng frame.interface_name | sort -u >interfaces
printf 'localhost:35963\nlocalhost:35964\n' | cmp - interfaces || fail "interfaces: $(cat interfaces)"
fields both.pcapng frame.packet_flags_direction | sort -u | grep -c . | contains -x 2 || fail "directions"

scene "no secret in it"
refuses grep -q 1234 both.pcapng
tshark -r both.pcapng -x >hex.txt 2>>tshark.log
grep -q "00 20 00 01 04 ff ff ff ff" hex.txt || fail "VERIFY is not masked: $(cat hex.txt)"
refuses grep -q "01 02 03 04 05 06 07 08" hex.txt

scene "secrets for those who mean it"
job_start vicc "${VICC[@]}" --trace open.pcapng --trace-secrets
probe "$READER" "${TALK[@]}"
job_stop vicc
grep -q 1234 open.pcapng || fail "--trace-secrets shows none"

scene "a killed process leaves a readable file"
job_start vicc "${VICC[@]}" --trace killed.pcapng
probe "$READER" "${TALK[@]}"
before=$(fields killed.pcapng frame.number | wc -l)
job_stop vicc KILL
probe "$READER" absent
[ "$(fields killed.pcapng frame.number | wc -l)" -ge "$before" ] && [ "$before" -ge 16 ] || fail "$before packets"

scene "recorded, and replayed"
job_start vicc "${VICC[@]}" -f image.json --record talk.apdu
probe "$READER" "${TALK[@]}"
job_stop vicc
[ "$(stat -c %a talk.apdu)" = 600 ] || fail "the record is open to others"
grep -qF '> 00 20 00 01 ( $PIN1 )' talk.apdu || fail "no \$PIN1: $(cat talk.apdu)"
refuses grep -q '31 32 33 34' talk.apdu
printf '# mine\nPIN1=1234\nWRONG1=9999\n' >pins
in_time "${VICC[@]}" -f image.json --volatile --script talk.apdu --pin-file pins || fail "the record does not replay: $(cat talk.apdu)"
sed -i 's/^< 63 C2/< 63 C1/' talk.apdu
refuses in_time "${VICC[@]}" -f image.json --volatile --script talk.apdu --pin-file pins

scene "what cannot be written is said"
status=0
in_time "${VICC[@]}" --trace /nowhere/trace >out.txt 2>&1 || status=$?
[ "$status" = 1 ] && grep -q 'cannot write --trace "/nowhere/trace": No such file' out.txt || fail "$(cat out.txt)"
status=0
in_time "${VICC[@]}" --record /nowhere/record >out.txt 2>&1 || status=$?
[ "$status" = 1 ] && grep -q 'cannot write --record' out.txt || fail "$(cat out.txt)"
echo "PIN1 7777" >wrong
status=0
in_time "${VICC[@]}" --record r --pin-file wrong >out.txt 2>&1 || status=$?
[ "$status" = 1 ] && grep -q 'wrong:1: expected NAME=VALUE' out.txt || fail "$(cat out.txt)"
refuses grep -q 7777 out.txt
echo "on a full disk the card goes on"
job_start vicc "${VICC[@]}" --trace /dev/full
job_wait vicc
[ "$JOB_STATUS" = 1 ] || fail "a trace that cannot begin: exit $JOB_STATUS"
