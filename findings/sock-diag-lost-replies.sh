#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Of 400 sock_diag requests in one send, the kernel answers those that fit into the receive buffer
#
# Guess: sock_diag stops, or send(2) fails, when the requester's buffer is full.
# Seen: send(2) succeeds. Fewer replies than requests arrive (166 with the default buffer of 208 KiB), recv(2) fails
#   once with ENOBUFS, and the other requests are never answered. 100 requests are all answered.
# For containers: connections that are not in the answers look closed. Send at most 100 requests, and match sequence
#   numbers.
# Software: Linux 6.18 (CONFIG_INET_DIAG); Python 3.11
# Source: net/netlink/af_netlink.c (netlink_unicast, nonblocking reply); netlink(7), ENOBUFS
# Output, 2026-11-28:
#   100 requests, replies: 100
#   100 requests, failures: 0
#   400 requests, recv(2): ENOBUFS
#   400 requests, replies: 166
#   400 requests, failures: 1
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
probe <<'PY'
import errno
from probe import check, diag_request, finish, sock_diag, socket

listener = socket.create_server(("127.0.0.1", 7000))
client = socket.create_connection(("127.0.0.1", 7000))
port = client.getsockname()[1]
for requests in (100, 400):
    asking = sock_diag()
    asking.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 212992 // 2)  # the kernel doubles it
    asking.send(b"".join(diag_request(7000, port, sequence=n) for n in range(requests)))
    replies, failures = 0, 0
    while True:
        try:
            asking.recv(65536, socket.MSG_DONTWAIT)  # the kernel has answered within send(2)
            replies += 1
        except BlockingIOError:
            break
        except OSError as error:
            check(f"{requests} requests, recv(2)", errno.errorcode[error.errno], "ENOBUFS")
            failures += 1
    check(f"{requests} requests, replies", replies, (lambda n: 0 < n < 400) if requests == 400 else requests)
    check(f"{requests} requests, failures", failures, 1 if requests == 400 else 0)
finish()
PY
