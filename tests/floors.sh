#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Reads the #include lines: a file includes its own folder and lower floors only
# (HACKING.md). floors.sh [TREE]; without one, checks its own rules first.
set -eu
breaches=0

breach() { # file, include, why
	echo "$1 includes $2: $3"
	breaches=$((breaches + 1))
}

floor() { # folder below vicc; "." is main.c's
	case $1 in
	base) echo 0 ;; codec) echo 1 ;; crypto) echo 2 ;; model) echo 3 ;; iso) echo 4 ;; cards) echo 5 ;;
	image | script) echo 6 ;; daemon | run) echo 7 ;; cli | trace) echo 8 ;; control) echo 9 ;; pad | viccctl) echo 10 ;; session) echo 11 ;; .) echo 12 ;;
	*) echo none ;;
	esac
}

# A card knows what the table-driven core has, what several cards share, its own
# folder, and the card that it derives from; a token, the two that it is. registry.c knows
# them all.
card_may() { # file, included file below vicc/, tree
	local mine=${1#vicc/cards/} its=${2#cards/}
	[ "$1" != vicc/cards/registry.c ] || return 0
	[ "$its" != contents.h ] || return 0
	mine=${mine%/*} its=${its%/*}
	case $its in "$mine" | pkcs15 | eac) return 0 ;; esac
	case $mine:$its in token:openpgp | token:piv) return 0 ;; esac
	grep -qsE "\.base *= *&${its}_(iso_)?(type|app)" "$3/vicc/cards/$mine"/*.c
}

check_vicc() { # file, include as written, tree
	local dir=${1#vicc/} to
	case $1 in vicc/*/*) dir=${dir%%/*} ;; *) dir=. ;; esac
	case $2 in
	*openssl/*) [ "$dir" = crypto ] || breach "$1" "$2" "only vicc/crypto may" ;;
	*..*) breach "$1" "$2" "written from vicc/ down, please" ;;
	\"vicc/card.h\") ;; # below all floors: what is installed for plug-ins
	\"config.h\") ;;
	\"*/*\")
		to=${2//\"/}
		if [ ! -f "$3/vicc/$to" ] || [ "$(floor "${to%%/*}")" = none ] ||
			{ [ "${to%%/*}" != "$dir" ] && [ "$(floor "${to%%/*}")" -ge "$(floor "$dir")" ]; }; then
			breach "$1" "$2" "neither its own folder nor a lower floor"
		elif [ "$dir" = cards ] && [ "${to%%/*}" = cards ] && ! card_may "$1" "$to" "$3"; then
			breach "$1" "$2" "another card, and not its base"
		fi
		;;
	\"wire.h\" | \"net.h\" | \"padline.h\") # the driver's, shared
		[ "$(floor "$dir")" -ge 7 ] || breach "$1" "$2" "only the process may"
		;;
	\"name.h\") [ "$dir" = viccctl ] || breach "$1" "$2" "only viccctl may" ;;
	\"*\") breach "$1" "$2" "written from vicc/ down, please" ;;
	esac
}

check_vpcd() { # file, include, tree
	case $2 in
	\"config.h\") ;;
	\"*\") [ -f "$3/vpcd/${2//\"/}" ] || breach "$1" "$2" "the driver is of vpcd/ alone" ;;
	esac
}

check_include() { # file, include
	case $2 in
	'<stddef.h>' | '<stdint.h>') ;;
	*) breach "$1" "$2" "a plug-in has nothing of ours but this header" ;;
	esac
}

# -I vicc and -I vpcd find our headers in brackets, too, and before the system's.
check_brackets() { # file, include, tree
	local to=${2#<}
	to=${to%>}
	[ "<$to>" = "$2" ] || return 0
	if [ -f "$3/vicc/$to" ] || [ -f "$3/vpcd/$to" ]; then
		breach "$1" "$2" "one of ours, in brackets"
	fi
}

check_tree() {
	local file include
	breaches=0
	while IFS=: read -r file include; do
		check_brackets "$file" "$include" "$1"
		"check_${file%%/*}" "$file" "$include" "$1"
	done < <(cd "$1" && grep -roE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<][^">]*[">]' vpcd vicc include |
		sed 's/:[^"<]*/:/')
}

# The rules, each broken once: a check that never fails checks nothing.
self_test() {
	local t
	t=$(mktemp -d)
	mkdir -p "$t"/vpcd "$t"/vicc/{base,codec,crypto,model,iso,daemon,cli,trace,session} \
		"$t"/vicc/cards/{flex,npa,eac,epass,token,piv} "$t/include/vicc"
	touch "$t"/vpcd/{wire,net,slot}.h "$t"/vicc/daemon/host.h "$t"/vicc/cli/options.h "$t"/vicc/trace/trace.h "$t"/vicc/session/session.h \
		"$t"/vicc/base/bytes.h "$t"/vicc/model/card.h "$t"/vicc/iso/{iso,stages}.h "$t"/vicc/cards/contents.h \
		"$t"/vicc/cards/{flex/flex,npa/npa,eac/pace,epass/epass,piv/piv}.h
	printf '#include "%s"\n' base/bytes.h model/card.h iso/iso.h cards/contents.h cards/flex/flex.h \
		>"$t/vicc/cards/flex/flex.c"
	printf '#include "%s"\n' cards/npa/npa.h cards/eac/pace.h cards/flex/flex.h >"$t/vicc/cards/npa/pace.c"
	echo '	.base = &flex_app,' >"$t/vicc/cards/npa/npa.c"
	echo '#include "cards/piv/piv.h"' >"$t/vicc/cards/token/token.c"
	printf '#include "%s"\n' cards/flex/flex.h cards/npa/npa.h >"$t/vicc/cards/registry.c"
	printf '#include "%s"\n' wire.h daemon/host.h iso/iso.h config.h >"$t/vicc/daemon/host.c"
	printf '#include "%s"\n' daemon/host.h session/session.h >"$t/vicc/main.c"
	printf '#include "%s"\n' cli/options.h trace/trace.h >"$t/vicc/session/session.c"
	printf '#include <%s>\n' openssl/evp.h stdio.h >"$t/vicc/crypto/mac.c"
	printf '#include "%s"\n' wire.h >"$t/vpcd/slot.c"
	echo '#include "vicc/card.h"' >"$t/vicc/base/bytes.h"
	echo '#include <stdint.h>' >"$t/include/vicc/card.h"
	check_tree "$t"
	[ "$breaches" = 0 ] || { echo "floors.sh: refuses what is allowed"; exit 1; }
	echo '#include "model/card.h"' >"$t/vicc/base/up.c"
	echo '# include <openssl/evp.h>' >"$t/vicc/model/ssl.c"
	echo '#include "cards/npa/npa.h"' >"$t/vicc/cards/flex/sideways.c"
	echo '#include "cards/epass/epass.h"' >"$t/vicc/cards/eac/shared.c"
	echo '#include "cards/flex/flex.h"' >>"$t/vicc/cards/token/token.c"
	echo '#include "cards/flex/flex.h"' >"$t/vicc/iso/core.c"
	echo '#include "trace/trace.h"' >"$t/vicc/cli/trace.c"
	echo '#include "session/session.h"' >"$t/vicc/daemon/supervise.c"
	echo '#include "slot.h"' >"$t/vicc/driver.c"
	echo '#include "wire.h"' >"$t/vicc/cards/flex/wire.c"
	echo '#include "daemon/host.h"' >"$t/vicc/cards/flex/host.c"
	echo '#include "host.h"' >"$t/vicc/daemon/bare.c"
	echo '#include "../host.h"' >"$t/vicc/cards/dots.c"
	echo '#include "base/bytes.h"' >"$t/vpcd/guest.c"
	echo '#include <base/bytes.h>' >"$t/vpcd/brackets.c"
	echo '#include "base/bytes.h"' >>"$t/include/vicc/card.h"
	check_tree "$t" >/dev/null
	rm -r "$t"
	[ "$breaches" = 16 ] || { echo "floors.sh: saw $breaches of 16 breaches"; exit 1; }
}

[ $# -gt 0 ] || self_test
check_tree "${1-${top_srcdir-.}}"
[ "$breaches" = 0 ]
