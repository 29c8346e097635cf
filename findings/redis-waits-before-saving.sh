#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Redis waits ten seconds for a slow replica on TERM, and only then saves its data
#
# Guess: TERM saves the data first; or the wait for replicas is short beside the usual stop timeouts.
# Seen: a replica that is one write behind and silent makes the master wait shutdown-timeout, 10 s by default. The data is
#   saved after that. With SIGKILL after 10 s, as docker stop does it, no write since the last snapshot is on disk.
# For containers: in a deployment that stops the replica's node, or pauses it, the master's stop loses data that is safe
#   where no replica is configured. shutdown-timeout has to be shorter than the stop timeout.
# Software: Debian 12, redis-server 7.0.15-1~deb12u10; Linux 6.18
# Source: redis.conf, shutdown-timeout ("after this timeout the server ... proceeds"); src/server.c (prepareForShutdown)
# Output, 2026-11-29:
#   alone: ends within 10 s: True
#   alone: the key after the next start: new
#   with a silent replica: ends within 10 s: False
#   with a silent replica: the key after the next start: old
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian redis-server=5:7.0.15-1~deb12u10 redis-tools=5:7.0.15-1~deb12u10 libjemalloc2=5.3.0-1 liblzf1=3.6-3 \
	libatomic1=12.2.0-14+deb12u1
probe <<'PY'
import os, subprocess
from probe import Server, check, finish, is_listening, wait_for


def ask(port, *command):
    return subprocess.run(["redis-cli", "-p", str(port), *command], capture_output=True, text=True).stdout.strip()


def start(port, *options):
    os.makedirs(str(port), exist_ok=True)
    return Server("redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", f"{os.getcwd()}/{port}", *options, port=port)


for replica_is_there, kept in ((False, "new"), (True, "old")):
    name = "with a silent replica" if replica_is_there else "alone"
    master = start(6379)
    ask(6379, "set", "key", "old")
    ask(6379, "save")
    if replica_is_there:
        replica = start(6380, "--replicaof", "127.0.0.1 6379", "--save", "")
        wait_for(lambda: "state=online" in ask(6379, "info", "replication"), "the replica")
        replica.signal("STOP")
    ask(6379, "set", "key", "new")
    master.signal("TERM")
    seconds = master.seconds_to_end(10)  # then SIGKILL
    check(f"{name}: ends within 10 s", seconds is not None, not replica_is_there)
    if replica_is_there:
        replica.signal("KILL")
        replica.seconds_to_end()
    wait_for(lambda: not is_listening(6379), "the end of the listener")
    master = start(6379)
    wait_for(lambda: ask(6379, "ping") == "PONG", "an answer")
    check(f"{name}: the key after the next start", ask(6379, "get", "key"), kept)
    master.signal("TERM")
    master.seconds_to_end()
    wait_for(lambda: not is_listening(6379), "the end of the listener")
finish()
PY
