#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Other people's cards and middle-men: the examples, made with what is installed and
# nothing else; and those that are wrong, crash, hang or answer nonsense.
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}"
top_srcdir=$(cd "$top_srcdir" && pwd) top_builddir=$(cd "$top_builddir" && pwd)
command -v pkg-config >/dev/null || { echo "SKIP: pkg-config is not installed"; exit 77; }
vicc=("$top_builddir/vicc/vicc")
read -ra cc < <(sed -n 's/^CC = //p' "$top_builddir/Makefile")
grep -q '^VICC_SANITIZE = .' "$top_builddir/Makefile" && vicc+=(--no-sandbox)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
examples=$top_srcdir/examples

fail() {
	echo "FAIL: $*"
	exit 1
}

# --- made with the header alone -------------------------------------------------

env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$top_builddir" DESTDIR="$dir/root" \
	install-viccincludeHEADERS install-nodist_pkgconfigDATA >"$dir/make" 2>&1 || fail "$(cat "$dir/make")"
cd "$dir"
export PKG_CONFIG_SYSROOT_DIR=$dir/root PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
PKG_CONFIG_PATH=$(dirname "$(find root -name vicc.pc)")
export PKG_CONFIG_PATH
read -ra flags < <(pkg-config --cflags vicc)
[ -n "${flags[*]}" ] || fail "pkg-config knows no flags"
case $(pkg-config --variable=plugindir vicc) in */vicc) ;; *) fail "pkg-config knows no plug-in folder" ;; esac

build() { # file, .so, flag...
	local in=$1 out=$2

	shift 2
	"${cc[@]}" -std=c11 -Wall -Wextra -Werror "${flags[@]}" -shared -fPIC "$@" -o "$out" "$in"
}
mkdir plugins
for name in card derived; do
	build "$examples/$name.c" "plugins/$name.so" -Wpedantic
done
for name in watch verified; do
	build "$examples/$name.c" "$name.so" -Wpedantic
done
cp "$examples/verified.sh" .

# short enough to be read: lines that are neither empty nor a comment
for name in card derived verified; do
	[ "$(grep -vcE '^[[:space:]]*$|^/\*|^ \*' "$examples/$name.c")" -le 30 ] || fail "$name.c has more than 30 lines"
done

# --- what they do ----------------------------------------------------------------

run() { # script's text, argument...
	local text=$1

	shift
	printf '%s\n' "$text" >x.apdu
	"${vicc[@]}" "$@" --script x.apdu >out 2>err
}
right() {
	run "$@" || fail "${*:2}: $(cat out err)"
}

counts='!atr 3B 84 80 01 6D 69 6E 65 0A
> 80 10 00 00 00
< 01 9000
> 80 10 00 00
< 02 9000
> 80 11 00 00
< 6D00
> 00 10 00 00
< 6D00
> 80 10 00
< 6700
!reset
> 80 10 00 00
< 03 9000'
right "$counts" -t ./plugins/card.so
right "$counts" --plugin-folder plugins -t card
right "$counts" --plugin-folder "$dir/plugins" -t card --mitm /bin/cat --mitm ./watch.so

derived='> 80 10 00 00 00
< 01 9000
> 80 10 00 00 00
< 02 9000
> 80 10 00 01 00
< 6A86
> 00 84 00 00 04
< 6700
> 00 84 00 00 08
< ?? ?? ?? ?? ?? ?? ?? ?? 9000
> 00 70 00 00 01
< 6D00
> 00 A4 00 0C ( 3F 00 )
< 9000'
right "$derived" -t ./plugins/derived.so
# what was kept is in its file
right "$derived" -t ./plugins/derived.so -f card.json
right $'> 80 10 00 00 00\n< 03 9000' -t ./plugins/derived.so -f card.json
right $'> 80 10 00 00 00\n< 04 9000' --plugin-folder plugins -t derived -f card.json
"${vicc[@]}" --check-image card.json >out 2>err || fail "$(cat err)"
# two applications on one card, new, kept and from its file
build "$top_srcdir/tests/cards/plugin/two.c" plugins/two.so
for file in '' 'two.json' 'two.json'; do
	"${vicc[@]}" -t ./plugins/two.so ${file:+-f "$file"} --script "$top_srcdir/tests/cards/plugin/two.apdu" >out 2>err ||
		fail "two.apdu: $(cat out err)"
