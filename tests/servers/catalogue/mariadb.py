# SPDX-License-Identifier: MIT
"""MariaDB: greets first."""

import harness
from clients import Lost
from server import Server, Stop, in_flight, run_or_lose


class MariaDb(Server):
    """The server greets first; the client's first query is a slow one."""

    title = "MariaDB"
    kind = "data"
    signals = ("TERM", "QUIT")
    guess = "TERM kills running queries and exits with 0"
    note = "TERM kills queries after a short wait. `lastcall` waits for them first."
    shown = "mariadbd --user=mysql"
    packages = "mariadb-server"
    version = "mariadbd --version"
    command = ("mariadbd --no-defaults --datadir=@dir@/data --socket=@dir@/socket --port=8080 --user=mysql"
               " --skip-grant-tables --skip-networking=0 --innodb-buffer-pool-size=16M --pid-file=@dir@/pid")
    stops = (Stop("TERM", exits=(0,), ends_within=3.0),)
    in_ci = True
    says_ready = True

    def prepare(self, box):
        box.make("mkdir", "data")
        box.give_to("mysql")
        box.make("mariadb-install-db", "--no-defaults", "--datadir=@dir@/data", "--user=mysql",
                 "--auth-root-authentication-method=normal", "--skip-test-db")

    def mariadb(self, query):
        return ("mariadb", "--no-defaults", "-h", "127.0.0.1", "-P", "8080", "-u", "root", "-Ne", query)

    def wait_serving(self, box):
        harness.wait_until(lambda: box.run(*self.mariadb("select 1"))[0] == 0, "mariadb answers")

    def begin(self, box):
        return [in_flight(box, "query", lambda: run_or_lose(
            box, *self.mariadb("select sleep(4), 'slept'"), expect="slept"))]

    def after(self, box):
        if not box.program.err.find("Shutdown complete"):
            raise Lost("it will need a crash recovery")
