#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Of four listeners with SO_REUSEPORT, an exact sock_diag request finds one
#
# Guess: each listener is found by its own cookie, which is unique.
# Seen: the kernel picks one listener of the group by address, then compares the cookie. For the other three the answer
#   is ENOENT, although a dump lists all four.
# For containers: "has this listener gone?" hears yes for most workers of a server that listens once a worker.
# Software: Linux 6.18 (CONFIG_INET_DIAG); Python 3.11
# Source: net/ipv4/inet_diag.c (inet_diag_find_one_icsk, sock_diag_check_cookie)
# Output, 2026-11-28:
#   listeners in the dump: 4
#   found by their cookies: 1
#   ENOENT: 3
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
probe <<'PY'
from probe import check, diag_listeners, diag_one, finish, socket

listeners = []
for _ in range(4):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("0.0.0.0", 7000))
    listener.listen()
    listeners.append(listener)
cookies = diag_listeners(7000)
check("listeners in the dump", len(cookies), 4)
answers = [diag_one(7000, 0, cookie=cookie) for cookie in cookies]
check("found by their cookies", sum(answer != "ENOENT" for answer in answers), 1)
check("ENOENT", answers.count("ENOENT"), 3)
finish()
PY
