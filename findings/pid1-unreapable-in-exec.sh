#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A killed PID 1 does not end before the parent of a process from outside has waited for it
#
# Guess: SIGKILL ends PID 1 at once, and the kernel reaps what dies with it; a zombie whose parent is outside of the
#   namespace remains alone.
# Seen: PID 1 reaps its descendants, and then sleeps until its namespace has no other process, zombies included. A
#   process that entered with setns(2), as "docker exec" does, belongs to its parent outside. While that one does not
#   wait for it, PID 1 is in state S with SIGKILL delivered: a second SIGKILL changes nothing, and its own parent
#   waits, too. It ends within milliseconds of that wait(2).
# For containers: one agent that does not collect what it ran in a container keeps the container from stopping.
# Software: Linux 6.18; Python 3.11
# Source: kernel/pid_namespace.c (zap_pid_ns_processes); pid_namespaces(7) says only that SIGKILL goes to all
# Output, 2026-11-29:
#   after SIGKILL, the process from outside: Z
#   PID 1 has ended 2 s after SIGKILL: False
#   PID 1 is in state: S
#   PID 1 has ended 1 s after another SIGKILL: False
#   once the agent has waited, PID 1 has ended: True
#   PID 1, killed by: 9
#   without a process from outside, PID 1 ends after: 0.0 s
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
probe <<'PY'
import ctypes
import os
import select
import signal
from probe import check, finish, time, wait_for

CLONE_NEWPID = 0x20000000
libc = ctypes.CDLL(None, use_errno=True)


def enter(flags, function, *arguments):
    """A child whose own children are in another pid namespace; it starts one, which only waits."""
    told, telling = os.pipe()
    child = os.fork()
    if child == 0:
        if function(*arguments, flags) < 0:
            os._exit(1)
        inside = os.fork()
        if inside == 0:
            while True:
                signal.pause()
        os.write(telling, str(inside).encode())
        signal.signal(signal.SIGUSR1, lambda *_: os.waitpid(inside, 0))
        while True:
            signal.pause()
    return child, int(os.read(told, 20))


def state(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


def has_ended(pidfd, seconds):
    return select.select([pidfd], [], [], seconds)[0] != []


def start_pid1():
    """Its parent ends, and this process, a subreaper, becomes the parent."""
    parent, pid1 = enter(CLONE_NEWPID, libc.unshare)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    return pid1, os.pidfd_open(pid1)


PR_SET_CHILD_SUBREAPER = 36
libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
pid1, pidfd = start_pid1()
agent, inside = enter(CLONE_NEWPID, libc.setns, os.open(f"/proc/{pid1}/ns/pid", os.O_RDONLY))
os.kill(pid1, signal.SIGKILL)
wait_for(lambda: state(inside) == "Z", "the end of the process from outside")
check("after SIGKILL, the process from outside", state(inside), "Z")
check("PID 1 has ended 2 s after SIGKILL", has_ended(pidfd, 2), False)
check("PID 1 is in state", state(pid1), "S")
os.kill(pid1, signal.SIGKILL)
check("PID 1 has ended 1 s after another SIGKILL", has_ended(pidfd, 1), False)
os.kill(agent, signal.SIGUSR1)
check("once the agent has waited, PID 1 has ended", has_ended(pidfd, 10), True)
check("PID 1, killed by", os.WTERMSIG(os.waitpid(pid1, 0)[1]), 9)
os.kill(agent, signal.SIGKILL)
os.waitpid(agent, 0)

pid1, pidfd = start_pid1()
begin = time.monotonic()
os.kill(pid1, signal.SIGKILL)
has_ended(pidfd, 10)
check("without a process from outside, PID 1 ends after", time.monotonic() - begin, (0.0, 2.0))
finish()
PY
