# SPDX-License-Identifier: MIT
"""lastcall-plan init: what it prints is clean for every server on every platform."""

import re
import unittest

from plan import lint, rules, run

PLATFORMS = ["ecs", "kubernetes", "compose", "swarm"]


def known_servers():
    page = run("init", "--help").stdout
    listed = re.search(r"which lastcall knows:\n(.*?)\.\n", page, re.S)[1]
    return re.findall(r"[\w-]+", listed)


def fragment(server, platform, *more):
    done = run("init", f"--server={server}", f"--platform={platform}", *more)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Init(unittest.TestCase):
    def test_lint_finds_neither_error_nor_warning(self):
        servers = known_servers()
        self.assertGreater(len(servers), 10)
        for server in [*servers, "node", "php-fpm8.2", "A_Server.9"]:
            for platform in PLATFORMS:
                self.check_clean(server, platform)

    def test_whatever_the_images_have(self):
        for platform in PLATFORMS:
            for has in ("lastcall", "none", "curl,sh"):
                self.check_clean("nginx", platform, f"--image-has={has}")

    def check_clean(self, server, platform, *options):
        stack = ["--stack"] if platform == "swarm" else []
        with self.subTest(server=server, platform=platform, options=options):
            findings = lint(*stack, *options, "-", stdin=fragment(server, platform))
            self.assertEqual(rules(findings, "error", "warning"), [])

    def test_a_shorter_grace_would_be_found(self):
        for platform, given, short in (
            ("ecs", "StopTimeout: 60\n", "StopTimeout: 30\n"),
            ("kubernetes", "Seconds: 60\n", "Seconds: 30\n"),
            ("compose", "period: 30s\n    h", "period: 20s\n    h"),
        ):
            text = fragment("nginx", platform)
            self.assertIn(given, text)
            self.assertEqual(len(rules(lint("-", stdin=text.replace(given, short)), "error")), 1)

    def test_options_are_taken(self):
        text = fragment("node", "kubernetes", "--port=3000", "--stop-timeout=1m30s")
        self.assertIn("containerPort: 3000", text)
        self.assertIn("terminationGracePeriodSeconds: 90", text)
        self.assertIn("value: 90s", text)

    def test_nomad_has_the_same_time_on_both_sides(self):
        text = fragment("gunicorn", "nomad", "--stop-timeout=20s")
        self.assertIn('kill_timeout = "20s"', text)
        self.assertIn('LASTCALL_STOP_TIMEOUT = "20s"', text)
        self.assertEqual(text.count("{"), text.count("}"))

    def test_bad_usage_is_one_line(self):
        for arguments, words in (
            ([], "--server is needed"),
            (["--server=x"], "--platform is needed"),
            (["--server=a b", "--platform=ecs"], "--server='a b' is not accepted"),
            (["--server=-x", "--platform=ecs"], "--server='-x' is not accepted"),
            (["--server=x", "--platform=heroku"], "--platform='heroku' is not accepted"),
            (["--server=x", "--platform=ecs", "--stop-timeout=3m"], "--stop-timeout='3m' is not"),
            (["--server=x", "--platform=ecs", "--stop-timeout=1500ms"], "--stop-timeout='1500ms'"),
            (["--server=x", "--platform=ecs", "--stop-timeout=1s"], "--stop-timeout='1s' is not"),
            (["--server=x", "--platform=nomad", "--stop-timeout=7s"], "--stop-timeout='7s' is not"),
            (["--server=x", "--platform=ecs", "--port=0"], "--port='0' is not accepted"),
            (["--server=x", "--platform=ecs", "y"], "'y' is not an option"),
            (["--server"], "--server needs a value"),
            (["--what"], "unknown option '--what'"),
        ):
            with self.subTest(arguments):
                done = run("init", *arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertEqual(done.stderr.count("\n"), 1)
                self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main()
