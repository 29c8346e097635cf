# SPDX-License-Identifier: MIT
import signal
import time
from concurrent import futures

import grpc


def ask(request, context):
    if request == b"slow":
        time.sleep(3)
    return b"done"


# A real service has its methods from a .proto file.
handler = grpc.method_handlers_generic_handler("shop.Shop", {"Ask": grpc.unary_unary_rpc_method_handler(ask)})
server = grpc.server(futures.ThreadPoolExecutor(8))
server.add_generic_rpc_handlers([handler])
server.add_insecure_port("0.0.0.0:8080")
server.start()

# Clients get GOAWAY and connect elsewhere; calls in flight have 8 s, less than the stop timeout.
signal.signal(signal.SIGTERM, lambda *_: server.stop(8))
server.wait_for_termination()
