# SPDX-License-Identifier: MIT
"""ECS's algorithm with real containers, HAProxy and nginx: what is lost, and how long deployments take."""

import dataclasses
import random
import shutil
import statistics

import ecs_model
import engine
import load
import plan
import scale
import stage
import task

STOP_TIMEOUT = 60
TUNED = ecs_model.Settings(
    desired=3, deregistration_delay=30, stop_timeout=STOP_TIMEOUT, health_interval=5, pull=10, health_grace=120)
# Shorter than the streams that are being sent: 20 s.
TOO_SHORT = dataclasses.replace(TUNED, deregistration_delay=5)
AWS = ecs_model.Settings(desired=4, minimum_percent=50, maximum_percent=200, health_grace=300)

LASTCALL = task.lastcall("lastcall", STOP_TIMEOUT)
RECOMMENDED = task.lastcall("lastcall --longest-request", STOP_TIMEOUT, longest_request=25)
OTHERS = (task.NONE, task.TINI, task.DUMB_INIT, task.tini_sleep(10), LASTCALL)


def rolling(place):
    return [place.deploy()]


def stop_task(place):
    """Signal first; users report that requests fail for 3 to 5 s."""
    place.service.replace(signal_lag=random.uniform(3, 5))


def spot(place):
    """Signal and deregistration side by side."""
    place.service.replace(signal_lag=0.5)


def rebalance(place):
    """A task is started elsewhere, then one is stopped, as in a deployment."""
    place.service.replace(signal_lag=None, start_first=True)


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    act: object
    settings: object
    kinds: tuple = load.ORDINARY + ("stream",)
    environment: tuple = ()


SCENARIOS = (
    Scenario("StopTask", stop_task, TUNED),
    Scenario("Spot", spot, TUNED),
    Scenario("rolling, delay 5 s", rolling, TOO_SHORT),
    Scenario("rolling, streams of 50 s, delay 5 s", rolling, TOO_SHORT, environment=(("STREAM", "5"),)),
    Scenario("AZ rebalancing, delay 5 s", rebalance, TOO_SHORT),
)


def run(image, init, scenario, times, balancer="haproxy"):
    """So many deployments of a scenario under one load."""
    def act():
        return [result for _ in range(times) for result in scenario.act(place) or []]

    environment = dict(scenario.environment)
    with stage.Stage(image, init, scenario.settings, balancer, environment) as place:
        return place.under_load(act, scenario.kinds, seconds=8 * times)


def lost_cell(outcome):
    how = ", ".join(f"{count} {name}" for name, count in sorted(outcome.lost.items()))
    return f"{outcome.lost_count} of {outcome.sent}" + (f" ({how})" if how else "")


def losses(image, times=3, times_recommended=2, scenarios=SCENARIOS):
    """The table of lost requests at equal settings: behind HAProxy all, behind nginx the two that matter. Raises where
    lastcall lost one with the recommended setting."""
    failures = []
    inits = (*OTHERS, RECOMMENDED)
    print("| load balancer | what happens | " + " | ".join(init.name for init in inits) + " |")
    print("|---|---|" + "---:|" * len(inits), flush=True)
    for balancer in ("haproxy", "nginx"):
        for scenario in scenarios:
            cells = []
            for init in inits:
                if balancer == "nginx" and init not in (task.TINI, RECOMMENDED):
                    cells.append("")
                    continue
                count = times_recommended if init is RECOMMENDED else times
                outcome = run(image, init, scenario, count, balancer)
                cells.append(f"{outcome.lost_count} of {outcome.sent}")
                exits = ", ".join(f"{n} x {code}" for code, n in sorted(outcome.exits.items()))
                print(f"    {balancer}, {scenario.name}, {init.name}, {count} times: {lost_cell(outcome)}; "
                      f"exit statuses {exits}; longest stop {max(outcome.stops):.1f} s", flush=True)
                if init is RECOMMENDED and outcome.lost:
                    failures.append(f"{balancer}, {scenario.name}: {lost_cell(outcome)}")
            print(f"| {stage.BALANCERS[balancer].name} | {scenario.name} | " + " | ".join(cells) + " |", flush=True)
    assert not failures, failures


def timed(image, init, settings, times):
    """The deployments of a service, each with the bounds of lastcall-plan, and what was lost."""
    with stage.Stage(image, init, settings) as place:
        def act():
            return [place.deploy() for _ in range(times)]
        outcome = place.under_load(act, seconds=8 * times)
    outcome.bounds = plan.bounds(settings, outcome.boots, outcome.stops)
    return outcome


