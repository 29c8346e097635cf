# SPDX-License-Identifier: MIT
"""Puma."""

from apps import RACK
from server import HttpServer, Stop


class Puma(HttpServer):
    title = "Puma"
    kind = "ruby"
    signals = ("TERM", "INT")
    guess = "TERM finishes requests and exits with 143, as PID 1 with 1"
    note = ("TERM finishes requests; the status is 143, and 1 as PID 1. `raise_exception_on_sigterm "
            "false` makes it 0.")
    packages = "puma"
    version = "puma --version"
    files = {"config.ru": RACK}
    command = "puma --bind tcp://0.0.0.0:8080 --threads 8:8 config.ru"
    stops = (Stop("TERM", exits=(143, 0)), Stop("INT", exits=(130, 0)))


class PumaCluster(Puma):
    title = "Puma, cluster"
    kind = "ruby"
    signals = ("TERM", "INT")
    guess = "TERM finishes; INT too"
    note = ("TERM finishes requests. Do not use INT: the listener stays open while no worker "
            "serves.")
    name = "puma-cluster"
    command = Puma.command.replace("--threads", "--workers 2 --threads")
    stops = (Stop("TERM", exits=(143, 0), ends_within=2.0),)