done

"${vicc[@]}" --plugin-folder plugins --list-types >out || fail "--list-types"
for line in "^card  *counts (an example)$" "^derived  *a plain card that counts" "^iso7816 "; do
	grep -q "$line" out || fail "--list-types has no $line: $(cat out)"
done

# --- middle-men before a card, several of them --------------------------------------

verify='> 00 20 00 01 ( 39 39 39 39 )
< 9000
> 00 A4 00 0C ( 3F 00 )
< 9000'
run "$verify" && fail "any PIN is right, without a middle-man"
for man in ./verified.so ./verified.sh; do
	right "$verify" --mitm "$man"
	# next to the reader: sees what the other answered
	right "$verify" --mitm ./watch.so --mitm "$man"
	grep '^[<>]' err >seen || :
	printf '> 00 20 00 01\n< 90 00\n> 00 A4 00 0C\n< 90 00\n' | cmp -s - seen || fail "watch, $man: $(cat err)"
	grep -q 39 err && fail "watch shows data"
	# behind it: sees what is left
	right "$verify" --mitm "$man" --mitm ./watch.so
	grep '^[<>]' err >seen || :
	printf '> 00 A4 00 0C\n< 90 00\n' | cmp -s - seen || fail "$man, watch: $(cat err)"
	grep -q '^! power on$' err || fail "watch has seen no power: $(cat err)"
done

# --- what is refused, with one line ---------------------------------------------------

refused() { # words, argument...
	local words=$1 code=0

	shift
	"${vicc[@]}" "$@" --script x.apdu >out 2>err || code=$?
	[ "$code" = 2 ] || fail "$*: exit $code, $(cat err)"
	[ ! -s out ] && [ "$(wc -l <err)" = 1 ] && grep -q '^vicc: ' err || fail "$*: not one line: $(cat out err)"
	grep -qF -- "$words" err || fail "$*: want \"$words\", not $(cat err)"
}

# an application that is not there: file, line, and the file is left as it is
sed -i 's/"application": "second"/"application": "third"/' two.json
cp two.json before.json
"${vicc[@]}" -t ./plugins/two.so -f two.json --script "$top_srcdir/tests/cards/plugin/two.apdu" >out 2>err && fail "it was taken"
grep -qF 'two.json:32: application: no application "third" on a card of this type' err || fail "$(cat err)"
cmp two.json before.json || fail "an image that was refused is another one now"

cat >wrong.c <<'EOF'
#include <vicc/card.h>
#ifndef ABI
#define ABI VICC_ABI
#endif
#ifndef SIZE
#define SIZE sizeof(struct vicc_plugin)
#endif
#ifndef NAME
#define NAME "wrong"
#endif
#ifndef SUMMARY
#define SUMMARY "wrong"
#endif
#ifndef MEMORY
#define MEMORY sizeof(struct vicc_card)
#endif
#ifndef WHAT
#define WHAT .ops = &ops
#endif
static int32_t atr(struct vicc_card *c, struct vicc_buf *out) { (void)c; (void)out; return 0; }
static int32_t transmit(struct vicc_card *c, struct vicc_view v, struct vicc_buf *out)
{ (void)c; (void)v; (void)out; return 0; }
const struct vicc_card_ops ops = { .atr = atr, .transmit = transmit }, half = { .atr = atr };
const struct vicc_mitm_ops mitm = { .free = 0 };
static uint16_t fn(struct vicc_iso *c, const struct vicc_apdu *a, struct vicc_buf *r)
{ (void)c; (void)a; (void)r; return 0x9000; }
#ifndef ROW
#define ROW .name = "X"
#endif
const struct vicc_instr rows[] = { { .ins = 0x10, .fn = fn, ROW } };
#ifndef APPS
#define APPS { .name = "a" }
#endif
const struct vicc_algorithm numbers[] = { { .id = 5, .what = 99 } };
#define FOUR(what) what, what, what, what
#define CMAC { .id = 5, .what = VICC_ALGORITHM_CMAC }
#define MANY FOUR(FOUR(FOUR(FOUR(CMAC))))
const struct vicc_algorithm many[] = { MANY, CMAC, { .id = 0 } };
const struct vicc_application apps[] = { APPS };
static const struct vicc_plugin me = { .abi = ABI, .size = SIZE, .name = NAME, .summary = SUMMARY,
	.memory = MEMORY, WHAT };