@dataclasses.dataclass
class Row:
    """One row of the table of times, with the outcomes of its rounds."""

    name: str
    init: object
    settings: object
    at_once: int = 1  # deployments of a round
    outcomes: list = dataclasses.field(default_factory=list)

    def times(self):
        return sorted(d.complete for outcome in self.outcomes for d in outcome.deployments)

    def inside(self):
        return sum(low <= d.complete <= high for o in self.outcomes for low, high in [o.bounds] for d in o.deployments)

    def median(self):
        return statistics.median(self.times())

    def __str__(self):
        times, stops = self.times(), [s for outcome in self.outcomes for s in outcome.stops]
        low, high = (pick(o.bounds[n] for o in self.outcomes) for n, pick in enumerate((min, max)))
        lost = sum(outcome.lost_count for outcome in self.outcomes)
        return (f"| {self.name} | {self.settings.minimum_percent}/{self.settings.maximum_percent} "
                f"| {self.settings.deregistration_delay:g} s | {times[0]:.0f}, {self.median():.0f}, {times[-1]:.0f} s "
                f"| {scale.unscaled(statistics.median(stops)):.0f} s | {low:.0f} to {high:.0f} s "
                f"| {self.inside()} of {len(times)} | {lost} of {sum(o.sent for o in self.outcomes)} |")


def wall_time(image, rounds=3):
    """The table of wall times. Raises where lastcall is slower than required. The rows take turns, so that a machine
    that is busy for a while is busy for all."""
    init = task.lastcall("lastcall", 30)
    better = plan.recommended(AWS)
    rows = [
        Row("tini", task.TINI, AWS), Row("lastcall", init, AWS),
        Row("lastcall", init, better, 2), Row("tini", task.TINI, better, 2),
    ]
    for percent in ((100, 150), (75, 125), (50, 100)):
        for holds in (True, False):
            changed = dataclasses.replace(
                better, minimum_percent=percent[0], maximum_percent=percent[1], draining_holds_place=holds)
            rows.append(Row(f"lastcall, a draining task holds {'its' if holds else 'no'} place", init, changed))
    for number in range(rounds):
        for row in rows[:4] if number else rows:
            row.outcomes.append(timed(image, row.init, row.settings, row.at_once))
            print(f"    {row.name}: {row.times()}", flush=True)
    print("| PID 1 | min/max percent | delay | measured | stop | lastcall-plan | inside | lost |")
    print("|---|---|---|---|---|---|---|---|")
    print("\n".join(map(str, rows)), flush=True)
    share, same = rows[2].median() / rows[0].median(), rows[1].median() / rows[0].median()
    inside, everything = sum(row.inside() for row in rows), sum(len(row.times()) for row in rows)
    # Where nothing is open, and the machine's own times are a small part.
    width = max(high / low - 1 for row in rows[:2] for low, high in [o.bounds for o in row.outcomes])
    print(f"recommended by lastcall-plan / AWS's defaults with tini: {share:.2f} (at most 0.35)")
    print(f"lastcall / tini at the same settings: {same:.2f} (at most 1.05)")
    print(f"inside the bounds of lastcall-plan: {inside} of {everything}; widest, where nothing is open: {width:.0%}")
    assert share <= 0.35, share
    assert same <= 1.05, same
    assert inside >= 0.95 * everything, (inside, everything)
    assert width <= 0.25, width


def short(image):
    """The short form: tini loses requests of a StopTask, lastcall loses none; a deployment takes what lastcall-plan
    says."""
    for line in scale.describe(TOO_SHORT):
        print(line)
    for init in (task.TINI, RECOMMENDED):
        with stage.Stage(image, init, TOO_SHORT) as place:
            outcome = place.under_load(lambda: rolling(place), SCENARIOS[0].kinds, seconds=8)
            low, high = plan.bounds(TOO_SHORT, outcome.boots, outcome.stops)
            [deployment] = outcome.deployments
            print(f"{init.name}, rolling: lost {lost_cell(outcome)}; {deployment.complete:.0f} s, "
                  f"lastcall-plan: {low:.0f} to {high:.0f} s", flush=True)
            assert deployment.least_healthy >= TOO_SHORT.floor, deployment
            assert deployment.most_running <= TOO_SHORT.ceiling, deployment
            stopped = place.under_load(lambda: stop_task(place), SCENARIOS[0].kinds, seconds=15)
            print(f"{init.name}, StopTask: lost {lost_cell(stopped)}", flush=True)
        if init is task.TINI:
            assert stopped.lost_count > 0, "the load proves nothing: tini lost no request"
        else:
            assert outcome.lost_count + stopped.lost_count == 0, (outcome.lost, stopped.lost)
            assert set(stopped.exits) <= {0, 143}, stopped.exits


def begin():
    """Sees to all that is needed; returns the image."""
    for name in ("haproxy", "nginx"):
        if shutil.which(name) is None:
            raise engine.Unavailable(f"no {name}")
    engine.use_engine()
    load.program()
    plan.program()
    engine.binary()
    return engine.image()
