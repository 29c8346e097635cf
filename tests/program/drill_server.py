# SPDX-License-Identifier: MIT
"""A small HTTP server that ends in the way that its first argument names, on the port that its second one
names. /quick is answered at once, /slow after a second, /big with 4 MB.

abrupt    SIGTERM ends it at once
graceful  closes its listener, answers what it has, exits with 0
deaf      ignores SIGTERM
hasty     gives up the answers that it is writing, hands the kernel nothing more, exits with 0: what
          Node's server.close() does, and no client of it can see
babble    abrupt, and speaks no HTTP
daemon    abrupt, in the background; the third argument is its pid file
litter    abrupt, and leaves a process in a session of its own"""

import array
import fcntl
import os
import signal
import socket
import subprocess
import sys
import termios
import threading
import time

SLOW_SECONDS = 1
BIG = b"x" * 4_000_000
PIECE = 16384  # no more than this is in the kernel's hands


class Server:
    def __init__(self, port):
        self.is_ending = self.is_hasty = self.is_babbling = False
        self.listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.working = 0
        self.changed = threading.Condition()

    def serve(self):
        while not self.is_ending:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self.converse, args=(connection,), daemon=True).start()

    def converse(self, connection):
        with connection, connection.makefile("rb") as requests:
            try:
                while self.answer(connection, requests) and not self.is_ending:
                    pass
            except OSError:
                pass  # the client has gone

    def answer(self, connection, requests):
        head = []
        while (line := requests.readline().strip()):
            head.append(line)
        if not head:
            return False
        with self.changed:
            self.working += 1
        try:
            self.write_answer(connection, head[0].split()[1])
        finally:
            with self.changed:
                self.working -= 1
                self.changed.notify_all()
        return True

    def write_answer(self, connection, path):
        if self.is_babbling:
            connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
            return
        if path == b"/slow":
            time.sleep(SLOW_SECONDS)
        body = BIG if path == b"/big" else b"ok\n"
        closing = b"Connection: close\r\n" if self.is_ending else b""
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n" % (len(body), closing) + body
        for at in range(0, len(answer), PIECE):
            if self.is_hasty:
                return
            connection.sendall(answer[at : at + PIECE])
            while self.unsent(connection) > PIECE:
                time.sleep(0.002)

    @staticmethod
    def unsent(connection):
        count = array.array("i", [0])
        fcntl.ioctl(connection, termios.TIOCOUTQ, count)
        return count[0]

    def finish(self):
        """No new client is served; requests in flight are served to the end."""
        self.is_ending = True
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept, which close alone does not
        with self.changed:
            self.changed.wait_for(lambda: self.working == 0)
        os._exit(0)


def main():
    manner, port = sys.argv[1], int(sys.argv[2])
    server = Server(port)
    server.is_babbling = manner == "babble"
    if manner == "daemon":
        if os.fork():
            os._exit(0)
        os.setsid()
        with open(sys.argv[3], "w") as file:
            file.write(f"{os.getpid()}\n")
    if manner == "litter":
        subprocess.Popen(["sleep", "1000"], start_new_session=True)
    if manner == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    elif manner in ("graceful", "hasty"):  # for all threads, so that sigwait gets it
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    threading.Thread(target=server.serve).start()
    signal.sigwait([signal.SIGTERM] if manner in ("graceful", "hasty") else [signal.SIGUSR1])
    server.is_hasty = manner == "hasty"
    server.finish()


if __name__ == "__main__":
    main()
