#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# ./dev deb: the packages in FOLDER, installed into a fresh Debian, and what they do
# there: a card for pcsc_scan; removal leaves configuration, purge nothing.
set -eu -o pipefail
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$top_srcdir/tests/packages/root.sh"

[ $# = 2 ] || { echo "usage: deb.sh FOLDER-OF-PACKAGES ROOT" >&2 && exit 2; }
debs=$1
all=(vpcd vicc libvicc-dev virt-cacard)

fail() { echo "FAIL: $*" && exit 1; }
scene() { echo "--- $*"; }

apt() { root_online apt-get -qy --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >"$ROOT.apt" 2>&1 || { tail -n 30 "$ROOT.apt" && fail "apt-get $*"; }; }

# What is there now and was not before, or is not any more.
differs() { # list before
	diff <(cat "$1") <(root_list) | grep '^[<>]' || :
}

fresh() {
	root_new "$1"
	mkdir -p "$ROOT/debs"
	for name in "${all[@]}"; do
		cp "$debs/$name"_[0-9]*.deb "$ROOT/debs/$name.deb"
	done
	cp -r "$top_srcdir/debian/tests" "$top_srcdir/tests/packages/"{units,role}.sh "$top_srcdir/examples/tmt" "$ROOT/debs/"
	mkdir "$ROOT/debs/tmt/packages"
	cp "$debs"/v*_[0-9]*.deb "$ROOT/debs/tmt/packages/"
}

fresh "$2"

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
apt install /debs/libvicc-dev.deb /debs/virt-cacard.deb
made=()
for folder in "$ROOT/etc/systemd/system/multi-user.target.wants" "$ROOT/etc/credstore"; do
	[ -d "$folder" ] || made+=("$folder")
	mkdir -p "$folder"
done
mkdir -p "$ROOT/var/lib/vicc"
# what there is when vicc@card.service was enabled, has run, and dpkg had a question
echo '{}' >"$ROOT/var/lib/vicc/card.json"
echo 'file card.json' >"$ROOT/etc/vicc/card.conf"
echo 'PIN1=1234' >"$ROOT/etc/credstore/vicc.card.pins"
ln -s /usr/lib/systemd/system/vicc@.service "$ROOT/etc/systemd/system/multi-user.target.wants/vicc@card.service"
cp "$ROOT/etc/reader.conf.d/vpcd" "$ROOT/etc/reader.conf.d/vpcd.dpkg-dist"
apt remove "${all[@]}"
differs "$ROOT.before" >"$ROOT.left"
cat "$ROOT.left"
# cards are data, and whose they are stays with them
left=$(grep -vE ' \./etc/(reader.conf.d/\.vpcd\.removed|vicc|credstore/vicc|systemd/system/multi-user.target.wants/vicc@)|> d .* \./etc/(credstore|systemd/system/multi-user.target.wants)$| \./var/lib/vicc(/card.json)?$|^> (passwd|group) vicc:' "$ROOT.left" || :)
[ -z "$left" ] || fail "left behind: $left"
for name in reader.conf.d/.vpcd.removed vicc/card.conf; do
	[ -e "$ROOT/etc/$name" ] || fail "the configuration has gone: $name"
done

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
[ ${#made[@]} = 0 ] || rmdir --ignore-fail-on-non-empty "${made[@]}"
left=$(differs "$ROOT.before")
[ ! -e "$ROOT/run/vpcd" ] || left+=" /run/vpcd"
[ -z "$left" ] || fail "left behind: $left"

scene "instead of vsmartcard's packages, whose files have the same names"
apt install vsmartcard-vpcd vsmartcard-vpicc
apt install /debs/vpcd.deb /debs/vicc.deb
! root_online dpkg -l vsmartcard-vpcd vsmartcard-vpicc | grep '^ii' ||
	fail "both are installed"
root_alone sh /debs/tests/card >/dev/null
apt purge vsmartcard-vpcd vsmartcard-vpicc
root_alone sh /debs/tests/card

# Nothing is forbidden; init's script, or systemctl, writes down what it is asked for.
printf '#!/bin/sh\nexit 104\n' >"$ROOT/usr/sbin/policy-rc.d"
cat >"$ROOT/etc/init.d/pcscd" <<'INIT'
#!/bin/sh
case $1 in
status) [ -e /var/tmp/pcscd.runs ] ;;
*) echo "init: $1" >>/var/tmp/asked ;;
esac
INIT
cat >"$ROOT/usr/bin/systemctl" <<'SYSTEMD'
#!/bin/sh
case " $* " in
*" is-active "* | *" is-enabled "*) [ -e /var/tmp/pcscd.runs ] ;;
*" show "*) echo "LoadState=loaded" ;;
*" daemon-reload "* | "  ") ;; # alone it lists units
*) echo "systemd: $*" >>/var/tmp/asked ;;
esac
SYSTEMD
chmod +x "$ROOT/etc/init.d/pcscd" "$ROOT/usr/bin/systemctl"
asked() { # what was asked for meanwhile
	cat "$ROOT/var/tmp/asked" 2>/dev/null || :
	rm -f "$ROOT/var/tmp/asked"
}

for by in init systemd; do
	scene "under $by a pcscd that runs is started again by installation and removal, one that does not is not"
	[ $by = init ] || mkdir -p "$ROOT/run/systemd/system"
	rm -f "$ROOT/var/tmp/pcscd.runs"
	asked >/dev/null
	apt install --reinstall /debs/vpcd.deb /debs/vicc.deb
	apt remove vpcd
	apt install /debs/vpcd.deb
	said=$(asked)
	[ -z "$said" ] || fail "nothing runs, and was asked: $said"
	touch "$ROOT/var/tmp/pcscd.runs"
	for what in "install --reinstall /debs/vpcd.deb" "remove vpcd" "install /debs/vpcd.deb"; do
		# shellcheck disable=SC2086
		apt $what
		said=$(asked)
		echo "$what: $said"
		case $said in
		"init: restart" | "systemd: "*"restart pcscd.service") ;;
		*) fail "$what: want one restart" ;;
		esac
	done
done
apt remove vicc
asked | grep "systemd: .*stop vicc@\*.service" || fail "the cards were not stopped"

scene "in a fresh root that systemd has booted"
fresh "$2"
apt install ansible-core python3-apt systemd dbus libpam-systemd polkitd pcsc-tools opensc gnutls-bin p11-kit openssl softhsm2 /debs/vpcd.deb /debs/vicc.deb /debs/virt-cacard.deb
rm "$ROOT/usr/sbin/policy-rc.d"
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$ROOT/debs/key.pem"
status=0
root_boot sh /debs/units.sh || status=$?
case $status in
0) ;;
77) echo "SKIP: this machine lets no systemd run in a folder" ;;
*) fail "the units do not do" ;;
esac

rm -rf "$ROOT"
echo "all well"
