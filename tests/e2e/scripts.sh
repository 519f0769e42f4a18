#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The APDU scripts through pcscd, a new card for each.
. "${top_srcdir:-.}/tests/e2e/lib.sh"

reader_add "$ENTRY" /dev/null:0x8C7B
pcscd_start

for script in "$top_srcdir"/tests/scripts/*.apdu; do
	name=${script##*/} name=${name%.apdu}
	image=${script%.apdu}.json
	[ -f "$image" ] && image=(--volatile --file "$image") || image=()
	job_start "$name" "${VICC[@]}" --quiet -t "${name%%-*}" "${image[@]}"
	probe "$READER" present
	"$top_builddir/tests/apdurun" pcsc "$READER" "$script" || fail "$name"
	job_stop "$name"
	[ "$JOB_STATUS" = 0 ] || fail "vicc ended with $JOB_STATUS after $name"
	probe "$READER" absent
done
