#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""lastcall-drill compare and report: what they say, and the status that they exit with.

subcommands.py PROGRAM PRINTER REPORTS: PROGRAM has the subcommands, PRINTER DIRECTORY writes drills of
every shape, REPORTS --print writes reports of lastcall.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM, PRINTER, REPORTS = sys.argv[1:4]
DIRECTORY = tempfile.TemporaryDirectory()
DRILLS = pathlib.Path(DIRECTORY.name)
subprocess.run([PRINTER, DRILLS], check=True)


def run(*arguments, text=None):
    return subprocess.run([PROGRAM, *map(str, arguments)], input=text, capture_output=True, text=True, check=False,
                          timeout=30)


def drill(name):
    return DRILLS / f"{name}.json"


def report(number, **changes):
    """A report of lastcall, as far as they are summed up."""
    whole = {
        "schema": "lastcall.drain/1", "outcome": "drained", "degraded": [], "diagnosis": [],
        "stop": {"signal": "SIGTERM", "at": f"2026-08-06T09:15:{number:02}.000Z", "timeout_ms": 30000,
                 "timeout_source": "--stop-timeout", "margin_ms": 1000},
        "phases_ms": {"drain": 900 + number, "total": 1000 + number}, "headroom_ms": 28000 - number,
        "connections": {"busy_at_stop": 3, "cut": 0, "lost_bytes": 0, "longest_ms": 800 + number},
    }
    for key, value in changes.items():
        outer, _, inner = key.partition("__")
        if inner:
            whole[outer][inner] = value
        else:
            whole[outer] = value
    return json.dumps(whole)


class Compare(unittest.TestCase):
    def test_worse_is_found_and_is_the_status(self):
        done = run("compare", drill("passed"), drill("all_failed"))
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertTrue(done.stdout.startswith("B IS WORSE in 5 of 5\n"))
        self.assertIn("the load differs: 20 and 400", done.stdout)
        back = run("compare", drill("all_failed"), drill("passed"))
        self.assertEqual(back.returncode, 0)
        self.assertTrue(back.stdout.startswith("B IS BETTER in 5 of 5, and worse in none\n"))

    def test_a_drill_does_not_differ_from_itself(self):
        done = run("compare", drill("passed"), drill("passed"))
        self.assertEqual(done.returncode, 0)
        self.assertTrue(done.stdout.startswith("NO DIFFERENCE SHOWN\n"))
        self.assertIn("exact", done.stdout)

    def test_too_few_runs_are_said_to_be(self):
        for other in ("one_attempt", "no_runs", "interrupted"):
            done = run("compare", drill("passed"), drill(other))
            self.assertEqual(done.returncode, 4, other)
            self.assertTrue(done.stdout.startswith("TOO FEW RUNS: 10 and "))

    def test_json_says_the_same(self):
        done = run("compare", "--json", drill("passed"), drill("failed"))
        document = json.loads(done.stdout)
        self.assertEqual((done.returncode, document["b_is"]), (1, "mixed"))
        rows = {row["name"]: row for row in document["measures"]}
        self.assertEqual(rows["in_flight_cut"]["word"], "worse")
        self.assertEqual((rows["in_flight_cut"]["a_median"], rows["in_flight_cut"]["b_median"]), (0, 16))
        self.assertEqual((rows["stop_wall_s"]["a_runs"], rows["stop_wall_s"]["b_runs"]), (10, 5))
        self.assertLess(rows["in_flight_cut"]["p"], 0.05)
        self.assertIsNone(rows["deadline_margin_s"]["p"])

    def test_runs_without_a_word_do_not_count(self):
        document = json.loads(run("compare", "--json", drill("hostile"), drill("failed")).stdout)
        self.assertEqual((document["a"]["runs"], document["b"]["runs"]), (4, 5))

    def test_what_is_no_drill_is_refused(self):
        for path, why in ((DRILLS / "nowhere", "No such file"), (DRILLS / "passed.xml", "no JSON"),
                          (DRILLS / "one_attempt.ndjson", "no drill")):
            done = run("compare", drill("passed"), path)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(why, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)


