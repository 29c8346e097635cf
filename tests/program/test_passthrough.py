# SPDX-License-Identifier: MIT
"""--drain=off: signals are forwarded as they come, and we end with the main process."""

import os
import signal

import harness
from harness import BOTH_WAYS, probe


class PlainInit(harness.ProgramTest):
    def start_plain(self, *steps, **arguments):
        program = self.start_ready("--drain=off", command=probe(*steps, "print=ready", "wait"), **arguments)
        program.wait_started()
        return program

    def test_every_signal_is_forwarded_stop_signals_too(self):
        for pid1 in BOTH_WAYS:
            program = self.start_plain("catch", pid1=pid1)
            for number in range(1, 65):
                if number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD):
                    continue
                program.send(number)
                program.wait_app(f"^signal {number} ", 5)
            self.assertTrue(harness.is_alive(program.pid))

    def test_end_is_the_applications_and_at_once(self):
        """With other processes left, and with work in flight."""
        for pid1 in BOTH_WAYS:
            program = self.start_plain("child=deaf", f"serve={harness.APP_PORT}", "exit-on=15:42", pid1=pid1)
            program.wait_app("^child")
            client = program.socket()
            client.connect(("127.0.0.1", harness.APP_PORT))
            client.sendall(b"GET /d60000 HTTP/1.1\r\n\r\n")
            program.stop()
            ending = program.wait()
            client.close()
            self.assertEqual(ending.code, 42)
            self.assertLess(ending.seconds, 5)
            self.assertEqual(ending.left, 0 if pid1 else 1, "only PID 1 takes others along")

    def test_application_that_does_not_end_is_not_killed(self):
        program = self.start_plain("catch", env={"LASTCALL_STOP_TIMEOUT": "1s"})
        for _ in range(2):
            before = len(program.out.all)
            program.stop()
            program.out.wait_for(f"^signal {signal.SIGTERM.value} ", start=before)
        program.err.wait_for("draining is off")
        self.assertEqual(len(program.err.all), 1)

    def test_there_is_no_health_endpoint_and_no_report(self):
        program = self.start_plain("exit-on=15:0", env={"LASTCALL_LISTEN": "127.0.0.1:5278"})
        client = program.socket()
        self.assertEqual(client.connect_ex(("127.0.0.1", harness.HEALTH_PORT)), 111)
        client.close()
        program.stop()
        self.assertEqual(program.wait().code, 0)
        self.assertIsNone(program.err.find("schema"))

    def test_orphans_are_reaped_and_no_status_is_lost(self):
        for pid1 in BOTH_WAYS:
            program = self.start("--drain=off", command=probe("orphans=500", "exit=42"), pid1=pid1)
            self.assertEqual(program.wait().code, 42)
            program = self.start_ready(
                "--drain=off", command=probe("orphans=500", "print=ready", "hang"), pid1=pid1)
            harness.wait_until(lambda: len(program.children()) == 1, "all orphans are reaped")

    def test_command_that_cannot_be_started(self):
        program = self.start("--drain=off", command=["/nowhere"])
        self.assertEqual(program.wait().code, 127)
        self.assertEqual(len(program.err.all), 1)

    def test_settings_that_have_no_effect_are_no_hindrance(self):
        program = self.start("--drain=off", "--stop-timeout=1s", "--drain-budget=10s",
                             "--report=/nowhere/x", command=["/bin/true"])
        self.assertEqual(program.wait().code, 0)

    def test_directory_and_descriptors(self):
        read_end, write_end = os.pipe()
        self.addCleanup(os.close, read_end)
        program = self.start_plain(settings=["cwd=/usr"], pass_fds=(write_end,))
        os.close(write_end)
        self.assertEqual(os.readlink(f"/proc/{program.pid}/cwd"), "/")
        self.assertEqual(os.readlink(f"/proc/{program.app_pid()}/cwd"), "/usr")
        os.kill(program.app_pid(), signal.SIGKILL)
        self.assertEqual(program.wait().code, 137)
        self.assertEqual(os.read(read_end, 1), b"", "the other end is closed")

    def test_check_says_so(self):
        program = harness.Program(["--check", "--drain=off"], [])
        self.addCleanup(program.kill)
        self.assertEqual(program.wait().code, 0)
        program.out.find("Nothing is drained") or self.fail("not said")


if __name__ == "__main__":
    harness.main()
