#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The TCP row of an MPTCP connection shows no unread request, no unsent answer, and no end
#
# Guess: the row of its subflow in the table of TCP has its state and its queues, as that of any connection.
# Seen: rqueue is 0 with an unread request, wqueue is nearly 0 with megabytes that the client has not taken, and the row
#   stays ESTABLISHED when the client has half-closed, and when the server has closed. The state is in MPTCP's own
#   table, and the unsent bytes are in its INFO attribute alone (write_seq - snd_una).
# For containers: Go listens with MPTCP since 1.24 where the kernel has it. "ss -t" and /proc/net/tcp then show a busy
#   connection as idle, and a closed one as open.
# Software: Linux 6.18; Python 3.11
# Source: net/mptcp/protocol.c, net/mptcp/mptcp_diag.c; Go 1.24 release notes, net
# Output, 2026-11-29:
#   TCP, 3 unread bytes: rqueue: 3
#   TCP, an answer that the client does not read: wqueue is above 100000: True
#   TCP, the client has half-closed: CLOSE_WAIT
#   TCP, the server has closed: LAST_ACK
#   MPTCP, 3 unread bytes: rqueue: 0
#   MPTCP, an answer that the client does not read: wqueue is above 100000: False
#   MPTCP, the client has half-closed: ESTABLISHED
#   MPTCP, the server has closed: ESTABLISHED
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
probe <<'PY'
from probe import cannot_run, check, diag_one, finish, socket

MPTCP = 262


def connection(protocol, port):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    client.connect(("127.0.0.1", port))
    return client, listener.accept()[0]


def fill(server):
    server.setblocking(False)
    try:
        while True:
            server.send(bytes(65536))
    except BlockingIOError:
        pass


try:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP).close()
except OSError as error:
    cannot_run(f"needs MPTCP: {error}")
for name, protocol, port, is_tcp in (("TCP", 0, 7000, True), ("MPTCP", MPTCP, 7001, False)):
    client, server = connection(protocol, port)
    row = lambda: diag_one(port, client.getsockname()[1])
    client.send(b"GET")
    server.recv(3, socket.MSG_PEEK | socket.MSG_WAITALL)
    check(f"{name}, 3 unread bytes: rqueue", row()["rqueue"], 3 if is_tcp else 0)
    server.recv(3)
    fill(server)
    check(f"{name}, an answer that the client does not read: wqueue is above 100000", row()["wqueue"] > 100000, is_tcp)
    server.setblocking(True)
    client.shutdown(socket.SHUT_WR)
    server.recv(1)  # the client's end
    check(f"{name}, the client has half-closed", row()["state"], "CLOSE_WAIT" if is_tcp else "ESTABLISHED")
    server.close()
    check(f"{name}, the server has closed", row()["state"], "LAST_ACK" if is_tcp else "ESTABLISHED")
finish()
PY
