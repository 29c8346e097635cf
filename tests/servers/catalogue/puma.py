# SPDX-License-Identifier: MIT
"""Puma."""

from apps import RACK
from server import HttpServer, Stop


class Puma(HttpServer):
    title = "Puma"
    kind = "ruby"
    signals = ("TERM", "INT")
    guess = "TERM finishes requests and exits with 143, as PID 1 with 1"
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
    name = "puma-cluster"
    command = Puma.command.replace("--threads", "--workers 2 --threads")
    stops = (Stop("TERM", exits=(143, 0), ends_within=2.0),)
