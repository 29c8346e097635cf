#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# /proc/net/sockstat of a container counts the orphaned connections of the whole machine
#
# Guess: /proc/net is the network namespace's: all numbers in its line "TCP:" are those of the container.
# Seen: "inuse" and "tw" are. "orphan", "alloc" and "mem" are the whole machine's, in each namespace, also in one that
#   never had a socket.
# For containers: a preStop hook or an entrypoint that waits for "orphan 0", so that the last answers are delivered, waits
#   for the clients of other containers, until SIGKILL.
# Software: Linux 6.18
# Source: net/ipv4/proc.c, sockstat_seq_show (tcp_orphan_count_sum, proto_sockets_allocated_sum_positive)
# Output, 2026-11-29:
#   another namespace has 50 orphans: sockets of this one: 0
#   another namespace has 50 orphans: inuse here rises by: 0
#   another namespace has 50 orphans: tw here rises by: 0
#   another namespace has 50 orphans: orphan here rises by 40 or more: True
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
probe <<'PY'
import os, socket, subprocess, sys
from probe import check, finish, write


def count(name):
    with open("/proc/net/sockstat") as file:
        words = next(line for line in file if line.startswith("TCP:")).split()
    return int(words[words.index(name) + 1])


# Another container: 50 connections that their server has closed, and whose clients do not read.
write("other.py", """
import socket, subprocess
subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
listener, clients = socket.create_server(('127.0.0.1', 8080)), []
for _ in range(50):
    clients.append(socket.create_connection(('127.0.0.1', 8080)))
    connection = listener.accept()[0]
    connection.setblocking(False)
    try:
        while True:
            connection.send(bytes(65536))
    except BlockingIOError:
        connection.close()
print('ready', flush=True)
input()
""")
before = {name: count(name) for name in ("inuse", "tw", "orphan")}
other = subprocess.Popen(["unshare", "--net", sys.executable, "other.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
other.stdout.readline()
check("another namespace has 50 orphans: sockets of this one", sum(1 for _ in open("/proc/net/tcp")) - 1, 0)
for name in ("inuse", "tw"):
    check(f"another namespace has 50 orphans: {name} here rises by", count(name) - before[name], 0)
check("another namespace has 50 orphans: orphan here rises by 40 or more", count("orphan") - before["orphan"] >= 40, True)
other.communicate("\n")
finish()
PY
