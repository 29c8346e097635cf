#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `lastcall-plan lint` costs beside a python3 that only parses the same files with PyYAML's CSafeLoader
(libyaml, too): templates of 1 MB and 5 MB, and 1,000 small manifests. In turn, medians of the rounds.
run.py [ROUNDS]; exit status 1: a limit is exceeded. LASTCALL_PLAN is the program."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from comparison import compare, finish  # noqa: E402

PLAN = os.environ.get("LASTCALL_PLAN", "build/dev/bin/lastcall-plan")
SOURCE = pathlib.Path(__file__).resolve().parents[3]
PYTHON = "/usr/bin/python3"
ROUNDS = int((sys.argv[1:2] or [os.environ.get("LASTCALL_BENCH_ROUNDS", 5)])[0])
PARSE = """
import sys, yaml
for path in sys.argv[1:]:
    with open(path) as file:
        for document in yaml.load_all(file, Loader=yaml.CSafeLoader):
            pass
"""
MANIFEST = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: web-{0}}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: web-{0}}}}}
  template:
    metadata: {{labels: {{app: web-{0}}}}}
    spec:
      terminationGracePeriodSeconds: 60
      containers:
        - name: web
          image: registry.example/web:{0}
          command: [lastcall, --, web]
          env: [{{name: LASTCALL_STOP_TIMEOUT, value: 60s}}]
          ports: [{{containerPort: 8080}}]
          readinessProbe: {{httpGet: {{path: /healthcheck, port: 5278}}}}
"""


def template_of(size):
    """The CDK's template of one service, as often as it takes, under other names."""
    one = (SOURCE / "tests/plan/ecs/article.flags-on.template.json").read_text()
    template = json.loads(one)
    names = sorted(template["Resources"], key=len, reverse=True)
    template["Resources"] = {}
    number = length = 0
    while length < size:
        text = json.dumps(json.loads(one)["Resources"])
        for name in names:
            text = text.replace(f'"{name}"', f'"{name}N{number}"')
        template["Resources"].update(json.loads(text))
        length += len(json.dumps(json.loads(text), indent=1))
        number += 1
    return json.dumps(template, indent=1)


# The kernel counts the memory that a child has of its parent until exec: 8 MB of a python3, more than what is
# measured. So a shell starts the command and ends, and its child becomes this one's, a subreaper's.
MEASURE = """
import ctypes, os, sys, time
PR_SET_CHILD_SUBREAPER = 36
if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
    sys.exit('no subreaper')
began = time.perf_counter()
shell = os.posix_spawn('/bin/sh', ['sh', '-c', '"$@" > /dev/null &', 'sh', *sys.argv[1:]], os.environ)
os.waitpid(shell, 0)
_, status, usage = os.wait4(-1, 0)
print((time.perf_counter() - began) * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3, usage.ru_maxrss,
      os.waitstatus_to_exitcode(status))
"""


def cost(command):
    """Wall time and processor time in ms, and the most memory in kB."""
    done = subprocess.run((PYTHON, "-I", "-S", "-c", MEASURE, *map(str, command)), check=True, capture_output=True,
                          text=True)
    *costs, status = map(float, done.stdout.split())
    if status not in (0, 1):
        sys.exit(f"run.py: {command[0]} ended with {status}: {done.stderr}")
    return costs


def compare_costs(what, paths, parsed, most_time, most_memory):
    rounds = [(cost((PLAN, "lint", "--format=json", *paths)), cost((PYTHON, "-c", PARSE, *parsed)))
              for _ in range(ROUNDS)]
    for at, (title, unit, limit) in enumerate((("time", "ms", None), ("processor time", "ms", most_time),
                                               ("memory", "kB", most_memory))):
        compare("lint", f"{what}, {title}", unit, "python3", [(ours[at], theirs[at]) for ours, theirs in rounds], limit)


def main():
    if subprocess.run((PYTHON, "-c", "import yaml; yaml.CSafeLoader"), capture_output=True).returncode != 0:
        print("python3-yaml is not installed")
        return 77
    with tempfile.TemporaryDirectory() as directory:
        for size in (1, 5):
            path = pathlib.Path(directory, f"{size}.template.json")
            path.write_text(template_of(size << 20))
            compare_costs(f"template of {size} MB", [path], [path], 0.5, 0.2)
        folder = pathlib.Path(directory, "manifests")
        folder.mkdir()
        for number in range(1000):
            (folder / f"{number}.yaml").write_text(MANIFEST.format(number))
        compare_costs("1,000 manifests", [folder], sorted(folder.iterdir()), 0.3, None)
    return finish("plan")


if __name__ == "__main__":
    sys.exit(main())
