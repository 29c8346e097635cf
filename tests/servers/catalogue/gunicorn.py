# SPDX-License-Identifier: MIT
"""gunicorn."""

from apps import WSGI
from clients import Https1
from server import Advice, HttpServer, Stop


class Gunicorn(HttpServer):
    """Its master waits for the worker, and the worker for its request."""

    packages = "gunicorn"
    version = "gunicorn --version"
    files = {"app.py": WSGI}
    command = "gunicorn --bind 0.0.0.0:8080 --workers 2 --threads 4 --keep-alive 60 app:app"
    stops = tuple(Stop(signal, exits=(0,), ends_within=4) for signal in ("TERM", "INT", "QUIT"))
    never_used = False
    in_ci = True
    says_ready = True


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

    title = "gunicorn, gthread"
    kind = "python"
    signals = ("TERM", "QUIT")
    guess = "TERM finishes requests; a connection that was never used holds a thread until graceful_timeout, 30 s"
    flaw = "It waits this 1 s for the connection that was never used, and for its workers to end."
    note = ("A thread with a connection that was never used holds the worker for graceful_timeout, 30 "
            "s, on each signal; after QUIT and INT new clients connect meanwhile, and get no answer.")
    name = "gunicorn-unused"
    stops = (Stop("TERM", exits=(137,), ends_within=20, outcome="killed", alarm=None),
             Stop("TERM", exits=(137,), ends_within=5, outcome="killed", alarm=None,
                  options=("--exit-when-idle=2s",),
                  note="exit-when-idle"))
    never_used = True
    in_ci = False
    patience = 35
    advice = Advice(command=Gunicorn.command + " --graceful-timeout 1", set="gunicorn's `--graceful-timeout 1`",
                    why="`lastcall` has waited for the requests; what is left is a connection without one")


class GunicornSync(Gunicorn):
    """One request a worker; no keep-alive. A connection that was never used keeps a worker for itself."""

    name = "gunicorn-sync"
    command = "gunicorn --bind 0.0.0.0:8080 --workers 3 app:app"
    stops = (Stop("TERM", exits=(0,), ends_within=4),)
    never_used = False
    in_ci = False
