# SPDX-License-Identifier: MIT
"""One service of real containers behind one real load balancer, and what clients lost while something happened."""

import collections
import contextlib
import dataclasses
import tempfile

import ecs_model
import haproxy
import load
import nginx
import task

BALANCERS = {"haproxy": haproxy.HAProxy, "nginx": nginx.Nginx}


@dataclasses.dataclass
class Outcome:
    """What came of it: deployments, requests and losses, real stop and boot times, the reports of lastcall."""

    deployments: list
    sent: int
    lost: collections.Counter
    stops: list
    boots: list
    exits: collections.Counter
    reports: list
    attempts: list

    @property
    def lost_count(self):
        return sum(self.lost.values())


class Stage:
    """Use it in a `with` statement: the service serves when that begins, and is gone when it ends."""

    def __init__(self, image, init, settings, balancer="haproxy", environment=None):
        self.image = image
        self.init = init
        self.settings = settings
        self.environment = {"SLOW": "0.5", "LONG": "2", "STREAM": "2", **(environment or {})}
        self._balancer = balancer
        self.revisions = 1
        self.settings_of_revision = {}

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="lastcall-deployment."))
            self.balancer = BALANCERS[self._balancer](self.folder)
            stack.callback(self.balancer.close)
            self.service = ecs_model.Service(self.settings, self.balancer, self._start)
            stack.callback(self.service.close)
            self.service.create("1")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _start(self, revision):
        changed = self.settings_of_revision.get(revision, {})
        return task.Container(self.image, self.init, {**self.environment, **changed})

    def deploy(self, environment=None):
        """A new revision, perhaps with other variables of its containers."""
        self.revisions += 1
        revision = str(self.revisions)
        self.settings_of_revision[revision] = environment or {}
        return self.service.deploy(revision)

    def under_load(self, act, kinds=load.ORDINARY, seconds=20):
        """Calls act() under load, which may return a list of deployments."""
        first_container, first_task = len(self.service.stopped), len(self.service.tasks)
        with tempfile.TemporaryDirectory(prefix="lastcall-load.") as folder:
            with load.Load(self.balancer, folder, kinds, seconds) as clients:
                deployments = act() or []
        self.service.wait_removed()
        stopped = self.service.stopped[first_container:]
        boots = [t.boot_seconds for t in self.service.tasks[first_task:] if t.boot_seconds]
        return Outcome(
            deployments, clients.sent(), clients.lost(), [c.stop_seconds for c in stopped], boots,
            collections.Counter(c.exit_code for c in stopped),
            [report for c in stopped for report in c.reports],
            [attempt for attempts in clients.outcomes.values() for attempt in attempts])
