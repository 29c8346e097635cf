# SPDX-License-Identifier: MIT
"""Clients in a box's network. Each asks one thing at a time, and raises Lost where the answer is not
whole; none asks twice."""

import http.client
import http.server
import select
import socketserver
import ssl
import threading
import time

BODY = b"done\n"
PIECE = b"piece\n"
STREAMED = PIECE * 8  # one each 0.5 s


class Lost(Exception):
    """What a client did not get."""


class Client:
    """One connection to the server, with TLS if the class says so."""

    protocols = ()  # of TLS, by ALPN
    tls = False

    def __init__(self, box, port=None, keepalive=None):
        self.is_open = True
        self.socket = box.connect(port, keepalive)
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            context.set_alpn_protocols(list(self.protocols))
            self.socket = context.wrap_socket(self.socket)

    def close(self):
        self.socket.close()


class Http1(Client):
    """HTTP/1.1 on one connection, as long as the server keeps it open."""

    protocols = ("http/1.1",)

    def __init__(self, box, port=None, keepalive=None):
        super().__init__(box, port, keepalive)
        self._connection = http.client.HTTPConnection("localhost", timeout=60)
        self._connection.auto_open = 0
        self._connection.sock = self.socket

    def ask(self, path, body=BODY):
        try:
            self._connection.request("GET", path)
            answer = self._connection.getresponse()
            got = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Lost(repr(error)) from None
        if answer.will_close:
            self.is_open = False
        if answer.status != 200:
            raise Lost(f"status {answer.status}")
        if body is not None and got != body:
            raise Lost(f"{len(got)} bytes are not the answer")
        return got

    def close(self):
        self._connection.close()
        super().close()


class Https1(Http1):
    tls = True


class H2(Client):
    """HTTP/2, one stream at a time, by prior knowledge or over TLS."""

    protocols = ("h2",)
    module = "h2"  # Python's, which the purpose `servers` of cmake/packages installs

    def __init__(self, box, port=None, keepalive=None):
        import h2.connection  # only for servers of HTTP/2
        super().__init__(box, port, keepalive)
        if self.tls and self.socket.selected_alpn_protocol() != "h2":
            raise AssertionError("the server speaks no h2")
        self._received = b""
        self._h2 = h2.connection.H2Connection()
        self._h2.initiate_connection()
        self._flush()

    def _flush(self):
        self.socket.sendall(self._h2.data_to_send())

    def _receive_frames(self):
        """Whole frames, without GOAWAY: h2 takes no answer after it, though it is no end for what
        was asked before. None at the end."""
        data = self.socket.recv(65536)
        if not data:
            return None
        self._received += data
        frames = b""
        while len(self._received) >= 9:
            length = 9 + int.from_bytes(self._received[:3], "big")
            if len(self._received) < length:
                break
            frame, self._received = self._received[:length], self._received[length:]
            if frame[3] == 7:
                self.is_open = False
            else:
                frames += frame
        return frames

    def ask(self, path, body=BODY):
        import h2.events
        import h2.exceptions
        try:
            stream = self._h2.get_next_available_stream_id()
            scheme = "https" if self.tls else "http"
            self._h2.send_headers(stream, [(":method", "GET"), (":path", path), (":scheme", scheme),
                                           (":authority", "localhost")], end_stream=True)
            self._flush()
            status, got = None, b""
            while True:
                frames = self._receive_frames()
                if frames is None:
                    raise Lost(f"closed after {len(got)} bytes")
                for event in self._h2.receive_data(frames):
                    if getattr(event, "stream_id", stream) != stream:
                        continue
                    if isinstance(event, h2.events.ResponseReceived):
                        status = int(dict(event.headers)[b":status"])
                    elif isinstance(event, h2.events.DataReceived):
                        got += event.data
                        self._h2.acknowledge_received_data(event.flow_controlled_length, stream)
                    elif isinstance(event, h2.events.StreamReset):
                        raise Lost("the stream was reset")
                    elif isinstance(event, h2.events.StreamEnded):
                        self._flush()
                        if status != 200 or (body is not None and got != body):
                            raise Lost(f"status {status}, {len(got)} bytes")
                        return got
                self._flush()
        except (OSError, h2.exceptions.ProtocolError) as error:
            raise Lost(repr(error)) from None


