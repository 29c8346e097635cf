# SPDX-License-Identifier: MIT
"""An HTTP server that serves on the port of its second argument, and /health on the port of its third one,
which says 200 to the end. From SIGTERM on it does what its first argument names, for a second:

graceful   serves on, and says 503 on /health
deaf_ears  accepts nothing more, while its listener stays open
closing    closes each new and each kept connection without an answer
429, 404, 302, 503
           answers so; 503 with `Connection: close`
empty      answers 200 with an empty body, as a handler that gives up
crash      serves on, then dies of SIGSEGV
killed     serves on, then dies of SIGKILL
late       graceful, but /health always takes 1.1 s
late_refusing
           closes its listener; /health takes 1.1 s and says 200 to the end
said_so    closes its listener, and says 503 on /health from the same moment
blinking   closes its listener; /health says 503 for a moment, and 200 again to the end
slow_answer
           graceful; each answer takes 1.5 s
odd_exit   graceful, and exits with 3
half       HTTP/1.0 without a length: an answer of 100 bytes is cut in half
unsized    the same, but whole
hints      graceful; /slow says 103 at once, and answers after 3 s
flaky      answers every fifth request with 502, before and after
one_of_20  graceful, but one request in flight is not answered
picky      graceful, but only a PUT of "hello" with an Authorization field, as host shop.example, is
           answered with 200, and only probes with that field are healthy"""

import os
import signal
import socket
import sys
import threading
import time

manner, port, health_port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
SAYING_SO = ("graceful", "late", "said_so", "hints", "one_of_20", "picky", "slow_answer", "odd_exit")
REFUSING = ("late_refusing", "said_so", "blinking")
stopping = threading.Event()
count = 0
blinks_until = 0
cut_one = threading.Lock()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # also in the threads to come


def answer(status, body=b"ok\n", extra=""):
    return (f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\n{extra}\r\n").encode() + body


def respond(client, path, began_before_stop):
    """Sends the response; returns whether the connection goes on."""
    global count
    count += 1
    if manner == "slow_answer":
        time.sleep(1.5)
    if path == "/slow":
        if manner == "hints":
            client.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        time.sleep(3 if manner == "hints" else 1)
    lost = stopping.is_set()
    if manner in ("half", "unsized"):
        cut = manner == "half" and lost
        client.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * (50 if cut else 100))
        return False
    if lost and manner == "one_of_20" and path == "/slow" and cut_one.acquire(blocking=False):
        return False
    if manner == "flaky" and count % 5 == 0:
        client.sendall(answer(502))
    elif lost and not began_before_stop and manner in ("429", "404"):
        client.sendall(answer(manner))
    elif lost and not began_before_stop and manner == "302":
        client.sendall(answer(302, b"", "Location: /\r\n"))
    elif lost and not began_before_stop and manner == "empty":
        client.sendall(answer(200, b""))
    elif lost and not began_before_stop and manner == "503":
        client.sendall(answer(503, b"", "Connection: close\r\n"))
        return False
    else:
        client.sendall(answer(200))
    return True


def is_wanted(head, body):
    fields = head.lower().split("\r\n")[1:]
    return (head.startswith("PUT ") and body == b"hello" and "content-length: 5" in fields
            and fields.count("host: shop.example") == 1 and "authorization: token" in fields
            and not any(f.startswith("host:") and f != "host: shop.example" for f in fields))


def serve(client):
    pending = b""
    try:
        while True:
            while b"\r\n\r\n" not in pending:
                piece = client.recv(65536)
                if not piece:
                    return
                pending += piece
            head, _, pending = pending.partition(b"\r\n\r\n")
            while manner == "picky" and head.startswith(b"PUT ") and len(pending) < 5:
                pending += client.recv(5) or b"12345"
            if manner == "picky" and not is_wanted(head.decode(), pending):
                client.sendall(answer(401))
                return
            pending = b"" if manner == "picky" else pending
            before = not stopping.is_set()
            if manner == "closing" and not before:
                return
            if not respond(client, head.split()[1].decode(), before):
                return
    except OSError:
        pass
    finally:
        client.close()


def serve_health(client):
    try:
        asked = client.recv(65536)
        if manner == "picky" and b"authorization: token" not in asked.lower():
            client.sendall(answer(401))
            return
        if manner in ("late", "late_refusing"):
            time.sleep(1.1)
        healthy = manner not in SAYING_SO or not stopping.is_set()
        if manner == "blinking" and stopping.is_set():
            healthy = time.monotonic() > blinks_until
        client.sendall(answer(200 if healthy else 503, extra="Connection: close\r\n"))
    except OSError:
        pass
    finally:
        client.close()


def accept(listener, handle, is_health):
    while True:
        try:
            client = listener.accept()[0]
        except OSError:
            return  # it was closed
        if stopping.is_set() and manner == "deaf_ears" and not is_health:
            time.sleep(1000)  # this one and those behind it wait in vain
        if stopping.is_set() and manner == "closing" and not is_health:
            client.close()
            continue
        threading.Thread(target=handle, args=(client,), daemon=True).start()


listeners = (socket.create_server(("127.0.0.1", port), backlog=128),
             socket.create_server(("127.0.0.1", health_port), backlog=128))
for number, (listener, handle) in enumerate(zip(listeners, (serve, serve_health))):
    threading.Thread(target=accept, args=(listener, handle, number == 1), daemon=True).start()
signal.sigwait({signal.SIGTERM})
blinks_until = time.monotonic() + 0.2
stopping.set()
if manner in REFUSING:
    listeners[0].shutdown(socket.SHUT_RDWR)
ends = time.monotonic() + {"hints": 3.2, "late": 2.6}.get(manner, 1.2)
while time.monotonic() < ends:
    time.sleep(0.05)
if manner == "crash":
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGSEGV)
if manner == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
os._exit(3 if manner == "odd_exit" else 0)
