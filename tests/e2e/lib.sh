# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC1010
#
# What the end-to-end tests share. A script sources it first of all:
#
#	#!/bin/bash
#	. "${top_srcdir:-.}/tests/e2e/lib.sh"
#
# and is then run again inside a mount, network and process namespace of its own
# (as root, or in a user namespace): a loopback that nobody else uses, an empty
# /run/pcscd, and whatever it started ends with it. Where no namespace can be
# made the script ends with 77. A command that fails fails the test; the logs of
# all that was started are printed then. At the end pcscd must still live.
#
#	reader_add NAME DEVICENAME	an entry for the next pcscd_start (driver as built)
#	reader_clear			forget all entries
#	pcscd_start [OPTION...]		start the first pcscd in PATH, wait until it serves clients
#	pcscd_stop			end it; its shutdown time in ms is in $PCSCD_STOP_MS
#	pcscd_logged TEXT		wait until pcscd's log has a line with this (grep -E)
#	pcscd_log_count TEXT		print how many lines of its log have this
#	job_start NAME COMMAND...	run in the background, output in $E2E_DIR/NAME.log
#	job_said NAME TEXT [N]		wait until that has N lines (1) with this (grep -E)
#	job_stop NAME [SIGNAL]		end it (TERM), wait; its exit status is in $JOB_STATUS
#	job_wait NAME			wait until it ends by itself; likewise
#	card_start NAME [ARGUMENT...]	job_start with badcard
#	"${VICC[@]}" [ARGUMENT...]	the daemon, as the tool at hand can run it
#	"${VICCCTL[@]}" [ARGUMENT...]	viccctl, which waits as long as everything does here
#	probe READER STEP...		a pcscprobe session (see pcscprobe.c), output in
#					$E2E_DIR/probe.log; its figures are printed
#	readers				pcscprobe list
#	E2E_INSIDE=vicc-run		set before lib.sh is sourced: no namespace, because vicc-run, after
#					outside, has the pcscd of the script
#	wrapper FILE COMMAND...		make a program that is this command
#	outside				go to an empty folder that is not in /run/pcscd, where the cards of
#					vicc-run find theirs; vicc-run, vicc and pcscd are in PATH, as the
#					tool at hand can run them
#	scene TEXT			say what follows
#	until_true COMMAND...		repeat until it succeeds, for as long as patience lasts
#	contains PATTERN		standard input has a line with this (options of grep before it)
#	count_of COUNTER		how often that has happened in this namespace, by /proc/net/snmp:
#				Tcp.ActiveOpens, Tcp.AttemptFails
#	exceeds N COMMAND...		it prints more than N
#	in_time COMMAND...		run what has to end by itself: 124 when patience ends before
#	refuses COMMAND...		the command must fail, but not for want of time
#	figure NAME VALUE LIMIT UNIT	print "FIGURE ..."; fail above a hundred times LIMIT
#	fail TEXT, skip TEXT		end the test
#
# $READER and $READER1 are the names of the two slots of `reader_add "$ENTRY" ...`
# when it is the only entry. From the environment: E2E_PATIENCE, seconds that
# anything may take (60, more under a tool); E2E_VALGRIND=1, pcscd under valgrind;
# E2E_PCSCD_FLAGS, such as --debug; E2E_KEEP=1, print the logs of a good run, too.
# In a tree configured with --enable-sanitizers pcscd gets the sanitizers' runtime.

set -eu -o pipefail

: "${top_srcdir:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}"
: "${top_builddir:=$PWD}"
export top_srcdir top_builddir

BADCARD=$top_builddir/tests/e2e/badcard
PCSCPROBE=$top_builddir/tests/e2e/pcscprobe
VICC=("$top_builddir/vicc/vicc")
DRIVER=$top_builddir/.libs/libifdvpcd.so
E2E_DIR=/run/pcscd/e2e
ENTRY="Virtual PCD"
READER="$ENTRY 00 00"
READER1="$ENTRY 00 01"
PORT=35963

PATH=$PATH:/usr/sbin:/sbin

skip()
{
	echo "SKIP: $*"
	exit 77
}

# --- the namespace -----------------------------------------------------------

e2e_unshare()
{
	local user=()

	[ "$(id -u)" = 0 ] || user=(--user --map-root-user)
	unshare "${user[@]}" --mount --net --pid --fork --kill-child --mount-proc \
		--propagation private -- "$@"
}

