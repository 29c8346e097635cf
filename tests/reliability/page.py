#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes docs/reliability.md from the results of the long runs. With --check the page is compared instead."""

import json
import re
import sys

from record import RESULTS, SOURCE

PAGE = SOURCE / "docs" / "reliability.md"
WIDTH = 110

HEAD = """\
# Reliability

What the long runs found: stops by the thousand, with real traffic and with faults. `tests/run` takes a small
part of each; `tests/run long` runs all of them, which takes hours, and writes their results and this page. A
single run has its own command, below. The page shows the last run of each, whatever it found: a number of
violations above 0 stays until a later run replaces it.
"""

# The order of the sections; others follow by their names.
ORDER = ("truth", "faults", "pressure", "system_calls", "model", "fuzz", "soak_serving", "soak_stops")


def load():
    names = sorted(path.stem for path in RESULTS.glob("*.json"))
    names.sort(key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    return {name: json.loads((RESULTS / f"{name}.json").read_text()) for name in names}


def anchor(title):
    return "#" + re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def duration(seconds):
    return f"{seconds} s" if seconds < 120 else f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def wrap(text, first="", rest=""):
    lines, line = [], first
    for word in text.split():
        if len(line) + len(word) > WIDTH and line.strip(" -"):
            lines.append(line.rstrip())
            line = rest
        line += word + " "
    return "\n".join([*lines, line.rstrip()])


def overview(results):
    rows = ["| run | what | violations | took | date |", "|---|---|---:|---:|---|"]
    for result in results:
        what, value = result["figures"][0]
        rows.append(f"| [{result['title']}]({anchor(result['title'])}) | {what}: {value} | {result['violations']:,d} "
                    f"| {duration(result['seconds'])} | {result['date']} |")
    return "\n".join(rows) + "\n"


def section(result):
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    rows = "\n".join(f"| {what} | {value} |" for what, value in result["figures"])
    parts = [f"## {result['title']}\n", wrap(result["promise"]) + "\n", f"| figure | value |\n|---|---:|\n{rows}\n"]
    if result["picture"]:
        parts.append(f"![{result['title']}]({result['picture']})\n")
    if result["notes"]:
        parts.append("\n".join(wrap(note, "- ", "  ") for note in result["notes"]) + "\n")
    parts += [f"```sh\n{result['command']}\n```\n",
              wrap(f"{result['violations']:,d} violations; {duration(result['seconds'])} on {result['date']}; "
                   f"{result['machine']}, {result['kernel']}; {versions}.") + "\n"]
    return "\n".join(parts)


def page():
    results = list(load().values())
    return "\n".join([HEAD, overview(results), *map(section, results)])


def main():
    text = page()
    if "--check" in sys.argv:
        if PAGE.read_text() != text:
            print("docs/reliability.md is not what tests/reliability/page.py makes of the results: run it")
            return 1
        return 0
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
