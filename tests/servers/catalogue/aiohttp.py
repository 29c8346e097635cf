# SPDX-License-Identifier: MIT
"""aiohttp's web server."""

from server import HttpServer, Stop

APP = """
import asyncio
from aiohttp import web
async def main(request):
    if "slow" in request.path:
        await asyncio.sleep(3)
    return web.Response(text="done\\n")
async def stream(request):
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(8):
        await asyncio.sleep(0.5)
        await response.write(b"piece\\n")
    return response
app = web.Application()
app.add_routes([web.get("/stream", stream), web.get("/{path:.*}", main)])
web.run_app(app, port=8080, keepalive_timeout=60, print=None)
"""


class AioHttp(HttpServer):
    title = "aiohttp"
    kind = "python"
    signals = ("TERM", "INT")
    guess = "TERM waits for requests up to shutdown_timeout, 60 s, and closes idle connections"
    note = "run_app waits for requests up to shutdown_timeout, 60 s, and closes idle connections."
    packages = "python3-aiohttp"
    version = "dpkg-query -W python3-aiohttp"
    files = {"app.py": APP}
    command = "/usr/bin/python3 app.py"
    stream = "/stream"
    stops = (Stop("TERM", exits=(0,), ends_within=4.0),)
