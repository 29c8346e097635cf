#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A reset keeps the bytes before it, and is reported only once: then a cut answer ends cleanly
#
# Guess: what has arrived before a RST is lost for a client that has not read it, and recv(2) fails with ECONNRESET,
#   the first time and each time after.
# Seen: the bytes are readable first, then one ECONNRESET. Whatever takes the error before, SO_ERROR or a send(2) that
#   fails, takes it for good: recv(2) then returns the bytes and 0, as if the server had closed in order. A second
#   recv(2) after ECONNRESET returns 0, too.
# For containers: a client that looks at SO_ERROR on EPOLLERR, or writes while it reads, takes an answer without a
#   Content-Length for whole, although a server that was killed cut it.
# Software: Linux 6.18; Python 3.11
# Source: net/ipv4/tcp_input.c (tcp_reset: sk_err; the receive queue stays), tcp.c (tcp_recvmsg_locked); tcp(7) does
#   not say it
# Output, 2026-11-29:
#   recv: half, ECONNRESET, end
#   SO_ERROR, then recv: ECONNRESET, half, end
#   send, then recv: ECONNRESET, half, end
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
probe <<'PY'
import select
import struct
from probe import check, errno, finish, socket

listener = socket.create_server(("127.0.0.1", 7000))


def reset_after(text):
    """A client that has received a text and a RST, and has read neither."""
    client = socket.create_connection(("127.0.0.1", 7000))
    server, _ = listener.accept()
    server.sendall(text)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    server.close()
    poll = select.poll()
    poll.register(client, 0)  # POLLERR and POLLHUP are always reported
    poll.poll(10000)
    return client


def said(action):
    try:
        return action()
    except OSError as error:
        return errno.errorcode[error.errno]


def received(client):
    return said(lambda: client.recv(100).decode() or "end")


client = reset_after(b"half")
check("recv", ", ".join(received(client) for _ in range(3)), "half, ECONNRESET, end")
client = reset_after(b"half")
error = errno.errorcode.get(client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), "none")
check("SO_ERROR, then recv", ", ".join((error, received(client), received(client))), "ECONNRESET, half, end")
client = reset_after(b"half")
error = said(lambda: client.send(b"x"))
check("send, then recv", ", ".join((error, received(client), received(client))), "ECONNRESET, half, end")
finish()
PY
