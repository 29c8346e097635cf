# SPDX-License-Identifier: MIT
"""Waitress."""

from apps import WSGI
from server import HttpServer, Stop


class Waitress(HttpServer):
    """TERM ends it, INT has it close; its process is a python3."""

    title = "Waitress"
    kind = "python"
    signals = ("TERM", "INT")
    guess = "TERM cuts, INT finishes"
    note = ("INT is its graceful stop, and TERM has no handler: as PID 1 it ignores TERM. `lastcall` "
            "sends INT.")
    packages = "python3-waitress"
    version = "dpkg-query -W python3-waitress"
    files = {"app.py": WSGI}
    command = "/usr/bin/waitress-serve --port=8080 app:app"
    stops = (Stop("TERM", exits=(143, 0)), Stop("INT", exits=(0,)))
