# SPDX-License-Identifier: MIT
"""Draws two stops side by side, live on a terminal, and the short of lastcall's report."""
import os
import shutil
import sys


class Paper:
    """What we draw on: its size, its glyphs, its colours."""

    COLOURS = {"good": "32", "bad": "31", "busy": "36", "warn": "33", "dim": "2", "bold": "1"}

    def __init__(self, glyphs):
        self.is_terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self.colours = self.is_terminal and not os.environ.get("NO_COLOR")
        self.unicode = glyphs == "unicode"
        sys.stdout.reconfigure(encoding="utf-8" if self.unicode else "ascii", errors="replace")
        pairs = {
            "both": "█#", "upper": "▀=", "lower": "▄=", "ghost": "·.",
            "ok": "✓+", "lost": "✗x", "stop": "▼v", "line": "─-", "tick": "┴+",
        }
        self.glyph = {name: pair[0 if self.unicode else 1] for name, pair in pairs.items()}
        self.levels = "▁▂▃▄▅▆▇█" if self.unicode else ".:-=+*%#"

    def size(self):
        columns, rows = shutil.get_terminal_size((80, 24))
        return max(60, min(columns, 132)), rows

    def paint(self, colour, text):
        if not self.colours or not colour or not text.strip():
            return text
        return f"\033[{self.COLOURS[colour]}m{text}\033[0m"


