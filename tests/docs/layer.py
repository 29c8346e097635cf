# SPDX-License-Identifier: MIT
"""Arrows only go down: core knows neither sys nor lastcall, sys not lastcall, neither of them libev; and
core calls nothing but what computes. The same for drill and its core. And nobody calls what makes the
static program large.

usage: layer.py [NM CORE-LIBRARY...]: without them only the includes are looked at."""

import pathlib
import re
import subprocess
import sys

from report import SOURCE, finish, name

FORBIDDEN = {
    "core": re.compile(r'#\s*include\s+(?:"(?:sys|lastcall)/[^"]*"|<(?:ev|event)\.h>)'),
    "drill/core": re.compile(
        r'#\s*include\s+(?:"(?:sys|lastcall|drill/(?!core/))[^"]*"'
        r"|<(?:ev|event|jansson|cairo|openssl/.*)\.h>)"
    ),
    "sys": re.compile(r'#\s*include\s+(?:"lastcall/[^"]*"|<(?:ev|event)\.h>)'),
}

# With musl each of these brings 1 to 14 kB along. core/text.h, core/number.h, sys/fd.h and core/peer_text.h
# have what we need of them.
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


def include_problems():
    for storey, forbidden in FORBIDDEN.items():
        for path in sorted((SOURCE / "src" / storey).glob("*.[ch]")):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if forbidden.match(line):
                    yield f"{name(path)}:{number}: {line.strip()}"


def large_problems():
    for storey in ("core", "sys", "lastcall"):
        for path in sorted((SOURCE / "src" / storey).glob("*.[ch]")):
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
    problems = [*include_problems(), *large_problems()]
    if len(sys.argv) > 2:
        problems += call_problems(sys.argv[1], sys.argv[2:])
    finish(problems, "the storeys")


if __name__ == "__main__":
    main()
