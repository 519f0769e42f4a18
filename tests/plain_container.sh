#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Without CAP_SYS_ADMIN, as in a container that was started plainly, the end-to-end tests
# are skipped, and say which option of docker and podman they want.
set -eu
: "${top_srcdir:=.}"

fail() { echo "FAIL: $*"; exit 1; }

PATH=$PATH:/usr/sbin:/sbin
for tool in pcscd ip; do
	command -v $tool >/dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done
plainly=(setpriv --bounding-set=-sys_admin --inh-caps=-all)
[ "$(id -u)" = 0 ] || plainly=(unshare --user --map-root-user "${plainly[@]}")
"${plainly[@]}" true 2>/dev/null || { echo "SKIP: nothing can be taken from $(id -un)"; exit 77; }
status=0
said=$("${plainly[@]}" bash "$top_srcdir/tests/e2e/basic.sh" 2>&1) || status=$?
[ $status = 77 ] || fail "not skipped: $said"
case $said in "SKIP: "*"docker run --privileged"*) ;; *) fail "no help: $said" ;; esac
