# SPDX-License-Identifier: MIT
"""Arrows only go down: core knows neither sys nor lastcall, sys not lastcall, neither of them libev; and
core calls nothing but what computes. The same holds for the host programs and their cores, and drill does not
know plan. The wings of a storey include only the wings below them. No module and no wing includes itself through others. No file calls a
function that makes the static program large.

usage: layer.py [NM CORE-LIBRARY...]: without them only the includes are looked at."""

import pathlib
import re
import subprocess
import sys

from report import SOURCE, finish, name

# Which wings a wing may include, besides those of other storeys. Each stands below those that include it.
WINGS = {
    "core/text": set(),
    "core/tcp": {"core/text"},
    "core/codec": {"core/text", "core/tcp"},
    "core/ecs": {"core/text"},
    "core/report": {"core/text", "core/tcp"},
    "core/http": {"core/text", "core/tcp"},
    "core/cli": {"core/text", "core/tcp", "core/report", "core/http"},
    "core/recognise": {"core/text", "core/cli"},
    "core/stop": {"core/text", "core/report", "core/cli", "core/recognise"},
    "core/status": {"core/text", "core/tcp", "core/report", "core/http", "core/cli", "core/stop"},
    "host/core": set(),
    "host": {"host/core"},
    "drill/core": set(),
    "drill/load": {"drill/core"},
    "drill/server": {"drill/core"},
    "drill/cli": {"drill/core", "drill/load", "drill/server"},
    "drill/output": {"drill/core", "drill/load", "drill/server"},
    "drill": {"drill/core", "drill/load", "drill/server", "drill/cli", "drill/output"},
    "plan/core": set(),
    "plan/document": {"plan/core"},
    "plan/model": {"plan/core", "plan/document"},
    "plan/rules": {"plan/core", "plan/document", "plan/model"},
    "plan/lint": {"plan/core", "plan/document", "plan/model", "plan/rules"},
    "plan/output": {"plan/core", "plan/document", "plan/model", "plan/rules", "plan/lint"},
    "plan/cli": {
        "plan/core",
        "plan/document",
        "plan/model",
        "plan/rules",
        "plan/lint",
        "plan/output",
    },
    "plan": {"plan/cli"},
}

# The cores of the host programs compute like lastcall's.
HOST_CORE = re.compile(
    r'#\s*include\s+(?:"(?:sys|lastcall|(?:host|drill|plan)/(?!core/))[^"]*"'
    r"|<(?:ev|event|jansson|yaml|cairo|openssl/.*)\.h>)"
)

FORBIDDEN = {
    "core": re.compile(r'#\s*include\s+(?:"(?:sys|lastcall)/[^"]*"|<(?:ev|event)\.h>)'),
    "host": re.compile(r'#\s*include\s+"(?:lastcall|drill|plan)/[^"]*"'),
    "host/core": HOST_CORE,
    "drill": re.compile(r'#\s*include\s+"plan/[^"]*"'),
    "drill/core": HOST_CORE,
    "plan": re.compile(r'#\s*include\s+(?:"drill/[^"]*"|<(?:ev|event)\.h>)'),
    "plan/core": HOST_CORE,
    "sys": re.compile(r'#\s*include\s+(?:"lastcall/[^"]*"|<(?:ev|event)\.h>)'),
}

# With musl each of these brings 1 to 14 kB along. core/text/text.h, core/text/number.h, sys/fd.h and
# core/tcp/peer_text.h have what we need of them.
LARGE = re.compile(
    r"#\s*include\s+<stdio\.h>|\b(?:strto(?:u?ll?|[dfu]?max)|ato[il]|str(?:case)?str|inet_ntop|qsort)\("
)

