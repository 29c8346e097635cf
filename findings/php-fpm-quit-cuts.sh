#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# php-fpm's graceful stop cuts its requests, unless a time limit is configured
#
# Guess: QUIT is the graceful stop, as the manual page says: requests in flight are finished.
# Seen: with the default process_control_timeout = 0 php-fpm exits within a moment, and the request is cut. With a
#   limit of 10 s the request is finished, and php-fpm ends with it.
# For containers: the official image's STOPSIGNAL QUIT alone loses every request in flight.
# Software: Debian 12, php8.2-fpm 8.2.36-1~deb12u1; Linux 6.18
# Source: php-fpm8.2(8) (SIGNALS: "graceful stop"); sapi/fpm/fpm/fpm_process_ctl.c; www.conf, process_control_timeout
# Output, 2026-11-28:
#   process_control_timeout = 0: answer: cut
#   process_control_timeout = 0: ends after: 0.0 s
#   process_control_timeout = 0: exit status: 0
#   process_control_timeout = 10s: answer: whole
#   process_control_timeout = 10s: ends after: 2.0 s
#   process_control_timeout = 10s: exit status: 0
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need php-fpm8.2
version=$(dpkg-query -W -f '${Version}' php8.2-fpm)
[ "$version" = 8.2.36-1~deb12u1 ] || cannot_run "needs php8.2-fpm 8.2.36-1~deb12u1, not $version"
probe <<'PY'
import os
from probe import Client, Server, check, finish, is_listening, wait_for, write

os.chmod(".", 0o755)
write("slow.php", "<?php error_log('began'); for ($i = 0; $i < 20; $i++) usleep(100000); echo \"done\\n\";")


def record(kind, content=b""):
    """FastCGI 1.0, section 3.3, of request 1."""
    return bytes([1, kind, 0, 1]) + len(content).to_bytes(2, "big") + b"\0\0" + content


def request(script):
    pairs = {"SCRIPT_FILENAME": script, "REQUEST_METHOD": "GET", "SCRIPT_NAME": "/", "REQUEST_URI": "/"}
    params = b"".join(bytes([len(k), len(v)]) + k.encode() + v.encode() for k, v in pairs.items())
    return record(1, b"\0\1" + bytes(6)) + record(4, params) + record(4) + record(5)


for limit in ("0", "10s"):
    open("server.log", "w").close()
    write("fpm.conf", f"""[global]
error_log = /dev/stderr
daemonize = no
process_control_timeout = {limit}
[www]
user = www-data
listen = 127.0.0.1:9001
catch_workers_output = yes
pm = static
pm.max_children = 2
""")
    server = Server("php-fpm8.2", "-F", "-y", "fpm.conf", port=9001)
    client = Client(9001, request(os.getcwd() + "/slow.php"))
    wait_for(lambda: "began" in server.log_text(), "the request")
    server.signal("QUIT")
    seconds = server.seconds_to_end()
    client.ended()
    check(f"process_control_timeout = {limit}: answer", "whole" if b"done\n" in client.received else "cut",
          "cut" if limit == "0" else "whole")
    check(f"process_control_timeout = {limit}: ends after", seconds, (0.0, 1.0) if limit == "0" else (1.0, 6.0))
    check(f"process_control_timeout = {limit}: exit status", server.status(), 0)
    wait_for(lambda: not is_listening(9001), "the end of the listener")
finish()
PY