class Report(unittest.TestCase):
    def test_many_reports_are_summed_up(self):
        log = "".join(f"web-1  | {report(n)}\nGET / 200\n" for n in range(40))
        done = run("report", "--json", "-", text=log)
        found = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0)
        self.assertEqual((found["reports"], found["stops"], found["broken"]), (40, 40, 0))
        self.assertEqual(found["total_s"], {"samples": 40, "min": 1.0, "p50": 1.019, "p90": 1.035, "p95": 1.037,
                                            "p99": 1.039, "max": 1.039})
        self.assertEqual(found["headroom_s"]["min"], 27.961)
        self.assertEqual((found["deregistration_delay_s"], found["stop_timeout_s"]), (5, 3))
        self.assertAlmostEqual(found["longer_share"], 1 - 0.05 ** (1 / 40), places=6)

    def test_lost_work_comes_first_and_is_the_status(self):
        done = run("report", "-", text=report(1) + report(2, connections__cut=3, connections__lost_bytes=4096))
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stdout.startswith("WORK WAS LOST in 1 of 2 reports: 3 cut, 0 never accepted, 4096 bytes lost\n"))
        done = run("report", "-", text=report(1) + report(2, connections__accept_queue_lost=2))
        self.assertEqual(done.returncode, 1)
        self.assertIn("0 cut, 2 never accepted, 0 bytes lost\n", done.stdout)

    def test_work_of_which_nothing_is_proven_is_no_success(self):
        doubtful = report(2, connections__unknown=3, outcome="killed")
        done = run("report", "-", text=report(1, connections__unknown=5) + doubtful)
        self.assertEqual(done.returncode, 4)
        self.assertTrue(done.stdout.startswith("NOT KNOWN in 1 of 2 reports: whether 3 requests were answered; "))
        found = json.loads(run("report", "--json", "-", text=doubtful).stdout)
        self.assertEqual((found["lost_work"], found["unproven"], found["unknown"]), (0, 1, 3))
        done = run("report", "-", text=report(1, connections__unknown=5))  # --longest-request has ended the wait
        self.assertEqual(done.returncode, 0)
        done = run("report", "-", text=doubtful + report(3, connections__cut=1))
        self.assertEqual(done.returncode, 1)

    def test_a_count_below_0_is_none(self):
        done = run("report", "--json", "-", text=report(1, connections__cut=-1))
        self.assertEqual((done.returncode, json.loads(done.stdout)["cut"]), (4, 0))

    def test_reports_without_a_schema_are_refused(self):
        bare = json.loads(report(1))
        del bare["schema"]
        done = run("report", "-", text=f"app | {json.dumps(bare)}\n")
        self.assertEqual(done.returncode, 4)
        self.assertIn("1 report without the schema 'lastcall.drain/1': refused", done.stdout)
        done = run("report", "--json", "-", text=f"{json.dumps(bare)}\n{report(2)}\n")
        found = json.loads(done.stdout)
        self.assertEqual((done.returncode, found["reports"], found["refused"]), (0, 1, 1))

    def test_nothing_found_is_no_success(self):
        done = run("report", "-", text="GET / 200\n{}\n")
        self.assertEqual((done.returncode, done.stdout), (4, "NO REPORT of lastcall is in there\n"))
        unwatched = report(1, connections__cut=None, connections__lost_bytes=None, connections__longest_ms=None)
        done = run("report", "-", text=unwatched)
        self.assertEqual(done.returncode, 4)
        self.assertTrue(done.stdout.startswith("NOT KNOWN"))
        self.assertIn("deregistration_delay: nothing can be said", done.stdout)

    def test_what_is_not_known_is_said_where_nothing_else_was_lost(self):
        unwatched = report(1, connections__cut=None, connections__lost_bytes=None, connections__longest_ms=None)
        done = run("report", "-", text=unwatched + report(2) + report(3)[:80] + "\n")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout.splitlines()[0],
                         "NOTHING LOST in 1 report; 1 more could not see connections; 1 more could not be read")

    def test_doubts_are_said(self):
        done = run("report", "-", text="".join([
            report(1, outcome="budget_exhausted"), report(2, stop__timeout_source="ecs-default"),
            report(3, headroom_ms=-12), report(4, phases_ms={"drain": 1, "total": 90000})]))
        for doubt in ("with 95 % confidence no more than 53 % of stops take longer",
                      "1 ran out of time or had to be killed", "1 did not know the stop timeout",
                      "lastcall was late", "Fargate allows 120 s at most", "of so few stops"):
            self.assertIn(doubt, done.stdout)

    def test_several_files_are_one(self):
        with tempfile.TemporaryDirectory() as directory:
            paths = []
            for n in range(3):
                paths.append(pathlib.Path(directory, str(n)))
                paths[-1].write_text(json.dumps({"events": [{"message": report(n)}, {"message": report(50)}]}))
            found = json.loads(run("report", "--json", *paths).stdout)
        self.assertEqual((found["reports"], found["repeated"]), (4, 2))

    def test_every_report_that_lastcall_can_write_is_read(self):
        lines = subprocess.check_output([REPORTS, "--print"], text=True).splitlines()
        found = json.loads(run("report", "--json", "-", text="\n".join(lines)).stdout)
        self.assertEqual((found["reports"], found["broken"]), (len(set(lines)), 0))

    def test_an_unreadable_file_is_named(self):
        done = run("report", "/nowhere/log")
        self.assertEqual((done.returncode, done.stderr),
                         (2, "lastcall-drill: error: report: /nowhere/log: No such file or directory\n"))


class Usage(unittest.TestCase):
    def test_each_has_its_own_help(self):
        for name in ("compare", "report"):
            for option in ("--help", "-h"):
                done = run(name, option)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertTrue(done.stdout.startswith(f"Usage: lastcall-drill {name} [--json] "))
                self.assertIn("Exit status: 0 ", done.stdout)
                self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)

    def test_bad_usage_is_one_line(self):
        for arguments in (["compare"], ["compare", "a"], ["compare", "a", "b", "c"], ["compare", "--colour", "a", "b"],
                          ["report"], ["report", "--jsn=1", "-"]):
            done = run(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertRegex(done.stderr, rf"^lastcall-drill: error: {arguments[0]}: .*\n$")

    def test_a_full_disk_is_no_success(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([PROGRAM, "compare", drill("passed"), drill("passed")], stdout=full,
                                  stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("cannot write standard output", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
