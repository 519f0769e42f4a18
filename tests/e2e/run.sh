#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vicc-run: a command gets a pcscd, a reader and cards; its exit status comes back; nothing
# is left, whoever ends whom.
. "${top_srcdir:-.}/tests/e2e/lib.sh"

for tool in opensc-tool pkcs11-tool ps setpriv; do
	command -v "$tool" >/dev/null || skip "$tool is not installed"
done

outside

processes()
{
	ps -eo stat=,comm= | awk '!/^Z/ && $2 ~ /^(vicc|vicc-run|viccctl|pcscd|sleep|opensc-tool)$/ { print $2 }' | sort
}

as_before()
{
	[ "$(processes)" = "$before" ] && [ -z "$(ls "$TMPDIR")" ]
}

nothing_left()
{
	until_true as_before || fail "left behind: $(ls "$TMPDIR"; processes | diff <(echo "$before") -)"
}

# ends STATUS COMMAND...: with that exit status, and leaves nothing. What it says is in said.
ends()
{
	local wanted=$1 status=0

	shift
	in_time "$@" >said 2>&1 </dev/null || status=$?
	[ "$status" = "$wanted" ] || fail "exit $status, not $wanted: $* ($(cat said))"
	nothing_left
}

says() # pattern
{
	grep -qE -- "$1" said || fail "\"$1\" is not in: $(cat said)"
}

one_line()
{
	[ "$(wc -l <said)" = 1 ] || fail "not one line: $(cat said)"
}

before=$(processes)
ATR='^3b:8b:81:01:80:73:f6:a1:d8:65:4f:73:45:49:44:66'
# a user who has no right to anything, with a user namespace of their own
drop=(setpriv --inh-caps=-all --bounding-set=-all)

scene "a card, for one command"
ends 0 vicc-run -t myeid -- opensc-tool -a
says "$ATR"
ends 0 "${drop[@]}" vicc-run -t myeid -- opensc-tool -a
says "$ATR"
ends 0 vicc-run -- opensc-tool --reader 0 --send-apdu 002000010431323334
says 'SW1=0x90, SW2=0x00'
SHELL=$(command -v readlink) ends 1 vicc-run -t myeid
says 'missing operand'

if [ "$(id -u)" = 0 ] && [ "$(awk '{ print $3 }' /proc/self/uid_map)" -gt 65534 ]; then
	scene "a user"
	ends 0 setpriv --reuid=65534 --regid=65534 --clear-groups vicc-run -t myeid -f "$PWD/own.json" -- opensc-tool -a
	says "$ATR"
	[ "$(stat -c %u own.json)" = 65534 ] || fail "whose is the card?"
	ends 7 setpriv --reuid=65534 --regid=65534 --clear-groups vicc-run --inside -- \
		bash -c 'id -u && id -g && grep CapEff /proc/self/status && opensc-tool --reader 0 -a; exit 7'
	[ "$(head -n 2 said | paste -sd' ')" = "65534 65534" ] || fail "another user: $(cat said)"
	says '^CapEff:.0000000000000000$'
fi

scene "the status of the command is that of vicc-run"
ends 3 vicc-run -- bash -c 'exit 3'
ends 3 vicc-run --inside -- bash -c 'exit 3'
ends 137 vicc-run -- bash -c 'kill -9 $$'
ends 137 vicc-run --inside -- bash -c 'kill -9 $$'
ends 127 vicc-run -- nobody-has-this
ends 126 vicc-run -- "$PWD/said"
one_line
ends 125 vicc-run --slots 17 -t myeid -- true
one_line
for time in 0 86401 1.5 '' x; do
	ends 125 vicc-run --timeout "$time" -- true
	says "^vicc-run: --timeout \"$time\" is not a time: 1 to 86400 seconds$"
