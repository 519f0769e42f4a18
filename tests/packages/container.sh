#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# ./dev container: what examples/container says, without a container engine. The steps
# of its Dockerfile are played in a fresh Debian in a folder; the services of its
# compose files are started there, in namespaces and with the users, capabilities and
# volumes that they name; so are the steps of its CI job. What this does not know of a
# file fails: nothing in them is passed over.
set -eu -o pipefail
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$top_srcdir/tests/packages/root.sh"

[ $# = 2 ] || { echo "usage: container.sh FOLDER-OF-PACKAGES ROOT" >&2 && exit 2; }
debs=$1
work=$2.containers
examples=$top_srcdir/examples/container

fail() { echo "FAIL: $*" && exit 1; }
scene() { echo "--- $*"; }

until_true() {
	local end=$((SECONDS + 60))

	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

# ["a", "b c"] or one word, a line for each
items() {
	case $1 in
	'') ;;
	'['*) grep -oE '"[^"]*"' <<<"$1" | tr -d '"' | sed 's/\$\$/$/g' || : ;; # $$ is a $ to compose
	*) printf '%s\n' "$1" ;;
	esac
}

# --- the Dockerfile ---------------------------------------------------------------------

IMAGE_ENV=() IMAGE_USER='' ENTRYPOINT=() CMD=()

copy() { # source... destination, seen from the folder of the Dockerfile
	local to=$ROOT/${*: -1} from

	for from in "${@:1:$#-1}"; do
		[[ $from != /* && $from != *..* ]] || fail "COPY $from"
		[ -e "$context/${from%%\**}" ] || [[ $from = *\** ]] || fail "COPY: there is no $from"
		[[ $to != */ ]] || mkdir -p "$to"
		# shellcheck disable=SC2086
		(cd "$context" && cp -r --preserve=mode $from "$to")
	done
}

play() { # Dockerfile
	local step rest

	while IFS= read -r step; do
		rest=${step#* }
		case $step in
		'FROM debian:12') root_new "$root" ;; # or what the packages were built for
		'ENV '*) eval "IMAGE_ENV+=($rest)" ;;
		'USER '*) IMAGE_USER=$rest ;;
		'COPY '*) eval "copy ${rest//\*/\\\*}" ;;
		'RUN '*) root_online env "${IMAGE_ENV[@]}" sh -c "$rest" >"$work/run.log" 2>&1 ||
			{ tail -n 30 "$work/run.log" && fail "$step"; } ;;
		'ENTRYPOINT ['*) mapfile -t ENTRYPOINT < <(items "$rest") ;;
		'CMD ['*) mapfile -t CMD < <(items "$rest") ;;
		*) fail "no such step: $step" ;;
		esac
		echo "$step"
	done < <(sed -e '/^#/d' -e '/^$/d' "$1" | sed -e ':a' -e '/\\$/{N;s/\\\n[ \t]*//;ba}')
}

# --- a container ------------------------------------------------------------------------

# What it says of a key of a service; nothing where it says nothing.
says() { # compose file, service, key
	awk -v service="  $2:" -v key="    $3: " '
		/^  [a-z]/ { here = $0 == service }
		here && index($0, key) == 1 { print substr($0, length(key) + 1) }' "$1"
}

known() { # compose file
	sed -nE 's/^    ([a-z_]+):.*/\1/p' "$1" | grep -vxE \
		'build|image|network_mode|environment|volumes|command|entrypoint|user|cap_drop|cap_add|read_only|security_opt|depends_on|profiles' &&
		fail "$1: more than container.sh knows"
	# nothing in the whole of it opens a port
	! grep -qE 'ports|privileged|host' "$1" || fail "$1: ports, privileged or host"
}

# shellcheck disable=SC2016
INSIDE='set -e
root=$1 read_only=$2
ip link set lo up
mount --bind "$root" "$root"
while IFS=: read -r from to; do
	[ -z "$from" ] || mount --bind "$from" "$root$to"
done <<<"$3"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for d in null zero full random urandom tty; do
	touch "$root/dev/$d"
	mount --bind "/dev/$d" "$root/dev/$d"
done
ln -s /proc/self/fd "$root/dev/fd"
[ "$read_only" != true ] || mount -o remount,bind,ro "$root"
shift 3
exec chroot "$root" env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/ "$@"'

