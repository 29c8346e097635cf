# SPDX-License-Identifier: MIT
"""Which ports are the application's: found when listeners come and go, beside neighbours, and where
/proc does not say."""

import signal

import harness
from client_behaviour import reset
from harness import APP_PORT, probe
from http_client import Connection, Request
from test_drain import Draining

OTHER_PORT = APP_PORT + 1
REOPENS = (f"unlisten-on={signal.SIGUSR2.value}", f"listen-on={signal.SIGUSR1.value}:{OTHER_PORT}",
           "print=ready", "wait")
CONTAINER = ("noptrace",)  # root as a container has it


class Listeners(Draining):
    def is_refused(self, program):
        try:
            Connection(program, APP_PORT).close()
        except ConnectionRefusedError:
            return True
        except ConnectionResetError:
            pass  # it was being closed just then
        return False

    def test_listener_opened_after_the_stop(self):
        """The second request is in flight until its client reads, so that a slow machine's poll sees it, too."""
        program = self.serve("--longest-request=3s", steps=REOPENS, timeout="30s")
        first = Request(program, APP_PORT, "/d1000")
        self.busy(program, 1)
        program.stop()
        program.err.wait_for("SIGTERM received")
        program.send(signal.SIGUSR1)
        program.wait_app(f"^listening {OTHER_PORT}")
        second = Connection(program, OTHER_PORT, receive_buffer=4096)
        second.send("/b300000")
        program.err.wait_for("draining for .*: [12] busy, .*2 open")
        self.assert_answered(first, "/d1000")
        self.assertEqual(len(second.receive().body), 300000)
        program.wait()
        report = self.assert_in_time(program)
        self.assertEqual(sorted(report["connections"]["ports"]), [APP_PORT, OTHER_PORT])
        self.assertEqual(report["connections"]["finished"], 2)
        self.assertEqual(report["connections"]["arrived_after_stop"], 1)

    def test_listener_closed_and_opened_on_another_port(self):
        """Connections outlive their listener."""
        program = self.serve("--longest-request=3s", steps=REOPENS)
        old = Request(program, APP_PORT, "/d1200/b50")
        self.busy(program, 1)
        program.send(signal.SIGUSR2)
        harness.wait_until(lambda: self.is_refused(program), "the listener is closed")
        program.send(signal.SIGUSR1)
        program.wait_app(f"^listening {OTHER_PORT}")
        new = Request(program, OTHER_PORT, "/d900/b60")
        report = self.stop_and_report(program)
        self.assert_answered(old, "/d1200/b50")
        self.assert_answered(new, "/d900/b60")
        self.assertEqual(sorted(report["connections"]["ports"]), [APP_PORT, OTHER_PORT])
        self.assertEqual(report["connections"]["finished"], 2)

    def test_neighbours_are_none_of_our_business(self):
        """Neither what is open on their ports nor what ends there, answered or cut."""
        neighbour = self.serve("--listen=off", listen="serve=9000")
        program = self.serve(settings=[neighbour.network()])
        own = Request(program, APP_PORT, "/d1500")
        theirs = [Request(neighbour, 9000, "/d700/c"), Request(neighbour, 9000, "/d30000")]
        reader = Connection(neighbour, 9000, receive_buffer=4096)
        reader.send("/b300000")
        self.busy(program, 1)
        program.stop()
        program.err.wait_for("SIGTERM received: draining, 1 of 1 connections busy")
        reset(reader)
        self.assert_answered(theirs[0], "/d700/c")
        program.wait()
        self.assert_answered(own, "/d1500")
        connections = self.assert_in_time(program)["connections"]
        self.assertEqual(connections["ports"], [APP_PORT])
        self.assertEqual(connections["finished"], 1)
        self.assertEqual(connections["arrived_after_stop"], 0)
        self.assertEqual(connections["lost_bytes"], 0)
        self.assertEqual(len(connections["held_by"]), 1)

    def test_given_port_that_nobody_listens_on_is_said(self):
        program = self.start_ready("--stop-timeout=5s", "--port=9999",
                                   command=probe(f"serve={APP_PORT}", f"serve=v6:{APP_PORT}", f"serve={OTHER_PORT}",
                                                 "print=ready", "hang"))
        self.stop_and_report(program)
        warning = program.err.find("warning: the application does not listen on the ports of --port; "
                                   "listening ports: (.*)")
        ports = [int(word) for word in warning.group(1).split(", ")]
        self.assertGreaterEqual(set(ports), {APP_PORT, OTHER_PORT})
        self.assertEqual(len(ports), len(set(ports)))

    def test_given_port_of_the_application_is_no_reason_to_warn(self):
        program = self.serve(f"--port={APP_PORT}")
        self.stop_and_report(program)
        self.assertIsNone(program.err.find("does not listen on the ports of --port"))


