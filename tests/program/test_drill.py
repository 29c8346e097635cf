# SPDX-License-Identifier: MIT
"""lastcall-drill, against small servers that end well or badly: what it says, and how it exits."""

import contextlib
import itertools
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import unittest.mock

import drill_case
import harness
from drill_case import DRILL, FAIL, INCONCLUSIVE, PASS, UNREACHED, USAGE

SERVER = pathlib.Path(__file__).with_name("drill_server.py")
ENGINE = pathlib.Path(__file__).with_name("drill_engine")

# What a graceful server without a load balancer's patience does to new clients is another test's.
REPEATED = "--retry-safe=refused,reset_connect,reset_before_response,eof_before_response"
QUICK = ("--in-flight=8", "--slow=/slow", "--keep-alive=4", "--burst=4", "--rate=20", REPEATED)


def processes_of_ours():
    """The command lines of those that are in our network."""
    ours = os.readlink("/proc/self/ns/net")
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.readlink(path / "ns" / "net") == ours and int(path.name) != os.getpid():
                line = (path / "cmdline").read_bytes()  # empty: it has been killed
                if line:
                    found.append(line.replace(b"\0", b" ").decode(errors="replace"))
    return found


def can_connect(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True


class DrillTest(drill_case.DrillTestCase):
    def setUp(self):
        super().setUp()
        self.url = f"--url=http://127.0.0.1:{self.port}/quick"

    def server(self, manner, *arguments):
        return (sys.executable, str(SERVER), manner, str(self.port), *map(str, arguments))

    def command(self, *options):
        return (DRILL, self.url, f"--json={self.directory}/result.json", *options)

    def drill(self, *options, seconds=60):
        """Runs it to its end."""
        self.done = subprocess.run(
            self.command(*options), capture_output=True, text=True, timeout=seconds
        )
        return self.done

    def result(self):
        return json.loads((self.directory / "result.json").read_text())

    def assert_status(self, status, *options):
        done = self.drill(*options)
        self.assertEqual(done.returncode, status, f"{done.args}\n{done.stdout}\n{done.stderr}")
        self.assertEqual(processes_of_ours(), [], "processes left behind")
        return done

    def cut_clients(self, run):
        """How many requests were accepted and had no answer, whatever the verdict makes of them."""
        return sum(
            count for cohort in run["cohorts"].values()
            for outcome, count in cohort["outcomes"].items() if outcome not in ("ok", "refused"))

    def failed_checks(self):
        return sorted(c["name"] for c in self.result()["checks"] if not c["passed"])


class Verdicts(DrillTest):
    def test_a_graceful_server_passes(self):
        self.assert_status(PASS, *QUICK, "--runs=3", "--", *self.server("graceful"))
        result = self.result()
        self.assertEqual(result["verdict"], "pass")
        self.assertEqual(len(result["runs"]), 3)
        for run in result["runs"]:
            numbers = run["numbers"]
            self.assertEqual(numbers["in_flight_at_stop"], 8)
            self.assertEqual(numbers["in_flight_completed"], 8)
            self.assertLess(numbers["overshoot_s"], 1)
            self.assertGreater(numbers["deadline_margin_s"], 5)
            self.assertEqual(run["exit"]["code"], 0)

    def test_an_abrupt_server_fails(self):
        self.assert_status(FAIL, *QUICK, "--runs=2", "--", *self.server("abrupt"))
        self.assertEqual(self.failed_checks(), ["in_flight_cut"])
        for run in self.result()["runs"]:
            self.assertEqual(run["numbers"]["in_flight_cut"], 8)
            self.assertEqual(run["exit"]["signal"], signal.SIGTERM)

    def test_an_abrupt_server_passes_under_lastcall(self):
        health = harness.HEALTH_PORT
        self.assert_status(
            PASS, *QUICK, "--runs=2", f"--health-url=http://127.0.0.1:{health}/healthcheck",
            "--", harness.LASTCALL, f"--listen=127.0.0.1:{health}", "--", *self.server("abrupt"),
        )
        for run in self.result()["runs"]:
            # On a busy machine the kept connections may stay in doubt for --longest-request. If that
            # takes the budget, a new connection may come just as the server ends.
            self.assertIn(run["server"]["outcome"], ("drained", "budget_exhausted"))
            self.assertLessEqual(run["server"]["cut"], self.cut_clients(run))
            self.assertEqual(run["disagreements"], [])
            self.assertLess(run["marks_s"]["unhealthy"], 0.5)

    def test_a_deaf_server_is_killed_at_the_deadline(self):
        self.assert_status(
            FAIL, *QUICK, "--runs=1", "--stop-timeout=1500ms", "--", *self.server("deaf"))
        self.assertEqual(self.failed_checks(), ["ended_by_itself", "min_margin"])
        self.assertEqual(self.result()["runs"][0]["exit"]["signal"], signal.SIGKILL)

    def test_exit_0_does_not_hide_truncated_answers(self):
        self.assert_status(
            FAIL, "--in-flight=4", "--download=/big", "--read-rate=1M/s", "--runs=1",
            "--", *self.server("hasty"))
        run = self.result()["runs"][0]
        self.assertIn("truncated", self.failed_checks())
        self.assertEqual(run["exit"]["code"], 0)
        self.assertEqual(run["numbers"]["in_flight_cut"], 4)

    def test_a_nul_does_not_hide_lastcalls_word(self):
        line = 'printf "a\\000b\\n" >&2; exec "$@"'
        self.assert_status(
            PASS, "--in-flight=0", "--keep-alive=2", "--burst=0", "--rate=0", "--runs=1", REPEATED, "--",
            "sh", "-c", line, "sh", harness.LASTCALL, "--listen=off", "--longest-request=100ms", "--",
            *self.server("graceful"))
        self.assertEqual(self.result()["runs"][0]["server"]["outcome"], "drained")

    def test_lastcalls_word_is_held_against_the_clients(self):
        """The application throws away what it has not written; lastcall sees bytes that were all
        acknowledged, and a clean exit."""
        done = self.assert_status(
            FAIL, "--in-flight=4", "--download=/big", "--read-rate=1M/s", "--runs=1",
            "--keep-alive=0", "--burst=0", "--rate=0", "--",
            harness.LASTCALL, "--listen=off", "--order=signal-first", "--", *self.server("hasty"))
        run = self.result()["runs"][0]
        self.assertEqual(run["server"]["cut"], 0)
        if run["server"]["unknown"] < 4:  # it had written the last piece just before the end
            self.assertRegex(run["disagreements"][0], r"nothing was cut.*; 4 of 4 requests were")
            self.assertIn("nothing was cut", done.stdout)

    def test_a_control_that_fails_as_it_has_to(self):
        control = " ".join(self.server("abrupt"))
        self.assert_status(
            PASS, *QUICK, "--runs=1", f"--control=exec {control}", "--",
            *self.server("graceful"))

    def test_a_control_that_passes_proves_nothing(self):
        control = " ".join(self.server("graceful"))
        done = self.assert_status(
            INCONCLUSIVE, *QUICK, "--runs=1", f"--control=exec {control}", "--",
            *self.server("graceful"))
        self.assertIn("the control did not fail", done.stdout)
        done = self.assert_status(
            INCONCLUSIVE, *QUICK, "--runs=1", f"--control={control}; true", "--", *self.server("graceful"))
        self.assertIn("begin the line of --control with exec", done.stdout)

    def test_an_idle_server_is_stopped_too(self):
        self.assert_status(
            PASS, "--in-flight=0", "--keep-alive=2", "--burst=0", "--rate=0", "--max-stop=1s",
            "--runs=2", REPEATED, "--", *self.server("graceful"))
        self.assertEqual(self.result()["runs"][0]["numbers"]["in_flight_at_stop"], 0)

    def test_limits_decide(self):
        self.assert_status(
            FAIL, *QUICK, "--runs=1", "--max-stop=1ms", "--min-margin=9900ms", "--max-gap=1ms",
            "--", *self.server("graceful"))
        self.assertEqual(self.failed_checks(), ["max_gap", "max_stop", "min_margin"])
        self.assert_status(
            PASS, *QUICK, "--runs=1", "--min-completion=0", "--", *self.server("abrupt"))
        self.assert_status(
            FAIL, *QUICK, "--runs=1", "--fail-on=none,in_flight_cut>7", "--",
            *self.server("abrupt"))


class Targets(DrillTest):
    def start(self, manner):
        process = subprocess.Popen(self.server(manner))
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_a_process_that_runs_already(self):
        process = self.start("graceful")
        done = self.drill(*QUICK, f"--pid={process.pid}")
        self.assertEqual(done.returncode, PASS, done.stdout + done.stderr)
        self.assertEqual(process.wait(10), 0)
        self.assertEqual(len(self.result()["runs"]), 1)
        self.assertIsNone(self.result()["runs"][0]["exit"])

    def test_a_process_cannot_be_started_again(self):
        done = self.assert_status(USAGE, "--runs=2", f"--pid={os.getpid()}")
        self.assertIn("--start-cmd", done.stderr)

    def test_a_daemon_with_a_pid_file(self):
        pid_file = self.directory / "pid"
        start = "sleep 1000 & " + " ".join(self.server("daemon", pid_file))  # which is to end, too
        self.assert_status(
            FAIL, *QUICK, "--runs=2", f"--start-cmd=rm -f {pid_file}; {start}",
            f"--pid-file={pid_file}")
        signals = [run["exit"]["signal"] for run in self.result()["runs"]]
        self.assertEqual(signals, [signal.SIGTERM] * 2)

    def test_a_stop_command(self):
        process = self.start("graceful")
        line = f"kill -TERM {process.pid} #{' is all of it' * 30}"
        done = self.drill(*QUICK, f"--pid={process.pid}", f"--stop-cmd={line}")
        self.assertEqual(done.returncode, PASS, done.stdout + done.stderr)
        self.assertEqual(self.result()["stop"], line)

    def test_a_stop_command_that_outlives_the_target_was_not_left_by_it(self):
        pid_file = self.directory / "pid"
        self.assert_status(PASS, *QUICK, "--runs=1", f"--stop-cmd=kill -TERM $(cat {pid_file}); sleep 1000", "--",
                           "sh", "-c", 'echo $$ >"$0"; exec "$@"', str(pid_file), *self.server("graceful"))

    def test_a_stop_command_that_fails_stops_nothing(self):
        process = self.start("graceful")
        done = self.drill(
            *QUICK, f"--pid={process.pid}", "--stop-cmd=echo no such unit >&2; exit 5")
        self.assertIsNone(process.poll())
        self.assertIn("the stop command failed: no such unit", done.stdout)
        self.assertEqual(done.returncode, INCONCLUSIVE)
        done = self.drill(*QUICK, f"--pid={process.pid}", "--stop-cmd=exit 5")
        self.assertIn("the stop command failed: exited with 5", done.stdout)

    def test_what_the_target_leaves_is_ended(self):
        self.assert_status(FAIL, *QUICK, "--runs=1", "--", *self.server("litter"))

    def test_a_target_that_may_not_be_executed(self):
        done = self.assert_status(UNREACHED, "--", "/dev/null")
        self.assertIn("cannot execute '/dev/null': Permission denied", done.stderr)

    def test_a_target_that_leaves_its_process_group_is_ended(self):
        """Before it has answered, so that nothing but the drill ends it."""
        leaves = "import os, time; os.setpgid(0, os.getpgid(os.getppid())); time.sleep(1000)"
        self.assert_status(
            UNREACHED, "--runs=1", "--start-timeout=1s", "--", sys.executable, "-c", leaves)

    def test_answers_to_head_have_no_body(self):
        (self.directory / "quick").write_text("a length that is only said\n")
        self.assert_status(
            PASS, "--runs=1", "--method=HEAD", "--in-flight=0", "--keep-alive=2", "--burst=0", "--rate=0", REPEATED,
            "--", sys.executable, "-m", "http.server", "--bind=127.0.0.1", f"--directory={self.directory}",
            str(self.port))

    def test_a_target_that_cannot_be_reached(self):
        done = self.assert_status(UNREACHED, "--", "no-such-program")
        self.assertIn("cannot execute 'no-such-program'", done.stderr)
        done = self.assert_status(UNREACHED, "--", "sh", "-c", "echo out of disk >&2; exit 3")
        self.assertIn("exited with 3 before it answered; it said 'out of disk'", done.stderr)
        done = self.assert_status(UNREACHED, "--start-timeout=1s", "--", *self.server("babble"))
        self.assertIn("does not answer well within 1s: what comes is no answer in HTTP/1\n", done.stderr)
        done = self.assert_status(UNREACHED, "--start-timeout=200ms", "--", "sleep", "1000")
        self.assertIn("does not answer well within 200ms: Connection refused", done.stderr)
        done = self.assert_status(
            UNREACHED, "--start-timeout=200ms", "--unix-socket=/nonexistent", "--", "sleep", "1000")
        self.assertIn("does not answer well within 200ms by the socket '/nonexistent': ", done.stderr)

    def test_another_server_is_not_drilled_in_its_place(self):
        """The command cannot listen where another server does already, which the stop would not touch."""
        other = self.start("graceful")
        url = self.url.removeprefix("--url=")
        harness.wait_until(lambda: can_connect(self.port), "it listens")
        done = self.drill(*QUICK, "--", *self.server("graceful"))
        self.assertEqual(done.returncode, UNREACHED, done.stdout)
        self.assertIn(f"'{url}' is answered before the target was started: by another\n", done.stderr)
        self.assertIsNone(other.poll())

    def test_a_control_that_cannot_be_reached_is_named(self):
        done = self.assert_status(
            UNREACHED, *QUICK, "--control=exit 3", "--", *self.server("graceful"))
        self.assertIn("error: the control: the target exited with 3 before it answered\n", done.stderr)

    def test_another_host_is_not_asked(self):
        self.url = "--url=http://192.0.2.1/"
        done = self.assert_status(USAGE, "--", "sleep", "1000")
        self.assertIn("--allow-remote", done.stderr)


class Engines(DrillTest):
    """An engine of the test's own, which may be gone at the worst moment."""

    def setUp(self):
        super().setUp()
        environment = {"ENGINE_STATE": str(self.directory)}
        self.enterContext(unittest.mock.patch.dict(os.environ, environment))

    def drill_container(self, status, fails=""):
        os.environ["ENGINE_FAILS"] = fails
        return self.assert_status(
            status, *QUICK, "--runs=1", f"--engine={ENGINE}", "--docker-run", "--",
            *self.server("graceful"))

    def test_a_container_passes(self):
        self.drill_container(PASS)
        run = self.result()["runs"][0]
        self.assertEqual(run["exit"]["code"], 0)
        self.assertEqual(run["numbers"]["in_flight_completed"], 8)

    def test_who_cannot_be_stopped_shows_nothing(self):
        done = self.drill_container(INCONCLUSIVE, "stop")
        self.assertIn("drill_engine could not stop it: Cannot connect to the engine\n", done.stdout)

    def test_an_end_that_nobody_sees_is_none(self):
        """The client that waits fails, while the container goes on."""
        done = self.drill_container(INCONCLUSIVE, "wait")
        self.assertIn("drill_engine wait failed: Cannot connect to the engine\n", done.stdout)
        self.assertIsNone(self.result()["runs"][0]["marks_s"]["exit"])

    def test_a_status_that_is_no_number_is_unknown(self):
        """It was taken for 0, which is a good end."""
        self.drill_container(PASS, "number")
        self.assertIsNone(self.result()["runs"][0]["exit"])

    def test_words_that_are_not_understood_are_said(self):
        done = self.drill_container(UNREACHED, "inspect")
        self.assertIn("inspect says 'no such thing', which is not understood\n", done.stderr)


class Interrupts(DrillTest):
    def interrupt(self, number, *options):
        """Interrupts it once the first run is over."""
        drill = subprocess.Popen(
            self.command(*options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(drill.kill)
        line = drill.stderr.readline()
        self.assertIn("run 1 of", line)
        drill.send_signal(number)
        out, _ = drill.communicate(timeout=30)
        self.assertEqual(processes_of_ours(), [], "processes left behind")
        return drill.returncode, out

    def test_the_report_is_partial(self):
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
            status, out = self.interrupt(
                number, *QUICK, "--runs=50", "--", *self.server("graceful"))
            self.assertEqual(status, 128 + number)
            result = self.result()
            self.assertTrue(result["interrupted"])
            self.assertEqual(result["runs"][0]["numbers"]["in_flight_completed"], 8)
            self.assertLess(len(result["runs"]), 50)
            self.assertIn("run", out)

    def test_a_killed_drill_leaves_no_target(self):
        """The next drill would find its port taken."""
        for place in ("child", "pid1"):
            with self.subTest(place):
                drill = subprocess.Popen(
                    self.command(*QUICK, "--runs=50", f"--as={place}", "--", *self.server("graceful")),
                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                self.addCleanup(drill.stderr.close)
                self.addCleanup(drill.kill)
                self.assertIn("run 1 of", drill.stderr.readline())
                harness.wait_until(lambda: harness.children_of(drill.pid), "the second run begins")
                drill.kill()
                drill.wait()
                harness.wait_until(lambda: processes_of_ours() == [], "the target ends")

    def drill_of(self, tracer):
        """strace has short-lived children of its own."""
        return next((pid for pid in harness.children_of(tracer) if harness.process_name(pid) == "lastcall-drill"), None)

    def test_a_drill_that_is_killed_while_it_starts_a_target_leaves_none(self):
        """Before the kernel knows that the two belong together, and while the target still has the drill's handlers."""
        strace = harness.need_command("strace")
        for place, call in itertools.product(("child", "pid1"), ("prctl", "prlimit64")):
            with self.subTest(place=place, call=call):
                tracer = subprocess.Popen(
                    (strace, "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:delay_enter=1000000",
                     *self.command(*QUICK, f"--as={place}", "--", *self.server("graceful"))),
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                self.addCleanup(tracer.kill)
                drill = harness.wait_until(lambda: self.drill_of(tracer.pid), "the drill starts")
                target = harness.wait_until(lambda: harness.children_of(drill), "the target starts")[0]
                harness.wait_until(lambda: os.getpgid(target) == target, "it has a group of its own")
                os.kill(drill, signal.SIGKILL)
                harness.wait_until(lambda: processes_of_ours() == [], "the target ends")
                tracer.wait()

    def test_what_was_ignored_stays_so(self):
        """As under nohup."""
        drill = subprocess.Popen(
            ("sh", "-c", 'trap "" HUP; exec "$@"', "sh", *self.command(*QUICK, "--runs=2", "--", *self.server("graceful"))),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(drill.kill)
        self.assertIn("run 1 of", drill.stderr.readline())
        drill.send_signal(signal.SIGHUP)
        drill.communicate(timeout=30)
        self.assertEqual(drill.returncode, PASS)


class CommandLine(DrillTest):
    def assert_refused(self, line, *options):
        done = subprocess.run((DRILL, *options), capture_output=True, text=True, timeout=10)
        self.assertEqual(done.returncode, USAGE)
        self.assertEqual(done.stderr, f"lastcall-drill: error: {line}\n")
        self.assertEqual(done.stdout, "")

    def test_bad_usage_is_one_line(self):
        url = self.url
        for line, *options in (
            ("no URL; give one, like http://127.0.0.1:8080/, before --", "--", "true"),
            ("no URL; give one, like http://127.0.0.1:8080/, before --", "--", "http://127.0.0.1/"),
            ("--key needs --cert", url, "--key=x", "--", "true"),
            ("--cert is for an https:// URL", url, "--cert=x", "--", "true"),
            ("--unix-socket and --connect-to; give one of them", url, "--unix-socket=/x",
             "--connect-to=a:1:b:2", "--", "true"),
            ("--connect-to='a:1:b' is not accepted; give HOST:PORT:HOST:PORT, any of them empty, 8 at most",
             url, "--connect-to=a:1:b"),
            ("--expect-body='(' is not accepted; give an extended regular expression of POSIX", url,
             "--expect-body=("),
            ("no target; give --pid, --pid-file, --container, --deploy, or -- COMMAND", url),
            ("more than one target; give one of --pid, --pid-file, --container, --deploy, and -- COMMAND",
             url, "--pid=4711", "--", "true"),
            ("--docker-run needs an image; give -- [docker run's options] IMAGE", url,
             "--docker-run"),
            ("--start-cmd is for --pid-file and --container", url, "--start-cmd=true", "--pid=4711"),
            ("--stop-timeout of a container is in whole seconds, as that of docker stop -t", url,
             "--container=x", "--stop-timeout=1500ms"),
            ("--url='ftp://x' is not accepted; give a URL like http://127.0.0.1:8080/",
             "--url=ftp://x"),
            ("--pid='1' is not accepted; give a process number above 1", url, "--pid=1"),
            ("unknown option '--nope'; see lastcall-drill --help", "--nope"),
            ("--runs needs a value; see lastcall-drill --help", "--runs"),
            ("--control-url needs --control", url, "--control-url=http://127.0.0.1/", "true"),
            ("more than one output to '-'; give each a file", url, "--json=-", "--svg=-", "true"),
            ("more than one output to 'x'; give each a file", url, "--png=x", "--svg=x", "true"),
            ("--slow='slow' is not accepted; give a path that begins with '/', 8 of them at most",
             "--slow=slow"),
        ):
            self.assert_refused(line, *options)

    def test_an_output_takes_the_tables_place_under_every_name_of_standard_output(self):
        command = (self.url, *QUICK, "--runs=1")
        for path in ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
            done = subprocess.run((DRILL, *command, f"--json={path}", "--", *self.server("graceful")),
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, PASS, done.stderr)
            self.assertEqual(json.loads(done.stdout)["verdict"], "pass")
        for paths in (("-", "/dev/stdout"), ("/dev/stdout", "/dev/fd/1")):
            self.assert_refused(f"more than one output to '{paths[1]}'; give each a file", *command,
                                f"--json={paths[0]}", f"--junit={paths[1]}", "--", "sleep", "1000")

    def test_two_names_of_one_file_are_refused(self):
        (self.directory / "a").touch()
        (self.directory / "b").symlink_to("a")
        self.assert_refused(f"more than one output to '{self.directory}/b'; give each a file", self.url,
                            f"--json={self.directory}/a", f"--junit={self.directory}/b", "--", "sleep", "1000")

    def test_every_output_that_fails_is_named(self):
        """One error hides no other, and keeps no other output back."""
        output = self.directory / "output"
        environment = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "/nowhere/summary", "GITHUB_OUTPUT": str(output)}
        with unittest.mock.patch.dict(os.environ, environment):
            done = self.drill(*QUICK, "--runs=1", "--svg=/dev/full", "--", *self.server("graceful"))
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertIn("error: cannot write '/dev/full': No space left on device; "
                      "cannot write '/nowhere/summary': No such file or directory\n", done.stderr)
        self.assertTrue(output.read_text().startswith("verdict=pass\n"))

    def test_an_output_that_cannot_be_written_is_said_at_once(self):
        self.assert_refused(
            "cannot write '/nowhere/x.json': No such file or directory", self.url,
            "--json=/nowhere/x.json", "--", "sleep", "1000")

    def test_a_full_disk_is_no_success(self):
        for manner, status in (("graceful", USAGE), ("abrupt", FAIL)):
            done = self.drill(*QUICK, "--runs=1", "--svg=/dev/full", "--", *self.server(manner))
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn("error: cannot write '/dev/full': No space left on device\n", done.stderr)
        with open("/dev/full", "w", encoding="ascii") as full:
            for words in (("--help",), (self.url, *QUICK, "--runs=1", "--", *self.server("graceful"))):
                done = subprocess.run((DRILL, *words), stdout=full, stderr=subprocess.PIPE, text=True)
                self.assertEqual(done.returncode, USAGE, words)
                self.assertIn("cannot write", done.stderr)

    def test_without_a_standard_output_files_are_what_they_should_be(self):
        command = self.command(*QUICK, "--runs=1", "--", *self.server("graceful"))
        done = subprocess.run(("sh", "-c", 'exec "$@" <&- >&-', "sh", *command),
                              stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertIn("cannot write 'standard output': Bad file descriptor", done.stderr)
        self.assertEqual(self.result()["verdict"], "pass")

    def test_too_few_descriptors_are_said(self):
        for limit, line in ((4, r".*: Too many open files"),
                            (16, r"cannot put it under load: Too many open files; raise 'ulimit -n', .*")):
            command = self.command(*QUICK, "--", *self.server("graceful"))
            done = subprocess.run(("prlimit", f"--nofile={limit}", *command),
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, UNREACHED, done.stderr)
            self.assertRegex(done.stderr, f"^lastcall-drill: error: {line}\n$")

    def test_all_outputs_at_once(self):
        kinds = ("ndjson", "junit", "markdown", "openmetrics", "svg", "png")
        done = self.drill(
            *QUICK, "--runs=1", *(f"--{kind}={self.directory}/{kind}" for kind in kinds), "--",
            *self.server("graceful"))
        self.assertEqual(done.returncode, PASS, done.stdout + done.stderr)
        for kind in kinds:
            self.assertGreater((self.directory / kind).stat().st_size, 100, kind)
        lines = (self.directory / "ndjson").read_text().splitlines()
        self.assertGreater(sum(json.loads(line)["outcome"] == "ok" for line in lines), 8)

    def test_version_and_help(self):
        for option in ("--version", "-V"):
            done = subprocess.run((DRILL, option), capture_output=True, text=True)
            self.assertRegex(done.stdout, r"^lastcall-drill \d+\.\d+\.\d+\n$")
        done = subprocess.run((DRILL, "--help"), capture_output=True, text=True)
        self.assertEqual(done.returncode, 0)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)


if __name__ == "__main__":
    drill_case.main()
