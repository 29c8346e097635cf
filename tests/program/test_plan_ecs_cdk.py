# SPDX-License-Identifier: MIT
"""The template of examples/ecs-cdk has all six levers set: lint finds nothing. With a lever left out or
set as by default lint finds it. No document has the size of the image, the sixth lever."""

import copy
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

PLAN = os.environ["LASTCALL_PLAN"]
FOLDER = pathlib.Path(os.environ["LASTCALL_SOURCE_DIR"]) / "examples" / "ecs-cdk" / "cdk.out"
TEMPLATE = json.loads((FOLDER / "Shop.template.json").read_text())


def properties(template, kind):
    """Of the one resource of this type."""
    found = [entry for entry in template["Resources"].values() if entry["Type"] == kind]
    assert len(found) == 1, kind
    return found[0]["Properties"]


def deployment(template):
    return properties(template, "AWS::ECS::Service")["DeploymentConfiguration"]


def group(template):
    return properties(template, "AWS::ElasticLoadBalancingV2::TargetGroup")


def container(template):
    return properties(template, "AWS::ECS::TaskDefinition")["ContainerDefinitions"][0]


def remove_health_check(template):
    for name in [name for name in group(template) if name.startswith("HealthCheck")]:
        del group(template)[name]
    del group(template)["HealthyThresholdCount"], group(template)["UnhealthyThresholdCount"]


def remove_delay(template):
    attributes = group(template)["TargetGroupAttributes"]
    attributes[:] = [a for a in attributes if a["Key"] != "deregistration_delay.timeout_seconds"]


# What is done to the template, and the rule that has to find it.
LEFT_OUT = {
    "percentages as the CDK sets them": (
        "LC203", lambda t: deployment(t).update(MinimumHealthyPercent=50)),
    "percentages between which there is no batch": (
        "LC201", lambda t: deployment(t).update(MaximumPercent=100)),
    "circuit breaker": ("LC205", lambda t: deployment(t).pop("DeploymentCircuitBreaker")),
    "rollback": ("LC213", lambda t: deployment(t)["DeploymentCircuitBreaker"].update(Rollback=False)),
    "health check of the target group": ("LC306", remove_health_check),
    "deregistration delay": ("LC301", remove_delay),
    "stop timeout": ("LC102", lambda t: container(t).pop("StopTimeout")),
}


def lint(path):
    done = subprocess.run(
        [PLAN, "lint", "--format=sarif", "--fail-on=warning", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    results = [result for run in json.loads(done.stdout)["runs"] for result in run["results"]]
    return done.returncode, {result["ruleId"]: result for result in results}


def time(path):
    """The whole time in seconds; None: stuck."""
    done = subprocess.run(
        [PLAN, "time", "--json", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    plan = json.loads(done.stdout)
    return None if plan["stuck"] else plan["upper"]["complete_s"]


class EcsCdk(unittest.TestCase):
    def changed(self, change, judge=lint):
        template = copy.deepcopy(TEMPLATE)
        change(template)
        with tempfile.NamedTemporaryFile("w", suffix=".template.json") as file:
            json.dump(template, file, indent=1)
            file.flush()
            return judge(file.name)

    def test_committed_output_is_clean(self):
        for path in (FOLDER, FOLDER / "Shop.template.json"):
            status, results = lint(path)
            self.assertEqual(status, 0, results)
            self.assertEqual({rule for rule, r in results.items() if r["level"] != "note"}, set())

    def test_each_lever_that_is_left_out_is_found(self):
        for what, (rule, change) in LEFT_OUT.items():
            with self.subTest(what):
                status, results = self.changed(change)
                self.assertEqual(status, 1)
                self.assertIn(rule, results)
                line = results[rule]["locations"][0]["physicalLocation"]["region"]["startLine"]
                self.assertGreater(line, 1)

    def test_lever_that_is_left_out_costs_time(self):
        whole = time(FOLDER)
        self.assertEqual(self.changed(remove_delay, time) - whole, 300 - 30)
        self.assertEqual(self.changed(remove_health_check, time) - whole, 30 - 5)
        self.assertIsNone(self.changed(lambda t: deployment(t).update(MaximumPercent=100), time))


if __name__ == "__main__":
    unittest.main()
