#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a request costs the drill's clients and wrk, in processor time of their own, against nginx's `return 200`:
in turn, medians of the rounds. drill_cost.py PROGRAM [ROUNDS [REQUESTS]]; exit status 1: a limit is exceeded."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

from comparison import compare, finish

PROGRAM, REQUESTS = sys.argv[1], int((sys.argv[3:4] or ["40000"])[0])
ROUNDS = int((sys.argv[2:3] or [os.environ.get("LASTCALL_BENCH_ROUNDS", 7)])[0])
PORT, CONNECTIONS = 18080, 50
MODES = {"close": ("a new connection for each request", 1.0), "keep": ("kept connections", 1.5)}  # limits: of wrk's
NGINX = """
daemon off; worker_processes 1; pid {0}/pid; error_log stderr crit;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {0}; proxy_temp_path {0};
  fastcgi_temp_path {0}; uwsgi_temp_path {0}; scgi_temp_path {0};
  server {{ listen 127.0.0.1:{1} backlog=4096; location / {{ return 200 "ok\\n"; }} }} }}
"""


def cost(command):
    """Microseconds of processor time, and what the command printed."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"drill_cost: {command[0]} ended with {status}: {out}")
    return (usage.ru_utime + usage.ru_stime) * 1e6, out


def of_drill(mode):
    spent, out = cost((PROGRAM, str(PORT), mode, str(CONNECTIONS), str(REQUESTS)))
    return spent / int(out.split()[0])


def of_wrk(mode):
    header = ("-H", "Connection: close") if mode == "close" else ()
    spent, out = cost(("wrk", "-t1", f"-c{CONNECTIONS}", "-d2s", *header, f"http://127.0.0.1:{PORT}/"))
    return spent / int(re.search(r"(\d+) requests in", out)[1])


def main():
    if not (shutil.which("nginx") and shutil.which("wrk")):
        print("drill_cost: nginx or wrk is not installed")
        return 77
    with tempfile.TemporaryDirectory() as directory:
        config = pathlib.Path(directory, "nginx.conf")
        config.write_text(NGINX.format(directory, PORT))
        nginx = subprocess.Popen(("nginx", "-c", config, "-p", directory))
        try:
            for _ in range(100):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{PORT}/").read()
                    break
                except OSError:
                    time.sleep(0.05)
            for mode, (what, limit) in MODES.items():
                compare("request", what, "µs", "wrk", [(of_drill(mode), of_wrk(mode)) for _ in range(ROUNDS)], limit)
            return finish("drill_cost")
        finally:
            nginx.terminate()
            nginx.wait()


if __name__ == "__main__":
    sys.exit(main())
