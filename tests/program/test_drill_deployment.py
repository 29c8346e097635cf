# SPDX-License-Identifier: MIT
"""Drills of deployments: servers behind a URL that stays are replaced, and the clients judge."""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading

import drill_case
import harness
from drill_case import DRILL, FAIL, INCONCLUSIVE, PASS, USAGE

SERVER = pathlib.Path(__file__).with_name("drill_server.py")
LOAD = ("--in-flight=4", "--slow=/slow", "--keep-alive=0", "--burst=5", "--rate=40")
QUICK = ("--in-flight=0", "--keep-alive=0", "--burst=0", "--rate=40")


class Balancer:
    """Passes each new connection on to one server, and knows which ones wait for a response (of one piece)."""

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.server_port = None
        self.waiting = set()  # of (port, client)
        self.changed = threading.Condition()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept, which holds the port
        self.listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = self.listener.accept()
                with self.changed:  # one that goes to the old server waits there before that is asked for
                    key = self.server_port, client
                    self.waiting.add(key)
                threading.Thread(target=self._pass_on, args=key, daemon=True).start()

    def _pass_on(self, port, client):
        key = port, client
        with client, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as server:
            back = threading.Thread(target=self._copy, args=(server, client, key, False), daemon=True)
            back.start()
            self._copy(client, server, key, True)
            back.join()
        self._set_waiting(key, False)

    def _set_waiting(self, key, is_waiting):
        with self.changed:
            (self.waiting.add if is_waiting else self.waiting.discard)(key)
            self.changed.notify_all()

    def _copy(self, source, sink, key, is_request):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                self._set_waiting(key, is_request)
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)

    def wait_drained(self, port):
        with self.changed:
            is_drained = self.changed.wait_for(lambda: all(of != port for of, _ in self.waiting), 20)
            assert is_drained, self.waiting


