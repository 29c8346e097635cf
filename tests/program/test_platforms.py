# SPDX-License-Identifier: MIT
"""Where nothing is configured: the platform that is recognised, its time before SIGKILL, and the lame duck that it
needs. The environments are those of tests/platforms."""

import glob
import os
import re
import signal
import threading

import harness
import http_client
from harness import probe

DOCKER = os.path.exists("/.dockerenv")
PODMAN = os.path.exists("/run/.containerenv")
LAST = ("Docker", "systemd", "none")  # what is recognised by more than the environment, or by nothing


class Fixture:
    def __init__(self, path):
        self.name = os.path.basename(path)
        with open(path) as file:
            lines = file.read().splitlines()
        comments = [line[2:] for line in lines if line.startswith("# ")]
        self.env = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
        expected = next(line for line in comments if line.startswith("expect: "))
        self.platform, self.time, self.source, self.lame_duck, self.reason = re.match(
            r"expect: ([^,]+), (\S+) \(([^)]+)\)(?:, (min-drain \S+|quiet-period \S+))?: ?(.*)$",
            expected).groups()
        self.needs_another_environment = any(line.startswith(("file:", "pid:")) for line in comments) or (
            self.platform in LAST)


FIXTURES = [Fixture(path) for path in sorted(glob.glob(os.path.join(
    harness.SOURCE, "tests", "platforms", "*.env")))]


class Recognised(harness.ProgramTest):
    def page(self, env, *options):
        program = harness.Program([*options, "--check"], [], env=env)
        self.programs.append(program)
        self.addCleanup(program.kill)
        self.assertEqual(program.wait().code, 0)
        return program

    def setting(self, program, name):
        return program.out.find(rf"^\s+{name}\s+(.*)$").group(1).split()[:2]

    def test_check_says_which_platform_and_why(self):
        self.assertGreater(len(FIXTURES), 30)
        for fixture in FIXTURES:
            if fixture.needs_another_environment:
                continue  # unit.platform has them
            with self.subTest(fixture=fixture.name):
                program = self.page(fixture.env)
                self.assertEqual(self.setting(program, "stop-timeout"), [fixture.time, fixture.source])
                self.assertTrue(program.out.find(
                    re.escape(f"Platform: {fixture.platform} ({fixture.reason}).")), program.out.all)
                for name in ("min-drain", "quiet-period"):
                    expected = ["0s", "default:"]
                    if fixture.lame_duck and fixture.lame_duck.startswith(name):
                        expected = [fixture.lame_duck.split()[1], re.sub(
                            r"^ECS_CONTAINER_STOP_TIMEOUT$", "ecs-default", fixture.source)]
                    self.assertEqual(self.setting(program, name), expected)

    def test_files_are_facts_too(self):
        expected = "Docker (/.dockerenv exists)" if DOCKER else "not recognised"
        if PODMAN:
            expected = "Podman (/run/.containerenv exists)"
        program = self.page({})
        self.assertTrue(program.out.find(re.escape(f"Platform: {expected}.")), program.out.all)
        self.assertEqual(self.setting(program, "stop-timeout")[0], "10s")

    def test_service_of_systemd_is_told_by_its_pid(self):
        program = self.page({"SYSTEMD_EXEC_PID": "1"})
        expected = ["10s", "docker-default"] if DOCKER else ["1m30s", "systemd-default"]
        self.assertEqual(self.setting(program, "stop-timeout"), ["10s", "podman-default"] if PODMAN else expected)

    def test_report_names_it(self):
        program = self.start_ready(command=probe("print=ready", "hang"), env={"FLY_MACHINE_ID": "1"})
        program.stop()
        program.wait()
        stop = program.report()["stop"]
        self.assertEqual((stop["timeout_ms"], stop["timeout_source"]), (5000, "fly-default"))


