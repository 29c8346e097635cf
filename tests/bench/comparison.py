# SPDX-License-Identifier: MIT
"""How a benchmark compares with a peer: pairs of ours and the peer's from the same rounds, the median of their
ratios, its spread, and a limit. With $LASTCALL_BENCH_RESULTS the comparisons are left there as JSON, by part."""

import json
import os
import pathlib
import statistics

failures = []
parts = {}


def require(met, what):
    print(f"  {'met    ' if met else 'NOT MET'}  {what}", flush=True)
    if not met:
        failures.append(what)


def spread(ratios):
    """The quartiles; of few rounds the least and the most."""
    if len(ratios) < 8:
        return [min(ratios), max(ratios)]
    low, _, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return [low, high]


def number(value):
    return "-" if value is None else f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def ratio_text(row):
    """0.469 (0.45-0.489); one of both may be unknown."""
    between = "-".join(f"{end:.3g}" for end in row["spread"]) if row["spread"] else None
    ratio = f"{row['ratio']:.3g}" if row["ratio"] is not None else None
    return f"{ratio} ({between})" if ratio and between else ratio or between


def limit_text(row):
    return f"at {'least' if row['more_is_better'] else 'most'} {row['limit']:g}" if row["limit"] is not None else ""


def compare(part, what, unit, peer, pairs, limit=None, more_is_better=False, noise=0):
    """pairs: (ours, the peer's) of each round. Prints a row, and requires the limit, where there is one, with the
    noise that may be added to it."""
    ratios = [ours / theirs for ours, theirs in pairs if theirs > 0]
    ours, theirs = (statistics.median(values) for values in zip(*pairs))
    row = {"what": what, "peer": peer, "unit": unit, "ours": ours, "theirs": theirs,
           "ratio": statistics.median(ratios), "spread": spread(ratios), "limit": limit,
           "more_is_better": more_is_better, "rounds": [float(f"{ratio:.4g}") for ratio in ratios]}
    parts.setdefault(part, []).append(row)
    said = f"{what}: {number(ours)} {unit}, {peer} {number(theirs)} {unit}, ratio {ratio_text(row)}"
    if limit is None:
        print(f"  {said}", flush=True)
    else:
        met = row["ratio"] >= limit - noise if more_is_better else row["ratio"] <= limit + noise
        require(met, f"{said}, {limit_text(row)}")


def finish(name):
    """Leaves the JSON, and returns the exit status."""
    if directory := os.environ.get("LASTCALL_BENCH_RESULTS"):
        pathlib.Path(directory, f"{name}.json").write_text(json.dumps(parts))
    print(f"{len(failures)} requirements not met" if failures else "all requirements met")
    return 1 if failures else 0


def worst(row):
    """The ratio that was committed; of one that is known as a range, its worse end."""
    if row["ratio"] is not None:
        return row["ratio"]
    return row["spread"][0] if row["more_is_better"] else row["spread"][1]


def is_worse(row, committed):
    """Than the committed one, by more than the rounds of this one are apart."""
    low, high = row["spread"]
    return high < worst(committed) if row["more_is_better"] else low > worst(committed)


def table(rows):
    """As it stands in docs/benchmarks.md."""
    lines = ["| what | measured | beside | ratio, median (spread) | limit |", "|---|--:|--:|--:|---|"]
    for row in rows:
        ours, theirs = (number(row[side]) + (f" {row['unit']}" if row[side] is not None else "")
                        for side in ("ours", "theirs"))
        lines.append(f"| {row['what']} | {ours} | {row['peer']}: {theirs} | {ratio_text(row)} | {limit_text(row)} |")
    return "\n".join(lines)
