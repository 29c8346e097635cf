# SPDX-License-Identifier: MIT
"""For gunicorn."""

import time

from answers import BODIES, SLOW_SECONDS


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/slow":
        time.sleep(SLOW_SECONDS)
    start_response("200 OK", [("Content-Length", str(len(BODIES[path])))])
    return [BODIES[path]]
