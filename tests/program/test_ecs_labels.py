# SPDX-License-Identifier: MIT
"""The labels of the container: from Amazon ECS, beside everything else, and from variables as Kubernetes sets them.
Whatever the metadata endpoint does, the application starts and stops as without it."""

import re
import time

import ecs_agent
from ecs_agent import LINK_LOCAL, EcsTest
import harness
import http_client
from harness import HEALTH_PORT



def flood(connection, _):
    """A gigabyte, as far as the client takes it."""
    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
    for _ in range(1 << 14):
        connection.sendall(b" " * 65536)


def trickle(connection, _):
    """A byte at a time, for longer than anyone waits."""
    connection.setsockopt(6, 1, 1)  # TCP_NODELAY
    for _ in range(1 << 20):
        connection.sendall(b"H")
        time.sleep(0.001)  # the pace of a slow server


class Labels(EcsTest):
    REPLIES = {"/v4/id/task": ecs_agent.answer(ecs_agent.TASK), "/v4/id": ecs_agent.answer(ecs_agent.CONTAINER)}

    def test_task_and_container_are_in_report_metrics_and_log(self):
        agent = self.start_agent(self.REPLIES)
        program = self.start_on_ecs(agent)
        program.err.wait_for("^lastcall: Amazon ECS: cluster=shop service=front .* launch_type=FARGATE$")
        page = http_client.ask(program, HEALTH_PORT, "/metrics").body.decode()
        found = dict(re.findall(r'(\w+)="([^"]*)"', re.search(r"^lastcall_labels_info{(.*)} 1$", page, re.M)[1]))
        self.assertEqual(found, ecs_agent.LABELS)
        report = self.stop(program)
        self.assertEqual(report["labels"], ecs_agent.LABELS)
        self.assertEqual([request[:2] for request in agent.requests], [("GET", "/v4/id/task"), ("GET", "/v4/id")])

    def test_label_of_the_user_wins(self):
        program = self.start_on_ecs(self.start_agent(self.REPLIES), "--label=service=mine,team=a")
        program.err.wait_for("Amazon ECS: cluster=shop")
        self.assertEqual(self.stop(program)["labels"], {**ecs_agent.LABELS, "service": "mine", "team": "a"})

    def test_what_is_known_of_half_an_answer_is_kept(self):
        program = self.start_on_ecs(self.start_agent({"/v4/id/task": self.REPLIES["/v4/id/task"]}))
        program.err.wait_for("cannot read the labels of the container from Amazon ECS: it answered 404")
        program.err.wait_for("Amazon ECS: cluster=shop")
        self.assertEqual(self.stop(program)["labels"],
                         {key: value for key, value in ecs_agent.LABELS.items() if key != "container"})

    def test_check_shows_them(self):
        agent = self.start_agent(self.REPLIES)
        program = self.start_on_ecs(agent, "--check", env={"LASTCALL_LABEL_TEAM": "a"})
        self.assertEqual(program.wait().code, 0)
        self.assertTrue(program.out.find(r"^Labels: team=a cluster=shop service=front .*=FARGATE\.$"))
        self.assertTrue(program.out.find(r"^  label +team=a +LASTCALL_LABEL_\*$"))

    def test_one_off_command_says_nothing(self):
        program = self.start_on_ecs(self.start_agent({}), command=["/bin/true"])
        self.assertEqual(program.wait().code, 0)
        self.assertEqual(program.said(), [])

    def test_variables_of_kubernetes(self):
        program = self.start("--stop-timeout=8s", command=ecs_agent.APP,
                             env={"LASTCALL_LABEL_POD": "web-7d9f", "LASTCALL_LABEL_NODE_NAME": "n1,n2"})
        program.wait_serving()
        self.assertEqual(self.stop(program)["labels"], {"pod": "web-7d9f", "node_name": "n1,n2"})


class BadEndpoints(EcsTest):
    def assert_harmless(self, replies, message, uri=None, wait=True):
        """The application serves, /healthcheck answers, and the stop is as quick as ever."""
        agent = self.start_agent(replies)
        program = self.start_on_ecs(agent, uri=uri)
        program.wait_serving()
        self.assertEqual(http_client.ask(program, HEALTH_PORT, "/healthcheck").status, 200)
        if wait:
            program.err.wait_for(message)
        report = self.stop(program)
        self.assertEqual(report["labels"], {})
        self.assertLess(report["phases_ms"]["total"], 1900)  # less than the endpoint may take
        said = [number for number, line in enumerate(program.err.all) if "the labels of the task" in line]
        self.assertLessEqual(len(said), 1)
        if wait and "timed out" in message:
            listens = [number for number, line in enumerate(program.err.all) if "the application listens" in line]
            self.assertLess(listens[0], said[0], "the application waited")
        return agent

    def test_silence_ends_after_two_seconds(self):
        agent = self.assert_harmless({"/v4/id/task": None}, "of the task from Amazon ECS: .*timed out")
        self.assertEqual(len(agent.requests), 1, "an endpoint that does not answer is not asked again")

    def test_silence_does_not_delay_a_stop(self):
        self.assert_harmless({"/v4/id/task": None}, None, wait=False)

    def test_byte_by_byte_is_too_slow(self):
        self.assert_harmless({"/v4/id/task": trickle}, "of the task from Amazon ECS: .*timed out")

    def test_gigabyte_is_not_read(self):
        self.assert_harmless({"/v4/id/task": flood}, "of the task from Amazon ECS: its answer is longer than 64 KiB")

    def test_what_is_no_document(self):
        for reply in (ecs_agent.answer(b"<html>"), ecs_agent.answer(b'{"Cluster":"x"'), b"SSH-2.0-OpenSSH\r\n",
                      b"", ecs_agent.answer({"Cluster": "x"})[:-3]):
            with self.subTest(reply):
                self.assert_harmless({"/v4/id/task": reply, "/v4/id": reply},
                                     "of the task from Amazon ECS: its answer cannot be read")

    def test_endpoint_that_is_not_there(self):
        self.assert_harmless({}, "of the task from Amazon ECS: Connection refused",
                             uri=f"http://{LINK_LOCAL}:9/v4/id")

    def test_hostname_is_not_resolved(self):
        agent = self.assert_harmless({}, "='http://agent.example/v4/id' has no numeric http address: "
                                         "the labels of the task are unknown", uri="http://agent.example/v4/id")
        self.assertEqual(agent.requests, [])


if __name__ == "__main__":
    harness.main()
