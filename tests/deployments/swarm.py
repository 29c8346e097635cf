# SPDX-License-Identifier: MIT
"""Docker Swarm, the real one: `docker service update` of a service on an overlay network, behind HAProxy, which
finds the tasks by DNS. Nothing is scaled: Swarm's own times are constants.

Swarm's ingress network and its virtual addresses need IP_VS of the kernel, and are not used."""

import collections
import contextlib
import json
import pathlib
import subprocess
import tempfile
import time

import engine
import load
import process
import task

SERVICE = "lastcall-swarm-web"
BALANCER = "lastcall-swarm-haproxy"
NETWORK = "lastcall-swarm"
MARK = f"{engine.LABEL}.source"
REPLICAS = 3
GRACE_SECONDS = 30
LONG_SECONDS = 12

# HAProxy keeps idle connections to its servers. One that was in use for seconds only may have a request in flight as
# far as the kernel shows, and lastcall waits for it. Without idle connections nothing is unsure.
NO_POOL = "pool-max-conn 0"

HAPROXY = f"""global
	log stderr local0 err

defaults
	mode http
	timeout connect 1s
	timeout client 60s
	timeout server 60s
	retries 3
	option redispatch 1

resolvers swarm
	nameserver engine 127.0.0.11:53
	resolve_retries 1
	timeout resolve 500ms
	timeout retry 500ms
	hold valid 500ms
	hold obsolete 0s

frontend clients
	bind :8001
	bind :8002 proto h2
	default_backend tasks

backend tasks
	balance roundrobin
	server-template task 10 tasks.{SERVICE}:8080 {{pool}} resolvers swarm resolve-prefer ipv4 init-addr none
"""

ASK = "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthcheck', timeout=2)"
HEALTH = {True: "lastcall --healthcheck", False: f'python3 -c "{ASK}"'}


def state():
    """The state of the engine in a swarm, and the source whose tests started it."""
    form = "{{.Swarm.LocalNodeState}}"
    found = engine.docker("info", "--format", form)
    if found != "active":
        return found, ""
    labels = json.loads(engine.docker("node", "inspect", "--format", "{{json .Spec.Labels}}", "self"))
    return found, (labels or {}).get(MARK, "")


def clear():
    """Ends the swarm that a test of this source has started, and what belongs to it."""
    engine.remove("rm", BALANCER)
    subprocess.run(["docker", "service", "rm", SERVICE], capture_output=True, timeout=60)
    engine.wait_until(lambda: not containers(), "the service's containers are gone", 90)
    subprocess.run(["docker", "network", "rm", NETWORK], capture_output=True, timeout=60)
    engine.docker("swarm", "leave", "--force")


def containers():
    return engine.docker(
        "ps", "--all", "--quiet", "--filter", f"label=com.docker.swarm.service.name={SERVICE}").split()


def clear_leftovers():
    """Ends a swarm that a killed test of this source has left: its services would start containers for ever."""
    if state() == ("active", str(engine.SOURCE)):
        clear()


@contextlib.contextmanager
def swarm():
    """A swarm of one node on the loopback interface."""
    clear_leftovers()
    found, _ = state()
    if found != "inactive":
        raise engine.Unavailable(f"the engine is in a swarm already ({found})")
    [port] = process.free_ports(1)
    engine.docker("swarm", "init", "--advertise-addr=127.0.0.1", f"--listen-addr=127.0.0.1:{port}")
    try:
        engine.docker("node", "update", f"--label-add={MARK}={engine.SOURCE}", node())
        engine.docker("network", "create", "--driver=overlay", "--attachable", NETWORK)
        yield
    finally:
        clear()


def node():
    return engine.docker("info", "--format", "{{.Swarm.NodeID}}")


