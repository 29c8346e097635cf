# SPDX-License-Identifier: MIT
"""The picture of pressure.py: how many stops left how much time, a row for each condition."""

WIDTH, ROW, LEFT, RIGHT, TOP, BOTTOM, GAP = 960, 110, 60, 40, 80, 50, 34
STEP_MS = 25


def style():
    def rules(back, ink, faint, bar, late):
        return (f".back{{fill:{back}}}.ink{{fill:{ink}}}.faint{{fill:{faint}}}.rule{{stroke:{faint};stroke-opacity:.5}}"
                f".bar{{fill:{bar}}}.late{{fill:{late}}}.edge{{stroke:{late};stroke-width:2}}")

    return ("<style>text{font-family:system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\",sans-serif;font-size:14px}"
            + rules("#ffffff", "#1b1f24", "#59636e", "#0072b2", "#b54400")
            + "@media(prefers-color-scheme:dark){" + rules("#16191d", "#e8eaed", "#9ba3ad", "#56b4e9", "#ff8a3d") + "}</style>")


def counts(margins, low, steps):
    bars = [0] * steps
    for margin in margins:
        bars[min(steps - 1, max(0, int((margin - low) // STEP_MS)))] += 1
    return bars


def row(name, margins, top, x, low, steps):
    bars = counts(margins, low, steps)
    base = top + ROW - GAP
    highest = max(bars)
    parts = [f'<text class="ink" x="{LEFT + 8}" y="{top}">{name}</text>',
             f'<text class="faint" x="{WIDTH - RIGHT}" y="{top}" text-anchor="end">{len(margins)} stops, '
             f'least {min(margins):.0f} ms</text>',
             f'<path class="rule" d="M{LEFT} {base}H{WIDTH - RIGHT}"/>']
    for number, count in enumerate(bars):
        if count:
            at, height = x(low + number * STEP_MS), max(1.5, (ROW - GAP - 14) * count / highest)
            late = "late" if low + number * STEP_MS < 0 else "bar"
            parts.append(f'<rect class="{late}" x="{at:.1f}" y="{base - height:.1f}" '
                         f'width="{x(low + STEP_MS) - x(low) - 1:.1f}" height="{height:.1f}"/>')
    return parts


def margins_picture(by_condition):
    """{condition: [ms left before the stop timeout]} as SVG."""
    values = [margin for margins in by_condition.values() for margin in margins]
    low = min(0, int(min(values) // 100) * 100)
    high = max(1100, int(max(values) // 100 + 1) * 100)
    height = TOP + ROW * len(by_condition) + BOTTOM

    def x(ms):
        return LEFT + (WIDTH - LEFT - RIGHT) * (ms - low) / (high - low)

    title = "Time left before the stop timeout"
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
             'role="img" aria-labelledby="title desc">', f'<title id="title">{title}</title>',
             '<desc id="desc">' + "; ".join(f"{name}: {len(margins)} stops, least {min(margins):.0f} ms, median "
                                            f"{sorted(margins)[len(margins) // 2]:.0f} ms"
                                            for name, margins in by_condition.items()) + "</desc>", style(),
             f'<rect class="back" width="{WIDTH}" height="{height}"/>',
             f'<text class="ink" x="{LEFT}" y="32" style="font-size:18px">{title}</text>',
             f'<text class="faint" x="{LEFT}" y="54">stops of an application that ignores SIGTERM, by ms; '
             'SIGKILL comes at 0</text>']
    for number, (name, margins) in enumerate(by_condition.items()):
        parts += row(name, margins, TOP + 14 + ROW * number, x, low, (high - low) // STEP_MS)
    bottom = TOP + ROW * len(by_condition)
    parts.append(f'<path class="edge" d="M{x(0):.1f} {TOP}V{bottom - 10}"/>')
    for ms in range(low, high + 1, 100 if high - low <= 1500 else 500):
        parts.append(f'<text class="faint" x="{x(ms):.1f}" y="{bottom + 16}" text-anchor="middle">{ms}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
