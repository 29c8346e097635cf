# SPDX-License-Identifier: MIT
"""Called by the name of tini, dumb-init or catatonit we are that program: the same command line, under it
and under us, comes to the same. Where the other one is at fault, a test says what is right."""

import os
import platform
import pty
import re
import shutil
import signal
import tempfile
import unittest

import harness
from harness import BOTH_WAYS, probe

PEERS = ("tini", "dumb-init", "catatonit")
NAMES = (*PEERS, "tini-static", "docker-init", "podman-init")
OUR_OWN_NAME = "lastcall"

# Which of 1 to 31 is not handed on, besides SIGKILL, SIGSTOP and SIGCHLD: those of a terminal, of which
# dumb-init makes SIGSTOP.
FROM_TERMINAL = {signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}
DROPPED = {"tini": {signal.SIGTTIN, signal.SIGTTOU}, "dumb-init": FROM_TERMINAL,
           "catatonit": FROM_TERMINAL}
NEVER = {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}

# tini and catatonit take these for signs of their own faults, and die of them unless they are PID 1.
OF_FAULTS = {signal.SIGFPE, signal.SIGILL, signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT,
             signal.SIGTRAP, signal.SIGSYS}
FAULTLESS = {"tini": OF_FAULTS, "dumb-init": set(), "catatonit": OF_FAULTS}


# musl's getopt(3) has other words, and leaves alone what comes behind an operand; its execvp(3) has no
# shell for scripts.
OF_GLIBC = unittest.skipUnless(platform.libc_ver()[0] == "glibc", "the others are not those of glibc")


def bits(numbers):
    return f"{sum(1 << (number - 1) for number in numbers):x}"


class CompatTest(harness.ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="lastcall-compat.")
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        os.chmod(cls.directory, 0o755)
        for name in (*NAMES, OUR_OWN_NAME):
            os.symlink(harness.LASTCALL, os.path.join(cls.directory, name))

    def start_as(self, name, *words, theirs=False, **arguments):
        """The peer itself, or lastcall by its name, with this command line."""
        binary = harness.need_command(name) if theirs else os.path.join(self.directory, name)
        program = harness.Program(words, [], binary=binary, **arguments)
        program.name = name
        self.programs.append(program)
        self.addCleanup(program.kill)
        return program

    def both(self, name, *words, **arguments):
        return [self.start_as(name, *words, theirs=theirs, **arguments) for theirs in (True, False)]

    def end_of(self, program):
        """All that can be seen of it from outside, once it is gone."""
        ending = program.wait()
        return {"code": ending.code, "left": ending.left, "out": said(program, program.out.all),
                "err": said(program, program.err.all)}

    def assert_ends(self, expected):
        """That programs, all of them on their way, end with a status and leave so many behind."""
        for program, code, left in expected:
            with self.subTest(argv=program.argv):
                self.assertEqual((program.wait().code, program.ending.left), (code, left))

    def assert_same_end(self, name, *words, **arguments):
        theirs, ours = self.both(name, *words, **arguments)
        end = self.end_of(theirs)
        self.assertEqual(self.end_of(ours), end, f"{name} {words}")
        return end


def said(program, lines):
    """What is not the same in two runs: the path, the pid, and the inodes of pipes."""
    lines = [line.replace(program.argv[0], program.name) for line in lines]
    lines = [re.sub(r" \(lastcall [^)]*\)", "", line) for line in lines]
    return [re.sub(r" (\d+):\d+:(\d+)", r" \1:\2", line) for line in lines]


