#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reports, schema and documentation agree.

report_schema.py PRINTER DOCS: PRINTER --print (--print-whole, --print-text, --print-emf) writes reports of every shape, one a line; DOCS is
the directory with report.schema.json and report.md.
"""

import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

try:
    import jsonschema
except ImportError:
    print("cannot run: there is no jsonschema (Debian: python3-jsonschema)", file=sys.stderr)
    sys.exit(1 if os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1" else 77)

MAX_BYTES = 16384
PRINTER, DOCS = sys.argv[1], pathlib.Path(sys.argv[2])
LINES = subprocess.check_output([PRINTER, "--print"]).splitlines(keepends=True)
SCHEMA = json.loads((DOCS / "report.schema.json").read_text())
PAGE = (DOCS / "report.md").read_text()
sys.path.insert(0, str(DOCS.parent / "tests" / "program"))
import emf  # noqa: E402
from closed_schema import broken, closed  # noqa: E402
import report_alarm  # noqa: E402

VALIDATOR = jsonschema.Draft202012Validator(closed(SCHEMA))


def reject_duplicates(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a key twice among {keys}")
    return dict(pairs)


def parse(line):
    return json.loads(line.decode(), object_pairs_hook=reject_duplicates)


def objects(value, path=()):
    """Every JSON object in a report, with the path to it."""
    if isinstance(value, dict):
        yield path, value
        for key, inner in value.items():
            yield from objects(inner, path + (key,))


def field_names(schema, prefix=""):
    for name, inner in schema["properties"].items():
        if "properties" in inner:
            yield from field_names(inner, f"{prefix}{name}.")
        elif "properties" in inner.get("items", {}):
            yield from field_names(inner["items"], f"{prefix}{name}[].")
        else:
            yield prefix + name


def documented(heading):
    """The names in code type that open the rows of the tables below a heading of the page."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    return re.findall(r"^\| `([^`]+)` \|", section.group(1), re.M)


class ReportSchema(unittest.TestCase):
    def test_the_schema_is_one(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_every_report_is_one_short_valid_line(self):
        self.assertGreater(len(LINES), 20)
        for line in LINES:
            self.assertTrue(line.endswith(b"]}\n"), line[-80:])
            self.assertLess(len(line), MAX_BYTES)
            VALIDATOR.validate(parse(line))

    def test_a_field_too_few_or_too_many_is_refused(self):
        report = parse(LINES[0])
        for path, _ in objects(report):
            if path == ("labels",):
                continue
            for key, changed in broken(report, path):
                self.assertFalse(VALIDATOR.is_valid(changed), f"{path} {key}")

    def test_keys_come_in_the_order_of_the_schema(self):
        for path, part in objects(parse(LINES[0])):
            schema = SCHEMA
            for step in path:
                schema = schema["properties"][step]
            if "properties" in schema:
                self.assertEqual(list(part), list(schema["properties"]))

    def test_every_field_is_documented_and_no_other(self):
        self.assertEqual(documented("Fields"), list(field_names(SCHEMA)))

    def test_every_word_is_documented_and_no_other(self):
        words = SCHEMA["properties"]
        self.assertCountEqual(documented("Outcomes"), words["outcome"]["enum"])
        self.assertCountEqual(documented("Degraded"), words["degraded"]["items"]["enum"])
        self.assertCountEqual(documented("Diagnosis"), words["diagnosis"]["items"]["enum"])

    def test_the_documented_example_is_a_report(self):
        example = re.search(r"^```json\n(.*?)^```", PAGE, re.M | re.S).group(1)
        self.assertEqual(json.loads(example), parse(LINES[0]))

    def test_the_documented_alarm_fires_on_what_was_lost_and_on_nothing_else(self):
        clean = parse(LINES[0])
        self.assertFalse(report_alarm.fires(clean))

        def changed(outcome="drained", app=(), stop=(), **connections):
            report = copy.deepcopy(clean)
            report["outcome"] = outcome
            report["app"].update(app)
            report["stop"].update(stop)
            report["connections"].update(connections)
            return report

        done = {"exit_code": 0, "signal": None}
        for lossy in (changed(cut=1), changed(lost_bytes=300), changed(accept_queue_lost=1),
                      changed("killed", unknown=20), changed("budget_exhausted", unknown=1),
                      changed("app_exited", app=done), changed("app_exited", stop={"signal": None}),
                      changed("app_exited", app={"exit_code": 1, "signal": None}, stop={"signal": None})):
            self.assertTrue(report_alarm.fires(lossy), lossy)
        for harmless in (changed("killed"), changed("budget_exhausted"), changed(unknown=3),
                         changed("app_exited", app=done, stop={"signal": None}, cut=None, unknown=None,
                                 lost_bytes=None, accept_queue_lost=None)):
            self.assertFalse(report_alarm.fires(harmless), harmless)


class OtherFormats(unittest.TestCase):
    """The same shapes as text and as CloudWatch's embedded metrics."""

    def lines(self, option):
        return subprocess.check_output([PRINTER, option]).decode(errors="replace").splitlines(keepends=True)

    def test_every_text_is_one_short_line(self):
        for line in self.lines("--print-text"):
            self.assertRegex(line, r"^\S+Z lastcall: .*\n$")
            self.assertLess(len(line.encode()), 1100)  # the replacement of a bad byte has three

    def test_every_line_of_embedded_metrics_is_valid(self):
        events = [emf.validate(line) for line in self.lines("--print-emf")]
        self.assertGreater(len(events), 10)
        for event in events:
            found = emf.metrics(event)
            self.assertTrue(found)
            self.assertEqual({namespace for namespace, _, _ in found}, {"lastcall"})
            self.assertEqual(len({dimensions for _, dimensions, _ in found}), 1, "each more is billed")

    def test_documented_metrics_are_those_written(self):
        units = {}
        for line in self.lines("--print-emf"):
            for (_, _, name), (_, unit) in emf.metrics(emf.validate(line)).items():
                units[name] = unit
        section = re.search(r"^### CloudWatch metrics\n(.*?)(?=^##)", PAGE, re.M | re.S).group(1)
        documented = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", section, re.M))
        self.assertEqual(documented, units)

    def test_embedded_metrics_say_the_same_as_the_report(self):
        event = emf.validate(self.lines("--print-emf")[0])
        report = parse(LINES[0])
        self.assertEqual(event["ServiceName"], report["labels"]["service"])
        self.assertEqual(event["labels"], report["labels"])
        self.assertEqual(event["StopTime"], report["phases_ms"]["total"])
        self.assertEqual(event["Headroom"], report["headroom_ms"])
        self.assertEqual(event["RequestsFinished"], report["connections"]["finished"])
        self.assertEqual(event["BytesFlushed"], report["connections"]["flushed_bytes"])

    def test_lost_work_is_what_the_documented_alarm_fires_on(self):
        reports = [json.loads(line) for line in self.lines("--print-whole")]
        events = [emf.validate(line) for line in self.lines("--print-emf")]
        self.assertEqual(len(reports), len(events))
        self.assertEqual({event["LostWork"] for event in events}, {0, 1})
        for report, event in zip(reports, events):
            self.assertEqual(event["LostWork"], report_alarm.fires(report), report)

    def test_validator_refuses_what_the_specification_forbids(self):
        event = emf.validate(self.lines("--print-emf")[0])

        def broken(change):
            copied = copy.deepcopy(event)
            change(copied)
            with self.assertRaises(emf.Invalid):
                emf.validate(json.dumps(copied) + "\n")

        directive = "_aws", "CloudWatchMetrics", 0

        def at(whole, *path):
            for step in path:
                whole = whole[step]
            return whole

        broken(lambda e: e.pop("_aws"))
        broken(lambda e: e["_aws"].update(Timestamp="now"))
        broken(lambda e: e["_aws"].update(More=1))
        broken(lambda e: at(e, *directive).update(Dimensions=[]))
        broken(lambda e: at(e, *directive)["Dimensions"][0].append("Absent"))
        broken(lambda e: e.update(ServiceName=7))
        broken(lambda e: e.update(ServiceName=" "))
        broken(lambda e: e.update(Stops=None))
        broken(lambda e: e.update(Stops="1"))
        broken(lambda e: e.pop("Stops"))
        broken(lambda e: at(e, *directive)["Metrics"][0].update(Unit="Requests"))
        broken(lambda e: at(e, *directive).update(Namespace=""))
        with self.assertRaises(emf.Invalid):
            emf.validate("x" + json.dumps(event) + "\n")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
