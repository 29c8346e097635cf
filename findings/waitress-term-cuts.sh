#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Waitress finishes its requests on INT, and cuts them on TERM
#
# Guess: TERM is the graceful stop and INT is quick, as in gunicorn and unicorn.
# Seen: the other way round. TERM has no handler: the process is ended by it, and the request is cut. INT becomes
#   KeyboardInterrupt, on which waitress finishes its tasks and exits with 0. As PID 1 TERM does nothing at all.
# For containers: "docker stop" cuts, or as PID 1 waits for SIGKILL. The signal to configure is INT.
# Software: Debian 12, python3-waitress 2.1.2-2+deb12u1; Linux 6.18
# Source: waitress/server.py (run); signal(7), pid_namespaces(7)
# Output, 2026-11-28:
#   TERM: answer: cut
#   TERM: exit status: 143
#   INT: answer: whole
#   INT: exit status: 0
#   TERM, PID 1: answer: whole
#   TERM, PID 1: exit status: None
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian python3-waitress=2.1.2-2+deb12u1
probe <<'PY'
from probe import Client, Server, check, finish, is_listening, wait_for, write

write("app.py", """
import time
def app(environ, start_response):
    print("began", flush=True)
    time.sleep(2)
    start_response("200 OK", [("Content-Length", "5")])
    return [b"done\\n"]
""")
for signal, as_pid1, answer, status in (("TERM", False, "cut", 143), ("INT", False, "whole", 0),
                                        ("TERM", True, "whole", None)):
    open("server.log", "w").close()
    name = signal + (", PID 1" if as_pid1 else "")
    server = Server("waitress-serve", "--listen=127.0.0.1:8080", "app:app", port=8080, as_pid1=as_pid1)
    client = Client(8080)
    client.get("/")
    wait_for(lambda: "began" in server.log_text(), "the request")
    server.signal(signal)
    check(f"{name}: answer", client.answer(), answer)
    seconds = server.seconds_to_end(5 if as_pid1 else 20)
    check(f"{name}: exit status", server.status() if seconds is not None else None, status)
    wait_for(lambda: not is_listening(8080), "the end of the listener")
finish()
PY
