#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Other people's cards and middle-men in a real reader; tests/plugin.sh has the details.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
cd "$E2E_DIR"
export VICC_CONTROL_DIR=$E2E_DIR/control
viccctl() { "${VICCCTL[@]}" "$@"; }
read -ra cc < <(sed -n 's/^CC = //p' "$top_builddir/Makefile")
for name in card derived watch verified; do
	"${cc[@]}" -Wall -Wextra -Werror -I "$top_srcdir/include" -shared -fPIC \
		-o "$name.so" "$top_srcdir/examples/$name.c"
done
cp "$top_srcdir/examples/verified.sh" .

reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start

scene "a card of its own, and one that is derived"
job_start vicc "${VICC[@]}" -t ./card.so -t ./derived.so -f derived.json
probe "$READER" present connect atr=3B8480016D696E650A apdu:80100000=019000 apdu:8010000000=029000 apdu:00A40000=6D00 \
	reconnect:reset apdu:80100000=039000 disconnect
probe "$READER1" present connect apdu:8010000000=019000 apdu:0084000004=6700 apdu:0084000008 \
	apdu:00A4000C023F00=9000 disconnect
job_stop vicc
probe "$READER" absent

scene "two applications on one card"
"${cc[@]}" -I "$top_srcdir/include" -shared -fPIC -o two.so "$top_srcdir/tests/cards/plugin/two.c"
job_start vicc "${VICC[@]}" -t ./two.so -f two.json
probe "$READER" present
"$top_builddir/tests/apdurun" pcsc "$READER" "$top_srcdir/tests/cards/plugin/two.apdu" || fail "two.apdu"
# the reset between two connections wipes what an application remembers
probe "$READER" connect reconnect:reset apdu:0008001100=009000 apdu:0008001100=119000 reconnect:reset apdu:0008001100=009000 disconnect
job_stop vicc
probe "$READER" absent

scene "it has kept what it keeps"
job_start vicc "${VICC[@]}" --plugin-folder . -t derived -f derived.json
probe "$READER" present connect apdu:8010000000=029000 disconnect
job_stop vicc
probe "$READER" absent

for man in ./verified.so ./verified.sh; do
	scene "any PIN is right, says $man"
	job_start vicc "${VICC[@]}" --mitm ./watch.so --mitm "$man"
	probe "$READER" present connect apdu:002000010439393939=9000 apdu:00A4000C023F00=9000 \
		reconnect:reset apdu:002000010438383838=9000 disconnect
	job_stop vicc
	[ "$JOB_STATUS" = 0 ] || fail "exit $JOB_STATUS"
	refuses grep -q "has failed" vicc.log
	[ "$(grep -c '^> 00 20 00 01$' vicc.log)" = 2 ] || fail "watch has seen no VERIFY"
	grep -q '^! reset$' vicc.log || fail "watch has seen no reset"
	refuses grep -q '39\|38' vicc.log
	probe "$READER" absent
done

scene "a middle-man takes the card out for a moment"
cat >gone.sh <<'EOF'
#!/bin/sh
while read -r line; do
	case $line in
	"> 80DEAD00") echo "!gone" ;;
	*) echo "$line" ;;
	esac
done
EOF
chmod +x gone.sh
job_start vicc "${VICC[@]}" --mitm ./gone.sh --control work
probe "$READER" present connect apdu:00A4000C023F00=9000
refuses "$PCSCPROBE" do "$READER" connect apdu:80DEAD00
job_said vicc "the middle-man ./gone.sh takes the card out"
probe "$READER" present connect apdu:00A4000C023F00=9000 disconnect
viccctl remove
refuses viccctl apdu 80DEAD00 2>said
grep -q "the card has failed.*(io)" said || fail "$(cat said)"
job_stop vicc
probe "$READER" absent

# What goes wrong: the card leaves, no answer comes, one line says why.
broken() # name, words, argument...
{
	local name=$1 words=$2

	shift 2
	job_start vicc "${VICC[@]}" "$@"
	probe "$READER" present
	refuses "$PCSCPROBE" do "$READER" connect apdu:00A4000C023F00 >broken.log 2>&1
	job_wait vicc
	[ "$JOB_STATUS" = 1 ] || fail "$name: exit $JOB_STATUS"
	[ "$(grep -cF "$name" vicc.log)" = 1 ] && grep -qF "$name $words" vicc.log || fail "$name: $(cat vicc.log)"
	probe "$READER" absent
}

