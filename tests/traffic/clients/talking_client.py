#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Clients without a request: each tells the server something after each of `pauses` (ms), over and over, until the
connection ends; or says nothing at all where there are none."""

import asyncio
import itertools

import exchange


async def talk(request, writer):
    for pause in itertools.cycle(request["pauses"]):
        await asyncio.sleep(pause / 1000)
        writer.write(b"<14>1 something happened\n")


async def conversation(progress, request, reader, writer):
    talking = asyncio.create_task(talk(request, writer)) if request["pauses"] else None
    try:
        await reader.read()
    finally:
        if talking is not None:
            talking.cancel()


exchange.main(conversation)