done
ends 125 vicc-run --logs= -- true
says '^vicc-run: --logs is empty: it needs DIR$'
ends 125 vicc-run --logs "$PWD/said/logs" -- true
says '^vicc-run: cannot make --logs '
ends 125 vicc-run --device slots=1 -- true
one_line
ends 125 vicc-run --timeout 8 --device /nonsense=1 -- true
says '^vicc-run: no card in its reader after 8 s$'
says 'nonsense=1: unknown'
ends 125 vicc-run --nonsense -- true
says '^vicc: there is no option --nonsense'
ends 125 vicc-run true
says '^vicc: "true" is not an option'
ends 125 env VICC_DRIVER=/nonexistent vicc-run -- true
mkdir none
printf '#!/bin/sh\nexit 127\n' >none/pcscd && chmod 755 none/pcscd
ends 125 env PATH="$PWD/none:$PATH" vicc-run -- true
one_line
says 'pcscd is not installed'
ends 0 "$top_builddir/vicc/vicc-run" --help
ends 0 "$top_builddir/vicc/vicc-run" --version

scene "the environment, standard input and folder are those of before"
echo in >in
# shellcheck disable=SC2016
[ "$(A=b vicc-run --inside -- bash -c 'echo "$A $PWD $(cat) ${NOTIFY_SOCKET-}$PCSCLITE_HP_DROPDIR"' <in)" = "b $PWD in " ] ||
	fail "another environment"
PATH=$OUTSIDE/bin:/usr/bin:/bin ends 0 vicc-run -- env
says "^PATH=$OUTSIDE/bin:/usr/bin:/bin\$"

scene "the command has the network that it had; inside it has loopback alone"
net=$(readlink /proc/self/ns/net)
[ "$(vicc-run -- readlink /proc/self/ns/net)" = "$net" ] || fail "another network"
# shellcheck disable=SC2016
ends 0 vicc-run --inside -- bash -c 'readlink /proc/self/ns/net; ip -o link show up | cut -d" " -f2'
[ "$(sed -n 1p said)" != "$net" ] && [ "$(sed 1d said)" = lo: ] || fail "the network: $(cat said)"

# where TEXT: the folder is private, and in there
where()
{
	# shellcheck disable=SC2016
	ends 0 "${@:2}" vicc-run -- bash -c 'stat -c "%a %n" "${VICC_CONTROL_DIR%/*}"'
	says "^700 $1/vicc-run\.[A-Za-z0-9]{6}\$"
}

scene "where its folder is"
short=$(mktemp -d /tmp/e2e.XXXXXX) # the tree may be too deep for a socket
where "$short" env XDG_RUNTIME_DIR="$short"
where "$short" env XDG_RUNTIME_DIR=/nonexistent TMPDIR="$short"
mkdir "$short/$(printf '%090d' 0)"
where /tmp env TMPDIR="$(echo "$short"/*)"
[ "$(find "$short" -mindepth 1 | wc -l)" = 1 ] || fail "left behind: $(find "$short")"
rm -r "$short"

scene "a card that finds no reader: when time is over the logs are said"
ends 125 vicc-run --timeout 8 -t iso7816 --slot 5 -- true
says '^vicc-run: no card in its reader after 8 s$'
says '^vicc: .*/reader\.5: no reader there'

scene "slots, and what goes into DEVICENAME"
ends 0 vicc-run --slots 4 -t iso7816 --device /shared=1 -t handler_test -- bash -c 'viccctl list; opensc-tool -l'
says '^card\.1$'
says '^0 *Yes .*Virtual PCD 00 00'
says '^1 *Yes .*Virtual PCD 00 01'
says '^3 *No .*Virtual PCD 00 03'

scene "the cards can be commanded, from outside and inside"
for place in --slots=2 --inside --plain; do
	ends 0 vicc-run "$place" -t myeid -t iso7816 -- bash -ec 'viccctl list; viccctl -n card remove; opensc-tool -l; viccctl -n card insert; opensc-tool -a'
	says '^card$'
	says '^card\.1$'
	says '^0 *No '
	says "$ATR"
done