program() # words, shell text, argument...
{
	local words=$1

	# shellcheck disable=SC2016
	printf '#!/bin/sh\nwhile read -r l; do case $l in ">"*) break;; esac; echo "$l"; done\n%s\n' "$2" >bad.sh
	chmod +x bad.sh
	shift 2
	broken ./bad.sh "$words" --mitm ./bad.sh "$@"
}

scene "a middle-man that ends, hangs, answers nonsense"
program "has ended with exit status 3" "exit 3"
program "has not answered within 3000 ms" "exec sleep 1000" --mitm-deadline 3000
program "has answered nonsense" "echo hello; read -r l"

# a tool has words of its own for that
[ -z "${E2E_VALGRIND:-}" ] || exit 0
scene "a plug-in that crashes, and one that hangs"
crash()
{
	sed "s|vicc->put(instead.*|$1;|; s|cmd.p\[1\] != 0x20|cmd.p[1] != 0xa4|" "$top_srcdir/examples/verified.c" >bad.c
	"${cc[@]}" -I "$top_srcdir/include" -shared -fPIC -o bad.so bad.c
}
crash 'return *(volatile int *)8'
broken ./bad.so "has crashed (SIGSEGV)" --mitm ./bad.so
crash 'for (volatile int forever = 1; forever;) continue'
broken ./bad.so "does not come back" --mitm ./bad.so --mitm-deadline 3000

# --- commanded -----------------------------------------------------------------------

gone='E_NO_SMARTCARD,W_REMOVED_CARD,E_NOT_TRANSACTED,F_COMM_ERROR'

torn_is() # times
{
	[[ $(viccctl --no-pcsc --json status) == *"\"torn\":$1,"* ]] || fail "$(viccctl --no-pcsc --json status)"
}

# COMMAND ANSWER OPTION...: this card goes in and out, its answers go wrong, power fails
commanded()
{
	local command=$1 answer=$2

	shift 2
	scene "commanded: $*"
	job_start vicc "${VICC[@]}" "$@" --control work
	viccctl wait in
	probe "$READER" present connect "apdu:$command=$answer"
	viccctl remove
	probe "$READER" absent
	viccctl insert
	viccctl sw 6A81
	probe "$READER" present connect "apdu:$command=6A81" "apdu:$command=$answer"
	viccctl long 2
	probe "$READER" connect "apdu:$command=????$answer"
	viccctl sw 6A80 --late --on "${command:2:2}"
	probe "$READER" connect "apdu:$command=6A80"
	viccctl close --on "${command:2:2}"
	probe "$READER" connect "apdu:$command~$gone"
	viccctl wait in
	viccctl tear command
	probe "$READER" present connect "apdu:$command~$gone"
	viccctl wait in
	viccctl tear answer 1
	probe "$READER" present connect "apdu:$command~$gone"
	viccctl wait in
	torn_is 2
	probe "$READER" present connect "apdu:$command=$answer"
	viccctl glitch
	viccctl mute on
	viccctl mute off
	viccctl remove
	viccctl apdu "$command" >said
	grep -qE "^${answer//\?/.}$" said || fail "apdu $command: $(cat said)"
}

keeps_nothing() # what it says
{
	for verb in snapshot "restore x" "load said" "tear commit 0"; do
		# shellcheck disable=SC2086
		refuses viccctl $verb 2>refusal
		grep -q "(not-possible)" refusal || fail "$verb: $(cat refusal)"
	done
}

commanded_ends()
{
	viccctl quit
	job_wait vicc
	[ "$JOB_STATUS" = 0 ] || fail "exit $JOB_STATUS: $(cat vicc.log)"
	[ -z "$(ls "$VICC_CONTROL_DIR")" ] || fail "left behind: $(ls "$VICC_CONTROL_DIR")"
	probe "$READER" absent
}

commanded 8010000000 '??9000' -t ./card.so
keeps_nothing
commanded_ends

job_start real "${VICC[@]}" -t iso7816 --slot 1
probe "$READER1" present
commanded 0084000004 '????????9000' -t relay --reader "00 01"
keeps_nothing
commanded_ends
job_stop real
probe "$READER1" absent

for options in "--mitm ./watch.so --mitm ./verified.sh" "--mitm ./watch.so"; do
	# shellcheck disable=SC2086
	commanded 0084000004 '????????9000' -t iso7816 $options
	viccctl snapshot clean
	viccctl apdu 002000010430303030 >said
	viccctl restore clean
	viccctl insert
	viccctl tear commit 0 --on A4
	probe "$READER" present connect "apdu:00A4000C023F00~$gone"
	viccctl wait in
	torn_is 3
	commanded_ends
done
commanded 0084000008 '????????????????9000' -t ./derived.so
viccctl snapshot clean
viccctl restore clean
commanded_ends
