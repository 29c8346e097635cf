# SPDX-License-Identifier: MIT
"""A program that takes its signals with sigwait(3)."""

from clients import Lost
from server import Stop

from catalogue.supervisord import Supervisord


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
