# SPDX-License-Identifier: MIT
"""H2O as a proxy."""

from server import HttpServer, Stop


class H2O(HttpServer):
    title = "H2O"
    kind = "web"
    signals = ("TERM", "INT", "HUP")
    guess = "TERM finishes requests and closes idle connections, exits with 0"
    note = ("TERM waits for idle connections until `http1-request-timeout`, 10 s by default and 60 s "
            "here. `lastcall` therefore sends INT when nothing is in flight. The status is 130; "
            "`--exit-map=130:0` makes that 0.")
    packages = "h2o"
    version = "h2o --version"
    files = {"h2o.conf": """
listen: 8080
error-log: /dev/stderr
pid-file: @dir@/pid
user: root
num-threads: 2
http1-request-timeout: 60
hosts:
  default:
    paths:
      /:
        proxy.reverse.url: http://127.0.0.1:9000/
"""}
    command = "h2o -m worker -c h2o.conf"
    backend = True
    stream = "/stream"
    patience = 15
    stops = (Stop("TERM", exits=(130,), ends_within=4.0),)
    in_ci = True
