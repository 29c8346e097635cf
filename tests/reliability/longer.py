#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The long forms of tests that live elsewhere, each with its result: longer.py model | fuzz | system_calls | faults |
machine | machine_arm64 | systems | analyze"""

import concurrent.futures
import os
import re
import subprocess
import sys
import time

import built
import record

PYTHON = "/usr/bin/python3"


def output_of(*command, **variables):
    """All that a command says, its exit status, and how long it took. It is shown as well."""
    began = time.monotonic()
    done = subprocess.run(command, env={**os.environ, **variables}, cwd=record.SOURCE, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(done.stdout, flush=True)
    return done.stdout, done.returncode, time.monotonic() - began


def command(what):
    return f"tests/reliability/longer.py {what}"


def settings_of(*names):
    """What stands before a command that was run with these variables."""
    return "".join(f"{name}='{os.environ[name]}' " for name in names if name in os.environ)


def failures(said):
    """Of unittest: each case is a subtest."""
    return sum(int(number) for number in re.findall(r"(?:failures|errors)=(\d+)", said))


def model():
    said, status, seconds = output_of("tests/model/run", "--all")
    if status == 77:
        return 77
    states = re.search(r"^\s*([\d.e+]+) states, stored", said, re.M)
    steps = re.search(r"^\s*([\d.e+]+) transitions", said, re.M)
    errors = re.search(r"errors: (\d+)$", said, re.M)
    record.record(
        "model", title="State machine", command=command("model"), seconds=seconds,
        promise="spin runs `core/stop/stop_plan.c` beside its model over every sequence of events, for all 64 settings. "
                "A stop always ends; SIGKILL is never sent before the promised time; nothing is signalled while there "
                "is time and work in flight; there is one report.",
        figures=[("states", f"{float(states[1]):,.0f}"), ("transitions", f"{float(steps[1]):,.0f}"), ("settings", 64)],
        violations=int(errors[1]) if errors else 1, versions={"spin": re.search(r"Spin Version (\S+)", said)[1]})
    return 1 if status else 0


def fuzz():
    """As many targets at once as there are processors. LASTCALL_FUZZ_SECONDS says how long each takes."""
    each = int(os.environ.get("LASTCALL_FUZZ_SECONDS", 60))
    targets = sorted((record.SOURCE / "build" / "asan" / "tests").glob("fuzz_*"))
    if not targets:
        print("cannot run: build the preset asan first")
        return 77
    began = time.monotonic()

    def look(target):
        found = record.SOURCE / "build" / "asan" / "fuzz" / target.name.removeprefix("fuzz_")
        return output_of(target, f"-max_total_time={each}", "-timeout=10", f"-artifact_prefix={found}-", found,
                         record.SOURCE / "tests" / "fuzz" / "corpus" / found.name)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = list(pool.map(look, targets))
    tried = [sum(int(number) for number in re.findall(r"^Done (\d+) runs in", said, re.M)) for said, _, _ in runs]
    broken = [target.name for target, (_, status, _) in zip(targets, runs) if status]
    clang = subprocess.run(["clang", "--version"], capture_output=True, text=True, check=True).stdout
    record.record(
        "fuzz", title="Fuzzing", command=f"LASTCALL_FUZZ_SECONDS={each} {command('fuzz')}", seconds=time.monotonic() - began,
        promise="Each reader of what others write (requests, answers, the kernel's records, options, deployment files) "
                "gets inputs that libFuzzer makes, under the address and undefined-behaviour sanitizers. No input makes "
                "a reader fail.",
        figures=[("inputs", f"{sum(tried):,d}"), ("readers", len(targets)), ("seconds for each reader", each),
                 ("fewest inputs of a reader", f"{min(tried):,d}")],
        violations=len(broken), notes=[f"Failed: {name}." for name in broken],
        versions={"clang": re.search(r"\d+(\.\d+)+", clang)[0]})
    return 1 if broken else 0


def system_calls():
    said, status, seconds = output_of(PYTHON, "-B", "tests/program/test_system_calls.py", LASTCALL_EVERY_CALL="1")
    if status == 77:
        return 77
    phases = re.findall(r"(\w+): (\d+) calls, (\d+) cases$", said, re.M)  # behind the name of the test
    endings = re.findall(r"^(\w+: .+): (\d+) cases$", said, re.M)
    record.record(
        "system_calls", title="Failing system calls", command=command("system_calls"), seconds=seconds,
        promise="strace makes each system call of `lastcall` fail with EPERM: the first one, the second one, all of them. "
                "Before the application runs, one line says why there is no start. After that, only the "
                "application's end or the deadline ends the container.",
        figures=[("failing calls", sum(int(cases) for _, _, cases in phases)),
                 *((f"of these {phase}", f"{cases} ({calls} different calls)") for phase, calls, cases in phases),
                 *endings],
        violations=failures(said),
        versions={"strace": subprocess.run(["strace", "-V"], capture_output=True, text=True, check=True)
                  .stdout.split("\n")[0].split()[-1]})
    return 1 if status else 0


def faults():
    stops = int(os.environ.get("LASTCALL_FAULT_STOPS", 20000))
    static = {"LASTCALL_STATIC_BIN": str(built.STATIC)} if built.STATIC.exists() else {}
    said, status, seconds = output_of(PYTHON, "-B", "tests/program/test_faults.py", LASTCALL_FAULT_STOPS=str(stops), **static)
    if status == 77:
        return 77
    ways = re.search(r"ways: application (\d+), report (\d+), sight (\d+)$", said, re.M)
    counts = re.search(r"^\d+ stops, (\d+) with lost events, (\d+) killed because the machine was busy, "
                       r"(\d+) in which the kernel ended lastcall for lack of memory$", said, re.M)
    if not ways or not counts:
        return 1
    (apps, sinks, sights), (lost, slow, chosen) = ways.groups(), counts.groups()
    record.record(
        "faults", title="Fault matrix", command=f"LASTCALL_FAULT_STOPS={stops} {command('faults')}", seconds=seconds,
        promise=f"What goes wrong with the application ({apps} ways), the report ({sinks}), what `lastcall` sees ({sights}), "
                "as PID 1 and not, in both orders, at random. The stop ends before its timeout of 2 s, leaves no process, "
                "has the right exit status, and a report that agrees with the exit status, the clock, the client and the "
                "processes that were there; or the log says why there is none.",
        figures=[("stops", f"{stops:,d}"), ("stops in which the kernel dropped events", lost),
                 ("stops in which the machine left the application no time to exit", slow),
                 ("stops in which the kernel, out of memory, ended lastcall in place of the application", chosen),
                 ("programs", "glibc and static" if static else "glibc")],
        violations=failures(said), notes=re.findall(r"left out: .+$", said, re.M))
    return 1 if status else 0


def record_places(name, *variables, places, figures, notes, reasons, violations, **fields):
    """The result of tests that ran in several places, each with a figure. `reasons`: why tests or parts were skipped."""
    if not figures:
        return 77
    record.record(
        name, command=settings_of(*variables) + command(name), figures=[(places, len(figures)), *figures],
        violations=violations, **fields,
        notes=[*notes, *(f"Skipped, whole tests or parts, {reasons.count(reason)} in all: {reason}."
                         for reason in sorted(set(reasons)))])
    return 1 if violations else 0


MACHINES = "amd64-6.1 amd64-6.12 amd64-newest arm64-6.1"


def machine():
    return boot("amd64", "machine", "Kernels")


def machine_arm64():
    return boot("arm64", "machine_arm64", "Kernels for arm64")


def boot(processor, name, title):
    """As many at once as there are processors. LASTCALL_MACHINES says which ones, as amd64-6.12, of which those of the
    processor are taken; LASTCALL_MACHINE_TOPICS which topics, if not all."""
    topics = os.environ.get("LASTCALL_MACHINE_TOPICS", "")
    wanted = os.environ.get("LASTCALL_MACHINES", MACHINES)
    machines = [machine.split("-", 1) for machine in wanted.split() if machine.startswith(f"{processor}-")]
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = list(pool.map(lambda machine: output_of("tests/machine/run", f"--arch={machine[0]}", f"--kernel={machine[1]}",
                                                       *topics.split()), machines))
    figures, reasons, failed, notes = [], [], [], []
    for (arch, kernel), (said, status, _) in zip(machines, runs):
        booted = re.search(r"^Linux (\S+) ", said, re.M)
        if status == 77:
            notes.append(f"The kernel {kernel} for {arch} could not be fetched.")
            continue
        if not booted or not re.search("^done$", said, re.M):
            return 1
        ran = sum(int(tests) for tests in re.findall(r"^\w+: (\d+) tests (?:passed|FAILED)", said, re.M))
        ran -= len(re.findall(r"^skipped: test_", said, re.M))  # unittest counts these, but no class that it skips
        skipped = re.findall(r"^(?:skipped|left out): (?:setUpClass \(\S+\)|\S+): (.+)$", said, re.M)
        wrong = set(re.findall(r"^failed: (\w+)", said, re.M)) or ({"something else"} if status else set())
        failed += [f"Failed on Linux {booted[1]} ({arch}): {test}." for test in sorted(wrong)]
        notes += [f"Repeated on Linux {booted[1]} ({arch}) because the machine was late: {test}."
                  for test in sorted(set(re.findall(r"^repeated: (\S+)$", said, re.M)))]
        reasons += skipped
        figures.append((f"Linux {booted[1].split('-')[0]} ({arch}): tests passed / failed / skipped",
                        f"{ran - len(wrong)} / {len(wrong)} / {len(skipped)}"))
    return record_places(
        name, "LASTCALL_MACHINES", "LASTCALL_MACHINE_TOPICS", title=title, seconds=time.monotonic() - began,
        promise=f"{f'Of the ring `program` the topics {topics} pass' if topics else 'The ring `program` passes'} with the "
                "static program on Debian's kernels, in a machine of qemu.",
        places="kernels", figures=figures, violations=len(failed), notes=[*failed, *notes], reasons=reasons)


SYSTEMS = ("trixie", "sid")


def systems():
    """Other releases of Debian, one after the other. LASTCALL_SYSTEMS says which ones, LASTCALL_SYSTEMS_RINGS which rings."""
    rings = os.environ.get("LASTCALL_SYSTEMS_RINGS", "unit kernel program")
    releases = os.environ.get("LASTCALL_SYSTEMS", " ".join(SYSTEMS)).split()
    inside = (f"status=0; tests/run --preset=dev {rings} || status=$?; "
              'echo "system: Debian $(cat /etc/debian_version) (gcc $(cc -dumpfullversion), '
              'CMake $(cmake --version | sed -n "s/^cmake version //p"))"; exit $status')
    began = time.monotonic()
    figures, notes, reasons, wrong_in_all = [], [], [], 0
    for release in releases:
        said, _, _ = output_of("tests/systems/run", release, inside)
        system = re.search(r"^system: (.+)$", said, re.M)
        totals = re.search(r"^\d+% tests passed, (\d+) tests? failed out of (\d+)$", said, re.M)
        if not system:
            notes.append(f"A root of {release} could not be made.")
            continue
        if not totals:  # not built: there are no figures
            return 1
        wrong, ran = map(int, totals.groups())  # a skipped test counts as passed here, and is in a list below
        lists = said[said.rindex("% tests passed, "):]  # tests/run repeats what ctest said last
        skipped = re.findall(r"^\s+\d+ - \S+ \(Skipped\)", lists, re.M)
        wrong_in_all += wrong
        notes += [f"Failed on {system[1]}: {test}."
                  for test in re.findall(r"^\s+\d+ - (\S+) \((?!Skipped|Disabled)", lists, re.M)]
        notes += [f"Passed on {system[1]} at the second try only: {test}."
                  for test in re.findall(r"^\s+passed at the second try: (.+)$", said, re.M)]
        notes += [f"Repeated on {system[1]} because the machine was late: {tests}."
                  for tests in re.findall(r"^\s+\d+ tests? \w+ repeated because the machine was late: (.+)$", said, re.M)]
        reasons += re.findall(r"^\s+skipped (?:in )?\S+: (?:cannot run: )?(.+)$", said, re.M)
        figures.append((f"{system[1]}: tests passed / failed / skipped",
                        f"{ran - wrong - len(skipped)} / {wrong} / {len(skipped)}"))
    return record_places(
        "systems", "LASTCALL_SYSTEMS", "LASTCALL_SYSTEMS_RINGS", title="Releases of Debian",
        seconds=time.monotonic() - began,
        promise="In a root of another Debian, the release's compiler builds all programs and tests without a warning, and "
                f"the tests of {', '.join(f'`{ring}`' for ring in rings.split())} pass with the release's libraries and "
                "tools. The kernel is that of this machine.",
        places="releases", figures=figures, violations=wrong_in_all, notes=notes, reasons=reasons)


ANALYZERS = {"cppcheck": "cppcheck", "gcc": "`gcc -fanalyzer`", "tidy": "clang-tidy", "valgrind": "valgrind"}


def analyze():
    """LASTCALL_ANALYZERS says which ones, if not all."""
    wanted = os.environ.get("LASTCALL_ANALYZERS", " ".join(ANALYZERS)).split()
    settings = f"LASTCALL_ANALYZERS='{' '.join(wanted)}' " if wanted != list(ANALYZERS) else ""
    said, status, seconds = output_of("tests/analyze/run", *wanted)
    verdicts = re.findall(r"^(cppcheck|gcc|tidy|valgrind): (no fault found|FAILED)$", said, re.M)
    tidied = re.search(r"^clang-tidy: (\d+) files, (\d+) of them", said, re.M)
    if status == 77 or not verdicts:
        return status or 1

    def version(*program):
        said = subprocess.run([*program, "--version"], capture_output=True, text=True, check=True).stdout
        return re.search(r"\d+(\.\d+)+", said)[0]

    record.record(
        "analyze", title="Analyzers", command=settings + command("analyze"), seconds=seconds,
        promise="cppcheck, `gcc -fanalyzer` and clang-tidy find no fault in `src`, and valgrind finds none in a run of "
                "`lastcall` that serves, drains, stops and reports. What is left out of them has its reason beside it.",
        figures=[("analyzers", len(verdicts)), *((name, verdict) for name, verdict in verdicts)],
        violations=sum(verdict == "FAILED" for _, verdict in verdicts),
        versions={name.replace("tidy", "clang-tidy"): version(name.replace("tidy", "clang-tidy"))
                  for name in ANALYZERS if name in wanted},
        notes=[*(f"Not run: {what}." for name, what in ANALYZERS.items() if name not in wanted),
               *([f"clang-tidy had found nothing in {tidied[2]} of the {tidied[1]} files before, and neither these, "
                  "their headers nor the checks have changed since."] if tidied and tidied[2] != "0" else [])])
    return 1 if status else 0


if __name__ == "__main__":
    runs = {run.__name__: run for run in (model, fuzz, system_calls, faults, machine, machine_arm64, systems,
                                        analyze)}
    if len(sys.argv) != 2 or sys.argv[1] not in runs:
        sys.exit(__doc__)
    sys.exit(runs[sys.argv[1]]())
