# SPDX-License-Identifier: MIT
"""What may go wrong around a stop: with the application, with the report, and with what lastcall sees."""

import ctypes
import dataclasses
import os
import signal
import socket
import struct
import sys

import harness
from harness import APP_PORT, PROBE

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "reliability"))
from cgroup import Cgroup  # noqa: E402

TERM, STOP, SEGV = signal.SIGTERM.value, signal.SIGSTOP.value, signal.SIGSEGV.value
KILLED = 128 + signal.SIGKILL
STUBBORN = 500 if os.environ.get("LASTCALL_FAULT_STOPS") else 40
ORPHANS = 50
MEMORY = 24 << 20  # lastcall and the application need 4 MiB of it

SERVE = f"serve={APP_PORT}"
EXIT = f"exit-on={TERM}:3"
WAIT = ("print=ready", "wait")


@dataclasses.dataclass(frozen=True)
class Application:
    steps: tuple  # of the probe
    ends: frozenset  # the exit statuses that are right
    leftovers: int = 0  # processes that it leaves behind
    deaf: int = 0  # of these, on which SIGTERM has no effect
    orphans: int = 0  # that have ended before
    requests: bool = True  # it answers some
    ends_by_itself: bool = False  # maybe before the stop signal
    out_of_memory: bool = False


def app(*steps, ends=(3,), **properties):
    return Application(steps, frozenset(ends), **properties)


APPS = {
    "exits": app(SERVE, EXIT, *WAIT),
    "ignores SIGTERM": app(SERVE, f"ignore={TERM}", "print=ready", "hang", ends=(KILLED,)),
    "is stopped": app(SERVE, EXIT, "print=ready", f"raise={STOP}", "wait", requests=False),
    "crashes": app(SERVE, "print=ready", "sleep=300", f"raise={SEGV}", ends=(128 + SEGV, 128 + TERM), ends_by_itself=True),
    "leaves a daemon": app(SERVE, "daemon=plain", "print=ready", "hang", ends=(128 + TERM,), leftovers=1),
    "leaves a stubborn daemon": app(SERVE, "daemon=deaf", EXIT, *WAIT, leftovers=1, deaf=1),
    "has stubborn workers": app(SERVE, *["child=deaf"] * STUBBORN, EXIT, *WAIT, leftovers=STUBBORN, deaf=STUBBORN),
    "leaves orphans": app(SERVE, f"orphans={ORPHANS}", EXIT, *WAIT, orphans=ORPHANS),
    "closes its listener": app(SERVE, f"unlisten-on={TERM}", *WAIT, ends=(KILLED,)),
    "spins both cores": app(SERVE, "spin=2", EXIT, *WAIT),
    "fills its stdout": app(SERVE, "fill", ends=(128 + TERM,)),
    "is out of memory": app(SERVE, f"eat-on={TERM}", *WAIT, ends=(KILLED,), out_of_memory=True),
    "re-execs": app(SERVE, "exec", "/bin/sh", "-c", 'exec "$@"', "sh", PROBE, SERVE, EXIT, *WAIT),
    "re-execs at the stop": app(SERVE, f"exec-on={TERM}", *WAIT, "/bin/sh", "-c", "sleep 0.1; exit 4", ends=(4,)),
    "changes its user": app(SERVE, "user=12345", EXIT, *WAIT),
    "hides": app("hide", SERVE, EXIT, *WAIT),
    "never listens": app(EXIT, *WAIT, requests=False),
    "hangs in vfork": app(SERVE, "print=ready", "vfork", ends=(128 + TERM, KILLED), requests=False),
}
SINKS = ("stderr", "stdout", "full disk", "full pipe", "closed pipe", "read-only file", "off")
SIGHTS = {  # the jail's settings
    "all": (),
    "no sock_diag": ("deny=netlink",),
    "sock_diag is refused": ("deny=netlink-eperm",),
    "no events": ("deny=events",),
    "lost events": (),
    "no pidfd": ("deny=pidfd",),
    "hidepid": ("proc=hidepid=2", "noptrace"),
    "no /proc": ("proc=off",),
    "nothing": ("deny=netlink", "proc=off"),
}
BLIND = ("no /proc", "nothing")  # processes are not seen
NO_NETLINK = ("no sock_diag", "sock_diag is refused", "nothing")


def left_out():
    """The ways that cannot be had on this machine: name -> reason."""
    try:
        Cgroup("memory").close()
    except OSError as error:
        return {"is out of memory": f"no control group with a memory limit can be made: {error}"}
    return {}


# ---- the events of ended connections are lost ----

LIBC = ctypes.CDLL(None)
PIDFD_GETFD = 438  # on every architecture
SO_MEMINFO, SK_MEMINFO_DROPS = 55, 8  # asm-generic/socket.h, linux/sock_diag.h
EVENTS = 20  # more than the least receive buffer has room for


def events_socket(pid):
    """A descriptor of ours for the socket on which lastcall gets the kernel's events, or None."""
    process = os.pidfd_open(pid)
    try:
        for fd in map(int, os.listdir(f"/proc/{pid}/fd")):
            if not os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:"):
                continue
            ours = LIBC.syscall(PIDFD_GETFD, process, fd, 0)
            if ours < 0:
                continue
            found = socket.socket(fileno=ours)
            if found.family == socket.AF_NETLINK and found.getsockname()[1] != 0:
                return found
            found.close()
    finally:
        os.close(process)
    return None


def drops(events):
    return struct.unpack("9I", events.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36))[SK_MEMINFO_DROPS]


def lose_events(program):
    """The buffer is made as small as the kernel allows, and more connections end than fit, while lastcall does not run.
    Returns how many events the kernel has dropped; lastcall may be gone before."""
    try:
        events = harness.wait_until(lambda: not harness.is_alive(program.pid) or events_socket(program.pid), "lastcall joins the events")
        if events is True:
            return 0
        with events, program.socket() as listener:
            events.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            listener.bind(("127.0.0.1", 0))
            listener.listen(EVENTS)
            program.send(signal.SIGSTOP)
            try:
                for _ in range(EVENTS):
                    with program.socket() as client:
                        client.connect(listener.getsockname())
                        listener.accept()[0].close()
                return harness.wait_until(lambda: drops(events), "the kernel drops events", seconds=1)
            finally:
                program.send(signal.SIGCONT)
    except (ProcessLookupError, FileNotFoundError):
        return 0
