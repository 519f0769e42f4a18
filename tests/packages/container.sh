#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# ./dev container: what examples/container and examples/kubernetes say, with podman and
# buildah, as their users say it: the image is built by its Dockerfile, on Debian 12 and 13,
# and run; the compose files and the pod are started. The engine has its own storage below
# FOLDER, and no network but for the build. 77 where there is no engine.
set -eu -o pipefail
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"

[ $# = 2 ] || { echo "usage: container.sh FOLDER-OF-PACKAGES FOLDER" >&2 && exit 2; }
debs=$(cd "$1" && pwd)
mkdir -p "$2"
work=$(cd "$2" && pwd)
examples=$top_srcdir/examples/container

for tool in podman buildah podman-compose runc catatonit debootstrap; do
	command -v $tool >/dev/null || { echo "SKIP: no $tool here" && exit 77; }
done

fail() { echo "FAIL: $*" && exit 1; }
scene() { echo "--- $*"; }

until_true() {
	local end=$((SECONDS + 60))

	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

# --- the engine -----------------------------------------------------------------------------

# What a machine without systemd and without a registry needs; it takes nothing of the user's.
export CONTAINERS_CONF=$work/containers.conf CONTAINERS_STORAGE_CONF=$work/storage.conf
cat >"$CONTAINERS_CONF" <<-END
	[containers]
	default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
	[engine]
	cgroup_manager = "cgroupfs"
	runtime = "runc"
	events_logger = "file"
END
cat >"$CONTAINERS_STORAGE_CONF" <<-END
	[storage]
	driver = "overlay"
	graphroot = "$work/storage"
	runroot = "$work/run"
END

clean() {
	podman rm --force --all --time 0 >/dev/null 2>&1 || :
	podman pod rm --force --all >/dev/null 2>&1 || :
	podman volume rm --force --all >/dev/null 2>&1 || :
}
trap clean EXIT

# A Debian as the engine's registry would have it.
base() { # version suite
	podman image exists "localhost/debian:$1" && return
	scene "debian:$1 ($2)"
	rm -rf "$work/base"
	unshare --mount --propagation private debootstrap --variant=minbase "$2" "$work/base" >"$work/base.log" 2>&1 ||
		{ tail "$work/base.log" && fail "debootstrap"; }
	tar -C "$work/base" --one-file-system -c . | podman import --change 'ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
		- "debian:$1" >>"$work/base.log" 2>&1 || { tail "$work/base.log" && fail "import"; }
	rm -rf "$work/base"
}

build() { # Debian's version
	rm -rf "$work/context"
	cp -r "$examples" "$work/context"
	cp "$debs"/v*_*.deb "$work/context/"
	buildah bud --layers --isolation chroot --network host --pull-never --format docker --build-arg DEBIAN="$1" \
		--build-arg VERSION="$(dpkg-deb -f "$work"/context/vicc_*.deb Version)" -t vicc "$work/context" >"$work/build.log" 2>&1 ||
		{ tail -n 30 "$work/build.log" && fail "the image is not built"; }
}

# --- words of the tests -----------------------------------------------------------------------

# As doc/containers.md has it: no network, nothing writable but what is named, no capability.
strictly=(--network none --read-only --read-only-tmpfs=false --tmpfs /tmp -v /run/pcscd --cap-drop ALL
	--security-opt no-new-privileges)

ends() { # status, arguments of podman run; what it says is in said
	local wanted=$1 status=0

	shift
	timeout 120 podman run --rm "$@" >"$work/said" 2>&1 </dev/null || status=$?
	sed -i '/unable to get systemd connection/d' "$work/said" # who would run health checks by the clock
	[ "$status" = "$wanted" ] || fail "exit $status, not $wanted: $* ($(cat "$work/said"))"
}

says() { # pattern
	grep -qE -- "$1" "$work/said" || fail "\"$1\" is not in: $(cat "$work/said")"
}

# Unlike grep -q it reads to the end: what writes into a pipe that is closed ends with an error.
contains() { [ "$(grep -c -- "$1")" -gt 0 ]; }

is_healthy() { podman healthcheck run "$1" >/dev/null 2>&1; }
has_card() { podman exec "$1" opensc-tool --list-readers 2>/dev/null | contains Yes; }
has_none() { ! has_card "$1"; }
exit_of() { podman wait "$1"; }

# podman-compose 1.0.3 adds a network of its own to network_mode: none, which podman refuses.
compose() { # file, words
	cat >"$work/podman" <<-'END'
		#!/bin/bash
		words=()
		[ "$1" != network ] || exit 0
		while [ $# -gt 0 ]; do
			case $1 in --net | --network-alias) shift 2 ;; *) words+=("$1") && shift ;; esac
		done
		exec podman "${words[@]}"
	END
	chmod +x "$work/podman"
	(cd "$work/context" && podman-compose --podman-path "$work/podman" -p vicc -f "$@") >"$work/said" 2>&1 </dev/null
}

ATR='^3b:8b:81:01:80:73:f6:a1:d8:65:4f:73:45:49:44:66'
CHALLENGE=(opensc-tool --reader 0 --send-apdu 0084000008)

# --- one container ----------------------------------------------------------------------------

one_container() {
	scene "one container: a command with a card"
	ends 0 "${strictly[@]}" -e VICC_TYPE=myeid vicc opensc-tool -a
	says "$ATR"
	ends 0 --network none vicc "${CHALLENGE[@]}"
	says 'SW1=0x90'
	ends 3 "${strictly[@]}" vicc bash -c 'exit 3'
	ends 127 "${strictly[@]}" vicc nobody-has-this
	# shellcheck disable=SC2016
	ends 0 "${strictly[@]}" vicc bash -c 'id -un; grep -E "^(CapBnd|NoNewPrivs)" /proc/self/status; ls -ld /cards; ! touch /etc/x 2>/dev/null
		cat /proc/net/tcp /proc/net/tcp6'
	says '^vicc$'
	says '^CapBnd:.0000000000000000$'
	says '^NoNewPrivs:.1$'
	! grep -q ' 0A 0' "$work/said" || fail "a port is open"

	scene "one container: options from the environment"
	ends 125 "${strictly[@]}" -e VICC_TYPE=nonsense vicc true
	says 'nonsense'
	ends 2 "${strictly[@]}" -e VICC_TIPE=piv vicc true
	says '^vicc-from-env: VICC_TIPE is no option'
	[ "$(wc -l <"$work/said")" = 1 ] || fail "not one line: $(cat "$work/said")"
	ends 2 "${strictly[@]}" -e VICC_VOLATILE=yes vicc true
	says 'want 1 or 0'
	ends 0 "${strictly[@]}" -e VICC_OPTIONS='-t myeid -t iso7816' vicc opensc-tool -l
	says '^1 *Yes'
	(umask 077; printf 'PIN1=123456\nPUK1=12345678\n' >"$work/pins")
	chmod 644 "$work/pins"
	ends 0 "${strictly[@]}" -v "$work/pins:/run/secrets/pins:ro" -e VICC_TYPE=piv -e VICC_GENERATE=9A=p256 \
		-e VICC_PIN_FILE=/run/secrets/pins vicc pkcs11-tool --module opensc-pkcs11.so --login --pin 123456 --test
	says 'No errors'

	scene "one container: what it lacks"
	# neither vicc-run with its namespaces nor vicc needs a capability
	ends 0 "${strictly[@]}" --entrypoint vicc-run vicc -t iso7816 -- true
	cat >"$work/no-filter.json" <<-'END'
		{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
		{ "names": ["seccomp"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1 },
		{ "names": ["prctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "args": [{ "index": 0, "value": 22, "op": "SCMP_CMP_EQ" }] } ] }
	END
	ends 1 "${strictly[@]}" --security-opt seccomp="$work/no-filter.json" --entrypoint vicc vicc -t iso7816
	says '^vicc: cannot shut itself in: .*; --no-sandbox goes without'
	[ "$(wc -l <"$work/said")" = 1 ] || fail "not one line: $(cat "$work/said")"
	ends 125 "${strictly[@]}" --security-opt seccomp="$work/no-filter.json" vicc true
	says '^vicc: cannot shut itself in'

	scene "one container: stopped, killed, started again; its health"
	podman run -d --name one "${strictly[@]}" -v cards:/cards -e VICC_TYPE=myeid -e VICC_FILE=/cards/card.json vicc >/dev/null
	until_true is_healthy one || fail "not healthy: $(podman logs one 2>&1)"
	podman exec one opensc-tool --reader 0 --serial >"$work/serial" 2>&1
	podman stop --time 20 one >/dev/null
	[ "$(exit_of one)" = 0 ] || fail "stopped: exit $(exit_of one)"
	podman start one >/dev/null
	until_true is_healthy one || fail "not healthy again: $(podman logs one 2>&1)"
	podman kill --signal KILL one >/dev/null
	[ "$(exit_of one)" = 137 ] || fail "killed: exit $(exit_of one)"
	podman start one >/dev/null
	until_true is_healthy one || fail "not healthy after a kill: $(podman logs one 2>&1)"
	podman exec one opensc-tool --reader 0 --serial 2>&1 | diff "$work/serial" - || fail "another card"
	# shellcheck disable=SC2016
	podman exec one sh -c 'for p in /proc/[0-9]*; do [ "$(cat "$p/comm")" != vicc ] || kill -KILL "${p#/proc/}"; done' || :
	until_true has_none one || fail "the card is still there"
	! is_healthy one || fail "healthy without a card"
	podman rm --force --time 0 one >/dev/null
	podman volume rm cards >/dev/null

	scene "one.yaml"
	compose one.yaml run --rm test || fail "$(cat "$work/said")"
	says OsEID
	compose one.yaml down --volumes || fail "$(cat "$work/said")"
}

# --- two --------------------------------------------------------------------------------------

two_containers() {
	local how serial

	scene "two.yaml: a reader, a card, a client"
	compose two.yaml up -d || fail "$(cat "$work/said")"
	until_true has_card vicc_reader_1 || fail "no card: $(podman logs vicc_reader_1 2>&1; podman logs vicc_card_1 2>&1)"
	podman exec vicc_reader_1 opensc-tool --reader 0 --name 2>&1 | contains OsEID || fail "another card"
	podman exec vicc_card_1 cat /proc/1/status | grep -E '^(Uid|CapBnd|NoNewPrivs|Seccomp):'
	podman exec vicc_card_1 cat /proc/1/status | contains '^CapBnd:.0000000000000000$' || fail "the card has capabilities"
	podman exec vicc_reader_1 cat /proc/1/status | contains '^CapBnd:.0000000000000000$' || fail "the reader has capabilities"
	! podman exec vicc_card_1 touch /etc/x 2>/dev/null || fail "what is to be read can be written"
	compose two.yaml run --rm client || fail "$(cat "$work/said")"
	says OsEID

	scene "two.yaml: the card, and the reader, end and return"
	serial=$(podman exec vicc_reader_1 opensc-tool --reader 0 --serial 2>&1)
	podman stop --time 20 vicc_card_1 >/dev/null
	[ "$(exit_of vicc_card_1)" = 0 ] || fail "the card: exit $(exit_of vicc_card_1)"
	until_true has_none vicc_reader_1 || fail "the card is still there"
	podman start vicc_card_1 >/dev/null
	until_true has_card vicc_reader_1 || fail "the card does not return"
	for how in TERM KILL; do
		podman kill --signal $how vicc_reader_1 >/dev/null
		exit_of vicc_reader_1 >/dev/null
		podman start vicc_reader_1 >/dev/null
		until_true has_card vicc_reader_1 || fail "SIG$how: no card: $(podman logs --tail 20 vicc_reader_1 2>&1)"
	done
	[ "$(podman exec vicc_reader_1 opensc-tool --reader 0 --serial 2>&1)" = "$serial" ] || fail "another card"
	compose two.yaml down --volumes || fail "$(cat "$work/said")"
}

# --- a pod --------------------------------------------------------------------------------------

# Podman 4 has no native sidecars: it waits for an init container to end. So here all containers
# begin together, and the test waits for its card, as it need not in a cluster.
without_sidecars() { # pod
	awk '/^  initContainers:/ { print "  containers:"; next } /^  containers:/ || /^      restartPolicy: Always/ { next }
		/command: \["opensc-tool", / { print "      command: [\"sh\", \"-c\", \"until opensc-tool --reader 0 --name; do sleep 0.2; done; exec sleep 1000\"]"; next }
		{ print }' "$1"
}

probe() { # container, the words of its startupProbe or readinessProbe
	podman exec "with-card-$1" "${@:2}"
}

a_pod() {
	local pod=$top_srcdir/examples/kubernetes/pod.yaml

	scene "pod.yaml"
	without_sidecars "$pod" >"$work/pod.yaml"
	podman kube play --network none "$work/pod.yaml" >"$work/said" 2>&1 || fail "$(cat "$work/said")"
	until_true probe reader test -S /run/pcscd/pcscd.comm || fail "no pcscd: $(podman logs with-card-reader 2>&1)"
	until_true probe card viccctl wait in || fail "no card: $(podman logs with-card-card 2>&1)"
	probe card viccctl status | tee "$work/said"
	says 'in, power|in'
	until_true eval 'podman logs with-card-test 2>&1 | contains OsEID' || fail "the test: $(podman logs with-card-test 2>&1)"
	probe card grep -q '^CapBnd:.0000000000000000$' /proc/1/status || fail "the card has capabilities"
	! probe card touch /etc/x 2>/dev/null || fail "what is to be read can be written"
	podman kube down "$work/pod.yaml" >/dev/null
	podman volume rm --force vpcd pcscd tmp >/dev/null 2>&1 || :
}

# --- the CI job -------------------------------------------------------------------------------

ci_job() { # Debian's version
	local ci=$work/ci

	scene "the steps of the CI job"
	grep -qx '    container: debian:12' "$examples/ci.yaml" || fail "ci.yaml: another container"
	rm -rf "$ci"
	mkdir -p "$ci/ci"
	cp "$debs"/v*_*.deb "$ci/ci/"
	awk -v to="$ci" '/^      - / { n += /name:/ } /^        run: \|/ { text = 1; next }
		text && /^          / { print substr($0, 11) >sprintf("%s/%d.sh", to, n); next } { text = 0 }' "$examples/ci.yaml"
	[ -e "$ci/2.sh" ] && [ ! -e "$ci/3.sh" ] || fail "ci.yaml: not two steps"
	podman run --rm --network host -v "$ci:/tree" -w /tree "debian:$1" bash -ec 'bash -e 1.sh && bash -e 2.sh' >"$work/said" 2>&1 ||
		{ tail -n 30 "$work/said" && fail "ci.yaml"; }
	says 'Signature Verified Successfully'
}

# The steps of the composite action, which take their inputs from the environment.
action() { # Debian's version
	local steps=$work/action

	scene "the composite action"
	rm -rf "$steps"
	mkdir -p "$steps/ci"
	cp "$debs"/v*_*.deb "$steps/ci/"
	awk -v to="$steps" '/^    - name: / { n++ } /^      run: \|/ { text = 1; next } text && /^        / { print substr($0, 9) >sprintf("%s/%d.sh", to, n); next }
		{ text = 0 }' "$top_srcdir/examples/action/action.yml"
	[ -e "$steps/2.sh" ] && [ ! -e "$steps/3.sh" ] || fail "action.yml: not two steps"
	podman run --rm --network host -v "$steps:/tree" -w /tree -e PACKAGES=ci -e OPTIONS="-t piv --label 'two words'" \
		-e COMMAND=$'apt-get install -y --no-install-recommends opensc >/dev/null\nopensc-tool -a' "debian:$1" \
		bash -ec 'bash -e 1.sh && bash -e 2.sh' >"$work/said" 2>&1 && fail "a label without a key is taken"
	says 'label needs --import'
	podman run --rm --network host -v "$steps:/tree" -w /tree -e PACKAGES=ci -e OPTIONS="-t piv --quiet" \
		-e COMMAND=$'viccctl status\nfalse | true\necho not here' "debian:$1" \
		bash -ec 'bash -e 1.sh && bash -e 2.sh' >"$work/said" 2>&1 && fail "what fails has not failed"
	says '^card +piv'
	! grep -q 'not here' "$work/said" || fail "it goes on after a failure"
}

gitlab_job() {
	local name line

	scene "the job for GitLab"
	name=$(sed -n 's/^    name: //p' "$top_srcdir/examples/gitlab/gitlab-ci.yml")
	line=$(sed -n 's/^    - //p' "$top_srcdir/examples/gitlab/gitlab-ci.yml")
	ends 0 --network none --entrypoint '[""]' -e VICC_TYPE=myeid "$name" sh -c "$line"
	says OsEID
}

clean
for debian in "12 bookworm" "13 trixie"; do
	read -r version suite <<<"$debian"
	base "$version" "$suite"
	scene "the image, on Debian $version"
	build "$version"
	[ "$(podman image inspect vicc --format '{{index .Labels "org.opencontainers.image.version"}}')" = "$(dpkg-deb -f "$debs"/vicc_*.deb Version)" ] ||
		fail "the label has another version"
	one_container
	two_containers
	a_pod
	gitlab_job
	ci_job "$version"
	action "$version"
done
echo "all well"
