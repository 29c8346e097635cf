# SPDX-License-Identifier: MIT
"""Workers whose jobs have to be done, and programs that save something on their stop signal."""

import harness
from clients import Lost
from server import JobServer, Server, Stop

JOB = """
import time
def job():
    open("@dir@/begun", "w").write("begun")
    time.sleep(8)
    open("@dir@/finished", "w").write("finished")
"""


class Celery(JobServer):
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


class Rq(JobServer):
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


class Sidekiq(JobServer):
    packages = "ruby-sidekiq redis-server"
    version = "sidekiq --version"
    files = {"app.rb": """
require 'sidekiq'
class Job
  include Sidekiq::Worker
  def perform
    File.write('@dir@/begun', 'begun')
    sleep 8
    File.write('@dir@/finished', 'finished')
  end
end
"""}
    command = "sidekiq -r ./app.rb -c 2 -t 25"
    environment = {"REDIS_URL": "redis://127.0.0.1:6379/0"}

    def enqueue(self, box):
        status, output = box.run("ruby", "-r", "./app.rb", "-e", "Job.perform_async",
                                 env={"PATH": "/usr/bin:/bin", "REDIS_URL": "redis://127.0.0.1:6379/0"})
        assert status == 0, output


class Supervisord(Server):
    """Its child needs 3 s of Docker's 10."""

    packages = "supervisor"
    version = "supervisord --version"
    files = {
        "supervisord.conf": """[supervisord]
nodaemon=true
logfile=/dev/null
logfile_maxbytes=0
user=root
[program:child]
command=sh child.sh
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
""",
        "child.sh": "trap 'sleep 3; echo saved >saved; exit 0' TERM\necho up >up\nwhile :; do sleep .1; done\n",
    }
    command = "supervisord -c supervisord.conf"
    stops = (Stop("TERM", exits=(0,), ends_within=5.0, timeout=10),)

    def wait_serving(self, box):
        harness.wait_until(lambda: box.read("up"), "the child is up")

    def after(self, box):
        if not box.read("saved"):
            raise Lost("the child did not save")


class Handler(Supervisord):
    """A handler that saves for 8 s."""

    name = "shell-handler"
    packages = ""
    version = ""
    files = {"child.sh": Supervisord.files["child.sh"].replace("sleep 3", "sleep 8")}
    command = "sh child.sh"
    stops = (Stop("TERM", exits=(0,), ends_within=10.0, timeout=60),)


class Sigwait(Supervisord):
    """Takes the signal with sigwait, as keepalived does with a signalfd."""

    name = "sigwait"
    packages = ""
    version = ""
    files = {"app.py": """
import signal, time
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
open("up", "w").write("up")
signal.sigwait([signal.SIGTERM])
time.sleep(8)
open("saved", "w").write("saved")
"""}
    command = "/usr/bin/python3 app.py"
    stops = (Stop("TERM", exits=(0,), ends_within=10.0, timeout=30),)

    def after(self, box):
        super().after(box)
        if box.init.is_lastcall and "no_stop_signal_handler" in box.report()["diagnosis"]:
            raise Lost("the report says that it has no handler")
