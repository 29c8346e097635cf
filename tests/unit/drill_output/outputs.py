#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What lastcall-drill writes, held against what reads it: a JSON Schema, an XML parser, promtool, an SVG
renderer, and what is known of GitHub.

outputs.py PRINTER DOCS: PRINTER DIRECTORY writes drills of every shape in every form; DOCS is the
directory with drill.schema.json.
"""

import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

try:
    import jsonschema
except ImportError:
    print("cannot run: there is no jsonschema (Debian: python3-jsonschema)", file=sys.stderr)
    sys.exit(1 if os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1" else 77)

PRINTER, DOCS = sys.argv[1], pathlib.Path(sys.argv[2])
SCHEMA = json.loads((DOCS / "drill.schema.json").read_text())
sys.path.insert(0, str(DOCS.parent / "tests" / "program"))
from closed_schema import broken, closed  # noqa: E402
VALIDATOR = jsonschema.Draft202012Validator(closed(SCHEMA))
SVG = "{http://www.w3.org/2000/svg}"
SVG_MAX_BYTES = 100000
SUMMARY_MAX_BYTES = 1024 * 1024
CUT_OFF = "s17"  # the class of what was cut off: PAINT_OUTCOME + OUTCOME_GROUP_CUT

DIRECTORY = tempfile.TemporaryDirectory()
subprocess.run([PRINTER, DIRECTORY.name], check=True)
OUTPUTS = pathlib.Path(DIRECTORY.name)
SAMPLES = sorted(path.stem for path in OUTPUTS.glob("*.json"))


def read(sample, suffix):
    return (OUTPUTS / f"{sample}.{suffix}").read_text()


def need(command):
    if shutil.which(command) is None:
        if os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1":
            raise AssertionError(f"{command} is not installed")
        raise unittest.SkipTest(f"{command} is not installed")


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def parse(text):
    return json.loads(text, parse_constant=refuse_constant)


def every_sample(*without):
    """A test that is made with each sample, and says which one it was that failed."""

    def decorate(test):
        def tests(self):
            for sample in SAMPLES:
                if sample not in without:
                    with self.subTest(sample=sample):
                        test(self, sample)

        return tests

    return decorate


class Json(unittest.TestCase):
    def test_the_schema_is_one(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        self.assertGreaterEqual(len(SAMPLES), 10)

    @every_sample()
    def test_documents_are_valid(self, sample):
        VALIDATOR.validate(parse(read(sample, "json")))

    @every_sample()
    def test_keys_come_in_the_order_of_the_schema(self, sample):
        def check(value, schema):
            if "$ref" in schema:
                schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
            for choice in schema.get("oneOf", []):
                if value is not None and choice.get("type") != "null":
                    check(value, choice)
            if isinstance(value, list):
                for item in value:
                    check(item, schema["items"])
            elif isinstance(value, dict) and "properties" in schema:
                self.assertEqual(list(value), list(schema["properties"]))
                for key, inner in value.items():
                    check(inner, schema["properties"][key])

        check(parse(read(sample, "json")), SCHEMA)

    def test_a_field_too_few_or_too_many_is_refused(self):
        document = parse(read("failed", "json"))
        parts = [(), ("checks", 0), ("runs", 0), ("runs", 0, "numbers"), ("runs", 0, "exit"),
                 ("runs", 0, "marks_s"), ("runs", 0, "server"), ("runs", 0, "cohorts", "new"),
                 ("runs", 0, "cohorts", "new", "outcomes"), ("runs", 0, "numbers", "drain_s")]
        for path in parts:
            for key, changed in broken(document, path):
                self.assertFalse(VALIDATOR.is_valid(changed), f"{path} {key}")

    @every_sample()
    def test_outcomes_add_up(self, sample):
        for run in parse(read(sample, "json"))["runs"]:
            for cohort in run["cohorts"].values():
                self.assertEqual(sum(cohort["outcomes"].values()), cohort["attempts"])

    def test_numbers_are_as_measured(self):
        run = parse(read("failed", "json"))["runs"][0]
        self.assertEqual(run["numbers"]["in_flight_cut"], 16)
        self.assertEqual(run["numbers"]["stop_wall_s"], 0.22)
        self.assertEqual(run["marks_s"]["signal"], 0)
        self.assertIsNone(run["marks_s"]["unhealthy"])
        self.assertIn('"stop_wall_s": 0.22,', read("failed", "json"))  # and not 0.22000000000000003

    def test_what_lastcall_did_not_know_is_null(self):
        server = parse(read("one_attempt", "json"))["runs"][0]["server"]
        self.assertIsNone(server["headroom_ms"])
        self.assertIsNone(server["lost_bytes"])
        late = parse(read("failed", "json"))["runs"][0]["server"]
        self.assertEqual((late["headroom_ms"], late["lost_bytes"]), (-12, 0))

    @every_sample()
    def test_attempts_are_a_line_each(self, sample):
        attempt = jsonschema.Draft202012Validator({**SCHEMA["$defs"]["attempt"], "$defs": SCHEMA["$defs"]})
        lines = read(sample, "ndjson").splitlines()
        if sample != "interrupted":  # its second run has attempts, and no numbers
            runs = parse(read(sample, "json"))["runs"]
            attempts = sum(c["attempts"] for run in runs for c in run["cohorts"].values())
            self.assertEqual(len(lines), attempts)
        for line in lines[:20] + lines[::997]:
            attempt.validate(parse(line))


class JUnit(unittest.TestCase):
    @every_sample()
    def test_counts_are_those_of_the_cases(self, sample):
        root = ElementTree.parse(OUTPUTS / f"{sample}.xml").getroot()
        self.assertEqual(root.tag, "testsuites")
        for level in [root, *root.findall("testsuite")]:
            for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
                self.assertEqual(int(level.get(attribute)), len(level.findall(f".//{tag}")))
        self.assertRegex(root[0].get("timestamp"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$")
        times = [float(case.get("time")) for case in root.iter("testcase")]
        self.assertAlmostEqual(sum(times), float(root.get("time")))

    @every_sample()
    def test_a_failure_says_so_in_its_body_too(self, sample):
        document = parse(read(sample, "json"))
        root = ElementTree.parse(OUTPUTS / f"{sample}.xml").getroot()
        failed = [check for check in document["checks"] if not check["passed"]]
        failures = list(root.iter("failure"))
        self.assertEqual(len(failures), len(failed))
        for check, failure in zip(failed, failures):
            for text in (failure.text, failure.get("message")):
                self.assertIn(check["observed"], text)
                self.assertIn(check["limit"], text)

    @every_sample()
    def test_inconclusive_is_an_error_and_nothing_else_is(self, sample):
        document = parse(read(sample, "json"))
        errors = list(ElementTree.parse(OUTPUTS / f"{sample}.xml").getroot().iter("error"))
        self.assertEqual(len(errors), document["verdict"] == "inconclusive")
        for error in errors:
            self.assertTrue(error.text.startswith(document["inconclusive_because"]))

    def test_what_the_table_says_is_kept(self):
        root = ElementTree.parse(OUTPUTS / "hostile.xml").getroot()
        self.assertEqual(root.find(".//system-out").text, "one line\nand <another>\n")


class OpenMetrics(unittest.TestCase):
    @every_sample()
    def test_the_strict_parser_takes_it(self, sample):
        need("promtool")
        lines = read(sample, "prom").splitlines()
        # What is stored needs a time; the files have none: their readers know when.
        timed = [line if line.startswith("#") else f"{line} 1786007704" for line in lines]
        with tempfile.TemporaryDirectory() as database:
            source = pathlib.Path(database, "metrics")
            source.write_text("\n".join(timed) + "\n")
            done = subprocess.run(
                ["promtool", "tsdb", "create-blocks-from", "openmetrics", source, database],
                capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    @every_sample()
    def test_promtool_finds_nothing_to_say(self, sample):
        need("promtool")
        # In the older format it is the sample's name that has a type.
        text = re.sub(r"^# (TYPE|HELP) (\S+)(?= counter|.*$)", self.older_name(sample), read(sample, "prom"),
                      flags=re.M)
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def older_name(self, sample):
        counters = set(re.findall(r"^# TYPE (\S+) counter", read(sample, "prom"), re.M))
        return lambda m: f"# {m[1]} {m[2]}_total" if m[2] in counters else m[0]

    @every_sample()
    def test_it_ends_and_its_families_stay_together(self, sample):
        lines = read(sample, "prom").splitlines()
        self.assertEqual(lines[-1], "# EOF")
        families = [re.sub(r"_total$", "", re.match(r"[a-z0-9_]+", line)[0])
                    for line in lines if not line.startswith("#")]
        self.assertEqual(len(set(families)),
                         sum(a != b for a, b in zip([None, *families], families)))
        for unit in re.finditer(r"^# UNIT (\S+) (\S+)$", "\n".join(lines), re.M):
            self.assertTrue(unit[1].endswith("_" + unit[2]))

    @every_sample("interrupted", "hostile")  # these have runs without a word
    def test_requests_add_up(self, sample):
        runs = parse(read(sample, "json"))["runs"]
        attempts = sum(c["attempts"] for run in runs for c in run["cohorts"].values())
        counted = re.findall(r"^drain_requests_total\{.*\} (\d+)$", read(sample, "prom"), re.M)
        self.assertEqual(sum(map(int, counted)), attempts)


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    """As WCAG 2 defines it: 1 to 21."""
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class Picture(unittest.TestCase):
    @every_sample()
    def test_it_is_small_and_stands_for_itself(self, sample):
        text = read(sample, "svg")
        root = ElementTree.fromstring(text)
        self.assertLess(len(text.encode()), SVG_MAX_BYTES)
        self.assertEqual(root.tag, SVG + "svg")
        tags = {element.tag.removeprefix(SVG) for element in root.iter()}
        self.assertLessEqual(tags, {"svg", "title", "desc", "style", "g", "rect", "path", "text"})
        self.assertNotRegex(text, r"href|url\(|@import|\son\w+=")
        verdict = parse(read(sample, "json"))["verdict"]
        self.assertTrue(root.find(SVG + "title").text.startswith(f"{verdict}: "))
        self.assertGreater(len(root.find(SVG + "desc").text), 15)

    @every_sample()
    def test_nothing_is_drawn_outside(self, sample):
        root = ElementTree.fromstring(read(sample, "svg"))
        _, _, width, height = map(float, root.get("viewBox").split())
        for path in root.iter(SVG + "path"):
            for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", path.get("d")):
                self.assertTrue(0 <= float(x) <= width and 0 <= float(y) <= height)
        for text in root.iter(SVG + "text"):
            self.assertTrue(0 <= float(text.get("x")) <= width and 0 <= float(text.get("y")) <= height)

    @every_sample()
    def test_every_failing_cohort_is_seen_to_fail(self, sample):
        groups = {group.find(SVG + "title").text: group
                  for group in ElementTree.fromstring(read(sample, "svg")).iter(SVG + "g")}
        for title, group in groups.items():
            if "cut off" not in title:
                continue
            drawn = [path.get("d") for path in group.iter(SVG + "path") if path.get("class") == CUT_OFF]
            self.assertTrue(any("M" in d for d in drawn), title)

    def test_three_failures_among_a_hundred_thousand_are_drawn(self):
        text = read("huge", "svg")
        strokes = "".join(re.findall(rf'<path class="{CUT_OFF}"[^>]* d="([^"]*)"', text)).count("M")
        self.assertGreaterEqual(strokes, 3)  # a column each, or a line with its cross
        self.assertEqual(len(re.findall(r"1 cut off", text)), 3)  # and in the titles

    def test_marks_are_named(self):
        labels = [text.text for text in ElementTree.fromstring(read("passed", "svg")).iter(SVG + "text")]
        for label in ("stop", "unhealthy", "listener closed", "exit"):
            self.assertTrue(any(text.startswith(label) for text in labels), label)
        self.assertTrue(any(text.startswith("deadline 10 s") for text in labels), "too far to be drawn")
        labels = [text.text for text in ElementTree.fromstring(read("all_failed", "svg")).iter(SVG + "text")]
        self.assertIn("deadline 10 s", labels)

    def test_it_can_be_read_in_the_light_and_in_the_dark(self):
        style = ElementTree.fromstring(read("failed", "svg")).find(SVG + "style").text
        light, dark = style.split("@media(prefers-color-scheme:dark)")
        for scheme in (light, dark):
            fills = {int(n): colour for n, colour in re.findall(r"\.f(\d+)\{fill:(#[0-9a-f]{6})\}", scheme)}
            paper, ink, faint = fills[0], fills[1], fills[2]
            shades = [paper, *(fills[n] for n in (4, 5, 6))]
            for shade in shades:
                self.assertGreater(contrast(ink, shade), 7)
            self.assertGreater(contrast(faint, paper), 4.5)
            for verdict in (7, 8):
                self.assertGreater(contrast(fills[verdict], paper), 4.5)
            for outcome in range(9, 18):
                self.assertGreater(contrast(fills[outcome], paper), 2.7, outcome)

    def test_it_renders(self):
        need("rsvg-convert")
        for sample in ("failed", "huge", "no_runs"):
            png = subprocess.run(["rsvg-convert", OUTPUTS / f"{sample}.svg"], capture_output=True, check=True)
            self.assertEqual(png.stdout[:8], b"\x89PNG\r\n\x1a\n")

    @every_sample()
    def test_the_png_is_twice_as_large(self, sample):
        head = (OUTPUTS / f"{sample}.png").read_bytes()[:24]
        self.assertEqual(head[:8], b"\x89PNG\r\n\x1a\n")
        width, height = struct.unpack(">II", head[16:24])
        svg = ElementTree.fromstring(read(sample, "svg"))
        self.assertEqual(width, 2 * int(svg.get("width")))
        self.assertAlmostEqual(height, 2 * float(svg.get("height")), delta=1)


class Markdown(unittest.TestCase):
    @every_sample()
    def test_it_is_what_a_summary_may_be(self, sample):
        text = read(sample, "md")
        self.assertTrue(text.startswith("### "))
        self.assertNotRegex(text, r"(?m)^##? ")
        self.assertLess(len(text.encode()), SUMMARY_MAX_BYTES // 4)
        self.assertEqual(text.count("<details>"), text.count("</details>"))
        self.assertEqual(text.count("```") % 2, 0)

    def test_no_other_tag_and_no_other_column_gets_in(self):
        text = read("hostile", "md")
        self.assertLessEqual(set(re.findall(r"<[^>]*>", text)),
                             {"<details>", "</details>", "<summary>", "</summary>"})
        columns = None
        for line in text.splitlines():
            columns = None if not line.startswith("|") else columns or line.count("|")
            if columns:
                self.assertEqual(line.count("|"), columns, line)

    def test_what_failed_comes_before_what_is_folded(self):
        text = read("failed", "md")
        self.assertLess(text.index("16 in run 1"), text.index("<details>"))
        self.assertIn("server says that 1 was cut, the client saw 16", text.replace("&#95;", "_"))


class Annotations(unittest.TestCase):
    COMMAND = re.compile(r"::(error|warning|notice) title=([^:,]+)::(.+)")

    @every_sample()
    def test_each_is_one_command(self, sample):
        kinds = [self.COMMAND.fullmatch(line)[1] for line in read(sample, "github").splitlines()]
        for kind in set(kinds):
            self.assertLessEqual(kinds.count(kind), 10)
        verdict = parse(read(sample, "json"))["verdict"]
        self.assertEqual("error" in kinds, verdict == "fail")
        self.assertEqual("notice" in kinds, verdict == "pass")

    def test_per_cent_signs_are_not_read_as_escapes(self):
        self.assertIn("%250A::error::x", read("hostile", "github"))


class Table(unittest.TestCase):
    @every_sample("hostile")
    def test_the_verdict_and_its_reasons_come_first(self, sample):
        document = parse(read(sample, "json"))
        for form, mark in (("txt", "✗"), ("ascii", "x")):
            words = " ".join(read(sample, form).split())
            self.assertEqual(words.split()[0], document["verdict"].upper())
            for check in document["checks"]:
                if not check["passed"]:
                    self.assertIn(f"{mark} {check['name']} {check['observed']}, limit {check['limit']}", words)

    @every_sample()
    def test_colours_are_only_where_they_are_wanted(self, sample):
        self.assertNotIn("\033", read(sample, "txt"))
        plain = re.sub("\033\\[[0-9;]*m", "", read(sample, "ansi"))
        self.assertNotIn("\033", plain)
        if parse(read(sample, "json"))["verdict"] == "fail":
            self.assertTrue(read(sample, "ansi").startswith("\033[1;31mFAIL"))

    @every_sample("hostile")
    def test_ascii_is_ascii(self, sample):
        self.assertTrue(read(sample, "ascii").isascii())

    @every_sample()
    def test_what_is_not_known_is_no_number(self, sample):
        for suffix in ("txt", "md", "prom", "xml", "svg"):
            self.assertNotRegex(read(sample, suffix), r"(?i)\b(nan|inf)\b")

    @every_sample("hostile")
    def test_it_fits_its_width(self, sample):
        for line in read(sample, "txt").splitlines():
            self.assertLessEqual(len(line), 80, line)

    @every_sample()
    def test_colours_take_no_room(self, sample):
        self.assertEqual(re.sub("\033\\[[0-9;]*m", "", read(sample, "ansi")), read(sample, "txt"))

    @every_sample()
    def test_lines_of_a_file_are_whole(self, sample):
        document, text = parse(read(sample, "json")), read(sample, "ascii")
        for line in (document["inconclusive_because"] or "", *document["warnings"]):
            if line.isascii():
                self.assertIn(f"{line}\n", text + "\n")

    def test_the_picture_fits_the_terminal(self):
        picture = read("failed", "txt").split("the worst\n")[1]
        self.assertTrue(all(len(line) < 80 for line in picture.splitlines()[:-1]))


class Page(unittest.TestCase):
    """docs/drill.md names what the outputs name."""

    TEXT = (DOCS / "drill.md").read_text()

    def rows(self, heading):
        section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", self.TEXT, re.M | re.S)
        cells = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", section[1], re.M)
        return re.findall(r"`(\w+)`", " ".join(cells))

    def test_every_outcome_is_explained_and_no_other(self):
        outcomes = SCHEMA["$defs"]["attempt"]["properties"]["outcome"]["enum"]
        self.assertEqual(sorted(self.rows("Outcomes")), sorted(outcomes))

    def test_every_outcome_has_a_colour(self):
        outcomes = SCHEMA["$defs"]["attempt"]["properties"]["outcome"]["enum"]
        picture = re.search(r"^\| colour(.*?)\n\n", self.TEXT, re.M | re.S)[1]
        self.assertEqual(sorted(re.findall(r"`(\w+)`", picture)), sorted(outcomes))

    def test_every_number_is_explained_and_no_other(self):
        numbers = SCHEMA["properties"]["runs"]["items"]["properties"]["numbers"]["properties"]
        self.assertEqual(self.rows("Numbers"), list(numbers))

    def test_the_legend_names_what_is_drawn(self):
        for sample, labels in (
                ("passed", ["unhealthy, still accepting", "listener closed, draining"]),
                ("failed", ["listener closed, draining", "refused while healthy"]),
                ("no_attempts", [])):
            for label in ("unhealthy, still accepting", "listener closed, draining", "refused while healthy"):
                with self.subTest(sample=sample, label=label):
                    self.assertEqual(f">{label}<" in read(sample, "svg"), label in labels)

    def test_its_picture_is_one(self):
        text = (DOCS / "drill.svg").read_text()
        self.assertLess(len(text.encode()), SVG_MAX_BYTES)
        labels = [element.text for element in ElementTree.fromstring(text).iter(SVG + "text")]
        for label in ("FAIL", "stop", "A in flight"):
            self.assertIn(label, labels)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
