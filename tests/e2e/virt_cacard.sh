#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vicc called virt_cacard, as test suites for smart cards at RHEL, SSSD and OpenSC call it: tokens of
# SoftHSM that become cards, without a sleep. What a unit of theirs passes on comes as arguments.
. "${top_srcdir:-.}/tests/e2e/lib.sh"
. "$top_srcdir/tests/e2e/opensc.sh"
tools softhsm2-util modutil openssl p11tool pkcs11-tool

SOFTHSM=$(find /usr/lib /usr/lib64 -name libsofthsm2.so -not -type l 2>/dev/null | head -n 1)
[ -n "$SOFTHSM" ] || skip "libsofthsm2.so is not installed"
PATTERN='(pkcs11:model=PKCS%2315%20emulated;manufacturer=Common%20Access%20Card;serial=.*)'

mkdir bin
ln -s "$(realpath "$top_builddir/vicc/vicc")" bin/virt_cacard
ALIAS=("$E2E_DIR/bin/virt_cacard")
[ -z "${E2E_VALGRIND:-}" ] || ALIAS=("${VICC[@]:0:4}" "${ALIAS[@]}")
# the filter of system calls lets no sanitizer look for leaks
[ -z "$SANITIZER" ] || export ASAN_OPTIONS=detect_leaks=0:exitcode=99

ms() { date +%s%3N; }

step() # name, command: what it takes
{
	local since

	since=$(ms)
	"${@:2}"
	figure "$1" $(($(ms) - since)) 1000 ms
}

# --- the suites' own steps

create() # folder, label, PIN
{
	mkdir -p "$1/tokens" "$1/db"
	printf 'directories.tokendir = %s/tokens/\nslots.removable = true\nobjectstore.backend = file\nlog.level = INFO\n' \
		"$1" >"$1/sofhtsm2.conf"
	export SOFTHSM2_CONF=$1/sofhtsm2.conf
	quietly softhsm2-util --init-token --free --label "$2" --so-pin 12345678 --pin "$3"
	quietly modutil -create -dbdir "sql:$1/db" -force
	quietly modutil -force -add 'SoftHSM PKCS#11' -dbdir "sql:$1/db" -libfile "$SOFTHSM"
}

make_id() # name, subject
{
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -subj "$2" -days 3650 -out "$1.crt" \
		-addext keyUsage=digitalSignature,keyEncipherment 2>>opensc.log
	openssl x509 -in "$1.crt" -outform der -out "$1.der"
}

enroll() # name, PIN, id, options
{
	quietly pkcs11-tool --module "$SOFTHSM" --slot-index 0 -w "$1.key" -y privkey --label test_key -p "$2" --set-id "$3" -d "$3" "${@:4}"
	quietly pkcs11-tool --module "$SOFTHSM" --slot-index 0 -w "$1.der" -y cert --label test_key -p "$2" --set-id "$3" -d "$3" "${@:4}"
}

# systemctl start and stop
insert() # name of the job, folder, options
{
	job_start "$1" env -C "$2" "${ALIAS[@]}" "${@:3}" '>>' /var/log/virt_cacard.debug '2>&1'
}

put_in() { insert card "$1" && probe "$READER" present; }

take_out()
{
	job_stop card
	[ "$JOB_STATUS" = 0 ] || fail "virt_cacard ended with $JOB_STATUS"
	probe "$READER" absent
}

urls() { p11tool --list-token-urls 2>>opensc.log | grep -oE "$PATTERN" || :; }
labels() { pkcs11-tool --module "$PKCS11" -L 2>>opensc.log | sed -n 's/.*token label *: //p'; }
one_url() { URL=$(urls) && [ "$(echo "$URL" | grep -c pkcs11)" = 1 ] || fail "URLs: $URL"; }
log_in()
{
	pkcs11-tool --module "$PKCS11" -O -l -p "$1" >told 2>&1 || fail "-O -l: $(cat told)"
	grep -q "Private Key Object; RSA" told && grep -q "Certificate Object; type = X.509 cert" told || fail "-O -l: $(cat told)"
	quietly pkcs11-tool --module "$PKCS11" -L --login --pin "$1"
}

