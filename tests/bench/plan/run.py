#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `lastcall-plan lint` costs beside a python3 that only parses the same files with PyYAML's CSafeLoader
(libyaml, too): templates of 1 MB and 5 MB, and 1,000 small manifests. In turn, medians of the rounds.
run.py [ROUNDS]; exit status 1: a limit is exceeded. LASTCALL_PLAN is the program."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

PLAN = os.environ.get("LASTCALL_PLAN", "build/dev/bin/lastcall-plan")
SOURCE = pathlib.Path(__file__).resolve().parents[3]
PYTHON = "/usr/bin/python3"
ROUNDS = int((sys.argv[1:2] or ["5"])[0])
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


# A process has the memory of its parent for a moment, and the kernel remembers that: a small one starts them.
MEASURE = """
import os, sys, time
began = time.perf_counter()
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[
    (os.POSIX_SPAWN_OPEN, 1, '/dev/null', os.O_WRONLY, 0)])
_, status, usage = os.wait4(pid, 0)
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


def compare(name, paths, parsed, limits):
    """Prints a line; returns whether the ratios of processor time and memory are within the limits."""
    rounds = [(cost((PLAN, "lint", "--format=json", *paths)), cost((PYTHON, "-c", PARSE, *parsed)))
              for _ in range(ROUNDS)]
    ours, theirs = ([statistics.median(values) for values in zip(*side)] for side in zip(*rounds))
    ratios = [mine / other for mine, other in zip(ours, theirs)]
    print(f"{name:18} {ours[0]:7.0f} ms {ours[1]:7.0f} ms cpu {ours[2] / 1024:6.1f} MB   python3 "
          f"{theirs[0]:7.0f} ms {theirs[1]:7.0f} ms cpu {theirs[2] / 1024:6.1f} MB   ratios "
          f"{ratios[0]:.2f} {ratios[1]:.2f} {ratios[2]:.2f} (at most {limits[0]} of the time"
          + (f", {limits[1]} of the memory)" if limits[1] else ")"), flush=True)
    return ratios[1] <= limits[0] and (not limits[1] or ratios[2] <= limits[1])


def main():
    if subprocess.run((PYTHON, "-c", "import yaml; yaml.CSafeLoader"), capture_output=True).returncode != 0:
        print("python3-yaml is not installed")
        return 77
    good = []
    with tempfile.TemporaryDirectory() as directory:
        for size in (1, 5):
            path = pathlib.Path(directory, f"{size}.template.json")
            path.write_text(template_of(size << 20))
            good.append(compare(f"template, {size} MB", [path], [path], (0.5, 0.2)))
        folder = pathlib.Path(directory, "manifests")
        folder.mkdir()
        for number in range(1000):
            (folder / f"{number}.yaml").write_text(MANIFEST.format(number))
        good.append(compare("1,000 manifests", [folder], sorted(folder.iterdir()), (0.3, None)))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
