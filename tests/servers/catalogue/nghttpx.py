# SPDX-License-Identifier: MIT
"""nghttpx, the proxy of nghttp2."""

from server import HttpServer, Stop


class Nghttpx(HttpServer):
    title = "nghttpx"
    kind = "web"
    signals = ("TERM", "QUIT", "INT")
    guess = "TERM and INT cut, QUIT finishes requests and closes idle connections"
    note = ("QUIT waits for idle connections until `--frontend-keep-alive-timeout`. TERM has no "
            "handler, so that nghttpx as PID 1 ignores it. `--exit-map=143:0` makes the status 0.")
    shown = "nghttpx --frontend='*,8080;no-tls' --backend=127.0.0.1,9000"
    packages = "nghttp2-proxy"
    version = "nghttpx --version"
    command = ("nghttpx --conf=/dev/null --frontend=*,8080;no-tls --backend=127.0.0.1,9000 --workers=1"
               " --frontend-keep-alive-timeout=60s --pid-file=@dir@/pid")
    backend = True
    stream = "/stream"
    stops = (Stop("TERM", exits=(143,), ends_within=4.0),)
    in_ci = True
