# SPDX-License-Identifier: MIT
"""Podman, with all its state in a directory of ours."""

import os
import shutil

import engine

# Limits that need no privilege to be set.
RUN_OPTIONS = ("--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024")


def client(directory):
    """The words that each command begins with. Cgroups without systemd."""
    for name in ("podman", "runc"):
        if shutil.which(name) is None:
            raise engine.Unavailable(f"no {name} here")
    below = {name: os.path.join(directory, name) for name in ("store", "state", "tmp")}
    return (
        "podman", "--root", below["store"], "--runroot", below["state"], "--tmpdir", below["tmp"],
        "--storage-driver=vfs", "--cgroup-manager=cgroupfs", "--events-backend=file",
        "--runtime=runc",
    )
