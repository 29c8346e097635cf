# SPDX-License-Identifier: MIT
"""gunicorn's other workers: one request each, and those on an event loop."""

from apps import WSGI
from server import Advice, HttpServer, Stop

from catalogue.gunicorn import GunicornSync


class GunicornSyncUnused(GunicornSync):
    """One of its three workers is kept by a connection that was never used."""

    name = "gunicorn-sync-unused"
    title = "gunicorn, sync"
    kind = "python"
    signals = ("TERM", "INT", "QUIT")
    guess = "TERM finishes requests; a never-used connection keeps its worker until graceful_timeout, 30 s"
    flaw = "It waits this 1 s for the connection that was never used, and for its workers to end."
    note = ("A connection that was never used keeps one worker for itself, also while the server runs. Put "
            "a proxy that reads whole requests in front, or use another worker.")
    patience = 35
    advice = Advice(command=GunicornSync.command + " --graceful-timeout 1", set="gunicorn's `--graceful-timeout 1`",
                    why="`lastcall` has waited for the requests; what is left is a connection without one")
    never_used = True
    stops = (Stop("TERM", exits=(0, 137), ends_within=20, outcome="killed", alarm=None),)


class GunicornGevent(HttpServer):
    name = "gunicorn-gevent"
    title = "gunicorn, gevent"
    kind = "python"
    signals = ("TERM",)
    guess = "TERM finishes requests; the never-used connection holds it until graceful_timeout, 30 s"
    flaw = "It waits this 1 s for idle connections."
    note = "It waits graceful_timeout, 30 s, for each open connection, answered or never used."
    patience = 35
    packages = "gunicorn python3-gevent"
    version = "gunicorn --version"
    files = {"app.py": WSGI}
    command = "gunicorn --bind 0.0.0.0:8080 --workers 2 --worker-class gevent --keep-alive 60 app:app"
    advice = Advice(command=command + " --graceful-timeout 1", set="gunicorn's `--graceful-timeout 1`",
                    why="`lastcall` has waited for the requests; what is left is a connection without one")
    stops = (Stop("TERM", exits=(137,), ends_within=24.0, outcome="killed", alarm=None),)


class GunicornTornado(GunicornGevent):
    name = "gunicorn-tornado"
    title = "gunicorn, tornado"
    signals = ("TERM", "INT")
    guess = "TERM finishes requests and closes idle connections"
    flaw = "Tornado's worker looks once a second whether it has to stop, and takes another one to end."
    note = "With Tornado 6 it serves WSGI, and each worker serves one request at a time."
    packages = "gunicorn python3-tornado"
    command = "gunicorn --bind 0.0.0.0:8080 --workers 2 --worker-class tornado app:app"
    advice = Advice()
    stops = (Stop("TERM", exits=(0,), ends_within=24),)
