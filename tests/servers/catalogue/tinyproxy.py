# SPDX-License-Identifier: MIT
"""Tinyproxy in front of one server."""

from server import HttpServer, Stop


class Tinyproxy(HttpServer):
    """It has no keep-alive."""

    title = "Tinyproxy"
    kind = "web"
    signals = ("TERM", "INT")
    guess = "TERM waits for the threads that serve, and exits with 0"
    packages = "tinyproxy-bin"
    version = "tinyproxy -v"
    files = {"tinyproxy.conf": """
Port 8080
Timeout 60
MaxClients 20
ReversePath "/" "http://127.0.0.1:9000/"
ReverseOnly Yes
"""}
    command = "tinyproxy -d -c tinyproxy.conf"
    backend = True
    stream = "/stream"
    stops = (Stop("TERM", exits=(0,)),)
