# SPDX-License-Identifier: MIT
"""Redis."""

from clients import Lost
from server import Server, Stop


class Redis(Server):
    """TERM saves, which takes 6 s here; clients wait in BLPOP for what never comes."""

    title = "Redis"
    kind = "data"
    signals = ("TERM", "INT")
    guess = "TERM saves and exits with 0"
    note = ("TERM saves the data if `save` is set, which takes 6 s here. The stop timeout has to be longer "
            "than that.")
    shown = "redis-server"
    packages = "redis-server"
    version = "redis-server --version"
    command = ("redis-server --port 8080 --dir @dir@ --save '3600 1' --rdb-key-save-delay 6000"
               " --shutdown-timeout 1")
    blocked = 0
    stops = (Stop("TERM", exits=(0,), ends_within=10.0, timeout=30),
             Stop("INT", exits=(0,), ends_within=10.0, timeout=30))
    keys = 1000

    def ask(self, client, *words):
        client.sendall(f"*{len(words)}\r\n".encode() +
                       b"".join(f"${len(word)}\r\n{word}\r\n".encode() for word in words))
        return client.recv(1000)

    def begin(self, box):
        client = box.connect()
        for number in range(self.keys):
            assert self.ask(client, "SET", f"key{number}", "value") == b"+OK\r\n"
        box.watch("answered", client)
        for number in range(self.blocked):
            waits = box.connect()
            waits.sendall(b"*3\r\n$5\r\nBLPOP\r\n$1\r\nq\r\n$1\r\n0\r\n")
            box.watch(f"waiting {number}", waits)
        return []

    def after(self, box):
        if not box.program.out.find("DB saved on disk"):
            raise Lost("the data was not saved")


class RedisBlpop(Redis):
    """A client that waits in BLPOP looks like a request that waits: it holds until D."""

    name = "redis-blpop"
    blocked = 3
    keys = 10
    stops = (Stop("TERM", exits=(0,), ends_within=6.5, options=("--longest-request=5s",), note="D=5s"),)
