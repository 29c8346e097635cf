# SPDX-License-Identifier: MIT
"""Makes ready what the emulated ring runs in, and finds out what the emulator cannot do: with programs of
that processor, which ask for it themselves, so that nothing is taken for a limit because lastcall fails.

usage: emulator.py DIRECTORY		leaves there `lastcall`, and `limits.json`: limit -> what was seen"""

import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys

SKIPPED = 77  # ctest's SKIP_RETURN_CODE
EMULATOR = "qemu-aarch64-static"
HERE = pathlib.Path(__file__).parent
LITTLE_MEMORY = 64 << 20
# A program of the other processor is made as the static one is, of what that was made of.
FETCHED = pathlib.Path(os.environ["LASTCALL_SOURCE_DIR"]) / "build" / "fetched"
MUSL = FETCHED / "musl-arm64" / "usr"
LIBRARY = MUSL / "lib" / "aarch64-linux-musl"
OTHER_PROCESSOR = (
    "--target=aarch64-linux-musl", "-nostdinc", "-isystem", MUSL / "include" / "aarch64-linux-musl",
    "-idirafter", FETCHED / "kernel-headers-aarch64", "-fno-pie", "-no-pie", "-static", "-fuse-ld=lld",
    "-nostdlib", "-Wno-unused-command-line-argument",
    *(LIBRARY / name for name in ("crt1.o", "crti.o", "libc.a", "crtn.o")))


def compile_c(out, source, *flags):
    subprocess.run(["clang", "-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Werror", "-o", out, HERE / source,
                    *flags], check=True)


def make_emulated(directory, name, program):
    """A program of this machine that becomes the other one. The emulator's own name is what /proc says."""
    (directory / "emulator").mkdir(exist_ok=True)
    emulator = directory / "emulator" / name
    emulator.unlink(missing_ok=True)
    emulator.symlink_to(shutil.which(EMULATOR))
    compile_c(directory / name, "emulate.c", f'-DEMULATOR="{emulator}"', f'-DPROGRAM="{program}"')


class Probe:
    """can.c, emulated."""

    def __init__(self, directory):
        compile_c(directory / "can-other", "can.c", *OTHER_PROCESSOR)
        make_emulated(directory, "can", directory / "can-other")
        self.emulated = directory / "can"

    def can(self, what, **arguments):
        done = subprocess.run([self.emulated, what], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=60, check=False, **arguments)
        return done.returncode == 0

    def signals(self):
        """Its threads' signal masks, and the signals that it saw as others than were sent."""
        with subprocess.Popen([self.emulated, "signals"], stdout=subprocess.PIPE) as process:
            process.stdout.read(1)
            tasks = pathlib.Path(f"/proc/{process.pid}/task")
            blocked = [mask_in((task / "status").read_text(), "SigBlk") for task in tasks.iterdir()]
            wrong = []
            for number in range(signal.SIGRTMIN, signal.SIGRTMAX + 1):
                process.send_signal(number)
                if process.stdout.read(1) != bytes([number]):
                    wrong.append(number)
                    break
            process.kill()
        return blocked, wrong

    def hands_on_ignored(self):
        """Is what was ignored still so in a program of this machine that it became?"""
        status = subprocess.run([self.emulated, "exec", shutil.which("cat"), "/proc/self/status"], text=True,
                                stdout=subprocess.PIPE, timeout=60, check=True,
                                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)).stdout
        return mask_in(status, "SigIgn") & 1 == 1


def mask_in(status, name):
    return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1], 16)


def find_limits(probe):
    limits = {"time": "an emulator is slow beside other tests, however fast it was when it was alone"}
    for what, said in (("sock_diag", "no NETLINK_SOCK_DIAG"), ("subreaper", "no PR_SET_CHILD_SUBREAPER"),
                       ("pwritev2", "no pwritev2(2)")):
        if not probe.can(what):
            limits[what] = said
    blocked, wrong = probe.signals()
    if wrong:
        limits["realtime"] = f"signal {wrong[0]} is not what arrives when it is sent"
    if len(blocked) > 1:
        limits["thread"] = "a thread of the emulator's own takes a pid, and makes system calls"
    if any(not mask >> (signal.SIGILL - 1) & 1 for mask in blocked):
        limits["faults"] = "that thread takes a SIGILL or SIGFPE that was sent, and dies of it"
    if not probe.hands_on_ignored():
        limits["ignored"] = "a signal that was ignored is not, in a program that was executed"
    little = lambda: resource.setrlimit(resource.RLIMIT_AS, (LITTLE_MEMORY, LITTLE_MEMORY))
    if not probe.can("start", preexec_fn=little):
        limits["memory"] = f"the emulator cannot start in {LITTLE_MEMORY} bytes"
    return limits


def main(directory):
    if not shutil.which(EMULATOR):
        print(f"{EMULATOR} is not here")
        return 1 if os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1" else SKIPPED
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    make_emulated(directory, "lastcall", os.environ["LASTCALL_BIN"])
    probe = Probe(directory)
    if not probe.can("start"):  # else each probe would fail, and be taken for a limit
        print("the emulator does not run a program of that processor")
        return 1
    limits = find_limits(probe)
    (directory / "limits.json").write_text(json.dumps(limits, indent=1))
    for limit, said in limits.items():
        print(f"{limit}: {said}")
    return 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).absolute()))
