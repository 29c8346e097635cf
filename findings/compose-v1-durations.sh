#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# docker-compose 1.29 accepts any text as a stop_grace_period, and the second of two
#
# Guess: "config" checks the format, as the schema's format "duration" says, and refuses a key that is there twice.
# Seen: 5min, 1m30, 1e3s and -5s are printed as they are, exit 0. Of stop_grace_period twice the last one is printed.
#   A number without quotes is refused.
# For containers: "docker-compose config" in CI proves nothing about stop times. Newer clients refuse the same file.
# Software: Debian 12, docker-compose 1.29.2-3, as installed; no engine is asked
# Source: compose-spec, 05-services.md (stop_grace_period) and 11-extension.md (durations); compose/config/validation.py
# Output, 2026-11-28:
#   90s: 90s
#   5min: 5min
#   1m30: 1m30
#   1e3s: 1e3s
#   -5s: -5s
#   90s 10s: 10s
#   90: contains an invalid type
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
version=$(dpkg-query -W -f '${Version}' docker-compose 2>/dev/null || true)
[ "$version" = 1.29.2-3 ] || cannot_run "needs docker-compose 1.29.2-3, not ${version:-none}"
failed=0

expect() { # lines for stop_grace_period, what is printed for them
	local line got
	printf 'version: "3.8"\nservices:\n  shop:\n    image: shop\n' >"$work/compose.yml"
	for line in $1; do
		printf '    stop_grace_period: %s\n' "$line" >>"$work/compose.yml"
	done
	got=$({ docker-compose -f "$work/compose.yml" config 2>&1 || true; } |
		sed -n 's/^ *stop_grace_period: //p; s/.*\(contains an invalid type\).*/\1/p')
	printf '%s: %s\n' "$1" "$got"
	[ "$got" = "$2" ] || failed=1
}

expect 90s 90s
expect 5min 5min
expect 1m30 1m30
expect 1e3s 1e3s
expect -5s -5s
expect '90s 10s' 10s
expect 90 'contains an invalid type'
exit "$failed"
