# SPDX-License-Identifier: MIT
"""HTTP clients that hide nothing: no retry, no pool, every byte of a body compared, every failure
named by what the client saw."""

import asyncio
import collections
import concurrent.futures
import dataclasses
import http.client
import socket
import sys
import threading
import time

from engine import APPS

sys.path.insert(0, str(APPS))
from pattern import pattern  # noqa: E402  the application's own

# What became of a request, from the client's side:
#   ok         status 200 and the whole body, byte for byte
#   refused    no connection
#   reset      RST, before or within the answer
#   closed     FIN before the first byte of the answer
#   truncated  FIN within the answer
#   stalled    nothing more came, not even an end
#   wrong      an answer, but not the one that was due


@dataclasses.dataclass
class Request:
    number: int
    seconds: float
    size: int
    quick_before: int = 0  # exchanges on the same connection before this one: it is not fresh then


@dataclasses.dataclass
class Outcome:
    request: Request
    kind: str
    detail: str
    ended: float  # monotonic


async def read_answer(reader):
    """Status and body of one answer that has a Content-Length."""
    head = await reader.readuntil(b"\r\n\r\n")
    status, *fields = head.decode("latin-1").split("\r\n")
    lengths = [int(f.partition(":")[2]) for f in fields if f.lower().startswith("content-length:")]
    return int(status.split()[1]), await reader.readexactly(lengths[0])


async def exchange(reader, writer, target, number, size):
    """One request and its answer; a ValueError says what is wrong with it."""
    writer.write(f"GET {target} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
    status, body = await read_answer(reader)
    if status != 200:
        raise ValueError(f"status {status}")
    if body != pattern(number, size):
        raise ValueError(f"{len(body)} bytes, but not the right ones")


async def quick_exchange(reader, writer, number):
    await exchange(reader, writer, f"/quick?id={number}&size=200", number, 200)


class Load(threading.Thread):
    """Sends requests, each on a connection of its own, all at once; then waits for the answers."""

    def __init__(self, address, port, requests, seconds):
        super().__init__(daemon=True)
        self.address = (address, port)
        self.requests = requests
        self.seconds = seconds
        self._outcomes = []
        self.start()

    def run(self):
        self._outcomes = asyncio.run(self._all())

    def outcomes(self):
        """What became of each request."""
        self.join(self.seconds + 10)
        assert not self.is_alive(), "the client itself hangs"
        return self._outcomes

    async def _all(self):
        return await asyncio.gather(*(self._one(request) for request in self.requests))

    async def _one(self, request):
        kind, detail = "ok", ""
        try:
            await asyncio.wait_for(self._conversation(request), self.seconds)
        except ConnectionRefusedError:
            kind = "refused"
        except (ConnectionResetError, BrokenPipeError):
            kind = "reset"
        except asyncio.IncompleteReadError as error:
            kind = "truncated" if error.partial or error.expected else "closed"
            detail = f"{len(error.partial)} of {error.expected} bytes"
        except asyncio.TimeoutError:
            kind = "stalled"
        except (OSError, ValueError, IndexError) as error:
            kind, detail = "wrong", repr(error)
        return Outcome(request, kind, detail, time.monotonic())

    async def _conversation(self, request):
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            for _ in range(request.quick_before):
                await quick_exchange(reader, writer, request.number)
            target = f"/slow?id={request.number}&size={request.size}&seconds={request.seconds:.3f}"
            await exchange(reader, writer, target, request.number, request.size)
        finally:
            writer.close()


def tally(outcomes):
    """How many of each kind."""
    return collections.Counter(outcome.kind for outcome in outcomes)


class IdleConnections:
    """Keep-alive connections that have had an answer, and are kept open."""

    def __init__(self, address, port, count):
        self._connections = [
            http.client.HTTPConnection(address, port, timeout=20) for _ in range(count)
        ]
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            list(pool.map(self._use, self._connections))

    def _use(self, connection):
        connection.request("GET", "/quick?id=1&size=200")
        assert connection.getresponse().read() == pattern(1, 200)
        assert connection.sock is not None, "the server has not kept the connection"

    def close(self):
        for connection in self._connections:
            connection.close()


def get(address, port, path, seconds=5):
    """Status and body, or None where nothing answers (yet, or any more)."""
    connection = http.client.HTTPConnection(address, port, timeout=seconds)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


class SlowReader:
    """A client with a small window that takes its time: most of a big answer stays behind."""

    def __init__(self, address, port):
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        self._socket.settimeout(20)
        self._socket.connect((address, port))
        self._socket.sendall(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")

    def read_to_end(self, size, pause, silence):
        """Reads in small pieces, `pause` seconds apart, until the end or `silence` seconds of
        nothing. Returns what became of the answer, and how many right bytes of its body came."""
        self._socket.settimeout(silence)
        received = b""
        kind = "stalled"
        try:
            while piece := self._socket.recv(16384):
                received += piece
                time.sleep(pause)
            kind = "ended"
        except ConnectionResetError:
            kind = "reset"
        except socket.timeout:
            pass
        finally:
            self._socket.close()
        body = received.partition(b"\r\n\r\n")[2]
        if body != pattern(0, size)[: len(body)]:
            return "wrong", len(body)
        if kind == "ended":
            kind = "ok" if len(body) == size else "truncated"
        return kind, len(body)
