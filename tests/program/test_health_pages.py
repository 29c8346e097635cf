# SPDX-License-Identifier: MIT
"""What the health endpoint says besides: liveness, readiness, metrics, and to `lastcall --healthcheck`."""

import os
import re
import socket
import subprocess
import time

import harness
import http_client
import in_flight
from harness import APP_PORT, HEALTH_PORT, LASTCALL, probe


def status(program, path):
    return http_client.ask(program, HEALTH_PORT, path).status


def run_beside(program, *command, env=None, timeout=harness.PATIENCE):
    """A program in the network of another one."""
    return subprocess.run(["nsenter", f"--net=/proc/{program._jail.pid}/ns/net", *command],
                          capture_output=True, text=True, timeout=timeout,
                          env=harness.environment(env))


def healthcheck(program, *arguments, env=None):
    """In the container of another one, as `docker exec` would."""
    done = subprocess.run(
        ["nsenter", f"--target={program.pid}", "--net", "--pid", "--mount", LASTCALL,
         *(arguments or ["--healthcheck"])],
        capture_output=True, text=True, timeout=harness.PATIENCE, env=harness.environment(env))
    return done.returncode, done.stdout


class Pages(harness.ProgramTest):
    def start_draining(self, *options):
        """With a request in flight; returns the program and the request."""
        program = self.start_ready("--stop-timeout=10s", *options,
                                   command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        program.wait_serving()
        request = http_client.Request(program, APP_PORT, "/d1500")
        in_flight.wait_for(program, 1)
        program.stop()
        program.err.wait_for("SIGTERM received")
        return program, request

    def test_liveness_stays_while_readiness_goes(self):
        program = self.start_ready(command=probe("print=ready", "hang"))
        self.assertEqual([status(program, path) for path in ("/livez", "/readyz")], [200, 503])
        program, request = self.start_draining()
        self.assertEqual([status(program, path) for path in ("/livez", "/readyz")], [200, 503])
        self.assertEqual(request.result().body, b"xx")

    def test_drain_status_can_be_chosen(self):
        for code in (200, 204, 429):
            program, request = self.start_draining(f"--drain-status={code}")
            connection = http_client.Connection(program, HEALTH_PORT)
            for path, wanted in (("/healthcheck", code), ("/livez", 200), ("/readyz", code)):
                self.assertEqual(connection.ask(path).status, wanted)
            self.assertIsNotNone(request.result())

    def test_drain_status_must_be_one(self):
        for code in ("199", "600", "", "503x", "-1"):
            program = self.start(f"--drain-status={code}", command=probe("print=ran"))
            self.assertEqual(program.wait().code, 2)
            self.assertIn("an HTTP status from 200 to 599", program.err.all[0])

    def test_metrics_tell_the_stop(self):
        program, request = self.start_draining()
        answer = http_client.ask(program, HEALTH_PORT, "/metrics")
        body = answer.body.decode()
        self.assertEqual(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
        self.assertIn('lastcall_state{state="draining"} 1\n', body)
        self.assertIn('lastcall_connections{state="busy"} 1\n', body)
        self.assertIn("lastcall_drain_in_progress 1\n", body)
        left = float(re.search(r"^lastcall_stop_deadline_seconds (.*)$", body, re.M)[1])
        self.assertTrue(0 < left <= 9, left)
        started = float(re.search(r"^lastcall_app_start_time_seconds (.*)$", body, re.M)[1])
        self.assertTrue(0 <= time.time() - started < 60, started)
        request.result()

    def test_openmetrics_by_accept(self):
        program = self.start_ready(command=probe("print=ready", "hang"))
        connection = http_client.Connection(program, HEALTH_PORT)
        connection.send("/metrics", extra="Accept: application/openmetrics-text\r\n")
        answer = connection.receive()
        self.assertIn("application/openmetrics-text; version=1.0.0", answer.headers["content-type"])
        self.assertTrue(answer.body.endswith(b"# EOF\n"))


class Healthcheck(harness.ProgramTest):
    def test_it_says_what_it_saw(self):
        program = self.start_ready(command=probe("print=ready", "hang"))
        self.assertEqual(healthcheck(program), (1, "503 starting, 0 busy\n"))
        program = self.start_ready(command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        program.wait_serving()
        self.assertEqual(healthcheck(program), (0, "200 serving, 0 busy\n"))

    def test_it_finds_the_endpoint_as_the_server_did(self):
        for listen, path in (("127.0.0.1:7001", "/h"), ("[::]:7001", "/h"), ("0.0.0.0:7001", "/x/y")):
            env = {"LASTCALL_LISTEN": listen, "LASTCALL_HEALTH_PATH": path}
            program = self.start_ready(command=probe(f"serve={APP_PORT}", "print=ready", "hang"), env=env)
            program.wait_serving()
            self.assertEqual(healthcheck(program, env=env), (0, "200 serving, 0 busy\n"))
            self.assertEqual(healthcheck(program), (0, "200 serving, 0 busy\n"))  # PID 1 is found without

    def test_where_pid_1_is_another_the_address_is_asked(self):
        program = self.start_ready(command=probe(f"serve={APP_PORT}", "print=ready", "hang"), pid1=False)
        program.wait_serving()
        self.assertEqual(healthcheck(program), (0, "200 serving, 0 busy\n"))
        program = self.start_ready("--listen=[::]:7001", pid1=False,
                                   command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        self.assertEqual(healthcheck(program), (1, "no answer from [::1]:5278: Connection refused\n"))

    def test_a_url_can_be_given(self):
        program = self.start_ready(command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        self.assertEqual(healthcheck(program, "--healthcheck=http://127.0.0.1:5278/livez")[0], 0)
        self.assertEqual(healthcheck(program, "--healthcheck=http://[::1]:5278/nothing"), (1, "404\n"))
        self.assertEqual(healthcheck(program, "--healthcheck=http://127.0.0.1:8080/"), (0, "200\n"))

    def test_off_is_said(self):
        program = self.start_ready("--listen=off", command=probe("print=ready", "hang"))
        code, said = healthcheck(program, env={"LASTCALL_LISTEN": "off"})
        self.assertEqual((code, said), (1, "no health endpoint: LASTCALL_LISTEN=off\n"))

    def test_who_does_not_answer_is_not_waited_for(self):
        program = self.start_ready(command=probe("print=ready", "hang"))
        listener = program.socket()
        listener.bind(("127.0.0.1", 9000))
        listener.listen()
        began = time.monotonic()
        code, said = healthcheck(program, "--healthcheck=http://127.0.0.1:9000/")
        self.assertEqual(code, 1)  # glibc, musl
        self.assertRegex(said, "^no answer from 127.0.0.1:9000: (Connection|Operation) timed out\n$")
        self.assertGreater(time.monotonic() - began, 1.9)
        listener.close()

    def test_another_protocol_is_no_answer(self):
        program = self.start_ready(command=probe("print=ready", "hang"))
        for bytes_sent, said in ((b"220 smtp ready\r\n", "it does not speak HTTP"),
                                 (b"", "it closed the connection")):
            with program.socket() as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(("127.0.0.1", 9000))
                listener.listen()
                client = subprocess.Popen(
                    ["nsenter", f"--net=/proc/{program._jail.pid}/ns/net", LASTCALL,
                     "--healthcheck=http://127.0.0.1:9000/"], stdout=subprocess.PIPE, text=True)
                connection, _ = listener.accept()
                connection.recv(4096)
                connection.sendall(bytes_sent)
                connection.close()
                self.assertEqual(client.communicate()[0], f"no answer from 127.0.0.1:9000: {said}\n")
                self.assertEqual(client.returncode, 1)

    def test_the_environment_does_not_ask(self):
        """LASTCALL_HEALTHCHECK may be anything."""
        program = self.start_ready(command=probe("print=ready", "hang"), env={"LASTCALL_HEALTHCHECK": "1"})
        program.wait_started()


class Neighbours(harness.ProgramTest):
    """The containers of a pod or of an awsvpc task share their network."""

    def start_two(self, *options, **arguments):
        first = self.start_ready(command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        first.wait_serving()
        second = self.start_ready("--stop-timeout=5s", *options, settings=[first.network()],
                                  command=probe("print=ready", "hang"), **arguments)
        return first, second

    def test_both_run_with_nothing_configured(self):
        first, second = self.start_two()
        second.err.wait_for("started as pid|in use")
        warnings = [line for line in second.said() if "warning: " in line]
        self.assertEqual(len(warnings), 1, warnings)
        self.assertIn("default address [::]:5278 is in use", warnings[0])
        second.stop()
        second.wait()
        self.assertEqual(second.report()["degraded"], harness.degraded_here("health_address_in_use"))
        self.assertEqual(healthcheck(first), (0, "200 serving, 0 busy\n"))
        first.stop()
        first.wait()
        self.assertEqual(first.report()["degraded"], harness.degraded_here())

    def test_address_that_was_given_is_an_error(self):
        first = self.start_ready(command=probe("print=ready", "hang"))
        for options, env in ((["--listen=[::]:5278"], None), ([], {"LASTCALL_LISTEN": "[::]:5278"})):
            second = self.start(*options, env=env, settings=[first.network()], command=probe("print=ran"))
            self.assertEqual(second.wait().code, 2)
            self.assertEqual(second.out.all, [])
            self.assertRegex(second.err.all[0], "Address (already )?in use")  # glibc, musl

    def test_each_is_told_of_itself(self):
        first, second = self.start_two()
        self.assertEqual(healthcheck(second), (1, "503 starting, 0 busy\n"))
        self.assertEqual(healthcheck(first), (0, "200 serving, 0 busy\n"))
        second.stop()
        second.wait()
        self.assertEqual(second.report()["health"], {"served": 1, "refused": 0})

    def test_neighbour_is_not_asked_where_pid_1_is_another(self):
        first, second = self.start_two(pid1=False)
        code, said = healthcheck(second)
        self.assertEqual(code, 1)
        self.assertIn("no lastcall is PID 1 here", said)
        first.stop()
        first.wait()
        self.assertEqual(first.report()["health"], {"served": 0, "refused": 0})

    def test_flood_of_silent_neighbours_chokes_neither_way(self):
        program = self.start_ready("--stop-timeout=5s", command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        program.wait_serving()
        namespace = os.stat(f"/proc/{program.pid}/ns/pid").st_ino
        clients = []
        for _ in range(400):
            clients.append(program.socket(socket.AF_UNIX))
            self.addCleanup(clients[-1].close)
            clients[-1].connect(f"\0lastcall/{namespace}")
        self.assertEqual(healthcheck(program), (0, "200 serving, 0 busy\n"))
        self.assertEqual(status(program, "/healthcheck"), 200)
        program.stop()
        program.wait()
        report = program.report()
        self.assertEqual(report["health"]["served"], 2)
        self.assertGreaterEqual(report["health"]["refused"], 400 - 128)

    def test_who_takes_the_name_is_not_believed(self):
        """A neighbour that listens at PID 1's own socket, before it and as it would."""
        first = self.start_ready("--listen=off", command=probe("print=ready", "hang"))
        namespace = os.stat(f"/proc/{first.pid}/ns/pid").st_ino
        listener = first.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(f"\0lastcall/{namespace}")
        listener.listen()
        self.assertEqual(healthcheck(first), (1, "no answer from [::1]:5278: Connection refused\n"))

    def test_health_that_is_off_is_off(self):
        first = self.start_ready("--listen=off", command=probe("print=ready", "hang"))
        self.assertEqual(healthcheck(first), (1, "no answer from [::1]:5278: Connection refused\n"))


class Hardship(harness.ProgramTest):
    def test_odd_requests_get_an_answer_or_an_end(self):
        program = self.start_ready(command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        program.wait_serving()
        host = b"Host: a\r\n"
        for sent, wanted in (
                (b"GET /healthcheck\r\n\r\n", 400),  # HTTP/0.9
                (b"GET /healthcheck HTTP/1.0\r\n\r\n", 200),
                (b"GET http://other/healthcheck HTTP/1.1\r\n" + host + b"\r\n", 200),
                (b"GET /healthcheck HTTP/1.1\r\nExpect: 100-continue\r\n" + host + b"\r\n", 200),
                (b"GET /health\0check HTTP/1.1\r\n" + host + b"\r\n", 400),
                (b"\0" * 9000, 400),
                (b"BREW /healthcheck HTTP/1.1\r\n" + host + b"\r\n", 405),
                (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n", 414),
                (b"GET / HTTP/1.1\r\nX: " + b"a" * 9000, 431),
                (b"GET / HTTP/2.0\r\n" + host + b"\r\n", 505),
                (b"POST / HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501),
                (b"\x16\x03\x01\x02\x00\x01\x00", 400)):  # TLS
            connection = http_client.Connection(program, HEALTH_PORT)
            connection.socket.sendall(sent)
            self.assertEqual(connection.receive().status, wanted, sent[:60])
            connection.close()
        self.assertEqual(status(program, "/healthcheck"), 200)

    def test_sixteen_descriptors_and_a_storm(self):
        """The endpoint degrades, the drain and its signals do not."""
        program = self.start_ready("--stop-timeout=8s", settings=["nofile=16"],
                                   command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        program.wait_serving()
        request = http_client.Request(program, APP_PORT, "/d2500")  # asked that often, polls are 1 s apart
        strangers = []
        for _ in range(300):
            stranger = program.socket()
            stranger.setblocking(False)
            stranger.connect_ex(("127.0.0.1", HEALTH_PORT))
            strangers.append(stranger)
        for stranger in strangers:
            try:
                stranger.send(b"GET /healthcheck HTTP/1.1\r\n")
            except OSError:
                pass
        self.assertEqual(status(program, "/healthcheck"), 200)
        in_flight.wait_for(program, 1)
        program.stop()
        program.err.wait_for("SIGTERM received")
        self.assertEqual(status(program, "/healthcheck"), 503)
        self.assertEqual(request.result().body, b"xx")
        program.wait()
        self.assertEqual(self.assert_in_time(program)["outcome"], "drained")
        for stranger in strangers:
            stranger.close()


if __name__ == "__main__":
    harness.main()
