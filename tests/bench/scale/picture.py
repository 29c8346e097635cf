# SPDX-License-Identifier: MIT
"""The picture of bench/scale: processor time of a drain against the sockets of others, on a scale of powers of
ten."""

import math

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 960, 480, 90, 190, 70, 70
LIGHT = ("#b54400", "#0072b2", "#6e7781", "#b8568e")
DARK = ("#ff8a3d", "#56b4e9", "#8b949e", "#e08bbb")


def style():
    def rules(background, ink, faint, lines):
        return (f".back{{fill:{background}}}.ink{{fill:{ink}}}.faint{{fill:{faint}}}.rule{{stroke:{faint};stroke-opacity:.35}}"
                + "".join(f".l{at}{{stroke:{line};fill:none}}.d{at}{{fill:{line}}}" for at, line in enumerate(lines)))

    return ("<style>text{font-family:system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\",sans-serif;font-size:14px}"
            + rules("#ffffff", "#1b1f24", "#59636e", LIGHT)
            + "@media(prefers-color-scheme:dark){" + rules("#16191d", "#e8eaed", "#9ba3ad", DARK) + "}</style>")


def apart(places, least):
    """The same places, in their order, at least so far apart."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = list(places)
    for before, at in zip(order, order[1:]):
        moved[at] = max(moved[at], moved[before] + least)
    return moved


def draw(costs, names, seconds):
    """costs: {others: [ms of each name]}."""
    xs, values = sorted(costs), [value for row in costs.values() for value in row]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def x(others):
        return LEFT + (WIDTH - LEFT - RIGHT) * others / (xs[-1] or 1)

    def y(ms):
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - math.log10(ms)) / (high - low)

    title = f"Processor time of a drain of {seconds} s with 200 connections held"
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
             f'role="img" aria-labelledby="title desc">', f'<title id="title">{title}</title>',
             '<desc id="desc">' + "; ".join(
                 f"{name}: " + ", ".join(f"{costs[others][at]:,.0f} ms with {others:,d} others" for others in xs)
                 for at, name in enumerate(names)) + "</desc>", style(),
             f'<rect class="back" width="{WIDTH}" height="{HEIGHT}"/>',
             f'<text class="ink" x="{LEFT}" y="32" style="font-size:18px">{title}</text>',
             f'<text class="faint" x="{LEFT}" y="54">ms, by the TCP sockets of others on the host</text>']
    for power in range(low, high + 1):
        at = y(10 ** power)
        parts += [f'<path class="rule" d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}"/>',
                  f'<text class="faint" x="{LEFT - 10}" y="{at + 5:.1f}" text-anchor="end">{10 ** power:,g}</text>']
    parts += [f'<text class="faint" x="{x(others):.1f}" y="{HEIGHT - BOTTOM + 26}" text-anchor="middle">{others:,d}</text>'
              for others in xs]
    labels = apart([y(costs[xs[-1]][at]) for at in range(len(names))], 18)
    for at, name in enumerate(names):
        points = " ".join(f"{x(others):.1f},{y(costs[others][at]):.1f}" for others in xs)
        parts.append(f'<polyline class="l{at}" stroke-width="2.5" points="{points}"/>')
        parts += [f'<circle class="d{at}" cx="{x(others):.1f}" cy="{y(costs[others][at]):.1f}" r="4"/>' for others in xs]
        parts.append(f'<text class="d{at}" x="{x(xs[-1]) + 12:.1f}" y="{labels[at] + 5:.1f}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
