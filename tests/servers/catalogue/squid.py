# SPDX-License-Identifier: MIT
"""Squid as a reverse proxy."""

from server import HttpServer, Stop

CONFIG = """
http_port 8080 accel defaultsite=localhost no-vhost
cache_peer 127.0.0.1 parent 9000 0 no-query originserver
http_access allow all
cache deny all
access_log none
cache_log /dev/stderr
pid_filename @dir@/squid.pid
coredump_dir @dir@
cache_effective_user proxy
client_idle_pconn_timeout 60 seconds
netdb_filename none
"""


class Squid(HttpServer):
    title = "Squid"
    kind = "web"
    signals = ("TERM", "INT")
    guess = "TERM finishes requests, and ends when the last one is answered, at most shutdown_lifetime (30 s) later"
    flaw = "On INT Squid closes its connections at once, and takes one to two seconds to end."
    note = ("TERM always takes the whole of `shutdown_lifetime`, 30 s, even without a client. "
            "`lastcall` sends INT when nothing is in flight.")
    patience = 35
    packages = "squid"
    version = "squid -v"
    files = {"squid.conf": CONFIG}
    command = "squid -N -f @dir@/squid.conf"
    backend = True
    stream = "/stream"
    stops = (Stop("TERM", exits=(0,), ends_within=3.0),)

    def prepare(self, box):
        box.give_to("proxy")
