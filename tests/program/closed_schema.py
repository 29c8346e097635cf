# SPDX-License-Identifier: MIT
"""The schemas of docs allow fields that a later version adds. A test of this version allows none."""


def closed(schema):
    """A copy in which no object may have a field that the schema does not name."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {name: closed(part) for name, part in schema.items()}
    if "object" in schema.get("type", ()) and "properties" in schema:  # in the type, or the list of types
        copy.setdefault("additionalProperties", False)
    return copy
