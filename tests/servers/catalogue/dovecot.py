# SPDX-License-Identifier: MIT
"""Dovecot's IMAP, with a message that arrives slowly."""

import os

from server import Stop, TcpServer


class Dovecot(TcpServer):
    title = "Dovecot"
    kind = "network"
    signals = ("TERM", "INT")
    guess = "TERM disconnects all clients at once and exits with 0 (shutdown_clients = yes)"
    flaw = "The master takes a second to end."
    note = ("Sessions are processes of their own, which outlive the master. Where the master is PID 1, "
            "the kernel kills them with it.")
    shown = "dovecot -F"
    packages = "dovecot-imapd"
    version = "dovecot --version"
    files = {"dovecot.conf": """
protocols = imap
base_dir = @dir@/run
state_dir = @dir@/run
log_path = /dev/stderr
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:@dir@/mail
service imap-login {
  service_count = 0
  process_min_avail = 1
  inet_listener imap {
    port = 8080
  }
  inet_listener imaps {
    port = 0
  }
}
passdb {
  driver = static
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=@dir@/mail
}
"""}
    command = "dovecot -F -c @dir@/dovecot.conf"
    greeting = b"* OK"
    hello = ((b"a LOGIN user word\r\n", b"a OK"),)
    quick = (b"b NOOP\r\n", b"b OK")
    new = (quick,)  # without a login, which takes a process
    slow = (b"c APPEND INBOX {10+}\r\nhello", b"world\r\n", b"c OK")
    stops = (Stop("TERM", exits=(0,), ends_within=4.0),)

    def prepare(self, box):
        os.mkdir(box.path("mail"))
        os.chown(box.path("mail"), 65534, 65534)
