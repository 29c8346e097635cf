# SPDX-License-Identifier: MIT
"""Shells in front of the application, in the forms of entrypoints. The shell is dash, the application Node's
server with a handler for TERM."""

from apps import NODE
from server import Advice, HttpServer, Stop

APPLICATION = "node app.js http close"


class ShellExec(HttpServer):
    """ENTRYPOINT ["sh", "-c", "exec app"]."""

    name = "shell-exec"
    title = "sh -c 'exec app'"
    kind = "init"
    signals = ("TERM", "INT")
    guess = "as the application alone: the shell is gone"
    note = "The application is the main process: the signal and the status are its own."
    shown = "sh -c 'exec node app.js'"
    packages = "dash nodejs"
    version = "dpkg-query -W dash"
    files = {"app.js": NODE}
    command = f"sh -c 'exec {APPLICATION}'"
    never_used = False
    stops = (Stop("TERM", exits=(0,)),)

    def prepare(self, box):
        box.certificate()


class ShellForm(ShellExec):
    """ENTRYPOINT app: Docker runs /bin/sh -c app."""

    name = "shell-form"
    shown = "sh -c 'node app.js'"
    title = "sh -c app"
    guess = "the shell stays in front, ends on TERM and leaves the application"
    note = "dash 0.5.12 stays in front of the application even where that is the only command; `exec` before it changes that."
    command = f"sh -c '{APPLICATION}'"
    stops = (Stop("TERM", exits=(0, 143)),)


class ShellAnd(ShellExec):
    """ENTRYPOINT prepare && app."""

    name = "shell-and"
    shown = "sh -c 'prepare && node app.js'"
    title = "sh -c 'prepare && app'"
    guess = "the shell stays in front, ends on TERM with 143 and leaves the application; as PID 1 it ignores TERM"
    note = "The shell stays in front. It ends on TERM with 143, and as PID 1 ignores TERM."
    command = f"sh -c 'true && {APPLICATION}'"
    stops = (Stop("TERM", exits=(0, 143)),)
    advice = Advice(command=f"sh -c 'true && exec {APPLICATION}'", set="`exec` before the application",
                    why="the application then gets the signal, and the exit status is its own")


class ShellScript(ShellExec):
    """A script whose last line is the application, without exec."""

    name = "shell-script"
    shown = "sh start.sh"
    title = "script, app on its last line"
    guess = "as sh -c 'prepare && app'"
    note = "The shell stays in front. It ends on TERM with 143, and as PID 1 ignores TERM."
    files = {"app.js": NODE, "start.sh": f"true\n{APPLICATION}\n"}
    command = "sh start.sh"
    stops = (Stop("TERM", exits=(0, 143)),)
    advice = Advice(files={"start.sh": f"true\nexec {APPLICATION}\n"}, set="`exec` before the application",
                    why="the application then gets the signal, and the exit status is its own")


class ShellTrap(ShellExec):
    """A script that starts the application in the background, traps TERM and waits."""

    name = "shell-trap"
    shown = "sh start.sh"
    title = "script with trap and wait"
    guess = "the trap forwards TERM; the script ends with 143 before the application, because wait is interrupted"
    note = "wait returns when the trap has run: the script ends before its application, with 143."
    files = {"app.js": NODE, "start.sh": f"{APPLICATION} &\napp=$!\ntrap 'kill -TERM $app' TERM\nwait $app\n"}
    command = "sh start.sh"
    stops = (Stop("TERM", exits=(0, 143)),)
    advice = Advice(files={"start.sh": f"exec {APPLICATION}\n"}, set="`exec` before the application",
                    why="the application then gets the signal, and the exit status is its own")
