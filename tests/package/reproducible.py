# SPDX-License-Identifier: MIT
"""The static program and its packages once more, from a copy of the source in another folder: the same bytes."""

import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["LASTCALL_SOURCE_DIR"])


def run(*command, cwd):
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=280,
                          env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})
    if done.returncode != 0:
        raise AssertionError(f"{command}: status {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def members(archive):
    """In their order. The bill of materials says when the build was configured, which SOURCE_DATE_EPOCH sets."""
    found = []
    for member in archive.getmembers():
        content = archive.extractfile(member).read() if member.isfile() else b""
        if member.name.endswith(".spdx.json"):
            bill = json.loads(content)
            bill["creationInfo"].pop("created")
            content = json.dumps(bill).encode()
        found.append((member.name, member.mode, member.mtime, hashlib.sha256(content).hexdigest()))
    return found


class Reproducible(unittest.TestCase):
    def build_elsewhere(self):
        directory = tempfile.mkdtemp(prefix="lastcall-test.")
        self.addCleanup(shutil.rmtree, directory)
        copy = pathlib.Path(directory, "another", "place")
        listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=SOURCE)
        for name in listed.split("\0"):
            if name and (SOURCE / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(SOURCE / name, copy / name)
        shutil.copytree(SOURCE / "build" / "fetched", copy / "build" / "fetched", symlinks=True)
        run("cmake", "--preset", "static", "-DLASTCALL_WERROR=ON", cwd=copy)
        run("cmake", "--build", "--preset", "static", cwd=copy)
        return copy / "build" / "static"

    def packages(self, source):
        """With the same date, made in a folder of their own."""
        directory = pathlib.Path(tempfile.mkdtemp(prefix="lastcall-test."))
        self.addCleanup(shutil.rmtree, directory)
        run("cpack", "--preset", "static", "-B", str(directory), cwd=source)
        (deb,), (archive,) = directory.glob("*.deb"), directory.glob("*.tar.gz")
        control = run("dpkg-deb", "--info", deb, "control", cwd=directory)
        files = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], check=True, capture_output=True).stdout
        return control, members(tarfile.open(fileobj=io.BytesIO(files))), members(tarfile.open(archive))

    def test_two_builds_are_the_same_bytes(self):
        other = self.build_elsewhere()
        self.assertEqual(sha256(other / "bin" / "lastcall"), sha256(SOURCE / "build" / "static" / "bin" / "lastcall"))
        self.assertEqual(self.packages(other.parent.parent), self.packages(SOURCE))


if __name__ == "__main__":
    unittest.main()
