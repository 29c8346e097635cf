# SPDX-License-Identifier: MIT
"""memcached."""

from clients import Lost
from server import HttpServer, Stop


class Memcached(HttpServer):
    """Its clients talk a protocol of their own; one that is connected keeps nothing from ending."""

    title = "memcached"
    kind = "data"
    signals = ("TERM", "INT", "USR1")
    guess = "TERM ends it at once with 0"
    flaw = "It looks for its signal once a second."
    note = "It needs up to a second to notice its signal. TERM, INT and USR1 do the same."
    packages = "memcached"
    version = "memcached -V"
    command = "memcached -u root -p 8080 -U 0"
    stops = (Stop("TERM", exits=(0,), ends_within=2), Stop("INT", exits=(0,), ends_within=2))

    def wait_serving(self, box):
        super(HttpServer, self).wait_serving(box)

    def begin(self, box):
        for number in range(10):
            client = box.connect()
            for _ in range(50):
                client.sendall(b"get key\r\n")
                if client.recv(100) != b"END\r\n":
                    raise Lost("no answer")
            box.watch(f"answered {number}", client)
        return []

    def during(self, box):
        return None