class Deployment:
    """One server behind a balancer, and a command line for sh that has it replaced, by servers that run already: on a
    busy machine the start of one takes longer than the requests in flight."""

    def __init__(self, case, updates=0, drains=True):
        self.drains = drains
        self.ports = iter(range(case.port + 1, case.port + 20))
        self.go, self.done = (case.directory / name for name in ("go", "done"))
        os.mkfifo(self.go)
        os.mkfifo(self.done)
        self.line = f"echo go >{self.go}; read word <{self.done}"
        self.balancer = Balancer(case.port)
        case.addCleanup(self.balancer.close)
        self.servers = []
        case.addCleanup(self.end_servers)
        self.spares = [self.start() for _ in range(1 + updates)]
        self.port, self.server = self.spares.pop()
        self.balancer.server_port = self.port
        threading.Thread(target=self._serve_orders, daemon=True).start()

    def start(self):
        port = next(self.ports)
        server = subprocess.Popen((sys.executable, "-B", str(SERVER), "abrupt", str(port)))
        self.servers.append(server)
        harness.wait_until(lambda: self._listens(port), "the server listens")
        return port, server

    @staticmethod
    def _listens(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def _serve_orders(self):
        while self.go.read_text():
            self.replace()
            self.done.write_text("done\n")

    def replace(self):
        old_port, old = self.port, self.server
        self.port, self.server = self.spares.pop()
        self.balancer.server_port = self.port
        if self.drains:
            self.balancer.wait_drained(old_port)
        old.terminate()
        old.wait()

    def end_servers(self):
        for server in self.servers:
            server.kill()
            server.wait()


class Deployments(drill_case.DrillTestCase):
    def drill(self, expected, *arguments):
        command = (DRILL, f"--url=http://127.0.0.1:{self.port}/", f"--json={self.json}", *arguments)
        done = subprocess.run(command, capture_output=True, text=True, timeout=90)
        self.assertEqual(done.returncode, expected, f"{done.args}\n{done.stdout}\n{done.stderr}")
        self.said = done.stdout + done.stderr
        return json.loads(self.json.read_text()) if expected != USAGE else None

    @staticmethod
    def words(cmdline):
        try:
            return cmdline.read_text(errors="replace").split("\0")
        except OSError:
            return []  # gone

    def check(self, result, name):
        return next(check for check in result["checks"] if check["name"] == name)

    def test_a_deployment_that_drains_passes_and_is_not_ended(self):
        deployment = Deployment(self, updates=1)
        result = self.drill(PASS, *LOAD, f"--deploy={deployment.line}")
        [run] = result["runs"]
        self.assertEqual(result["target"], "deployment")
        self.assertTrue(run["deployment"] and run["still_answers"])
        self.assertTrue(self.check(result, "deployment_ended")["passed"])
        self.assertNotIn("ended_by_itself", [check["name"] for check in result["checks"]])
        self.assertEqual(run["numbers"]["in_flight_completed"], 4)
        self.assertGreater(run["numbers"]["stop_wall_s"], 0.5)  # requests of a second were in flight
        self.assertIsNone(run["numbers"]["ideal_stop_s"])
        self.assertEqual(result["warnings"], [])
        self.assertIsNone(deployment.server.poll())

    def test_a_deployment_that_cuts_requests_fails_and_is_a_control(self):
        """As a control it has to fail; one that loses nothing is none."""
        deployment = Deployment(self, updates=2, drains=False)
        result = self.drill(FAIL, *LOAD, f"--deploy={deployment.line}")
        self.assertFalse(self.check(result, "in_flight_cut")["passed"])
        self.assertTrue(self.check(result, "deployment_ended")["passed"])

        result = self.drill(PASS, *QUICK, "--slow=/slow", "--in-flight=2", f"--control={deployment.line}",
                            "--deploy=true", "--fail-on=in_flight_cut>1")
        self.assertTrue(result["control"]["failed"])
        self.assertIn("has it waited for the old servers?", self.said)  # `true` has not
        self.drill(INCONCLUSIVE, *QUICK, "--control=true", "--deploy=true")
        self.assertIn("the control did not fail", self.said)

    def test_requests_count_until_the_deployment_is_over(self):
        """A balancer that is away for a moment, long after the start: a single server would be excused."""
        deployment = Deployment(self)
        gone = f"sleep 0.3; kill -STOP {deployment.server.pid}; sleep 0.4; kill -CONT {deployment.server.pid}"
        result = self.drill(FAIL, *QUICK, "--timeout=200ms", f"--deploy={gone}")
        self.assertFalse(self.check(result, "timeout_response")["passed"])

    def test_a_url_that_is_not_answered_after_the_deployment_fails(self):
        deployment = Deployment(self)
        result = self.drill(FAIL, *QUICK, f"--deploy=kill {deployment.server.pid}", "--fail-on=none")
        check = self.check(result, "deployment_ended")
        self.assertEqual(check["observed"], "its URL is not answered well after the end")
        self.assertEqual([c["name"] for c in result["checks"] if not c["passed"]], ["deployment_ended"])

    def test_a_command_that_fails_proves_nothing(self):
        Deployment(self)
        self.drill(INCONCLUSIVE, *QUICK, "--deploy=echo no such service >&2; exit 1")
        self.assertIn("the deployment command failed: no such service", self.said)

    def test_a_deployment_that_takes_too_long_fails_and_its_command_is_ended(self):
        deployment = Deployment(self)
        seconds = f"1000.{os.getpid()}"
        result = self.drill(FAIL, *QUICK, f"--deploy=sleep {seconds}; true", "--stop-timeout=300ms")
        self.assertEqual(self.check(result, "deployment_ended")["observed"], "not within the stop timeout")
        left = [path for path in pathlib.Path("/proc").glob("[0-9]*/cmdline") if seconds in self.words(path)]
        self.assertEqual(left, [])
        self.assertIsNone(deployment.server.poll())

    def test_options_of_a_target_that_stops_are_refused(self):
        for option in ("--stop-cmd=true", "--stop-signal=QUIT", "--health-url=http://127.0.0.1/", "--lb-window=1s",
                       "--profile=ecs", "--expect-exit=0", "--max-overshoot=1s", "--lastcall-report=x"):
            self.drill(USAGE, "--deploy=true", option)
            name = option.partition("=")[0]
            self.assertIn(f"error: {name} is for a target that stops, not for --deploy\n", self.said)
        self.drill(USAGE, "--deploy=true", f"--pid={os.getpid()}")
        self.assertIn("more than one target", self.said)


if __name__ == "__main__":
    drill_case.main()