class H2Tls(H2):
    tls = True


class SlowExchange:
    """A connection of any protocol of requests and answers."""

    def __init__(self, connection, greeting=b""):
        self.socket = connection
        if greeting:
            self.expect(greeting)

    def expect(self, expected):
        got = b""
        while expected not in got:
            try:
                piece = self.socket.recv(65536)
            except OSError as error:
                raise Lost(repr(error)) from None
            if not piece:
                raise Lost(f"closed after {got[-60:]!r}")
            got += piece
        return got

    def exchange(self, request, expected):
        try:
            self.socket.sendall(request)
        except OSError as error:
            raise Lost(repr(error)) from None
        return self.expect(expected)

    def finish_slowly(self, rest, expected):
        """What is left of a request, 3 s after its begin."""
        time.sleep(3)  # the request's own time, no synchronisation
        self.exchange(rest, expected)
        self.close()

    def close(self):
        self.socket.close()


class Watcher(threading.Thread):
    """An idle connection: when the server closes or resets it; then its client closes it, too."""

    def __init__(self, connection):
        super().__init__(daemon=True)
        self._connection = connection  # anything with close(), and a socket or being one
        self._socket = getattr(connection, "socket", connection)
        self.how = self.ended_at = None
        self.start()

    def run(self):
        poll = select.poll()
        poll.register(self._socket, select.POLLRDHUP)
        (_, events), = poll.poll()
        self.ended_at = time.monotonic()
        self.how = "reset" if events & select.POLLERR else "closed"
        self._connection.close()


class WebSocket(Watcher):
    """A WebSocket that is open and silent: with which code the server closes it, and when."""

    def __init__(self, box, path="/ws"):
        connection = SlowExchange(box.connect())
        connection.exchange(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode(), b" 101 ")
        super().__init__(connection.socket)

    def run(self):
        received, self.how = b"", "closed without a code"
        try:
            while piece := self._socket.recv(65536):
                received += piece
                if len(received) >= 4 and received[0] == 0x88:  # Close, of a server: without a mask
                    code = received[2:4]
                    self.how = f"closed with {int.from_bytes(code, 'big')}"
                    self._socket.sendall(b"\x88\x82\0\0\0\0" + code)
                    break
        except OSError:
            self.how = "reset"
        self.ended_at = time.monotonic()
        self._socket.close()


class Backend:
    """An upstream outside the container, on port 9000 of its network: /slow takes 3 s, /stream 4 s."""

    def __init__(self, box, port=9000):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                if "slow" in self.path:
                    time.sleep(3)  # the request's own time, no synchronisation
                self.send_response(200)
                if "stream" in self.path:
                    return self.stream()
                self.send_header("Content-Length", str(len(BODY)))
                self.end_headers()
                self.wfile.write(BODY)

            def stream(self):
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for _ in range(STREAMED.count(PIECE)):
                    time.sleep(0.5)  # the stream's own pace
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(PIECE), PIECE))
                self.wfile.write(b"0\r\n\r\n")

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # the proxy has gone

        self._server = Server(("127.0.0.1", port), Handler, bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = box.program.socket()
        self._server.server_bind()
        self._server.server_activate()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Work(threading.Thread):
    """Something that a client wants done while the server is stopped: kept, or lost and why."""

    def __init__(self, what, do):
        super().__init__(daemon=True)
        self.what, self._do = what, do
        self.lost = self.ended_at = None
        self.begun_at = time.monotonic()
        self.start()

    def run(self):
        try:
            self._do()
        except Exception as error:  # whatever it is, it was not got
            self.lost = str(error) or repr(error)
        self.ended_at = time.monotonic()

    def finish(self, seconds=60):
        self.join(seconds)
        if self.is_alive():
            self.lost, self.ended_at = "neither answered nor cut", time.monotonic()