# A /run/pcscd of our own; the machine may not have one.
e2e_private_run()
{
	if [ ! -d /run/pcscd ]; then
		mount -t tmpfs -o mode=0755 tmpfs /run
		mkdir /run/pcscd
	else
		mount -t tmpfs -o mode=0755 tmpfs /run/pcscd
	fi
	mkdir -p "$E2E_DIR/drop" "$E2E_DIR/conf"
	ip link set lo up
	# the ports that tests name are not among those that any caller may get
	{ echo 61000 65535 >/proc/sys/net/ipv4/ip_local_port_range; } 2>/dev/null || :
	# nor does a pcscd that asks polkit, and has no option to leave that, get to the machine's
	export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/pcscd/no-bus
}

if [ "${E2E_INSIDE:-}" = vicc-run ]; then
	E2E_DIR=$(mktemp -d)
	mkdir "$E2E_DIR/conf"
elif [ -z "${E2E_INSIDE:-}" ]; then
	command -v pcscd >/dev/null || skip "pcscd is not installed"
	command -v ip >/dev/null || skip "ip (iproute2) is not installed"
	e2e_unshare ip link set lo up 2>/dev/null || skip "$(id -un) can make no namespaces here;" \
		"in a container: docker run --privileged, or podman run --privileged"
	E2E_INSIDE=1 e2e_unshare bash "$0" "$@" && exit 0 || exit $?
else
	e2e_private_run
fi

# --- saying ------------------------------------------------------------------

fail()
{
	echo "FAIL: $*"
	exit 1
}

scene()
{
	echo "--- $*"
}

in_time()
{
	timeout "$E2E_PATIENCE" "$@"
}

refuses()
{
	local status=0

	"$@" || status=$?
	[ "$status" != 0 ] && [ "$status" != 124 ] || fail "should have failed, and has ended with $status: $*"
}

until_true()
{
	local end=$((SECONDS + E2E_PATIENCE))

	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.03
	done
}

# Unlike grep -q it reads to the end: what writes into a pipe that is closed ends with an error.
contains()
{
	[ "$(grep -c "$@")" -gt 0 ]
}

count_of()
{
	awk -v what="$1" '
		BEGIN { split(what, name, ".") }
		$1 == name[1] ":" && !at { for (at = NF; at > 1 && $at != name[2]; at--) continue; next }
		$1 == name[1] ":" { print $at }' /proc/net/snmp
}

exceeds()
{
	[ "$("${@:2}")" -gt "$1" ]
}

wrapper()
{
	{ echo '#!/bin/bash' && printf 'exec' && printf ' %q' "${@:2}" && echo ' "$@"'; } >"$1"
	chmod 755 "$1"
}

figure()
{
	echo "FIGURE $1: $2 $4 (wanted: at most $3 $4)"
	[ -z "${E2E_VALGRIND:-}" ] || return 0 # that is valgrind's speed
	awk -v v="$2" -v limit="$3" 'BEGIN { exit !(v <= limit * 100) }' ||
		fail "$1: $2 $4 is more than a hundred times $3"
}

# --- jobs --------------------------------------------------------------------

declare -A JOBS=()
JOB_STATUS=

job_start()
{
	local name=$1

	shift
	# at once, not by the child: job_said would read what an earlier job of this name has said
	: >"$E2E_DIR/$name.log"
	"$@" >"$E2E_DIR/$name.log" 2>&1 </dev/null &
	JOBS[$name]=$!
}

e2e_has_lines()
{
	[ "$(grep -cE -- "$2" "$1")" -ge "$3" ]
}

job_said()
{
	until_true e2e_has_lines "$E2E_DIR/$1.log" "$2" "${3:-1}" ||
		fail "$1 has not said \"$2\" ${3:-1} times in $E2E_PATIENCE s"
}

job_ended()
{
	! kill -0 "${JOBS[$1]}" 2>/dev/null
}

job_wait()
{
	until_true job_ended "$1" || fail "$1 has not ended in $E2E_PATIENCE s"
	JOB_STATUS=0
	wait "${JOBS[$1]}" || JOB_STATUS=$?
	unset "JOBS[$1]"
}

