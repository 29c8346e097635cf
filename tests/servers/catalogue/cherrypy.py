# SPDX-License-Identifier: MIT
"""CherryPy."""

from server import Advice, HttpServer, Stop

APP = """
import time, cherrypy
class App:
    @cherrypy.expose
    def index(self):
        return "done\\n"
    @cherrypy.expose
    def slow(self):
        time.sleep(3)
        return "done\\n"
cherrypy.quickstart(App(), config={"global": {"server.socket_host": "0.0.0.0", "server.socket_port": 8080,
    "engine.autoreload.on": False, "log.screen": False}})
"""


class CherryPy(HttpServer):
    """Its main thread waits for the threads that have a connection, on TERM, too."""

    title = "CherryPy"
    kind = "python"
    signals = ("TERM", "INT")
    guess = "TERM finishes requests and waits 5 s for the connection that was never used"
    flaw = "It waits this 1 s for the connection that was never used."
    note = "TERM and INT wait shutdown_timeout, 5 s, for a connection that was never used."
    packages = "python3-cherrypy3"
    version = "dpkg-query -W python3-cherrypy3"
    files = {"app.py": APP}
    command = "/usr/bin/python3 app.py"
    advice = Advice(files={"app.py": APP.replace('"engine.auto', '"server.shutdown_timeout": 1, "engine.auto')},
                    set="CherryPy's `server.shutdown_timeout: 1`", why="the wait is only for connections that were never used; `lastcall` has waited for the requests")
    stops = (Stop("TERM", exits=(0,), ends_within=7), Stop("INT", exits=(0,), ends_within=7))
