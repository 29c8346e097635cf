/* SPDX-License-Identifier: MIT */
/* What a container executes, and how it is found healthy. */
#include "plan/model/container_command.h"
#include "plan/rules/compose_checks.h"

#include <string.h>

/* LC404 */
static void check_init(const struct compose_check *c)
{
	const struct node *init = compose_find(c->service, "init", NULL);

	if (c->service->lastcall->is_used && node_has_text(init, "true"))
		check_add(compose_check_in(c, init), "LC404", init, "init: false",
			"%s: docker-init is PID 1, and lastcall its child", c->service->name);
}

/* LC407 */
static void check_shell(const struct compose_check *c)
{
	const char *script = shell_script(c->service->argv);
	const char *key = c->service->has_entrypoint ? "entrypoint" : "command";
	const struct node *node = compose_find(c->service, key, NULL);

	if (!shell_keeps_signals(c->service->argv))
		return;
	check_add(compose_check_in(c, node), "LC407", node,
		strpbrk(script, "\n;&|<>$\"'*:#") ? shell_advice(script)
						  : check_text(c->check, "%s: %s", key, script),
		"%s: %s -c runs the application as a child, and does not forward SIGTERM to it",
		c->service->name, c->service->argv[0]);
}

/* The words of a health check as they are executed. "" and NONE: there is none. */
static void read_test(
	const struct compose_check *c, const struct node *test, struct word_list *words)
{
	const char *first = node_text(node_first(test));

	word_list_init(words, c->model->arena);
	if (node_is(test, NODE_SCALAR) || (first && strcmp(first, "CMD-SHELL") == 0)) {
		const struct node *script = node_is(test, NODE_SCALAR) ? test : node_item(test, 1);
		const char *text = node_text(script);

		word_list_add(words, "sh");
		word_list_add(words, "-c");
		word_list_add(words, text ? text : "");
	} else {
		(void)compose_add_words(c->model, test, words);
		if (words->count > 0)
			words->words++; /* CMD */
	}
}

static bool is_curl_doubted(const struct check_settings *settings)
{
	return settings->has_image_list ? !settings->image_has_curl : true;
}

/* LC410: the program that a check runs */
static void check_curl(const struct compose_check *c, const struct node *test)
{
	struct word_list words;
	const char *program;

	read_test(c, test, &words);
	program = words_find_downloader(words.words);
	if (!program || strcmp(program, "curl") != 0 || !is_curl_doubted(c->check->settings))
		return;
	check_add_as(compose_check_in(c, test), "LC410",
		c->check->settings->has_image_list ? SEVERITY_WARNING : SEVERITY_NOTE, test,
		"test: [CMD, lastcall, --healthcheck]",
		"%s: the health check needs curl, which the image %s", c->service->name,
		c->check->settings->has_image_list ? "does not have" : "may lack");
}

/* LC410 */
static void check_health(const struct compose_check *c)
{
	const struct node *interval =
		compose_find(c->service, "healthcheck", "start_interval", NULL);
	const struct node *period = compose_find(c->service, "healthcheck", "start_period", NULL);
	const struct node *test = compose_find(c->service, "healthcheck", "test", NULL);

	if (interval && !period && !c->service->is_partial)
		check_add(compose_check_in(c, interval), "LC410", interval, "start_period: 30s",
			c->model->target == COMPOSE_FOR_STACK
				? "%s: start_interval without start_period has no effect"
				: "%s: start_interval without start_period: docker compose refuses "
				  "the file, and Swarm passes over it",
			c->service->name);
	if (test)
		check_curl(c, test);
}

/* LC411 */
static void check_restart(const struct compose_check *c)
{
	const struct node *restart = compose_find(c->service, "restart", NULL);

	if (c->service->lastcall->is_used && node_has_text(restart, "always"))
		check_add(compose_check_in(c, restart), "LC411", restart, "restart: on-failure",
			"%s: the container starts again also when the application has ended by "
			"itself with status 0",
			c->service->name);
}

void compose_check_commands(const struct compose_check *c)
{
	check_init(c);
	check_shell(c);
	check_health(c);
	check_restart(c);
}
