# SPDX-License-Identifier: MIT
"""One real server as the child of one init, in namespaces of its own, with a directory of its own."""

import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import harness
from clients import Watcher

CACHE = os.environ.get("LASTCALL_SERVERS_CACHE") or os.path.join(tempfile.gettempdir(), "lastcall-servers")

_cache_lock = threading.Lock()


WITHOUT = ("raw", "pid1")  # no init at all: the server is a plain child, or PID 1 itself


class Init:
    """The program that is PID 1: lastcall, an older lastcall, or another init; [NAME=]PATH; or one of WITHOUT."""

    def __init__(self, words):
        self.is_there = words not in WITHOUT
        name, _, path = words.rpartition("=")
        self.path = os.path.abspath(shutil.which(path) or path)
        self.name = name or os.path.basename(path)
        self.is_lastcall = os.path.basename(path).startswith("lastcall")
        self.is_tested = self.path == os.path.abspath(harness.LASTCALL)  # and not one to compare with

    def options(self, stop):
        if not self.is_lastcall:
            return []
        # An older one may not have the option.
        return [f"--stop-timeout={stop.timeout}s", *(stop.options if self.is_tested else [])]


class Box:
    """What a server's declaration gets to work with."""

    def __init__(self, server, stop, init):
        self.server, self.stop_, self.init = server, stop, init
        self.directory = tempfile.mkdtemp(prefix=f"lastcall-{server.name}.")
        os.chmod(self.directory, 0o755)
        self.program = None
        self.stopped_at = self.ended_at = None
        self.idle = {}  # watchers of connections, by what they are
        self._spawned = []

    # ---- its files ----

    def path(self, name):
        return os.path.join(self.directory, name)

    def fill_in(self, text):
        return text.replace("@dir@", self.directory).replace("@port@", str(self.server.port))

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as file:
            file.write(self.fill_in(text))

    def read(self, name):
        try:
            with open(self.path(name)) as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def give_to(self, user):
        """The directory and all that is in it become this user's: some daemons insist on a user of their own."""
        subprocess.run(["chown", "-R", user, self.directory], check=True)

    def make(self, *argv, **arguments):
        """Runs a command that prepares something, in the directory."""
        done = subprocess.run([self.fill_in(word) for word in argv], cwd=self.directory, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **arguments)
        if done.returncode != 0:
            raise AssertionError(f"{argv[0]} failed: {done.stdout[-1500:]}")
        return done.stdout

    def certificate(self):
        """cert.pem, key.pem and both in one file, for localhost."""
        self.make("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                  "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem")
        self.write("both.pem", self.read("cert.pem") + self.read("key.pem"))
        os.chmod(self.path("key.pem"), 0o644)

    def cached(self, name, build):
        """A file that is built once a machine: build(path) makes it."""
        path = os.path.join(CACHE, name)
        with _cache_lock:
            if not os.path.exists(path):
                os.makedirs(CACHE, exist_ok=True)
                build(path + ".new")
                os.rename(path + ".new", path)
        return path

    def npm(self, *packages):
        """Packages of npm, installed once a machine without their scripts: the path of node_modules."""
        def install(path):
            self.make("npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts",
                      "--prefix", path, *packages)
        return self.cached("npm-" + "-".join(re.sub(r"\W+", "-", package) for package in packages),
                           install) + "/node_modules"

    # ---- its life ----

    def start(self):
        argv = [self.fill_in(word) for word in self.server.argv()]
        shared = {"settings": [f"cwd={self.directory}"], "env": {
            "HOME": self.directory, "LANG": "C.UTF-8",
            **{name: self.fill_in(value) for name, value in self.server.environment.items()}}}
        if self.init.is_there:
            self.program = harness.Program(self.init.options(self.stop_), argv, binary=self.init.path, **shared)
            return
        path = shared["env"].get("PATH") or harness.environment()["PATH"]
        self.program = harness.Program(argv[1:], [], pid1=self.init.name == "pid1",
                                       binary=shutil.which(argv[0], path=path) or argv[0], **shared)

    def process(self):
        """The server's main process, as one that looks into /proc sees it: its name, file and command."""
        pid = self.program.app_pid() if self.init.is_lastcall else self.program.pid
        with open(f"/proc/{pid}/cmdline", "rb") as words:
            command = words.read().replace(b"\0", b" ").decode(errors="replace").strip()
        return {"name": harness.process_name(pid), "file": os.path.basename(os.readlink(f"/proc/{pid}/exe")),
                "command": command.replace(self.directory, "DIR")[:100]}

    def watch(self, what, connection):
        self.idle[what] = Watcher(connection)

    def send(self, name):
        self.program.send(signal.Signals["SIG" + name])

    def stop(self):
        self._process = os.pidfd_open(self.program.pid)
        self.stopped_at = time.monotonic()
        self.program.stop(signal.Signals["SIG" + self.stop_.signal])

    def wait(self):
        """Its end; as the orchestrator does, SIGKILL when the time is over."""
        left = self.stopped_at + self.stop_.timeout - time.monotonic()
        killed = not select.select([self._process], [], [], max(0.01, left))[0]
        self.ended_at = time.monotonic()
        os.close(self._process)
        if killed:
            self.program.send(signal.SIGKILL)
        return self.program.wait(), killed

    def report(self):
        """lastcall's, as the schema wants it; an older lastcall's is taken as it is."""
        if not self.init.is_lastcall:
            return None
        if self.init.is_tested:
            return self.program.report()
        lines = [line for line in self.program.err.all if line.startswith('{"schema"')]
        return json.loads(lines[-1]) if lines else None

    def close(self):
        for process in self._spawned:
            process.kill()
            process.wait()
        if self.program:
            self.program.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    # ---- its clients ----

    def connect(self, port=None, keepalive=None):
        """A TCP connection from within its network."""
        connection = self.program.socket()
        connection.settimeout(60)
        if keepalive:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, keepalive)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, keepalive)
        connection.connect(("127.0.0.1", port or self.server.port))
        return connection

    def spawn(self, *argv, **arguments):
        """Another program in its network, which is none of its processes: a client, a broker."""
        process = subprocess.Popen(
            self.program.beside(*map(self.fill_in, argv)), cwd=self.directory, text=True,
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT,
               **arguments})
        self._spawned.append(process)
        return process

    def run(self, *argv, seconds=60, **arguments):
        """The same to its end: (exit status, output)."""
        process = self.spawn(*argv, **arguments)
        output, _ = process.communicate(timeout=seconds)
        return process.returncode, output

    def connections(self, port=None):
        """How many are established with the server."""
        local = f":{port or self.server.port:04X}"
        count = 0
        for table in ("tcp", "tcp6"):
            with open(f"/proc/{self.program._jail.pid}/net/{table}") as rows:
                count += sum(row[1].endswith(local) and row[3] == "01" for row in map(str.split, rows))
        return count

    def listens(self, port):
        try:
            self.connect(port).close()
            return True
        except OSError:
            return False