class CommandLine(CompatTest):
    def test_version_and_its_stream_are_the_same(self):
        for name, word in (("tini", "--version"), ("dumb-init", "-V"), ("dumb-init", "--version"),
                           ("catatonit", "-V"), ("catatonit", "--version")):
            theirs, ours = (self.end_of(program) for program in self.both(name, word))
            for end in theirs, ours:
                for stream in "out", "err":  # any version of it may be installed
                    end[stream] = [re.sub(r"\d+(\.\d+)+", "N", line) for line in end[stream]]
            self.assertEqual(ours, theirs)
            self.assertRegex(" ".join(ours["out"] + ours["err"]), r"(version |v)N")

    def test_docker_finds_the_version(self):
        """moby's parseInitVersion wants this beginning."""
        for name in ("docker-init", "tini-static", "catatonit"):
            program = self.start_as(name, "--version")
            program.wait()
            self.assertRegex(program.out.all[0], "^tini version [0-9]")

    def test_help_and_licence_go_to_the_same_stream(self):
        for name, word in (("tini", "-h"), ("tini", "-l"), ("dumb-init", "-h"),
                           ("dumb-init", "--help"), ("catatonit", "-h"), ("catatonit", "-L")):
            theirs, ours = (self.end_of(program) for program in self.both(name, word))
            self.assertEqual(ours["code"], theirs["code"])
            self.assertEqual(bool(ours["out"]), bool(theirs["out"]), f"{name} {word}")
            self.assertEqual(bool(ours["err"]), bool(theirs["err"]), f"{name} {word}")

    def test_every_letter_of_the_help_is_in_ours(self):
        for name in PEERS:
            theirs, ours = (self.end_of(program) for program in self.both(name, "-h"))
            letters = r"(?<!\S)(--?[A-Za-z-]+)(?=[,: ]|$)"
            listed = set(re.findall(letters, " ".join(theirs["out"] + theirs["err"])))
            self.assertGreater(len(listed), 3)
            self.assertLessEqual(listed, set(re.findall(letters, " ".join(ours["out"] + ours["err"]))))

    @OF_GLIBC
    def test_what_is_not_accepted_is_refused_with_the_same_words(self):
        refused = {
            "tini": [[], ["--"], ["-v"], ["-z", "x"], ["-e"], ["-e", "256", "x"], ["-e", "x", "x"],
                     ["-e", "-1", "x"], ["-p", "KILL", "x"], ["-p"], ["--version", "x"], ["--help"]],
            "dumb-init": [[], ["-c"], ["--"], ["--yolo", "x"], ["--yolo=1"], ["-z", "x"], ["-r"],
                          ["--rewrite"], ["--help=x"]],
            "catatonit": [[], ["-g"], ["--"], ["-z", "x"], ["--help"], ["--version=x"]],
        }
        for name, command_lines in refused.items():
            for words in command_lines:
                with self.subTest(name=name, words=words):
                    theirs, ours = (self.end_of(program) for program in self.both(name, *words))
                    self.assertEqual(ours["code"], theirs["code"])
                    self.assertEqual(ours["out"], theirs["out"])
                    self.assertEqual(ours["err"][0], theirs["err"][0])
                    if name != "tini":  # whose page of help follows
                        self.assertEqual(ours["err"], theirs["err"])

    @OF_GLIBC
    def test_bad_rewrites_are_refused_alike(self):
        for value in ("", "herp", "15", "15::12", "15:derp", "0:1", "1:-1", "1:100"):
            theirs, ours = (self.end_of(program)
                            for program in self.both("dumb-init", "-r", value, "/bin/true"))
            theirs["err"] = [line.replace(" 31.", " 64.") for line in theirs["err"]]
            self.assertEqual(ours, theirs)
            self.assertEqual(ours["code"], 1)

    @OF_GLIBC
    def test_dashes_and_words_come_to_the_same_command(self):
        for name, words in (
                ("tini", ["--", *probe("describe", "-v", "--", "x")]),
                ("tini", ["-v", "-e", "1", *probe("--", "describe", "-h")]),  # its usage's own form
                ("dumb-init", probe("describe", "-v", "--", "--help", "")),
                ("dumb-init", ["-v", "--", *probe("describe")]),
                ("catatonit", ["-g", "--", *probe("describe", "-V")])):
            theirs, ours = (self.end_of(program) for program in self.both(name, *words))
            self.assertEqual(arguments(ours), arguments(theirs))
            self.assertGreater(len(arguments(ours)), 1)

    def test_options_end_at_the_first_operand(self):
        """tini and catatonit go on looking for theirs among those of the application."""
        for name in NAMES:
            program = self.start_as(name, "/bin/sh", "-c", "echo $0 $1", "-v", "-h")
            self.assertEqual(program.wait().code, 0)
            self.assertEqual(program.out.all, ["-v -h"])


def arguments(end):
    return [line for line in end["out"] if line.startswith("argument ")]


