# SPDX-License-Identifier: MIT
"""lastcall-plan where people meet it: the pre-commit hook is run by pre-commit, the steps of the GitHub
action by bash as the runner does, the GitLab job by gitlab-ci-local, and a template goes through a pipe.
Each finds nothing in a good project, and the mistake in a bad one."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SKIPPED = 77  # ctest's SKIP_RETURN_CODE
MUST_RUN = os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1"
SOURCE = pathlib.Path(os.environ["LASTCALL_SOURCE_DIR"])
PLAN = pathlib.Path(os.environ["LASTCALL_PLAN"])
DRILL = pathlib.Path(os.environ["LASTCALL_DRILL"])
GOOD = SOURCE / "examples" / "kubernetes" / "shop.yaml"
TEMPLATE = SOURCE / "examples" / "ecs-cdk" / "cdk.out" / "Shop.template.json"
MISTAKE = "LC505"  # a grace period of 0


def need(program):
    """The path of a program without which a test cannot run; global npm modules count."""
    modules = shutil.which("npm") and subprocess.run(
        ["npm", "prefix", "--global"], capture_output=True, text=True, check=True
    ).stdout.strip()
    path = shutil.which(program, path=f"{os.environ['PATH']}:{modules}/bin")
    if path is None:
        if MUST_RUN:
            raise AssertionError(f"{program} is not installed")
        raise unittest.SkipTest(f"{program} is not installed")
    return path


class Project(unittest.TestCase):
    """A repository with one manifest, which has the mistake or not."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = pathlib.Path(folder.name)
        self.project = self.top / "project"
        self.environment = {
            "PATH": f"{PLAN.parent}:{DRILL.parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8",
            "HOME": str(self.top / "home"), "GIT_CONFIG_GLOBAL": "/dev/null",
            **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")},
            **{f"GIT_{role}_{what}": "test@example.com" for role in ("AUTHOR", "COMMITTER")
               for what in ("NAME", "EMAIL")},
        }
        (self.project / "deploy").mkdir(parents=True)
        self.write_manifest(60)

    def write_manifest(self, grace):
        text = GOOD.read_text()
        field = re.compile(r"terminationGracePeriodSeconds: \d+")
        assert len(field.findall(text)) == 1
        (self.project / "deploy" / "shop.yaml").write_text(
            field.sub(f"terminationGracePeriodSeconds: {grace}", text)
        )
        (self.project / "package.json").write_text('{"name": "shop"}\n')  # no deployment file

    def run_in(self, folder, *command, **options):
        return subprocess.run(
            list(map(str, command)), cwd=folder, text=True, timeout=120, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            env={**self.environment, **options.pop("env", {})}, **options,
        )

    def commit(self, folder):
        for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "all")):
            done = self.run_in(folder, "git", *arguments)
            self.assertEqual(done.returncode, 0, done.stdout)
        return self.run_in(folder, "git", "rev-parse", "HEAD").stdout.strip()

    def rules_of(self, sarif):
        return {result["ruleId"] for run in json.loads(sarif)["runs"] for result in run["results"]}


class PreCommit(Project):
    def setUp(self):
        super().setUp()
        self.pre_commit = need("pre-commit")
        hooks = self.top / "lastcall"
        hooks.mkdir()
        shutil.copy(SOURCE / ".pre-commit-hooks.yaml", hooks)
        revision = self.commit(hooks)
        (self.project / ".pre-commit-config.yaml").write_text(
            f"repos: [{{repo: {hooks}, rev: {revision}, hooks: [{{id: lastcall-plan}}]}}]\n"
        )

    def run_hook(self):
        self.commit(self.project)
        return self.run_in(self.project, self.pre_commit, "run", "--all-files")

    def test_hook_passes_a_good_project(self):
        done = self.run_hook()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("Passed", done.stdout)

    def test_hook_fails_a_bad_project(self):
        self.write_manifest(0)
        done = self.run_hook()
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(MISTAKE, done.stdout)


