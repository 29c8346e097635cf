#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stops real servers as the children of lastcall, or of another init, and says what their clients lost."""

import argparse
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, os.pardir, "program")]

import harness  # noqa: E402
from box import Init  # noqa: E402
from judge import stop_once  # noqa: E402
from server import all_servers  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="servers; all, if none is named")
    parser.add_argument("--init", action="append", metavar="[NAME=]PATH",
                        help="an init; more than once to compare")
    parser.add_argument("--jobs", type=int, default=4, help="stops at a time")
    parser.add_argument("--list", action="store_true", help="names, one a line, with ci or long")
    parser.add_argument("--table", metavar="FILE", help="prints a table, with what earlier runs left in FILE")
    parser.add_argument("-v", "--verbose", action="store_true", help="what each process said")
    return parser.parse_args()


def version(server):
    """The number in what the version's command says."""
    if not server.version:
        return ""
    said = subprocess.run(shlex.split(server.version), text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=harness.environment()).stdout
    found = re.search(r"\d+\.\d[\w.]*", said)
    return found.group(0) if found else ""


def print_table(results, file):
    """One line a stop. The file keeps what earlier runs found out, so that inits can be tried one by one."""
    rows = {}
    if os.path.exists(file):
        with open(file) as kept:
            rows = json.load(kept)
    for result in results:
        row = rows.setdefault(f"{result.server.name} | {version(result.server)} | {result.stop.name}", {})
        row[result.init.name] = f"**{result.cell()}**" if result.lost_what_was_there() else result.cell()
    with open(file, "w") as kept:
        json.dump(rows, kept, indent=1)
    inits = list(dict.fromkeys(init for row in rows.values() for init in row))
    print("| server | version | stop | " + " | ".join(inits) + " |")
    print("|---|---|---|" + "---|" * len(inits))
    for title, row in rows.items():
        print(f"| {title} | " + " | ".join(row.get(init, "") for init in inits) + " |")


def show(result, verbose, file):
    print(("not ok " if result.problems else "ok ") + result.title + ": " + result.words(), file=file, flush=True)
    for problem in [*result.problems, *result.notes]:
        print(f"    {problem}", file=file)
    if result.details and (result.problems or verbose):
        print("    " + result.details.replace("\n", "\n    "), file=file, flush=True)


def main():
    options = arguments()
    servers = all_servers()
    if options.list:
        for name, server in servers.items():
            print(name, "ci" if server.in_ci else "long")
        return 0
    if reason := harness.cannot_run():
        print(f"cannot run: {reason}")
        return 1 if harness.MUST_RUN else harness.SKIPPED
    if unknown := [name for name in options.names if name not in servers]:
        sys.exit(f"no such server: {' '.join(unknown)}; --list has them")
    inits = [Init(path) for path in options.init or [harness.LASTCALL]]
    out = sys.stderr if options.table else sys.stdout
    results, skipped, tasks = [], [], []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name in options.names or servers:
            if reason := servers[name].missing():
                skipped.append(f"{name}: {reason}")
                continue
            tasks += [pool.submit(stop_once, servers[name], stop, init)
                      for stop in servers[name].stops for init in inits]
        for task in tasks:
            results.append(task.result())
            show(results[-1], options.verbose, out)
    if options.table:
        print_table(results, options.table)
    for reason in skipped:
        print(f"skipped: {reason}", file=out)
    wrong = sum(bool(result.problems) for result in results)
    print(f"{len(results) - wrong} stops as they have to be, {wrong} not", file=out)
    if wrong or (skipped and harness.MUST_RUN):
        return 1
    return 0 if results else harness.SKIPPED


if __name__ == "__main__":
    sys.exit(main())
