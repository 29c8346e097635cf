# SPDX-License-Identifier: MIT
"""A MODEL of the service scheduler of Amazon ECS, for real containers behind a real load balancer. It is no copy of
ECS: it does what the documentation says, and where that is silent a setting chooses.

Documented (Amazon ECS API Reference: DeploymentConfiguration, DeploymentCircuitBreaker,
DeploymentEarlySuccessCriteria; Developer Guide: rolling update deployments, task lifecycle; User Guide for
Application Load Balancers: health checks, deregistration delay):
- at least ceil(desired * minimumHealthyPercent / 100) tasks stay healthy, at most
  floor(desired * maximumPercent / 100) run
- a new target is healthy after one successful check; after `unhealthy_count` failures it is unhealthy
- deregister, wait the whole delay, stop signal, SIGKILL after stopTimeout
- the circuit breaker trips after clamp(ceil(desired / 2), 3, 200) failed tasks, which count when they have stopped; the
  rollback deploys the last revision that completed
- early success: completed when the new tasks are healthy; with DEFERRED the old ones drain afterwards

Open, therefore a setting: whether a draining task holds a place of the maximum (`draining_holds_place`), and how
long after its signal a task of StopTask is deregistered (users report 502s for 3 to 5 s).

Not in the model: checks of a target after it was healthy, placement, image pulls (a wait), backoff of restarts.
All times are ECS's, in seconds; scale.py makes them shorter."""

import dataclasses
import random
import threading
import time

import scale

STARTING, HEALTHY, DRAINING, STOPPED = "starting", "healthy", "draining", "stopped"


