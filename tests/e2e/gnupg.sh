# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the scripts share in which gpg uses a card of its own. Source it after opensc.sh.
#
#	gpg_home		a new GNUPGHOME; PINs are what stands in the files pin, admin,
#				code (resetting code) and new
#	gpg_quietly ARG...	gpg --batch, its words go to opensc.log; it must succeed
#	answer KEY TEXT...	what gpg is told when it asks so
#	card_edit COMMAND...	gpg --card-edit, with these commands
#	card_edit_passwd N	its menu of PINs: 1 change, 2 unblock, 3 admin, 4 resetting code
#	edit_key WHOM COMMAND...	gpg --edit-key; =N answers the question for a slot
#	key_attr KIND KIND	what keys are for: of slots 1 and 3, and of 2
#	use_keys WHOM		sign, verify, encrypt and decrypt
#	gpg_forget		end the agent and the scdaemon, with the PINs that they have proven,
#				and wait until pcscd has taken the card back

declare -A ANSWERS=()

# A scdaemon ends after gpgconf has: the card would be reset under whoever uses it next.
gpg_forget()
{
	gnupg_end
	probe "$READER" unused
}

gpg_home()
{
	gpg_forget
	rm -rf "$GNUPGHOME"
	mkdir -m 700 "$GNUPGHOME"
	echo 123456 >pin
	echo 12345678 >admin
	# it is told what to ask for, and says what stands in the file of that name
	cat >pinentry <<-END
		#!/bin/bash
		cd "$E2E_DIR"
		echo OK
		while read -r word rest; do
			case \$word in
			SETDESC) desc=\$rest; echo OK ;;
			SETPROMPT) prompt=\$rest; echo OK ;;
			GETPIN)
				case "\$desc \$prompt" in
				*[Nn]ew* | *Repeat*) which=new ;;
				*dmin*) which=admin ;;
				*eset*ode*) which=code ;;
				*) which=pin ;;
				esac
				echo "\$which: \$desc, \$prompt" >>pinentry.log
				printf 'D %s\nOK\n' "\$(cat \$which)"
				;;
			BYE) echo OK; exit ;;
			*) echo OK ;;
			esac
		done
	END
	chmod 700 pinentry
	printf 'pinentry-program %s/pinentry\nenable-ssh-support\n' "$E2E_DIR" >"$GNUPGHOME/gpg-agent.conf"
	printf 'disable-ccid\n%s\n' "${SCDAEMON_OPTIONS:-}" >"$GNUPGHOME/scdaemon.conf"
}

gpg_quietly()
{
	quietly in_time gpg --batch --yes --trust-model always "$@"
}

answer()
{
	while [ $# -gt 0 ]; do
		ANSWERS[$1]=$2
		shift 2
	done
}

# Commands for the prompts that end in .prompt, in their order; the answers of the others are known.
gpg_converse() # option of gpg, and what belongs to it; --; commands
{
	local what key said pid to_gpg from_gpg args=()

	while [ "$1" != -- ]; do
		args+=("$1")
		shift
	done
	shift
	# shellcheck disable=SC2034
	coproc GPG { in_time gpg --command-fd 0 --status-fd 1 --no-tty --expert "${args[@]}" 2>>opensc.log; }
	pid=$GPG_PID # gone with the process, as are its pipes
	exec {to_gpg}>&"${GPG[1]}" {from_gpg}<&"${GPG[0]}"
	while read -r _ what key <&"$from_gpg"; do
		echo "gpg: $what $key" >>opensc.log
		case $what in GET_LINE | GET_BOOL | GET_HIDDEN) ;; *) continue ;; esac
		case $key in
		*.prompt | cardedit.genkeys.storekeytype | cardedit.genkeys.algo | cardedit.genkeys.size | keygen.algo | \
			keygen.size | keygen.curve | cardutil.change_pin.menu)
			said=${1-quit}
			said=${said#=}
			shift || :
			;;
		*) said=${ANSWERS[$key]-} ;;
		esac
		echo "$said" >&"$to_gpg"
	done
	exec {to_gpg}>&- {from_gpg}<&-
	wait "$pid" || fail "gpg ${args[*]}"
}

card_edit()
{
	gpg_converse --card-edit -- "$@"
}

card_edit_passwd()
{
	card_edit admin passwd "$1" q quit
}

edit_key()
{
	gpg_converse --edit-key "$1" -- "${@:2}"
}

# For each of its three keys gpg asks for a kind, 1 RSA or 2 ECC, and for its size or curve.
key_attr()
{
	local sign=(2 1) encrypt=(2 1)

	case $1 in
	nistp256) sign=(2 3) encrypt=(2 3) ;;
	rsa*) sign=(1 "${1#rsa}") encrypt=(1 "${1#rsa}") ;;
	esac
	card_edit admin key-attr "${sign[@]}" "${encrypt[@]}" "${sign[@]}" quit
}

use_keys() # whom
{
	scene "signed and deciphered"
	head -c 1000 /dev/urandom >message
	gpg_quietly --output signature --detach-sign message
	gpg_quietly --verify signature message
	gpg_quietly -r "$1" --output sealed --encrypt message
	gpg_quietly --output opened --decrypt sealed
	cmp message opened || fail "deciphered wrongly"
}
