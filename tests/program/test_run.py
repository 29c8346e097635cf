# SPDX-License-Identifier: MIT
"""Starting the application: what it is given, and what is said when it cannot be started."""

import os
import select
import signal
import stat

import harness
from harness import BOTH_WAYS, probe

NOT_FOUND = 127
NOT_EXECUTABLE = 126


def bit(*numbers):
    return sum(1 << (number - 1) for number in numbers)


class Inheritance(harness.ProgramTest):
    def described(self, *options, steps=("describe",), **arguments):
        program = self.start(*options, command=probe(*steps), **arguments)
        self.assertEqual(program.wait().code, 0)
        return program

    def test_signal_mask_and_dispositions_are_handed_on(self):
        blocked = bit(signal.SIGUSR1, signal.SIGTERM, signal.SIGTSTP, signal.SIGCHLD, 33, 34, 64)
        ignored = bit(signal.SIGHUP, signal.SIGPIPE, signal.SIGINT, signal.SIGTTOU, 50)
        for pid1 in BOTH_WAYS:
            program = self.described(
                settings=[f"block={blocked:x}", f"ignore={ignored:x}"], pid1=pid1)
            self.assertIn(f"blocked {blocked:x}", program.out.all)
            self.assertIn(f"ignored {ignored:x}", program.out.all)

    def test_nothing_blocked_stays_so(self):
        program = self.described()
        self.assertIn("blocked 0", program.out.all)
        self.assertIn("ignored 0", program.out.all)

    def test_ignored_sigchld_is_reset(self):
        program = self.described(settings=[f"ignore={bit(signal.SIGCHLD, signal.SIGHUP):x}"])
        self.assertIn(f"ignored {bit(signal.SIGHUP):x}", program.out.all)

    def test_working_directory_and_environment_are_handed_on(self):
        directory = self.temporary_directory()
        program = self.described(
            settings=[f"cwd={directory}"], env={"ODD": "a=b c", "LASTCALL_QUIET": "1"})
        self.assertIn(f"cwd {directory}", program.out.all)
        self.assertIn("variable ODD=a=b c", program.out.all)
        self.assertIn("variable LASTCALL_QUIET=1", program.out.all)

    def test_socket_activation_is_handed_on(self):
        """sd_listen_fds(3) compares LISTEN_PID with getpid(2), and LISTEN_PIDFDID with the inode of its own pidfd; those of
        another process are left alone."""
        for value in ("1", "12", ""):
            program = self.described(env={"LISTEN_PID": value, "LISTEN_PIDFDID": "4", "LISTEN_FDS": "1"})
            expected = program.out.find(r"^ids pid (\d+)").group(1) if value == "1" else value
            self.assertIn(f"variable LISTEN_PID={expected}", program.out.all)
            self.assertIn("variable LISTEN_FDS=1", program.out.all)
            self.assertEqual("variable LISTEN_PIDFDID=4" in program.out.all, value != "1")

    def test_we_ourselves_keep_no_directory_busy(self):
        program = self.start_ready(
            command=probe("print=ready", "hang"), settings=["cwd=/usr"])
        program.wait_started()
        self.assertEqual(os.readlink(f"/proc/{program.pid}/cwd"), "/")
        self.assertEqual(os.readlink(f"/proc/{program.app_pid()}/cwd"), "/usr")

    def test_inherited_descriptors_are_handed_on_and_no_others(self):
        read_end, write_end = os.pipe()
        high = os.dup2(write_end, 200)
        self.addCleanup(os.close, read_end)
        self.addCleanup(os.close, write_end)
        self.addCleanup(os.close, high)
        for pid1 in BOTH_WAYS:
            program = self.described(pass_fds=(read_end, write_end, high), pid1=pid1)
            line = next(line for line in program.out.all if line.startswith("descriptors"))
            found = {int(word.split(":")[0]): word.split(":")[1:] for word in line.split()[1:]}
            self.assertEqual(set(found), {0, 1, 2, read_end, write_end, high})
            inode, flags = found[write_end]
            self.assertEqual(int(inode), os.fstat(write_end).st_ino)
            self.assertEqual(int(flags, 8) & os.O_NONBLOCK, 0)
            self.assertEqual(int(found[2][1], 8) & os.O_NONBLOCK, 0, "stderr was made nonblocking")

    def test_inherited_descriptors_are_no_longer_ours_while_leftovers_last(self):
        """The main process has ended before lastcall closes its descriptors; what it left has closed its own."""
        for pid1 in BOTH_WAYS:
            read_end, write_end = os.pipe()
            self.addCleanup(os.close, read_end)
            leftover = " ".join(probe("hang"))
            program = self.start("--hurry", pid1=pid1, pass_fds=(write_end,), command=[
                "/bin/sh", "-c", f"trap '' TERM; {leftover} {write_end}>&- & exit 3"])
            os.close(write_end)
            readable, _, _ = select.select([read_end], [], [], 5)
            self.assertEqual((readable, os.read(read_end, 1) if readable else None), ([read_end], b""))
            program.send(signal.SIGTERM)
            program.send(signal.SIGINT)
            self.assertEqual(program.wait().code, 3)
            self.assertEqual(program.report()["app"]["leftovers_killed"], 1)

    def test_application_is_our_child_in_a_group_of_its_own(self):
        for pid1 in BOTH_WAYS:
            program = self.described(pid1=pid1)
            ids = program.out.find(r"ids pid (\d+) parent (\d+) group (\d+) session (\d+)").groups()
            self.assertEqual(ids[0], ids[2])
            if pid1:
                self.assertEqual(ids[1], "1")

    def test_options_end_at_the_first_operand(self):
        """tini and catatonit take -c for their own."""
        program = harness.Program(["--quiet", "/bin/sh", "-c", "echo $0 $1", "--verbose", "--", "x"], [])
        self.addCleanup(program.kill)
        self.assertEqual(program.wait().code, 0)
        self.assertEqual(program.out.all, ["--verbose --"])

    def test_arguments_after_the_dashes_are_all_the_applications(self):
        program = self.start("-q", command=["/bin/echo", "--help", "--", "-t", ""])
        self.assertEqual(program.wait().code, 0)
        self.assertEqual(program.out.all, ["--help -- -t "])

    def test_we_print_nothing_on_standard_output(self):
        program = self.start("--verbose", command=["/bin/true"])
        self.assertEqual(program.wait().code, 0)
        self.assertEqual(program.out.all, [])


