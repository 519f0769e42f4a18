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

floor() { # folder below vicc: 0..4, the process itself 5
	case $1 in
	base) echo 0 ;; codec) echo 1 ;; crypto) echo 2 ;; model) echo 3 ;; cards) echo 4 ;; *) echo 5 ;;
	esac
}

# A card knows what every card has, its own files, and the card that it derives from.
card_may() { # file, included file, tree
	local me=${1##*/} it=${2##*/}
	me=${me%.*} it=${it%.*}
	case $it in card | contents | personal | registry | iso | iso_* | "${me%%_*}" | "${me%%_*}"_*) return 0 ;; esac
	[ "$me" = registry ] || grep -q "\.base *= *&${it}_type" "$3/$1"
}

check_vicc() { # file, include as written, tree
	local dir=${1#vicc/} to
	case $1 in vicc/*/*) dir=${dir%%/*} ;; *) dir=. ;; esac
	case $2 in
	*openssl/*) [ "$dir" = crypto ] || breach "$1" "$2" "only vicc/crypto may" ;;
	*..*) breach "$1" "$2" "written from vicc/ down, please" ;;
	\"vicc/card.h\") ;; # below all floors: what is installed for plug-ins
	\"*/*\")
		to=${2#\"} to=${to%%/*}
		if [ "$(floor "$to")" -gt "$(floor "$dir")" ] || [ ! -d "$3/vicc/$to" ]; then
			breach "$1" "$2" "that is not a lower floor"
		elif [ "$dir$to" = cardscards ] && ! card_may "$1" "${2//\"/}" "$3"; then
			breach "$1" "$2" "another card, and not its base"
		fi
		;;
	\"*\")
		to=${2//\"/}
		if [ ! -f "$3/${1%/*}/$to" ] && [ "$to" != config.h ]; then
			case $dir:$to in .:wire.h | .:net.h) ;; *) breach "$1" "$2" "not of its own folder" ;; esac
		elif [ "$dir" = cards ] && [ "$to" != config.h ] && ! card_may "$1" "$to" "$3"; then
			breach "$1" "$2" "another card, and not its base"
		fi
		;;
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
	mkdir -p "$t"/vpcd "$t"/vicc/{base,codec,crypto,model,cards} "$t/include/vicc"
	touch "$t"/vpcd/{wire,net,slot}.h "$t"/vicc/host.h "$t"/vicc/base/bytes.h \
		"$t"/vicc/model/fs.h "$t"/vicc/cards/{card,iso,flex,npa}.h
	printf '#include "%s"\n' base/bytes.h card.h iso.h flex.h >"$t/vicc/cards/flex.c"
	printf '#include "%s"\n' flex.h npa.h >"$t/vicc/cards/npa_pace.c"
	echo '	.base = &flex_type,' >>"$t/vicc/cards/npa_pace.c"
	printf '#include "%s"\n' wire.h host.h cards/card.h config.h >"$t/vicc/host.c"
	printf '#include <%s>\n' openssl/evp.h stdio.h >"$t/vicc/crypto/mac.c"
	printf '#include "%s"\n' wire.h >"$t/vpcd/slot.c"
	echo '#include "vicc/card.h"' >"$t/vicc/base/bytes.h"
	echo '#include <stdint.h>' >"$t/include/vicc/card.h"
	check_tree "$t"
	[ "$breaches" = 0 ] || { echo "floors.sh: refuses what is allowed"; exit 1; }
	echo '#include "model/fs.h"' >"$t/vicc/base/up.c"
	echo '# include <openssl/evp.h>' >"$t/vicc/model/ssl.c"
	echo '#include "npa.h"' >"$t/vicc/cards/sideways.c"
	echo '#include "slot.h"' >"$t/vicc/driver.c"
	echo '#include "wire.h"' >"$t/vicc/cards/wire.c"
	echo '#include "host.h"' >"$t/vicc/cards/host.c"
	echo '#include "../host.h"' >"$t/vicc/cards/dots.c"
	echo '#include "base/bytes.h"' >"$t/vpcd/guest.c"
	echo '#include <base/bytes.h>' >"$t/vpcd/brackets.c"
	echo '#include "base/bytes.h"' >>"$t/include/vicc/card.h"
	check_tree "$t" >/dev/null
	rm -r "$t"
	[ "$breaches" = 10 ] || { echo "floors.sh: saw $breaches of 10 breaches"; exit 1; }
}

[ $# -gt 0 ] || self_test
check_tree "${1-${top_srcdir-.}}"
[ "$breaches" = 0 ]
