#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# examples/opensc/run, with the vicc of this tree. E2E_OPENSC=TREE runs it with the p11test of that
# tree instead, for the types in E2E_OPENSC_TYPES or all.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
tools pkcs11-tool pkcs15-init yubico-piv-tool softhsm2-util openssl

mkdir bin
wrapper bin/vicc "${VICC[@]}"
reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start
if [ -n "${E2E_OPENSC:-}" ]; then
	read -ra types <<<"${E2E_OPENSC_TYPES:-}"
	PATH=$E2E_DIR/bin:$PATH "$top_srcdir/examples/opensc/run" -s "$E2E_OPENSC" "${types[@]}"
	exit 0
fi
for type in piv openpgp isoapplet myeid cac; do
	PATH=$E2E_DIR/bin:$PATH in_time "$top_srcdir/examples/opensc/run" "$type" >told 2>&1 || fail "$type: $(cat told)"
	cat told
	grep -q "^== all well" told || fail "$type: $(cat told)"
done
PATH=$E2E_DIR/bin:$PATH "$top_srcdir/examples/opensc/run" nonsense >told 2>&1 || fail "$(cat told)"
grep -q "this vicc has no such type" told || fail "$(cat told)"
pcscd_lives
