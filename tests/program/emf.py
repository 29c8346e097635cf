# SPDX-License-Identifier: MIT
"""Validates log events of CloudWatch's Embedded Metric Format by its specification (Amazon CloudWatch User Guide,
"Specification: Embedded metric format", read in November 2026), and gives what CloudWatch would make of them.

Beyond the specification, dimensions and values are held to what the CloudWatch API accepts (API Reference,
Dimension and MetricDatum)."""

import json
import math

SIZED = ("Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes",
         "Bits", "Kilobits", "Megabits", "Gigabits", "Terabits", "Count")
UNITS = {"Seconds", "Microseconds", "Milliseconds", "Percent", "None", *SIZED,
         *(f"{unit}/Second" for unit in SIZED)}
MAX_EVENT_BYTES = 16384  # of Docker's log drivers; the specification allows 1 MB


class Invalid(ValueError):
    pass


def need(condition, message):
    if not condition:
        raise Invalid(message)


def without_duplicates(pairs):
    keys = [key for key, _ in pairs]
    need(len(keys) == len(set(keys)), f"a key twice among {keys}")
    return dict(pairs)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) \
        and abs(value) <= 2**360


def need_members(value, required, optional, what):
    need(isinstance(value, dict), f"{what} is no object")
    need(required <= value.keys(), f"{what} lacks {required - value.keys()}")
    need(value.keys() <= required | optional, f"{what} has more: {value.keys() - required - optional}")


def need_text(value, longest, what):
    need(isinstance(value, str) and 1 <= len(value) <= longest, f"{what} is {value!r}")


def check_dimensions(sets, root):
    need(isinstance(sets, list) and sets, "Dimensions has no set")
    for names in sets:
        need(isinstance(names, list) and len(names) <= 30, f"a dimension set is {names!r}")
        need(len(names) == len(set(names)), f"a dimension twice in {names}")
        for name in names:
            need_text(name, 250, "a dimension's name")
            need(name in root, f"the dimension {name} is no member of the root")
            need_text(root[name], 1024, f"the dimension {name}")
            need(root[name].isascii() and root[name].isprintable() and root[name].strip(),
                 f"the dimension {name} is {root[name]!r}")


def check_metrics(metrics, root):
    need(isinstance(metrics, list) and len(metrics) <= 100, "Metrics is no list of 100 at most")
    for metric in metrics:
        need_members(metric, {"Name"}, {"Unit", "StorageResolution"}, "a metric")
        need_text(metric["Name"], 1024, "a metric's name")
        need(metric.get("Unit", "None") in UNITS, f"the unit is {metric.get('Unit')!r}")
        need(metric.get("StorageResolution", 60) in (1, 60), "the resolution is neither 1 nor 60")
        need(metric["Name"] in root, f"the metric {metric['Name']} is no member of the root")
        value = root[metric["Name"]]
        values = value if isinstance(value, list) else [value]
        need(len(values) <= 100 and all(map(is_number, values)), f"{metric['Name']} is {value!r}")


def validate(line):
    """The event of a line, or Invalid. A line is one object, with nothing before or after it."""
    need(line.endswith("\n") and line.count("\n") == 1, "it is not one line")
    need(len(line.encode()) <= MAX_EVENT_BYTES, "the line is too long")
    need(line.startswith("{") and line.endswith("}\n"), "there is something beside the object")
    root = json.loads(line, object_pairs_hook=without_duplicates)
    need(isinstance(root, dict) and "_aws" in root, "there is no _aws")
    need_members(root["_aws"], {"Timestamp", "CloudWatchMetrics"}, set(), "_aws")
    timestamp = root["_aws"]["Timestamp"]
    need(isinstance(timestamp, int) and not isinstance(timestamp, bool) and timestamp >= 0,
         f"Timestamp is {timestamp!r}")
    directives = root["_aws"]["CloudWatchMetrics"]
    need(isinstance(directives, list) and directives, "CloudWatchMetrics is no list")
    for directive in directives:
        need_members(directive, {"Namespace", "Dimensions", "Metrics"}, set(), "a directive")
        need_text(directive["Namespace"], 1024, "Namespace")
        check_dimensions(directive["Dimensions"], root)
        check_metrics(directive["Metrics"], root)
    return root


def metrics(event):
    """{(namespace, dimensions, metric): (value, unit)} of a valid event: each is billed on its own."""
    found = {}
    for directive in event["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = tuple((name, event[name]) for name in names)
            for metric in directive["Metrics"]:
                key = directive["Namespace"], dimensions, metric["Name"]
                found[key] = event[metric["Name"]], metric.get("Unit", "None")
    return found
