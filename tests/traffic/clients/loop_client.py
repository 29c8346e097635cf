#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Keep-alive clients that never rest for long: each asks again `pause` ms after an answer, over and over, each answer taking one
of `waits` (ms, in turn), until the connection ends. `whole`: it ended between two requests; `answered` counts those before."""

import asyncio
import itertools
import time

import exchange


async def conversation(progress, request, reader, writer):
    for wait in itertools.cycle(request["waits"]):
        await asyncio.sleep(request["pause"] / 1000)
        if reader.at_eof():
            return
        progress.sent = time.monotonic()
        progress.begun = False
        writer.write(f"GET /wait/{wait} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        progress.begun = True
        if b" 200 " not in head.split(b"\n")[0] or await reader.readexactly(4) != b"done":
            raise ValueError(head)
        progress.answered += 1


exchange.main(conversation)
