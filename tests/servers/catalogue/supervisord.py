# SPDX-License-Identifier: MIT
"""supervisord."""

import harness
from clients import Lost
from server import Server, Stop


class Supervisord(Server):
    """Its child needs 3 s of Docker's 10."""

    title = "supervisord"
    kind = "init"
    signals = ("TERM", "INT", "QUIT")
    guess = "TERM stops its children and waits for them"
    note = ("It waits for each child up to `stopwaitsecs`, 10 s by default, and stops its programs [one after the "
            "other](../findings/supervisord-stops-in-turn.sh): the stop timeout has to be longer than the sum, or "
            "one `[group:]` holds them all.")
    shown = "supervisord -c supervisord.conf` with `nodaemon=true"
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
        "child.sh": "trap 'trap \"\" TERM; sleep 3; echo saved >saved; exit 0' TERM\necho up >up\nwhile :; do sleep .1; done\n",
    }
    command = "supervisord -c supervisord.conf"
    stops = (Stop("TERM", exits=(0,), ends_within=5.0, timeout=10),)

    def wait_serving(self, box):
        harness.wait_until(lambda: box.read("up"), "the child is up")

    def after(self, box):
        if not box.read("saved"):
            raise Lost("the child did not save")
