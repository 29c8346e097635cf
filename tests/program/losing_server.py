# SPDX-License-Identifier: MIT
"""An HTTP server that serves on the port of its second argument, and /health on the port of its third one,
which says 200 to the end. From SIGTERM on it does what its first argument names:

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
blinking   closes its listener; /health says 503 three times, and 200 again to the end
slow_answer
           graceful; each answer takes 1.5 s
odd_exit   graceful, and exits with 3
half       HTTP/1.0 without a length: an answer of 100 bytes is cut in half
unsized    the same, but whole
hints      graceful; /slow says 103 at once, and answers 1.5 s after SIGTERM
flaky      answers every fifth request with 502, before and after
one_of_20  graceful, but one request in flight is not answered
freezing   graceful, but stops its parent with SIGSTOP first, and asks for no more than what is here
picky      graceful, but only a PUT of "hello" with an Authorization field, as host shop.example, is
           answered with 200, and only probes with that field are healthy

/slow is answered after SIGTERM, /halves half before and half after it, /pause after a second. No clock says when
the server ends: it ends when it has done to clients what it is there for (which those that lose requests follow up
by 503 on /health), when its clients have asked /health often enough to know, and when no request is left that it
would have answered. So its end loses nothing, however slow the machine is."""

import contextlib
import os
import select
import signal
import socket
import sys
import threading
import time

manner, port, health_port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
SAYING_SO = ("graceful", "late", "said_so", "hints", "one_of_20", "picky", "slow_answer", "odd_exit")
REFUSING = ("late_refusing", "said_so", "blinking")
HARM = dict.fromkeys(("deaf_ears", "closing", "429", "404", "302", "503", "empty", "half"), 3) | {"flaky": 80}
PROBES = {"late": 3, "late_refusing": 2, "freezing": 0}.get(manner, 10)  # a client sends no request later that counts
AFTER_STOP = 1.5 if manner == "hints" else 0.3  # /slow
LISTEN_QUEUE = 24  # tcpi_unacked of a listener: how many connections wait to be accepted
stopping = threading.Event()
lock = threading.Lock()  # no request is between two of the states that is_quiet looks at
clients, working = set(), set()
count = harm = probes = 0
is_probed = False
cut_one = threading.Lock()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # also in the threads to come


def answer(status, body=b"ok\n", extra=""):
    return (f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\n{extra}\r\n").encode() + body


def note_harm():
    global harm
    harm += 1


def wait_as_asked(client, path):
    if manner == "slow_answer":
        time.sleep(1.5)
    if path == "/pause":
        time.sleep(1)
    if path == "/slow":
        if manner == "hints":
            client.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        stopping.wait()
        time.sleep(AFTER_STOP)


def respond(client, path, began_before_stop):
    """Sends the response; returns whether the connection goes on."""
    global count
    count += 1
    if path == "/halves":
        whole = answer(200, b"x" * 2000)
        client.sendall(whole[:1000])
        stopping.wait()
        time.sleep(AFTER_STOP)
        client.sendall(whole[1000:])
        return True
    wait_as_asked(client, path)
    lost = stopping.is_set()
    if manner in ("half", "unsized"):
        cut = manner == "half" and lost
        client.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * (50 if cut else 100))
        if cut:
            note_harm()
        return False
    if lost and manner == "one_of_20" and path == "/slow" and cut_one.acquire(blocking=False):
        return False
    if lost and (manner == "flaky" or (manner in HARM and not began_before_stop)):
        note_harm()
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


def receive(client):
    """What the client has sent; from now on until it is answered the server works for it."""
    select.select([client], [], [])
    with lock:
        piece = client.recv(65536)
        if piece:
            working.add(client)
        return piece


def drop(client):
    with lock:
        working.discard(client)
        clients.discard(client)
        client.close()


def serve(client):
    pending = b""
    with contextlib.suppress(OSError):
        while True:
            while b"\r\n\r\n" not in pending:
                if not (piece := receive(client)):
                    return
                pending += piece
            head, _, pending = pending.partition(b"\r\n\r\n")
            while manner == "picky" and head.startswith(b"PUT ") and len(pending) < 5:
                pending += receive(client) or b"12345"
            if manner == "picky" and not is_wanted(head.decode(), pending):
                client.sendall(answer(401))
                return
            pending = b"" if manner == "picky" else pending
            before = not stopping.is_set()
            if manner == "closing" and not before:
                note_harm()
                return
            if not respond(client, head.split()[1].decode(), before):
                return
            with lock:
                working.discard(client)


def says_healthy():
    if not stopping.is_set():
        return True
    if manner == "blinking":
        return probes >= 3
    return manner not in SAYING_SO and (manner not in HARM or not has_harmed())


def serve_health(client):
    global probes, is_probed
    with contextlib.suppress(OSError):
        asked = receive(client)
        counts = stopping.is_set()  # a client looks at no probe of before the stop
        is_probed = True
        if manner == "picky" and b"authorization: token" not in asked.lower():
            client.sendall(answer(401))
            return
        if manner in ("late", "late_refusing"):
            time.sleep(1.1)
        healthy = says_healthy()
        client.sendall(answer(200 if healthy else 503, extra="Connection: close\r\n"))
        probes += counts and not (healthy and manner in HARM)


def accept(listener, handle, is_health):
    while True:
        select.select([listener], [], [])
        if stopping.is_set() and manner == "deaf_ears" and not is_health:
            return
        with lock:
            try:
                client = listener.accept()[0]
            except OSError:
                return  # it was closed
            if not is_health:
                clients.add(client)
        if stopping.is_set() and manner == "closing" and not is_health:
            drop(client)
            note_harm()
            continue
        threading.Thread(target=run, args=(handle, client), daemon=True).start()


def run(handle, client):
    handle(client)
    drop(client)


def has_harmed():
    if manner == "deaf_ears":
        return listeners[0].getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)[LISTEN_QUEUE] >= HARM[manner]
    return harm >= HARM.get(manner, 0)


def is_quiet():
    """No request is here, or on its way through the kernel."""
    listening = () if manner == "deaf_ears" or manner in REFUSING else listeners[:1]
    with lock:
        return not working & clients and not select.select([*clients, *listening], [], [], 0)[0]


listeners = (socket.create_server(("127.0.0.1", port), backlog=128),
             socket.create_server(("127.0.0.1", health_port), backlog=128))
for number, (listener, handle) in enumerate(zip(listeners, (serve, serve_health))):
    threading.Thread(target=accept, args=(listener, handle, number == 1), daemon=True).start()
signal.sigwait({signal.SIGTERM})
stopped = time.monotonic()
if manner == "freezing":
    os.kill(os.getppid(), signal.SIGSTOP)
stopping.set()
if manner in REFUSING:
    listeners[0].shutdown(socket.SHUT_RDWR)
while not (has_harmed() and (probes >= PROBES or not is_probed) and is_quiet()
           and (manner != "blinking" or time.monotonic() > stopped + 1.2)):
    time.sleep(0.01)
if manner == "crash":
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGSEGV)
if manner == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
os._exit(3 if manner == "odd_exit" else 0)
