# SPDX-License-Identifier: MIT
"""How a drill reaches its target: other addresses, unix sockets, TLS with certificates; and what a body has to be."""

import json
import os
import pathlib
import subprocess
import sys

import drill_case
from drill_case import DRILL, FAIL, PASS, UNREACHED, USAGE

SERVER = pathlib.Path(__file__).with_name("way_server.py")
LOAD = ("--in-flight=4", "--slow=/slow", "--keep-alive=0", "--burst=4", "--rate=20", "--runs=1", "--start-timeout=5s")


def make_certificate(path, name, authority=None):
    """A certificate with its key in path.pem, and alone in path.crt; without authority signed by itself."""
    signer = ("-CA", f"{authority}.crt", "-CAkey", f"{authority}.pem") if authority else ()
    subprocess.run(("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", f"{path}.pem", "-out", f"{path}.crt", "-days", "1", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name}", *signer), check=True, capture_output=True)
    with open(f"{path}.pem", "ab") as whole:
        whole.write(pathlib.Path(f"{path}.crt").read_bytes())


class Ways(drill_case.DrillTestCase):
    def drill(self, expected, *arguments, server):
        command = (DRILL, *LOAD, f"--json={self.json}", *arguments, "--", sys.executable, "-B", str(SERVER),
                   *map(str, server))
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.said = done.stdout + done.stderr
        self.assertEqual(done.returncode, expected, f"{done.args}\n{self.said}")
        return json.loads(self.json.read_text()) if self.json.exists() else None

    def test_the_url_is_an_operand(self):
        for arguments in ((f"http://127.0.0.1:{self.port}/", "--max-stop=5s"),
                          ("--max-stop=5s", f"http://127.0.0.1:{self.port}/")):
            result = self.drill(PASS, *arguments, server=("tcp", "127.0.0.1", self.port))
            self.assertEqual(result["url"], f"http://127.0.0.1:{self.port}/")

    def test_all_addresses_of_a_name_are_tried(self):
        """127.0.0.1 has no listener."""
        self.drill(PASS, f"http://localhost:{self.port}/", server=("tcp", "::1", self.port))

    def test_a_unix_socket(self):
        path = self.directory / "app.sock"
        result = self.drill(PASS, "http://shop.example/", f"--unix-socket={path}", "--expect-body=^host shop.example$",
                            server=("unix", path))
        self.assertEqual(result["runs"][0]["numbers"]["in_flight_completed"], 4)
        self.assertIsNone(result["runs"][0]["numbers"]["queued_at_stop"])

    def test_connections_go_where_they_are_sent(self):
        for detour in (f"shop.example:80:127.0.0.1:{self.port}", f"::127.0.0.1:{self.port}"):
            self.drill(PASS, "http://shop.example/", f"--connect-to={detour}", "--expect-body=^host shop.example$",
                       server=("tcp", "127.0.0.1", self.port))

    def test_a_body_that_does_not_match_is_corrupt(self):
        url = f"http://127.0.0.1:{self.port}/wrong"
        server = ("tcp", "127.0.0.1", self.port)
        result = self.drill(FAIL, url, "--expect-body=^host 127", server=server)
        cohorts = result["runs"][0]["cohorts"].values()  # the burst may be answered before the server has its signal
        self.assertGreater(sum(cohort["outcomes"]["corrupt"] for cohort in cohorts), 0)
        self.drill(PASS, url, "--expect-body=^host 127|other", server=server)

    def test_tls_says_what_is_wrong_and_which_option_helps(self):
        authority, other, server = (str(self.directory / name) for name in ("authority", "other", "server"))
        for path in (authority, other):
            make_certificate(path, pathlib.Path(path).name)
        make_certificate(server, "localhost")
        url, at = f"https://localhost:{self.port}/", ("tls", self.port, f"{server}.pem")
        wait = "--start-timeout=1s"
        self.drill(UNREACHED, url, wait, server=at)
        self.assertRegex(self.said, "TLS: self-signed certificate; give its authority's certificate as --cacert")
        self.drill(PASS, url, f"--cacert={server}.crt", server=at)
        self.drill(PASS, url, "--insecure", server=at)
        self.drill(UNREACHED, f"https://127.0.0.1:{self.port}/", f"--cacert={server}.crt", wait, server=at)
        self.assertRegex(self.said, "TLS: IP address mismatch; the certificate is for another name")
        self.drill(UNREACHED, url, wait, server=("tcp", "127.0.0.1", self.port))
        self.assertRegex(self.said, r"TLS: .*; it may be http:// there")

    def test_a_client_shows_its_certificate(self):
        client, server, other = (str(self.directory / name) for name in ("client", "server", "other"))
        for path in (client, other):
            make_certificate(path, pathlib.Path(path).name)
        make_certificate(server, "localhost")
        url, at = f"https://localhost:{self.port}/", ("tls", self.port, f"{server}.pem", f"{client}.crt")
        trust = f"--cacert={server}.crt"
        self.drill(UNREACHED, url, trust, "--start-timeout=1s", server=at)
        self.assertRegex(self.said, "TLS: .*alert.*; the server may ask for a client's certificate: give --cert")
        self.drill(PASS, url, trust, f"--cert={client}.crt", f"--key={client}.pem", server=at)
        self.drill(PASS, url, trust, f"--cert={client}.pem", server=at)
        self.drill(UNREACHED, url, trust, f"--cert={client}.crt", f"--key={other}.pem", server=at)
        self.assertIn("give both in PEM, as --cert and --key", self.said)

    def test_a_file_is_written_whole_or_not_at_all(self):
        self.json.write_text("old")
        self.json.chmod(0o640)
        arguments = ("prlimit", "--fsize=4096", DRILL, *LOAD, f"--json={self.json}",
                     f"http://127.0.0.1:{self.port}/", "--", sys.executable, "-B", str(SERVER), "tcp", "127.0.0.1",
                     str(self.port))
        done = subprocess.run(("env", "--ignore-signal=XFSZ", *arguments), capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, USAGE, done.stdout + done.stderr)
        self.assertIn("File too large", done.stderr)
        self.assertEqual(self.json.read_text(), "old")
        self.drill(PASS, f"http://127.0.0.1:{self.port}/", server=("tcp", "127.0.0.1", self.port))
        self.assertEqual(self.json.stat().st_mode & 0o777, 0o640)
        self.assertEqual([path.name for path in self.directory.iterdir()], ["result.json"])

    def test_a_file_stays_the_one_that_others_have_open(self):
        """A name for a descriptor, and a link to a file that is yet to come, are written through."""
        target = self.directory / "target.json"
        link = self.directory / "link.json"
        link.symlink_to(target)
        server = (sys.executable, "-B", str(SERVER), "tcp", "127.0.0.1", str(self.port))
        with open(self.json, "w+", encoding="utf-8") as out:
            done = subprocess.run((DRILL, *LOAD, f"--json=/dev/fd/{out.fileno()}", f"--ndjson={link}",
                                   f"http://127.0.0.1:{self.port}/", "--", *server), capture_output=True, text=True,
                                  timeout=60, pass_fds=(out.fileno(),))
            self.assertEqual(done.returncode, PASS, done.stdout + done.stderr)
            self.assertEqual(json.load(out)["verdict"], "pass")
        self.assertTrue(link.is_symlink())
        self.assertGreater(target.stat().st_size, 100)

    def test_a_file_keeps_its_owner_and_its_other_names(self):
        other = self.directory / "other.json"
        self.json.write_text("old")
        other.hardlink_to(self.json)
        metrics = self.directory / "metrics"
        metrics.write_text("old")
        os.chown(metrics, 65534, 65533)
        self.drill(PASS, f"http://127.0.0.1:{self.port}/", f"--openmetrics={metrics}",
                   server=("tcp", "127.0.0.1", self.port))
        self.assertEqual(json.loads(other.read_text())["verdict"], "pass")
        self.assertTrue(other.samefile(self.json))
        self.assertEqual((metrics.stat().st_uid, metrics.stat().st_gid), (65534, 65533))
        self.assertIn("drain_verdict", metrics.read_text())
        self.assertEqual({path.name for path in self.directory.iterdir()}, {"result.json", "other.json", "metrics"})

    def test_a_directory_is_no_output(self):
        self.drill(USAGE, f"http://127.0.0.1:{self.port}/", f"--svg={self.directory}",
                   server=("tcp", "127.0.0.1", self.port))
        self.assertIn("Is a directory", self.said)
        self.assertFalse(self.json.exists())


if __name__ == "__main__":
    drill_case.main()
