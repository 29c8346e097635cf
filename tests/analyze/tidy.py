#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""clang-tidy, with the checks of .clang-tidy, for each file of src that build/dev compiles: tidy.py JOBS [FOLDER]

A file in which it found nothing is skipped until what clang-tidy reads changes: build/tidy holds the hash of that. So
an interrupted run goes on where it was. Exit status: 0 nothing was found, 1 something was."""

import concurrent.futures
import hashlib
import json
import pathlib
import shlex
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
DEV = SOURCE / "build" / "dev"
CLEAN = SOURCE / "build" / "tidy"


def compiled(folder):
    """Each file of the folder, and its command; src/static holds other projects' code."""
    for entry in json.loads((DEV / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if file.is_relative_to(folder) and not file.is_relative_to(SOURCE / "src" / "static"):
            yield file.relative_to(SOURCE), shlex.split(entry["command"])


def hash_of(checks, command):
    """Of all that clang-tidy reads: the checks, the command, the file and its headers, with their comments (NOLINT)."""
    preprocess = [*command[:command.index("-o")], *command[command.index("-o") + 2:], "-E", "-C"]
    text = subprocess.run(preprocess, cwd=DEV, stdout=subprocess.PIPE, check=True).stdout
    return hashlib.sha256(b"\0".join((checks, shlex.join(command).encode(), text))).hexdigest()


def check(checks, file, command):
    """Returns whether the file had to be read, and what was found."""
    clean, key = CLEAN / file, hash_of(checks, command)
    if clean.exists() and clean.read_text() == key:
        return False, ""
    done = subprocess.run(["clang-tidy", "-p", DEV, "--quiet", file], cwd=SOURCE, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        return True, done.stdout or f"{file}: clang-tidy ended with {done.returncode}\n"
    clean.parent.mkdir(parents=True, exist_ok=True)
    clean.write_text(key)
    return True, ""


def main():
    jobs, folder = int(sys.argv[1]), SOURCE / (sys.argv[2] if len(sys.argv) > 2 else "src")
    checks = (SOURCE / ".clang-tidy").read_bytes() + subprocess.run(
        ["clang-tidy", "--version"], stdout=subprocess.PIPE, check=True).stdout
    read, found, files = 0, False, sorted(compiled(folder))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for was_read, findings in pool.map(lambda one: check(checks, *one), files):
            read += was_read
            found |= bool(findings)
            print(findings, end="", flush=True)
    print(f"clang-tidy: {len(files)} files, {len(files) - read} of them unchanged since it found nothing in them")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
