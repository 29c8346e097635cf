# SPDX-License-Identifier: MIT
"""Stops one server once, and judges it from its clients' side."""

import re
import time
import traceback

import report_alarm
from box import Box
from clients import Work
from server import Server

NEW_REQUESTS_S = 0.2  # between those that come during the drain
ONLY_DOUBT = r"lastcall: (draining|terminating) for .*: 0 busy, [1-9]\d* unsure"  # the log, once a second
AT_THE_END_S = 0.05  # a process that exits closes its connections
GRACE_S = 0.1  # a request that was sent so short before the application was signalled may meet its end


class Result:
    def __init__(self, server, stop, init):
        self.server, self.stop, self.init = server, stop, init
        self.works = []
        self.code = self.seconds = self.after_last = self.report = self.error = None
        self.killed = False  # by the orchestrator
        self.doubted = False  # whether nothing but doubt held the drain for a while
        self.problems, self.notes = [], []
        self.details = ""
        self.process = None  # what /proc says of the server
        self.idle = {}  # what became of idle connections
        self.refused_after = None  # seconds until the first refused connection
        self.left = 0  # processes that were still there
        self.sent = []  # signals that lastcall sent the server

    @property
    def title(self):
        return f"{self.server.name} {self.stop.name} under {self.init.name}"

    def lost(self):
        return [work for work in self.works if work.lost]

    def lost_what_was_there(self):
        """Other than what came while it was ending."""
        return [work for work in self.lost() if work.what != "new"]

    def words(self):
        """For people, in one line."""
        if self.error:
            return f"error: {self.error}"
        kept = ", ".join(f"{kind} {len([w for w in self.works if w.what == kind and not w.lost])}"
                         f" of {len([w for w in self.works if w.what == kind])}"
                         for kind in dict.fromkeys(work.what for work in self.works))
        kept = kept or "idle clients"
        said = ""
        if self.report:
            c = self.report["connections"]
            said = (f"; {self.report['outcome']}: {c['finished']} finished, {c['cut']} cut,"
                    f" {c.get('unknown')} unknown, {c['lost_bytes']} bytes lost"
                    f" {' '.join(self.report['diagnosis'])}")
        return (f"{kept}; exit {self.code} after {self.seconds:.2f} s ({self.after_last:.2f} s after the last)"
                f"{', KILLED by the orchestrator' if self.killed else ''}{', doubted' if self.doubted else ''}{said}")

    def cell(self):
        """For the table."""
        if self.error:
            return "-"
        works = [work for work in self.works if work.what != "new"]
        lost_new = len(self.lost()) - len(self.lost_what_was_there())
        return "; ".join(words for words in (
            f"{len([w for w in works if not w.lost])} of {len(works)} kept" if works else "",
            f"{lost_new} new lost" if lost_new else "",
            f"{self.code}, {self.seconds:.1f} s") if words) + (" (killed)" if self.killed else "")


def stop_once(server, stop, init):
    result = Result(server, stop, init)
    box = Box(server, stop, init)
    try:
        _run(box, result)
        if init.is_tested:
            result.problems = list(_problems(result))
            result.notes = [f"{work.what} lost, begun {work.begun_at - result.stopped_at:.3f} s after the signal: {work.lost}"
                            for work in result.lost()]
        if result.problems:
            result.details = box.program.describe()
    except Exception as error:  # the harness's, or the server did not start
        result.error = f"{error!r}"
        result.problems = [result.error]
        result.details = traceback.format_exc() + (box.program.describe() if box.program else "")
    finally:
        box.close()
    return result


def _run(box, result):
    server = box.server
    for name, text in server.files.items():
        box.write(name, text)
    server.prepare(box)
    box.start()
    server.started(box)
    server.wait_serving(box)
    result.process = box.process()
    result.works = server.begin(box)
    time.sleep(server.moment)  # a stop in the middle of the work is what is tried
    box.stop()
    news = _new_clients(box, result)
    ending, result.killed = box.wait()
    ended_at = box.ended_at
    news.finish()
    for work in result.works:
        work.finish()
    result.code = ending.code if ending.code >= 0 else 128 - ending.code
    result.seconds = ended_at - box.stopped_at
    ends = [work.ended_at for work in result.works if work.what != "new" and not work.lost]
    result.after_last = ended_at - max([*ends, box.stopped_at])
    result.report = box.report()
    result.left = ending.left
    result.idle = {what: _end_of(watcher, box) for what, watcher in box.idle.items()}
    result.sent = [match.group(1) for line in box.program.err.all
                   if box.init.is_lastcall and (match := re.search(r"lastcall: sent SIG(\S+) to pid", line))]
    result.doubted = bool(box.program.err.find(ONLY_DOUBT))
    result.stopped_at = box.stopped_at
    _check_after(box, result)


def _end_of(watcher, box):
    """How an idle connection ended, and when: `held` is one that the server kept to its own end."""
    watcher.join(1)
    if watcher.ended_at is None or watcher.ended_at > box.ended_at - AT_THE_END_S:
        return {"how": "held"}
    return {"how": watcher.how, "after": round(watcher.ended_at - box.stopped_at, 2)}


def _check_after(box, result):
    """What has to be there when all is over is work, too."""
    if type(box.server).after is not Server.after:
        result.works.append(Work("state", lambda: box.server.after(box)))
        result.works[-1].finish()


def _new_clients(box, result):
    """New clients, until the server takes no connection any more."""
    def come():
        while box.program.ending is None:
            work = box.server.during(box)
            if work is None:
                result.refused_after = time.monotonic() - box.stopped_at
                return
            result.works.append(work)
            time.sleep(NEW_REQUESTS_S)  # their pace
    return Work("clients", come)


def came_too_late(result):
    """Whether all that was lost came while the application was ending. Such a connection may be closed before its
    request arrives, or reset in the accept queue, where those of this machine are the application's own to
    lastcall: it cannot know."""
    return not result.lost_what_was_there()


def _problems(result):
    """What is not as it has to be."""
    stop, report = result.stop, result.report
    if report is None:
        yield "no report: it was not taken for a stop"
        return
    connections = report["connections"]
    signalled_at = result.stopped_at + (report["phases_ms"]["min_drain"] + report["phases_ms"]["drain"]) / 1000
    for work in result.works:
        if work.what in stop.loses:
            if not work.lost:
                yield f"{work.what} was not lost: docs/servers.md says that it is"
        elif work.lost and not (work.what == "new" and work.begun_at > signalled_at - GRACE_S):
            yield f"{work.what} lost: {work.lost}"
    if result.code not in stop.exits:
        yield f"exit {result.code} is not in {stop.exits}"
    if result.killed:
        yield "killed by the orchestrator"
    within = stop.ends_within + (stop.longest_request if result.doubted else 0)
    if result.after_last > within:
        yield f"ended {result.after_last:.2f} s after the last work, not within {within}"
    lossy = any(work.what not in ("job", "state") for work in result.lost()) or stop.alarm is True
    if result.server.says_ready and report["notify"]["ready_ms"] is None:
        yield "it did not say that it is ready"
    may_differ = lossy or stop.alarm is None and report["outcome"] == "app_exited"
    if report["outcome"] != stop.outcome and not may_differ:
        yield f"outcome {report['outcome']}"
    alarm = report_alarm.fires(report)
    if alarm != lossy and stop.alarm is not None and not (lossy and came_too_late(result)):
        yield (f"alarm {alarm}, but {len(result.lost())} lost: outcome {report['outcome']},"
               f" cut {connections['cut']}, lost_bytes {connections['lost_bytes']}")
