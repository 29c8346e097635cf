/* SPDX-License-Identifier: MIT */
#include "plan/model/ecs_scaling.h"

#include <string.h>

enum { MAX_DEPTH = 6, MAX_VISITS = 100 }; /* of a ResourceId */

struct search {
	const struct setting_source *source;
	const struct ecs_service *service;
	int visits;
};

/* "${Service}" and "${Service.Name}" of Fn::Sub. */
static bool substitutes(const char *text, const char *id)
{
	const size_t len = strlen(id);

	for (const char *at = strstr(text, "${"); at; at = strstr(at + 2, "${")) {
		if (strncmp(at + 2, id, len) == 0 && (at[2 + len] == '}' || at[2 + len] == '.'))
			return true;
	}
	return false;
}

/* service/CLUSTER/NAME, by the name that the service is given. */
static bool ends_with_name(const struct search *search, const char *text)
{
	const struct value name =
		source_value(search->source, search->service->node, "ServiceName");
	const char *slash = strrchr(text, '/');

	return slash && value_is_known(&name) && strcmp(slash + 1, name.text) == 0;
}

static bool names_service(struct search *search, const struct node *node, int depth)
{
	const char *id = search->service->name, *reference, *text = node_text(node);

	if (depth > MAX_DEPTH || ++search->visits > MAX_VISITS)
		return false;
	reference = cfn_reference(search->source->cfn, node, search->source->arena);
	if (reference && strcmp(reference, id) == 0)
		return true;
	if (text)
		return substitutes(text, id) || ends_with_name(search, text);
	for (const struct node *at = node_child(node_resolve(node)); at; at = at->next) {
		if (names_service(search, at, depth + 1))
			return true;
	}
	return false;
}

void ecs_scaling_read(
	const struct setting_source *source, const struct node *properties, struct ecs_model *model)
{
	const struct value dimension = source_value(source, properties, "ScalableDimension");
	const struct value least = source_value(source, properties, "MinCapacity");
	int64_t count, desired;

	if (!value_is(&dimension, "ecs:service:DesiredCount") || !value_number(&least, &count))
		return;
	for (size_t i = 0; i < model->service_count; i++) {
		struct search search = {.source = source, .service = &model->services[i]};
		struct value *value = &model->services[i].desired;

		if (!names_service(&search, node_get(properties, "ResourceId"), 0))
			continue;
		if (value_number_or(value, 0, &desired) && desired < count)
			*value = least;
		return;
	}
}
