# SPDX-License-Identifier: MIT
"""docker pause: the freezer stops lastcall, its application and all others of their cgroup, in each state of a stop.
After the thaw nothing is killed early, and the stop still ends in time; beyond the deadline the report says so."""

import os
import signal
import threading

import harness
import http_client
from harness import APP_PORT, HEALTH_PORT, probe

STOPPED_ALONE = 12

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

# It becomes ready when it is told to.
STARTS = ["/usr/bin/python3", "-S", "-c", """
import os, signal, socket
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
print("ready", flush=True)
signal.sigwait([signal.SIGUSR1])
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.connect(os.environ["NOTIFY_SOCKET"].replace("@", chr(0), 1))
notify.send(b"READY=1")
signal.pause()
"""]


class FrozenTest(harness.ProgramTest):
    def start_in_cgroup(self, *options, command):
        cgroup = harness.make_cgroup(self)
        program = self.start_ready(*options, command=command, settings=[f"cgroup={cgroup}"], env=harness.NO_LEAK_CHECK)
        program.cgroup = cgroup
        return program

    def set_frozen(self, program, is_frozen):
        with open(f"{program.cgroup}/cgroup.freeze", "w") as file:
            file.write(str(int(is_frozen)))
        with open(f"{program.cgroup}/cgroup.events") as events:
            harness.wait_until(lambda: events.seek(0) == 0 and f"frozen {int(is_frozen)}" in events.read(),
                               "all are frozen, or none")

    def stop_and_freeze(self, program, line):
        """Once the stop has come as far as this line of the log."""
        program.stop()
        program.err.wait_for(line)
        self.set_frozen(program, True)

    def status(self, program, path="/healthcheck"):
        return http_client.ask(program, HEALTH_PORT, path).status

    def test_in_each_state(self):
        starting = self.start_in_cgroup("--start-timeout=2s", "--stop-timeout=6s", command=STARTS)
        self.set_frozen(starting, True)
        serving = self.start_in_cgroup("--watchdog=1s", "--stop-timeout=6s", command=PINGS)
        draining = self.start_in_cgroup("--stop-timeout=20s", "--longest-request=1500ms",
                                        command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        saving = self.start_in_cgroup("--stop-timeout=20s", command=probe("exit-on=15:0:1000", "print=ready", "wait"))
        deaf = self.start_in_cgroup("--stop-timeout=2s", command=probe("ignore=15", "print=ready", "wait"))
        harness.wait_until(lambda: self.status(serving) == 200, "it serves")
        draining.wait_serving()
        draining.request = http_client.Request(draining, APP_PORT, "/d1000")
        self.set_frozen(serving, True)
        self.stop_and_freeze(draining, "SIGTERM received")
        self.stop_and_freeze(saving, "sent SIGTERM")
        self.stop_and_freeze(deaf, "SIGTERM received")
        threading.Event().wait(2.1)  # the pause itself: longer than a watchdog's interval, and than a deadline
        for program in self.programs:
            self.set_frozen(program, False)
        self.check_starting(starting)
        self.check_serving(serving)
        self.check_draining(draining)
        self.check_saving(saving)
        self.check_deaf(deaf)

    def test_start_goes_on_where_lastcall_alone_was_stopped(self):
        """For longer than --start-timeout, as by a debugger: its next turn does not stop the application. Some of them
        are stopped before their first turn, or within one."""
        connections = []
        for _ in range(STOPPED_ALONE):
            program = self.start_ready("--start-timeout=1500ms", "--stop-timeout=6s", command=probe("print=ready", "hang"))
            program.send(signal.SIGSTOP)
            harness.wait_until(lambda: harness.process_state(program.pid) == "T", "lastcall is stopped")
            connections.append(http_client.Connection(program, HEALTH_PORT))
            self.addCleanup(connections[-1].close)
            connections[-1].send("/healthcheck")  # it waits in the kernel: lastcall answers in its next turn
        threading.Event().wait(1.5)  # the pause itself
        for program in self.programs:
            program.send(signal.SIGCONT)
        for connection in connections:
            self.assertIn(b'"starting"', connection.receive().body)

    def check_starting(self, program):
        """It could not become ready within --start-timeout, and does now."""
        self.assertEqual(self.status(program), 503)
        os.kill(program.app_pid(), signal.SIGUSR1)
        harness.wait_until(lambda: self.status(program) == 200, "it is ready")
        program.stop()
        program.wait()
        self.assertNotIn("not_ready_in_time", self.assert_in_time(program)["diagnosis"])

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
        self.assertLess(program.report()["headroom_ms"], -100)
        program.err.wait_for(r"of 1.80s, \S+ late")


if __name__ == "__main__":
    harness.main()
