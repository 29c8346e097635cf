# SPDX-License-Identifier: MIT
"""PostgreSQL: clients that wait for what may never come, and data to be saved."""

import pathlib
import subprocess

import harness
from clients import Lost
from server import Server, Stop, in_flight, run_or_lose


class Postgresql(Server):
    """TERM waits for the idle client for ever; INT is what ends it, without a recovery at the next start."""

    title = "PostgreSQL"
    kind = "data"
    signals = ("TERM", "INT", "QUIT")
    guess = "TERM waits for idle clients, INT cuts queries, QUIT leaves a recovery"
    note = ("TERM waits for each session, however idle; QUIT leaves a recovery to the next start. "
            "`lastcall` waits for queries, and then sends INT.")
    shown = "postgres -D data"
    packages = "postgresql-15"
    version = "/usr/lib/postgresql/15/bin/postgres --version"
    bin = "/usr/lib/postgresql/15/bin"
    command = f"setpriv --reuid=postgres --regid=postgres --clear-groups {bin}/postgres -D @dir@/data -k @dir@ -p 8080"
    stops = (Stop("TERM", exits=(0,)), Stop("INT", exits=(0,)))
    in_ci = True
    says_ready = True

    def missing(self):
        return None if pathlib.Path(self.bin, "postgres").exists() else "no postgres here"

    def prepare(self, box):
        box.give_to("postgres")
        box.make("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", f"{self.bin}/initdb",
                 "--no-sync", "-A", "trust", "-D", "@dir@/data")

    def psql(self, query):
        return ("psql", "-h", "127.0.0.1", "-p", "8080", "-U", "postgres", "-Atqc", query, "postgres")

    def wait_serving(self, box):
        harness.wait_until(lambda: box.run(*self.psql("select 1"))[0] == 0, "postgres answers")

    def begin(self, box):
        idle = box.spawn("psql", "-h", "127.0.0.1", "-p", "8080", "-U", "postgres", "-At", "postgres",
                         stdin=subprocess.PIPE)
        for _ in range(30):
            idle.stdin.write("select 'answered';\n")
        idle.stdin.flush()
        for _ in range(30):
            assert idle.stdout.readline().strip() == "answered"
        return [in_flight(box, "query", lambda: run_or_lose(
            box, *self.psql("select pg_sleep(3), 'slept'"), expect="slept"))]

    def after(self, box):
        if not box.program.err.find("database system is shut down"):
            raise Lost("it will need a crash recovery")
