/* SPDX-License-Identifier: MIT */
/* Proxies beside an application: they have to outlive it. */
#include "plan/rules/kube_checks.h"

#include <string.h>

/* Containers through which an application reaches its network, by their names and images. */
static bool is_proxy(const struct kube_container *container)
{
	static const char *const names[] = {"istio-proxy", "linkerd-proxy", "envoy",
		"cloud-sql-proxy", "cloudsql-proxy", "alloydb-auth-proxy", "consul-dataplane",
		"kuma-sidecar", "vault-agent", "daprd"};
	const char *slash = strrchr(container->image, '/');
	const char *image = slash ? slash + 1 : container->image;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const size_t len = strlen(names[i]);

		if (strcmp(container->name, names[i]) == 0 ||
			(strncmp(image, names[i], len) == 0 &&
				(image[len] == '\0' || image[len] == ':' || image[len] == '@')))
			return true;
	}
	return false;
}

/* Main containers that are no proxies. */
static size_t count_applications(const struct kube_workload *workload)
{
	size_t count = 0;

	for (size_t i = 0; i < workload->container_count; i++)
		count += workload->containers[i].role == KUBE_MAIN &&
			 !is_proxy(&workload->containers[i]);
	return count;
}

/* Whether a hook ends the process it belongs to. */
static bool hook_stops(const struct kube_container *container)
{
	static const char *const words[] = {"quitquitquit", "pkill", "kill ", "shutdown", "/quit"};
	const char *path = node_text(node_find(container->pre_stop, "httpGet", "path", NULL));

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (path && strstr(path, words[i]))
			return true;
		for (char *const *at = container->pre_stop_argv; at && *at; at++) {
			if (strstr(*at, words[i]))
				return true;
		}
	}
	return false;
}

/* A proxy with a port of the node serves all pods, as Contour's Envoy does, and not one application. */
static bool is_in_front_of_one(const struct kube_container *container)
{
	return container->role == KUBE_MAIN && is_proxy(container) && !container->has_host_port;
}

/* LC508 */
static void check_order(struct check *check, const struct kube_container *container)
{
	if (container->role == KUBE_SIDECAR && hook_stops(container))
		check_add(check, "LC508", container->pre_stop, "remove the preStop hook",
			"sidecar %s: its preStop hook runs when the stop begins, and ends it "
			"before the application",
			container->name);
	else if (is_in_front_of_one(container))
		check_add(check, "LC508", container->node,
			"initContainers with restartPolicy: Always",
			"%s is a container like the application, and is stopped at the same time",
			container->name);
}

/* LC517 */
static void check_completion(struct check *check, const struct kube_workload *workload,
	const struct kube_container *container)
{
	if (container->role == KUBE_MAIN && is_proxy(container))
		check_add(check, "LC517", container->node,
			"initContainers with restartPolicy: Always",
			"%s never ends, so that the %s never completes", container->name,
			workload->kind_name);
}

void kube_check_sidecars(struct check *check, const struct kube_workload *workload)
{
	if (workload->is_of_knative || count_applications(workload) == 0)
		return; /* where it can be no sidecar, there is nothing to propose */
	for (size_t i = 0; i < workload->container_count; i++) {
		if (kube_runs_to_completion(workload))
			check_completion(check, workload, &workload->containers[i]);
		else
			check_order(check, &workload->containers[i]);
	}
}
