# SPDX-License-Identifier: MIT
import time


def app(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(3)
    start_response("200 OK", [("Content-Length", "5")])
    return [b"done\n"]
