# SPDX-License-Identifier: MIT
"""lighttpd as a proxy."""

from server import HttpServer, Stop


class Lighttpd(HttpServer):
    title = "lighttpd"
    kind = "web"
    signals = ("TERM", "INT", "USR1")
    guess = "TERM cuts, INT finishes and closes idle connections; the status is 0"
    note = ("TERM exits with 1 if a client is connected, else with 0; `--exit-map=1:0` makes both 0. "
            "INT, its graceful stop, ends seconds after the last request.")
    packages = "lighttpd"
    version = "lighttpd -v"
    files = {"lighttpd.conf": """
        server.document-root = "@dir@"
        server.port = 8080
        server.modules = ("mod_proxy")
        server.max-keep-alive-requests = 10000
        proxy.server = ("" => (("host" => "127.0.0.1", "port" => 9000)))
    """}
    command = "lighttpd -D -f lighttpd.conf"
    backend = True
    stream = "/stream"
    stops = (Stop("TERM", exits=(0, 1)), Stop("INT", exits=(0, 1)))
