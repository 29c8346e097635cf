#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ab counts a request without any answer as complete, and a reset one as two failures
#
# Guess: "Failed requests" is the number of requests without a whole answer.
# Seen: of 20 requests on connections that the server closes unanswered, 20 are complete and 0 failed, exit 0; the
#   same with bodies that end half-way. Of 20 that are reset, -r reports 40 failures: one each as "Receive" and
#   "Exceptions".
# For containers: "ab during a deploy" proves nothing. A stopped server closes its connections, and ab reports 0 lost.
# Software: Debian 12, apache2-utils 2.4.71-1~deb12u1; Linux 6.18
# Source: httpd, support/ab.c (read_connection, close_connection)
# Output, 2026-11-28:
#   whole: complete, failed, exit status: (20, 0, 0)
#   no answer: complete, failed, exit status: (20, 0, 0)
#   half a body: complete, failed, exit status: (20, 0, 0)
#   reset: complete, failed, exit status: (20, 40, 0)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian apache2-utils=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1
probe <<'PY'
from probe import HalfServer, check, finish, re, run

server = HalfServer(8080)
for how in ("whole", "no answer", "half a body", "reset"):
    server.how = how
    status, output = run("ab", "-q", "-r", "-n", "20", "-c", "1", "http://127.0.0.1:8080/")
    numbers = [int(re.search(rf"{name} requests:\s+(\d+)", output)[1]) for name in ("Complete", "Failed")]
    check(f"{how}: complete, failed, exit status", (*numbers, status), (20, 40 if how == "reset" else 0, 0))
finish()
PY
