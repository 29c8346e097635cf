#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# H2O's graceful stop offers keep-alive, and waits for the next request on each connection
#
# Guess: TERM closes idle HTTP/1.1 connections, and the last answers say "Connection: close".
# Seen: the last answer says "Connection: keep-alive". H2O then waits for http1-request-timeout (10 s), for idle
#   connections, too. HTTP/2 connections are closed after two GOAWAY frames, 1 s apart.
# For containers: a stop lasts 10 s longer than its last request. With Docker's 10 s it ends in SIGKILL.
# Software: Debian 12, h2o 2.2.5+dfsg2-7; Linux 6.18
# Source: lib/http1.c; H2O's documentation, http1-request-timeout
# Output, 2026-11-28:
#   idle at TERM, h2o ends after: 10.0 s
#   in flight at TERM, answer: whole
#   in flight at TERM, it says: True
#   in flight at TERM, h2o ends after: 13.0 s
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian h2o=2.2.5+dfsg2-7 libh2o0.13=2.2.5+dfsg2-7 libh2o-evloop0.13=2.2.5+dfsg2-7 libwslay1=1.1.1-3+b1
probe <<'PY'
from probe import Client, Server, check, finish, slow_backend, write

write("h2o.conf", """listen: 8080
hosts:
  default:
    paths:
      /:
        proxy.reverse.url: http://127.0.0.1:9000/
""")
began = slow_backend(9000)
for path in ("/", "/slow"):
    server = Server("h2o", "-c", "h2o.conf", port=8080)
    client = Client(8080)
    client.get(path)
    if path == "/slow":
        began.wait()
        server.signal("TERM")
        check("in flight at TERM, answer", client.answer(), "whole")
        check("in flight at TERM, it says", b"Connection: keep-alive" in client.received, True)
        check("in flight at TERM, h2o ends after", server.seconds_to_end(), (11.0, 20.0))
    else:
        client.wait_answer()
        server.signal("TERM")
        check("idle at TERM, h2o ends after", server.seconds_to_end(), (8.0, 15.0))
finish()
PY
