#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What keep-alive clients lose that ask again 50 ms after each answer, so that the server is hardly ever without a request: no
drain can end between all of them. Nothing is required; README.md says how to read it."""

import argparse
import concurrent.futures
import random
import statistics
import sys
import time

import stop
from stop import harness
import kinds

CONNECTIONS = (1, 2, 5, 10, 30)
PAUSE = 50  # ms
WAITS = (5, 400)  # ms, from and to
TIMEOUT = 10  # s


def plan_stop(count, rng, binary):
    requests = [{"at": 0, "connect": rng.uniform(0, 0.5), "pause": PAUSE,
                 "waits": [rng.randint(*WAITS) for _ in range(20)]} for _ in range(count)]
    return stop.Plan(server=kinds.python_http(), client=kinds.python("clients", "loop_client"), requests=requests,
                     lead=rng.uniform(2, 3), timeout=TIMEOUT, longest=5, binary=binary)


class Row:
    def __init__(self, count, title):
        self.count, self.title = count, title
        self.seconds, self.lost, self.cut, self.unknown = [], [], [], []

    def add(self, outcome):
        self.seconds.append(outcome.seconds)
        self.lost.append(sum(e["result"] != "whole" for e in outcome.exchanges))
        self.cut.append(outcome.report["connections"]["cut"])
        self.unknown.append(outcome.report["connections"].get("unknown") or 0)

    def line(self):
        stops = len(self.seconds)
        return (f"| {self.count} | {self.title} | {stops} | {statistics.median(self.seconds):.1f} ({max(self.seconds):.1f}) "
                f"| {sum(self.lost)} of {stops * self.count} | {sum(self.cut)} | {sum(self.unknown)} |")


def stop_again(row, binary, number):
    rng = random.Random(f"{harness.SEED} {row.count} {number}")
    return row, stop.run(plan_stop(row.count, rng, binary))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--stops", type=int, default=10, help="of each number of connections [10]")
    parser.add_argument("--parallel", type=int, default=12, help="stops at a time [12]")
    options = parser.parse_args()
    if reason := harness.cannot_run():
        print(f"cannot run: {reason}")
        return 1 if harness.MUST_RUN else harness.SKIPPED
    began = time.monotonic()
    programs = {"before": stop.BEFORE, "after": None} if stop.BEFORE else {"after": None}
    if not stop.BEFORE:
        print("skipped: before: LASTCALL_BEFORE does not name a program")
    rows = [Row(count, title) for count in CONNECTIONS for title in programs]
    with concurrent.futures.ThreadPoolExecutor(options.parallel) as pool:
        jobs = [pool.submit(stop_again, row, programs[row.title], number)
                for number in range(options.stops) for row in rows]
        for job in concurrent.futures.as_completed(jobs):
            row, outcome = job.result()
            row.add(outcome)
    print("| connections | program | stops | stop, s | lost in mid-request | reported cut | unknown |")
    print("|---:|---|---:|---:|---:|---:|---:|")
    for row in rows:
        print(row.line())
    print(f"seed {harness.SEED}, took {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
