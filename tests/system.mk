# SPDX-License-Identifier: LGPL-2.1-or-later
# What lies around the programs on a system.

SCRIPT_TESTS += tests/plain_container.sh tests/pages.sh tests/completion.sh tests/units.sh tests/version.sh
EXTRA_DIST += tests/fresh/run tests/fresh/skips tests/packages/root.sh tests/packages/deb.sh tests/packages/rpm.sh tests/packages/container.sh tests/packages/units.sh tests/packages/role.sh
