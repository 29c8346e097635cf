#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# hapi's server.stop() cuts requests after 5 s, and resolves as if nothing was lost
#
# Guess: stop() waits for the requests in flight, without a limit, as Node's server.close() does.
# Seen: after 5 s it destroys their connections, whatever stop timeout the container has. The promise resolves, not
#   rejects, so that the application exits with 0. stop({ timeout }) sets another limit.
# For containers: on Kubernetes, with 30 s, a request of 7 s is lost in each deployment, and no status or log shows it.
# Software: @hapi/hapi 21.4.10 (npm); Node 20; Linux 6.18
# Source: hapi, API.md, server.stop() (timeout: 5000); lib/core.js (_stop)
# Output, 2026-11-29:
#   stop(): the request of 7 s: cut
#   stop(): ends after: 5.0 s
#   stop(): exit status: 0
#   stop({ timeout: 20000 }): the request of 7 s: whole
#   stop({ timeout: 20000 }): exit status: 0
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
npm_packages @hapi/hapi@21.4.10
probe <<'PY'
import os
from probe import Client, Server, check, finish, wait_for, write

write("app.js", """
const fs = require('fs');
const server = require('@hapi/hapi').server({ host: '127.0.0.1', port: 8080 });
const handler = async () => {
    fs.writeFileSync('began', '');
    await new Promise((resolve) => setTimeout(resolve, 7000));
    return 'done\\n';
};
server.route({ method: 'GET', path: '/', handler });
server.start();
process.on('SIGTERM', () => server.stop(JSON.parse(process.env.STOP)).then(() => process.exit(0), () => process.exit(1)));
""")
for name, options, answer in (("stop()", "{}", "cut"), ("stop({ timeout: 20000 })", '{"timeout": 20000}', "whole")):
    if os.path.exists("began"):
        os.remove("began")
    server = Server("node", "app.js", port=8080, env={"STOP": options})
    client = Client(8080)
    client.get()
    wait_for(lambda: os.path.exists("began"), "the request")
    server.signal("TERM")
    check(f"{name}: the request of 7 s", client.answer(), answer)
    seconds = server.seconds_to_end()
    if answer == "cut":
        check(f"{name}: ends after", seconds, (4.5, 6.8))
    check(f"{name}: exit status", server.status(), 0)
finish()
PY
