# SPDX-License-Identifier: MIT
"""OpenSSH."""

import os

from clients import Lost
from server import Server, Stop, in_flight


class Sshd(Server):
    """A command that runs in a session, for a client with a key. With SHLVL bash reads no ~/.bashrc of this machine."""

    title = "OpenSSH"
    kind = "network"
    signals = ("TERM",)
    guess = "TERM ends the listener; sessions go on"
    note = ("A session is a process of its own, and outlives the listener; in a container it is killed when PID 1 ends. "
            "`lastcall` waits for a session, but where nothing is sent for `--longest-request`, 10 s, it counts as idle: "
            "raise that above the longest silence of your sessions.")
    shown = "/usr/sbin/sshd -D -e"
    packages = "openssh-server openssh-client"
    version = "ssh -V"
    files = {"sshd_config": """
Port 8080
HostKey @dir@/host
AuthorizedKeysFile @dir@/client.pub
StrictModes no
PidFile none
UsePAM no
PermitRootLogin yes
SetEnv SHLVL=1
"""}
    command = "/usr/sbin/sshd -D -e -f @dir@/sshd_config"
    stops = (Stop("TERM", exits=(143, 0, 255)),)

    def prepare(self, box):
        for name in ("host", "client"):
            box.make("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"@dir@/{name}")
        os.makedirs("/run/sshd", exist_ok=True)

    def begin(self, box):
        def session():
            status, output = box.run("ssh", "-p", "8080", "-i", "@dir@/client", "-o", "StrictHostKeyChecking=no",
                                     "-o", "UserKnownHostsFile=/dev/null", "root@127.0.0.1", "sleep 3; echo done")
            if status != 0 or "done" not in output:
                raise Lost(f"exit {status}: {output.strip()[-200:]}")
        return [in_flight(box, "session", session)]
