#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# garble.sh SEEDS COMMAND [ARGUMENT]...: run a client against a card whose answers are
# garbled, once for each seed. Each run is bounded. A crash or a hang of the client is
# reported with its seed and kept with the trace; an error that the client reports is none.
#
# It wants a card with a control socket, such as: vicc-run -t piv -- ./garble.sh 20 opensc-tool --name
# From the environment: GARBLE_FIRST, the first seed (1); GARBLE_SECONDS, that a run may
# take (30); GARBLE_DIR, where what is found is kept (garbled); VICC_CARD, which card.
set -u

[ $# -ge 2 ] || { echo "usage: garble.sh SEEDS COMMAND [ARGUMENT]..." >&2; exit 2; }
seeds=$1
shift
first=${GARBLE_FIRST:-1}
seconds=${GARBLE_SECONDS:-30}
kept=${GARBLE_DIR:-garbled}
trace=$(mktemp)
said=$(mktemp)
trap 'rm -f "$trace" "$said"' EXIT
fine=0 refused=0 found=0

# The rules of a seed: bits, lengths and status words of one answer in 15 or so, and
# now and then one that is late or an end of the connection.
garble() # seed
{
	viccctl clear &&
		viccctl flip --rate 1/15 --seed "$1" &&
		viccctl short 1 --rate 1/40 --seed "$((1000000 + $1))" &&
		viccctl long 7 --rate 1/40 --seed "$((2000000 + $1))" &&
		viccctl sw 6F00 --late --rate 1/60 --seed "$((3000000 + $1))" &&
		viccctl delay 100 --rate 1/60 --seed "$((4000000 + $1))" &&
		viccctl close --rate 1/200 --seed "$((5000000 + $1))"
}

keep() # seed, what
{
	found=$((found + 1))
	mkdir -p "$kept"
	cp "$trace" "$kept/seed-$1.pcapng"
	cp "$said" "$kept/seed-$1.log"
	echo "seed $1: $2: ${command[*]}; see $kept/seed-$1.log and $kept/seed-$1.pcapng"
}

faults()
{
	viccctl --no-pcsc --json status | grep -o '"faults":[0-9]*' | tr -dc 0-9
}

command=("$@")
before=$(faults)
viccctl clear && viccctl snapshot garble || exit 1
timeout "$seconds" "${command[@]}" >"$said" 2>&1 </dev/null || {
	echo "it ends with $?, without any fault: ${command[*]}"
	cat "$said"
	exit 2
}
for ((seed = first; seed < first + seeds; seed++)); do
	# the same card each time, with the rules of this seed
	viccctl clear && viccctl remove && viccctl restore garble && viccctl insert || exit 1
	viccctl trace on "$trace" && garble "$seed" >/dev/null || exit 1
	status=0
	timeout --kill-after=5 "$seconds" "${command[@]}" >"$said" 2>&1 </dev/null || status=$?
	viccctl trace off
	case $status in
	0) fine=$((fine + 1)) ;;
	124 | 137) keep "$seed" "hangs for $seconds s" ;;
	132 | 134 | 135 | 136 | 139) keep "$seed" "ended by signal $((status - 128))" ;;
	*) refused=$((refused + 1)) ;;
	esac
done
viccctl clear && viccctl remove && viccctl restore garble && viccctl insert || exit 1
echo "$seeds seeds, $(($(faults) - before)) faults: $fine ended with 0, $refused with an error, $found crashed or hung: ${command[*]}"
[ "$found" = 0 ]