scene "the logs stay"
ends 0 vicc-run --logs logs -t myeid -- true
grep -q . logs/vicc.log || fail "the log of the card: $(ls logs)"
[ -e logs/pcscd.log ] || fail "no log of pcscd: $(ls logs)"

scene "a card is kept, and another command has it again"
ends 0 vicc-run -t iso7816 -f card.json -- opensc-tool --reader 0 --send-apdu 002000010430303030
ends 0 vicc-run -t iso7816 -f card.json -- opensc-tool --reader 0 --send-apdu 00200001
says 'SW1=0x63, SW2=0xC2'

scene "two at once do not meet"
ends 0 vicc-run -t iso7816 -- vicc-run -t myeid -- opensc-tool -a
says "$ATR"

scene "signals reach the command, once"
# shellcheck disable=SC2016
counting='n=0; trap "n=\$((n + 1)); touch caught" TERM INT HUP QUIT; touch ready; while [ ! -e enough ]; do sleep 0.05; done; exit $((50 + n))'
for place in --logs=logs --inside; do
	for signal in TERM INT HUP QUIT; do
		rm -f ready caught enough
		# else it would ignore ^C, as what a shell has in the background does
		env --default-signal=INT,QUIT vicc-run "$place" -- bash -c "$counting" >said 2>&1 &
		pid=$!
		until_true [ -e ready ] || fail "the command has not begun"
		kill -"$signal" "$pid"
		until_true [ -e caught ] || fail "SIG$signal has not come"
		sleep 0.2 # a second one would come now
		touch enough
		status=0
		wait "$pid" || status=$?
		[ "$status" = 51 ] || fail "SIG$signal, $place: $status"
		nothing_left
	done
done
rm -f ready caught
vicc-run -- bash -c 'touch ready; exec sleep 1000' &
pid=$!
until_true [ -e ready ] || fail "the command has not begun"
kill "$pid"
status=0
wait "$pid" || status=$?
[ "$status" = 143 ] || fail "exit $status"
nothing_left

scene "whoever is killed, nothing is left"
for place in --logs=logs --inside; do
	rm -f ready
	# what it starts, also what has left its session, ends with it
	vicc-run "$place" -- bash -c '(setsid sleep 1001 &); sleep 1002 & touch ready; sleep 1003; true' &
	pid=$!
	until_true [ -e ready ] || fail "the command has not begun"
	kill -9 "$pid"
	wait "$pid" || :
	nothing_left
	rm -f ready
	vicc-run "$place" -- bash -c 'touch ready; exec sleep 1004' &
	pid=$!
	until_true [ -e ready ] || fail "the command has not begun"
	kill -9 "$(pgrep --parent "$pid")" # who keeps all this
	status=0
	wait "$pid" || status=$?
	[ "$status" = 125 ] || fail "exit $status"
	until_true eval '[ "$(processes)" = "$before" ]' || fail "left behind: $(processes)"
	[ -z "$(ls "$TMPDIR")" ] || fail "left behind: $(ls "$TMPDIR")"
done

scene "pcscd has never run on this machine"
unshare --mount bash -c 'mount -t tmpfs -o mode=0755 tmpfs /run && mkdir /run/other && ln -s other /run/link && touch /run/file && exec "$@"' bash \
	"${drop[@]}" vicc-run --inside -t myeid -- bash -c 'opensc-tool -a; ls /run' >said 2>&1 || fail "$(cat said)"
says "$ATR"
[ "$(tail -n 4 said | paste -sd' ')" = "file link other pcscd" ] || fail "another /run: $(cat said)"
nothing_left

scene "no namespaces, if one wants none"
vicc-run --plain -t myeid -- bash -c 'opensc-tool -a; unset PCSCLITE_CSOCK_NAME; opensc-tool -a' >said 2>&1 || fail "$(cat said)"
[ "$(grep -cE "$ATR" said)" = 2 ] || fail "pcscd is not in its place: $(cat said)"
[ ! -e /run/pcscd/pcscd.comm ] || fail "left behind: $(find /run/pcscd)"
nothing_left
ends 125 vicc-run --plain --inside -- true
one_line

