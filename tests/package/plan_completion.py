# SPDX-License-Identifier: MIT
"""Completion of lastcall-plan in real shells: the commands of --help, and for each command its options,
all of them and no others. For an option with a choice it offers values that the program takes."""

import re
import unittest

import shells
from shells import PROGRAM, bash_offers, fish_offers, fish_values, options_of_help, run, shown, zsh_offers


def commands_of_help():
    return re.findall(r"^ {2}([a-z]+) ", shown(PROGRAM, "--help"), re.M)


def bash_values(command, option):
    return bash_offers(command, option, "=", "")


class Plan(unittest.TestCase):
    def assert_values_are_taken(self, values_of):
        """A value is not refused; what else a command says is about other inputs."""
        choices = 0
        for command in commands_of_help():
            for option, argument in options_of_help(command).items():
                values = values_of(command, option) if argument else []
                choices += bool(values)
                self.assertFalse("|" in (argument or "") and argument.islower() and not values, option)
                for value in values:
                    _, _, err = run(PROGRAM, command, f"{option}={value}")
                    self.assertNotIn(f"'{value}'", err)
        self.assertGreater(choices, 5)

    def test_bash_offers_commands_and_files(self):
        self.assertEqual(set(bash_offers("")) - {"--help", "--version"}, set(commands_of_help()))

    def test_bash_offers_the_options_of_help(self):
        for command in commands_of_help():
            if options := options_of_help(command):
                offered = {word.rstrip("=") for word in bash_offers(command, "--")}
                self.assertEqual(offered, set(options), command)

    def test_bash_offers_values_that_are_taken(self):
        self.assert_values_are_taken(bash_values)

    def test_bash_offers_the_rules_to_explain(self):
        self.assertIn("LC301", bash_offers("explain", "LC30"))

    def test_bash_completes_a_begun_value(self):
        self.assertEqual(bash_offers("time", "--order", "=", "sta"), ["start-first"])

    def test_zsh_offers_commands(self):
        offered = zsh_offers("")
        for command in commands_of_help():
            self.assertRegex(offered, rf"\b{command}\b")

    def test_zsh_offers_the_options_of_help(self):
        for command in commands_of_help():
            offered = set(re.findall(r"(?<!\S)(--[a-z0-9-]+)", zsh_offers(f"{command} --")))
            self.assertLessEqual(set(options_of_help(command)), offered, command)

    def test_zsh_completes_a_begun_value(self):
        self.assertIn("--order=start-first", zsh_offers("time --order=sta"))
        self.assertIn("--strategy=linear", zsh_offers("time --strategy=l"))

    def test_zsh_offers_the_rules_to_explain(self):
        self.assertIn("LC301", zsh_offers("explain LC30"))

    def test_fish_offers_the_rules_to_explain(self):
        self.assertIn("LC301", fish_offers("explain LC30"))

    def test_fish_offers_commands(self):
        self.assertEqual(set(fish_offers("")), set(commands_of_help()))

    def test_fish_offers_the_options_of_help(self):
        for command in commands_of_help():
            offered = {word.rstrip("=") for word in fish_offers(f"{command} --")}
            self.assertLessEqual(set(options_of_help(command)), offered | {"--help"}, command)

    def test_fish_offers_values_that_are_taken(self):
        self.assert_values_are_taken(fish_values)


if __name__ == "__main__":
    shells.main("zsh", "fish")
