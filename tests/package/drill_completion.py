# SPDX-License-Identifier: MIT
"""Completion of lastcall-drill in real shells: the options of --help, all of them and no others. For an option with
a choice it offers values that the program takes."""

import re
import unittest

import shells
from shells import PROGRAM, bash_offers, fish_offers, fish_values, run, zsh_offers

CHOICES = ("--as", "--body", "--engine", "--fail-on", "--method", "--profile", "--retry-safe", "--stop-signal")


def options_of_help():
    return set(shells.options_of_help())


class Drill(unittest.TestCase):
    def assert_values_are_taken(self, values_of):
        """The command line lacks a URL, which is what the program says of one that it has read."""
        for option in CHOICES:
            values = values_of(option)
            self.assertGreater(len(values), 1, option)
            for value in values:
                status, _, err = run(PROGRAM, f"{option}={value}")
                self.assertEqual((status, err[:27]), (2, "lastcall-drill: error: no U"), f"{option}={value}: {err}")

    def test_bash_offers_the_options_of_help(self):
        self.assertEqual({word.rstrip("=") for word in bash_offers("--")}, options_of_help())
        offered = {word.rstrip("=") for word in bash_offers("http://127.0.0.1/", "--quiet", "--h")}
        self.assertEqual(offered, {option for option in options_of_help() if option.startswith("--h")})

    def test_bash_offers_values_that_are_taken(self):
        self.assert_values_are_taken(lambda option: bash_offers(option, "=", ""))

    def test_bash_offers_subcommands(self):
        self.assertEqual(bash_offers("com"), ["compare"])
        self.assertEqual(bash_offers("report", "--j"), ["--json"])

    def test_bash_offers_commands_after_the_dashes(self):
        self.assertIn("bash", bash_offers("http://127.0.0.1/", "--", "bas"))

    def test_zsh_offers_the_options_of_help(self):
        offered = set(re.findall(r"(?<!\S)(--[a-z0-9-]+)", zsh_offers("--")))
        self.assertLessEqual(options_of_help(), offered)

    def test_zsh_completes_a_begun_value(self):
        self.assertIn("--profile=kubernetes", zsh_offers("--profile=k"))
        self.assertIn("compare", zsh_offers("com"))

    def test_fish_offers_the_options_of_help(self):
        offered = {word.rstrip("=") for word in fish_offers("--")}
        self.assertEqual(options_of_help(), offered)

    def test_fish_offers_values_that_are_taken(self):
        self.assert_values_are_taken(lambda option: fish_values("", option))

    def test_fish_offers_subcommands(self):
        self.assertIn("compare", fish_offers("com"))


if __name__ == "__main__":
    shells.main("zsh", "fish")
