# SPDX-License-Identifier: MIT
"""What clients do to a connection, besides asking and reading: they reset it, or are gone."""

import array
import ctypes
import fcntl
import socket
import struct
import termios

SO_ATTACH_FILTER = 26


def reset(connection):
    """Closes it with a RST, at once, whatever is unread."""
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.socket.close()


def vanish(connection):
    """From here on nothing of the server's arrives, and nothing is answered: as if the host were
    gone. A filter that drops every segment before TCP sees it."""
    drop_all = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # BPF_RET | BPF_K 0
    program = struct.pack("HP", 1, ctypes.addressof(drop_all))
    connection.socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


def unread_bytes(connection):
    """What the client's kernel has taken, and acknowledged, and its program has not read."""
    count = array.array("i", [0])
    fcntl.ioctl(connection.socket, termios.FIONREAD, count)
    return count[0]


def read_bytes(connection, count):
    """Reads so many bytes of an answer, its head included."""
    left = count
    while left > 0:
        data = connection.socket.recv(left)
        if not data:
            raise EOFError(f"closed {left} bytes early")
        left -= len(data)


def name(connection):
    """The client's address as the report writes it."""
    host, port = connection.socket.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_reset(connection):
    """Whether the server ends it next, not with an end of file but with a RST."""
    try:
        while connection.socket.recv(65536):
            pass
        return False
    except ConnectionResetError:
        return True
