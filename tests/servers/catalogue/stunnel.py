# SPDX-License-Identifier: MIT
"""stunnel, which takes the TLS off a connection."""

from clients import Https1
from server import HttpServer, Stop


class Stunnel(HttpServer):
    title = "stunnel"
    kind = "web"
    signals = ("TERM", "INT", "QUIT")
    guess = "TERM ends it at once"
    note = "It has no graceful stop: any signal cuts. `lastcall` sends TERM when nothing is in flight."
    shown = "stunnel4 stunnel.conf` with `foreground = yes"
    packages = "stunnel4"
    version = "stunnel4 -version"
    files = {"stunnel.conf": """
foreground = yes
pid =
[web]
accept = 8080
connect = 127.0.0.1:9000
cert = @dir@/both.pem
"""}
    command = "stunnel4 stunnel.conf"
    client = Https1
    backend = True
    stream = "/stream"
    stops = (Stop("TERM", exits=(0, 143)),)

    def prepare(self, box):
        box.certificate()
