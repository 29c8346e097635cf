# SPDX-License-Identifier: MIT
"""What no formatter looks at: each source says its licence first, no comment begins with two slashes,
no assertion is a deprecated one, and nothing is left to be done later."""

import re

from report import files, finish, name

LICENCE = "SPDX-License-Identifier: MIT"

# What a C file consists of, as far as comments matter. The first that matches wins.
C_PIECE = re.compile(
    r'(?P<string>"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\')'
    r"|(?P<comment>/\*.*?\*/)|(?P<slashes>//[^\n]*)",
    re.S,
)

# Written so that this line is not found itself.
LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")


# cmocka 1 has it under this name alone; cmake/AddCmockaTest.cmake gives it the other one there.
OLD_ASSERTION = re.compile(r"\bassert_in_range\(")


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def c_problems(path, text):
    for piece in C_PIECE.finditer(text):
        if piece["slashes"]:
            yield f"{name(path)}:{line_of(text, piece.start())}: a comment is /* */"
    for old in OLD_ASSERTION.finditer(text):
        yield f"{name(path)}:{line_of(text, old.start())}: deprecated by cmocka 2: assert_int_in_range"


def licence_problems(path, text):
    lines = text.splitlines()
    first = lines[1:2] if lines and lines[0].startswith("#!") else lines[:1]
    if not first or LICENCE not in first[0]:
        yield f"{name(path)}: the first line is not '{LICENCE}'"


def is_script(path):
    """Programs without a suffix: tests/run and its like."""
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def main():
    c_sources = files("*.c", "*.h")
    scripts = [path for path in files("*.py", "*.sh", "run", "engine", "image", "packages", "proxied",
                                   "behind")
               if path.suffix or is_script(path)]
    problems = []
    for path in [*c_sources, *scripts]:
        text = path.read_text()
        problems += licence_problems(path, text)
        if path.suffix in (".c", ".h"):
            problems += c_problems(path, text)
        for later in LATER.finditer(text):
            problems.append(f"{name(path)}:{line_of(text, later.start())}: {later[0]}")
    finish(problems, f"{len(c_sources)} C files and {len(scripts)} scripts")


if __name__ == "__main__":
    main()
