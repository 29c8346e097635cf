/* SPDX-License-Identifier: MIT */
#include "core/recognise/platform.h"

#include "core/cli/environment.h"
#include "core/text/number.h"

#include <limits.h>
#include <string.h>

/* Where the numbers are from: each vendor's documents, read in November 2026. */
static const struct platform platforms[] = {
	/* with an extension, which is the only way to be signalled at all */
	{"AWS Lambda", "lambda-default", "AWS_LAMBDA_FUNCTION_NAME", .grace = 300},
	{"Railway", "railway-default", "RAILWAY_ENVIRONMENT_ID", .grace = 0,
		.carrier = "RAILWAY_DEPLOYMENT_DRAINING_SECONDS"},
	{"Fly.io", "fly-default", "FLY_MACHINE_ID|FLY_ALLOC_ID", .grace = 5000},
	{"Nomad", "nomad-default", "NOMAD_ALLOC_ID", .grace = 5000},
	{"Azure App Service", "app-service-default", "WEBSITE_SITE_NAME WEBSITE_INSTANCE_ID",
		.grace = 5000, .carrier = "WEBSITES_CONTAINER_STOP_TIME_LIMIT"},
	/* scripts that deploy have a variable of the first name, too */
	{"Azure Container Apps", "container-apps-default",
		"CONTAINER_APP_NAME CONTAINER_APP_ENV_DNS_SUFFIX|"
		"CONTAINER_APP_JOB_NAME CONTAINER_APP_JOB_EXECUTION_NAME",
		.grace = 30000},
	/* K_SERVICE beside a Kubernetes is Knative, whose number is the revision's: a pod's is taken */
	{"Cloud Run", "cloud-run-default",
		"CLOUD_RUN_JOB|CLOUD_RUN_WORKER_POOL|K_SERVICE !KUBERNETES_SERVICE_HOST",
		.grace = 10000},
	{"Cloudflare Containers", "cloudflare-default",
		"CLOUDFLARE_DURABLE_OBJECT_ID|CLOUDFLARE_APPLICATION_ID", .grace = 900000},
	{"Render", "render-default", "RENDER=true RENDER_SERVICE_ID", .grace = 30000},
	{"Scalingo", "scalingo-default", "SCALINGO_APPLICATION_ID", .grace = 30000},
	{"Platform.sh", "platform-sh-default", "PLATFORM_APPLICATION_NAME PLATFORM_PROJECT",
		.grace = 15000},
	{"Modal", "modal-default", "MODAL_TASK_ID", .grace = 30000},
	/* StopTask sends the signal before the load balancer deregisters the task, a deployment after it */
	{"Amazon ECS", "ecs-default", "ECS_CONTAINER_METADATA_URI_V4|AWS_EXECUTION_ENV=AWS_ECS_*",
		.grace = 30000, .carrier = "ECS_CONTAINER_STOP_TIMEOUT", .empty_is_default = true,
		.quiet_period = 1000},
	{"Heroku", "heroku-default", "DYNO", .grace = 30000}, /* and Dokku, which waits longer */
	{"balena", "balena-default", "BALENA=1", .grace = 10000},
	{"Kamal", "kamal-default", "KAMAL_CONTAINER_NAME", .grace = 10000},
	{"Coolify", "coolify-default", "COOLIFY_CONTAINER_NAME|COOLIFY_RESOURCE_UUID",
		.grace = 10000},
	/* the kubelet stops a pod while its endpoints are being removed, and does not wait for that */
	{"Kubernetes", "kubernetes-default", "KUBERNETES_SERVICE_HOST", .grace = 30000,
		.min_drain = 5000},
	{"Podman", "podman-default", "container=podman|/run/.containerenv", .grace = 10000},
	/* Incus waits longer, but no longer than this when its host is shut down */
	{"LXC", "lxc-default", "container=lxc", .grace = 30000},
	{"systemd-nspawn", "nspawn-default", "container=systemd-nspawn", .grace = 90000},
	{"Docker", "docker-default", "/.dockerenv", .grace = 10000},
	{"systemd", "systemd-default", "SYSTEMD_EXEC_PID=@ !container", .grace = 90000},
	{NULL, "default", "", .grace = 10000},
};
#define PLATFORMS (sizeof platforms / sizeof *platforms)

/* One mark: a part of a row's text. */
struct mark {
	const char *name;
	int name_len;
	const char *value; /* behind '=', NULL: any */
	int value_len;
	bool is_negated, is_file, is_prefix;
};

