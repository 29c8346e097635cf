# SPDX-License-Identifier: MIT
"""Manifests in the shapes of the documentation of Kubernetes and Compose: no errors, and exactly the warnings
that the first line of each names."""

import pathlib
import re
import tempfile
import unittest

from plan import HERE, lint, rules, run

MANIFESTS = sorted((HERE / "manifests").rglob("*.yaml"))


class Manifests(unittest.TestCase):
    def test_each_has_the_warnings_that_it_names(self):
        self.assertGreaterEqual(len(MANIFESTS), 50)
        for path in MANIFESTS:
            with self.subTest(path.relative_to(HERE)):
                expected = re.match(r"# expect:(.*)\n", path.read_text())[1].split()
                findings = lint(path)
                self.assertEqual(rules(findings, "error"), [])
                self.assertEqual(rules(findings, "warning"), expected)

    def test_a_folder_has_the_findings_of_its_files(self):
        of_files = sum(len(lint(path)) for path in MANIFESTS)
        self.assertEqual(len(lint(HERE / "manifests")), of_files)

    def test_a_budget_and_an_autoscaler_may_be_in_other_files(self):
        web = (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n  template:\n"
            "    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: shop}]}\n"
        )
        budget = (
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n"
            "spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}\n"
        )
        scaler = (
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n"
            "spec: {minReplicas: 2, scaleTargetRef: {kind: Deployment, name: web}}\n"
        )
        with tempfile.TemporaryDirectory() as directory:
            folder = pathlib.Path(directory)
            for name, text in (("a-budget", budget), ("web", web)):
                (folder / f"{name}.yaml").write_text(text)
            self.assertEqual(lint(folder), [])
            (folder / "z-scaler.yaml").write_text(scaler)
            finding, = lint(folder)
            self.assertEqual((finding["rule"], finding["file"]), ("LC515", str(folder / "a-budget.yaml")))
            self.assertIn("(replicas: 2)", finding["message"])
            (folder / "other").mkdir()  # its pods are others, with the same labels
            (folder / "other" / "web.yaml").write_text(web)
            self.assertEqual(len(lint(folder)), 1)

    def test_a_deadline_is_above_what_a_rollout_needs(self):
        """The API refuses a progressDeadlineSeconds that is not greater than minReadySeconds."""
        web = (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  minReadySeconds: %d\n"
            "  progressDeadlineSeconds: %d\n  template:\n    spec: {containers: [{name: web, image: shop,\n"
            "      startupProbe: {exec: {command: [ok]}, initialDelaySeconds: 40}}]}\n"
        )
        for minimum, deadline, severity in ((60, 60, "error"), (60, 90, "warning"), (60, 100, None), (0, 41, None)):
            found = lint("-", stdin=web % (minimum, deadline))
            self.assertEqual([(f["rule"], f["severity"]) for f in found], [("LC513", severity)] if severity else [])

    def test_the_pods_of_knative_are_its_own(self):
        """It refuses a grace period, and its own proxy serves and is asked for readiness."""
        service = (
            "apiVersion: %s\nkind: Service\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{image: i,\n"
            "  command: [lastcall, --, sh, -c, node a.js], ports: [{containerPort: 80}],\n"
            "  env: [{name: LASTCALL_STOP_TIMEOUT, value: 60s}, {name: LASTCALL_MIN_DRAIN, value: 0s}]}]}}}\n"
        )
        self.assertEqual(lint("-", stdin=service % "serving.knative.dev/v1"), [])
        self.assertEqual({f["rule"] for f in lint("-", stdin=service % "example.org/v1")}, {"LC501", "LC502", "LC507"})

    def test_a_fix_asks_the_port_that_the_container_has(self):
        pod = (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n"
            "    - {name: web, image: i, ports: [{containerPort: 9100, name: metrics}, {containerPort: 3000}]}\n"
        )
        fixes = {f["rule"]: f["fix"] for f in lint("-", stdin=pod)}
        self.assertIn("port: 3000}", fixes["LC507"])

    def test_what_is_rendered_first_is_refused_in_one_line(self):
        template = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Release.Name }}}\n"
        done = run("lint", "-", stdin=template)
        self.assertEqual(done.returncode, 2)
        self.assertIn("helm template", " ".join(done.stdout.split()))

    def test_the_fix_of_a_rollout_that_stops_all_is_valid(self):
        manifest = HERE / "manifests" / "kubernetes" / "deployment-one-writer.yaml"
        text = re.sub(r"persistentVolumeClaim:\n.*", "emptyDir: {}", manifest.read_text())
        [finding] = lint("-", stdin=text)
        self.assertEqual((finding["rule"], finding["line"]), ("LC506", 9))
        self.assertIn("the only pod", finding["message"])
        self.assertEqual(finding["fix"], "rollingUpdate: {maxUnavailable: 0, maxSurge: 1}")


