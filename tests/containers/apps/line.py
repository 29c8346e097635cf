# SPDX-License-Identifier: MIT
"""The line between an application in a container and its test: a Unix socket in a directory that
both see. It is how a test knows that a request has been received, or a handler installed, without
asking through the network that is being watched, and without waiting "long enough"."""

import os
import socket
import threading


class Line:
    def __init__(self):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(os.environ["TEST_LINE"])
        self._sending = threading.Lock()
        self._heard = set()
        self._news = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def say(self, text):
        with self._sending:
            self._socket.sendall(text.encode() + b"\n")

    def wait_for(self, text):
        """Returns when the test has said so; at once if it had before."""
        with self._news:
            self._news.wait_for(lambda: text in self._heard)

    def _listen(self):
        with self._socket.makefile() as lines:
            for text in lines:
                with self._news:
                    self._heard.add(text.strip())
                    self._news.notify_all()
