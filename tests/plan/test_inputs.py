# SPDX-License-Identifier: MIT
"""What documents of Kubernetes and Swarm give to lastcall-plan time: each value, with its line."""

import json
import unittest

from plan import run

POD = """
  template:
    spec:
      terminationGracePeriodSeconds: 45
      containers:
        - name: web
          lifecycle: {preStop: {exec: {command: [sh, -c, sleep 7 && nginx -s quit]}}}
          readinessProbe:
            initialDelaySeconds: 4
            periodSeconds: 3
            successThreshold: 2
            httpGet: {path: /, port: 80}
"""

OF_POD = {"stop-timeout": "45s", "pre-stop": "7s", "initial-delay": "4s", "health-interval": "3s", "healthy-count": "2"}


def workload(kind, spec):
    return f"apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: web}}\nspec:\n" + spec + POD


CASES = [
    (
        workload(
            "Deployment",
            "  replicas: 6\n  minReadySeconds: 5\n  progressDeadlineSeconds: 300\n"
            "  strategy: {rollingUpdate: {maxSurge: 50%, maxUnavailable: 1}}",
        ),
        {**OF_POD, "desired": "6", "min-ready": "5s", "progress-deadline": "5m", "max-surge": "50%", "max-unavailable": "1",
         "kind": "deployment"},
    ),
    (
        workload("Deployment", "  replicas: 2\n  strategy: {type: Recreate}"),
        {**OF_POD, "desired": "2", "kind": "recreate"},
    ),
    (
        workload(
            "StatefulSet",
            "  replicas: 5\n  updateStrategy: {rollingUpdate: {partition: 2}}\n  podManagementPolicy: OrderedReady",
        ),
        {**OF_POD, "desired": "5", "partition": "2", "kind": "stateful-set", "pod-management": "ordered-ready"},
    ),
    (
        workload("DaemonSet", "  updateStrategy: {rollingUpdate: {maxUnavailable: 10%}}"),
        {**OF_POD, "max-unavailable": "10%", "kind": "daemon-set"},
    ),
    (
        workload("Job", "  parallelism: 3\n  podReplacementPolicy: Failed").replace("apps/v1", "batch/v1"),
        {**OF_POD, "desired": "3", "kind": "job", "pod-replacement": "failed"},
    ),
    (
        "version: '3.8'\nservices:\n  web:\n    image: shop\n    stop_grace_period: ${GRACE:-40s}\n    healthcheck:\n"
        "      test: [CMD, /healthy]\n      interval: 5s\n    deploy:\n      replicas: 8\n      update_config:\n"
        "        parallelism: 2\n        delay: 10s\n        monitor: 20s\n        order: start-first\n",
        {"desired": "8", "stop-timeout": "40s", "health-interval": "5s", "parallelism": "2", "delay": "10s",
         "monitor": "20s", "order": "start-first"},
    ),
]


class Inputs(unittest.TestCase):
    def values(self, document):
        done = run("time", "--json", "-", stdin=document)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return json.loads(done.stdout)["values"]

    def test_each_value_of_a_document_is_taken_with_its_line(self):
        for document, expected in CASES:
            lines = document.splitlines()
            values = self.values(document)
            found = {name for name, value in values.items() if value["source"] == "document"}
            with self.subTest(lines[1]):
                self.assertEqual(found, set(expected))
            for name, value in expected.items():
                with self.subTest(lines[1], value=name):
                    self.assertEqual(values[name]["value"], value)
                    self.assertTrue(1 <= values[name]["place"]["line"] <= len(lines))

    def test_what_another_program_decides_is_not_taken(self):
        document = workload("Deployment", "  replicas: ${REPLICAS}").replace("Seconds: 45", "Seconds: ${GRACE}")
        values = self.values(document)
        self.assertNotEqual(values["desired"]["source"], "document")
        self.assertNotEqual(values["stop-timeout"]["source"], "document")

    def test_the_check_of_a_container_fails_after_its_retries(self):
        for retries, expected in ((", Retries: 4", ("4", "document")), ("", ("3", "default"))):
            document = (
                "Resources:\n  S:\n    Type: AWS::ECS::Service\n    Properties: {TaskDefinition: !Ref T}\n"
                "  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n"
                f"        - {{Name: web, Image: shop, HealthCheck: {{Command: [CMD, /ok], Interval: 10{retries}}}}}\n"
            )
            with self.subTest(retries):
                values = self.values(document)
                self.assertEqual(values["health-interval"]["value"], "10s")
                found = values["unhealthy-count"]
                self.assertEqual((found["value"], found["source"]), expected)

    def test_a_value_out_of_range_is_named_and_not_taken_for_absent(self):
        for kind, document in (
            ("kubernetes", workload("Deployment", "  replicas: 20000")),
            ("swarm", "services:\n  web:\n    image: shop\n    deploy:\n      replicas: 20000\n"),
            ("ecs", "Resources:\n  S:\n    Type: AWS::ECS::Service\n    Properties: {DesiredCount: 20000}\n"),
        ):
            with self.subTest(kind):
                done = run("time", "--json", "-", stdin=document)
                self.assertEqual(done.returncode, 0, done.stderr)
                plan = json.loads(done.stdout)
                self.assertEqual(plan["values"]["desired"]["source"], "assumed")
                named = [note for note in plan["notes"] if "out of range" in note and "--desired" in note]
                self.assertEqual(len(named), 1, plan["notes"])
                self.assertFalse([note for note in plan["notes"] if "is not given" in note])


if __name__ == "__main__":
    unittest.main()
