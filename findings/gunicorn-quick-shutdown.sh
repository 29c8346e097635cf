#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# gunicorn's quick shutdown waits as long as its graceful one, and leaves new clients unanswered
#
# Guess: QUIT and INT are "quick shutdown": they end a threaded worker at once; the listener is closed.
# Seen: a worker of gthread that got QUIT finishes its requests, and then waits for a thread with a connection
#   that was never used until graceful_timeout. The listener stays open all the time: new clients connect, and are
#   answered by nobody.
# For containers: one connection that a load balancer opened in advance makes each stop last 30 s, Docker's 10 s
#   end in SIGKILL, and STOPSIGNAL QUIT does not help.
# Software: Debian 12, gunicorn 20.1.0-6+deb12u1; Linux 6.18
# Source: docs.gunicorn.org/en/stable/signals.html; gunicorn/workers/gthread.py (run), gunicorn/arbiter.py (stop)
# Output, 2026-11-28:
#   QUIT: answer in flight: whole
#   QUIT: a new client connects: True
#   QUIT: its answer after 2 s: open
#   QUIT: ends after: 8.2 s
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian gunicorn=20.1.0-6+deb12u1 python3-gunicorn=20.1.0-6+deb12u1
probe <<'PY'
from probe import Client, Server, can_connect, check, finish, wait_for, write

write("app.py", """
import time
def app(environ, start_response):
    if "slow" in environ["PATH_INFO"]:
        print("began", flush=True)
        time.sleep(2)
    start_response("200 OK", [("Content-Length", "5")])
    return [b"done\\n"]
""")
server = Server("gunicorn", "--bind=127.0.0.1:8080", "--threads=4", "--graceful-timeout=8", "app:app", port=8080)
client = Client(8080)
client.get("/slow")
wait_for(lambda: "began" in server.log_text(), "the request")
unused = Client(8080)
second = Client(8080)
second.get("/")
second.wait_answer()  # by now the unused connection, which was opened before, has been accepted
server.signal("QUIT")
check("QUIT: answer in flight", client.answer(), "whole")
check("QUIT: a new client connects", can_connect(8080), True)
late = Client(8080)
late.get("/")
check("QUIT: its answer after 2 s", late.answer(2), "open")
check("QUIT: ends after", server.seconds_to_end(30), (7.0, 12.0))
finish()
PY
