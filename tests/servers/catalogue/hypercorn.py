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
    note = "graceful_timeout, 3 s, also ends requests: raise it above your longest request."
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
    flaw = "Measured on a busy machine: the time holds waiting for a processor."
    note = ("A WebSocket is closed with the code that the first lines name; a silent one looks like "
            "work to `lastcall`.")
    packages = "python3-hypercorn python3-wsproto"
    never_used = False
    advice = Advice(options=("--order=signal-first",), why="a silent WebSocket looks like work, and the server drains by itself")
    stops = (Stop("TERM", exits=(0,), ends_within=5.0, alarm=None, options=("--order=signal-first",)),)

    def begin(self, box):
        works = super().begin(box)
        box.idle["WebSocket"] = WebSocket(box)
        return works
