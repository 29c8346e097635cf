#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long connections that only are kept open make a stop wait, by the age of their last exchange: a number of keep-alive
connections to a real server, no request in flight. README.md says how to read it. Exit status as lost.py's."""

import argparse
import concurrent.futures
import dataclasses
import random
import statistics
import sys
import time

import stop
from stop import harness
import kinds

QUIET = (0.2, 1, 3, 8, 20)  # s since the last exchange, at the stop
CONNECTIONS = (1, 10, 100)
AT_ONCE = 0.2  # s: the median of a stop that nothing holds
LATE = 1.0  # s that a stop may take longer than it has to: polls, the application's end, a busy machine
EARLY = 0.3  # s that one may be shorter: the client's clock against the server's
TRIES = 5  # of a stop whose clients were late: the machine was busy


@dataclasses.dataclass(frozen=True)
class Past:
    """What connections have done before the stop."""

    name: str
    exchanges: int
    pauses: tuple = (0, 0)  # s between them, from and to; 0: most at once
    probes: bool = False
    expected: str = ""  # at_once, or quiet: --longest-request less the time that they have been quiet
    quick: bool = True  # of the short form


PASTS = (
    Past("young, 1 exchange", 1, expected="quiet"),
    Past("young, 3 exchanges", 3, expected="quiet", quick=False),
    Past("young, 3 exchanges, a probe a second", 3, probes=True, expected="quiet"),
    Past("young, 6 exchanges 1.5 to 2.5 s apart", 6, (1.5, 2.5), quick=False),
    Past("young, 6 exchanges 1.5 to 2.5 s apart, a probe a second", 6, (1.5, 2.5), True, "at_once"),
    Past("old, 50 exchanges", 50, (0, 0.05), expected="at_once"),
    Past("old, 50 exchanges, a probe a second", 50, (0, 0.05), True, "at_once"),
)


def connection(past, quiet, rng):
    """Half of the connections of the old ones ask again at once, the others after a pause."""
    if past.pauses[0] == 0 and rng.random() < 0.5:
        pauses = [0] * past.exchanges
    else:
        pauses = [0, *(rng.uniform(*past.pauses) for _ in range(past.exchanges - 1))]
    return {"pauses": [round(pause * 1000) for pause in pauses], "seconds": sum(pauses), "quiet": quiet}


def plan_stop(past, quiet, count, longest, rng, binary):
    requests = [connection(past, quiet, rng) for _ in range(count)]
    work = max(request["seconds"] for request in requests) + 0.3 + 0.05 * count
    lead = max(work + quiet, 2.5 if past.probes else 0)
    for request in requests:
        request["at"] = lead - quiet  # of its last exchange
        request["connect"] = max(0, request["at"] - request["seconds"] - 0.02 * past.exchanges)
    return stop.Plan(server=kinds.node("servers", "node_server", "http", stop.PORT),
                     client=kinds.python("clients", "idle_client"), requests=requests, lead=lead,
                     probes=past.probes, longest=longest, binary=binary)


class Cell:
    """Stops of one past, age and number of connections, of one binary."""

    def __init__(self, past, quiet, count, title):
        self.past, self.quiet, self.count, self.title = past, quiet, count, title
        self.seconds = []
        self.quiets = []  # the shortest of each stop's connections, as it really was
        self.closed = 0  # connections that ended before the stop

    def add(self, outcome):
        self.seconds.append(outcome.seconds)
        self.quiets.append(min(outcome.stopped_at - e["sent"] for e in outcome.exchanges))
        self.closed += sum(e["done"] < outcome.stopped_at for e in outcome.exchanges)

    def faults(self, longest):
        name = f"{self.past.name}, {self.count} connections, quiet for {self.quiet} s"
        if self.closed:
            yield f"{name}: {self.closed} connections were not open at the stop"
        for seconds, quiet in zip(self.seconds, self.quiets):
            due = max(0, longest - quiet)
            if seconds > due + LATE:
                yield f"{name}: a stop took {seconds:.2f} s, {longest:g} s of quiet were over after {due:.2f} s"
            if self.past.expected == "quiet" and seconds < due - EARLY:
                yield f"{name}: a stop took {seconds:.2f} s, and nothing can have decided it within {due:.2f} s"
        if self.past.expected == "at_once" and statistics.median(self.seconds) >= AT_ONCE:
            yield f"{name}: the median is {statistics.median(self.seconds):.2f} s"

    def text(self):
        return f"{statistics.median(self.seconds):.2f} / {max(self.seconds):.2f}" if self.seconds else "-"


