# SPDX-License-Identifier: MIT
"""Where the kernel's socket statistics are not to be had: the next best detector is named, and work in
flight is kept and the time too, all the same."""

import signal

import harness
import http_client
from client_behaviour import name
from harness import APP_PORT, probe
from http_client import Connection, Request
from test_drain import Draining

GVISOR = ("deny=netlink",)  # EPROTONOSUPPORT
PROFILE = ("deny=netlink-eperm",)
NO_NET_FILES = ("deny=netlink", "proc=subset=pid")  # as systemd's ProcSubset=pid

WARNINGS = {"procnet": "sock_diag is not available: reading /proc/net/tcp", "no_detector": "neither sock_diag nor"}


class Fallbacks(Draining):
    def start_serving(self, *options, settings, listen=f"serve={APP_PORT}", steps=("print=ready", "hang"),
                      timeout="8s"):
        program = self.start_ready(f"--stop-timeout={timeout}", *options, settings=settings, env=harness.NO_LEAK_CHECK,
                                   command=probe(listen, *steps))
        if "proc=subset=pid" not in settings:
            program.wait_serving()
        return program

    def assert_said(self, program, report, detector, degraded):
        """In the report, in the first line of the log, and in one warning."""
        self.assertEqual(report["connections"]["detector"], detector)
        self.assertEqual(report["degraded"], [degraded])
        self.assertTrue(program.err.find(f"started as pid .* detector {detector}$"))
        self.assertEqual(len([line for line in program.err.all if WARNINGS[degraded] in line]), 1)

    def check_requests_finish(self, program):
        requests = [Request(program, APP_PORT, path) for path in ("/d700/b2000/c", "/d900/b30000/c")]
        report = self.stop_and_report(program)
        self.assert_answered(requests[0], "/d700/b2000/c")
        self.assert_answered(requests[1], "/d900/b30000/c")
        return report

    def check_gone_in_time(self, settings):
        """However deaf the application and endless its work."""
        program = self.start_serving(settings=settings, steps=("child=deaf", "ignore=15", "print=ready", "hang"),
                                     timeout="6s")
        request = Request(program, APP_PORT, "/d30000")
        report = self.stop_and_report(program)
        self.assertIsNone(request.result())
        self.assertEqual(program.ending.code, 128 + signal.SIGKILL)
        self.assertEqual(report["outcome"], "killed")
        return report

    def test_procnet_as_in_gvisor(self):
        program = self.start_serving(settings=GVISOR)
        report = self.check_requests_finish(program)
        self.assert_said(program, report, "procnet", "procnet")
        self.assertEqual(report["connections"]["ports"], [APP_PORT])
        self.assertLess(report["phases_ms"]["drain"], 4500)  # not the whole budget
        self.assertEqual(self.check_gone_in_time(GVISOR)["degraded"], ["procnet"])

    def test_procnet_as_with_a_profile(self):
        program = self.start_serving(settings=PROFILE)
        report = self.check_requests_finish(program)
        self.assert_said(program, report, "procnet", "procnet")

    def test_procnet_counts_what_it_can(self):
        program = self.start_serving("--drain-budget=600ms", settings=GVISOR, listen=f"serve=dual:{APP_PORT}")
        requests = [Request(program, APP_PORT, "/d30000", host) for host in ("127.0.0.1", "::1")]
        self.busy(program, 2)
        peers = {name(request.connection) for request in requests}
        report = self.stop_and_report(program)
        self.assertEqual(report["connections"]["busy_at_stop"], 2)
        self.assertEqual(report["connections"]["open_at_stop"], 2)
        held = report["connections"]["held_by"]
        self.assertEqual({blocker["peer"] for blocker in held}, peers)
        self.assertEqual({blocker["quiet_ms"] for blocker in held}, {None})

    def test_procnet_sees_the_accept_queue(self):
        program = self.start_serving(settings=GVISOR, listen=f"serve=serial:{APP_PORT}")
        requests = [Request(program, APP_PORT, "/d500/c") for _ in range(4)]
        report = self.stop_and_report(program)
        for request in requests:
            self.assert_answered(request, "/d500/c")
        self.assertGreaterEqual(report["connections"]["accept_queue_at_stop"], 1)
        self.assertEqual(report["connections"]["accept_queue_lost"], 0)

    def test_procnet_waits_for_bytes_on_their_way(self):
        program = self.start_serving(settings=GVISOR, timeout="20s")
        reader = Connection(program, APP_PORT, receive_buffer=4096)
        reader.send("/b300000/x")
        program.err.wait_for("exited with 0")
        self.assertEqual(len(reader.receive().body), 300000)
        reader.close()
        program.wait()
        self.assertIsNone(program.report()["connections"]["lost_bytes"])  # its end itself was not seen

    def test_application_whose_ports_were_never_seen_is_taken_for_busy(self):
        """The kernel has memory for the first request of lastcall, by which it chooses sock_diag, and for no other."""
        program = self.start_ready(
            "-qq", "-D", "-e", "trace=sendto", "-e", "inject=sendto:error=ENOBUFS:when=2+", "-o", "/dev/null",
            harness.LASTCALL, "-v", "--stop-timeout=3s", "--drain-budget=1s", binary=harness.need_command("strace"),
            command=probe(f"serve={APP_PORT}", "print=ready", "hang"), pid1=False, env=harness.NO_LEAK_CHECK)
        request = Request(program, APP_PORT, "/d500")
        http_client.ask(program, APP_PORT, "/")  # it is accepted after that one
        self.stop_and_report(program)
        self.assert_answered(request, "/d500")
        self.assertTrue(program.err.find("cannot dump connections: No buffer space available, retrying"))

    def test_none(self):
        program = self.start_serving("--drain-budget=1500ms", settings=NO_NET_FILES)
        report = self.check_requests_finish(program)
        self.assert_said(program, report, "none", "no_detector")
        self.assertGreaterEqual(report["phases_ms"]["drain"], 1500)
        for field in ("busy_at_stop", "open_at_stop", "finished", "cut"):
            self.assertIsNone(report["connections"][field])
        self.assertEqual(self.check_gone_in_time(NO_NET_FILES)["degraded"], ["no_detector"])


if __name__ == "__main__":
    harness.main()