class AtOnce(harness.ProgramTest):
    """Below 2 s there is nothing to drain in."""

    def test_signals_are_forwarded_at_once_with_one_warning(self):
        program = self.start_ready(command=probe("name=nginx", "catch", "exit-on=10:3", "print=ready", "wait"),
                                   env={"RAILWAY_ENVIRONMENT_ID": "1"})
        program.stop()
        program.wait_app("signal 15 ")
        program.stop()  # as with --drain=off
        program.out.wait_count("signal 15 ", 2)
        program.send(signal.SIGUSR1)
        ending = program.wait()
        self.assertEqual(ending.code, 3)
        report = program.report()
        self.assertEqual(report["stop"]["timeout_ms"], 0)
        self.assertEqual(report["phases_ms"]["drain"], 0)
        self.assertIsNone(report["headroom_ms"])  # no limit is known
        warnings = [line for line in program.said() if "warning: " in line]
        self.assertEqual(len(warnings), 1, warnings)
        self.assertIn("Railway leaves 0s", warnings[0])

    def test_options_without_effect_are_named(self):
        program = self.start("--min-drain=5s", command=probe("exit=0"),
                             env={"RAILWAY_ENVIRONMENT_ID": "1", "LASTCALL_DRAIN_BUDGET": "3s"})
        self.assertEqual(program.wait().code, 0)
        self.assertTrue(program.err.find(
            "nothing is drained; .*; without effect: LASTCALL_DRAIN_BUDGET=3s, --min-drain=5s"))

    def test_short_time_is_kept(self):
        program = self.start_ready(command=probe("ignore=15", "print=ready", "wait"),
                                   env={"RAILWAY_DEPLOYMENT_DRAINING_SECONDS": "1"})
        program.stop()
        self.assertEqual(program.wait().code, 137)
        report = program.report()
        self.assertEqual(report["outcome"], "killed")
        self.assertLess(report["phases_ms"]["total"], 1000)


class LameDuck(harness.ProgramTest):
    KUBERNETES = {"KUBERNETES_SERVICE_HOST": "10.96.0.1"}
    ECS = {"ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/x"}

    def serve(self, env, *options):
        program = self.start(*options, command=probe(f"serve={harness.APP_PORT}", "hang"), env=env)
        program.wait_serving()
        return program

    def stop(self, program):
        program.stop()
        program.wait()
        return program.report()["phases_ms"]

    def test_pod_serves_on_while_its_endpoints_are_removed(self):
        program = self.serve(self.KUBERNETES)
        phases = self.stop(program)
        self.assertTrue(program.err.find(r"serving for at least 5s \(kubernetes-default\)$"), program.said())
        self.assertEqual(phases["min_drain"], 5000)
        self.assertGreaterEqual(phases["drain"], 5000)
        self.assertLess(phases["drain"], 6000)

    def test_worker_of_a_pod_does_not_wait(self):
        program = self.start_ready(command=probe("print=ready", "hang"), env=self.KUBERNETES)
        phases = self.stop(program)
        self.assertEqual(phases["min_drain"], 0)
        self.assertLess(phases["drain"], 2000)

    def test_given_minimum_wins(self):
        self.assertLess(self.stop(self.serve(self.KUBERNETES, "--min-drain=0s"))["drain"], 2000)
        self.assertLess(self.stop(self.serve(self.KUBERNETES, "--quiet-period=100ms"))["drain"], 2000)

    def test_task_serves_until_nothing_has_come_for_a_second(self):
        phases = self.stop(self.serve(self.ECS))
        self.assertGreaterEqual(phases["drain"], 1000)
        self.assertLess(phases["drain"], 3000)

    def test_task_that_goes_on_being_asked_ends_all_the_same(self):
        program = self.serve(self.ECS)
        ended = threading.Event()

        def ask():
            while not ended.wait(0.2):
                try:
                    http_client.ask(program, harness.APP_PORT, "/d1/b1/c")
                except OSError:
                    return

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        try:
            drain = self.stop(program)["drain"]
        finally:
            ended.set()
            thread.join()
        self.assertGreaterEqual(drain, 4900)
        self.assertLess(drain, 7000)


if __name__ == "__main__":
    harness.main()
