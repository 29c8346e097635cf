#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# dotenv and env-cmd as PID 1 exit with 0 when the application was killed
#
# Guess: a program that sets variables and starts another one passes its exit status on: 137 after SIGKILL, as PID 1,
#   too; and a status of the application's own survives a stop.
# Seen: both report a signal by sending it to themselves. As PID 1 the kernel drops it, nothing else is left to do, and
#   Node exits with 0. env-cmd does the same on TERM: the application exits with 7, and the container with 0. Not as
#   PID 1 env-cmd exits on TERM at once, and leaves the application running.
# For containers: an application that the kernel killed for its memory ends as a success, and "restart: on-failure"
#   does not start it again.
# Software: dotenv-cli 11.0.0, env-cmd 11.0.0 (npm); Node 20; Linux 6.18
# Source: dotenv-cli, cli.js (process.kill(process.pid, signal)); env-cmd, signal-termination.js; pid_namespaces(7)
# Output, 2026-11-29:
#   dotenv: the application was killed: 137
#   dotenv: as PID 1, the application was killed: 0
#   env-cmd: the application was killed: 137
#   env-cmd: as PID 1, the application was killed: 0
#   env-cmd: as PID 1, TERM, the application exits with 7: 0
#   env-cmd: TERM: 143
#   env-cmd: TERM, the application still runs when it ends: True
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
npm_packages dotenv-cli@11.0.0 env-cmd@11.0.0
probe <<'PY'
import os
from probe import Server, check, finish, run, wait_for, write

write("app.env", "COLOUR=blue\n")
write("killed.js", "process.kill(process.pid, 'SIGKILL');\n")
write("app.js", """
const fs = require('fs');
const server = require('http').createServer().listen(8080);
process.on('SIGTERM', () => {
    fs.writeFileSync('stopping', '');
    setTimeout(() => { fs.writeFileSync('saved', ''); process.exit(7); }, 2000);
});
""")
modules = os.environ["NODE_PATH"]
wrappers = {"dotenv": ("node", f"{modules}/dotenv-cli/cli.js", "-e", "app.env", "--"),
            "env-cmd": ("node", f"{modules}/env-cmd/bin/env-cmd.js", "-f", "app.env")}
PID1 = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


def status(*command):
    """As a shell has it: 128 + the signal that ended it."""
    code, _ = run(*command)
    return code if code >= 0 else 128 - code


for name, wrapper in wrappers.items():
    check(f"{name}: the application was killed", status(*wrapper, "node", "killed.js"), 137)
    check(f"{name}: as PID 1, the application was killed", status(*PID1, *wrapper, "node", "killed.js"), 0)

server = Server(*wrappers["env-cmd"], "node", "app.js", port=8080, as_pid1=True)
server.signal("TERM")
server.seconds_to_end()
check("env-cmd: as PID 1, TERM, the application exits with 7", server.status() if os.path.exists("saved") else "cut", 0)
for file in ("stopping", "saved"):
    os.remove(file)
server = Server(*wrappers["env-cmd"], "node", "app.js", port=8080)
app = int(wait_for(lambda: server.children(server.pid), "node")[0])
server.signal("TERM")
server.seconds_to_end()
still_runs = os.path.exists(f"/proc/{app}/exe") and not os.path.exists("saved")
check("env-cmd: TERM", server.status(), 143)
check("env-cmd: TERM, the application still runs when it ends", still_runs, True)
wait_for(lambda: not os.path.exists(f"/proc/{app}/exe"), "the end of node")
finish()
PY
