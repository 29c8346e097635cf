# SPDX-License-Identifier: MIT
"""cron, with a job that runs."""

import harness
from clients import Lost, Work
from server import Advice, Server, Stop

BUSY = f"@reboot {harness.LASTCALL} --busy -- sh @dir@/job.sh\n"


class Cron(Server):
    """The job is started by @reboot; what cron reads and writes are mounts of its own."""

    title = "cron -f"
    kind = "jobs"
    signals = ("TERM", "INT")
    guess = "TERM ends cron at once with 143 or 0; the job is left behind"
    note = ("cron does not wait for its jobs. Without `--busy` `lastcall` cannot tell a job from a daemon that cron started: a "
            "job gets TERM when cron has ended, and is lost unless it handles TERM.")
    advice = Advice(files={"tabs/root": BUSY}, set="`lastcall --busy --` before each command of the crontab",
                    why="a stop then waits for the job as for a request")
    shown = "cron -f"
    packages = "cron"
    version = "dpkg-query -W cron"
    files = {"job.sh": "echo begun >@dir@/begun\nsleep 5\necho finished >@dir@/finished\n",
             "tabs/root": "@reboot sh @dir@/job.sh\n",
             "start.sh": "mount -t tmpfs none /run && mount --bind @dir@/tabs /var/spool/cron/crontabs && exec cron -f\n"}
    command = "sh start.sh"
    stops = (Stop("TERM", exits=(143, 0), ends_within=8.0, timeout=30, alarm=None, loses=("job",)),)

    def prepare(self, box):
        box.make("chmod", "600", "tabs/root")

    def wait_serving(self, box):
        harness.wait_until(lambda: box.read("begun"), "the job has begun")

    def begin(self, box):
        def wait():
            harness.wait_until(lambda: box.read("finished") or box.program.ending is not None, "the job", 60)
            if not box.read("finished"):
                raise Lost("the job was not done")
        return [Work("job", wait)]


class CronBusy(Cron):
    """A job that is declared is waited for."""

    name = "cron-busy"
    files = {**Cron.files, "tabs/root": BUSY}
    stops = (Stop("TERM", exits=(143, 0), timeout=30),)
