#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# uvicorn and Hypercorn do not replace a worker that was killed; uvicorn then listens, and answers nothing
#
# Guess: a server with --workers starts a new one for each that ends, as gunicorn, Puma and Apache do.
# Seen: uvicorn's parent does not look at its workers. When the last has gone it still runs and holds the socket: a
#   client's connection succeeds, and is never answered. Hypercorn goes on with those that are left, and with the last
#   one it exits, with 0.
# For containers: where memory is short the kernel kills workers one by one. A check that the port accepts connections
#   stays green on a uvicorn that answers nothing, and "restart: on-failure" does not start Hypercorn again.
# Software: uvicorn 0.17.6, hypercorn 0.13.2, gunicorn 20.1.0; Python 3.11; Linux 6.18
# Source: uvicorn, supervisors/multiprocess.py (run: should_exit.wait()); hypercorn, run.py (run_multiple: join)
# Output, 2026-11-29:
#   gunicorn, both workers are killed: it runs with 2 new workers; a request is whole
#   uvicorn, both workers are killed: it runs with 0 new workers; a request is open
#   hypercorn, both workers are killed: it has ended with 0; a request is refused
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian python3-uvicorn=0.17.6-1 uvicorn=0.17.6-1 python3-hypercorn=0.13.2-3 python3-wsproto=1.2.0-1 \
	python3-h11=0.14.0-1.1~deb12u1 python3-h2=4.1.0-4 python3-hpack=4.0.0-2 python3-hyperframe=6.0.0-1 \
	python3-priority=2.0.0-1 python3-toml=0.10.2-1 python3-click=8.1.3-2 python3-asgiref=3.6.0-1 \
	gunicorn=20.1.0-6+deb12u1 python3-gunicorn=20.1.0-6+deb12u1
probe <<'PY'
import os
import signal
from probe import Client, Server, check, finish, is_listening, time, wait_for, write

write("app.py", """
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"done\\n"})
""")


def workers(server):
    """Those that have not ended."""
    found = []
    for pid in server.children(server.pid):
        with open(f"/proc/{pid}/stat") as stat, open(f"/proc/{pid}/cmdline") as command:
            if stat.read().rsplit(")", 1)[1].split()[0] != "Z" and "resource_tracker" not in command.read():
                found.append(int(pid))
    return sorted(found)


def answer(seconds):
    try:
        client = Client(8080)
        client.get()
        return client.answer(seconds)
    except ConnectionRefusedError:
        return "refused"


def state(server):
    try:
        now = workers(server)
    except FileNotFoundError:
        now = []  # it ended while its children were read
    if not server.is_running():
        return f"it has ended with {server.status()}"
    return f"it runs with {len(set(now) - set(killed))} new workers"


for command, expected in (
        ("gunicorn --workers 2 --worker-class uvicorn.workers.UvicornWorker --bind 127.0.0.1:8080 app:app",
         "it runs with 2 new workers; a request is whole"),
        ("uvicorn --workers 2 --port 8080 app:app", "it runs with 0 new workers; a request is open"),
        ("hypercorn --workers 2 --bind 127.0.0.1:8080 app:app", "it has ended with 0; a request is refused")):
    server = Server("/usr/bin/python3", *(f"{os.environ['root']}/usr/bin/{command}").split(), port=8080)
    wait_for(lambda: len(workers(server)) == 2 and answer(1) == "whole", "two workers")
    killed = workers(server)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while not expected.startswith(state(server)) and time.monotonic() < end:
        time.sleep(0.02)
    check(f"{command.split()[0]}, both workers are killed", f"{state(server)}; a request is {answer(5)}", expected)
    if server.is_running():
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()
    wait_for(lambda: not is_listening(8080), "the end of the listener")
finish()
PY
