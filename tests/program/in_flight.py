# SPDX-License-Identifier: MIT
"""How many requests lastcall sees. A probe's answer may be as old as polls are dear: on a host with many sockets, or under
a sanitizer, older than a request lasts. --status has a budget of its own."""

import json
import subprocess

import harness
import http_client

OLD_MS = 300


def counted(connections):
    return (connections["busy"] or 0) + (connections["unsure"] or 0)


def count(program):
    """Requests that are in flight, or may be, and how old the number is."""
    health = json.loads(http_client.ask(program, harness.HEALTH_PORT, "/healthcheck").body)
    return counted(health), health["age_ms"] or 0


def count_now(program):
    done = subprocess.run(["nsenter", f"--target={program.pid}", "--net", "--pid", "--mount", harness.LASTCALL, "--status=json"],
                          capture_output=True, text=True, timeout=harness.PATIENCE,
                          env=harness.environment(harness.NO_LEAK_CHECK))
    return counted(json.loads(done.stdout)["connections"]) if done.returncode == 0 else 0


def wait_for(program, at_least):
    def are_seen():
        number, age_ms = count(program)
        return number >= at_least or (
            age_ms > OLD_MS and "pid1" in program.settings and count_now(program) >= at_least)
    harness.wait_until(are_seen, f"{at_least} requests are seen")
