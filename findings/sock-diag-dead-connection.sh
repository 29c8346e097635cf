#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Asked for a connection that is gone, sock_diag answers with the listener
#
# Guess: ENOENT, as for any socket that does not exist; or the states mask of the request filters the answer.
# Seen: a request without a cookie is answered by the LISTEN row of the port, as a success; idiag_states is ignored.
#   With the connection's cookie the answer is ENOENT.
# For containers: a program that asks "is this connection still there?" hears yes until the listener closes.
# Software: Linux 6.18 (CONFIG_INET_DIAG); Python 3.11
# Source: net/ipv4/inet_diag.c (inet_diag_find_one_icsk); sock_diag(7) does not say it
# Output, 2026-11-28:
#   alive: ESTABLISHED
#   gone, with its cookie: ENOENT
#   gone, without a cookie: LISTEN
#   gone, without a cookie, states: established: LISTEN
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
probe <<'PY'
from probe import check, diag_one, finish, socket, wait_for

ESTABLISHED = 1
listener = socket.create_server(("127.0.0.1", 7000))
client = socket.create_connection(("127.0.0.1", 7000))
port = client.getsockname()[1]
accepted, _ = listener.accept()
alive = diag_one(7000, port)
check("alive", alive["state"], "ESTABLISHED")
client.close()
accepted.recv(1)
accepted.close()
wait_for(lambda: diag_one(7000, port, cookie=alive["cookie"]) == "ENOENT", "the end of the connection")
check("gone, with its cookie", diag_one(7000, port, cookie=alive["cookie"]), "ENOENT")
check("gone, without a cookie", diag_one(7000, port)["state"], "LISTEN")
check("gone, without a cookie, states: established", diag_one(7000, port, states=1 << ESTABLISHED)["state"],
      "LISTEN")
finish()
PY