class Balancer:
    """HAProxy in a container on the overlay network."""

    def __init__(self, image, folder, pool=NO_POOL):
        path = pathlib.Path(folder, "haproxy.cfg")
        path.write_text(HAPROXY.replace("{pool}", pool))
        pathlib.Path(folder).chmod(0o755)
        self.http1, self.http2 = 8001, 8002
        engine.docker(
            "run", "--detach", f"--name={BALANCER}", f"--label={MARK}={engine.SOURCE}",
            f"--network={NETWORK}", f"--volume={path}:/haproxy.cfg:ro", "--entrypoint=haproxy",
            image, "-db", "-f", "/haproxy.cfg")
        # Its other interface: the bridge by which tasks reach the world, and the host reaches them.
        ports = json.loads(engine.docker("network", "inspect", "docker_gwbridge"))[0]["Containers"]
        identifier = engine.docker("inspect", "--format", "{{.Id}}", BALANCER)
        sandbox = engine.docker("inspect", "--format", "{{.NetworkSettings.SandboxID}}", BALANCER)
        found = [p for name, p in ports.items() if name == identifier or sandbox.startswith(p["Name"][8:])]
        self.host = found[0]["IPv4Address"].partition("/")[0]

    def answers(self):
        return task.get_status(self.host, self.http1, "/quick") == 200


class Web:
    """The service: its tasks under some PID 1."""

    def __init__(self, image, init, order):
        self.init = init
        variables = {
            "PYTHONDONTWRITEBYTECODE": "1", "SLOW": "0.5", "LONG": str(LONG_SECONDS), "STREAM": "3",
            **init.environment,
        }
        volumes = [(task.APPS, "/apps")]
        if init.is_lastcall:
            volumes.append((engine.binary(), "/usr/bin/lastcall"))
        words = [*init.entrypoint, *task.SERVER]
        engine.docker(
            "service", "create", "--quiet", f"--name={SERVICE}", "--no-resolve-image", f"--replicas={REPLICAS}",
            f"--network={NETWORK}", "--endpoint-mode=dnsrr", f"--stop-grace-period={GRACE_SECONDS}s",
            f"--health-cmd={HEALTH[init.is_lastcall]}", "--health-interval=1s", "--health-retries=3",
            "--health-start-period=10s", f"--update-order={order}", "--update-parallelism=1", "--update-monitor=1s",
            "--update-failure-action=rollback", "--rollback-monitor=1s", f"--rollback-order={order}",
            *(f"--mount=type=bind,source={source},target={target},readonly" for source, target in volumes),
            *(f"--env={name}={value}" for name, value in variables.items()),
            f"--entrypoint={words[0]}", image, *words[1:], seconds=180)
        self.updates = 0

    def update(self, *options):
        """One update; returns its seconds by Swarm's own account, and how it ended."""
        self.updates += 1
        subprocess.run(
            ["docker", "service", "update", "--quiet", "--no-resolve-image", f"--env-add=UPDATE={self.updates}",
             *options, SERVICE], capture_output=True, timeout=300)
        form = "{{json .UpdateStatus}}"
        status = json.loads(engine.docker("service", "inspect", "--format", form, SERVICE))
        return seconds(status["CompletedAt"]) - seconds(status["StartedAt"]), status["State"]

    def exits(self):
        """The exit statuses of the tasks that were stopped, and the reports of lastcall."""
        ids = [each for each in containers()]
        form = "{{.State.Status}} {{.State.ExitCode}}"
        states = [engine.docker("inspect", "--format", form, each).split() for each in ids]
        return collections.Counter(int(code) for status, code in states if status == "exited")


def seconds(moment):
    """RFC 3339 with nanoseconds, as the engine writes it."""
    text, _, fraction = moment.rstrip("Z").partition(".")
    whole = time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%S"))
    return whole + float(f"0.{fraction or 0}")


KINDS = ("new", "kept", "slow", "h2", "rare")


