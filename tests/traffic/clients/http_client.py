#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""HTTP/1.1, plain or over TLS (`http_client.py tls`). A request of the plan has

    wait      ms that its answer takes
    before    exchanges on the same connection, each of these taking so many ms, the next one sent in the tick in
              which the answer came; empty: it is the connection's first
    rested    true: a pause comes after these exchanges
    stream    [when, pauses] instead of `wait`, see http_server.py
    upload    pauses (ms) between the pieces of its body"""

import asyncio
import ssl
import sys
import time

import exchange

PIECE = b"x" * 1000


async def read_head(progress, reader):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += await reader.readuntil(b"\n")
        progress.begun = True
    if b" 200 " not in head.split(b"\n")[0]:
        raise ValueError(head)


async def read_answer(progress, reader):
    await read_head(progress, reader)
    if await reader.readexactly(4) != b"done":
        raise ValueError("another body")


async def read_stream(progress, reader):
    await read_head(progress, reader)
    while await reader.readuntil(b"\r\n") != b"0\r\n":
        await reader.readuntil(b"\r\n")
    await reader.readexactly(2)


async def upload(progress, request, writer):
    pauses = request["upload"]
    length = len(PIECE) * len(pauses)
    progress.send(writer, f"POST /upload/{request['wait']} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"
                          .encode())
    for pause in pauses:
        await asyncio.sleep(pause / 1000)
        writer.write(PIECE)


async def conversation(progress, request, reader, writer):
    for ms in request.get("before", ()):
        writer.write(f"GET /wait/{ms} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        await read_answer(exchange.Exchange(0), reader)
    if request.get("rested"):
        await asyncio.sleep(progress.due - time.monotonic())
    if "stream" in request:
        when, pauses = request["stream"]
        path = f"/stream/{when}/{','.join(map(str, pauses))}"
    else:
        path = f"/wait/{request['wait']}"
    if "upload" in request:
        await upload(progress, request, writer)
    else:
        progress.send(writer, f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    await (read_stream if "stream" in request else read_answer)(progress, reader)


def tls_context():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


exchange.main(conversation, tls_context() if "tls" in sys.argv else None)
