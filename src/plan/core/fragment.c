/* SPDX-License-Identifier: MIT */
#include "plan/core/fragment.h"

#include "plan/core/command_words.h"

#include "core/text/signal_name.h"

#include <string.h>

/* In the templates, @ stands before the name of what is filled in. */
static const char ecs_template[] =
	"Resources:\n"
	"  TaskDefinition:\n"
	"    Type: AWS::ECS::TaskDefinition\n"
	"    Properties:\n"
	"      Family: @name\n"
	"      RequiresCompatibilities: [FARGATE]\n"
	"      NetworkMode: awsvpc\n"
	"      Cpu: \"256\"\n"
	"      Memory: \"512\"\n"
	"      ContainerDefinitions:\n"
	"        - Name: @name\n"
	"          Image: @name-with-lastcall # your image, with lastcall in it\n"
	"          EntryPoint: [\"lastcall\", \"--\"]\n"
	"          Command: @command\n"
	"          StopTimeout: @seconds\n"
	"          Environment:\n"
	"            - { Name: LASTCALL_STOP_TIMEOUT, Value: @timeout }\n"
	"          HealthCheck:\n"
	"            Command: [\"CMD\", \"lastcall\", \"--healthcheck\"]\n"
	"            Interval: 5\n"
	"            Timeout: 3\n"
	"            Retries: 3\n"
	"            StartPeriod: 60\n"
	"          PortMappings:\n"
	"            - { ContainerPort: @port }\n"
	"            - { ContainerPort: 5278 } # open it for the load balancer's health check\n"
	"  Service:\n"
	"    Type: AWS::ECS::Service\n"
	"    Properties:\n"
	"      TaskDefinition: !Ref TaskDefinition\n"
	"      LaunchType: FARGATE\n"
	"      DesiredCount: 3\n"
	"      HealthCheckGracePeriodSeconds: 60\n"
	"      DeploymentConfiguration:\n"
	"        MinimumHealthyPercent: 100\n"
	"        MaximumPercent: 200\n"
	"        DeploymentCircuitBreaker: { Enable: true, Rollback: true }\n"
	"      LoadBalancers:\n"
	"        - ContainerName: @name\n"
	"          ContainerPort: @port\n"
	"          TargetGroupArn: !Ref TargetGroup\n"
	"  TargetGroup:\n"
	"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
	"    Properties:\n"
	"      TargetType: ip\n"
	"      Protocol: HTTP\n"
	"      Port: @port\n"
	"      HealthCheckPort: \"5278\"\n"
	"      HealthCheckPath: /healthcheck\n"
	"      HealthCheckIntervalSeconds: 5\n"
	"      HealthCheckTimeoutSeconds: 4\n"
	"      HealthyThresholdCount: 2\n"
	"      UnhealthyThresholdCount: 3\n"
	"      TargetGroupAttributes:\n"
	"        - { Key: deregistration_delay.timeout_seconds, Value: \"30\" }\n";

static const char kubernetes_template[] =
	"apiVersion: apps/v1\n"
	"kind: Deployment\n"
	"metadata:\n"
	"  name: @name\n"
	"spec:\n"
	"  replicas: 3\n"
	"  strategy:\n"
	"    rollingUpdate: { maxSurge: 25%, maxUnavailable: 0 }\n"
	"  selector:\n"
	"    matchLabels: { app: @name }\n"
	"  template:\n"
	"    metadata:\n"
	"      labels: { app: @name }\n"
	"    spec:\n"
	"      terminationGracePeriodSeconds: @seconds\n"
	"      containers:\n"
	"        - name: @name\n"
	"          image: @name-with-lastcall # your image, with lastcall in it\n"
	"          command: [\"lastcall\", \"--\"]\n"
	"          args: @command\n"
	"          env:\n"
	"            - { name: LASTCALL_STOP_TIMEOUT, value: @timeout }\n"
	"          ports:\n"
	"            - { name: http, containerPort: @port }\n"
	"            - { name: health, containerPort: 5278 }\n"
	"          readinessProbe:\n"
	"            httpGet: { path: /healthcheck, port: health }\n"
	"            periodSeconds: 1\n"
	"          livenessProbe:\n"
	"            httpGet: { path: /livez, port: health }\n"
	"---\n"
	"apiVersion: policy/v1\n"
	"kind: PodDisruptionBudget\n"
	"metadata:\n"
	"  name: @name\n"
	"spec:\n"
	"  maxUnavailable: 1\n"
	"  selector:\n"
	"    matchLabels: { app: @name }\n";

