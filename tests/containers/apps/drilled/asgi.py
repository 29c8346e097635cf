# SPDX-License-Identifier: MIT
"""For uvicorn."""

import asyncio

from answers import BODIES, SLOW_SECONDS


async def application(scope, receive, send):
    assert scope["type"] == "http"
    if scope["path"] == "/slow":
        await asyncio.sleep(SLOW_SECONDS)
    body = BODIES[scope["path"]]
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
