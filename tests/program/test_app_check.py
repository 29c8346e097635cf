# SPDX-License-Identifier: MIT
"""Whether the application is well: seen by its accept queue, asked by connections, and in time."""

import json
import signal
import time

import harness
import http_client
from harness import APP_PORT, BOTH_WAYS, HEALTH_PORT, probe

OTHER_PORT = APP_PORT + 1

# Answers each request with the status that the last signal chose; to SIGHUP it holds its answers back. What is asked
# for /always, here or on another port, is answered without a word, always and at once.
SERVER = f"""
import http.server, signal, threading
status, held = [200], threading.Event()
held.set()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/always":
            held.wait()
            print(self.client_address[0], self.path, flush=True)
        self.send_response(200 if self.path == "/always" else status[0])
        self.end_headers()
    def log_message(self, *args):
        pass
chosen = {{signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP}}
signal.pthread_sigmask(signal.SIG_BLOCK, chosen)
for port in ({APP_PORT}, {OTHER_PORT}):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", flush=True)
while number := signal.sigwait(chosen):
    if number == signal.SIGHUP:
        held.clear()
    else:
        status[0] = 500 if number == signal.SIGUSR1 else 200
        held.set()
"""
SERVER_COMMAND = ["/usr/bin/python3", "-c", SERVER]
URL = f"http://127.0.0.1:{APP_PORT}/health"
QUICK = ("--check-interval=100ms", "--check-timeout=400ms")


def state(program):
    return json.loads(http_client.ask(program, HEALTH_PORT, "/healthcheck").body)["status"]


class AppCheckTest(harness.ProgramTest):
    def wait_state(self, program, wanted, seconds=harness.PATIENCE):
        harness.wait_until(lambda: state(program) == wanted, f"it is {wanted}", seconds)


class Listen(AppCheckTest):
    def test_accept_queue_that_stands_still_is_stuck_until_it_moves(self):
        program = self.start_ready(
            "--check-timeout=500ms", "--stop-timeout=2s",
            command=probe("catch", f"listen={APP_PORT}", "accept-on=10", "exit-on=15:0", "print=ready", "wait"))
        self.wait_state(program, "serving")
        waiting = http_client.Connection(program, APP_PORT)
        waiting.send("/")
        self.wait_state(program, "stuck")
        self.assertEqual(http_client.ask(program, HEALTH_PORT, "/livez").status, 200)  # for a stop timeout
        harness.wait_until(lambda: http_client.ask(program, HEALTH_PORT, "/livez").status == 503, "it is given up")
        self.assertGreaterEqual(json.loads(http_client.ask(program, HEALTH_PORT, "/livez").body)["since_ms"], 2000)
        program.err.wait_for("warning: the application is stuck: no connection accepted for .*answers 503")
        program.send(signal.SIGUSR1)
        self.assertEqual(waiting.receive().status, 200)
        self.wait_state(program, "serving")
        program.err.wait_for("the application serves again")
        program.stop()
        self.assertEqual(program.wait().code, 0)

    def test_queue_that_moves_is_not_stuck_however_long_it_is(self):
        program = self.start_ready(
            "--check-timeout=500ms", command=probe(f"serve=serial:{APP_PORT}", "print=ready", "hang"))
        self.wait_state(program, "serving")
        requests = [http_client.Request(program, APP_PORT, "/d150/c") for _ in range(20)]
        while not all(request.answer or request.error for request in requests):
            self.assertEqual(state(program), "serving")
            time.sleep(0.02)  # a probe's pace
        self.assertTrue(all(request.answer for request in requests))

    def test_application_gets_no_traffic(self):
        program = self.start_ready("--stop-timeout=5s", *QUICK, command=SERVER_COMMAND)
        self.wait_state(program, "serving")
        for _ in range(50):
            self.assertEqual(state(program), "serving")
        self.assertEqual([line for line in program.out.all if line != "ready"], [])


