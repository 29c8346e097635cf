# SPDX-License-Identifier: MIT
"""Drills of a gRPC server (@grpc/grpc-js): calls that are cut are found, those that are drained pass."""

import drill_case
from drill_case import FAIL, PASS, UNREACHED

CALLS = ("--grpc=drill.Test/Slow", "--grpc=drill.Test/Stream")


class Grpc(drill_case.DrillCase):
    load = ("--in-flight=4", "--keep-alive=5", "--burst=5", "--rate=20", "--preconnected=2")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drill_case.need_module("@grpc/grpc-js")

    def server(self, manner):
        return self.node("grpc_server.js", manner)

    def drill(self, expected, *arguments, path="/drill.Test/Quick"):
        return super().drill(expected, *arguments, path=path)

    def test_a_server_that_goes_at_once_fails(self):
        result = self.drill(FAIL, *CALLS, "--", *self.server("abrupt"))
        self.assertNotIn("ok", self.outcomes(result))

    def test_a_server_that_shuts_down_in_order_passes(self):
        self.assert_all_answered(self.drill(PASS, *CALLS, "--", *self.server("drain")))

    def test_under_lastcall_any_server_passes(self):
        self.assert_all_answered(self.drill(PASS, *CALLS, "--", *self.lastcall(*self.server("abrupt"))))

    def test_a_forced_shutdown_fails(self):
        result = self.drill(FAIL, *CALLS, "--", *self.server("forced"))
        self.assertNotIn("ok", self.outcomes(result))

    def test_unavailable_is_lost(self):
        result = self.drill(FAIL, "--grpc=drill.Test/Slow", "--", *self.server("unavailable"))
        self.assertEqual(self.outcomes(result), {"http_5xx": 4})

    def test_data_is_the_message(self):
        message = self.directory / "message"
        message.write_bytes(b"hello")
        self.drill(PASS, "--grpc=drill.Test/Slow", f"--data=@{message}", "--", *self.server("drain"), path="/")
        self.drill(PASS, "--in-flight=0", "--grpc=drill.Test/Echo", "--data=hello", "--",
                   *self.server("drain"), path="/")
        self.drill(UNREACHED, "--start-timeout=6s", "--grpc=drill.Test/Echo", "--data=other", "--",
                   *self.server("drain"), path="/")
        self.assertIn("status 400", self.said)


if __name__ == "__main__":
    drill_case.main()
