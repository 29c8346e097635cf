/* SPDX-License-Identifier: MIT */
#include "core/recognise/platform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLES 32

/* tests/platforms/NAME.env: an environment as the platform makes it. In its comments: what is to be found, and
 * which files are there, and our pid. */
struct fixture {
	char bytes[4096];
	char *environment[VARIABLES];
	const char *name; /* the platform's */
	const char *reason;
	struct platform_facts facts;
};

static const char *behind(const char *line, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(line, prefix, len) == 0 ? line + len : NULL;
}

static void take_line(struct fixture *fixture, char *line, size_t *count)
{
	const char *value;
	char *end;

	if ((value = behind(line, "# expect: ")) != NULL) {
		fixture->name = value;
		end = strchr(line, ',');
		assert_non_null(end);
		*end = '\0';
		end = strstr(end + 1, ": ");
		fixture->reason = end != NULL ? end + 2 : "";
	} else if ((value = behind(line, "# file: ")) != NULL) {
		fixture->facts.has_dockerenv |= strcmp(value, "/.dockerenv") == 0;
		fixture->facts.has_containerenv |= strcmp(value, "/run/.containerenv") == 0;
	} else if ((value = behind(line, "# pid: ")) != NULL) {
		fixture->facts.pid = atoi(value);
	} else {
		assert_true(*count + 1 < VARIABLES);
		fixture->environment[(*count)++] = line;
	}
}

static void read_fixture(const char *file_name, struct fixture *ret_fixture)
{
	struct fixture *fixture = ret_fixture;
	char path[4096];
	size_t len, count = 0;
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s", PLATFORMS_DIR, file_name);
	file = fopen(path, "re");
	assert_non_null(file);
	*fixture = (struct fixture){.facts = {.pid = 1}};
	len = fread(fixture->bytes, 1, sizeof fixture->bytes - 1, file);
	(void)fclose(file);
	assert_true(len < sizeof fixture->bytes - 1);
	for (char *line = strtok(fixture->bytes, "\n"); line != NULL; line = strtok(NULL, "\n"))
		take_line(fixture, line, &count);
	fixture->facts.environment = fixture->environment;
	assert_non_null(fixture->name);
}

static void check_fixture(const char *file_name, bool *found)
{
	static struct fixture fixture;
	const struct platform *platform;
	char bytes[256];
	struct text reason;

	print_message("%s\n", file_name);
	read_fixture(file_name, &fixture);
	platform = platform_find(&fixture.facts);
	assert_string_equal(platform->name != NULL ? platform->name : "none", fixture.name);
	text_init(&reason, bytes, sizeof bytes);
	platform_add_reason(&reason, platform, &fixture.facts);
	assert_string_equal(bytes, fixture.reason);
	assert_false(reason.truncated);
	found[platform - platform_row(0)] = true;
}

static void each_platform_has_a_fixture_that_finds_it(void **state)
{
	bool found[64] = {false};
	DIR *directory = opendir(PLATFORMS_DIR);
	struct dirent *entry;

	(void)state;
	assert_non_null(directory);
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] != '.')
			check_fixture(entry->d_name, found);
	}
	(void)closedir(directory);
	for (unsigned i = 0; platform_row(i) != NULL; i++) {
		if (!found[i])
			fail_msg("no fixture for %s", platform_row(i)->source);
	}
}

static struct platform_facts facts_of(const char *const *environment)
{
	return (struct platform_facts){.environment = (char *const *)environment, .pid = 7};
}

static void variable_with_the_number_comes_before_every_name(void **state)
{
	const char *const environment[] = {
		"FLY_MACHINE_ID=148ed193b03789", "ECS_CONTAINER_STOP_TIMEOUT=", NULL};
	struct platform_facts facts = facts_of(environment);

	(void)state;
	assert_string_equal(platform_find(&facts)->source, "ecs-default");
}

static void name_that_begins_like_a_mark_is_none(void **state)
{
	const char *const environment[] = {"DYNO_RAM=512", "MYDYNO=web.1", "DYNO", "RENDER=truer",
		"RENDER_SERVICE_ID=x", "containers=lxc", "container=lxcfs", NULL};
	struct platform_facts facts = facts_of(environment);

	(void)state;
	assert_null(platform_find(&facts)->name);
	assert_string_equal(platform_container(&facts), "lxcfs");
}

static void pid_that_is_no_number_is_not_ours(void **state)
{
	static const char *const values[] = {"SYSTEMD_EXEC_PID=", "SYSTEMD_EXEC_PID=7x",
		"SYSTEMD_EXEC_PID=-7", "SYSTEMD_EXEC_PID=70", "SYSTEMD_EXEC_PID=99999999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		const char *const environment[] = {values[i], NULL};
		struct platform_facts facts = facts_of(environment);

		assert_null(platform_find(&facts)->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_platform_has_a_fixture_that_finds_it),
		cmocka_unit_test(variable_with_the_number_comes_before_every_name),
		cmocka_unit_test(name_that_begins_like_a_mark_is_none),
		cmocka_unit_test(pid_that_is_no_number_is_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