def updates(image, init, order, times, pool=NO_POOL):
    """So many updates, each under its own load: seconds, losses, requests."""
    taken, lost, sent = [], collections.Counter(), 0
    with tempfile.TemporaryDirectory(prefix="lastcall-swarm.") as folder:
        web = Web(image, init, order)
        try:
            balancer = Balancer(image, folder, pool)
            engine.wait_until(balancer.answers, "the tasks answer through HAProxy", 60)
            for number in range(times):
                with tempfile.TemporaryDirectory(prefix="lastcall-load.") as loads:
                    with load.Load(balancer, loads, KINDS, seconds=20) as clients:
                        took, how = web.update()
                assert how == "completed", how
                taken.append(took)
                lost += clients.lost()
                sent += clients.sent()
            exits = web.exits()
        finally:
            engine.remove("rm", BALANCER)
            engine.docker("service", "rm", SERVICE)
            engine.wait_until(lambda: not containers(), "the service's containers are gone", 90)
    return taken, lost, sent, exits


def row(name, order, result):
    taken, lost, sent, exits = result
    taken = sorted(taken)
    how = ", ".join(f"{count} {kind}" for kind, count in sorted(lost.items()))
    print(f"| {name} | {order} | {len(taken)} | {sum(lost.values())} of {sent}{f' ({how})' if how else ''} "
          f"| {taken[0]:.1f}, {taken[len(taken) // 2]:.1f}, {taken[-1]:.1f} s "
          f"| {', '.join(map(str, sorted(exits)))} |", flush=True)
    return taken[len(taken) // 2]


def sleeping(seconds):
    """tini, and a shell that sleeps before it stops the application; nothing is scaled here."""
    script = task.SLEEP.format(seconds=seconds)
    return task.Init(f"tini + sleep {seconds} s", ("/usr/bin/tini", "--", "sh", "-c", script, "sh"))


def lastcall():
    return task.Init("lastcall", ("lastcall", "--"), task.HEALTH_PORT, {
        "LASTCALL_STOP_TIMEOUT": f"{GRACE_SECONDS}s", "LASTCALL_LONGEST_REQUEST": f"{LONG_SECONDS + 1}s"})


def run(image, times=10, others=3):
    """The table of Swarm: both orders, the shortest sleep that loses as little."""
    with swarm():
        print("| PID 1 | order | updates | lost | seconds (least, median, most) | exit statuses |")
        print("|---|---|---:|---:|---|---|", flush=True)
        ours = updates(image, lastcall(), "stop-first", times)
        median = row("lastcall", "stop-first", ours)
        start_first = updates(image, lastcall(), "start-first", times)
        row("lastcall", "start-first", start_first)
        kept = updates(image, lastcall(), "stop-first", others, pool="")
        row("lastcall, HAProxy keeps connections", "stop-first", kept)
        row("tini", "stop-first", updates(image, task.TINI, "stop-first", others))
        row("tini", "start-first", updates(image, task.TINI, "start-first", others))
        for length in (4, 6, 8, 10, 12):
            init = sleeping(length)
            result = updates(image, init, "stop-first", others)
            beside = row(init.name, "stop-first", result)
            if not result[1]:
                break
        rollback(image)
        print(f"stop-first, lastcall / {init.name}: {median / beside:.2f} (at most 0.6)")
        for each in (ours, start_first, kept):
            assert not each[1], each[1]
        assert median <= 0.6 * beside, (median, beside)


def rollback(image):
    """An update whose tasks never get healthy: Swarm rolls back, and clients notice nothing."""
    with tempfile.TemporaryDirectory(prefix="lastcall-swarm.") as folder:
        web = Web(image, lastcall(), "start-first")
        balancer = Balancer(image, folder)
        engine.wait_until(balancer.answers, "the tasks answer through HAProxy", 60)
        with tempfile.TemporaryDirectory(prefix="lastcall-load.") as loads:
            with load.Load(balancer, loads, KINDS, seconds=20) as clients:
                took, how = web.update("--env-add=BOOT=1000")
        engine.remove("rm", BALANCER)
        engine.docker("service", "rm", SERVICE)
        engine.wait_until(lambda: not containers(), "the service's containers are gone", 90)
    print(f"an update that never gets healthy: {how} after {took:.1f} s, lost {dict(clients.lost())} "
          f"of {clients.sent()}", flush=True)
    assert how == "rollback_completed", how
    assert not clients.lost(), clients.lost()
