#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In a root that systemd has booted, with the packages: what README.md and vicc.conf(5)
# say of vicc@.service, of /run/vpcd, and of the drop-in that keeps pcscd.
set -eu

fail() {
	echo "FAIL: $*"
	journalctl --no-pager -q -n 60 -u 'vicc@*' -u pcscd -u root-boot
	exit 1
}
scene() { echo "--- $*"; }
card_in() { pcsc_scan -c | grep -A 3 "Reader $1:" | grep -q 'Card inserted'; }
of() { systemctl show --value -p "$2" "$1"; }
soon() { # command
	n=0
	until "$@"; do
		n=$((n + 1))
		[ $n -lt 300 ] || return 1
		sleep 0.1
	done
}
other_process() { [ "$(of vicc@token MainPID)" != "$1" ] && [ "$(of vicc@token ActiveState)" = active ]; }

# no other PC/SC client runs meanwhile: pcscd would end a minute after its last one
scene "a pcscd that is started on demand is called by vicc, and stays as long as the card does"
systemctl stop pcscd.service
since=$(date +%s%3N)
vicc --type iso7816 >/var/tmp/autostart 2>&1 &
card=$!
soon grep -q connected /var/tmp/autostart || fail "not called: $(cat /var/tmp/autostart)"
echo "connected after $(($(date +%s%3N) - since)) ms"
pid=$(of pcscd MainPID)
sleep 125
[ "$(of pcscd MainPID) $(of pcscd ActiveState)" = "$pid active" ] || fail "pcscd has not stayed"
soon card_in 0 || fail "the card is not in"
kill $card
wait $card || fail "vicc: exit $?"

scene "vicc@token: started when its card was asked, as user vicc, with PINs from the credential"
cat >/etc/vicc/token.conf <<'CONF'
type myeid
file token.json
slot 1
import /etc/vicc/key.pem
keep
pin-file /run/credentials/vicc@token.service/pins
label Booted
CONF
cp /debs/key.pem /etc/vicc/key.pem
chown vicc /etc/vicc/key.pem
mkdir -p /etc/credstore
(umask 077 && printf 'PIN1=123456\nPUK1=12345678\n' >/etc/credstore/vicc.token.pins)
systemctl start vicc@token || fail "not started"
soon card_in 1 || fail "started, but no card in slot 1"
pid=$(of vicc@token MainPID)
[ "$(stat -c %U "/proc/$pid")" = vicc ] || fail "another user: $(stat -c %U "/proc/$pid")"
[ "$(stat -c '%U %a' /var/lib/vicc/token.json)" = "vicc 600" ] || fail "$(stat -c '%U %a' /var/lib/vicc/token.json)"
module=$(find /usr/lib -name opensc-pkcs11.so | head -n 1)
pkcs11-tool --module "$module" --login --pin 123456 --list-objects --type privkey 2>&1 | grep -q 'RSA\|EC' ||
	fail "no key with that PIN"
! pkcs11-tool --module "$module" --login --pin 654321 --list-objects --type privkey >/dev/null 2>&1 || fail "any PIN will do"

scene "a card that dies comes back, and pcscd may be restarted"
systemctl kill -s KILL vicc@token
soon other_process "$pid" || fail "not started again"
soon card_in 1 || fail "the card has not come back"
pid=$(of vicc@token MainPID)
systemctl restart pcscd
soon card_in 1 || fail "the card is not in the new pcscd"
[ "$(of vicc@token MainPID)" = "$pid" ] || fail "the card was started again"

scene "a mistake in the configuration is said, and not tried again"
echo nonsense >/etc/vicc/wrong.conf
! systemctl start vicc@wrong 2>/dev/null || fail "started"
sleep 3
[ "$(of vicc@wrong ActiveState) $(of vicc@wrong ExecMainStatus) $(of vicc@wrong NRestarts)" = "failed 2 0" ] ||
	fail "tried again: $(systemctl status --no-pager vicc@wrong)"
