#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# hey, httperf and siege report a response that was cut as a success
#
# Guess: a body that ends before its Content-Length is an error in every load tool.
# Seen: hey lists 20 responses with status 200 and no error; httperf has 20 replies and 0 errors; siege has an
#   availability of 100 %. All exit with 0. wrk counts each as a read error (and exits with 0).
# For containers: requests that a stop cuts after the headers look served. Compare the bytes, or use a client that
#   does.
# Software: Debian 12, hey 0.1.4-2+b4, httperf 0.9.0-9+b2, siege 4.0.7-1+b1, wrk 4.1.0-3+b2; Linux 6.18
# Source: hey, requester/requester.go (io.Copy's error is dropped); RFC 9112, section 8 (incomplete messages)
# Output, 2026-11-28:
#   hey: responses with 200, error list, exit status: (20, False, 0)
#   httperf: replies, errors, exit status: (20, 0, 0)
#   siege: availability, failed, exit status: ('100.00', 0, 0)
#   wrk: requests, some read errors, exit status: (0, True, 0)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian hey=0.1.4-2+b4 httperf=0.9.0-9+b2 siege=4.0.7-1+b1 wrk=4.1.0-3+b2 \
	libluajit-5.1-2=2.1.0~beta3+git20220320+dfsg-4.1+deb12u1
probe <<'PY'
import os
from probe import HalfServer, check, finish, re, run

os.environ["HOME"] = os.getcwd()
server = HalfServer(8080, "half a body")
url = "http://127.0.0.1:8080/"
status, output = run("hey", "-n", "20", "-c", "1", url)
check("hey: responses with 200, error list, exit status",
      (int(re.search(r"\[200\]\s+(\d+)", output)[1]), "Error distribution" in output, status), (20, False, 0))
status, output = run("httperf", "--server=127.0.0.1", "--port=8080", "--num-conns=20")
check("httperf: replies, errors, exit status",
      (int(re.search(r"replies (\d+)", output)[1]), int(re.search(r"Errors: total (\d+)", output)[1]), status),
      (20, 0, 0))
status, output = run("siege", "--benchmark", "--concurrent=1", "--reps=20", url)
check("siege: availability, failed, exit status",
      (re.search(r'availability":\s+([\d.]+)', output)[1], int(re.search(r'failed_\w+":\s+(\d+)', output)[1]),
       status), ("100.00", 0, 0))
status, output = run("wrk", "--duration=1", "--threads=1", "--connections=1", url)
check("wrk: requests, some read errors, exit status",
      (int(re.search(r"(\d+) requests in", output)[1]), int(re.search(r"read (\d+)", output)[1]) > 0, status),
      (0, True, 0))
finish()
PY
