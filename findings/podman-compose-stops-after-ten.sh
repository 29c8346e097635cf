#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# podman-compose stops after 10 s whatever stop_grace_period says, and runs each health check by /bin/sh
#
# Guess: stop_grace_period is the stop timeout; test: ["CMD", ...] is run without a shell, as by Docker.
# Seen: stop and down call "podman stop -t 10", and run gives the container no stop timeout: stop_grace_period is nowhere.
#   Only -t on podman-compose's own command line changes the 10 s. CMD, too, becomes "/bin/sh -c ...".
# For containers: SIGKILL comes after 10 s, in the middle of the stop that the file gives 45 s. In an image without a
#   shell the health check always fails.
# Software: Debian 12, podman-compose 1.0.3-3
# Source: podman_compose.py (container_to_args; the option --timeout of stop and down); compose-spec, healthcheck
# Output, 2026-11-29:
#   test: ["CMD", "lastcall", "--healthcheck"], up: --healthcheck-command /bin/sh -c lastcall' '--healthcheck
#   stop_grace_period: 45s, up: nothing
#   stop_grace_period: 45s, stop: -t 10
#   stop_grace_period: 45s, stop -t 45: -t 45
#   stop_grace_period: 45s, down: -t 10
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian podman-compose=1.0.3-3 python3-dotenv=0.21.0-1 python3-yaml=6.0-3+b2 libyaml-0-2=0.2.5-1
mkdir "$work/fake" "$work/shop"
cat >"$work/fake/podman" <<'SH'
#!/bin/sh
# In place of the engine: writes down each call, one argument a line.
[ "$1" = --version ] && echo 'podman version 4.3.1'
for argument in "$@" ""; do printf '%s\n' "$argument"; done >>"$CALLS"
SH
chmod +x "$work/fake/podman"
export PATH=$work/fake:$PATH CALLS=$work/calls
changed=0

# expect NAME LINES SEEN PATTERN COMMAND...: what podman is called with, where PATTERN is found and in the line after it.
expect() {
	local name=$1 expected=$3 pattern=$4 seen
	printf 'services:\n  web:\n    image: shop\n%b' "$2" >"$work/shop/compose.yaml"
	shift 4
	: >"$CALLS"
	(cd "$work/shop" && /usr/bin/python3 "$root/usr/bin/podman-compose" "$@" >"$work/log" 2>&1) ||
		cannot_run "podman-compose $*: $(tail -n 1 "$work/log")"
	grep -q . "$CALLS" || cannot_run "podman-compose $*: podman is not called"
	seen=$(grep -A 1 -E -e "$pattern" "$CALLS" | tr '\n' ' ' | sed 's/ $//') || true
	printf '%s: %s\n' "$name" "${seen:-nothing}"
	[ "${seen:-nothing}" = "$expected" ] || changed=1
}

expect 'test: ["CMD", "lastcall", "--healthcheck"], up' '    healthcheck: {test: ["CMD", "lastcall", "--healthcheck"]}\n' \
	"--healthcheck-command /bin/sh -c lastcall' '--healthcheck" '^--health' up -d
period='    stop_grace_period: 45s\n'
expect 'stop_grace_period: 45s, up' "$period" nothing '^--stop-t|45' up -d
expect 'stop_grace_period: 45s, stop' "$period" '-t 10' '^-t$' stop
expect 'stop_grace_period: 45s, stop -t 45' "$period" '-t 45' '^-t$' stop -t 45
expect 'stop_grace_period: 45s, down' "$period" '-t 10' '^-t$' down
exit "$changed"
