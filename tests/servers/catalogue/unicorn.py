# SPDX-License-Identifier: MIT
"""unicorn."""

from apps import RACK
from server import HttpServer, Stop


class Unicorn(HttpServer):
    """TERM ends it 121 ms later with its work cut; QUIT is for finishing."""

    title = "unicorn"
    kind = "ruby"
    signals = ("TERM", "QUIT", "INT")
    guess = "TERM cuts, QUIT finishes; both exit with 0"
    note = ("QUIT waits for a client that never sends a request, TERM and INT cut. `lastcall` sends "
            "TERM when nothing is in flight, QUIT when work is left.")
    packages = "unicorn"
    version = "unicorn --version"
    files = {"config.ru": RACK, "unicorn.rb": "worker_processes 3\nlisten 8080\n"}
    command = "unicorn -c unicorn.rb config.ru"
    stops = (Stop("TERM", exits=(0,)), Stop("QUIT", exits=(0,)))
