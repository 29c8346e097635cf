# SPDX-License-Identifier: MIT
"""The messages that the man pages, README.md and docs/report.md quote are what the programs say, word for word.
lastcall's man page has each message of the log, the drill's each error and each reason of an inconclusive verdict.
The messages are taken from the string literals of the source: a quoted message has to be made of them and of values
like 7, 2.3s, SIGTERM or --port=8080."""

import itertools
import os
import re

from report import SOURCE, finish, name

# The C library's own words follow most errors. Those of musl are not in the manual.
REASONS = {os.strerror(number) for number in range(1, 134)}

VALUE = re.compile(
    r"""
    \d[\d.]*(?:ms|s|m|h)? | (?:\d+m)+\d+s | SIG[A-Z0-9+]+ | \[::\]:\d+
    | --[a-z-]+(?:=\S+)? | [A-Z][A-Z_]+(?:=\S+)? | (?:/[\w.-]+)+
    """,
    re.X,
)

CONVERSION = r"%[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|ll|l|j|z)?[diuxXcs]"


def without_comments(source):
    return re.sub(r"/\*.*?\*/", " ", source, flags=re.S)


def literals(source):
    """The string literals, with adjacent ones joined, and any PRI… macro as the conversion that it is."""
    source = re.sub(r'"\s*PRI[diux]\w+\s*"', 'd', source)
    joined = r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*'
    for match in re.finditer(joined, source):
        text = re.sub(r'"\s*"', "", match[0])[1:-1]
        yield text.replace('\\"', '"').replace("\\n", "").replace("%%", "%").split("\\0")


OF_LASTCALL = ("core", "lastcall", "sys")
OF_DRILL = ("core", "drill", "host")


def sources(folders):
    for folder in folders:
        for path in sorted((SOURCE / "src" / folder).rglob("*.c")):
            source = re.sub(r"^\s*#.*", "", path.read_text(), flags=re.M)
            yield path, without_comments(source)


def parts_of(literal):
    """A format as its literal parts, None for each value between them: ["sent ", None, " to pid ", None]."""
    parts = []
    for piece in re.split(f"({CONVERSION})", literal):
        if re.fullmatch(CONVERSION, piece):
            parts.append(None)
        elif piece:
            parts.append(piece)
    return tuple(parts)


def by_beginning(formats):
    """The formats by their first character, None for those that begin with a value. One without a literal part
    says nothing."""
    found = {None: []}
    for parts in formats:
        if len("".join(part or "" for part in parts).strip()) > 1 or len(parts) == 1:
            found.setdefault(parts[0] and parts[0][0], []).append(parts)
    return found


class Reader:
    """Reads one text as what the program says: literals of the source, one after the other, with values and
    other literals in each conversion. A text that ends in "..." may go on in any way."""

    def __init__(self, formats, text):
        self.is_open = text.endswith("...")
        self.text = text.removesuffix("...").rstrip()
        self.size = len(self.text)
        self.formats = formats
        self.known = {}

    def is_said(self):
        return self.size in self.sequence_ends(0)

    def is_whole(self, parts):
        """Whether the text is this one format, from its beginning to its end."""
        return self.size in self.format_ends(parts, 0)

    def begins_with(self, parts):
        return bool(self.format_ends(parts, 0))

    def is_part(self):
        """Whether the text begins within a literal, and goes on as that format does."""
        self.is_open = True
        beginning = self.text[:4]
        for parts in itertools.chain(*self.formats.values()):
            for index, part in enumerate(parts):
                starts = range(len(part or "")) if beginning[:1] in (part or "") else ()
                for start in (at for at in starts if part.startswith(beginning[: len(part) - at], at)):
                    if self.size in self.format_ends((part[start:], *parts[index + 1 :]), 0):
                        return True
        return False

    def remember(self, what, at, compute):
        if (what, at) not in self.known:
            self.known[what, at] = set()  # for one that asks for itself
            self.known[what, at] = compute(at)
        return self.known[what, at]

    def value_ends(self, at):
        return self.remember("value", at, self.find_values)

    def word_ends(self, at):
        """Those of values, and of literals without a conversion."""
        return self.remember("word", at, self.find_words)

    def tile_ends(self, at):
        return self.remember("tile", at, self.find_tiles)

    def formats_at(self, at):
        return self.formats.get(self.text[at], []) if at < self.size else []

    def find_values(self, at):
        ends = {at + len(reason) for reason in REASONS if self.text.startswith(reason, at)}
        ends |= {to for to in range(at + 1, self.size + 1) if VALUE.fullmatch(self.text, at, to)}
        if at > 0 and self.text[at - 1] == "'" and "'" in self.text[at:]:
            ends.add(self.text.index("'", at))  # between quotes is what a user gave
        return ends

    def literal_ends(self, part, at):
        if self.text.startswith(part, at):
            return {at + len(part)}
        return {self.size} if self.is_open and part.startswith(self.text[at:]) else set()

    def find_words(self, at):
        words = [parts[0] for parts in self.formats_at(at) if len(parts) == 1]
        return self.value_ends(at).union(*(self.literal_ends(word, at) for word in words))

    def format_ends(self, parts, at):
        ends = {at}
        for index, part in enumerate(parts):
            if part is not None:
                ends = {end for start in ends for end in self.literal_ends(part, start)}
            elif index == 0:  # else this would ask for itself
                ends = self.word_ends(at)
            else:
                ends = ends.union(*(self.sequence_ends(start) for start in ends))
            if self.is_open and self.size in ends:
                return {self.size}
        return ends

    def find_tiles(self, at):
        formats = self.formats_at(at) + self.formats[None]
        return self.value_ends(at).union(*(self.format_ends(parts, at) for parts in formats)) - {at}

    def sequence_ends(self, at):
        ends, todo = set(), {at}
        while todo:
            new = self.tile_ends(todo.pop()) - ends
            ends |= new
            todo |= new
        return ends


