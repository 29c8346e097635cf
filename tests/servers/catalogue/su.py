# SPDX-License-Identifier: MIT
"""su, in front of an application that needs 3 s to save."""

from server import Advice, Stop

from catalogue.supervisord import Supervisord


class Su(Supervisord):
    """As entrypoints do that start as root and run the application as another user."""

    name = "su"
    title = "su -c"
    signals = ("TERM",)
    guess = "TERM is passed on, and su waits for its command"
    note = ("su passes TERM on, [kills its command 2 s later](../findings/su-kills-after-two-seconds.sh), and exits with 143. "
            "runuser does the same.")
    advice = Advice(command="setpriv --reuid=root sh child.sh", set="`setpriv` or `gosu` in place of `su`",
                    why="the application then takes its place, and has the whole stop timeout")
    shown = "su -s /bin/sh app -c 'exec app'"
    packages = "util-linux"
    version = "dpkg-query -W util-linux"
    files = {"child.sh": Supervisord.files["child.sh"]}
    command = "su -s /bin/sh root -c 'exec sh child.sh'"
    stops = (Stop("TERM", exits=(143,), ends_within=5.0, loses=("state",)),)
