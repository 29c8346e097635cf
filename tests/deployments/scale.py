# SPDX-License-Identifier: MIT
"""The times of a deployment, a tenth of what they are: the settings of ECS, and the times of lastcall that stand
beside them. What the machine does (start a container, answer a request) has its own pace.

The drain budget has to be scaled, too. It is what --stop-timeout leaves after the margin, the reserve for SIGKILL
and the application's grace, and these have limits of their own (500 ms and 5 s) that are no part of --stop-timeout: of
60 s 53.5 s remain, of 6 s only 4.1 s. Therefore lastcall says what it would be at ECS's times, and a tenth of that
is set."""

import re
import subprocess
import time

import engine

FACTOR = 10

# lastcall's option: its default on ECS, in seconds.
LASTCALL = {
    "quiet_period": 1.0,
    "settle": 0.2,
    "margin": 1.0,
    "longest_request": 10.0,
}


def scaled(seconds):
    return seconds / FACTOR


def unscaled(seconds):
    return seconds * FACTOR


def sleep(seconds):
    """Sleeps a tenth of these seconds."""
    time.sleep(max(0, scaled(seconds)))


def milliseconds(seconds):
    """As an option's value."""
    return f"{round(seconds * 1000)}ms"


UNITS = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}


def seconds_of(duration):
    """The seconds of `1m30.5s`."""
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(r"([0-9.]+)(ms|h|m|s)", duration))


def drain_budget(times):
    """What lastcall makes its drain budget at these times of ECS."""
    done = subprocess.run(
        [engine.binary(), "--check"], env=variables(times, 1), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return seconds_of(re.search(r"^ *drain-budget +(\S+)", done.stdout, re.MULTILINE).group(1))


def variables(times, factor):
    """Options of lastcall as variables, with the times of ECS divided by `factor`."""
    return {
        f"LASTCALL_{name.upper()}": milliseconds(seconds / factor)
        for name, seconds in times.items()
        if seconds is not None
    }


def lastcall_environment(stop_timeout, **changed):
    """The variables of lastcall for a stop timeout of ECS, both in ECS's seconds."""
    times = {"stop_timeout": stop_timeout, **LASTCALL, **changed}
    return variables({"drain_budget": drain_budget(times), **times}, FACTOR)


def describe(settings):
    """Both columns, for the reader of a result."""
    rows = [("deregistration delay", settings.deregistration_delay)]
    rows += [("stopTimeout", settings.stop_timeout), ("health check interval", settings.health_interval)]
    rows += [("pull", settings.pull)]
    times = {**LASTCALL, "drain_budget": drain_budget({"stop_timeout": settings.stop_timeout, **LASTCALL})}
    rows += [(f"lastcall --{name.replace('_', '-')}", seconds) for name, seconds in times.items()]
    return [f"{name}: {seconds:g} s, here {scaled(seconds):g} s" for name, seconds in rows]
