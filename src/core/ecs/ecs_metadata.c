/* SPDX-License-Identifier: MIT */
#include "core/ecs/ecs_metadata.h"

#include "core/text/json_scan.h"

#include <errno.h>
#include <string.h>

#define GROUP_OF_SERVICE "service:"

static const char keys[][sizeof "launch_type"] = {
	[ECS_CLUSTER] = "cluster",
	[ECS_SERVICE] = "service",
	[ECS_FAMILY] = "family",
	[ECS_REVISION] = "revision",
	[ECS_TASK] = "task",
	[ECS_CONTAINER] = "container",
	[ECS_ZONE] = "zone",
	[ECS_LAUNCH_TYPE] = "launch_type",
};
_Static_assert(sizeof keys / sizeof *keys == ECS_LABEL_COUNT, "a label has no key");

/* What to do with a member's value. */
enum reading {
	READ_ALL,
	READ_NAME, /* of an ARN, what follows its last slash */
	READ_GROUP, /* "service:web", where nothing better is known */
};

struct member {
	const char *name;
	enum ecs_label label;
	enum reading reading;
};

/* Members of the answer to /task. */
static const struct member of_task[] = {
	{"Cluster", ECS_CLUSTER, READ_NAME},
	{"ServiceName", ECS_SERVICE, READ_ALL},
	{"Group", ECS_SERVICE, READ_GROUP},
	{"Family", ECS_FAMILY, READ_ALL},
	{"Revision", ECS_REVISION, READ_ALL},
	{"TaskARN", ECS_TASK, READ_NAME},
	{"AvailabilityZone", ECS_ZONE, READ_ALL},
	{"LaunchType", ECS_LAUNCH_TYPE, READ_ALL},
	{.name = NULL},
};

static const struct member of_container[] = {
	{"Name", ECS_CONTAINER, READ_ALL},
	{.name = NULL},
};

/* The whole value that is meant, or "". */
static const char *meant(const struct member *member, const char *value)
{
	const char *slash = strrchr(value, '/');

	switch (member->reading) {
	case READ_NAME:
		return slash != NULL ? slash + 1 : value;
	case READ_GROUP:
		if (strncmp(value, GROUP_OF_SERVICE, strlen(GROUP_OF_SERVICE)) == 0)
			return value + strlen(GROUP_OF_SERVICE);
		return "";
	case READ_ALL:
		break;
	}
	return value;
}

static void take_value(
	struct ecs_metadata *metadata, const struct member *member, const struct json_item *item)
{
	char bytes[2048], *known = metadata->values[member->label]; /* an ARN has 2,048 at most */
	const char *value;
	struct text text;

	text_init(&text, bytes, sizeof bytes);
	json_item_add_string(item, &text);
	value = meant(member, bytes);
	if (text.truncated || *value == '\0' || strlen(value) >= ECS_VALUE_BYTES ||
		(member->reading == READ_GROUP && *known != '\0'))
		return;
	memcpy(known, value, strlen(value) + 1);
}

static int take_document(
	struct ecs_metadata *metadata, const struct member *members, const char *json, size_t len)
{
	struct ecs_metadata read = *metadata;
	struct json_item item;
	struct json_scan scan;
	int r;

	json_scan_init(&scan, json, len);
	if (json_scan_next(&scan, &item) <= 0 || item.kind != JSON_OBJECT)
		return -EBADMSG;
	while ((r = json_scan_next(&scan, &item)) > 0) {
		if (item.depth != 1 || item.kind != JSON_STRING)
			continue;
		for (const struct member *member = members; member->name != NULL; member++) {
			if (json_item_has_key(&item, member->name))
				take_value(&read, member, &item);
		}
	}
	if (r == 0)
		*metadata = read;
	return r;
}

int ecs_metadata_take_task(struct ecs_metadata *metadata, const char *json, size_t len)
{
	return take_document(metadata, of_task, json, len);
}

int ecs_metadata_take_container(struct ecs_metadata *metadata, const char *json, size_t len)
{
	return take_document(metadata, of_container, json, len);
}

void ecs_metadata_labels(const struct ecs_metadata *metadata, struct label_list *ret_labels)
{
	ret_labels->count = 0;
	for (int i = 0; i < ECS_LABEL_COUNT; i++) {
		if (metadata->values[i][0] != '\0')
			(void)label_list_set(
				ret_labels, LABELS_OF_PLATFORM, keys[i], metadata->values[i]);
	}
}
