# SPDX-License-Identifier: MIT
"""Whether a stop kept its promises, and whether its report is true: held against the exit status, the clock, the way
that the application went wrong, and what the client saw."""

import signal

import harness
from fault_ways import APPS, BLIND, KILLED, NO_NETLINK

STARVED_MS = 100  # without a processor: then a kill in place of an exit is no wonder
CLOCK_MS = 5  # between two readings of one moment
LATEST_MS = 500  # from the report to the end of the container, with all that its processes hold

UNSEEN_MS = 500  # what was in flight when an application ends by itself so soon after the stop was not seen

SAID = {  # what a report has to call degraded
    "no sock_diag": "procnet",
    "sock_diag is refused": "procnet",
    "nothing": "no_detector",
    "no events": "no_events",
}


class Case:
    """One stop: how it was to be, and what was seen of it from outside."""

    def __init__(self, ways):
        self.ways = ways
        self.app, self.sink, self.sight, self.pid1, self.order = ways
        self.way = APPS[self.app]
        self.program = None
        self.client = None  # its request, if there was one
        self.events_lost = 0  # by the kernel
        self.was_written = False  # the file, before it became read-only: the application had ended
        self.starved_ms = 0.0  # for which lastcall, or this test, had no processor

    def was_slow(self):
        """The application was killed, in place of what it does with more time; the machine is to blame."""
        return self.program.ending.code == KILLED and KILLED not in self.way.ends and self.starved_ms > STARVED_MS

    def was_chosen(self):
        """The kernel was out of memory, and ended lastcall in place of the application that took it all: the memory of one
        that is killed already is not free yet."""
        return self.way.out_of_memory and self.program.ending.code == -signal.SIGKILL


def exit_status(report):
    """The one that a report tells of."""
    app = report["app"]
    if app["exit_code"] is not None:
        return app["exit_code"]
    return 128 + signal.Signals[app["signal"]] if app["signal"] else KILLED


def wrong_ending(case):
    ending = case.program.ending
    if ending.code not in case.way.ends and not case.was_slow():
        yield f"the exit status is {ending.code}, not one of {sorted(case.way.ends)}"
    if ending.left:
        yield f"{ending.left} processes were left"


def wrong_times(case, report):
    stop, phases, seconds = report["stop"], report["phases_ms"], case.program.ending.seconds
    if phases["drain"] + phases["term"] + phases["kill"] + phases["flush"] != phases["total"]:
        yield f"the phases are not their total: {phases}"
    if report["headroom_ms"] != stop["timeout_ms"] - stop["margin_ms"] - phases["total"]:
        yield f"headroom_ms is {report['headroom_ms']}, total {phases['total']}"
    if report["headroom_ms"] < -case.starved_ms:
        yield f"headroom_ms is {report['headroom_ms']}"
    if stop["signal"] is None:
        return
    if not phases["total"] - CLOCK_MS <= 1000 * seconds <= phases["total"] + LATEST_MS + case.starved_ms:
        yield f"the stop took {seconds:.3f} s, total is {phases['total']}"


def wrong_outcome(case, report):
    app, outcome, killed = report["app"], report["outcome"], report["app"]["killed"]
    ended = app["exit_code"] is not None or app["signal"] is not None
    if exit_status(report) != case.program.ending.code:
        yield f"exit_code is {app['exit_code']}, signal {app['signal']}, the exit status {case.program.ending.code}"
    if ended and app["exit_code"] is not None and app["signal"] is not None:
        yield "exit_code and signal are both set"
    if report["stop"]["signal"] != "SIGTERM" and not (case.way.ends_by_itself and report["stop"]["signal"] is None):
        yield f"stop.signal is {report['stop']['signal']}"
    if report["stop"]["signal"] is None and outcome != "app_exited":
        yield f"the application has ended by itself, outcome is {outcome}"
    if (outcome == "killed") != (killed or not ended):
        yield f"outcome is {outcome}, killed {killed}"
    if case.way.out_of_memory and killed and case.starved_ms > STARVED_MS:
        return  # it had no time for its memory
    if killed != (case.program.ending.code == KILLED and not case.way.out_of_memory):
        yield f"killed is {killed}, the exit status {case.program.ending.code}"


def wrong_memory(case, report):
    kills, said = report["app"]["oom_kills"], "out_of_memory" in report["diagnosis"]
    is_seen = case.way.out_of_memory and case.sight not in BLIND and not report["app"]["killed"]
    if is_seen and (not kills or not said):
        yield f"oom_kills is {kills}, diagnosis {report['diagnosis']}"
    if not case.way.out_of_memory and (kills or said):
        yield f"oom_kills is {kills}, diagnosis {report['diagnosis']}, nothing was out of memory"


