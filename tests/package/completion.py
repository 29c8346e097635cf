# SPDX-License-Identifier: MIT
"""Completion in real shells offers the options of --help, all of them and no others, and for an option
that has a choice values that the program takes."""

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

# Completes one line after the other, and prints what is offered for each behind a mark.
ZSH = r"""
zmodload zsh/zpty
zpty -b shell zsh -f -i
expect() { local out; while zpty -r shell out "*$1*" 2>/dev/null; do print -r -- $out; return; done; }
zpty -w shell "PS1=; fpath=($1 \$fpath); PATH=$2:\$PATH; autoload -Uz compinit; compinit -u -d $3/dump"
zpty -w shell "LISTMAX=9999; zstyle ':completion:*' list-prompt ''; zstyle ':completion:*' verbose no; stty rows 999 columns 99"
zpty -w shell "print REA''DY"
expect READY
zpty -w -n shell "lastcall $4"$'\t'
zpty -w -n shell $'\C-u'"print DO''NE"$'\n'
expect DONE
"""


def environment():
    found = {k: v for k, v in os.environ.items() if not k.startswith("LASTCALL_")}
    return {**found, "PATH": f"{PROGRAM.parent}:{found['PATH']}", "TERM": "dumb", "LC_ALL": "C.UTF-8"}


def run(*command):
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=environment(), check=False
    )
    return done.returncode, done.stdout, done.stderr


def options_of_help():
    return set(re.findall(r"^ {2}(?:-\w, | {4})(--[a-z0-9-]+)", run(PROGRAM, "--help")[1], re.M))


def bash_offers(*words):
    script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lastcall; printf "%s\\n" "${COMPREPLY[@]}"'
    status, out, err = run("bash", "-c", script, "-", COMPLETION / "lastcall", *words)
    assert status == 0, err
    return out.split()


def zsh_offers(line):
    with tempfile.TemporaryDirectory() as directory:
        status, out, err = run("zsh", "-fc", ZSH, "-", COMPLETION, PROGRAM.parent, directory, line)
    assert status == 0, err
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out).replace("\r", "")
    return plain[plain.index("READY") :]


class Bash(unittest.TestCase):
    def test_options_are_those_of_help(self):
        self.assertEqual({word.rstrip("=") for word in bash_offers("lastcall", "--")}, options_of_help())

    def test_beginning_is_completed(self):
        self.assertEqual(bash_offers("lastcall", "--ord"), ["--order="])

    def test_values_of_a_choice_are_taken(self):
        for option in ("--log-format", "--order", "--wait"):
            values = bash_offers("lastcall", option, "=", "")
            self.assertTrue(values, option)
            for value in values:
                status, _, err = run(PROGRAM, "--check", "--listen=off", f"{option}={value}")
                self.assertEqual(status, 0, err)

    def test_begun_value_is_completed(self):
        self.assertEqual(bash_offers("lastcall", "--order", "=", "sig"), ["signal-first"])

    def test_after_the_command_options_are_its_own(self):
        self.assertNotIn("--order=", bash_offers("lastcall", "--", "cat", "--"))


@unittest.skipUnless(shutil.which("zsh"), "zsh is not here")
class Zsh(unittest.TestCase):
    def test_options_are_those_of_help(self):
        offered = set(re.findall(r"(?m)^(--[a-z0-9-]+)|(?<= )(--[a-z0-9-]+)(?=  )", zsh_offers("--")))
        offered = {a or b for a, b in offered}
        self.assertEqual(offered & options_of_help(), options_of_help())

    def test_beginning_is_completed(self):
        self.assertIn("lastcall --order=", zsh_offers("--ord"))


if __name__ == "__main__":
    if not shutil.which("zsh"):
        print("zsh is not here")
        sys.exit(1 if os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1" else SKIPPED)
    unittest.main()
