# SPDX-License-Identifier: MIT
"""etcd."""

import harness
from clients import SlowExchange, Work
from server import Advice, Server, Stop


class Etcd(Server):
    """A watch is a stream without an end."""

    title = "etcd"
    kind = "data"
    signals = ("TERM", "INT")
    guess = "TERM ends watches and exits with 0"
    note = "TERM cuts requests and watches at once, and the status is 143."
    shown = "etcd"
    packages = "etcd-server etcd-client"
    version = "etcd --version"
    advice = Advice(options=("--longest-request=2s",), why="a watch is a stream without an end, and holds the drain so long; the default is 10 s")
    command = ("etcd --data-dir @dir@/data --listen-client-urls http://127.0.0.1:8080"
               " --advertise-client-urls http://127.0.0.1:8080 --listen-peer-urls http://127.0.0.1:8081"
               " --initial-advertise-peer-urls http://127.0.0.1:8081 --initial-cluster default=http://127.0.0.1:8081")
    stops = (Stop("TERM", exits=(0, 143), ends_within=24.0, timeout=30),
             Stop("TERM", exits=(0, 143), ends_within=7.0, options=("--longest-request=5s",), note="D=5s"))

    def etcdctl(self, *words):
        return ("env", "ETCDCTL_API=3", "etcdctl", "--endpoints=http://127.0.0.1:8080", *words)

    def wait_serving(self, box):
        harness.wait_until(lambda: box.run(*self.etcdctl("put", "key", "value"))[0] == 0, "etcd answers")

    def begin(self, box):
        box.spawn(*self.etcdctl("watch", "key"))
        client = SlowExchange(box.connect())
        client.socket.sendall(b"POST /v3/kv/range HTTP/1.1\r\nHost: localhost\r\nContent-Length: 14\r\n\r\n{\"key\":")
        return [Work("slow", lambda: client.finish_slowly(b'"a2V5"}', b"header"))]