# Functions of the C library that depend on nothing but their arguments, and what compilers add.
ALLOWED = re.compile(
    r"""
    mem(?:cpy|move|set|cmp|chr) | str(?:n?cmp|len|n?len|r?chr|chrnul|c?spn|pbrk|str|n?casecmp)
    | (?:__isoc23_)?strto(?:u?ll?) | v?snprintf | qsort | bsearch
    | sqrt | erfc | floor | ceil | l?l?round | pow | log10 | fmin | fmax
    | inet_(?:pton|ntop) | hton[sl] | ntoh[sl]
    | __(?:mem(?:cpy|move|set)|v?snprintf|strcpy|stpcpy)_chk   # fortified
    | __stack_chk_fail(?:_local)? | __assert_fail | __ctype_\w+_loc
    | _GLOBAL_OFFSET_TABLE_ | __(?:u?divti3|u?modti3|multi3|udivmodti4|popcountdi2)
    """,
    re.X,
)


def files_of(storey):
    """The C files of a storey, those of its wings included."""
    return sorted((SOURCE / "src" / storey).rglob("*.[ch]"))


def include_problems():
    for storey, forbidden in FORBIDDEN.items():
        for path in files_of(storey):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if forbidden.match(line):
                    yield f"{name(path)}:{number}: {line.strip()}"


def wing_problems():
    """Each folder is a wing, and includes only the wings below it in its own storey."""
    for storey in ("core", "host", "drill", "plan"):
        for path in files_of(storey):
            wing = str(path.parent.relative_to(SOURCE / "src"))
            if wing not in WINGS:
                yield f"{name(path)}: {wing} is no wing; the wings are {', '.join(WINGS)}"
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                included = re.match(rf'#\s*include\s+"({storey}(?:/\w+)?)/\w+\.h"', line)
                if included and included[1] not in WINGS[wing] | {wing}:
                    yield f"{name(path)}:{number}: {wing} is not above {included[1]}"


def wing_cycle_problems():
    """A table with a cycle would allow what it is there to forbid."""
    for wing in WINGS:
        if wing in reached_from(wing, WINGS):
            yield f"the wing {wing} is below itself"


def modules():
    """Each module (a .c and its .h) with the modules that it includes."""
    included = {}
    for path in sorted((SOURCE / "src").rglob("*.[ch]")):
        module = str(path.relative_to(SOURCE / "src").with_suffix(""))
        found = re.findall(r'^#\s*include\s+"([\w/]+)\.h"', path.read_text(), re.M)
        included.setdefault(module, set()).update(set(found) - {module})
    return included


def reached_from(start, arrows):
    reached, todo = set(), set(arrows[start])
    while todo:
        at = todo.pop()
        reached.add(at)
        todo |= arrows.get(at, set()) - reached
    return reached


def cycle_problems():
    """A module that reaches itself through its includes."""
    included = modules()
    for module in included:
        if module in reached_from(module, included):
            yield f"src/{module} includes itself through others"


def large_problems():
    for storey in ("core", "sys", "lastcall"):
        for path in files_of(storey):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if LARGE.search(line) and not line.lstrip().startswith(("*", "/*")):
                    yield f"{name(path)}:{number}: large with musl: {line.strip()}"


def symbols(nm, library, which):
    """The names, each with the object file that it was found in."""
    done = subprocess.run(
        [nm, "--print-file-name", which, library], capture_output=True, text=True, check=True
    )
    found = {}
    for line in done.stdout.splitlines():
        place, _, symbol = line.rpartition(" ")  # "liba.a:b.o:   U c", with an address if it has one
        found[symbol] = place.split(":")[1]
    return found


def call_problems(nm, libraries):
    defined = set()
    for library in libraries:  # each may call what is below it
        defined |= symbols(nm, library, "--defined-only").keys()
        for symbol, place in sorted(symbols(nm, library, "--undefined-only").items()):
            if symbol not in defined and not ALLOWED.fullmatch(symbol):
                yield f"{pathlib.Path(library).name}: {place} calls {symbol}"


def main():
    problems = [
        *include_problems(),
        *wing_problems(),
        *wing_cycle_problems(),
        *cycle_problems(),
        *large_problems(),
    ]
    if len(sys.argv) > 2:
        problems += call_problems(sys.argv[1], sys.argv[2:])
    finish(problems, "the storeys")


if __name__ == "__main__":
    main()
