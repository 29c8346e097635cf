# SPDX-License-Identifier: MIT
"""What the compiler and the linker have to put into the programs: looked for in the files themselves, of the
build under test, of one that is optimised as the shipped one is, and of the static one where it was built."""

import os
import platform
import subprocess

import harness
from test_hardship import without_sanitizer

STATIC = os.path.join(harness.SOURCE, "build", "static", "bin", "lastcall")


def with_symbols(program):
    """The static program is shipped without any; the build leaves the same with them one level up."""
    beside = os.path.join(os.path.dirname(os.path.dirname(program)), "lastcall.symbols")
    return beside if os.path.exists(beside) else program


class Hardening(harness.ProgramTest):
    def read(self, option, path):
        done = subprocess.run([harness.need_command("readelf"), "-W", option, path], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def build_for_size(self):
        cmake = harness.need_command("cmake")
        directory = self.temporary_directory()
        for arguments in (["-S", harness.SOURCE, "-B", directory, "-G", "Ninja",
                           "-DCMAKE_BUILD_TYPE=MinSizeRel", "-DBUILD_TESTING=OFF"],
                          ["--build", directory, "--target", "lastcall", "-j2"]):
            done = subprocess.run([cmake, *arguments], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return os.path.join(directory, "bin", "lastcall")

    def assert_hardened(self, path):
        segments, dynamic, symbols = self.read("-l", path), self.read("-d", path), self.read("-s", with_symbols(path))
        with self.subTest(path):
            self.assertRegex(self.read("-h", path), r"Type:\s+DYN", "position-independent")
            self.assertRegex(dynamic, r"FLAGS_1.*\bPIE\b", "a program, not a library")
            self.assertRegex(segments, r"GNU_RELRO", "relocations are read-only")
            self.assertRegex(dynamic, r"FLAGS_1.*\bNOW\b", "all of them, for none is left for later")
            self.assertRegex(segments, r"GNU_STACK.* RW ", "the stack is not executable")
            self.assertNotRegex(segments, r"LOAD.* RWE ", "nothing is both written and executed")
            self.assertNotIn("TEXTREL", dynamic)
            self.assertRegex(symbols, r"__stack_chk_fail", "stack protector")
        return symbols

    def test_build_under_test(self):
        self.assert_hardened(harness.LASTCALL)

    @without_sanitizer
    def test_optimised_build_is_fortified_too(self):
        symbols = self.assert_hardened(self.build_for_size())
        if platform.libc_ver()[0] == "glibc":  # musl has no such functions
            self.assertRegex(symbols, r"__\w+_chk@", "FORTIFY")

    def test_static_build(self):
        if os.path.exists(STATIC):
            self.assert_hardened(STATIC)
            self.assertNotIn("INTERP", self.read("-l", STATIC))


if __name__ == "__main__":
    harness.main()
