# SPDX-License-Identifier: MIT
"""The same as grpc_check.js with Debian's python3-grpcio: python3 grpc_check.py ADDRESS"""

import sys

import grpc

with grpc.insecure_channel(sys.argv[1]) as channel:
    check = channel.unary_unary("/grpc.health.v1.Health/Check")
    for _ in range(2):
        try:
            print(check(b"", timeout=10).hex())
        except grpc.RpcError as error:
            print(error.code().value[0], error.details())
