# SPDX-License-Identifier: MIT
"""The program for another processor passes what qemu-user can carry of the ring program: its application
is this machine's own, so that no more than the program itself is emulated."""

import os
import pathlib
import shutil
import sys
import tempfile
import unittest

SKIPPED = 77  # ctest's SKIP_RETURN_CODE
EMULATOR = "qemu-aarch64-static"
SOURCE = pathlib.Path(os.environ["LASTCALL_SOURCE_DIR"])

# The emulator has no NETLINK_SOCK_DIAG, and keeps some signals for itself.
TOPICS = {
    "environment": {"test_defaults_are_named"},
    "plain_init": {"test_every_signal_is_forwarded_stop_signals_too"},
    "terminal": set(),
}


def tests_of(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_of(test)
        else:
            yield test


def main():
    if not shutil.which(EMULATOR):
        print(f"{EMULATOR} is not here")
        return 1 if os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1" else SKIPPED
    with tempfile.TemporaryDirectory(prefix="lastcall-emulated.") as directory:
        wrapper = pathlib.Path(directory) / "lastcall"
        wrapper.write_text(f'#!/bin/sh\nexec {EMULATOR} {os.environ["LASTCALL_BIN"]} "$@"\n')
        wrapper.chmod(0o755)
        os.chmod(directory, 0o755)  # some tests start it as another user
        os.environ["LASTCALL_BIN"] = str(wrapper)
        sys.path.insert(0, str(SOURCE / "tests" / "program"))
        wanted = unittest.TestSuite()
        for topic, beyond in TOPICS.items():
            found = unittest.defaultTestLoader.loadTestsFromName(f"test_{topic}")
            wanted.addTests(t for t in tests_of(found) if t.id().rpartition(".")[2] not in beyond)
        result = unittest.TextTestRunner().run(wanted)
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
