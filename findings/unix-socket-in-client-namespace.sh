#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A connection that a server accepted on a Unix socket belongs to its client's network namespace
#
# Guess: the accepted socket is in the server's namespace, as its listener is and as with TCP.
# Seen: /proc/net/unix of the server's namespace has the listener alone; the accepted socket is in the table of the
#   client's namespace. sock_diag dumps split the same way.
# For containers: with a socket on a shared volume (nginx and php-fpm in two containers) nothing in the server's
#   container shows its connections: it looks idle while it works.
# Software: Linux 6.18; Python 3.11
# Source: net/unix/af_unix.c (unix_stream_connect makes the accepted socket, in the client's namespace)
# Output, 2026-11-28:
#   listener, in the server's namespace: True
#   accepted, in the server's namespace: False
#   accepted, in the client's namespace: True
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
probe <<'PY'
import os
import subprocess
from probe import check, finish, socket


def rows(net):
    with open(f"/proc/{net}/net/unix") as file:
        return {int(line.split()[6]) for line in file.readlines()[1:]}


listener = socket.socket(socket.AF_UNIX)
listener.bind("server.sock")
listener.listen()
client = subprocess.Popen(["unshare", "--net", "/usr/bin/python3", "-c", """
import socket
client = socket.socket(socket.AF_UNIX)
client.connect("server.sock")
input()
"""], stdin=subprocess.PIPE)
accepted, _ = listener.accept()
inode = os.fstat(accepted.fileno()).st_ino
check("listener, in the server's namespace", os.fstat(listener.fileno()).st_ino in rows("self"), True)
check("accepted, in the server's namespace", inode in rows("self"), False)
check("accepted, in the client's namespace", inode in rows(client.pid), True)
client.communicate(b"\n")
finish()
PY