/* Takes the mark at *at and leaves it behind the mark and the blank that follows. */
static struct mark take_mark(const char **at)
{
	struct mark mark = {.is_negated = **at == '!', .is_file = **at == '/'};
	const char *name = *at + mark.is_negated, *end = name + strcspn(name, " |");
	const char *equals = memchr(name, '=', (size_t)(end - name));

	mark.name = name;
	mark.name_len = (int)((equals != NULL ? equals : end) - name);
	if (equals != NULL) {
		mark.is_prefix = end[-1] == '*';
		mark.value = equals + 1;
		mark.value_len = (int)(end - mark.value) - mark.is_prefix;
	}
	*at = *end == ' ' ? end + 1 : end;
	return mark;
}

static bool is_word(const struct mark *mark, const char *word)
{
	return strlen(word) == (size_t)mark->name_len &&
	       memcmp(word, mark->name, (size_t)mark->name_len) == 0;
}

/* The value of the mark's variable, or NULL. */
static const char *value_of(const struct mark *mark, const struct platform_facts *facts)
{
	for (char *const *at = facts->environment; *at != NULL; at++) {
		if (strncmp(*at, mark->name, (size_t)mark->name_len) == 0 &&
			(*at)[mark->name_len] == '=')
			return *at + mark->name_len + 1;
	}
	return NULL;
}

static bool holds(const struct mark *mark, const struct platform_facts *facts)
{
	const char *value;

	if (mark->is_file)
		return is_word(mark, "/.dockerenv") ? facts->has_dockerenv
						    : facts->has_containerenv;
	value = value_of(mark, facts);
	if (value == NULL || *value == '\0')
		return mark->is_negated;
	if (mark->value == NULL)
		return !mark->is_negated;
	if (*mark->value == '@')
		return number_parse(value, 1, INT_MAX) == facts->pid;
	return strncmp(value, mark->value, (size_t)mark->value_len) == 0 &&
	       (mark->is_prefix || value[mark->value_len] == '\0');
}

/* The alternative of a row that holds, or NULL. */
static const char *find_alternative(
	const struct platform *platform, const struct platform_facts *facts)
{
	const char *at = platform->marks;

	for (;;) {
		const char *alternative = at;
		bool all_hold = true;

		while (*at != '\0' && *at != '|') {
			struct mark mark = take_mark(&at);

			all_hold &= holds(&mark, facts);
		}
		if (all_hold)
			return alternative;
		if (*at++ == '\0')
			return NULL;
	}
}

static bool is_carried(const struct platform *platform, const struct platform_facts *facts)
{
	const char *value = platform->carrier != NULL
				    ? environment_get(facts->environment, platform->carrier)
				    : NULL;

	return value != NULL && (*value != '\0' || platform->empty_is_default);
}

const struct platform *platform_find(const struct platform_facts *facts)
{
	const struct platform *platform = platforms;

	for (size_t i = 0; i < PLATFORMS; i++) {
		if (is_carried(&platforms[i], facts))
			return &platforms[i];
	}
	while (find_alternative(platform, facts) == NULL)
		platform++;
	return platform;
}

const struct platform *platform_row(unsigned index)
{
	return index < PLATFORMS ? &platforms[index] : NULL;
}

static void add_mark(struct text *text, const struct mark *mark)
{
	text_add_bytes(text, mark->name, (size_t)mark->name_len);
	if (mark->is_file) {
		text_add(text, " exists");
	} else if (mark->value == NULL) {
		text_add(text, mark->is_negated ? " is not set" : " is set");
	} else if (*mark->value == '@') {
		text_add(text, " is our pid");
	} else {
		text_add(text, mark->is_prefix ? " begins with " : " is ");
		text_add_bytes(text, mark->value, (size_t)mark->value_len);
	}
}

void platform_add_reason(
	struct text *text, const struct platform *platform, const struct platform_facts *facts)
{
	const char *at = find_alternative(platform, facts);

	if (at == NULL) {
		text_printf(text, "%s is set", platform->carrier);
		return;
	}
	for (bool is_first = true; *at != '\0' && *at != '|'; is_first = false) {
		struct mark mark = take_mark(&at);

		text_add(text, is_first ? "" : ", ");
		add_mark(text, &mark);
	}
}

const char *platform_container(const struct platform_facts *facts)
{
	return environment_get(facts->environment, "container");
}
