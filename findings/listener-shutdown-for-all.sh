#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shutdown() of a listening socket closes the port for every process that has it, and listen() opens it again
#
# Guess: it concerns the process that calls it, as close(2) does, or fails with ENOTCONN, as on other systems.
# Seen: it succeeds, and the socket leaves LISTEN for all that have it. accept(2) of another process returns EINVAL, also
#   one that waits. Connections in the queue are reset, with their requests; new ones are refused. close(2) does
#   nothing of this. A listen(2) by any of the processes opens the port again, without bind(2).
# For containers: workers, and an old and a new generation, share one inherited socket (socket activation, a preforking
#   parent). One that ends with shutdown() in place of close() takes the port from all of them.
# Software: Linux 6.18; Python 3.11
# Source: net/ipv4/af_inet.c, inet_shutdown (TCP_LISTEN); shutdown(2) knows ENOTCONN alone
# Output, 2026-11-29:
#   close() in one process, the worker's accept: waits
#   close() in one process, a new client: connected
#   shutdown() in one process: success
#   shutdown() in one process, a client in the queue: reset
#   shutdown() in one process, a new client: ECONNREFUSED
#   shutdown() in one process, the worker's accept: EINVAL
#   listen() in the worker: success
#   listen() in the worker, a new client: connected
#   shutdown() in one process, the worker's accept that waits: EINVAL
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
probe <<'PY'
import os
import select
from probe import DEADLINE, Client, check, errno, finish, socket

PORT = 7000


def said(call, *arguments):
    try:
        call(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "success"


def new_client():
    ended = said(lambda: socket.create_connection(("127.0.0.1", PORT), DEADLINE).close())
    return "connected" if ended == "success" else ended


class Worker:
    """Another process that has the listener. It does what it is asked for, and says how that ended."""

    def __init__(self):
        self.ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if os.fork() == 0:
            self.ours.close()
            while task := its.recv(16).decode():
                its.send(said({"accept": listener.accept, "listen": listener.listen}[task]).encode())
            os._exit(0)

    def begin(self, task):
        self.ours.send(task.encode())

    def result(self, seconds=DEADLINE):
        return self.ours.recv(16).decode() if select.select([self.ours], [], [], seconds)[0] else "waits"


listener = socket.create_server(("127.0.0.1", PORT))
worker = Worker()
worker.begin("accept")
if os.fork() == 0:  # a third process, which closes
    listener.close()
    os._exit(0)
os.wait()
check("close() in one process, the worker's accept", worker.result(0.5), "waits")
check("close() in one process, a new client", new_client(), "connected")
check("the worker's accept", worker.result(), "success")

queued = Client(PORT, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
check("shutdown() in one process", said(listener.shutdown, socket.SHUT_RDWR), "success")
check("shutdown() in one process, a client in the queue", queued.ended(), "reset")
check("shutdown() in one process, a new client", new_client(), "ECONNREFUSED")
worker.begin("accept")
check("shutdown() in one process, the worker's accept", worker.result(), "EINVAL")
worker.begin("listen")
check("listen() in the worker", worker.result(), "success")
check("listen() in the worker, a new client", new_client(), "connected")
worker.begin("accept")
check("the worker's accept", worker.result(), "success")
worker.begin("accept")
check("the worker's next accept", worker.result(0.5), "waits")
listener.shutdown(socket.SHUT_RDWR)
check("shutdown() in one process, the worker's accept that waits", worker.result(), "EINVAL")
finish()
PY
