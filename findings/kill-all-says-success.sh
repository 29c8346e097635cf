#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# kill(-1) succeeds where it may not signal a single process
#
# Guess: it fails with EPERM where every process refuses the signal, as kill(2) says, and as kill(pid) and kill(-pgid) do.
# Seen: it returns 0, and no process gets the signal. It fails only where there is no other process, with ESRCH.
# For containers: a PID 1 that is not root (USER, or without CAP_KILL) cannot end what a setuid program or
#   "docker exec -u 0" started. A PID 1 that trusts the 0 of its kill(-1, SIGKILL), and then waits for its last child,
#   waits until the orchestrator's SIGKILL.
# Software: Linux 6.18; Python 3.11
# Source: kernel/signal.c, kill_something_info (retval is 0 at first, and -EPERM is not kept)
# Output, 2026-11-29:
#   alone, kill(-1, TERM): ESRCH
#   with a process of another user, kill(pid, TERM): EPERM
#   with a process of another user, kill(-pgid, TERM): EPERM
#   with a process of another user, kill(-1, TERM): success
#   with a process of another user, kill(-1, KILL): success
#   the process of another user: running
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" -eq 0 ] || cannot_run "needs root, for a second user"
probe <<'PY'
import ctypes
import os
import signal
from probe import check, errno, finish

libc = ctypes.CDLL(None, use_errno=True)


def kill(pid, number):
    return "success" if libc.kill(pid, number) == 0 else errno.errorcode[ctypes.get_errno()]


assert os.getpid() == 1
check("alone, kill(-1, TERM)", kill(-1, signal.SIGTERM), "ESRCH")
reader, writer = os.pipe()
other = os.fork()
if other == 0:
    os.setpgid(0, 0)
    os.setuid(1001)
    os.write(writer, b"x")
    signal.pause()
os.read(reader, 1)
os.setuid(1000)
for what, pid, number, expected in (("pid, TERM", other, signal.SIGTERM, "EPERM"),
                                    ("-pgid, TERM", -other, signal.SIGTERM, "EPERM"),
                                    ("-1, TERM", -1, signal.SIGTERM, "success"),
                                    ("-1, KILL", -1, signal.SIGKILL, "success")):
    check(f"with a process of another user, kill({what})", kill(pid, number), expected)
ended, _ = os.waitpid(other, os.WNOHANG)
check("the process of another user", "ended" if ended else "running", "running")
finish()
PY
