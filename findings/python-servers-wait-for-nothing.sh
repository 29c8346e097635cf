#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Python's servers do not wait for their requests where their documentation says that they do
#
# Guess: after close(), asyncio's wait_closed() waits for the connections; since Python 3.7 server_close() of a server with
#   threads waits for them ("block_on_close").
# Seen: wait_closed() returns at once, and asyncio.run() cancels the requests. ThreadingHTTPServer waits for none:
#   its threads are daemons, and only others are waited for. ThreadingMixIn with HTTPServer, which is the same without
#   that, waits. The status is 0 each time.
# For containers: a handler for TERM that does all that the documentation says loses each request in flight, silently.
# Software: Debian 12, python3.11 3.11.2-6+deb12u6; Linux 6.18
# Source: Python, Lib/asyncio/base_events.py (Server.wait_closed; "this was broken" in 3.12), Lib/http/server.py
#   (ThreadingHTTPServer: daemon_threads), Lib/socketserver.py (_Threads)
# Output, 2026-11-29:
#   asyncio, close() and wait_closed(): a request of 3 s: cut
#   asyncio, close() and wait_closed(): ends after: 0.0 s
#   asyncio, close() and wait_closed(): exit status: 0
#   ThreadingHTTPServer, server_close(): a request of 3 s: cut
#   ThreadingHTTPServer, server_close(): ends after: 0.5 s
#   ThreadingHTTPServer, server_close(): exit status: 0
#   ThreadingMixIn and HTTPServer, server_close(): a request of 3 s: whole
#   ThreadingMixIn and HTTPServer, server_close(): ends after: 3.1 s
#   ThreadingMixIn and HTTPServer, server_close(): exit status: 0
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
[ "$(/usr/bin/python3 -c 'import sys; print(*sys.version_info[:2])')" = '3 11' ] || cannot_run "needs Python 3.11 in /usr/bin"
probe <<'PY'
from probe import Client, Server, check, finish, is_listening, wait_for, write

write("tasks.py", """
import asyncio, signal

async def serve(reader, writer):
    await reader.readuntil(b'\\r\\n\\r\\n')
    print('began', flush=True)
    await asyncio.sleep(3)
    writer.write(b'HTTP/1.0 200 OK\\r\\n\\r\\ndone\\n')
    await writer.drain()
    writer.close()

async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = await asyncio.start_server(serve, '127.0.0.1', 8080)
    await stop.wait()
    server.close()
    await server.wait_closed()

asyncio.run(main())
""")
for name, bases in (("threads", "http.server.ThreadingHTTPServer"),
                    ("mixin", "socketserver.ThreadingMixIn, http.server.HTTPServer")):
    write(f"{name}.py", f"""
import http.server, signal, socketserver, threading, time

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print('began', flush=True)
        time.sleep(3)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'done\\n')

class Server({bases}):
    pass

server = Server(('127.0.0.1', 8080), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
server.server_close()
""")
for name, program, answer, seconds in (
        ("asyncio, close() and wait_closed()", "tasks.py", "cut", (0.0, 2.5)),
        ("ThreadingHTTPServer, server_close()", "threads.py", "cut", (0.0, 2.5)),
        ("ThreadingMixIn and HTTPServer, server_close()", "mixin.py", "whole", (2.0, 6.0))):
    open("server.log", "w").close()
    server = Server("/usr/bin/python3", program, port=8080)
    client = Client(8080, b"GET / HTTP/1.0\r\n\r\n")
    wait_for(lambda: "began" in server.log_text(), "the request")
    server.signal("TERM")
    check(f"{name}: a request of 3 s", client.answer(), answer)
    check(f"{name}: ends after", server.seconds_to_end(), seconds)
    check(f"{name}: exit status", server.status(), 0)
    wait_for(lambda: not is_listening(8080), "the end of the listener")
finish()
PY
