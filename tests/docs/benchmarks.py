# SPDX-License-Identifier: MIT
"""The tables of docs/benchmarks.md are what tests/bench/results makes them, and tests/bench/run --check knows a ratio
that is worse from one that is within its own rounds."""

import importlib.machinery
import importlib.util
import sys

from report import SOURCE, finish

BENCH = SOURCE / "tests" / "bench"
sys.path.insert(0, str(BENCH))

import comparison  # noqa: E402


def bench_run():
    """tests/bench/run, as a module."""
    loader = importlib.machinery.SourceFileLoader("bench_run", str(BENCH / "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_run", loader))
    loader.exec_module(module)
    return module


# (kept ratio, kept spread, ratios of the rounds now, more is better) -> is worse
CASES = {
    (1.0, None, (1.1, 1.2, 1.3), False): True,
    (1.0, None, (0.9, 1.2, 1.3), False): False,
    (1.0, None, (0.5, 0.6, 0.7), False): False,
    (1.0, None, (0.5, 0.6, 0.7), True): True,
    (1.0, None, (0.5, 0.6, 1.1), True): False,
    (None, (0.9, 1.2), (0.91, 0.92, 0.93), True): False,
    (None, (0.9, 1.2), (0.7, 0.8, 0.89), True): True,
    (1.0, None, (1.1,) * 3 + (0.9,) + (1.2,) * 6, False): True,  # of ten rounds one is no quarter
}


def problems(bench):
    page = bench.PAGE.read_text()
    if bench.rendered(page) != page:
        yield "docs/benchmarks.md: run tests/bench/run --render"
    for (ratio, kept_spread, ratios, more_is_better), is_worse in CASES.items():
        kept = {"ratio": ratio, "spread": kept_spread}
        row = {"spread": comparison.spread(ratios), "more_is_better": more_is_better}
        if comparison.is_worse(row, {**kept, "more_is_better": more_is_better}) != is_worse:
            yield f"{ratios} beside {ratio or kept_spread}: {'not ' * is_worse}worse"


if __name__ == "__main__":
    finish(list(problems(bench_run())), "docs/benchmarks.md")
