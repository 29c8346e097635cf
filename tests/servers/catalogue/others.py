# SPDX-License-Identifier: MIT
"""Servers of other protocols."""

import os
import re

from clients import Lost, Work
from server import Server, Stop, in_flight

SIZE = 600_000


class Vsftpd(Server):
    """A passive transfer: the listener of its connection is closed as soon as it is accepted."""

    packages = "vsftpd"
    version = "dpkg-query -W vsftpd"
    files = {"vsftpd.conf": """
listen=YES
background=NO
listen_port=8080
anonymous_enable=YES
no_anon_password=YES
anon_root=@dir@/root
anon_max_rate=200000
secure_chroot_dir=@dir@/empty
seccomp_sandbox=NO
pasv_min_port=9100
pasv_max_port=9100
"""}
    command = "vsftpd vsftpd.conf"

    def prepare(self, box):
        for name in ("root", "empty"):
            os.mkdir(box.path(name))
        with open(box.path("root/file"), "wb") as file:
            file.write(b"x" * SIZE)

    def begin(self, box):
        control = box.connect()
        lines = control.makefile("rb")
        def command(words, expect):
            control.sendall(words.encode() + b"\r\n")
            answer = lines.readline().decode()
            assert answer.startswith(expect), answer
            return answer
        lines.readline()
        command("USER ftp", "230")
        command("TYPE I", "200")
        numbers = re.findall(r"\d+", command("PASV", "227").split("(")[1])
        data = box.connect(int(numbers[4]) * 256 + int(numbers[5]))
        command("RETR file", "150")
        def receive():
            got = 0
            while piece := data.recv(65536):
                got += len(piece)
            if got != SIZE or not lines.readline().startswith(b"226"):
                raise Lost(f"{got} of {SIZE} bytes")
            for each in (data, lines, control):
                each.close()
        return [Work("transfer", receive)]


class Sshd(Server):
    """A command that runs in a session, for a client with a key."""

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