journalctl --no-pager -q -u vicc@wrong | grep -q 'wrong.conf:1: ' || fail "not a word of the line"

scene "the same for a user, by the user's manager"
useradd --create-home tester
loginctl enable-linger tester
soon test -S "/run/user/$(id -u tester)/systemd/private" || fail "there is no manager for tester"
as_tester() { setpriv --reuid tester --regid tester --init-groups env HOME=/home/tester XDG_RUNTIME_DIR="/run/user/$(id -u tester)" "$@"; }
as_tester mkdir -p /home/tester/.config/vicc
printf 'type iso7816\nfile mine.json\n' | as_tester tee /home/tester/.config/vicc/mine.conf >/dev/null
as_tester systemctl --user start vicc@mine || fail "not started"
soon card_in 0 || fail "no card"
find /home/tester/.config/vicc /home/tester/.local/state/vicc -name mine.json -user tester -perm 600 2>/dev/null | grep . ||
	fail "the card is not kept"
as_tester systemctl --user stop vicc@mine

# Debian 12's pcscd does not ask polkit: the question is ours
scene "the polkit rule, as its lines say: user vicc and who is in group vicc, nobody else"
useradd member
usermod -aG vicc member
actions=/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy
echo '<policyconfig>' >$actions
for action in access_pcsc access_card; do
	echo "<action id=\"org.debian.pcsc-lite.$action\"><description/><message/><defaults><allow_any>no</allow_any></defaults></action>"
done >>$actions
echo '</policyconfig>' >>$actions
may() { # user
	setpriv --reuid "$1" --regid "$1" --init-groups sleep 300 &
	pid=$!
	may=yes
	for action in access_pcsc access_card; do
		pkcheck --action-id "org.debian.pcsc-lite.$action" --process $pid >/dev/null 2>&1 || may=no
	done
	kill $pid
	[ $may = yes ]
}
! may member || fail "all may, without the rule"
(cd /usr/share/doc/vicc/examples && install -m644 50-vicc.rules /etc/polkit-1/rules.d/)
soon may member || fail "a member of the group may not"
may vicc || fail "user vicc may not"
! may tester || fail "tester may"

