# SPDX-License-Identifier: MIT
"""uvicorn."""

from server import HttpServer, Stop


class Uvicorn(HttpServer):
    title = "uvicorn"
    kind = "python"
    signals = ("TERM", "INT")
    guess = "TERM finishes requests, closes idle connections, exits with 0"
    note = ("Since uvicorn 0.22 `--timeout-graceful-shutdown` limits the wait for requests. With `--workers` a killed worker is "
            "[not replaced](../findings/workers-not-replaced.sh). Without any, connections wait in the kernel, and "
            "`/healthcheck` soon answers 503 `stuck`.")
    packages = "uvicorn"
    version = "uvicorn --version"
    files = {"app.py": """
import asyncio
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    if "slow" in scope["path"]:
        await asyncio.sleep(3)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"done\\n"})
"""}
    command = "uvicorn --host 0.0.0.0 --port 8080 --lifespan off --timeout-keep-alive 60 app:app"
    stops = (Stop("TERM", exits=(0,)), Stop("INT", exits=(0,)))