#define COMPOSE_SERVICE                                                                            \
	"services:\n"                                                                              \
	"  @name:\n"                                                                               \
	"    image: @name-with-lastcall # your image, with lastcall in it\n"                       \
	"    entrypoint: [\"lastcall\", \"--\"]\n"                                                 \
	"    command: @command\n"                                                                  \
	"    environment:\n"                                                                       \
	"      LASTCALL_STOP_TIMEOUT: @timeout\n"                                                  \
	"    stop_grace_period: @timeout\n"                                                        \
	"    healthcheck:\n"                                                                       \
	"      test: [\"CMD\", \"lastcall\", \"--healthcheck\"]\n"                                 \
	"      interval: 1s\n"                                                                     \
	"      start_period: 30s\n"                                                                \
	"    ports:\n"                                                                             \
	"      - \"@port:@port\"\n"

static const char compose_template[] = COMPOSE_SERVICE "    restart: unless-stopped\n";

static const char swarm_template[] = COMPOSE_SERVICE "    deploy:\n"
						     "      replicas: 3\n"
						     "      update_config:\n"
						     "        parallelism: 1\n"
						     "        order: start-first\n"
						     "        failure_action: rollback\n"
						     "        monitor: 40s\n"
						     "      rollback_config:\n"
						     "        order: start-first\n";

static const char nomad_template[] =
	"job \"@name\" {\n"
	"  group \"@name\" {\n"
	"    count = 3\n"
	"    update {\n"
	"      max_parallel     = 1\n"
	"      canary           = 1\n"
	"      auto_promote     = true\n"
	"      auto_revert      = true\n"
	"      health_check     = \"checks\"\n"
	"      min_healthy_time = \"5s\"\n"
	"      healthy_deadline = \"5m\"\n"
	"    }\n"
	"    network {\n"
	"      port \"http\" { to = @port }\n"
	"      port \"health\" { to = 5278 }\n"
	"    }\n"
	"    service {\n"
	"      name = \"@name\"\n"
	"      port = \"http\"\n"
	"      check {\n"
	"        type     = \"http\"\n"
	"        port     = \"health\"\n"
	"        path     = \"/healthcheck\"\n"
	"        interval = \"5s\"\n"
	"        timeout  = \"4s\"\n"
	"      }\n"
	"    }\n"
	"    task \"@name\" {\n"
	"      driver       = \"docker\"\n"
	"      kill_timeout = \"@timeout\"\n"
	"      env {\n"
	"        LASTCALL_STOP_TIMEOUT = \"@timeout\"\n"
	"        LASTCALL_MIN_DRAIN    = \"5s\" # until the service's clients have noticed\n"
	"      }\n"
	"      config {\n"
	"        image      = \"@name-with-lastcall\" # your image, with lastcall in it\n"
	"        entrypoint = [\"lastcall\", \"--\"]\n"
	"        args       = @command\n"
	"        ports      = [\"http\", \"health\"]\n"
	"      }\n"
	"    }\n"
	"  }\n"
	"}\n";

static const struct {
	const char *name, *text;
	msec_t initial, min, max;
} platforms[] = {
	[FRAGMENT_ECS] = {"ecs", ecs_template, 60000, 2000, 120000},
	[FRAGMENT_KUBERNETES] = {"kubernetes", kubernetes_template, 60000, 2000, 86400000},
	[FRAGMENT_COMPOSE] = {"compose", compose_template, 30000, 2000, 86400000},
	/* with stop-first a rollback would start the new task after one minute */
	[FRAGMENT_SWARM] = {"swarm", swarm_template, 30000, 2000, 86400000},
	/* with less, its LASTCALL_MIN_DRAIN does not fit into the drain budget, and lastcall refuses to start */
	[FRAGMENT_NOMAD] = {"nomad", nomad_template, 30000, 8000, 86400000},
};