# what SCAutolib and SSSD write; systemd knows no redirection
suite_unit() { # name, folder of the store, further lines
	cat >"/etc/systemd/system/$1.service" <<UNIT
[Unit]
Description=virtual card for $1
Requires=pcscd.service

[Service]
Environment=SOFTHSM2_CONF="$2/sofhtsm2.conf"
WorkingDirectory=$2
ExecStart=/usr/bin/virt_cacard >> /var/log/virt_cacard.debug 2>&1
KillMode=process
$3
[Install]
WantedBy=multi-user.target
UNIT
	systemctl daemon-reload
}
softhsm=$(find /usr/lib -name libsofthsm2.so | head -n 1)
enroll() { # folder, label, name of the holder
	export SOFTHSM2_CONF="$1/sofhtsm2.conf"
	mkdir -p "$1/tokens"
	printf 'directories.tokendir = %s/tokens\nslots.removable = true\nobjectstore.backend = file\n' "$1" >"$SOFTHSM2_CONF"
	softhsm2-util --init-token --free --label "$2" --so-pin 12345678 --pin 123456 >/dev/null
	[ $# -gt 2 ] || return 0
	openssl req -x509 -key /debs/key.pem -subj "/CN=$3" -days 365 -outform der -out "$1/cert.der"
	for what in "/debs/key.pem --type privkey" "$1/cert.der --type cert"; do
		# shellcheck disable=SC2086
		pkcs11-tool --module "$softhsm" --login --pin 123456 --id 01 --write-object $what >/dev/null 2>&1
	done
}
holder_is() { [ "$(pkcs11-tool --module "$module" -L 2>/dev/null | sed -n 's/.*token label *: //p')" = "$1" ]; }
no_card() { ! card_in 0; }

scene "SCAutolib's unit: started, stopped, restarted, and started before pcscd"
systemctl stop vicc@token
enroll /root/cards/one sc1 "Some Body"
suite_unit one /root/cards/one ""
systemctl start one || fail "not started"
soon holder_is "Some Body" || fail "no card"
url=$(p11tool --list-token-urls | grep 'model=PKCS%2315%20emulated;manufacturer=Common%20Access%20Card')
systemctl stop one
soon no_card || fail "it is still in"
! pidof virt_cacard || fail "it runs on"
systemctl restart one
soon holder_is "Some Body" || fail "not restarted"
[ "$(p11tool --list-token-urls | grep Common%20Access)" = "$url" ] || fail "another URL"
systemctl stop one
mkdir /etc/systemd/system/one.service.d
printf '[Service]\nType=notify\nNotifyAccess=all\n' >/etc/systemd/system/one.service.d/notify.conf
systemctl daemon-reload
systemctl start one || fail "not started with Type=notify"
holder_is "Some Body" || fail "started, and there is no card"
rm -r /etc/systemd/system/one.service.d
systemctl daemon-reload
systemctl stop one pcscd.socket pcscd.service
systemctl start pcscd.socket one
soon holder_is "Some Body" || fail "no card when it is started before pcscd"
pkcs11-tool --module "$module" -O -l -p 123456 2>&1 | grep -q "Private Key Object; RSA" || fail "no key with that PIN"
systemctl stop one

scene "SSSD's unit: begun with an empty store, it ends; restarted once there is a certificate, it is the card"
enroll /opt/test_ca sc_test
suite_unit virt_cacard /opt/test_ca "Restart=on-failure"
systemctl start virt_cacard
# systemd tries five times in all, and then no more for ten seconds
is_given_up() { [ "$(of virt_cacard ActiveState) $(of virt_cacard ExecMainStatus)" = "failed 1" ]; }
soon is_given_up || fail "not ended with 1: $(systemctl status --no-pager virt_cacard)"
journalctl --no-pager -q -u virt_cacard | grep -q "no token in .* has a certificate" || fail "not a word of it"
enroll /opt/test_ca sc_test2 "Test Cert"
soon systemctl restart virt_cacard || fail "not restarted"
soon holder_is "Test Cert" || fail "no card: $(systemctl status --no-pager virt_cacard)"
systemctl stop virt_cacard
rm /etc/systemd/system/virt_cacard.service

scene "the package's unit: started is in the reader, without a sleep"
mkdir -p /etc/systemd/system/virt_cacard.service.d
printf '[Service]\nEnvironment=SOFTHSM2_CONF=/opt/test_ca/sofhtsm2.conf\n' >/etc/systemd/system/virt_cacard.service.d/store.conf
systemctl daemon-reload
for _ in 1 2 3 4 5; do
	systemctl start virt_cacard || fail "not started"
	holder_is "Test Cert" || fail "started, and there is no card"
	systemctl stop virt_cacard
	soon no_card || fail "it is still in"
done

scene "the package's unit: begun with an empty store, it comes once there is a certificate"
mv /opt/test_ca/tokens /opt/test_ca/kept
mkdir /opt/test_ca/tokens
! systemctl start virt_cacard 2>/dev/null || fail "started, and there is no card"
# more tries than systemd allows by itself
tried_often() { [ "$(of virt_cacard NRestarts)" -gt 6 ]; }
soon tried_often || fail "given up: $(systemctl status --no-pager virt_cacard)"
rmdir /opt/test_ca/tokens
mv /opt/test_ca/kept /opt/test_ca/tokens
soon holder_is "Test Cert" || fail "no card: $(systemctl status --no-pager virt_cacard)"
systemctl stop virt_cacard
rm -r /etc/systemd/system/virt_cacard.service.d
systemctl daemon-reload

scene "a unix socket for group vicc: it is let in, others are not"
[ "$(stat -c '%a %U %G' /run/vpcd)" = "2750 root vicc" ] || fail "/run/vpcd: $(stat -c '%a %U %G' /run/vpcd)"
sed -i -e 's,^DEVICENAME .*,DEVICENAME unix:/run/vpcd/sock/mode=0660,' /etc/reader.conf.d/vpcd
printf 'unix /run/vpcd/sock\ntype iso7816\n' >/etc/vicc/group.conf
systemctl stop vicc@token
systemctl restart pcscd
systemctl start vicc@group || fail "not let in"
soon card_in 0 || fail "no card"
said=$(setpriv --reuid nobody --regid nogroup --clear-groups vicc --unix /run/vpcd/sock --slot 1 --once 2>&1) && fail "nobody was let in"
case $said in *"ermission denied"*) ;; *) fail "$said" ;; esac
systemctl stop vicc@group

