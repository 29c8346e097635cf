# SPDX-License-Identifier: MIT
"""An application that speaks sd_notify(3), in as many steps as its arguments are:

say=TEXT        sends it; \\n is a new line
on=SIGNAL:TEXT  sends it at each such signal; exit-on=SIGNAL:STATUS exits
listen=PORT     listens, and accepts nothing
fork            goes on in a child, and exits with 0 here; exec=COMMAND runs it in the background
print=TEXT      says it on standard output; %NAME% is that variable's value, %pid% the process's number
hang            stays"""

import os
import re
import signal
import socket
import subprocess
import sys

kept = []


def say(text):
    name = os.environ["NOTIFY_SOCKET"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.sendto(fill(text).encode().replace(b"\\n", b"\n"), name.replace("@", "\0", 1))


def fill(text):
    return re.sub(r"%(\w+)%", lambda match: str(os.getpid()) if match[1] == "pid"
                  else os.environ.get(match[1], "none"), text)


def on(value):
    number, text = value.split(":", 1)
    signal.signal(int(number), lambda *_: say(text))


def exit_on(value):
    number, status = value.split(":")
    signal.signal(int(number), lambda *_: os._exit(int(status)))


def listen(port):
    kept.append(socket.create_server(("", int(port))))


def fork(_):
    if os.fork() > 0:
        os._exit(0)


def execute(command):
    kept.append(subprocess.Popen(command, shell=True))


def hang(_):
    while True:
        signal.pause()


STEPS = {"say": say, "on": on, "exit-on": exit_on, "listen": listen, "fork": fork, "exec": execute, "hang": hang,
         "print": lambda text: print(fill(text), flush=True)}
for step in sys.argv[1:]:
    name, _, argument = step.partition("=")
    STEPS[name](argument)
