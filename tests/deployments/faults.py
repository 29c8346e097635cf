# SPDX-License-Identifier: MIT
"""What goes wrong in the middle of a deployment: tasks that never get healthy, an application that does not stop, a
load balancer that is reloaded, an engine that is restarted. lastcall loses no request and leaves nothing."""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import ecs
import ecs_model
import engine
import plan
import scale
import stage
import task

SETTINGS = ecs_model.Settings(
    desired=3, deregistration_delay=30, stop_timeout=30, health_interval=30, unhealthy_count=3, pull=10,
    breaker=True)
INIT = task.lastcall("lastcall", 30)
MACHINE_SECONDS = 5  # real ones, for what a busy machine needs beside the start and the stop
# HAProxy closes kept connections of clients when it is reloaded: that loss is its own.
WITHOUT_KEPT = ("new", "slow", "upload", "stream")
ENGINE_OPTIONS = "--live-restore"
PREFIX = "lastcall-engine-restarted."
INSIDE = "LASTCALL_TESTS_ENGINE_INSIDE"


def assert_nothing_lost(what, outcome):
    print(f"{what}: lost {ecs.lost_cell(outcome)}", flush=True)
    assert not outcome.lost, (what, outcome.lost)


def breaker(image, what, environment, moment):
    """A revision that fails: the breaker trips when lastcall-plan says, and the old tasks never stopped serving."""
    with stage.Stage(image, INIT, SETTINGS) as place:
        outcome = place.under_load(lambda: [place.deploy(environment)], seconds=30)
        left = [t for t in place.service.tasks if t.revision != "1" and t.state != ecs_model.STOPPED]
    [result] = outcome.deployments
    starts = [scale.unscaled(c.started_seconds) for c in place.service.stopped]
    low, high = (
        plan.ask(SETTINGS, boot / scale.FACTOR, stop)["circuit_breaker"][moment]
        for boot, stop in ((min(starts), min(outcome.stops)), (max(starts), max(outcome.stops)))
    )
    print(f"{what}: the breaker trips after {result.failures} failures and {result.tripped:.0f} s, "
          f"lastcall-plan: {low:.0f} to {high:.0f} s", flush=True)
    assert_nothing_lost(what, outcome)
    assert result.failures >= SETTINGS.threshold and not left, (result, left)
    assert result.least_healthy == SETTINGS.desired, result
    return low <= result.tripped <= high + scale.unscaled(MACHINE_SECONDS)


def breakers(image):
    assert breaker(image, "never healthy", {"BOOT": "1000"}, "unhealthy_trip_s")
    # A variable that the application cannot read: it ends at once.
    assert breaker(image, "ends at the start", {"STREAM": "nonsense"}, "crash_trip_s")


def hangs_in_its_stop(image):
    """The application ignores SIGTERM. Under lastcall it is killed, and reported, before the engine does that."""
    settings = dataclasses.replace(SETTINGS, health_interval=5, health_grace=120, healthy_count=2, stop_timeout=100)
    # The margin covers what the machine needs to kill and to report: its own pace, not a tenth of it.
    ours = task.lastcall("lastcall", settings.stop_timeout, margin=30)
    for init in (task.TINI, ours):
        with stage.Stage(image, init, settings, environment={"DEAF": "1"}) as place:
            outcome = place.under_load(lambda: [place.deploy()], seconds=10)
        limit = scale.scaled(settings.stop_timeout)
        print(f"{init.name}, SIGTERM ignored: stops of {min(outcome.stops):.1f} to {max(outcome.stops):.1f} s, "
              f"stopTimeout {limit:g} s, exit statuses {dict(outcome.exits)}, reports {len(outcome.reports)}")
        assert_nothing_lost(f"{init.name}, SIGTERM ignored", outcome)
    assert len(outcome.reports) == settings.desired, outcome.reports
    for report in outcome.reports:
        assert report["app"]["killed"], report
        assert report["phases_ms"]["total"] < report["stop"]["timeout_ms"], report


def balancer_reloaded(image):
    """HAProxy is reloaded again and again while tasks are replaced."""
    settings = dataclasses.replace(ecs.TOO_SHORT, deregistration_delay=10)
    with stage.Stage(image, ecs.RECOMMENDED, settings) as place:
        def act():
            over = threading.Event()

            def reload():
                while not over.wait(1):
                    place.balancer.reload()
            thread = threading.Thread(target=reload)
            thread.start()
            try:
                return [place.deploy() for _ in range(3)]
            finally:
                over.set()
                thread.join()
        outcome = place.under_load(act, WITHOUT_KEPT, seconds=25)
    assert_nothing_lost("HAProxy is reloaded every second", outcome)


