# SPDX-License-Identifier: MIT
"""examples/applications: each Dockerfile copies all files of its folder and no other, lastcall accepts the options
that it sets, and the page has a row and a section with them. tests/servers/applications.py runs them."""

import os
import re
import shlex
import subprocess
import sys

from report import SOURCE, binary, finish

sys.path.insert(0, str(SOURCE / "tests" / "servers"))

import dockerfile  # noqa: E402

EXAMPLES = SOURCE / "examples" / "applications"
HEALTHCHECK = ["lastcall", "--healthcheck"]


def sources(stages):
    """What is copied from the folder."""
    for step in (step for stage in stages for step in stage.steps if step.word == "COPY"):
        if not step.rest.startswith("--from="):
            yield from shlex.split(step.rest)[:-1]


def settings(stage):
    """The options and variables of lastcall, as the page names them."""
    options = stage.entrypoint[1:stage.entrypoint.index("--")]
    return [*options, *(name for name in stage.environment if name.startswith("LASTCALL_"))]


def problems(folder, page):
    stages = dockerfile.read((folder / "Dockerfile").read_text())
    stage = stages[-1]
    there = {path.name for path in folder.iterdir()} - {"Dockerfile"}
    copied = set(sources(stages))
    if there != copied:
        yield f"copies {sorted(copied)}, and has {sorted(there)}"
    if stage.entrypoint[:1] != ["lastcall"] or "--" not in stage.entrypoint:
        yield f"the entrypoint is {stage.entrypoint}"
        return
    if not any(step.rest == "--from=lastcall:static /lastcall /usr/local/bin/lastcall" for step in stage.steps):
        yield "does not copy lastcall as README.md says"
    if stage.healthcheck != HEALTHCHECK:
        yield f"the health check is {stage.healthcheck}"
    checked = subprocess.run([binary(), "--check", *stage.entrypoint[1:], *stage.command],
                             env={**os.environ, **stage.environment}, capture_output=True, text=True)
    if checked.returncode != 0:
        yield checked.stderr.strip()
    if not re.search(rf"^\| \[[^\]]+\]\(#{anchor(folder, page)}\) \|", page, re.M):
        yield "has no row in README.md"
    for setting in settings(stage):
        if setting.partition("=")[0] not in section(folder, page):
            yield f"README.md does not explain {setting}"


def anchor(folder, page):
    return {"php-fpm": "php-fpm-and-nginx"}.get(folder.name, folder.name)


def section(folder, page):
    title = anchor(folder, page).replace("-", "[- ]")
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", page, re.M | re.S | re.I)
    return found[1] if found else ""


def main():
    page = (EXAMPLES / "README.md").read_text()
    folders = sorted(path for path in EXAMPLES.iterdir() if path.is_dir())
    finish([f"examples/applications/{folder.name}: {problem}" for folder in folders
            for problem in problems(folder, page)], f"{len(folders)} examples")


if __name__ == "__main__":
    main()
