# SPDX-License-Identifier: LGPL-2.1-or-later
# Cards and middle-men of one's own, to begin with; tests/plugin.sh builds and runs them.

pluginexampledir = $(docdir)/examples/plugins
dist_pluginexample_DATA = examples/README.md examples/card.c examples/derived.c examples/verified.c examples/watch.c
dist_pluginexample_SCRIPTS = examples/verified.sh

controlexampledir = $(docdir)/examples/control
dist_controlexample_DATA = examples/control/README.md
dist_controlexample_SCRIPTS = examples/control/steps.sh examples/control/client.py examples/control/garble.sh

kubernetesexampledir = $(docdir)/examples/kubernetes
dist_kubernetesexample_DATA = examples/kubernetes/pod.yaml

actionexampledir = $(docdir)/examples/action
dist_actionexample_DATA = examples/action/action.yml
gitlabexampledir = $(docdir)/examples/gitlab
dist_gitlabexample_DATA = examples/gitlab/gitlab-ci.yml

containerexampledir = $(docdir)/examples/container
dist_containerexample_DATA = examples/container/Dockerfile examples/container/reader.conf \
	examples/container/one.yaml examples/container/two.yaml examples/container/ci.yaml
dist_containerexample_SCRIPTS = examples/container/run-with-card examples/container/vicc-from-env

openscexampledir = $(docdir)/examples/opensc
dist_openscexample_DATA = examples/opensc/README.md
dist_openscexample_SCRIPTS = examples/opensc/run

# a role is a tree of folders
tmtexampledir = $(docdir)
nobase_dist_tmtexample_DATA = examples/tmt/plan.fmf examples/tmt/card.fmf examples/tmt/card.yml \
	examples/tmt/roles/vicc/defaults/main.yml examples/tmt/roles/vicc/handlers/main.yml examples/tmt/roles/vicc/tasks/main.yml