scene "a container in which nobody can make namespaces"
# shellcheck disable=SC2016
container=(unshare --user --map-root-user --mount bash -c 'mount -t tmpfs -o mode=0755 tmpfs /run && mkdir -m 755 $1
	echo 0 >/proc/sys/user/max_user_namespaces; exec "${@:2}"' bash)
"${container[@]}" /run/pcscd "${drop[@]}" vicc-run -t myeid -- bash -c 'opensc-tool -a; ls /run/pcscd; cat /proc/net/tcp /proc/net/tcp6' >said 2>&1 || fail "$(cat said)"
says "$ATR"
says '^pcscd.comm$'
! grep ' 0A 0' said || fail "a port is open"
nothing_left
"${container[@]}" /run/pcscd "${drop[@]}" bash -c 'vicc-run -t myeid -- vicc-run -t myeid -- true || echo "exit $?"; ls /run/pcscd' >said 2>&1 || fail "$(cat said)"
says '^vicc-run: no namespaces \(a user namespace: .*\), and another pcscd runs: /run/pcscd/pcscd.comm$'
says '^exit 125$'
[ "$(wc -l <said)" = 2 ] || fail "something else: $(cat said)"
"${container[@]}" /run/other "${drop[@]}" bash -c 'chmod 555 /run; vicc-run -t myeid -- true || echo "exit $?"' >said 2>&1 || fail "$(cat said)"
says '^vicc-run: no namespaces \(a user namespace: .*\), and /run/pcscd cannot be used: '
says '^exit 125$'
nothing_left

scene "the examples of the manual"
mkdir pasted
awk '/^\.Sh / { here = /EXAMPLES/ } /^\.Ed/ { text = 0 } here && text { print >("pasted/" n) }
	/^\.Bd -literal/ && here { text = 1; n++ }' "$top_srcdir/vicc/man/vicc-run.1"
sed -i 's/\\e/\\/g' pasted/*
ends 0 bash -e pasted/1
says '^3b:'
ends 0 bash -e pasted/2
says 'No errors'
ends 0 bash -e pasted/3
says '^1 *Yes .*Virtual PCD 00 01'
ends 0 bash -e pasted/4
says '^3b:'
[ ! -e pasted/5 ] || fail "an example that nobody tries"
line=$(sed -n 's/^\.Dl \(vicc-run .*\)/\1/p' "$top_srcdir/vicc/man/vicc-run.1")
[ "$(wc -l <<<"$line")" = 1 ] || fail "other examples: $line"
printf '#!/bin/sh\nopensc-tool -a\n' >shell && chmod 755 shell
rm -f card.json
SHELL=$PWD/shell ends 0 bash -ec "$line"
says "$ATR"
[ -s card.json ] || fail "the card is not kept"

scene "a token from a file, for a test of somebody's"
openssl req -new -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=mine 2>>"$E2E_DIR/openssl.log"
openssl pkcs12 -export -inkey key.pem -in cert.pem -passout pass: -out key.p12
printf 'check:\n\tpkcs11-tool --module opensc-pkcs11.so --login --pin 123456 --test\n' >Makefile
(umask 077; printf 'PIN1=123456\nPUK1=1234567812345678\n' >pins)
ends 0 vicc-run -t isoapplet --import key.p12 --pin-file pins -- make check
says 'No errors'
printf 'PIN1=123456\nPUK1=12345678\n' >pins
ends 0 vicc-run -t piv --import key.p12 --pin-file pins -- make check
says 'No errors'
rm card.json
ends 0 vicc-run -t myeid -f card.json --import key.p12 --pin-file pins -- true
cp card.json kept.json
ends 0 vicc-run -t myeid -f card.json --volatile -- pkcs11-tool --module opensc-pkcs11.so --login --pin 123456 --test
says 'No errors'
cmp card.json kept.json
