# SPDX-License-Identifier: MIT
"""Links in Markdown lead to files and headings that exist, shell blocks can be parsed, JSON blocks are
JSON, and docs/design.md names every module of the source."""

import json
import pathlib
import re
import subprocess

from report import SOURCE, files, finish, name, need

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def anchors(text):
    """The names that GitHub gives to headings."""
    headings = re.findall(r"^#+ (.*)$", BLOCK.sub("", text), re.M)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


def link_problems(page, text):
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", BLOCK.sub("", text)):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        to = (page.parent / path).resolve() if path else page
        if not to.exists():
            yield f"{name(page)}: no file for ({target})"
        elif anchor and anchor not in anchors(to.read_text()):
            yield f"{name(page)}: no heading for ({target})"


def block_problems(page, text):
    for language, block in BLOCK.findall(text):
        where = f"{name(page)}: the {language} block '{block.splitlines()[0]}'"
        if language == "sh":
            done = subprocess.run([need("bash"), "-n"], input=block, capture_output=True, text=True)
            if done.returncode != 0:
                yield f"{where}: {done.stderr.strip()}"
        elif language == "json":
            try:
                json.loads(block)
            except ValueError as error:
                yield f"{where}: {error}"


def module_problems():
    design = (SOURCE / "docs" / "design.md").read_text()
    folders = {path.parent.relative_to(SOURCE / "src") for path in (SOURCE / "src").rglob("*.[ch]")}
    for folder in re.findall(r"^\| `src/([\w/]+)/` \|", design, re.M):
        if pathlib.Path(folder) not in folders:
            yield f"docs/design.md: there is no folder src/{folder}"
    for storey in sorted(map(str, folders)):
        table = re.search(rf"^\| `src/{storey}/` .*?(?=^$)", design, re.M | re.S)
        named = set(re.findall(r"^\| `(\w+)` \|", table[0] if table else "", re.M))
        there = {path.stem for path in (SOURCE / "src" / storey).glob("*.[ch]")}
        for module in sorted(there - named):
            yield f"docs/design.md: no table has src/{storey}/{module}"
        for module in sorted(named - there):
            yield f"docs/design.md: there is no src/{storey}/{module}"


def main():
    pages = files("*.md")
    problems = list(module_problems())
    for page in pages:
        text = page.read_text()
        problems += [*link_problems(page, text), *block_problems(page, text)]
    finish(problems, f"{len(pages)} pages")


if __name__ == "__main__":
    main()
