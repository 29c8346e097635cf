# SPDX-License-Identifier: MIT
"""Servers for Python applications."""

from clients import Https1
from server import HttpServer, Stop

WSGI = """
import time
def app(environ, start_response):
    if "slow" in environ["PATH_INFO"]:
        time.sleep(3)
    start_response("200 OK", [("Content-Length", "5")])
    return [b"done\\n"]
"""

HTTP_SERVER = """
import http.server, signal, ssl, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if "slow" in self.path:
            time.sleep(3)
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"done\\n")
    def log_message(self, *_):
        pass
class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
server = Server(("", 8080), Handler)
if "tls" in sys.argv:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("cert.pem", "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
"""


class PythonHttp(HttpServer):
    name = "python-http"
    packages = "python3"
    version = "python3 --version"
    files = {"app.py": HTTP_SERVER}
    command = "/usr/bin/python3 app.py"


class PythonTls(PythonHttp):
    """The session tickets leave with the first answer's request: a fresh connection tells nothing."""

    name = "python-tls"
    command = "/usr/bin/python3 app.py tls"
    client = Https1

    def prepare(self, box):
        box.certificate()


class Gunicorn(HttpServer):
    """Its master waits for the worker, and the worker for its request."""

    packages = "gunicorn"
    version = "gunicorn --version"
    files = {"app.py": WSGI}
    command = "gunicorn --bind 0.0.0.0:8080 --workers 2 --threads 4 --keep-alive 60 app:app"
    stops = tuple(Stop(signal, exits=(0,), ends_within=4) for signal in ("TERM", "INT", "QUIT"))
    never_used = False
    in_ci = True


class GunicornTls(Gunicorn):
    name = "gunicorn-tls"
    command = Gunicorn.command + " --certfile cert.pem --keyfile key.pem"
    client = Https1
    stops = (Stop("TERM", exits=(0,), ends_within=4),)
    in_ci = False

    def prepare(self, box):
        box.certificate()


class GunicornUnused(Gunicorn):
    """A connection that was never used has a thread for itself, for which the worker waits to the end."""

    name = "gunicorn-unused"
    stops = (Stop("TERM", exits=(137,), ends_within=20, outcome="killed", alarm=None),
             Stop("TERM", exits=(137,), ends_within=5, outcome="killed", alarm=None,
                  options=("--exit-when-idle=2s",),
                  note="exit-when-idle"))
    never_used = True
    in_ci = False


class GunicornSync(Gunicorn):
    """One request a worker; no keep-alive. A connection that was never used keeps a worker for itself."""

    name = "gunicorn-sync"
    command = "gunicorn --bind 0.0.0.0:8080 --workers 3 app:app"
    stops = (Stop("TERM", exits=(0,), ends_within=4),)
    never_used = False
    in_ci = False


class Waitress(HttpServer):
    """TERM ends it, INT has it close; its process is a python3."""

    packages = "python3-waitress"
    version = "dpkg-query -W python3-waitress"
    files = {"app.py": WSGI}
    command = "/usr/bin/waitress-serve --port=8080 app:app"
    stops = (Stop("TERM", exits=(143, 0)), Stop("INT", exits=(0,)))


class Cheroot(HttpServer):
    packages = "python3-cheroot"
    version = "dpkg-query -W python3-cheroot"
    files = {"app.py": WSGI + """
from cheroot.wsgi import Server
server = Server(("0.0.0.0", 8080), app, timeout=60)
try:
    server.start()
except KeyboardInterrupt:
    server.stop()
"""}
    command = "/usr/bin/python3 app.py"
    stops = (Stop("TERM"), Stop("INT", exits=(0, 130), ends_within=6.5))


class CherryPy(HttpServer):
    """Its main thread waits for the threads that have a connection, on TERM, too."""

    packages = "python3-cherrypy3"
    version = "dpkg-query -W python3-cherrypy3"
    files = {"app.py": """
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
"""}
    command = "/usr/bin/python3 app.py"
    stops = (Stop("TERM", exits=(0,), ends_within=7), Stop("INT", exits=(0,), ends_within=7))


class Uvicorn(HttpServer):
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


class Uwsgi(HttpServer):
    """The HTTP router and its workers in one container: what is between them counts once."""

    name = "uwsgi-router"
    packages = "uwsgi-core uwsgi-plugin-python3"
    version = "uwsgi --version"
    files = {"app.py": WSGI.replace("def app(", "def application(")}
    command = ("uwsgi --plugins http,python3 --http :8080 --http-keepalive --http-timeout 60 --master"
               " --die-on-term --processes 2 --threads 2 --wsgi-file app.py")
    stops = tuple(Stop(signal, exits=(0,), ends_within=3.0) for signal in ("TERM", "QUIT", "INT"))
    in_ci = True


class UwsgiReload(Uwsgi):
    """Without --die-on-term it is TERM that reloads and QUIT that ends; with it the other way round."""

    name = "uwsgi-reload"
    command = Uwsgi.command.replace(" --die-on-term", "")
    in_ci = False
