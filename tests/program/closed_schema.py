# SPDX-License-Identifier: MIT
"""The schemas of docs allow fields that a later version adds. A test of this version allows none."""

import copy


def closed(schema):
    """A copy in which no object may have a field that the schema does not name."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: closed(part) for name, part in schema.items()}
    if "object" in schema.get("type", ()) and "properties" in schema:  # in the type, or the list of types
        strict.setdefault("additionalProperties", False)
    return strict


def broken(document, path):
    """Copies of a document in which the object at that path has a field too few or too many, with the field's name."""
    def part_of(whole):
        for step in path:
            whole = whole[step]
        return whole

    for key in [*part_of(document), "surplus"]:
        changed = copy.deepcopy(document)
        if key == "surplus":
            part_of(changed)[key] = 0
        else:
            del part_of(changed)[key]
        yield key, changed
