#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# On a Unix socket SIOCOUTQ is memory: one unread byte is 768, and half-read data counts in full
#
# Guess: as with TCP, SIOCOUTQ is the number of bytes that the client does not have yet, 1 after a send of one byte.
# Seen: it is the memory of the buffers, with their overhead. A read of the peer changes it only when the peer has taken
#   all of one send. Zero means more than with TCP: there the client's kernel has the bytes, here the client has read
#   them.
# For containers: a drain that compares two samples, to see whether a slow client still reads, sees it stand still for a
#   whole response; and a server behind a proxy on a Unix socket cannot count what it would lose.
# Software: Linux 6.18; Python 3.11
# Source: net/unix/af_unix.c, unix_outq_len (sk_wmem_alloc_get); tcp(7), SIOCOUTQ; unix(7) has only SIOCINQ
# Output, 2026-11-29:
#   TCP, 10000 bytes sent, none read: 0
#   Unix, 1 byte sent: 768
#   Unix, 1 byte sent and read: 0
#   Unix, 10000 bytes sent: 12544
#   Unix, 9999 of them read: less: False
#   Unix, all read: 0
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
probe <<'PY'
import fcntl
from probe import check, finish, socket, struct, wait_for

SIOCOUTQ = 0x5411


def queue(connection):
    return struct.unpack("i", fcntl.ioctl(connection, SIOCOUTQ, bytes(4)))[0]


listener = socket.create_server(("127.0.0.1", 7000))
client = socket.create_connection(("127.0.0.1", 7000))
server, _ = listener.accept()
server.send(bytes(10000))
wait_for(lambda: queue(server) == 0, "the client's kernel")
check("TCP, 10000 bytes sent, none read", queue(server), 0)

server, client = socket.socketpair()
server.send(b"x")
check("Unix, 1 byte sent", queue(server), lambda size: size > 256)
client.recv(1)
check("Unix, 1 byte sent and read", queue(server), 0)
server.send(bytes(10000))
sent = queue(server)
check("Unix, 10000 bytes sent", sent, lambda size: size > 10000)
client.recv(9999)
check("Unix, 9999 of them read: less", queue(server) < sent, False)
client.recv(1)
check("Unix, all read", queue(server), 0)
finish()
PY
