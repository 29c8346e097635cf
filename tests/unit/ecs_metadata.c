/* SPDX-License-Identifier: MIT */
/* The documents are those that AWS shows ("Task metadata endpoint version 4 examples", and the page for Fargate),
 * shortened where nothing is read. */
#include "core/ecs/ecs_metadata.h"

#include "unit/guard_page.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char on_ec2[] =
	"{\"Cluster\":\"default\","
	"\"TaskARN\":\"arn:aws:ecs:us-west-2:111122223333:task/default/"
	"158d1c8083dd49d6b527399fd6414f5c\","
	"\"Family\":\"curltest\",\"ServiceName\":\"MyService\",\"Revision\":\"26\","
	"\"DesiredStatus\":\"RUNNING\",\"KnownStatus\":\"RUNNING\","
	"\"PullStartedAt\":\"2020-10-02T00:43:06.202617438Z\",\"AvailabilityZone\":\"us-west-2d\","
	"\"VPCID\":\"vpc-1234567890abcdef0\",\"TaskTags\":{\"Family\":\"a tag\"},"
	"\"LaunchType\":\"EC2\",\"Containers\":[{\"Name\":\"~internal~ecs~pause\",\"Limits\":{"
	"\"CPU\":2},"
	"\"Networks\":[{\"NetworkMode\":\"awsvpc\",\"IPv4Addresses\":[\"10.0.2.61\"]}]}],"
	"\"Errors\":null}";

static const char on_fargate[] = "{\"Cluster\":\"arn:aws:ecs:us-west-2:111122223333:cluster/shop\","
				 "\"TaskARN\":\"arn:aws:ecs:us-west-2:111122223333:task/shop/"
				 "ec7ff82b7a3a44a5bbbe9bcf11daee33\","
				 "\"Family\":\"web\",\"Revision\":\"2\",\"Group\":\"service:"
				 "front\",\"LaunchType\":\"FARGATE\","
				 "\"ClockDrift\":{\"ClockErrorBound\":0.5458,"
				 "\"ClockSynchronizationStatus\":\"SYNCHRONIZED\"},"
				 "\"FaultInjectionEnabled\":false}";

static const char container[] =
	"{\"DockerId\":\"ea32192c8553fbff06c9340478a2ff089b2bb5646fb718b4ee206641c9086d66\","
	"\"Name\":\"curl\",\"DockerName\":\"ecs-curltest-24-curl-cca48e8dcadd97805600\","
	"\"Labels\":{\"com.amazonaws.ecs.container-name\":\"other\"},\"LogOptions\":{\"k\":"
	"\"secret\"}}";

static struct ecs_metadata metadata;
static char written[4096];

static int take(int (*function)(struct ecs_metadata *, const char *, size_t), const char *json)
{
	size_t len = strlen(json);

	return function(&metadata, guard_page_copy(json, len), len);
}

static const char *labels(void)
{
	struct label_list list;
	struct text text;

	ecs_metadata_labels(&metadata, &list);
	text_init(&text, written, sizeof written);
	label_list_write(&text, &list);
	return written;
}

static void a_task_on_ec2_is_known(void **state)
{
	(void)state;
	metadata = (struct ecs_metadata){0};
	assert_int_equal(take(ecs_metadata_take_task, on_ec2), 0);
	assert_int_equal(take(ecs_metadata_take_container, container), 0);
	assert_string_equal(labels(),
		"cluster=default service=MyService family=curltest revision=26 "
		"task=158d1c8083dd49d6b527399fd6414f5c container=curl zone=us-west-2d "
		"launch_type=EC2");
}

static void a_task_on_fargate_has_its_cluster_as_an_arn_and_its_service_as_a_group(void **state)
{
	(void)state;
	metadata = (struct ecs_metadata){0};
	assert_int_equal(take(ecs_metadata_take_task, on_fargate), 0);
	assert_string_equal(labels(), "cluster=shop service=front family=web revision=2 "
				      "task=ec7ff82b7a3a44a5bbbe9bcf11daee33 launch_type=FARGATE");
}

static void the_name_of_a_service_wins_over_its_group(void **state)
{
	(void)state;
	metadata = (struct ecs_metadata){0};
	assert_int_equal(
		take(ecs_metadata_take_task,
			"{\"Group\":\"service:a\",\"ServiceName\":\"b\",\"Cluster\":null}"),
		0);
	assert_string_equal(labels(), "service=b");
	metadata = (struct ecs_metadata){0};
	assert_int_equal(
		take(ecs_metadata_take_task, "{\"ServiceName\":\"b\",\"Group\":\"service:a\"}"), 0);
	assert_string_equal(labels(), "service=b");
	metadata = (struct ecs_metadata){0};
	assert_int_equal(take(ecs_metadata_take_task,
				 "{\"ServiceName\":\"\",\"Group\":\"family:run-once\"}"),
		0);
	assert_string_equal(labels(), ""); /* a task without a service */
}

static void what_is_no_document_changes_nothing(void **state)
{
	static const char *const documents[] = {"", "null", "[]", "\"Cluster\"",
		"{\"Cluster\":\"x\"", "{\"Cluster\":\"x\"}{}", "404 page not found",
		"{\"Cluster\":\"x\",\"Family\":tru}"};

	(void)state;
	metadata = (struct ecs_metadata){.values[ECS_ZONE] = "z"};
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
		assert_int_equal(take(ecs_metadata_take_task, documents[i]), -EBADMSG);
		assert_string_equal(labels(), "zone=z");
	}
}

static void values_of_another_type_or_length_are_none(void **state)
{
	char json[600] = "{\"Revision\":7,\"Family\":[\"a\"],\"AvailabilityZone\":\"";
	size_t len = strlen(json);

	(void)state;
	memset(json + len, 'z', ECS_VALUE_BYTES);
	strcpy(json + len + ECS_VALUE_BYTES, "\",\"Cluster\":\"c\\u00e9\"}");
	metadata = (struct ecs_metadata){0};
	assert_int_equal(take(ecs_metadata_take_task, json), 0);
	assert_string_equal(labels(), "cluster=c\xC3\xA9");
}

static void missing_labels_are_added_and_none_is_replaced(void **state)
{
	struct label_list ours = {2, {{"service", "mine"}, {"team", "a"}}}, theirs;

	(void)state;
	metadata = (struct ecs_metadata){0};
	assert_int_equal(take(ecs_metadata_take_task, on_fargate), 0);
	ecs_metadata_labels(&metadata, &theirs);
	label_list_add_missing(&ours, &theirs);
	assert_string_equal(label_list_value(&ours, "service"), "mine");
	assert_string_equal(label_list_value(&ours, "cluster"), "shop");
	assert_null(label_list_value(&ours, "zone"));
	assert_int_equal(ours.count, 7);
	assert_int_equal(label_list_set(&ours, 7, "zone", "z"), -ENOSPC);
	assert_int_equal(label_list_set(&ours, 7, "team", "b"), 0);
	assert_string_equal(label_list_value(&ours, "team"), "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_task_on_ec2_is_known),
		cmocka_unit_test(
			a_task_on_fargate_has_its_cluster_as_an_arn_and_its_service_as_a_group),
		cmocka_unit_test(the_name_of_a_service_wins_over_its_group),
		cmocka_unit_test(what_is_no_document_changes_nothing),
		cmocka_unit_test(values_of_another_type_or_length_are_none),
		cmocka_unit_test(missing_labels_are_added_and_none_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
