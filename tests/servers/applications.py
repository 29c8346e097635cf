#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stops each of examples/applications: the words and the files of its Dockerfile, in a root of its own, with work
in flight."""

import argparse
import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, os.pardir, "program")]

import harness  # noqa: E402
import http_client  # noqa: E402
from catalogue.grpc_servers import CLIENT  # noqa: E402
from clients import Backend, Lost  # noqa: E402
from image import IN_ROOT, Container, Image  # noqa: E402
from judge import stop_once  # noqa: E402
from run import show  # noqa: E402
from server import HttpServer, JobServer, Server, Stop, in_flight  # noqa: E402

EXAMPLES = os.path.join(here, os.pardir, os.pardir, "examples", "applications")
DOCKER_S = 10  # until SIGKILL, where the example says nothing else
AT_ONCE_MS = 500  # of a busy machine


class Application:
    """An example; comes before a Server among the bases. `hosts` are the names of other containers."""

    needs = ()  # programs of this machine
    hosts = ()
    links = {}  # what the base has, and under which name it is here

    def load(self, name):
        self.name = name
        self.image = Image(os.path.join(EXAMPLES, name))
        self.environment = {"LANG": "C.UTF-8", **self.image.stage.environment}
        return self

    def argv(self):
        return ["@dir@/root", "@dir@/data", self.image.stage.directory, *self.image.words()]

    def missing(self):
        """Programs of this machine that stand for what the base has, or the Dockerfile installs."""
        return next((f"no {name} here" for name in self.needs if not shutil.which(name)), None)

    def prepare(self, box):
        os.rename(self.image.build(box, self.lay_base), box.path("root"))

    def lay_base(self, tree):
        os.makedirs(os.path.join(tree, "etc"))
        with open(os.path.join(tree, "etc/hosts"), "w") as file:
            file.write("".join(f"127.0.0.1 {name}\n" for name in ("localhost", *self.hosts)))
        for name, path in self.links.items():
            os.makedirs(os.path.dirname(tree + name), exist_ok=True)
            os.symlink(path, tree + name)

    def wait_healthy(self, box):
        """As `docker ps` shows it."""
        def is_healthy():
            status, _ = self.inside(box, *self.image.stage.healthcheck)
            return status == 0
        harness.wait_until(is_healthy, f"{self.name} is healthy")

    def wait_serving(self, box):
        super().wait_serving(box)
        self.wait_healthy(box)

    def stop_timeout(self):
        words = self.environment.get("LASTCALL_STOP_TIMEOUT", f"{DOCKER_S}s")
        return int(words.removesuffix("s"))

    def inside(self, box, *command):
        """As `docker exec`: (exit status, output)."""
        done = subprocess.run(
            ["nsenter", f"--target={box.program.pid}", "--mount", "--net", "--pid", "--root", "--wd", *command],
            env=harness.environment(self.environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=60)
        return done.returncode, done.stdout


class Nginx(Application, HttpServer):
    needs = ("nginx",)
    hosts = ("app",)
    stops = (Stop("QUIT", exits=(0,), ends_within=3.0),)  # the image's STOPSIGNAL

    def started(self, box):
        box.backend = Backend(box, 8000)


class Express(Application, HttpServer):
    needs = ("node", "npm")
    stops = (Stop("TERM", exits=(0,), ends_within=3.0),)


class Fastify(Express):
    pass


class Gunicorn(Application, HttpServer):
    needs = ("gunicorn",)
    stops = (Stop("TERM", exits=(0,), ends_within=5.0),)


class Uvicorn(Application, HttpServer):
    needs = ("uvicorn",)
    stops = (Stop("TERM", exits=(0,), ends_within=3.0),)


class Puma(Application, HttpServer):
    needs = ("puma",)
    stops = (Stop("TERM", exits=(0,), ends_within=2.0),)


class PhpFpm(Application, HttpServer):
    needs = ("php-fpm8.2", "nginx")
    links = {"/usr/local/sbin/php-fpm": "/usr/sbin/php-fpm8.2"}
    stops = (Stop("QUIT", exits=(0,), ends_within=3.0),)


class Tomcat(Application, HttpServer):
    needs = ("javac", "tomcat10-instance-create")
    stops = (Stop("TERM", exits=(0,), ends_within=5.0),)

    def lay_base(self, tree):
        """Debian's files, as the image has them."""
        super().lay_base(tree)
        home = tree + "/usr/local/tomcat"
        shutil.copytree("/usr/share/tomcat10/skel/conf", home + "/conf")
        for name in ("bin", "lib"):
            os.symlink("/usr/share/tomcat10/" + name, f"{home}/{name}")
        for name in ("logs", "temp", "webapps", "work"):
            os.makedirs(f"{home}/{name}")

    def load(self, name):
        super().load(name)
        self.environment |= {"CATALINA_HOME": "/usr/local/tomcat", "JRE_HOME": "/usr",
                             "PATH": "/usr/local/tomcat/bin:" + harness.environment()["PATH"]}
        return self