def print_table(cells, quiets, counts, titles):
    print(f"| connections | n | program |{''.join(f' quiet {quiet:g} s |' for quiet in quiets)}")
    print(f"|---|---:|---|{'---:|' * len(quiets)}")
    for past in PASTS:
        for count in counts:
            for title in titles:
                row = [cells[key] for quiet in quiets if (key := (past, quiet, count, title)) in cells]
                if any(cell.seconds for cell in row):
                    print(f"| {past.name} | {count} | {title} | {' | '.join(cell.text() for cell in row)} |")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--stops", type=int, default=5, help="of each cell of the table [5]")
    parser.add_argument("--parallel", type=int, default=12, help="stops at a time [12]")
    parser.add_argument("--longest-request", type=float, default=10, help="s [10]")
    parser.add_argument("--quick", action="store_true", help="ten connections, and few ages")
    parser.add_argument("--before", action="store_true", help="$LASTCALL_BEFORE as well, to compare")
    return parser.parse_args()


def cells_of(options):
    programs = {"after": None}
    if options.before and not stop.BEFORE:
        print("skipped: before: LASTCALL_BEFORE does not name a program")
    elif options.before:
        programs = {"before": stop.BEFORE, "after": None}
    quiets, counts = ((0.5, 1.5, options.longest_request + 1), (10,)) if options.quick else (QUIET, CONNECTIONS)
    cells = {(past, quiet, count, title): Cell(past, quiet, count, title)
             for past in PASTS if past.quick or not options.quick
             for quiet in quiets for count in counts for title in programs}
    return cells, quiets, counts, programs


def is_late(outcome, quiet):
    """Whether a client had its last exchange later than it was to."""
    return any(e["sent"] is None or e["sent"] > outcome.stopped_at - quiet / 2 for e in outcome.exchanges)


def stop_again(cell, binary, number, options):
    rng = random.Random(f"{harness.SEED} {cell.past.name} {cell.quiet} {cell.count} {number}")
    for _ in range(TRIES):
        outcome = stop.run(plan_stop(cell.past, cell.quiet, cell.count, options.longest_request, rng, binary))
        if not is_late(outcome, cell.quiet):
            return cell, outcome
    raise AssertionError(f"the clients were late {TRIES} times: {cell.past.name}, {cell.count}, {cell.quiet} s")


def main():
    options = arguments()
    if reason := harness.cannot_run():
        print(f"cannot run: {reason}")
        return 1 if harness.MUST_RUN else harness.SKIPPED
    began = time.monotonic()
    cells, quiets, counts, programs = cells_of(options)
    faults = []
    with concurrent.futures.ThreadPoolExecutor(options.parallel) as pool:
        jobs = [pool.submit(stop_again, cell, programs[cell.title], number, options)
                for number in range(options.stops) for cell in cells.values()]
        for job in concurrent.futures.as_completed(jobs):
            try:
                cell, outcome = job.result()
            except Exception as error:  # one that says why, of any kind
                faults.append(f"a stop could not be made: {error}")
                continue
            cell.add(outcome)
    print_table(cells, quiets, counts, programs)
    for cell in cells.values():
        if cell.title == "after" and cell.seconds:
            faults += cell.faults(options.longest_request)
    for fault in faults:
        print(f"NOT MET: {fault}")
    print(f"seed {harness.SEED}, took {time.monotonic() - began:.1f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
