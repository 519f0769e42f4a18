#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The pages have every type and option that there is, and none that there is not; what
# vicc.conf(5) shows as a configuration is one; what README and its kin link to is there.
set -eu -o pipefail
: "${top_srcdir:=.}" "${top_builddir:=.}"
vicc=$(cd "$top_builddir" && pwd)/vicc/vicc
top=$(cd "$top_srcdir" && pwd)
pages=$top/vicc/man
vicc_run=$vicc-run
plain=()
! grep -q '^VICC_SANITIZE = .' "$top_builddir/Makefile" || plain=(--no-sandbox)
export PCSCLITE_CSOCK_NAME=/nonexistent/pcscd.comm
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

fail()
{
	echo "FAIL: $*"
	exit 1
}

alike() # what, wanted, got
{
	diff "$2" "$3" || fail "$1 there are (<), and those of the page (>)"
}

"$vicc" --plugin-folder /nonexistent --list-types | sed 's/ .*//' | sort >types
[ "$(wc -l <types)" -ge 6 ] || fail "where are the types?"
sed -n 's/^\.Ss \([A-Za-z0-9_]*\)$/\1/p' "$pages/vicc-cards.7" | sort >sections
alike types types sections
while read -r type; do
	awk -v type="$type" '/^\.S[sh] / { here = $2 == type } here' "$pages/vicc-cards.7" >section
	for word in 'It ATR' 'It Used by' 'Bd -literal' "It Left out|It Commands"; do
		grep -qE "^\.($word)" section || fail "vicc-cards.7: .$word is missing of $type"
	done
done <types

# the fields that applications declare, and the words that those may be
grep -rhoE '_FIELD_[A-Z_]+ "[a-z_]+"|\.name = "[a-z_]+", \.kind = FIELD_' "$top/vicc/cards" | grep -o '"[a-z_]*"' | tr -d '"' | sort -u >fields
[ "$(wc -l <fields)" -ge 6 ] || fail "where are the fields?"
while read -r field; do
	grep -qE "^\.Cm $field( |\$)" "$pages/vicc-cards.7" || fail "vicc-cards.7: nothing about field $field"
done <fields

# those that head an entry; several types may have one of a name
"$vicc" --help | sed -nE 's/^ +(-[a-zA-Z], |)(--[a-z-]+).*/\2/p' | sort -u >options
[ "$(wc -l <options)" -gt 30 ] || fail "where are the options?"
grep "^\.It Fl" "$pages/vicc.1" | grep -oE "Fl -[a-z-]+" | sed "s/Fl -/--/" | sort -u >headings
alike options options headings
"${vicc%/*}/vicc-pad" --help | sed -nE 's/^ +(-[a-zA-Z], |)(--[a-z-]+).*/\2/p' | sort -u >options
[ "$(wc -l <options)" -gt 10 ] || fail "where are the options of vicc-pad?"
grep "^\.It Fl" "$pages/vicc-pad.1" | grep -oE "Fl -[a-z-]+" | sed "s/Fl -/--/" | sort -u >headings
alike options options headings
"$vicc_run" --help | sed -nE 's/^ +(--[a-z-]+).*/\1/p' | sort >options
[ "$(wc -l <options)" -ge 6 ] || fail "where are the options of vicc-run?"
grep "^\.It Fl" "$pages/vicc-run.1" | grep -oE "Fl -[a-z-]+" | sed "s/Fl -/--/" | sort >headings
alike "options of vicc-run" options headings

