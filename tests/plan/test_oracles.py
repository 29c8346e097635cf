# SPDX-License-Identifier: MIT
"""What lint takes a compose file for is what the programs that read it take it for: `docker stack config` (Docker's
client, which needs no daemon) and `docker-compose config`, 1.29 or 2. A program that is not installed is skipped."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from plan import lint, rules, run

# docker-compose 1.x takes any string; it reads a duration only when it starts a container.
DURATIONS = ["10s", "1m30s", "1.5s", "0.5m", "500ms", "100us", "1h1m1s500ms", "+5s", "0s", "2s1m", ".5s", "1d", "1w",
             "90", "1m30", "5 s", " 5s", "5S", "5sec", "5min", "1e3s", "1 m", "s", "1..5s", "١s", "9999999999h"]

def environment():
    """Without the variables of the values, and without a configuration of Docker."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "DOCKER_CONFIG": "/nonexistent"}


def write(folder, text):
    path = pathlib.Path(folder) / "stack.yaml"
    path.write_text(text)
    return path


class Oracle(unittest.TestCase):
    command = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def config(self, text):
        """What the program makes of it; None: it refuses."""
        path = write(self.folder, text)
        done = subprocess.run([*self.command, str(path), *self.after], capture_output=True, text=True,
                              env=environment(), cwd=self.folder, timeout=60)
        return done.stdout if done.returncode == 0 else None

    def quote(self, value):
        return "'" + value.replace("'", "''") + "'"

    def service(self, body):
        return f'version: "3.8"\nservices:\n  web:\n    image: shop\n{body}'


class Stack(Oracle):
    command, after = ["docker", "stack", "config", "-c"], []

    @classmethod
    def is_present(cls):
        return can_config(cls.command)

    def test_durations_are_refused_alike(self):
        def one(value):
            return self.service(f"    stop_grace_period: {self.quote(value)}\n")

        def is_refused(value):
            return bool({"LC402", "LC413"} & set(rules(lint("--stack", "-", stdin=one(value)), "error", "warning")))

        refused = [value for value in DURATIONS if is_refused(value)]
        for value in refused:
            with self.subTest(value):
                self.assertIsNone(self.config(one(value)))
        taken = [value for value in DURATIONS if value not in refused]
        services = "".join(
            f"  s{i}:\n    image: shop\n    stop_grace_period: {self.quote(value)}\n" for i, value in enumerate(taken)
        )
        self.assertIsNotNone(self.config(f'version: "3.8"\nservices:\n{services}'))

    def test_numbers_without_quotes_are_refused(self):
        for value in ("90", "90.5", "0"):
            text = self.service(f"    stop_grace_period: {value}\n")
            self.assertIsNone(self.config(text))
            self.assertEqual(rules(lint("--stack", "-", stdin=text), "error"), ["LC402"])

    def test_defaults_of_variables_are_the_same(self):
        """A value that lint knows is the one that the program has: T is above it by one second, or equal."""
        for seconds in (3, 45, 600):
            text = self.service("    stop_grace_period: ${GRACE:-%ds}\n    environment: [LASTCALL_STOP_TIMEOUT=%ds]\n")
            self.assertIn(f"stop_grace_period: {seconds}s" if seconds < 60 else "10m0s",
                          self.config(text % (seconds, seconds)))
            self.assertEqual(rules(lint("--stack", "-", stdin=text % (seconds, seconds)), "error"), [])
            self.assertEqual(rules(lint("--stack", "-", stdin=text % (seconds, seconds + 1)), "error"), ["LC401"])

    def test_a_form_with_plus_never_gives_what_it_says(self):
        """It is refused, or taken as it stands where another variable follows."""
        for value, taken in (("${A:+z}", None), ("${A+z}", None), ("${A:+z} ${B:-x}", "'{A:+z} x'")):
            text = self.service(f"    environment:\n      A: {self.quote(value)}\n")
            found = self.config(text)
            self.assertEqual(rules(lint("--stack", "-", stdin=text), "error"), ["LC408"])
            if taken is None:
                self.assertIsNone(found)
            else:
                self.assertIn(taken, found)

    def test_merge_keys_and_anchors_are_read_alike(self):
        text = (
            'version: "3.8"\nx-a: &a\n  image: shop\n  stop_grace_period: 20s\nx-b: &b\n  stop_grace_period: 30s\n'
            "services:\n  one:\n    <<: *a\n    environment: [LASTCALL_STOP_TIMEOUT=20s]\n"
            "  two:\n    <<: [*b, *a]\n    environment: [LASTCALL_STOP_TIMEOUT=30s]\n"
            "  three:\n    <<: [*a, *b]\n    stop_grace_period: 40s\n    environment: [LASTCALL_STOP_TIMEOUT=40s]\n"
        )
        found = self.config(text)
        for seconds in (20, 30, 40):
            self.assertIn(f"stop_grace_period: {seconds}s", found)
        self.assertEqual(rules(lint("--stack", "-", stdin=text), "error"), [])
        self.assertEqual(len(lint("--stack", "-", stdin=text.replace("0s]", "1s]"))), 3)

    def test_a_key_that_is_given_twice_is_refused_alike(self):
        text = self.service("    stop_grace_period: 5s\n    stop_grace_period: 6s\n")
        self.assertIsNone(self.config(text))
        self.assertEqual(run("lint", "-", stdin=text).returncode, 2)


