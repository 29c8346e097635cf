# SPDX-License-Identifier: MIT
"""Postfix, with a message that arrives slowly."""

import os
import shutil

from server import Stop, TcpServer


class Postfix(TcpServer):
    title = "postfix start-fg"
    kind = "network"
    signals = ("TERM", "INT")
    guess = "TERM ends the start script; the master process is left behind. Sessions are cut"
    note = ("If it is not PID 1, the script `postfix start-fg` stays in front: it ends on TERM and leaves "
            "the mail system running, which `lastcall` then stops. As PID 1 it executes master.")
    shown = "postfix start-fg"
    packages = "postfix"
    version = "dpkg-query -W postfix"
    files = {"etc/main.cf": """
compatibility_level = 3.6
queue_directory = @dir@/spool
data_directory = @dir@/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = localhost
inet_interfaces = all
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination = example.test
local_recipient_maps =
local_transport = discard:
default_transport = retry
smtpd_recipient_restrictions = permit_mynetworks, reject
maillog_file = /dev/stdout
alias_maps =
alias_database =
"""}
    command = "postfix -c @dir@/etc start-fg"
    greeting = b"220 "
    hello = ((b"EHLO client\r\n", b"250 "),)
    quick = (b"NOOP\r\n", b"250 ")
    before_slow = ((b"MAIL FROM:<a@localhost>\r\n", b"250 "), (b"RCPT TO:<b@example.test>\r\n", b"250 "),
                   (b"DATA\r\n", b"354 "))
    slow = (b"Subject: slow\r\n\r\n", b"hello\r\n.\r\n", b"queued as")
    stops = (Stop("TERM", exits=(0, 143), ends_within=3.0),)

    def prepare(self, box):
        for name in ("spool", "data"):
            os.mkdir(box.path(name))
        shutil.chown(box.path("data"), "postfix")
        with open("/usr/share/postfix/master.cf.dist") as rows, open(box.path("etc/master.cf"), "w") as file:
            for row in rows:
                words = row.split()
                if len(words) > 7 and words[1] in ("inet", "unix", "fifo", "pass"):
                    words[4] = "n"  # no chroot
                    if words[0] == "smtp" and words[1] == "inet":
                        words[0] = "8080"
                    row = " ".join(words) + "\n"
                file.write(row)
        for name in ("dynamicmaps.cf", "postfix-files"):
            if os.path.exists(f"/etc/postfix/{name}"):
                shutil.copy(f"/etc/postfix/{name}", box.path("etc"))
