#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The ansible role of examples/tmt, in a root that systemd has booted, where the packages are
# in /debs/tmt/packages and not installed; then the test of its plan.
set -eu

fail() {
	echo "FAIL: $*"
	journalctl --no-pager -q -n 60 -u 'vicc@*' -u virt_cacard -u pcscd
	exit 1
}
scene() { echo "--- $*"; }
play() { # what the last line has to say, further variables
	ansible-playbook -i localhost, -c local -e vicc_packages=/debs/tmt/packages "$2" >/var/tmp/played 2>&1 || fail "$(cat /var/tmp/played)"
	grep -q "^localhost .* $1 .* failed=0 " /var/tmp/played || fail "want $1: $(cat /var/tmp/played)"
}
cd /debs/tmt

scene "the role: a card is in the reader when it has ended"
! command -v vicc || fail "vicc is there already"
play 'changed=[1-9][0-9]*' card.yml
sh -c "$(sed -n 's/^test: //p' card.fmf)" >/var/tmp/said 2>&1 || fail "no card: $(cat /var/tmp/said)"
grep -q "Personal Identity Verification" /var/tmp/said || fail "another card: $(cat /var/tmp/said)"

scene "the role again: nothing to do; another card: it is put in"
play changed=0 card.yml
sed 's/type: piv/type: myeid/; s/test.json/other.json/' card.yml >other.yml
play 'changed=[1-9][0-9]*' other.yml
opensc-tool --reader 0 --name 2>&1 | grep -q OsEID || fail "the old card"
systemctl disable --now vicc@test 2>/dev/null

scene "the role: the card of a token"
cat >token.yml <<'END'
- hosts: all
  become: true
  roles:
    - role: vicc
      vicc_softhsm: /opt/test_ca/sofhtsm2.conf
END
play 'changed=[1-9][0-9]*' token.yml
pkcs11-tool --module "$(find /usr/lib -name opensc-pkcs11.so | head -n 1)" -L 2>&1 | grep -q 'token label *: Test Cert$' || fail "no card of the token"
play changed=0 token.yml
systemctl is-enabled virt_cacard || fail "not enabled"
