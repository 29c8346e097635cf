#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stops of mixed real traffic, each with an order, an incident and a length drawn at random: what the report says of
them is held against what the clients saw. Exit status: 0 no report is wrong, 1 one is, 77 nothing could be run."""

import argparse
import collections
import concurrent.futures
import dataclasses
import functools
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import traceback

import built  # noqa: F401 - the variables of the tests
import record
import agreement
import kinds
import stop
from stop import harness

LONGEST_REQUEST = 4  # s; a request of a kind takes at most as long
CLIENTS_GIVE_UP = 12  # s after the signal, of clients without a link
NOT_COUNTED = 0.02  # of the requests that were answered after the signal, at most, may be in no count
SURE_S = 0.5  # s: what ends sooner after the signal may have been seen by no poll, as docs/report.md says
BURST = 150  # connections that end while lastcall is frozen
AT_THE_SIGNAL = 0.2  # of the stops: all requests end with the signal, or so many seconds before or after it:
AROUND_S = 0.03


def kill(number):
    def happens(program):
        os.kill(program.app_pid(), number)
    return happens


def freeze(seconds):
    """lastcall does not run while hundreds of connections come and go. Without CAP_NET_ADMIN its socket has room for the
    ends of few. `opened` says how many connections the application had."""
    def happens(program):
        os.kill(program.pid, signal.SIGSTOP)
        ends = time.monotonic() + seconds
        try:
            for _ in range(BURST):
                with program.socket() as client:
                    client.settimeout(1)
                    client.connect(("127.0.0.1", stop.PORT))
                    happens.opened += 1
        finally:
            time.sleep(max(0, ends - time.monotonic()))
            os.kill(program.pid, signal.SIGCONT)
    happens.opened = 0
    return happens


@dataclasses.dataclass(frozen=True)
class Incident:
    name: str
    weight: int
    make: object = None  # random -> (s after the signal, what happens)
    before: bool = False  # may come before the signal
    linked: bool = False
    python: bool = False  # only where the server runs as any user
    short: bool = False  # the stop timeout ends requests
    settings: tuple = ()


INCIDENTS = (
    Incident("none", 30),
    Incident("the stop timeout is too short", 20, short=True),
    Incident("SIGKILL to the application", 12, lambda rng: (rng.uniform(-0.2, 3), kill(signal.SIGKILL)), before=True),
    Incident("the application crashes", 12, lambda rng: (rng.uniform(-0.2, 3), kill(signal.SIGSEGV)), before=True),
    Incident("the link is lost", 10, lambda rng: (rng.uniform(0.05, 3), stop.lose_link), linked=True),
    Incident("lastcall is frozen", 8,
             lambda rng: (rng.uniform(0.2, 2), freeze(rng.uniform(0.1, 0.8))), python=True,
             settings=("user=12345", "nocaps")),
    Incident("no events", 8, settings=("deny=events",)),
)

HTTP_REQUESTS = (kinds.waiting, kinds.tie, kinds.upload, kinds.stream(0.1), kinds.stream(1.5))


def any_request(rng):
    return rng.choice(HTTP_REQUESTS)(rng)


def graceful_http():
    return [*kinds.python_http(), "graceful"]


def graceful_tls():
    return [*kinds.python_tls(), "graceful"]


MIXED = (
    kinds.Kind("mixed", "requests, ties, uploads and streams", kinds.python_http, kinds.HTTP, any_request),
    kinds.Kind("mixed-graceful", "the same, a server that finishes them", graceful_http, kinds.HTTP, any_request),
    kinds.Kind("mixed-tls", "the same over TLS", graceful_tls, kinds.TLS, any_request),
)


@functools.cache
def all_kinds():
    """Those that lose nothing, as lost.py requires; what no rule can decide is a limit of README.md."""
    found = [kind for kind in kinds.KINDS if kind.required and not [name for name in kind.needs if not shutil.which(name)]
             and (kind.name != "tls-openssl" or os.access(kinds.tls_server()[0], os.X_OK))]
    return (*found, *MIXED, *MIXED)


def python_clients(kind):
    return kind.client[0] == kinds.PYTHON and kind.requests and not kind.upstream


@dataclasses.dataclass
class Case:
    number: int
    kind: object
    incident: Incident
    order: str
    probes: bool
    plan: object
    happens_at: float  # s after the signal; None: nothing does

    def __str__(self):
        when = "" if self.happens_at is None else f" at {self.happens_at:+.2f} s"
        return (f"{self.number}: {self.kind.name}, {len(self.plan.requests)} clients, {self.order}, {self.incident.name}{when}, "
                f"timeout {self.plan.timeout} s{', probes' if self.probes else ''}")


def plan_requests(kind, count, rng):
    """Begun at such times that the signal comes at a random moment of each, and some begin after it; or at the end of
    all of them."""
    requests = []
    ends_now = rng.random() < AT_THE_SIGNAL
    for _ in range(count):
        request = kind.request(rng)
        seconds = request["seconds"]
        at = seconds + rng.uniform(-AROUND_S, AROUND_S) if ends_now else rng.uniform(-0.05, 1.0) * seconds
        requests.append({**request, "at": -at})
    lead = 1.0 - min(request["at"] for request in requests)
    for request in requests:
        request["at"] += lead
        before = request.get("before", ())
        request["connect"] = max(0, request["at"] - sum(before) / 1000 - 0.005 * len(before))
    return requests, lead


def draw(seed, number):
    rng = random.Random(f"{seed} {number}")
    incident = rng.choices(INCIDENTS, [incident.weight for incident in INCIDENTS])[0]
    kind = rng.choice([kind for kind in all_kinds() if not (incident.linked or incident.python) or python_clients(kind)])
    order = rng.choice(("drain-first", "signal-first"))
    probes = rng.random() < 0.3
    requests, lead = plan_requests(kind, rng.choice((1, 2, 5, 12)), rng)
    if probes:
        lead = max(lead, 2.5)
    happens = incident.make(rng) if incident.make else None
    plan = stop.Plan(
        server=kind.server(), client=kind.client, requests=requests, lead=lead, probes=probes,
        options=(f"--order={order}", "--margin=1s", *(["--term-grace=1s"] if rng.random() < 0.3 else [])),
        timeout=rng.choice((3, 4)) if incident.short else 10, longest=LONGEST_REQUEST, awaited=kind.requests,
        upstream=kinds.upstream_of(kind), settings=incident.settings, linked=incident.linked,
        patience=CLIENTS_GIVE_UP if incident.linked else None, incidents=(happens,) if happens else ())
    return Case(number, kind, incident, order, probes, plan, happens[0] if happens else None)


# ---- what is not so ----

def says_unknown(case, outcome):
    """The report says itself that its counts are partial, or from before the end."""
    report = outcome.report
    if None in (report["connections"][name] for name in ("finished", "cut", "unknown")):
        return True
    if "events_lost" in report["degraded"] or "census_full" in report["degraded"]:
        return True
    early = case.happens_at is not None and case.happens_at < SURE_S and case.incident.before
    return early and report["outcome"] == "app_exited"  # the work in flight was not seen, says docs/report.md


def lost_with_the_link(outcome):
    """The kernel cannot know what a client without a link has got: the report has to show that something was lost."""
    counts = agreement.counts_of(outcome)
    flying = outcome.in_flight()
    lost = [e for e in flying if e["result"] != "whole"]
    answered = sum(e["result"] == "whole" for e in outcome.exchanges)
    if counts["finished"] > answered + agreement.other_work(outcome):
        yield f"{counts['finished']} finished, clients had {answered} answered"
    seen = counts["cut"] + counts["unknown"] + counts["lost_bytes"] + counts["accept_queue_lost"]
    gave_up = any(holder["ended"] == "gave_up" for holder in counts["held_by"])
    if lost and not seen and not gave_up:
        yield f"clients lost {len(lost)}, and the report shows no loss"


def others(case):
    """The connections beside the clients' own: they send nothing, and each is work of which no client tells the end."""
    return sum(getattr(happens, "opened", 0) for _, happens in case.plan.incidents)


