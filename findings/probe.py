# SPDX-License-Identifier: MIT
"""What the findings' programs share: a server that is stopped, clients that watch it, and the verdict."""

import errno
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

DEADLINE = 60  # seconds for what should come soon
changed = []


def check(what, got, expected):
    """Prints what was seen. `expected` is a value, a range (low, high) of seconds, or a function."""
    if callable(expected):
        good = expected(got)
    elif isinstance(expected, tuple) and isinstance(got, float):
        good = expected[0] <= got <= expected[1]
    else:
        good = got == expected
    shown = f"{got:.1f} s" if isinstance(got, float) else got
    print(f"{what}: {shown}" + ("" if good else f"   <- was: {expected}"), flush=True)
    if not good:
        changed.append(what)


def finish():
    if changed:
        print("The behaviour has changed: " + "; ".join(changed))
    sys.exit(bool(changed))


def cannot_run(why):
    print(why, file=sys.stderr)
    sys.exit(77)


def wait_for(condition, what, seconds=DEADLINE):
    end = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > end:
            cannot_run(f"waited {seconds} s for {what}")
        time.sleep(0.02)  # the condition is what is waited for
    return result


def write(name, text):
    with open(name, "w") as file:
        file.write(text)


def can_connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return True


def is_listening(port):
    """Looks without connecting: a connection would be a client."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(table) as file:
            if any(re.search(rf":{port:04X} [0-9A-F]+:0000 0A ", line) for line in file):
                return True
    return False


def run(*command, seconds=DEADLINE):
    """The exit status and the output of a program that ends by itself."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        cannot_run(f"{command[0]} still runs after {seconds} s")
    return done.returncode, done.stdout


class Server:
    """A server in the foreground, until it ends; `as_pid1` gives it a pid namespace of its own."""

    def __init__(self, *command, port=None, as_pid1=False, env=None, cwd=None):
        prefix = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"] if as_pid1 else []
        self.log = open("server.log", "ab")
        self.process = subprocess.Popen([*prefix, *command], stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log, env={**os.environ, **(env or {})}, cwd=cwd,
                                        start_new_session=True)  # some servers signal their group
        self.pid = self.process.pid
        if as_pid1:
            self.pid = int(wait_for(lambda: self.children(self.pid), "the child of unshare")[0])
        if port:
            wait_for(lambda: is_listening(port) or self.process.poll() is not None, f"port {port}")
            if self.process.poll() is not None:
                cannot_run("the server has not started: " + self.log_text()[-500:])

    @staticmethod
    def children(pid):
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return file.read().split()

    def log_text(self):
        with open("server.log", errors="replace") as file:
            return file.read()

    def signal(self, name):
        self.stopped_at = time.monotonic()
        os.kill(self.pid, getattr(signal, "SIG" + name))

    def is_running(self):
        return self.process.poll() is None

    def seconds_to_end(self, limit=DEADLINE):
        """Since the signal; None if it still runs after `limit` seconds, which ends it."""
        try:
            self.process.wait(limit)
        except subprocess.TimeoutExpired:
            os.kill(self.pid, signal.SIGKILL)
            self.process.wait()
            return None
        return time.monotonic() - self.stopped_at

    def status(self):
        """As a shell has it: 128 + the signal that ended it."""
        code = self.process.wait()
        return code if code >= 0 else 128 - code


class Client:
    """One connection. What it receives is collected by a thread, with the moment of its end."""

    def __init__(self, port, send=b"", wrap=None):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.settimeout(None)
        if wrap:
            self.socket = wrap(self.socket)
        self.received, self.end = b"", None
        self.thread = threading.Thread(target=self._receive, daemon=True)
        self.socket.sendall(send) if send else None
        self.thread.start()

    def _receive(self):
        try:
            while piece := self.socket.recv(65536):
                self.received += piece
            self.end = "closed"
        except ConnectionResetError:
            self.end = "reset"
        except OSError as error:
            self.end = str(error)
        self.socket.close()  # as most clients do: a server may linger until then

    def get(self, path="/"):
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    def wait_answer(self, end=b"done\n", seconds=DEADLINE):
        return wait_for(lambda: self.received.endswith(end) or self.end, "an answer", seconds)

    def ended(self, seconds=DEADLINE):
        self.thread.join(seconds)
        return self.end or "open"

    def answer(self, seconds=DEADLINE):
        """`whole`, `cut` or `open`, for a response whose body is "done"."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.end and not self.received.endswith(b"done\n"):
            self.thread.join(0.02)
        if self.received.endswith(b"done\n"):
            return "whole"
        return "cut" if self.end else "open"


class Http2(Client):
    """HTTP/2 without TLS, by prior knowledge; one request at a time. It stays open until the server closes."""

    NAMES = {0: "DATA", 1: "HEADERS", 3: "RST_STREAM", 4: "SETTINGS", 6: "PING", 7: "GOAWAY", 8: "WINDOW_UPDATE"}

    def __init__(self, port):
        self.frames, self.stream, self.done = [], -1, 0
        super().__init__(port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + self.frame(4))

    @staticmethod
    def frame(kind, flags=0, stream=0, payload=b""):
        return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload

    def get(self, path="/"):
        """HPACK's static table: GET, http; then :path and :authority as plain literals."""
        self.stream += 2
        fields = b"\x82\x86\x04" + bytes([len(path)]) + path.encode() + b"\x01\x09localhost"
        self.socket.sendall(self.frame(1, 5, self.stream, fields))

    def _receive(self):
        rest = b""
        try:
            while piece := self.socket.recv(65536):
                rest += piece
                while len(rest) >= 9 and len(rest) >= (size := 9 + int.from_bytes(rest[:3], "big")):
                    self._take(rest[3], rest[4], rest[9:size])
                    rest = rest[size:]
            self.end = "closed"
        except OSError as error:
            self.end = str(error)
        self.socket.close()

    def _take(self, kind, flags, payload):
        self.frames.append((self.NAMES.get(kind, str(kind)), payload))
        if kind in (0, 1) and flags & 1:
            self.done += 1
        if kind in (4, 6) and not flags & 1:
            self.socket.sendall(self.frame(kind, 1, 0, payload if kind == 6 else b""))

    def names(self):
        return [name for name, _ in self.frames]

    def wait_done(self):
        return wait_for(lambda: self.done or self.end, "an answer")

    def wait_frame(self, name):
        return wait_for(lambda: name in self.names() or self.end, name)

    def answer(self, seconds=DEADLINE):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.end and not self.done:
            self.thread.join(0.02)
        return "whole" if self.done else "cut" if self.end else "open"

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)


