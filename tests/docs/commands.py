# SPDX-License-Identifier: MIT
"""README.md and the pages about deployments show what lastcall-plan prints: each `console` block is run in the
source tree, where a line `...` stands for lines that are left out. On the pages each `sh` block of calls alone
ends well, too. `commands.py --update` writes what is printed now."""

import os
import re
import subprocess
import sys
import tempfile

from report import SOURCE, finish, name

PAGES = ("README.md", "docs/ecs.md", "docs/kubernetes.md", "docs/docker.md", "examples/ecs-taskdef/README.md")
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def environment():
    """Without settings of the machine, in a terminal of no particular width."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LASTCALL_") and k != "COLUMNS"}
    programs = os.path.dirname(os.environ["LASTCALL_PLAN"])
    return {**kept, "PATH": f"{programs}:{kept['PATH']}", "LC_ALL": "C.UTF-8"}


def run(script, folder):
    """What a reader would see: output and messages, and the status."""
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment(), text=True, timeout=60,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )
    return done.stdout, done.returncode


def printed(block, folder):
    """A console block as it would be today. A line `...` stands for lines that are left out."""
    shown = []
    parts = re.split(r"^\$ (.*(?:\\\n.*)*)\n", block, flags=re.M)
    for command, before in zip(parts[1::2], parts[2::2]):
        output, _ = run(command, folder)
        shown.append(f"$ {command}\n{abridged(before, output)}")
    return "".join(shown)


def abridged(before, output):
    """The output, with the lines left out that the page leaves out."""
    if "...\n" not in before:
        return output
    pieces = before.split("...\n")
    rest, kept = output, []
    for piece in pieces:
        at = rest.find(piece)
        if at < 0:
            return output
        kept.append(piece)
        rest = rest[at + len(piece) :]
    return "...\n".join(kept)


def page_problems(page, update):
    text = page.read_text()

    def renewed(match):
        return f"```console\n{printed(match[1], SOURCE)}```"

    now = CONSOLE.sub(renewed, text)
    if update:
        page.write_text(now)
    elif now != text:
        for was, is_now in zip(CONSOLE.findall(text), CONSOLE.findall(now)):
            if was != is_now:
                yield f"{name(page)}: not what is printed; this is:\n{is_now}"
    for language, block in FENCED.findall(text) if page.parent != SOURCE else ():
        if language == "sh" and all(line.startswith("lastcall-plan ") for line in block.splitlines()):
            for line in block.splitlines():
                with tempfile.TemporaryDirectory() as folder:
                    os.symlink(SOURCE / "examples", f"{folder}/examples")
                    output, status = run(line, folder)
                if status != 0:
                    yield f"{name(page)}: `{line}` ends with {status}: {output}"


def main():
    update = sys.argv[1:] == ["--update"]
    pages = [SOURCE / page for page in PAGES]
    finish([p for page in pages for p in page_problems(page, update)], f"{len(pages)} pages")


if __name__ == "__main__":
    main()
