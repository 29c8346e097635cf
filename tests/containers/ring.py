# SPDX-License-Identifier: MIT
"""What the tests of this ring have in common: an engine, an image, repetition, and how a run that
cannot take place is not taken for one that has passed."""

import concurrent.futures
import json
import os
import random
import sys
import time
import unittest

import engine
from client import get

SKIPPED = 77  # ctest's SKIP_RETURN_CODE
MUST_RUN = os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1"
SEED = os.environ.get("LASTCALL_TEST_SEED") or str(random.SystemRandom().randrange(10**9))
PORT = 8080  # above 1024: no capability is needed to listen there
HEALTH_PORT = 5278

SERVERS = {
    "http.server": ("python3", "/apps/slow_http.py"),
    "nginx": ("/apps/proxied",),  # http.server behind it, in the same container
}

LASTCALL = ("lastcall", "--")
TINI = ("/usr/bin/tini", "--")
OF_THE_IMAGE = ()  # whatever ENTRYPOINT it has


def report_validator():
    """A function that raises where a report does not fit docs/report.schema.json."""
    path = engine.SOURCE / "docs" / "report.schema.json"
    try:
        import jsonschema
    except ImportError:
        raise engine.Unavailable("no python3-jsonschema, to validate the reports with")
    schema = json.loads(path.read_text())
    dialect = jsonschema.validators.validator_for(schema)
    dialect.check_schema(schema)
    return dialect(schema).validate


class ContainerTest(unittest.TestCase):
    """Containers of one image, all of them described when they fail and removed in any case."""

    options = ()  # of docker run, for all containers of a class

    @classmethod
    def setUpClass(cls):
        try:
            engine.use_engine()
            cls.image = engine.image()
            engine.binary()
            cls.validate_report = staticmethod(report_validator())
        except engine.Unavailable as reason:
            raise unittest.SkipTest(str(reason))
        cls.events = engine.Events()
        cls.addClassCleanup(cls.events.close)

    def container(self, *command, init=LASTCALL, environment=None):
        """A container of ours, to be used in a `with` statement; `init` is its PID 1."""
        options = self.options
        if init is LASTCALL:
            options = (*options, f"--volume={engine.binary()}:/usr/bin/lastcall:ro")
        return engine.Container(self.events, self.image, init, command, options, environment)

    def wait_serving(self, container, init):
        def answers():
            reply = get(container.address, PORT, "/quick")
            return reply is not None and reply[0] == 200

        engine.wait_until(answers, "the server answers")
        if init is not TINI:
            self.wait_health(container.address, HEALTH_PORT, 200, "serving")

    def wait_health(self, address, port, status, word):
        def says():
            reply = get(address, port, "/healthcheck")
            return reply and (reply[0], json.loads(reply[1])["status"]) == (status, word)

        engine.wait_until(says, f"/healthcheck says {status} {word}")

    def repeat(self, scenario, times, at_once):
        """Runs scenario(random) so many times, some of them side by side, each with its own random
        numbers; returns what they returned. All of them take place, also when one fails."""
        generators = [random.Random(f"{SEED} {self.id()} {n}") for n in range(times)]
        with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
            runs = [pool.submit(scenario, generator) for generator in generators]
        failures = [run.exception() for run in runs if run.exception()]
        if failures:
            print(f"--- seed: LASTCALL_TEST_SEED={SEED}", file=sys.stderr)
            raise AssertionError(f"{len(failures)} of {times} runs failed") from failures[0]
        return [run.result() for run in runs]

    def assert_ended_by_itself(self, ending, seconds):
        """The container was gone in time, by the one signal of `docker stop`; the engine did not
        have to kill it; and it has left a report."""
        self.assertEqual(ending.signals, [15], "signals that the engine sent")
        self.assertLess(ending.seconds, seconds)
        self.validate_report(ending.report)
        self.assertGreaterEqual(ending.report["headroom_ms"], 0)


def measured(what, numbers):
    """One line of figures, for the log of a passing test."""
    numbers = sorted(numbers)
    low, middle, high = numbers[0], numbers[len(numbers) // 2], numbers[-1]
    print(f"{what}: n={len(numbers)} min={low:.3f} median={middle:.3f} max={high:.3f}")


class Result(unittest.TextTestResult):
    """Counts what has passed: a class that skips in setUpClass is in no other count."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def main():
    """Runs the calling file's tests: 0 all passed, 1 one failed, 77 one could not run."""
    began = time.monotonic()
    runner = unittest.TextTestRunner(resultclass=Result, verbosity=2)
    result = unittest.main(module="__main__", exit=False, testRunner=runner).result
    print(f"took {time.monotonic() - began:.1f} s")
    for reason in sorted({reason for _, reason in result.skipped}):
        print(reason)
    if not result.wasSuccessful() or (MUST_RUN and result.skipped):
        sys.exit(1)
    if result.skipped or not result.passed:
        sys.exit(SKIPPED)