class Compose(unittest.TestCase):
    BAD_OVERRIDE = "services:\n  web:\n    environment: {LASTCALL_STOP_TIMEOUT: 70s}\n"
    BASE = "services:\n  web:\n    image: shop\n    stop_grace_period: 60s\n"

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, **files):
        for name, text in files.items():
            (self.folder / f"{name.replace('_', '.')}.yaml").write_text(text)

    def test_an_override_is_read_with_the_file_that_it_overrides(self):
        self.write(compose=self.BASE, compose_override=self.BAD_OVERRIDE)
        findings = lint(self.folder)
        self.assertEqual(rules(findings, "error"), ["LC401"])
        self.assertTrue(findings[0]["file"].endswith("/compose.yaml"))
        self.assertEqual(findings[0]["line"], 4)
        self.write(compose_override=self.BAD_OVERRIDE.replace("70s", "60s"))
        self.assertEqual(lint(self.folder), [])

    def test_an_override_alone_says_nothing_of_what_it_leaves_out(self):
        self.write(compose_override=self.BAD_OVERRIDE)
        self.assertEqual(lint(self.folder), [])
        self.write(compose_override=self.BAD_OVERRIDE + "    stop_grace_period: 60s\n")
        self.assertEqual(rules(lint(self.folder), "error"), ["LC401"])
        self.write(compose_override=self.BAD_OVERRIDE + "    image: shop\n")
        self.assertEqual(rules(lint(self.folder), "error"), ["LC401"])

    def test_a_finding_in_an_extended_file_names_that_file(self):
        self.write(
            web="services:\n  web:\n    extends: {file: base.yaml, service: base}\n",
            base="services:\n  base:\n    image: shop\n    stop_grace_period: 100ms\n",
        )
        findings = lint(self.folder / "web.yaml")
        self.assertEqual([(f["rule"], f["line"]) for f in findings], [("LC403", 4)])
        self.assertTrue(findings[0]["file"].endswith("/base.yaml"))

    def test_circles_of_extends_end(self):
        self.write(
            one="services:\n  a:\n    extends: {file: two.yaml, service: a}\n",
            two="services:\n  a:\n    extends: {file: one.yaml, service: a}\n    image: x\n",
            self_="services:\n  a:\n    extends: a\n    image: x\n",
        )
        self.assertEqual(lint(self.folder), [])

    def test_reset_drops_what_is_extended_and_override_replaces_it(self):
        text = (
            "services:\n  base:\n    image: shop\n    stop_grace_period: 60s\n"
            "    environment: {LASTCALL_STOP_TIMEOUT: 60s}\n  web:\n    extends: base\n"
        )
        self.assertEqual(lint("-", stdin=text), [])
        self.assertEqual(
            rules(lint("-", stdin=text + "    stop_grace_period: !reset null\n"), "error"), ["LC401"]
        )
        self.assertEqual(
            lint("-", stdin=text + "    stop_grace_period: !reset null\n    environment: !override {A: b}\n"), []
        )

    def test_the_program_may_be_named(self):
        days = "services:\n  web:\n    image: shop\n    stop_grace_period: 1d\n"
        self.assertEqual(lint("-", stdin=days), [])
        self.assertEqual(rules(lint("--stack", "-", stdin=days), "warning"), ["LC402"])
        plus = "services:\n  web:\n    image: 'shop:${TAG:+x}'\n"
        self.assertEqual(lint("-", stdin=plus), [])
        self.assertEqual(rules(lint("--stack", "-", stdin=plus), "error"), ["LC408"])

    def test_a_fix_of_the_grace_has_whole_seconds(self):
        text = "services:\n  web:\n    image: shop\n    environment: {LASTCALL_STOP_TIMEOUT: 12500ms}\n"
        [finding] = [f for f in lint("-", stdin=text) if f["rule"] == "LC401"]
        self.assertEqual(finding["fix"], "stop_grace_period: 13s")

    def test_a_duration_may_be_longer_than_go_counts(self):
        for duration in ("9999999h", "99999999999999999999s"):
            text = f"services:\n  web:\n    image: shop\n    stop_grace_period: {duration}\n"
            finding, = [f for f in lint("-", stdin=text) if f["rule"] == "LC402"]
            self.assertIn(f"'{duration}' is refused: no duration is longer than 2562047h", finding["message"])
            self.assertIsNone(finding["fix"])

    def test_what_an_image_has_decides(self):
        curl = "services:\n  web:\n    image: shop\n    healthcheck: {test: [CMD, curl, -f, 'http://x']}\n"
        self.assertEqual(rules(lint("-", stdin=curl), "note"), ["LC410"])
        self.assertEqual(rules(lint("--image-has=sh", "-", stdin=curl), "warning"), ["LC410"])
        self.assertEqual(lint("--image-has=curl", "-", stdin=curl), [])
        init = "services:\n  web: {image: shop, init: true}\n"
        self.assertEqual(lint("-", stdin=init), [])
        self.assertEqual(rules(lint("--image-has=lastcall", "-", stdin=init), "warning"), ["LC404"])

    def test_what_two_tasks_cannot_share_is_not_started_first(self):
        update = "    deploy: {update_config: {order: stop-first, failure_action: rollback}}\n"
        text = "services:\n  web:\n    image: shop\n    ports: [{target: 80, published: 80%s}]\n" + update
        self.assertEqual(rules(lint("--stack", "-", stdin=text % ""), "warning"), ["LC405"])
        self.assertEqual(lint("--stack", "-", stdin=text % ", mode: host"), [])
        long_stop = "services:\n  db:\n    image: x\n    stop_grace_period: 2m\n" + update
        [finding] = lint("--stack", "-", stdin=long_stop)
        self.assertEqual((finding["rule"], finding["fix"]), ("LC412", "order: start-first"))
        [finding] = lint("--stack", "-", stdin=long_stop + "    volumes: [data:/data]\n")
        self.assertEqual((finding["rule"], finding["fix"]), ("LC412", "stop_grace_period: 55s"))

    def test_a_stack_without_update_config_is_updated_with_the_defaults(self):
        """One task is stopped before the new one starts, and watched for 5 s. A job is not updated, and Compose
        updates nothing."""
        web = ("services: {web: {image: i, ports: ['80:80'], healthcheck: {test: [CMD, ok], interval: 5s}%s}}\n")
        for more, found in ((", deploy: {placement: {max_replicas_per_node: 1}}", ["LC405", "LC409"]),
                            (", deploy: {placement: {}, mode: replicated-job}", []), (", build: .", []), ("", [])):
            self.assertEqual(rules(lint("-", stdin=web % more), "warning"), found, more)
        for finding in lint("--stack", "-", stdin=web % ""):
            self.assertTrue(finding["fix"].startswith("deploy: {update_config: {"), finding["fix"])

    def test_a_start_interval_alone_is_refused_by_compose_and_not_by_swarm(self):
        web = "services: {web: {image: i, healthcheck: {test: [CMD, ok], start_interval: 5s}}}\n"
        for options, word in (([], "docker compose refuses"), (["--stack"], "has no effect")):
            message, = (f["message"] for f in lint(*options, "-", stdin=web) if f["rule"] == "LC410")
            self.assertIn(word, message)

    def test_a_variable_without_default_is_a_note(self):
        text = "services:\n  web:\n    image: shop\n    stop_grace_period: ${GRACE}\n"
        self.assertEqual(rules(lint("-", stdin=text), "note"), ["LC003"])
        self.assertEqual(lint("-", stdin=text.replace("GRACE", "GRACE:-20s")), [])

    def test_what_lastcall_would_refuse_is_found(self):
        text = "services:\n  web:\n    image: shop\n    environment: [LASTCALL_STOP_TIMEOUT=60]\n"
        [finding] = lint("-", stdin=text)
        self.assertEqual((finding["rule"], finding["severity"]), ("LC401", "error"))
        self.assertIn("LASTCALL_STOP_TIMEOUT='60' is not accepted", finding["message"])


if __name__ == "__main__":
    unittest.main()
