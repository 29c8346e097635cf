# SPDX-License-Identifier: MIT
"""RQ."""

from apps import JOB
from server import JobServer


class Rq(JobServer):
    title = "RQ"
    kind = "jobs"
    signals = ("TERM", "INT")
    guess = "TERM finishes the job"
    note = "TERM waits for the job. A second TERM ends it, and `lastcall` sends none. The stop timeout has to be longer than your longest job."
    packages = "python3-rq redis-server"
    version = "dpkg-query -W python3-rq"
    files = {"tasks.py": JOB}
    command = "rq worker --url redis://127.0.0.1:6379/0"
    environment = {"PYTHONPATH": "."}

    def enqueue(self, box):
        status, output = box.run("/usr/bin/python3", "-c", "import redis, rq, tasks;"
                                 " rq.Queue(connection=redis.Redis()).enqueue(tasks.job)",
                                 env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"})
        assert status == 0, output
