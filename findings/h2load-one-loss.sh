#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# h2load gives up a client after one lost request, and counts the requests that it never sent as failed
#
# Guess: h2load connects again after a lost connection, as wrk and hey do, and counts one failure.
# Seen: every second request of the server is cut; of 20 requests h2load starts 1 or 2, and reports the rest as
#   failed and errored.
# For containers: the number of failures during a stop says how many requests were planned, not how many were lost.
# Software: Debian 12, nghttp2-client 1.52.0-1+deb12u3; Linux 6.18
# Source: nghttp2, src/h2load.cc
# Output, 2026-11-28:
#   total: 20
#   requests that reached the server: 2
#   failed: 19
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian nghttp2-client=1.52.0-1+deb12u3 libnghttp2-14=1.52.0-1+deb12u3 libev4=1:4.33-1 libc-ares2=1.18.1-3
probe <<'PY'
from probe import HalfServer, check, finish, re, run

server = HalfServer(8080, "every second cut")
_, output = run("h2load", "--h1", "-n", "20", "-c", "1", "http://127.0.0.1:8080/")
total, started, done, succeeded, failed = map(int, re.search(
    r"requests: (\d+) total, (\d+) started, (\d+) done, (\d+) succeeded, (\d+) failed", output).groups())
check("total", total, 20)
check("requests that reached the server", server.requests, lambda n: n <= 2)
check("failed", failed, lambda n: n >= 18)
finish()
PY
