#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# opensc-explorer creates, writes, reads, describes and deletes files on the plain card.
# shellcheck source=tests/e2e/lib.sh
. "${top_srcdir:-.}/tests/e2e/lib.sh"

command -v opensc-explorer >/dev/null || skip "opensc-explorer is not installed"

# Run these lines; what it prints is in $out, without carriage returns.
explore() # line...
{
	printf '%s\n' "$@" >"$E2E_DIR/lines"
	echo "$ opensc-explorer: $*"
	out=$(opensc-explorer --reader 0 "$E2E_DIR/lines" 2>&1 | tr -d '\r') || :
	printf '  %s\n' "${out//$'\n'/$'\n'  }"
}

says() # text...
{
	local text

	for text; do
		grep -qE -- "$text" <<<"$out" || fail "$text is not in what opensc-explorer says"
	done
}

reader_add "$ENTRY" /dev/null:0x8C7B
pcscd_start
job_start vicc "${VICC[@]}" --type iso7816 --file "$E2E_DIR/card.json"
probe "$READER" present >/dev/null

scene "a file is created, written and read"
explore "create 0101 32" "update_binary 0101 4 A1A2A3A4" "cat 0101" "get 0101 $E2E_DIR/got" "info 0101"
says 'Total of 4 bytes written to 0101 at offset 4' '^00000000: 00 00 00 00 A1 A2 A3 A4' \
	'Total of 32 bytes read from 0101' 'Working Elementary File  ID 0101' 'File size: +32 bytes' \
	'EF structure: +Transparent' 'Life cycle: +Operational, activated'
[ "$(od -An -tx1 -j4 -N4 "$E2E_DIR/got")" = " a1 a2 a3 a4" ] || fail "other bytes were saved"

scene "and so is a whole file from here"
head -c 300 /dev/urandom >"$E2E_DIR/put"
explore "create 0102 300" "put 0102 $E2E_DIR/put" "get 0102 $E2E_DIR/got"
says 'Total of 300 bytes written' 'Total of 300 bytes read from 0102'
cmp "$E2E_DIR/put" "$E2E_DIR/got"

scene "a folder, a file in it, and what is said of both"
explore "mkdir 4000 100" "cd 4000" "create 4001 16" "info 4001" "cd .." "info 4000"
says 'File path: +3F00/4000/4001' 'Dedicated File  ID 4000'

scene "what is there already is refused"
explore "create 0101 8"
says 'File already exists'

scene "the card is another process's now, with all that was on it"
job_stop vicc
[ "$JOB_STATUS" = 0 ] || fail "vicc ended with $JOB_STATUS"
[ "$(file_of "$E2E_DIR/card.json" 0101 | wc -c)" = 32 ] || fail "the image has other bytes"
job_start vicc2 "${VICC[@]}" --type iso7816 --file "$E2E_DIR/card.json"
probe "$READER" present >/dev/null
explore "get 0102 $E2E_DIR/again" "cat 0101"
says 'Total of 300 bytes read from 0102' '^00000000: 00 00 00 00 A1 A2 A3 A4'
cmp "$E2E_DIR/put" "$E2E_DIR/again"

scene "files and folders are deleted"
explore "rm 0101" "delete 4000" "info 0102"
says 'ID 0102'
explore "info 0101"
says 'File not found'
explore "cd 4000"
says 'File not found'
job_stop vicc2
