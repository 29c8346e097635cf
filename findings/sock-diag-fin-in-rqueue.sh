#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A connection on which no byte was ever sent has one byte to read
#
# Guess: idiag_rqueue is the number of bytes that recv(2) can return.
# Seen: an unread FIN counts as one: 1 on a connection that was opened and closed, 4 for 3 bytes and a FIN. FIONREAD
#   says 0 and 3. ss(8) prints the kernel's number as Recv-Q.
# For containers: a health check that connects and closes looks like a request that nobody reads.
# Software: Linux 6.18 (CONFIG_INET_DIAG); Python 3.11
# Source: net/ipv4/tcp_diag.c (rcv_nxt - copied_seq); a FIN takes a sequence number, RFC 9293, section 3.4
# Output, 2026-11-28:
#   0 bytes and FIN: idiag_rqueue: 1
#   0 bytes and FIN: FIONREAD: 0
#   0 bytes and FIN, both read: idiag_rqueue: 0
#   3 bytes and FIN: idiag_rqueue: 4
#   3 bytes and FIN: FIONREAD: 3
#   3 bytes and FIN, both read: idiag_rqueue: 0
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
probe <<'PY'
import fcntl
import struct
from probe import check, diag_one, finish, socket, wait_for

FIONREAD = 0x541B
listener = socket.create_server(("127.0.0.1", 7000))
for sent, expected in ((b"", 1), (b"abc", 4)):
    client = socket.create_connection(("127.0.0.1", 7000))
    accepted, _ = listener.accept()
    client.sendall(sent)
    client.shutdown(socket.SHUT_WR)
    row = lambda: diag_one(7000, client.getsockname()[1])
    wait_for(lambda: row()["state"] == "CLOSE_WAIT", "the FIN")
    check(f"{len(sent)} bytes and FIN: idiag_rqueue", row()["rqueue"], expected)
    readable = struct.unpack("i", fcntl.ioctl(accepted, FIONREAD, b"\0" * 4))[0]
    check(f"{len(sent)} bytes and FIN: FIONREAD", readable, len(sent))
    accepted.recv(10)
    accepted.recv(10)
    check(f"{len(sent)} bytes and FIN, both read: idiag_rqueue", row()["rqueue"], 0)
finish()
PY
