# SPDX-License-Identifier: MIT
"""uWSGI."""

from apps import WSGI
from server import HttpServer, Stop


class Uwsgi(HttpServer):
    """The HTTP router and its workers in one container: what is between them counts once."""

    title = "uWSGI, HTTP router"
    kind = "python"
    signals = ("TERM", "INT", "QUIT", "HUP")
    guess = "with die-on-term TERM is a stop that finishes requests"
    flaw = "Its master looks once a second whether its processes have ended."
    note = ("No signal finishes requests and ends it. While it ends, the router accepts connections and "
            "resets them. Without `--die-on-term` TERM reloads it; `lastcall` sends INT in both cases.")
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