_Static_assert(sizeof platforms / sizeof *platforms == FRAGMENT_PLATFORM_COUNT, "one each");

const char *fragment_platform_name(enum fragment_platform platform)
{
	return platforms[platform].name;
}

msec_t fragment_stop_timeout_min(enum fragment_platform platform)
{
	return platforms[platform].min;
}

msec_t fragment_stop_timeout_max(enum fragment_platform platform)
{
	return platforms[platform].max;
}

msec_t fragment_stop_timeout_default(enum fragment_platform platform)
{
	return platforms[platform].initial;
}

/* Small letters, digits and '-', as a DNS label and most platforms have it. */
static void add_name(struct text *text, const char *server)
{
	for (const char *c = server; *c != '\0'; c++) {
		if (*c >= 'A' && *c <= 'Z')
			text_add_char(text, (char)(*c - 'A' + 'a'));
		else
			text_add_char(text, *c == '_' || *c == '.' ? '-' : *c);
	}
}

/* ["nginx", "-g", "daemon off;"]: the server, and what keeps it in the foreground. */
static void add_command(struct text *text, const struct fragment *fragment)
{
	const char *foreground = fragment->known != NULL ? fragment->known->foreground : "";
	char words[sizeof fragment->known->foreground + 1];
	const char *word = words;
	int count = command_words_split(foreground, words, sizeof words);

	text_printf(text, "[\"%s\"", fragment->server);
	for (int i = 0; i < count; i++, word += strlen(word) + 1)
		text_printf(text, ", \"%s\"", word);
	text_add(text, "]");
}

static bool takes(const char **at, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(*at, name, len) != 0)
		return false;
	*at += len;
	return true;
}

/* `at` is behind an @. Returns where to go on. */
static const char *add_value(struct text *text, const char *at, const struct fragment *fragment)
{
	const long long seconds = (long long)(fragment->stop_timeout / 1000);

	if (takes(&at, "name"))
		add_name(text, fragment->server);
	else if (takes(&at, "command"))
		add_command(text, fragment);
	else if (takes(&at, "seconds"))
		text_printf(text, "%lld", seconds);
	else if (takes(&at, "timeout"))
		text_printf(text, "%llds", seconds);
	else if (takes(&at, "port"))
		text_printf(text, "%d", fragment->port);
	return at;
}

/* Which signals lastcall sends, and what that needs. */
static void add_comment(struct text *text, const struct fragment *fragment)
{
	const struct server_signal *known = fragment->known;

	if (known == NULL) {
		text_printf(text,
			"# lastcall stops %s when nothing is in flight, with the signal that it "
			"receives.\n",
			fragment->server);
		return;
	}
	text_printf(text, "# lastcall stops %s with %s when nothing is in flight", fragment->server,
		signal_name(known->plain));
	if (known->finishes && known->finishing != known->plain)
		text_printf(text, ", and with %s when work is left", signal_name(known->finishing));
	text_add(text, ".\n");
	if (!known->finishes)
		text_printf(text, "# %s has no signal on which it finishes its work and ends.\n",
			fragment->server);
	if (known->needs[0] != '\0')
		text_printf(text, "# %s finishes its work only where its %s is set.\n",
			fragment->server, known->needs);
}

void fragment_write(struct text *text, const struct fragment *fragment)
{
	const char *at = platforms[fragment->platform].text;

	add_comment(text, fragment);
	while (*at != '\0') {
		size_t plain = strcspn(at, "@");

		text_add_bytes(text, at, plain);
		at += plain;
		if (*at == '@')
			at = add_value(text, at + 1, fragment);
	}
}