def plain(quoted):
    return quoted.replace("\\&", "").replace("\\-", "-").strip('"')


def quoted_messages(page):
    """Those of DIAGNOSTICS: (line, text, whether it is the heading of an entry)."""
    lines = page.read_text().splitlines()
    begin = lines.index(".Sh DIAGNOSTICS")
    for number, line in enumerate(lines[begin + 1 :], begin + 2):
        if line.startswith(".Sh"):
            return
        heading = re.match(r"\.It Sy (.*)", line)
        part = re.match(r"\.Dq (.*?)(?: [.,:;)])?$", line)
        if heading or part:
            yield number, plain((heading or part)[1]), bool(heading)


def arguments(source, at):
    """The arguments of a call whose parenthesis opens at this place, split at its own commas."""
    depth, argument, found = 0, "", []
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|.', source[at:], re.S):
        piece = token[0]
        depth += (piece == "(") - (piece == ")")
        if depth == 0:
            return [*found, argument]
        if piece == "," and depth == 1:
            found.append(argument)
            argument = ""
        elif not (piece == "(" and depth == 1):
            argument += piece
    return found


def logged_messages():
    """(place, format) of each message that a call writes to the log."""
    which = {"log_event": 3, "degraded_note": 2, "fail": 2}
    for path, source in sources(OF_LASTCALL):
        for call in re.finditer(r"\b(log_event|degraded_note|fail)\(", source):
            given = arguments(source, call.end() - 1)
            line = source.count("\n", 0, call.start()) + 1
            if len(given) <= which[call[1]] or given[0].startswith("struct"):
                continue
            for (message, *_) in literals(given[which[call[1]]]):
                if re.search("[a-z]", re.sub(CONVERSION, "", message)):
                    yield f"{name(path)}:{line}", message


def drill_messages():
    """(place, format) of what an error of the drill, or its doubt, begins with. What goes on with one begins with a
    space or a mark."""
    for path, source in sources(("drill",)):
        for call in re.finditer(r"\b(complain|fail|text_printf|text_add)\(", source):
            given = arguments(source, call.end() - 1)
            if call[1] != "complain" and given[0].strip() not in ("error", "doubt", "&doubt"):
                continue
            line = source.count("\n", 0, call.start()) + 1
            for message in (text[0] for argument in given for text in literals(argument)):
                if re.match(r"[^ ;,][^ ]* .*[a-z]", message) and not message.startswith("',") and message not in WORDS:
                    yield f"{name(path)}:{line}", message


def lines_of_logs():
    """Lines of the log that README.md shows, and the summaries of docs/report.md."""
    for page in ("README.md", "docs/report.md"):
        for number, line in enumerate((SOURCE / page).read_text().splitlines(), 1):
            if line.startswith("lastcall: ") or re.search(r"^[a-z].* in [\d.]+m?s of [\d.]+s: ", line):
                yield f"{page}:{number}", line.removeprefix("lastcall: ")


# What stands within a message.
WORDS = {"not said", "standard output", "it holds something else"}

# Words in quotes that are no message, but what stands before one, or a part of a value.
NOT_SAID = {"lastcall:", "lastcall-drill: error:", "error:", "warning:", "-default"}


def formats_of(folders):
    found = {text for _, source in sources(folders) for texts in literals(source) for text in texts if text}
    return by_beginning(map(parts_of, found))


def problems_of_page(title, program, formats, is_listed, messages):
    """A page quotes what the program says, and lists each of its messages. Returns the problems, and the count."""
    page = SOURCE / "docs" / title
    quoted = [message for message in quoted_messages(page) if message[1] not in NOT_SAID]
    problems = []
    for number, text, is_heading in quoted:
        if not Reader(formats, text).is_said() and (is_heading or not Reader(formats, text).is_part()):
            problems.append(f"{name(page)}:{number}: {program} does not say '{text}'")
    readers = [Reader(formats, text) for _, text, _ in quoted]
    for place, message in messages:
        if not any(is_listed(reader, parts_of(message)) for reader in readers):
            problems.append(f"{place}: DIAGNOSTICS of {name(page)} lacks '{message}'")
    return problems, len(quoted)


def main():
    formats = formats_of(OF_LASTCALL)
    problems, count = problems_of_page("lastcall.1", "lastcall", formats, Reader.is_whole, logged_messages())
    for place, text in lines_of_logs():
        if not Reader(formats, text).is_said():
            problems.append(f"{place}: lastcall does not say '{text}'")
    of_drill, drill_count = problems_of_page(
        "lastcall-drill.1", "lastcall-drill", formats_of(OF_DRILL), Reader.begins_with, drill_messages())
    finish(problems + of_drill, f"{count} and {drill_count} messages")


if __name__ == "__main__":
    main()
