#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# ./dev rpm: the packages below FOLDER, installed into a throw-away Debian that has what
# they need by Debian's names, and what they do there; rpm is not asked for what it does
# not know. What README.SELinux says is tried with the policy that Debian has.
set -eu -o pipefail
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$top_srcdir/tests/packages/root.sh"

[ $# = 2 ] || { echo "usage: rpm.sh FOLDER-OF-PACKAGES ROOT" >&2 && exit 2; }
mapfile -t rpms < <(find "$1" -name '*.rpm' ! -name '*debug*')

fail() { echo "FAIL: $*" && exit 1; }
scene() { echo "--- $*"; }

apt() { root_online apt-get -qy --no-install-recommends -o Dpkg::Use-Pty=0 install "$@" >"$ROOT.apt" 2>&1 || { tail -n 30 "$ROOT.apt" && fail "apt-get install $*"; }; }

root_new "$2"
scene "what they need, by Debian's names"
apt pcscd pcsc-tools opensc libbsd0 libjansson4 libqrencode4 libseccomp2 libssl3 libpcsclite1 rpm pkg-config
mkdir -p "$ROOT/debs/tests"
cp "${rpms[@]}" "$ROOT/debs/"
cp "$top_srcdir/debian/tests/card" "$ROOT/debs/tests/card"
root_online rpm --initdb
root_list >"$ROOT.before"

scene "rpm -i"
root_online sh -c 'rpm -iv --nodeps /debs/*.rpm'
root_online rpm -V --nodeps vicc vpcd vicc-devel virt_cacard
[ "$(readlink "$ROOT/usr/bin/virt_cacard")" = vicc ] || fail "virt_cacard is something else"
grep -q '^vicc:' "$ROOT/etc/passwd" || fail "no user"
[ ! -e "$ROOT/run/pcscd/pcscd.pid" ] || fail "a pcscd was started"
[ "$(root_online sh -c 'PKG_CONFIG_PATH=/usr/lib64/pkgconfig pkg-config --modversion vicc')" = \
	"$(root_online rpm -q --qf '%{VERSION}' vicc)" ] || fail "vicc.pc has another version"

scene "start pcscd, start vicc: a card"
root_alone sh /debs/tests/card

scene "rpm -U: an entry that was changed stays"
echo '# mine' >>"$ROOT/etc/reader.conf.d/vpcd"
root_online sh -c 'rpm -U --force --nodeps /debs/*.rpm'
grep -q '^# mine$' "$ROOT/etc/reader.conf.d/vpcd" || fail "the configuration is another one"

scene "rpm -e: nothing stays but what was changed, and the user"
cp "$ROOT/etc/reader.conf.d/vpcd" "$ROOT/etc/reader.conf.d/vpcd.rpmnew"
root_online rpm -e virt_cacard vicc vpcd vicc-devel 2>&1
diff "$ROOT.before" <(root_list) | grep '^[<>]' >"$ROOT.left" || :
cat "$ROOT.left"
# the folders are those of Fedora's package filesystem
left=$(grep -vE '^> d .* ./usr/(lib/systemd/user|lib/sysusers.d|lib64/pkgconfig|share/licenses)$| \./etc/reader.conf.d/\.vpcd\.rpm(save|new)$|^> (passwd|group) vicc:' "$ROOT.left" || :)
[ -z "$left" ] || fail "left behind: $left"
grep -q '/\.vpcd\.rpmsave$' "$ROOT.left" || fail "the configuration has gone"

scene "pcscd still starts"
root_alone sh -c 'pcscd --foreground >/tmp/pcscd.log 2>&1 & sleep 1; kill -0 $! || { cat /tmp/pcscd.log; exit 1; }' ||
	fail "pcscd does not start any more"

scene "SELinux: what is refused, and what vpcd.cil allows"
apt selinux-policy-default policycoreutils setools
cp "$top_srcdir/rpm/vpcd.cil" "$ROOT/debs/"
allowed() { # the policy's rules for pcscd_t and this target and class
	root_online sh -c "sesearch -A -s pcscd_t -t $1 -c $2 /etc/selinux/default/policy/policy.* | grep '^allow pcscd_t'" || :
}
lets() { # permission, target, class
	[[ $(allowed "$2" "$3") =~ [{\ ]$1[\ \;] ]] || fail "$2:$3 $1 is refused"
}
denies() {
	[[ ! $(allowed "$2" "$3") =~ [{\ ]$1[\ \;] ]] || fail "$2:$3 $1 is allowed"
}
lets create pcscd_runtime_t sock_file
lets add_name var_run_t dir
denies chown pcscd_t capability
denies node_bind node_t tcp_socket
denies name_bind unreserved_port_t tcp_socket
# Debian's policy has two rules in conflict there
root_online semodule -n -s default -d spamassassin -i /debs/vpcd.cil >"$ROOT.semodule" 2>&1 ||
	{ cat "$ROOT.semodule" && fail "the policy does not take vpcd.cil"; }
root_online sh -c 'seinfo --portcon=35963 /etc/selinux/default/policy/policy.*' | grep 'tcp 35963-35964 .*vpcd_port_t' ||
	fail "the ports have no type of their own"
lets node_bind node_t tcp_socket
lets name_bind vpcd_port_t tcp_socket
lets name_connect vpcd_port_t tcp_socket
lets chown pcscd_t capability
denies name_bind unreserved_port_t tcp_socket

rm -rf "$ROOT"
echo "all well"
