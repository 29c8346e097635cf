# SPDX-License-Identifier: MIT
"""A request in the accept queue is not in the server, in whatever network namespace that is."""

import json
import os
import pathlib
import subprocess
import sys

import drill_case
import harness
from drill_case import DRILL, FAIL

SERVER = pathlib.Path(__file__).with_name("queue_server.py")
HERE, THERE = "10.77.0.1", "10.77.0.2"
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


class Queue(drill_case.DrillTestCase):
    def server(self, host):
        return (sys.executable, "-B", str(SERVER), host, str(self.port))

    def drill(self, host, *arguments, as_user=()):
        command = (*as_user, DRILL, f"--url=http://{host}:{self.port}/", "--json=-", "--in-flight=6", "--slow=/slow",
                   "--keep-alive=0", "--burst=0", "--rate=0", "--runs=1", "--start-timeout=5s", *arguments)
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, FAIL, f"{done.args}\n{done.stdout}\n{done.stderr}")
        return json.loads(done.stdout)["runs"][0]["numbers"]

    def assert_two_are_in_the_server(self, numbers):
        self.assertEqual((numbers["in_flight_at_stop"], numbers["queued_at_stop"], numbers["in_flight_cut"]), (2, 4, 2))

    def start_apart(self, *as_user):
        """A server in a network namespace of its own, which a pair of interfaces leads to."""
        server = subprocess.Popen(("unshare", "--net", "sh", "-c", 'read -r _; exec "$@"', "sh", *as_user,
                                   *self.server(THERE)), stdin=subprocess.PIPE, text=True)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        ours = os.readlink("/proc/self/ns/net")
        harness.wait_until(lambda: os.readlink(f"/proc/{server.pid}/ns/net") != ours, "it is apart")
        inside = ("nsenter", "--net", f"--target={server.pid}")
        for line in (("ip", "link", "add", "here", "type", "veth", "peer", "name", "there", "netns", str(server.pid)),
                     ("ip", "addr", "add", f"{HERE}/24", "dev", "here"), ("ip", "link", "set", "here", "up"),
                     (*inside, "ip", "addr", "add", f"{THERE}/24", "dev", "there"),
                     (*inside, "ip", "link", "set", "there", "up")):
            subprocess.run(line, check=True)
        self.addCleanup(subprocess.run, ("ip", "link", "del", "here"), capture_output=True)
        server.stdin.write("\n")
        server.stdin.close()
        return server

    def test_in_our_own_namespace(self):
        self.assert_two_are_in_the_server(self.drill("127.0.0.1", "--", *self.server("127.0.0.1")))

    def test_in_the_servers_namespace(self):
        server = self.start_apart()
        self.assert_two_are_in_the_server(self.drill(THERE, "--allow-remote", f"--pid={server.pid}"))

    def test_in_a_namespace_that_the_drill_may_not_enter(self):
        server = self.start_apart(*NOBODY)
        numbers = self.drill(THERE, "--allow-remote", f"--pid={server.pid}", as_user=NOBODY)
        self.assert_two_are_in_the_server(numbers)

    def test_what_nobody_tells_is_not_known(self):
        """The process that is stopped is not in the server's namespace."""
        self.start_apart()
        other = subprocess.Popen(("sleep", "1000"))
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        numbers = self.drill(THERE, "--allow-remote", f"--pid={other.pid}")
        self.assertEqual(numbers["in_flight_at_stop"], 6)
        self.assertIsNone(numbers["queued_at_stop"])


if __name__ == "__main__":
    drill_case.main()
