# SPDX-License-Identifier: MIT
"""docker pause: the freezer stops lastcall, its application and all others of their cgroup, in each state of a stop.
After the thaw nothing is killed early, and the stop still ends in time; beyond the deadline the report says so."""

import signal
import threading

import harness
import http_client
from harness import APP_PORT, HEALTH_PORT, probe

# It pings its watchdog five times a second.
PINGS = ["/usr/bin/python3", "-S", "-c", """
import os, socket, time
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.connect(os.environ["NOTIFY_SOCKET"].replace("@", chr(0), 1))
notify.send(b"READY=1")
print("ready", flush=True)
while True:
    notify.send(b"WATCHDOG=1")
    time.sleep(0.2)
"""]


class FrozenTest(harness.ProgramTest):
    def start_in_cgroup(self, *options, command):
        cgroup = harness.make_cgroup(self)
        program = self.start_ready(*options, command=command, settings=[f"cgroup={cgroup}"], env=harness.NO_LEAK_CHECK)
        program.cgroup = cgroup
        return program

    def start_stop(self, line, *options, command):
        """A stop that has come as far as this line of the log."""
        program = self.start_in_cgroup(*options, command=command)
        if "serve" in command[1]:
            program.wait_serving()
            program.request = http_client.Request(program, APP_PORT, "/d1000")
        program.stop()
        program.err.wait_for(line)
        return program

    def set_frozen(self, programs, is_frozen):
        for program in programs:
            with open(f"{program.cgroup}/cgroup.freeze", "w") as file:
                file.write(str(int(is_frozen)))
        for program in programs:
            with open(f"{program.cgroup}/cgroup.events") as events:
                harness.wait_until(lambda: events.seek(0) == 0 and f"frozen {int(is_frozen)}" in events.read(),
                                   "all are frozen, or none")

    def status(self, program, path="/healthcheck"):
        return http_client.ask(program, HEALTH_PORT, path).status

    def test_in_each_state(self):
        serving = self.start_in_cgroup("--watchdog=1s", "--stop-timeout=6s", command=PINGS)
        harness.wait_until(lambda: self.status(serving) == 200, "it serves")
        draining = self.start_stop("SIGTERM received", "--stop-timeout=9s",
                                   command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        saving = self.start_stop("sent SIGTERM", "--stop-timeout=9s",
                                 command=probe("exit-on=15:0:1000", "print=ready", "wait"))
        deaf = self.start_stop("sent SIGTERM", "--stop-timeout=1s", command=probe("ignore=15", "print=ready", "wait"))
        self.set_frozen(self.programs, True)
        threading.Event().wait(1.3)  # the pause itself: longer than a watchdog's interval, and than a deadline
        self.set_frozen(self.programs, False)
        self.check_serving(serving)
        self.check_draining(draining)
        self.check_saving(saving)
        self.check_deaf(deaf)

    def check_serving(self, program):
        """The application could not ping its watchdog. It is alive, and no longer stuck once it has pinged again."""
        self.assertEqual(self.status(program, "/livez"), 200)
        harness.wait_until(lambda: self.status(program) == 200, "it serves again")
        program.stop()
        program.wait()
        self.assert_in_time(program)

    def check_draining(self, program):
        program.wait()
        self.assertIsNotNone(program.request.result(), f"cut: {program.request.error!r}")
        self.assertEqual(self.assert_in_time(program)["connections"]["finished"], 1)

    def check_saving(self, program):
        """It takes a second for that, and has it."""
        self.assertEqual(program.wait().code, 0)
        self.assert_in_time(program)

    def check_deaf(self, program):
        """The deadline passed meanwhile: it is gone, and the report says by how much it was late."""
        self.assertEqual(program.wait().code, 128 + signal.SIGKILL)
        self.assertEqual(program.ending.left, 0)
        self.assertLess(program.report()["headroom_ms"], -200)
        program.err.wait_for(r"of 900ms, \S+ late")


if __name__ == "__main__":
    harness.main()
