# SPDX-License-Identifier: MIT
"""The health endpoint over HTTP/2, asked by real clients: @grpc/grpc-js, python3-grpcio, curl."""

import os
import subprocess
import sys
import unittest

import harness
import http_client
from harness import APP_PORT, HEALTH_PORT, need_command, probe

HERE = os.path.dirname(os.path.abspath(__file__))
ADDRESS = f"127.0.0.1:{HEALTH_PORT}"


def python_client():
    if subprocess.run([sys.executable, "-c", "import grpc"], capture_output=True).returncode != 0:
        raise unittest.SkipTest("python3-grpcio is not installed; run cmake/packages test")
    return [sys.executable, "-B", os.path.join(HERE, "grpc_check.py"), ADDRESS]


def node_client():
    need_command("node")
    modules = subprocess.run(["npm", "root", "-g"], capture_output=True, text=True).stdout.strip()
    if not os.path.isdir(os.path.join(modules, "@grpc/grpc-js")):
        raise unittest.SkipTest("@grpc/grpc-js is not installed; run cmake/packages test")
    return ["env", f"NODE_PATH={modules}", "node", os.path.join(HERE, "grpc_check.js"), ADDRESS]


class Grpc(harness.ProgramTest):
    def setUp(self):
        super().setUp()
        need_command("curl")
        self.clients = [python_client(), node_client()]

    def run_beside(self, program, *command):
        return subprocess.run(program.beside(*command), capture_output=True, text=True,
                              timeout=harness.PATIENCE)

    def curl(self, program, *options):
        """The exit status, and :status."""
        done = self.run_beside(program, "curl", "-sf", "-o", "/dev/null", "-w", "%{http_code} %{http_version}",
                               "--http2-prior-knowledge", *options, f"http://{ADDRESS}/healthcheck")
        return done.returncode, done.stdout

    def assert_they_see(self, program, clients, check, http_status):
        for client in clients:
            done = self.run_beside(program, *client)
            self.assertEqual((done.stdout, done.stderr), (f"{check}\n" * 2, ""), client)
        self.assertEqual(self.curl(program), (0 if http_status < 300 else 22, f"{http_status} 2"))

    def test_starting_and_serving(self):
        program = self.start_ready(command=probe("print=ready", "hang"))
        self.assert_they_see(program, self.clients, "14 starting", 503)
        program = self.start_ready(command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        program.wait_serving()
        self.assert_they_see(program, self.clients, "0801", 200)
        self.assertEqual(self.curl(program, "--data", "x" * 50000), (0, "200 2"))
        self.assertEqual(self.curl(program, "--header", "x: " + "y" * 9000), (0, "200 2"))
        page = http_client.ask(program, HEALTH_PORT, "/metrics").body.decode()
        self.assertIn('lastcall_health_requests_total{code="200"} 7\n', page)

    def test_draining(self):
        python, node = self.clients
        for options, clients, check, http_status in (
                ((), [python, node], "14 draining", 503), (("--drain-status=429",), [node], "14 draining", 429),
                (("--drain-status=404",), [python], "14 draining", 404), (("--drain-status=204",), [], "0801", 200)):
            program = self.start_ready("--stop-timeout=30s", "--min-drain=20s", *options,
                                       command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
            program.wait_serving()
            program.stop()
            program.err.wait_for("SIGTERM received")
            self.assert_they_see(program, clients, check, http_status)


if __name__ == "__main__":
    harness.main()
