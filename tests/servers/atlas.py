#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures how servers stop, and keeps what it sees in measured/, one file a server. A server is tried raw (a
plain child), as PID 1, under tini, and under lastcall, without options and with what is advised."""

import argparse
import concurrent.futures
import json
import os
import re
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, os.pardir, "program")]

import harness  # noqa: E402
import report_alarm  # noqa: E402
from box import Init  # noqa: E402
from judge import GRACE_S, stop_once  # noqa: E402
from run import version  # noqa: E402
from server import Server, Stop, all_servers  # noqa: E402

MEASURED = os.path.join(here, "measured")
STOP_TIMEOUT_S = 20  # what lastcall is told
OWN_END = "the server itself takes {:.1f} s to end"  # a reason by itself
TRIES = 2  # of a stop that could not be made
MORE_TRIES = 2  # of one under lastcall that was not perfect: the machine may have been busy


def ways(server):
    """Each way to stop it: its name, the init, the server as it is started, the stop."""
    for signal in server.signals:
        yield "raw", Init("raw"), server, Stop(signal, timeout=server.patience)
    first = server.signals[0]
    yield "PID 1", Init("pid1"), server, Stop(first, timeout=server.patience)
    yield "tini", Init("tini"), server, Stop(first, timeout=server.patience)
    lastcall = Init(harness.LASTCALL)
    yield "lastcall", lastcall, server, Stop("TERM", timeout=STOP_TIMEOUT_S)
    advice = server.advice
    if advice.command or advice.files or advice.environment:
        yield "raw, recommended", Init("raw"), advice.applied_to(server), Stop("TERM", timeout=server.patience)
    if advice.options or advice.command or advice.files or advice.environment:
        yield ("recommended", lastcall, advice.applied_to(server),
               Stop("TERM", timeout=STOP_TIMEOUT_S, options=tuple(advice.options)))


def measure(server):
    """All stops of one server, one after the other."""
    stops, began = [], time.monotonic()
    for way, init, started, stop in ways(server):
        result = made(server, way, init, started, stop)
        stops.append(seen(way, result))
        for _ in range(MORE_TRIES if init.is_lastcall else 0):
            if not imperfect(stops[-1], stops):
                break
            stops[-1] = quicker(stops[-1], seen(way, made(server, way, init, started, stop)))
        if way == "raw" and len(stops) == 1:
            process = result.process
    return {"server": server.name, "version": version(server), "process": process,
            "took": round(time.monotonic() - began), "stops": stops}


def made(server, way, init, started, stop):
    for _ in range(TRIES):
        result = stop_once(started, stop, init)
        if not result.error:
            return result
    raise RuntimeError(f"{server.name}, {way}, {stop.signal}: {result.error}\n{result.details}")


def quicker(one, other):
    """Of two stops that kept the same, the one that ended sooner: a busy machine only adds to a time. Else the
    one that kept less."""
    lost = [sum(end != "kept" for end in stop.get("work", {}).values()) + stop["new"]["early"] for stop in (one, other)]
    if lost[0] != lost[1]:
        return one if lost[0] > lost[1] else other
    return min(one, other, key=lambda stop: (stop["killed"], stop["after_last"]))


def seen(way, result):
    """What is worth to be kept of one stop, in seconds after the signal."""
    report = result.report
    found = {"way": way, "signal": result.stop.signal}
    if result.stop.options:
        found["options"] = list(result.stop.options)
    for work in result.works:
        if work.what != "new":
            found.setdefault("work", {})[work.what] = "kept" if not work.lost else f"lost: {work.lost[:120]}"
    found["idle"] = result.idle
    found["new"] = new_clients(result)
    found |= {"exit": result.code, "killed": result.killed, "seconds": round(result.seconds, 2),
              "after_last": round(result.after_last, 2), "left": result.left}
    if report:
        counts = report["connections"]
        found |= {"sent": result.sent, "doubted": result.doubted, "alarm": report_alarm.fires(report),
                  "report": {"outcome": report["outcome"], "diagnosis": report["diagnosis"],
                             **{name: counts[name] for name in ("finished", "cut", "unknown", "lost_bytes")}}}
    return found


def new_clients(result):
    """How those fared that came after the signal; `early` are lost ones that came before the server had its own."""
    works = [work for work in result.works if work.what == "new"]
    signalled_at = result.stopped_at
    if result.report:
        phases = result.report["phases_ms"]
        signalled_at += (phases["min_drain"] + phases["drain"]) / 1000
    lost = [work for work in works if work.lost]
    refused = result.refused_after if type(result.server).during is not Server.during else None  # else none tried
    return {"answered": len(works) - len(lost), "lost": len(lost),
            "early": len([work for work in lost if work.begun_at < signalled_at - GRACE_S]) if result.report else 0,
            "refused_after": None if refused is None else round(refused, 2)}


def imperfect(stop, stops):
    """Why a stop under lastcall is not perfect, in words; empty: it is. `stops` are all of the server."""
    why = [f"the {what} is lost" for what, end in stop.get("work", {}).items() if end != "kept"]
    if stop["new"]["early"]:
        why.append(f"{stop['new']['early']} new requests are lost")
    was_killed = stop["killed"] or stop["report"]["outcome"] == "killed"
    if was_killed:
        why.append("SIGKILL ends it")
    elif stop["after_last"] - own_end(stop, stops) > 1:
        last = last_work(stop)
        why.append(f"it ends {stop['after_last']:.1f} s after the last {last}" if last else f"it takes {stop['after_last']:.1f} s")
    elif stop["after_last"] > 1 and set(stop.get("work", {})) != {"state"}:
        why.append(OWN_END.format(stop["after_last"]))
    raw = sorted({other["exit"] for other in raw_stops(stop, stops) if not other["killed"]})
    if raw and stop["exit"] not in raw and not was_killed:
        why.append(f"the exit status is {stop['exit']}, not {raw[0]}")
    lossy = any(end != "kept" for end in stop.get("work", {}).values())
    if stop["alarm"] != lossy and not (stop["alarm"] and stop["new"]["lost"]):
        why.append("the report's alarm fires without a loss" if stop["alarm"] else "the report shows no loss")
    return why


def last_work(stop):
    """What a client waited for and got last, for people; empty: there was none."""
    kept = [what for what, end in stop.get("work", {}).items() if end == "kept" and what != "state"]
    return "" if not kept else "request" if kept[-1] in ("slow", "stream") else kept[-1]


def raw_stops(stop, stops):
    """What the server does without an init, on the signal that it was sent here."""
    if stop["way"] == "recommended":
        changed = [other for other in stops if other["way"] == "raw, recommended" and other["signal"] in stop["sent"]]
        if changed:
            return changed
    return [other for other in stops if other["way"] == "raw"
                       and (other["signal"] in stop["sent"] or not stop["sent"])]


def own_end(stop, stops):
    """How long the server itself takes to end after its last request, without an init."""
    return max([0, *(other["after_last"] for other in raw_stops(stop, stops) if not other["killed"])])


def best(stops):
    """The stop under lastcall as it is recommended: with the advice, or without options if there is none."""
    by_way = {stop["way"]: stop for stop in stops}
    return by_way.get("recommended", by_way.get("lastcall"))


def save(measured):
    os.makedirs(MEASURED, exist_ok=True)
    stops = ",\n  ".join(json.dumps(stop) for stop in measured["stops"])
    head = json.dumps({name: value for name, value in measured.items() if name != "stops"}, indent=1)
    with open(os.path.join(MEASURED, measured["server"] + ".json"), "w") as file:
        file.write(head.removesuffix("\n}") + f',\n "stops": [\n  {stops}\n ]\n}}\n')


def load(name):
    """What was measured, or None."""
    try:
        with open(os.path.join(MEASURED, name + ".json")) as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def atlas_servers():
    """A variant that only the ring tries has no guess of its own."""
    return {name: server for name, server in all_servers().items() if "guess" in vars(type(server))}


def show(measured):
    print(f"{measured['server']} {measured['version']}: {measured['process']}")
    for stop in measured["stops"]:
        print("   ", *(f"{name}={value}" for name, value in stop.items()))
        if "report" in stop:
            print("    ->", "; ".join(imperfect(stop, measured["stops"])) or "perfect")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="servers; all, if none is named")
    parser.add_argument("--jobs", type=int, default=2, help="servers at a time")
    parser.add_argument("--new", action="store_true", help="only servers that were not measured yet")
    options = parser.parse_args()
    if reason := harness.cannot_run():
        sys.exit(f"cannot run: {reason}")
    servers = atlas_servers()
    failed, began = [], time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        tasks = {}
        for name in options.names or servers:
            if options.new and load(name):
                continue
            if reason := servers[name].missing():
                print(f"skipped: {name}: {reason}")
            else:
                tasks[pool.submit(measure, servers[name])] = name
        for task in concurrent.futures.as_completed(tasks):
            try:
                measured = task.result()
            except RuntimeError as error:
                failed.append(tasks[task])
                print(error, flush=True)
                continue
            save(measured)
            show(measured)
    print(f"{len(tasks) - len(failed)} measured in {time.monotonic() - began:.0f} s; failed: {failed or 'none'}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
