/* SPDX-License-Identifier: MIT */
#include "plan/model/past_deployments.h"

#include "host/core/clean_text.h"
#include "host/input_file.h"
#include "plan/core/moment.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BYTES ((size_t)64 << 20)

/* The CLI prints text, an SDK's answer has seconds since 1970. */
static int64_t moment_of(const json_t *deployment, const char *key)
{
	const json_t *value = json_object_get(deployment, key);
	const double seconds = json_number_value(value);
	int64_t moment;

	if (json_is_number(value) && seconds >= 0 && seconds < 1e12)
		return (int64_t)llround(1000 * seconds);
	if (!json_is_string(value))
		return -1;
	moment = moment_parse(json_string_value(value));
	return moment < 0 ? -1 : moment;
}

static void copy_text(const json_t *deployment, const char *key, char *buf, size_t cap)
{
	const char *text = json_string_value(json_object_get(deployment, key));

	(void)clean_text(buf, cap, text != NULL ? text : "");
}

/* Of arn:aws:ecs:…:service-deployment/cluster/service/ID only the identifier. */
static void copy_id(const json_t *deployment, char *buf, size_t cap)
{
	const char *arn = json_string_value(json_object_get(deployment, "serviceDeploymentArn"));
	const char *slash = arn != NULL ? strrchr(arn, '/') : NULL;

	(void)clean_text(buf, cap, slash != NULL ? slash + 1 : arn != NULL ? arn : "");
}

static void add(struct time_plan *plan, const json_t *deployment)
{
	struct past_deployment *past = &plan->past[plan->past_count];

	if (plan->past_count == TIME_PLAN_MAX_PAST) {
		plan->past_left_out++;
		return;
	}
	copy_id(deployment, past->id, sizeof past->id);
	copy_text(deployment, "status", past->status, sizeof past->status);
	copy_text(deployment, "lifecycleStage", past->stage, sizeof past->stage);
	past->started = moment_of(deployment, "startedAt");
	past->finished = moment_of(deployment, "finishedAt");
	plan->past_count++;
}

static int add_all(
	struct time_plan *plan, const char *path, const char *bytes, size_t len, struct text *error)
{
	json_error_t where;
	json_t *document = json_loadb(bytes, len, 0, &where), *deployment;
	const json_t *list = json_object_get(document, "serviceDeployments");
	bool is_list = json_is_array(list);
	size_t i;

	if (document == NULL)
		text_printf(
			error, "%s:%d:%d: no JSON: %s", path, where.line, where.column, where.text);
	json_array_foreach(list, i, deployment)
	{
		is_list &= json_is_object(deployment);
	}
	if (document != NULL && !is_list)
		text_printf(error,
			"--deployments='%s' has no serviceDeployments; give what `aws ecs "
			"describe-service-deployments` prints",
			path);
	json_array_foreach(list, i, deployment)
	{
		if (is_list)
			add(plan, deployment);
	}
	json_decref(document);
	return is_list ? 0 : -EINVAL;
}

int past_deployments_read(struct time_plan *plan, const char *path, struct text *ret_error)
{
	char *bytes;
	size_t len;
	int r = input_file_read(path, MAX_BYTES, &bytes, &len);

	if (r < 0) {
		text_printf(ret_error, "--deployments='%s' cannot be read: %s", path, strerror(-r));
		return r;
	}
	r = add_all(plan, path, bytes, len, ret_error);
	free(bytes);
	return r;
}
