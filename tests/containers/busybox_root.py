# SPDX-License-Identifier: MIT
"""A root for containers that is made at once: busybox, and what lastcall needs to run."""

import os
import pathlib
import shutil
import subprocess

import engine

COMMANDS = ("sh", "cat", "sleep", "grep", "sha256sum", "httpd")


def libraries(program):
    """What a program is linked with, the loader included; nothing for a static one."""
    done = subprocess.run(["ldd", program], capture_output=True, text=True)
    words = done.stdout.split() if done.returncode == 0 else []
    return [word for word in words if word.startswith("/") and os.path.exists(word)]


def make(directory, files=()):
    """The root as a tar file below this directory, with more files in it: (path, text, mode)."""
    busybox = shutil.which("busybox")
    if busybox is None or libraries(busybox):
        raise engine.Unavailable("no static busybox")
    root = pathlib.Path(directory) / "root"
    for name in ("bin", "proc", "tmp", "etc"):
        (root / name).mkdir(parents=True)
    shutil.copy(busybox, root / "bin" / "busybox")
    for name in COMMANDS:
        (root / "bin" / name).symlink_to("busybox")
    for library in libraries(engine.binary()):
        to = root / library.lstrip("/")
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(os.path.realpath(library), to)
    for path, text, mode in files:
        to = root / path
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text)
        to.chmod(mode)
    archive = pathlib.Path(directory) / "root.tar"
    subprocess.run(["tar", "-C", root, "-cf", archive, "."], check=True)
    return archive
