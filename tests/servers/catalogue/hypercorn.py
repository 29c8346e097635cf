# SPDX-License-Identifier: MIT
"""Hypercorn."""

from apps import ASGI
from clients import WebSocket
from server import Advice, HttpServer, Stop


class Hypercorn(HttpServer):
    title = "Hypercorn"
    kind = "python"
    signals = ("TERM", "INT")
    guess = "TERM finishes requests and closes idle connections within graceful_timeout, 3 s"
    flaw = "It waits `graceful_timeout`, 3 s, for connections that are idle. With `lastcall`, `--graceful-timeout 1` is enough."
    note = ("graceful_timeout also ends requests and streams that take longer. Under `lastcall` these have ended before TERM "
            "comes, unless the time is up. A killed worker is [not replaced](../findings/workers-not-replaced.sh); with the "
            "last one Hypercorn exits with 0.")
    packages = "python3-hypercorn"
    version = "dpkg-query -W python3-hypercorn"
    files = {"app.py": ASGI}
    command = "/usr/bin/hypercorn --bind 0.0.0.0:8080 --keep-alive 60 app:app"
    stream = "/stream"
    stops = (Stop("TERM", exits=(0,), ends_within=6.0),)


class HypercornWebSocket(Hypercorn):
    name = "hypercorn-websocket"
    stream = None
    title = "Hypercorn, WebSocket"
    signals = ("TERM",)
    guess = "each WebSocket gets 1012 or 1001 at once"
    flaw = "It waits `graceful_timeout`, 3 s from TERM on, for connections that stay open."
    note = ("It closes a WebSocket with 1000 when `graceful_timeout` is over, and not with 1001 or 1012: clients may "
            "not reconnect. `lastcall` cannot tell a silent WebSocket from work, and its report may count one as cut: "
            "the close frame of the client looks like a request.")
    packages = "python3-hypercorn python3-wsproto"
    never_used = False
    advice = Advice(options=("--order=signal-first",), why="a silent WebSocket looks like work, and the server drains by itself")
    stops = (Stop("TERM", exits=(0,), ends_within=5.0, alarm=None, options=("--order=signal-first",)),)

    def begin(self, box):
        works = super().begin(box)
        box.idle["WebSocket"] = WebSocket(box)
        return works
