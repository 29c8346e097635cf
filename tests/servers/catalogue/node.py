# SPDX-License-Identifier: MIT
"""Node's own servers."""

from apps import NODE
from clients import H2, H2Tls, Http1, Https1
from server import HttpServer, Stop


class NodeHttp(HttpServer):
    """Without a handler: TERM ends it as it is."""

    title = "Node, http without a handler"
    kind = "javascript"
    signals = ("TERM", "INT")
    guess = "TERM ends Node at once with 143; as PID 1 nothing happens, because the kernel drops signals without a handler"
    note = ("Without a handler TERM ends Node at once, and Node as PID 1 ignores it. `lastcall` needs "
            "no handler; `--exit-map=143:0` makes the status 0.")
    shown = "node app.js"
    name = "node-http"
    packages = "nodejs"
    version = "node --version"
    files = {"app.js": NODE}
    command = "node app.js http"
    client = Http1

    def prepare(self, box):
        box.certificate()


class NodeYoung(NodeHttp):
    """One exchange tells nothing: its connection is waited for, but no longer than D."""

    name = "node-young"
    exchanges = 1
    stops = (Stop("TERM", options=("--longest-request=5s",), longest_request=5, note="D=5s"),)


class NodeHttps(NodeHttp):
    name = "node-https"
    command = "node app.js https"
    client = Https1
    in_ci = True


class NodeH2c(NodeHttp):
    name = "node-h2c"
    command = "node app.js h2c"
    client = H2


class NodeH2(NodeHttp):
    name = "node-h2"
    command = "node app.js h2"
    client = H2Tls
