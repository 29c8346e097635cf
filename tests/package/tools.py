# SPDX-License-Identifier: MIT
"""The package lastcall-tools: what is in it, what it depends on, and that its programs run as unpacked.
The package lastcall has none of it."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SKIPPED = 77  # ctest's SKIP_RETURN_CODE
SOURCE = pathlib.Path(os.environ["LASTCALL_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["LASTCALL_BUILD_DIR"])
PROGRAMS = os.environ["LASTCALL_TOOLS"].split()


def run(*command, **more):
    done = subprocess.run(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=140, check=False, **more,
    )
    if done.returncode != 0:
        raise AssertionError(f"{command[0]}: status {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


class Tools(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.top = pathlib.Path(folder.name)
        run("cpack", "--config", BUILD / "CPackConfig.cmake", "-G", "DEB", "-B", cls.top / "packages")
        cls.packages = {deb.name.partition("_")[0]: deb for deb in (cls.top / "packages").glob("*.deb")}
        cls.root = cls.top / "root"
        run("dpkg-deb", "--extract", cls.packages["lastcall-tools"], cls.root)

    def files(self, package):
        lines = run("dpkg-deb", "--contents", self.packages[package]).splitlines()
        return {line.split()[-1].removeprefix("./usr/") for line in lines if line[0] == "-"}

    def field(self, package, name):
        return run("dpkg-deb", "--field", self.packages[package], name)

    def test_package_has_programs_pages_and_completions(self):
        wanted = {"share/doc/lastcall-tools/copyright", "share/doc/lastcall-tools/CHANGELOG.md"}
        for program in PROGRAMS:
            wanted |= {f"bin/{program}", f"share/man/man1/{program}.1"}
            if (SOURCE / "docs" / "completion" / program).exists():
                wanted |= {f"share/bash-completion/completions/{program}",
                           f"share/zsh/vendor-completions/_{program}",
                           f"share/fish/vendor_completions.d/{program}.fish"}
        self.assertEqual(self.files("lastcall-tools"), wanted)

    def test_other_package_has_none_of_it(self):
        for file in self.files("lastcall"):
            self.assertNotRegex(file, "drill|plan|tools")
        self.assertNotRegex(self.field("lastcall", "Depends"), "jansson|cairo|yaml|ssl")

    def test_libraries_are_dependencies(self):
        depends = self.field("lastcall-tools", "Depends")
        wanted = {"lastcall-drill": ("libssl", "libnghttp2"), "lastcall-plan": ("libyaml-0-2",)}
        for library in ("libjansson4", "libcairo2", *(w for p in PROGRAMS for w in wanted[p])):
            self.assertIn(library, depends)

    def test_description_is_its_own(self):
        self.assertRegex(self.field("lastcall-tools", "Description"), "^plans and tests")
        self.assertRegex(self.field("lastcall", "Description"), "^PID 1 ")

    def test_programs_run(self):
        for program in PROGRAMS:
            self.assertIn(program, run(self.root / "usr" / "bin" / program, "--version"))


if __name__ == "__main__":
    if not shutil.which("dpkg-shlibdeps"):
        print("dpkg-shlibdeps is not here (Debian: dpkg-dev)")
        sys.exit(1 if os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1" else SKIPPED)
    unittest.main()
