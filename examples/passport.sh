#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# passport.sh LINE2 > dg1: read DG1 of the passport in the first reader by BAC (ICAO Doc 9303-11, 4.3),
# with scriptor (pcsc-tools), openssl and xxd. LINE2 is the second line of its machine readable zone (TD3).
set -eu
hex() { xxd -r -p | "$@" | xxd -p -c 4096; }                    # a command on bytes, written in hex
des3() { hex openssl enc -des-ede-cbc -nopad -iv 0000000000000000 -K "$@"; }   # -d: deciphers
pad() { local p=${1}80; while ((${#p} % 16)); do p+=00; done; echo "$p"; }
mac() { local p; p=$(pad "$2"); p=$(des3 "${1:0:16}${1:0:16}" <<<"$p"); p=${p: -16} # ISO 9797-1, algorithm 3
	p=$(hex openssl enc -d -des-ede -nopad -K "${1:16}${1:16}" <<<"$p"); hex openssl enc -des-ede -nopad -K "${1:0:16}${1:0:16}" <<<"$p"; }
key() { printf '%s0000000%s' "$1" "$2" | hex openssl sha1 -binary | cut -c-32; }
ask() { local a="" line; echo "$1" >&"${card[1]}" # an answer goes on over lines, up to the words behind its status
	until [[ $a == '< '*:* ]]; do read -r line <&"${card[0]}"; [[ -z $a && $line != '< '* ]] || a+="$line "; done; a=${a#< }; a=${a%%:*}; echo "${a// /}"; }
xor() { local i; for ((i = 0; i < ${#1}; i += 2)); do printf %02x $((16#${1:i:2} ^ 16#${2:i:2})); done; }
count() { printf '%016x' $((16#$1 + $2)); }

coproc card { exec scriptor -u -p T=1 2>/dev/null; }
seed=$(printf %s "${1:0:10}${1:13:7}${1:21:7}" | openssl sha1 -binary | xxd -p | cut -c-32)
enc=$(key "$seed" 1) mac=$(key "$seed" 2) ours=$(openssl rand -hex 24)
ask 00A4040C07A0000002471001 >&2
theirs=$(ask 0084000008)
token=$(des3 "$enc" <<<"${ours:0:16}${theirs:0:16}${ours:16}")
answer=$(ask "0082000028$token$(mac "$mac" "$token")28")
seed=$(xor "${ours:16}" "$(des3 "$enc" -d <<<"${answer:0:64}" | cut -c33-64)")
enc=$(key "$seed" 1) mac=$(key "$seed" 2) ssc=${theirs:8:8}${ours:8:8}
ssc=$(count "$ssc" 1)
answer=$(ask "0CB081000D970100""8E08$(mac "$mac" "$ssc$(pad 0CB08100)970100")00")
des3 "$enc" -d <<<"${answer:6:$((2 * 16#${answer:2:2} - 2))}" | sed 's/80\(00\)*$//' | xxd -r -p