# A volume is filled from the image when it is made.
volume() { # NAME:PATH
	local name=${1%%:*} path=${1#*:}

	grep -qx "  $name:" "$file" || fail "$file: no volume $name"
	[ -d "$work/volumes/$name" ] || cp -a "$root$path" "$work/volumes/$name"
	echo "$work/volumes/$name:$path"
}

privileges() { # service
	local user drop add nnp

	user=$(says "$file" "$1" user)
	user=${user:-$IMAGE_USER}
	drop=$(says "$file" "$1" cap_drop)
	add=$(items "$(says "$file" "$1" cap_add)" | tr 'A-Z\n' 'a-z,' | sed 's/,$//; s/,/,+/g')
	nnp=$(says "$file" "$1" security_opt)
	echo setpriv
	[ -z "$user" ] || printf '%s\n' --reuid="$user" --regid="$(chroot "$root" id -gn "$user")" --init-groups
	[ -z "$drop" ] || printf '%s\n' --inh-caps=-all --bounding-set=-all"${add:+,+$add}"
	[ -z "$nnp" ] || echo --no-new-privs
	[ "$user$drop$nnp" ] || printf '%s\n' --inh-caps=-all
	echo --
}

declare -A PIDS=()
killed='[1-9]*' # 137, as docker has it, were it not for unshare

# As docker compose run: in the background, its output in $work/NAME.log
start() { # name, service, [-e VARIABLE=VALUE], word... instead of the command
	local name=$1 service=$2 env=("${IMAGE_ENV[@]}") entry command volumes as v

	shift 2
	[ "$(says "$file" "$service" network_mode)" = none ] || fail "$service: a network"
	mapfile -t v < <(items "$(says "$file" "$service" environment)")
	env+=("${v[@]}")
	if [ "${1-}" = -e ]; then
		env+=("$2")
		shift 2
	fi
	mapfile -t entry < <(items "$(says "$file" "$service" entrypoint)")
	[ ${#entry[@]} -gt 0 ] || entry=("${ENTRYPOINT[@]}")
	mapfile -t command < <(items "$(says "$file" "$service" command)")
	[ ${#command[@]} -gt 0 ] || command=("${CMD[@]}")
	[ $# = 0 ] || command=("$@")
	[ "${command[*]}" != - ] || command=()
	mapfile -t as < <(privileges "$service")
	volumes=$(for v in $(items "$(says "$file" "$service" volumes)"); do volume "$v"; done)
	unshare --mount --pid --net --ipc --uts --fork --kill-child --propagation private \
		bash -c "$INSIDE" bash "$root" "$(says "$file" "$service" read_only)" "$volumes" \
		"${env[@]}" "${as[@]}" "${entry[@]}" "${command[@]}" >"$work/$name.log" 2>&1 </dev/null &
	PIDS[$name]=$!
}

# Process 1 of a container that runs.
first() { # name
	until_true pgrep --parent "${PIDS[$1]}"
}

tell() { # name, signal: as docker kill
	kill "-$2" "$(first "$1")"
}

ended() { # name, exit status, or a pattern of it
	local status=0

	until_true not_there "${PIDS[$1]}" || fail "$1 does not end: $(cat "$work/$1.log")"
	wait "${PIDS[$1]}" || status=$?
	unset "PIDS[$1]"
	# shellcheck disable=SC2053
	[[ $status = $2 ]] || fail "$1: exit $status, not $2: $(cat "$work/$1.log")"
}

not_there() { ! kill -0 "$1" 2>/dev/null; }

inside() { # name, command...: as docker exec
	local name=$1

	shift
	nsenter --target "$(first "$name")" --mount --pid --net --ipc --root --wd \
		env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

said() { # name, text
	grep -qF -- "$2" "$work/$1.log"
}

whole() { # name, service, text, word...: it ends with 0, and has said the text
	local name=$1 service=$2 text=$3

	shift 3
	start "$name" "$service" "$@"
	ended "$name" 0
	said "$name" "$text" || fail "$name does not say $text: $(cat "$work/$name.log")"
}

card_is() { # container, "inserted" or "removed"
	inside "$1" pcsc_scan -c 2>/dev/null | grep -q "Card $2"
}

trap 'kill -KILL "${PIDS[@]}" 2>/dev/null || :' EXIT

# --- the image --------------------------------------------------------------------------

root=$2
context=$work/context
rm -rf "$work"
mkdir -p "$work/volumes" "$context"
cp "$examples"/* "$context/"
cp "$debs"/v*_*.deb "$context/"

scene "the steps of the Dockerfile"
play "$examples/Dockerfile"

# --- one container ----------------------------------------------------------------------

file=$examples/one.yaml
known "$file"
ATR=3b:87:80:01:80:31:f8:73:f7:c1:ff:f5

scene "one container: as one.yaml has it, and again with the card that it kept"
whole one test OsEID
serial=$(grep -o '"serial": "[^"]*"' "$work/volumes/cards/card.json")
whole one test OsEID
[ "$serial" = "$(grep -o '"serial": "[^"]*"' "$work/volumes/cards/card.json")" ] || fail "another card"
[ "$(stat -c %a "$work/volumes/cards/card.json")" = 600 ] || fail "the mode of the image"

scene "one container: another card, other commands"
whole one test $ATR -e VICC_OPTIONS='--type iso7816' opensc-tool --atr
whole one test 'Card inserted' pcsc_scan -c
start one test sh -c 'exit 7'
ended one 7
start one test -e VICC_OPTIONS='--type nonsense' opensc-tool --atr
ended one 1
said one 'no card type "nonsense"' || fail "it does not say what is wrong"

scene "one container: who runs, and what listens"
# shellcheck disable=SC2016
start one test sh -c 'for p in /proc/[0-9]*; do echo "$(cat "$p/comm") is $(stat -c %U "$p")"; done; cat /proc/net/tcp /proc/net/tcp6'
ended one 0
grep -qx 'pcscd is root' "$work/one.log" || fail "$(cat "$work/one.log")"
grep -qx 'vicc is vicc' "$work/one.log" || fail "$(cat "$work/one.log")"
! grep -q ' 0A 00000000:' "$work/one.log" || fail "a TCP port is open"

scene "one container: told to end, killed, and started again"
start one test -
until_true inside one opensc-tool --reader 0 --atr >/dev/null 2>&1 || fail "no card: $(cat "$work/one.log")"
tell one TERM
ended one 0
start one test sh -c 'trap "exit 3" TERM; echo ready; while :; do sleep 0.1; done'
until_true said one ready || fail "not ready"
tell one TERM
ended one 3
start one test -
until_true inside one opensc-tool --reader 0 --atr >/dev/null 2>&1 || fail "no card"
tell one KILL
ended one "$killed"
whole one test $ATR -e VICC_OPTIONS= opensc-tool --atr

scene "one container: the card dies"
start one test -
until_true inside one opensc-tool --reader 0 --atr >/dev/null 2>&1 || fail "no card"
# shellcheck disable=SC2016
inside one sh -c 'for p in /proc/[0-9]*; do [ "$(cat "$p/comm")" != vicc ] || kill -KILL "${p#/proc/}"; done' 2>/dev/null || : # goes with process 1
ended one 1

# --- two ----------------------------------------------------------------------------------

file=$examples/two.yaml
known "$file"
rm -rf "$work/volumes"/*

scene "two containers: a reader, a card"
start reader reader
start card card
until_true card_is reader inserted || fail "no card: $(cat "$work/reader.log" "$work/card.log")"
inside reader opensc-tool --reader 0 --name | grep OsEID || fail "another card"
! inside reader cat /proc/net/tcp /proc/net/tcp6 | grep ' 0A ' || fail "a TCP port is open"
[ "$(stat -c %a "$work/volumes/vpcd/sock")" = 660 ] || fail "the mode of the socket"
inside card cat /proc/1/status | grep -E '^(Uid|CapBnd|NoNewPrivs|Seccomp):'
inside card cat /proc/1/status | grep -q '^CapBnd:	0000000000000000$' || fail "the card has capabilities"
inside reader cat /proc/1/status | grep -q '^CapBnd:	0000000000000000$' || fail "the reader has capabilities"
! inside card touch /etc/x 2>/dev/null || fail "what is to be read can be written"
whole client client OsEID

scene "two containers: the card leaves and returns, the same"
serial=$(inside reader opensc-tool --reader 0 --serial)
tell card TERM
ended card 0
until_true card_is reader removed || fail "it is still there"
start card card
until_true card_is reader inserted || fail "it does not return"
[ "$(inside reader opensc-tool --reader 0 --serial)" = "$serial" ] || fail "another card"

for how in TERM KILL; do
	scene "two containers: the reader ends ($how) and returns"
	tell reader $how
	ended reader "$([ $how = TERM ] && echo 0 || echo "$killed")"
	start reader reader
	until_true card_is reader inserted || fail "no card: $(cat "$work/reader.log" "$work/card.log")"
	whole client client OsEID
done
tell card TERM
ended card 0
tell reader TERM
ended reader 0

# --- the CI job ---------------------------------------------------------------------------

scene "the steps of the CI job"
file=$examples/ci.yaml
grep -qx '    container: debian:12' "$file" || fail "$file: another container"
root_new "$root"
mkdir -p "$root/tree/ci"
cp "$debs"/v*_*.deb "$root/tree/ci/"
awk '/^      - / { n += /name:/ } /^        run: \|/ { text = 1; next } text && /^          / { print substr($0, 11) >sprintf("'"$root"'/tree/%d.sh", n); next }
	{ text = 0 }' "$file"
[ -e "$root/tree/3.sh" ] && [ ! -e "$root/tree/4.sh" ] || fail "$file: not three steps"
root_online sh -c 'cd /tree && sh -e 1.sh' >"$work/ci.log" 2>&1 || { tail -n 30 "$work/ci.log" && fail "$file: its first step"; }
# one after the other, what they started goes on
root_alone bash -c 'cd /tree && sh -e 2.sh && sh -e 3.sh' >"$work/ci.log" 2>&1 || { tail -n 30 "$work/ci.log" && fail "$file"; }
grep 'Signature Verified Successfully' "$work/ci.log" || fail "$file: $(cat "$work/ci.log")"

rm -rf "$root" "$work"
echo "all well"
