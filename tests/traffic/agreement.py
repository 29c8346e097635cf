# SPDX-License-Identifier: MIT
"""Whether lastcall's report says what the clients saw. `unknown` is allowed wherever the truth cannot be known, and a
connection that was held for doubt alone until its client left is none of the counts."""


LAST_WORD_MS = 300  # a client that says goodbye in two steps seems to ask again, and to give up
SEEN = 0.3  # s: what has ended so long before the signal is no work at it
JUST_BEFORE = 0.1  # s: for lastcall the answer may go on, or the client's goodbye is part of it


def other_work(outcome):
    """What is answered beside the requests that are counted: handshakes, exchanges before a request, other streams."""
    return sum(len(r.get("beside", ())) + (len(r.get("before", ())) + 1 if
                                           e["sent"] is None or e["sent"] > outcome.stopped_at - SEEN else 0)
               for e in outcome.exchanges for r in [outcome.requests[e["number"]]])


def counts_of(outcome):
    """The report's counts. One that is null is not known: it claims nothing."""
    return {name: 0 if value is None else value for name, value in outcome.report["connections"].items()}


def disagreements(outcome, has_requests, others=0):
    """What the report of a stop says that is not so, in words. So many other connections came and left at once: for
    lastcall that is work, too, which the server finishes by closing them."""
    counts = counts_of(outcome)
    finished, cut, unknown = counts["finished"], counts["cut"], counts.get("unknown", 0)
    if not has_requests:
        if cut > others:
            yield f"{cut} cut, and no client had a request"
        if finished > others:
            yield f"{finished} finished, and no client had a request"
        return
    flying, lost = len(outcome.in_flight()), len(outcome.lost())
    later = sum(e["result"] == "whole" and max(e["sent"], e["connected"]) >= outcome.stopped_at
                for e in outcome.exchanges)
    just_before = sum(e["result"] == "whole" and 0 < outcome.stopped_at - e["done"] < JUST_BEFORE for e in outcome.exchanges)
    answered = flying - lost + later + just_before
    lost_at_all = sum(e["result"] != "whole" for e in outcome.exchanges)  # begun after the stop, and handshakes, too
    if cut > lost_at_all + others:
        yield f"{cut} cut, clients lost {lost_at_all}"
    if finished > answered + other_work(outcome) + others:
        yield f"{finished} finished, clients had {answered} answered"
    if cut + unknown < lost:
        yield f"{cut} cut and {unknown} unknown, clients lost {lost}"
    gave_up = sum(holder["ended"] == "gave_up" and holder["age_ms"] > LAST_WORD_MS for holder in counts["held_by"])
    if gave_up and lost_at_all == 0 and not others:
        yield f"{gave_up} gave up, clients had all their answers"
    if lost == 0 and counts["lost_bytes"]:
        yield f"{counts['lost_bytes']} lost bytes, clients have all of theirs"
