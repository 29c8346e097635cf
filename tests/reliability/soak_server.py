# SPDX-License-Identifier: MIT
"""The application of soak.py: soak_server.py PORT ORPHANS. It answers each line with one, and leaves so many orphans a
second to PID 1."""

import asyncio
import os
import resource
import signal
import sys

PORT, ORPHANS = int(sys.argv[1]), float(sys.argv[2])


def leave_orphan():
    """Its parent exits at once; it ends a moment later."""
    pid = os.fork()
    if pid == 0:
        if os.fork() == 0:
            signal.alarm(1)  # by SIGALRM
            signal.pause()
        os._exit(0)
    os.waitpid(pid, 0)


async def leave_orphans():
    while True:
        await asyncio.sleep(1 / ORPHANS)
        leave_orphan()


async def converse(reader, writer):
    try:
        while await reader.readline():
            writer.write(b"answer\n")
    except OSError:
        pass  # a client that left
    writer.close()


async def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    server = await asyncio.start_server(converse, "0.0.0.0", PORT, backlog=1024)
    print("ready", flush=True)
    async with server:
        await leave_orphans()


asyncio.run(main())
