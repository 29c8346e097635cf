# SPDX-License-Identifier: MIT
"""A program with a handler that saves for 8 s."""

from server import Stop

from catalogue.supervisord import Supervisord


class Handler(Supervisord):
    """A handler that saves for 8 s."""

    name = "shell-handler"
    packages = ""
    version = ""
    files = {"child.sh": Supervisord.files["child.sh"].replace("sleep 3", "sleep 8")}
    command = "sh child.sh"
    stops = (Stop("TERM", exits=(0,), ends_within=10.0, timeout=60),)
