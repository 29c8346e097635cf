# SPDX-License-Identifier: MIT
"""s6 and runit: supervisors whose service needs 3 s to save."""

import os

from server import Stop

from catalogue.supervisord import Supervisord


class S6(Supervisord):
    name = "s6"
    title = "s6-svscan"
    guess = "TERM brings its services down, waits for them and exits with 0"
    note = "TERM stops the services and waits for them."
    shown = "s6-svscan service"
    packages = "s6"
    version = "dpkg-query -W s6"
    files = {"child.sh": Supervisord.files["child.sh"],
             "service/app/run": "#!/bin/sh\ncd @dir@ && exec sh child.sh\n"}
    command = "s6-svscan @dir@/service"
    stops = (Stop("TERM", exits=(0, 111), ends_within=5.0, timeout=15),)

    def prepare(self, box):
        os.chmod(box.path("service/app/run"), 0o755)


class Runit(S6):
    name = "runit"
    title = "runsvdir"
    signals = ("TERM", "HUP", "INT")
    guess = "TERM brings its services down and waits for them"
    flaw = "Its service gets TERM from `lastcall` when runsvdir has ended, and takes 3 s to save its data."
    note = "TERM ends runsvdir alone, and its services run on; `lastcall` stops them."
    shown = "runsvdir service"
    packages = "runit"
    version = "dpkg-query -W runit"
    command = "runsvdir @dir@/service"
    stops = (Stop("TERM", exits=(0, 111), ends_within=5.0, timeout=15),)
