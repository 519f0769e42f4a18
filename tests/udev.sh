#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The example rule and the unit that it starts, as far as a machine without a USB reader
# shows: udevadm reads the rule without a complaint, systemd the unit.
# shellcheck disable=SC2016
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}"

skip() { echo "SKIP: $*"; exit 77; }

rule=$top_srcdir/udev/70-vicc-relay.rules
unit=$top_builddir/udev/vicc-relay@.service
PATH=$PATH:/usr/sbin:/sbin
command -v udevadm >/dev/null || skip "udevadm is not installed"
user=()
[ "$(id -u)" = 0 ] || user=(--user --map-root-user)
unshare "${user[@]}" --mount true 2>/dev/null || skip "$(id -un) can make no namespaces here"

# In a folder that only this process sees.
read_rule() { # file
	unshare "${user[@]}" --mount bash -c '
		mkdir -p /etc/udev/rules.d && mount -t tmpfs tmpfs /etc/udev/rules.d &&
		cp "$1" /etc/udev/rules.d/ && udevadm test --action=add /sys/class/net/lo 2>&1' - "$1"
}

said=$(read_rule "$rule")
grep -q "Reading rules file: /etc/udev/rules.d/${rule##*/}" <<<"$said" || { echo "FAIL: not read: $said"; exit 1; }
if grep "${rule##*/}:[0-9]" <<<"$said"; then
	echo "FAIL: udevadm complains"
	exit 1
fi
# and would, if there were something to complain of
broken=$(mktemp -d)
trap 'rm -rf "$broken"' EXIT
sed 's/SUBSYSTEM==/SUBSISTEM==/' "$rule" >"$broken/${rule##*/}"
read_rule "$broken/${rule##*/}" | grep -q "${rule##*/}:[0-9].*SUBSISTEM" || { echo "FAIL: udevadm says nothing of a broken rule"; exit 1; }

# as systemd reads the line: the shell gets its script with single backslashes and dollars
grep -q "^ExecStart=/bin/sh -c '.*/vicc --type relay --reader .*' sh %i$" "$unit" || { echo "FAIL: ExecStart"; exit 1; }
script=$(sed -n "s/^ExecStart=.*-c '\(.*\)' sh %i$/\1/p" "$unit" | sed -e 's,exec [^ ]*/vicc,printf "<%s>",' -e 's/\\\\/\\/g; s/\$\$/$/g; s/%%/%/g')
if command -v systemd-escape >/dev/null; then
	reader=$(sh -c "$script" sh 'uTrust\x20CL-Reader\x20\x28A\x2fB\x29')
	[ "$reader" = '<--type><relay><--reader><uTrust CL-Reader (A/B)>' ] || { echo "FAIL: the reader is $reader"; exit 1; }
fi
command -v systemd-analyze >/dev/null || skip "systemd-analyze is not installed"
cp "$unit" "$broken/vicc-relay@USB\\x20Reader.service"
sed -i "s|^ExecStart=.*|ExecStart=$(command -v true)|" "$broken/vicc-relay@USB\\x20Reader.service"
# it makes /run/systemd where systemd does not run
complaints=$(unshare "${user[@]}" --mount sh -c '[ -w /run ] || mount -t tmpfs tmpfs /run; systemd-analyze verify --man=no "$1" 2>&1' - \
	"$broken/vicc-relay@USB\\x20Reader.service" | grep "vicc-relay" || :)
[ -z "$complaints" ] || { echo "FAIL: systemd-analyze: $complaints"; exit 1; }