class Go(Application, HttpServer):
    """Clients go on to connect without a request: Shutdown alone would wait for each of them."""

    needs = ("go",)
    stops = (Stop("TERM", exits=(0,), ends_within=3.0),)

    def during(self, box):
        try:
            box.watch(f"never used {len(box.idle)}", box.connect())
        except OSError:
            return None
        return super().during(box)


def was_signalled_at_once(box):
    phases = box.report()["phases_ms"]
    if phases["min_drain"] + phases["drain"] > AT_ONCE_MS:
        raise Lost(f"it was signalled after {phases}")


class Worker(Application, JobServer):
    """A job of 3 s, which leaves a file in the volume. Another container is its broker. A job that arrives after the
    stop signal is left to other workers."""

    hosts = ("redis",)
    seconds = 3
    moment = 0.2
    result = "data/finished"
    stops = (Stop("TERM", exits=(0,), ends_within=10.0),)  # Celery itself needs a while, more of it on a busy machine

    def enqueue(self, box, path):
        """In a container of its own of the same image."""
        status, output = box.run("unshare", "--mount", IN_ROOT, "--", *self.argv()[:3], *self.client, path,
                                 env=harness.environment(self.environment))
        assert status == 0, output

    def wait_serving(self, box):
        self.wait_healthy(box)
        self.enqueue(box, "/data/finished")
        harness.wait_until(lambda: self.jobs(box) == 1, f"{self.name} works")

    def jobs(self, box):
        """In flight, as the health endpoint says."""
        return json.loads(http_client.ask(box.program, harness.HEALTH_PORT, "/healthcheck").body)["jobs"]

    def during(self, box):
        self.enqueue(box, "/data/late")

    def after(self, box):
        jobs = box.report()["jobs"]
        if (jobs["finished"], jobs["peak"]) != (1, 1):
            raise Lost(f"the report has other jobs: {jobs}")
        if box.read("data/late"):
            raise Lost("it took another job")
        was_signalled_at_once(box)


class Celery(Worker):
    needs = ("celery", "redis-server")
    client = ("python3", "-c", "import sys, tasks; tasks.export.delay(sys.argv[1])")


class Sidekiq(Worker):
    needs = ("sidekiq", "redis-server")
    client = ("ruby", "-r", "./app.rb", "-e", "Export.perform_async(ARGV[0])")


class Grpc(Application, Server):
    """A call of 3 s in flight, and a client that has been answered and stays."""

    needs = ("python3",)
    stops = (Stop("TERM", exits=(0,), ends_within=2.0),)

    def wait_serving(self, box):
        super().wait_serving(box)
        self.call(box, "quick")

    def call(self, box, request):
        status, output = box.run("/usr/bin/python3", "client.py", request)
        if status != 0 or "done" not in output:
            raise Lost(output.strip()[-200:])

    def prepare(self, box):
        super().prepare(box)
        box.write("client.py", CLIENT.replace("test.Test", "shop.Shop"))

    def begin(self, box):
        idle = box.spawn("/usr/bin/python3", "client.py", "idle", stdin=subprocess.PIPE)
        harness.wait_until(lambda: idle.stdout.readline().strip() == "answered", "the idle client is answered")
        return [in_flight(box, "call", lambda: self.call(box, "slow"))]

    def after(self, box):
        was_signalled_at_once(box)


def all_applications():
    """By name, which is the directory's."""
    classes = [found for found in globals().values()
               if isinstance(found, type) and issubclass(found, Application) and found.needs]
    names = {found: re.sub(r"(?<=[a-z])(?=[A-Z])", "-", found.__name__).lower() for found in classes}
    return {name: found().load(name) for found, name in names.items()}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="examples; all, if none is named")
    parser.add_argument("--list", action="store_true", help="names, one a line")
    parser.add_argument("-v", "--verbose", action="store_true", help="what each process said")
    return parser.parse_args()


def main():
    options = arguments()
    applications = all_applications()
    if options.list:
        print("\n".join(applications))
        return 0
    if reason := harness.cannot_run():
        print(f"cannot run: {reason}")
        return 1 if harness.MUST_RUN else harness.SKIPPED
    ran = skipped = wrong = 0
    for name in options.names or applications:
        application = applications[name]
        if reason := application.missing():
            print(f"skipped: {name}: {reason}")
            skipped += 1
            continue
        for stop in application.stops:
            stop = dataclasses.replace(stop, timeout=application.stop_timeout())
            result = stop_once(application, stop, Container())
            show(result, options.verbose, sys.stdout)
            ran += 1
            wrong += bool(result.problems)
    if wrong or (skipped and harness.MUST_RUN):
        return 1
    return 0 if ran else harness.SKIPPED


if __name__ == "__main__":
    sys.exit(main())
