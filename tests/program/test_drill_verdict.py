# SPDX-License-Identifier: MIT
"""A drill never says PASS where users lose work: servers of a few lines that lose it, each in one way."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

import drill_case
import harness
from drill_case import DRILL, FAIL, INCONCLUSIVE, PASS, UNREACHED, USAGE

SERVER = pathlib.Path(__file__).with_name("losing_server.py")
REST = ("--keep-alive=5", "--burst=5", "--rate=20", "--runs=1")
LOAD = ("--in-flight=4", "--slow=/slow", *REST)
PAUSES = ("--in-flight=4", "--slow=/pause", *REST)  # of a server that may not hear of the stop


class Verdict(drill_case.DrillTestCase):
    def setUp(self):
        super().setUp()
        self.health = self.port + 1

    def server(self, manner):
        return (sys.executable, "-B", str(SERVER), manner, str(self.port), str(self.health))

    def drill(self, expected, *arguments):
        """Runs a drill and checks its exit status. Returns its result, or None after bad usage."""
        is_limited = any(argument.startswith(("--profile=", "--stop-timeout=")) for argument in arguments)
        limits = [] if is_limited else ["--stop-timeout=60s"]
        command = (DRILL, f"--url=http://127.0.0.1:{self.port}/", f"--json={self.json}", "--start-timeout=60s",
                   *limits, *arguments)
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, expected, f"{done.args}\n{done.stdout}\n{done.stderr}")
        self.said = done.stdout + done.stderr
        return json.loads(self.json.read_text()) if expected != USAGE else None

    def drill_manner(self, expected, manner, *options, load=LOAD):
        return self.drill(expected, *load, f"--health-url=http://127.0.0.1:{self.health}/",
                          *options, "--", *self.server(manner))

    def failed(self, result):
        return {check["name"] for check in result["checks"] if not check["passed"]}

    def test_a_server_that_serves_to_its_end_passes(self):
        self.drill_manner(PASS, "graceful")

    def test_a_listener_that_accepts_nothing_fails(self):
        result = self.drill_manner(FAIL, "deaf_ears")
        self.assertTrue(self.failed(result) & {"reset_connect", "timeout_response"}, result["checks"])

    def test_connections_closed_without_an_answer_fail(self):
        result = self.drill_manner(FAIL, "closing")
        self.assertIn("eof_before_response", self.failed(result))

    def test_other_statuses_than_before_fail(self):
        for manner, check in (("429", "http_4xx"), ("404", "http_4xx"), ("302", "http_other"), ("empty", "http_other"),
                              ("503", "http_503_draining")):
            with self.subTest(manner):
                self.assertIn(check, self.failed(self.drill_manner(FAIL, manner)))

    def test_another_status_passes_where_it_is_expected(self):
        load = ("--in-flight=0", "--keep-alive=0", "--burst=5", "--rate=20", "--runs=1")
        self.drill_manner(FAIL, "302", load=load)
        self.drill(UNREACHED, *load, "--expect-status=302", "--start-timeout=500ms", "--",
                   *self.server("302"))

    def test_what_clients_repeat_is_a_warning(self):
        result = self.drill_manner(PASS, "closing", "--retry-safe=eof_before_response,reset_connect,"
                                   "reset_before_response")
        self.assertTrue(result["warnings"])
        self.assertIn("clients have to send them again", self.said)

    def test_an_outcome_that_is_none_is_answered_with_all_there_are(self):
        result = self.drill_manner(PASS, "graceful")
        outcomes = set(result["runs"][0]["cohorts"]["new"]["outcomes"]) - {"ok", "client_error"}
        for option in ("--retry-safe=refused,nonsense", "--fail-on=nonsense>1"):
            self.drill(USAGE, option, "--", *self.server("graceful"))
            for outcome in outcomes:
                self.assertIn(f" {outcome}", self.said)

    def test_a_load_balancer_that_still_sends_is_answered_for_its_window(self):
        """The health endpoint says 503 as soon as the listener is closed."""
        repeated = "--retry-safe=reset_connect,refused"
        self.drill_manner(PASS, "said_so", repeated)
        result = self.drill_manner(FAIL, "said_so", "--lb-window=500ms")
        self.assertIn("refused_while_healthy", self.failed(result))

    def test_a_health_endpoint_that_takes_its_word_back_excuses_nothing(self):
        result = self.drill_manner(FAIL, "blinking", "--retry-safe=reset_connect")
        self.assertIn("refused_while_healthy", self.failed(result))
        unhealthy = result["runs"][0]["marks_s"]["unhealthy"]
        self.assertTrue(unhealthy is None or unhealthy > 1, unhealthy)  # at the exit, probes fail again

    def test_a_late_probe_does_not_excuse_refusals(self):
        load = ("--in-flight=1", "--slow=/slow", "--keep-alive=0", "--burst=0", "--rate=10", "--runs=1")
        result = self.drill_manner(FAIL, "late_refusing", load=load)
        self.assertIn("refused_while_healthy", self.failed(result))

    def test_an_unusual_exit_status_is_a_warning_or_the_users_choice(self):
        result = self.drill_manner(PASS, "odd_exit")
        self.assertTrue(result["warnings"][0].startswith("exit status 3: neither 0, 143"), result["warnings"])
        self.assertEqual(self.drill_manner(PASS, "odd_exit", "--expect-exit=3")["warnings"], [])
        self.assertIn("expect_exit", self.failed(self.drill_manner(FAIL, "odd_exit", "--expect-exit=0")))

    def test_a_server_that_goes_on_behind_its_command_fails(self):
        line = " ".join(self.server("graceful"))
        result = self.drill(FAIL, *PAUSES, "--", "sh", "-c", f"{line} & wait")
        self.assertEqual(self.failed(result) & {"ended_by_itself"}, {"ended_by_itself"})
        self.assertGreater(result["runs"][0]["processes_left"], 0)

    def start(self, *command):
        process = subprocess.Popen(command)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_a_stale_pid_file_fails(self):
        for manner in ("graceful", "slow_answer"):  # which takes longer than the drill asks for
            with self.subTest(manner):
                server = self.start(*self.server(manner))
                pid_file = self.json.with_name("pid")
                pid_file.write_text(f"{self.start('sleep', '1000').pid}\n")
                result = self.drill(FAIL, *PAUSES, f"--pid-file={pid_file}")
                self.assertTrue(result["runs"][0]["still_answers"])
                server.kill()
                server.wait()

    def test_a_silent_server_is_not_drilled_in_place_of_the_command(self):
        listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        self.addCleanup(listener.close)
        self.drill(UNREACHED, *LOAD, "--", *self.server("graceful"))
        self.assertIn("before the target was started: by another", self.said)

    def test_a_crash_of_a_process_that_is_not_the_drills_is_seen_or_said_to_be_unknown(self):
        """The kernel tells how it ended from Linux 6.15 on, once its parent has collected it."""
        server = self.start(*self.server("crash"))
        threading.Thread(target=server.wait, daemon=True).start()
        harness.wait_until(lambda: self.is_listening(self.health), "it listens")
        command = (DRILL, f"--url=http://127.0.0.1:{self.port}/", f"--json={self.json}", *LOAD,
                   f"--health-url=http://127.0.0.1:{self.health}/", f"--pid={server.pid}", "--stop-timeout=60s",
                   "--retry-safe=reset_connect,refused")  # at the very exit
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        result = json.loads(self.json.read_text())
        if result["runs"][0]["exit"] is None:
            self.assertEqual(done.returncode, PASS, done.stdout)
            self.assertIn("how it ended is not known", done.stdout)
        else:
            self.assertEqual(result["runs"][0]["exit"]["signal"], 11)
            self.assertIn("ended_by_itself", self.failed(result))

    def test_a_drill_that_was_stopped_for_a_while_blames_nobody(self):
        """What came in the meantime has come in time, and what was not sent is not lost."""
        command = (DRILL, f"--url=http://127.0.0.1:{self.port}/", f"--json={self.json}", "--runs=1", "--in-flight=4",
                   "--slow=/halves", "--stall-timeout=1s", "--keep-alive=5", "--keep-alive-offsets=300ms", "--burst=0",
                   "--rate=0", f"--health-url=http://127.0.0.1:{self.health}/", "--stop-timeout=60s",
                   "--start-timeout=60s", "--", *self.server("freezing"))
        drill = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(drill.kill)
        self.addCleanup(lambda: [os.kill(pid, signal.SIGKILL) for pid in harness.descendants(drill.pid)])
        harness.wait_until(lambda: harness.process_state(drill.pid) == "T", "the drill is stopped", 120)
        since = time.monotonic()
        harness.wait_until(lambda: not any(map(harness.is_alive, harness.children_of(drill.pid))), "the server ends")
        harness.wait_until(lambda: time.monotonic() > since + 1.3, "the stall timeout is over")
        drill.send_signal(signal.SIGCONT)
        said, _ = drill.communicate(timeout=120)
        self.assertEqual(drill.returncode, PASS, said)

    def is_listening(self, port):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return True

    def test_half_a_body_without_length_is_no_proof(self):
        load = ("--in-flight=4", "--keep-alive=0", "--burst=0", "--rate=0", "--runs=1")
        result = self.drill_manner(INCONCLUSIVE, "half", "--slow=/slow", load=load)
        self.assertIn("nothing tells their length", result["inconclusive_because"])
        self.assertIn("truncated", self.failed(self.drill_manner(FAIL, "half")))
        self.drill_manner(FAIL, "half", "--slow=/pause", "--body=same", load=load)

    def test_health_is_judged_by_its_timeout(self):
        """1.1 s is late for Kubernetes, and in time for a load balancer of ECS."""
        load = ("--in-flight=1", "--slow=/slow", "--keep-alive=0", "--burst=2", "--rate=10", "--runs=1")
        self.drill_manner(PASS, "late", "--profile=ecs", load=load)
        self.assertIn("ecs: requests count until 2 probes in a row fail (limit 4s each)", self.said)
        self.drill_manner(UNREACHED, "late", "--profile=kubernetes", "--start-timeout=3s", load=load)

    def test_interim_responses_are_no_stalled_answer(self):
        self.drill_manner(PASS, "hints", "--stall-timeout=1s")

    def test_ends_that_no_stop_asked_for_fail(self):
        for manner in ("crash", "killed"):
            with self.subTest(manner):
                self.assertIn("ended_by_itself", self.failed(self.drill_manner(FAIL, manner)))

    def test_nothing_sent_proves_nothing(self):
        self.drill(INCONCLUSIVE, "--in-flight=0", "--keep-alive=0", "--burst=0", "--rate=0",
                   "--runs=1", "--", *self.server("graceful"))
        self.drill(USAGE, "--rate=0", "--max-gap=1s", "--", *self.server("graceful"))
        self.assertIn("--max-gap needs new connections; give --rate above 0", self.said)
        self.drill(USAGE, "--in-flight=0", "--min-completion=1", "--", *self.server("graceful"))
        self.assertIn("--min-completion needs requests in flight; give --in-flight above 0", self.said)

    def test_failures_as_frequent_as_before_prove_nothing(self):
        result = self.drill_manner(INCONCLUSIVE, "flaky", load=(
            "--in-flight=0", "--keep-alive=0", "--burst=0", "--rate=200", "--runs=1",
            "--retry-safe=refused,reset_connect"))  # at the very exit
        self.assertEqual(result["inconclusive_because"], "http_5xx was as frequent before the stop")

    def test_a_share_of_completed_requests_is_enough_where_it_is_asked_for(self):
        load = ("--in-flight=20", "--slow=/slow", "--keep-alive=0", "--burst=0", "--rate=5", "--runs=1")
        result = self.drill_manner(PASS, "one_of_20", "--min-completion=0.9", load=load)
        self.assertEqual(result["runs"][0]["numbers"]["in_flight_cut"], 1)
        self.drill_manner(FAIL, "one_of_20", load=load)

    def test_method_body_and_header_fields_are_the_users(self):
        load = ("--in-flight=0", "--keep-alive=3", "--burst=3", "--rate=10", "--runs=1")
        asked = ("--method=PUT", "--data=hello", "--header=Host: shop.example")
        self.drill_manner(PASS, "picky", *asked, "--header=Authorization: token", load=load)
        server = self.start(*self.server("picky"))
        harness.wait_until(lambda: self.is_listening(self.health), "it listens")
        self.drill(UNREACHED, *load, *asked, "--start-timeout=2s", f"--pid={server.pid}")
        self.assertIn("status 401", self.said)

    def test_as_pid1_descendants_end_with_it(self):
        line = " ".join(self.server("graceful"))
        result = self.drill(FAIL, *PAUSES, "--as=pid1", "--stop-timeout=8s", "--", "sh", "-c", f"{line} & wait")
        self.assertEqual(result["runs"][0]["processes_left"], 0)
        self.assertIn("as PID 1", self.said)

    def test_lastcall_passes_each_profile(self):
        for profile in ("ecs", "kubernetes", "docker"):
            with self.subTest(profile):
                environment = {"docker": {}, "ecs": {"ECS_CONTAINER_METADATA_URI_V4": "http://x/"},
                               "kubernetes": {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}}[profile]
                command = ("env", *(f"{k}={v}" for k, v in environment.items()), harness.LASTCALL,
                           "--listen=127.0.0.1:5278", "--", sys.executable, "-B",
                           str(SERVER.with_name("drill_server.py")), "abrupt", str(self.port))
                self.drill(PASS, *LOAD, f"--profile={profile}",
                           "--health-url=http://127.0.0.1:5278/healthcheck", "--", *command)


if __name__ == "__main__":
    drill_case.main()
