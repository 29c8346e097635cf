# SPDX-License-Identifier: MIT
"""Cheroot."""

from apps import WSGI
from server import Advice, HttpServer, Stop


class Cheroot(HttpServer):
    title = "Cheroot"
    kind = "python"
    signals = ("TERM", "INT")
    guess = "TERM cuts, INT finishes and waits 5 s for a connection that was never used"
    flaw = "It waits this 1 s for the connection that was never used."
    note = ("INT is its graceful stop. It waits shutdown_timeout, 5 s, for a connection that was "
            "never used.")
    packages = "python3-cheroot"
    version = "dpkg-query -W python3-cheroot"
    files = {"app.py": WSGI}
    command = "/usr/bin/python3 -m cheroot --bind 0.0.0.0:8080 --timeout 60 app:app"
    advice = Advice(command=command + " --shutdown-timeout 1", set="Cheroot's `--shutdown-timeout 1`",
                    why="the wait is only for connections that were never used; `lastcall` has waited for the requests")
    stops = (Stop("TERM", exits=(0, 130), ends_within=8.0), Stop("INT", exits=(0, 130), ends_within=8.0))
