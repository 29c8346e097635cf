# SPDX-License-Identifier: MIT
"""Completion of lastcall-plan in real shells: the commands of --help, and for each command its options,
all of them and no others. For an option with a choice it offers values that the program takes."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SKIPPED = 77  # ctest's SKIP_RETURN_CODE
PROGRAM = pathlib.Path(os.environ["LASTCALL_BIN"])
COMPLETION = pathlib.Path(os.environ["LASTCALL_SOURCE_DIR"]) / "docs" / "completion"

BASH = r"""source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lastcall_plan
printf "%s\n" "${COMPREPLY[@]}" """

# Completes one line, and prints what is offered for it between two marks.
ZSH = r"""
zmodload zsh/zpty
zpty -b shell zsh -f -i
expect() { local out; while zpty -r shell out "*$1*" 2>/dev/null; do print -r -- $out; return; done; }
zpty -w shell "PS1=; fpath=($1 \$fpath); PATH=$2:\$PATH; autoload -Uz compinit; compinit -u -d $3/dump"
zpty -w shell "LISTMAX=9999; zstyle ':completion:*' list-prompt ''; zstyle ':completion:*' verbose no; stty rows 999 columns 99"
zpty -w shell "print REA''DY"
expect READY
zpty -w -n shell "lastcall-plan $4"$'\t'
zpty -w -n shell $'\C-u'"print DO''NE"$'\n'
expect DONE
"""


def run(*command):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LASTCALL_")}
    environment |= {"PATH": f"{PROGRAM.parent}:{environment['PATH']}", "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, timeout=60, check=False,
            env={**environment, "HOME": home}, cwd=home,
        )
    return done.returncode, done.stdout, done.stderr


def shown(*command):
    status, out, err = run(*command)
    assert status == 0, err
    return out


def commands_of_help():
    return re.findall(r"^ {2}([a-z]+) ", shown(PROGRAM, "--help"), re.M)


def options_of_help(command):
    """Each with its argument, or None."""
    entries = re.findall(r"^ {2}(?:-\w, | {4})--([a-z0-9-]+)(?:=(\S+))?", shown(PROGRAM, command, "--help"), re.M)
    return {f"--{name}": argument or None for name, argument in entries}


def bash_offers(*words):
    return shown("bash", "-c", BASH, "-", COMPLETION / "lastcall-plan", "lastcall-plan", *words).split()


def zsh_offers(line):
    with tempfile.TemporaryDirectory() as directory:
        out = shown("zsh", "-fc", ZSH, "-", COMPLETION, PROGRAM.parent, directory, line)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out).replace("\r", "")
    return plain[plain.index("READY") :]


def fish_offers(line):
    script = f"source {COMPLETION}/lastcall-plan.fish; complete --do-complete '{line}'"
    out = shown("fish", "--no-config", "-c", script)
    return [offer.partition("\t")[0] for offer in out.splitlines()]


def bash_values(command, option):
    return bash_offers(command, option, "=", "")


def fish_values(command, option):
    begun = f"{option}="
    offers = fish_offers(f"lastcall-plan {command} {begun}")
    return [offer.removeprefix(begun) for offer in offers if not offer.endswith("/")]


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

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not here")
    def test_zsh_offers_commands(self):
        offered = zsh_offers("")
        for command in commands_of_help():
            self.assertRegex(offered, rf"\b{command}\b")

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not here")
    def test_zsh_offers_the_options_of_help(self):
        for command in commands_of_help():
            offered = set(re.findall(r"(?<!\S)(--[a-z0-9-]+)", zsh_offers(f"{command} --")))
            self.assertLessEqual(set(options_of_help(command)), offered, command)

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not here")
    def test_zsh_completes_a_begun_value(self):
        self.assertIn("--order=start-first", zsh_offers("time --order=sta"))
        self.assertIn("--strategy=linear", zsh_offers("time --strategy=l"))

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not here")
    def test_zsh_offers_the_rules_to_explain(self):
        self.assertIn("LC301", zsh_offers("explain LC30"))

    @unittest.skipUnless(shutil.which("fish"), "fish is not here")
    def test_fish_offers_the_rules_to_explain(self):
        self.assertIn("LC301", fish_offers("lastcall-plan explain LC30"))

    @unittest.skipUnless(shutil.which("fish"), "fish is not here")
    def test_fish_offers_commands(self):
        self.assertEqual(set(fish_offers("lastcall-plan ")), set(commands_of_help()))

    @unittest.skipUnless(shutil.which("fish"), "fish is not here")
    def test_fish_offers_the_options_of_help(self):
        for command in commands_of_help():
            offered = {word.rstrip("=") for word in fish_offers(f"lastcall-plan {command} --")}
            self.assertLessEqual(set(options_of_help(command)), offered | {"--help"}, command)

    @unittest.skipUnless(shutil.which("fish"), "fish is not here")
    def test_fish_offers_values_that_are_taken(self):
        self.assert_values_are_taken(fish_values)


if __name__ == "__main__":
    missing = [shell for shell in ("zsh", "fish") if not shutil.which(shell)]
    if missing:
        print(f"{missing[0]} is not here")
        sys.exit(1 if os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1" else SKIPPED)
    unittest.main()