def wrong_processes(case, report):
    """Without /proc the processes of a container cannot be counted; at least one is what lastcall knows then."""
    app, way = report["app"], case.way
    if app["exec_jobs"] or app["exec_shells"] or app["exec_killed"]:
        yield "processes from outside, and there were none"
    if case.was_slow() or case.app == "hangs in vfork":
        return
    exact = case.starved_ms <= STARVED_MS  # else the deadline may come before all are signalled, or reaped
    for name, count in (("leftovers", way.leftovers), ("leftovers_killed", way.deaf)):
        said = app[name]
        if name == "leftovers" and 0 < said <= way.orphans:
            continue  # some are still exiting
        if said > way.leftovers or (exact and said != count and not (case.sight in BLIND and said == 1 <= count)):
            yield f"{name} is {said}, not {count}"
    children = way.orphans + way.leftovers
    least = 0 if way.deaf else children  # lastcall does not wait for those that it kills at the deadline
    if report["reaped"] > children or (exact and report["reaped"] < least):
        yield f"reaped is {report['reaped']}, not {children}"


def wrong_counts(case, report):
    """The client knows whether its request was answered; what lastcall does not know, it shall not tell."""
    counts, client = report["connections"], case.client
    names = ("open_at_stop", "busy_at_stop", "finished", "cut", "unknown", "lost_bytes")
    nulls = [name for name in names if counts[name] is None]
    if nulls and (case.way.ends_by_itself or case.way.out_of_memory) and (
            report["phases_ms"]["drain"] + report["phases_ms"]["term"] <= UNSEEN_MS):
        return
    if nulls:
        if len(nulls) != len(names) or not {"no_detector", "ports_unknown"} & set(report["degraded"]):
            yield f"null: {nulls}, degraded: {report['degraded']}"
        return
    finished, cut, unknown = counts["finished"], counts["cut"], counts["unknown"]
    if client is None:
        if finished or cut or unknown or counts["busy_at_stop"]:
            yield f"work without a request: {counts}"
        return
    if client.answer is not None:
        if cut or counts["lost_bytes"]:
            yield f"{cut} cut and {counts['lost_bytes']} bytes lost, the client has its answer"
    elif finished:
        yield "finished, the client has no answer"
    if finished + cut + unknown > 1:
        yield f"{finished} finished, {cut} cut, {unknown} unknown, of one request"
    was_seen = not case.way.ends_by_itself and client.ended_at > case.program.stop_sent_at + case.starved_ms / 1000
    if was_seen and (counts["busy_at_stop"] != 1 or finished + cut + unknown != 1):
        yield f"{counts['busy_at_stop']} busy at the stop, {finished} finished, {cut} cut, {unknown} unknown: 1 was in flight"


def wrong_degraded(case, report):
    degraded, said = set(report["degraded"]), SAID.get(case.sight)
    if said and said not in degraded and not case.way.ends_by_itself:
        yield f"degraded is {sorted(degraded)}, without {said}"
    # an application that ends at once ends the stop: the last poll counts then, and no event is read
    if case.events_lost and "events_lost" not in degraded and case.order == "drain-first" and case.client:
        yield f"degraded is {sorted(degraded)}, the kernel has dropped events"
    if case.sight != "lost events" and "events_lost" in degraded:
        yield f"degraded is {sorted(degraded)}, the kernel has room for all events"
    strange = {"procnet", "no_detector", "no_events"} & degraded - {said}
    if strange and case.sight not in NO_NETLINK:
        yield f"degraded is {sorted(degraded)}"


def wrong_report(case, report):
    if validator := harness.report_validator():
        for error in validator.iter_errors(report):
            yield f"not as the schema says: {error.message}"
    for check in (wrong_times, wrong_outcome, wrong_memory, wrong_processes, wrong_counts, wrong_degraded):
        yield from check(case, report)


def may_be_missing(case):
    """Why there may be no report; None where there has to be one."""
    if case.sink == "stdout":
        return "full" if case.app == "fills its stdout" else None
    return None if case.sink == "stderr" or case.was_written else case.sink


def wrong(case, reports):
    """What is not as promised, in words."""
    if case.was_chosen():
        return
    yield from wrong_ending(case)
    late = 1000 * case.program.ending.seconds - 2000
    if late > case.starved_ms:
        yield f"the container ended {late:.0f} ms after the stop timeout"
    reason = may_be_missing(case)
    if len(reports) != (0 if reason else 1):
        yield f"{len(reports)} reports"
    if reason not in (None, "off") and not case.program.err.find("cannot write the report"):
        yield "the log does not say why there is no report"
    for report in reports:
        yield from wrong_report(case, report)
