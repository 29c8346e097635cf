# SPDX-License-Identifier: MIT
"""What the tests of the documentation have in common: where the source is, and how they end."""

import fnmatch
import os
import pathlib
import shutil
import sys

SOURCE = pathlib.Path(
    os.environ.get("LASTCALL_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2])
)
SKIPPED = 77  # ctest's SKIP_RETURN_CODE


def files(*patterns):
    """The files of the source tree that match, without what is built and what git keeps. Those folders are not entered:
    build/ may have whole systems in it."""
    found = []
    for folder, folders, names in os.walk(SOURCE):
        folders[:] = [below for below in folders if below not in {"build", ".git", "node_modules", "__pycache__"}]
        found += [pathlib.Path(folder, file) for file in names
                  if any(fnmatch.fnmatchcase(file, pattern) for pattern in patterns)]
    return sorted(path for path in found if path.is_file())


def name(path):
    return str(path.relative_to(SOURCE))


def need(program):
    """The path of a program without which the test cannot run."""
    path = shutil.which(program)
    if path is None:
        print(f"{program} is not installed")
        sys.exit(1 if os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1" else SKIPPED)
    return path


def binary():
    """The lastcall under test."""
    path = os.environ.get("LASTCALL_BIN", "")
    if not os.access(path, os.X_OK):
        sys.exit(f"LASTCALL_BIN is '{path}', not a program")
    return path


def finish(problems, what):
    """Prints what is wrong, one line each, and ends the test."""
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f"{len(problems)} to mend")
    print(f"{what}: in order")
