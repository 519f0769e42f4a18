#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vicc as its user meets it: what is wrong on the command line is said in one line
# with the right exit code, signals are obeyed, several cards are looked after.
# shellcheck disable=SC2317
set -u
: "${top_srcdir:=.}" "${top_builddir:=.}"
vicc=$top_builddir/vicc/vicc
plain=()
sanitized=
if grep -q '^VICC_SANITIZE = .' "$top_builddir/Makefile"; then
	sanitized=1
	plain=(--no-sandbox)
fi
# nobody's pcscd is to be started
export PCSCLITE_CSOCK_NAME=/nonexistent/pcscd.comm
dir=$(mktemp -d)
patience=60 # seconds that anything may take
status=0
pid=

cleanup() {
	[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT

fail() {
	echo "FAIL: $*"
	sed 's/^/    /' "$dir/err" 2>/dev/null
	status=1
}

until_true() {
	local end=$((SECONDS + patience))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# --- exit codes and what is said ----------------------------------------------------

run() { # words; exit code in $code, output in $dir/out and $dir/err
	code=0
	timeout $patience "$vicc" "$@" >"$dir/out" 2>"$dir/err" </dev/null || code=$?
}

wrong() { # exit code, part of the line, words
	local want=$1 says=$2
	shift 2
	run "$@"
	[ "$code" = "$want" ] || fail "vicc $*: exit $code, want $want"
	[ "$(wc -l <"$dir/err")" = 1 ] || fail "vicc $*: want one line"
	grep -q "^vicc: " "$dir/err" || fail "vicc $*: not vicc's own words"
	grep -qF -- "$says" "$dir/err" || fail "vicc $*: does not say \"$says\""
	[ ! -s "$dir/out" ] || fail "vicc $*: something on standard output"
}

good() { # part of the output, words
	local says=$1
	shift
	run "$@"
	[ "$code" = 0 ] || fail "vicc $*: exit $code"
	grep -q -- "$says" "$dir/out" || fail "vicc $*: does not print \"$says\""
	[ ! -s "$dir/err" ] || fail "vicc $*: something on standard error"
}

good "^vicc [0-9]" --version
good "^usage: vicc" --help
good "^usage: vicc" -h
good "^handler_test  *the test card" --list-types

wrong 2 "no option --nonsense" --nonsense
wrong 2 "no option -x" -x
wrong 2 "\"word\" is not an option" word
wrong 2 "no card type \"nothing\"" -t nothing
wrong 2 "--type needs a value" -t
wrong 2 "1 to 65535" -t handler_test -P 65536
wrong 2 "1 to 65535" --port=http
wrong 2 "not a slot" --slot first
wrong 2 "more than 65535" -t handler_test -P 65535 --slot 1
wrong 2 "no such program in PATH; ./no-such-program would be a file" --mitm no-such-program
wrong 2 "--mitm \"./no-such-program\": No such file" --mitm ./no-such-program
good "^usage: vicc" --mitm cat --help
printf '> 00 20 00 01 ( $PIN1 )\n< 90 00\n' >"$dir/pin.apdu"
run --script "$dir/pin.apdu" "${plain[@]}"
[ "$code" = 1 ] && grep -q "pin.apdu:1: this name has no value: give it one in --pin-file" "$dir/err" || fail "a script without its PINs"
printf 'PIN1="1234"\n' >"$dir/pins"
chmod 600 "$dir/pins"
wrong 1 "$dir/pins:1: the quotes would belong to the PIN" --script "$dir/pin.apdu" --pin-file "$dir/pins" "${plain[@]}"
! grep -q 1234 "$dir/err" || fail "shows the PIN"
printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\nMAA=\n-----END OPENSSH PRIVATE KEY-----\n' >"$dir/id"
wrong 1 "ssh-keygen -p -m PEM -f $dir/id" -t myeid --import "$dir/id" "${plain[@]}"
wrong 2 "choose" -t handler_test --unix /tmp/s -H localhost
wrong 2 "an ATR of its own" -t handler_test --atr 3B00
wrong 2 "is not an ATR" --atr 3C00
wrong 2 "takes no value" --once=yes
wrong 2 "/nonexistent/file" --config /nonexistent/file
printf 'once\nport many\n' >"$dir/conf"
wrong 2 "$dir/conf:2: --port \"many\"" --config "$dir/conf"

wrong 2 "--control \"a b\" is not a name: 1 to 32 letters" --control "a b"
wrong 1 "--control $dir: cannot listen on $dir: File exists" -t handler_test --control "$dir" --once --unix "$dir/nobody" "${plain[@]}"
wrong 2 "--control needs a reader: --script has none" --control a --script /dev/null
wrong 2 "--out needs a reader: --script has none" --out --script /dev/null
wrong 2 "--daemon needs a reader: --script has none" --daemon --script /dev/null
wrong 2 "--pid-file needs --daemon" --pid-file "$dir/pid"
mapfile -t many < <(printf -- '--dg\n3=x\n%.0s' {1..200})
wrong 2 "--dg: too many options" -t ePass "${many[@]}"
wrong 2 "--pid-file is empty: it needs FILE" --daemon --pid-file ""
wrong 2 "has no place for keys" --import /nonexistent/key
wrong 1 "--import /nonexistent/key: No such file" -t myeid --import /nonexistent/key --once "${plain[@]}"

wrong 1 "cannot resolve host" -t handler_test -H "$(printf 'a%.0s' {1..300})" "${plain[@]}"
wrong 1 "cannot write --log \"/nonexistent/log\"" -t handler_test --log /nonexistent/log "${plain[@]}"
# what is somebody else's, or has a second name, is not written over
printf x >"$dir/one"
ln "$dir/one" "$dir/two"
for option in log trace record; do
	wrong 1 "cannot write --$option \"$dir/two\": it is another user's, or has another name" \
		-t handler_test "--$option" "$dir/two" --once --unix "$dir/nobody" "${plain[@]}"
done
[ "$(cat "$dir/one")" = x ] || fail "it was emptied"

# an image that is none
cp "$dir/one" "$dir/passwd"
wrong 1 "passwd:1: " -f "$dir/passwd" "${plain[@]}"
[ ! -e "$dir/passwd.lock" ] || fail "a lock beside what is no image"

# documents: what would make another card of one that is written is refused, and the date is kept
: >"$dir/empty.apdu"
for type in ePass nPA; do
	document=(-t "$type" -f "$dir/$type.json" --script "$dir/empty.apdu" "${plain[@]}")
	run "${document[@]}" --can 123456
	[ "$code" = 0 ] || fail "a new $type: exit $code"
	wrong 1 "--can: the card is written already" "${document[@]}" --can 123456
	run "${document[@]}" --date 20301231 --disable-ta-checks
	[ "$code" = 0 ] || fail "another date for $type: exit $code"
	grep -q 20301231 "$dir/$type.json" || fail "$type: the date is not kept"
	grep -q '"no_ta_checks": true' "$dir/$type.json" || fail "$type: the checks are back"
	run "${document[@]}"
	grep -q '"no_ta_checks": true' "$dir/$type.json" || fail "$type: the checks are back after a restart"
done

# their passwords, in a file; the command line comes first; what is not theirs is refused
passwords() { # lines of the file, then words; a script without commands
	printf %b "$1" >"$dir/passwords"
	chmod 600 "$dir/passwords"
	shift
	rm -f "$dir/document.json"*
	run -f "$dir/document.json" --pin-file "$dir/passwords" "$@" "${plain[@]}"
}
of_pin() { jq -r ".pins[] | select(.ref == $1) | .value" "$dir/document.json"; }
once=(--once --unix "$dir/nobody")
passwords 'CAN=123456\n' -t ePass "${once[@]}"
[ "$(of_pin 2)" = text:123456 ] || fail "the CAN of an ePass: $(of_pin 2) $(cat "$dir/err")"
passwords 'CAN=123456\n' -t ePass --can 654321 "${once[@]}"
[ "$(of_pin 2)" = text:654321 ] || fail "the CAN of the command line: $(of_pin 2)"
passwords 'CAN=123457\nPIN=987654\nPUK=0123456789\nQES-PIN=24681357\n' -t nPA "${once[@]}"
[ "$(of_pin 2) $(of_pin 3) $(of_pin 4)" = "text:123457 text:987654 text:0123456789" ] || fail "passwords of an nPA"
grep -q text:24681357 "$dir/document.json" || fail "the PIN of signatures of an nPA"
run -f "$dir/document.json" -t nPA --pin-file "$dir/passwords" "${once[@]}" "${plain[@]}"
grep -q "no reader there" "$dir/err" || fail "a card that is written, and a PIN file: $(cat "$dir/err")"
for line in 'CAN=12345\n:CAN needs 6 digits' 'CAN=0x313233003435\n:CAN needs text' 'can=123456\n:a card of type ePass has no can' \
	'PUK=0123456789\n:a card of type ePass has no PUK'; do
	printf %b "${line%%:*}" >"$dir/passwords"
	wrong 1 "--pin-file $dir/passwords: ${line#*:}" -t ePass --pin-file "$dir/passwords" "${once[@]}" "${plain[@]}"
	! grep -q 12345 "$dir/err" || fail "shows a password"
done
passwords 'CAN=123456\nPIN1=1234\n' -t ePass --script "$dir/empty.apdu"
[ "$code" = 0 ] || fail "names of a script in the PIN file: $(cat "$dir/err")"

# what is not there, may not be read, or is none of what it should be
mkdir "$dir/folder"
printf '%0200d' 1 >"$dir/nothing"
for option in photo ef-cardaccess ef-cardsecurity ca-key cvca; do
	wrong 1 "--$option $dir/missing: No such file" -t ePass --$option "$dir/missing" "${once[@]}" "${plain[@]}"
	wrong 1 "--$option $dir/folder: Is a directory" -t ePass --$option "$dir/folder" "${once[@]}" "${plain[@]}"
	wrong 1 "--$option $dir/nothing: " -t ePass --$option "$dir/nothing" "${once[@]}" "${plain[@]}"
	wrong 2 "--$option" -t ePass --$option "" "${once[@]}" "${plain[@]}"
done
wrong 1 "--dg $dir/missing: No such file" -t ePass --dg "3=$dir/missing" "${once[@]}" "${plain[@]}"
wrong 1 "--dg $dir/folder: Is a directory" -t ePass --dg "3=$dir/folder" "${once[@]}" "${plain[@]}"
wrong 2 "--dg needs N=FILE" -t ePass --dg "17=$dir/one" "${once[@]}" "${plain[@]}"
wrong 1 "--pki $dir/one" -t ePass --pki "$dir/one" "${once[@]}" "${plain[@]}"
mkdir "$dir/issuer"
cp "$dir/one" "$dir/issuer/ds.pem"
wrong 1 "--pki $dir/issuer" -t ePass --pki "$dir/issuer" "${once[@]}" "${plain[@]}"

# PINs that all can read
printf 'PIN1=123456\n' >"$dir/pins"
chmod 604 "$dir/pins"
: >"$dir/empty.apdu"
run --pin-file "$dir/pins" --script "$dir/empty.apdu" "${plain[@]}"
grep -q -- "--pin-file $dir/pins: other users can read it" "$dir/err" || fail "no word about a PIN file that all can read"
chmod 600 "$dir/pins"
run --pin-file "$dir/pins" --script "$dir/empty.apdu" "${plain[@]}"
[ ! -s "$dir/err" ] || fail "a PIN file that is ours alone: $(cat "$dir/err")"

wrong 1 "no reader there" -t handler_test --once --unix "$dir/nobody" "${plain[@]}"
wrong 1 "cannot listen on $dir/none/s" -t handler_test -R --unix "$dir/none/s" "${plain[@]}"
wrong 1 "is not an address" -t handler_test -R -H example.com "${plain[@]}"

# --- one card, reversed ---------------------------------------------------------------

start() { # words; $pid
	: >"$dir/out"
	"$vicc" "$@" >"$dir/out" 2>"$dir/err" </dev/null &
	pid=$!
}

ended() { ! kill -0 "$pid" 2>/dev/null; }

stop() { # signal, exit code
	local code=0
	kill "-$1" "$pid"
	until_true ended || fail "it does not end on $1"
	wait "$pid" || code=$?
	pid=
	[ "$code" = "$2" ] || fail "exit $code after $1, want $2"
}

listens() { [ -s "$dir/out" ] || ended; }

# On a port that is free; it may take a few tries.
start_reversed() {
	local try
	for try in {0..19}; do
		port=$((10000 + ($$ * 7 + try * 131) % 9000))
		start -t handler_test -R -P "$port" "${plain[@]}" "$@"
		until_true listens
		ended || return 0
	done
	fail "no free port"
	exit 1
}

ask() { # bytes for printf %b, number of bytes to read: in hexadecimal
	printf %b "$1" >&3
	timeout $patience head -c "$2" <&3 | od -An -v -tx1 | tr -d ' \n'
}

start_reversed
[ "$(cat "$dir/out")" = "vicc://localhost:$port" ] || fail "want the address: $(cat "$dir/out")"
for _ in 1 2; do
	exec 3<>"/dev/tcp/127.0.0.1/$port"
	[ "$(ask '\0\1\4' 19)" = 00113bd6180080b1806d1f038051006110309e ] || fail "not the ATR"
	[ "$(ask '\0\4\x80\x30\0\0' 4)" = 00029000 ] || fail "not the answer"
	exec 3>&-
done
grep -q "connected to the reader" "$dir/err" || fail "does not say that it is connected"

# a port that is no reader's: the other card does not ask, either
: >"$dir/other"
"$vicc" -t handler_test -P "$port" "${plain[@]}" >"$dir/other" 2>&1 </dev/null &
caller=$!
until_true grep -q "localhost:$port: connected, but nothing has asked for the card in 5 s" "$dir/other" ||
	fail "does not say that it is no reader: $(cat "$dir/other")"
kill "$caller"
wait "$caller"

# a port that is taken
wrong 1 "is taken: choose another with --port" -t handler_test -R -P "$port" "${plain[@]}"

if [ -z "$sanitized" ] && grep -q '^#define HAVE_SECCOMP' "$top_builddir/config.h"; then
	grep -q '^Seccomp:[[:space:]]*2' "/proc/$pid/status" || fail "no filter"
	grep -q '^NoNewPrivs:[[:space:]]*1' "/proc/$pid/status" || fail "new privileges"
fi
grep -q '^Max core file size *0 *0 ' "/proc/$pid/limits" || fail "core dumps"

# out: the connection closes, nothing is offered; back: it is
exec 3<>"/dev/tcp/127.0.0.1/$port"
[ -n "$(ask '\0\1\4' 19)" ] || fail "no ATR"
kill -USR1 "$pid"
[ -z "$(timeout $patience head -c 1 <&3)" ] || fail "something after SIGUSR1"
exec 3>&-
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf '\0\1\4' >&3
[ -z "$(timeout 0.3 head -c 1 <&3)" ] || fail "offered while it is out"
kill -USR2 "$pid"
[ "$(timeout $patience head -c 2 <&3 | od -An -tx1)" = " 00 11" ] || fail "not offered after SIGUSR2"
exec 3>&-
stop TERM 0

# without a filter a process is as free as whoever started it
freedom() { grep -E '^(Seccomp|NoNewPrivs):' "/proc/$1/status"; }
start_reversed --no-sandbox
exec 3<>"/dev/tcp/127.0.0.1/$port"
[ -n "$(ask '\0\1\4' 19)" ] || fail "no ATR"
[ "$(freedom "$pid")" = "$(freedom self)" ] || fail "--no-sandbox: $(freedom "$pid")"
exec 3>&-
stop TERM 0

# --once: the lost reader is the end
start_reversed --once
exec 3<>"/dev/tcp/127.0.0.1/$port"
[ -n "$(ask '\0\1\4' 19)" ] || fail "no ATR"
exec 3>&-
until_true ended || fail "--once goes on"
code=0
wait "$pid" || code=$?
[ "$code" = 1 ] || fail "--once: exit $code, want 1"
grep -q "the reader has gone away" "$dir/err" || fail "--once: does not say why"

# --- what is said, and where ------------------------------------------------------------

start_reversed -vv --log "$dir/log"
exec 3<>"/dev/tcp/127.0.0.1/$port"
[ "$(ask '\0\15\x80\x20\0\1\10secretpn' 4)" = 00026e00 ] || fail "not 6E00"
exec 3>&-
stop INT 0
[ ! -s "$dir/err" ] || fail "--log, and something on standard error"
grep -q "80 20 00 01, 13 bytes: 6E00" "$dir/log" || fail "-vv does not show the header"
! grep -qi -e "secretpn" -e "73 *65 *63 *72 *65 *74" "$dir/log" || fail "-vv shows data"

# what is no command has no header
start_reversed -vv --log "$dir/log"
exec 3<>"/dev/tcp/127.0.0.1/$port"
[ "$(ask '\0\2\x80\x20' 4)" = 00026700 ] || fail "not 6700"
exec 3>&-
stop INT 0
grep -q "2 bytes, no command: 6700" "$dir/log" || fail "-vv does not show what is no command"

# a manager that is not there is no reason not to be
export NOTIFY_SOCKET=$dir/nobody
start_reversed -q
unset NOTIFY_SOCKET
stop TERM 0
grep -q "cannot tell NOTIFY_SOCKET \"$dir/nobody\": No such file" "$dir/err" || fail "does not say who hears nothing"

start_reversed -q
exec 3<>"/dev/tcp/127.0.0.1/$port"
[ -n "$(ask '\0\1\4' 19)" ] || fail "no ATR"
exec 3>&-
stop HUP 0
[ ! -s "$dir/err" ] || fail "-q says something"

# --- several cards ------------------------------------------------------------------------

children() { pgrep -P "$pid" -x vicc; }
has_children() { [ "$(children | wc -l)" = "$1" ]; }

# Two with sockets of their own; $first and $second are their processes.
start_two() {
	start -q -R --unix "$dir/s" "${plain[@]}" -t handler_test -t handler_test
	until_true test -S "$dir/s.1" || fail "no second socket"
	until_true test -S "$dir/s" || fail "no first socket"
	until_true has_children 2 || fail "want two processes"
}

# each its own trace, or one for both
start -q -R --unix "$dir/s" "${plain[@]}" -t handler_test --trace "$dir/1.pcapng" -t handler_test --trace "$dir/2.pcapng"
until_true test -S "$dir/s.1" || fail "no second socket"
stop TERM 0
grep -qaF "$dir/s" "$dir/1.pcapng" && ! grep -qaF "$dir/s.1" "$dir/1.pcapng" || fail "card 1's trace is another's"
grep -qaF "$dir/s.1" "$dir/2.pcapng" || fail "card 2's trace is another's"
start -q -R --unix "$dir/s" --trace "$dir/1.pcapng" "${plain[@]}" -t handler_test -t handler_test
until_true test -S "$dir/s.1" || fail "no second socket"
stop TERM 0
grep -qaF "$dir/s.1" "$dir/1.pcapng" || fail "a trace of both has one"

start_two
stop TERM 0
[ -z "$(ls "$dir"/s* 2>/dev/null)" ] || fail "sockets are left behind"

# --- shut in ------------------------------------------------------------------------------

filtered() { # process
	grep -q '^Seccomp:[[:space:]]*2$' "/proc/$1/status" && grep -q '^NoNewPrivs:[[:space:]]*1$' "/proc/$1/status"
}

hidden() { # process: what looks into it belongs to root alone
	[ "$(id -u)" = 0 ] || ! cat "/proc/$1/environ" >/dev/null 2>&1
}

if [ -z "$sanitized" ] && grep -q '^#define HAVE_SECCOMP 1' "$top_builddir/config.h"; then
	# the parent of several, too
	start_two
	for p in $pid $(children); do
		until_true filtered "$p" || fail "process $p of $pid is not filtered"
		hidden "$p" || fail "process $p of $pid can be looked into"
	done
	stop TERM 0

	# with --once as soon as the reader is there: it is not looked for any more
	start -t handler_test -R --unix "$dir/s" --once
	until_true test -S "$dir/s" || fail "no socket"
	! filtered "$pid" || fail "shut in before anybody called"
	"$vicc" -q -t handler_test --unix "$dir/s" >/dev/null 2>&1 &
	caller=$!
	until_true filtered "$pid" || fail "not shut in, and somebody called"
	kill "$caller"
	wait "$caller"
	until_true ended || fail "--once, and no end"
	wait "$pid"
	pid=
	[ ! -e "$dir/s" ] || fail "the socket is left behind"
	if command -v strace >/dev/null; then
		strace -qq -o "$dir/calls" -e trace='landlock_create_ruleset,landlock_add_rule,landlock_restrict_self,seccomp' \
			"$vicc" -q -f "$dir/card.json" --script "$dir/empty.apdu" >/dev/null
		if grep -q 'LANDLOCK_CREATE_RULESET_VERSION) = [1-9]' "$dir/calls"; then
			grep -q '^landlock_restrict_self.* = 0$' "$dir/calls" || fail "an image, and no confinement to its folder"
		fi
	fi
fi

# a crash concerns one card only, and is not forgotten
start_two
kill -KILL "$(children | head -n 1)"
until_true has_children 1 || fail "one is left"
until_true grep -q "was ended by signal 9" "$dir/err" || fail "does not say who crashed"
stop INT 1
rm -f "$dir"/s*

# without the parent there are no children
start_two
left=$(children)
kill -KILL "$pid"
{ wait "$pid"; } 2>/dev/null
pid=
none_left() {
	local p
	for p in $left; do
		# process 1 may leave it a zombie, of state Z
		! grep -qs '^State:	[^Z]' "/proc/$p/status" || return 1
	done
}
until_true none_left || fail "children without a parent"
rm -f "$dir"/s*

# all wrong at start: exit 1, and each says which card it is
run -R --unix "$dir/none/s" "${plain[@]}" -t handler_test -t handler_test
[ "$code" = 1 ] || fail "two wrong cards: exit $code"
grep -q "^vicc: card 1 (handler_test): cannot listen on $dir/none/s:" "$dir/err" || fail "card 1?"
grep -q "^vicc: card 2 (handler_test): cannot listen on $dir/none/s.1:" "$dir/err" || fail "card 2?"

# --- vicc-pad ---------------------------------------------------------------------------

pad_wrong() { # exit code, part of what is said, words
	local want=$1 says=$2
	shift 2
	code=0
	timeout $patience setsid -w "$top_builddir/vicc/vicc-pad" "$@" >"$dir/out" 2>"$dir/err" </dev/null || code=$?
	[ "$code" = "$want" ] || fail "vicc-pad $*: exit $code, want $want"
	[ "$(wc -l <"$dir/err")" = 1 ] || fail "vicc-pad $*: want one line"
	grep -qF -- "$says" "$dir/err" || fail "vicc-pad $*: does not say \"$says\""
	[ ! -s "$dir/out" ] || fail "vicc-pad $*: something on standard output"
}

(umask 077 && echo PIN1=271828 >"$dir/padpins")
pad_wrong 2 'not a slot, 0 to 15: "16"' --slot 16
pad_wrong 2 'not a slot' --slot x
pad_wrong 2 'not a port, 1 to 65535: "0"' --port 0
pad_wrong 2 'not a port' -P 65536
pad_wrong 2 'more than 65535' -P 65535 --slot 1
pad_wrong 2 'not an option: "here"' here
pad_wrong 2 'unrecognized option' --nothing
pad_wrong 2 'requires an argument' --script
pad_wrong 2 'either --pin-file or --program' --pin-file a --program b
pad_wrong 2 '--script needs --pin-file' --script right
pad_wrong 2 '--control goes with neither' --control a --program b
pad_wrong 2 '--control goes with neither' --control a --pin-file b --script right
pad_wrong 2 'not a name' --control "a b"
pad_wrong 2 'not a name' --control ""
pad_wrong 2 '--reversed is for a port' -R --unix /s
pad_wrong 2 'too long' --unix "/$(printf 'x%.0s' {1..103})"
pad_wrong 1 'No such file' --pin-file "$dir/none"
chmod 644 "$dir/padpins"
! timeout $patience "$top_builddir/vicc/vicc-pad" --pin-file "$dir/padpins" --script rihgt 2>"$dir/err" || fail "vicc-pad --script rihgt"
grep -q -- "--pin-file $dir/padpins: other users can read it: chmod 600" "$dir/err" || fail "vicc-pad: no word about the file"
chmod 600 "$dir/padpins"
pad_wrong 1 'want right, wrong' --pin-file "$dir/padpins" --script rihgt
pad_wrong 1 'No such file' --pin-file "$dir/none" --control a
pad_wrong 1 'No such file' --control "$dir/none/none/x"
pad_wrong 1 'cannot start --program /none' --program /none
pad_wrong 1 'no terminal' --unix /s
pad_wrong 1 'No such file' -q --pad-socket "$dir/none" --shared-port --pin-file "$dir/none"
"$top_builddir/vicc/vicc-pad" --version | grep -q '^vicc-pad [0-9]' || fail "vicc-pad --version"
"$top_builddir/vicc/vicc-pad" -h | grep -q '^usage: vicc-pad ' || fail "vicc-pad --help"

# with --pad, too, it is said before the card is in
wrong 1 "none: No such file" --pad --pin-file "$dir/none" -t handler_test "${plain[@]}"
wrong 1 "too long" --pad --pin-file "$dir/padpins" -t handler_test --unix "/$(printf 'x%.0s' {1..104})" "${plain[@]}"

# a process that is not needed is not made
start_reversed
has_children 0 || fail "a child for a single card"
stop TERM 0

exit "$status"
