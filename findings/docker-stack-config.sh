#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# "docker stack config" accepts a negative stop_grace_period, and leaves a nested default as text
#
# Guess: a negative duration is refused; ${A:-${B}} is resolved, or refused as ${A:+b} is.
# Seen: -5s is printed as it is, exit 0. ${A:-${B}} becomes the text "${B}" without a warning, though B is set.
#   ${A:+b} is refused.
# For containers: a check in CI that uses this command passes both. The container then gets the text as its value, as
#   in LASTCALL_STOP_TIMEOUT=${B}.
# Software: Docker's client 28.2.2, as installed; no engine is asked
# Source: compose-spec, 12-interpolation.md (nested); docker/cli, cli/compose/template and loader
# Output, 2026-11-28:
#   10s, ${B}: 45s 10s
#   -5s, ${A:-30s}: 30s -5s
#   10s, ${A:-${B}}: ${B} 10s
#   10s, ${B:+x}: invalid interpolation format
#   5min, x: Does not match format 'duration'
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need docker
version=$(docker --version)
[[ $version == *" 28.2.2,"* ]] || cannot_run "needs Docker's client 28.2.2, not $version"
export HOME=$work B=45s
unset A
failed=0

config() { # stop_grace_period, a variable's value: the two as the client understands them
	printf 'version: "3.8"\nservices:\n  shop:\n    image: shop\n    stop_grace_period: "%s"\n' "$1" >"$work/stack.yml"
	printf '    environment:\n      T: "%s"\n' "$2" >>"$work/stack.yml"
	{ docker stack config -c "$work/stack.yml" 2>&1 || true; } |
		sed -n 's/^ *\(T\|stop_grace_period\): //p; s/^\(invalid interpolation format\).*/\1/p
			s/^services.*\(Does not match.*\)/\1/p' | paste -sd ' '
}

expect() { # stop_grace_period, a variable's value, what is printed for them
	local got
	got=$(config "$1" "$2")
	printf '%s, %s: %s\n' "$1" "$2" "$got"
	[ "$got" = "$3" ] || failed=1
}

# shellcheck disable=SC2016 # the client shall see these as they are
{
	expect 10s '${B}' '45s 10s'
	expect -5s '${A:-30s}' '30s -5s'
	expect 10s '${A:-${B}}' '${B} 10s'
	expect 10s '${B:+x}' 'invalid interpolation format'
	expect 5min x "Does not match format 'duration'"
}
exit "$failed"
