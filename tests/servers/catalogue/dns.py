# SPDX-License-Identifier: MIT
"""DNS servers, with queries over TCP."""

from server import Stop, TcpServer

QUERY = b"\0\x1d\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x04test\0\0\x01\0\x01"
QUERY = (len(QUERY) - 2).to_bytes(2, "big") + QUERY[2:]
ANSWER = b"\x12\x34"
ZONE = "$TTL 60\n@ IN SOA ns.test. root.test. 1 60 60 60 60\n@ IN NS ns.test.\nns IN A 127.0.0.1\nwww IN A 127.0.0.1\n"


class Named(TcpServer):
    title = "BIND named"
    kind = "network"
    signals = ("TERM", "INT")
    guess = "TERM closes connections at once and exits with 0"
    note = "It closes its clients' connections at once."
    packages = "bind9"
    version = "named -v"
    files = {"named.conf": """
options { directory "@dir@"; listen-on port 8080 { any; }; listen-on-v6 { none; }; recursion no; pid-file none;
          session-keyfile none; dnssec-validation no; };
controls { };
zone "test" { type primary; file "@dir@/test.zone"; };
""", "test.zone": ZONE}
    command = "named -g -c @dir@/named.conf"
    quick = (QUERY, ANSWER)
    hello = (quick,)
    slow = (QUERY[:12], QUERY[12:], ANSWER)
    stops = (Stop("TERM", exits=(0,), ends_within=2.0),)


class Unbound(Named):
    title = "Unbound"
    guess = "TERM ends it at once with 0"
    note = "It closes its clients' connections at once."
    packages = "unbound"
    version = "unbound -V"
    signals = ("TERM", "INT", "QUIT")
    files = {"unbound.conf": """
server:
    interface: 127.0.0.1
    port: 8080
    do-daemonize: no
    chroot: ""
    username: ""
    directory: "@dir@"
    pidfile: ""
    use-syslog: no
    local-data: "www.test. A 127.0.0.1"
remote-control:
    control-enable: no
"""}
    command = "unbound -d -c @dir@/unbound.conf"
    stops = (Stop("TERM", exits=(0,)),)


class Dnsmasq(Named):
    title = "dnsmasq"
    guess = "TERM ends it with 0; a query over TCP is served by a process of its own, and finishes"
    note = "Each TCP connection has a process of its own, which ends with the main process."
    signals = ("TERM", "INT")
    packages = "dnsmasq-base"
    version = "dnsmasq --version"
    files = {}
    command = ("dnsmasq --keep-in-foreground --conf-file=/dev/null --port=8080 --no-resolv --no-hosts --user=root"
               " --pid-file= --address=/www.test/127.0.0.1")
    stops = (Stop("TERM", exits=(0,)),)
