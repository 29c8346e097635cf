# SPDX-License-Identifier: MIT
"""Whether lastcall's report says what the clients saw. `unknown` is allowed wherever the truth cannot be told."""


def disagreements(outcome, has_requests):
    """What the report of a stop says that is not so, in words."""
    counts = outcome.report["connections"]
    finished, cut, unknown = counts["finished"], counts["cut"], counts.get("unknown") or 0
    if not has_requests:
        if cut:
            yield f"{cut} cut, and no client had a request"
        return
    flying, lost = len(outcome.in_flight()), len(outcome.lost())
    later = sum(e["result"] == "whole" and e["sent"] >= outcome.stopped_at for e in outcome.exchanges)
    answered = flying - lost + later
    if cut > lost:
        yield f"{cut} cut, clients lost {lost}"
    if finished > answered:
        yield f"{finished} finished, clients had {answered} answered"
    if cut + unknown < lost:
        yield f"{cut} cut and {unknown} unknown, clients lost {lost}"
    if finished + unknown < flying - lost:
        yield f"{finished} finished and {unknown} unknown of {flying - lost} answered"
    if lost == 0 and counts["lost_bytes"]:
        yield f"{counts['lost_bytes']} lost bytes, clients have all of theirs"
