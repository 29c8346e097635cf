# SPDX-License-Identifier: MIT
"""gRPC in Python and in JavaScript, each with a call in flight."""

import os

import harness
from clients import Lost
from server import Advice, Server, Stop, in_flight

PYTHON = """
import signal, time
from concurrent import futures
import grpc
def answer(request, context):
    if b"slow" in request:
        time.sleep(3)
    return b"done"
handler = grpc.method_handlers_generic_handler("test.Test", {"Ask": grpc.unary_unary_rpc_method_handler(answer)})
server = grpc.server(futures.ThreadPoolExecutor(8))
server.add_generic_rpc_handlers([handler])
server.add_insecure_port("0.0.0.0:8080")
server.start()
signal.signal(signal.SIGTERM, lambda *_: server.stop(30))
server.wait_for_termination()
"""

CLIENT = """
import sys, grpc
channel = grpc.insecure_channel("127.0.0.1:8080")
ask = channel.unary_unary("/test.Test/Ask")
if "idle" in sys.argv:
    for _ in range(20):
        ask(b"quick")
    print("answered", flush=True)
    sys.stdin.read()
else:
    print(ask(sys.argv[1].encode(), wait_for_ready=True, timeout=20).decode())
"""

JAVASCRIPT = """
const grpc = require('@grpc/grpc-js');
const bytes = { serialize: (value) => value, deserialize: (value) => value };
const service = { Ask: { path: '/test.Test/Ask', requestStream: false, responseStream: false,
  requestSerialize: bytes.serialize, requestDeserialize: bytes.deserialize,
  responseSerialize: bytes.serialize, responseDeserialize: bytes.deserialize } };
const server = new grpc.Server();
server.addService(service, { Ask: (call, done) =>
  setTimeout(() => done(null, Buffer.from('done')), String(call.request).includes('slow') ? 3000 : 0) });
server.bindAsync('0.0.0.0:8080', grpc.ServerCredentials.createInsecure(), () => {});
process.on('SIGTERM', () => server.tryShutdown(() => process.exit(0)));
"""


class GrpcPython(Server):
    """stop(30) on TERM."""

    name = "grpc-python"
    title = "gRPC in Python, server.stop(30)"
    kind = "python"
    signals = ("TERM",)
    guess = "stop(30) finishes calls, sends GOAWAY, and ends with the last call"
    note = "stop(n) sends GOAWAY, and clients reconnect elsewhere: let the server drain by itself."
    packages = "python3-grpcio"
    version = "dpkg-query -W python3-grpcio"
    files = {"app.py": PYTHON, "client.py": CLIENT}
    command = "/usr/bin/python3 app.py"
    advice = Advice(options=("--order=signal-first",), why="an open gRPC connection may look like work, and the server drains by itself")
    stops = (Stop("TERM", exits=(0,), ends_within=3.0, alarm=None, options=("--order=signal-first",)),)

    def wait_serving(self, box):
        super().wait_serving(box)
        status, output = box.run("/usr/bin/python3", "client.py", "quick")
        if status != 0:
            raise AssertionError(output)

    def begin(self, box):
        idle = box.spawn("/usr/bin/python3", "client.py", "idle", stdin=-1)
        harness.wait_until(lambda: idle.stdout.readline().strip() == "answered", "the idle client is answered")
        def call():
            status, output = box.run("/usr/bin/python3", "client.py", "slow")
            if status != 0 or "done" not in output:
                raise Lost(output.strip()[-200:])
        return [in_flight(box, "call", call)]


class GrpcJavaScript(GrpcPython):
    """tryShutdown() on TERM."""

    name = "grpc-js"
    title = "gRPC in JavaScript, tryShutdown()"
    kind = "javascript"
    guess = "tryShutdown() finishes calls, sends GOAWAY, and ends when the idle client has closed"
    note = ("tryShutdown() sends GOAWAY, and clients reconnect elsewhere: let the server drain by "
            "itself.")
    product = "`@grpc/grpc-js` {} from npm"
    version = "echo 1.14.7"
    files = {"app.js": JAVASCRIPT, "client.py": CLIENT}
    command = "node app.js"
    stops = (Stop("TERM", exits=(0,), ends_within=3.0, alarm=None, options=("--order=signal-first",)),)

    def prepare(self, box):
        os.symlink(box.npm("@grpc/grpc-js@1.14.7"), box.path("node_modules"))
