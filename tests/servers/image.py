# SPDX-License-Identifier: MIT
"""An image of a Dockerfile without an engine: a root of this machine's files, with what the Dockerfile copies and
builds laid over them. What it installs with pip, gem or apt-get is there as Debian's packages."""

import json
import os
import re
import shlex
import shutil
import subprocess

import dockerfile
import harness
from box import CACHE, Init

IN_ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "in-root")
INSTALLS = re.compile(r"(pip|gem) install |apt-get update && apt-get install ")
LASTCALL_IMAGE = "--from=lastcall:static"


class Container(Init):
    """The image's own words are what runs: no option is added."""

    def __init__(self):
        super().__init__("lastcall=" + harness.LASTCALL)
        self.path = IN_ROOT

    def options(self, stop):
        return []


class Image:
    def __init__(self, context):
        self.context = context
        with open(os.path.join(context, "Dockerfile")) as file:
            self.stages = dockerfile.read(file.read())
        self.stage = self.stages[-1]

    def words(self):
        return [*self.stage.entrypoint, *self.stage.command]

    def build(self, box, lay_base):
        """The directory that is laid over this machine's root. lay_base(tree) adds what the base has, and this
        machine has not."""
        os.makedirs(box.path("data"))
        trees = {}
        for number, stage in enumerate(self.stages):
            tree = trees[stage.name] = box.path(f"stage{number}")
            os.makedirs(tree)
            lay_base(tree)
            for step in stage.steps:
                (self._copy if step.word == "COPY" else self._run)(box, tree, step, trees)
        return tree

    def _copy(self, box, tree, step, trees):
        *sources, to = shlex.split(step.rest)
        if sources[0] == LASTCALL_IMAGE:
            self._put(harness.LASTCALL, tree, to)
            return
        origin = self.context
        if sources[0].startswith("--from="):
            origin = trees[sources.pop(0).partition("=")[2]]
        for source in sources:
            into = os.path.join(step.directory, to)
            if to.endswith("/"):
                into = os.path.join(into, os.path.basename(source))
            self._put(os.path.join(origin, source.lstrip("/")), tree, into)

    @staticmethod
    def _put(path, tree, to):
        to = os.path.normpath(os.path.join(tree, to.lstrip("/")))
        os.makedirs(os.path.dirname(to), exist_ok=True)
        if os.path.isdir(path):
            shutil.copytree(path, to, dirs_exist_ok=True)
        else:
            shutil.copy(path, to)

    def _run(self, box, tree, step, _):
        if INSTALLS.match(step.rest):
            return
        if step.rest.startswith("npm install"):
            self._npm(box, tree, step)
            return
        os.makedirs(os.path.join(CACHE, "home"), exist_ok=True)
        done = subprocess.run(
            ["unshare", "--mount", IN_ROOT, "--keep", tree, os.path.join(CACHE, "home"), step.directory,
             "sh", "-c", step.rest], env=harness.environment({"HOME": "/data", **step.environment}),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise AssertionError(f"RUN {step.rest}: {done.stdout[-1500:]}")

    def _npm(self, box, tree, step):
        """The packages of package.json, installed once a machine."""
        directory = os.path.join(tree, step.directory.lstrip("/"))
        with open(os.path.join(directory, "package.json")) as file:
            packages = [f"{name}@{version}" for name, version in json.load(file)["dependencies"].items()]
        shutil.copytree(box.npm(*packages), os.path.join(directory, "node_modules"), symlinks=True)
