# SPDX-License-Identifier: LGPL-2.1-or-later
# Cards and middle-men of one's own, to begin with; tests/plugin.sh builds and runs them.

pluginexampledir = $(docdir)/examples/plugins
dist_pluginexample_DATA = examples/README.md examples/card.c examples/derived.c examples/verified.c examples/watch.c
dist_pluginexample_SCRIPTS = examples/verified.sh

# not installed: they are for who has the tree, and builds an image
EXTRA_DIST += examples/container/Dockerfile examples/container/reader.conf examples/container/run-with-card \
	examples/container/one.yaml examples/container/two.yaml examples/container/ci.yaml
