# SPDX-License-Identifier: MIT
"""One stop of a real server under lastcall, in namespaces of its own, and what its clients saw."""

import atexit
import dataclasses
import functools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "program"))
import harness  # noqa: E402

PORT = 8080
PROBE_PERIOD = 1.0  # s, of a health check before the stop
SAMPLE_PERIOD = 0.15  # s, between questions after the stop, where they are asked
COUNTS_AGE = 0.5  # s: what /healthcheck says of connections is at most so old (a poll each 250 ms at the latest)
CLIENT_PATIENCE = max(30, harness.PATIENCE)  # s after lastcall's end; nothing healthy takes so long

BEFORE = os.environ.get("LASTCALL_BEFORE", "")  # an older program to compare with

@functools.cache
def knows_longest_request(binary):
    shown = subprocess.run([binary, "--help"], capture_output=True, text=True, check=True).stdout
    return "--longest-request" in shown

@dataclasses.dataclass
class Plan:
    """What is run, and what its clients do. Times in seconds."""

    server: list  # the application's command
    client: list  # its clients', see clients/exchange.py
    requests: list  # of the clients, each with `at`
    lead: float  # from zero to the stop signal
    probes: bool = False  # a health check a second
    sample: bool = False  # ask /healthcheck after the stop, and hold its numbers against the clients
    options: tuple = ()
    timeout: float = 30
    longest: float = 10  # --longest-request, where the program knows it
    awaited: bool = True  # the clients end by themselves
    upstream: list = None  # a server beside it, in its network but none of its processes
    binary: str = None
    settings: tuple = ()  # of the jail
    linked: bool = False  # the clients are in a network of their own, at the other end of a link
    patience: float = None  # s after the signal: clients that still wait then give up
    incidents: tuple = ()  # (s after the signal, what happens then to the program); negative: before it

@dataclasses.dataclass
class Outcome:
    stopped_at: float
    seconds: float  # from the signal to the end
    report: dict
    requests: list  # of the plan
    exchanges: list  # what became of them, see clients/exchange.py
    wrongly_idle: int  # requests in flight at one time that lastcall called idle then, at least
    log: list

    def in_flight(self):
        """Requests that had begun at the stop, after their handshake, and were not answered before."""
        return [e for e in self.exchanges
                if e["connected"] is not None and e["sent"] is not None
                and max(e["sent"], e["connected"]) < self.stopped_at
                and not (e["result"] == "whole" and e["done"] < self.stopped_at)]

    def lost(self):
        return [e for e in self.in_flight() if e["result"] != "whole"]

class Asker:
    """A health check, again and again, until it is ended."""

    def __init__(self, program):
        self.program = program
        self.period = PROBE_PERIOD
        self.answers = []  # (asked at, answered at, the answer)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _ask(self):
        with self.program.socket() as s:
            s.settimeout(2)
            s.connect(("127.0.0.1", harness.HEALTH_PORT))
            s.sendall(b"GET /healthcheck HTTP/1.0\r\n\r\n")
            data = b""
            while piece := s.recv(4096):
                data += piece
        return json.loads(data.partition(b"\r\n\r\n")[2])

    def _run(self):
        while not self._end.wait(self.period):
            asked = time.monotonic()
            try:
                answer = self._ask()
            except (OSError, ValueError):
                continue
            self.answers.append((asked, time.monotonic(), answer))

    def end(self):
        self._end.set()
        self._thread.join()

