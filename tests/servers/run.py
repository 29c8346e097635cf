#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stops real servers as the children of lastcall, or of another init, and says what their clients lost."""

import argparse
import concurrent.futures
import os
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
    parser.add_argument("--init", action="append", help="path of an init; more than once to compare")
    parser.add_argument("--jobs", type=int, default=4, help="stops at a time")
    parser.add_argument("--list", action="store_true", help="names, one a line, with ci or long")
    parser.add_argument("-v", "--verbose", action="store_true", help="what each process said")
    return parser.parse_args()


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
    wrong, skipped, tasks = 0, [], []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name in options.names or servers:
            server = servers[name]
            if reason := server.missing():
                skipped.append(f"{name}: {reason}")
                continue
            tasks += [pool.submit(stop_once, server, stop, init) for stop in server.stops for init in inits]
        for task in tasks:
            result = task.result()
            wrong += bool(result.problems)
            print(("not ok " if result.problems else "ok ") + result.title + ": " + result.words(), flush=True)
            for problem in result.problems:
                print(f"    {problem}")
            if result.problems and result.details or options.verbose:
                print("    " + (result.details or "").replace("\n", "\n    "), flush=True)
    for reason in skipped:
        print(f"skipped: {reason}")
    print(f"{len(tasks) - wrong} stops as they have to be, {wrong} not")
    if wrong or (skipped and harness.MUST_RUN):
        return 1
    return 0 if tasks else harness.SKIPPED


if __name__ == "__main__":
    sys.exit(main())
