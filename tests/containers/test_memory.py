# SPDX-License-Identifier: MIT
"""A container with hardly any memory: a stop works, and the report says what was killed for lack of it."""

import signal

import engine
import ring

ENDED_BY_KILL = 128 + signal.SIGKILL
GROW = "a=xxxxxxxx; while :; do a=$a$a; done"


class Memory(ring.ContainerTest):
    options = ("--memory=8m", "--memory-swap=8m")

    def test_application_that_runs_out_of_memory(self):
        with self.container("sh", "-c", GROW, environment={"LASTCALL_REPORT": "stderr"}) as container:
            ending = container.end()
            self.assertEqual(ending.exit_code, ENDED_BY_KILL)
            self.assertIn("killed by SIGKILL: the container is out of memory", container.logs())
        self.validate_report(ending.report)
        app = ending.report["app"]
        self.assertEqual((app["signal"], app["killed"], app["oom_kills"]), ("SIGKILL", False, 1))
        self.assertEqual(ending.report["diagnosis"], ["out_of_memory"])
        self.assertEqual(ending.report["outcome"], "app_exited")

    def test_worker_that_runs_out_of_memory(self):
        script = f"trap 'exit 3' TERM; ({GROW}) & wait $!; echo ready; while :; do sleep 1000 & wait $!; done"
        with self.container("sh", "-c", script) as container:
            engine.wait_until(lambda: "\nready" in "\n" + container.logs(), "the worker is gone")
            container.begin_stop(10)
            ending = container.end()
            self.assert_ended_by_itself(ending, 10)
        self.assertEqual(ending.exit_code, 3)
        self.assertEqual(ending.report["app"]["oom_kills"], 1)
        self.assertEqual(ending.report["diagnosis"], ["out_of_memory"])
        self.assertEqual(ending.report["outcome"], "drained")

    def test_stop_with_eight_megabytes(self):
        with self.container("sh", "-c", "trap 'exit 4' TERM; echo ready; while :; do sleep 1000 & wait $!; done",
                            init=ring.LASTCALL) as container:
            engine.wait_until(lambda: "\nready" in "\n" + container.logs(), "it runs")
            self.wait_health(container.address, ring.HEALTH_PORT, 503, "starting")
            container.begin_stop(10)
            ending = container.end()
            self.assert_ended_by_itself(ending, 10)
        self.assertEqual(ending.exit_code, 4)
        self.assertEqual(ending.report["app"]["oom_kills"], 0)
        self.assertEqual(ending.report["degraded"], [])


if __name__ == "__main__":
    ring.main()
