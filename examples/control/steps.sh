#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A card that a test commands: vicc-run -t myeid -- ./steps.sh
set -eu

# The card is in: vicc-run has waited for it. Now it is taken out and put back.
viccctl remove
viccctl insert
opensc-tool --atr

# Each test begins with the same card.
viccctl snapshot clean

# Power fails in the next VERIFY, when the try is counted and nothing else. The client
# sees a card that has gone; afterwards the card has one try less.
viccctl tear commit 1 --on 20
opensc-tool --send-apdu 00:20:00:01:08:31:31:31:31:31:31:31:31 || echo "the client has lost the card"
viccctl wait in
viccctl --json status | grep -o '"torn":[0-9]*'

# One answer in five is late, or has a wrong bit: the same ones each time.
viccctl delay 20 --rate 1/5 --seed 1
viccctl flip --rate 1/5 --seed 2 --on B0
opensc-tool --list-files || echo "the client has noticed"
viccctl faults
viccctl clear

# Back to where it began.
viccctl remove
viccctl restore clean
viccctl insert
viccctl status