class WhatTheApplicationIsGiven(CompatTest):
    # Without options, and with all that change something.
    WAYS = (("tini", ["--"]), ("tini-static", ["--"]), ("tini", ["-g", "-s", "--"]), ("dumb-init", []),
            ("dumb-init", ["-c"]), ("catatonit", ["--"]), ("catatonit", ["-g", "--"]))

    def assert_same_gifts(self, name, words, **arguments):
        theirs, ours = self.both(name, *words, *probe("describe"), **arguments)
        gifts = self.end_of(theirs)["out"]
        self.assertIn("described", gifts)
        self.assertEqual(self.end_of(ours)["out"], gifts, f"{name} {words}")
        return gifts

    def test_ids_directory_descriptors_and_variables_are_the_same(self):
        read_end, write_end = os.pipe()
        self.addCleanup(os.close, read_end)
        self.addCleanup(os.close, write_end)
        env = {"TINI_SUBREAPER": "1", "ODD": "a=b c", "CATATONIT_DEBUG": ""}
        for pid1 in BOTH_WAYS:
            for name, words in self.WAYS:
                if name == "catatonit":  # it hands on three blocked signals: see below
                    continue
                self.assert_same_gifts(name, words, pid1=pid1, settings=["cwd=/usr"], env=env,
                                       pass_fds=(read_end, write_end))

    def test_catatonit_gives_the_same_but_for_the_signals_that_it_leaves_blocked(self):
        for pid1 in BOTH_WAYS:
            for words in (["--"], ["-g", "--"]):
                theirs, ours = (self.end_of(program)["out"] for program in self.both(
                    "catatonit", *words, *probe("describe"), pid1=pid1, settings=["cwd=/usr"]))
                self.assertEqual(theirs[0], "blocked " + bits(FROM_TERMINAL))
                self.assertEqual(ours[0], "blocked 0")
                self.assertEqual(ours[1:], theirs[1:])

    def test_signal_mask_and_dispositions_are_handed_on(self):
        """tini does this right."""
        blocked = bits([signal.SIGUSR1, signal.SIGTERM, signal.SIGTTIN, 40, 64])
        ignored = bits([signal.SIGHUP, signal.SIGPIPE, signal.SIGTTOU, signal.SIGINT])
        settings = [f"block={blocked}", f"ignore={ignored}"]
        gifts = self.assert_same_gifts("tini", ["--"], settings=settings)
        self.assertEqual(gifts[:2], [f"blocked {blocked}", f"ignored {ignored}"])
        for name, words in self.WAYS[3:]:
            program = self.start_as(name, *words, *probe("describe"), settings=settings)
            program.wait()
            self.assertEqual(program.out.all[:2], gifts[:2])

    def test_we_keep_no_directory_busy(self):
        for name in PEERS:
            program = self.start_as(name, *probe("print=ready", "hang"), settings=["cwd=/usr"])
            program.wait_app("^ready")
            harness.wait_until(lambda: os.readlink(f"/proc/{program.pid}/cwd") == "/", "it moves")

    def test_socket_activation_is_the_applications(self):
        """podman sets LISTEN_PID=1 for the container; sd_listen_fds(3) compares it with getpid(2)."""
        for name, value, expected in (("catatonit", "1", "2"), ("catatonit", "17", "17"),
                                      ("catatonit", "x", "x")):
            theirs, ours = (self.end_of(program)["out"] for program in self.both(
                name, "--", *probe("describe"), env={"LISTEN_PID": value}))
            for out in (theirs, ours):
                self.assertIn(f"variable LISTEN_PID={expected}", out)

    def test_tini_s_parent_death_signal_reaches_tini(self):
        script = '"$0" "$@" & read line; exit 0'
        for theirs in (True, False):
            tini = harness.need_command("tini") if theirs else os.path.join(self.directory, "tini")
            read_end, write_end = os.pipe()
            program = harness.Program(
                ["-c", script, tini, "-p", "SIGTERM", "--", *probe("print=ready", "hang")], [],
                binary="/bin/sh", pid1=False, stdin=read_end)
            self.programs.append(program)
            self.addCleanup(program.kill)
            os.close(read_end)
            program.wait_app("^ready")
            os.close(write_end)
            self.assertEqual((program.wait().code, program.ending.left), (0, 0))