# viccctl's, and its verbs; those of the protocol
viccctl=$top_builddir/vicc/viccctl/viccctl
[ "${viccctl#/}" != "$viccctl" ] || viccctl=$OLDPWD/$viccctl
"$viccctl" --help | sed -nE 's/^ +(-[a-zA-Z], |)(--[a-z-]+).*/\2/p' | sort -u >options
grep "^\.It Fl" "$pages/viccctl.1" | grep -oE "Fl -[a-z-]+" | sed "s/Fl -/--/" | sort -u >headings
alike "viccctl's options" options headings
"$viccctl" --help | sed -nE 's/^  ([a-z]+)( .*|$)/\1/p' | sort -u >verbs
[ "$(wc -l <verbs)" -ge 10 ] || fail "where are the verbs?"
sed -nE 's/^\.It Cm ([a-z]+).*/\1/p' "$pages/viccctl.1" | sort -u >headings
alike "viccctl's verbs" verbs headings
sed -n '/struct verb control_verbs/,/^};/p' "$top/vicc/control/verbs.c" | sed -nE 's/^\t\{ "([a-z]+)",.*/\1/p' | sort >verbs
[ "$(wc -l <verbs)" -ge 9 ] || fail "where are the verbs?"
awk '/^\.Sh / { here = $2 == "VERBS" } here && /^\.It Cm/ { print $3 }' "$pages/vicc-control.7" | sort >headings
alike "verbs of the protocol" verbs headings
sed -n '/struct verb pad_verbs/,/^};/p' "$top/vicc/pad/control.c" | sed -nE 's/^\t\{ "([a-z]+)",.*/\1/p' | grep -vE '^(subscribe|unsubscribe|tie|quit)$' | sort >verbs
[ "$(wc -l <verbs)" = 4 ] || fail "where are the verbs of a PIN pad?"
awk '/^\.Sh / { here = $2 == "PIN" } here && /^\.It Cm/ { print $3 } /^Its events/ { here = 0 }' "$pages/vicc-control.7" | sort >headings
alike "verbs of a PIN pad" verbs headings

# Each is run with a script instead of a reader; what it may lack is somebody's key.
n=0
: >none.apdu
awk '/^\.Sh / { here = /EXAMPLES/ } /^\.Ed/ { text = 0 } here && text { print >n ".conf" }
	/^\.Bd -literal/ { text = 1; n++ }' "$pages/vicc.conf.5"
for conf in *.conf; do
	! grep -q '^\[Service\]' "$conf" || continue
	n=$((n + 1))
	grep -qE '^type ' "$conf" || fail "$conf is no configuration"
	sed -i '/^trace /d' "$conf" # of a conversation that there is none of
	status=0
	"$vicc" --script none.apdu "${plain[@]}" --config "$conf" >said 2>&1 || status=$?
	[ "$status" = 0 ] || { [ "$status" = 1 ] && grep -q 'No such file' said && grep -q '^import ' "$conf"; } ||
		fail "$conf: $(cat "$conf" said)"
done
[ "$n" -ge 3 ] || fail "where are the examples?"
printf 'slot one\n' >wrong.conf
status=0
"$vicc" --script none.apdu "${plain[@]}" --config wrong.conf >said 2>&1 || status=$?
[ "$status" = 2 ] && grep -q 'wrong.conf:1: ' said || fail "what is wrong is taken"

# of a link into a text, the heading, as it is written in links
n=0
for text in "$top"/*.md "$top"/doc/*.md "$top"/examples/*.md; do
	mapfile -t links < <(grep -oE '\]\([^) ]+\)' "$text" | sed 's/^](//; s/)$//')
	for link in "${links[@]}"; do
		case $link in *://*) continue ;; esac
		to=$(dirname "$text")/${link%%#*}
		[ -e "$to" ] || fail "${text##*/}: $link leads nowhere"
		[[ $link != *'#'* ]] || grep -qxF -- "${link#*#}" <(sed -n 's/^#* //p' "$to" | tr 'A-Z ' 'a-z-') ||
			fail "${text##*/}: $link is no heading"
		n=$((n + 1))
	done
done
[ "$n" -ge 10 ] || fail "where are the links?"
# README and doc are installed beside each other, and nothing else of the sources is
! grep -noE '\]\([^)#]*' "$top/README.md" | grep -v '](doc/' || fail "README.md: a link that is dead where README.md is installed"
! grep -noE '\]\(\.\./[^)#]*' "$top"/doc/*.md | grep -vE 'examples/(action|container|gitlab|kubernetes|tmt)|README\.md' ||
	fail "doc: a link that is dead where the pages are installed"
grep -q '^| READ 256, p50 | [0-9.]* | at most ' "$top/doc/speed.md" || fail "no figures in speed.md"
