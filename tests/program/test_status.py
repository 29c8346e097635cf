# SPDX-License-Identifier: MIT
"""`lastcall --status` from `docker exec`: what a stop now would do, for people and for programs."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import unittest

import harness
import http_client
from closed_schema import closed
from harness import APP_PORT, HEALTH_PORT, LASTCALL, SOURCE, probe


def inside(program):
    return ["nsenter", f"--target={program.pid}", "--net", "--pid", "--mount"]


def ask(program, *options):
    return subprocess.run([*inside(program), LASTCALL, *options], capture_output=True, text=True,
                          timeout=harness.PATIENCE, env=harness.environment())


def ask_json(program):
    done = ask(program, "--status=json")
    status = json.loads(done.stdout)
    try:
        import jsonschema
        with open(os.path.join(SOURCE, "docs", "status.schema.json")) as file:
            jsonschema.Draft202012Validator(closed(json.load(file))).validate(status)
    except ImportError:
        if harness.MUST_RUN:
            raise
    return status


class Status(harness.ProgramTest):
    def start_serving(self, *options, **arguments):
        program = self.start_ready("--stop-timeout=10s", *options,
                                   command=probe(f"serve={APP_PORT}", "print=ready", "hang"), **arguments)
        program.wait_serving()
        return program

    def test_it_says_what_a_stop_would_wait_for(self):
        program = self.start_serving("--label=team=a")
        first, *rest = ask(program, "--status").stdout.splitlines()
        self.assertEqual(first, "A stop now finds nothing in flight, and signals the application.")
        self.assertRegex("\n".join(rest), "state         serving for [^\n]*\n")
        self.assertIn("labels        team=a", rest)
        request = http_client.Request(program, APP_PORT, "/d3000")
        harness.wait_until(lambda: ask_json(program)["connections"]["busy"] == 1, "the request is seen")
        done = ask(program, "--status")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^A stop now waits for 1 busy connection, for at most 6.3s\.\n")
        self.assertRegex(done.stdout, rf"  127.0.0.1:\d+ +{APP_PORT}  busy ")
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
        program.stop()
        program.err.wait_for("SIGTERM received")
        status = ask_json(program)
        self.assertEqual((status["stop"]["under_way"], status["stop"]["phase"], status["state"]),
                         (True, "draining", "draining"))
        self.assertRegex(ask(program, "--status").stdout, "^This stop waits for 1 busy connection, for at most ")
        request.result()
        program.wait()

    def test_a_question_changes_nothing(self):
        program = self.start_serving("--verbose")
        request = http_client.Request(program, APP_PORT, "/d1000")
        harness.wait_until(lambda: ask_json(program)["connections"]["busy"] == 1, "the request is seen")
        before = list(program.err.all)
        for _ in range(3):
            ask_json(program)
        self.assertEqual(program.err.all, before)
        page = http_client.ask(program, HEALTH_PORT, "/metrics").body.decode()
        self.assertIn("lastcall_drain_in_progress 0\n", page)
        request.result()

    def test_an_application_that_listens_late_is_seen(self):
        program = self.start_ready(command=probe("print=ready", "hang"))
        status = ask_json(program)
        self.assertEqual((status["state"], status["reason"]), ("starting", "it does not listen"))

    def test_a_neighbour_is_neither_asked_nor_answered(self):
        program = self.start_serving("--label=whose=ours")
        other = self.start_ready("--label=whose=theirs", settings=[program.network()],
                                 command=probe("print=ready", "hang"))
        self.assertEqual([ask_json(one)["labels"] for one in (program, other)],
                         [{"whose": "ours"}, {"whose": "theirs"}])
        done = subprocess.run(program.beside(LASTCALL, "--status"), capture_output=True, text=True,
                              env=harness.environment())
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no lastcall with a health endpoint is PID 1 here", done.stderr)
        name = f"\0lastcall/{os.stat(f'/proc/{program.pid}/ns/pid').st_ino}"
        client = program.socket(socket.AF_UNIX)
        client.connect(name)
        client.sendall(b"GET /lastcall/status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.assertTrue(client.recv(100).startswith(b"HTTP/1.1 404 "))
        client.close()
        self.assertEqual(http_client.ask(program, HEALTH_PORT, "/lastcall/status").status, 404)

    def test_watch_shows_each_change_once(self):
        program = self.start_serving("--min-drain=4s")
        watch = subprocess.Popen([*inside(program), LASTCALL, "--status=json", "--watch"], stdout=subprocess.PIPE,
                                 text=True, env=harness.environment())
        self.addCleanup(watch.wait)
        self.addCleanup(watch.kill)
        self.assertEqual(json.loads(watch.stdout.readline())["state"], "serving")
        program.stop()
        self.assertEqual(json.loads(watch.stdout.readline())["state"], "draining")
        watch.stdout.close()

    def test_a_terminal_is_redrawn(self):
        program = self.start_serving()
        ours, theirs = pty.openpty()
        watch = subprocess.Popen([*inside(program), LASTCALL, "--status", "--watch"], stdin=theirs, stdout=theirs,
                                 stderr=theirs, start_new_session=True, env=harness.environment())
        os.close(theirs)
        shown = b""
        while shown.count(b"\x1b[J") < 2:
            shown += os.read(ours, 65536)
        first, second = shown.split(b"\x1b[J")[:2]
        self.assertTrue(first.startswith(b"\x1b[HA stop now finds nothing in flight"), first)
        self.assertTrue(second.startswith(b"\x1b[HA stop now "), second)
        client = harness.children_of(watch.pid)[0]
        harness.wait_asleep(client)
        os.kill(client, signal.SIGTSTP)  # no shell waits for it, so that the kernel stops nothing
        while shown.count(b"\x1b[J") < 4:
            shown += os.read(ours, 65536)
        watch.send_signal(2)
        self.assertIn(watch.wait(harness.PATIENCE), (-2, 130))
        os.close(ours)

    def test_bad_usage(self):
        for options, said in ((("--status=xml",), "nothing, text or json"), (("--watch",), "give both")):
            program = self.start(*options, command=probe("print=ran"))
            self.assertEqual(program.wait().code, 2)
            self.assertIn(said, program.err.all[0])


if __name__ == "__main__":
    harness.main()
