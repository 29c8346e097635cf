#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A kustomize overlay that sets another kind of probe or preStop leaves two of them
#
# Guess: a readinessProbe with httpGet in an overlay takes the place of one with tcpSocket in the base.
# Seen: the handlers are merged, as any two maps: the result has tcpSocket and httpGet, preStop has exec and httpGet, and
#   the status is 0. `kubectl patch` with its default, a strategic merge, does the same. "tcpSocket: null" in the
#   overlay removes the old one.
# For containers: a probe or a hook may have one handler. What CI has built is refused by the API server, in the middle of
#   a deployment: "may not specify more than 1 handler type".
# Software: Debian 12, kubernetes-client 1.20.5+really1.20.2-1.1+deb12u1 (kustomize 2.0.3)
# Source: Kubernetes, pkg/apis/core/validation (validateHandler); kustomize 5.5.0 of kubectl 1.32.4 does the same
# Output, 2026-11-29:
#   other kinds: readinessProbe: httpGet tcpSocket; preStop: exec httpGet
#   other kinds, the old ones null: readinessProbe: httpGet; preStop: httpGet
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian kubernetes-client=1.20.5+really1.20.2-1.1+deb12u1
mkdir "$work/overlay"
cat >"$work/overlay/base.yaml" <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - name: shop
        image: shop
        readinessProbe: {tcpSocket: {port: 8080}}
        lifecycle: {preStop: {exec: {command: [sleep, "10"]}}}
YAML
printf 'resources: [base.yaml]\npatchesStrategicMerge: [patch.yaml]\n' >"$work/overlay/kustomization.yaml"
changed=0

# expect NAME PROBE PRESTOP READINESS-PROBE PRE-STOP: what the two have after a patch with these.
expect() {
	local name=$1 probe=$2 stop=$3 seen
	cat >"$work/overlay/patch.yaml" <<YAML
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  template:
    spec:
      containers:
      - name: shop
        readinessProbe: {$4}
        lifecycle: {preStop: {$5}}
YAML
	"$root/usr/bin/kubectl" kustomize "$work/overlay" >"$work/built.yaml"
	seen=$(/usr/bin/python3 - "$work/built.yaml" <<'PY'
import sys
with open(sys.argv[1]) as file:
    lines = file.read().splitlines()
for key in ("readinessProbe:", "preStop:"):
    start = next(number for number, line in enumerate(lines) if line.strip() == key)
    depth, kinds = len(lines[start]) - len(lines[start].lstrip()), []
    for line in lines[start + 1:]:
        indent = len(line) - len(line.lstrip())
        if indent <= depth:
            break
        if indent == depth + 2 and not line.lstrip().startswith("-"):
            kinds.append(line.strip().rstrip(":"))
    print(key, *kinds, end="; ")
PY
	)
	seen=${seen%; }
	printf '%s: %s\n' "$name" "$seen"
	if [ "$seen" != "readinessProbe: $probe; preStop: $stop" ]; then
		changed=1
	fi
}

expect 'other kinds' 'httpGet tcpSocket' 'exec httpGet' \
	'httpGet: {port: 5278, path: /healthcheck}' 'httpGet: {port: 8080, path: /stop}'
expect 'other kinds, the old ones null' httpGet httpGet \
	'httpGet: {port: 5278, path: /healthcheck}, tcpSocket: null' 'httpGet: {port: 8080, path: /stop}, exec: null'
exit "$changed"