def wrong(case, outcome):
    """What a report says that is not so; what it does not claim to know is not wrong."""
    if case.incident.linked:
        return [] if outcome.report["connections"]["finished"] is None else list(lost_with_the_link(outcome))
    talkers = len(case.plan.requests) if case.kind.name == "talkers" else 0
    said = list(agreement.disagreements(outcome, case.kind.requests, others=others(case)))
    if 0 < agreement.counts_of(outcome)["cut"] <= talkers + others(case):
        # they sent something that was not answered, and few polls may not have seen more
        said = [words for words in said if " cut, and no client" not in words]
    if says_unknown(case, outcome):
        said = [words for words in said if " and " not in words or " and no client" in words]
        # too few; too many is never right
    return said


def not_counted(case, outcome):
    """How many requests in flight at the signal were answered half a second later or more, and how many of them, at
    least, are in no count. On a busy machine a server may look idle."""
    if case.incident.name not in ("none", "the stop timeout is too short") or not case.kind.requests or says_unknown(case, outcome):
        return 0, 0
    counts = agreement.counts_of(outcome)
    seen = sum(holder["ended"] in ("held", "gave_up") for holder in counts["held_by"]) + counts["held_by_more"]
    answered = sum(e["result"] == "whole" and e["done"] > outcome.stopped_at + SURE_S for e in outcome.in_flight())
    return answered, max(0, answered - counts["finished"] - counts["unknown"] - seen)


