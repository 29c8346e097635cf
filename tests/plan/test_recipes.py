# SPDX-License-Identifier: MIT
"""The recipes of README.md and docs/: what they show as settings has no errors and no warnings. A fragment is put into the document that it is a part of."""

import json
import re
import unittest

from plan import SOURCE, lint, rules

TASK = {"family": "recipe", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc"}


def blocks():
    """Each fenced block of YAML or JSON, with its place."""
    for path in sorted([SOURCE / "README.md", *(SOURCE / "docs").glob("*.md"), *(SOURCE / "examples").rglob("*.md")]):
        if "node_modules" in path.parts or path.name == "rules.md":
            continue  # rules.md shows bad examples, which a test of its own runs
        text = path.read_text()
        for found in re.finditer(r"^ *```(yaml|yml|json)\n(.*?)^ *```", text, re.M | re.S):
            line = text.count("\n", 0, found.start()) + 1
            yield f"{path.relative_to(SOURCE)}:{line}", found[1], found[2]


def document_of_json(text):
    """A task definition, of which a block may be one container; None: something else."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    if "containerDefinitions" in value or "Resources" in value or "services" in value:
        return text
    if "stopTimeout" in value or "healthCheck" in value and "image" in value:
        return json.dumps({**TASK, "containerDefinitions": [value]})
    return None


def document_of_yaml(text):
    """A whole document, or a pod's spec; None: something else."""
    if re.search(r"^(apiVersion|services|Resources):", text, re.M):
        return text
    if re.match(r"(#.*\n)*spec:\n", text) and "containers:" in text:
        return "apiVersion: v1\nkind: Pod\nmetadata: {name: recipe}\n" + text
    return None


class Recipes(unittest.TestCase):
    def test_they_are_clean(self):
        count = 0
        for place, language, text in blocks():
            document = document_of_json(text) if language == "json" else document_of_yaml(text)
            if document is None:
                continue
            count += 1
            with self.subTest(place):
                findings = lint("--image-has=lastcall,sh", "-", stdin=document)
                self.assertEqual(rules(findings, "error", "warning"), [])
        self.assertGreaterEqual(count, 2)

    def test_examples_are_clean(self):
        for name in ("docker/compose.yaml", "examples/compose/shop.yaml", "examples/swarm/shop.yaml",
                     "examples/kubernetes/shop.yaml", "examples/ecs-taskdef"):
            with self.subTest(name):
                self.assertEqual(rules(lint(SOURCE / name), "error", "warning"), [])


if __name__ == "__main__":
    unittest.main()
