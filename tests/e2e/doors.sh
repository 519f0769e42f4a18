#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Where a card can come in, and what an administrator gets to read about it.
. "${top_srcdir:-.}/tests/e2e/lib.sh"

# READER ARGUMENT...: a card there, which talks and leaves.
card_at()
{
	local reader=$1

	shift
	card_start visitor "$@"
	probe "$reader" present connect echo disconnect
	job_stop visitor
	probe "$reader" absent
}

# The timers of a card's connection that pcscd has taken there; none while all is acknowledged.
timers_are() # port, timers
{
	[ "$(ss -Htno state established sport = "$1" | sed 's/.*timer:(\([a-z]*\).*/\1/; t; s/.*/none/')" = "$2" ]
}

have_ipv6()
{
	[ -e /proc/net/if_inet6 ] && [ -n "$(cat /proc/net/if_inet6)" ]
}

scene "loopback is both families; the network is not"
ip link add dummy0 type dummy 2>/dev/null && ip addr add 192.0.2.1/24 dev dummy0 && ip link set dummy0 up || :
reader_add "$ENTRY" /dev/null:0x8C7B
pcscd_start
card_at "$READER" -H 127.0.0.1
if have_ipv6; then
	card_at "$READER" -H ::1
	card_at "$READER1" -H ::1 -p $((PORT + 1))
fi
if ip addr | contains 192.0.2.1; then
	refuses bash -c "exec 3<>/dev/tcp/192.0.2.1/$PORT" 2>/dev/null
fi

scene "a card on another machine is asked whether it is still there; one on this is not"
# the way to 192.0.2.3 begins at 192.0.2.4, as if they were two machines
if ip addr add 192.0.2.3/32 dev lo && ip addr add 192.0.2.4/32 dev lo &&
	ip route change local 192.0.2.3 dev lo table local src 192.0.2.4; then
	pcscd_stop
	reader_clear
	reader_add "$ENTRY" listen:@:40050/slots=1
	pcscd_start
	for host in 192.0.2.3 127.0.0.1; do
		card_start visitor -H "$host" -p 40050
		probe "$READER" present
		[ "$host" = 127.0.0.1 ] && timer=none || timer=keepalive
		until_true timers_are 40050 "$timer" || fail "$host: $(ss -Htno state established)"
		probe "$READER" connect echo disconnect
		job_stop visitor
		probe "$READER" absent
	done
	pcscd_stop
	reader_clear
	reader_add "$ENTRY" /dev/null:0x8C7B
	pcscd_start
fi

scene "a busy slot says so, once for each card that keeps it"
for round in 1 2; do
	card_start resident
	probe "$READER" present
	for _ in 1 2 3; do
		card_start late
		job_wait late
		job_said late "closed by the reader"
	done
	probe "$READER" connect echo
	job_stop resident
	probe "$READER" absent
	[ "$(pcscd_log_count "listen:localhost:35963: busy")" = "$round" ] || fail "busy: said more or less than once"
done
pcscd_stop

scene "several entries on one library, in every way of listening"
reader_clear
reader_add Zero listen:35963
reader_add One listen:127.0.0.1:40000/slots=1
reader_add Two listen:@:40010/slots=3
reader_add Three unix:/run/pcscd/vpcd.sock
reader_add Four unix:/run/pcscd/open.sock/mode=0660/group=root/slots=1
reader_add Five connect:127.0.0.1:40020
! have_ipv6 || reader_add Six listen:::1:40030/slots=1
! have_ipv6 || reader_add Seven '"listen:[::1]:40040/slots=1"'
pcscd_start
card_at "Zero 00 01" -p 35964
card_at "One 01 00" -p 40000
card_at "Two 02 02" -p 40012
card_at "Three 03 00" -u /run/pcscd/vpcd.sock
card_at "Three 03 01" -u /run/pcscd/vpcd.sock.1
card_at "Four 04 00" -u /run/pcscd/open.sock
card_at "Five 05 00" -l -p 40020
! ip addr | contains 192.0.2.1 || card_at "Two 02 00" -H 192.0.2.1 -p 40010
if have_ipv6; then
	card_at "Two 02 01" -H ::1 -p 40011
	card_at "Six 06 00" -H ::1 -p 40030
	card_at "Seven 07 00" -H ::1 -p 40040
fi
[ "$(stat -c %a /run/pcscd/vpcd.sock /run/pcscd/vpcd.sock.1 /run/pcscd/open.sock | tr '\n' ' ')" = "600 600 660 " ] ||
	fail "a socket has another mode"
! have_ipv6 || [ "$(readers | wc -l)" = 12 ] || fail "want 12 slots"

