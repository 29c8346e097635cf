#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes docs/servers.md from what is measured, and from the notes of the servers. With --check the page is
compared instead."""

import os
import re
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, os.pardir, "program")]

from atlas import atlas_servers, best, imperfect, last_work, load  # noqa: E402

PAGE = os.path.join(here, os.pardir, os.pardir, "docs", "servers.md")
WIDTH = 110
IGNORES = "ignores"  # a signal
TENTHS = re.compile(r"\d+\.\d")
START_S = 3  # of a server and its clients, where it was not measured

KINDS = {
    "web": "Web servers and proxies",
    "javascript": "Node, Bun and Deno",
    "python": "Python",
    "ruby": "Ruby, PHP and Perl",
    "compiled": "Go, Java and Erlang",
    "data": "Databases and brokers",
    "network": "DNS, LDAP, mail, FTP and SSH",
    "jobs": "Jobs",
    "init": "Supervisors and shells",
}

HEAD = """\
# How servers stop

Find your server by its name. Its section says what to set so that a stop under `lastcall` loses nothing, and
what the server does to its clients without `lastcall`. Most servers need no setting: `lastcall` waits until nothing
is in flight, and sends a known server the signal that it needs. Three lines then describe the container, here of
nginx; there are [whole Dockerfiles of twelve applications](../examples/applications/README.md):

```dockerfile
ENTRYPOINT ["lastcall", "--"]
CMD ["nginx", "-g", "daemon off;"]
ENV LASTCALL_STOP_TIMEOUT=30s
```

- CMD is the command that the section names. It stays in the foreground, and no shell is in front of it.
- `LASTCALL_STOP_TIMEOUT` is the time that your orchestrator waits before its SIGKILL. This time has to be longer
  than your longest request or job and the server's own end together.
- An option of `lastcall` is a variable, too: `LASTCALL_ORDER=signal-first` is `--order=signal-first`. In
  ENTRYPOINT an option stands before `--`.

{count} servers were measured, on Debian 12 and Linux 6.18 with 2 processors, from the clients' side. At each
stop these clients are connected: one with a request in flight that takes 3 s (or a query, a job, a transfer),
one with an answered keep-alive connection, one that was never used, an answer in pieces or a WebSocket where
the server has it, and a new client every 0.2 s. The server is stopped as a plain child (*raw*), as PID 1,
under tini, under `lastcall` without options, and under `lastcall` with what is recommended.

*Perfect* means: no request is lost, the container ends within 1 s of the last request, the exit status is the
server's own, and the report agrees with the clients. Where a stop with the recommended setting is not perfect,
the section says why. *Still running* means that the server was sent SIGKILL after 12 s, unless another time is
named: Docker waits 10 s. Times are seconds after the stop signal. A busy machine adds to each: a stop under
`lastcall` that was not perfect was tried twice more, and of two measurements with the same losses the page has
the quicker one.

In the tables, *raw* is what the first of the server's signals does to a request in flight, *finishes on* names
the signals on which the server finishes requests and ends, and *status* is its exit status after the first one.

