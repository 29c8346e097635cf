# SPDX-License-Identifier: MIT
"""Plans and states of Terraform and OpenTofu, as `show -json` prints them."""

import json
import unittest

from plan import HERE, lint, rules, run

PLAN = HERE / "terraform" / "plan.json"
STATE = HERE / "terraform" / "state.json"


class Terraform(unittest.TestCase):
    def setUp(self):
        self.plan = json.loads(PLAN.read_text())

    def resource(self, address):
        [found] = [
            r for r in self.plan["planned_values"]["root_module"]["resources"] if r["address"] == address
        ]
        return found["values"]

    def lint_plan(self):
        return lint("-", stdin=json.dumps(self.plan, indent=1))

    def test_resources_of_all_modules_are_checked(self):
        findings = {(f["rule"], f["resource"]) for f in lint(PLAN) if f["severity"] != "note"}
        self.assertEqual(
            findings,
            {
                ("LC102", "aws_ecs_task_definition.web"),
                ("LC115", "aws_ecs_task_definition.web"),
                ("LC213", "aws_ecs_service.web"),
                ("LC301", "module.edge.aws_lb_target_group.web"),
                ("LC304", "module.edge.aws_lb_target_group.web"),
                ("LC306", "module.edge.aws_lb_target_group.web"),
                ("LC501", "Deployment/shop"),
                ("LC515", "PodDisruptionBudget/shop"),
            },
        )

    def test_findings_have_their_place_in_the_plan(self):
        lines = PLAN.read_text().splitlines()
        places = {f["rule"]: f for f in lint(PLAN)}
        self.assertIn('"deregistration_delay": "300"', lines[places["LC301"]["line"] - 1])
        self.assertIn('"container_definitions": ', lines[places["LC102"]["line"] - 1])
        self.assertIn("termination_grace_period_seconds", lines[places["LC501"]["line"] - 1])
        self.assertTrue(places["LC102"]["path"].endswith("/values/container_definitions/0/stopTimeout"))
        self.assertTrue(places["LC213"]["path"].endswith("/values/deployment_circuit_breaker/0"))
        self.assertTrue(places["LC501"]["path"].endswith("/spec/0/termination_grace_period_seconds"))

    def test_fixes_are_spelled_as_the_provider_has_them(self):
        fixes = {f["rule"]: f["fix"] for f in lint(PLAN)}
        self.assertEqual(fixes["LC301"], "deregistration_delay = \"30\"")
        self.assertEqual(fixes["LC304"], "health_check { timeout = 5 }")
        self.assertEqual(fixes["LC306"], 'health_check { path = "/healthcheck" }')
        self.assertIn("deployment_circuit_breaker", fixes["LC213"])
        self.assertEqual(fixes["LC102"], '"stopTimeout": 60')
        self.assertRegex(fixes["LC501"], r"^termination_grace_period_seconds = \d+$")
        self.assertEqual(fixes["LC515"], "maxUnavailable: 1")  # of kubernetes_manifest

    def test_fixes_that_the_provider_may_not_know_are_told_in_words(self):
        def resource(kind, **values):
            return {"address": f"{kind}.web", "mode": "managed", "type": kind, "name": "web", "values": values}

        def references(*addresses):
            return {"references": [f"{address}.web.arn" for address in addresses]}

        breaker = [{"enable": True, "rollback": True}]
        service = resource("aws_ecs_service", deployment_circuit_breaker=breaker, load_balancer=[])
        task = resource("aws_ecs_task_definition", container_definitions=json.dumps([{"name": "web"}]))
        group = resource("aws_lb_target_group", protocol="HTTP", deregistration_delay="60")
        expressions = {"task_definition": references("aws_ecs_task_definition")}
        self.plan = {
            "format_version": "1.2",
            "planned_values": {"root_module": {"resources": [service, task, group]}},
            "configuration": {"root_module": {"resources": [
                service | {"expressions": expressions}]}},
        }
        fixes = {f["rule"]: f["fix"] for f in self.lint_plan()}
        self.assertEqual(fixes["LC214"], "a health check of the container, or of a target group")
        service["values"]["load_balancer"] = [{"container_name": "web", "container_port": 80}]
        expressions["load_balancer"] = [{"target_group_arn": references("aws_lb_target_group")}]
        fixes = {f["rule"]: f["fix"] for f in self.lint_plan()}
        self.assertIn("early success", fixes["LC210"])

    def test_a_state_whose_parts_refer_to_each_other_is_clean(self):
        self.assertEqual(rules(lint(STATE), "error", "warning"), [])

    def test_what_is_known_after_apply_is_silent(self):
        self.resource("aws_ecs_service.web")["deployment_circuit_breaker"] = []
        self.assertIn("LC205", rules(self.lint_plan(), "warning"))
        unknown = self.plan["resource_changes"][0]["change"]["after_unknown"]
        unknown["deployment_circuit_breaker"] = True
        self.assertNotIn("LC205", rules(self.lint_plan(), "warning"))
        self.resource("aws_ecs_task_definition.web")["container_definitions"] = None
        self.plan["resource_changes"][1]["change"]["after_unknown"]["container_definitions"] = True
        self.assertNotIn("LC102", rules(self.lint_plan(), "error"))

    def test_a_service_is_joined_by_the_expressions_of_its_configuration(self):
        definitions = json.loads(self.resource("aws_ecs_task_definition.web")["container_definitions"])
        definitions[0]["stopTimeout"] = 10
        del definitions[0]["environment"]
        definitions[0]["command"] = ["lastcall", "--", "app"]
        task = self.resource("aws_ecs_task_definition.web")
        task["container_definitions"] = json.dumps(definitions)
        task["requires_compatibilities"] = None
        self.resource("aws_ecs_service.web")["launch_type"] = "FARGATE"
        definitions[0]["stopTimeout"] = 300  # an error on Fargate, which only the service names
        task["container_definitions"] = json.dumps(definitions)
        self.assertIn("LC101", rules(self.lint_plan(), "error"))
        self.plan["configuration"] = {}
        self.assertNotIn("LC101", rules(self.lint_plan(), "error"))

    def test_a_probe_has_one_port(self):
        [pod] = self.resource("kubernetes_deployment_v1.shop")["spec"][0]["template"][0]["spec"]
        pod["container"][0]["liveness_probe"] = [{"http_get": [{"path": "/healthcheck", "port": "5278"}]}]
        self.assertIn("LC510", rules(self.lint_plan(), "warning"))

    def test_no_secret_is_printed(self):
        for form in ("text", "json", "sarif", "github"):
            done = run("lint", f"--format={form}", PLAN)
            self.assertEqual(done.returncode, 1)
            self.assertNotIn("hunter2", done.stdout + done.stderr)

    def test_a_number_of_pods_is_a_text_of_the_provider(self):
        """max_unavailable = "0" is what lint itself proposes."""
        [strategy] = self.resource("kubernetes_deployment_v1.shop")["spec"][0].setdefault("strategy", [{}])
        strategy["rolling_update"] = [{"max_surge": "1", "max_unavailable": "0"}]
        done = run("time", "--json", "--service=shop", "-", stdin=json.dumps(self.plan))
        values = json.loads(done.stdout)["values"]
        self.assertEqual((values["max-surge"]["value"], values["max-unavailable"]["value"]), ("1", "0"))

    def test_another_major_version_is_refused(self):
        self.plan["format_version"] = "2.0"
        done = run("lint", "--format=json", "-", stdin=json.dumps(self.plan))
        self.assertEqual(done.returncode, 2)
        self.assertEqual(rules(json.loads(done.stdout)["findings"], "error"), ["LC001"])

    def test_members_of_any_type_are_survived(self):
        for value in (None, True, 1, "x", [], [1], {}, [[]], {"a": {}}):
            for address in ("aws_ecs_service.web", "aws_ecs_task_definition.web", "kubernetes_deployment_v1.shop"):
                for name in list(self.resource(address)):
                    before = self.resource(address)[name]
                    self.resource(address)[name] = value
                    done = run("lint", "--format=json", "-", stdin=json.dumps(self.plan))
                    self.assertIn(done.returncode, (0, 1), (address, name, value, done.stderr))
                    self.resource(address)[name] = before


if __name__ == "__main__":
    unittest.main()
