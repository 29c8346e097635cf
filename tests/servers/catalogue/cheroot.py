# SPDX-License-Identifier: MIT
"""Cheroot."""

from apps import WSGI
from server import HttpServer, Stop


class Cheroot(HttpServer):
    title = "Cheroot"
    kind = "python"
    signals = ("TERM", "INT")
    guess = "TERM cuts, INT finishes and waits 5 s for a connection that was never used"
    packages = "python3-cheroot"
    version = "dpkg-query -W python3-cheroot"
    files = {"app.py": WSGI + """
from cheroot.wsgi import Server
server = Server(("0.0.0.0", 8080), app, timeout=60)
try:
    server.start()
except KeyboardInterrupt:
    server.stop()
"""}
    command = "/usr/bin/python3 app.py"
    stops = (Stop("TERM"), Stop("INT", exits=(0, 130), ends_within=6.5))
