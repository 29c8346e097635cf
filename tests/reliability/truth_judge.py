#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether the judge of truth.py notices a report that is wrong, and no other: a stop of two requests, one of them lost,
with one number of its report changed in each row."""

import dataclasses
import types
import unittest

import truth
import stop

STOPPED_AT = 100.0
INCIDENTS = {incident.name: incident for incident in truth.INCIDENTS}
HOLDER = {"ended": "finished", "age_ms": 900}


def exchange(number, result):
    return {"number": number, "opened": 99, "connected": 99, "sent": 99, "done": 101, "result": result, "answered": 0}


def outcome(results, **counts):
    connections = {"finished": 1, "cut": 1, "unknown": 0, "lost_bytes": 0, "accept_queue_lost": 0, "held_by": [],
                   "held_by_more": 0, **counts}
    return stop.Outcome(STOPPED_AT, 1.0, {"outcome": "drained", "degraded": [], "connections": connections},
                        [{} for _ in results], [exchange(number, result) for number, result in enumerate(results)], 0, [])


def case(incident="none", kind="tie", opened=None, happens_at=None):
    found = next(each for each in truth.kinds.KINDS if each.name == kind)
    incidents = () if opened is None else ((1, types.SimpleNamespace(opened=opened)),)
    plan = types.SimpleNamespace(requests=[{}, {}], incidents=incidents)
    return truth.Case(1, found, INCIDENTS[incident], "drain-first", False, plan, happens_at)


@dataclasses.dataclass
class Row:
    wrong: bool
    counts: dict
    case: truth.Case = dataclasses.field(default_factory=case)
    results: tuple = ("whole", "never")


FROZEN = case("lastcall is frozen", opened=3)
LINK = case("the link is lost")
CRASHED = case("the application crashes", happens_at=0.1)
TALKERS = case(kind="talkers")
ROWS = (
    Row(False, {}),
    Row(True, {"finished": 2}),
    Row(True, {"cut": 2}),
    Row(True, {"cut": 0}),
    Row(False, {"cut": 0, "unknown": 1}),
    Row(False, {"finished": 0, "unknown": 1}),
    Row(True, {"cut": 0, "lost_bytes": 9}, results=("whole",)),
    Row(True, {"finished": 2, "cut": 0, "held_by": [{**HOLDER, "ended": "gave_up"}]}, results=("whole", "whole")),
    # a count that is null is not known, and the others are at least what they say
    Row(False, {"cut": None}),
    Row(False, {"finished": None, "cut": None, "unknown": None}),
    Row(True, {"finished": None, "cut": 2}),
    Row(True, {"finished": 2, "cut": None}),
    # connections that were opened while lastcall did not run
    Row(False, {"finished": 2, "cut": 3}, FROZEN),
    Row(True, {"finished": 5}, FROZEN),
    Row(True, {"cut": 5}, FROZEN),
    # a client that nothing reaches
    Row(False, {"finished": 0, "cut": 0, "unknown": 1}, LINK),
    Row(True, {"finished": 0, "cut": 0}, LINK),
    Row(True, {"finished": 2}, LINK),
    # what nothing could have seen is not missing, and what is too much is wrong
    Row(True, {"cut": 0}, CRASHED),
    Row(True, {"finished": 2}, CRASHED),
    # clients that are never answered
    Row(False, {"finished": 0, "cut": 2}, TALKERS, ("never", "never")),
    Row(True, {"finished": 0, "cut": 3}, TALKERS, ("never", "never")),
    Row(True, {"finished": 1, "cut": 0}, TALKERS, ("never", "never")),
)


class Judge(unittest.TestCase):
    def test_rows(self):
        for number, row in enumerate(ROWS):
            with self.subTest(row=number):
                self.assertEqual(bool(truth.wrong(row.case, outcome(row.results, **row.counts))), row.wrong)

    def test_an_early_crash_was_not_seen(self):
        end = outcome(("whole", "never"), cut=0)
        end.report["outcome"] = "app_exited"
        self.assertEqual(truth.wrong(CRASHED, end), [])
        end.report["connections"]["finished"] = 2
        self.assertNotEqual(truth.wrong(CRASHED, end), [])

    def test_an_answer_just_before_the_signal_may_count(self):
        for before, is_wrong in ((0.09, False), (0.11, True)):
            end = outcome(("whole", "whole"), finished=2, cut=0)
            end.exchanges[0]["done"] = STOPPED_AT - before
            self.assertEqual(bool(truth.wrong(case(), end)), is_wrong)

    def test_what_was_answered_is_counted(self):
        tally = truth.Tally()
        for _ in range(100):
            tally.add(case(), outcome(("whole", "never")))
        self.assertEqual((tally.answered, tally.not_counted), (100, 0))
        tally.add(case(), outcome(("whole", "never"), finished=0, held_by=[{**HOLDER, "ended": "held"}]))
        self.assertEqual(tally.not_counted, 0)
        for too_few in (False, False, True):
            tally.add(case(), outcome(("whole", "never"), finished=0))
            self.assertEqual(tally.counts_too_few(), too_few)
        self.assertEqual(tally.wrong, [])


if __name__ == "__main__":
    unittest.main()