class Endings(CompatTest):
    def test_status_is_the_applications(self):
        for name in (*PEERS, "tini-static"):
            for step in ("exit=0", "exit=1", "exit=143", "exit=255", "raise=9", "raise=15", "raise=34"):
                self.assert_same_end(name, *probe(step))

    def test_tini_maps_codes_to_zero(self):
        for step in ("exit=143", "raise=15", "exit=7", "exit=8"):
            self.assert_same_end("tini", "-e", "143", "-e", "7", "--", *probe(step))

    def test_what_cannot_be_executed_is_said_with_the_same_words(self):
        """With the statuses of a shell, which tini has, too; dumb-init's is 2, catatonit's 1."""
        for command, status in (("/nonexistent", 127), ("nonexistent", 127), ("/etc/passwd", 126),
                                ("/etc", 126)):
            for name in PEERS:
                theirs, ours = (self.end_of(program) for program in self.both(name, "--", command))
                numbers = re.compile(r"\d+")  # theirs is said by the child
                self.assertEqual([numbers.sub("N", line) for line in ours["err"]],
                                 [numbers.sub("N", line) for line in theirs["err"]])
                self.assertEqual(ours["code"], status)
                if name == "tini":
                    self.assertEqual(theirs["code"], status)

    @OF_GLIBC
    def test_script_without_an_interpreter_is_the_shells(self):
        """glibc's execvp(3) does that for them, musl's does not."""
        script = os.path.join(self.temporary_directory(), "script")
        with open(script, "w") as file:
            file.write('echo "$0 $1 $2"; exit 3\n')
        os.chmod(script, 0o755)
        for name in PEERS:
            end = self.assert_same_end(name, "--", script, "a b", "c")
            self.assertEqual((end["out"], end["code"]), ([f"{script} a b c"], 3))
            end = self.assert_same_end(
                name, "--", "script", env={"PATH": f"/nonexistent:{os.path.dirname(script)}"})
            self.assertEqual(end["out"], [f"{script}  "])

    def test_nobody_is_waited_for_and_who_gets_sigterm_is_the_same(self):
        """A child of the application and a daemon of it are left when the main process ends."""
        expected = []
        for name, words, left in (("tini", ["-s"], 2), ("tini", ["-s", "-g"], 2), ("dumb-init", [], 1),
                                  ("dumb-init", ["-c"], 2), ("catatonit", [], 2)):
            for program in self.both(name, *words, *probe(
                    "child=plain", "daemon=deaf", "exit-on=10:5", "print=ready", "wait"), pid1=False):
                program.wait_app("^ready")
                program.out.wait_count("^child", 2)
                os.kill(program.children()[0], signal.SIGUSR1)
                expected.append((program, 5, left))
        self.assert_ends(expected)


