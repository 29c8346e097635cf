# SPDX-License-Identifier: MIT
"""Databases: clients that are greeted first, that wait for what may never come, and data to be saved."""

import pathlib
import subprocess

import harness
from clients import Lost
from server import Server, Stop, in_flight


def run_or_lose(box, *argv, expect, **arguments):
    status, output = box.run(*argv, **arguments)
    if status != 0 or expect not in output:
        raise Lost(f"exit {status}: {output.strip()[-200:]}")


class Postgresql(Server):
    """TERM waits for the idle client for ever; INT is what ends it, without a recovery at the next start."""

    packages = "postgresql-15"
    version = "/usr/lib/postgresql/15/bin/postgres --version"
    bin = "/usr/lib/postgresql/15/bin"
    command = f"setpriv --reuid=postgres --regid=postgres --clear-groups {bin}/postgres -D @dir@/data -k @dir@ -p 8080"
    stops = (Stop("TERM", exits=(0,)), Stop("INT", exits=(0,)))
    in_ci = True

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


class MariaDb(Server):
    """The server greets first; the client's first query is a slow one."""

    packages = "mariadb-server"
    version = "mariadbd --version"
    command = ("mariadbd --no-defaults --datadir=@dir@/data --socket=@dir@/socket --port=8080 --user=mysql"
               " --skip-grant-tables --skip-networking=0 --innodb-buffer-pool-size=16M --pid-file=@dir@/pid")
    stops = (Stop("TERM", exits=(0,), ends_within=3.0),)
    in_ci = True

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


class Redis(Server):
    """TERM saves, which takes 6 s here; clients wait in BLPOP for what never comes."""

    packages = "redis-server"
    version = "redis-server --version"
    command = ("redis-server --port 8080 --dir @dir@ --save '3600 1' --rdb-key-save-delay 6000"
               " --shutdown-timeout 1")
    blocked = 0
    stops = (Stop("TERM", exits=(0,), ends_within=8.0, timeout=30),
             Stop("INT", exits=(0,), ends_within=8.0, timeout=30))
    keys = 1000

    def ask(self, client, *words):
        client.sendall(f"*{len(words)}\r\n".encode() +
                       b"".join(f"${len(word)}\r\n{word}\r\n".encode() for word in words))
        return client.recv(1000)

    def begin(self, box):
        client = box.connect()
        for number in range(self.keys):
            assert self.ask(client, "SET", f"key{number}", "value") == b"+OK\r\n"
        box.idle = [client]
        for _ in range(self.blocked):
            waits = box.connect()
            waits.sendall(b"*3\r\n$5\r\nBLPOP\r\n$1\r\nq\r\n$1\r\n0\r\n")
            box.idle.append(waits)
        return []

    def after(self, box):
        if not box.program.out.find("DB saved on disk"):
            raise Lost("the data was not saved")


class RedisBlpop(Redis):
    """A client that waits in BLPOP looks like a request that waits: it holds until D."""

    name = "redis-blpop"
    blocked = 3
    keys = 10
    stops = (Stop("TERM", exits=(0,), ends_within=6.5, options=("--longest-request=5s",), note="D=5s"),)


class Etcd(Server):
    """A watch is a stream without an end."""

    packages = "etcd-server etcd-client"
    version = "etcd --version"
    command = ("etcd --data-dir @dir@/data --listen-client-urls http://127.0.0.1:8080"
               " --advertise-client-urls http://127.0.0.1:8080 --listen-peer-urls http://127.0.0.1:8081"
               " --initial-advertise-peer-urls http://127.0.0.1:8081 --initial-cluster default=http://127.0.0.1:8081")
    stops = (Stop("TERM", exits=(0, 143), ends_within=24.0, timeout=30),
             Stop("TERM", exits=(0, 143), ends_within=7.0, options=("--longest-request=5s",), note="D=5s"))

    def etcdctl(self, *words):
        return ("env", "ETCDCTL_API=3", "etcdctl", "--endpoints=http://127.0.0.1:8080", *words)

    def wait_serving(self, box):
        harness.wait_until(lambda: box.run(*self.etcdctl("put", "key", "value"))[0] == 0, "etcd answers")

    def begin(self, box):
        box.watch = box.spawn(*self.etcdctl("watch", "key"))
        return []
