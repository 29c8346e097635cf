/* SPDX-License-Identifier: MIT */
#include "plan/rules/rule_registry.h"

/* The pairs are whole files, as small as can be. */
#define WEB "services:\n  web:\n    image: shop\n"

static const char grace_source[] =
	"Compose specification, services, stop_grace_period; moby, daemon/stop.go";
static const char deploy_source[] = "Compose Deploy Specification, update_config";

static const struct rule rules[] = {
	{
		.id = "LC401",
		.severity = SEVERITY_ERROR,
		.title = "stop_grace_period is shorter than lastcall's stop timeout",
		.effect = "Docker kills the container in the middle of the drain. The requests "
			  "that lastcall was still waiting for are lost, and so is its report. "
			  "Without stop_grace_period Docker waits 10 s.",
		.fix = "stop_grace_period: the same value as LASTCALL_STOP_TIMEOUT",
		.source = grace_source,
		.bad = WEB "    environment:\n      LASTCALL_STOP_TIMEOUT: 25s\n",
		.good = WEB "    environment:\n      LASTCALL_STOP_TIMEOUT: 25s\n"
			    "    stop_grace_period: 25s\n",
	},
	{
		.id = "LC402",
		.severity = SEVERITY_ERROR,
		.title = "A duration is refused",
		.effect = "docker compose and docker stack deploy refuse the file: a duration is a "
			  "string with units. Days and weeks are known to docker compose alone, "
			  "and not yet to its version 2.26.",
		.fix = "stop_grace_period: 90s",
		.source = "Compose specification, Specifying durations; compose-go, "
			  "types/duration.go",
		.bad = WEB "    stop_grace_period: 90\n",
		.good = WEB "    stop_grace_period: 90s\n",
	},
	{
		.id = "LC403",
		.severity = SEVERITY_ERROR,
		.title = "stop_grace_period is below one second",
		.effect = "A container stores whole seconds: 500ms become 0, which is SIGKILL at "
			  "once. A negative one is an error, or a wait without end.",
		.fix = "stop_grace_period: 2s",
		.source = "docker/compose, pkg/compose/create.go",
		.bad = WEB "    stop_grace_period: 500ms\n",
		.good = WEB "    stop_grace_period: 2s\n",
	},
	{
		.id = "LC404",
		.severity = SEVERITY_WARNING,
		.title = "Two inits: Docker's and lastcall",
		.effect = "docker-init is PID 1 and adopts all orphans. lastcall sees those of its "
			  "own application alone, and each stop passes two programs.",
		.fix = "init: false",
		.source = "Compose specification, services, init",
		.bad = WEB "    init: true\n    entrypoint: [lastcall, --]\n"
			   "    command: [node, server.js]\n",
		.good = WEB "    entrypoint: [lastcall, --]\n    command: [node, server.js]\n",
	},
	{
		.id = "LC405",
		.severity = SEVERITY_WARNING,
		.title = "An update stops all tasks before it starts new ones",
		.effect =
			"Swarm stops the old task and waits for its end before the new one "
			"starts. With one replica, or all at once, no container answers meanwhile.",
		.fix = "update_config: {order: start-first, parallelism: 1}",
		.source = deploy_source,
		.bad = WEB "    ports: ['80:8080']\n    deploy:\n"
			   "      update_config: {order: stop-first, failure_action: rollback}\n",
		.good = WEB "    ports: ['80:8080']\n    deploy:\n"
			    "      update_config: {order: start-first, failure_action: rollback}\n",
	},
	{
		.id = "LC406",
		.severity = SEVERITY_NOTE,
		.title = "docker compose up does not read update_config",
		.effect = "There is no rolling update. docker compose up stops the old container, "
			  "removes it and starts the new one: an outage as long as a stop and a "
			  "start.",
		.fix = "docker stack deploy, or two services behind a proxy",
		.source = "docker/compose, pkg/compose/reconcile.go",
		.bad = "services:\n  web:\n    build: .\n    deploy:\n"
		       "      update_config: {order: start-first}\n",
		.good = "services:\n  web:\n    build: .\n",
	},
	{
		.id = "LC407",
		.severity = SEVERITY_WARNING,
		.title = "A shell is in front of the application",
		.effect = "The shell is PID 1. It ignores SIGTERM, or ends without its child: the "
			  "application is killed after stop_grace_period.",
		.fix = "command: node server.js. Compose splits the words itself, without a shell.",
		.source = "Compose specification, services, command; POSIX, Shell Command "
			  "Language, exec",
		.bad = WEB "    command: sh -c \"node server.js\"\n",
		.good = WEB "    command: node server.js\n",
	},
	{
		.id = "LC408",
		.severity = SEVERITY_ERROR,
		.title = "docker stack deploy does not know this form of a variable",
		.effect = "docker stack deploy refuses ${NAME:+value} and ${NAME+value}, or, where "
			  "another variable follows in the same value, silently takes "
			  "{NAME:+value} for the value.",
		.fix = "${NAME:-default}",
		.source = "docker/cli, cli/compose/template/template.go (28.2.2)",
		.bad = WEB "    environment:\n      MODE: ${DEBUG:+verbose}\n"
			   "    deploy: {placement: {constraints: [node.role == worker]}}\n",
		.good = WEB "    environment:\n      MODE: ${DEBUG:-quiet}\n"
			    "    deploy: {placement: {constraints: [node.role == worker]}}\n",
	},
	{
		.id = "LC409",
		.severity = SEVERITY_WARNING,
		.title = "An update does not watch a task until it can be found unhealthy",
		.effect =
			"Swarm watches a new task for the monitor period, 5 s by default, goes on "
			"to the next one, and only then learns that the first is unhealthy. With "
			"failure_action pause the service stays half updated.",
		.fix = "update_config: {failure_action: rollback, monitor: 30s}",
		.source = deploy_source,
		.bad = WEB "    healthcheck:\n      test: [CMD, lastcall, --healthcheck]\n"
			   "      interval: 5s\n      retries: 3\n"
			   "    deploy: {replicas: 3, update_config: {parallelism: 1}}\n",
		.good = WEB "    healthcheck:\n      test: [CMD, lastcall, --healthcheck]\n"
			    "      interval: 5s\n      retries: 3\n"
			    "    deploy:\n      replicas: 3\n"
			    "      update_config:\n        failure_action: rollback\n"
			    "        monitor: 15s\n",
	},
	{
		.id = "LC410",
		.severity = SEVERITY_WARNING,
		.title = "A health check cannot work",
		.effect = "docker compose refuses start_interval without start_period, and Swarm "
			  "passes over it. A check by curl fails in an image without curl: the "
			  "container never becomes healthy.",
		.fix = "healthcheck: {test: [CMD, lastcall, --healthcheck]}",
		.source = "Compose specification, services, healthcheck; docker/compose, "
			  "pkg/compose/convert.go",
		.bad = WEB "    healthcheck:\n      test: [CMD, lastcall, --healthcheck]\n"
			   "      start_interval: 1s\n",
		.good = WEB "    healthcheck:\n      test: [CMD, lastcall, --healthcheck]\n"
			    "      start_interval: 1s\n      start_period: 30s\n",
	},
	{
		.id = "LC411",
		.severity = SEVERITY_NOTE,
		.title = "A container starts again after an end on purpose",
		.effect =
			"restart: always starts the container also when the application has ended "
			"by itself with status 0, for example after it was asked to.",
		.fix = "restart: on-failure",
		.source = "Compose specification, services, restart",
		.bad = WEB "    entrypoint: [lastcall, --]\n    command: [node, server.js]\n"
			   "    restart: always\n",
		.good = WEB "    entrypoint: [lastcall, --]\n    command: [node, server.js]\n"
			    "    restart: on-failure\n",
	},
	{
		.id = "LC412",
		.severity = SEVERITY_NOTE,
		.title = "The new task starts while the old one still drains",
		.effect =
			"With the order stop-first, Swarm waits one minute for the old task. After "
			"that the new one starts beside it, with the same volumes.",
		.fix = "stop_grace_period: 55s, or order: start-first where two may run at once",
		.source = "moby/swarmkit, manager/orchestrator/restart/restart.go",
		.bad = WEB "    stop_grace_period: 120s\n"
			   "    deploy: {placement: {constraints: [node.role == worker]}}\n",
		.good = WEB "    stop_grace_period: 55s\n"
			    "    deploy: {placement: {constraints: [node.role == worker]}}\n",
	},
	{
		.id = "LC413",
		.severity = SEVERITY_WARNING,
		.title = "A duration has a unit that is not known",
		.effect = "docker compose and docker stack deploy refuse the file. docker-compose "
			  "1.x accepted it.",
		.fix = "5m for 5min, 30s for 30S, 1m30s for 1m30",
		.source = "Compose specification, Specifying durations",
		.bad = WEB "    stop_grace_period: 1m30\n",
		.good = WEB "    stop_grace_period: 1m30s\n",
	},
};

const struct rule_table compose_rules = {
	.heading = "Compose and Swarm",
	.file = "compose.yaml",
	.rules = rules,
	.count = sizeof(rules) / sizeof(*rules),
};
