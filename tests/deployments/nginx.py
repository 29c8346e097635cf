# SPDX-License-Identifier: MIT
"""nginx as the load balancer: each change of its servers is a new configuration and a reload."""

import pathlib
import signal
import threading

import engine
import process

CONFIGURATION = """daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log crit;
worker_processes 1;

events {{
	worker_connections 2048;
}}

http {{
	access_log off;
	client_body_temp_path {folder}/client_body;
	proxy_temp_path {folder}/proxy;
	fastcgi_temp_path {folder}/fastcgi;
	uwsgi_temp_path {folder}/uwsgi;
	scgi_temp_path {folder}/scgi;

	upstream tasks {{
		{servers}
		keepalive 32;
	}}

	server {{
		listen 127.0.0.1:{http1};
		listen 127.0.0.1:{http2} http2;
		location / {{
			proxy_pass http://tasks;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_connect_timeout 1s;
			proxy_request_buffering off;
		}}
	}}
}}
"""


class Nginx:
    """One nginx with no task behind it. With its defaults it sends a request that failed before the first byte of
    the response to another server, unless its method is not idempotent."""

    name = "nginx"

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.host = "127.0.0.1"
        self.http1, self.http2 = process.free_ports(2)
        self._servers = {}
        self._next = 1
        self._lock = threading.Lock()
        self._write()
        self._process = process.start(
            ["nginx", "-e", f"{folder}/nginx.log", "-c", f"{folder}/nginx.conf"])
        engine.wait_until((self.folder / "nginx.pid").exists, "nginx runs")

    def _write(self):
        servers = [f"server {address}:{port};" for address, port in self._servers.values()]
        servers = servers or ["server 127.0.0.1:1 down;"]
        (self.folder / "nginx.conf").write_text(CONFIGURATION.format(
            folder=self.folder, http1=self.http1, http2=self.http2, servers=" ".join(servers)))

    def _change(self):
        self._write()
        self._process.send_signal(signal.SIGHUP)

    def add(self, address, port):
        """Sends requests to a target from now on; returns its place."""
        with self._lock:
            place = self._next
            self._next += 1
            self._servers[place] = address, port
            self._change()
        return place

    def drain(self, place):
        """Sends no new request; the old worker finishes those in flight."""
        with self._lock:
            if self._servers.pop(place, None) is not None:
                self._change()

    def remove(self, place):
        self.drain(place)

    def reload(self):
        with self._lock:
            self._change()

    def close(self):
        process.end(self._process)
