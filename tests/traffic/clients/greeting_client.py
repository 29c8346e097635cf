#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A client of greeting_server.py. A request of the plan has `wait`, ms that its query takes, and `login`: whether the
query is the first thing that the client says."""

import exchange


async def read_line(reader):
    line = await reader.readuntil(b"\n")
    return line


async def conversation(progress, request, reader, writer):
    await read_line(reader)
    if request["login"]:
        writer.write(b"login: user, hash 0123456789abcdef\n")
        await read_line(reader)
    progress.send(writer, f"query {request['wait']}\n".encode())
    if await read_line(reader) != b"rows: 4\n":
        raise ValueError("another answer")


exchange.main(conversation)