class Beside:
    """A program in the network of lastcall that is none of its processes: the clients, an upstream server."""

    host = "127.0.0.1"  # where it finds the application

    def __init__(self, program, command):
        read, write = os.pipe()
        self._process = subprocess.Popen(
            self.command_line(program, command),
            stdin=subprocess.PIPE, stdout=write, env=harness.environment())
        os.close(write)
        self.said = harness.Lines(read)

    def command_line(self, program, command):
        return program.beside(*command)

    def wait_ready(self):
        self.said.wait_for("^ready")

    def go(self, plan):
        self._process.stdin.write(json.dumps(plan).encode() + b"\n")
        self._process.stdin.flush()

    def exchanges(self):
        self.said.wait_end(CLIENT_PATIENCE)
        return [json.loads(line) for line in self.said.all if line.startswith("{")]

    def end(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._process.stdin.close()

class Linked(Beside):
    """Clients in a network of their own, with a link to the application's."""

    host = "10.9.0.1"

    def __init__(self, program, command):
        super().__init__(program, command)
        self._program = program

    def command_line(self, program, command):
        return ["unshare", "--net", "--", *command]

    def wait_ready(self):
        super().wait_ready()
        near = self._program.beside("ip")
        far = ["nsenter", f"--net=/proc/{self._process.pid}/ns/net", "--", "ip"]
        for command in ([*near, "link", "add", "near", "type", "veth", "peer", "name", "far", "netns",
                         str(self._process.pid)],
                        [*near, "address", "add", f"{self.host}/24", "dev", "near"], [*near, "link", "set", "near", "up"],
                        [*far, "address", "add", "10.9.0.2/24", "dev", "far"], [*far, "link", "set", "far", "up"]):
            subprocess.run(command, check=True)


def lose_link(program):
    subprocess.run(program.beside("ip", "link", "delete", "near"), check=True)


def wrongly_idle(answers, exchanges):
    """The most connections at one time that were called idle while there were not so many without a request.

    An answer's numbers are from some moment in the half second before it. A request that was in flight from before that
    to after the answer was in flight then; each other connection may well have been idle."""
    most = 0
    for asked, answered, answer in answers:
        idle = answer.get("idle")
        if idle is None:
            continue
        since = asked - COUNTS_AGE
        began = [e for e in exchanges if e["opened"] is not None and e["opened"] < answered]
        flying = [e for e in began if e["connected"] is not None and e["sent"] is not None and max(e["sent"], e["connected"]) < since
                  and e["done"] > answered]
        other = [e for e in began if e["done"] > since]
        most = max(most, idle - (len(other) - len(flying)))
    return most

def settings_of(plan, binary):
    options = [f"--stop-timeout={plan.timeout}s", *plan.options]
    if knows_longest_request(binary):
        options.append(f"--longest-request={plan.longest}s")
    return options


class NotMade(AssertionError):
    """The signal was never sent: a server or the clients did not start."""


def run(plan):
    binary = plan.binary or harness.LASTCALL
    program = harness.Program(settings_of(plan, binary), plan.server, settings=plan.settings, binary=binary)
    started = [program.kill]
    try:
        return run_started(plan, program, started)
    except AssertionError as error:
        kind = NotMade if program.stop_sent_at is None else AssertionError
        raise kind(f"{error}\n{program.describe()}") from None
    finally:
        for end in reversed(started):
            end()

def report_of(program, binary):
    """An older program's report has another schema."""
    if binary != BEFORE:
        return program.report()
    return json.loads(next(line for line in program.err.all if line.startswith('{"schema"')))


def wait_serving(program):
    """A server that takes longer than half a minute to start is only noticed when a probe comes."""
    asker = Asker(program)
    try:
        program.wait_serving()
    finally:
        asker.end()


class Incident(threading.Thread):
    """What happens to a program at a time."""

    def __init__(self, at, happens, program):
        super().__init__(daemon=True)
        self._at, self._happens, self._program = at, happens, program
        self.start()

    def run(self):
        time.sleep(max(0, self._at - time.monotonic()))
        try:
            self._happens(self._program)
        except (OSError, IndexError, AssertionError, subprocess.CalledProcessError):
            pass  # the program has ended before


def run_started(plan, program, started):
    if plan.upstream:
        upstream = Beside(program, plan.upstream)
        started.append(upstream.end)
        upstream.wait_ready()
    wait_serving(program)
    clients = (Linked if plan.linked else Beside)(program, plan.client)
    started.append(clients.end)
    clients.wait_ready()
    asker = None
    if plan.probes:
        asker = Asker(program)
        started.append(asker.end)
    zero = time.monotonic() + 0.1
    clients.go({"zero": zero, "host": clients.host, "port": PORT, "requests": plan.requests,
                "until": None if plan.patience is None else zero + plan.lead + plan.patience})
    incidents = [Incident(zero + plan.lead + after, happens, program) for after, happens in plan.incidents]
    started += [incident.join for incident in incidents]
    time.sleep(max(0, zero + plan.lead - time.monotonic()))
    try:
        program.stop(signal.SIGTERM)
    except ProcessLookupError:
        if not plan.incidents:
            raise  # nothing but an incident ends it before
    if plan.sample:
        if asker is None:
            asker = Asker(program)
            started.append(asker.end)
        asker.period = SAMPLE_PERIOD
    program.wait(plan.timeout + harness.PATIENCE)
    exchanges = clients.exchanges() if plan.awaited else []
    samples = [a for a in asker.answers if a[0] > program.stop_sent_at] if plan.sample else []
    return Outcome(program.stop_sent_at, program.ending.seconds, report_of(program, program.argv[0]), plan.requests,
                   exchanges, wrongly_idle(samples, exchanges), [line for line in program.err.all if line[:1] != "{"])

@functools.cache
def certificate():
    """Of RSA, as most are; for all stops of this run."""
    paths = [f"{folder()}/cert.pem", f"{folder()}/key.pem"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-out", paths[0], "-keyout", paths[1]], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.chmod(paths[1], 0o644)  # servers have any user
    return paths

@functools.cache
def folder():
    """For what servers write."""
    path = tempfile.mkdtemp(prefix="lastcall-traffic.")
    os.chmod(path, 0o711)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path
