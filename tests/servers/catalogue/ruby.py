# SPDX-License-Identifier: MIT
"""Servers for Ruby applications."""

from server import HttpServer, Stop

RACK = """
run lambda { |env|
  sleep 3 if env['PATH_INFO'].include?('slow')
  [200, { 'Content-Length' => '5' }, ["done\\n"]]
}
"""


class Unicorn(HttpServer):
    """TERM ends it 121 ms later with its work cut; QUIT is for finishing."""

    packages = "unicorn"
    version = "unicorn --version"
    files = {"config.ru": RACK, "unicorn.rb": "worker_processes 3\nlisten 8080\n"}
    command = "unicorn -c unicorn.rb config.ru"
    stops = (Stop("TERM", exits=(0,)), Stop("QUIT", exits=(0,)))


class Puma(HttpServer):
    packages = "puma"
    version = "puma --version"
    files = {"config.ru": RACK}
    command = "puma --bind tcp://0.0.0.0:8080 --threads 8:8 config.ru"
    stops = (Stop("TERM", exits=(143, 0)), Stop("INT", exits=(130, 0)))


class PumaCluster(Puma):
    name = "puma-cluster"
    command = Puma.command.replace("--threads", "--workers 2 --threads")
    stops = (Stop("TERM", exits=(143, 0), ends_within=2.0),)
