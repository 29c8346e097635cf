#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# With SO_LINGER close(2) blocks on a non-blocking socket, and exit does not wait at all
#
# Guess: close(2) on a non-blocking socket returns at once, with EWOULDBLOCK where bytes are left; and a process that
#   exits lingers as with close(2).
# Seen: O_NONBLOCK makes no difference: with bytes that the client does not take, close(2) blocks for the whole
#   linger time, and returns 0 all the same. exit(2) without a close does not linger: it takes no time.
# For containers: an event loop that sets SO_LINGER stands still for each slow client; and the same option does not
#   hold a process for the bytes that are in the send buffers when it exits.
# Software: Linux 6.18; Python 3.11
# Source: net/ipv4/af_inet.c (inet_release: no linger where PF_EXITING), net/ipv4/tcp.c (sk_stream_wait_close);
#   socket(7) has neither
# Output, 2026-11-29:
#   blocking, close takes: 2.0 s
#   non-blocking, close takes: 2.0 s
#   non-blocking, close says: no error
#   non-blocking, without SO_LINGER, close takes: 0.0 s
#   non-blocking, exit takes: 0.0 s
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
probe <<'PY'
import os
import struct
from probe import check, errno, finish, socket, time

SECONDS = 2
listener = socket.create_server(("127.0.0.1", 7000))


def full_connection(linger):
    """A client that reads nothing, and a server's socket whose send buffer is full."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", 7000))
    server, _ = listener.accept()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", linger, SECONDS))
    server.setblocking(False)
    try:
        while True:
            server.send(bytes(65536))
    except BlockingIOError:
        pass
    return client, server


def close(server):
    begin, said = time.monotonic(), "no error"
    try:
        os.close(server.detach())
    except OSError as error:
        said = errno.errorcode[error.errno]
    return time.monotonic() - begin, said


lingers, at_once = (SECONDS - 0.1, SECONDS + 2.0), (0.0, 0.9)
client, server = full_connection(linger=1)
server.setblocking(True)
check("blocking, close takes", close(server)[0], lingers)
client, server = full_connection(linger=1)
seconds, said = close(server)
check("non-blocking, close takes", seconds, lingers)
check("non-blocking, close says", said, "no error")
client, server = full_connection(linger=0)
check("non-blocking, without SO_LINGER, close takes", close(server)[0], at_once)
client, server = full_connection(linger=1)
waiting, exiting = os.pipe()
child = os.fork()
if child == 0:
    os.read(waiting, 1)
    os._exit(0)
os.close(server.detach())  # the child has the last reference
begin = time.monotonic()
os.write(exiting, b"x")
os.waitpid(child, 0)
check("non-blocking, exit takes", time.monotonic() - begin, at_once)
finish()
PY
