# SPDX-License-Identifier: MIT
"""OpenLDAP's slapd."""

import os

from server import Stop, TcpServer

BIND = b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0"  # anonymous


class Slapd(TcpServer):
    title = "slapd"
    kind = "network"
    signals = ("TERM", "INT")
    guess = "TERM waits for operations, closes idle connections, and exits with 0"
    note = "It closes connections of clients at once, also one with half a request."
    shown = "slapd -d 0 -h ldap:///"
    packages = "slapd"
    version = "dpkg-query -W slapd"
    files = {"slapd.conf": """
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile @dir@/pid
database mdb
suffix "dc=test"
directory @dir@/data
"""}
    command = "slapd -d 0 -f @dir@/slapd.conf -h ldap://127.0.0.1:8080/"
    quick = (BIND, b"\x61\x07")
    hello = (quick,)
    slow = (BIND[:7], BIND[7:], b"\x61\x07")
    stops = (Stop("TERM", exits=(0,), ends_within=2.0),)

    def prepare(self, box):
        os.mkdir(box.path("data"))
