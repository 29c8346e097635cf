# SPDX-License-Identifier: MIT
"""What a server is to the harness. One is added by a class in catalogue/: what it is, how it is started,
which signals stop it; README.md has an example."""

import copy
import dataclasses
import importlib.util
import shlex
import shutil
import time

import harness
from clients import BODY, STREAMED, Backend, Http1, Lost, SlowExchange, Work


@dataclasses.dataclass(frozen=True)
class Stop:
    """One way to stop a server, and what has to come out of it."""

    signal: str = "TERM"
    exits: tuple = (143,)  # as under tini
    ends_within: float = 1.0  # seconds after the last request, the application's own end in them
    timeout: int = 20  # the orchestrator's
    options: tuple = ()
    longest_request: int = 10  # for how long a doubt may hold: the default, or what the options say
    note: str = ""
    alarm: bool | None = False  # whether the alarm fires though no client lost anything; None: it may, and the
    # outcome may be app_exited
    outcome: str = "drained"
    loses: tuple = ()  # what is lost all the same, as docs/servers.md says

    @property
    def name(self):
        return self.signal + (f" {self.note}" if self.note else "")


@dataclasses.dataclass(frozen=True)
class Advice:
    """What to set so that a stop loses nothing: options of lastcall, or another command, files or variables
    of the server. `set` says it for people where it is no option."""

    options: tuple = ()
    command: str = ""
    files: dict = dataclasses.field(default_factory=dict)
    environment: dict = dataclasses.field(default_factory=dict)
    set: str = ""
    why: str = ""

    def applied_to(self, server):
        """The same server with it."""
        changed = copy.copy(server)
        changed.command = self.command or server.command
        changed.files = {**server.files, **self.files}
        changed.environment = {**server.environment, **self.environment}
        return changed


class Server:
    """One application. `name` is the class's, in small letters, unless given."""

    name = ""
    packages = ""  # Debian's; the first one has the server
    version = ""  # a command that says it
    command = ""  # as for a shell; @dir@ is a directory of its own, where it starts, @port@ its port
    files = {}
    environment = {}
    port = 8080
    client = None  # the class of its clients, if they speak HTTP
    stops = (Stop(),)
    moment = 1.0  # the stop comes so long after the work began
    in_ci = False
    says_ready = False  # it sends READY=1 by itself, where there is a NOTIFY_SOCKET

    # of the atlas, docs/servers.md; a server without a guess is not in it
    title = ""  # as people call it
    product = ""  # what has the version {}, where it is not the first of the packages
    shown = ""  # the command as a user writes it, where the test's is another one
    kind = ""  # the page's table
    signals = ("TERM",)  # tried without lastcall; the first one also as PID 1 and under tini
    patience = 12  # seconds until SIGKILL, more than Docker's
    guess = ""  # from before the first measurement
    note = ""  # what the measurements do not say
    flaw = ""  # why the recommended stop is not perfect, where it is not
    advice = Advice()

    def argv(self):
        return shlex.split(self.command)

    def missing(self):
        """The program or the client's module without which it cannot be tried."""
        program = next(word for word in self.argv() if "=" not in word and word != "env")
        path = harness.environment()["PATH"]
        if "@dir@" not in program and not shutil.which(program, path=path):
            return f"no {program} here"
        module = getattr(self.client, "module", None)
        return f"no Python module {module} here" if module and not importlib.util.find_spec(module) else None

    def prepare(self, box):
        """Before the start: what takes more than files."""

    def started(self, box):
        """Just after the start: what has to be in its network."""

    def wait_serving(self, box):
        harness.wait_until(lambda: box.listens(self.port), f"{self.name} listens")

    def begin(self, box):
        """Starts the clients, idle ones too; returns the work in flight."""
        return []

    def during(self, box):
        """A client that comes after the stop signal: work, or None when the server takes no more."""
        return None

    def after(self, box):
        """When all is over: raises Lost for what was lost but for requests."""


def in_flight(box, what, do):
    """Work of another program, which needs a while until it has connected."""
    before = box.connections()
    work = Work(what, do)
    harness.wait_until(lambda: box.connections() > before or work.ended_at, f"the {what} has a connection")
    return work


def run_or_lose(box, *argv, expect, **arguments):
    status, output = box.run(*argv, **arguments)
    if status != 0 or expect not in output:
        raise Lost(f"exit {status}: {output.strip()[-200:]}")


