# SPDX-License-Identifier: MIT
"""Pictures of what clients saw while the tasks of a service were replaced, under several inits; docs/deployments.svg:
by StopTask."""

import collections
import time

import ecs
import engine
import scale
import task

OUTPUT = engine.SOURCE / "docs" / "deployments.svg"
WIDTH, LEFT, RIGHT = 960, 96, 24
BUCKET = 0.25  # real seconds of a column
CHART, TASKS, GAP = 110, 44, 84
LIGHT = {"b": "#ffffff", "t": "#1b1f24", "q": "#59636e", "l": "#d5d9de", "a": "#0072b2", "x": "#d55e00",
         "n": "#00805d", "o": "#6e7781"}
DARK = {"b": "#16191d", "t": "#e8eaed", "q": "#9ba3ad", "l": "#3a4048", "a": "#56b4e9", "x": "#ff7a2e",
        "n": "#2fc79b", "o": "#8b949e"}


def style():
    def rules(colours):
        return "".join(f".{name}{{fill:{colour}}}" for name, colour in colours.items())
    font = 'text{font-family:system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}'
    return f"<style>{font}{rules(LIGHT)}\n@media(prefers-color-scheme:dark){{{rules(DARK)}}}</style>"


class Run:
    """One run: columns of answered and failed requests, and how many tasks were healthy, or ran, from which second
    on."""

    def __init__(self, name, attempts, healthy, running=()):
        self.name = name
        self.sent = len(attempts)
        self.lost = sum(attempt["outcome"] != "ok" for attempt in attempts)
        self.answered, self.failed = collections.Counter(), collections.Counter()
        for attempt in attempts:
            if attempt["end_s"] is not None:
                counts = self.answered if attempt["outcome"] == "ok" else self.failed
                counts[int(attempt["end_s"] / BUCKET)] += 1
        self.healthy, self.running = (
            [(max(0, second), count) for second, count in steps] for steps in (healthy, running))
        self.seconds = (max(*self.answered, *self.failed) + 1) * BUCKET


def record(image, init):
    """StopTask of every task, one after the other."""
    place_and_times = {}

    def act():
        place_and_times["events"] = len(place.service.events)
        place_and_times["began"] = time.monotonic()
        ecs.stop_task(place)

    scenario = ecs.SCENARIOS[0]
    with ecs.stage.Stage(image, init, scenario.settings) as place:
        outcome = place.under_load(act, scenario.kinds, seconds=8)
        events = [
            (moment, 1 if state == "healthy" else -1)
            for moment, _, state in place.service.events[place_and_times["events"]:]
            if state in ("healthy", "draining")
        ]
    healthy = [(0, scenario.settings.desired)]
    for moment, change in events:
        healthy.append((moment - place_and_times["began"], healthy[-1][1] + change))
    return Run(init.name, outcome.attempts, healthy)


def bar(kind, x, y, width, height):
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def text(kind, x, y, words, size=12, anchor="start", weight=""):
    weight = f' font-weight="{weight}"' if weight else ""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"{weight}>{words}</text>'


def lane(run, top, x_of, highest):
    """One run: requests above and below a line, the tasks beneath."""
    yield text("t", LEFT, top - 12, f"{run.name}: {run.lost} of {run.sent} requests failed", 15, weight="600")
    line = top + CHART * 0.62
    up, down = CHART * 0.60 / highest, CHART * 0.36 / max(1, *run.failed.values(), 1)
    width = max(1.0, x_of(BUCKET) - x_of(0) - 1)
    for column, count in sorted(run.answered.items()):
        yield bar("a", x_of(column * BUCKET), line - count * up, width, count * up)
    for column, count in sorted(run.failed.items()):
        yield bar("x", x_of(column * BUCKET), line + 1, width, max(3, count * min(down, 6)))
    yield bar("q", LEFT, line, WIDTH - LEFT - RIGHT, 1)
    yield text("q", LEFT - 8, line - CHART * 0.60 + 10, f"{highest / BUCKET:.0f}/s", 11, "end")
    yield text("q", LEFT - 8, line - 20, "answered", 11, "end")
    yield text("q", LEFT - 8, line + 18, "failed", 11, "end")
    bottom = top + CHART + TASKS
    yield text("n", LEFT - 8, bottom - 6, "healthy", 11, "end")
    if run.running:
        yield text("o", LEFT - 8, bottom - 24, "running", 11, "end")
    each = min(10, TASKS / max(count for _, count in (*run.healthy, *run.running)))
    for kind, steps in (("o", run.running), ("n", run.healthy)):
        ends = [second for second, _ in steps[1:]] + [run.seconds]
        for (start, count), end in zip(steps, ends):
            yield bar(kind, x_of(start), bottom - each * count, max(0, x_of(end) - x_of(start)), each * count)


def draw(runs, title):
    """The picture as SVG: one lane a run, all on the same axes."""
    longest = max(run.seconds for run in runs)
    highest = max(max(run.answered.values()) for run in runs)

    def x_of(seconds):
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / longest
    height = 40 + len(runs) * (CHART + TASKS + GAP)
    said = "; ".join(f"{run.name}: {run.lost} of {run.sent} requests failed" for run in runs)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'role="img" aria-labelledby="title desc">',
        f'<title id="title">{title}</title>', f'<desc id="desc">{said}</desc>', style(),
        bar("b", 0, 0, WIDTH, height), text("t", 24, 34, title, 18, weight="600"),
    ]
    for number, run in enumerate(runs):
        top = 84 + number * (CHART + TASKS + GAP)
        for second in range(0, int(longest) + 1, 2 if longest < 40 else 10):
            parts.append(bar("l", x_of(second), top, 1, CHART + TASKS))
            parts.append(text("q", x_of(second), top + CHART + TASKS + 16, f"{second} s", 11, "middle"))
        parts += lane(run, top, x_of, highest)
    return "\n".join([*parts, "</svg>"]) + "\n"


def run(image):
    runs = [record(image, init) for init in (task.TINI, ecs.RECOMMENDED)]
    OUTPUT.write_text(draw(runs, "StopTask of every task of a service, one after the other"))
    print(f"wrote {OUTPUT.relative_to(engine.SOURCE)}, times a tenth of ECS's (scale {scale.FACTOR})")
