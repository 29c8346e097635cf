# SPDX-License-Identifier: MIT
"""Drills of a WebSocket server (ws): calls that are cut are found, those that are closed in order pass."""

import drill_case
from drill_case import FAIL, INCONCLUSIVE, PASS


class WebSocket(drill_case.DrillCase):
    load = ("--in-flight=4", "--websocket=/call", "--keep-alive=2", "--burst=3", "--rate=10")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drill_case.need_module("ws")

    def server(self, manner):
        return self.node("websocket_server.js", manner)

    def test_a_server_that_goes_at_once_fails(self):
        result = self.drill(FAIL, "--", *self.server("abrupt"))
        self.assertLessEqual(set(self.outcomes(result)), {"truncated", "reset_mid_body"})

    def test_a_server_that_closes_its_calls_passes(self):
        result = self.drill(PASS, "--", *self.server("away"))
        self.assertEqual(self.outcomes(result), {"ok": 4})
        self.assertEqual(result["runs"][0]["numbers"]["in_flight_completed"], 4)

    def test_calls_are_held_open_under_lastcall(self):
        result = self.drill(PASS, "--stall-timeout=3s", "--", drill_case.LASTCALL, "--listen=off",
                            "--stop-timeout=10s", "--order=signal-first", "--", *self.server("away"))
        self.assertEqual(self.outcomes(result), {"ok": 4})

    def test_other_codes_and_no_close_fail(self):
        for manner, outcome in (("failing", "http_5xx"), ("dropped", "truncated")):
            with self.subTest(manner):
                result = self.drill(FAIL, "--", *self.server(manner))
                self.assertEqual(self.outcomes(result), {outcome: 4})

    def test_a_handshake_that_is_refused_proves_nothing(self):
        self.drill(INCONCLUSIVE, "--rate=0", "--burst=0", "--keep-alive=0", "--", *self.server("refusing"))
        self.assertIn("(503)", self.said)


if __name__ == "__main__":
    drill_case.main()
