/* SPDX-License-Identifier: MIT */
/* Pods that serve requests: when they get some, and when no more. */
#include "plan/rules/kube_checks.h"

#include <string.h>

/* LC502, of a container in front of which lastcall runs. */
static void check_lame_duck_of_lastcall(struct check *check, const struct kube_container *container)
{
	const struct lastcall_settings *lastcall = container->lastcall;

	if (!lastcall->is_timeout_known || lastcall->problem[0] || lastcall->budget.min_drain > 0 ||
		lastcall->budget.quiet_period > 0)
		return;
	check_add(check, "LC502", container->node, "- {name: LASTCALL_MIN_DRAIN, value: 5s}",
		"%s: there is no preStop hook, and lastcall has neither --min-drain nor "
		"--quiet-period: requests that arrive while the endpoints are removed are refused",
		container->name);
}

/* LC502. Whether the image's ENTRYPOINT is lastcall, a document cannot show. */
static void check_lame_duck(struct check *check, const struct kube_container *container)
{
	const bool is_image_unknown = !container->has_command && !check->settings->has_image_list;

	if (container->pre_stop)
		return;
	if (container->lastcall->is_used) {
		check_lame_duck_of_lastcall(check, container);
		return;
	}
	check_add_as(check, "LC502", is_image_unknown ? SEVERITY_NOTE : SEVERITY_WARNING,
		container->node, "lifecycle: {preStop: {sleep: {seconds: 5}}}",
		"%s: the container is stopped while its endpoints are still being removed, and "
		"there is no preStop hook%s",
		container->name,
		is_image_unknown ? "; the image may have lastcall, which waits "
				   "(--image-has=lastcall)"
				 : "");
}

/* lastcall's own endpoint, or the first port of the application; 8080 where its number is unknown. */
static const char *readiness_fix(struct check *check, const struct kube_container *container)
{
	const struct number port = number_read(container->served_port, 0);

	if (container->lastcall->is_used)
		return "readinessProbe: {httpGet: {path: /healthcheck, port: 5278}, periodSeconds: "
		       "1}";
	return check_text(check, "readinessProbe: {httpGet: {path: /healthcheck, port: %lld}}",
		port.is_known && port.value > 0 ? (long long)port.value : 8080LL);
}

/* LC507 */
static void check_readiness(struct check *check, const struct kube_container *container)
{
	if (node_get(container->node, "readinessProbe"))
		return;
	check_add(check, "LC507", container->node, readiness_fix(check, container),
		"%s has ports and no readinessProbe: the pod gets requests before it listens",
		container->name);
}

/* The number of a port that a probe gives by its number or by its name. */
static struct number port_number(const struct kube_container *container, const struct node *port)
{
	const struct node *named = node_first(node_get(container->node, "ports"));
	const char *name = node_text(port);

	while (named && (!name || !node_has_text(node_get(named, "name"), name)))
		named = named->next;
	return number_read(named ? node_get(named, "containerPort") : port, -1);
}

/* The default port of lastcall's endpoint, or the one it is given, as the document writes it. */
static bool is_port_of_lastcall(const struct kube_container *container, const struct node *port)
{
	const struct number number = port_number(container, port);
	const struct lastcall_settings *lastcall = container->lastcall;

	return number.is_known && lastcall->is_used && !lastcall->problem[0] &&
	       !lastcall->options.listen_off &&
	       number.value == listen_address_port(&lastcall->options.listen);
}

/* LC510 */
static void check_liveness(struct check *check, const struct kube_container *container)
{
	const struct node *get = node_find(container->node, "livenessProbe", "httpGet", NULL);
	const struct node *path = node_get(get, "path");

	if (!node_text(path) || !is_port_of_lastcall(container, node_get(get, "port")) ||
		strcmp(node_text(path), container->lastcall->options.health_path) != 0)
		return;
	check_add(check, "LC510", path, "path: /livez",
		"%s: the livenessProbe asks %s, which answers 503 while lastcall drains",
		container->name, node_text(path));
}

/* Two pods that write to one volume are what Recreate is for. */
static bool has_claim(const struct kube_workload *workload)
{
	const struct node *volume = node_first(node_get(workload->pod, "volumes"));

	while (volume && !node_get(volume, "persistentVolumeClaim"))
		volume = volume->next;
	return volume;
}

/* Two pods cannot have one port of a node. */
static bool has_host_port(const struct kube_workload *workload)
{
	if (node_is_true(node_get(workload->pod, "hostNetwork")))
		return true;
	for (size_t i = 0; i < workload->container_count; i++) {
		if (workload->containers[i].has_host_port)
			return true;
	}
	return false;
}

/* LC506 */
static void check_outage(struct check *check, const struct kube_workload *workload)
{
	const struct node *strategy = node_get(workload->spec, "strategy");
	const int64_t pods = workload->replicas.value;
	int64_t surge, unavailable;

	if (has_claim(workload) || has_host_port(workload))
		return;
	if (kube_is_recreated(workload)) {
		check_add(check, "LC506", strategy,
			"strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, "
			"maxSurge: 1}}",
			"strategy Recreate stops all pods before it starts new ones");
	} else if (kube_deployment_fenceposts(workload, &surge, &unavailable) && pods > 0 &&
		   unavailable >= pods) {
		check_add(check, "LC506", strategy,
			surge > 0 ? "maxUnavailable: 0"
				  : "rollingUpdate: {maxUnavailable: 0, maxSurge: 1}",
			"%s",
			pods == 1 ? "maxUnavailable lets the only pod be stopped before a new one "
				    "is ready"
				  : check_text(check,
					    "maxUnavailable lets all %lld pods be stopped at once",
					    (long long)pods));
	}
}

void kube_check_serving(struct check *check, const struct kube_workload *workload)
{
	for (size_t i = 0; i < workload->container_count; i++) {
		const struct kube_container *container = &workload->containers[i];

		check_liveness(check, container);
		if (!container->is_served || workload->is_patch ||
			kube_runs_to_completion(workload))
			continue;
		check_lame_duck(check, container);
		check_readiness(check, container);
	}
	if (kube_is_served(workload))
		check_outage(check, workload);
}
