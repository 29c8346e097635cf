# SPDX-License-Identifier: MIT
"""pm2-runtime, the form of pm2 for containers."""

import os

from apps import NODE
from server import Advice, HttpServer, Stop


class Pm2(HttpServer):
    name = "pm2-runtime"
    title = "pm2-runtime"
    kind = "javascript"
    signals = ("TERM", "INT")
    guess = "TERM is passed on to the application as TERM, with 1.6 s until SIGKILL"
    note = ("pm2 sends the application INT instead of TERM, and SIGKILL after 1.6 s (`--kill-timeout`). A handler "
            "for TERM alone never runs.")
    shown = "pm2-runtime app.js"
    product = "`pm2` {} from npm"
    version = "echo 7.0.4"
    files = {"app.js": NODE}
    command = "node @dir@/node_modules/pm2/bin/pm2-runtime app.js -- http close"
    environment = {"PM2_HOME": "@dir@/pm2"}
    never_used = False
    stops = (Stop("TERM", exits=(0,), ends_within=4.0),)
    advice = Advice(command="node app.js http close", set="the command `node app.js`",
                    why="the orchestrator restarts the container, and pm2 adds only a process that has to forward signals")

    def prepare(self, box):
        box.certificate()
        os.symlink(box.npm("pm2@7.0.4"), box.path("node_modules"))
