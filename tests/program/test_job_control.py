# SPDX-License-Identifier: MIT
"""A shell runs lastcall as a job: what stops the application stops lastcall, so that the shell notices, and
what the shell does to its job is done to both. And what becomes of all this in sessions."""

import os
import pty
import signal
import termios

import harness
from harness import BOTH_WAYS, probe

LASTCALL_NAME = os.path.basename(harness.LASTCALL)[:15]
CTRL_C, CTRL_Z = b"\x03", b"\x1a"


class Terminal(harness.ProgramTest):
    """A terminal whose other end we hold, and a session on it."""

    def start_session(self, *options, command, before=(), **arguments):
        self.keyboard, slave = pty.openpty()
        attributes = termios.tcgetattr(slave)
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
        program = self.start(*before, "--listen=off", "--stop-timeout=5s", *options, command=command,
                             settings=["terminal"], stdin=slave, **arguments)
        os.close(slave)
        return program

    def type(self, keys):
        os.write(self.keyboard, keys)

    def wait_child(self, parent, name):
        """A child of this process that has become this program."""
        def find():
            return [pid for pid in harness.children_of(parent) if harness.process_name(pid) == name]
        return harness.wait_until(find, f"{name} runs")[0]

    def wait_foreground(self, group, of):
        """A process group has the terminal of this process's session."""
        def foreground():
            with open(f"/proc/{of}/stat") as stat:
                return int(stat.read().rsplit(")", 1)[1].split()[5])
        harness.wait_until(lambda: foreground() == group, "it is in the foreground")


