# SPDX-License-Identifier: MIT
"""lastcall-plan time: what it computes against a simulator of its own, what it reads, prints and draws."""

import heapq
import json
import os
import re
import subprocess
import time
import unittest
import unittest.mock
import xml.etree.ElementTree

from closed_schema import closed
from plan_case import CLEAN, EXAMPLES, FOUND, REPORT, SOURCE, USAGE, PLAN, PlanCase

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = closed(json.loads((SOURCE / "docs" / "plan.schema.json").read_text()))


class Simulation:
    """Every task by itself: when ECS's scheduler may start or stop one it does, one task at a time."""

    def __init__(self, desired, low, high, start, end, slots_are_held):
        self.floor = -(-desired * low // 100)
        self.ceiling = desired * high // 100
        self.desired, self.start, self.end, self.held = desired, start, end, slots_are_held
        self.serving_old, self.serving_new, self.starting, self.going = desired, 0, 0, 0
        self.ordered, self.events, self.all_new, self.old_gone = 0, [], None, None

    def act(self, now):
        """One task at a time, new ones first. Returns whether there was anything to do."""
        used = self.serving_old + self.serving_new + self.starting + (self.going if self.held else 0)
        if self.ordered < self.desired and used < self.ceiling:
            self.ordered += 1
            self.starting += 1
            heapq.heappush(self.events, (now + self.start, "healthy"))
            return True
        if self.serving_old and self.serving_old + self.serving_new > self.floor:
            self.serving_old -= 1
            self.going += 1
            heapq.heappush(self.events, (now + self.end, "gone"))
            return True
        return False

    def happen(self, now):
        while self.events and self.events[0][0] == now:
            _, what = heapq.heappop(self.events)
            if what == "healthy":
                self.starting -= 1
                self.serving_new += 1
                self.all_new = now
            else:
                self.going -= 1
                self.old_gone = now

    def run(self):
        """(all new are healthy, the last old one is gone), or None where it is stuck."""
        now = 0
        while True:
            while self.act(now):
                pass
            if not self.events:
                break
            now = self.events[0][0]
            self.happen(now)
        return (self.all_new, self.old_gone) if self.serving_new == self.desired else None


class TimeCase(PlanCase):
    def time(self, expected, *arguments, stdin=None, is_checked=True):
        document = json.loads(self.run_plan(expected, "time", "--json", *arguments, stdin=stdin))
        if jsonschema and is_checked:
            jsonschema.validate(document, SCHEMA)
        return document

    def page(self, expected, *arguments, **environment):
        done = subprocess.run([PLAN, "time", *map(str, arguments)], capture_output=True, text=True, timeout=60,
                              cwd=self.directory, env={**os.environ, "LANG": "C.UTF-8", **environment})
        self.assertEqual(done.returncode, expected, done.stderr)
        return done.stdout


class Computes(TimeCase):
    def test_every_desired_count_agrees_with_a_simulation_of_each_task(self):
        percents = [(90, 110), (50, 100), (66, 133), (100, 101), (0, 100), (100, 200), (75, 125)]
        for desired in range(1, 201):
            low, high = percents[desired % len(percents)]
            with self.subTest(desired=desired, low=low, high=high):
                expected = [Simulation(desired, low, high, 70, 330, held).run() for held in (True, False)]
                found = self.time(CLEAN if expected[0] else FOUND, f"--desired={desired}", f"--min={low}",
                                  f"--max={high}", "--stop=30s", is_checked=False)
                self.assertEqual(found["stuck"], expected[0] is None)
                for bound, numbers in zip(("upper", "lower"), expected):
                    estimate = found[bound]
                    self.assertEqual(estimate and (estimate["all_new_s"], estimate["old_gone_s"]), numbers, bound)

    def test_the_article_s_batches(self):
        for low, high, batch in ((90, 110, 20), (90, 150, 60)):
            found = self.time(CLEAN, "--desired=100", f"--min={low}", f"--max={high}")
            self.assertEqual(found["batch"], batch)

    def test_early_success_makes_seventy_of_four_hundred_seconds(self):
        before = self.time(CLEAN, "--desired=10")
        after = self.time(CLEAN, "--desired=10", "--early-success=deferred")
        self.assertEqual((before["upper"]["complete_s"], after["upper"]["complete_s"]), (400, 70))
        self.assertEqual(before["levers"][0]["input"], "early-success")
        self.assertEqual(before["levers"][0]["saves_s"], 330)

    def test_a_stuck_deployment_exits_with_1_and_its_change_frees_it(self):
        for desired, low, high in ((1, 100, 134), (2, 75, 125), (1, 50, 150), (3, 100, 125), (7, 90, 110)):
            with self.subTest(desired=desired, low=low, high=high):
                shape = [f"--desired={desired}", f"--min={low}", f"--max={high}"]
                stuck = self.time(FOUND, *shape)
                self.assertIsNone(stuck["upper"])
                self.assertFalse(self.time(CLEAN, *shape, f"--max={stuck['freeing']['max']}")["stuck"])
                self.assertFalse(self.time(CLEAN, *shape, f"--min={stuck['freeing']['min']}")["stuck"])
                self.assertTrue(self.time(FOUND, *shape, f"--max={stuck['freeing']['max'] - 1}")["stuck"])

    def test_an_outage_is_never_the_smallest_change(self):
        for low, high in ((10, 100), (1, 199), (50, 150)):
            with self.subTest(low=low, high=high):
                stuck = self.time(FOUND, "--desired=1", f"--min={low}", f"--max={high}")
                self.assertEqual(stuck["freeing"], {"max": 200, "min": 0, "smallest": "max"})

    def test_a_stuck_deployment_has_no_picture_and_says_so(self):
        done = subprocess.run(
            [PLAN, "time", "--desired=1", "--max=134", "--svg=-"], capture_output=True, text=True, timeout=60
        )
        self.assertEqual((done.returncode, done.stdout), (FOUND, ""))
        self.assertIn("no picture: the deployment is stuck", done.stderr)

    def test_a_grace_period_has_to_cover_the_boot_and_the_checks_after_it(self):
        slow = ["--boot=20s", "--unhealthy-count=2", "--health-interval=10s"]
        for grace, is_short in ((0, True), (20, True), (69, True), (70, False)):
            with self.subTest(grace=grace):
                notes = self.time(CLEAN, *slow, f"--health-grace={grace}s")["notes"]
                found = [note for note in notes if "healthCheckGracePeriodSeconds to 70 at least" in note]
                self.assertEqual(bool(found), is_short, notes)

    def test_each_lever_saves_what_it_says(self):
        shape = ["--desired=37", "--min=80", "--max=120", "--stop=45s", "--stop-timeout=60s", "--boot=7s"]
        base = self.time(CLEAN, *shape)
        options = {"health-interval": ["--healthy-count=2", "--unhealthy-count=3"]}
        self.assertGreater(len(base["levers"]), 3)
        for lever in base["levers"]:
            with self.subTest(lever=lever["input"]):
                found = self.time(CLEAN, *shape, f"--{lever['input']}={lever['then']}", *options.get(lever["input"], []))
                self.assertEqual(found["upper"]["complete_s"], lever["leaves_s"])
                self.assertEqual(base["upper"]["complete_s"] - found["upper"]["complete_s"], lever["saves_s"])

    def test_more_of_each_part_never_shortens_it(self):
        for name in ("pull", "boot", "stop", "deregistration-delay", "health-interval"):
            took = [self.time(CLEAN, "--desired=23", "--min=90", "--max=120", "--stop-timeout=120s",
                              "--unhealthy-count=100", f"--{name}={seconds}s")["upper"]["complete_s"] for seconds in (1, 5, 20, 60)]
            self.assertEqual(took, sorted(took), name)

    def test_the_other_platforms(self):
        kubernetes = self.time(CLEAN, "--platform=kubernetes", "--desired=10", "--pull=0s", "--boot=10s")
        self.assertEqual((kubernetes["upper"]["complete_s"], kubernetes["upper"]["old_gone_s"]), (20, 50))
        self.assertEqual(kubernetes["upper"]["most_running"], 20)
        swarm = self.time(CLEAN, "--platform=swarm", "--desired=4", "--pull=2s", "--stop=10s", "--parallelism=2",
                          "--delay=10s")
        self.assertEqual(swarm["upper"]["complete_s"], 2 * 22 + 11)

    def test_it_takes_less_than_fifty_milliseconds(self):
        best = 1.0
        for _ in range(20):
            start = time.monotonic()
            self.run_plan(CLEAN, "time", "--desired=1000", "--min=99", "--max=101")
            best = min(best, time.monotonic() - start)
        self.assertLess(best, 0.05 if os.environ.get("LASTCALL_SANITIZED") != "1" else 1)


class Reads(TimeCase):
    def test_the_article_s_template_gives_every_value_its_line(self):
        path = EXAMPLES / "ecs/article.flags-on.template.json"
        found = self.time(CLEAN, path)
        self.assertEqual(found["name"], "Article/Service/Service/Service")
        self.assertEqual(found["upper"]["complete_s"], 40 + 20 + 30 + 10)  # the container's check: every 30 s
        self.assertIn("the container's own health check", " ".join(found["notes"]))
        lines = path.read_text().splitlines()
        for name, word in (("desired", "DesiredCount"), ("stop-timeout", "StopTimeout"),
                           ("health-interval", "HealthCheckIntervalSeconds"), ("min", "MinimumHealthyPercent")):
            value = found["values"][name]
            self.assertEqual(value["source"], "document", name)
            self.assertIn(word, lines[value["place"]["line"] - 1])

    def test_lifecycle_hooks_are_asked_for(self):
        template = json.loads((EXAMPLES / "ecs/bluegreen.flags-on.template.json").read_text())
        service, = (r for r in template["Resources"].values() if r["Type"] == "AWS::ECS::Service")
        service["Properties"]["DeploymentConfiguration"]["LifecycleHooks"] = [
            {"HookTargetArn": "arn:x", "RoleArn": "arn:y", "LifecycleStages": ["POST_SCALE_UP"]}]
        path = self.write("hooks.json", json.dumps(template))
        self.assertIn("--hooks", " ".join(self.time(CLEAN, path)["notes"]))
        self.assertNotIn("--hooks", " ".join(self.time(CLEAN, path, "--hooks=1m")["notes"]))

    def test_a_terraform_plan_has_services_of_ecs_and_kubernetes(self):
        found = self.time(CLEAN, EXAMPLES / "terraform/plan.json", "--service=web")
        self.assertEqual(found["platform"], "ecs")
        found = self.time(CLEAN, EXAMPLES / "terraform/plan.json", "--service=shop")
        self.assertEqual(found["platform"], "kubernetes")

    def test_auto_scaling_of_a_terraform_plan_gives_the_number_of_tasks(self):
        plan = json.loads((EXAMPLES / "terraform/plan.json").read_text())
        values = {"min_capacity": 9, "scalable_dimension": "ecs:service:DesiredCount"}
        target = {"address": "aws_appautoscaling_target.web", "mode": "managed",
                  "type": "aws_appautoscaling_target", "name": "web", "values": values}
        plan["planned_values"]["root_module"]["resources"].append(target)
        expression = {"address": "aws_appautoscaling_target.web", "mode": "managed", "name": "web",
                      "type": "aws_appautoscaling_target",
                      "expressions": {"resource_id": {"references": ["aws_ecs_service.web.name", "aws_ecs_service.web"]}}}

        def desired():
            path = self.write("plan.json", json.dumps(plan, indent=1))
            return self.time(CLEAN, path, "--service=web")["values"]["desired"]

        self.assertEqual(desired()["value"], "4")
        values["resource_id"] = "service/prod/web"
        self.assertEqual((desired()["value"], desired()["source"]), ("9", "document"))
        values["resource_id"] = "service/prod/other"
        self.assertEqual(desired()["value"], "4")
        del values["resource_id"]  # known after apply
        plan["configuration"]["root_module"]["resources"].append(expression)
        self.assertEqual(desired()["value"], "9")
        values["min_capacity"] = 2
        self.assertEqual(desired()["value"], "4")

    def test_options_win_over_the_document(self):
        found = self.time(CLEAN, "--desired=4", EXAMPLES / "ecs/article.flags-on.template.json")
        self.assertEqual(found["values"]["desired"], {"value": "4", "source": "option", "place": None,
                                                      "setting": "desiredCount"})

    def write_ecs(self):
        """A service, its task definition, its target group: a file each, as the AWS CLI prints them."""
        arn = "arn:aws:ecs:eu-west-3:123456789012:task-definition/web:3"
        self.write("service.json", json.dumps({"services": [{
            "serviceName": "web", "desiredCount": 4, "taskDefinition": arn,
            "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100},
            "loadBalancers": [{"targetGroupArn": "arn:tg/1", "containerName": "web"}]}]}))
        task = {"family": "web", "containerDefinitions": [{"name": "web", "stopTimeout": 90}]}
        self.write("described.json", json.dumps({"taskDefinition": {**task, "taskDefinitionArn": arn}}))
        self.write("taskdef.json", json.dumps(task))
        self.write("other/taskdef.json", json.dumps({**task, "family": "worker"}))
        self.write("group.json", json.dumps({"TargetGroups": [{
            "TargetGroupArn": "arn:tg/1", "Protocol": "HTTP", "HealthCheckIntervalSeconds": 7}]}))
        self.write("attributes.json", json.dumps({"Attributes": [
            {"Key": "deregistration_delay.timeout_seconds", "Value": "20"}]}))

    def test_a_service_is_joined_with_its_task_definition_and_target_group_in_other_files(self):
        self.write_ecs()
        for task in ("taskdef.json", "described.json"):
            files = ("attributes.json", task, "service.json", "group.json")
            for order in (files, files[::-1]):
                with self.subTest(order):
                    found = self.time(CLEAN, *order)
                    places = {name: found["values"][name]["place"]["file"] for name in (
                        "desired", "stop-timeout", "health-interval", "deregistration-delay")}
                    self.assertEqual(list(places.values()), ["service.json", task, "group.json", "attributes.json"])
                    self.assertEqual([found["values"][name]["value"] for name in places], ["4", "1m30s", "7s", "20s"])
        self.assertRegex(self.page(CLEAN, *files), r"(?m)^  described\.json: stop-timeout 1m30s \(line 1\)\.$")

    def test_a_service_that_fits_no_file_or_two_is_refused_in_one_line(self):
        self.write_ecs()
        self.write("again.json", (self.directory / "taskdef.json").read_text())
        for files, words in (
                (["other/taskdef.json"], "'web:3', and no file has it: worker (other/taskdef.json)"),
                (["taskdef.json", "again.json"], "'web:3', and several fit: web (taskdef.json), web (again.json)"),
                (["attributes.json"], "attributes.json: attributes do not name their target group")):
            for arguments in (files, ["--json", *files], ["--service=web", *files]):
                with self.subTest(arguments):
                    self.assertEqual(self.run_plan(USAGE, "time", "service.json", *arguments), "")
                    self.assertIn(words, self.errors)
                    self.assertEqual(self.errors.count("\n"), 1)
        self.run_plan(USAGE, "time", "service.json", self.write("package.json", '{"name": "web"}'))
        self.assertIn("package.json: no service, and no workload with a rollout;", self.errors)

    def test_standard_input_is_a_document(self):
        text = (EXAMPLES / "ecs/article.flags-on.template.json").read_text()
        self.assertEqual(self.time(CLEAN, "-", stdin=text)["upper"]["complete_s"], 40 + 20 + 30 + 10)

    def test_a_folder_is_searched(self):
        self.write("out/Stack.template.json", (EXAMPLES / "ecs/article.flags-on.template.json").read_text())
        self.write("out/asset.txt", "no document")
        self.assertEqual(self.time(CLEAN, self.directory / "out")["tasks"], 10)

    def test_linear_out_of_a_template(self):
        found = self.time(CLEAN, EXAMPLES / "ecs/bluegreen.flags-on.template.json")
        self.assertEqual(found["values"]["strategy"]["value"], "linear")
        self.assertEqual(found["values"]["step"]["value"], "25%")
        bakes = 3 * 120 + 5 * 60
        task = found["task"]
        self.assertEqual(found["upper"]["complete_s"], sum(task.values()) + bakes)

    def test_a_terraform_plan_has_the_steps_of_a_shift(self):
        def plan(strategy, **block):
            values = {"name": "web", "desired_count": 2, "deployment_configuration": [
                {"strategy": strategy, "bake_time_in_minutes": "7", **block}]}
            return self.write("plan.json", json.dumps({"format_version": "1.2", "planned_values": {"root_module": {
                "resources": [{"address": "aws_ecs_service.web", "mode": "managed", "type": "aws_ecs_service",
                               "name": "web", "values": values}]}}}))
        found = self.time(CLEAN, plan("LINEAR", linear_configuration=[
            {"step_percent": 20, "step_bake_time_in_minutes": "3"}]))["values"]
        self.assertEqual([found[name]["value"] for name in ("strategy", "step", "step-bake", "bake")],
                         ["linear", "20%", "3m", "7m"])
        found = self.time(CLEAN, plan("CANARY", canary_configuration=[
            {"canary_percent": 2.5, "canary_bake_time_in_minutes": "4"}]))["values"]
        self.assertEqual([found[name]["value"] for name in ("strategy", "canary", "canary-bake")],
                         ["canary", "2.5%", "4m"])

    def test_one_of_several_workloads_is_chosen(self):
        path = self.write("all.yaml", """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 4, template: {spec: {terminationGracePeriodSeconds: 60, containers: [{name: c, image: i}]}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec: {replicas: 3, template: {spec: {containers: [{name: c, image: i}]}}}
""")
        self.run_plan(USAGE, "time", "--json", path)
        self.assertIn("web, db", self.errors)
        page = self.page(CLEAN, path)
        self.assertRegex(page, r"(?s)takes .* service\n  \d.* web\n  \d.* db\n.*\ndb: the deployment takes ")
        self.assertEqual(self.time(CLEAN, path, "--service=StatefulSet/db")["name"], "db")
        self.run_plan(USAGE, "time", path, "--service=no")
        found = self.time(CLEAN, path, "--service=db")
        self.assertEqual((found["platform"], found["values"]["kind"]["value"]), ("kubernetes", "stateful-set"))
        self.assertEqual(self.time(CLEAN, path, "--service=web")["task"]["stop_s"], 60)

    def test_lastcall_is_not_proposed_where_it_runs(self):
        compose = self.write("compose.yaml", """
services:
  shop:
    image: shop
    stop_grace_period: 60s
    environment: {LASTCALL_STOP_TIMEOUT: 60s}
""")
        for path in (SOURCE / "examples/ecs-cdk/cdk.out", SOURCE / "examples/kubernetes/shop.yaml", compose):
            with self.subTest(path):
                found = self.time(CLEAN, path)
                self.assertEqual(found["values"]["stop"], found["values"]["stop"] | {"value": "10s", "source": "assumed"})
                self.assertNotIn("stop", [lever["input"] for lever in found["levers"]])
        found = self.time(CLEAN, EXAMPLES / "ecs/defaults.flags-on.template.json")
        self.assertIn("stop", [lever["input"] for lever in found["levers"]])
        for document in ("family: web\ncontainerDefinitions: [{name: web, entryPoint: [lastcall, --]}, {name: agent}]\n",
                         "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {strategy: {type: Recreate}, "
                         "template: {spec: {containers: [{name: a, image: i, command: [lastcall, --]}, {name: b, image: i}]}}}\n"):
            levers = self.time(CLEAN, self.write("partly.yaml", document))["levers"]
            self.assertEqual([lever["cost"] for lever in levers if lever["input"] == "stop"],
                             ["in the containers that lastcall does not run"])

    def test_services_of_the_cdk_have_their_paths(self):
        template = json.loads((EXAMPLES / "ecs/article.flags-on.template.json").read_text())
        service, = (r for r in template["Resources"].values() if r["Type"] == "AWS::ECS::Service")
        other = json.loads(json.dumps(service))
        other["Metadata"]["aws:cdk:path"] = "Article/Other/Service"
        other["Properties"]["DesiredCount"] = 1
        other["Properties"]["DeploymentConfiguration"].update(MinimumHealthyPercent=100, MaximumPercent=134)
        template["Resources"]["Other"] = other
        path = self.write("two.template.json", json.dumps(template))
        page = self.page(FOUND, path)
        self.assertRegex(page, r"(?m)^  \d.* Article/Service/Service/Service$")
        self.assertRegex(page, r"(?m)^  stuck +Article/Other/Service$")
        for name in ("Other", "Article/Other/Service"):
            self.assertIn("Article/Other/Service: stuck", self.page(FOUND, path, f"--service={name}"))

    def test_a_name_of_several_is_refused(self):
        for name in ("a", "b"):
            self.write(f"folder/{name}.yaml", "services:\n  web: {image: i}\n")
        self.run_plan(USAGE, "time", "folder", "--service=web")
        self.assertIn("name of several; give the file of one: web (folder/a.yaml), web (folder/b.yaml)", self.errors)
        self.assertRegex(self.page(CLEAN, "folder"), r"(?m) web \(folder/b.yaml\)$")

    def test_an_autoscaler_gives_the_number_of_pods_and_a_probe_holds_them_back(self):
        pods = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {minReplicas: 8, maxReplicas: 20, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: c, image: i%s}]}}}
