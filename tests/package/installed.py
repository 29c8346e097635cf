# SPDX-License-Identifier: MIT
"""The packages of the static program: what is in them, their checksums, and the .deb in a clean root: it
is installed, runs, and leaves nothing when it is removed."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import unittest

SKIPPED = 77  # ctest's SKIP_RETURN_CODE
LONGEST_S = 140
SOURCE = pathlib.Path(os.environ["LASTCALL_SOURCE_DIR"])
PACKAGES = SOURCE / "build" / "static" / "packages"
FILES = {
    "bin/lastcall",
    "share/man/man1/lastcall.1",
    "share/bash-completion/completions/lastcall",
    "share/zsh/site-functions/_lastcall",
    "share/doc/lastcall/copyright",
    "share/doc/lastcall/copyright.libev",
    "share/doc/lastcall/copyright.musl",
    "share/doc/lastcall/CHANGELOG.md",
    "share/doc/lastcall/lastcall.spdx.json",
}

# Runs in the new root; its first failure is ours.
IN_CLEAN_ROOT = r"""
set -eux
dpkg --install /tmp/lastcall.deb
lastcall --version
lastcall --check --listen=off --stop-timeout=30s | grep -q '^Detector:'
test "$(lastcall --quiet --report=off --listen=off -- echo hello)" = hello
status=0; lastcall --quiet --report=off --listen=off -- sh -c 'exit 3' || status=$?; test $status = 3
test -s /usr/share/man/man1/lastcall.1
test -s /usr/share/zsh/vendor-completions/_lastcall # where Debian's zsh looks
test ! -e /usr/share/zsh/site-functions/_lastcall
dpkg --verify lastcall
dpkg --status lastcall | grep -q '^Status: install ok installed'
dpkg --listfiles lastcall >/tmp/files
dpkg --purge lastcall
while read -r file; do
	case $file in */lastcall | */_lastcall | */lastcall.1 | */doc/lastcall/*) test ! -e "$file" ;; esac
done </tmp/files
"""


def run(*command, **more):
    """In a session of its own: what takes too long is ended with its children, and may unmount what it mounted."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, **more
    )
    try:
        said = process.communicate(timeout=LONGEST_S)[0]
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=LONGEST_S)
        raise AssertionError(f"{command[0]} took longer than {LONGEST_S} s") from error
    if process.returncode != 0:
        raise AssertionError(f"{command[0]}: status {process.returncode}\n{said[-4000:]}")
    return said


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(PACKAGES, ignore_errors=True)
        run("cpack", "--preset", "static", cwd=SOURCE)
        (cls.deb,) = PACKAGES.glob("*.deb")
        (cls.archive,) = PACKAGES.glob("*.tar.gz")

    def test_checksums_are_right(self):
        for package in (self.deb, self.archive):
            said, name = package.with_name(package.name + ".sha256").read_text().split()
            self.assertEqual(name, package.name)
            self.assertEqual(said, hashlib.sha256(package.read_bytes()).hexdigest())

    def test_archive_has_all_and_no_more(self):
        with tarfile.open(self.archive) as archive:
            members = {m.name.partition("/")[2]: m for m in archive.getmembers() if m.isfile()}
        self.assertEqual(set(members), FILES)
        self.assertEqual(members["bin/lastcall"].mode & 0o777, 0o755)

    def test_the_commands_of_the_install_page_install_the_archive(self):
        """As they stand there, but for the folder; dpkg has a root of its own below."""
        page = (SOURCE / "docs" / "install.md").read_text()
        commands = re.search(r"```sh\n(cd build/static/packages\n.*?)```", page, re.S)[1]
        with tempfile.TemporaryDirectory() as directory:
            commands = commands.replace("dpkg --install", "dpkg --info").replace("/usr/local", directory)
            run("sh", "-euc", commands, cwd=SOURCE)
            found = {str(path.relative_to(directory)) for path in pathlib.Path(directory).rglob("*") if path.is_file()}
            self.assertEqual(found, FILES)
            self.assertIn("lastcall 0", run(f"{directory}/bin/lastcall", "--version"))

    def test_the_bill_of_materials_names_all_that_is_linked_in(self):
        """By the required fields of SPDX 2.3, and the libraries that the build had."""
        with tarfile.open(self.archive) as archive:
            (member,) = [m for m in archive.getmembers() if m.name.endswith(".spdx.json")]
            bill = json.load(archive.extractfile(member))
        for field in ("spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo"):
            self.assertTrue(bill[field], field)
        self.assertRegex(bill["creationInfo"]["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        packages = {package["SPDXID"]: package for package in bill["packages"]}
        for package in packages.values():
            self.assertTrue(package["name"] and package["downloadLocation"] and package["versionInfo"])
            self.assertNotIn("@", package["versionInfo"])
        linked = {relation["relatedSpdxElement"] for relation in bill["relationships"]
                  if relation["relationshipType"] == "STATIC_LINK"}
        self.assertEqual({packages[name]["name"] for name in linked}, {"libev", "musl"})
        version = run(SOURCE / "build" / "static" / "bin" / "lastcall", "--version")
        self.assertIn(packages["SPDXRef-lastcall"]["versionInfo"], version)
        (checksum,) = packages["SPDXRef-musl"]["checksums"]
        musl = pathlib.Path(f"/usr/lib/{os.uname().machine}-linux-musl/libc.a")
        self.assertEqual(checksum["checksumValue"], hashlib.sha256(musl.read_bytes()).hexdigest())

    def test_both_have_the_program_as_it_was_built(self):
        built = (SOURCE / "build" / "static" / "bin" / "lastcall").read_bytes()
        with tarfile.open(self.archive) as archive:
            (member,) = [m for m in archive.getmembers() if m.name.endswith("/bin/lastcall")]
            self.assertEqual(archive.extractfile(member).read(), built)
        with tempfile.TemporaryDirectory() as directory:
            run("dpkg-deb", "--extract", self.deb, directory)
            self.assertEqual(pathlib.Path(directory, "usr/bin/lastcall").read_bytes(), built)

    def test_package_has_the_same_and_needs_no_other(self):
        listed = run("dpkg-deb", "--contents", self.deb).splitlines()
        names = {line.split()[-1].removeprefix("./usr/") for line in listed if line[0] == "-"}
        self.assertEqual(names, {name.replace("site-functions", "vendor-completions") for name in FILES})
        self.assertEqual(run("dpkg-deb", "--field", self.deb, "Depends").strip(), "")

    def test_it_is_installed_into_a_clean_root_runs_and_is_removed(self):
        hook = 'chroot "$1" sh -c "$IN_CLEAN_ROOT"'
        run(
            "mmdebstrap",
            "--quiet",
            "--variant=essential",
            "--format=null",
            f"--customize-hook=copy-in {self.deb} /tmp",
            '--customize-hook=mv "$1"/tmp/*.deb "$1/tmp/lastcall.deb"',
            f"--customize-hook={hook}",
            "bookworm",
            "/dev/null",
            os.environ.get("LASTCALL_DEBIAN_MIRROR", "http://deb.debian.org/debian"),
            env={**os.environ, "IN_CLEAN_ROOT": IN_CLEAN_ROOT},
        )


if __name__ == "__main__":
    if not shutil.which("mmdebstrap") or os.geteuid() != 0:
        print("mmdebstrap is not here, or we are not root")
        sys.exit(1 if os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1" else SKIPPED)
    unittest.main()
