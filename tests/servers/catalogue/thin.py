# SPDX-License-Identifier: MIT
"""Thin."""

from apps import RACK
from server import HttpServer, Stop


class Thin(HttpServer):
    """Each request in a thread, so that a slow one does not hold up the others."""

    title = "Thin"
    kind = "ruby"
    signals = ("TERM", "QUIT", "INT")
    guess = "QUIT finishes requests; TERM and INT cut"
    note = ("TERM and QUIT wait for a connection that was never used. `lastcall` sends INT when "
            "nothing is in flight, QUIT when work is left.")
    packages = "thin"
    version = "dpkg-query -W thin"
    files = {"config.ru": RACK}
    command = "thin --rackup config.ru --port 8080 --threaded --timeout 60 start"
    stops = (Stop("TERM", exits=(0,), ends_within=4.0),)
    in_ci = True
