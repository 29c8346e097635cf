# SPDX-License-Identifier: MIT
"""The options in --help, in the man page and in README.md are the same, with the same letters, units
and defaults. --help is printed from the table that parses them, and so is right by definition.
lastcall-drill, where it is built, has a man page of its own."""

import os
import re
import subprocess
from collections import namedtuple

from report import SOURCE, binary, finish, need

Option = namedtuple("Option", "letter argument default")


def output(*command):
    """What a command prints, started without settings from the environment."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LASTCALL_")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return done.stdout


def words(text):
    return " ".join(text.split())


def options_of_help(*program):
    """An entry begins with the option's names, and ends with the default in brackets, if it has one."""
    entries = re.split(r"^ {2}(?=-| {4}--)", output(*program, "--help"), flags=re.M)[1:]
    options = {}
    for entry in entries:
        entry = words(entry.partition("\n\n")[0])
        names = re.match(r"(?:-(\w), )?--([a-z0-9-]+)(?:=(\S+)|\[=(\S+)\])?", entry)
        default = re.search(r" \[(.*)\]$", entry)
        options[names[2]] = Option(names[1], names[3] or names[4], default and default[1])
    return options


def man_page(name):
    """As plain text, with a paragraph a line."""
    page = output(need("mandoc"), "-Tutf8", "-Owidth=1000", str(SOURCE / "docs" / name))
    return re.sub(".\b", "", page)


def options_of_man(page, command=None):
    """The paragraphs of OPTIONS, or of its part about a command: a heading of names, then the text below it."""
    section = re.search(r"^OPTIONS\n(.*?)^ENVIRONMENT\n", page, re.M | re.S)[1]
    if command is not None:
        part = re.search(rf"^ {{3}}{command}\n(.*?)(?=^ {{3}}\S|\Z)", section, re.M | re.S)
        section = part[1] if part else ""
    paragraphs = re.split(r"^ {5}(?=-)", section, flags=re.M)[1:]
    options = {}
    for paragraph in paragraphs:
        heading, _, body = paragraph.partition("\n")
        heading, _, beside = heading.strip().partition("  ")  # a short name has its text beside it
        body = f"{beside} {body}"
        names = re.match(r"(?:-(\w), )?--([a-z0-9-]+)(?:=(.*)|\[=(.*)\])?$", heading)
        options[names[2]] = Option(names[1], names[3] or names[4], words(body))
    return options


def is_same_argument(of_help, of_man):
    """PORT[,PORT...] and port[,port ...]: the first word decides. A choice names its words itself."""
    if of_help is None or of_man is None:
        return of_help == of_man
    if "|" in of_man:
        return "DURATION" not in of_help
    return re.match(r"[A-Z]+", of_help)[0].lower() == re.match(r"[a-z]+", of_man)[0]


def has_default(body, default):
    """Whether a text says it: a switch is off by default, which need not be said."""
    said = re.search(r"Default: (.*)", body)
    if default is None:
        return said is None or said[1].startswith("off")
    return said is not None and re.match(re.escape(default) + r"[.,;](\s|$)", said[1]) is not None


def problems_of_man(of_help, title, command=None, of_others=()):
    page = man_page(title)
    of_man = options_of_man(page, command)
    title = f"{title}, {command}" if command else title
    for name in sorted(of_help.keys() ^ of_man.keys()):
        yield f"--{name} is in {'--help' if name in of_help else title} alone"
    if list(of_man) != sorted(of_man):
        yield f"{title}: OPTIONS are not in alphabetical order"
    for name in sorted(of_help.keys() & of_man.keys()):
        ours, theirs = of_help[name], of_man[name]
        if ours.letter != theirs.letter:
            yield f"--{name}: the letter is {ours.letter}, {title} says {theirs.letter}"
        if not is_same_argument(ours.argument, theirs.argument):
            yield f"--{name}={ours.argument}: {title} says ={theirs.argument}"
        if not has_default(theirs.default, ours.default):
            yield f"--{name}: {title} lacks 'Default: {ours.default}.'"
    for name in sorted(set(re.findall(r"(?<![\w'-])--([a-z][a-z0-9-]+)", page)) - {*of_help, *of_others}):
        yield f"{title} speaks of --{name}, which is no option"


def problems_of_readme(of_help, of_others):
    """Its table has the columns option, unit, default; a choice names its words in the second."""
    readme = (SOURCE / "README.md").read_text()
    rows = re.findall(r"^\| `--([a-z0-9-]+)` \| (.*?) \| (.*?) \|", readme, re.M)
    if not rows:
        yield "README.md: no table of options found"
    for name, unit, default in rows:
        if name not in of_help:
            yield f"README.md: --{name} is no option"
            continue
        choices = re.findall(r"`([^`]+)`", unit)
        if default.strip("`") != of_help[name].default:
            yield f"README.md: --{name} has the default '{of_help[name].default}', not '{default}'"
        if not choices and unit.upper() != re.match(r"[A-Z]*", of_help[name].argument or "")[0]:
            yield f"README.md: --{name} takes {of_help[name].argument}, not '{unit}'"
        for choice in choices:
            output(binary(), "--check", "--listen=off", f"--{name}={choice}")
    spans = re.findall(r"`(--[a-z][a-z0-9-]+)(?:=[^`]*)?`", re.sub(r"```.*?```", "", readme, flags=re.S))
    for name in sorted({span[2:] for span in spans} - of_help.keys() - of_others.keys()):
        yield f"README.md speaks of --{name}, which is no option"


def problems_of_plan(plan):
    """Each command has options of its own, and a part of OPTIONS."""
    commands = re.findall(r"^ {2}([a-z]+) ", output(plan, "--help"), re.M)
    of_help = {command: options_of_help(plan, command) for command in commands}
    of_all = {"help", "version"}.union(*of_help.values())
    for command in commands:
        if of_help[command]:
            yield from problems_of_man(of_help[command], "lastcall-plan.1", command, of_all)
        if not re.search(rf"^ {{5}}(?:lastcall-plan )?{command}\b", man_page("lastcall-plan.1"), re.M):
            yield f"lastcall-plan.1 lacks the command {command}"


def main():
    of_help, of_drill = options_of_help(binary()), {}
    problems = list(problems_of_man(of_help, "lastcall.1"))
    drill = os.environ.get("LASTCALL_DRILL")
    if drill:
        of_drill = options_of_help(drill)
        problems += problems_of_man(of_drill, "lastcall-drill.1", of_others=("for",))  # of kubectl wait
    if plan := os.environ.get("LASTCALL_PLAN"):
        problems += problems_of_plan(plan)
    problems += problems_of_readme(of_help, of_drill)
    finish(problems, f"{len(of_help)} and {len(of_drill)} options")


if __name__ == "__main__":
    main()