"""
        for probe, ready_s in (("", 10), (", readinessProbe: {periodSeconds: 4}", 22),
                               (", startupProbe: {initialDelaySeconds: 15}", 25)):
            with self.subTest(probe):
                path = self.write("web.yaml", pods % probe)
                found = self.time(CLEAN, path, "--pull=10s", "--boot=10s")
                self.assertEqual((found["tasks"], found["values"]["desired"]["place"]["line"]), (8, 5))
                self.assertEqual(found["task"]["start_s"] + found["task"]["healthy_s"], ready_s)
                self.assertEqual(any("without a readiness probe" in note for note in found["notes"]), not probe)

    def test_a_pod_is_ready_when_its_slowest_container_is(self):
        """The readiness probe is asked when the startup probe has succeeded."""
        pods = ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
                "spec: {template: {spec: {containers: [{name: a, image: i%s}, {name: b, image: i%s}]}}}\n")
        fast, slow = ", readinessProbe: {periodSeconds: 1}", ", readinessProbe: {periodSeconds: 9, initialDelaySeconds: 8}"
        for a, b, ready_s in ((fast, "", 12), (fast, slow, 17), (slow, fast, 17), (slow, "", 17),
                              (fast + ", startupProbe: {periodSeconds: 10}", "", 20),
                              (fast, ", startupProbe: {initialDelaySeconds: 5}", 15),
                              (", readinessProbe: {initialDelaySeconds: 40}, startupProbe: {}", "", 40)):
            found = self.time(CLEAN, self.write("web.yaml", pods % (a, b)), "--pull=0s", "--boot=12s")
            self.assertEqual(found["task"]["start_s"] + found["task"]["healthy_s"], ready_s, (a, b))

    def test_without_room_for_one_task_more_nothing_is_rebalanced(self):
        for most, value in ((100, "off"), (101, "on")):
            found = self.time(CLEAN, "--desired=2", "--min=50", f"--max={most}", "--load-balancer=off")
            self.assertEqual(found["values"]["az-rebalancing"]["value"], value)
            self.assertEqual("rebalancing" in " ".join(found["notes"]), value == "on")

    def test_a_check_that_there_is_is_proposed_more_often(self):
        task = "family: web\ncontainerDefinitions: [{name: web%s}]\n"
        service = "---\nserviceName: web\ntaskDefinition: web\n"
        for check, what in (("", "let ECS check"), (", healthCheck: {command: [CMD, ok]}", "more often")):
            levers = self.time(CLEAN, self.write("web.yaml", task % check + service))["levers"]
            self.assertTrue([lever for lever in levers if what in lever["what"]], check)

    def test_containers_that_depend_on_each_other_stop_one_after_the_other(self):
        task = ("family: web\nrequiresCompatibilities: [%s]\ncontainerDefinitions:\n"
                "- {name: setup, stopTimeout: 100}\n- {name: proxy, stopTimeout: 40}\n"
                "- {name: web, dependsOn: [{containerName: setup, condition: %s}, {containerName: proxy}]}\n")
        for condition, stop in (("SUCCESS", 70), ("START", 130)):
            found = self.time(CLEAN, self.write("task.yaml", task % ("FARGATE", condition)))
            self.assertEqual(found["task"]["stop_s"], stop)
        found = self.time(CLEAN, self.write("task.yaml", task % ("EXTERNAL", "SUCCESS")))
        self.assertEqual(found["upper"]["complete_s"], 40 + 40 + 70)  # it is in no target group
        self.assertEqual(found["values"]["az-rebalancing"]["value"], "off")

    def test_auto_scaling_of_a_template_gives_the_number_of_tasks(self):
        template = """Resources:
  Web: {Type: "AWS::ECS::Service", Properties: {ServiceName: shop%s}}
  Scaling:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties: {ScalableDimension: "ecs:service:DesiredCount", MinCapacity: 6, ResourceId: %s}
