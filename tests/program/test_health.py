# SPDX-License-Identifier: MIT
"""The health endpoint: starting, serving, draining, stopping, in this order and to the last moment."""

import json
import signal

import harness
import http_client
import in_flight
from harness import APP_PORT, BOTH_WAYS, HEALTH_PORT, probe

PATH = "/healthcheck"


def health(program, host="127.0.0.1", port=HEALTH_PORT, path=PATH):
    answer = http_client.ask(program, port, path, host)
    return answer.status, json.loads(answer.body)


class States(harness.ProgramTest):
    def test_starting_serving_draining(self):
        for pid1 in BOTH_WAYS:
            program = self.start_ready(
                "--stop-timeout=10s", pid1=pid1,
                command=probe("catch", "print=ready", "listen-on=10:8080", "wait"))
            status, body = health(program)
            self.assertEqual((status, body["status"]), (503, "starting"))
            self.assertIsNone(body["deadline_ms"])
            program.send(signal.SIGUSR1)
            program.wait_app("^listening")
            harness.wait_until(lambda: health(program)[0] == 200, "it serves")
            status, body = health(program)
            self.assertEqual((status, body["status"]), (200, "serving"))
            request = http_client.Request(program, APP_PORT, "/d1500")
            in_flight.wait_for(program, 1)
            program.stop()
            program.err.wait_for("SIGTERM received")
            status, body = health(program)
            self.assertEqual((status, body["status"]), (503, "draining"))
            self.assertEqual(body["busy"], 1)
            self.assertGreater(body["deadline_ms"], 0)
            self.assertLessEqual(body["deadline_ms"], 9000)
            self.assertEqual(request.result().body, b"xx")

    def test_body_counts_idle_and_busy_connections(self):
        program = self.start_ready(
            "--longest-request=500ms",  # the doubt of connections that were used once ends then
            command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        idle = [http_client.Connection(program, APP_PORT) for _ in range(3)]
        for connection in idle:
            connection.ask("/")
        request = http_client.Request(program, APP_PORT, "/d3000")
        counts = harness.wait_until(
            lambda: (body := health(program)[1])["idle"] == 3 and body, "three are idle")
        self.assertEqual(counts["busy"], 1)
        request.result()

    def test_application_that_listens_no_more_is_seen(self):
        program = self.start_ready(
            command=probe(f"serve={APP_PORT}", "unlisten-on=10", "print=ready", "wait"))
        harness.wait_until(lambda: health(program)[0] == 200, "it serves")
        program.send(signal.SIGUSR1)
        harness.wait_until(lambda: health(program)[0] == 503, "it does not any more")

    def test_a_stop_is_said_until_the_last_moment(self):
        """Through drain, term, kill and flush; the endpoint never refuses before we are gone."""
        program = self.start_ready(
            "--stop-timeout=3s", "--drain-budget=600ms", "--term-grace=600ms",
            command=probe(f"serve={APP_PORT}", "ignore=15", "daemon=deaf", "print=ready", "hang"))
        request = http_client.Request(program, APP_PORT, "/d60000")
        in_flight.wait_for(program, 1)
        connection = http_client.Connection(program, HEALTH_PORT)
        program.stop()
        program.err.wait_for("SIGTERM received")
        answers, states = 0, []
        try:
            while True:
                answer = connection.ask(PATH)
                self.assertEqual(answer.status, 503)
                states.append(json.loads(answer.body)["status"])
                answers += 1
        except (EOFError, OSError):
            pass
        self.assertEqual(program.wait().code, 128 + signal.SIGKILL)
        report = self.assert_in_time(program)
        self.assertGreaterEqual(answers, 100)
        self.assertEqual(list(dict.fromkeys(states)), ["draining", "stopping"])
        self.assertGreaterEqual(report["health"]["served"], answers)
        self.assertIsNone(request.result())

    def test_stopping_is_said_while_bytes_are_flushed(self):
        program = self.start_ready(
            "--stop-timeout=20s", command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        program.wait_serving()
        slow = http_client.Connection(program, APP_PORT, receive_buffer=4096)
        slow.send("/b400000/x")
        program.err.wait_for("exited with 0")
        status, body = health(program)
        self.assertEqual((status, body["status"]), (503, "stopping"))
        self.assertEqual(len(slow.receive().body), 400000)
        self.assertTrue(slow.at_end())
        program.wait()


class Protocol(harness.ProgramTest):
    def start_plain(self, *options, **arguments):
        return self.start_ready(*options, command=probe("print=ready", "hang"), **arguments)

    def test_head_has_the_headers_and_no_body(self):
        program = self.start_plain()
        connection = http_client.Connection(program, HEALTH_PORT)
        answer = connection.ask(PATH, method="HEAD")
        self.assertEqual(answer.status, 503)
        self.assertGreater(int(answer.headers["content-length"]), 0)
        self.assertEqual(connection.ask(PATH).status, 503)

    def test_many_probes_on_one_connection_and_on_their_own(self):
        program = self.start_plain("--stop-timeout=5s")
        connection = http_client.Connection(program, HEALTH_PORT)
        for _ in range(200):
            self.assertEqual(connection.ask(PATH).status, 503)
        for _ in range(200):
            self.assertEqual(http_client.ask(program, HEALTH_PORT, PATH).status, 503)
        program.stop()
        program.wait()
        self.assertEqual(program.report()["health"], {"served": 400, "refused": 0})

    def test_other_paths_and_methods_are_refused(self):
        program = self.start_plain("--stop-timeout=5s")
        for path, method, status in (("/", "GET", 404), ("/health", "GET", 404), (PATH, "POST", 405),
                                     (PATH + "/", "GET", 404), (PATH + "?x=1", "GET", 503)):
            answer = http_client.ask(program, HEALTH_PORT, path, method=method)
            self.assertEqual(answer.status, status, f"{method} {path}")
        program.stop()
        program.wait()
        self.assertEqual(program.report()["health"], {"served": 1, "refused": 4})

    def test_path_can_be_chosen(self):
        program = self.start_plain("--health-path=/live/z")
        self.assertEqual(http_client.ask(program, HEALTH_PORT, "/live/z").status, 503)
        self.assertEqual(http_client.ask(program, HEALTH_PORT, PATH).status, 404)

    def test_both_families_are_answered(self):
        program = self.start_plain()
        for host in ("127.0.0.1", "::1"):
            self.assertEqual(health(program, host)[0], 503)

    def test_one_address_only(self):
        program = self.start_plain("--listen=127.0.0.1:7001")
        self.assertEqual(health(program, port=7001)[0], 503)
        with self.assertRaises(ConnectionRefusedError):
            http_client.Connection(program, 7001, "::1")

    def test_off_listens_on_nothing(self):
        program = self.start_plain("--listen=off")
        program.wait_started()
        with self.assertRaises(ConnectionRefusedError):
            http_client.Connection(program, HEALTH_PORT)

    def test_health_connections_are_no_work(self):
        program = self.start_ready(
            "--stop-timeout=10s", "--port=8080,5278",
            command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        silent = http_client.Connection(program, HEALTH_PORT)
        half = http_client.Connection(program, HEALTH_PORT)
        half.socket.sendall(b"GET /heal")
        program.stop()
        program.wait()
        report = program.report()
        self.assertLess(report["phases_ms"]["total"], 3000)
        self.assertEqual(report["connections"]["busy_at_stop"], 0)
        silent.close()
        half.close()

    def test_storm_of_connections_does_not_hold_the_stop(self):
        program = self.start_plain("--stop-timeout=5s")
        connections = []
        for _ in range(600):
            connection = program.socket()
            connection.setblocking(False)
            connection.connect_ex(("127.0.0.1", HEALTH_PORT))
            connections.append(connection)
        program.stop()
        program.wait()
        self.assert_in_time(program)
        for connection in connections:
            connection.close()


class PortInUse(harness.ProgramTest):
    def test_it_is_said_before_the_application_starts(self):
        first = self.start_ready(command=probe("print=ready", "hang"))
        first.wait_started()
        for listen in (("--listen=[::]:5278",), ("--listen=127.0.0.1:5278",), ("--listen=[::1]:5278",)):
            second = self.start(*listen, command=probe("print=ran"), settings=[first.network()])
            self.assertEqual(second.wait().code, 2)
            self.assertEqual(second.out.all, [])
            self.assertEqual(len(second.err.all), 1)
            self.assertRegex(second.err.all[0], "Address (already )?in use")  # glibc, musl
            self.assertIn("--listen=", second.err.all[0])

    def test_address_that_is_not_here(self):
        program = self.start("--listen=192.0.2.1:5278", command=probe("print=ran"))
        self.assertEqual(program.wait().code, 2)
        self.assertRegex(program.err.all[0], "--listen='192.0.2.1:5278' .*(Cannot assign|not available)")  # glibc, musl

    def test_restart_at_once_gets_the_port(self):
        """Connections of the last one are in TIME_WAIT."""
        first = self.start_ready(command=probe("print=ready", "exit-on=15:0", "wait"))
        self.assertEqual(health(first)[0], 503)
        blocker = self.start("--listen=off", command=probe("print=ready", "hang"), settings=[first.network()])
        blocker.wait_app("^ready")
        first.stop()
        first.wait()
        second = self.start("--stop-timeout=5s", command=probe("print=ready", "hang"), settings=[blocker.network()])
        second.wait_app("^ready")
        self.assertEqual(health(second)[0], 503)

    def test_without_ipv6_the_default_still_listens(self):
        program = self.start(command=probe("print=ready", "hang"), settings=["deny=inet6"])
        program.wait_app("^ready")
        self.assertEqual(health(program)[0], 503)


if __name__ == "__main__":
    harness.main()
