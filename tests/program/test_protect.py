# SPDX-License-Identifier: MIT
"""--protect: Amazon ECS is asked not to choose a task with work in flight, and is believed by the body of its answer.
The times are the real ones, so that all programs of this file run side by side."""

import time

import ecs_agent
import harness
import http_client
from ecs_agent import EcsTest
from harness import APP_PORT, HEALTH_PORT, probe

PATH = "/api/id/task-protection/v1/state"
LOOK_SECONDS = 10

# What the agent says, and what lastcall says then: its documented answers, and worse ones.
REFUSALS = {
    "not a service": (ecs_agent.failure("TASK_NOT_VALID", None), "TASK_NOT_VALID; retrying"),
    "blocked": (ecs_agent.failure("DEPLOYMENT_BLOCKED", "Too many"), "DEPLOYMENT_BLOCKED: Too many; retrying"),
    "no role": (ecs_agent.error("403 Forbidden", "AccessDeniedException", "no task role"),
                "AccessDeniedException: no task role; retrying"),
    "slow ECS": (ecs_agent.error("504 Gateway Timeout", "RequestCanceled", "Timed out"),
                 "RequestCanceled: Timed out; retrying"),
    "old agent": (ecs_agent.answer(b"404 page not found", "404 Not Found"), "the agent answered 404; retrying"),
    "not what was asked": (ecs_agent.protected(False), "the task is still unprotected; retrying"),
}


class Protect(EcsTest):
    def start_protected(self, reply, busy=True):
        """A program with a request in flight, or none."""
        agent = self.start_agent({PATH: reply})
        program = self.start_on_ecs(agent, "--protect", env={"ECS_AGENT_URI": agent.uri("/api/id")},
                                    command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        program.wait_serving()
        request = http_client.Request(program, APP_PORT, "/d30000/c") if busy else None
        return agent, program, request

    def protected(self, program):
        page = http_client.ask(program, HEALTH_PORT, "/metrics").body.decode()
        return "\nlastcall_task_protected 1\n" in page

    def test_work_is_protected_and_a_refusal_is_none(self):
        """One look each, all at the same time."""
        busy = self.start_protected(ecs_agent.protected(True))
        idle = self.start_protected(ecs_agent.protected(True), busy=False)
        silent = self.start_protected(None)
        refused = {name: self.start_protected(reply) for name, (reply, _) in REFUSALS.items()}

        agent, program, _ = busy
        program.err.wait_for("^lastcall: the task is protected from scale-in while work is in flight$")
        (method, path, body, at), = [request for request in agent.requests if request[1] == PATH]
        self.assertEqual((method, body), ("PUT", {"ProtectionEnabled": True, "ExpiresInMinutes": 10}))
        self.assertGreater(at - program.started_at, LOOK_SECONDS - 1)
        self.assertTrue(self.protected(program))

        for name, (agent, program, _) in refused.items():
            with self.subTest(name):
                program.err.wait_for(f"^lastcall: warning: cannot protect the task from scale-in: {REFUSALS[name][1]}$")
                self.assertFalse(self.protected(program))
        agent, program, _ = idle
        harness.wait_until(lambda: time.monotonic() - program.started_at > LOOK_SECONDS + 1, "a look at an idle one")
        self.assertNotIn(PATH, [request[1] for request in agent.requests])
        self.assertFalse(self.protected(program))

        agent, program, _ = silent
        self.assertIn(PATH, [request[1] for request in agent.requests])
        program.stop()  # which does not wait for the agent's answer
        program.wait()
        self.assert_in_time(program)

    def test_without_an_agent_it_is_said_once(self):
        program = self.start("--protect", "--stop-timeout=4s", command=ecs_agent.APP)
        program.wait_serving()
        program.stop()
        self.assertEqual(program.wait().code, 0)
        self.assertEqual(len([line for line in program.err.all if "ECS_AGENT_URI is not set" in line]), 1)


if __name__ == "__main__":
    harness.main()
