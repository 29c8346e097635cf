/* SPDX-License-Identifier: MIT */
/* What containers execute, and which signals it gets. */
#include "plan/model/container_command.h"
#include "plan/rules/kube_checks.h"

#include <string.h>

/* Images without a shell, by their names; their variant with a shell has a tag "debug". */
static bool is_without_shell(struct check *check, const struct kube_container *container)
{
	if (check->settings->has_image_list)
		return !check->settings->image_has_shell;
	return strstr(container->image, "distroless") && !strstr(container->image, "debug");
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_of_shell_image(const char *program)
{
	static const char *const programs[] = {
		"sh", "bash", "ash", "dash", "sleep", "curl", "wget"};

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		if (strcmp(last_part(program), programs[i]) == 0)
			return true;
	}
	return false;
}

/* LC504 */
static void check_hook_program(struct check *check, const struct kube_container *container)
{
	char *const *argv = container->pre_stop_argv;

	if (!argv || !argv[0] || !is_of_shell_image(argv[0]) || !is_without_shell(check, container))
		return;
	check_add(check, "LC504", container->pre_stop,
		check_text(check, "preStop: {sleep: {seconds: %lld}}",
			(long long)(container->pre_stop_s > 0 ? container->pre_stop_s : 5)),
		"%s: preStop runs %s, which the image '%s' does not have", container->name, argv[0],
		container->image);
}

/* LC511 */
static void check_shell(struct check *check, const struct kube_container *container)
{
	const char *script = shell_script(container->argv);
	const struct node *command = node_get(container->node, "command");

	if (!shell_keeps_signals(container->argv))
		return;
	check_add(check, "LC511", command ? command : node_get(container->node, "args"),
		strpbrk(script, "\n;&|\"\\") ? shell_advice(script)
					     : check_text(check, "[\"%s\", \"-c\", \"exec %s\"]",
						       container->argv[0], script),
		"%s: %s -c runs the application as a child, and does not forward SIGTERM to it",
		container->name, container->argv[0]);
}

/* LC512 */
static void check_stop_signal(struct check *check, const struct kube_workload *workload,
	const struct kube_container *container)
{
	const struct node *signal = node_find(container->node, "lifecycle", "stopSignal", NULL);
	const struct node *os = node_find(workload->pod, "os", "name", NULL);

	if (!node_text(signal))
		return;
	if (!os && !workload->is_patch)
		check_add(check, "LC512", signal, "os: {name: linux}",
			"%s: lifecycle.stopSignal needs spec.os.name", container->name);
	else if (os && node_has_text(os, "windows") && !node_has_text(signal, "SIGTERM") &&
		 !node_has_text(signal, "SIGKILL"))
		check_add(check, "LC512", signal, "stopSignal: SIGTERM",
			"%s: Windows has no %s, only SIGTERM and SIGKILL", container->name,
			node_text(signal));
}

/* LC516 */
static void check_shared_processes(struct check *check, const struct kube_workload *workload,
	const struct kube_container *container)
{
	const struct node *shared = node_get(workload->pod, "shareProcessNamespace");

	if (container->lastcall->is_used && node_is_true(shared))
		check_add(check, "LC516", shared, "shareProcessNamespace: false",
			"%s: the containers share their processes: lastcall is not PID 1",
			container->name);
}

void kube_check_commands(struct check *check, const struct kube_workload *workload)
{
	for (size_t i = 0; i < workload->container_count; i++) {
		const struct kube_container *container = &workload->containers[i];

		check_stop_signal(check, workload, container);
		check_hook_program(check, container);
		check_shared_processes(check, workload, container);
		if (container->role == KUBE_MAIN && !kube_runs_to_completion(workload))
			check_shell(check, container);
	}
}