class HttpServer(Server):
    """/slow takes 3 s, everything else none; both answer BODY. /stream sends STREAMED within 4 s, where it is."""

    client = Http1
    quick = "/"
    slow = "/slow"
    exchanges = 50  # of the keep-alive connection before the stop: enough that it is known to be idle
    backend = False  # whether it is a proxy for one
    never_used = True
    stream = None  # the path of an answer in pieces

    def started(self, box):
        if self.backend:
            box.backend = Backend(box)

    def asks(self, box):
        try:
            client = self.client(box)
            client.ask(self.quick)
            client.close()
            return True
        except (OSError, Lost):
            return False

    def wait_serving(self, box):
        harness.wait_until(lambda: self.asks(box), f"{self.name} answers")

    def ask_once(self, box, path, body=BODY):
        client = self.client(box)
        try:
            client.ask(path, body)
        finally:
            client.close()

    def keep_alive(self, box, exchanges, **arguments):
        client = self.client(box, **arguments)
        for _ in range(exchanges):
            if not client.is_open:
                break
            client.ask(self.quick)
        return client

    def begin(self, box):
        client = self.keep_alive(box, self.exchanges)
        if client.is_open:
            box.watch("answered", client)
        if self.never_used:
            box.watch("never used", box.connect())
        works = [Work("slow", lambda: self.ask_once(box, self.slow))]
        if self.stream:
            works.append(Work("stream", lambda: self.ask_once(box, self.stream, STREAMED)))
        return works

    def during(self, box):
        """One new connection and request. A refused connection has lost nothing."""
        try:
            client = self.client(box)
        except ConnectionRefusedError:
            return None
        except OSError as error:  # in the handshake
            def fail(reason=repr(error)):
                raise Lost(reason)
            return Work("new", fail)
        def ask():
            try:
                client.ask(self.quick)
            finally:
                client.close()
        return Work("new", ask)


class TcpServer(Server):
    """A server that reads more slowly than it answers: one exchange is `first`, 3 s, `rest`, and then an answer
    that holds `expected`. What it greets with holds `greeting`. `quick` is a whole exchange."""

    greeting = b""
    hello = ()  # exchanges of each connection: what is sent, what the answer holds
    quick = (b"", b"")
    new = None  # the exchanges of a new client; else hello and quick
    before_slow = ()  # exchanges that lead to it
    slow = None  # (first, rest, expected)
    exchanges = 20
    never_used = True

    def open(self, box, seconds=60):
        connection = box.connect()
        connection.settimeout(seconds)
        client = SlowExchange(connection, self.greeting)
        for request, expected in self.hello:
            client.exchange(request, expected)
        return client

    def wait_serving(self, box):
        def answers():
            try:
                self.open(box, seconds=1).close()
                return True
            except (OSError, Lost):
                return False
        harness.wait_until(answers, f"{self.name} answers")

    def begin(self, box):
        client = self.open(box)
        for _ in range(self.exchanges if self.quick[0] else 0):
            client.exchange(*self.quick)
        box.watch("answered", client)
        if self.never_used:
            box.watch("never used", box.connect())
        if not self.slow:
            return []
        client = self.open(box)
        for request, expected in self.before_slow:
            client.exchange(request, expected)
        first, rest, expected = self.slow
        client.socket.sendall(first)
        return [Work("slow", lambda: client.finish_slowly(rest, expected))]

    def during(self, box):
        try:
            connection = box.connect()
        except ConnectionRefusedError:
            return None
        def ask():
            client = SlowExchange(connection, self.greeting)
            for request, expected in self.new or (*self.hello, self.quick):
                if request:
                    client.exchange(request, expected)
            client.close()
        return Work("new", ask)


class JobServer(Server):
    """A worker without a listener: a job of some seconds, which leaves the file `result`."""

    port = 6379  # of its broker, which is outside
    seconds = 8
    result = "finished"
    stops = (Stop("TERM", exits=(0,), timeout=30),)

    def started(self, box):
        box.broker = box.spawn("redis-server", "--port", "6379", "--save", "", "--dir", "@dir@")

    def wait_serving(self, box):
        harness.wait_until(lambda: box.listens(6379), "the broker listens")
        self.enqueue(box)
        harness.wait_until(lambda: box.read("begun"), f"{self.name} works")

    def enqueue(self, box):
        raise NotImplementedError

    def begin(self, box):
        def wait():
            deadline = time.monotonic() + self.seconds + box.stop_.timeout
            while not box.read(self.result):
                if box.program.ending is not None or time.monotonic() > deadline:
                    if box.read(self.result):
                        return
                    raise Lost("the job was not done")
                time.sleep(0.02)  # a file is polled
        return [Work("job", wait)]


def all_servers():
    """By name; each class of catalogue/ that has a command."""
    import importlib
    import os
    import pkgutil
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "catalogue")
    found = {}
    for module in sorted(module.name for module in pkgutil.iter_modules([here])):
        for value in vars(importlib.import_module(f"catalogue.{module}")).values():
            if isinstance(value, type) and issubclass(value, Server) and value.command:
                server = value()
                server.name = value.__dict__.get("name") or value.__name__.lower()
                found.setdefault(server.name, server)
    return found