def engine_restarted(image):
    """An engine of its own, in a network of its own, with live-restore (Swarm refuses that): it is ended and started
    under the tasks, while they serve, and again while one of them stops."""
    if os.environ.get(INSIDE) is None:
        return in_network_of_its_own(image)
    script = engine.SOURCE / "docker" / "engine"

    def restart():
        subprocess.run([script, "stop"], check=True, capture_output=True)
        subprocess.run([script, "start"], check=True, capture_output=True)

    settings = dataclasses.replace(ecs.TUNED, stop_timeout=120)
    init = task.lastcall("lastcall --longest-request", 120, longest_request=25)
    with stage.Stage(image, init, settings) as place:
        outcome = place.under_load(lambda: restart() or [place.deploy()], ("new", "slow", "stream"), seconds=25)
        assert_nothing_lost("the engine is restarted before a deployment", outcome)

        def act():
            thread = threading.Thread(target=restart)
            task_that_stops = place.service.tasks[-1]
            task_that_stops.stop(4)
            time.sleep(0.3)
            thread.start()
            thread.join()
            task_that_stops.join()
            assert task_that_stops.state == ecs_model.STOPPED, place.service.errors
        outcome = place.under_load(act, ("new", "slow", "stream"), seconds=25)
        assert_nothing_lost("the engine is restarted while a task stops", outcome)
        print(f"    exit statuses {dict(outcome.exits)}, stops of {max(outcome.stops):.1f} s, "
              f"outcomes {[report['outcome'] for report in outcome.reports]}")
    left = engine.docker("ps", "--all", "--quiet")
    assert not left, left


def in_network_of_its_own(image):
    """Runs this part again, with another engine, in a new network namespace: the bridges of two engines in one would
    have the same name and addresses."""
    clear_leftovers()
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir="/var/tmp", ignore_cleanup_errors=True) as folder:
        pathlib.Path(folder, "source").write_text(str(engine.SOURCE))
        archive = pathlib.Path(folder, "image.tar")
        engine.docker("save", f"--output={archive}", image, seconds=300)
        environment = {**engine_environment(folder), INSIDE: str(archive)}
        command = 'ip link set lo up && exec "$0" engine-restart'
        try:
            subprocess.run(
                ["unshare", "--net", "sh", "-c", command, sys.argv[0]], env=environment, check=True)
        finally:
            end_engine(folder)


def engine_environment(folder):
    return {
        **os.environ, "LASTCALL_ENGINE_DIR": str(folder), "LASTCALL_ENGINE_OPTIONS": ENGINE_OPTIONS,
        "DOCKER_HOST": f"unix://{folder}/docker.sock",
    }


def clear_leftovers():
    """Ends the engines that killed tests of this source have left."""
    for folder in pathlib.Path("/var/tmp").glob(f"{PREFIX}*"):
        mark = folder / "source"
        if mark.exists() and mark.read_text() == str(engine.SOURCE):
            end_engine(folder)
            shutil.rmtree(folder, ignore_errors=True)


def end_engine(folder):
    """The containers of an engine with live-restore would outlive it, and dockerd leaves its data mounted."""
    environment = engine_environment(folder)
    listed = subprocess.run(
        ["docker", "ps", "--all", "--quiet"], env=environment, capture_output=True, text=True)
    if listed.stdout.split():
        subprocess.run(["docker", "rm", "--force", *listed.stdout.split()], env=environment, capture_output=True)
    subprocess.run([engine.SOURCE / "docker" / "engine", "stop"], env=environment, capture_output=True)
    subprocess.run(["umount", f"{folder}/data"], capture_output=True)


def load_image():
    """Inside: the engine, with the image of the one outside."""
    host = os.environ.pop("DOCKER_HOST")
    engine.use_engine()
    os.environ["DOCKER_HOST"] = host
    said = engine.docker("load", f"--input={os.environ[INSIDE]}", seconds=300)
    return said.split(": ", 1)[1].strip()


def run(image):
    breakers(image)
    hangs_in_its_stop(image)
    balancer_reloaded(image)
    engine_restarted(image)
