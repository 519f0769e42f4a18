#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vicc-image(5) names every key and word that vicc knows, and its example works.
set -eu
: "${top_srcdir:=.}" "${top_builddir:=.}"
page=$top_srcdir/vicc/man/vicc-image.5
vicc=("$top_builddir/vicc/vicc" --quiet)
grep -q '^VICC_SANITIZE = .' "$top_builddir/Makefile" && vicc+=(--no-sandbox)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

missing=0
for word in $(sed -n -e 's/^\t{ \(\.name = \)\{0,1\}"\([a-z0-9_]*\)".*/\2/p' \
		"$top_srcdir"/vicc/image/read*.c "$top_srcdir/vicc/image/words.c") \
	    $(sed -n -e '/image_words*\b/d' -e '/^const char/,/^};/s/[^"]*"\([A-Za-z0-9_]*\)"[^"]*/\1 /gp' \
		"$top_srcdir/vicc/image/words.c" | tr -d '{};,'); do
	if ! grep -Eq "(^|[^A-Za-z0-9_])_?$word([^A-Za-z0-9_]|\$)" "$page"; then
		echo "$page: nothing about $word"
		missing=$((missing + 1))
	fi
done
[ "$missing" = 0 ]

sed -n '/^\.Bd -literal/,/^\.Ed/p' "$page" | sed '/^\./d' >"$dir/card.json"
if "${vicc[@]}" --check-image "$dir/card.json" >"$dir/out" 2>&1; then
	echo "a file that is named and is not there was not missed"
	exit 1
fi
grep -q 'card.json:[0-9]*: contents: secret.txt: No such file' "$dir/out"
printf 'a secret' >"$dir/secret.txt"
"${vicc[@]}" --check-image "$dir/card.json" | tee "$dir/out"
grep -q '^  0001 transparent, activated, 8 bytes$' "$dir/out"
grep -q '^file, not read yet: secret.txt$' "$dir/out"
# not even opened to be read, and nothing of an image reaches the terminal that moves it
chmod 0 "$dir/secret.txt"
"${vicc[@]}" --check-image "$dir/card.json" >/dev/null
chmod 600 "$dir/secret.txt"
printf '{"format":1,"type":"x\\u001b]0;pwned\\u0007\\u009b31mred","mf":{}}' >"$dir/esc.json"
"${vicc[@]}" --check-image "$dir/esc.json" >"$dir/out"
grep -q 'a card of type x?\]0;pwned???31mred' "$dir/out"
if "${vicc[@]}" -t iso7816 -f "$dir/esc.json" --volatile --script /dev/null 2>"$dir/out"; then
	echo "the image of another type was taken"
	exit 1
fi
grep -q 'start it with -t x?\]0;pwned???31mred$' "$dir/out"
cat >"$dir/card.apdu" <<'END'
> 00 A4 02 0C ( 00 01 )
< 9000
> 00 B0 00 00 00
< 6982
> 00 20 00 01 ( 31 32 33 34 )
< 9000
> 00 B0 00 00 00
< 61 20 73 65 63 72 65 74 9000
> 00 D6 00 00 ( 00 )
< 6982
END
"${vicc[@]}" -t iso7816 -f "$dir/card.json" --script "$dir/card.apdu"
# what was fetched is inside now
rm "$dir/secret.txt"
if grep -E 'random:|file:' "$dir/card.json"; then
	echo "was not kept inside"
	exit 1
fi
"${vicc[@]}" -t iso7816 -f "$dir/card.json" --script "$dir/card.apdu"

# what the page says is the default: with it and without it the card is the same
defaults=$(sed -n '/^\.Ss Defaults/,/^\.El/p' "$page")
for row in "memory Ta 262144" "life Ta Li activated" "coding Ta 21" "min Ta 4" "max Ta 8" "padding Ta Li none" \
	"tries_max Ta 3" "change , unblock , disable Ta Qq never" "tries_max Ta 0, no limit" "use , manage Ta Qq always"; do
	grep -qF "Cm $row" <<<"$defaults" || { echo "$page: no default: $row" && exit 1; }
done
cat >"$dir/said.json" <<'END'
{
	"format": 1, "type": "iso7816", "serial": "0102030405060708"
	, "memory": 262144
	, "pins": [ { "ref": 1, "value": "text:1234", "puk": "text:12345678"
		, "min": 4, "max": 8, "padding": "none", "tries": 3, "tries_max": 3
		, "life": "active", "change": "never", "unblock": "never", "disable": "never"
		, "puk_min": 4, "puk_max": 8, "puk_padding": "none", "puk_tries": 3, "puk_tries_max": 3
	} ]
	, "keys": [ { "ref": 1, "kind": "aes", "value": "00112233445566778899AABBCCDDEEFF"
		, "tries": 0, "tries_max": 0, "use": "always", "manage": "always"
	} ]
	, "mf": { "files": [ { "fid": "0001", "structure": "linear_fixed", "record_size": 2, "records_max": 1
		, "coding": "21", "life": "activated"
	} ] }
}
END
grep -vE '"(memory|min|life|puk_min|coding)":|^		, "tries"' "$dir/said.json" >"$dir/unsaid.json"
[ "$(wc -l <"$dir/said.json")" = "$(($(wc -l <"$dir/unsaid.json") + 6))" ]
printf '> 00 20 00 01 ( "9999" )\n< 63C2\n' >"$dir/defaults.apdu"
for name in said unsaid; do
	"${vicc[@]}" -t iso7816 -f "$dir/$name.json" --script "$dir/defaults.apdu"
done
diff "$dir/said.json" "$dir/unsaid.json"