class Restricted(Draining):
    def serve_unreadable(self, *options, steps, settings):
        return self.start_ready("--stop-timeout=6s", "--longest-request=1500ms", *options, settings=settings,
                                env=harness.NO_LEAK_CHECK, command=probe(*steps, "print=ready", "hang"))

    def finish_request(self, program):
        request = Request(program, APP_PORT, "/d700/b4000")
        report = self.stop_and_report(program)
        self.assert_answered(request, "/d700/b4000")
        return report

    def check_request_finishes(self, program, degraded):
        report = self.finish_request(program)
        self.assertEqual(sorted(report["degraded"]), harness.degraded_here(*degraded))
        self.assertEqual(len([line for line in program.said() if "warning: " in line]), len(degraded))
        return report

    def test_application_that_changed_its_user(self):
        """As behind gosu: its descriptors cannot be read, its listening sockets are known by their owner."""
        program = self.serve_unreadable(steps=("user=12345", f"serve={APP_PORT}"), settings=CONTAINER)
        report = self.check_request_finishes(program, ["ports_by_user"])
        self.assertEqual(report["connections"]["ports"], [APP_PORT])
        self.assertEqual(report["connections"]["finished"], 1)
        self.assertLess(report["phases_ms"]["drain"], 3500)  # the budget is 4 s at most

    def test_application_that_changed_its_user_after_it_listened(self):
        """The socket is still root's. Either a poll came before the change, and the port is known, or
        nothing shows whose it is, and the drain takes its budget; the request finishes in both."""
        program = self.serve_unreadable("--drain-budget=3s", settings=CONTAINER,
                                        steps=(f"serve={APP_PORT}", "user=12345"))
        report = self.finish_request(program)
        if report["connections"]["ports"] == [APP_PORT]:
            self.assertIn(report["degraded"], ([], ["ports_by_user"]))  # the user may have been half changed
            self.assertEqual(report["connections"]["finished"], 1)
        else:
            self.assertEqual(report["degraded"], ["ports_unknown"])
            self.assertGreaterEqual(report["phases_ms"]["drain"], 3000)
            self.assertIsNone(report["connections"]["busy_at_stop"])

    def test_given_port_helps(self):
        program = self.serve_unreadable(f"--port={APP_PORT}", settings=CONTAINER,
                                        steps=(f"serve={APP_PORT}", "user=12345"))
        report = self.check_request_finishes(program, [])
        self.assertEqual(report["connections"]["finished"], 1)

    def test_hidden_processes(self):
        """hidepid=2, as another user than the application: not even our own child is to be seen."""
        for options, degraded in (((), ["ports_unknown"]), ((f"--port={APP_PORT}",), [])):
            program = self.serve_unreadable(
                "--drain-budget=1500ms", *options, steps=("hide", f"serve={APP_PORT}"),
                settings=["proc=hidepid=2", "user=12345", "nocaps"])
            self.check_request_finishes(program, degraded)
            self.assertEqual(bool(program.err.find("draining for .*: connections cannot be seen;")), bool(degraded))


if __name__ == "__main__":
    harness.main()