# ---- the run ----

class Tally:
    def __init__(self):
        self.stops = self.requests = self.lost = self.unknown = 0
        self.answered = self.not_counted = 0
        self.incidents = collections.Counter()
        self.orders = collections.Counter()
        self.outcomes = collections.Counter()
        self.degraded = collections.Counter()
        self.wrong, self.not_made, self.failed = [], [], []

    def add(self, case, outcome):
        self.stops += 1
        self.requests += len(outcome.in_flight())
        self.lost += len(outcome.lost())
        self.unknown += says_unknown(case, outcome) or bool(outcome.report["connections"]["unknown"])
        self.incidents[case.incident.name] += 1
        self.orders[case.order] += 1
        self.outcomes[outcome.report["outcome"]] += 1
        self.degraded.update(outcome.report["degraded"])
        answered, missing = not_counted(case, outcome)
        self.answered += answered
        self.not_counted += missing
        if said := wrong(case, outcome):
            self.wrong.append((case, said, outcome))

    def counts_too_few(self):
        return self.not_counted > max(1, NOT_COUNTED * self.answered)

    def figures(self):
        yield "stops", f"{self.stops:,d}"
        yield "reports that are wrong", f"{len(self.wrong):,d}"
        yield "stops without an end, a report, or an answer of the clients", f"{len(self.failed):,d}"
        yield "stops of which the report calls some part unknown", f"{self.unknown:,d}"
        yield "requests in flight at the signal", f"{self.requests:,d}"
        yield "of these lost, as the clients saw", f"{self.lost:,d}"
        yield f"answered {SURE_S * 1000:.0f} ms after the signal or later, where nothing but time ended them", f"{self.answered:,d}"
        yield f"of these in no count (at most {NOT_COUNTED:.0%})", f"{self.not_counted:,d}"
        for counter in (self.orders, self.incidents):
            yield from ((f"stops: {name}", f"{count:,d}") for name, count in counter.most_common())
        yield from ((f"outcome `{name}`", f"{count:,d}") for name, count in self.outcomes.most_common())
        yield from ((f"degraded `{name}`", f"{count:,d}") for name, count in self.degraded.most_common())


def run_one(seed, number):
    case = draw(seed, number)
    return case, stop.run(case.plan)


