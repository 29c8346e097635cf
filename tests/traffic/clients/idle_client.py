#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Clients that keep their connection open. A request of the plan has `pauses`, ms before each of its exchanges, the last of
which is due `at`; of what is printed, `sent` is the end of the last one and `done` that of the connection."""

import asyncio
import time

import exchange

REQUEST = b"GET /wait/0 HTTP/1.1\r\nHost: a\r\n\r\n"


async def one_exchange(reader, writer):
    writer.write(REQUEST)
    head = await reader.readuntil(b"\r\n\r\n")
    if b"chunked" in head.lower():
        await reader.readuntil(b"0\r\n\r\n")
    else:
        await reader.readexactly(4)


async def conversation(progress, request, reader, writer):
    *pauses, last = request["pauses"]
    for pause in pauses:
        await asyncio.sleep(pause / 1000)
        await one_exchange(reader, writer)
    wait = progress.due - time.monotonic() if last else 0
    await asyncio.sleep(max(0, wait))
    await one_exchange(reader, writer)
    progress.sent = time.monotonic()
    await reader.read()


exchange.main(conversation)
