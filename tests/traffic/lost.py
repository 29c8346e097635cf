#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Which requests are lost at a stop, as their clients see it: the real program, real servers, stops at a random moment
of each request's life. README.md says how to read what is printed. Exit status: 0 every requirement is met, 1 not, 77 nothing
could be run."""

import argparse
import concurrent.futures
import random
import shutil
import statistics
import sys
import time

import stop
from stop import harness
import agreement
import kinds

# A stop without a request ends so long after --longest-request at the latest: a talker may still say something, and the
# machine may be busy.
BOUND = 3

# Of the requests, how many may be called idle at some moment while they are in flight: a server that the machine does not let
# run for a second between a request and its own words looks like one that answers. Before there were doubts
# it was 10 to 50 %.
CALLED_IDLE = 0.02


def plan_stop(kind, probes, per_stop, longest, rng, binary):
    """Requests begun at such times that the signal comes at a random moment of each."""
    requests = []
    for _ in range(per_stop):
        request = kind.request(rng)
        elapsed = kind.stop_after(rng, request) if kind.stop_after else rng.uniform(0.005, 0.995) * request["seconds"]
        requests.append({**request, "at": -elapsed})
    lead = 1.5 - min(request["at"] for request in requests)
    if probes:
        lead = max(lead, 2.5)  # at least two of them
    for request in requests:
        request["at"] += lead
        before = request.get("before", ())
        if request.get("rested"):
            request["connect"] = max(0, request["at"] - 1)
        else:
            request["connect"] = request["at"] - sum(before) / 1000 - 0.005 * len(before)
    return stop.Plan(server=kind.server(), client=kind.client, requests=requests, lead=lead, probes=probes,
                     sample=per_stop > 1, awaited=kind.requests, options=kind.options, longest=longest, upstream=kinds.upstream_of(kind),
                     binary=binary)


class Row:
    """All stops of one kind, with or without probes, of one binary."""

    def __init__(self, kind, probes, title):
        self.kind, self.probes, self.title = kind, probes, title
        self.stops = self.requests = self.lost = self.wrongly_idle = 0
        self.false_cut = 0
        self.wrong = []
        self.seconds = []
        self.overtime = []  # from the last answer to the end

    def add(self, outcome):
        flying = outcome.in_flight()
        self.stops += 1
        self.seconds.append(outcome.seconds)
        if self.kind.requests:
            self.requests += len(flying)
            self.lost += len(outcome.lost())
            self.wrongly_idle += max(0, outcome.wrongly_idle)
            ends = [e["done"] for e in flying if e["result"] == "whole"]
            if ends:
                self.overtime.append(outcome.stopped_at + outcome.seconds - max(ends))
        self.wrong += agreement.disagreements(outcome, self.kind.requests)

    def share_lost(self):
        return self.lost / self.requests if self.requests else 0

    def faults(self, longest, before):
        """What is required and not so. A kind that cannot be decided may lose requests, but fewer than before."""
        if self.kind.required and self.lost:
            yield f"{self.lost} of {self.requests} requests lost"
        if self.kind.required and self.wrongly_idle > CALLED_IDLE * self.requests:
            yield f"{self.wrongly_idle} requests called idle while they were in flight"
        if not self.kind.required and before and before.requests and self.share_lost() >= before.share_lost():
            yield f"{self.lost} of {self.requests} requests lost, before it was {before.lost} of {before.requests}"
        if self.kind.requests and not self.requests:
            yield "no request was in flight"
        if not self.kind.requests and max(self.seconds) > longest + BOUND:
            yield f"a stop without a request took {max(self.seconds):.1f} s"
        yield from sorted(set(f"the report: {wrong}" for wrong in self.wrong))

    def line(self):
        median = statistics.median
        shown = f"{self.lost} of {self.requests}" if self.kind.requests else "-"
        idle = self.wrongly_idle if self.kind.requests else "-"
        overtime = f"{median(self.overtime):.2f} ({max(self.overtime):.2f})" if self.overtime else "-"
        return (f"| {self.kind.note} | {'1/s' if self.probes else 'none'} | {self.title} | {self.stops} | {shown} | {idle} "
                f"| {len(self.wrong)} | {median(self.seconds):.1f} ({max(self.seconds):.1f}) | {overtime} |")


HEADER = """| traffic | probes | program | stops | lost | called idle | reports wrong | stop, s | after the last answer, s |
|---|---|---|---:|---:|---:|---:|---:|---:|"""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--requests", type=int, default=50, help="of each kind, with and without probes [50]")
    parser.add_argument("--per-stop", type=int, default=50, help="connections of one stop [50]")
    parser.add_argument("--parallel", type=int, default=12, help="stops at a time [12]")
    parser.add_argument("--longest-request", type=float, default=10, help="s [10]")
    parser.add_argument("--kind", default="", help="only these, separated by commas")
    parser.add_argument("--probes", choices=("with", "without", "both"), default="both")
    parser.add_argument("--before", type=int, default=0, metavar="REQUESTS",
                        help="so many of each kind with $LASTCALL_BEFORE, too, to compare [0]")
    parser.add_argument("--undecidable", action="store_true", help="also the kinds that no rule can decide")
    parser.add_argument("--list", action="store_true")
    return parser.parse_args()


def chosen(options):
    names = [name for name in options.kind.split(",") if name]
    for kind in kinds.KINDS:
        if names and kind.name not in names:
            continue
        if not names and not kind.required and not options.undecidable:
            continue
        lacks = [name for name in kind.needs if shutil.which(name) is None]
        if kind.name == "tls-openssl" and not kinds.tls_server()[0]:
            lacks.append("OpenSSL's headers")
        if lacks:
            print(f"skipped: {kind.name}: no {', '.join(lacks)} here")
            if harness.MUST_RUN:
                sys.exit(1)
            continue
        yield kind


def rows_of(options):
    programs = [("after", None)]
    if options.before and not stop.BEFORE:
        print("skipped: before: LASTCALL_BEFORE does not name a program")
    elif options.before:
        programs.insert(0, ("before", stop.BEFORE))
    probes = {"both": (False, True), "with": (True,), "without": (False,)}[options.probes]
    return [(Row(kind, probe, title), binary) for kind in chosen(options) for probe in probes
            for title, binary in programs]


def stop_again(row, binary, number, options):
    rng = random.Random(f"{harness.SEED} {row.kind.name} {row.probes} {number}")
    return row, stop.run(plan_stop(row.kind, row.probes, options.per_stop, options.longest_request, rng, binary))


def main():
    options = arguments()
    if options.list:
        for kind in kinds.KINDS:
            print(f"{kind.name:16} {kind.note}")
        return 0
    if reason := harness.cannot_run():
        print(f"cannot run: {reason}")
        return 1 if harness.MUST_RUN else harness.SKIPPED
    began = time.monotonic()
    stop.certificate()  # before there are threads
    rows = rows_of(options)
    stops = {"after": -(-options.requests // options.per_stop), "before": -(-options.before // options.per_stop)}
    broken = []
    with concurrent.futures.ThreadPoolExecutor(options.parallel) as pool:
        jobs = [pool.submit(stop_again, row, binary, number, options)
                for number in range(max(stops.values())) for row, binary in rows if number < stops[row.title]]
        for job in concurrent.futures.as_completed(jobs):
            try:
                row, outcome = job.result()
            except Exception as error:  # one that says why, of any kind
                broken.append(str(error))
                continue
            row.add(outcome)
    print(HEADER)
    faults = [f"a stop could not be made: {error}" for error in broken]
    before = {(row.kind.name, row.probes): row for row, _ in rows if row.title == "before"}
    for row, _ in rows:
        if row.stops:
            print(row.line())
        if row.stops and row.title == "after":
            probes = "with" if row.probes else "without"
            faults += [f"{row.kind.name} {probes} probes: {fault}" for fault in
                       row.faults(options.longest_request, before.get((row.kind.name, row.probes)))]
    for fault in faults:
        print(f"NOT MET: {fault}")
    print(f"seed {harness.SEED}, took {time.monotonic() - began:.1f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
