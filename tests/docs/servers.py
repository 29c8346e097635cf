#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/servers.md is what the measurements of tests/servers make it, and the table of servers in
src/core/recognise has the signals that were measured best."""

import os
import re
import sys
import unittest

SOURCE = os.environ["LASTCALL_SOURCE_DIR"]
sys.path[:0] = [os.path.join(SOURCE, "tests", "servers"), os.path.join(SOURCE, "tests", "program")]

import page  # noqa: E402
from atlas import atlas_servers, best, imperfect, load  # noqa: E402

# Other names of a measured program, which have its row.
ALIASES = {"httpd": "apache2", "unicorn_rails": "unicorn", "uwsgi-core": "uwsgi", "waitress": "waitress-serve"}

ROW = re.compile(r'^\t\{"(?P<name>[^"]+)", (?P<also>\w+), SIG(?P<plain>\w+), SIG(?P<finishing>\w+), '
                 r'(?P<finishes>true|false), "[^"]*", "(?P<needs>[^"]*)"\},$', re.M)


def table():
    with open(os.path.join(SOURCE, "src", "core", "recognise", "server_signal.c")) as file:
        return {row["name"]: row.groupdict() for row in ROW.finditer(file.read())}


def is_named(word, name):
    """As is_named() of server_signal.c."""
    return re.fullmatch(re.escape(name) + r"[0-9.]*([: ].*)?", os.path.basename(word.split(" ")[0])) is not None


def row_of(measured, rows):
    """The row that lastcall would find for this process."""
    process = measured["process"]
    words = process["command"].split()
    scripts = words[1:3] if re.match(r"(python|pypy|ruby)[0-9.]*$", os.path.basename(words[0])) else []
    for word in (process["name"], process["file"], process["command"], *scripts):
        for name, row in rows.items():
            if is_named(word, name):
                return row
    return None


def keeps(stop):
    return all(end == "kept" for end in stop.get("work", {}).values())


class ServersTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        found = {name: load(name) for name in atlas_servers()}
        self.measured = {name: measured for name, measured in found.items() if measured}

    def test_the_page_is_what_the_measurements_make_it(self):
        with open(os.path.join(SOURCE, "docs", "servers.md")) as file:
            self.assertEqual(file.read(), page.page(), "run tests/servers/page.py")

    def test_every_server_of_the_atlas_was_measured(self):
        self.assertEqual(sorted(set(atlas_servers()) - set(self.measured)), [])
        files = {name.removesuffix(".json") for name in os.listdir(os.path.join(SOURCE, "tests/servers/measured"))}
        self.assertEqual(sorted(files - set(atlas_servers())), [])

    def test_what_is_not_perfect_has_a_reason_in_its_row(self):
        for name, measured in self.measured.items():
            with self.subTest(name):
                why = imperfect(best(measured["stops"]), measured["stops"])
                self.assertTrue(not why or atlas_servers()[name].flaw, why)

    def test_every_row_of_the_table_was_measured_best(self):
        rows = table()
        self.assertGreater(len(rows), 10)
        seen = set()
        for name, measured in self.measured.items():
            if row := row_of(measured, rows):
                seen.add(row["name"])
                with self.subTest(name):
                    self.check_row(row, measured["stops"])
        self.assertEqual(sorted(set(rows) - seen - set(ALIASES)), [])
        for alias, name in ALIASES.items():
            self.assertEqual({**rows[alias], "name": name}, rows[name])

    def check_row(self, row, stops):
        raw = {stop["signal"]: stop for stop in stops if stop["way"] == "raw"}
        default = next(stop for stop in stops if stop["way"] == "lastcall")
        self.assertIn(row["plain"], raw)
        self.assertIn(row["finishing"], raw)
        self.assertEqual(default["sent"][-1:], [row["plain"]])
        self.assertTrue(keeps(default), "the plain signal loses nothing when nothing is in flight")
        finishing = raw[row["finishing"]]
        if row["finishes"] == "true":
            self.assertTrue(keeps(finishing) or row["needs"], f"{row['finishing']} cuts")
            self.assertFalse(page.still_serves(finishing))
        else:
            self.assertEqual([signal for signal, stop in raw.items() if keeps(stop) and not stop["killed"]], [])

    def test_no_signal_is_better_than_that_of_the_table(self):
        """A server without a row is sent TERM: nothing is lost then, and no other signal has a better status."""
        rows = table()
        for name, measured in self.measured.items():
            stops = measured["stops"]
            raw = {stop["signal"]: stop for stop in stops if stop["way"] == "raw"}
            default = next(stop for stop in stops if stop["way"] == "lastcall")
            sent = raw.get((default["sent"] or ["TERM"])[-1])
            if sent is None or row_of(measured, rows) or by_advice(stops) or atlas_servers()[name].flaw:
                continue
            with self.subTest(name):
                self.assertTrue(keeps(default))
                better = [signal for signal, stop in raw.items() if stop["exit"] == 0 and not stop["killed"]
                          and keeps(stop) and not keeps(sent) and sent["exit"] != 0]
                self.assertEqual(better, [], "finishes and exits with 0: it wants a row")


def by_advice(stops):
    return any(stop["way"] == "recommended" for stop in stops)


if __name__ == "__main__":
    unittest.main()
