# SPDX-License-Identifier: MIT
"""Drills over HTTP/2 against nginx and Node's http2: what is cut is found, what is drained passes."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import harness

DRILL = os.environ.get("LASTCALL_DRILL", "")
LASTCALL = os.environ.get("LASTCALL_BIN", "")
SERVER = pathlib.Path(__file__).with_name("http2_server.js")
PASS, FAIL = 0, 1
LOAD = ("--http2", "--in-flight=4", "--keep-alive=5", "--burst=5", "--rate=20", "--preconnected=2", "--runs=1",
        "--start-timeout=10s")
NGINX = """
daemon off; user root; pid {dir}/nginx.pid; error_log {dir}/error.log; worker_processes 1;
events {{}}
http {{
    access_log off;
    server {{
        listen 127.0.0.1:{port} http2{tls};
        root {dir};
        ssl_certificate {dir}/cert.pem; ssl_certificate_key {dir}/key.pem;
    }}
}}
"""


class Http2(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not os.access(DRILL, os.X_OK):
            raise unittest.SkipTest(f"LASTCALL_DRILL is '{DRILL}', not a program")
        directory = tempfile.TemporaryDirectory(prefix="lastcall-drill.")
        cls.addClassCleanup(directory.cleanup)
        cls.directory = pathlib.Path(directory.name)
        cls.key, cls.certificate = cls.directory / "key.pem", cls.directory / "cert.pem"
        subprocess.run(("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-keyout", cls.key, "-out", cls.certificate, "-days", "9", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"),
                       check=True, capture_output=True)

    def setUp(self):
        self.json = self.directory / "result.json"
        self.port = harness.APP_PORT

    def need(self, command):
        if shutil.which(command) is None:
            self.skipTest(f"{command} is not installed")

    def drill(self, expected, *arguments, scheme="http"):
        command = (DRILL, *LOAD, f"--url={scheme}://127.0.0.1:{self.port}/", f"--cacert={self.certificate}",
                   f"--json={self.json}", *arguments)
        done = subprocess.run(command, capture_output=True, text=True, timeout=90)
        self.assertEqual(done.returncode, expected, f"{done.args}\n{done.stdout}\n{done.stderr}")
        self.said = done.stdout + done.stderr
        return json.loads(self.json.read_text())

    def node(self, manner, tls=False):
        self.need("node")
        files = (str(self.key), str(self.certificate)) if tls else ()
        return ("node", str(SERVER), manner, str(self.port), *files)

    def nginx(self, tls=False):
        self.need("nginx")
        (self.directory / "big").write_bytes(b"x" * 1_500_000)
        (self.directory / "index.html").write_text("hello\n")
        configuration = self.directory / "nginx.conf"
        configuration.write_text(
            NGINX.format(dir=self.directory, port=self.port, tls=" ssl" if tls else ""))
        return ("nginx", "-e", str(self.directory / "error.log"), "-c", str(configuration))

    def lastcall(self, *command):
        return (LASTCALL, "--listen=off", "--stop-timeout=10s", "--longest-request=1s", "--", *command)

    def outcomes(self, result, cohort="in_flight"):
        outcomes = result["runs"][0]["cohorts"][cohort]["outcomes"]
        return {name: count for name, count in outcomes.items() if count > 0}

    def assert_all_answered(self, result):
        for cohort in ("in_flight", "keep_alive", "preconnected", "accept_queue"):
            self.assertEqual(list(self.outcomes(result, cohort)), ["ok"], cohort)

    def test_a_server_that_goes_at_once_fails(self):
        result = self.drill(FAIL, "--slow=/slow", "--", *self.node("abrupt"))
        self.assertEqual(self.outcomes(result), {"eof_before_response": 4})

    def test_a_server_that_drains_passes(self):
        result = self.drill(PASS, "--slow=/slow", "--stream=/stream", "--upload=/upload", "--upload-size=50k",
                            "--upload-rate=50k/s", "--", *self.node("drain"))
        self.assert_all_answered(result)

    def test_over_tls(self):
        result = self.drill(PASS, "--slow=/slow", "--stream=/stream", "--", *self.node("drain", tls=True),
                            scheme="https")
        self.assert_all_answered(result)
        result = self.drill(FAIL, "--slow=/slow", "--", *self.node("abrupt", tls=True), scheme="https")
        self.assertEqual(self.outcomes(result), {"eof_before_response": 4})

    def test_refused_streams_are_refused_and_may_be_sent_again(self):
        result = self.drill(FAIL, "--slow=/slow", "--", *self.node("refuse"))
        self.assertEqual(self.outcomes(result), {"goaway": 4})
        self.drill(PASS, "--slow=/slow", "--retry-safe=goaway", "--", *self.node("refuse"))
        self.assertIn("4 goaway: clients have to send them again", self.said)

    def test_responses_that_break_off_fail(self):
        for manner, outcome in (("cut", "truncated"), ("reset", "reset_mid_body")):
            with self.subTest(manner):
                result = self.drill(FAIL, "--stream=/stream", "--", *self.node(manner))
                self.assertEqual(self.outcomes(result), {outcome: 4})

    def test_a_response_that_ends_early_is_found_by_its_bytes(self):
        result = self.drill(FAIL, "--stream=/stream", "--body=same", "--", *self.node("shorten"))
        self.assertEqual(self.outcomes(result), {"corrupt": 4, "ok": 1})

    def test_nginx(self):
        load = ("--download=/big", "--read-rate=1M/s")
        for tls, scheme in ((False, "http"), (True, "https")):
            with self.subTest(scheme):
                result = self.drill(FAIL, *load, "--", *self.nginx(tls), scheme=scheme)
                self.assertNotIn("ok", self.outcomes(result))
                result = self.drill(PASS, *load, "--", *self.lastcall(*self.nginx(tls)), scheme=scheme)
                self.assert_all_answered(result)

    def test_a_server_without_http2_is_told_from_one_that_does_not_answer(self):
        command = (DRILL, "--http2", "--start-timeout=4s", f"--url=http://127.0.0.1:{self.port}/", "--",
                   *harness_http1(self.port))
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 3)
        self.assertIn("no answer in HTTP/2", done.stderr)


def harness_http1(port):
    return ("python3", "-B", str(SERVER.with_name("drill_server.py")), "graceful", str(port))


if __name__ == "__main__":
    if harness.cannot_run() is None:
        harness.enter_network()
    harness.main()
