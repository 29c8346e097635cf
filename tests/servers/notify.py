# SPDX-License-Identifier: MIT
"""Real servers that speak sd_notify(3) by themselves: each is ready when it says so, and what it says is reported.
They run at the same time, each in namespaces of its own."""

import json
import os
import shutil
import sys
import textwrap

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "program"))

import harness  # noqa: E402
import http_client  # noqa: E402
from harness import HEALTH_PORT  # noqa: E402

FILES = {
    "haproxy.cfg": """
        defaults
            mode http
            timeout connect 1s
            timeout client 1s
            timeout server 1s
        frontend web
            bind 127.0.0.1:8080
            http-request return status 200
        """,
    "app.py": """
        def application(environ, start_response):
            start_response("200 OK", [])
            return [b"done"]
        """,
    "fpm.conf": """
        [global]
        error_log = /dev/stderr
        [www]
        user = nobody
        listen = 127.0.0.1:8080
        pm = static
        pm.max_children = 1
        """,
    "unbound.conf": """
        server:
            interface: 127.0.0.1@8080
            chroot: ""
            username: ""
            pidfile: ""
            use-syslog: no
        remote-control:
            control-enable: no
        """,
    "Caddyfile": ":8080 {\n    respond done\n}\n",
}

# name: command, its last status before the stop (None: it has none), and whether it announces its stop. Those after
# `always` are tested where they are installed.
ALWAYS = {
    "gunicorn": (["gunicorn", "--bind=127.0.0.1:8080", "app:application"], "Gunicorn arbiter booted", False),
    "haproxy": (["haproxy", "-Ws", "-f", "haproxy.cfg"], None, True),
    "redis-server": (["redis-server", "--port", "8080", "--supervised", "systemd", "--save", ""],
                     "Ready to accept connections", True),
    "uwsgi-core": (["uwsgi-core", "--plugin=python3", "--http-socket=127.0.0.1:8080", "--wsgi-file=app.py",
                    "--die-on-term", "--master"], "uWSGI is ready", False),
}
WHERE_INSTALLED = {
    "caddy": (["caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"], None, True),
    "php-fpm8.2": (["php-fpm8.2", "-F", "-R", "-y", "fpm.conf"], "Ready to handle connections", False),
    "unbound": (["unbound", "-d", "-c", "unbound.conf"], None, True),
}


class RealServers(harness.ProgramTest):
    def health(self, program):
        return json.loads(http_client.ask(program, HEALTH_PORT, "/healthcheck").body)

    def prepare(self):
        directory = self.temporary_directory()
        for name, content in FILES.items():
            with open(os.path.join(directory, name), "w") as file:
                file.write(textwrap.dedent(content))
        return directory

    def start_server(self, directory, command):
        """With its HOME there, and in that directory: redis, for one, wants to write where it is."""
        return self.start("--notify=ready", "--stop-timeout=20s",
                          command=["sh", "-c", f"cd {directory} && exec \"$@\"", "sh", *command],
                          env={"HOME": directory})

    def test_each_is_ready_when_it_says_so(self):
        for name in ALWAYS:
            harness.need_command(name)
        servers = ALWAYS | {name: row for name, row in WHERE_INSTALLED.items() if shutil.which(name)}
        directory = self.prepare()
        programs = {name: self.start_server(directory, row[0]) for name, row in servers.items()}
        for name, program in programs.items():
            with self.subTest(server=name):
                harness.wait_until(lambda: self.health(program)["status"] == "serving", f"{name} is ready")
                program.err.wait_for("the application says that it is ready")
                self.assertEqual(self.health(program)["app_status"], servers[name][1])
                program.stop()
        for name, program in programs.items():
            with self.subTest(server=name):
                program.wait()
                report = program.report()
                self.assertGreater(report["notify"]["ready_ms"], 0)
                self.assertEqual(report["notify"]["stopping"], servers[name][2])
                self.assertEqual(report["notify"]["ignored"], 0)
                self.assertFalse(report["app"]["killed"])


if __name__ == "__main__":
    harness.main()
