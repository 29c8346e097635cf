# SPDX-License-Identifier: MIT
"""Varnish: a management process, and a child that serves."""

from server import HttpServer, Stop


class Varnish(HttpServer):
    title = "Varnish"
    kind = "web"
    signals = ("TERM", "INT", "QUIT")
    guess = "TERM cuts at once and exits with 0: varnishd has no graceful stop"
    note = "It has no graceful stop: any signal cuts. `lastcall` sends TERM when nothing is in flight."
    shown = "varnishd -F -a :8080 -f default.vcl"
    packages = "varnish"
    version = "varnishd -V"
    files = {"default.vcl": """vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "9000"; }
sub vcl_recv { return (pass); }
"""}
    command = "varnishd -F -n @dir@/work -a :8080 -f @dir@/default.vcl -s malloc,10m -p timeout_idle=60"
    backend = True
    stream = "/stream"
    stops = (Stop("TERM", exits=(0,), ends_within=2.0),)