const struct vicc_plugin *vicc_plugin(const struct vicc_services *s)
{
#ifdef NONE
	return s ? 0 : &me;
#else
	(void)s;
	return &me;
#endif
}
EOF
wrong() { # words, flag...
	local words=$1

	shift
	build wrong.c wrong.so "$@"
	refused "$words" -t ./wrong.so
}
rows='.base = "iso7816", .rows = rows, .n_rows = 1'
wrong "made for ABI 3 of vicc/card.h, this vicc has ABI 2" -DABI=3
wrong "made for ABI 0 of" -DABI=0
wrong "describes itself in 8 bytes, ABI 2 wants" -DSIZE=8
wrong "describes itself in" "-DSIZE=sizeof(struct vicc_plugin)-1"
wrong "says that it cannot be used here" -DNONE
wrong "has no name" -DNAME=0
wrong "has no name" '-DNAME=""'
wrong "has no name" '-DNAME="A/B"'
wrong "has no summary" '-DSUMMARY="two\nlines"'
wrong "memory for no struct vicc_card" -DMEMORY=1
wrong "bytes for each card: at most" -DMEMORY=1u\<\<30
wrong "is not one of three" -DWHAT=.ops=0
wrong "is not one of three" "-DWHAT=.ops = &ops, .mitm = &mitm"
wrong "has no atr, or no transmit" "-DWHAT=.ops = &half"
wrong "has rows, algorithms or an ATR, but no base" "-DWHAT=.ops = &ops, .rows = rows, .n_rows = 1"
wrong "is derived from \"plain\", which is no type with a table" '-DWHAT=.base = "plain"'
wrong "which is no type with a table" '-DWHAT=.base = "relay"'
wrong "has 4097 rows at" '-DWHAT=.base = "iso7816", .rows = rows, .n_rows = 4097'
wrong "has 1 rows at" '-DWHAT=.base = "iso7816", .n_rows = 1'
wrong "has no right ATR" "-DWHAT=$rows, .atr = { (const uint8_t *)\"\\x3b\", 1 }"
wrong "has no name for instruction 10" "-DWHAT=$rows" -DROW=.name=0
wrong "which this vicc does not know" "-DWHAT=$rows" '-DROW=.name = "X", .flags = 0x8000'
wrong "which its mask" "-DWHAT=$rows" '-DROW=.name = "X", .cla = 0x80'
wrong "in what is reserved" "-DWHAT=$rows" '-DROW=.name = "X", .reserved2 = 1'
apps="$rows, .applications = apps, .n_applications"
wrong "has an application without a name" "-DWHAT=$apps = 1" '-DAPPS={ .memory = 1 }'
wrong 'has two applications "a"' "-DWHAT=$apps = 2" '-DAPPS={ .name = "a" }, { .name = "a" }'
wrong 'builds application a on "relay"' "-DWHAT=$apps = 1" '-DAPPS={ .name = "a", .base = "relay" }'
wrong "bytes for application a: at most" "-DWHAT=$apps = 1" '-DAPPS={ .name = "a", .memory = 1u << 30 }'
wrong "has flags 00008000 for application a" "-DWHAT=$apps = 1" '-DAPPS={ .name = "a", .flags = 0x8000 }'
wrong "has 1 rows at" "-DWHAT=$apps = 1" '-DAPPS={ .name = "a", .n_rows = 1 }'
wrong "has 33 applications: at most 32" "-DWHAT=$apps = 33" '-DAPPS={ .name = "a" }'
wrong "has 1 applications" "-DWHAT=.ops = &ops, .applications = apps, .n_applications = 1"
wrong "means by algorithm 05 what" "-DWHAT=$rows, .algorithms = numbers"
wrong "has more than 256 algorithms" "-DWHAT=$rows, .algorithms = many"
wrong "is a middle-man, not a card: use --mitm" "-DWHAT=.mitm = &mitm"
wrong "is a middle-man, and keeps nothing" '-DWHAT=.mitm = &mitm, .contents = "{}"'
# a later one that says more than is known here
build wrong.c wrong.so "-DSIZE=sizeof(struct vicc_plugin)+16" "-DWHAT=$rows"
right $'> 00 10 00 00\n< 9000' -t ./wrong.so

