# SPDX-License-Identifier: MIT
"""Python's http.server."""

from clients import Https1
from server import HttpServer

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
    title = "Python http.server"
    kind = "python"
    signals = ("TERM", "INT")
    guess = "TERM cuts and exits with 143, as PID 1 nothing happens; INT exits with 0"
    note = ("TERM has no handler: it cuts, and as PID 1 it does nothing. With `--exit-map=143:0` the "
            "status is 0.")
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
