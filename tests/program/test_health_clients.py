# SPDX-License-Identifier: MIT
"""The health endpoint, asked by real clients: curl, busybox wget, HAProxy, nginx, Prometheus."""

import json
import os
import re
import subprocess
import urllib.parse

import harness
from harness import APP_PORT, HEALTH_PORT, need_command, probe

URL = f"http://127.0.0.1:{HEALTH_PORT}"

HAPROXY = """
global
    stats socket {directory}/socket level admin
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
listen web
    bind 127.0.0.1:7100
    option httpchk {check}
    http-check expect status 200
    server app 127.0.0.1:8080 check port 5278 inter 50ms fall 1 rise 1
"""

NGINX = """
daemon off; master_process off; pid {directory}/pid; error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {directory}/a; proxy_temp_path {directory}/b; fastcgi_temp_path {directory}/c;
    uwsgi_temp_path {directory}/d; scgi_temp_path {directory}/e;
    upstream health {{ server 127.0.0.1:5278; keepalive 4; }}
    server {{
        listen 127.0.0.1:7200;
        location / {{ proxy_pass http://health; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
"""

PROMETHEUS = """
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: lastcall
    static_configs: [{targets: ["127.0.0.1:5278"]}]
"""


class Clients(harness.ProgramTest):
    def setUp(self):
        super().setUp()
        self.program = self.start_ready(
            "--stop-timeout=20s", command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        self.program.wait_serving()
        self.directory = self.temporary_directory()

    def beside(self, *command):
        return ["nsenter", f"--net=/proc/{self.program._jail.pid}/ns/net", *command]

    def run_beside(self, *command, **arguments):
        return subprocess.run(self.beside(*command), capture_output=True, text=True,
                              timeout=harness.PATIENCE, **arguments)

    def start_beside(self, *command):
        with open(os.path.join(self.directory, "log"), "w") as log:
            process = subprocess.Popen(self.beside(*command), stdout=log, stderr=log)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def test_curl(self):
        need_command("curl")
        for option in ("--http1.1", "--http1.0", "--head", "--http2", "-XOPTIONS"):
            done = self.run_beside("curl", "-sf", option, f"{URL}/healthcheck")
            self.assertEqual(done.returncode, 0, option)

    def test_busybox_wget(self):
        need_command("busybox")
        done = self.run_beside("busybox", "wget", "-q", "-O", "-", f"{URL}/healthcheck")
        self.assertEqual(json.loads(done.stdout)["status"], "serving")
        done = self.run_beside("busybox", "wget", "-q", "-O", "-", f"{URL}/nothing")
        self.assertNotEqual(done.returncode, 0)

    def test_promtool_finds_nothing_to_say(self):
        need_command("promtool")
        text = self.run_beside("curl", "-s", f"{URL}/metrics").stdout
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_haproxy_takes_the_server_out_of_service(self):
        self.check_haproxy("GET /healthcheck")

    def test_haproxy_asks_with_options_by_default(self):
        self.check_haproxy("/healthcheck")

    def test_haproxy_asks_with_options_of_everything(self):
        self.check_haproxy("OPTIONS *")

    def check_haproxy(self, check):
        need_command("haproxy")
        config = self.write("haproxy.cfg", HAPROXY.format(directory=self.directory, check=check))
        self.start_beside("haproxy", "-f", config)

        def fetch():
            return self.run_beside("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}",
                                   "http://127.0.0.1:7100/").stdout

        asked = 0

        def was_checked():
            nonlocal asked
            asked += 1
            page = self.run_beside("curl", "-s", f"{URL}/metrics").stdout
            found = re.search(r'health_requests_total{code="200"} (\d+)', page)
            return found and int(found[1]) - asked >= 10

        harness.wait_until(was_checked, "HAProxy has checked")
        harness.wait_until(lambda: fetch() == "200", "HAProxy serves")
        slow = subprocess.Popen(self.beside("curl", "-s", "http://127.0.0.1:7100/d2000"),
                                stdout=subprocess.PIPE, text=True)
        harness.wait_until(
            lambda: json.loads(self.run_beside("curl", "-s", f"{URL}/healthcheck").stdout)["busy"] > 0,
            "the request is seen")
        self.program.stop()
        harness.wait_until(lambda: fetch() == "503", "HAProxy has noticed")
        self.assertEqual(slow.communicate()[0], "xx")

    def test_nginx_passes_it_on(self):
        need_command("nginx")
        config = self.write("nginx.conf", NGINX.format(directory=self.directory))
        self.start_beside("nginx", "-c", config)
        harness.wait_until(
            lambda: self.run_beside("curl", "-sf", "http://127.0.0.1:7200/healthcheck").returncode == 0,
            "nginx serves")
        for _ in range(20):
            done = self.run_beside("curl", "-sf", "http://127.0.0.1:7200/healthcheck")
            self.assertEqual(json.loads(done.stdout)["status"], "serving")
            done = self.run_beside("curl", "-sf", "-X", "OPTIONS", "http://127.0.0.1:7200/healthcheck")
            self.assertEqual((done.returncode, done.stdout), (0, ""))

    def ask_prometheus(self, query):
        url = "http://127.0.0.1:7300/api/v1/query?" + urllib.parse.urlencode({"query": query})
        done = self.run_beside("curl", "-s", url)
        if done.returncode != 0 or not done.stdout.startswith("{"):
            return None
        result = json.loads(done.stdout)["data"]["result"]
        return result[0]["value"][1] if result else None

    def test_prometheus_scrapes(self):
        need_command("prometheus")
        config = self.write("prometheus.yml", PROMETHEUS)
        self.start_beside("prometheus", f"--config.file={config}", "--web.listen-address=127.0.0.1:7300",
                          f"--storage.tsdb.path={self.directory}/data")
        harness.wait_until(lambda: self.ask_prometheus("up") == "1", "Prometheus has scraped")
        self.assertEqual(self.ask_prometheus('lastcall_state{state="serving"}'), "1")
        self.assertEqual(self.ask_prometheus("lastcall_stop_deadline_seconds"), "+Inf")
        self.assertIsNotNone(self.ask_prometheus('lastcall_health_requests_total{code="200"}'))


if __name__ == "__main__":
    harness.main()
