#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# uWSGI's graceful stop and reload finish requests in the workers, and cut their answers in the HTTP router
#
# Guess: gracefully_kill_them_all at TERM, and HUP, the graceful reload, finish the requests in flight, with each of the two
#   ways to listen for HTTP: --http, which starts a router, and --http-socket.
# Seen: with --http-socket they do. With --http the router is ended at once, and its clients with it: the workers finish
#   requests that nobody can receive, and write them to the log as answered with 200.
# For containers: --http is what the manual tells who has no web server in front, as in a container. Each stop and each
#   reload loses the requests in flight, the log shows none of it, and the status is 0.
# Software: Debian 12, uwsgi 2.0.21-5.1; Linux 6.18
# Source: uWSGI documentation, Management ("Signals") and HTTP; core/uwsgi.c (gracefully_kill_them_all), core/gateway.c
# Output, 2026-11-29:
#   TERM, --http-socket: the request: whole
#   TERM, --http-socket: the log has it as answered: True
#   TERM, --http-socket: exit status: 0
#   TERM, --http: the request: cut
#   TERM, --http: the log has it as answered: True
#   TERM, --http: exit status: 0
#   HUP, --http-socket: the request: whole
#   HUP, --http-socket: the log has it as answered: True
#   HUP, --http: the request: cut
#   HUP, --http: the log has it as answered: True
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian uwsgi-core=2.0.21-5.1 uwsgi-plugin-python3=2.0.21-5.1 libyajl2=2.1.0-3+deb12u2 libpython3.11=3.11.2-6+deb12u9
probe <<'PY'
import os
from probe import Client, Server, check, finish, is_listening, wait_for, write

write("app.py", """
import time
def application(environment, start):
    open('began', 'w').close()
    time.sleep(2)
    start('200 OK', [('Content-Length', '5')])
    return [b'done\\n']
""")
for signal, listen, answer in (("TERM", "--http-socket", "whole"), ("TERM", "--http", "cut"), ("HUP", "--http-socket", "whole"),
                               ("HUP", "--http", "cut")):
    if os.path.exists("began"):
        os.remove("began")
    open("server.log", "w").close()
    server = Server("uwsgi-core", "--plugin-dir", os.environ["root"] + "/usr/lib/uwsgi/plugins", "--plugins", "http,python3",
                    "--master", "--need-app", "--processes", "2", "--wsgi-file", "app.py", listen, "127.0.0.1:8080",
                    "--hook-master-start", "unix_signal:15 gracefully_kill_them_all", port=8080)
    wait_for(lambda: "spawned uWSGI worker 2" in server.log_text(), "the workers")
    client = Client(8080, b"GET / HTTP/1.0\r\n\r\n")
    wait_for(lambda: os.path.exists("began"), "the request")
    server.signal(signal)
    check(f"{signal}, {listen}: the request", client.answer(), answer)
    wait_for(lambda: "HTTP/1.0 200" in server.log_text(), "the log")
    check(f"{signal}, {listen}: the log has it as answered", "GET / => generated 5 bytes" in server.log_text(), True)
    if signal == "TERM":
        server.seconds_to_end()
        check(f"{signal}, {listen}: exit status", server.status(), 0)
    else:
        server.signal("QUIT")
        server.seconds_to_end()
    wait_for(lambda: not is_listening(8080), "the end of the listener")
finish()
PY
