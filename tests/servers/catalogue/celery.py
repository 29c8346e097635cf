# SPDX-License-Identifier: MIT
"""Celery."""

from apps import JOB
from server import JobServer, Stop


class Celery(JobServer):
    title = "Celery, prefork"
    kind = "jobs"
    signals = ("TERM", "QUIT", "INT")
    guess = "TERM finishes jobs, QUIT cuts, INT finishes"
    flaw = "The worker takes two seconds to end after its last job."
    note = ("TERM waits for jobs. The stop timeout has to be longer than your longest job. The worker listens on no "
            "port: `/healthcheck` answers 503 `starting` until the application sends READY=1, or with "
            "`--app-check=none` 200 at once.")
    packages = "celery python3-redis redis-server"
    version = "celery --version"
    files = {"tasks.py": JOB + """
from celery import Celery
app = Celery("tasks", broker="redis://127.0.0.1:6379/0")
task = app.task(job, name="job")
"""}
    command = "celery -A tasks worker --concurrency 2 --pool prefork --without-gossip --without-mingle"
    stops = (Stop("TERM", exits=(0,), ends_within=5.0, timeout=30),)
    in_ci = True

    def enqueue(self, box):
        status, output = box.run("/usr/bin/python3", "-c", "import tasks; tasks.task.delay()",
                                 env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"})
        assert status == 0, output