job_stop()
{
	kill "-${2:-TERM}" "${JOBS[$1]}" 2>/dev/null || :
	job_wait "$1"
}

card_start()
{
	local name=$1

	shift
	job_start "$name" "$BADCARD" "$@"
}

# --- images ------------------------------------------------------------------

# The bytes of a file in an image. Of zeros at the end, as a signature may have, it has only the
# file's size, or "length".
file_of() # IMAGE FID
{
	awk -v fid="\"fid\": \"$2\"" '
		/"fid":/ { mine = index($0, fid) }
		mine && /"(size|length)":/ { size = $2 + 0 }
		mine && /"contents":/ { on = 1; one = /"contents": "/; sub(/.*"contents":/, "") }
		on { gsub(/[^0-9A-F\]]/, ""); last = sub(/\]/, ""); bytes = bytes $0 }
		on && (one || last) {
			while (length(bytes) < 2 * size) bytes = bytes "00"
			print bytes
			exit
		}' "$1" |
		xxd -r -p
}

# --- pcscd -------------------------------------------------------------------

PCSCD_PID=
PCSCD_STOP_MS=
PCSCD_LOG=$E2E_DIR/pcscd.log
# its polkit is the machine's, and would be asked about every client
PCSCD=(pcscd --foreground)
[[ $(pcscd --help 2>&1) != *--disable-polkit* ]] || PCSCD+=(--disable-polkit)
READER_CONF=$E2E_DIR/conf/vpcd

# pcscd takes few characters in a path: a link, wherever the tree is built
ln -s "$DRIVER" "$E2E_DIR/libifdvpcd.so"

reader_add()
{
	local device=$2

	# an RSA key takes minutes there
	case ${E2E_VALGRIND:+$device} in
	/dev/null:0x8C7B | "/dev/null:$PORT" | "unix:$E2E_DIR/sock") device+=/timeout=600 ;;
	esac
	printf 'FRIENDLYNAME "%s"\nDEVICENAME %s\nLIBPATH %s/libifdvpcd.so\n\n' \
		"$1" "$device" "$E2E_DIR" >>"$READER_CONF"
}

reader_clear()
{
	rm -f "$READER_CONF"
}

# The runtime that a sanitised driver wants to find in its host; clang would also
# find gcc's.
e2e_sanitizer()
{
	local cc lib

	grep -q '^VICC_SANITIZE = .' "$top_builddir/Makefile" || return 0
	cc=$(sed -n 's/^CC = //p' "$top_builddir/Makefile")
	for lib in "libclang_rt.asan-$(uname -m).so" libasan.so; do
		lib=$($cc -print-file-name="$lib")
		[ ! -f "$lib" ] || { echo "$lib" && return 0; }
	done
}

SANITIZER=$(e2e_sanitizer)
PCSCD_TOOL=(env PCSCLITE_HP_DROPDIR="$E2E_DIR/drop")
if [ -n "${E2E_VALGRIND:-}" ]; then
	[ -z "$SANITIZER" ] || skip "valgrind and sanitizers do not go together"
	command -v valgrind >/dev/null || skip "valgrind is not installed"
	: "${E2E_PATIENCE:=600}"
	VICC=(valgrind --quiet --vgdb=no --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite
		--show-leak-kinds=definite "${VICC[@]}" --no-sandbox)
	PCSCD_TOOL+=(valgrind --quiet --vgdb=no --error-exitcode=99 --leak-check=full
		--errors-for-leak-kinds=none --show-leak-kinds=definite --fair-sched=yes)
elif [ -n "$SANITIZER" ]; then
	: "${E2E_PATIENCE:=120}"
	VICC+=(--no-sandbox)
	# pcscd itself leaks what it had at its end; the driver's leaks are valgrind's
	PCSCD_TOOL+=(LD_PRELOAD="$SANITIZER" ASAN_OPTIONS=detect_leaks=0:exitcode=99
		UBSAN_OPTIONS=print_stacktrace=1:exitcode=99)
fi
export E2E_PATIENCE=${E2E_PATIENCE:-60}
VICCCTL=("$top_builddir/vicc/viccctl/viccctl" --timeout "$E2E_PATIENCE")

