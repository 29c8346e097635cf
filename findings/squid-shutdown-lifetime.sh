#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Squid waits the whole shutdown_lifetime on TERM, also without a single client
#
# Guess: on TERM Squid ends when its last client has gone, and at the latest after shutdown_lifetime (30 s).
# Seen: it closes its listeners and its idle connections at once, and then waits all of shutdown_lifetime, even
#   where no client was ever connected. INT ends it within two seconds, with the same status.
# For containers: with the default each stop takes 31 s, and ends in SIGKILL where the stop timeout is shorter.
# Software: Debian 12, squid 5.7-2+deb12u6; Linux 6.18
# Source: www.squid-cache.org/Doc/config/shutdown_lifetime; src/main.cc (shut_down, SignalEngine)
# Output, 2026-11-28:
#   TERM, no client: listens: False
#   TERM, no client: ends after: 6.7 s
#   TERM, no client: exit status: 0
#   INT, no client: ends after: 1.6 s
#   INT, no client: exit status: 0
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian squid=5.7-2+deb12u6 squid-common=5.7-2+deb12u6 libecap3=1.0.1-3.4 libltdl7=2.4.7-7~deb12u1 squid-langpack=20220130-1
probe <<'PY'
import os
from probe import Server, check, finish, is_listening, wait_for, write

os.chmod(".", 0o755)
write("mime.conf", "")
write("squid.conf", f"""
http_port 127.0.0.1:8080
http_access deny all
cache deny all
access_log none
cache_log stdio:/dev/stderr
pid_filename none
coredump_dir {os.getcwd()}
cache_effective_user nobody
mime_table {os.getcwd()}/mime.conf
error_directory {os.environ["root"]}/usr/share/squid-langpack/templates
icon_directory {os.environ["root"]}/usr/share/squid/icons
netdb_filename none
shutdown_lifetime 5 seconds
""")
for signal, seconds in (("TERM", (5.0, 9.0)), ("INT", (0.0, 3.5))):
    server = Server("squid", "-N", "-n", f"finding{os.getppid()}{signal}", "-f", os.getcwd() + "/squid.conf", port=8080)
    server.signal(signal)
    if signal == "TERM":
        wait_for(lambda: not is_listening(8080), "the end of the listener", 3)
        check(f"{signal}, no client: listens", is_listening(8080), False)
    check(f"{signal}, no client: ends after", server.seconds_to_end(30), seconds)
    check(f"{signal}, no client: exit status", server.status(), 0)
finish()
PY
