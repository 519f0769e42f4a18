# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# A throw-away Debian root, for packages to be tried in: sourced, as root. It is of the
# suite that this machine has, which the packages were built for.
#
#	root_new FOLDER			a fresh minimal Debian there (debootstrap; the second time from
#					FOLDER.base.tar)
#	root_online COMMAND...		run in it, with the machine's network: for apt-get
#	root_alone COMMAND...		run in it, with a loopback of its own and nothing else
#	root_boot COMMAND...		start systemd in it, alone as above; it runs the command and ends
#					with it. 77 where this machine lets no systemd run
#	root_list			every file in it with its mode and owner, but for what is gone
#					with a boot and what package managers keep for themselves;
#					users and groups too
#
# No service is started by an installation, but one into a booted root. Whatever was started in the root ends
# with the command.

ROOT=

root_suite()
{
	# shellcheck source=/dev/null
	(. /etc/os-release && case "$ID $(cat /etc/debian_version)" in
	'debian '*/sid) echo sid ;;
	*) echo "$VERSION_CODENAME" ;;
	esac)
}

root_new()
{
	local suite

	suite=$(root_suite)
	ROOT=$1
	if [ ! -e "$ROOT.base.tar" ]; then
		rm -rf "$ROOT"
		root_enter --mount-proc debootstrap --variant=minbase "$suite" "$ROOT" >"$ROOT.log" 2>&1 || { tail "$ROOT.log" && return 1; }
		rm -f "$ROOT/etc/apt/sources.list"
		cp /etc/apt/sources.list "$ROOT/etc/apt/" 2>/dev/null || :
		cp -r /etc/apt/sources.list.d "$ROOT/etc/apt/" 2>/dev/null || :
		printf '#!/bin/sh\nexit 101\n' >"$ROOT/usr/sbin/policy-rc.d"
		chmod +x "$ROOT/usr/sbin/policy-rc.d"
		root_online apt-get update -q
		tar -C "$ROOT" --one-file-system -cf "$ROOT.base.tar.new" .
		mv "$ROOT.base.tar.new" "$ROOT.base.tar"
	fi
	rm -rf "$ROOT"
	mkdir -p "$ROOT"
	tar -C "$ROOT" -xf "$ROOT.base.tar"
}

# Mounts are this namespace's: nothing is left when it ends.
root_enter()
{
	# shellcheck disable=SC2016
	unshare --mount --pid --fork --kill-child --propagation private "$@"
}

# shellcheck disable=SC2016
ROOT_INSIDE='set -e
root=$1
shift
[ "$1" = online ] || { ip link set lo up && mount -t tmpfs -o mode=0755 tmpfs "$root/run" && mkdir "$root/run/pcscd"; }
shift
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for d in null zero full random urandom tty; do
	touch "$root/dev/$d"
	mount --bind "/dev/$d" "$root/dev/$d"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir -p "$root/dev/shm"
exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8 \
	DEBIAN_FRONTEND=noninteractive "$@"'

root_online()
{
	cp /etc/resolv.conf "$ROOT/etc/resolv.conf" 2>/dev/null || :
	root_enter bash -c "$ROOT_INSIDE" bash "$ROOT" online "$@"
}

root_alone()
{
	root_enter --net bash -c "$ROOT_INSIDE" bash "$ROOT" alone "$@"
}

# What systemd wants to find; its root has to be the root of the namespace.
# shellcheck disable=SC2016
ROOT_BOOT='set -e
root=$1
ip link set lo up
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=0755 tmpfs run
mount -t tmpfs -o mode=0755 tmpfs dev
for d in null zero full random urandom tty; do
	touch "dev/$d"
	mount --bind "/dev/$d" "dev/$d"
done
mkdir dev/shm dev/pts
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mkdir -p mnt/before
pivot_root . mnt/before
umount -l /mnt/before
mount --make-rshared /
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd'

root_boot()
{
	local cgroups status=77 n=0

	cgroups=$(findmnt -fno TARGET -t cgroup2) || return 77
	cgroups+=/root.$$
	mkdir "$cgroups" 2>/dev/null || return 77
	cat >"$ROOT/etc/systemd/system/root-boot.service" <<-UNIT
		[Unit]
		After=multi-user.target
		[Service]
		Type=oneshot
		Environment=HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
		ExecStart=/bin/sh -c 'echo started >/var/tmp/boot.status; "\$@" >/var/tmp/boot.out 2>&1; echo \$? >/var/tmp/boot.status' sh $*
		ExecStopPost=/bin/systemctl poweroff --force --force
	UNIT
	mkdir -p "$ROOT/etc/systemd/system/multi-user.target.wants"
	ln -sf ../root-boot.service "$ROOT/etc/systemd/system/multi-user.target.wants/"
	rm -f "$ROOT"/var/tmp/boot.*
	(
		echo "$BASHPID" >"$cgroups/cgroup.procs"
		exec timeout -s KILL 3000 unshare --mount --net --pid --uts --ipc --cgroup --fork --kill-child --propagation private \
			bash -c "$ROOT_BOOT" bash "$ROOT"
	) </dev/null >"$ROOT.boot" 2>&1 || :
	# as soon as all that was in there is gone
	while [ -d "$cgroups" ] && [ $((n += 1)) -lt 50 ]; do
		find "$cgroups" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.1
	done
	rm -f "$ROOT/etc/systemd/system/root-boot.service" "$ROOT/etc/systemd/system/multi-user.target.wants/root-boot.service"
	cat "$ROOT/var/tmp/boot.out" 2>/dev/null || cat "$ROOT.boot"
	[ ! -s "$ROOT/var/tmp/boot.status" ] || status=$(sed 's/started/1/' "$ROOT/var/tmp/boot.status")
	return "$status"
}

root_list()
{
	(
		cd "$ROOT" || exit
		find . -xdev \( -path ./proc -o -path ./dev -o -path ./run -o -path ./tmp -o -path ./var/tmp -o -path ./var/lib/dpkg -o \
			-path ./var/lib/rpm -o -path ./var/cache -o -path ./var/log -o -path ./var/lib/apt -o \
			-path './etc/*-' -o -path ./debs \) -prune -o ! -name __pycache__ -printf '%y %m %u:%g %p\n' | sort
		sed 's/^/passwd /' etc/passwd
		sed 's/^/group /' etc/group
	)
}
