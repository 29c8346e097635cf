# SPDX-License-Identifier: MIT
"""The kernel sends an event for each connection that has ended: that ends a drain, and where it dropped
events, the counts are those of the next poll."""

import os
import re
import signal

import harness
from harness import APP_PORT
from http_client import Connection, Request
from test_drain import Draining
from test_exact import WAYS

LIFETIME = 600  # s: storms take minutes in an emulator, and on a busy machine

STORM = """
import socket, sys
for _ in range(int(sys.argv[2])):
    client = socket.socket()
    client.connect(("127.0.0.1", int(sys.argv[1])))
    client.shutdown(socket.SHUT_WR)
    try:
        client.recv(1)  # it has closed its end, and is ready for the next
    except ConnectionResetError:  # by a kernel that is short of something: an end like any other
        pass
    client.close()
"""


def has_dropped_events(program):
    """Of the netlink sockets in its network, whether the kernel has dropped a message to one that is in a group."""
    with open(f"/proc/{program.pid}/net/netlink") as table:
        names, *sockets = (line.split() for line in table)
    sockets = [dict(zip(names, socket)) for socket in sockets]
    return any(int(socket["Groups"], 16) and int(socket["Drops"]) for socket in sockets)


class Events(Draining):
    def test_events_are_joined_and_one_poll_is_made_before_the_application_is_signalled(self):
        """A poll is two requests, for the listening sockets and for the connections, at the stop those on other ports,
        too; the stop adds one for unix-domain listeners."""
        for order in ("drain-first", "signal-first"):
            program = self.serve(f"--order={order}")
            tracer, log = self.trace(program, "bind,sendto,kill")
            self.stop_and_report(program)
            tracer.communicate(timeout=20)
            with open(log) as file:
                calls = file.read()
            self.assertRegex(
                calls, r"\A(kill\(\d+, 0\).*\n)?bind\(\d+, {sa_family=AF_NETLINK.*\n(sendto.*\n){3}kill\(\d+, SIGTERM\)")

    def test_clients_of_this_machine_make_a_stop_no_dearer(self):
        """Whether a connection is from the application itself is not known before its processes were looked through:
        its row waits for that, and no second dump is made."""
        program = self.serve(timeout="20s")
        request = Request(program, APP_PORT, "/d1000/c")
        self.busy(program, 1)
        tracer, log = self.trace(program, "bind,sendto,epoll_wait,epoll_pwait")
        self.stop_and_report(program)
        tracer.communicate(timeout=20)
        self.assert_answered(request, "/d1000/c")
        with open(log) as file:
            self.assertRegex(
                file.read(), r"(?m)^bind\(\d+, {sa_family=AF_NETLINK.*\n(sendto\(\d+, \[\{nlmsg_len.*\n){3}epoll_p?wait")

    def test_ended_connection_wakes_us(self):
        """Not only the clock: what is read first after a wait is an event, for most endings."""
        program = self.serve(timeout="20s")
        tracer, log = self.trace(program, "epoll_wait,epoll_pwait,epoll_pwait2,bind,recvfrom,kill")
        paths = [f"/d{2000 + 150 * i}/c" for i in range(6)]
        requests = [Request(program, APP_PORT, path) for path in paths]
        self.busy(program, len(paths))
        self.stop_and_report(program)
        tracer.communicate(timeout=20)
        for request, path in zip(requests, paths):
            self.assert_answered(request, path)
        with open(log) as file:
            calls = file.read()
        events_fd = re.search(r"bind\((\d+), \{sa_family=AF_NETLINK", calls).group(1)
        woken = re.findall(rf"^epoll_p?wait\w*\(.* = [1-9]\d*\nrecvfrom\({events_fd}, .* = [1-9]\d*$",
                           calls, re.M)
        self.assertGreaterEqual(len(woken), len(paths) // 2, calls[-3000:])

    def storm(self, program):
        """Connections, opened and ended by a neighbour until there are more ends than the buffer has room for."""
        while not has_dropped_events(program):
            neighbour = self.start("--listen=off", "--report=off", settings=[program.network(), f"lifetime={LIFETIME}"],
                                   command=["/usr/bin/python3", "-c", STORM, str(APP_PORT), "2000"])
            self.assertEqual(neighbour.wait(LIFETIME).code, 0)

    def begin_to_lose_events(self, settings):
        """A stop of six connections, one of which is in flight until its client reads, and lastcall is stopped."""
        program = self.serve(settings=["user=12345", "nocaps", f"lifetime={LIFETIME}", *settings],
                             timeout="10m")
        long = Connection(program, APP_PORT, receive_buffer=4096)
        long.send("/b300000")
        short = [Request(program, APP_PORT, "/d1500/c") for _ in range(5)]
        self.busy(program, 6)
        program.stop()
        program.err.wait_for("SIGTERM received: .*6 of 6 connections busy")
        program.send(signal.SIGSTOP)
        return program, long, short

    def check_lost_events(self, program, long, degraded):
        program.send(signal.SIGCONT)
        program.err.wait_for("draining for .*: 1 busy, 1 open")
        self.assertEqual(len(long.receive().body), 300000)
        program.wait()
        report = self.assert_in_time(program)
        self.assertEqual(set(report["degraded"]), {"events_lost", *degraded})
        self.assertEqual(len([line for line in program.err.all if "dropped events" in line]), 1)
        self.assertEqual(report["outcome"], "drained")
        self.assertEqual(report["connections"]["busy_at_stop"], 6)
        # how the others ended is not known; the server may still have the last of the storm open
        connections = report["connections"]
        counted = connections["finished"] + connections["unknown"]
        self.assertIn(counted - connections["busy_at_stop"], range(connections["arrived_after_stop"] + 1))
        self.assertGreaterEqual(report["connections"]["finished"], 1)
        self.assertEqual(report["connections"]["cut"], 0)
        self.assertEqual(report["connections"]["lost_bytes"], 0)

    def test_lost_events_never_make_a_wrong_count(self):
        """lastcall is stopped while more connections end than its buffer has room for, and among them requests that
        it has seen before: with requests for single connections, and with polls in their place."""
        stops = [(self.begin_to_lose_events(settings), degraded) for settings, degraded in WAYS.items()]
        for (program, _, short), _ in stops:
            for request in short:
                self.assert_answered(request, "/d1500/c")
            self.storm(program)
        for (program, long, _), degraded in stops:
            with self.subTest(degraded=degraded):
                self.check_lost_events(program, long, degraded)

    def test_without_events_endings_are_looked_for(self):
        program = self.serve("--drain-budget=2s", settings=["deny=events"])
        requests = [Request(program, APP_PORT, "/d900/b700/c") for _ in range(3)]
        endless = Request(program, APP_PORT, "/d30000")
        self.busy(program, 4)
        report = self.stop_and_report(program)
        for request in requests:
            self.assert_answered(request, "/d900/b700/c")
        self.assertIsNone(endless.result())
        self.assertEqual(report["degraded"], ["no_events"])
        self.assertTrue(program.err.find("does not report ended connections"))
        self.assertEqual(report["connections"]["detector"], "sock_diag")
        self.assertEqual(report["connections"]["finished"] + report["connections"]["unknown"], 4)
        self.assertGreaterEqual(report["connections"]["unknown"], 1)  # it might have been answered just before
        self.assertEqual(report["connections"]["cut"], 0)


if __name__ == "__main__":
    harness.main()
