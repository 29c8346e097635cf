#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# libyaml refuses JSON that Python writes, and reads the rest without a word about keys that are there twice
#
# Guess: JSON is YAML, so a YAML parser reads a task definition in JSON.
# Seen: a character outside the basic plane, which json.dumps and the AWS CLI write as two escapes, is an error; so is
#   a line break before a colon, and a key above 1,024 characters. A key that is there twice passes, and the last wins.
# For containers: a checker that reads all its files as YAML fails on a valid task definition with such a name in a tag.
# Software: Debian 12, libyaml-0-2 0.2.5-1, python3-yaml 6.0-3+b2
# Source: RFC 8259, section 7 (surrogate pairs); YAML 1.2.2, sections 1.2, 7.4 (implicit keys) and 5.7; scanner.c
# Output, 2026-11-28:
#   plain: {'stopTimeout': 60}
#   surrogate escapes: ScannerError
#   a line break before the colon: ParserError
#   a key of 1,100 characters: ParserError
#   a key twice: {'stopTimeout': 30}
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian libyaml-0-2=0.2.5-1 python3-yaml=6.0-3+b2
/usr/bin/python3 - <<'PY'
import json
import sys
import yaml

failed = False
for name, text, expected in (
        ("plain", '{"stopTimeout": 60}', {"stopTimeout": 60}),
        ("surrogate escapes", json.dumps({"name": "\U0001d11e"}), "ScannerError"),
        ("a line break before the colon", '{"stopTimeout"\n: 60}', "ParserError"),
        ("a key of 1,100 characters", json.dumps({"k" * 1100: 1}), "ParserError"),
        ("a key twice", '{"stopTimeout": 60, "stopTimeout": 30}', {"stopTimeout": 30})):
    json.loads(text)  # it is valid JSON
    try:
        got = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        got = type(error).__name__
    print(f"{name}: {got}")
    failed = failed or got != expected
sys.exit(failed)
PY