store_of() { (cd "$1/tokens" && find . -type f -exec sha256sum {} + | sort); }

scautolib()
{
	scene "create, enroll, insert, URI, login, remove"
	step "create" create "$E2E_DIR/card1" sc1 123456
	make_id one "/CN=Some Body"
	step "enroll" enroll one 123456 0
	store_of card1 >before
	step "insert" put_in card1
	step "URI" one_url
	was=$URL
	[ "$(labels)" = "Some Body" ] || fail "labels: $(labels)"
	step "login" log_in 123456
	step "remove" take_out
	[ -z "$(urls)" ] || fail "it is still there: $(urls)"
	put_in card1
	one_url
	[ "$URL" = "$was" ] || fail "another URL: $URL, and was $was"
	pkcs11-tool --module "$PKCS11" -L --login --pin 111111 >told 2>&1 && fail "any PIN will do"
	grep -q CKR_PIN_INCORRECT told || fail "a wrong PIN: $(cat told)"
	log_in 123456
	store_of card1 | cmp - before || fail "the store was written"
}

use_url()
{
	scene "GnuTLS, by that URL"
	export GNUTLS_PIN=123456
	quietly p11tool --login --list-all "$URL"
	p11tool --export "$URL;object=CAC%20ID%20Certificate;type=cert" 2>>opensc.log | openssl x509 -outform der | cmp - one.der ||
		fail "another certificate"
	quietly p11tool --test-sign --login "$URL;object=CAC%20ID%20Certificate;type=private"
	pkcs11-tool --module "$PKCS11" --login --pin 123456 --test >test.log 2>&1 || fail "--test: $(cat test.log)"
	take_out
}

# sssd's helper, which says what SSSD would see.
p11_child_too()
{
	local lines mine

	has_p11_child || return 0
	scene "SSSD's p11_child"
	"$P11_CHILD" --pre --verify no_ocsp --ca_db "$E2E_DIR/one.crt" >told 2>>opensc.log || fail "p11_child: $(cat told)"
	mapfile -t lines <told
	[ "${lines[0]},${lines[1]},${lines[3]},${lines[4]}" = "0,Some Body,0001,CAC ID Certificate" ] || fail "p11_child: $(cat told)"
	mine=(--module_name "${lines[2]}" --token_name "${lines[1]}" --key_id "${lines[3]}" --label "${lines[4]}")
	printf 123456 | "$P11_CHILD" --auth --pin --verify no_ocsp --ca_db "$E2E_DIR/one.crt" "${mine[@]}" >told 2>>opensc.log ||
		fail "p11_child --auth: $(cat told)"
	[ "$(head -n 1 told)" = 0 ] || fail "p11_child --auth: $(cat told)"
	! printf wrongpin | "$P11_CHILD" --auth --pin --verify no_ocsp --ca_db "$E2E_DIR/one.crt" "${mine[@]}" >told 2>>opensc.log ||
		fail "any PIN will do: $(cat told)"
}

ends_with_one() # folder, what it says
{
	insert card "$1"
	job_wait card
	[ "$JOB_STATUS" = 1 ] || fail "it ended with $JOB_STATUS"
	[ "$(wc -l <card.log)" = 1 ] && grep -q "$2" card.log || fail "it says $(cat card.log), not $2"
}

sssd()
{
	scene "a token that is empty at first"
	create "$E2E_DIR/test_ca" sc_old 123456
	ends_with_one test_ca "no token in .*/test_ca/tokens/ has a certificate"
	rm -r test_ca/tokens
	mkdir test_ca/tokens
	ends_with_one test_ca "no token in"
	quietly softhsm2-util --init-token --free --label sc_test --so-pin 12345678 --pin 123456
	make_id two "/O=Example Test/CN=Test Cert"
	quietly pkcs11-tool --module "$SOFTHSM" --login --pin 123456 --write-object two.key --type privkey --id 01
	quietly pkcs11-tool --module "$SOFTHSM" --login --pin 123456 --write-object two.der --type cert --id 01
	put_in test_ca
	[ "$(labels)" = "Test Cert" ] || fail "labels: $(labels)"
	log_in 123456
	take_out
}