scene "all of them at once"
card_start a -p 35963 -i 1
card_start b -p 35964 -i 2
card_start c -u /run/pcscd/vpcd.sock.1 -i 3
card_start d -l -p 40020 -i 4
probe "Zero 00 00" present connect id:1 echo
probe "Zero 00 01" present connect id:2 echo
probe "Three 03 01" present connect id:3 echo
probe "Five 05 00" present connect id:4 echo
for name in a b c d; do
	job_stop "$name"
done

scene "stale unix sockets make way"
kill -KILL "$PCSCD_PID"
wait "$PCSCD_PID" 2>/dev/null || :
[ -S /run/pcscd/vpcd.sock ] || fail "no stale socket to try it with"
rm -f /run/pcscd/pcscd.pid /run/pcscd/pcscd.comm
pcscd_start
card_at "Three 03 00" -u /run/pcscd/vpcd.sock
pcscd_stop

scene "a port that is taken is said once, and tried again"
reader_clear
reader_add "$ENTRY" /dev/null:0x8C7B
card_start squatter -l
job_said squatter listening
pcscd_start
[ "$(readers)" = "$READER: empty
$READER1: empty" ] || fail "the reader has gone"
pcscd_logged "listen:localhost:35963: cannot listen: Address already in use"
card_at "$READER1" -p $((PORT + 1))
sleep 1.5 # by then it has tried again: after a second, DOOR_LISTEN_RETRY_MS
job_stop squatter
card_at "$READER"
[ "$(pcscd_log_count "cannot listen")" = 1 ] || fail "said more than once"
pcscd_stop

scene "one endpoint belongs to one entry"
reader_add Copy listen:localhost:35964/slots=1
pcscd_start
pcscd_logged "listen:localhost:35964: refused"
[ "$(readers)" = "$READER: empty
$READER1: empty" ] || fail "the second entry was not refused"
card_at "$READER1" -p $((PORT + 1))
pcscd_stop

scene "one port for three slots"
reader_clear
reader_add Shared listen:35963/slots=3/shared=1
pcscd_start
for id in 0 1 2; do
	card_start "card$id" -i "$id"
	probe "Shared 00 0$id" present connect "id:$id" echo disconnect
done
card_start surplus
job_wait surplus
job_said surplus "closed by the reader"
pcscd_logged "busy"
scene "the place that has become free is the next one's"
job_stop card1
probe "Shared 00 01" absent
card_start card3 -i 3
probe "Shared 00 01" present connect id:3 echo
for id in 0 2 3; do
	job_stop "card$id"
done
probe "Shared 00 00" absent
probe "Shared 00 02" absent
card_at "Shared 00 00"
pcscd_stop

scene "what a DEVICENAME says wrong gets one line, and pcscd lives"
reader_clear
reader_add Good listen:35963/slots=1
WRONG=(/dev/null:0 /dev/null:65536 /dev/null:0x8C7B/slots=0 /dev/null:0x8C7B/slots=17
	/dev/null:0x8C7B/colour=red listen:phone.local:1 listen:127.0.0.1:x unix:relative:1
	unix:/run/pcscd/a:b/mode=9 unix:/run/pcscd/a:b/group=nosuchgroup0 connect:@:35963 connect:a:b:c)
for name in "${WRONG[@]}"; do
	reader_add Wrong "$name"
done
pcscd_start
for name in "${WRONG[@]}"; do
	[ "$(grep -cF "DEVICENAME $name: " "$PCSCD_LOG")" = 1 ] || fail "$name: not one line about it"
done
[ "$(readers)" = "Good 00 00: empty" ] || fail "want the good one only"
card_at "Good 00 00"
pcscd_stop

scene "the entry that is shipped"
sed "s|^LIBPATH .*|LIBPATH $E2E_DIR/libifdvpcd.so|" "$top_builddir/reader.conf.d/vpcd" >"$READER_CONF"
grep -q '^LIBPATH  */.*/libifdvpcd.so$' "$top_builddir/reader.conf.d/vpcd" || fail "it names no library"
pcscd_start
[ "$(readers)" = "Virtual PCD 00 00: empty
Virtual PCD 00 01: empty" ] || fail "pcscd reads something else in it"
card_at "Virtual PCD 00 00" -p 35963
card_at "Virtual PCD 00 01" -p 35964
pcscd_stop

scene "and without a DEVICENAME"
printf 'FRIENDLYNAME "Channel"\nCHANNELID 40000\nLIBPATH %s/libifdvpcd.so\n' "$E2E_DIR" >"$READER_CONF"
pcscd_start
card_at "Channel 00 00" -p 40000
