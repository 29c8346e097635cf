#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An unbound sock_diag socket may join the destroy group, and receives nothing
#
# Guess: after NETLINK_ADD_MEMBERSHIP has succeeded, events arrive.
# Seen: setsockopt(2) returns 0, and getsockname(2) even shows the group, but no destroy event arrives. After bind(2),
#   or after a first send, events arrive. A broadcast skips its sender by port id: the kernel's is 0, and so is that
#   of a socket that was never bound.
# For containers: a watcher of closed connections that only listens waits forever, without an error.
# Software: Linux 6.18 (CONFIG_INET_DIAG); Python 3.11
# Source: net/netlink/af_netlink.c (do_one_broadcast, netlink_autobind); netlink(7)
# Output, 2026-11-28:
#   bound: an event: True
#   has sent: an event: True
#   never bound: an event: False
#   never bound: its groups, from getsockname: 1
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
probe <<'PY'
from probe import check, finish, socket, sock_diag

ADD_MEMBERSHIP, SOL_NETLINK, TCP_DESTROY = 1, 270, 1
watchers = {}
for name in ("never bound", "bound", "has sent"):
    watcher = sock_diag()
    if name == "bound":
        watcher.bind((0, 0))
    if name == "has sent":
        watcher.send(bytes(16))  # too short for a message: the kernel ignores it
    watcher.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, TCP_DESTROY)
    watcher.settimeout(5 if name != "never bound" else 2)
    watchers[name] = watcher
listener = socket.create_server(("127.0.0.1", 7000))
client = socket.create_connection(("127.0.0.1", 7000))
accepted, _ = listener.accept()
client.close()
accepted.close()


def event(watcher):
    try:
        return len(watcher.recv(65536)) > 0
    except TimeoutError:
        return False


check("bound: an event", event(watchers["bound"]), True)
check("has sent: an event", event(watchers["has sent"]), True)
check("never bound: an event", event(watchers["never bound"]), False)
check("never bound: its groups, from getsockname", watchers["never bound"].getsockname()[1], 1)
finish()
PY
