# SPDX-License-Identifier: MIT
"""With a terminal: the application is in its foreground, a shell has job control, and the keys that
send signals reach the application and not us."""

import os
import pty
import signal
import termios

import harness
from harness import APP_PORT, BOTH_WAYS, probe
from http_client import Request

CTRL_C, CTRL_Z, CTRL_D, CTRL_BACKSLASH = b"\x03", b"\x1a", b"\x04", b"\x1c"


class Terminal(harness.ProgramTest):
    def start_on_terminal(self, *options, command, pid1=True):
        """lastcall as leader of a session whose controlling terminal we hold the other end of."""
        master, slave = pty.openpty()
        attributes = termios.tcgetattr(slave)
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
        program = self.start("--quiet", "--stop-timeout=5s", *options, command=command, pid1=pid1,
                             settings=["terminal"], stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        self.screen = harness.Lines(os.dup(master))
        self.keyboard = master
        self.addCleanup(os.close, master)
        return program

    def type(self, keys):
        os.write(self.keyboard, keys)

    def start_shell(self, pid1):
        bash = harness.need_command("bash")
        program = self.start_on_terminal(command=[bash, "--norc", "--noprofile", "-i"], pid1=pid1)
        self.type(b"PS1='' PS2=''; bind 'set enable-bracketed-paste off'; echo shell=$((1+1))\n")
        self.screen.wait_for("shell=2")
        return program

    def test_shell_has_job_control(self):
        for pid1 in BOTH_WAYS:
            program = self.start_shell(pid1)
            self.assertIsNone(self.screen.find("no job control"))
            self.type(b"sleep 1000\n")
            sleep = harness.wait_until(lambda: self.find_process(program, "sleep"), "sleep runs")
            self.type(CTRL_Z)
            harness.wait_until(lambda: harness.process_state(sleep) == "T", "Ctrl-Z stops it")
            self.screen.wait_for("Stopped")
            self.type(b"jobs; fg\n")
            harness.wait_until(lambda: harness.process_state(sleep) != "T", "fg lets it go on")
            self.type(CTRL_C)
            harness.wait_until(lambda: not harness.is_alive(sleep), "Ctrl-C ends it")
            self.type(b"echo status=$?\n")
            self.screen.wait_for("status=130")
            self.assertTrue(harness.is_alive(program.pid))
            self.type(b"exit 7\n")
            self.assertEqual(program.wait().code, 7)

    def find_process(self, program, name):
        return next(
            (pid for pid in harness.descendants(program.pid) if harness.process_name(pid) == name), None)

    def test_keys_reach_the_application(self):
        for pid1 in BOTH_WAYS:
            program = self.start_on_terminal(command=probe("catch", "print=ready", "wait"), pid1=pid1)
            self.screen.wait_for("^ready")
            for key, number in ((CTRL_C, signal.SIGINT), (CTRL_BACKSLASH, signal.SIGQUIT),
                                (CTRL_Z, signal.SIGTSTP)):
                self.type(key)
                self.screen.wait_for(f"signal {number.value} ")
            self.assertTrue(harness.is_alive(program.pid))
            said = [line for line in self.screen.all if "signal" in line]
            self.assertEqual(len(said), 3, "one came twice")

    def test_interrupted_application_ends_us_with_its_status(self):
        for pid1 in BOTH_WAYS:
            program = self.start_on_terminal(command=probe("print=ready", "hang"), pid1=pid1)
            self.screen.wait_for("^ready")
            self.type(CTRL_C)
            self.assertEqual(program.wait().code, 128 + signal.SIGINT)

    def test_application_can_read_and_write(self):
        program = self.start_on_terminal(
            command=["/bin/sh", "-c", "stty tostop; echo ready; read x; echo got $x"])
        self.screen.wait_for("^ready")
        self.type(b"something\n")
        self.screen.wait_for("^got something")
        self.assertEqual(program.wait().code, 0)

    def test_we_write_though_background_output_is_stopped(self):
        """With tostop a background process that writes gets SIGTTOU; the report is written then."""
        program = self.start_on_terminal(
            "--verbose", command=["/bin/sh", "-c", "stty tostop; echo ready; sleep 1000"])
        self.screen.wait_for("^ready")
        program.stop()
        program.wait()
        self.screen.wait_for('"schema"')

    def start_without_foreground(self, *steps):
        """The keys reach us, because the application does not read from the terminal: < /dev/null."""
        words = [harness.LASTCALL, "--stop-timeout=20s", "--", *probe(f"serve={APP_PORT}", *steps)]
        script = " ".join(f"'{word}'" for word in words)
        master, slave = pty.openpty()
        program = harness.Program(["-c", f"exec {script} </dev/null"], None, settings=["terminal"],
                                  stdin=slave, binary="/bin/sh")
        os.close(slave)
        self.programs.append(program)
        self.addCleanup(program.kill)
        self.keyboard = master
        self.addCleanup(os.close, master)
        program.wait_serving()
        return program

    def test_second_ctrl_c_hurries_and_the_third_kills(self):
        program = self.start_without_foreground("ignore=2", "print=ready", "wait")
        request = Request(program, APP_PORT, "/d30000")
        self.type(CTRL_C)
        program.err.wait_for("SIGINT received: ")
        self.assertIsNone(program.err.find("sent SIG\\w+ to pid"))
        self.type(CTRL_C)
        program.err.wait_for("SIGINT received again; hurrying")
        program.err.wait_for("sent SIGINT to pid .*hurried")
        self.type(CTRL_C)
        self.assertEqual(program.wait().code, 128 + signal.SIGKILL)
        self.assertIsNone(request.result())
        self.assertLess(program.report()["phases_ms"]["total"], 10000)

    def test_second_sigint_of_a_process_does_not(self):
        program = self.start_without_foreground("print=ready", "wait")
        request = Request(program, APP_PORT, "/d1500/c")
        for _ in range(2):
            program.send(signal.SIGINT)
            program.err.wait_for("SIGINT received")
        program.err.wait_for("SIGINT received again; the stop continues")
        self.assertIsNotNone(request.result())
        program.wait()

    def test_second_sigterm_is_no_key(self):
        program = self.start_without_foreground("print=ready", "wait")
        request = Request(program, APP_PORT, "/d1500/c")
        self.type(CTRL_C)
        program.err.wait_for("SIGINT received: ")
        program.send(signal.SIGTERM)
        program.err.wait_for("SIGTERM received again; the stop continues")
        self.assertIsNotNone(request.result())
        program.wait()

    def test_window_size_signal_is_forwarded(self):
        program = self.start_on_terminal(command=probe("catch", "print=ready", "wait"))
        self.screen.wait_for("^ready")
        program.send(signal.SIGWINCH)
        self.screen.wait_for(f"signal {signal.SIGWINCH.value} ")

    def test_terminal_that_hangs_up_ends_the_application_in_time(self):
        for pid1 in BOTH_WAYS:
            program = self.start_on_terminal(command=probe("print=ready", "hang"), pid1=pid1)
            self.screen.wait_for("^ready")
            program.send(signal.SIGHUP)
            self.assertEqual(program.wait().code, 128 + signal.SIGHUP)

    def test_terminal_is_handed_back_when_another_process_waits_for_us(self):
        """Not PID 1, in a script that reads from the terminal afterwards; also where nothing was started."""
        for command, said in (("/bin/true", '"schema"'), ("/nonexistent", "cannot execute '/nonexistent'")):
            script = f"{harness.LASTCALL} -q --listen=off --report=stderr -- {command}; read x && echo got $x"
            program = self.start_on_terminal("--listen=off", command=["/bin/sh", "-c", script])
            self.screen.wait_for(said)
            self.type(b"word\n")
            self.screen.wait_for("^got word")
            program.wait()


if __name__ == "__main__":
    harness.main()
