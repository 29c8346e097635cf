# SPDX-License-Identifier: MIT
"""Tornado's HTTP server, with and without a handler."""

from server import HttpServer, Stop

APP = """
import asyncio, signal, sys
import tornado.web
class Main(tornado.web.RequestHandler):
    async def get(self, path):
        if "slow" in path:
            await asyncio.sleep(3)
        self.write("done\\n")
async def main():
    server = tornado.web.Application([("/(.*)", Main)]).listen(8080)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    server.stop()
    await server.close_all_connections()
asyncio.run(main())
"""


class Tornado(HttpServer):
    """stop() and close_all_connections(), which is what its documentation has for a stop."""

    title = "Tornado, close_all_connections()"
    kind = "python"
    signals = ("TERM",)
    guess = "close_all_connections() waits for requests, and closes idle connections"
    note = "close_all_connections() cuts requests, but `lastcall` has waited for them before TERM."
    packages = "python3-tornado"
    version = "dpkg-query -W python3-tornado"
    files = {"app.py": APP}
    command = "/usr/bin/python3 app.py"
    stops = (Stop("TERM", exits=(0,), ends_within=4.0),)
