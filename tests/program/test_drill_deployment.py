# SPDX-License-Identifier: MIT
"""Drills of deployments: servers behind a URL that stays are replaced, and the clients judge."""

import contextlib
import json
import os
import pathlib
import signal
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
        self.line = f"sleep 1; echo go >{self.go}; read word <{self.done}"
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

    def processes_with(self, word):
        return [path for path in pathlib.Path("/proc").glob("[0-9]*/cmdline") if word in self.words(path)]

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

    def test_slow_requests_are_in_flight_at_a_late_stop_and_a_command_that_ends_at_once_proves_nothing(self):
        """The requests of the start have been answered long before the only stop, which cuts their successors."""
        deployment = Deployment(self, updates=1, drains=False)
        result = self.drill(INCONCLUSIVE, "--in-flight=2", "--slow=/slow", "--keep-alive=0", "--burst=0", "--rate=0",
                            f"--control=sleep 2.5; {deployment.line}", "--deploy=true")
        self.assertTrue(result["control"]["failed"])
        self.assertRegex(result["inconclusive_because"],
                         r"^run 1: the command ended after \d+ ms: it has to end when the deployment is over")
        self.assertIn("has it waited for the old servers?", self.said)
        in_flight = result["runs"][0]["cohorts"]["in_flight"]
        self.assertGreater(in_flight["attempts"], 2 * result["runs"][0]["numbers"]["in_flight_at_stop"])

    def test_requests_count_until_some_seconds_after_the_command(self):
        """`kubectl rollout status` ends when the last old server begins to stop; no health check excuses it."""
        deployment = Deployment(self)
        late = f"(sleep 2; kill {deployment.server.pid}) >/dev/null 2>&1 & sleep 1.2"
        result = self.drill(FAIL, *QUICK, f"--deploy={late}")
        self.assertLess(result["runs"][0]["numbers"]["stop_wall_s"], 2)
        self.assertGreater(sum(result["runs"][0]["numbers"]["lost"].values()), 0)
        self.assertEqual(self.check(result, "deployment_ended")["observed"],
                         "its URL is not answered well after the end")

    def test_a_command_that_fails_proves_nothing(self):
        Deployment(self)
        self.drill(INCONCLUSIVE, *QUICK, "--deploy=echo no such service >&2; exit 1")
        self.assertIn("the deployment command failed: no such service", self.said)

    def test_a_deployment_that_takes_too_long_fails_and_its_command_is_ended(self):
        deployment = Deployment(self)
        seconds = f"1000.{os.getpid()}"
        trapped = self.directory / "trapped"
        line = f"sh -c 'trap \"echo >{trapped}; exit 0\" TERM; sleep {seconds} & wait'; true"
        result = self.drill(FAIL, *QUICK, f"--deploy={line}", "--stop-timeout=300ms")
        self.assertTrue(trapped.exists())
        self.assertEqual(self.check(result, "deployment_ended")["observed"], "not within the stop timeout")
        self.assertEqual(self.processes_with(seconds), [])
        self.assertIsNone(deployment.server.poll())

    def test_an_interrupted_drill_lets_its_command_clean_up(self):
        """SIGKILL follows SIGTERM only where a process ignores that, as this one's child does."""
        Deployment(self)
        seconds = f"1001.{os.getpid()}"
        begun, trapped = (self.directory / name for name in ("begun", "trapped"))
        line = f"trap 'echo >{trapped}; exit 1' TERM; (trap '' TERM; sleep {seconds}) & echo >{begun}; wait"
        with subprocess.Popen((DRILL, f"--url=http://127.0.0.1:{self.port}/", *QUICK, f"--deploy={line}"),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as drill:
            harness.wait_until(begun.exists, "the command runs")
            drill.send_signal(signal.SIGINT)
            self.assertEqual(drill.wait(30), 128 + signal.SIGINT)
        self.assertTrue(trapped.exists())
        self.assertEqual(self.processes_with(seconds), [])

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