def describe(case, said, outcome):
    print(f"WRONG: {case}: {'; '.join(said)}")
    print(f"    stopped at {outcome.stopped_at:.3f}, took {outcome.seconds:.2f} s")
    print(f"    {outcome.report['outcome']} {outcome.report['connections']} {outcome.report['degraded']}")
    for exchange in outcome.exchanges:
        times = {name: None if exchange[name] is None else round(exchange[name] - outcome.stopped_at, 3)
                 for name in ("opened", "connected", "sent", "done")}
        print(f"    {exchange['number']}: {exchange['result']} {times} {outcome.requests[exchange['number']]}")
    print("    " + "\n    ".join(outcome.log), flush=True)


def run_all(options):
    tally = Tally()
    numbers = iter([options.only] if options.only is not None else range(options.stops))
    ends = time.monotonic() + options.seconds
    with concurrent.futures.ThreadPoolExecutor(options.parallel) as pool:
        waiting = set()
        while True:
            while len(waiting) < options.parallel and time.monotonic() < ends:
                number = next(numbers, None)
                if number is None:
                    break
                waiting.add(pool.submit(run_one, options.seed, number))
            if not waiting:
                return tally
            done, waiting = concurrent.futures.wait(waiting, return_when=concurrent.futures.FIRST_COMPLETED)
            for job in done:
                try:
                    case, outcome = job.result()
                    tally.add(case, outcome)
                except stop.NotMade:
                    tally.not_made.append(traceback.format_exc())
                    print(f"a stop could not be made: {tally.not_made[-1]}", flush=True)
                    continue
                except Exception:  # noqa: BLE001 - one that says why, of any kind
                    tally.failed.append(traceback.format_exc())
                    print(f"a stop has no end, or no report: {tally.failed[-1]}", flush=True)
                    continue
                if tally.wrong and tally.wrong[-1][0] is case:
                    describe(*tally.wrong[-1])
                elif options.only is not None:
                    describe(case, ["agrees"], outcome)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--stops", type=int, default=5000, help="[5000]")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no stop after so long [no limit]")
    parser.add_argument("--parallel", type=int, default=16, help="stops at a time [16]")
    parser.add_argument("--seed", default="1", help="[1]")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="the stop of this number alone")
    parser.add_argument("--record", action="store_true", help="write results/truth.json")
    return parser.parse_args()


def main():
    options = arguments()
    if reason := harness.cannot_run():
        print(f"cannot run: {reason}")
        return 1 if harness.MUST_RUN else harness.SKIPPED
    began = time.monotonic()
    stop.certificate()  # before there are threads
    kinds.SHORTEST, kinds.LONGEST = 0.4, LONGEST_REQUEST - 0.5
    tally = run_all(options)
    for what, value in tally.figures():
        print(f"{what}: {value}")
    print(f"{len(tally.not_made)} stops could not be made; took {time.monotonic() - began:.0f} s")
    if options.record:
        record.record(
            "truth", title="Reports and clients", violations=len(tally.wrong) + len(tally.failed) + tally.counts_too_few(),
            seconds=time.monotonic() - began,
            promise="Each stop has real servers and clients (HTTP/1.1, HTTP/2, TLS, a protocol in which the server speaks "
                    "first; requests, ties, uploads, streams), and an incident. What the report counts as finished or cut "
                    "agrees with what the clients saw, or the report says that it is unknown.",
            figures=list(tally.figures()), command=command_of(options),
            versions=versions(), notes=[f"{len(tally.not_made)} more stops could not be made: their clients or servers "
                                        "did not start."] if tally.not_made else [])
    return 1 if tally.wrong or tally.failed or tally.not_made or tally.counts_too_few() else 0


def command_of(options):
    limit = f"--stops={options.stops}" if options.seconds == float("inf") else f"--seconds={options.seconds:g}"
    return f"tests/reliability/truth.py {limit} --parallel={options.parallel} --seed={options.seed}"


def versions():
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip().lstrip("v")
    nginx = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=False).stderr.strip().rpartition("/")[2]
    python = subprocess.run([kinds.PYTHON, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    return {name: number for name, number in (("Node", node), ("nginx", nginx), ("Python", python)) if number}


if __name__ == "__main__":
    sys.exit(main())
