#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a client can ask of a reader, and the choice of a protocol.
. "${top_srcdir:-.}/tests/e2e/lib.sh"

# A text as an attribute has it.
hex()
{
	printf '%s\0' "$1" | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F
}

reader_add "$ENTRY" /dev/null:0x8C7B
pcscd_start

scene "an empty slot"
probe "$READER" direct "attr:VENDOR_NAME=$(hex vicc)" "attr:VENDOR_IFD_TYPE=$(hex vpcd)" \
	"attr:VENDOR_IFD_SERIAL_NO=$(hex listen:localhost:35963)" "attr:CHANNEL_ID=7B8CF000" \
	"attr:MAXINPUT=FFFF0000" attr:ICC_PRESENCE=00 attr:ICC_INTERFACE_STATUS=00 \
	attr:ASYNC_PROTOCOL_TYPES=00000100 "attr:DEVICE_FRIENDLY_NAME=$(hex "$READER")" \
	attr:VENDOR_IFD_VERSION=???????? "attr:MAX_CLK~E_UNSUPPORTED_FEATURE,E_NOT_TRANSACTED" disconnect
probe "$READER1" direct "attr:VENDOR_IFD_SERIAL_NO=$(hex listen:localhost:35964)" \
	"attr:CHANNEL_ID=7C8CF000" disconnect

scene "one with a card"
card_start card
probe "$READER" present connect:T1 attr:ATR_STRING=3B80800101 attr:ICC_PRESENCE=02 \
	attr:ICC_INTERFACE_STATUS=01 attr:ICC_TYPE_PER_ATR=01 attr:ASYNC_PROTOCOL_TYPES=03000100 \
	attr:CURRENT_PROTOCOL_TYPE=02000100

scene "Part 10: features and properties"
firmware=$(sed -n 's/^PACKAGE_STRING = //p' "$top_builddir/Makefile")
probe "$READER" connect control=120442330012 control:0x313520=120442330012 \
	"properties=0A04F6FF0000090100$(printf '08%02X' ${#firmware})$(hex "$firmware" | sed 's/00$//')" \
	"control:0x42000D48,5~E_INSUFFICIENT_BUFFER" "control:0x42330012,8~E_INSUFFICIENT_BUFFER" \
	"control:1~E_UNSUPPORTED_FEATURE,E_NOT_TRANSACTED,E_INVALID_VALUE" echo

scene "commands that are none, and the largest"
probe "$READER" connect "raw:0~E_INVALID_PARAMETER,E_NOT_TRANSACTED,E_INSUFFICIENT_BUFFER" raw:1=6700 echo \
	echo:65535 "raw:65536~E_NOT_TRANSACTED,E_INSUFFICIENT_BUFFER" "raw:65548~E_NOT_TRANSACTED,E_INSUFFICIENT_BUFFER" \
	echo ask:65535 ask:2 echo
job_said card "command of 13" 4
refuses grep -q "control [^012]" "$E2E_DIR/card.log"

scene "power and reset"
probe "$READER" connect echo disconnect:reset connect echo disconnect:unpower connect echo reconnect:reset echo \
	reconnect:unpower echo begin echo end
job_said card "control 0"
job_said card "control 2"
job_stop card
probe "$READER" absent

# ATR PROTOCOL...: a card of this ATR, and how connecting with each ends.
protocols()
{
	scene "protocols of $1"
	card_start card -a "$1"
	shift
	probe "$READER" present "$@"
	job_stop card
	probe "$READER" absent
}

protocols 3B00 connect:T0 protocol=T0 echo disconnect connect protocol=T0 echo disconnect \
	connect:T1~E_PROTO_MISMATCH
protocols 3B800181 connect:T1 protocol=T1 echo disconnect connect protocol=T1 echo disconnect \
	connect:T0~E_PROTO_MISMATCH
protocols 3B80800101 connect:T0 protocol=T0 attr:CURRENT_PROTOCOL_TYPE=01000100 echo disconnect:reset \
	connect:T1 protocol=T1 attr:CURRENT_PROTOCOL_TYPE=02000100 echo disconnect

scene "time runs out for a command, as the entry says"
pcscd_stop
reader_clear
reader_add "$ENTRY" listen:35963/timeout=3
pcscd_start
card_start slow from=2 late=60000
probe "$READER" present connect echo "echo~E_NOT_TRANSACTED" "echo~W_REMOVED_CARD,E_NO_SMARTCARD" absent
pcscd_logged "did not answer in time"
job_stop slow
