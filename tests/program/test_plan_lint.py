# SPDX-License-Identifier: MIT
"""lastcall-plan lint: every rule on its own pair, real templates without a false finding, all kinds of bad
input, and the formats that other programs read."""

import json
import pathlib
import re
import shutil
import subprocess

import harness
from closed_schema import closed
from plan_case import CLEAN, EXAMPLES, FOUND, REPORT, SOURCE, USAGE, PlanCase

TASK = "family: web\nrequiresCompatibilities: [FARGATE]\ncontainerDefinitions:\n  - name: web\n"
BAD_TASK = TASK + "    stopTimeout: 300\n"


class Rules(PlanCase):
    def setUp(self):
        super().setUp()
        self.rules = json.loads(self.run_plan(CLEAN, "explain", "--json"))
        self.report = self.write("report.log", REPORT)

    def pair_findings(self, rule, which):
        path = self.write(f"{rule['id']}/{which}/{rule['file']}", rule[which])
        options = rule.get("options", "").replace("REPORTS", str(self.report)).split()
        return self.lint(None, *options, path)

    def test_every_rule_finds_its_bad_example_and_nothing_in_the_good_one(self):
        self.assertGreater(len(self.rules), 70)
        for rule in self.rules:
            with self.subTest(rule["id"]):
                bad = [finding for finding in self.pair_findings(rule, "bad") if finding["rule"] == rule["id"]]
                self.assertTrue(bad)
                self.assertEqual(max(bad, key=lambda finding: ("note", "warning", "error").index(
                    finding["severity"]))["severity"], rule["severity"])
                for finding in self.pair_findings(rule, "good"):
                    self.assertNotEqual(finding["rule"], rule["id"], finding["message"])
                    self.assertEqual(finding["severity"], "note", finding["message"])

    def test_ids_are_unique_and_explained(self):
        ids = [rule["id"] for rule in self.rules]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertEqual(ids, sorted(ids))
        for rule in self.rules:
            page = self.run_plan(CLEAN, "explain", rule["id"].lower())
            for part in ("title", "effect", "fix", "source"):
                self.assertIn(" ".join(rule[part].split()), " ".join(page.split()))
            for line in page.partition("\nBad:")[0].splitlines():
                self.assertLessEqual(len(line), 80, rule["id"])
        self.run_plan(USAGE, "explain", "LC999")
        self.assertIn("LC999", self.errors)

    def test_every_finding_of_a_known_file_has_a_place(self):
        for finding in self.lint(FOUND, EXAMPLES / "ecs/cfn.bad-values.json"):
            line = (EXAMPLES / "ecs/cfn.bad-values.json").read_text().splitlines()[finding["line"] - 1]
            self.assertRegex(line[finding["column"] - 1:], r'^[\[{"\dtf]', finding)
            self.assertTrue(finding["path"].startswith("/Resources/"))
            self.assertTrue(finding["resource"].startswith("Article/"))


