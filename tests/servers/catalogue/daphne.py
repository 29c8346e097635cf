# SPDX-License-Identifier: MIT
"""Daphne."""

from apps import ASGI
from server import HttpServer, Stop


class Daphne(HttpServer):
    title = "Daphne"
    kind = "python"
    signals = ("TERM", "INT")
    guess = "TERM cuts: Twisted's reactor stops at once; exit 0"
    note = "It has no graceful stop: the reactor stops at once."
    packages = "daphne"
    version = "dpkg-query -W daphne"
    files = {"app.py": ASGI}
    command = "daphne -b 0.0.0.0 -p 8080 app:app"
    stream = "/stream"
    stops = (Stop("TERM", exits=(0,), ends_within=4.0),)
