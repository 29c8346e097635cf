# SPDX-License-Identifier: MIT
"""Hitch, which takes the TLS off a connection."""

from clients import Https1
from server import HttpServer, Stop


class Hitch(HttpServer):
    title = "Hitch"
    kind = "web"
    signals = ("TERM", "INT", "QUIT")
    guess = "TERM ends the master and its workers, whatever they carry"
    note = ("It has no graceful stop: any signal cuts. `lastcall` sends TERM when nothing "
            "is in flight.")
    shown = "hitch --config=hitch.conf` with `daemon = off"
    packages = "hitch"
    version = "hitch --version"
    files = {"hitch.conf": """
frontend = "[*]:8080"
backend = "[127.0.0.1]:9000"
pem-file = "@dir@/both.pem"
workers = 2
daemon = off
user = "nobody"
"""}
    command = "hitch --config=hitch.conf"
    client = Https1
    backend = True
    stream = "/stream"
    stops = (Stop("TERM", exits=(0, 1, 143)),)

    def prepare(self, box):
        box.certificate()
