# SPDX-License-Identifier: MIT
"""lastcall-drill distinguishes good stops from bad ones, for each kind of server: real servers, as their images would
run them, under tini and under lastcall."""

import concurrent.futures

import engine
import ring
from drills import REPEATED, SERVERS, SLOW, Drill, cut_clients, program


class DrillTest(ring.ContainerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            program()
        except engine.Unavailable as reason:
            raise ring.unittest.SkipTest(str(reason))

    def drill(self, server, init, *options, **settings):
        drill = Drill(self.image, server, init, *options, **settings)
        print(f"{server} with {init}: {drill.result.get('verdict')}")
        return drill

    def tearDown(self):
        ours = f"label={engine.LABEL}.source={engine.SOURCE}"
        left = engine.docker("ps", "--all", "--quiet", "--filter", ours)
        self.assertEqual(left, "", "containers left behind")

    def assert_fails(self, drill, *checks):
        self.assertEqual(drill.status, 1, drill.said)
        for check in checks:
            self.assertIn(check, drill.failed_checks(), drill.said)


class Bad(DrillTest):
    def test_nginx_with_term_cuts(self):
        self.assert_fails(self.drill("nginx", "tini"), "in_flight_cut")

    def test_node_truncates_though_it_exits_with_0(self):
        """The slow handlers keep it there, so that clients see the end; of those that read a big answer
        it knows nothing."""
        drill = self.drill("Node http", "tini")
        self.assert_fails(drill, "in_flight_cut", "truncated")
        self.assertEqual({run["exit"]["code"] for run in drill.runs}, {0})

    def test_nginx_with_quit_loses_what_the_kernel_still_holds(self):
        """It has handed everything over, and exits with 0; the engine takes the network away, and the
        clients hear nothing any more, not even an end. They read slowly, or a machine with much to do is
        too late to lose anything."""
        slowly = ("--download=/big", "--read-rate=2M/s")
        drill = self.drill("nginx", "tini", "--stop-signal=QUIT", in_flight=slowly, runs=1)
        self.assert_fails(drill, "in_flight_cut", "stalled")
        self.assertEqual(drill.runs[0]["exit"]["code"], 0)

    def test_who_ignores_term_is_killed(self):
        drill = self.drill("http.server", "tini", runs=1, stop=3, environment={"DEAF": "1"})
        self.assert_fails(drill, "ended_by_itself", "min_margin")
        self.assertEqual(drill.runs[0]["exit"]["code"], 137)


class Good(DrillTest):
    def assert_passes(self, drill):
        self.assertEqual(drill.status, 0, drill.said)
        for run in drill.runs:
            numbers = run["numbers"]
            self.assertEqual(numbers["in_flight_at_stop"], 10)
            self.assertEqual(numbers["in_flight_cut"], 0)
            self.assertGreater(numbers["deadline_margin_s"], 0)

    def test_nginx_with_quit(self):
        self.assert_passes(self.drill(
            "nginx", "tini", "--stop-signal=QUIT", REPEATED, in_flight=SLOW))

    def test_every_server_under_lastcall(self):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            drills = list(pool.map(lambda server: self.drill(server, "lastcall"), SERVERS))
        for server, drill in zip(SERVERS, drills):
            with self.subTest(server):
                self.assert_passes(drill)
                for run in drill.runs:
                    # Kept connections that are young stay in doubt, for --longest-request at most. If
                    # that takes the budget, a new connection may come just as the server closes.
                    self.assertIn(
                        run["server"]["outcome"], ("drained", "budget_exhausted"), drill.said)
                    self.assertLessEqual(run["server"]["cut"], cut_clients(run), drill.said)
                    self.assertEqual(run["disagreements"], [], drill.said)


if __name__ == "__main__":
    ring.main()
