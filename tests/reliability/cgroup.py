# SPDX-License-Identifier: MIT
"""Control groups of the test's own with a limit, of version 1 or 2, whichever this machine has."""

import os
import pathlib
import uuid

ROOT = pathlib.Path("/sys/fs/cgroup")
PERIOD_US = 100000


def memory_share(path):
    """How near a control group is to its limit."""
    path = pathlib.Path(path)
    used, limit = (("memory.current", "memory.max") if (path / "memory.max").exists() else
                   ("memory.usage_in_bytes", "memory.limit_in_bytes"))
    return int((path / used).read_text()) / int((path / limit).read_text())


class Cgroup:
    """Gone after close(), when its processes are."""

    def __init__(self, controller):
        self.is_v2 = (ROOT / "cgroup.controllers").exists()
        parent = ROOT if self.is_v2 else ROOT / controller
        if not parent.is_dir() or (self.is_v2 and controller not in (ROOT / "cgroup.subtree_control").read_text()):
            raise FileNotFoundError(f"no control groups with {controller} here")
        self.path = parent / f"lastcall-test-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self.path.mkdir()

    def set(self, name, value):
        (self.path / name).write_text(str(value))

    def get(self, name):
        return (self.path / name).read_text()

    def limit_processor(self, share):
        quota = int(share * PERIOD_US)
        if self.is_v2:
            self.set("cpu.max", f"{quota} {PERIOD_US}")
        else:
            self.set("cpu.cfs_period_us", PERIOD_US)
            self.set("cpu.cfs_quota_us", quota)

    def limit_memory(self, size):
        self.set("memory.max" if self.is_v2 else "memory.limit_in_bytes", size)

    def throttled(self):
        """How often the quota was spent."""
        return int(dict(line.split() for line in self.get("cpu.stat").splitlines())["nr_throttled"])

    def close(self):
        try:
            self.path.rmdir()
        except OSError:
            pass  # a process of it is not reaped yet: the directory stays, empty
