#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The JSON of --status agrees with its schema, and the schema names no field that is never there.

status_schema.py PRINTER DOCS: PRINTER --print writes a status of each shape, one a line."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

try:
    import jsonschema
except ImportError:
    print("cannot run: there is no jsonschema (Debian: python3-jsonschema)", file=sys.stderr)
    sys.exit(1 if os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1" else 77)

PRINTER, DOCS = sys.argv[1], pathlib.Path(sys.argv[2])
LINES = subprocess.check_output([PRINTER, "--print"]).splitlines()
SCHEMA = json.loads((DOCS / "status.schema.json").read_text())
sys.path.insert(0, str(DOCS.parent / "tests" / "program"))
from closed_schema import closed  # noqa: E402


def assert_required(test, schema):
    """Each object requires all of its fields."""
    if "properties" in schema:
        test.assertEqual(set(schema["properties"]), set(schema["required"]))
        for inner in schema["properties"].values():
            assert_required(test, inner)
    if isinstance(schema.get("items"), dict):
        assert_required(test, schema["items"])


class StatusSchema(unittest.TestCase):
    def test_each_line_is_valid(self):
        validator = jsonschema.Draft202012Validator(closed(SCHEMA))
        for line in LINES:
            validator.validate(json.loads(line))
        self.assertGreaterEqual(len(LINES), 5)

    def test_the_schema_is_complete(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        assert_required(self, SCHEMA)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
