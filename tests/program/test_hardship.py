# SPDX-License-Identifier: MIT
"""Environments that take away what we would like to have: what cannot be done is said, once, in the
log and in the report, and the promises hold all the same."""

import signal

import harness
import http_client
from harness import APP_PORT, HEALTH_PORT, probe

UNPRIVILEGED = ("user=12345", "nocaps")


def without_sanitizer(test):
    """Nothing to test in a build that cannot run there; not a skip, for the plain build runs it."""
    return (lambda self: None) if harness.SANITIZED else test


class Hardship(harness.ProgramTest):
    def serve(self, *options, steps=("print=ready", "hang"), settings=(), known=True, hide=False, **arguments):
        program = self.start_ready("--stop-timeout=6s", *options, settings=settings, env=harness.NO_LEAK_CHECK,
                                   command=probe(*["hide"] * hide, f"serve={APP_PORT}", *steps), **arguments)
        if known:
            program.wait_serving()
        return program

    def check_request_finishes(self, program, degraded, detector=harness.DETECTOR):
        request = http_client.Request(program, APP_PORT, "/d1200/b5000")
        program.stop()
        program.wait()
        self.assertIsNotNone(request.result(), f"cut: {request.error!r}")
        report = self.assert_in_time(program)
        self.assertEqual(sorted(report["degraded"]), harness.degraded_here(*degraded))
        self.assertEqual(report["connections"]["detector"], detector)
        for name in degraded:
            said = [line for line in program.err.all if "warning:" in line]
            self.assertGreaterEqual(len(said), 1, f"{name} is not in the log")
        return report

    def check_deaf_is_ended(self, *options, settings=(), degraded=(), pid1=True, **arguments):
        program = self.start("--stop-timeout=2s", *options, settings=settings, pid1=pid1, env=harness.NO_LEAK_CHECK,
                             command=probe("daemon=deaf", "child=deaf", "ignore=15", "print=ready", "hang"), **arguments)
        program.out.wait_count("^child", 2)
        program.wait_app("^ready")
        program.stop()
        self.assertEqual(program.wait().code, 128 + signal.SIGKILL)
        return self.assert_in_time(program)

    # ---- without privileges ----

    def test_user_without_capabilities(self):
        self.check_request_finishes(self.serve(settings=UNPRIVILEGED), [])
        for pid1 in harness.BOTH_WAYS:
            self.check_deaf_is_ended(settings=UNPRIVILEGED, pid1=pid1)

    # ---- without /proc ----

    @without_sanitizer
    def test_no_proc_with_ports_given(self):
        program = self.serve("--port=8080", settings=["proc=off"], known=False)
        self.check_request_finishes(program, [])

    @without_sanitizer
    def test_no_proc_and_no_ports(self):
        """The ports cannot be found: the drain waits out its budget, and says why."""
        program = self.serve(settings=["proc=off"], known=False)
        report = self.check_request_finishes(program, ["ports_unknown"])
        self.assertEqual(report["outcome"], "budget_exhausted")

    @without_sanitizer
    def test_no_proc_and_a_deaf_application_as_pid_1(self):
        """What is killed with the main process cannot be counted. It was taken for a process from outside."""
        report = self.check_deaf_is_ended(settings=["proc=off"])
        self.assertEqual((report["app"]["exec_killed"], report["app"]["leftovers_killed"]), (0, 0))

    @without_sanitizer
    def test_no_proc_and_no_sock_diag(self):
        program = self.serve("--port=8080", settings=["proc=off", "deny=netlink"], known=False)
        report = self.check_request_finishes(program, ["no_detector"], detector="none")
        self.assertEqual(report["outcome"], "budget_exhausted")
        self.assertIsNone(report["connections"]["busy_at_stop"])

    def test_hidden_processes_of_another_user(self):
        """hidepid=2, and an application that cannot be read."""
        program = self.serve(settings=["proc=hidepid=2", "user=12345", "nocaps"],
                             hide=True, known=False)
        self.check_request_finishes(program, ["ports_unknown"])
        program = self.serve("--port=8080", settings=["proc=hidepid=2", "user=12345", "nocaps"],
                             hide=True, known=False)
        report = self.check_request_finishes(program, [])
        self.assertLess(report["phases_ms"]["total"], 4000)

    def test_unreadable_application(self):
        program = self.serve(settings=UNPRIVILEGED, hide=True, known=False)
        self.check_request_finishes(program, ["ports_by_user"])

    # ---- without sock_diag, as in gVisor ----

    def test_no_netlink(self):
        program = self.serve(settings=["deny=netlink"])
        self.check_request_finishes(program, ["procnet"], detector="procnet")

    def test_no_netlink_and_idle_connections(self):
        """They look like busy ones: the drain waits out its budget, no longer."""
        program = self.serve("--drain-budget=1s", settings=["deny=netlink"])
        connection = http_client.Connection(program, APP_PORT)
        connection.ask("/")
        program.stop()
        program.wait()
        report = self.assert_in_time(program)
        self.assertEqual(report["degraded"], ["procnet"])
        connection.close()

    # ---- few descriptors, few processes, little memory ----

    def test_few_descriptors(self):
        program = self.serve(settings=["nofile=16"])
        connections = [http_client.Connection(program, HEALTH_PORT) for _ in range(20)]
        self.check_request_finishes(program, [])
        for connection in connections:
            connection.close()

    def test_hardly_any_descriptor(self):
        """From the least that a program can be loaded with: refused with one line, or all is kept."""
        for limit in range(4, 16):
            with self.subTest(limit=limit):
                program = self.start("--stop-timeout=6s", settings=[f"nofile={limit}"], env=harness.NO_LEAK_CHECK,
                                     command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
                harness.wait_until(lambda: program.out.find("^ready") or program.err.ended, "it starts or ends")
                if program.out.find("^ready"):
                    request = http_client.Request(program, APP_PORT, "/d700")
                    program.stop()
                    program.wait()
                    self.assertIsNotNone(request.result(), f"cut: {request.error!r}")
                    self.assert_in_time(program)
                else:
                    self.assertIn(program.wait().code, (2, 125))
                    self.assertEqual(len([line for line in program.err.all if "error:" in line]), 1)

    def test_process_limit_at_the_floor(self):
        uid = harness.free_uid()
        program = self.serve(settings=[f"user={uid}", "nproc=4"])
        self.check_request_finishes(program, [])

    @without_sanitizer
    def test_little_memory(self):
        program = self.serve("--port=8080", settings=[f"memory={64 << 20}"], known=False)
        self.check_request_finishes(program, [])

    # ---- calls that a filter does not know ----

    def test_no_subreaper(self):
        """Not PID 1, and prctl refused: orphans are lost to us, and that is said."""
        program = self.start_ready("--stop-timeout=3s", settings=["deny=prctl"], pid1=False, env=harness.NO_LEAK_CHECK,
                                   command=probe("print=ready", "hang"))
        program.stop()
        self.assertEqual(program.wait().code, 128 + signal.SIGTERM)
        self.assertEqual(sorted(program.report()["degraded"]), harness.degraded_here("no_subreaper"))

    def test_no_timerfd(self):
        self.check_request_finishes(self.serve(settings=["deny=timerfd"]), [])


if __name__ == "__main__":
    harness.main()
