#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A passport and those who read it: mrtdreader from Debian, through a preloaded libnfc that is
# PC/SC; openssl, which says whether EF.SOD is signed; restarts, and options of a written card.
. "${top_srcdir:-.}/tests/e2e/lib.sh"

for tool in mrtdreader openssl xxd pkgconf; do
	command -v "$tool" >/dev/null || skip "$tool is not installed"
done

MRZ='P<UTOSMITH<<JOHN<<<<<<<<<<<<<<<<<<<<<<<<<<<<
X1234567<7UTO8001014M3012316<<<<<<<<<<<<<<00'
LINE2=${MRZ#*$'\n'}
IMAGE=$E2E_DIR/passport.json
SRC=$(cd "$top_srcdir" && pwd)
read -ra CC < <(sed -n 's/^CC = //p' "$top_builddir/Makefile")
cd "$E2E_DIR"

# mrtdreader's own flags, never a sanitizer's: it stands before functions of somebody else's program
read -ra PCSC < <(pkgconf --cflags --libs libpcsclite)
"${CC[@]}" -shared -fPIC -o nfcpcsc.so "$SRC/tests/e2e/nfcpcsc.c" "${PCSC[@]}"

epass_start() # OPTION...
{
	job_start epass "${VICC[@]}" -t ePass --once "$@"
	probe "$READER" present
}

epass_stop()
{
	job_stop epass
	[ "$JOB_STATUS" = 0 ] || fail "vicc ended with $JOB_STATUS"
	probe "$READER" absent
}

# Read it as mrtdreader does: what it says is in mrtdreader.log, the picture in image.*
read_passport() # SECOND-LINE
{
	rm -f image*
	in_time env LD_PRELOAD="$E2E_DIR/nfcpcsc.so" NFCPCSC_READER="$READER" mrtdreader "$1" >mrtdreader.log 2>&1
}

# A certificate that is a field of the application, as PEM.
certificate_of() # IMAGE FIELD
{
	awk -v field="\"$2\":" '
		index($0, field) { on = 1; sub(/.*:/, "") }
		on { last = /\]/; gsub(/[^0-9A-F]/, ""); printf "%s", $0; if (last) exit }' "$1" |
		xxd -r -p | openssl x509 -inform DER
}

# Its SOD's contents (behind 77 82 LLLL) are CMS that this CA's signer has signed, or not.
verify_sod() # IMAGE CA
{
	file_of "$1" 011D | tail -c +5 >sod.der
	openssl cms -verify -inform DER -in sod.der -CAfile "$2" -purpose any -out lds.der
}

reader_add "$ENTRY" /dev/null:0x8C7B
pcscd_start

scene "a holder's passport: DG1 and the picture, byte for byte"
{
	printf '\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00'
	printf '\xff\xc0\x00\x0b\x08\x00\xf0\x00\xb4\x01\x01\x11\x00'
	head -c 20000 /dev/urandom
	printf '\xff\xd9'
} >face.jpg
epass_start -f "$IMAGE" --mrz "$MRZ" --photo face.jpg --can 123456 --pki pki
read_passport "$LINE2" || fail "mrtdreader ended with $?"
grep -q "Challenge successful" mrtdreader.log || fail "no BAC"
cmp face.jpg image.jpg || fail "the picture is another"
file_of "$IMAGE" 0101 | tail -c +6 >dg1
[ "$(cat dg1)" = "${MRZ/$'\n'/}" ] || fail "DG1 on the card is not the MRZ"
grep -qaF "$(cat dg1)" mrtdreader.log || fail "mrtdreader has read another DG1"

scene "who does not know the MRZ reads nothing"
read_passport "${LINE2/X1234567<7/X1234568<8}" || :
grep -q "Challenge failed" mrtdreader.log || fail "BAC with another number"
! grep -q "File" mrtdreader.log || fail "something was read"
[ ! -e image.jpg ] || fail "a picture was read"
epass_stop

