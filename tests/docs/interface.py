#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/interface.txt lists what users depend on, and is what the programs, the sources and the schemas make it.
A line that is missing or different breaks users. A new line is a promise.

usage: interface.py [--update]"""

import json
import os
import re
import sys

from report import SOURCE, binary, finish

BUILT = {"LASTCALL_BIN": "lastcall", "LASTCALL_DRILL": "lastcall-drill", "LASTCALL_PLAN": "lastcall-plan"}
if sys.argv[1:] == ["--update"]:  # by hand: with the programs of the preset dev
    os.environ.update({variable: str(SOURCE / "build/dev/bin" / name) for variable, name in BUILT.items()})
    os.environ["LASTCALL_SOURCE_DIR"] = str(SOURCE)

from options import options_of_help, output  # noqa: E402
from servers import table  # noqa: E402

PAGE = SOURCE / "docs" / "interface.txt"

HEAD = """\
# What users of lastcall depend on, one promise a line: options with their defaults, variables, exit statuses,
# paths of the health endpoint, log events, metrics, known servers and platforms, checks, rules, and the fields
# and words of the JSON documents (a field with ? may be absent). tests/docs/interface.py writes this file
# (--update) and compares. A line that goes or changes breaks users, and needs a new major version (before 1.0: a
# new minor version) and an entry in CHANGELOG.md.
"""


def source(path):
    return re.sub(r"/\*.*?\*/", "", (SOURCE / "src" / path).read_text(), flags=re.S)


def of_options(program, *command):
    title = " ".join([os.path.basename(program), *command])
    for name, option in options_of_help(program, *command).items():
        letter = f"-{option.letter} " if option.letter else ""
        argument = f"={option.argument}" if option.argument else ""
        yield f"{title} option {letter}--{name}{argument} [{option.default or 'off'}]"


def of_variables():
    """Each option has one, but for those that ask a question."""
    help_of_settings = output(binary(), "--help").partition("\nInstead of running an application:")[0]
    for name in re.findall(r"^ {2}(?:-\w,| {3}) --([a-z0-9-]+)", help_of_settings, re.M):
        yield f"lastcall variable LASTCALL_{name.upper().replace('-', '_')}"
    yield "lastcall variable LASTCALL_LABEL_*"


def of_exit_statuses(program):
    page = (SOURCE / "docs" / f"{program}.1").read_text()
    section = re.search(r"^\.Sh EXIT STATUS\n(.*?)^\.(?:El|Sh)", page, re.M | re.S)[1]
    for status in re.findall(r"^\.It (\d+(?:, \d+)*)", section, re.M):
        yield from (f"{program} exit status {number}" for number in status.split(", "))


def of_log_events():
    for path in sorted((SOURCE / "src" / "lastcall").glob("*.c")):
        for event in re.findall(r'\bLOG_\w+,\s*"([a-z_]+)"', path.read_text()):
            yield f"lastcall log event {event}"


def of_metrics():
    text = source("core/http/metrics.c")
    for kind, name in re.findall(r'\badd_(family|gauge|counter|seconds)\(page, "(\w+)"', text):
        suffix = re.search(rf'add_family\(page, "{name}", "(\w*)"', text) if kind == "family" else None
        ending = suffix[1] if suffix else "_total" if kind == "counter" else ""
        yield f"lastcall metric lastcall_{name}{ending}"
    emf = source("core/report/report_emf.c")
    for name, unit in re.findall(r'\badd\w*\(metrics,(?: report,)? "(\w+)"(?:, "(\w+)")?', emf):
        yield f"lastcall CloudWatch metric {name} {unit or 'Milliseconds'}"
    for name in re.findall(r'put_(?:family|measure)\([^"]*"(drain_\w+)"', source("drill/output/openmetrics.c")):
        yield f"lastcall-drill metric {name}"


def of_health():
    yield f"lastcall health path {options_of_help(binary())['health-path'].default}"
    for path in re.findall(r'is_path\(request, "(/\w+)"\)', source("core/http/health.c")):
        yield f"lastcall health path {path}"


def of_servers():
    for row in table().values():
        also = f"; {row['also']} starts a stop" if row["also"] != "0" else ""
        yield f"lastcall server {row['name']}: SIG{row['plain']}, with work in flight SIG{row['finishing']}{also}"


def of_platforms():
    rows = re.search(r"platforms\[\] = \{(.*?)^\};", source("core/recognise/platform.c"), re.M | re.S)[1]
    for name, marks in re.findall(r'\{(?:"[^"]+"|NULL),\s*"([\w-]+)",(.*?)\}', rows, re.S):
        times = re.findall(r"\.(grace|min_drain|quiet_period) = (\d+)", marks)
        yield f"lastcall platform {name}: " + ", ".join(f"{what} {ms}ms" for what, ms in times)


def of_checks():
    for path in ("load_checks.c", "exit_checks.c"):
        for name in re.findall(r'check_(?:add|count)\(\s*result, "(\w+)"', source(f"drill/core/{path}")):
            yield f"lastcall-drill check {name}"
    bounds = re.search(r"struct bound bounds\[\] = \{(.*?)\n\t\};", source("drill/core/load_checks.c"), re.S)[1]
    yield from (f"lastcall-drill check {name}" for name in re.findall(r'\{"(\w+)"', bounds))


def of_rules():
    for rule in re.findall(r"^### (LC\d+)$", (SOURCE / "docs" / "rules.md").read_text(), re.M):
        yield f"lastcall-plan rule {rule}"


def of_schema(root, schema, path=""):
    """(field, type or word) of a schema, and of those within it."""
    if "$ref" in schema:
        yield from of_schema(root, root["$defs"][schema["$ref"].rpartition("/")[2]], path)
    for inner in schema.get("oneOf", []):
        yield from of_schema(root, inner, path)
    if "type" in schema:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        yield from ((path, kind) for kind in types)
    for word in schema.get("enum", [schema["const"]] if "const" in schema else []):
        yield path, json.dumps(word)
    for name, inner in schema.get("properties", {}).items():
        may_be_absent = "" if name in schema.get("required", []) else "?"
        yield from of_schema(root, inner, f"{path}.{name}{may_be_absent}")
    for inner in (schema.get("items"), *schema.get("prefixItems", [])):
        if isinstance(inner, dict):
            yield from of_schema(root, inner, f"{path}[]")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from of_schema(root, schema["additionalProperties"], f"{path}.*")


def of_document(path):
    """A line for the types of each field, which a reader has to expect, and a line for each word."""
    title, schema = path.name.removesuffix(".schema.json") + ".json", json.loads(path.read_text())
    types, words = {}, []
    for field, what in of_schema(schema, schema):
        if what.startswith('"'):
            words.append(f"{title} {field} = {what}")
        elif what not in types.setdefault(field, []):
            types[field].append(what)
    yield from (f"{title} {field or '.'}: {' or '.join(types[field])}" for field in types)
    yield from words


def of_programs():
    """Those that are built; the lines of the others cannot be compared."""
    yield from of_options(binary())
    if drill := os.environ.get("LASTCALL_DRILL"):
        for command in ([], ["compare"], ["report"]):
            yield from of_options(drill, *command)
    if plan := os.environ.get("LASTCALL_PLAN"):
        for command in re.findall(r"^ {2}([a-z]+) ", output(plan, "--help"), re.M):
            yield from of_options(plan, command)


def interface():
    found = [*of_programs(), *of_variables(), *of_log_events(), *of_metrics(), *of_health(), *of_servers(),
             *of_platforms(), *of_checks(), *of_rules()]
    for program in ("lastcall", "lastcall-drill", "lastcall-plan"):
        found += of_exit_statuses(program)
    for path in sorted((SOURCE / "docs").glob("*.schema.json")):
        found += of_document(path)
    return list(dict.fromkeys(found))


def is_built(line):
    """Whether the program whose option this is was built with the tests."""
    program = line.split()[0]
    built = {name for variable, name in BUILT.items() if os.environ.get(variable)}
    return " option " not in line or program in built


def problems():
    kept = [line for line in PAGE.read_text().splitlines() if line and not line.startswith("#")]
    found = interface()
    for line in kept:
        if line not in found and is_built(line):
            yield f"this breaks users: '{line}' has gone or changed"
    for line in found:
        if line not in kept:
            yield f"docs/interface.txt lacks '{line}': run tests/docs/interface.py --update"


def main():
    if sys.argv[1:] == ["--update"]:
        PAGE.write_text(HEAD + "\n" + "\n".join(interface()) + "\n")
    finish(list(problems()), "docs/interface.txt")


if __name__ == "__main__":
    main()