count_is() { [ "$(labels | grep -c .)" = "$1" ]; }

# A supervisor that reads the store anew has a filter, too; so have its cards.
confined()
{
	local pid

	[ -z "$SANITIZER" ] && [ -z "${E2E_VALGRIND:-}" ] || return 0
	for pid in "${JOBS[card]}" $(pgrep -P "${JOBS[card]}"); do
		grep -q '^Seccomp:.2$' "/proc/$pid/status" || fail "process $pid has no filter: $(ps -fp "$pid")"
	done
}

signals()
{
	scene "out and in again by signals, with what the store has then"
	export SOFTHSM2_CONF=$E2E_DIR/test_ca/sofhtsm2.conf
	put_in test_ca
	quietly "${ALIAS[@]}" -r -p "${JOBS[card]}"
	probe "$READER" absent
	[ -z "$(labels)" ] || fail "labels: $(labels)"
	make_id three "/CN=Third"
	enroll three 123456 00
	quietly "${ALIAS[@]}" -i -p "${JOBS[card]}"
	probe "$READER" present
	[ "$(labels)" = "Third" ] || fail "labels: $(labels)"
	confined
	log_in 123456
	scene "two of them"
	# shellcheck disable=SC2030 # for this one alone
	(export SOFTHSM2_CONF=$E2E_DIR/card1/sofhtsm2.conf && exec env -C card1 "${ALIAS[@]}" -s 1) >second.log 2>&1 &
	JOBS[second]=$!
	probe "$READER1" present
	[ "$(labels | sort | paste -sd,)" = "Some Body,Third" ] || fail "labels: $(labels)"
	[ "$(pkcs11-tool --module "$PKCS11" -L 2>>opensc.log | grep "serial num" | sort -u | wc -l)" = 2 ] || fail "one serial number"
	kill -USR1 "${JOBS[second]}"
	probe "$READER1" absent
	[ "$(labels)" = Third ] || fail "labels: $(labels)"
	quietly "${ALIAS[@]}" -r
	probe "$READER" absent
	quietly "${ALIAS[@]}" -i
	probe "$READER" present
	probe "$READER1" present
	job_stop second
	take_out
	refuses "${ALIAS[@]}" -i 2>told
	grep -q "no process of that name" told || fail "said: $(cat told)"
	# a store that is empty when the card is put back: it ends, and a unit may start it again
	put_in test_ca
	rm -r test_ca/tokens/*
	kill -USR2 "${JOBS[card]}"
	job_wait card
	[ "$JOB_STATUS" = 1 ] || fail "it ended with $JOB_STATUS"
}

# Whatever SoftHSM has half done: what it has done before is a card.
written_meanwhile()
{
	local tool=(pkcs11-tool --module "$SOFTHSM" --login --pin 123456 --id 07)

	scene "SoftHSM writes to the store while it is read"
	# shellcheck disable=SC2031
	export SOFTHSM2_CONF=$E2E_DIR/card1/sofhtsm2.conf
	# shellcheck disable=SC2016
	job_start writer bash -ec 'while [ ! -e enough ]; do
		"$@" --write-object three.der --type cert && "$@" --delete-object --type cert && echo again
	done' - "${tool[@]}"
	for _ in 1 2 3 4 5; do
		job_said writer again $(($(grep -c again writer.log || :) + 1))
		put_in card1
		log_in 123456
		take_out
	done
	touch enough
	job_wait writer
	[ "$JOB_STATUS" = 0 ] || fail "the writer ended with $JOB_STATUS: $(cat writer.log)"
}

manual()
{
	scene "the example of virt_cacard(1)"
	mkdir manual
	example virt_cacard.1 EXAMPLES | sed "s,^virt_cacard &,exec ${ALIAS[*]}," >manual/block
	grep -q "^exec" manual/block || fail "another example: $(cat manual/block)"
	[ -e /usr/lib/softhsm/libsofthsm2.so ] || sed -i "s,/usr/lib/softhsm/libsofthsm2.so,$SOFTHSM," manual/block
	job_start card env -C manual bash -e block
	probe "$READER" present
	[ "$(labels)" = me ] || fail "labels: $(labels)"
	log_in 123456
	take_out
}

# Killed, it leaves no process, and the card is out.
killed()
{
	scene "kill -9"
	# shellcheck disable=SC2031
	export SOFTHSM2_CONF=$E2E_DIR/card1/sofhtsm2.conf
	put_in card1
	job_stop card KILL
	probe "$READER" absent
}

# Stores that are not as they should be: one line each, and the rest is a card.
hostile()
{
	local object victim line

	scene "stores that are cut short, of other ciphers, of others, or change"
	export SOFTHSM2_CONF=$E2E_DIR/card1/sofhtsm2.conf
	enroll two 123456 02
	cp -r card1/tokens good
	# shellcheck disable=SC2013 # names without spaces
	for victim in $(grep -lc "Example Test" card1/tokens/*/*.object); do
		object=${victim##*/}
		head -c 300 "$victim" >"cut" && cat cut >"$victim"
	done
	put_in card1
	grep -q "$object: cut short, or no object: left out" card.log || fail "said: $(cat card.log)"
	log_in 123456
	take_out
	rm -r card1/tokens && cp -r good card1/tokens
	ln -s /dev/zero card1/tokens/*/
	for victim in card1/tokens/*/; do
		ln -s /etc/passwd "$victim/link.object"
		mkfifo "$victim/pipe.object"
		head -c 1000000 /dev/zero >"$victim/large.object"
	done
	put_in card1
	for line in "link.object: Too many levels of symbolic links: left out" "pipe.object: Invalid argument: left out" \
		"large.object: File too large: left out"; do
		[ "$(grep -c "$line" card.log)" = 1 ] || fail "no \"$line\": $(cat card.log)"
	done
	log_in 123456
	take_out
	rm -r card1/tokens && cp -r good card1/tokens
	# of somebody else, to whom one without root's capabilities has no way
	ALIAS=(setpriv --inh-caps=-all --bounding-set=-all "${ALIAS[@]}")
	chmod 0 "$(grep -l "Example Test" card1/tokens/*/*.object | head -n 1)"
	put_in card1
	[ "$(grep -c "object: Permission denied: left out" card.log)" = 1 ] || fail "said: $(cat card.log)"
	log_in 123456
	take_out
	chmod 0 card1/tokens/*/token.object
	insert card card1
	job_wait card
	[ "$JOB_STATUS" = 1 ] && [ "$(wc -l <card.log)" = 2 ] || fail "it ended with $JOB_STATUS: $(cat card.log)"
	chmod 0 card1/tokens
	ends_with_one card1 "the tokens of SoftHSM in .*/card1/tokens/: Permission denied"
	chmod 700 card1/tokens
	chmod 600 card1/tokens/*/*.object
	sed -i 's/backend = file/backend = db/' card1/sofhtsm2.conf
	ends_with_one card1 "objectstore.backend is db: only \"file\" can be read"
	SOFTHSM2_CONF=$E2E_DIR/nowhere.conf
	ends_with_one card1 "nowhere.conf: No such file"
	SOFTHSM2_CONF=$E2E_DIR/card1/sofhtsm2.conf
	sed -i 's/backend = db/backend = file/' card1/sofhtsm2.conf
	for victim in card1/tokens/*/token.object; do
		head -c 200 "$victim" >"cut" && cat cut >"$victim"
	done
	insert card card1
	job_wait card
	[ "$JOB_STATUS" = 1 ] && [ "$(wc -l <card.log)" = 2 ] || fail "it ended with $JOB_STATUS: $(cat card.log)"
}

reader_add "$ENTRY" "/dev/null:$PORT"
pcscd_start
"${ALIAS[@]}" -h | contains "^usage: virt_cacard" || fail "-h"
"${ALIAS[@]}" '-?' >told || fail "-?"
refuses "${ALIAS[@]}" -s 4 2>told
refuses "${ALIAS[@]}" --type cac 2>told
scautolib
p11_child_too
use_url
sssd
signals
written_meanwhile
killed
hostile
manual
pcscd_lives
