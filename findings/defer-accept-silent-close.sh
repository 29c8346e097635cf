#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# With TCP_DEFER_ACCEPT a stopped server leaves its clients in silence
#
# Guess: TCP_DEFER_ACCEPT drops a connection without data after its timeout; closing the listener resets the ones
#   that wait.
# Seen: after the timeout of 1 s the connection is handed to accept(2) all the same. A client that connected and sent
#   nothing when the listener closed sees no FIN and no RST; it learns of the end when it sends. Without the option
#   the listener's close resets it at once.
# For containers: a load balancer keeps such connections in its pool, and loses the first request on each of them.
#   Apache sets this option on Linux (AcceptFilter http data); lighttpd and nginx can.
# Software: Linux 6.18; Python 3.11
# Source: tcp(7), TCP_DEFER_ACCEPT; net/ipv4/tcp_minisocks.c (tcp_check_req), inet_connection_sock.c
# Output, 2026-11-28:
#   no data: accepted after: 1.0 s
#   plain: the client reads: ConnectionResetError
#   deferred: the client reads: TimeoutError
#   deferred: the client sends and reads: ConnectionResetError
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
probe <<'PY'
from probe import check, finish, socket, time


def listen(port, deferred):
    listener = socket.socket()
    if deferred:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    listener.settimeout(20)
    return listener


def outcome(action):
    try:
        return action()
    except OSError as error:
        return type(error).__name__


listener = listen(7000, True)
client = socket.create_connection(("127.0.0.1", 7000))
began = time.monotonic()
accepted, _ = listener.accept()
check("no data: accepted after", time.monotonic() - began, (0.5, 5.0))
for port, deferred, expected in ((7001, False, "ConnectionResetError"), (7002, True, "TimeoutError")):
    name = "deferred" if deferred else "plain"
    listener = listen(port, deferred)
    client = socket.create_connection(("127.0.0.1", port), 3)
    listener.close()
    check(f"{name}: the client reads", outcome(lambda: client.recv(1)), expected)
    if deferred:
        client.sendall(b"x")
        check(f"{name}: the client sends and reads", outcome(lambda: client.recv(1)), "ConnectionResetError")
finish()
PY
