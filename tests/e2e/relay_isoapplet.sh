#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# All that isoapplet.sh does, with a card that is relayed from the next slot; between its
# restarts the relay sees it leave and return.
export E2E_RELAY=1
. "${top_srcdir:-.}/tests/e2e/isoapplet.sh"