class Signals(CompatTest):
    def hear(self, program, numbers):
        program.wait_app("^ready")
        for number in numbers:
            program.send(number)
            program.wait_app(f"^signal {int(number)} ")
        return [line for line in program.out.all if line.startswith("signal")]

    def test_the_same_signals_are_handed_on(self):
        for name in PEERS:
            numbers = set(range(1, 32)) - NEVER - DROPPED[name]
            for pid1 in BOTH_WAYS:
                theirs, ours = self.both(
                    name, "--", *probe("catch", "print=ready", "wait"), pid1=pid1)
                heard = self.hear(theirs, sorted(numbers - FAULTLESS[name]))
                self.assertEqual(
                    self.hear(ours, sorted(numbers - FAULTLESS[name])), heard)
                self.assertTrue(harness.is_alive(ours.pid))

    def test_all_others_are_handed_on_too(self):
        for name in PEERS:
            for pid1 in BOTH_WAYS:
                program = self.start_as(name, *probe("catch", "print=ready", "wait"), pid1=pid1)
                program.wait_app("^ready")
                for number in DROPPED[name] - (FROM_TERMINAL if name == "dumb-init" else set()):
                    program.send(number)
                numbers = set(range(1, 65)) - NEVER - DROPPED[name]
                heard = self.hear(program, sorted(numbers))
                self.assertEqual(len(heard), len(numbers), "one was dropped that is not to be")

    def test_dumb_init_rewrites(self):
        words = ["-r", "15:12", "--rewrite=12:15", "-r", "1:0", "-r", "31:1"]
        for arguments in ([], ["-c"]):
            for program in self.both("dumb-init", *words, *arguments,
                                     *probe("catch", "print=ready", "wait")):
                program.wait_app("^ready")
                for sent, heard in ((15, 12), (1, None), (12, 15), (31, 1), (2, 2)):
                    program.send(sent)
                    if heard is not None:
                        program.wait_app(f"^signal {heard} ")
                self.assertEqual(len([line for line in program.out.all if "signal" in line]), 4)

    def test_dumb_init_stops_with_its_session(self):
        for words in ([], ["-c"]):
            for number in FROM_TERMINAL:
                for program in self.both("dumb-init", *words, *probe("print=ready", "hang"), pid1=False):
                    program.wait_app("^ready")
                    app = program.children()[0]
                    program.send(number)
                    harness.wait_until(lambda: harness.process_state(program.pid) == "T", "it stops")
                    if not words:
                        harness.wait_until(lambda: harness.process_state(app) == "T", "with the session")
                    program.send(signal.SIGCONT)
                    harness.wait_until(lambda: harness.process_state(program.pid) != "T", "and goes on")
                    harness.wait_until(lambda: harness.process_state(app) != "T", "the session, too")
                    program.send(signal.SIGKILL)

    def test_dumb_init_s_own_stop_can_be_rewritten(self):
        for program in self.both("dumb-init", "-r", "20:1", *probe("catch", "print=ready", "wait"),
                                 pid1=False):
            program.wait_app("^ready")
            program.send(signal.SIGTSTP)
            program.wait_app("^signal 1 ")
            harness.wait_until(lambda: harness.process_state(program.pid) == "T", "it stops itself")
            program.send(signal.SIGCONT)
            program.wait_app(f"^signal {signal.SIGCONT.value} ")

    def test_group_or_main_process_alone(self):
        expected = []
        for name, words, env, left in (
                ("tini", [], {}, 1), ("tini", ["-g"], {}, 0),
                ("tini", [], {"TINI_KILL_PROCESS_GROUP": ""}, 0), ("dumb-init", [], {}, 0),
                ("dumb-init", ["-c"], {}, 1), ("dumb-init", [], {"DUMB_INIT_SETSID": "0"}, 1),
                ("catatonit", [], {}, 1), ("catatonit", ["-g"], {}, 0)):
            for program in self.both(name, *words, *probe("child=plain", "exit-on=10:6", "print=ready",
                                                          "wait"), env=env, pid1=False):
                program.wait_app("^ready")
                program.wait_app("^child")
                program.send(signal.SIGUSR1)
                expected.append((program, 6, left))
        self.assert_ends(expected)

    def test_pause_ends_with_sigterm_and_sigint_alone(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            for pid1 in BOTH_WAYS:
                for program in self.both("catatonit", "-P", pid1=pid1):
                    harness.wait_until(
                        lambda: blocks_signals(program.pid), "it is ready for signals")
                    for other in (signal.SIGHUP, signal.SIGUSR1, signal.SIGQUIT, signal.SIGCHLD, 40):
                        program.send(other)
                    self.assertTrue(harness.is_alive(program.pid))
                    program.send(number)
                    self.assertEqual(program.wait().code, 0)

    def test_pause_holds_on_to_nothing(self):
        read_end, write_end = os.pipe()
        self.addCleanup(os.close, read_end)
        program = self.start_as("catatonit", "-P", settings=["cwd=/usr"], pass_fds=(write_end,))
        os.close(write_end)
        self.assertEqual(os.read(read_end, 1), b"", "the other end is closed")
        harness.wait_until(lambda: os.readlink(f"/proc/{program.pid}/cwd") == "/", "it moves")
        program.send(signal.SIGTERM)
        self.assertEqual(self.end_of(program)["err"], [])


def blocks_signals(pid):
    with open(f"/proc/{pid}/status") as status:
        mask = re.search(r"^SigBlk:\s*(\w+)", status.read(), re.M)
    return int(mask[1], 16) >> (signal.SIGTERM - 1) & 1


class Orphans(CompatTest):
    def test_tini_warns_of_each_that_it_reaps(self):
        for words, env in ((["-w"], {}), ([], {}), (["-w"], {"TINI_VERBOSITY": "0"})):
            ends = []
            for program in self.both("tini", *words, "--", *probe(
                    "orphans=3", "exit-on=10:0", "print=ready", "wait"), env=env):
                program.wait_app("^ready")
                harness.wait_until(lambda: len(program.children()) == 1, "all are reaped")
                program.send(signal.SIGUSR1)
                end = self.end_of(program)
                end["err"].sort()  # the kernel chooses their order
                ends.append(end)
            self.assertEqual(ends[1], ends[0])
            self.assertEqual(len(ends[0]["err"]), 3 if words and not env else 0)

    def test_tini_warns_that_it_cannot_adopt(self):
        for words, env, lines in (([], {}, 3), (["-s"], {}, 0), ([], {"TINI_SUBREAPER": ""}, 0),
                                  ([], {"TINI_VERBOSITY": "0"}, 0)):
            end = self.assert_same_end(
                "tini", *words, "--", *probe("orphans=3", "exit=0"), env=env, pid1=False)
            self.assertEqual(len(end["err"]), lines)

    def test_who_adopts_is_the_same(self):
        for name, words, adopts in (("tini", [], False), ("tini", ["-s"], True),
                                    ("dumb-init", [], False), ("catatonit", [], True)):
            for program in self.both(
                    name, *words, *probe("daemon=plain", "print=ready", "hang"), pid1=False):
                program.wait_app("^ready")
                program.wait_app("^child")
                with self.subTest(argv=program.argv):
                    self.assertEqual(len(program.children()), 1 + adopts)

    def test_thousand_are_reaped_and_the_status_is_not_lost(self):
        for name in PEERS:
            for program in self.both(name, *probe("orphans=1000", "print=ready", "wait", "exit=3")):
                program.wait_app("^ready")
                harness.wait_until(lambda: len(program.children()) == 1, "all are reaped")
                program.send(signal.SIGTERM)
                self.assertEqual(program.wait().code, 128 + signal.SIGTERM)


class Messages(CompatTest):
    # What the child says of the terminal that it does not get, and how often a SIGCHLD came.
    PASSED_OVER = re.compile("setsid complete|controlling tty|debug mode|Received signal 17")

    def test_dumb_init_says_what_it_does(self):
        for words, env in ((["-v"], {}), ([], {"DUMB_INIT_DEBUG": "1"}), (["-vc"], {}),
                           (["-v", "-r", "15:10", "-r", "1:0"], {})):
            ends = []
            for program in self.both("dumb-init", *words, *probe("orphans=1", "exit-on=10:4",
                                                                 "print=ready", "wait"), env=env):
                program.wait_app("^ready")
                harness.wait_until(lambda: len(program.children()) == 1, "the orphan is reaped")
                program.err.wait_for("A child with PID 4")
                program.send(signal.SIGHUP) if len(words) > 1 else None
                program.err.wait_for("ignored") if len(words) > 1 else None
                program.send(signal.SIGTERM if len(words) > 1 else signal.SIGUSR1)
                end = self.end_of(program)
                end["err"] = [line for line in end["err"] if not self.PASSED_OVER.search(line)]
                ends.append(end)
            if words == ["-vc"]:  # a reaped child gets no signal
                ends[0]["err"].remove("[dumb-init] Forwarded signal 15 to children.")
            self.assertEqual(ends[1], ends[0])
            self.assertGreater(len(ends[0]["err"]), 5)

    def test_tini_says_what_it_does_but_never_on_standard_output(self):
        for words in (["-v"], ["-vv"]):
            theirs, ours = (self.end_of(program) for program in self.both("tini", *words, *probe("exit=4")))
            self.assertEqual(ours["out"], [])
            self.assertEqual(ours["err"], theirs["out"] + theirs["err"])

    def test_catatonit_says_what_it_does(self):
        program = self.start_as("catatonit", *probe("exit=4"), env={"CATATONIT_DEBUG": "1"})
        self.assertEqual(program.wait().code, 4)
        self.assertRegex(program.err.all[0], r"^DEBUG \(catatonit:1\): pid1 \(2\) spawned: ")

    def test_quiet_inits_say_nothing(self):
        for name in PEERS:
            end = self.assert_same_end(name, *probe("exit=0"))
            self.assertEqual((end["out"], end["err"]), ([], []))


class Terminal(CompatTest):
    def test_application_has_the_terminal(self):
        for name, words in (("tini", []), ("dumb-init", []), ("dumb-init", ["-c"]), ("catatonit", [])):
            for pid1 in BOTH_WAYS:
                seen = []
                for theirs in (True, False):
                    master, slave = pty.openpty()
                    self.addCleanup(os.close, master)
                    program = self.start_as(
                        name, *words, *probe("describe", "print=ready", "hang"), theirs=theirs, pid1=pid1,
                        settings=["terminal"], stdin=slave, stderr=slave)
                    os.close(slave)
                    program.wait_app("^ready")
                    seen.append((program.out.find("^ids .*").group(),
                                 os.tcgetpgrp(master) == program.children()[0]))
                    program.send(signal.SIGKILL)
                self.assertEqual(seen[0], seen[1], f"{name} {words}, PID 1: {pid1}")


class Drain(CompatTest):
    """With a LASTCALL_... variable the same command lines drain."""

    def test_variable_asks_for_a_drain(self):
        for name in NAMES:
            program = self.start_as(name, "--", *probe(f"serve={harness.APP_PORT}", "print=ready", "wait"),
                                    env={"LASTCALL_STOP_TIMEOUT": "5s"})
            program.wait_app("^ready")
            program.wait_serving()
            program.stop()
            self.assertEqual(program.wait().code, 128 + signal.SIGTERM)
            self.assertEqual(program.report()["outcome"], "drained")

    def test_script_without_an_interpreter_is_the_shells_in_a_drain_too(self):
        script = os.path.join(self.temporary_directory(), "script")
        with open(script, "w") as file:
            file.write("exit 3\n")
        os.chmod(script, 0o755)
        program = self.start_as("tini", "--", script, env={"LASTCALL_REPORT": "stderr"})
        self.assertEqual(program.wait().code, 3)
        self.assertEqual(program.report()["app"]["exit_code"], 3)

    def test_options_of_the_peer_count_in_a_drain(self):
        program = self.start_as(
            "dumb-init", "-r", "15:10", *probe("child=plain", "exit-on=10:7", "print=ready", "wait"),
            env={"LASTCALL_STOP_TIMEOUT": "5s"}, pid1=False)
        program.wait_app("^ready")
        program.wait_started()
        program.stop()
        self.assertEqual((program.wait().code, program.ending.left), (7, 0))
        self.assertEqual(program.report()["stop"]["signal"], "SIGTERM")
        program = self.start_as("tini", "-e", "143", "--", *probe("print=ready", "hang"),
                                env={"LASTCALL_STOP_TIMEOUT": "5s"})
        program.wait_app("^ready")
        program.wait_started()
        program.stop()
        self.assertEqual(program.wait().code, 0)
        self.assertEqual(program.report()["app"]["signal"], "SIGTERM")

    def test_variable_may_say_no(self):
        program = self.start_as("tini", "--", *probe("exit=0"), env={"LASTCALL_DRAIN": "off"})
        self.assertEqual(self.end_of(program), {"code": 0, "left": 0, "out": [], "err": []})

    def test_kubernetes_service_link_asks_for_nothing(self):
        """Every pod beside a service named lastcall has these."""
        program = self.start_as("tini", "--", *probe("exit=0"), env={
            "LASTCALL_PORT": "tcp://10.0.0.7:80", "LASTCALL_SERVICE_HOST": "10.0.0.7"})
        self.assertEqual(self.end_of(program), {"code": 0, "left": 0, "out": [], "err": []})

    def test_misspelt_variable_is_named(self):
        """Nothing else would say that the application is not drained."""
        program = self.start_as("tini", "--", *probe("exit=0"), env={"LASTCALL_DRIAN": "on"})
        self.assertEqual(program.wait().code, 0)
        self.assertRegex("\n".join(program.err.all), "^.*: LASTCALL_DRIAN is unknown, ignoring$")

    def test_bad_variable_is_refused(self):
        program = self.start_as("tini", "--", *probe("exit=0"), env={"LASTCALL_MARGIN": "often"})
        self.assertEqual(program.wait().code, 2)
        self.assertRegex(program.err.all[0], "LASTCALL_MARGIN='often'")

    def test_lastcall_below_does_it_by_itself(self):
        """docker run --init, in an image whose ENTRYPOINT is lastcall: one of them drains."""
        program = self.start_as(
            "docker-init", "--", os.path.join(self.directory, OUR_OWN_NAME), "--", *probe(
                f"serve={harness.APP_PORT}", "print=ready", "wait"), env={"LASTCALL_STOP_TIMEOUT": "5s"})
        program.wait_app("^ready")
        program.wait_serving()
        program.stop()
        self.assertEqual(program.wait().code, 128 + signal.SIGTERM)
        self.assertEqual(program.report()["outcome"], "drained")


if __name__ == "__main__":
    harness.main()