class Compose(Oracle):
    """Both versions have one name."""
    command, after = ["docker-compose", "-f"], ["config"]
    version = None

    @classmethod
    def is_present(cls):
        if not can_config(cls.command):
            return False
        said = subprocess.run([cls.command[0], "version"], capture_output=True, text=True, env=environment(), timeout=60)
        return re.search(r"version v?(\d)", said.stdout)[1] == cls.version

    def test_extends_reads_what_we_read(self):
        text = ('version: "2.4"\nservices:\n  base:\n    image: shop\n    stop_grace_period: 50s\n'
                "  web:\n    extends: {service: base}\n    environment: [LASTCALL_STOP_TIMEOUT=50s]\n")
        self.assertEqual(self.config(text).count("stop_grace_period: 50s"), 2)
        self.assertEqual(rules(lint("-", stdin=text), "error"), [])
        self.assertEqual(rules(lint("-", stdin=text.replace("T=50s", "T=51s")), "error"), ["LC401"])


class Version1(Compose):
    version = "1"

    def test_any_duration_is_taken_as_it_stands(self):
        services = "".join(
            f"  s{i}:\n    image: shop\n    stop_grace_period: {self.quote(value)}\n"
            for i, value in enumerate(("90", "1d", "5min"))
        )
        self.assertIsNotNone(self.config(f'version: "3.8"\nservices:\n{services}'))
        self.assertIsNone(self.config(self.service("    stop_grace_period: 90\n")))


class Version2(Compose):
    version = "2"

    def test_durations_are_refused_alike(self):
        for value in set(DURATIONS) - {"1d", "1w"}:  # which versions after 2.26 take
            text = self.service(f"    stop_grace_period: {self.quote(value)}\n")
            with self.subTest(value):
                is_refused = {"LC402", "LC413"} & set(rules(lint("-", stdin=text), "error", "warning"))
                self.assertEqual(self.config(text) is None, bool(is_refused))


def can_config(command):
    """Docker's older clients have no `stack config`."""
    if shutil.which(command[0]) is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, 'version: "3.8"\nservices:\n  web:\n    image: shop\n')
        after = ["config"] if command[0] == "docker-compose" else []
        done = subprocess.run([*command, str(path), *after], capture_output=True, env=environment(), timeout=60)
        return done.returncode == 0


if __name__ == "__main__":
    present = [case for case in (Stack, Version1, Version2) if case.is_present()]
    missing = [case.__name__ for case in (Stack, Version1, Version2) if case not in present]
    if missing:
        print(f"not installed, or without `config`: {', '.join(missing)}")
    suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(case) for case in present)
    done = unittest.TextTestRunner().run(suite)
    if not done.wasSuccessful():
        sys.exit(1)
    if not present:
        sys.exit(1 if os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1" else 77)