class Job(Terminal):
    """lastcall runs a shell on a terminal, and that one runs another lastcall: it is a job there."""

    def setUp(self):
        super().setUp()
        bash = harness.need_command("bash")
        self.program = self.start_session(
            command=[bash, "--norc", "--noprofile", "--noediting", "-i"],
            env={"PS1": "", "PS2": "", "HISTFILE": ""})
        self.addCleanup(os.close, self.keyboard)
        self.screen = self.program.err  # bash says there what becomes of its jobs
        self.shell = self.program.app_pid()
        self.type(b"stty -echo; echo shell=$((1+1))\n")
        self.program.wait_app("shell=2")

    def run_job(self, *command, options=(), end=""):
        """Has the shell run a lastcall. Sets its pid and the application's."""
        words = [harness.LASTCALL, "-q", "--listen=off", "--report=off", *options, "--", *command]
        quoted = " ".join(f"'{word}'" for word in words)
        self.type(f"{quoted} {end}\n".encode())
        self.job = self.wait_child(self.shell, LASTCALL_NAME)
        self.app = self.wait_child(self.job, os.path.basename(command[0]))

    def wait_stopped(self):
        for pid in (self.app, self.job):
            harness.wait_until(lambda: harness.process_state(pid) == "T", "both stop")

    def stop_by_key(self):
        """Until the shell has said so: what is typed sooner, a process that is not stopped yet may read."""
        before = len(self.screen.all)
        self.type(CTRL_Z)
        self.wait_stopped()
        self.screen.wait_for(r"^\[1\]\+  Stopped", start=before)

    def wait_going_on(self):
        for pid in (self.app, self.job):
            harness.wait_until(lambda: harness.process_state(pid) != "T", "both go on")

    def finish(self, status):
        """Ctrl-C ends the application and with it the job."""
        self.type(CTRL_C)
        harness.wait_until(lambda: not harness.is_alive(self.job), "it ends")
        self.type(b"echo status=$?\n")
        self.program.wait_app(f"status={status}")

    def test_key_stops_both_and_fg_lets_both_go_on(self):
        for options in ((), ("--drain=off",)):
            self.run_job("/bin/cat", options=options)
            for turn in range(3):
                self.wait_foreground(self.app, self.shell)
                self.stop_by_key()
                self.type(b"fg\n")
                self.wait_going_on()
                self.wait_foreground(self.app, self.shell)
                self.type(f"word {turn}\n".encode())
                self.program.wait_app(f"^word {turn}")
            self.finish(130)
            self.program.out.all.clear()

    def test_signals_are_ours_after_it_went_on(self):
        """Also those that the C library keeps for itself."""
        self.run_job(*probe("catch", "stop-on=10", "print=inside", "wait"))
        self.program.wait_app("^inside")
        os.kill(self.job, signal.SIGUSR1)
        self.wait_stopped()
        self.type(b"fg\n")
        for number in (signal.SIGCONT.value, 32, 33, 34, 64, signal.SIGTSTP.value):
            if number != signal.SIGCONT:
                os.kill(self.job, number)
            self.program.wait_app(f"^signal {number} ")
        self.assertTrue(harness.is_alive(self.job))

    def test_pipeline_stops_and_goes_on_with_its_reader(self):
        """Where the terminal is another process's standard input, it stays with our group."""
        self.type(b"cat | ")
        self.run_job("/bin/cat")
        self.wait_child(self.shell, "cat")
        self.stop_by_key()
        self.type(b"fg\n")
        self.wait_going_on()
        self.type(b"word\n")
        self.program.wait_app("^word")
        self.type(CTRL_C)
        harness.wait_until(lambda: not harness.is_alive(self.job), "it ends")

    def test_pager_gets_the_terminal_when_it_reads_from_it(self):
        self.type(b"echo something | ")
        self.run_job("/bin/sh", "-c", "cat; read word </dev/tty; echo got $word")
        self.program.wait_app("^something")
        self.wait_foreground(self.app, self.shell)
        self.type(b"word\n")
        self.program.wait_app("^got word")

    def test_bg_lets_both_go_on_in_the_background(self):
        self.run_job(*probe("print=inside", "wait"))
        self.program.wait_app("^inside")
        self.stop_by_key()
        self.type(b"bg\n")
        self.wait_going_on()
        self.type(b"echo shell=$((1+2))\n")
        self.program.wait_app("shell=3")
        self.type(b"fg\n")
        self.wait_foreground(self.job, self.shell)

    def test_reading_in_the_background_stops_both(self):
        self.run_job("/bin/cat", end="&")
        self.wait_stopped()
        self.type(b"until [[ $(jobs) == *Stopped* ]]; do :; done; jobs; fg\n")  # the shell may hear of it later
        self.program.wait_app(r"^\[1\]\+  Stopped")
        self.wait_going_on()
        self.wait_foreground(self.app, self.shell)
        self.type(b"word\n")
        self.program.wait_app("^word")
        self.finish(130)

    def test_running_job_that_is_made_the_foreground_one_gets_the_terminal(self):
        """The shell gives its terminal to our group then, and sends nothing."""
        script = 'trap "read x; echo got \\$x" USR1; echo inside; while :; do sleep 1000 & wait; done'
        self.run_job("/bin/sh", "-c", script, end="&")
        self.program.wait_app("^inside")
        self.type(b"fg\n")
        self.wait_foreground(self.job, self.shell)
        os.kill(self.job, signal.SIGUSR1)
        self.wait_foreground(self.app, self.shell)
        self.type(b"word\n")
        self.program.wait_app("^got word")

    def test_job_in_a_session_of_its_own_stops_and_goes_on(self):
        self.run_job(*probe("print=inside", "wait"), options=("--setsid",))
        self.program.wait_app("^inside")
        self.stop_by_key()
        self.type(b"fg\n")
        self.wait_going_on()
        self.finish(130)

    def test_script_between_shell_and_us_stops_too(self):
        self.type(f"/bin/sh -c '{harness.LASTCALL} -q --listen=off --report=off /bin/cat; exit 7'\n".encode())
        script = self.wait_child(self.shell, "sh")
        self.job = self.wait_child(script, LASTCALL_NAME)
        self.app = self.wait_child(self.job, "cat")
        self.wait_foreground(self.app, self.shell)
        self.stop_by_key()
        self.type(b"fg\n")
        self.wait_going_on()
        self.wait_foreground(self.app, self.shell)
        self.type(CTRL_C)
        harness.wait_until(lambda: not harness.is_alive(self.job), "it ends")


