# SPDX-License-Identifier: MIT
"""Twisted Web, with twistd."""

from server import HttpServer, Stop

APP = """
from twisted.internet import reactor
from twisted.web import resource, server
class Main(resource.Resource):
    isLeaf = True
    def render_GET(self, request):
        def finish():
            request.write(b"done\\n")
            request.finish()
        request.setHeader(b"content-length", b"5")
        if b"slow" not in request.path:
            return b"done\\n"
        reactor.callLater(3, finish)
        return server.NOT_DONE_YET
reactor.listenTCP(8080, server.Site(Main(), timeout=60))
reactor.run()
"""


class Twisted(HttpServer):
    title = "Twisted Web"
    kind = "python"
    signals = ("TERM", "INT")
    guess = "TERM stops the reactor, which cuts; exit 0"
    note = "It has no graceful stop: the reactor stops at once."
    packages = "python3-twisted"
    version = "dpkg-query -W python3-twisted"
    files = {"app.py": APP}
    command = "/usr/bin/python3 app.py"
    stops = (Stop("TERM", exits=(0,), ends_within=4.0),)
