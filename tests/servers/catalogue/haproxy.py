# SPDX-License-Identifier: MIT
"""HAProxy."""

from clients import H2Tls
from server import HttpServer, Stop

HAPROXY = """
global
    stats timeout 30s
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend in
    bind :8080 %s
    default_backend out
backend out
    server one 127.0.0.1:9000
"""


class Haproxy(HttpServer):
    """USR1 is the STOPSIGNAL of its image: it waits for every connection, used or not."""

    title = "HAProxy (one process)"
    kind = "web"
    signals = ("USR1", "TERM", "INT")
    guess = "USR1 finishes requests and closes idle connections, TERM cuts; the status is 0"
    note = ("USR1 waits for a connection that was never used until `timeout client`. `lastcall` sends "
            "TERM when nothing is in flight, USR1 when work is left.")
    packages = "haproxy"
    version = "haproxy -v"
    files = {"haproxy.cfg": HAPROXY % ""}
    command = "haproxy -f haproxy.cfg"
    backend = True
    stream = "/stream"
    stops = (Stop("USR1", exits=(0, 143)), Stop("TERM", exits=(143,)))
    in_ci = True


class HaproxyMaster(Haproxy):
    title = "HAProxy -W"
    kind = "web"
    signals = ("USR1", "TERM")
    guess = "as one process does"
    note = ("The master hands signals on to its worker, and the status is 0 where one process has 143. A signal that comes "
            "while it reloads is [lost](../findings/haproxy-stop-in-reload.sh).")
    name = "haproxy-master"
    command = "haproxy -W -f haproxy.cfg"
    stops = (Stop("USR1", exits=(0, 143)), Stop("TERM", exits=(0, 143)))
    in_ci = False


class HaproxyH2(Haproxy):
    name = "haproxy-h2"
    files = {"haproxy.cfg": HAPROXY % "ssl crt @dir@/both.pem alpn h2"}
    client = H2Tls
    in_ci = False

    def prepare(self, box):
        box.certificate()
