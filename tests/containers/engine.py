# SPDX-License-Identifier: MIT
"""The Docker engine: containers, what happened to them, and the line to the application inside.

Everything goes through the docker client, as a user's `docker stop` does. What is made here carries
our label, and is removed when its `with` block ends, however it ends."""

import json
import os
import pathlib
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

SOURCE = pathlib.Path(
    os.environ.get("LASTCALL_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2])
)
APPS = SOURCE / "tests" / "containers" / "apps"
LABEL = "lastcall.tests"
SCHEMA = "lastcall.drain/1"

# Less than Docker gives: no root, no capability, nothing to write on, and hardly any memory.
HARDENED = (
    "--user=1000 --read-only --cap-drop=ALL --security-opt=no-new-privileges "
    "--pids-limit=128 --memory=128m"
).split()


class Unavailable(Exception):
    """This machine cannot run the test, for the reason given."""


def docker(*arguments, seconds=60):
    """Runs the docker client, which must succeed; returns what it wrote to stdout. (To stderr go
    warnings that a kernel or a client may have, and that are nothing to a test.)"""
    done = subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, timeout=seconds, errors="replace"
    )
    if done.returncode != 0:
        command = shlex.join(["docker", *arguments])
        raise AssertionError(f"{command}: status {done.returncode}: {done.stderr.strip()}")
    return done.stdout.strip()


def remove(what, *names):
    """Removes containers (`rm`) or images (`rmi`), those of them that there are."""
    if names:
        subprocess.run(["docker", what, "--force", *names], capture_output=True, timeout=60)


