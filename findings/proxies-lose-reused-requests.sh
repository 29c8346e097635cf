#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# HAProxy, Apache, Squid, H2O and nghttpx lose a GET when their backend closes an idle connection just then
#
# Guess: a reverse proxy that sends a GET on a kept connection, and finds it closed, sends it again on a new one, as
#   RFC 9110, section 9.2.2, allows. A POST is a 502.
# Seen: nginx does so. Squid, H2O and nghttpx answer 502 to the GET, too; Squid spares the POST, which it sends on a new
#   connection. HAProxy and Apache give no answer to either: they close the client's connection, so that the client has
#   to try again.
# For containers: a backend closes its idle connections when it stops, and one with a short keep-alive timeout does so
#   all day. Each close may cost a request that the backend never had: neither its log nor its drain shows it. HAProxy's
#   "retry-on conn-failure empty-response" sends both again, also a POST that the backend has begun.
# Software: nginx 1.22.1, Squid 5.7, H2O 2.2.5, nghttpx 1.52.0, HAProxy 2.6.12, Apache 2.4.71; Linux 6.18
# Source: RFC 9110, section 9.2.2; nginx, ngx_http_upstream.c (peer.cached); HAProxy, configuration.txt, retry-on (by
#   default conn-failure); Apache, mod_proxy_http (proxy-initial-not-pooled)
# Output, 2026-11-29:
#   nginx: GET, then GET: 200, 200
#   nginx: GET, then POST: 200, 502
#   Squid: GET, then GET: 200, 502
#   Squid: GET, then POST: 200, 200, on a new connection
#   H2O: GET, then GET: 200, 502
#   H2O: GET, then POST: 200, 502
#   nghttpx: GET, then GET: 200, 502
#   nghttpx: GET, then POST: 200, 502
#   HAProxy: GET, then GET: 200, no answer
#   HAProxy: GET, then POST: 200, no answer
#   Apache: GET, then GET: 200, no answer
#   Apache: GET, then POST: 200, no answer
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian nginx=1.22.1-9+deb12u11 \
	haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing-c-wrapper0=1.1.3-3+b1 libopentracing1=1.6.0-4 \
	apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1 \
	squid=5.7-2+deb12u6 squid-common=5.7-2+deb12u6 libecap3=1.0.1-3.4 libltdl7=2.4.7-7~deb12u1 squid-langpack=20220130-1 \
	h2o=2.2.5+dfsg2-7 libh2o0.13=2.2.5+dfsg2-7 libh2o-evloop0.13=2.2.5+dfsg2-7 libwslay1=1.1.1-3+b1 \
	nghttp2-proxy=1.52.0-1+deb12u3 libnghttp2-14=1.52.0-1+deb12u3 libev4=1:4.33-1 libc-ares2=1.18.1-3
probe <<'PY'
import os
import re
import select
import signal
from probe import Client, Server, check, finish, is_listening, socket, threading, wait_for, write

cwd, modules = os.getcwd(), os.environ["root"] + "/usr/lib/apache2/modules"
os.chmod(".", 0o755)


class Backend:
    """Answers the first request of each connection, and closes the connection when the next one arrives."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 9000))
        self.closed = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def serve(self, connection):
        request = b""
        while not re.search(rb"\r\n\r\n" if request.startswith(b"GET") else rb"\r\n\r\nx=1$", request):
            if not (piece := connection.recv(65536)):
                return
            request += piece
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nCache-Control: no-store\r\n\r\ndone\n")
        select.select([connection], [], [])
        try:
            self.closed += bool(connection.recv(1, socket.MSG_PEEK))  # not the proxy's own close
        except ConnectionResetError:
            pass
        connection.close()


def answer(client, method):
    """The status, or how the connection ended without one."""
    body = b"x=1" if method == "POST" else b""
    before = len(client.received)
    client.socket.sendall(f"{method} / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    wait_for(lambda: b"\r\n\r\n" in client.received[before:] or client.end, "an answer")
    head = client.received[before:]
    if not head:
        return "no answer"
    if head.startswith(b"HTTP/1.1 200"):
        wait_for(lambda: client.received.endswith(b"done\n"), "the body")
    return head[9:12].decode()


write("nginx.conf", f"""daemon off;
pid {cwd}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    upstream backend {{ server 127.0.0.1:9000; keepalive 8; }}
    server {{
        listen 127.0.0.1:8080;
        location / {{ proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
""")
write("squid.conf", f"""http_port 127.0.0.1:8080 accel defaultsite=localhost
cache_peer 127.0.0.1 parent 9000 0 no-query originserver
http_access allow all
cache deny all
access_log none
cache_log stdio:/dev/stderr
pid_filename none
coredump_dir {cwd}
cache_effective_user nobody
mime_table {cwd}/mime.conf
error_directory {os.environ["root"]}/usr/share/squid-langpack/templates
icon_directory {os.environ["root"]}/usr/share/squid/icons
netdb_filename none
""")
write("mime.conf", "")
write("h2o.conf", """listen: 8080
hosts:
  default:
    paths:
      /:
        proxy.reverse.url: http://127.0.0.1:9000/
        proxy.timeout.keepalive: 30000
""")
write("haproxy.cfg", """defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend web
    bind 127.0.0.1:8080
    default_backend app
backend app
    server app 127.0.0.1:9000
""")
write("httpd.conf", f"""ServerRoot {cwd}
ServerName localhost
PidFile {cwd}/httpd.pid
ErrorLog /dev/stderr
Listen 127.0.0.1:8080
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
ProxyPass / http://127.0.0.1:9000/
User www-data
""")
backend = Backend()
for name, get, post, command in (
        ("nginx", "200", "502", f"nginx -p {cwd} -c {cwd}/nginx.conf"),
        ("Squid", "502", "200, on a new connection", f"squid -N -n finding{os.getppid()} -f {cwd}/squid.conf"),
        ("H2O", "502", "502", "h2o -c h2o.conf"),
        ("nghttpx", "502", "502", "nghttpx --frontend=127.0.0.1,8080;no-tls --backend=127.0.0.1,9000"),
        ("HAProxy", "no answer", "no answer", "haproxy -f haproxy.cfg"),
        ("Apache", "no answer", "no answer", f"apache2 -f {cwd}/httpd.conf -DFOREGROUND")):
    server = Server(*command.split(), port=8080)
    for method, expected in (("GET", get), ("POST", post)):
        client = Client(8080)
        first, closed = answer(client, "GET"), backend.closed
        second = answer(client, method)
        where = "" if backend.closed > closed else ", on a new connection"
        check(f"{name}: GET, then {method}", f"{first}, {second}{where}", f"200, {expected}")
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()
    wait_for(lambda: not is_listening(8080), "the end of the listener")
finish()
PY
