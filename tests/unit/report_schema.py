#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reports, schema and documentation agree.

report_schema.py PRINTER DOCS: PRINTER --print writes reports of every shape, one a line; DOCS is
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
import report_alarm  # noqa: E402

VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


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
        for path, whole in objects(report):
            if path == ("labels",):
                continue
            for key in [*whole, "surplus"]:
                broken = copy.deepcopy(report)
                part = broken
                for step in path:
                    part = part[step]
                part[key] = 0
                if key != "surplus":
                    del part[key]
                self.assertFalse(VALIDATOR.is_valid(broken), f"{path} {key}")

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


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
