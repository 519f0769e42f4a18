# SPDX-License-Identifier: LGPL-2.1-or-later
# Cards and middle-men of other people.

SCRIPT_TESTS += tests/header.sh tests/plugin.sh
E2E_TESTS += tests/e2e/plugin.sh
