#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# ./dev deb: the packages in FOLDER, installed into a fresh Debian, and what they do
# there: a card for pcsc_scan; removal leaves configuration, purge nothing.
set -eu -o pipefail
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$top_srcdir/tests/packages/root.sh"

[ $# = 2 ] || { echo "usage: deb.sh FOLDER-OF-PACKAGES ROOT" >&2 && exit 2; }
debs=$1
all=(vpcd vicc libvicc-dev)

fail() { echo "FAIL: $*" && exit 1; }
scene() { echo "--- $*"; }

apt() { root_online apt-get -qy --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >"$ROOT.apt" 2>&1 || { tail -n 30 "$ROOT.apt" && fail "apt-get $*"; }; }

# What is there now and was not before, or is not any more.
differs() { # list before
	diff <(cat "$1") <(root_list) | grep '^[<>]' || :
}

root_new "$2"
mkdir -p "$ROOT/debs"
for name in "${all[@]}"; do
	cp "$debs/$name"_[0-9]*.deb "$ROOT/debs/$name.deb"
done
cp -r "$top_srcdir/debian/tests" "$ROOT/debs/tests"

scene "a fresh root: what the packages need, so that the rest is theirs"
root_online apt-get -s --no-install-recommends install /debs/vpcd.deb /debs/vicc.deb /debs/libvicc-dev.deb >"$ROOT.plan"
mapfile -t needed < <(sed -nE 's/^Inst ([^ ]+).*/\1/p' "$ROOT.plan" | grep -vxE 'vpcd|vicc|libvicc-dev')
echo "${needed[*]}"
apt install "${needed[@]}" pcsc-tools opensc
root_list >"$ROOT.before"

scene "apt install ./vpcd_*.deb ./vicc_*.deb"
apt install /debs/vpcd.deb /debs/vicc.deb
[ ! -e "$ROOT/run/pcscd/pcscd.pid" ] || fail "a pcscd was started"

scene "start pcscd, start vicc: a card"
root_alone sh /debs/tests/card

scene "apt remove: only configuration stays"
apt install /debs/libvicc-dev.deb
mkdir -p "$ROOT/var/lib/vicc"
echo '{}' >"$ROOT/var/lib/vicc/card.json" # as vicc@.service would
apt remove "${all[@]}"
differs "$ROOT.before" >"$ROOT.left"
cat "$ROOT.left"
# cards are data, and whose they are stays with them
left=$(grep -vE ' /?\./etc/reader.conf.d/.vpcd.removed$| \./var/lib/vicc(/card.json)?$|^> (passwd|group) vicc:' "$ROOT.left" || :)
[ -z "$left" ] || fail "left behind: $left"
grep -q 'etc/reader.conf.d/.vpcd.removed' "$ROOT.left" || fail "the configuration has gone"

# it does not where an entry names a driver that is not there
scene "pcscd still starts"
root_alone sh -c 'pcscd --foreground >/tmp/pcscd.log 2>&1 & sleep 1; kill -0 $! || { cat /tmp/pcscd.log; exit 1; }' ||
	fail "pcscd does not start any more"

scene "installed again, the configuration is the one that was left"
echo '# mine' >>"$ROOT/etc/reader.conf.d/.vpcd.removed"
apt install -o Dpkg::Options::=--force-confold /debs/vpcd.deb /debs/vicc.deb
grep -q '^# mine$' "$ROOT/etc/reader.conf.d/vpcd" || fail "the configuration is another one"
root_alone sh /debs/tests/card >/dev/null
apt remove vpcd vicc

scene "apt purge: nothing stays"
apt purge vpcd vicc
left=$(differs "$ROOT.before")
[ ! -e "$ROOT/run/vpcd" ] || left+=" /run/vpcd"
[ -z "$left" ] || fail "left behind: $left"

scene "instead of vsmartcard's packages, whose files have the same names"
apt install vsmartcard-vpcd vsmartcard-vpicc
apt install /debs/vpcd.deb /debs/vicc.deb
! root_online dpkg -l vsmartcard-vpcd vsmartcard-vpicc | grep '^ii' ||
	fail "both are installed"
root_alone sh /debs/tests/card

scene "a pcscd that runs is started again by the installation, one that does not is not"
cat >"$ROOT/etc/init.d/pcscd" <<'INIT'
#!/bin/sh
case $1 in
status) [ -e /run/pcscd.runs ] ;;
*) echo "$1" >>/run/pcscd.asked ;;
esac
INIT
chmod +x "$ROOT/etc/init.d/pcscd"
printf '#!/bin/sh\nexit 104\n' >"$ROOT/usr/sbin/policy-rc.d" # all is allowed
apt install --reinstall /debs/vpcd.deb
[ ! -e "$ROOT/run/pcscd.asked" ] || fail "pcscd was asked to $(cat "$ROOT/run/pcscd.asked")"
touch "$ROOT/run/pcscd.runs"
apt install --reinstall /debs/vpcd.deb
[ "$(cat "$ROOT/run/pcscd.asked")" = restart ] || fail "pcscd was not restarted"

rm -rf "$ROOT"
echo "all well"
