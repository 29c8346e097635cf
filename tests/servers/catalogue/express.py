# SPDX-License-Identifier: MIT
"""Express."""

import os

from server import Advice, HttpServer, Stop

APP = """
const app = require('express')();
app.get('/slow', (request, response) => setTimeout(() => response.send('done\\n'), 3000));
app.get('/', (request, response) => response.send('done\\n'));
const server = app.listen(8080);
server.keepAliveTimeout = 60000;
process.on('SIGTERM', () => server.close(() => process.exit(0)));
"""


class Express(HttpServer):
    title = "Express, server.close()"
    kind = "javascript"
    signals = ("TERM",)
    guess = "as Node: close() finishes requests, and waits for the connection that was never used"
    note = ("app.listen() returns Node's server: what holds for Node's close() holds here. NestJS with "
            "enableShutdownHooks(), terminus and Apollo Server end their stop with a signal to themselves: the status is 143, which "
            "`--exit-map=143:0` makes 0. As PID 1 they may [never end](../findings/nest-kills-itself-as-pid1.sh).")
    product = "`express` {} from npm"
    version = "echo 5.3.0"
    files = {"app.js": APP}
    command = "node app.js"
    advice = Advice(files={"app.js": APP.replace("process.exit(0))", "process.exit(0)) && server.closeAllConnections()")},
                    set="`server.closeAllConnections()` after `server.close()`",
                    why="under `lastcall` TERM comes when no request is in flight, and this closes the rest")
    stops = (Stop("TERM", exits=(137,), ends_within=24.0, outcome="killed", alarm=None),)

    def prepare(self, box):
        os.symlink(box.npm("express@5.3.0"), box.path("node_modules"))
