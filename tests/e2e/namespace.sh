#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# namespace.sh COMMAND [ARGUMENT...]: runs it in mount and network namespaces of
# its own, with loopback up and an empty /run/pcscd, so that a pcscd in there and
# the machine's do not see each other. Root, or anyone where user namespaces are
# allowed; exit 77 where neither is.
set -eu

if [ "${1-}" != --inside ]; then
	user=()
	[ "$(id -u)" = 0 ] || user=(--map-root-user)
	unshare "${user[@]}" --mount --net true 2>/dev/null || {
		echo "namespace.sh: this machine allows no mount and network namespaces (as root it may)" >&2
		exit 77
	}
	exec unshare "${user[@]}" --mount --net "$0" --inside "$@"
fi

shift
# where pcscd has never run there is no such folder, and none is left behind
if [ -d /run/pcscd ]; then
	mount -t tmpfs -o mode=755 tmpfs /run/pcscd
else
	mount -t tmpfs -o mode=755 tmpfs /run
	mkdir /run/pcscd
fi
ip link set lo up
# polkit would be asked about every client: the bus is the machine's, not ours
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/pcscd/no-bus
exec "$@"
