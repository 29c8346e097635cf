# SPDX-License-Identifier: MIT
"""queue_server.py HOST PORT: an HTTP server with two workers; the other connections wait in its accept queue. /slow
takes longer than a test. SIGTERM ends it at once."""

import socket
import sys
import threading
import time

listener = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=100)


def work():
    while True:
        client = listener.accept()[0]
        with client:
            asked = client.recv(65536)
            if b" /slow " in asked:
                time.sleep(20)
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n")


workers = [threading.Thread(target=work, daemon=True) for _ in range(2)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
