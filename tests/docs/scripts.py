# SPDX-License-Identifier: MIT
"""shellcheck has nothing to say about any shell script, nor about the APKBUILD."""

import concurrent.futures
import os
import re
import subprocess

from report import SOURCE, finish, files, name, need

SHELL = re.compile(rb"#!.*\b(?:sh|bash)\b")


def is_shell_script(path):
    if path.suffix not in ("", ".sh"):
        return False
    with path.open("rb") as file:
        return path.suffix == ".sh" or SHELL.match(file.readline(100)) is not None


def problems(shellcheck, path):
    done = subprocess.run([shellcheck, "--external-sources", "--format=gcc", name(path)], cwd=SOURCE,
                          capture_output=True, text=True)
    return done.stdout.splitlines() + done.stderr.splitlines()


def main():
    shellcheck = need("shellcheck")
    scripts = [path for path in files("*") if is_shell_script(path)] + [SOURCE / "docker/alpine/APKBUILD"]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda path: problems(shellcheck, path), scripts))
    finish([problem for lines in found for problem in lines], f"{len(scripts)} shell scripts")


if __name__ == "__main__":
    main()
