#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# nginx answers 502 for ten seconds after a backend named localhost was away for one moment
#
# Guess: localhost is one server, as 127.0.0.1 is. The parameters max_fails and fail_timeout are ignored for a single
#   server, so the first request after the backend is back is answered.
# Seen: with 127.0.0.1 it is. With localhost nginx resolves two addresses, ::1 and 127.0.0.1, and takes them for a group
#   of two. One refused request marks both as failed, and for fail_timeout, 10 s by default, nginx does not try again:
#   "no live upstreams". The backend listens on 127.0.0.1 alone, as most that are told to listen on IPv4 do.
# For containers: a proxy beside an application in one pod or task turns each restart of the application into ten
#   seconds of 502. So does a name with two addresses, of two replicas, that restart together.
# Software: Debian 12, nginx 1.22.1-9+deb12u11; Linux 6.18
# Source: nginx, src/http/ngx_http_upstream_round_robin.c (peers->single);
#   nginx.org/en/docs/http/ngx_http_upstream_module.html#fail_timeout
# Output, 2026-11-29:
#   127.0.0.1: before: 200
#   127.0.0.1: while the backend is away: 502
#   127.0.0.1: the first answer after its return: 200
#   127.0.0.1: the first 200 after: 0.2 s
#   localhost: before: 200
#   localhost: while the backend is away: 502
#   localhost: the first answer after its return: 502
#   localhost: the first 200 after: 10.8 s
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian nginx=1.22.1-9+deb12u11
probe <<'PY'
import os, subprocess, sys, time
from probe import Client, Server, check, finish, is_listening, wait_for, write

write("hosts", "127.0.0.1 localhost\n::1 localhost\n")
subprocess.run(["mount", "--bind", "hosts", "/etc/hosts"], check=True)  # in this mount namespace
write("backend.py", """
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'done\\n')
http.server.ThreadingHTTPServer(('127.0.0.1', 9000), Handler).serve_forever()
""")


def status():
    client = Client(8080, b"GET / HTTP/1.0\r\n\r\n")
    client.ended()
    return client.received.split(b" ")[1].decode()


for name in ("127.0.0.1", "localhost"):
    write("nginx.conf", f"""
daemon off; error_log stderr; pid nginx.pid; events {{}}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server {{ listen 127.0.0.1:8080; location / {{ proxy_pass http://{name}:9000; }} }}
}}
""")
    backend = Server(sys.executable, "backend.py", port=9000)
    nginx = Server("nginx", "-p", os.getcwd(), "-c", os.getcwd() + "/nginx.conf", "-e", "stderr", port=8080)
    check(f"{name}: before", status(), "200")
    backend.signal("TERM")
    backend.seconds_to_end()
    check(f"{name}: while the backend is away", status(), "502")
    backend, since, seen = Server(sys.executable, "backend.py", port=9000), time.monotonic(), []
    while not seen or seen[-1] != "200":
        seen.append(status())
        time.sleep(0.2)
    check(f"{name}: the first answer after its return", seen[0], "200" if name == "127.0.0.1" else "502")
    check(f"{name}: the first 200 after", time.monotonic() - since, (0.0, 2.0) if name == "127.0.0.1" else (7.0, 14.0))
    for server in (nginx, backend):
        server.signal("TERM")
        server.seconds_to_end()
    wait_for(lambda: not is_listening(8080), "the end of the listener")
finish()
PY
