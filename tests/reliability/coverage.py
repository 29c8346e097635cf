#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How much of src/core the tests run: builds the preset coverage, runs the rings unit and kernel with it, and prints
the lines and branches of each file that are not all run, and the sums. A sum below its limit is a failure.

coverage.py [--record]    --record writes the result to results/

Exit status: 0 both sums are high enough, 1 one is not or a test failed, 77 something is missing here."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import record

BUILD = record.SOURCE / "build" / "coverage"
RINGS = "^(unit|kernel)$"
NOT_CORE = r"^unit\.(docs_|layer|style|stop_model|analyzers)"  # these run no code of ours, or in a build of their own
LIMITS = {"lines": 95.0, "branches": 90.0}  # percent
TOOLS = ("clang", "llvm-profdata", "llvm-cov")


def run(*command, **variables):
    subprocess.run(command, cwd=record.SOURCE, env={**os.environ, **variables}, check=True)


def programs():
    """The targets that have to be built: the other programs of the build run nothing here."""
    shown = subprocess.run(["cmake", "--build", BUILD, "--target", "help"], capture_output=True, text=True, check=True)
    return sorted(set(re.findall(r"^(test_(?:unit|kernel)_\w+): phony", shown.stdout, re.M)))


def build():
    run("cmake", "--preset", "coverage")
    run("cmake", "--build", "--preset", "coverage", "--target", *programs())


def run_tests(profiles):
    """Each process adds what it ran to a file, some of them as another user. Returns whether all tests passed."""
    os.chmod(profiles, 0o1777)
    variables = {**os.environ, "LLVM_PROFILE_FILE": f"{profiles}/%4m.profraw"}
    jobs = os.environ.get("CTEST_PARALLEL_LEVEL", str(os.cpu_count()))
    return subprocess.run(["ctest", "--test-dir", BUILD, "-L", RINGS, "-E", NOT_CORE, "-j", jobs,
                           "--output-on-failure", "--repeat", "until-pass:2"],
                          env=variables, check=False).returncode == 0


def measure(profiles):
    """The objects of the core, and not the programs: a file that no test links counts, too."""
    merged = f"{profiles}/all.profdata"
    run("llvm-profdata", "merge", "-o", merged, *map(str, pathlib.Path(profiles).glob("*.profraw")))
    first, *others = sorted((BUILD / "src" / "CMakeFiles" / "lastcall_core.dir").rglob("*.o"))
    objects = [word for other in others for word in ("-object", other)]
    said = subprocess.run(["llvm-cov", "export", "-summary-only", f"-instr-profile={merged}", first, *objects],
                          capture_output=True, check=True).stdout
    return json.loads(said)["data"][0]


def percent(summary, what):
    return 100 * summary[what]["covered"] / summary[what]["count"]


def missing(summary, what):
    return summary[what]["count"] - summary[what]["covered"]


def show(data):
    print(f"\n{'not run':44}{'lines':>12}{'branches':>12}")
    for file in sorted(data["files"], key=lambda file: -missing(file["summary"], "branches")):
        summary = file["summary"]
        if missing(summary, "lines") or missing(summary, "branches"):
            name = os.path.relpath(file["filename"], record.SOURCE)
            print(f"{name:44}" + "".join(f"{missing(summary, what):5} of {summary[what]['count']:4}" for what in LIMITS))
    for what, limit in LIMITS.items():
        print(f"src/core: {percent(data['totals'], what):.2f} % of {data['totals'][what]['count']} {what} are run; "
              f"at least {limit:.0f} % are required")


def save(data, passed, seconds):
    totals = data["totals"]
    clang = subprocess.run(["clang", "--version"], capture_output=True, text=True, check=True).stdout
    record.record(
        "coverage", title="Coverage of the core", command="tests/reliability/coverage.py --record", seconds=seconds,
        promise="The tests of the rings `unit` and `kernel` run at least 95 % of the lines and 90 % of the branches of "
                "`src/core`. A branch is one outcome of one condition.",
        figures=[*((f"{what} run", f"{percent(totals, what):.2f} %") for what in LIMITS),
                 *((what, f"{totals[what]['count']:,d}") for what in LIMITS)],
        violations=sum(percent(totals, what) < limit for what, limit in LIMITS.items()),
        notes=[] if passed else ["A test failed; what it did not run is missing from the figures."],
        versions={"clang": re.search(r"version (\d+\.\d+\.\d+)", clang)[1]})


def main():
    absent = [tool for tool in TOOLS if not shutil.which(tool)]
    if absent:
        print(f"cannot run: no {absent[0]}")
        return 77
    began = time.monotonic()
    build()
    with tempfile.TemporaryDirectory() as profiles:
        passed = run_tests(profiles)
        data = measure(profiles)
    show(data)
    if "--record" in sys.argv:
        save(data, passed, time.monotonic() - began)
    return 0 if passed and all(percent(data["totals"], what) >= limit for what, limit in LIMITS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
