# SPDX-License-Identifier: MIT
"""Drills over HTTP/2 against nginx and Node's http2: what is cut is found, what is drained passes."""

import pathlib
import subprocess
import tempfile

import drill_case
from drill_case import FAIL, PASS, UNREACHED

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


class Http2(drill_case.DrillCase):
    load = ("--http2", "--in-flight=4", "--keep-alive=5", "--burst=5", "--rate=20", "--preconnected=2")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shared = tempfile.TemporaryDirectory(prefix="lastcall-drill.")
        cls.addClassCleanup(shared.cleanup)
        cls.shared = pathlib.Path(shared.name)
        cls.key, cls.certificate = cls.shared / "key.pem", cls.shared / "cert.pem"
        subprocess.run(("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-keyout", cls.key, "-out", cls.certificate, "-days", "9", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"),
                       check=True, capture_output=True)

    def drill(self, expected, *arguments, **more):
        return super().drill(expected, f"--cacert={self.certificate}", *arguments, **more)

    def server(self, manner, tls=False):
        return self.node("http2_server.js", manner, *((self.key, self.certificate) if tls else ()))

    def nginx(self, tls=False):
        self.need("nginx")
        (self.shared / "big").write_bytes(b"x" * 300_000)
        (self.shared / "index.html").write_text("hello\n")
        configuration = self.shared / "nginx.conf"
        configuration.write_text(
            NGINX.format(dir=self.shared, port=self.port, tls=" ssl" if tls else ""))
        return ("nginx", "-e", str(self.shared / "error.log"), "-c", str(configuration))

    def test_a_server_that_goes_at_once_fails(self):
        result = self.drill(FAIL, "--slow=/slow", "--", *self.server("abrupt"))
        self.assertEqual(self.outcomes(result), {"eof_before_response": 4})

    def test_a_server_that_drains_passes(self):
        result = self.drill(PASS, "--slow=/slow", "--stream=/stream", "--upload=/upload", "--upload-size=50k",
                            "--upload-rate=50k/s", "--", *self.server("drain"))
        self.assert_all_answered(result)

    def test_over_tls(self):
        result = self.drill(PASS, "--slow=/slow", "--stream=/stream", "--", *self.server("drain", tls=True),
                            scheme="https")
        self.assert_all_answered(result)
        result = self.drill(FAIL, "--slow=/slow", "--", *self.server("abrupt", tls=True), scheme="https")
        self.assertEqual(self.outcomes(result), {"eof_before_response": 4})

    def test_refused_streams_are_refused_and_may_be_sent_again(self):
        result = self.drill(FAIL, "--slow=/slow", "--", *self.server("refuse"))
        self.assertEqual(self.outcomes(result), {"goaway": 4})
        self.drill(PASS, "--slow=/slow", "--retry-safe=goaway", "--", *self.server("refuse"))
        self.assertIn("4 goaway: clients have to send them again", self.said)

    def test_responses_that_break_off_fail(self):
        for manner, outcome in (("cut", "truncated"), ("reset", "reset_mid_body")):
            with self.subTest(manner):
                result = self.drill(FAIL, "--stream=/stream", "--", *self.server(manner))
                self.assertEqual(self.outcomes(result), {outcome: 4})

    def test_a_response_that_ends_early_is_found_by_its_bytes(self):
        result = self.drill(FAIL, "--stream=/stream", "--body=same", "--", *self.server("shorten"))
        self.assertEqual(self.outcomes(result), {"corrupt": 4, "ok": 1})

    def test_nginx(self):
        load = ("--download=/big", "--read-rate=200k/s")
        for tls, scheme in ((False, "http"), (True, "https")):
            with self.subTest(scheme):
                result = self.drill(FAIL, *load, "--", *self.nginx(tls), scheme=scheme)
                self.assertNotIn("ok", self.outcomes(result))
                result = self.drill(PASS, *load, "--", *self.lastcall(*self.nginx(tls)), scheme=scheme)
                self.assert_all_answered(result)

    def test_a_server_without_http2_is_told_from_one_that_does_not_answer(self):
        self.drill(UNREACHED, "--start-timeout=4s", "--", "python3", "-B",
                   str(drill_case.pathlib.Path(__file__).with_name("drill_server.py")), "graceful", str(self.port))
        self.assertRegex(self.said, "(no|an) answer in HTTP/2")  # an: it closes before what it says is read


if __name__ == "__main__":
    drill_case.main()