class Chart:
    """Both servers side by side on one axis of time, zero being the stop signal."""

    GUTTER = 12
    GAP = 3

    def __init__(self, paper, sides, lead_s, span_s):
        """lead_s is what is seen before the stop, span_s how long after it the last bar may end."""
        self.paper, self.sides = paper, sides
        self.zero = None  # when SIGTERM was sent; before that, when it is expected
        self.stopped = False
        self.lead, self.span = lead_s, span_s
        self.drawn = 0

    def begin(self, first_request_at):
        self.zero = first_request_at + self.lead

    def stop(self, moment):
        self.lead = min(max(self.lead, moment - self.zero + self.lead), 3)
        self.zero, self.stopped = moment, True

    def scale(self, now):
        columns, _ = self.paper.size()
        self.width = (columns - self.GUTTER - self.GAP - 1) // 2
        ends = [r.ended_at for side in self.sides for r in side.requests if r.ended_at]
        ends += [side.exited_at for side in self.sides if side.exited_at]
        self.right = max([self.span, *(end - self.zero for end in ends)]) + 0.45
        self.now = now
        self.per_column = (self.right + self.lead) / self.width

    def column(self, moment):
        position = int((moment - self.zero + self.lead) / self.per_column)
        return max(0, min(self.width - 1, position))

    def moment(self, column):
        return self.zero - self.lead + (column + 0.5) * self.per_column

    def lines(self, now):
        self.scale(now)
        paint, glyph = self.paper.paint, self.paper.glyph
        rows = [("", [paint("bold", self.fit(s.title)) for s in self.sides])]
        rows.append(("", [paint("dim", self.fit(s.shown_command)) for s in self.sides]))
        mark = " " * self.column(self.zero) + f"{glyph['stop']} SIGTERM"
        rows.append(("", [self.fit(mark if self.stopped else "")] * 2))
        rows.append(("healthcheck", [self.health_row(s) for s in self.sides]))
        for index in range(0, len(self.sides[0].requests), 2):
            label = ("requests", "(2 a line)")[index // 2] if index < 4 else ""
            pairs = [side.requests[index:index + 2] for side in self.sides]
            rows.append((label, [self.request_row(pair) for pair in pairs]))
        rows.append(("", [self.axis()] * 2))
        rows.append(("", [self.count_row(s) for s in self.sides]))
        rows.append(("", [self.exit_row(s) for s in self.sides]))
        gap = " " * self.GAP
        return [f"{paint('dim', label.rjust(self.GUTTER - 1))} {gap.join(cells)}".rstrip()
                for label, cells in rows]

    def fit(self, text):
        return text[:self.width].ljust(self.width)

    def axis(self):
        cells = [self.paper.glyph["line"]] * self.width
        second = 0
        while self.zero + second < self.moment(self.width - 1):
            at = self.column(self.zero + second)
            for i, char in enumerate(str(second) if second else "0 s"):
                if at + i < self.width:
                    cells[at + i] = char
            second += 1
        return self.paper.paint("dim", "".join(cells))

    def health_row(self, side):
        """What the healthcheck said, each answer in words where it begins."""
        colours = {"200": "good", "503": "warn"}
        runs, until = [], self.column(self.now)
        for when, answer in side.health:
            at = self.column(when) if when > self.zero - self.lead else 0
            if runs and runs[-1][1] == answer:
                continue
            if runs and runs[-1][0] == at:
                runs.pop()
            runs.append((at, answer))
        row, drawn = "", 0
        for i, (at, answer) in enumerate(runs):
            end = runs[i + 1][0] if i + 1 < len(runs) else until + 1
            if end <= drawn:
                continue
            row += " " * (at - drawn)
            room = end - at
            if answer == "gone":
                cell = "gone"[:self.width - at]
            else:
                cell = answer[:max(0, room - 1)]
                cell += self.paper.glyph["line"] * (room - 1 - len(cell)) + " "
            row += self.paper.paint(colours.get(answer[:3], "dim"), cell)
            drawn = at + len(cell)
        return row + " " * (self.width - drawn)

    def request_row(self, pair):
        """Two requests in one line of half blocks; what a lost one still had to go is dotted."""
        paint, glyph = self.paper.paint, self.paper.glyph
        spans = []
        for request in pair:
            if request.sent_at is None:
                spans.append((0, -1))
                continue
            end = request.ended_at or self.now
            spans.append((self.column(request.sent_at), self.column(end)))
        lost = [r.outcome not in (None, "ok") for r in pair]
        done = all(r.outcome for r in pair)
        goals = [self.column(r.sent_at + r.seconds) for r, is_lost in zip(pair, lost) if is_lost]
        colour = "bad" if any(lost) else "good" if done else "busy"
        bar = ""
        for at in range(max(end for _, end in spans) + 1):
            upper, lower = (start <= at <= end for start, end in spans)
            bar += glyph["both" if upper and lower else "upper" if upper else "lower"] \
                if upper or lower else " "
        bar = bar[:self.width]
        row, length = paint(colour, bar), len(bar)
        if done and length < self.width:
            row += paint(colour, glyph["lost" if any(lost) else "ok"])
            length += 1
        ghost = glyph["ghost"] * max(0, min(max(goals, default=0), self.width - 1) - length)
        return row + paint("dim", ghost) + " " * (self.width - length - len(ghost))

    def count_row(self, side):
        paint, glyph = self.paper.paint, self.paper.glyph
        total = len(side.requests)
        lost = [r.outcome for r in side.requests if r.outcome not in (None, "ok")]
        answered = sum(r.outcome == "ok" for r in side.requests)
        flying = sum(r.sent_at is not None and r.outcome is None for r in side.requests)
        if lost:
            how = max(set(lost), key=lost.count)
            return paint("bad", self.fit(f"{glyph['lost']} {len(lost)} of {total} lost: {how}"))
        if answered == total:
            words = f"{glyph['ok']} {answered} of {total} answered in full"
            return paint("good", self.fit(words))
        return paint("busy", self.fit(f"  {flying} in flight, {answered} answered"))

    def exit_row(self, side):
        if side.exited_at is None:
            return self.fit("")
        return self.fit(f"  gone {side.exited_at - self.zero:.2f} s after SIGTERM")

    def show(self, now):
        """Draws over what was drawn before."""
        lines = self.lines(now)
        back = f"\033[{self.drawn}A" if self.drawn else ""
        sys.stdout.write(back + "".join(f"\r{line}\033[K\n" for line in lines))
        sys.stdout.flush()
        self.drawn = len(lines)


def say(text=""):
    print(text, flush=True)


def draw_timeline(paper, timeline, width):
    """The report's [ms, busy, open] as a line of bars: how the work ran out."""
    peak = max((busy for _, busy, _ in timeline), default=0)
    if not peak:
        return ""
    last = max(timeline[-1][0], 1)
    bars = ""
    for column in range(width):
        moment = column * last / (width - 1)
        busy = [b for ms, b, _ in timeline if ms <= moment] or [peak]
        level = -(-busy[-1] * len(paper.levels) // peak)
        bars += paper.levels[level - 1] if level else " "
    return f"{peak} busy {paper.paint('busy', bars.rstrip())} 0 after {last / 1000:.2f} s"


def show_report(paper, report, path, flying):
    columns, _ = paper.size()
    connections, app = report["connections"], report["app"]
    phases = {name: ms for name, ms in report["phases_ms"].items() if ms or name == "total"}
    ending = app["signal"] or f"exit status {app['exit_code']}"
    rows = [
        ("outcome", f"{report['outcome']}, {report['headroom_ms']} ms before the deadline"),
        ("at the stop", f"{connections['open_at_stop']} connections open, "
                        f"{connections['busy_at_stop']} of them busy; "
                        f"its clients know of {flying}"),
        ("of these", f"{connections['finished']} finished, {connections['cut']} cut, "
                     f"{connections['lost_bytes']} bytes lost"),
        ("timeline", draw_timeline(paper, report["timeline"], columns - 48)),
        ("phases in ms", ", ".join(f"{name} {ms}" for name, ms in phases.items())),
        ("application", f"ended by {ending}, "
                        f"handler for the stop signal: {yes_or_no(app['handles_stop_signal'])}"),
        ("seen through", ", ".join([connections["detector"], *report["degraded"]])),
    ]
    say(f"  {paper.paint('bold', 'lastcall reports')} "
        f"{paper.paint('dim', '(one JSON line: ' + os.path.relpath(path) + ')')}")
    for label, text in rows:
        if text:
            say(f"  {paper.paint('dim', label.rjust(12))}  {text}")


def yes_or_no(value):
    return {True: "yes", False: "no"}.get(value, "not known")