echo 'int nothing;' >none.c
build none.c none.so
refused "is no plug-in: it has no vicc_plugin()" -t ./none.so
refused "is no plug-in: it has no vicc_plugin()" --mitm ./none.so
echo "no shared object" >text.so
refused "./text.so cannot be loaded: " -t ./text.so
refused "./nowhere.so cannot be loaded: " -t ./nowhere.so
refused 'there is no card type "nowhere"' --plugin-folder plugins -t nowhere
refused "is a card, not a middle-man: use --type" --mitm ./plugins/card.so
refused "is a middle-man, not a card: use --mitm" -t ./watch.so
refused "No such file" --mitm ./nowhere
refused "Permission denied" --mitm ./none.c
nine=()
for _ in 1 2 3 4 5 6 7 8 9; do
	nine+=(--mitm ./watch.so)
done
refused "--plugin-folder: write it before the -t that needs it" -t ./plugins/card.so --plugin-folder plugins
refused "a card has at most 8 middle-men" "${nine[@]}"
for n in 0 -1 600001 soon; do
	refused "is not a time" --mitm-deadline "$n"
done
# what is wrong in the folder is said where types are listed, and is no obstacle
cp text.so watch.so plugins
"${vicc[@]}" --plugin-folder plugins --list-types >out || fail "--list-types"
grep -q "^text  *cannot be used: plugins/text.so cannot be loaded" out || fail "$(cat out)"
grep -q "^card  *counts" out || fail "$(cat out)"
grep -q "^watch" out && fail "a middle-man is no type: $(cat out)"

# --- what goes wrong later -----------------------------------------------------------------

# Exit 1, one line that names it and says why, and no answer.
ends() { # name, words, argument...
	local name=$1 words=$2 code=0

	shift 2
	run $'> 00 A4 00 0C ( 3F 00 )\n< $x:* 9000\n!check $x\n!check {} 11' "$@" || code=$?
	[ "$code" = 1 ] || fail "$name: exit $code: $(cat out err)"
	[ "$(grep -cF -- "$name" err)" = 1 ] && grep -F -- "$name" err | grep -qF -- "$words" ||
		fail "$name: want \"$words\": $(cat out err)"
	grep -q "is not as expected\|all answered" out err && fail "$name: it has answered: $(cat out err)"
	return 0
}

