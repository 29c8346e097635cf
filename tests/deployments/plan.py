# SPDX-License-Identifier: MIT
"""What lastcall-plan says of a service of the model: how long a deployment takes, and which settings shorten it."""

import dataclasses
import json
import os
import re
import subprocess

import engine
import scale

# What lastcall-plan calls a setting of the service that is changed without another image or another algorithm.
LEVERS = {"deregistration-delay": "deregistration_delay", "health-interval": "health_interval"}


def program():
    path = os.environ.get("LASTCALL_PLAN", "")
    if not os.access(path, os.X_OK) or not os.path.isfile(path):
        raise engine.Unavailable(f"LASTCALL_PLAN is '{path}', not a program")
    return path


def ask(settings, boot, stop, health_interval=None):
    """`lastcall-plan time` for these settings; `boot` and `stop` in real seconds."""
    interval = settings.health_interval if health_interval is None else health_interval
    times = {
        "pull": settings.pull, "boot": scale.unscaled(boot), "stop": scale.unscaled(stop),
        "stop-timeout": settings.stop_timeout, "health-interval": interval,
        "health-timeout": min(5, interval), "health-grace": settings.health_grace,
        "deregistration-delay": settings.deregistration_delay,
    }
    command = [program(), "time", "--json", f"--desired={settings.desired}",
               f"--min={settings.minimum_percent}", f"--max={settings.maximum_percent}",
               f"--unhealthy-count={settings.unhealthy_count}", f"--healthy-count={settings.healthy_count}",
               f"--breaker={'on' if settings.breaker else 'off'}",
               f"--early-success={'deferred' if settings.early_success else 'off'}",
               *(f"--{name}={scale.milliseconds(seconds)}" for name, seconds in times.items())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1), (command, done.stderr)
    return json.loads(done.stdout)


def recommended(settings):
    """The settings with what lastcall-plan recommends for them."""
    answer = ask(settings, 1, scale.scaled(settings.stop_timeout))
    changed = {
        LEVERS[lever["input"]]: float(lever["then"].removesuffix("s"))
        for lever in answer["levers"]
        if lever["input"] in LEVERS
    }
    counts = dict(re.findall(r"(Healthy|Unhealthy)ThresholdCount: (\d+)", str(answer["levers"])))
    return dataclasses.replace(
        settings, healthy_count=int(counts["Healthy"]), unhealthy_count=int(counts["Unhealthy"]), **changed)


def bounds(settings, boots, stops):
    """The shortest and the longest time of a deployment, in ECS's seconds: by the quickest and the slowest start
    and stop that was measured, the health check at once or a whole interval after the boot, and with the lower and
    the upper bound of lastcall-plan where the documentation is silent."""
    quickest = ask(settings, min(boots), min(stops), health_interval=0.001)
    slowest = ask(settings, max(boots), max(stops))
    return quickest["lower"]["complete_s"], slowest["upper"]["complete_s"]