# by lchown(2), or not at all: pcscd's unit kills it for that call from pcsc-lite 2.3.2 on
scene "/group= in a folder of another group: pcscd lives, with its other readers"
mkdir /run/other
cat >/etc/reader.conf.d/other <<CONF
FRIENDLYNAME "Other PCD"
DEVICENAME   unix:/run/other/sock/mode=0660/group=vicc
LIBPATH      $(sed -n 's/^LIBPATH *//p' /etc/reader.conf.d/vpcd)
CONF
systemctl restart pcscd
systemctl start vicc@group || fail "no card in the first reader"
soon card_in 0 || fail "no card in the first reader"
if grep -q '^Seccomp:	0$' "/proc/$(of pcscd MainPID)/status"; then
	[ "$(stat -c %G /run/other/sock)" = vicc ] || fail "another group"
else
	[ ! -e /run/other/sock ] || fail "a socket that is not of the group"
	journalctl --no-pager -q -u pcscd | grep -q 'other/sock: cannot listen: .*setgid' || fail "not a word of it"
fi
systemctl stop vicc@group
rm /etc/reader.conf.d/other

scene "the drop-in, as its lines say: pcscd stays"
cd /usr/share/doc/vpcd/examples
install -Dm644 pcscd-keep.conf /etc/systemd/system/pcscd.service.d/keep.conf
systemctl daemon-reload && systemctl add-wants multi-user.target pcscd.service 2>/dev/null
systemctl restart pcscd.service
! tr '\0' ' ' </proc/"$(of pcscd MainPID)"/cmdline | grep auto-exit || fail "it would end by itself"

scene "pcscd is restarted by the package; removed, the card ends and pcscd starts without it"
systemctl start vicc@group
pid=$(of pcscd MainPID)
apt-get -qy install --reinstall /debs/vpcd.deb >/var/tmp/apt 2>&1 || fail "$(cat /var/tmp/apt)"
[ "$(of pcscd MainPID)" != "$pid" ] || fail "the old pcscd runs"
soon card_in 0 || fail "no card after that"
apt-get -qy remove vicc vpcd >/var/tmp/apt 2>&1 || fail "$(cat /var/tmp/apt)"
! pidof vicc || fail "the card runs without its package"
[ "$(of pcscd ActiveState)" = active ] || fail "pcscd does not run any more"
systemctl stop pcscd.socket pcscd.service
apt-get -qy install /debs/vpcd.deb /debs/vicc.deb >/var/tmp/apt 2>&1 || fail "$(cat /var/tmp/apt)"
[ "$(of pcscd ActiveState)" = inactive ] || fail "a pcscd was started"

scene "an ansible role"
apt-get -qy purge vicc vpcd >/var/tmp/apt 2>&1 || fail "$(cat /var/tmp/apt)"
systemctl daemon-reload
rm -rf /etc/reader.conf.d/other /etc/systemd/system/pcscd.service.d /etc/vicc
sh /debs/role.sh