class Action(Project):
    """The runner's part: inputs with their defaults, conditions, files for path and summary."""

    file = SOURCE / "examples" / "github-actions" / "action" / "action.yml"

    def setUp(self):
        super().setUp()
        import yaml

        self.action = yaml.safe_load(self.file.read_text())

    def value(self, text, inputs):
        """An expression of the few that the action uses."""
        def one(match):
            return str(inputs[match[1]])

        value = re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", one, text)
        self.assertNotIn("${{", value)
        return value

    def is_run(self, condition, inputs):
        if condition is None:
            return True
        words = condition.removeprefix("${{").removesuffix("}}").strip()
        for term in words.split(" && "):
            if term == "!cancelled()":
                continue
            if file := re.fullmatch(r"hashFiles\('(.*)'\) != ''", term):
                if not (self.project / file[1]).exists():
                    return False
                continue
            name, relation, value = re.fullmatch(r"inputs\.([a-z-]+) (==|!=) '(.*)'", term).groups()
            if (inputs[name] == value) != (relation == "=="):
                return False
        return True

    def run_action(self, **given):
        inputs = {name: entry["default"] for name, entry in self.action["inputs"].items()}
        given = {name.replace("_", "-"): value for name, value in given.items()}
        self.assertLessEqual(given.keys(), inputs.keys())
        inputs.update(given)
        self.summary = self.top / "summary"
        self.summary.write_text("")
        self.said, self.uploaded, failed = {}, False, False
        for step in self.action["runs"]["steps"]:
            condition = step.get("if")
            if (failed and condition is None) or not self.is_run(condition, inputs):
                continue
            if "uses" in step:
                self.assertTrue((self.project / step["with"]["sarif_file"]).exists())
                self.uploaded = True
                continue
            self.assertEqual(step["shell"], "bash")
            env = {name: self.value(text, inputs) for name, text in step.get("env", {}).items()}
            done = self.run_in(
                self.project, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"],
                env={**env, "GITHUB_STEP_SUMMARY": str(self.summary), "RUNNER_TEMP": str(self.top)},
            )
            self.said[step["name"]] = done.stdout
            failed = failed or done.returncode != 0
        return not failed

    def test_file_is_an_action(self):
        validator = need("action-validator")
        done = self.run_in(SOURCE, validator, self.file)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_workflow_of_the_readme_gives_inputs_that_the_action_has(self):
        import yaml

        readme = (SOURCE / "examples" / "github-actions" / "README.md").read_text()
        workflow = yaml.safe_load(re.search(r"^```yaml\n(.*?)^```$", readme, re.M | re.S)[1])
        file = self.project / "workflow.yml"
        file.write_text(yaml.safe_dump({"name": "plan", "on": "pull_request", **workflow}))
        done = self.run_in(self.project, need("action-validator"), file)
        self.assertEqual(done.returncode, 0, done.stdout)
        step = next(s for job in workflow["jobs"].values() for s in job["steps"] if "action@" in s["uses"])
        self.assertLessEqual(step["with"].keys(), self.action["inputs"].keys())
        done = self.run_in(self.project, PLAN, "lint", *step["with"]["lint-options"].split(), "deploy")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_good_project_passes_with_its_plan(self):
        self.assertTrue(self.run_action(time="deploy", time_options="--pull=20s --boot=5s"), self.said)
        self.assertEqual(self.rules_of((self.project / "lastcall.sarif").read_text()), set())
        self.assertIn("### Deployment\n\n```\nshop: the deployment takes", self.summary.read_text())
        self.assertTrue(self.uploaded)

    def test_bad_project_fails_and_still_has_findings_and_plan(self):
        self.write_manifest(0)
        self.assertFalse(self.run_action(time="deploy"))
        self.assertIn(MISTAKE, self.rules_of((self.project / "lastcall.sarif").read_text()))
        self.assertRegex(self.said["Check"], rf"(?m)^::error file=deploy/shop.yaml,line=\d+.*{MISTAKE}")
        self.assertTrue(self.uploaded)
        self.assertIn("### Deployment", self.summary.read_text())

    def test_wrong_input_fails_without_a_file_to_upload(self):
        self.assertFalse(self.run_action(path="missing"))
        self.assertFalse(self.uploaded)
        self.assertIn("missing", self.said["Check"])

    def test_upload_can_be_left_out(self):
        self.assertTrue(self.run_action(upload="false"), self.said)
        self.assertFalse(self.uploaded)

    def test_drill_decides(self):
        self.assertFalse(self.run_action(drill="--url=http://127.0.0.1:1/ --start-timeout=1s -- true"))
        self.assertIn("Stop it under load", self.said)


class GitLab(Project):
    def setUp(self):
        super().setUp()
        self.gitlab_ci_local = need("gitlab-ci-local")
        shutil.copy(SOURCE / "examples" / "gitlab-ci" / "lastcall-plan.yml", self.project)

    def run_job(self, **inputs):
        inputs = {name.replace("_", "-"): value for name, value in inputs.items()}
        (self.project / ".gitlab-ci.yml").write_text(
            f"include: [{{local: lastcall-plan.yml, inputs: {json.dumps(inputs)}}}]\n"
        )
        self.commit(self.project)
        self.run_in(self.project, "git", "remote", "add", "origin", "git@gitlab.com:test/shop.git")
        return self.run_in(
            self.project, self.gitlab_ci_local, "lastcall-plan", "--force-shell-executor",
            "--artifacts-to-source",
        )

    def issues(self):
        return json.loads((self.project / "gl-code-quality-report.json").read_text())

    def test_good_project_passes_with_its_plan(self):
        done = self.run_job(path="deploy", time="deploy", **{"time-options": "--pull=20s --boot=5s"})
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("shop: the deployment takes", done.stdout)
        self.assertEqual(self.issues(), [])

    def test_bad_project_fails_with_code_quality(self):
        self.write_manifest(0)
        done = self.run_job()
        self.assertEqual(done.returncode, 1, done.stdout)
        issue = next(issue for issue in self.issues() if issue["check_name"] == MISTAKE)
        self.assertEqual(issue["severity"], "critical")
        self.assertEqual(issue["location"]["path"], "deploy/shop.yaml")
        self.assertGreater(issue["location"]["lines"]["begin"], 1)
        fingerprints = [issue["fingerprint"] for issue in self.issues()]
        self.assertEqual(len(set(fingerprints)), len(fingerprints))


class Pipe(Project):
    def lint(self, text, *options):
        return subprocess.run(
            [PLAN, "lint", *options, "-"], input=text, capture_output=True, text=True, timeout=60, check=False
        )

    def test_synthesised_template_is_read_from_a_pipe(self):
        done = self.lint(TEMPLATE.read_text())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_cdk_synth_writes_yaml_into_the_pipe(self):
        import yaml

        template = json.loads(TEMPLATE.read_text())
        self.assertEqual(self.lint(yaml.safe_dump(template)).returncode, 0)
        service = next(r for r in template["Resources"].values() if r["Type"] == "AWS::ECS::Service")
        service["Properties"]["DeploymentConfiguration"]["MaximumPercent"] = 100
        done = self.lint(yaml.safe_dump(template), "--format=sarif")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("LC201", self.rules_of(done.stdout))


if __name__ == "__main__":
    try:
        import yaml  # noqa: F401
    except ImportError:
        print("there is no YAML for Python (Debian: python3-yaml)")
        sys.exit(1 if MUST_RUN else SKIPPED)
    unittest.main()
