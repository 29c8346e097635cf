#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/reliability.md is what the results of tests/reliability make it, and each result is complete."""

import os
import pathlib
import shlex
import sys
import unittest

SOURCE = pathlib.Path(os.environ["LASTCALL_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tests" / "reliability"))

import page  # noqa: E402
import record  # noqa: E402


def program_of(command):
    """The first word that is no variable."""
    return next(word for word in shlex.split(command) if "=" not in word)


class ReliabilityTest(unittest.TestCase):
    maxDiff = None

    def test_the_page_is_what_the_results_make_it(self):
        self.assertEqual(page.PAGE.read_text(), page.page(), "run tests/reliability/page.py")

    def test_every_result_is_complete(self):
        results = page.load()
        self.assertGreater(len(results), 0)
        for name, result in results.items():
            with self.subTest(name):
                self.assertEqual(list(result), list(record.FIELDS))
                for field, kind in record.FIELDS.items():
                    self.assertIsInstance(result[field], kind, field)
                self.assertGreater(len(result["figures"]), 0)
                self.assertGreaterEqual(result["violations"], 0)
                self.assertIn("lastcall", result["versions"])
                if result["picture"]:
                    self.assertTrue((page.PAGE.parent / result["picture"]).exists())

    def test_every_command_can_be_run(self):
        for name, result in page.load().items():
            program = program_of(result["command"])
            with self.subTest(name):
                self.assertTrue(program in ("ctest", "cmake") or os.access(SOURCE / program, os.X_OK), program)


if __name__ == "__main__":
    unittest.main()
