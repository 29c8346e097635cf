# SPDX-License-Identifier: MIT
"""Reads a Dockerfile: what the examples' use of its language, and no more."""

import dataclasses
import json
import re
import shlex


@dataclasses.dataclass
class Step:
    """COPY or RUN, with the directory and the environment that hold there."""

    word: str
    rest: str
    directory: str
    environment: dict
    stage: "Stage"


@dataclasses.dataclass
class Stage:
    base: str
    name: str = ""
    directory: str = "/"
    environment: dict = dataclasses.field(default_factory=dict)
    steps: list = dataclasses.field(default_factory=list)
    entrypoint: list = dataclasses.field(default_factory=list)
    command: list = dataclasses.field(default_factory=list)
    healthcheck: list = dataclasses.field(default_factory=list)


def instructions(text):
    """(word, rest) of each: without comments, continued lines joined."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word.upper(), rest.strip()


def read(text):
    """Its stages, in order; the last one is the image. Raises ValueError for what it does not know."""
    arguments, stages = {}, []
    for word, rest in instructions(text):
        if word == "ARG":
            name, _, arguments[name] = rest.partition("=")
        elif word == "FROM":
            base, _, name = re.sub(r"\$\{(\w+)\}", lambda match: arguments[match[1]], rest).partition(" AS ")
            stages.append(Stage(base, name))
        else:
            apply(stages[-1], word, rest)
    return stages


def apply(stage, word, rest):
    if word in ("COPY", "RUN"):
        stage.steps.append(Step(word, rest, stage.directory, dict(stage.environment), stage))
    elif word == "WORKDIR":
        stage.directory = rest
    elif word == "ENV":
        stage.environment.update(pair.split("=", 1) for pair in shlex.split(rest))
    elif word == "ENTRYPOINT":
        stage.entrypoint = json.loads(rest)
    elif word == "CMD":
        stage.command = json.loads(rest)
    elif word == "HEALTHCHECK":
        stage.healthcheck = json.loads(rest.partition("CMD ")[2])
    elif word != "EXPOSE":
        raise ValueError(f"unknown instruction {word}")
