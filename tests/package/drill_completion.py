# SPDX-License-Identifier: MIT
"""Completion of lastcall-drill in real shells: the options of --help, all of them and no others. For an option with
a choice it offers values that the program takes."""

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
CHOICES = ("--as", "--body", "--engine", "--fail-on", "--method", "--profile", "--retry-safe", "--stop-signal")

BASH = r"""source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lastcall_drill
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
zpty -w -n shell "lastcall-drill $4"$'\t'
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


def options_of_help():
    return set(re.findall(r"^ {2}(?:-\w, | {4})(--[a-z0-9-]+)", shown(PROGRAM, "--help"), re.M))


def bash_offers(*words):
    return shown("bash", "-c", BASH, "-", COMPLETION / "lastcall-drill", "lastcall-drill", *words).split()


def zsh_offers(line):
    with tempfile.TemporaryDirectory() as directory:
        out = shown("zsh", "-fc", ZSH, "-", COMPLETION, PROGRAM.parent, directory, line)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out).replace("\r", "")
    return plain[plain.index("READY") :]


def fish_offers(line):
    script = f"source {COMPLETION}/lastcall-drill.fish; complete --do-complete '{line}'"
    return [offer.partition("\t")[0] for offer in shown("fish", "--no-config", "-c", script).splitlines()]


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

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not here")
    def test_zsh_offers_the_options_of_help(self):
        offered = set(re.findall(r"(?<!\S)(--[a-z0-9-]+)", zsh_offers("--")))
        self.assertLessEqual(options_of_help(), offered)

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not here")
    def test_zsh_completes_a_begun_value(self):
        self.assertIn("--profile=kubernetes", zsh_offers("--profile=k"))
        self.assertIn("compare", zsh_offers("com"))

    @unittest.skipUnless(shutil.which("fish"), "fish is not here")
    def test_fish_offers_the_options_of_help(self):
        offered = {word.rstrip("=") for word in fish_offers("lastcall-drill --")}
        self.assertEqual(options_of_help(), offered)

    @unittest.skipUnless(shutil.which("fish"), "fish is not here")
    def test_fish_offers_values_that_are_taken(self):
        def values_of(option):
            offers = fish_offers(f"lastcall-drill {option}=")
            return [offer.removeprefix(f"{option}=") for offer in offers if not offer.endswith("/")]
        self.assert_values_are_taken(values_of)

    @unittest.skipUnless(shutil.which("fish"), "fish is not here")
    def test_fish_offers_subcommands(self):
        self.assertIn("compare", fish_offers("lastcall-drill com"))


if __name__ == "__main__":
    missing = [shell for shell in ("zsh", "fish") if not shutil.which(shell)]
    if missing:
        print(f"{missing[0]} is not here")
        sys.exit(1 if os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1" else SKIPPED)
    unittest.main()
