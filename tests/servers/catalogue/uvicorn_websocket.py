# SPDX-License-Identifier: MIT
"""uvicorn with a WebSocket."""

from apps import ASGI
from clients import WebSocket
from server import Advice, HttpServer, Stop


class UvicornWebSocket(HttpServer):
    name = "uvicorn-websocket"
    title = "uvicorn, WebSocket"
    kind = "python"
    signals = ("TERM",)
    guess = "each WebSocket gets 1012 at once"
    flaw = "uvicorn and the interpreter take about a second to end."
    note = ("With `--ws wsproto` it closes a WebSocket with 1012; the default implementation closes "
            "without a code. The report may count a WebSocket as cut: the close frame of the client looks like a request.")
    packages = "uvicorn python3-websockets python3-wsproto"
    version = "uvicorn --version"
    files = {"app.py": ASGI}
    command = "uvicorn --host 0.0.0.0 --port 8080 --lifespan off --ws wsproto --timeout-keep-alive 60 app:app"
    never_used = False
    advice = Advice(options=("--order=signal-first",), why="a silent WebSocket looks like work, and the server drains by itself")
    stops = (Stop("TERM", exits=(0,), ends_within=3.0, alarm=None, options=("--order=signal-first",)),)

    def begin(self, box):
        works = super().begin(box)
        box.idle["WebSocket"] = WebSocket(box)
        return works