cat >bad.c <<'EOF'
#include <stdlib.h>
#include <vicc/card.h>
static const struct vicc_services *vicc;
static volatile int *nowhere;
static volatile unsigned deep;
static int fall(int n) { volatile char room[4096]; room[0] = (char)n; return fall(n + 1) + room[0] + (int)deep; }
static int32_t act(struct vicc_card *m, struct vicc_view v, struct vicc_buf *out)
{
	(void)m; (void)v; (void)fall; (void)nowhere; (void)deep; (void)out; (void)vicc;
	ACT;
	return 0;
}
static int32_t atr(struct vicc_card *c, struct vicc_buf *out) { (void)c; vicc->put(out, "\x3b\x00", 2); return 0; }
const struct vicc_mitm_ops mitm = { .command = act };
const struct vicc_card_ops ops = { .atr = atr, .transmit = act };
const struct vicc_plugin *vicc_plugin(const struct vicc_services *s)
{
	static const struct vicc_plugin me = { .abi = VICC_ABI, .size = sizeof(me), .name = "bad", .summary = "bad",
		.memory = sizeof(struct vicc_card),
#ifdef CARD
		.ops = &ops
#else
		.mitm = &mitm
#endif
	};
#ifdef START
	START;
#endif
	vicc = s;
	return &me;
}
EOF
bad() { # words, act, argument...
	local words=$1 act=$2

	shift 2
	build bad.c bad.so "-DACT=$act" -Wno-infinite-recursion
	ends ./bad.so "$words" --mitm ./bad.so "$@"
}
# when it is loaded, there is no card yet
bad_start() { # words, act
	build bad.c bad.so -DACT= "-DSTART=$2" -Wno-infinite-recursion
	ends ./bad.so "$1" --mitm ./bad.so
	! "${vicc[@]}" --list-types -t ./bad.so >out 2>err || fail "listed: $(cat out err)"
	grep -qF "./bad.so $1" err || fail "$(cat out err)"
}
bad_start "has crashed (SIGSEGV): it cannot be used" "deep += (unsigned)*nowhere"
bad_start "has crashed (SIGABRT): it cannot be used" "abort()"
bad_start "does not come back: it cannot be used" "for (;;) deep++"
bad "has crashed (SIGSEGV): the card is gone" "return *nowhere"
bad "has crashed (SIGABRT): the card is gone" "abort()"
bad "has crashed (SIGSEGV): the card is gone" "return fall(0)"
bad "does not come back: the card is gone" "for (;;) deep++" --mitm-deadline 100
bad "has failed (-5): the card is gone" "return -5"
bad "returned 99" "return 99"
bad "answers without a status word" "return VICC_ANSWER"
bad "changes a command to an empty one" "return VICC_CHANGE"
bad "takes the card out" "return VICC_GONE"
# it is the one that is named, whoever else stands there
bad "has crashed (SIGSEGV)" "return *nowhere" --mitm ./watch.so --mitm /bin/cat

# a card: the same, or 6F00
build bad.c bad.so -DCARD -Wno-infinite-recursion "-DACT=return *nowhere"
ends "bad has" "bad has crashed (SIGSEGV): the card is gone" -t ./bad.so
build bad.c bad.so -DCARD -Wno-infinite-recursion "-DACT=return -5"
run '> 00 A4 00 0C' -t ./bad.so && fail "a card that has failed answers"
build bad.c bad.so -DCARD -Wno-infinite-recursion "-DACT=return 0"
right $'> 00 A4 00 0C\n< 6F00' -t ./bad.so
grep -q "bad: its answer has no status word: 6F00" err || fail "$(cat err)"
build bad.c bad.so -DCARD -Wno-infinite-recursion \
	"-DACT=static uint8_t much[70000]; vicc->put(out, much, sizeof(much)); return 0"
right $'> 00 A4 00 0C\n< 6F00' -t ./bad.so
build wrong.c wrong.so
run '!atr 3B 00' -t ./wrong.so && fail "no ATR is an ATR"
grep -q "its ATR is not valid" err || fail "$(cat err)"
# a row that returns what is no status word
sed 's/return 0x9000/return 0x1234/' wrong.c >row.c
build row.c row.so "-DWHAT=$rows"
right $'> 00 10 00 00\n< 6F00' -t ./row.so
grep -q "X answered 1234, which is no status word" err || fail "$(cat err)"

program() { # words, shell text, argument...
	local words=$1

	printf '#!/bin/sh\nwhile read -r l; do case $l in ">"*) break;; esac; echo "$l"; done\n%s\n' "$2" >bad.sh
	chmod +x bad.sh
	shift 2
	ends ./bad.sh "$words" --mitm ./bad.sh "$@"
}
# shellcheck disable=SC2016
program "was ended by signal 11" 'kill -SEGV $$'
program "has ended with exit status 3" "exit 3"
program "has not answered within 2000 ms" "exec sleep 1000" --mitm-deadline 2000
program "has answered nonsense" "echo hello; read -r l"
program "answers without a status word" "echo '< 90'; read -r l"
program "more than one line" 'printf "< 9000\n< 9000\n"; read -r l'
program "takes the card out" "echo '!gone'; read -r l"
echo "no program" >none.sh
chmod +x none.sh
ends ./none.sh "cannot start the middle-man ./none.sh: Exec format error" --mitm ./none.sh
