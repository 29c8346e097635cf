# SPDX-License-Identifier: MIT
"""A stand-in for the agent of Amazon ECS: the task metadata endpoint version 4, and task scale-in protection. It
listens in a program's own network and answers as the agent's documentation and source say (Amazon ECS Developer
Guide, "Task metadata endpoint version 4", "Task scale-in protection endpoint"; amazon-ecs-agent 1.105.1), or
worse, where a test asks for that."""

import json
import os
import select
import subprocess
import threading
import time

import harness
from harness import APP_PORT, probe

LINK_LOCAL = "169.254.170.2"
APP = probe("catch", f"listen={APP_PORT}", "exit-on=15:0", "print=ready", "wait")

CLUSTER_ARN = "arn:aws:ecs:us-west-2:111122223333:cluster/shop"
TASK_ARN = "arn:aws:ecs:us-west-2:111122223333:task/shop/ec7ff82b7a3a44a5bbbe9bcf11daee33"

TASK = {
    "Cluster": CLUSTER_ARN, "TaskARN": TASK_ARN, "Family": "web", "ServiceName": "front", "Revision": "26",
    "DesiredStatus": "RUNNING", "KnownStatus": "RUNNING", "Limits": {"CPU": 0.25, "Memory": 512},
    "PullStartedAt": "2020-10-08T20:47:16.053330955Z", "AvailabilityZone": "us-west-2a", "LaunchType": "FARGATE",
    "Containers": [{"Name": "app", "Networks": [{"NetworkMode": "awsvpc", "IPv4Addresses": ["192.0.2.3"]}]}],
    "ClockDrift": {"ClockErrorBound": 0.5458234999999999, "ClockSynchronizationStatus": "SYNCHRONIZED"},
    "FaultInjectionEnabled": False, "InventedLater": [[{}]],
}
CONTAINER = {"DockerId": "cd189a933e5849daa93386466019ab50-2495160603", "Name": "app", "Image": "web:26",
             "Labels": {"com.amazonaws.ecs.cluster": CLUSTER_ARN}, "LogOptions": {"awslogs-group": "secret"}}

LABELS = {"cluster": "shop", "service": "front", "family": "web", "revision": "26",
          "task": "ec7ff82b7a3a44a5bbbe9bcf11daee33", "container": "app", "zone": "us-west-2a",
          "launch_type": "FARGATE"}


def answer(body, status="200 OK"):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return (f"HTTP/1.0 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body)


def protected(enabled):
    expires = "2030-12-20T21:57:44Z" if enabled else None
    return answer({"protection": {"ExpirationDate": expires, "ProtectionEnabled": enabled, "TaskArn": TASK_ARN}})


def failure(reason, detail):
    """As the agent says that ECS has refused: with status 200."""
    return answer({"failure": {"Arn": TASK_ARN, "Detail": detail, "Reason": reason}})


def error(status, code, message):
    return answer({"requestID": "0b1c", "error": {"Arn": TASK_ARN, "Code": code, "Message": message}}, status)


class Agent:
    """`replies`: a path and what is sent for it. Bytes are sent; None is silence; a function gets the connection
    and the request. The rest is 404."""

    def __init__(self, listener, replies):
        self.replies = replies
        self.requests = []  # (method, path, body, time)
        self.changed = threading.Condition()
        self.stopping = os.pipe()
        self.listener = listener
        listener.listen()
        self.port = listener.getsockname()[1]
        self.threads = [threading.Thread(target=self.serve, daemon=True)]
        self.threads[0].start()

    def serve(self):
        while True:
            ready, _, _ = select.select([self.listener, self.stopping[0]], [], [])
            if self.stopping[0] in ready:
                return
            connection, _ = self.listener.accept()
            thread = threading.Thread(target=self.talk, args=(connection,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def talk(self, connection):
        with connection:
            try:
                method, path, body = self.receive(connection)
                with self.changed:
                    self.requests.append((method, path, body, time.monotonic()))
                    self.changed.notify_all()
                reply = self.replies.get(path, answer(b"404 page not found", "404 Not Found"))
                if callable(reply):
                    reply(connection, body)
                elif reply is None:
                    self.wait(connection)
                else:
                    connection.sendall(reply)
            except OSError:
                pass  # the client is gone

    def wait(self, connection):
        """Until the client closes, or the test ends."""
        select.select([connection, self.stopping[0]], [], [], 60)

    @staticmethod
    def receive(connection):
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
        while len(body) < int(headers.get("content-length", 0)):
            body += connection.recv(65536)
        method, path, _ = lines[0].split(" ")
        return method, path, json.loads(body) if body else None

    def wait_for(self, count, seconds=30):
        """The requests, when there are so many."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.requests) >= count, seconds):
                raise AssertionError(f"{len(self.requests)} requests, not {count}: {self.requests}")
            return list(self.requests)

    def uri(self, path):
        return f"http://{LINK_LOCAL}:{self.port}{path}"

    def close(self):
        os.write(self.stopping[1], b"x")
        for thread in self.threads:
            thread.join(10)
        self.listener.close()
        for fd in self.stopping:
            os.close(fd)


class EcsTest(harness.ProgramTest):
    def start_agent(self, replies):
        """At the address that ECS has, in a network for the program under test."""
        neighbour = self.start("--listen=off", "--report=off", command=probe("print=ready", "hang"))
        neighbour.wait_app("^ready")
        subprocess.run(neighbour.beside("ip", "address", "add", f"{LINK_LOCAL}/32", "dev", "lo"), check=True)
        listener = neighbour.socket()
        listener.bind((LINK_LOCAL, 0))
        agent = Agent(listener, replies)
        agent.network = neighbour.network()
        self.addCleanup(agent.close)
        return agent

    def start_on_ecs(self, agent, *options, command=None, env=None, uri=None):
        return self.start("--stop-timeout=8s", "--quiet-period=0s", *options, command=command or APP,
                          settings=[agent.network],
                          env={"ECS_CONTAINER_METADATA_URI_V4": uri or agent.uri("/v4/id"), **(env or {})})

    def stop(self, program):
        program.stop()
        self.assertEqual(program.wait().code, 0)
        return program.report()
