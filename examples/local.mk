# SPDX-License-Identifier: LGPL-2.1-or-later
# Cards and middle-men of one's own, to begin with; tests/plugin.sh builds and runs them.

pluginexampledir = $(docdir)/examples/plugins
dist_pluginexample_DATA = examples/README.md examples/card.c examples/derived.c examples/verified.c examples/watch.c
dist_pluginexample_SCRIPTS = examples/verified.sh

containerexampledir = $(docdir)/examples/container
dist_containerexample_DATA = examples/container/Dockerfile examples/container/reader.conf \
	examples/container/one.yaml examples/container/two.yaml examples/container/ci.yaml
dist_containerexample_SCRIPTS = examples/container/run-with-card
