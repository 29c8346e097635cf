#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stops the same small server twice, with slow requests in flight: as it is, and under lastcall.

Both servers get the same requests, and SIGTERM at the same moment: when each of them has said that
it received them all. What came back is judged on the client's side, from the bytes. Exits with 0
only when everything it says was seen: the bare server lost requests, lastcall lost none, its
healthcheck said draining, and its report agrees.
"""
import argparse
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time

from picture import Chart, Paper, say, show_report

REQUESTS = 20
LONGEST_S, SHORTEST_S = 3.0, 0.5
RAMP_S = 0.4  # the longest request is sent first, the shortest this much later
IDLE_CONNECTIONS = 5  # keep-alive, answered, open: as a load balancer keeps them
IDLE_USES = 14  # so often were they used that their last words are known to be an answer
STOP_TIMEOUT_S = 10
PATIENCE_S = 20  # for every wait that is not the stop itself
HERE = os.path.dirname(os.path.abspath(__file__))


class Failed(Exception):
    """What was to be shown did not happen; the message is the one line that says so."""


class Request:
    def __init__(self, ident):
        share = ident / (REQUESTS - 1)
        self.ident = ident
        self.seconds = LONGEST_S - share * (LONGEST_S - SHORTEST_S)
        self.offset = share * RAMP_S
        self.sent_at = self.ended_at = self.outcome = None

    def run(self, port, start_at):
        time.sleep(max(0, start_at + self.offset - time.monotonic()))
        self.sent_at = time.monotonic()
        self.outcome = self.exchange(port)
        self.ended_at = time.monotonic()

    def exchange(self, port):
        """One GET; returns "ok" or what went wrong, as the client sees it."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        try:
            connection.request("GET", f"/slow/{self.ident}/{self.seconds:.2f}")
            response = connection.getresponse()
            body = response.read()
        except ConnectionRefusedError:
            return "refused"
        except http.client.RemoteDisconnected:
            return "no answer"
        except http.client.IncompleteRead:
            return "cut off"
        except ConnectionError:
            return "reset"
        except TimeoutError:
            return "timed out"
        finally:
            connection.close()
        whole = f"slow {self.ident}\n".encode() * 1000
        return "ok" if response.status == 200 and body == whole else "wrong answer"


