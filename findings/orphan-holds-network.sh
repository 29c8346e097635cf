#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A network namespace outlives its last process until clients have taken their answers: what cuts them is the engine
#
# Guess: the namespace and its link end with the last process, so that the rest of an answer in the send buffer is lost.
# Seen: a closed socket with unsent bytes holds the namespace. Its link stays, and a client that was slow for seconds
#   gets all of its answer, and a FIN. Then the namespace ends. If the link is deleted first, as an engine does when
#   the container has ended, the client gets neither FIN nor reset, and waits until its own timeout.
# For containers: whether the last answers arrive depends on how fast the engine cleans up. An engine that leaves the link
#   to the kernel has links of containers that have ended, as long as there is a client that does not read.
# Software: Linux 6.18; Python 3.11; iproute2
# Source: net/core/sock.c, sk_destruct (put_net); network_namespaces(7): "when the last process in the namespace
#   terminates"
# Output, 2026-11-29:
#   3 s after the end of the last process, the link: there
#   a slow client, bytes of 300000: 300000
#   a slow client, the end: closed
#   after that, the link: gone
#   the link is deleted, a slow client has all bytes: False
#   the link is deleted, the end: silent for 5 s
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need unshare nsenter ip
probe <<'PY'
import os
from probe import DEADLINE, check, finish, socket, subprocess, threading, wait_for, write

SIZE = 300000
write("server.py", """
import socket, sys
sys.stdin.readline()
listener = socket.create_server(("10.1.0.2", 8080))
print("listens", flush=True)
connection, _ = listener.accept()
connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
connection.sendall(bytes(int(sys.argv[1])))
connection.close()
""")


def ip(*words, pid=None):
    enter = ["nsenter", "--net", f"--target={pid}"] if pid else []
    subprocess.run([*enter, "ip", *words], check=True)


def link():
    shown = subprocess.run(["ip", "link", "show", "outside"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return "gone" if shown.returncode else "there"


def server_in_namespace():
    """A server in a network namespace of its own, which is joined to this one by a link."""
    server = subprocess.Popen(["unshare", "--net", "/usr/bin/python3", "server.py", str(SIZE)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    own = os.readlink("/proc/self/ns/net")
    wait_for(lambda: os.readlink(f"/proc/{server.pid}/ns/net") != own, "the namespace")
    ip("link", "add", "outside", "type", "veth", "peer", "name", "inside", "netns", str(server.pid))
    ip("address", "add", "10.1.0.1/24", "dev", "outside")
    ip("link", "set", "outside", "up")
    ip("address", "add", "10.1.0.2/24", "dev", "inside", pid=server.pid)
    ip("link", "set", "inside", "up", pid=server.pid)
    server.stdin.write(b"go\n")
    server.stdin.flush()
    server.stdout.readline()
    return server


def slow_client():
    """Connected, with a small buffer; it reads when it is asked for its end."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    client.settimeout(5)
    client.connect(("10.1.0.2", 8080))
    return client


def read_all(client):
    received = 0
    try:
        while piece := client.recv(65536):
            received += len(piece)
    except ConnectionResetError:
        return received, "reset"
    except TimeoutError:
        return received, "silent for 5 s"
    finally:
        client.close()
    return received, "closed"


server = server_in_namespace()
client = slow_client()
server.wait(DEADLINE)
threading.Event().wait(3)  # in which nothing is to happen
check("3 s after the end of the last process, the link", link(), "there")
received, end = read_all(client)
check(f"a slow client, bytes of {SIZE}", received, SIZE)
check("a slow client, the end", end, "closed")
wait_for(lambda: link() == "gone", "the end of the link")
check("after that, the link", link(), "gone")

server = server_in_namespace()
client = slow_client()
server.wait(DEADLINE)
ip("link", "delete", "outside")
received, end = read_all(client)
check("the link is deleted, a slow client has all bytes", received == SIZE, False)
check("the link is deleted, the end", end, "silent for 5 s")
finish()
PY
