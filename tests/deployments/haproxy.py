# SPDX-License-Identifier: MIT
"""HAProxy as the load balancer: its servers are places that a task takes and leaves by the runtime API."""

import pathlib
import signal
import socket
import threading
import time

import engine
import process

PLACES = 64

CONFIGURATION = """global
	stats socket {folder}/admin.sock mode 600 level admin expose-fd listeners
	server-state-file {folder}/state
	log stderr local0 err

defaults
	mode http
	load-server-state-from-file global
	timeout connect 1s
	timeout client 60s
	timeout server 60s
	retries 3
	option redispatch 1

frontend clients
	bind 127.0.0.1:{http1}
	bind 127.0.0.1:{http2} proto h2
	default_backend tasks

backend tasks
	balance roundrobin
	http-reuse safe
{servers}
"""


class HAProxy:
    """One HAProxy with no task behind it. A refused connection is retried with another server, as is HAProxy's
    default with `option redispatch`."""

    name = "HAProxy"

    def __init__(self, folder, server_options=""):
        self.folder = pathlib.Path(folder)
        self.host = "127.0.0.1"
        self._server_options = server_options
        self.http1, self.http2 = process.free_ports(2)
        self._free = list(range(1, PLACES + 1))
        self._lock = threading.Lock()
        self._file = self.folder / "haproxy.cfg"
        self._targets = {}
        self._write()
        (self.folder / "state").touch()
        self._process = process.start(
            ["haproxy", "-W", "-db", "-f", str(self._file)], stderr=(self.folder / "haproxy.log").open("w"))
        self._wait_ready()

    def _write(self):
        """The configuration, with the tasks that there are now: a reload reads it, and a server that it calls disabled
        stays so whatever the state file says."""
        servers = []
        for place in range(1, PLACES + 1):
            address, port = self._targets.get(place, ("127.0.0.1", "1 disabled"))
            servers.append(f"\tserver task{place} {address}:{port} {self._server_options}".rstrip())
        self._file.write_text(CONFIGURATION.format(
            folder=self.folder, http1=self.http1, http2=self.http2, servers="\n".join(servers)))

    def _wait_ready(self):
        engine.wait_until(lambda: self._answers("show info"), "HAProxy answers")

    def _answers(self, command):
        try:
            return self.say(command)
        except OSError:
            return ""

    def say(self, command):
        """One command of the runtime API; returns what HAProxy says."""
        with socket.socket(socket.AF_UNIX) as admin:
            admin.settimeout(5)
            admin.connect(str(self.folder / "admin.sock"))
            admin.sendall(command.encode() + b"\n")
            said = b""
            while piece := admin.recv(65536):
                said += piece
        return said.decode()

    def add(self, address, port):
        """Sends requests to a target from now on; returns its place."""
        with self._lock:
            place = self._free.pop(0)
            self._targets[place] = address, port
            self.say(f"set server tasks/task{place} addr {address} port {port}")
            self.say(f"set server tasks/task{place} state ready")
        return place

    def drain(self, place):
        """Sends no new request; those in flight go on."""
        with self._lock:
            self.say(f"set server tasks/task{place} state drain")

    def remove(self, place):
        with self._lock:
            self.say(f"set server tasks/task{place} state maint")
            del self._targets[place]
            self._free.append(place)

    def reload(self):
        """As `systemctl reload haproxy`: a new worker takes the sockets over, the old one finishes its requests."""
        with self._lock:
            self._write()
            (self.folder / "state").write_text(self.say("show servers state"))
            before = self._worker()
            sent = 0

            def is_reloaded():
                nonlocal sent
                if time.monotonic() - sent > 2:  # again: a master that still executes itself loses the signal
                    self._process.send_signal(signal.SIGUSR2)
                    sent = time.monotonic()
                return self._worker() not in ("", before)
            engine.wait_until(is_reloaded, "HAProxy has a new worker")

    def _worker(self):
        said = self._answers("show info")
        return next((line for line in said.splitlines() if line.startswith("Pid:")), "")

    def close(self):
        process.end(self._process)
