#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# abort() as PID 1 ends with 139, SIGSEGV, where it is 134, SIGABRT, elsewhere
#
# Guess: abort(3) ends the process with SIGABRT everywhere: status 134.
# Seen: as PID 1 the status is 139, of Python and of Node alike. The kernel drops SIGABRT, which PID 1 sends to itself
#   with the default action; then abort(3) runs an instruction that faults, and the kernel delivers SIGSEGV by force.
#   With an init in front of it the same program ends with 134.
# For containers: "exit code 139" starts a hunt for a memory error where an assertion failed or a runtime gave up.
# Software: Debian 12, glibc 2.36; dumb-init 1.2.5-2; Python 3.11, Node 20; Linux 6.18, amd64
# Source: glibc, stdlib/abort.c (raise, then ABORT_INSTRUCTION: hlt on x86); pid_namespaces(7)
# Output, 2026-11-29:
#   Python, os.abort(): 134
#   Python, os.abort(), as PID 1: 139
#   Python, os.abort(), behind dumb-init as PID 1: 134
#   Node, process.abort(): 134
#   Node, process.abort(), as PID 1: 139
#   Node, process.abort(), behind dumb-init as PID 1: 134
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need node
[ "$(uname -m)" = x86_64 ] || cannot_run "needs amd64: elsewhere another instruction faults"
debian dumb-init=1.2.5-2
ulimit -c 0
probe <<'PY'
from probe import check, finish, run

PID1 = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


def status(*command):
    """As a shell has it: 128 + the signal that ended it."""
    code, _ = run(*command)
    return code if code >= 0 else 128 - code


programs = {"Python, os.abort()": ("/usr/bin/python3", "-c", "import os; os.abort()"),
            "Node, process.abort()": ("node", "-e", "process.abort()")}
for name, command in programs.items():
    check(name, status(*command), 134)
    check(f"{name}, as PID 1", status(*PID1, *command), 139)
    check(f"{name}, behind dumb-init as PID 1", status(*PID1, "dumb-init", *command), 134)
finish()
PY