@dataclasses.dataclass(frozen=True)
class Settings:
    desired: int = 4
    minimum_percent: int = 100
    maximum_percent: int = 200
    deregistration_delay: float = 300
    stop_timeout: float = 30
    health_interval: float = 30
    unhealthy_count: int = 2
    healthy_count: int = 5  # of a target that was unhealthy; a new one needs one
    health_grace: float = 0  # so long an unhealthy target is no reason to stop its task
    pull: float = 30
    draining_holds_place: bool = True
    breaker: bool = False
    early_success: bool = False

    @property
    def floor(self):
        return -(-self.desired * self.minimum_percent // 100)

    @property
    def ceiling(self):
        return self.desired * self.maximum_percent // 100

    @property
    def threshold(self):
        return min(max(-(-self.desired // 2), 3), 200)


@dataclasses.dataclass
class Deployment:
    """What a deployment took, in ECS's seconds."""

    complete: float = None
    all_new: float = None
    old_gone: float = None
    tripped: float = None
    failures: int = 0
    most_running: int = 0
    least_healthy: int = 10**9


class Target:
    """What a target group makes of the checks of a new target."""

    def __init__(self, settings):
        self._settings = settings
        self._in_a_row = 0  # good checks, or below 0: failed ones
        self.is_unhealthy = False

    def is_healthy_after(self, check_is_good):
        if check_is_good:
            self._in_a_row = max(0, self._in_a_row) + 1
            return self._in_a_row >= (self._settings.healthy_count if self.is_unhealthy else 1)
        self._in_a_row = min(0, self._in_a_row) - 1
        if -self._in_a_row >= self._settings.unhealthy_count:
            self.is_unhealthy = True
        return False


class Task:
    """One task, with a thread of its own from the order to start it until it is stopped."""

    def __init__(self, service, revision):
        self.service = service
        self.revision = revision
        self.state = STARTING
        self.failed = False
        self.crashed = False
        self.container = None
        self.place = None
        self.boot_seconds = None  # real: from the order to start the container to the first good answer
        self._stop = threading.Event()
        self._signal_lag = None
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def stop(self, signal_lag=None):
        """Takes the task out of the load balancer and stops it. With `signal_lag` the stop signal comes first, and
        the deregistration so many seconds later."""
        self._signal_lag = signal_lag
        self.state = DRAINING
        self._stop.set()

    def join(self):
        self._thread.join()

    def _live(self):
        settings = self.service.settings
        scale.sleep(settings.pull)
        try:
            self.container = self.service.start_container(self.revision)
            if self._wait_healthy(settings):
                self.place = self.service.balancer.add(self.container.address, 8080)
                self.service.change(self, HEALTHY)
                self._stop.wait()
            self._end(settings)
        except Exception as error:  # of the engine: the service reports it
            self.service.errors.append(repr(error))
        self.service.change(self, STOPPED)
        if self.container is not None:
            self.service.keep(self.container)

    def _wait_healthy(self, settings):
        """The checks of the target group, at a moment of their own in each interval."""
        began = time.monotonic()
        interval = scale.scaled(settings.health_interval)
        due = began + random.uniform(0, interval)
        target = Target(settings)
        while not self._stop.is_set():
            answers = self.container.is_healthy()
            if answers and self.boot_seconds is None:
                self.boot_seconds = time.monotonic() - self.container.began
            if time.monotonic() >= due:
                due += interval
                if target.is_healthy_after(answers):
                    return True
                grace_is_over = time.monotonic() - began >= scale.scaled(settings.health_grace)
                if target.is_unhealthy and grace_is_over:
                    return self._fail()
            elif not answers and not self.container.runs():
                self.crashed = True
                return self._fail()
            self._stop.wait(0.02)
        return False

    def _fail(self):
        self.failed = True
        self.service.change(self, DRAINING)
        return False

    def _end(self, settings):
        signalled = None
        stop_seconds = scale.scaled(settings.stop_timeout)
        if self._signal_lag is not None:
            signalled = threading.Thread(target=self.container.stop, args=[stop_seconds], daemon=True)
            signalled.start()
            scale.sleep(self._signal_lag)
        if self.place is not None:
            self.service.balancer.drain(self.place)
        if signalled is not None:
            signalled.join()
        else:
            scale.sleep(0 if self.crashed else settings.deregistration_delay)
            self.container.stop(stop_seconds)
        if self.place is not None:
            self.service.balancer.remove(self.place)


class Service:
    """Tasks of a service. `start_container(revision)` starts a real one; `balancer` is a real one."""

    def __init__(self, settings, balancer, start_container):
        self.settings = settings
        self.balancer = balancer
        self.start_container = start_container
        self.tasks = []
        self.stopped = []  # containers, in the order in which they stopped
        self.events = []  # (moment, task, state), for a picture
        self.errors = []
        self.revision = None
        self._changed = threading.Condition(threading.RLock())

    def change(self, task, state):
        with self._changed:
            if task.state == DRAINING and state == HEALTHY:
                return  # stopped in the moment in which it was healthy
            task.state = state
            self.events.append((time.monotonic(), task.revision, state))
            self._changed.notify_all()

    def keep(self, container):
        container.remove()
        with self._changed:
            self.stopped.append(container)
            self._changed.notify_all()

    def wait_removed(self):
        """Until the containers of all stopped tasks are removed, and their reports are read."""
        with self._changed:
            self._wait(lambda: self.count(STOPPED) == len(self.stopped), 60)

    def count(self, state, revision=None):
        return sum(t.state == state and revision in (None, t.revision) for t in self.tasks)

    def _start(self, revision):
        self.tasks.append(Task(self, revision))
        self.events.append((time.monotonic(), revision, STARTING))

    def create(self, revision):
        """The first deployment: all tasks at once."""
        with self._changed:
            self.revision = revision
            self._wait(self._is_full, 120)

    def _is_full(self):
        """Starts what is missing, also in place of tasks whose first checks failed; are all healthy?"""
        alive = self.count(STARTING) + self.count(HEALTHY)
        for _ in range(self.settings.desired - alive):
            self._start(self.revision)
        return self.count(HEALTHY) == self.settings.desired

    def _wait(self, condition, seconds):
        done = self._changed.wait_for(lambda: self.errors or condition(), seconds)
        if self.errors or not done:
            raise AssertionError(f"after {seconds} s: {[t.state for t in self.tasks]} {self.errors}")

    def _step(self, revision, result):
        """Starts and stops what the percentages allow now."""
        settings = self.settings
        alive = [t for t in self.tasks if t.state in (STARTING, HEALTHY)]
        new = [t for t in alive if t.revision == revision]
        old = [t for t in alive if t.revision != revision]
        running = len(alive) + (self.count(DRAINING) if settings.draining_holds_place else 0)
        for _ in range(min(settings.desired - len(new), settings.ceiling - running)):
            self._start(revision)
        healthy = self.count(HEALTHY)
        for task in sorted(old, key=lambda t: t.state == HEALTHY):
            if task.state == HEALTHY:
                if healthy - 1 < settings.floor:
                    break
                healthy -= 1
            task.stop()
            self.events.append((time.monotonic(), task.revision, DRAINING))
        running = sum(t.state != STOPPED for t in self.tasks)
        result.most_running = max(result.most_running, running)
        result.least_healthy = min(result.least_healthy, self.count(HEALTHY))

    def deploy(self, revision, seconds=300):
        """A rolling deployment until it is completed, or rolled back; `seconds` are real."""
        result = Deployment()
        began = time.monotonic()
        deadline = began + seconds
        before = self.revision

        def now():
            return scale.unscaled(time.monotonic() - began)

        with self._changed:
            while result.complete is None:
                result.failures = sum(
                    t.failed and t.state == STOPPED and t.revision == revision for t in self.tasks)
                if self.settings.breaker and result.failures >= self.settings.threshold:
                    if result.tripped is None:
                        result.tripped = now()
                target = before if result.tripped is not None else revision
                self._step(target, result)
                everybody = self.count(HEALTHY, target) == self.settings.desired
                alone = not any(t.state != STOPPED and t.revision != target for t in self.tasks)
                if everybody and result.all_new is None:
                    result.all_new = now()
                if alone and everybody:
                    result.old_gone = now()
                if everybody and (alone or self.settings.early_success):
                    result.complete = now()
                    self.revision = target
                    break
                self._changed.wait(max(0, deadline - time.monotonic()))
                if self.errors or time.monotonic() >= deadline:
                    states = [t.state for t in self.tasks]
                    raise AssertionError(f"after {now() / scale.FACTOR:.0f} s: {states} {self.errors}")
        return result

    def replace(self, signal_lag, start_first=False, seconds=120):
        """Stops each healthy task, one after the other, and starts another one: StopTask and Spot stop first, and
        signal before the deregistration; AZ rebalancing starts first, and deregisters as a deployment does."""
        for task in [t for t in self.tasks if t.state == HEALTHY]:
            with self._changed:
                if start_first:
                    self._start(self.revision)
                    self._wait(lambda: self.count(HEALTHY) > self.settings.desired, seconds)
                task.stop(signal_lag)
                self.events.append((time.monotonic(), task.revision, DRAINING))
                self._wait(lambda: task.state == STOPPED, seconds)
                if not start_first:
                    self._start(self.revision)
                self._wait(lambda: self.count(HEALTHY) == self.settings.desired, seconds)

    def wait_old_gone(self, seconds=120):
        """After early success: until the old tasks have drained."""
        with self._changed:
            self._wait(lambda: self.count(DRAINING) == 0, seconds)

    def close(self):
        """Ends all containers, now."""
        with self._changed:
            alive = [t for t in self.tasks if t.state != STOPPED]
            self.settings = dataclasses.replace(self.settings, deregistration_delay=0)
            for task in alive:
                task.stop()
        for task in alive:
            task.join()
