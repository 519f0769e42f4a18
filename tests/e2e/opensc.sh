# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034
#
# What the scripts share in which OpenSC, ssh and gpg use a card. Source it after lib.sh.
#
#	tools NAME...		skip when one of these is not installed
#	quietly COMMAND...	its words go to opensc.log, which a failure prints; it must succeed
#	vicc_start TYPE [OPTION...]	a card of this type in $IMAGE goes into the reader
#	vicc_stop		it comes out; vicc must end well
#				with E2E_RELAY the card is in the next slot, and relayed from there
#	public_key_of KEY-FILE	print the public half (PEM)
#	ssh_server PUBLIC-KEY	a local sshd that lets this key in
#	ssh_login [OPTION...]	log in there and run true
#	ssh_by_card PIN KIND	log in by the card's first key of a kind, and by an agent with it
#	gpg_card		print what gpg --card-status says
#	gnupg_end		end the agent and the scdaemon, and wait until both are gone
#	example PAGE SECTION [N]	print the literal text of a section of one of our pages,
#				or the Nth that is there
#	has_p11_child		whether SSSD's program that looks at cards, $P11_CHILD, is installed
#
# All of it happens in $E2E_DIR, which is also $HOME.

IMAGE=$E2E_DIR/card.json
P11_CHILD=${P11_CHILD:-/usr/libexec/sssd/p11_child}
PKCS11=$(find /usr/lib /usr/lib64 -name opensc-pkcs11.so -not -path '*/pkcs11/*' 2>/dev/null | head -n 1)
export HOME=$E2E_DIR OPENSC_CONF=$E2E_DIR/opensc.conf GNUPGHOME=$E2E_DIR/gnupg
cd "$E2E_DIR"

# OpenSC would remember the files of a card by its serial number.
cat >"$OPENSC_CONF" <<-EOF
	app default {
		framework pkcs15 {
			use_file_caching = no;
		}
	}
EOF

tools()
{
	local tool

	for tool; do
		command -v "$tool" >/dev/null || skip "$tool is not installed"
	done
}

has_p11_child()
{
	[ -x "$P11_CHILD" ]
}

quietly()
{
	"$@" >>"$E2E_DIR/opensc.log" 2>&1 </dev/null || fail "$*"
}

vicc_start()
{
	job_start vicc "${VICC[@]}" -t "$1" -f "$IMAGE" --once --slot "${E2E_RELAY:-0}" "${@:2}"
	if [ -n "${E2E_RELAY:-}" ] && [ -z "${JOBS[relay]:-}" ]; then
		probe "$READER1" present
		job_start relay "${VICC[@]}" -t relay --reader "00 01"
	fi
	probe "$READER" present
}

vicc_stop()
{
	job_stop vicc
	[ "$JOB_STATUS" = 0 ] || fail "vicc ended with $JOB_STATUS"
	probe "$READER" absent
}

example()
{
	awk -v section="$2" -v wanted="${3:-1}" '
		/^\.S[sh] / { here = substr($0, 5) == section }
		/^\.Ed/ { text = 0 }
		text && n == wanted { print }
		here && /^\.Bd -literal/ { text = 1; n++ }' "$top_srcdir/vicc/man/$1" |
		sed -e 's/\\e/\\/g' -e 's/\\-/-/g' | sed -e ':a' -e '/\\$/{N;s/\\\n//;ba}'
}

public_key_of()
{
	openssl pkey -in "$1" -pubout
}

SSH_PORT=2222
SSH_USER=$(id -un)
SSHD=("$(command -v sshd || :)")

# Root in a namespace that a user has made cannot be sshd's root, which calls setgroups:
# there sshd is that user's again.
if [ "$(cat /proc/self/setgroups)" = deny ]; then
	read -r _ uid _ </proc/self/uid_map
	read -r _ gid _ </proc/self/gid_map
	SSH_USER=$(id -un "$uid")
	SSHD=(unshare --user --map-user="$uid" --map-group="$gid" "${SSHD[@]}")
fi

ssh_server()
{
	# sshd insists on a folder of its own, if it is root's
	mkdir -p /run/sshd .ssh 2>/dev/null || mount -t tmpfs -o mode=0755 tmpfs /run/sshd 2>/dev/null || mkdir -p .ssh
	[ -f host_key ] || ssh-keygen -q -t ed25519 -N '' -f host_key
	printf '%s\n' "$1" >authorized_keys
	chmod 600 authorized_keys
	cat >sshd_config <<-EOF
		Port $SSH_PORT
		ListenAddress 127.0.0.1
		HostKey $E2E_DIR/host_key
		AuthorizedKeysFile $E2E_DIR/authorized_keys
		StrictModes no
		UsePAM no
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		PidFile none
	EOF
	job_start sshd "${SSHD[@]}" -D -e -f "$E2E_DIR/sshd_config"
	job_said sshd "Server listening"
}

ssh_login()
{
	quietly ssh -p $SSH_PORT -o BatchMode=no -o StrictHostKeyChecking=no \
		-o UserKnownHostsFile="$E2E_DIR/known_hosts" -o IdentitiesOnly=no -F none "$@" \
		"$SSH_USER@127.0.0.1" true
}

# A PIN for ssh and ssh-add, which ask a program for it when there is no terminal.
ssh_pin()
{
	printf '#!/bin/sh\necho %s\n' "$1" >askpass
	chmod 700 askpass
	export SSH_ASKPASS=$E2E_DIR/askpass SSH_ASKPASS_REQUIRE=force DISPLAY=:none
}

ssh_by_card()
{
	ssh_pin "$1"
	ssh-keygen -D "$PKCS11" 2>>opensc.log | grep "^$2" | head -n 1 >login.pub
	ssh_server "$(cat login.pub)"
	ssh_login -I "$PKCS11"
	eval "$(ssh-agent -P '*')" >/dev/null
	quietly ssh-add -s "$PKCS11"
	ssh_login
	kill "$SSH_AGENT_PID"
	job_stop sshd
}

gnupg_is_gone()
{
	! pgrep "^(gpg|scd|gnup)" >/dev/null
}

# An agent that ends still takes connections, and gpg one that breaks for an agent that fails.
gnupg_end()
{
	gpgconf --kill all >>"$E2E_DIR/opensc.log" 2>&1
	until_true gnupg_is_gone || fail "GnuPG has not ended: $(pgrep -l "gpg|scdaemon|gnupg")"
}

gpg_card()
{
	mkdir -p -m 700 "$GNUPGHOME"
	echo disable-ccid >"$GNUPGHOME/scdaemon.conf"
	gpg --batch --card-status 2>>opensc.log
	gnupg_end
}
