# SPDX-License-Identifier: MIT
"""The static program is one file that needs no other, is loaded anywhere, guards its
stack, and is small."""

import os
import pathlib
import re
import subprocess
import unittest

PROGRAM = os.environ["LASTCALL_BIN"]
SYMBOLS = pathlib.Path(PROGRAM).parent.parent / "lastcall.symbols"

# Bytes of the program as it is built and shipped: a third of tini-static's 708,080. docs/benchmarks.md
# says what takes the room.
LIMIT = 236_000


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


class StaticProgram(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.segments = output("readelf", "-lW", PROGRAM)
        cls.dynamic = output("readelf", "-dW", PROGRAM)

    def test_it_is_small(self):
        size = os.path.getsize(PROGRAM)
        print(f"{PROGRAM}: {size:,} bytes, {LIMIT - size:,} below the limit")
        self.assertLessEqual(size, LIMIT)

    def test_it_needs_no_other_file(self):
        self.assertNotIn("NEEDED", self.dynamic)
        self.assertNotIn("INTERP", self.segments)

    def test_it_is_loaded_anywhere(self):
        self.assertIn("Elf file type is DYN", self.segments)
        self.assertRegex(self.dynamic, r"FLAGS_1.*PIE")

    def test_nothing_is_both_written_and_executed(self):
        for line in re.findall(r"^ +(?:LOAD|GNU_STACK) .*$", self.segments, re.M):
            self.assertNotRegex(line, r" RWE ")

    def test_symbols_beside_it_are_of_the_same_program(self):
        of_symbols = re.findall(r"^ +LOAD .*|^Entry point.*", output("readelf", "-lW", str(SYMBOLS)), re.M)
        self.assertEqual(of_symbols, re.findall(r"^ +LOAD .*|^Entry point.*", self.segments, re.M))

    def test_nothing_allocates(self):
        """What is not linked cannot be called: PID 1 has no heap."""
        symbols = output("readelf", "-sW", str(SYMBOLS))
        self.assertEqual(re.findall(r" ((?:c|m|re)alloc|free|__libc_(?:malloc|free|realloc))$", symbols, re.M), [])

    def test_stack_is_guarded(self):
        self.assertIn("__stack_chk_fail", output("readelf", "-sW", str(SYMBOLS)))


if __name__ == "__main__":
    unittest.main()