class ExitStatus(harness.ProgramTest):
    def test_exit_codes_are_the_applications(self):
        for code in (0, 1, 2, 77, 126, 127, 128, 255):
            with self.subTest(code=code):
                program = self.start("--report=stderr", command=probe(f"exit={code}"))
                self.assertEqual(program.wait().code, code)
                self.assertEqual(program.report()["app"]["exit_code"], code)
                self.assertEqual(program.report()["outcome"], "app_exited")
                self.assertIsNone(program.report()["stop"]["signal"])

    def test_end_by_signal_is_128_and_the_signal(self):
        for number in (1, 2, 6, 9, 11, 15, 31, 34, 64):
            with self.subTest(signal=number):
                program = self.start("--report=stderr", command=probe(f"raise={number}"))
                self.assertEqual(program.wait().code, 128 + number)
                self.assertIsNone(program.report()["app"]["exit_code"])


class CannotExecute(harness.ProgramTest):
    def setUp(self):
        super().setUp()
        self.directory = self.temporary_directory()

    def make(self, name, content, mode=0o755, directory=None):
        path = os.path.join(directory or self.directory, name)
        with open(path, "w") as file:
            file.write(content)
        os.chmod(path, mode)
        return path

    def assert_refused(self, command, code, reason, **arguments):
        for pid1 in BOTH_WAYS:
            program = self.start(command=command, pid1=pid1, **arguments)
            ending = program.wait()
            self.assertEqual(ending.code, code)
            self.assertEqual(ending.left, 0, "a child was left")
            self.assertEqual(len(program.said()), 1, "one line says it all")
            self.assertRegex(program.said()[0], "^lastcall: error: cannot execute ")
            self.assertIn(reason, program.said()[0])
            self.assertIn(f"'{command[0]}'", program.said()[0])
            self.assertEqual(program.out.all, [])

    def test_missing_file_is_127(self):
        self.assert_refused(["/nowhere/to/be/found"], NOT_FOUND, "No such file")

    def test_name_not_in_the_path_is_127(self):
        self.assert_refused(["surely-not-a-command"], NOT_FOUND, "No such file")

    def test_empty_name_is_127(self):
        self.assert_refused([""], NOT_FOUND, "No such file")

    def test_missing_interpreter_is_127(self):
        script = self.make("script", "#!/nowhere/shell\n")
        self.assert_refused([script], NOT_FOUND, "No such file")

    def test_file_in_place_of_a_directory_is_127(self):
        file = self.make("file", "")
        self.assert_refused([f"{file}/program"], NOT_FOUND, "Not a directory")

    def test_file_without_permission_is_126(self):
        file = self.make("file", "#!/bin/sh\n", mode=0o644)
        self.assert_refused([file], NOT_EXECUTABLE, "Permission denied")

    def test_directory_is_126(self):
        self.assert_refused([self.directory], NOT_EXECUTABLE, "Permission denied")

    def test_script_without_its_first_line_is_126(self):
        """glibc's execvp would run it by a shell, musl's would not."""
        script = self.make("script", "echo hello\n")
        self.assert_refused([script], NOT_EXECUTABLE, "Exec format error")
        self.assert_refused(
            ["script"], NOT_EXECUTABLE, "Exec format error", env={"PATH": self.directory})

    def test_denied_in_one_path_element_and_found_in_a_later_one_is_run(self):
        first = os.path.join(self.directory, "first")
        second = os.path.join(self.directory, "second")
        os.mkdir(first)
        os.mkdir(second)
        self.make("tool", "#!/bin/sh\n", mode=0o644, directory=first)
        self.make("tool", "#!/bin/sh\necho found\n", directory=second)
        program = self.start("-q", command=["tool"], env={"PATH": f"{first}:{second}"})
        self.assertEqual(program.wait().code, 0)
        self.assertEqual(program.out.all, ["found"])
        self.assert_refused(["tool"], NOT_EXECUTABLE, "Permission denied",
                            env={"PATH": f"{first}:/nowhere"})

    def test_odd_path_elements_are_passed_over(self):
        self.make("tool", "#!/bin/sh\necho found\n")
        file = self.make("file", "")
        path = f"{file}:{'x' * 5000}:/nowhere:{self.directory}"
        program = self.start("-q", command=["tool"], env={"PATH": path})
        self.assertEqual(program.wait().code, 0)
        self.assertEqual(program.out.all, ["found"])

    def test_empty_path_element_is_the_working_directory(self):
        self.make("tool", "#!/bin/sh\necho found\n")
        for path in ("", ":/nowhere", "/nowhere:", "/nowhere::/nowhere"):
            with self.subTest(path=path):
                program = self.start("-q", command=["tool"], env={"PATH": path},
                                     settings=[f"cwd={self.directory}"])
                self.assertEqual(program.wait().code, 0)
                self.assertEqual(program.out.all, ["found"])

    def test_line_feeds_in_a_name_do_not_make_two_lines(self):
        program = self.start(command=["/no\nwhere\x1b[31m"])
        self.assertEqual(program.wait().code, NOT_FOUND)
        self.assertEqual(len(program.said()), 1)
        self.assertNotIn("\x1b", program.said()[0])

    def test_no_process_may_be_made(self):
        uid = harness.free_uid()
        program = self.start(command=["/bin/true"], settings=[f"user={uid}", "nproc=0"],
                             env=harness.NO_LEAK_CHECK)
        ending = program.wait()
        self.assertNotIn(ending.code, (0, -signal.SIGKILL))
        self.assertEqual(len(program.said()), 1)
        self.assertRegex(program.said()[0], "cannot fork to start '/bin/true': Resource temporarily")


if __name__ == "__main__":
    harness.main()