"""
        for resource in ('{"Fn::Join": ["", ["service/", !Ref C, /, !GetAtt Web.Name]]}', "!Sub 'service/${C}/${Web.Name}'",
                         "service/cluster/shop"):
            for desired, tasks in (("", 6), (", DesiredCount: 2", 6), (", DesiredCount: 8", 8)):
                found = self.time(CLEAN, self.write("t.yaml", template % (desired, resource)))
                self.assertEqual((found["tasks"], found["values"]["desired"]["source"]), (tasks, "document"))
        found = self.time(CLEAN, self.write("t.yaml", template % ("", "service/cluster/other")))
        self.assertEqual(found["tasks"], 1)

    def test_a_patch_has_no_defaults(self):
        path = self.write("patch.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
                          "spec: {replicas: 5, template: {spec: {containers: [{name: c}]}}}\n")
        note = " ".join(self.time(CLEAN, path)["notes"])
        self.assertIn("give --stop-timeout, --health-interval, --max-surge, --max-unavailable, --pre-stop", note)

    def test_a_check_of_the_start_period_counts(self):
        """Docker's own start interval is 5 s. A boot that outlasts the period waits for the ordinary interval."""
        text = "services: {web: {image: i, healthcheck: {test: [CMD, ok], interval: 90s%s}}}\n"
        for more, options, healthy in (
                ("", [], 78), (", start_period: 30s", [], 3), (", start_interval: 4s", [], 78),
                (", start_period: 30s, start_interval: 8s", [], 4), (", start_period: 9s", [], 88),
                (", start_period: $P", [], 78), (", start_period: 30s", ["--health-interval=20s"], 8)):
            path = self.write("compose.yaml", text % more)
            found = self.time(CLEAN, path, "--pull=1s", "--boot=12s", *options)
            self.assertEqual(found["task"]["healthy_s"], healthy, more)
            self.assertEqual("start_period" in " ".join(found["notes"]), healthy in (3, 4, 88))

    def test_pods_of_other_ways_to_update_are_not_told_wrong(self):
        pods = ("apiVersion: {}\nkind: {}\nmetadata: {{{}}}\n"
                "spec: {{replicas: 2, {}template: {{spec: {{containers: [{{name: c, image: i}}]}}}}}}\n")
        job = self.time(CLEAN, self.write("job.yaml", pods.format("batch/v1", "Job", "generateName: load-", "")))
        self.assertEqual(job["name"], "load-")
        self.assertNotIn("readiness", " ".join(job["notes"]))
        for kind in ("StatefulSet", "DaemonSet"):
            path = self.write("set.yaml", pods.format("apps/v1", kind, "name: a", "updateStrategy: {type: OnDelete}, "))
            self.assertIn("OnDelete", " ".join(self.time(CLEAN, path)["notes"]))

    def test_an_autoscaler_may_be_in_another_file(self):
        scaler = ("apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web{1}}}\n"
                  "spec:\n  scaleTargetRef: {{kind: Deployment, name: web}}\n  minReplicas: {0}\n")
        web = ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
               "spec: {template: {spec: {containers: [{name: c, image: i}]}}}\n")
        self.write("base/web.yaml", web)
        self.write("hpa.yaml", scaler.format(4, ""))
        desired = self.time(CLEAN, ".")["values"]["desired"]
        self.assertEqual((desired["value"], desired["place"]["file"], desired["place"]["line"]), ("4", "hpa.yaml", 6))
        self.write("base/hpa.yaml", scaler.format(8, ""))  # the nearest counts
        self.assertEqual(self.time(CLEAN, "base/web.yaml", "hpa.yaml", "base/hpa.yaml")["tasks"], 8)
        self.write("base/too.yaml", scaler.format(9, ""))  # two that are as near as each other
        self.assertIn("give --desired", " ".join(self.time(CLEAN, ".")["notes"]))
        self.write("base/web.yaml", web.replace("name: web}", "name: web, namespace: shop}", 1))
        self.write("base/too.yaml", scaler.format(9, ", namespace: staging"))
        self.assertEqual(self.time(CLEAN, ".")["tasks"], 8)

    def test_what_only_the_deployment_knows_is_no_default(self):
        path = self.write("web.yaml", """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: '${REPLICAS}', strategy: {rollingUpdate: {maxSurge: '${SURGE}'}},
       template: {spec: {containers: [{name: c, image: i}]}}}
""")
        self.assertIn("give --desired, --max-surge", " ".join(self.time(CLEAN, path)["notes"]))
        path = self.write("compose.yaml", "services: {web: {image: i, deploy: {mode: global}}}\n")
        self.assertIn("give --desired", " ".join(self.time(CLEAN, path)["notes"]))
        for grace in ("${GRACE}", "90", "99999999999999h"):
            path = self.write("compose.yaml", f"services: {{web: {{image: i, stop_grace_period: '{grace}'}}}}\n")
            self.assertIn("give --stop-timeout", " ".join(self.time(CLEAN, path)["notes"]))

    def test_of_a_template_one_case_is_computed(self):
        """Not the tasks of one environment with the settings of the parameter's default."""
        template = self.write("template.yaml", """Parameters: {Env: {Type: String, Default: dev}}
Mappings: {Sizes: {dev: {Max: 200}, prod: {Max: 150}}}
Conditions: {Prod: !Equals [!Ref Env, prod]}
Resources:
  Web:
    Type: AWS::ECS::Service
    Properties:
      DesiredCount: !If [Prod, 6, 1]
      DeploymentConfiguration: {MaximumPercent: !FindInMap [Sizes, !Ref Env, Max]}
""")
        found = self.time(CLEAN, template)
        self.assertEqual((found["tasks"], found["values"]["max"]["value"]), (6, "150%"))
        self.assertIn("in which Prod is true", " ".join(found["notes"]))

    def test_what_only_ecs_does_is_not_proposed_to_another_controller(self):
        service = ("serviceName: web\ntaskDefinition: web\ndesiredCount: 4\n"
                   "deploymentConfiguration: {maximumPercent: 150}\ndeploymentController: {type: %s}\n")
        for controller, is_by_ecs in (("ECS", True), ("CODE_DEPLOY", False), ("EXTERNAL", False)):
            with self.subTest(controller):
                path = self.write("service.yaml", service % controller)
                found = self.time(CLEAN, path)
                proposed = " ".join(lever["what"] for lever in found["levers"])
                self.assertEqual("complete when" in proposed, is_by_ecs)
                self.assertEqual("in one wave" in proposed, is_by_ecs)
                self.assertEqual(found["circuit_breaker"] is not None, is_by_ecs)
                self.assertEqual(found["values"]["load-balancer"]["value"], "off" if is_by_ecs else "on")
                self.assertEqual("external controller" not in " ".join(found["notes"]), is_by_ecs)
                self.assertEqual("No circuit breaker" in self.run_plan(CLEAN, "time", path), is_by_ecs)
                path = self.write("service.yaml", service.replace("150", "100") % controller)
                self.assertEqual(self.time(FOUND if is_by_ecs else CLEAN, path)["stuck"], is_by_ecs)

    def test_a_compose_file_is_for_swarm(self):
        path = self.write("stack.yaml", """
services:
  web:
    image: i
    stop_grace_period: 20s
    deploy: {replicas: 6, update_config: {parallelism: 2, order: start-first, delay: 5s}}
""")
        found = self.time(CLEAN, path)
        self.assertEqual((found["platform"], found["tasks"], found["batch"]), ("swarm", 6, 2))
        self.assertEqual(found["values"]["stop-timeout"]["value"], "20s")
        self.run_plan(USAGE, "time", path, "--platform=ecs")
        self.assertIn("does not fit", self.errors)

    def test_a_file_for_compose_is_not_taken_for_one_of_swarm(self):
        """Its durations may have days, and a note says that there is no rolling update."""
        for more, timeout in ((", build: .", "24h"), ("", "10s")):
            path = self.write("compose.yaml", "services: {web: {image: i, stop_grace_period: 1d%s}}\n" % more)
            found = self.time(CLEAN, path)
            self.assertEqual("docker compose up" in " ".join(found["notes"]), bool(more))
            self.assertEqual(found["values"]["stop-timeout"]["value"], timeout)

    def test_an_included_compose_file_is_read_once(self):
        path = self.write("compose.yaml", "include: [more/db.yaml]\nservices: {web: {image: i}}\n")
        self.write("more/db.yaml", "services: {db: {image: i, stop_grace_period: 40s}}\n")
        self.assertEqual(self.time(CLEAN, path, "--service=db")["values"]["stop-timeout"]["value"], "40s")
        self.assertEqual(self.time(CLEAN, self.directory, "--service=db")["values"]["stop-timeout"]["value"], "40s")

    def test_a_health_check_that_is_off_holds_no_task_back(self):
        for check, interval in (("{test: [CMD, true], interval: 20s}", "20s"), ("{test: [CMD, true]}", "30s"),
                                ("{test: [NONE], interval: 20s}", "0s"),
                                ("{test: [CMD, true], interval: 20s, disable: true}", "0s")):
            with self.subTest(check):
                path = self.write("stack.yaml", f"services: {{web: {{image: i, healthcheck: {check}}}}}\n")
                self.assertEqual(self.time(CLEAN, path)["values"]["health-interval"]["value"], interval)

    def test_reports_give_the_stop_time(self):
        other = REPORT.replace("28000", "8000")
        self.assertNotEqual(other, REPORT)
        log = self.write("log", f"noise\n{REPORT}\nweb-1 | {other}\n")
        found = self.time(CLEAN, f"--reports={log}")
        self.assertEqual((found["task"]["stop_s"], found["measured"]), (28, {"stops": 2, "percentile": 99}))
        self.assertEqual(found["values"]["stop"]["source"], "measured")
        self.assertEqual(self.time(CLEAN, f"--reports={log}", "--percentile=50")["task"]["stop_s"], 8)
        self.run_plan(USAGE, "time", f"--reports={self.write('empty', 'nothing')}")

    def test_the_longest_request_decides_which_delay_is_proposed(self):
        log = self.write("log", REPORT)
        for shape, seconds in ((["--desired=2"], "30"), (["--desired=2", f"--reports={log}"], "38")):
            lever, = (x for x in self.time(CLEAN, *shape)["levers"] if x["input"] == "deregistration-delay")
            self.assertEqual(lever["setting"], f"deregistration_delay.timeout_seconds = {seconds}")

    def test_a_network_load_balancer_is_proposed_no_delay_below_two_minutes(self):
        log = self.write("log", REPORT)
        for protocol, delay in (("TCP", "120"), ("TLS", "120"), ("HTTP", "38")):
            template = self.write("lb.yaml", (
                "Resources:\n  S:\n    Type: AWS::ECS::Service\n    Properties:\n      DesiredCount: 2\n"
                "      LoadBalancers: [{ContainerName: web, ContainerPort: 80, TargetGroupArn: !Ref G}]\n"
                "  G:\n    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
                f"    Properties: {{Protocol: {protocol}, Port: 80, TargetType: ip}}\n"))
            with self.subTest(protocol):
                levers = self.time(CLEAN, template, f"--reports={log}")["levers"]
                self.assertEqual([x["then"] for x in levers if x["input"] == "deregistration-delay"],
                                 ["2m" if delay == "120" else "38s"])
                self.assertIn(f'"Value": "{delay}"', json.dumps(levers).replace('\\"', '"'))

    def test_what_only_the_deployment_knows_is_assumed(self):
        template = json.loads((EXAMPLES / "ecs/article.flags-on.template.json").read_text())
        service, = (r for r in template["Resources"].values() if r["Type"] == "AWS::ECS::Service")
        service["Properties"]["DesiredCount"] = {"Fn::ImportValue": "count"}
        found = self.time(CLEAN, self.write("import.json", json.dumps(template)))
        self.assertEqual(found["values"]["desired"]["source"], "assumed")
        self.assertIn("--desired", found["notes"][0])

    def test_settings_are_spelled_as_the_document_does(self):
        def settings(*arguments):
            return " ".join(lever["setting"] for lever in self.time(CLEAN, *arguments)["levers"])

        self.assertIn('"earlySuccessCriteria"', settings("--desired=2"))
        self.assertIn('"EarlySuccessCriteria"', settings(EXAMPLES / "ecs/article.flags-on.template.json"))
        self.assertIn("deployment_maximum_percent = 200", settings(
            EXAMPLES / "terraform/plan.json", "--service=web"))
        page = " ".join(self.page(CLEAN, EXAMPLES / "terraform/plan.json", "--service=web", "--breaker=on").split())
        self.assertIn("Set deployment_circuit_breaker { enable = true, rollback = true }.", page)
        self.assertNotIn('"earlySuccessCriteria"', page)
        self.assertIn('"MinimumHealthyPercent": ', self.page(
            FOUND, EXAMPLES / "ecs/article.flags-on.template.json", "--desired=1", "--min=100", "--max=134"))

    def test_a_drill_gives_the_stop_time_too(self):
        drill = {"schema": "lastcall.drill/1", "runs": [{"numbers": {"stop_wall_s": s}} for s in (1.5, 2.5, None)]}
        path = self.write("drill.json", json.dumps(drill))
        self.assertEqual(self.time(CLEAN, f"--reports={path}")["task"]["stop_s"], 2.5)

    def test_past_deployments_stand_beside_the_prediction(self):
        path = self.write("past.json", json.dumps({"serviceDeployments": [
            {"serviceDeploymentArn": "arn:aws:ecs:eu-west-1:1:service-deployment/c/web/abc", "status": "SUCCESSFUL",
             "startedAt": "2026-11-28T10:00:00.000000+01:00", "finishedAt": "2026-11-28T09:06:55Z",
             "lifecycleStage": "CLEAN_UP"},
            {"status": "IN_PROGRESS", "startedAt": 1795885200.5, "lifecycleStage": "A_STAGE_TO_COME"}]}))
        found = self.time(CLEAN, "--desired=10", f"--deployments={path}")["deployments"]
        self.assertEqual(found[0], {"id": "abc", "status": "SUCCESSFUL", "stage": "CLEAN_UP", "took_s": 415})
        self.assertEqual((found[1]["took_s"], found[1]["stage"]), (None, "A_STAGE_TO_COME"))
        page = self.page(CLEAN, "--desired=10", f"--deployments={path}")
        self.assertIn("6m55s", page)
        self.run_plan(USAGE, "time", f"--deployments={self.write('bad', '{')}")
        self.assertIn("bad:1", self.errors)
        for other in ("{}", "[]", '{"serviceDeployments": {}}', '{"serviceDeployments": ["arn:aws:ecs"]}'):
            with self.subTest(other):
                self.run_plan(USAGE, "time", f"--deployments={self.write('other', other)}")
                self.assertIn("has no serviceDeployments", self.errors)

    def test_lastcall_is_not_proposed_where_it_reports(self):
        log = self.write("log", REPORT)
        drill = self.write("drill", json.dumps(
            {"schema": "lastcall.drill/1", "runs": [{"numbers": {"stop_wall_s": 28}}]}))
        for path, is_proposed in ((log, False), (drill, True)):
            levers = self.time(CLEAN, "--desired=10", f"--reports={path}")["levers"]
            self.assertEqual("stop" in [lever["input"] for lever in levers], is_proposed)

    def test_fargate_s_rate_is_told_in_time(self):
        notes = " ".join(self.time(CLEAN, "--desired=10000")["notes"])
        self.assertIn("a wave takes up to 8m15s longer", notes)

    def test_a_deadline_counts_with_and_without_an_overlap(self):
        for kind in ("deployment", "recreate"):
            for boot, is_late in (("50s", False), ("51s", True)):
                with self.subTest(kind=kind, boot=boot):
                    notes = self.time(CLEAN, "--platform=kubernetes", f"--kind={kind}", "--progress-deadline=60s",
                                      f"--boot={boot}", "--health-interval=1s")["notes"]
                    self.assertEqual(any("progressDeadlineSeconds" in note for note in notes), is_late)

    def test_a_duration_that_is_too_long_is_answered_with_the_longest(self):
        for option, longest in (("--pull=9000h", "8784h at most"), ("--bake=1441m", "24h at most")):
            self.run_plan(USAGE, "time", option)
            self.assertIn(longest, self.errors)

    def test_bad_input_is_one_line_and_2(self):
        for arguments in (["--desired=-1"], ["--desired=x"], ["--min=101"], ["--stop=5"], ["--strategy=fast"],
                          ["--step=33.33"], ["--bake=2000m"], ["--max-surge=1"], ["--parallelism=1"],
                          ["--nothing"], ["a", "b"], ["no-such-file"], ["--platform=nomad"], ["--service=a"],
                          ["--platform=kubernetes", "--min=10"], ["--step=10"]):
            with self.subTest(arguments=arguments):
                self.run_plan(USAGE, "time", *arguments)
                self.assertEqual(self.errors.count("\n"), 1)
                self.assertTrue(self.errors.startswith("lastcall-plan: error: time: "), self.errors)
        self.run_plan(USAGE, "time", self.write("broken.json", '{"Resources": '))
        self.assertRegex(self.errors, r"broken\.json:1:\d+: ")


