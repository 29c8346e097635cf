# SPDX-License-Identifier: MIT
"""nats-server."""

from server import Stop, TcpServer


class Nats(TcpServer):
    name = "nats-server"
    title = "nats-server"
    kind = "data"
    signals = ("TERM", "INT", "USR2")
    guess = "TERM and INT cut and exit with 0; USR2, lame duck mode, moves clients away"
    note = ("TERM exits with 1, INT with 0, both at once. USR2 is lame duck mode: the server "
            "disconnects its clients one by one, which takes more than ten seconds.")
    flaw = ("A message that the client sent in two parts looks unfinished to `lastcall` for up to 2 s, though the server has "
            "answered it.")
    patience = 35
    packages = "nats-server"
    version = "nats-server --version"
    command = "nats-server -a 0.0.0.0 -p 8080"
    greeting = b"INFO "
    hello = ((b"CONNECT {\"verbose\":false}\r\nPING\r\n", b"PONG"),)
    quick = (b"PING\r\n", b"PONG")
    slow = (b"PUB a 10\r\nhello", b"world\r\nPING\r\n", b"PONG")
    stops = (Stop("TERM", exits=(0,), ends_within=4.0, alarm=None),)
    in_ci = True
