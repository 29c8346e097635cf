# SPDX-License-Identifier: MIT
"""The times of a deployment, a tenth of what they are: the settings of ECS, and the constants of lastcall that
stand beside them. What the machine does (start a container, answer a request) has its own pace."""

import time

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


def lastcall_environment(stop_timeout, **changed):
    """The variables of lastcall for a stop timeout of ECS, both in ECS's seconds."""
    times = {"stop_timeout": stop_timeout, **LASTCALL, **changed}
    return {
        f"LASTCALL_{name.upper()}": milliseconds(scaled(seconds))
        for name, seconds in times.items()
        if seconds is not None
    }


def describe(settings):
    """Both columns, for the reader of a result."""
    rows = [("deregistration delay", settings.deregistration_delay)]
    rows += [("stopTimeout", settings.stop_timeout), ("health check interval", settings.health_interval)]
    rows += [("pull", settings.pull)]
    rows += [(f"lastcall --{name.replace('_', '-')}", seconds) for name, seconds in LASTCALL.items()]
    return [f"{name}: {seconds:g} s, here {scaled(seconds):g} s" for name, seconds in rows]