class Side:
    """One server: its process, the requests it was sent and what became of them."""

    def __init__(self, title, command, log_path, health_port=None):
        self.title, self.command, self.log_path = title, command, log_path
        self.port, self.health_port = None, health_port
        self.requests = [Request(ident) for ident in range(REQUESTS)]
        self.received = set()
        self.health = []  # (when, "200" | "503 draining" | "gone" …)
        self.idle = []
        self.process = self.server_pidfd = self.exited_at = None
        self.changed = threading.Condition()

    def start(self):
        # The user's own settings are no part of the comparison.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("LASTCALL_")}
        environment.pop("ECS_CONTAINER_STOP_TIMEOUT", None)
        with open(self.log_path, "wb") as log:
            try:
                self.process = subprocess.Popen(
                    self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                    env=environment)
            except OSError as error:
                raise Failed(f"cannot run {self.command[0]}: {error.strerror}") from error
        for target in self.read_lines, self.await_exit, self.watch_health:
            threading.Thread(target=target, daemon=True).start()

    def read_lines(self):
        for line in self.process.stdout:
            words = line.decode(errors="replace").split()
            with self.changed:
                if words[:1] == ["listening"]:
                    self.server_pidfd = os.pidfd_open(int(words[3]))
                    self.port = int(words[1])
                elif words[:1] == ["received"]:
                    self.received.add(int(words[1]))
                self.changed.notify_all()

    def await_exit(self):
        self.process.wait()
        with self.changed:
            self.exited_at = time.monotonic()
            self.changed.notify_all()

    def watch_health(self):
        while not self.health or self.health[-1][1] != "gone":
            port = self.health_port or self.port
            answer = ask_health(port) if port else "gone"
            with self.changed:
                # Refused before the end: not there yet, or going, and the next look will know.
                if answer != "gone" or self.exited_at is not None:
                    self.health.append((time.monotonic(), answer))
                    self.changed.notify_all()
            time.sleep(0.03)

    def wait(self, condition, what, tick=None):
        """Waits for a condition, or for a server that exits too early."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            with self.changed:
                if condition():
                    return
                if self.exited_at is not None:
                    raise Failed(f"{self.title}: the server ended too early: {self.last_words()}")
                self.changed.wait(0.08)
            if time.monotonic() > deadline:
                raise Failed(f"{self.title}: {what} not seen in {PATIENCE_S} s")
            if tick:
                tick()

    def last_words(self):
        with open(self.log_path, errors="replace") as log:
            lines = log.read().split("\n")
        return ([line for line in lines if line.strip()] or ["(nothing said)"])[-1]

    def is_ready(self):
        return self.port and self.health and self.health[-1][1] == "200"

    def open_idle_connections(self):
        for _ in range(IDLE_CONNECTIONS):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
            for _ in range(IDLE_USES):
                connection.request("GET", "/healthcheck")
                connection.getresponse().read()
            self.idle.append(connection)

    def send_requests(self, start_at):
        for request in self.requests:
            threading.Thread(target=request.run, args=(self.port, start_at), daemon=True).start()

    def is_over(self):
        return (self.exited_at is not None and self.health[-1][1] == "gone"
                and all(r.outcome for r in self.requests))

    def in_flight_at(self, moment):
        return [r for r in self.requests if r.ended_at is None or r.ended_at > moment]

    def kill(self):
        """Ends what is left, also a server whose lastcall has gone without it."""
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.server_pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.server_pidfd, signal.SIGKILL)


def ask_health(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthcheck")
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException):
        return "gone"
    finally:
        connection.close()
    if response.status == 200:
        return "200"
    try:
        return f"{response.status} {json.loads(body)['status']}"
    except (ValueError, KeyError, TypeError):
        return str(response.status)


def run_both(paper, sides):
    """The two stops. Returns the chart and the moment of the signal."""
    chart = Chart(paper, sides, lead_s=RAMP_S + 0.2, span_s=LONGEST_S)
    live = paper.is_terminal and paper.size()[1] > 19
    for side in sides:
        side.start()
    for side in sides:
        side.wait(side.is_ready, "a 200 of its healthcheck")
    for side in sides:
        side.open_idle_connections()

    start_at = time.monotonic() + 0.1
    chart.begin(start_at)

    def tick():
        if live:
            chart.show(time.monotonic())
    for side in sides:
        side.send_requests(start_at)
    for side in sides:
        side.wait(lambda side=side: len(side.received) == REQUESTS,
                  f"all {REQUESTS} requests received by the server", tick)

    stopped_at = time.monotonic()
    for side in sides:
        side.process.send_signal(signal.SIGTERM)
    chart.stop(stopped_at)
    if not live:
        say(f"      {REQUESTS} requests have reached each of the two servers; SIGTERM to both")
    while not all(side.is_over() for side in sides):
        if time.monotonic() > stopped_at + STOP_TIMEOUT_S + PATIENCE_S:
            raise Failed("a server or a request did not end")
        time.sleep(0.04)
        tick()
    if live:
        chart.show(time.monotonic())
    else:
        say()
        for line in chart.lines(time.monotonic()):
            say(line)
    return chart, stopped_at


def read_report(path):
    try:
        with open(path) as file:
            report = json.load(file)
    except OSError as error:
        raise Failed(f"lastcall left no report: {error.strerror}") from error
    except ValueError as error:
        raise Failed(f"lastcall's report is not JSON: {error}") from error
    if report.get("schema") != "lastcall.drain/1":
        raise Failed(f"lastcall's report has schema {report.get('schema')!r}")
    return report


def judge(paper, plain, guarded, stopped_at, report):
    """Checks all that we claim, and says it in one sentence."""
    flying = {side: side.in_flight_at(stopped_at) for side in (plain, guarded)}
    lost = {side: [r for r in side.requests if r.outcome != "ok"] for side in flying}
    answers = [answer for when, answer in guarded.health if when > stopped_at]
    seconds = guarded.exited_at - stopped_at
    doubts = [
        (lost[guarded], lambda: f"lastcall lost {len(lost[guarded])} requests: "
                                f"{sorted({r.outcome for r in lost[guarded]})}"),
        (not lost[plain], lambda: "the server lost nothing without lastcall: nothing was shown"),
        (not flying[guarded], lambda: "no request was in flight at the stop: nothing was shown"),
        ("503 draining" not in answers, lambda: "healthcheck never said 503 draining"),
        (seconds >= STOP_TIMEOUT_S, lambda: f"lastcall took {seconds:.2f} s to stop"),
        (report["outcome"] != "drained" or report["connections"]["cut"],
         lambda: f"the report says {report['outcome']}, {report['connections']['cut']} cut, "
                 "the client saw every answer"),
    ]
    for is_so, words in doubts:
        if is_so:
            raise Failed(words())
    columns, _ = paper.size()
    verdict = textwrap.wrap(
        f"Stopped as it is, the server lost {len(lost[plain])} of {len(flying[plain])} requests in "
        f"flight; under lastcall it lost none, and was gone {STOP_TIMEOUT_S - seconds:.1f} s "
        "before SIGKILL would have come.", columns - 6)
    say(f"  {paper.paint('good', paper.glyph['ok'])} " + "\n    ".join(verdict))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--lastcall", required=True, help="the program")
    parser.add_argument("--keep", required=True, help="the directory for report and logs")
    parser.add_argument("--glyphs", choices=("unicode", "ascii"), default="unicode")
    arguments = parser.parse_args()
    os.makedirs(arguments.keep, exist_ok=True)
    report_path = os.path.join(arguments.keep, "report.json")
    if os.path.exists(report_path):
        os.unlink(report_path)  # an old one must not speak for this run

    server = [sys.executable, os.path.join(HERE, "server.py")]
    health_port = free_port()
    plain = Side("as it is", server, os.path.join(arguments.keep, "server.log"))
    guarded = Side("under lastcall", [
        arguments.lastcall, f"--stop-timeout={STOP_TIMEOUT_S}s", f"--report={report_path}",
        f"--listen=127.0.0.1:{health_port}", "--", *server,
    ], os.path.join(arguments.keep, "lastcall.log"), health_port)
    plain.shown_command = "python3 server.py"
    guarded.shown_command = "lastcall -- python3 server.py"

    paper = Paper(arguments.glyphs)
    try:
        if paper.is_terminal:
            sys.stdout.write("\033[?25l")
        _, stopped_at = run_both(paper, (plain, guarded))
        report = read_report(report_path)
        say()
        show_report(paper, report, report_path, len(guarded.in_flight_at(stopped_at)))
        say()
        judge(paper, plain, guarded, stopped_at, report)
    except (Failed, KeyError) as failure:
        if isinstance(failure, KeyError):
            failure = f"lastcall's report lacks {failure}"
        sys.stdout.flush()
        print(f"quickstart: error: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if paper.is_terminal:
            sys.stdout.write("\033[?25h")
            sys.stdout.flush()
        for side in plain, guarded:
            side.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
