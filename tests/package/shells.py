# SPDX-License-Identifier: MIT
"""What the completion of the program under test offers, in real shells."""

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
NAME = PROGRAM.name
COMPLETION = pathlib.Path(os.environ["LASTCALL_SOURCE_DIR"]) / "docs" / "completion"

BASH = r"""source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _%s
printf "%%s\n" "${COMPREPLY[@]}" """ % NAME.replace("-", "_")

# Completes one line, and prints what is offered for it between two marks.
ZSH = r"""
zmodload zsh/zpty
zpty -b shell zsh -f -i
expect() { local out; while zpty -r shell out "*$1*" 2>/dev/null; do print -r -- $out; return; done; }
zpty -w shell "PS1=; fpath=($1 \$fpath); PATH=$2:\$PATH; autoload -Uz compinit; compinit -u -d $3/dump"
zpty -w shell "LISTMAX=9999; zstyle ':completion:*' list-prompt ''; zstyle ':completion:*' verbose no; stty rows 999 columns 99"
zpty -w shell "print REA''DY"
expect READY
zpty -w -n shell "$4"$'\t'
zpty -w -n shell $'\C-u'"print DO''NE"$'\n'
expect DONE
"""


def run(*command):
    """Status, standard output and standard error, in an empty directory."""
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


def options_of_help(*command):
    """Each with its argument, or None."""
    entries = re.findall(r"^ {2}(?:-\w, | {4})--([a-z0-9-]+)(?:=(\S+))?", shown(PROGRAM, *command, "--help"), re.M)
    return {f"--{name}": argument or None for name, argument in entries}


def bash_offers(*words):
    return shown("bash", "-c", BASH, "-", COMPLETION / NAME, NAME, *words).split()


def zsh_offers(words):
    with tempfile.TemporaryDirectory() as directory:
        out = shown("zsh", "-fc", ZSH, "-", COMPLETION, PROGRAM.parent, directory, f"{NAME} {words}")
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out).replace("\r", "")
    return plain[plain.index("READY"):]


def fish_offers(words):
    script = f"source {COMPLETION}/{NAME}.fish; complete --do-complete '{NAME} {words}'"
    return [offer.partition("\t")[0] for offer in shown("fish", "--no-config", "-c", script).splitlines()]


def fish_values(words, option):
    """What is offered for an option's value, but for files."""
    offers = fish_offers(f"{words} {option}=".lstrip())
    return [offer.removeprefix(f"{option}=") for offer in offers if not offer.endswith("/")]


def main(*shells):
    """Runs the tests of the calling file, which needs these shells."""
    missing = [shell for shell in shells if not shutil.which(shell)]
    if missing:
        print(f"{missing[0]} is not here")
        sys.exit(1 if os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1" else SKIPPED)
    unittest.main(module="__main__")
