#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# pcscd takes reader.conf.d/vpcd as it is installed, and each example in it, alone and
# all of them together: the readers that come are those that it names, no more and no
# fewer, and the card that its comment starts is in the right one.
# shellcheck source=tests/e2e/lib.sh
. "${top_srcdir:-.}/tests/e2e/lib.sh"

# The text with the driver as built, and a folder and a host that are there.
conf()
{
	sed -E -e "s,^(#?LIBPATH +).*,\1$E2E_DIR/libifdvpcd.so," -e "s,/run/vpcd/,$E2E_DIR/," \
		-e "s,THIS-MACHINE,127.0.0.1," "$top_builddir/reader.conf.d/vpcd"
}

without_hash()
{
	sed -E 's/^#(FRIENDLYNAME|DEVICENAME|LIBPATH)/\1/'
}

# One paragraph of the text that has an entry of this name.
entry()
{
	conf | awk -v name="FRIENDLYNAME \"$1\"" 'BEGIN { RS = ""; ORS = "\n\n" } index($0, name)' | without_hash
}

value() # KEY <entry
{
	sed -nE "s/^$1 +\"?([^\"]*)\"?$/\1/p"
}

# What pcscd is to call the slots of the entries in its configuration, in their order.
wanted()
{
	local index=0 key name slots k

	while read -r key name; do
		case $key in
		FRIENDLYNAME) entry=${name//\"/} ;;
		DEVICENAME)
			case $name in
			*/slots=*) slots=${name##*/slots=} && slots=${slots%%/*} ;;
			connect:*) slots=1 ;;
			*) slots=2 ;;
			esac
			for ((k = 0; k < slots; k++)); do printf '%s %02X %02X: empty\n' "$entry" "$index" "$k"; done
			index=$((index + 1))
			;;
		esac
	done <"$READER_CONF"
}

comes_up_as_named()
{
	wanted >"$E2E_DIR/wanted"
	pcscd_start
	readers >"$E2E_DIR/readers" || :
	diff "$E2E_DIR/wanted" "$E2E_DIR/readers" || fail "other readers (>) than those named (<)"
	[ "$(pcscd_log_count 'DEVICENAME|another entry|cannot listen')" = 0 ] || fail "the driver does not like it"
}

readers_are_as_wanted()
{
	readers | diff -q "$E2E_DIR/wanted" - >/dev/null
}

# The command in the comment puts a card into the first slot of that name, only.
takes_its_card()
{
	local name=$1 command

	command=$(conf | awk -v name="FRIENDLYNAME \"$name\"" '/^# Its cards: / { line = $0 } index($0, name) { print line }')
	[ "${command%vicc*}" = "# Its cards: " ] || fail "$name: no command starts its cards"
	echo "vicc${command#*vicc}"
	read -ra command <<<"${command#*vicc}"
	job_start vicc "${VICC[@]}" -t handler_test "${command[@]}"
	probe "$(sed -n "s/^\($name .. 00\): empty$/\1/p" "$E2E_DIR/wanted")" present
	[ "$(readers | grep -vc ': empty$')" = 1 ] || fail "more than one card: $(readers)"
	job_stop vicc
	until_true readers_are_as_wanted || fail "the card has not left: $(readers)"
}

scene "as installed"
conf >"$READER_CONF"
comes_up_as_named
[ "$(wc -l <"$E2E_DIR/readers")" = 2 ] || fail "not two slots"
takes_its_card "Virtual PCD"
pcscd_stop

scene "one driver, the installed one, in every entry"
[ "$(value '#?LIBPATH' <"$top_builddir/reader.conf.d/vpcd" | sort -u | wc -l)" = 1 ] || fail "more than one LIBPATH"
conf | value '#FRIENDLYNAME' >"$E2E_DIR/examples"
[ "$(wc -l <"$E2E_DIR/examples")" -ge 5 ] || fail "where are the examples?"
[ "$(wc -l <"$E2E_DIR/examples")" = "$(conf | grep -c '^#DEVICENAME')" ] || fail "an example without a name"

while read -r name <&3; do
	scene "$name"
	entry "$name" >"$READER_CONF"
	comes_up_as_named
	grep -q "^$name 00 00: " "$E2E_DIR/readers" || fail "no $name"
	takes_its_card "$name"
	pcscd_stop
done 3<"$E2E_DIR/examples"

scene "all together"
conf | without_hash >"$READER_CONF"
comes_up_as_named
[ "$(cut -d: -f1 <"$E2E_DIR/readers" | sed 's/ .. ..$//' | sort -u | wc -l)" = "$(($(wc -l <"$E2E_DIR/examples") + 1))" ] ||
	fail "not all have come"
while read -r name <&3; do
	takes_its_card "$name"
done 3<"$E2E_DIR/examples"
pcscd_stop

scene "every mode and option that the text tells is a real one, and no other is"
for device in listen:127.0.0.1:36040 listen:36040/timeout=1 listen:36040/timeout=86400 listen:36040/slots=16; do
	printf 'FRIENDLYNAME "Right PCD"\nDEVICENAME %s\nLIBPATH %s/libifdvpcd.so\n' "$device" "$E2E_DIR" >"$READER_CONF"
	comes_up_as_named
	pcscd_stop
done
for device in listen:36040/slots=17 listen:36040/timeout=86401 listen:36040/colour=1 unix:here; do
	printf 'FRIENDLYNAME "Wrong PCD"\nDEVICENAME %s\nLIBPATH %s/libifdvpcd.so\n' "$device" "$E2E_DIR" >"$READER_CONF"
	pcscd_start
	refuses grep -q Wrong <(readers)
	pcscd_logged "DEVICENAME"
	pcscd_stop
done