pcscd_launch()
{
	# shellcheck disable=SC2086
	"${PCSCD_TOOL[@]}" "${PCSCD[@]}" --config "$READER_CONF" ${E2E_PCSCD_FLAGS:-} "$@" \
		>"$PCSCD_LOG" 2>&1 </dev/null &
	PCSCD_PID=$!
}

pcscd_start()
{
	pcscd_launch "$@"
	"$PCSCPROBE" ready "$PCSCD_PID" || fail "pcscd has not started"
}

# What a tool has to say of the driver.
e2e_complaints()
{
	grep -E "ERROR: AddressSanitizer|runtime error:" "$PCSCD_LOG" && return 0
	[ -n "${E2E_VALGRIND:-}" ] || return 1
	awk '/definitely lost/ { lost = 1 }
	     /^==[0-9]+== *$/ { lost = 0 }
	     lost && /libifdvpcd/ { bad = 1; print }
	     END { exit !bad }' "$PCSCD_LOG"
}

# End pcscd, or see how it has ended; what is wrong with that is said.
e2e_end_pcscd()
{
	local pid=$PCSCD_PID status=0

	PCSCD_PID=
	PCSCD_STOP_MS=$("$PCSCPROBE" stop "$pid") || { echo "FAIL: pcscd has died, or does not end" && return 1; }
	wait "$pid" || status=$?
	[ "$status" = 0 ] || { echo "FAIL: pcscd ended with $status" && return 1; }
	! e2e_complaints
}

pcscd_stop()
{
	e2e_end_pcscd || exit 1
}

pcscd_lives()
{
	kill -0 "$PCSCD_PID" 2>/dev/null || fail "pcscd has died"
}

pcscd_logged()
{
	until_true e2e_has_lines "$PCSCD_LOG" "$1" 1 || fail "pcscd has not logged \"$1\""
}

pcscd_log_count()
{
	grep -cE -- "$1" "$PCSCD_LOG" || :
}

probe()
{
	if ! "$PCSCPROBE" do "$@" >"$E2E_DIR/probe.log" 2>&1; then
		fail "a step went wrong: $(tail -n 1 "$E2E_DIR/probe.log")"
	fi
	grep '^FIGURE' "$E2E_DIR/probe.log" || :
}

readers()
{
	"$PCSCPROBE" list
}

# --- vicc-run ------------------------------------------------------------------

OUTSIDE=

outside()
{
	OUTSIDE=$(cd "$(mktemp -d "$top_builddir/tests/e2e/outside.XXXXXX")" && pwd)
	mkdir "$OUTSIDE"/{bin,tmp,here}
	chmod 755 "$OUTSIDE"
	chmod 1777 "$OUTSIDE"/{tmp,here}
	wrapper "$OUTSIDE/bin/vicc-run" -a vicc-run "$top_builddir/vicc/vicc-run" --timeout "$E2E_PATIENCE"
	wrapper "$OUTSIDE/bin/viccctl" "${VICCCTL[@]}"
	wrapper "$OUTSIDE/bin/vicc" "${VICC[@]}"
	wrapper "$OUTSIDE/bin/pcscd" "${PCSCD_TOOL[@]}" "$(command -v pcscd)"
	export TMPDIR=$OUTSIDE/tmp VICC_DRIVER=$DRIVER PATH=$OUTSIDE/bin:$PATH
	unset XDG_RUNTIME_DIR
	cd "$OUTSIDE/here"
}

# --- the end -----------------------------------------------------------------

e2e_print_logs()
{
	local f

	for f in "$E2E_DIR"/*.log; do
		[ -e "$f" ] || continue
		echo "=== ${f##*/}"
		tail -n 100 "$f"
	done
}

e2e_end()
{
	local status=$? name

	set +e
	trap - EXIT
	if [ -n "$PCSCD_PID" ]; then
		e2e_end_pcscd || status=1
	fi
	for name in "${!JOBS[@]}"; do
		kill "${JOBS[$name]}" 2>/dev/null
	done
	[ "$status" = 77 ] || [ "$status${E2E_KEEP:-}" = 0 ] || e2e_print_logs
	cd / && rm -rf "${OUTSIDE:-/nonexistent}"
	[ "${E2E_INSIDE:-}" != vicc-run ] || rm -rf "$E2E_DIR"
	exit "$status"
}
trap e2e_end EXIT
trap 'echo "FAIL: ${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND"' ERR