class Several(AppCheckTest):
    def test_all_have_to_pass_and_the_one_that_fails_is_named(self):
        always, sometimes = (f"http://127.0.0.1:{APP_PORT}/{path}" for path in ("always", "sometimes"))
        program = self.start_ready(f"--app-check={always}", f"--app-check=listen,{sometimes}", *QUICK,
                                   command=SERVER_COMMAND)
        program.err.wait_for("the application passes all 3 checks; /healthcheck answers 200")
        self.assertEqual(state(program), "serving")
        program.send(signal.SIGUSR1)
        self.wait_state(program, "stuck")
        program.err.wait_for(f"the application is stuck: {sometimes}: it answered 500; ")
        program.send(signal.SIGUSR2)
        self.wait_state(program, "serving")

    def test_a_variable_has_them_with_commas(self):
        program = self.start_ready(*QUICK, env={"LASTCALL_APP_CHECK": f"tcp:{APP_PORT},tcp:9"},
                                   command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        program.err.wait_for("started as pid")
        self.assertEqual(state(program), "starting")
        program = self.start("--app-check=none,listen", command=probe("print=ran"))
        self.assertEqual(program.wait().code, 2)
        self.assertIn("up to 8 of these with commas, or none", program.err.all[0])


class Unchecked(AppCheckTest):
    def test_application_that_runs_is_well(self):
        program = self.start_ready("--app-check=none", command=probe("print=ready", "hang"))
        self.assertEqual(state(program), "serving")


class Tcp(AppCheckTest):
    def test_closed_port_and_open_one(self):
        program = self.start_ready(
            f"--app-check=tcp:{APP_PORT}", *QUICK,
            command=probe(f"listen-on=10:{APP_PORT}", "unlisten-on=12", "print=ready", "wait"))
        self.assertEqual(state(program), "starting")
        program.send(signal.SIGUSR1)
        self.wait_state(program, "serving")
        program.err.wait_for(f"accepts connections on port {APP_PORT}")
        program.send(signal.SIGUSR2)
        self.wait_state(program, "stuck")

    def test_nobody_accepts(self):
        program = self.start_ready(
            f"--app-check=tcp:{APP_PORT}", *QUICK,
            command=probe(f"listen={APP_PORT}", "accept-on=10", "print=ready", "wait"))
        program.err.wait_for("the application is stuck")
        program.send(signal.SIGUSR1)
        program.err.wait_for("the application serves again")
        self.wait_state(program, "serving")


class Http(AppCheckTest):
    def wait_silence(self, program):
        """Until no check has been answered for several intervals."""
        answered = -1
        while answered < len(program.out.all):
            answered = len(program.out.all)
            time.sleep(0.4)

    def test_answers_decide(self):
        for pid1 in BOTH_WAYS:
            program = self.start_ready(f"--app-check={URL}", *QUICK, command=SERVER_COMMAND, pid1=pid1)
            self.wait_state(program, "serving")
            program.wait_app("^127.0.0.1 /health$")
            program.send(signal.SIGUSR1)
            self.wait_state(program, "stuck")
            program.err.wait_for("is stuck: port 8080: it answered 500; /healthcheck answers 503")
            program.send(signal.SIGUSR2)
            self.wait_state(program, "serving")
            program.send(signal.SIGHUP)
            self.wait_state(program, "stuck")
            program.err.wait_for("is stuck: port 8080: no answer within 400ms")
            program.send(signal.SIGUSR2)
            self.wait_state(program, "serving")

    def test_checks_are_no_work_and_end_when_a_stop_begins(self):
        other = f"http://127.0.0.1:{OTHER_PORT}/always"  # a check that is made again and again meanwhile
        program = self.start_ready(
            f"--app-check={URL},{other}", "--check-interval=50ms", "--check-timeout=20s", "--stop-timeout=10s",
            "--min-drain=500ms", command=SERVER_COMMAND)
        self.wait_state(program, "serving")
        program.send(signal.SIGHUP)
        self.wait_silence(program)  # now a check is under way, and stays so
        for _ in range(3):
            body = json.loads(http_client.ask(program, HEALTH_PORT, "/healthcheck").body)
            self.assertEqual(body["busy"], 0)
        program.stop()
        program.wait()
        report = self.assert_in_time(program)
        self.assertLess(report["phases_ms"]["drain"], 2000)
        for count in ("open_at_stop", "busy_at_stop", "arrived_after_stop", "finished", "cut"):
            self.assertEqual(report["connections"][count], 0, count)

    def test_first_answer_is_noticed_at_once(self):
        """However long the interval is: an application that starts is checked more often."""
        program = self.start_ready(f"--app-check={URL}", command=SERVER_COMMAND)
        began = time.monotonic()
        program.err.wait_for("the application responds; /healthcheck answers 200", 3)
        self.assertLess(time.monotonic() - began, 3)

    def test_own_check_does_not_keep_it_from_idling(self):
        """The checks are all that it does, one in an interval."""
        program = self.start_ready(
            f"--app-check={URL}", "--check-interval=1s", command=SERVER_COMMAND)
        program.err.wait_for("the application responds")
        start = len(program.out.all)
        time.sleep(3.5)  # not to wait for anything: the time in which checks are counted
        self.assertIn(len(program.out.all) - start, (3, 4))


class StartTimeout(AppCheckTest):
    def test_late_application_is_stopped(self):
        for pid1 in BOTH_WAYS:
            program = self.start_ready(
                "--start-timeout=600ms", "--stop-timeout=5s", pid1=pid1,
                command=probe("exit-on=15:0", "print=ready", "wait"))
            self.assertEqual(program.wait().code, 124)
            self.assertIsNotNone(program.err.find(
                r"not ready within 600ms \(it does not listen\): stopping it; the exit status is 124"))
            self.assertGreaterEqual(program.ending.seconds, 0.6)
            self.assertLess(program.ending.seconds, 3)
            report = self.assert_in_time(program)
            self.assertIsNone(report["stop"]["signal"])
            self.assertEqual(report["app"]["exit_code"], 0)

    def test_late_and_deaf_application_is_killed(self):
        program = self.start_ready(
            "--start-timeout=300ms", "--stop-timeout=4s", "--term-grace=300ms",
            command=probe("ignore=15", "orphans=2", "print=ready", "hang"))
        self.assertEqual(program.wait().code, 124)
        report = self.assert_in_time(program)
        self.assertTrue(report["app"]["killed"])
        self.assertLess(program.ending.seconds, 3)

    def test_it_gets_its_own_stop_signal(self):
        program = self.start_ready(
            "--start-timeout=300ms", "--stop-signal=USR1",
            command=probe("exit-on=10:7", "print=ready", "wait"))
        self.assertEqual(program.wait().code, 124)
        self.assertEqual(program.report()["app"]["exit_code"], 7)

    def test_one_that_is_ready_in_time_is_left_alone(self):
        program = self.start_ready(
            "--start-timeout=1s", "--stop-timeout=5s",
            command=probe(f"serve={APP_PORT}", "exit-on=15:3", "print=ready", "wait"))
        program.wait_serving()
        time.sleep(1.5)  # not to wait for anything: the time in which it must not be stopped
        self.assertEqual(state(program), "serving")
        program.stop()
        self.assertEqual(program.wait().code, 3)

    def test_one_that_ends_by_itself_has_its_own_status(self):
        program = self.start("--start-timeout=5s", command=probe("exit=9"))
        self.assertEqual(program.wait().code, 9)

    def test_stop_signal_comes_first(self):
        program = self.start_ready(
            "--start-timeout=5s", command=probe("exit-on=15:4", "print=ready", "wait"))
        program.stop()
        self.assertEqual(program.wait().code, 4)

    def test_failing_check_is_not_ready(self):
        program = self.start_ready(
            "--start-timeout=1s", "--stop-timeout=5s", f"--app-check=tcp:{APP_PORT + 1}", *QUICK,
            command=probe(f"serve={APP_PORT}", "exit-on=15:0", "print=ready", "wait"))
        self.assertEqual(program.wait().code, 124)
        self.assertIsNotNone(program.err.find("port 8081: Connection refused"))


if __name__ == "__main__":
    harness.main()
