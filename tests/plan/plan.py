# SPDX-License-Identifier: MIT
"""Runs lastcall-plan for the tests of this folder."""

import json
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(os.environ["LASTCALL_SOURCE_DIR"])
PLAN = os.environ["LASTCALL_PLAN"]


def run(*arguments, stdin=""):
    """A finished run of the program."""
    return subprocess.run(
        [PLAN, *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=60
    )


def lint(*arguments, stdin=""):
    """The findings of lint, as --format=json has them."""
    done = run("lint", "--format=json", *arguments, stdin=stdin)
    assert done.returncode in (0, 1), (arguments, done.returncode, done.stderr)
    return json.loads(done.stdout)["findings"]


def rules(findings, *severities):
    """The rules of the findings with these severities, each once."""
    return sorted({f["rule"] for f in findings if f["severity"] in severities})
