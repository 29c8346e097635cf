# SPDX-License-Identifier: MIT
"""Applications that do not end when they are asked to; the argument says in which way.

deaf          ignores SIGTERM
stopped       is SIGSTOPped
stopped-deaf  is SIGSTOPped and ignores SIGTERM
daemon        ends on SIGTERM, but has left a child in a session of its own that ignores it"""

import os
import signal
import sys

from line import Line


def be_deaf():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def sleep_for_ever():
    while True:
        signal.pause()


def leave_a_daemon(line):
    """The classic double fork: a session of its own, and no parent that would know of it."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            be_deaf()
            line.say("ready")
            sleep_for_ever()
        os._exit(0)
    os.wait()


manner = sys.argv[1]
line = Line()
if manner in ("deaf", "stopped-deaf"):
    be_deaf()
if manner == "daemon":
    leave_a_daemon(line)
else:
    line.say("ready")
if manner.startswith("stopped"):
    os.kill(os.getpid(), signal.SIGSTOP)
sleep_for_ever()