def slow_backend(port, seconds=3.0):
    """An HTTP server in this process, whose answers on /slow take `seconds`; others take none."""
    import http.server

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        began = threading.Event()

        def do_GET(self):
            if "slow" in self.path:
                Handler.began.set()
                threading.Event().wait(seconds)
            self.send_response(200)
            self.send_header("Content-Length", "5")
            self.end_headers()
            try:
                self.wfile.write(b"done\n")
            except OSError:
                pass  # its client has gone

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads, server.handle_error = True, lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return Handler.began


class HalfServer:
    """An HTTP/1.1 server in this process, whose answers are `how`: whole, no answer, half a body, reset."""

    def __init__(self, port, how="whole"):
        self.how, self.requests = how, 0
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            connection = self.listener.accept()[0]
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        received = b""
        with connection:
            while piece := connection.recv(65536):
                received += piece
                if b"\r\n\r\n" not in received:
                    continue
                self.requests += 1
                how = self.how
                if how == "every second cut":
                    how = "half a body" if self.requests % 2 == 0 else "whole"
                if how == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                body = {"whole": b"x" * 100, "half a body": b"x" * 50, "no answer": b""}[how]
                head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" if body else b""
                keep = how == "whole" and b"HTTP/1.1" in received
                connection.sendall(head + body)
                if not keep:
                    return
                received = b""


# --- NETLINK_SOCK_DIAG, for IPv4 on loopback ---

STATES = {1: "ESTABLISHED", 2: "SYN_SENT", 3: "SYN_RECV", 4: "FIN_WAIT1", 5: "FIN_WAIT2", 6: "TIME_WAIT",
          7: "CLOSE", 8: "CLOSE_WAIT", 9: "LAST_ACK", 10: "LISTEN", 11: "CLOSING", 12: "NEW_SYN_RECV"}
NO_COOKIE = b"\xff" * 8


def sock_diag():
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4)


def diag_request(port, peer_port, cookie=NO_COOKIE, states=0xffffffff, sequence=0):
    """One exact request, struct inet_diag_req_v2 in linux/inet_diag.h, for 127.0.0.1."""
    address = socket.inet_aton("127.0.0.1").ljust(16, b"\0")
    body = (struct.pack("BBBBI", socket.AF_INET, socket.IPPROTO_TCP, 0, 0, states)
            + struct.pack("!HH", port, peer_port) + address + address + struct.pack("I", 0) + cookie)
    return struct.pack("IHHII", 16 + len(body), 20, 1, sequence, 0) + body


def diag_one(port, peer_port, **options):
    """The answer: its state, cookie and queues; or the name of the error."""
    with sock_diag() as asking:
        asking.settimeout(DEADLINE)
        asking.send(diag_request(port, peer_port, **options))
        answer = asking.recv(65536)
    if struct.unpack_from("H", answer, 4)[0] == 2:
        return errno.errorcode[-struct.unpack_from("i", answer, 16)[0]]
    body = answer[16:]
    rqueue, wqueue = struct.unpack_from("II", body, 56)
    return {"state": STATES[body[1]], "cookie": body[44:52], "rqueue": rqueue, "wqueue": wqueue}


def diag_listeners(port):
    """The cookies of all IPv4 listeners on a port, from a dump."""
    request = bytearray(diag_request(port, 0, states=1 << 10))
    struct.pack_into("H", request, 6, 0x301)  # NLM_F_REQUEST | NLM_F_DUMP
    cookies = []
    with sock_diag() as asking:
        asking.settimeout(DEADLINE)
        asking.send(request)
        while True:
            answer = asking.recv(65536)
            while len(answer) >= 16:
                size, kind = struct.unpack_from("IH", answer)
                if kind == 3:  # NLMSG_DONE
                    return cookies
                if struct.unpack_from("!H", answer, 20)[0] == port:
                    cookies.append(answer[60:68])
                answer = answer[(size + 3) & ~3:]
