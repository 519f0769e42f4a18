#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The APDU scripts against cards in process: vicc --script. The card's type is the
# script's name up to the first -; NAME.json beside it is what is on the card.
# shellcheck disable=SC2016
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}"
vicc=("$top_builddir/vicc/vicc")
grep -q '^VICC_SANITIZE = .' "$top_builddir/Makefile" && vicc+=(--no-sandbox)
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
status=0

for script in "$top_srcdir"/tests/scripts/*.apdu; do
	type=${script##*/}
	image=${script%.apdu}.json
	[ -f "$image" ] && image=(--volatile --file "$image") || image=()
	"${vicc[@]}" -t "${type%%-*}" "${image[@]}" --script "$script" || status=1
done

# what is not as expected ends it: exit 1, and the place is said
broken() { # text, exit code, words
	local code=0
	printf '%s' "$1" >"$dir/x.apdu"
	"${vicc[@]}" -t handler_test --script "$dir/x.apdu" >"$dir/out" 2>&1 || code=$?
	if [ "$code" != "$2" ] || ! grep -qF -- "$3" "$dir/out"; then
		echo "FAIL: want exit $2 and \"$3\", not exit $code and"
		cat "$dir/out"
		status=1
	fi
}
broken $'> 80 30 00 00\n< 9000\n' 0 "x.apdu: 1 commands, all answered as expected"
broken $'> 80 30 00 00\n< 9001\n> 80 30 00 00\n' 1 "x.apdu:2: byte 2 of the answer is not as expected"
broken $'> 80 30 00 00\n< 9000\n> 8\n' 1 "x.apdu:3: a byte has two digits"

# names from a file: right, and wrong without being shown
printf '%s\n' '> 00 20 00 01 ( $PIN1 )' '< 9000' >"$dir/x.apdu"
echo PIN1=1234 >"$dir/pins"
"${vicc[@]}" --script "$dir/x.apdu" --pin-file "$dir/pins" || status=1
echo PIN1=4321 >"$dir/pins"
if "${vicc[@]}" --script "$dir/x.apdu" --pin-file "$dir/pins" 2>"$dir/out" ||
	grep -qE "4321|34 33 32 31" "$dir/out" || ! grep -qF '> 00 20 00 01 ( $PIN1 )' "$dir/out"; then
	echo "FAIL: a wrong PIN from a file"
	cat "$dir/out"
	status=1
fi
rm "$dir/x.apdu"
mkdir "$dir/none"
if "${vicc[@]}" -t handler_test --script "$dir/none/x.apdu" 2>"$dir/out" || [ $? != 1 ] ||
	! grep -q "none/x.apdu: No such file" "$dir/out"; then
	echo "FAIL: a script that is not there"
	status=1
fi
exit "$status"
