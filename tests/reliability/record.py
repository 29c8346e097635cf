# SPDX-License-Identifier: MIT
"""A result of a long run: one file of JSON in results/, from which page.py makes docs/reliability.md. Programs call
record(); a shell script calls

    record.py NAME TITLE PROMISE VIOLATIONS SECONDS COMMAND FIGURE=VALUE...

FIELDS below says what a file holds."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
RESULTS = HERE / "results"

FIELDS = {
    "title": str,  # of its section
    "promise": str,  # what has to hold, in a sentence or two
    "figures": list,  # [what, value], both text; the first one stands in the page's overview
    "violations": int,  # how often the promise was broken; 0 is the aim, and any other number is published, too
    "command": str,  # repeats it, from the top of the source tree
    "seconds": int,  # that it took
    "date": str,  # 2026-11-29
    "machine": str,  # processors and memory
    "kernel": str,
    "versions": dict,  # {program: version}; lastcall's has its commit
    "notes": list,  # sentences, for what the figures do not say
    "picture": (str, type(None)),  # a file in docs/
}


def version():
    """Of lastcall: that of CMakeLists.txt, and the commit. `+`: the sources of the program were changed after it."""
    number = re.search(r"^project\(\w+ VERSION ([0-9.]+)", (SOURCE / "CMakeLists.txt").read_text(), re.M)[1]

    def git(*words):
        return subprocess.run(["git", "-C", SOURCE, *words], capture_output=True, text=True, check=False).stdout.strip()

    return f"{number} ({git('rev-parse', '--short', 'HEAD')}{'+' if git('status', '--porcelain', '--', 'src') else ''})"


def machine():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} processors ({platform.machine()}), {memory:.0f} GiB"


def record(name, *, title, promise, figures, violations, command, seconds, versions=None, notes=(), picture=None):
    result = {
        "title": title, "promise": promise, "figures": [[what, str(value)] for what, value in figures],
        "violations": violations, "command": command, "seconds": round(seconds),
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(), "machine": machine(),
        "kernel": f"Linux {platform.release().split('-')[0]}", "versions": {"lastcall": version(), **(versions or {})},
        "notes": list(notes), "picture": picture,
    }
    with open(RESULTS / f"{name}.json", "w") as file:
        json.dump(result, file, indent=2, ensure_ascii=False)
        file.write("\n")
    print(f"{name}: {violations} violations in {seconds:.0f} s")


def main():
    name, title, promise, violations, seconds, command, *figures = sys.argv[1:]
    record(name, title=title, promise=promise, violations=int(violations), seconds=float(seconds), command=command,
           figures=[figure.split("=", 1) for figure in figures])


if __name__ == "__main__":
    main()
