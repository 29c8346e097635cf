# SPDX-License-Identifier: MIT
"""`docker run -it` with a shell: job control, Ctrl-C and Ctrl-Z are the shell's, as if no PID 1 of
ours were in between."""

import os
import pty
import re
import select
import signal
import sys
import time

import engine
import ring

CTRL_C, CTRL_Z = "\x03", "\x1a"
PROMPT = "shell> "


class Terminal:
    """The docker client on a pseudo-terminal of its own."""

    def __init__(self, arguments):
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            try:
                os.execvp("docker", ["docker", *arguments])
            finally:
                os._exit(127)
        self.seen = ""
        self._read_to = 0

    def type(self, text):
        os.write(self._terminal, text.encode())

    def expect(self, wanted, seconds=20):
        """Waits until the regular expression is seen, after what was expected before it."""
        deadline = time.monotonic() + seconds
        while not (match := re.compile(wanted).search(self.seen, self._read_to)):
            assert self._read(deadline), f"the terminal ended before {wanted!r}"
        self._read_to = match.end()
        return match

    def run(self, command):
        """What a command prints, at the prompt."""
        self.type(command + "\r")
        self.expect(re.escape(command) + r"\r+\n")  # the echo
        return self.expect(r"(?s)(.*?)" + PROMPT).group(1).strip()

    def start(self, command, word):
        """Starts a foreground command, up to the word that says it is there."""
        self.type(command + "\r")
        self.expect(re.escape(command) + r"\r+\n")
        self.expect(rf"{re.escape(word)}\r+\n")

    def exit_status(self, seconds=20):
        """Waits for the end of the client; its status is the container's."""
        deadline = time.monotonic() + seconds
        while self._read(deadline):
            pass
        _, status = os.waitpid(self.pid, 0)
        self.pid = None
        return os.waitstatus_to_exitcode(status)

    def close(self):
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._terminal)

    def _read(self, deadline):
        """Reads what there is; false at the end."""
        remaining = max(0, deadline - time.monotonic())
        readable, _, _ = select.select([self._terminal], [], [], remaining)
        assert readable, "nothing more is shown"
        try:
            data = os.read(self._terminal, 4096)
        except OSError:  # EIO: the other side is gone
            data = b""
        self.seen += data.decode(errors="replace")
        return data


class Shell(ring.ContainerTest):
    def setUp(self):
        name = f"lastcall-{self.events.run}-{self.id().rpartition('.')[2]}"
        arguments = [
            "run",
            "--interactive",
            "--tty",
            f"--name={name}",
            f"--label={engine.LABEL}={self.events.run}",
            f"--label={engine.LABEL}.source={engine.SOURCE}",
            f"--volume={engine.binary()}:/usr/bin/lastcall:ro",
            f"--env=PS1={PROMPT}",
            *self.options,
            "--entrypoint=lastcall",
            self.image,
            *("--", "bash", "--norc", "--noprofile", "--noediting", "-i"),
        ]
        self.terminal = Terminal(arguments)
        self.addCleanup(engine.remove, "rm", name)
        self.addCleanup(self.terminal.close)

    def check_shell(self):
        shell = self.terminal
        try:
            shell.expect(PROMPT)
            self.check_job_control(shell)
            self.check_interrupt(shell)
            self.check_suspend(shell)
            shell.type("exit 7\r")
            self.assertEqual(shell.exit_status(), 7)
        except BaseException:
            print(f"--- the terminal had shown:\n{shell.seen}", file=sys.stderr)
            raise
        self.assertNotIn("job control", shell.seen)
        self.assertNotIn("process group", shell.seen)

    def check_job_control(self, shell):
        self.assertIn("m", shell.run("echo $-"), "the shell has switched job control on")

    def check_interrupt(self, shell):
        shell.start("sh -c 'echo up; exec sleep 1000'", "up")
        shell.type(CTRL_C)
        shell.expect(PROMPT)
        self.assertEqual(shell.run("echo $?"), str(128 + signal.SIGINT))

    def check_suspend(self, shell):
        shell.start("sh -c 'echo up; exec cat'", "up")
        shell.type(CTRL_Z)
        shell.expect("Stopped")
        shell.expect(PROMPT)
        self.assertIn("Stopped", shell.run("jobs"))
        # fg names the job before that one has the terminal. What it reads, it has it for.
        shell.start("fg", "exec cat'")
        shell.type("hello\r")
        shell.expect(r"hello\r+\nhello\r+\n")
        shell.type(CTRL_C)
        shell.expect(PROMPT)
        self.assertEqual(shell.run("jobs"), "")


class Plain(Shell):
    def test_foreground_shell_has_job_control(self):
        self.check_shell()


class Hardened(Shell):
    options = engine.HARDENED

    def test_foreground_shell_has_job_control(self):
        self.check_shell()


if __name__ == "__main__":
    ring.main()
