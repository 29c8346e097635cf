# SPDX-License-Identifier: MIT
"""PgBouncer in front of a PostgreSQL outside of the container."""

import harness
from server import Server, Stop, in_flight, run_or_lose

from catalogue.postgresql import Postgresql

AS_POSTGRES = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")


class PgBouncer(Server):
    title = "PgBouncer"
    kind = "data"
    signals = ("TERM", "INT", "QUIT")
    guess = "TERM cuts and exits with 1, INT finishes queries and exits with 0"
    note = ("INT waits for sessions in flight, and with `pool_mode = session` for idle ones. "
            "`lastcall` sends TERM when nothing is in flight; the status is 1, and `--exit-map=1:0` "
            "makes that 0.")
    shown = "pgbouncer -u postgres pgbouncer.ini"
    packages = "pgbouncer postgresql-15"
    version = "pgbouncer --version"
    files = {"pgbouncer.ini": """
[databases]
postgres = host=127.0.0.1 port=9001 user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = 8080
unix_socket_dir =
auth_type = any
pool_mode = session
""", "users.txt": '"postgres" ""\n'}
    command = "pgbouncer -u postgres @dir@/pgbouncer.ini"
    stops = (Stop("TERM", exits=(1,), ends_within=4.0),)
    in_ci = True

    def prepare(self, box):
        box.give_to("postgres")
        box.make(*AS_POSTGRES, f"{Postgresql.bin}/initdb", "--no-sync", "-A", "trust", "-D", "@dir@/data")

    def started(self, box):
        box.spawn(*AS_POSTGRES, f"{Postgresql.bin}/postgres", "-D", "@dir@/data", "-k", "@dir@", "-p", "9001")

    def psql(self, query):
        return ("psql", "-h", "127.0.0.1", "-p", "8080", "-U", "postgres", "-Atqc", query, "postgres")

    def wait_serving(self, box):
        harness.wait_until(lambda: box.run(*self.psql("select 1"))[0] == 0, "PgBouncer answers")

    def begin(self, box):
        idle = box.spawn("psql", "-h", "127.0.0.1", "-p", "8080", "-U", "postgres", "-At", "postgres", stdin=-1)
        idle.stdin.write("select 'answered';\n" * 30)
        idle.stdin.flush()
        for _ in range(30):
            idle.stdout.readline()
        return [in_flight(box, "query", lambda: run_or_lose(
            box, *self.psql("select pg_sleep(3), 'slept'"), expect="slept"))]
