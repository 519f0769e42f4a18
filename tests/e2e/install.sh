#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# make install, pcscd with the configuration that was installed, make uninstall.
# Nothing of the machine's is written: what is installed lies over it in here only.
# shellcheck source=tests/e2e/lib.sh
. "${top_srcdir:-.}/tests/e2e/lib.sh"

unset MAKEFLAGS MFLAGS MAKELEVEL
root=$E2E_DIR/root

made() # value of a make variable, expanded
{
	make -s -C "$top_builddir" -f - show <<<"include Makefile"$'\n'"show:; @echo \$($1)"
}

# Lay what was installed below this folder over the machine's.
overlay()
{
	local below=$1 work=$E2E_DIR/work$1

	until [ -d "$below" ]; do below=$(dirname "$below"); done
	mkdir -p "$work" "$root$below"
	mount -t overlay -o "lowerdir=$below,upperdir=$root$below,workdir=$work" overlay "$below" ||
		skip "this machine lets nobody overlay $below"
}

dropdir=$(made serialdropdir)
confdir=$(made serialconfdir)
bindir=$(made bindir)

scene "make install DESTDIR="
make -s -C "$top_builddir" install DESTDIR="$root" 2>&1 | grep -v 'libtool --finish' || :
find "$root" ! -type d | sort
mandir=$(made mandir)
for file in "$dropdir/libifdvpcd.so" "$confdir/vpcd" "$bindir/vicc" "$bindir/vicc-run" "$bindir/vicc-pad" \
	"$mandir"/man8/vpcd.8 "$mandir"/man1/vicc.1 "$mandir"/man1/vicc-run.1 "$mandir"/man1/vicc-pad.1 "$mandir"/man5/vicc-image.5; do
	[ -s "$root$file" ] || fail "$file is missing, or empty"
done
[ -z "$(find "$root" -name '*.la')" ] || fail "a .la file that nobody needs"
cp -a "$root" "$E2E_DIR/copy"

scene "pcscd finds the driver by the installed configuration, and the card its reader"
overlay "$dropdir"
[ -s "$confdir/vpcd" ] || overlay "$confdir"
pcscd_start --config "$confdir"
job_start vicc "${VICC[@]/#"$top_builddir/vicc"/$E2E_DIR/copy$bindir}" -t handler_test
probe "$READER" present
opensc-tool -a
pcsc_scan -c | grep "ATR: 3B D6 18 00 80 B1"
job_stop vicc
pcscd_stop

scene "make uninstall"
make -s -C "$top_builddir" uninstall DESTDIR="$E2E_DIR/copy"
left=$(find "$E2E_DIR/copy" ! -type d)
[ -z "$left" ] || fail "still there: $left"
