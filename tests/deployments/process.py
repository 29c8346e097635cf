# SPDX-License-Identifier: MIT
"""Processes of the host that end with the test, also when the test is killed."""

import ctypes
import signal
import socket
import subprocess

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)


def _end_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(command, **options):
    """A process that is sent SIGTERM when the thread that started it ends: call this from the main thread."""
    return subprocess.Popen(command, preexec_fn=_end_with_parent, **options)


def end(process, seconds=5):
    """Ends a process that was started here."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def free_ports(count):
    """Ports of the loopback interface on which nothing listens now."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
