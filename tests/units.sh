#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd understands the units as installed, finds the confinement OK, and makes
# the user and the folder; every example of a configuration is one.
set -eu -o pipefail
: "${top_srcdir:=.}" "${top_builddir:=.}"
command -v systemd-analyze >/dev/null || { echo "SKIP: systemd is not installed"; exit 77; }
unset MAKEFLAGS MFLAGS MAKELEVEL
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
root=$dir/root

fail() {
	echo "FAIL: $*"
	exit 1
}

# It makes /run/systemd where systemd does not run, which only root can.
analyze=(systemd-analyze)
if [ "$(id -u)" != 0 ] && [ ! -d /run/systemd ]; then
	# shellcheck disable=SC2016
	analyze=(unshare --user --map-root-user --mount sh -c 'mount -t tmpfs tmpfs /run && exec systemd-analyze "$@"' -)
fi

verify() {
	"${analyze[@]}" verify --man=no "$@" 2>&1
}

# value of a make variable, expanded
made() {
	make -s -C "$top_builddir" -f - show <<<"include Makefile"$'\n'"show:; @echo \$($1)"
}

make -s -C "$top_builddir" install-data DESTDIR="$root" >"$dir/install.log" 2>&1 ||
	{ cat "$dir/install.log" && fail "make install"; }
bindir=$(made bindir)
unit=$(made unitdir)/vicc@.service
userunit=$(made userunitdir)/vicc@.service
for file in "$unit" "$userunit"; do
	[ -s "$root$file" ] || fail "$file is not installed"
	! grep -E '@[a-z]+@' "$root$file" || fail "$file is not filled in"
	grep -q "^ExecStart=$bindir/vicc --config " "$root$file" || fail "$file starts another program"
done

# verify wants the program, and names of its own for the instances
mkdir -p "$dir/units" "$dir/bin"
printf '#!/bin/sh\n' >"$dir/bin/vicc"
chmod +x "$dir/bin/vicc"
sed "s,^ExecStart=$bindir,ExecStart=$dir/bin," "$root$unit" >"$dir/units/vicc@.service"
said=$(verify "$dir/units/vicc@.service" | grep -F "$dir/units" || :)
[ -z "$said" ] || fail "verify: $said"
# with the line of viccctl(1)
post=$(sed -n 's/^\.Dl \(ExecStartPost=.*\)/\1/p' "$top_srcdir/vicc/man/viccctl.1")
[ -n "$post" ] || fail "viccctl(1) has another example"
cp "$dir/bin/vicc" "$dir/bin/viccctl"
sed -i "/^ExecStart=/a ${post/\/usr\/bin/$dir/bin}" "$dir/units/vicc@.service"
said=$(verify "$dir/units/vicc@.service" | grep -F "$dir/units" || :)
[ -z "$said" ] || fail "verify, with $post: $said"
# a wrong line is seen
sed -i 's/^ProtectHome=yes/ProtectHome=perhaps/' "$dir/units/vicc@.service"
[ "$(verify "$dir/units/vicc@.service" | grep -c 'perhaps')" -gt 0 ] || fail "verify sees nothing"

"${analyze[@]}" security --offline=true --threshold=50 "$root$unit" >"$dir/security" ||
	{ cat "$dir/security" && fail "less than OK"; }
tail -n 1 "$dir/security"

# the user, and the folder that the group may enter
mkdir -p "$root/etc" "$root/run"
: >"$root/etc/passwd"
: >"$root/etc/group"
if [ "$(id -u)" = 0 ]; then
	systemd-sysusers --root="$root" "$root$(made sysusersdir)/vicc.conf"
	grep -q '^vicc:' "$root/etc/passwd" || fail "no user"
	grep -q '^vicc:' "$root/etc/group" || fail "no group"
	systemd-tmpfiles --root="$root" --create "$root$(made tmpfilesdir)/vicc.conf"
	[ "$(stat -c %a "$root/run/vpcd")" = 2750 ] || fail "mode of /run/vpcd"
	[ "$(stat -c %g "$root/run/vpcd")" = "$(sed -n 's/^vicc:[^:]*:\([0-9]*\):.*/\1/p' "$root/etc/group")" ] ||
		fail "group of /run/vpcd"
fi

# the examples are configurations: --version comes after all of them was read
for file in "$root$(made exampledir)"/*.conf; do
	case $file in */pcscd-keep.conf) continue ;; esac
	"$top_builddir/vicc/vicc" --config "$file" --version | grep -q '^vicc ' || fail "$file"
done
printf 'type nonsense\n' >"$dir/wrong.conf"
! "$top_builddir/vicc/vicc" --config "$dir/wrong.conf" --version 2>/dev/null || fail "what is wrong is taken"

# the drop-in, as its own lines say
mkdir -p "$dir/units/pcscd.service.d"
printf '[Service]\nExecStart=/bin/true --auto-exit\n' >"$dir/units/pcscd.service"
sed 's,/usr/sbin/pcscd,/bin/true,' "$root$(made exampledir)/pcscd-keep.conf" >"$dir/units/pcscd.service.d/keep.conf"
said=$(verify "$dir/units/pcscd.service" | grep -E "pcscd.service(:|.d)" || :)
[ -z "$said" ] || fail "drop-in: $said"