scene "what the document signer has signed, and nobody else"
verify_sod "$IMAGE" pki/csca.pem 2>/dev/null || fail "EF.SOD is not as our CSCA says"
for n in 01 02 0E 0F; do
	file_of "$IMAGE" "01$n" | openssl dgst -sha256 -binary >"hash"
	grep -qF "$(xxd -p -c 32 hash)" <(xxd -p -c 100000 lds.der) || fail "DG $n is not what EF.SOD says"
done
"${VICC[@]}" -t ePass -f other.json --pki otherpki --script /dev/null
refuses verify_sod "$IMAGE" otherpki/csca.pem 2>/dev/null
certificate_of "$IMAGE" csca >kept.pem
openssl x509 -in pki/csca.pem | cmp - kept.pem || fail "the card keeps another CSCA certificate"
[ "$(stat -c %a pki/ds.key pki/csca.key | uniq)" = 600 ] || fail "keys that others can read"

scene "a picture that is changed by hand: it is said, and --issue signs it again"
cp "$IMAGE" changed.json
"${VICC[@]}" --check-image changed.json >checked
! grep mismatch checked || fail "a passport that nobody has changed does not fit together"
sed -i '/"fid": "0102"/,/\]/ s/FFD8FFE000104A464946/FFD8FFE100104A464946/' changed.json
"${VICC[@]}" --check-image changed.json >checked
[ "$(grep mismatch checked)" = "mismatch: EF.SOD has another hash of data group 2" ] || fail "--check-image says: $(cat checked)"
"${VICC[@]}" -t ePass -f changed.json --script /dev/null 2>said || fail "it does not start: $(cat said)"
grep -q "EF.SOD has another hash of data group 2" said || fail "no word about it: $(cat said)"
refuses "${VICC[@]}" -t ePass -f changed.json --pki pki --script /dev/null 2>said
grep -q -- "--pki: the card is written already: --issue signs it again" said || fail "--pki alone: $(cat said)"
refuses "${VICC[@]}" -t ePass -f changed.json --issue --can 111111 --script /dev/null 2>said
grep -q -- "--can: the card is written already" said || fail "--issue --can: $(cat said)"
"${VICC[@]}" -t ePass -f changed.json --issue --pki pki --script /dev/null 2>said || fail "--issue: $(cat said)"
"${VICC[@]}" --check-image changed.json >checked
! grep mismatch checked || fail "it does not fit together when it is signed again"
verify_sod changed.json pki/csca.pem 2>/dev/null || fail "EF.SOD is not as our CSCA says"
file_of changed.json 0102 | openssl dgst -sha256 -binary >"hash"
grep -qF "$(xxd -p -c 32 hash)" <(xxd -p -c 100000 lds.der) || fail "EF.SOD has another hash of DG2"

scene "after a restart it is the same passport; what would make it another is refused"
epass_start -f "$IMAGE"
read_passport "$LINE2" || fail "mrtdreader ended with $?"
cmp face.jpg image.jpg || fail "the picture is another"
epass_stop
for option in "--photo face.jpg" "--can 111111" "--aa none" --no-bac; do
	# shellcheck disable=SC2086
	refuses "${VICC[@]}" -t ePass -f "$IMAGE" $option --script /dev/null 2>refused
	grep -q -- "${option%% *}: the card is written already" refused || fail "$option: $(cat refused)"
done
"${VICC[@]}" -t EPASS -f "$IMAGE" --date 20300101 --disable-ta-checks --script /dev/null

scene "examples/passport.sh, with scriptor"
command -v scriptor >/dev/null || fail "scriptor is not installed"
epass_start -f "$IMAGE"
in_time "$SRC/examples/passport.sh" "$LINE2" >"read" 2>passport.log || fail "passport.sh: $(cat passport.log)"
file_of "$IMAGE" 0101 | cmp - read || fail "passport.sh has read another DG1"
epass_stop
