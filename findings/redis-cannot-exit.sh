#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Redis does not end on TERM when it cannot save, also where it holds nothing to lose
#
# Guess: TERM ends it; a save that fails makes the exit status 1.
# Seen: "Error trying to save the DB, can't exit": Redis goes on, and serves its clients; each further TERM does the same.
#   INT does not end it, either. Redis saves at a stop if any `save` line is configured, as by default, also an empty
#   database that never changed.
# For containers: with a read-only root file system, or a full volume, a cache that needs no file at all ends in SIGKILL at
#   each stop. `--save ""` ends this.
# Software: Debian 12, redis-server 7.0.15-1~deb12u10; Linux 6.18
# Source: redis, src/server.c (finishShutdown); redis.io, "Redis signal handling"
# Output, 2026-11-29:
#   TERM: it still answers: PONG
#   TERM: ends within 5 s: False
#   INT: it still answers: PONG
#   INT: ends within 5 s: False
#   TERM --save "": ends within 5 s: True
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian redis-server=5:7.0.15-1~deb12u10 redis-tools=5:7.0.15-1~deb12u10 libjemalloc2=5.3.0-1 liblzf1=3.6-3 \
	libatomic1=12.2.0-14+deb12u1
probe <<'PY'
import os, subprocess
from probe import Server, check, finish, is_listening, run, wait_for

os.mkdir("volume")
subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", "volume"], check=True)  # in this mount namespace
for signal, options, ends in (("TERM", (), False), ("INT", (), False), ("TERM", ("--save", ""), True)):
    name = " ".join((signal, *options[:1])) + (' ""' if options else "")
    open("server.log", "w").close()
    server = Server("redis-server", "--port", "6379", "--bind", "127.0.0.1", "--dir", os.getcwd() + "/volume", *options, port=6379)
    wait_for(lambda: "Ready to accept" in server.log_text(), "the start")
    server.signal(signal)
    wait_for(lambda: "can't exit" in server.log_text() or not server.is_running(), "the save")
    if not ends:
        check(f"{name}: it still answers", run("redis-cli", "-p", "6379", "ping")[1].strip(), "PONG")
    check(f"{name}: ends within 5 s", server.seconds_to_end(5) is not None, ends)
    wait_for(lambda: not is_listening(6379), "the end of the listener")
finish()
PY
