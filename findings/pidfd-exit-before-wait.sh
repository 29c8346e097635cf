#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A readable pidfd does not say yet how its process ended, and its exit_code is 0
#
# Guess: since Linux 6.15 PIDFD_GET_INFO with PIDFD_INFO_EXIT says how a process ended as soon as poll(2) finds its
#   pidfd readable: this is what the flag is for where the process is another's child.
# Seen: until the parent has waited for the zombie the request succeeds, the mask lacks PIDFD_INFO_EXIT, and exit_code
#   is 0, which reads as a clean exit. POLLHUP shows when the status is there. It is that of wait(2): exit(7) is 1792.
#   From then on a request without the flag is ESRCH.
# For containers: a watcher that asks at POLLIN takes a crash for a success, unless it checks the mask; a parent that
#   never waits hides the status for good.
# Software: Linux 6.15 or later, seen on 6.18; Python 3.11
# Source: fs/pidfs.c (pidfd_info, pidfs_exit), kernel/exit.c (release_task); include/uapi/linux/pidfd.h
# Output, 2026-11-29:
#   alive: the status is known: False
#   zombie: poll: POLLIN
#   zombie: the status is known: False
#   zombie: exit_code: 0
#   waited for: poll: POLLIN POLLHUP
#   waited for: the status is known: True
#   waited for: exit_code: 1792
#   waited for: without PIDFD_INFO_EXIT: ESRCH
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
probe <<'PY'
import fcntl
import os
import select
import struct
from probe import cannot_run, check, errno, finish

PIDFD_GET_INFO = 3 << 30 | 64 << 16 | 0xFF << 8 | 11  # _IOWR(0xFF, 11, struct pidfd_info), its first size
INFO_EXIT = 1 << 3


def info(pidfd, mask=INFO_EXIT):
    """Whether the mask has PIDFD_INFO_EXIT, and exit_code; or the name of the error."""
    buffer = bytearray(struct.pack("Q", mask).ljust(64, b"\0"))
    try:
        fcntl.ioctl(pidfd, PIDFD_GET_INFO, buffer)
    except OSError as error:
        return errno.errorcode[error.errno]
    return struct.unpack_from("Q", buffer)[0] & INFO_EXIT != 0, struct.unpack_from("i", buffer, 60)[0]


def events(pidfd, milliseconds):
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    seen = dict(poll.poll(milliseconds)).get(pidfd, 0)
    return " ".join(name for name in ("POLLIN", "POLLHUP") if seen & getattr(select, name))


reading, writing = os.pipe()
child = os.fork()
if child == 0:
    os.close(writing)
    os.read(reading, 1)
    os._exit(7)
pidfd = os.pidfd_open(child)
if isinstance(info(pidfd), str):
    cannot_run("needs Linux 6.15")
check("alive: the status is known", info(pidfd)[0], False)
os.close(writing)
check("zombie: poll", events(pidfd, 10000), "POLLIN")
check("zombie: the status is known", info(pidfd)[0], False)
check("zombie: exit_code", info(pidfd)[1], 0)
os.waitpid(child, 0)
check("waited for: poll", events(pidfd, 10000), "POLLIN POLLHUP")
check("waited for: the status is known", info(pidfd)[0], True)
check("waited for: exit_code", info(pidfd)[1], 7 << 8)
check("waited for: without PIDFD_INFO_EXIT", info(pidfd, 0), "ESRCH")
finish()
PY