class Shows(TimeCase):
    SHAPES = (["--desired=10"], ["--desired=100", "--min=90", "--max=110"], ["--max=134"],
              ["--strategy=linear", "--desired=3"], ["--strategy=express"], ["--boot=90s", "--desired=3"],
              ["--platform=kubernetes", "--desired=9"], ["--platform=kubernetes", "--kind=job"],
              ["--platform=swarm", "--desired=12"], ["--desired=200", "--min=99", "--max=101", "--breaker=on"], ["--desired=0"])

    def test_the_first_line_is_the_answer_and_lines_fit(self):
        for shape in self.SHAPES:
            with self.subTest(shape=shape):
                page = self.page(FOUND if shape == ["--max=134"] else CLEAN, *shape)
                first = page.splitlines()[0]
                self.assertRegex(first, r"^(the deployment takes \d|stuck: )")
                for line in page.splitlines():
                    self.assertLessEqual(len(line), 80, line)
                    self.assertNotIn("\033", line)

    def test_the_page_is_plain_where_there_is_no_unicode(self):
        self.page(CLEAN, "--desired=10", LANG="en_US.ISO-8859-1", LC_ALL="", LC_CTYPE="").encode("ascii")

    def test_what_is_assumed_is_marked(self):
        self.assertRegex(self.page(CLEAN, "--desired=2"), r"assumed \(.*\): pull 30s, boot 10s")

    def test_pictures_are_whole(self):
        for shape in self.SHAPES:
            if shape == ["--max=134"]:
                continue
            with self.subTest(shape=shape):
                self.run_plan(CLEAN, "time", *shape, "--svg=a.svg", "--png=a.png")
                svg = (self.directory / "a.svg").read_text()
                root = xml.etree.ElementTree.fromstring(svg)
                self.assertIn("prefers-color-scheme:dark", svg)
                self.assertEqual(root.get("role"), "img")
                width, height = float(root.get("width")), float(root.get("height"))
                for rect in root.iter("{http://www.w3.org/2000/svg}rect"):
                    self.assertGreaterEqual(float(rect.get("x")), 0)
                    self.assertLessEqual(float(rect.get("x")) + float(rect.get("width")), width + 1)
                    self.assertLessEqual(float(rect.get("y")) + float(rect.get("height")), height + 1)
                self.assertEqual((self.directory / "a.png").read_bytes()[:8], b"\x89PNG\r\n\x1a\n")

    def test_only_an_image_needs_cairo(self):
        self.write("libraries/libcairo.so.2", "no library")
        with unittest.mock.patch.dict(os.environ, LD_LIBRARY_PATH=str(self.directory / "libraries")):
            self.run_plan(CLEAN, "time", "--svg=a.svg")
            self.run_plan(USAGE, "time", "--png=a.png")
        self.assertIn("'a.png': a PNG image needs cairo, and libcairo.so.2 cannot be loaded", self.errors)
        self.assertFalse((self.directory / "a.png").exists())

    def test_a_picture_may_go_to_standard_output(self):
        self.assertTrue(self.run_plan(CLEAN, "time", "--svg=-").startswith("<svg "))

    def test_help_fits_and_names_every_value(self):
        for command in ([], ["lint"], ["init"], ["explain"], ["time"]):
            page = self.run_plan(CLEAN, *command, "--help")
            self.assertLessEqual(max(map(len, page.splitlines())), 80)
            self.assertTrue(page.startswith(" ".join(["Usage: lastcall-plan", *command])))
        named = set(re.findall(r"^ {6}--([a-z-]+)", page, re.M))
        for platform in ("ecs", "kubernetes", "swarm"):
            self.assertLessEqual(set(self.time(CLEAN, f"--platform={platform}")["values"]), named)


if __name__ == "__main__":
    unittest.main()
