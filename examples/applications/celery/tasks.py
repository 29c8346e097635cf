# SPDX-License-Identifier: MIT
import os
import socket
import time

from celery import Celery, signals

app = Celery("tasks", broker=os.environ["REDIS_URL"])
# A job that was killed all the same goes back to the queue.
app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, worker_prefetch_multiplier=1)


@app.task
def export(path):
    time.sleep(3)
    with open(path, "w") as file:
        file.write("done\n")


def notify(text):
    if name := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(text.encode(), name)


# The worker listens on no port, so that nothing else shows when it is ready, and that it has a job.
@signals.worker_ready.connect
def ready(**_):
    notify("READY=1")


@signals.task_prerun.connect
def begin(**_):
    notify("X_LASTCALL_BUSY=1")


@signals.task_postrun.connect
def end(**_):
    notify("X_LASTCALL_BUSY=0")
