# SPDX-License-Identifier: MIT
"""The alarm of docs/report.md, a metric filter of CloudWatch Logs, evaluated over reports as CloudWatch does."""

import fnmatch
import os
import pathlib
import re

SOURCE = pathlib.Path(os.environ.get("LASTCALL_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
TOKENS = re.compile(r'\s*(\(|\)|&&|\|\||!=|>=|<=|[=<>]|"[^"]*"|\$[\w.]+|-?\d+)')


def documented_filter():
    """The expression between its braces, as the page has it."""
    page = (SOURCE / "docs" / "report.md").read_text()
    return re.search(r"^\{ (\$\.schema = .*) \}$", page, re.M).group(1)


def field(report, path):
    value = report
    for key in path.split(".")[1:]:
        value = value[key]
    return value


def matches(value, operator, wanted):
    """One comparison. A null equals and exceeds nothing; that it differs from a number is true."""
    if wanted.startswith('"'):
        same = isinstance(value, str) and fnmatch.fnmatchcase(value, wanted[1:-1])
        return same if operator == "=" else not same
    if operator == "!=":
        return value != int(wanted)
    if value is None or isinstance(value, (bool, str)):
        return False
    number = int(wanted)
    return {"=": value == number, ">": value > number, "<": value < number, ">=": value >= number,
            "<=": value <= number}[operator]


class Filter:
    """The expression as a function of a report."""

    def __init__(self, expression):
        self.tokens = TOKENS.findall(expression)
        if "".join(self.tokens) != re.sub(r"\s", "", expression):
            raise ValueError(f"not understood: {expression}")

    def fires(self, report):
        self.at, self.report = 0, report
        result = self.any()
        if self.at != len(self.tokens):
            raise ValueError(f"too much: {self.tokens[self.at:]}")
        return result

    def take(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def next_is(self, token):
        if self.at == len(self.tokens) or self.tokens[self.at] != token:
            return False
        self.at += 1
        return True

    def any(self):
        result = self.all()
        while self.next_is("||"):
            result = self.all() or result
        return result

    def all(self):
        result = self.one()
        while self.next_is("&&"):
            result = self.one() and result
        return result

    def one(self):
        if not self.next_is("("):
            value = field(self.report, self.take())
            return matches(value, self.take(), self.take())
        result = self.any()
        if not self.next_is(")"):
            raise ValueError("a parenthesis is not closed")
        return result


def fires(report):
    """Whether the alarm of the documentation fires on a report."""
    return Filter(documented_filter()).fires(report)
