#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# systemd-analyze verify exits with 0 for a stop timeout that it cannot read
#
# Guess: verify exits with 1 where it finds that a value cannot be read, as it does for a program that is not there.
# Seen: it prints "ignoring", and exits with 0: for TimeoutStopSec=30x and -5, a misspelt KillSignal, an unknown key.
#   The unit then has the default, 90 s or SIGTERM. Only with --recursive-errors=no, whose name does not say so, the
#   status is 1. "1min 30" is valid, and has 90 s.
# For containers: a check in CI passes a unit that runs a container with another stop timeout or signal than written.
# Software: Debian 12, systemd 252.39-1~deb12u2
# Source: systemd-analyze(1), --recursive-errors; systemd.time(7)
# Output, 2026-11-29:
#   TimeoutStopSec=30: 0
#   TimeoutStopSec=1min 30: 0
#   TimeoutStopSec=30x: 0, ignoring
#   TimeoutStopSec=-5: 0, ignoring
#   KillSignal=SIGTREM: 0, ignoring
#   TimeoutStopSecs=30: 0, ignoring
#   a program that is not there: 1
#   --recursive-errors=no, TimeoutStopSec=30: 0
#   --recursive-errors=no, TimeoutStopSec=30x: 1, ignoring
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian systemd=252.39-1~deb12u2
export LD_LIBRARY_PATH=$libraries/systemd:$libraries
mkdir "$work/units"
export SYSTEMD_UNIT_PATH=$work/units:$root/lib/systemd/system
changed=0

# expect NAME RESULT COMMAND UNIT-LINE [OPTION]: verifies a unit with this line.
expect() {
	local status=0 seen
	printf '[Service]\nExecStart=%s\n%s\n' "$3" "$4" >"$work/units/shop.service"
	"$root/usr/bin/systemd-analyze" verify --man=no ${5:+"$5"} "$work/units/shop.service" >"$work/log" 2>&1 || status=$?
	seen=$status
	if grep -q 'shop.service.*ignoring' "$work/log"; then
		seen="$status, ignoring"
	fi
	printf '%s: %s\n' "$1" "$seen"
	if [ "$seen" != "$2" ]; then
		changed=1
	fi
}

for line in 'TimeoutStopSec=30' 'TimeoutStopSec=1min 30'; do
	expect "$line" 0 /bin/true "$line"
done
for line in TimeoutStopSec=30x TimeoutStopSec=-5 KillSignal=SIGTREM TimeoutStopSecs=30; do
	expect "$line" '0, ignoring' /bin/true "$line"
done
expect 'a program that is not there' 1 /bin/not-there TimeoutStopSec=30
option=--recursive-errors=no
expect "$option, TimeoutStopSec=30" 0 /bin/true TimeoutStopSec=30 "$option"
expect "$option, TimeoutStopSec=30x" '1, ignoring' /bin/true TimeoutStopSec=30x "$option"
exit "$changed"
