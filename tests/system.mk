# SPDX-License-Identifier: LGPL-2.1-or-later
# What lies around the programs on a system.

SCRIPT_TESTS += tests/units.sh tests/completion.sh
EXTRA_DIST += tests/packages/root.sh tests/packages/deb.sh
