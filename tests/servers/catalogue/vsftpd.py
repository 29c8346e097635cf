# SPDX-License-Identifier: MIT
"""vsftpd."""

import os
import re

from clients import Lost, Work
from server import Server

SIZE = 600_000


class Vsftpd(Server):
    """A passive transfer: the listener of its connection is closed as soon as it is accepted."""

    title = "vsftpd"
    kind = "network"
    signals = ("TERM",)
    guess = "TERM ends the listener and its sessions"
    note = ("A session is a process of its own, and its transfer outlives the listener; under an init it is killed "
            "when PID 1 ends. `lastcall` waits for the transfer first.")
    shown = "vsftpd vsftpd.conf` with `background=NO"
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