{stops} stops take about {minutes} minutes, two servers at a time. The measurements are files in
[tests/servers/measured](../tests/servers/measured), and
[tests/servers](../tests/servers/README.md) has the commands that repeat them and write this page.
"""


def seconds(value):
    return "at once" if value < 0.5 else f"after {value:.1f} s"


def joined(words, last="and"):
    words = list(words)
    return "".join(words) if len(words) < 2 else ", ".join(words[:-1]) + f" {last} " + words[-1]


def names(works):
    """The request, the stream: what is in flight, for people."""
    words = {"slow": "request", "state": "data"}
    return joined(f"the {words.get(what, what)}" for what in works)


def work_words(stop):
    work = stop.get("work", {})
    kept = [what for what, end in work.items() if end == "kept"]
    lost = [what for what in work if what not in kept]
    saved = "saves" if kept == ["state"] else "finishes"
    loses = "does not save" if lost == ["state"] else "cuts"
    return [f"{verb} {names(works)}" for verb, works in ((saved, kept), (loses, lost)) if works]


def has_no_effect(stop):
    return (stop["killed"] and not stop["new"]["lost"] and stop["new"]["refused_after"] is None
            and all(idle["how"] == "held" for idle in stop["idle"].values())
            and all(end == "kept" for end in stop.get("work", {}).values()))


def idle_words(stop):
    """What becomes of idle connections, where the server outlives its signal."""
    if stop["seconds"] < 0.5:
        return []
    ends = {}
    for what, idle in stop["idle"].items():
        what = re.sub(r" \d+$", "", what)
        if idle["how"] == "held":
            end = "stays open"
        else:
            end = f"is {idle['how']} {seconds(idle['after'])}"
        ends.setdefault(end, [])
        if what not in ends[end]:
            ends[end].append(what)
    words = {"answered": "the answered connection", "never used": "the never-used one", "WebSocket": "the WebSocket"}
    return [f"{joined(words.get(what, what + ' connection') for what in whats)} "
            f"{end.replace('is ', 'are ', 1).replace('stays', 'stay') if len(whats) > 1 else end}"
            for end, whats in ends.items()]


def new_words(stop):
    new = stop["new"]
    total = new["answered"] + new["lost"]
    if stop["seconds"] < 0.5 or not (total or new["refused_after"] is not None):
        return []
    words = []
    if new["lost"] > 1:
        words.append(f"{new['lost']} of {total} new requests are lost")
    if new["refused_after"] is not None and stop["seconds"] - new["refused_after"] > 0.3:
        words.append(f"new connections are refused {'at once' if new['refused_after'] < 0.5 else seconds(new['refused_after'])}")
    elif new["answered"] > 2 and not new["lost"]:
        words.append("new requests are answered until the end")
    return words


def end_words(stop):
    if stop["killed"]:
        words = "still runs" + ("" if 11 < stop["seconds"] < 13 else f" after {stop['seconds']:.0f} s")
    else:
        words = f"exits with {stop['exit']} {seconds(stop['seconds'])}"
        if last_work(stop) and stop["after_last"] > 1:
            words += f", {stop['after_last']:.1f} s after the last {last_work(stop)}"
    if stop["left"] and not stop["killed"]:
        words += f", and leaves {stop['left']} process{'es' if stop['left'] > 1 else ''} behind"
    return words


def stop_words(stop):
    """One stop in a sentence, without its signal."""
    if has_no_effect(stop):
        return IGNORES
    words = joined([*work_words(stop), end_words(stop)])
    details = "; ".join(idle_words(stop) + new_words(stop))
    return words + (f" ({details})" if details else "")


def signal_lines(stops):
    """The raw stops, those that differ in tenths of a second together."""
    lines = []
    for stop in stops:
        words = stop_words(stop)
        if stop["way"] != "raw":
            continue
        for line in lines:
            if TENTHS.sub("", line["words"]) == TENTHS.sub("", words) and abs(line["seconds"] - stop["seconds"]) < 0.5:
                line["signals"].append(f"**{stop['signal']}**")
                break
        else:
            lines.append({"words": words, "seconds": stop["seconds"], "signals": [f"**{stop['signal']}**"]})
    return [f"It {line['words']} {joined(line['signals'])}." if line["words"] == IGNORES else
            f"On {joined(line['signals'], 'or')} it {line['words']}." for line in lines]


def by_way(stops, way):
    return next((stop for stop in stops if stop["way"] == way), None)


def status(stop):
    return "still running" if stop["killed"] else str(stop["exit"])


def alike(one, other):
    return (one["exit"] == other["exit"] and one["killed"] == other["killed"]
            and abs(one["seconds"] - other["seconds"]) < 1 and
            [end == "kept" for end in one.get("work", {}).values()] ==
            [end == "kept" for end in other.get("work", {}).values()])


def init_line(stops):
    """As PID 1 and under tini: first where it is as without an init."""
    raw, ways = by_way(stops, "raw"), {"as PID 1": by_way(stops, "PID 1"), "under tini": by_way(stops, "tini")}
    signal, same = raw["signal"], [name for name, stop in ways.items() if alike(raw, stop)]
    lines = [f"{joined(same)} it does the same on {signal}."] if same else []
    for name, stop in ways.items():
        if name not in same:
            does = stop_words(stop)
            lines.append(f"{name} it ignores {signal}." if does == IGNORES else f"on {signal} {name} it {does}.")
    return " ".join(line[0].upper() + line[1:] for line in lines)


def lastcall_words(stop, stops):
    why = imperfect(stop, stops)
    sent = f"sends {joined(dict.fromkeys(stop['sent']), 'then')}" if stop["sent"] else "sends no signal"
    end = f"exits with {stop['exit']} {seconds(stop['seconds'])}"
    return f"{sent} and {end}: " + ("perfect" if not why else "; ".join(why))


def advice_words(server, stops):
    """What to set, what comes of it, and why that is not perfect where it is not."""
    advice, stop = server.advice, best(stops)
    flaw = f" {server.flaw}" if imperfect(stop, stops) else ""
    result = f"{lastcall_words(stop, stops)}.{flaw}"
    if stop["way"] != "recommended":
        return f"**Set** nothing. `lastcall` {result}"
    words = advice.set or joined(f"`{option}`" for option in advice.options)
    why = f": {advice.why}" if advice.why else ""
    return f"**Set** {words}{why}. `lastcall` then {result}{without_lastcall(stops)}"


def without_lastcall(stops):
    """A warning, where the recommended setting is right only under lastcall."""
    changed = by_way(stops, "raw, recommended")
    if not changed:
        return ""
    before = next((stop for stop in stops if stop["way"] == "raw" and stop["signal"] == changed["signal"]), {})
    lost = [what for what, end in changed.get("work", {}).items() if end != "kept" and before.get("work", {}).get(what) == "kept"]
    return f" Do not set that without `lastcall`: it cuts {names(lost)}." if lost else ""


def set_cell(server, stops):
    if not by_way(stops, "recommended"):
        return "nothing"
    return server.advice.set or joined(f"`{option}`" for option in server.advice.options)


def still_serves(stop):
    """A restart, or nothing at all: new requests are answered until SIGKILL."""
    return stop["killed"] and stop["new"]["answered"] > 10 and stop["new"]["refused_after"] is None


def finishing(stops):
    """The signals on which the server keeps what is in flight, and ends or would end."""
    words = []
    for stop in stops:
        if stop["way"] != "raw" or not stop.get("work") or still_serves(stop) or stop["left"] and not stop["killed"]:
            continue
        if all(end == "kept" for end in stop["work"].values()):
            words.append(stop["signal"] + (", waits for idle clients" if stop["killed"] else ""))
    return words


def verdict_cell(stop, stops):
    why = imperfect(stop, stops)
    return "perfect" if not why else "; ".join(why)


def anchor(title):
    return "#" + re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def row(server, measured):
    stops = measured["stops"]
    raw, pid1 = by_way(stops, "raw"), by_way(stops, "PID 1")
    first = "no effect" if has_no_effect(raw) else "cuts" if any(
        end != "kept" for end in raw.get("work", {}).values()) else "finishes" if raw.get("work") else "ends"
    finish = "; ".join(finishing(stops)) or ("-" if not raw.get("work") else "none")
    default = by_way(stops, "lastcall")
    cells = (f"[{server.title}]({anchor(server.title)})", measured["version"], f"{raw['signal']} {first}", finish,
             f"{status(raw)} / {status(pid1)}", verdict_cell(default, stops), set_cell(server, stops),
             verdict_cell(best(stops), stops))
    return "| " + " | ".join(cells) + " |"


def wrap(text, first="- ", rest="  "):
    lines, line = [], first
    for word in text.split(" "):
        if len(line) + len(word) > WIDTH and line.strip(" -"):
            lines.append(line.rstrip())
            line = rest
        line += word + " "
    return "\n".join([*lines, line.rstrip()])


def product_words(server, version):
    """What was measured, and how it was started."""
    product = (server.product or f"`{server.packages.split()[0]}` {{}}").format(version)
    command = server.shown or server.command.replace("@dir@/", "").replace("/usr/bin/", "", 1)
    return f"{product}, started as `{command}`"


def process_words(process):
    name, file = process["name"], process["file"]
    return f"its main process is `{name}`" + ("" if file == name else f", of the program `{file}`")


def section(server, measured):
    stops = measured["stops"]
    head = f"### {server.title}\n"
    lines = [f"{product_words(server, measured['version'])}; {process_words(measured['process'])}."]
    lines += [advice_words(server, stops)]
    if by_way(stops, "recommended"):
        lines += [f"Without that, `lastcall` {lastcall_words(by_way(stops, 'lastcall'), stops)}."]
    lines += [" ".join(signal_lines(stops)), init_line(stops), server.note]
    return head + "\n" + "\n".join(wrap(line) for line in lines if line) + "\n"


def page():
    found = [(server, load(name)) for name, server in atlas_servers().items()]
    found = [(server, measured) for server, measured in found if measured]
    stops = [stop for _, measured in found for stop in measured["stops"]]
    minutes = sum(measured.get("took") or sum(stop["seconds"] + START_S for stop in measured["stops"])
                  for _, measured in found) / 2 / 60
    parts = [HEAD.format(count=len(found), stops=len(stops), minutes=round(minutes))]
    for kind, title in KINDS.items():
        servers = sorted((pair for pair in found if pair[0].kind == kind), key=lambda pair: pair[0].title.lower())
        parts.append(f"## {title}\n\n| server | version | raw | finishes on | status raw / PID 1 |"
                     " `lastcall`, no option | set | then |\n|---|---|---|---|---|---|---|---|\n"
                     + "\n".join(row(*pair) for pair in servers) + "\n")
        parts += [section(*pair) for pair in servers]
    return "\n".join(parts)


def main():
    text = page()
    if "--check" in sys.argv:
        with open(PAGE) as file:
            if file.read() != text:
                print("docs/servers.md is not what tests/servers/page.py makes of the measurements: run it")
                return 1
        return 0
    with open(PAGE, "w") as file:
        file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