def use_engine():
    """Sets DOCKER_HOST to an engine that answers, started now if need be."""
    script = SOURCE / "docker" / "engine"
    done = subprocess.run([script, "start"], capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise Unavailable(done.stderr.strip())
    for word in shlex.split(done.stdout):
        if word.startswith("DOCKER_HOST="):
            os.environ["DOCKER_HOST"] = word.partition("=")[2]


def image():
    """The tag of the image with the real servers in it, made now if need be."""
    script = SOURCE / "tests" / "containers" / "image"
    done = subprocess.run([script], stdout=subprocess.PIPE, text=True, timeout=600)
    if done.returncode != 0:
        raise Unavailable("no image to run the servers of")
    return done.stdout.strip()


def binary():
    """The lastcall under test."""
    path = os.environ.get("LASTCALL_BIN", "")
    if not os.access(path, os.X_OK) or not os.path.isfile(path):
        raise Unavailable(f"LASTCALL_BIN is '{path}', not a program")
    return os.path.abspath(path)


def wait_until(condition, what, seconds=20):
    """Asks `condition` until it answers with something; returns that."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


class Events:
    """`docker events` of one run of one test program: which container was signalled with what, and when it died.
    The times are the engine's own."""

    def __init__(self):
        self.run = secrets.token_hex(6)
        self._events = []
        self._news = threading.Condition()
        self._client = subprocess.Popen(
            ["docker", "events", "--since", str(int(time.time())), "--format", "{{json .}}"]
            + ["--filter", f"label={LABEL}={self.run}"],
            stdout=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._client.stdout:
            with self._news:
                self._events.append(json.loads(line))
                self._news.notify_all()

    def of(self, container, action):
        """All events so far of a kind, oldest first."""
        with self._news:
            return [
                event
                for event in self._events
                if event["Actor"]["ID"] == container and event["Action"] == action
            ]

    def wait_for(self, container, action, seconds=20):
        """The first event of a kind."""
        with self._news:
            self._news.wait_for(lambda: self.of(container, action), seconds)
            found = self.of(container, action)
        assert found, f"no '{action}' of the container within {seconds} s"
        return found[0]

    def close(self):
        self._client.terminate()
        self._client.wait()
        self._client.stdout.close()


def event_time(event):
    return event["timeNano"] / 1e9


class Line:
    """The test's end of apps/line.py."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="lastcall-line.")
        os.chmod(self.directory, 0o755)
        path = os.path.join(self.directory, "line")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        os.chmod(path, 0o666)  # whatever user the container has
        self._listener.listen()
        self._connection = None
        self._heard = []
        self._news = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # closed before a client came
        with self._news:
            self._connection = connection
        try:
            with connection.makefile() as lines:
                for text in lines:
                    with self._news:
                        self._heard.append(text.strip())
                        self._news.notify_all()
        except OSError:
            pass  # the application's end is not the line's concern

    def say(self, text):
        self._connection.sendall(text.encode() + b"\n")

    def wait_for(self, word, times=1, seconds=20):
        """The last of `times` sayings that begin with `word`."""

        def said():
            return [text for text in self._heard if text.split()[0] == word]

        with self._news:
            enough = self._news.wait_for(lambda: len(said()) >= times, seconds)
            assert enough, f"'{word}' said {len(said())} of {times} times within {seconds} s"
            return said()[times - 1]

    def close(self):
        for end in (self._connection, self._listener):
            if end is not None:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # the other side was faster
                end.close()
        shutil.rmtree(self.directory)


class Ending:
    """How a container ended, by the engine's own account."""

    def __init__(self, container):
        died = container.events.wait_for(container.id, "die")
        kills = container.events.of(container.id, "kill")
        self.exit_code = int(died["Actor"]["Attributes"]["exitCode"])
        self.signals = [int(event["Actor"]["Attributes"]["signal"]) for event in kills]
        self.seconds = event_time(died) - event_time(kills[0]) if kills else None
        self.logs = container.logs()
        self.reports = list(find_reports(self.logs))

    @property
    def report(self):
        assert len(self.reports) == 1, f"{len(self.reports)} reports instead of one"
        return self.reports[0]


def find_reports(logs):
    for line in logs.splitlines():
        if line.startswith("{") and SCHEMA in line:
            yield json.loads(line)


class Container:
    """A container, running from `__enter__` on and removed at the end of its `with` block. When the
    block fails, it says what was run and what was logged, before the trace is gone."""

    def __init__(self, events, tag, entrypoint, command, options=(), environment=None):
        self.events = events
        self.line = Line()
        self.id = None
        self._name = f"lastcall-{events.run}-{secrets.token_hex(4)}"
        settings = {"TEST_LINE": "/line/line", "PYTHONDONTWRITEBYTECODE": "1"}
        settings.update(environment or {})
        self.arguments = [
            "run",
            "--detach",
            f"--name={self._name}",
            f"--label={LABEL}={events.run}",
            f"--label={LABEL}.source={SOURCE}",
            f"--volume={APPS}:/apps:ro",
            f"--volume={self.line.directory}:/line",
            *(f"--env={name}={value}" for name, value in settings.items()),
            *options,
            *(f"--entrypoint={program}" for program in entrypoint[:1]),
            tag,
            *entrypoint[1:],
            *command,
        ]
        self._stop = None

    def __enter__(self):
        try:
            self.id = docker(*self.arguments)
            self.events.wait_for(self.id, "start")
            form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
            self.address = docker("inspect", "--format", form, self.id)
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self._describe()
        self._remove()

    def begin_stop(self, seconds):
        """Starts `docker stop`, and returns when the engine has sent the signal."""
        self._stop = subprocess.Popen(
            ["docker", "stop", "-t", str(seconds), self.id],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return self.events.wait_for(self.id, "kill")

    def end(self, seconds=30):
        """Waits for the end of the container, and of the `docker stop` that was begun."""
        self.events.wait_for(self.id, "die", seconds)
        if self._stop is not None:
            assert self._stop.wait(seconds) == 0, "docker stop failed"
        return Ending(self)

    def logs(self):
        """What the container wrote, to stdout and to stderr."""
        done = subprocess.run(
            ["docker", "logs", self.id],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
        )
        return done.stdout.decode(errors="replace")

    def process_states(self):
        """The state letters of all processes in the container, as the kernel shows them."""
        script = "cat /proc/[0-9]*/stat 2>/dev/null || :"  # some end while they are read
        lines = docker("exec", self.id, "sh", "-c", script).splitlines()
        return [line.rpartition(") ")[2][:1] for line in lines if ") " in line]

    def _describe(self):
        out = [f"--- argv: docker {shlex.join(self.arguments)}"]
        if self.id is not None:
            out += ["--- logs, the last lines:", *self.logs().splitlines()[-40:]]
            out += [f"--- heard on the line: {self.line._heard[-5:]}"]
        print("\n".join(out), file=sys.stderr, flush=True)

    def _remove(self):
        if self._stop is not None and self._stop.poll() is None:
            self._stop.kill()
            self._stop.wait()
        remove("rm", self._name)  # also one that was created, and could not be started
        self.line.close()