class Templates(PlanCase):
    def warnings(self, name):
        findings = self.lint(CLEAN, EXAMPLES / "ecs" / name)
        return sorted((finding["rule"], finding["resource"]) for finding in findings
                      if finding["severity"] != "note")

    def test_templates_of_the_cdk_have_no_error_and_these_warnings(self):
        golden = json.loads((EXAMPLES / "ecs/warnings.json").read_text())
        for name, expected in golden.items():
            with self.subTest(name):
                self.assertEqual(self.warnings(name), sorted(map(tuple, expected)))
        self.assertEqual(set(golden), {path.name for path in (EXAMPLES / "ecs").glob("*.template.json")})

    def test_planted_mistakes_are_found(self):
        found = self.found(EXAMPLES / "ecs/cfn.bad-values.json")
        for rule in ("LC101", "LC107", "LC112", "LC113", "LC201", "LC213", "LC303", "LC304"):
            self.assertIn(rule, found)

    def test_task_definition_that_is_right_is_clean(self):
        self.assertEqual(self.found(EXAMPLES / "ecs/taskdef.register.json"), [])

    def test_short_tags_are_read(self):
        self.assertEqual(self.found(EXAMPLES / "ecs/cfn.short-tags.yml"), ["LC306", "LC304"])

    def test_both_branches_of_a_condition_are_checked(self):
        template = self.write("template.yaml", """
Parameters: {Env: {Type: String}}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  Test: !Not [!Condition Prod]
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions:
        - Name: web
          EntryPoint: [lastcall, --]
          Environment: [{Name: LASTCALL_STOP_TIMEOUT, Value: !If [Prod, 60s, 20s]}]
          StopTimeout: !If [Test, 20, 300]
""")
        findings = self.lint(FOUND, template)
        self.assertEqual([finding["rule"] for finding in findings], ["LC101"])  # no 60 s with 20
        self.assertIn("(where Prod is true)", findings[0]["message"])
        self.assertEqual(template.read_text().splitlines()[findings[0]["line"] - 1][findings[0]["column"] - 1:],
                         "300]")

    def test_conditions_are_told_as_they_are(self):
        """The negation of a comparison, and no case in which a parameter equals two texts."""
        template = self.write("template.yaml", """
Parameters: {Env: {Type: String, Default: dev}}
Conditions:
  Prod: !Equals [prod, !Ref Env]
  Live: !Not [!Equals [!Ref Env, dev]]
Resources:
  Service:
    Type: AWS::ECS::Service
    Properties:
      DesiredCount: !If [Prod, 4, 2]
      DeploymentConfiguration:
        MaximumPercent: !If [Live, 200, 125]
        DeploymentCircuitBreaker: {Enable: !If [Live, true, false], Rollback: !If [Live, true, false]}
""")
        found = {finding["rule"]: finding["message"] for finding in self.lint(FOUND, template)}
        self.assertIn("a desired count of 2 needs at least 2", found["LC201"])
        self.assertIn("(where Prod is false, Live is false)", found["LC201"])
        self.assertTrue(found["LC205"].endswith("(where Prod is false, Live is false)"))

    def test_no_value_is_absent_and_other_functions_are_silent(self):
        template = self.write("template.yaml", """
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions:
        - Name: a
          StopTimeout: !Ref AWS::NoValue
        - Name: b
          StopTimeout: !ImportValue Stop
        - Name: c
          StopTimeout: {"Fn::FindInMap": [A, B, C]}
        - !If [Unknown, {Name: d, StopTimeout: 1}, !Ref "AWS::NoValue"]
""")
        self.assertEqual(sorted(self.found(template)), ["LC003", "LC003", "LC101"])

    def test_service_task_and_target_group_of_the_api_are_joined(self):
        document = self.write("described.json", json.dumps({
            "services": [{"serviceName": "web", "desiredCount": 4, "taskDefinition":
                          "arn:aws:ecs:eu-west-3:123456789012:task-definition/web:3",
                          "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}],
                          "deploymentConfiguration": {"maximumPercent": 110, "minimumHealthyPercent": 90},
                          "loadBalancers": [{"targetGroupArn": "arn:tg/1", "containerName": "web"}]}],
            "taskDefinition": {"family": "web", "taskDefinitionArn":
                               "arn:aws:ecs:eu-west-3:123456789012:task-definition/web:3",
                               "containerDefinitions": [{"name": "web", "essential": False}]},
            "TargetGroups": [{"TargetGroupArn": "arn:tg/1", "HealthCheckIntervalSeconds": 5,
                              "HealthCheckTimeoutSeconds": 30, "Protocol": "HTTP", "HealthCheckPath": "/h"}],
        }))
        found = self.found(document)
        self.assertIn("LC201", found)
        self.assertIn("LC106", found)  # the service's capacity, the task's timeout
        self.assertIn("LC110", found)  # the service's load balancer, the task's container
        self.assertIn("LC304", found)

    def test_parts_in_several_files_are_joined_and_found_in_their_own(self):
        whole = {"service.json": {"serviceName": "web", "desiredCount": 4, "taskDefinition": "web:3",
                                  "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}],
                                  "loadBalancers": [{"targetGroupArn": "arn:tg/1", "containerName": "web"}]},
                 "group.json": {"TargetGroups": [{"TargetGroupArn": "arn:tg/1", "Protocol": "HTTP"}]},
                 "list.json": {"Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "240"}]}}
        for name, document in whole.items():
            self.write(f"web/{name}", json.dumps(document))
        self.write("web/task.yaml", TASK + "    essential: false\n")
        self.write("other/task.yaml", TASK + "    essential: false\n")  # of another environment
        for paths in (["web"], ["."], [f"web/{name}" for name in ("task.yaml", *whole)]):
            with self.subTest(paths):
                found = {(f["rule"], f["file"]): f["fix"] for f in self.lint(None, *paths)}
                self.assertEqual(found["LC110", "web/task.yaml"], "essential: true")
                self.assertIn(("LC106", "web/task.yaml"), found)
                self.assertEqual(found["LC301", "web/list.json"],
                                 '{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}')
                self.assertNotIn(("LC110", "other/task.yaml"), found)
        self.assertNotIn("LC110", self.found("web/task.yaml"))


class Input(PlanCase):
    def error_of(self, name, content):
        findings = self.lint(USAGE, self.write(name, content))
        self.assertEqual(len(findings), 1, findings)
        return findings[0]

    def test_bad_input_is_one_error_with_its_place(self):
        rows = (
            ("truncated.json", '{"containerDefinitions":\n [{"name": "web"', "LC001", 2),
            ("trailing.json", '{"family": "web",}', "LC001", 1),
            ("twice.yaml", "a: 1\nb: 2\na: 3\n", "LC002", 3),
            ("twice.json", '{"a": 1,\n "a": 2}', "LC002", 2),
            ("nul.yaml", b"a: 1\nb: \0\n", "LC001", 2),
            ("latin1.yaml", "a: caf\xe9\n".encode("latin-1"), "LC001", 1),
            ("utf16.yaml", "a: 1\n".encode("utf-16"), "LC001", 1),
            ("deep.yaml", "[" * 5000, "LC001", 1),
            ("deep.json", '{"a":' * 5000, "LC001", 1),
            ("helm.yaml", "kind: Deployment\nreplicas: {{ .Values.replicas }}\n", "LC001", 2),
            ("helm-block.yaml", "{{- if .Values.on }}\nkind: Deployment\n{{- end }}\n", "LC001", 1),
            ("alias.yaml", "a: *nothing\n", "LC001", 1),
            ("tab.yaml", "a:\n\tb: 1\n", "LC001", 2),
        )
        for name, content, rule, line in rows:
            with self.subTest(name):
                finding = self.error_of(name, content)
                self.assertEqual((finding["rule"], finding["line"]), (rule, line), finding)
                self.assertGreaterEqual(finding["column"], 1)

    def test_template_of_helm_is_called_one(self):
        self.assertIn("render it first", self.error_of("a.yaml", "replicas: {{ .Values.replicas }}\n")["message"])

    def test_large_file_is_refused_unless_it_is_allowed(self):
        path = self.write("large.yaml", BAD_TASK + "# " + "x" * 2000)
        self.assertEqual(self.found("--max-size=1k", path), ["LC001"])
        self.assertEqual(self.found("--max-size=1M", path), ["LC101"])

    def test_large_file_of_a_folder_is_skipped_and_named(self):
        self.write("folder/task.yaml", TASK)
        self.write("folder/large.yaml", TASK + "#" * 2000 + "\n")
        page = self.run_plan(CLEAN, "lint", "--max-size=1k", "folder")
        self.assertIn("1 skipped (1 larger than --max-size)", page)
        (self.directory / "folder/task.yaml").unlink()
        self.run_plan(USAGE, "lint", "--max-size=1k", "folder")
        self.assertIn("no deployment in 1 file; some are larger than --max-size", self.errors)

    def test_baseline_that_cannot_be_written_is_named(self):
        self.write("task.yaml", TASK)
        self.run_plan(USAGE, "lint", "--write-baseline=no/file", "task.yaml")
        self.assertIn("cannot write 'no/file': No such file or directory", self.errors)

    def test_aliases_that_multiply_cost_nothing(self):
        levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))
        for first in ("a0: &a0 {x: 1}\n", "a0: &a0 {<<: *a0, x: 1}\n", "a0: &a0 [*a0, *a0]\n"):
            path = self.write("laughs.yaml", first + levels + BAD_TASK)
            self.assertEqual(self.found(path), ["LC101"])

    def test_containers_that_depend_on_each_other_end(self):
        names = [f"c{n}" for n in range(20)]
        containers = [{"Name": name, "StopTimeout": 120, "DependsOn": [
            {"ContainerName": other, "Condition": "START"} for other in names]} for name in names]
        path = self.write("circle.json", json.dumps({"Resources": {
            "Service": {"Type": "AWS::ECS::Service", "Properties": {
                "TaskDefinition": {"Ref": "Task"}, "CapacityProviderStrategy": [{"CapacityProvider": "FARGATE_SPOT"}],
                "DeploymentConfiguration": {"DeploymentCircuitBreaker": {"Enable": True, "Rollback": True}}}},
            "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": containers}}}}))
        self.assertNotIn("LC109", self.found(path))

    def test_included_compose_files_are_checked_once(self):
        base = self.write("compose.yaml", "include: [db.yaml, {path: [web/a.yaml, web/b.yaml]}, 'oci://x', ../c.yaml]\n"
                          "services: {x: {image: i}}\n")
        self.write("db.yaml", "include: [compose.yaml]\nservices: {db: {image: i, stop_grace_period: 500ms}}\n")
        self.write("web/a.yaml", "services: {web: {image: i, environment: {LASTCALL_STOP_TIMEOUT: 20s}}}\n")
        self.write("web/b.yaml", "services: {web: {stop_grace_period: 15s}}\n")
        found = self.lint(FOUND, base)
        self.assertEqual([(finding["rule"], finding["file"].removeprefix(f"{self.directory}/")) for finding in found],
                         [("LC003", "compose.yaml"), ("LC003", "compose.yaml"), ("LC403", "db.yaml"),
                          ("LC401", "web/b.yaml")])
        self.assertIn("killed after 15s", found[3]["message"])
        self.assertEqual(self.found(self.directory).count("LC403"), 1)

    def test_byte_order_mark_is_no_error(self):
        self.assertEqual(self.found(self.write("bom.yaml", "\ufeff" + BAD_TASK)), ["LC101"])
        self.assertEqual(self.found(self.write("bom.json", "\ufeff" + json.dumps(
            {"requiresCompatibilities": ["FARGATE"], "containerDefinitions": [{"name": "a", "stopTimeout": 1}]}))),
            ["LC101"])

    def test_broken_document_does_not_stop_the_next(self):
        path = self.write("two.yaml", "a: [1\n---\n" + BAD_TASK)
        self.assertEqual(self.found(path), ["LC001", "LC101"])

    def test_standard_input_is_read(self):
        self.assertEqual(self.found("-", stdin=BAD_TASK), ["LC101"])
        self.run_plan(USAGE, "lint", "-", stdin="")
        self.assertIn("standard input: no document", self.errors)

    def test_file_that_is_no_document_is_bad_input_by_name_and_skipped_in_a_folder(self):
        path = self.write("folder/package.json", '{"name": "web"}')
        self.run_plan(USAGE, "lint", path)
        self.assertIn("package.json: no document that lint knows", self.errors)
        self.assertEqual(self.errors.count("\n"), 1)
        self.write("folder/task.yaml", TASK)
        self.assertIn("1 skipped", self.run_plan(CLEAN, "lint", path.parent))
        self.run_plan(USAGE, "lint", self.directory / "nothing")
        self.assertIn("No such file", self.errors)

    def test_folder_is_walked_and_node_modules_is_not(self):
        self.write("folder/a/task.yaml", BAD_TASK)
        self.write("folder/b.yml", "not: ours\n")
        self.write("folder/broken.yaml", "a: [1\n")
        self.write("folder/chart.yaml", "containerDefinitions: {{ .Values.x }}\n")
        self.write("folder/node_modules/x/task.yaml", BAD_TASK)
        self.write("folder/.git/task.yaml", BAD_TASK)
        (self.directory / "folder/circle").symlink_to(self.directory / "folder")
        self.assertEqual(self.found("folder"), ["LC101"])

    def test_folder_without_a_deployment_is_bad_input(self):
        self.write("folder/package.json", '{"name": "web"}')
        self.run_plan(USAGE, "lint", "folder")
        self.assertIn("no deployment in 1 file\n", self.errors)
        self.assertNotIn("helm", self.errors)
        self.write("folder/chart.yaml", "name: {{ .Values.name }}\n")
        self.run_plan(USAGE, "lint", "folder")
        self.assertIn("helm template", self.errors)
        self.write("folder/task.yaml", TASK)
        self.assertIn("2 skipped (templates with {{ }} have to be rendered first)",
                      self.run_plan(CLEAN, "lint", "folder"))

    def test_broken_file_of_a_folder_is_reported_where_it_may_be_a_deployment(self):
        self.write("folder/compose.prod.yaml", "services:\n  web:\n    image: a\n    image: b\n")
        self.write("folder/web.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec:\n\treplicas: 1\n")
        self.write("folder/other.yaml", "a: 1\na: 2\n")
        self.assertEqual(sorted(self.found("folder")), ["LC001", "LC002"])

    def test_folder_of_the_cdk_is_read_by_its_manifest(self):
        template = (EXAMPLES / "ecs/cfn.bad-values.json").read_text()
        self.write("cdk.out/Web.template.json", template)
        self.write("cdk.out/Old.template.json", template)  # of an app that is no more
        self.write("cdk.out/asset.1.nested.template.json", json.dumps({"Resources": {"Task": {
            "Type": "AWS::ECS::TaskDefinition", "Properties": {"RequiresCompatibilities": ["FARGATE"],
                "ContainerDefinitions": [{"Name": "a", "StopTimeout": 1}]}}}}))
        self.write("cdk.out/assembly-Prod/Prod.template.json", template)
        self.write("cdk.out/assembly-Prod/manifest.json", json.dumps({"artifacts": {"Prod": {
            "type": "aws:cloudformation:stack", "properties": {"templateFile": "Prod.template.json"}}}}))
        self.write("cdk.out/manifest.json", json.dumps({"artifacts": {
            "Web": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Web.template.json"}},
            "Evil": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "../Evil.template.json"}},
            "Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}}}}))
        files = {finding["file"] for finding in self.lint(FOUND, "cdk.out")}
        self.assertEqual(files, {"cdk.out/Web.template.json", "cdk.out/assembly-Prod/Prod.template.json",
                                 "cdk.out/asset.1.nested.template.json"})


class Options(PlanCase):
    def setUp(self):
        super().setUp()
        self.task = self.write("deploy/task.yaml", BAD_TASK)
        self.service = self.write("service.yaml", "serviceName: web\ndeploymentConfiguration: {maximumPercent: 200}\n")

    def test_exit_status_follows_fail_on(self):
        self.run_plan(FOUND, "lint", self.task)
        self.run_plan(CLEAN, "lint", self.service)
        self.run_plan(FOUND, "lint", "--fail-on=warning", self.service)

    def test_rule_is_ignored_everywhere_or_at_a_path(self):
        for path, expected in (("", []), (":deploy", []), (":deploy/*.yaml", []), (":other", ["LC101"]),
                               (":dep", ["LC101"]), (":/containerDefinitions/0", []), (":web", [])):
            with self.subTest(path):
                self.assertEqual(self.found(f"--ignore=LC101{path}", "deploy/task.yaml"), expected)
        for bad in ("LC1", "LC999", "LC101:", "stopTimeout"):
            self.run_plan(USAGE, "lint", f"--ignore={bad}", self.task)
            self.assertIn(f"--ignore='{bad}' is not accepted", self.errors)

    def test_baseline_keeps_what_is_known_and_shows_what_is_new(self):
        self.run_plan(CLEAN, "lint", "--write-baseline=known.json", "deploy/task.yaml")
        self.assertEqual(self.found("--baseline=known.json", "deploy/task.yaml"), [])
        self.write("deploy/task.yaml", "# a line more\n" + BAD_TASK + "  - name: second\n    stopTimeout: 301\n")
        findings = self.lint(FOUND, "--baseline=known.json", "deploy/task.yaml")
        self.assertEqual([finding["message"].split(":")[0] for finding in findings], ["second"])
        self.write("known.json", "{}")
        self.run_plan(USAGE, "lint", "--baseline=known.json", "deploy/task.yaml")

    def test_baseline_outlives_another_logical_id(self):
        template = (EXAMPLES / "ecs/cfn.bad-values.json").read_text()
        self.write("a.json", template)
        self.run_plan(CLEAN, "lint", "--write-baseline=known.json", "a.json")
        self.write("a.json", template.replace("Task79114B6B", "TaskABCD1234"))
        self.assertEqual(self.found("--baseline=known.json", "a.json"), [])

    def test_reports_are_compared_with_the_settings(self):
        report = self.write("report.log", "12:00:00 " + REPORT + "\n")
        task = self.write("lastcall.yaml", TASK + "    entryPoint: [lastcall, --]\n"
                          "    environment: [{name: LASTCALL_STOP_TIMEOUT, value: 20s}]\n    stopTimeout: 20\n")
        self.assertEqual(self.found(task), [])
        findings = self.lint(FOUND, f"--reports={report}", task)
        self.assertEqual([finding["rule"] for finding in findings], ["LC102"])
        self.assertIn("28s", findings[0]["message"])
        self.run_plan(USAGE, "lint", f"--reports={self.task}", task)

    def test_images_are_believed_to_hold_what_the_user_says(self):
        task = self.write("curl.yaml", TASK + "    healthCheck: {command: [CMD-SHELL, curl -f http://localhost/]}\n")
        for option, severity in (((), "note"), (("--image-has=sh",), "warning"), (("--image-has=none",), "warning")):
            self.assertEqual([finding["severity"] for finding in self.lint(CLEAN, *option, task)], [severity])
        self.assertEqual(self.found("--image-has=curl,sh", task), [])
        lastcall = self.write("image.yaml", TASK + "    stopTimeout: 10\n")
        self.assertEqual(self.found(lastcall), [])
        self.assertEqual(self.found("--image-has=lastcall", lastcall), ["LC102"])

    def test_bad_usage_is_one_line(self):
        for arguments in ((), ("--format=xml", self.task), ("--fail-on=note", self.task), ("--max-size=0", self.task),
                          ("--image-has=vim", self.task), ("--nothing", self.task), ("--format",)):
            self.run_plan(USAGE, "lint", *arguments)
            self.assertEqual(self.errors.count("\n"), 1, self.errors)
            self.assertTrue(self.errors.startswith("lastcall-plan: error: lint: "), self.errors)


class Formats(PlanCase):
    def setUp(self):
        super().setUp()
        self.write("a b/tem%plate.json", (EXAMPLES / "ecs/cfn.bad-values.json").read_text())

    def sarif(self, *arguments):
        return json.loads(self.run_plan(None, "lint", "--format=sarif", *arguments))

    def test_text_has_places_fixes_and_a_summary(self):
        text = self.run_plan(FOUND, "lint", "a b/tem%plate.json")
        self.assertRegex(text, r"(?m)^ +74:22  error LC101: web: StopTimeout is 300 and Fargate accepts 2 to 120$")
        self.assertIn('fix: "StopTimeout": 120\n', text)
        self.assertRegex(text, r"6 errors, 2 warnings, 3 notes in 1 file\n")
        self.assertLessEqual(max(map(len, (line for line in text.splitlines() if "fix:" not in line))), 80)

    def test_text_of_a_document_cannot_act_on_the_terminal(self):
        path = self.write("esc.json", json.dumps({"requiresCompatibilities": ["FARGATE"], "containerDefinitions": [
            {"name": "\x1b[31m\r\n", "stopTimeout": 1}]}))
        self.assertNotIn("\x1b", self.run_plan(FOUND, "lint", path))

    def test_github_has_commands_with_escaped_properties(self):
        lines = self.run_plan(FOUND, "lint", "--format=github", "a b/tem%plate.json").splitlines()
        self.assertTrue(lines[0].startswith("::error file=a b/tem%25plate.json,line="), lines[0])
        self.assertTrue(all(re.match(r"::(error|warning|notice) file=.*,title=LC\d{3} .*::", line)
                            for line in lines[:-1]))
        self.assertIn("6 errors", lines[-1])

    def test_json_follows_its_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads((SOURCE / "docs/lint.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        self.write("broken.json", "[")
        for arguments in (("a b/tem%plate.json",), (EXAMPLES / "ecs",), ("broken.json",),
                          ("--ignore=LC101", "a b/tem%plate.json")):
            document = json.loads(self.run_plan(None, "lint", "--format=json", *arguments))
            jsonschema.validate(document, closed(schema), jsonschema.Draft202012Validator)
            self.assertEqual(len(document["findings"]), sum(
                document["summary"][severity] for severity in ("errors", "warnings", "notes")))

    def test_sarif_names_rules_places_and_fingerprints(self):
        run = self.sarif("a b/tem%plate.json")["runs"][0]
        rules = run["tool"]["driver"]["rules"]
        self.assertEqual(run["columnKind"], "unicodeCodePoints")
        for result in run["results"]:
            self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])
            self.assertEqual(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
                             "a%20b/tem%25plate.json")
        prints = [result["partialFingerprints"]["lastcall/v1"] for result in run["results"]]
        self.assertEqual(len(prints), len(set(prints)))

    def test_sarif_keeps_long_fixes_and_line_breaks(self):
        words = " ".join(f"-Dname{number}=value" for number in range(100))
        path = self.write("long.yaml", f"services:\n  web:\n    image: x\n    command: [sh, -c, java {words}]\n")
        [result] = self.sarif(path)["runs"][0]["results"]
        self.assertTrue(result["message"]["text"].endswith(f"\nFix: command: java {words}"))
        [finding] = self.lint(CLEAN, path)
        self.assertEqual(finding["fix"], f"command: java {words}")
        [rule] = [r for r in self.sarif(path)["runs"][0]["tool"]["driver"]["rules"] if r["id"] == "LC301"]
        self.assertIn("\n\nFix: ", rule["help"]["text"])

    def test_a_fix_is_pasted_as_it_stands_or_told_in_words(self):
        kubernetes = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - {name: a, image: b, command: [sh, -c, %s]}\n"
        compose = "services:\n  web:\n    image: x\n    command: [sh, -c, %s]\n"
        for document, script in ((kubernetes, "'serve --name=\"a b\"'"), (compose, "'serve --header a: b'"),
                                 (compose, "'serve #1'")):
            [finding] = self.lint(CLEAN, "-", stdin=document % script)
            self.assertEqual(finding["fix"], "exec before the last command of the script")

    def test_sarif_follows_its_schema(self):
        documents = [self.sarif("a b/tem%plate.json"), self.sarif("--ignore=LC101", EXAMPLES / "ecs")]
        self.write("broken.json", "[")
        documents.append(self.sarif("broken.json"))
        self.validate(*documents)

    def test_five_thousand_findings_are_the_most(self):
        containers = [{"name": f"c{n}", "stopTimeout": 300} for n in range(5100)]
        path = self.write("many.json", json.dumps({"requiresCompatibilities": ["FARGATE"],
                                                   "containerDefinitions": containers}))
        document = self.sarif(path)
        self.assertEqual(len(document["runs"][0]["results"]), 5000)
        notice = document["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]
        self.assertIn("100 more findings are left out", notice["message"]["text"])
        self.validate(document)

    def validate(self, *documents):
        """ajv, with the schema that jest-sarif brings along; only without npm there is nothing to check with."""
        if not shutil.which("npm") or not shutil.which("node"):
            self.skipTest("npm is not installed")
        root = pathlib.Path(subprocess.run(("npm", "root", "-g"), check=True, capture_output=True,
                                           text=True).stdout.strip())
        schema = root / "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
        if not schema.exists() or not (root / "ajv").is_dir():
            self.skipTest("ajv or jest-sarif is not installed; run cmake/packages test")
        script = """
const Ajv = require(process.argv[1] + '/ajv');
const schema = JSON.parse(require('fs').readFileSync(process.argv[2]));
delete schema.$schema; // draft-04, of which it uses nothing that newer drafts do not have
delete schema.id;
const check = new Ajv({strict: false, logger: false, unicodeRegExp: false}).compile(schema);
const illegal = JSON.parse(require('fs').readFileSync(process.argv[3]));
if (!check(illegal)) { console.error(JSON.stringify(check.errors)); process.exit(1); }
illegal.runs[0].results.push({message: {text: 'x'}, level: 'fatal'});
if (check(illegal)) { console.error('an illegal level passed'); process.exit(2); }
"""
        for document in documents:
            path = self.write("document.sarif", json.dumps(document))
            done = subprocess.run(("node", "-e", script, str(root), str(schema), str(path)), capture_output=True,
                                  text=True)
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    harness.main()