class Alone(Terminal):
    """No shell waits for us: where we are PID 1, or what is called an orphaned group."""

    def test_key_stops_the_application_alone(self):
        for pid1 in BOTH_WAYS:
            program = self.start_session(command=probe("print=ready", "wait"), pid1=pid1)
            program.wait_app("^ready")
            app = program.app_pid()
            self.type(CTRL_Z)
            harness.wait_until(lambda: harness.process_state(app) == "T", "it stops")
            program.stop()
            self.assertEqual(program.wait().code, 128 + signal.SIGTERM)
            self.assert_in_time(program)
            os.close(self.keyboard)

    def test_key_before_the_application_runs_does_not_stop_it_half_way(self):
        """Between the call that gives it the terminal, which strace holds up, and its exec. We wait for
        the exec, and could not let it go on."""
        strace = harness.need_command("strace")
        log = os.path.join(self.temporary_directory(), "log")
        program = self.start_session(
            command=probe("catch", "print=ready", "wait"), binary=strace,
            before=["-qq", "-f", "-D", "-o", log, "-e", "trace=ioctl",
                    "-e", "inject=ioctl:delay_exit=300000", harness.LASTCALL],
            env=harness.NO_LEAK_CHECK)
        app = self.wait_child(program.pid, LASTCALL_NAME)
        self.wait_foreground(app, app)
        self.type(CTRL_Z)
        program.wait_app("^ready")
        program.stop()
        program.wait_app(f"^signal {signal.SIGTERM.value} ")

    def test_lost_terminal_hangs_up_on_a_stopped_application(self):
        """The kernel sends SIGHUP and SIGCONT to the session's leader, which is us."""
        for steps, code in ((("print=ready", "wait"), 129), (("exit-on=18:18", "print=ready", "wait"), 129)):
            for pid1 in BOTH_WAYS:
                program = self.start_session(command=probe(*steps), pid1=pid1)
                program.wait_app("^ready")
                app = program.app_pid()
                self.type(CTRL_Z)
                harness.wait_until(lambda: harness.process_state(app) == "T", "it stops")
                os.close(self.keyboard)
                self.assertEqual(program.wait().code, code)

    def test_lost_terminal_ends_nobody_who_catches_it(self):
        for pid1 in BOTH_WAYS:
            program = self.start_session(command=probe("catch", "print=ready", "wait"), pid1=pid1)
            program.wait_app("^ready")
            program.wait_started()
            os.close(self.keyboard)
            program.wait_app(f"^signal {signal.SIGHUP.value} ")
            program.wait_app(f"^signal {signal.SIGCONT.value} ")
            program.stop()
            program.wait_app(f"^signal {signal.SIGTERM.value} ")


class Session(Terminal):
    def test_application_gets_the_terminal_that_we_led(self):
        bash = harness.need_command("bash")
        for options in (("--setsid",), ("--setsid", "--drain=off")):
            for pid1 in BOTH_WAYS:
                program = self.start_session(*options, pid1=pid1, env={"PS1": "", "PS2": "", "HISTFILE": ""}, command=[
                    bash, "--norc", "--noprofile", "--noediting", "-i"])
                self.type(b"stty -echo; echo shell=$((1+1))\n")
                program.wait_app("shell=2")
                self.assertIsNone(program.err.find("no job control"))
                self.type(b"sleep 1000\n")
                sleep = self.wait_child(program.app_pid(), "sleep")
                self.wait_foreground(sleep, sleep)
                self.type(CTRL_Z)
                harness.wait_until(lambda: harness.process_state(sleep) == "T", "Ctrl-Z stops it")
                self.type(b"exit\nexit 7\n")
                self.assertEqual(program.wait().code, 7)
                os.close(self.keyboard)

    def test_hangup_of_leaving_it_is_not_forwarded_and_a_later_one_is(self):
        for pid1 in BOTH_WAYS:
            program = self.start_session("--setsid", command=probe("catch", "print=ready", "wait"), pid1=pid1)
            program.wait_app("^ready")
            program.wait_started()
            self.type(CTRL_C)
            program.wait_app(f"^signal {signal.SIGINT.value} ")
            self.assertIsNone(program.out.find(f"^signal ({signal.SIGHUP.value}|{signal.SIGCONT.value}) "))
            program.send(signal.SIGHUP)
            program.wait_app(f"^signal {signal.SIGHUP.value} ")
            os.close(self.keyboard)


if __name__ == "__main__":
    harness.main()
