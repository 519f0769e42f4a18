#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An identity card whose issuer is known: openssl says who has signed EF.CardSecurity, EF.ChipSecurity and, with
# --epass, EF.SOD.
. "${top_srcdir:-.}/tests/e2e/lib.sh"

for tool in openssl xxd; do
	command -v "$tool" >/dev/null || skip "$tool is not installed"
done
cd "$E2E_DIR"

vicc() # OPTION...
{
	"${VICC[@]}" -t nPA "$@" --script /dev/null
}

# openssl verifies CMS on standard input with this CA.
signed_by() # CA
{
	openssl cms -verify -inform DER -CAfile "$1" -purpose any -out signed.der 2>verify.log
}

scene "EF.CardSecurity and EF.ChipSecurity: by the folder's CA, and no other"
vicc -f card.json --pki pki
vicc -f other.json --pki otherpki
for fid in 011D 011B; do
	file_of card.json $fid >$fid.der
	[ -s $fid.der ] || fail "there is no $fid"
	signed_by pki/csca.pem <$fid.der || fail "$fid: $(cat verify.log)"
	[ "$(xxd -p -l 1 signed.der)" = 31 ] || fail "what is signed in $fid is no SET"
	refuses signed_by otherpki/csca.pem <$fid.der
done

scene "EF.SOD of --epass: by the same CA, with the hashes of DG1 and DG2"
vicc -f both.json --pki pki --epass
sed -n '/"application": "emrtd"/,$p' both.json >emrtd.json
file_of emrtd.json 011D | tail -c +5 >sod.der # behind 77 82 LLLL
signed_by pki/csca.pem <sod.der || fail "EF.SOD: $(cat verify.log)"
for n in 01 02; do
	hash=$(file_of emrtd.json "01$n" | openssl dgst -sha256 -r | cut -d" " -f1)
	xxd -p -c 100000 signed.der | contains -F "$hash" || fail "DG $n is not what EF.SOD says"
done
refuses signed_by otherpki/csca.pem <sod.der
