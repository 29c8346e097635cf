# SPDX-License-Identifier: MIT
"""Completion in real shells offers the options of --help, all of them and no others, and for an option
that has a choice values that the program takes."""

import re
import unittest

import shells
from shells import PROGRAM, bash_offers, run, zsh_offers


def options_of_help():
    return set(shells.options_of_help())


class Bash(unittest.TestCase):
    def test_options_are_those_of_help(self):
        self.assertEqual({word.rstrip("=") for word in bash_offers("--")}, options_of_help())

    def test_beginning_is_completed(self):
        self.assertEqual(bash_offers("--ord"), ["--order="])

    def test_values_of_a_choice_are_taken(self):
        for option in ("--log-format", "--order", "--wait"):
            values = bash_offers(option, "=", "")
            self.assertTrue(values, option)
            for value in values:
                status, _, err = run(PROGRAM, "--check", "--listen=off", f"{option}={value}")
                self.assertEqual(status, 0, err)

    def test_begun_value_is_completed(self):
        self.assertEqual(bash_offers("--order", "=", "sig"), ["signal-first"])

    def test_after_the_command_options_are_its_own(self):
        self.assertNotIn("--order=", bash_offers("--", "cat", "--"))


class Zsh(unittest.TestCase):
    def test_options_are_those_of_help(self):
        offered = set(re.findall(r"(?m)^(--[a-z0-9-]+)|(?<= )(--[a-z0-9-]+)(?=  )", zsh_offers("--")))
        offered = {a or b for a, b in offered}
        self.assertEqual(offered & options_of_help(), options_of_help())

    def test_beginning_is_completed(self):
        self.assertIn("lastcall --order=", zsh_offers("--ord"))


if __name__ == "__main__":
    shells.main("zsh")
