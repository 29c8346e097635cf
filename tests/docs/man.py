# SPDX-License-Identifier: MIT
"""The man pages are what mandoc wants, fit a terminal of 80 columns, and have no word that mdoc takes for a macro."""

import re
import subprocess

from report import SOURCE, finish, name, need

# These depend on which other pages this machine has.
ABOUT_THE_MACHINE = ("referenced manual not found", "outdated mandoc.db")

MESSAGE = re.compile(r"(?:mandoc: )?\S+:(\d+):\d+: (\w+: .*)")

# Macros that are English words, too: in a quotation mdoc swallows them, unless \& is before them.
SWALLOWED = re.compile(r'^\.Dq [^"]* (No|In|At|An|On) [a-z]')


def problems(mandoc, page):
    lint = subprocess.run(
        [mandoc, "-Tlint", "-Wstyle", page], capture_output=True, text=True, check=False
    )
    for line in lint.stdout.splitlines():
        if not any(about in line for about in ABOUT_THE_MACHINE):
            message = MESSAGE.match(line)
            yield f"{name(page)}:{message[1]}: {message[2]}" if message else line
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if word := SWALLOWED.match(line):
            yield f"{name(page)}:{number}: mdoc takes the word '{word[1]}' for a macro: write \\&{word[1]}"
    shown = subprocess.run(
        [mandoc, "-Tutf8", "-Owidth=80", page], capture_output=True, text=True, check=True
    )
    for line in re.sub(".\b", "", shown.stdout).splitlines():
        if len(line) > 80:
            yield f"{name(page)}: too wide for 80 columns: {line}"


def main():
    mandoc = need("mandoc")
    pages = sorted((SOURCE / "docs").glob("*.1"))
    finish([p for page in pages for p in problems(mandoc, page)], f"{len(pages)} man pages")


if __name__ == "__main__":
    main()
