# SPDX-License-Identifier: MIT
"""Node's server.close() and npm start finish what is in flight, or nothing, and lose connections: a drill never passes
them, unless clients repeat what was lost."""

import json
import pathlib

import drill_case
from drill_case import FAIL, PASS

CLOSE = pathlib.Path(__file__).with_name("close_server.js")


class Node(drill_case.DrillCase):
    load = ("--in-flight=5", "--slow=/slow", "--keep-alive=20", "--burst=50", "--rate=50")

    def failed(self, result):
        return {check["name"] for check in result["checks"] if not check["passed"]}

    def test_close_loses_what_waits_to_be_accepted(self):
        server = self.node(CLOSE.name, "close")
        result = self.drill(FAIL, "--", *server)
        self.assertIn("reset_connect", self.failed(result))
        self.assertEqual(result["runs"][0]["numbers"]["in_flight_cut"], 0)

    def test_what_clients_repeat_is_a_warning_with_its_number(self):
        server = self.node(CLOSE.name, "close")
        result = self.drill(PASS, "--retry-safe=reset_connect,refused,eof_before_response,reset_before_response", "--",
                            *server)
        self.assertRegex("\n".join(result["warnings"]),
                         r"(?m)^[1-9][0-9]* reset_connect: clients have to send them again")

    def test_nothing_is_lost_under_lastcall(self):
        self.drill(PASS, "--", *self.lastcall(*self.node(CLOSE.name, "close")))

    def test_npm_start_fails(self):
        """npm ends at once, and its server with it or, in other versions, behind it."""
        self.need("npm")
        (self.directory / "package.json").write_text(json.dumps(
            {"name": "shop", "version": "1.0.0", "scripts": {"start": f"node {CLOSE} close {self.port}"}}))
        result = self.drill(FAIL, "--start-timeout=30s", "--", "npm", "--prefix", str(self.directory), "start")
        self.assertTrue(self.failed(result) & {"in_flight_cut", "ended_by_itself", "reset_connect"}, result["checks"])


if __name__ == "__main__":
    drill_case.main()
