/* SPDX-License-Identifier: MIT */
#include "plan/model/kube.h"

#include "plan/model/container_command.h"
#include "plan/model/container_lastcall.h"

#include <string.h>

enum { LISTS_DEEP = 4 }; /* a List in a List */

void kube_model_init(struct kube_model *model, struct arena *arena, bool image_has_lastcall)
{
	*model = (struct kube_model){.arena = arena, .image_has_lastcall = image_has_lastcall};
	model->last_workload = &model->workloads;
	model->last_budget = &model->budgets;
}

bool kube_recognises(const struct node *root)
{
	return node_text(node_get(root, "apiVersion")) && node_text(node_get(root, "kind"));
}

static const struct {
	const char *name;
	enum kube_kind kind;
} kinds[] = {
	{"Pod", KUBE_POD},
	{"Deployment", KUBE_DEPLOYMENT},
	{"ReplicaSet", KUBE_REPLICA_SET},
	{"StatefulSet", KUBE_STATEFUL_SET},
	{"DaemonSet", KUBE_DAEMON_SET},
	{"ReplicationController", KUBE_REPLICATION_CONTROLLER},
	{"Job", KUBE_JOB},
	{"CronJob", KUBE_CRON_JOB},
};

static enum kube_kind kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].kind;
	}
	return KUBE_OTHER;
}

static const char *text_or(const struct node *node, const char *absent)
{
	const char *text = node_text(node);

	return text && !node_is_null(node) ? text : absent;
}

/* A word with blanks is a script, in which a shell replaces ${NAME} and $(command). */
static bool is_unknown_word(const char *word)
{
	return text_is_template(word) && !strpbrk(word, " \n");
}

/* Adds the words of a list up to the first that is unknown. Returns whether all were added. */
static bool add_words(struct word_list *words, const struct node *list)
{
	for (const struct node *item = node_first(list); item; item = item->next) {
		const char *word = node_text(item);

		if (!word || is_unknown_word(word) || !word_list_add(words, word))
			return false;
	}
	return true;
}

static void read_command(
	const struct kube_model *model, const struct node *node, struct kube_container *container)
{
	const struct node *command = node_get(node, "command");
	struct word_list words;

	word_list_init(&words, model->arena);
	container->has_command = node_count(command) > 0;
	container->is_argv_whole =
		add_words(&words, command) && add_words(&words, node_get(node, "args"));
	container->argv = words.words;
}

/* Adds those that lastcall reads. Returns whether there may be some beyond these. */
static bool read_environment(const struct node *node, struct word_list *variables)
{
	bool has_more = node_count(node_get(node, "envFrom")) > 0;

	for (const struct node *item = node_first(node_get(node, "env")); item; item = item->next) {
		const char *name = node_text(node_get(item, "name"));
		const char *value = text_or(node_get(item, "value"), "");

		if (name && strncmp(name, "LASTCALL_", 9) != 0)
			continue;
		if (!name || node_get(item, "valueFrom") || text_is_template(value) ||
			!word_list_add(variables,
				arena_printf(variables->arena, "%s=%.1000s", name, value)))
			has_more = true;
	}
	return has_more;
}

static void read_words(
	const struct kube_model *model, const struct node *node, struct kube_container *container)
{
	struct word_list variables;

	word_list_init(&variables, model->arena);
	container->words = (struct container_words){.platform = CONTAINER_ON_KUBERNETES,
		.argv = container->argv,
		.image_has_lastcall = model->image_has_lastcall && !container->has_command &&
				      container->role == KUBE_MAIN};
	container->words.has_more_variables =
		read_environment(node, &variables) || !container->is_argv_whole;
	container->words.envp = variables.words;
}

void kube_read_lastcall(const struct kube_workload *workload, struct arena *arena)
{
	for (size_t i = 0; i < workload->container_count; i++)
		workload->containers[i].lastcall =
			lastcall_settings_of(&workload->containers[i].words, arena);
}

static void read_pre_stop(
	const struct kube_model *model, const struct node *node, struct kube_container *container)
{
	const struct node *exec;
	struct word_list words;
	struct number sleep;

	container->pre_stop = node_find(node, "lifecycle", "preStop", NULL);
	exec = node_find(container->pre_stop, "exec", "command", NULL);
	sleep = number_read(node_find(container->pre_stop, "sleep", "seconds", NULL), 0);
	if (sleep.is_known)
		container->pre_stop_s = sleep.value;
	if (!exec)
		return;
	word_list_init(&words, model->arena);
	(void)add_words(&words, exec);
	container->pre_stop_argv = words.words;
	container->pre_stop_s = words_sleep_seconds(words.words);
}

static bool is_for_metrics(const struct node *port)
{
	const char *name = text_or(node_get(port, "name"), "");

	return strstr(name, "metrics") || strstr(name, "prom");
}

/* The first that is; NULL: none is. */
static const struct node *served_port(const struct node *container)
{
	const struct node *port = node_first(node_get(container, "ports"));

	while (port && is_for_metrics(port))
		port = port->next;
	return port;
}

static bool has_host_port(const struct node *container)
{
	const struct node *port = node_first(node_get(container, "ports"));

	while (port && number_read(node_get(port, "hostPort"), 0).value == 0)
		port = port->next;
	return port;
}

static void read_container(struct kube_model *model, const struct node *node, enum kube_role role,
	struct kube_container *container)
{
	container->node = node_resolve(node);
	container->name = text_or(node_get(node, "name"), "(unnamed)");
	container->image = text_or(node_get(node, "image"), "");
	container->role = role;
	container->has_host_port = has_host_port(node);
	container->is_served = role == KUBE_MAIN && served_port(node);
	container->served_port = node_get(served_port(node), "containerPort");
	read_command(model, node, container);
	read_pre_stop(model, node, container);
	read_words(model, node, container);
}

static enum kube_role init_role(const struct node *node)
{
	return node_has_text(node_get(node, "restartPolicy"), "Always") ? KUBE_SIDECAR : KUBE_INIT;
}

static void read_containers(struct kube_model *model, struct kube_workload *workload)
{
	const struct node *mains = node_get(workload->pod, "containers");
	const struct node *inits = node_get(workload->pod, "initContainers");
	const size_t count = node_count(mains) + node_count(inits);
	struct kube_container *container;

	if (count > KUBE_MAX_CONTAINERS - model->container_count)
		return;
	model->container_count += count;
	container = arena_alloc(model->arena, (count + 1) * sizeof(*container));

	workload->containers = container;
	for (const struct node *item = node_first(mains); item; item = item->next)
		read_container(model, item, KUBE_MAIN, container++);
	for (const struct node *item = node_first(inits); item; item = item->next)
		read_container(model, item, init_role(item), container++);
	workload->container_count = (size_t)(container - workload->containers);
}

static bool has_container_without_image(const struct kube_workload *workload)
{
	for (size_t i = 0; i < workload->container_count; i++) {
		if (workload->containers[i].image[0] == '\0')
			return true;
	}
	return false;
}

/* A patch says nothing of what it leaves out. */
static void mark_patch(struct kube_workload *workload)
{
	workload->is_patch = true;
	workload->replicas.is_known &= workload->replicas.node != NULL;
	workload->grace.is_known &= workload->grace.node != NULL;
}

/* Knative makes the pods of its services itself: it refuses a grace period and gives them its own, and its proxy
 * beside the container gets the requests, and is asked for readiness (serving, pkg/reconciler/revision/resources). */
static bool is_of_knative(const struct node *root)
{
	const char *version = node_text(node_get(root, "apiVersion"));

	return version && strncmp(version, "serving.knative.dev/", 20) == 0;
}

static void mark_knative(struct kube_workload *workload)
{
	workload->is_of_knative = true;
	workload->grace.is_known = false;
	for (size_t i = 0; i < workload->container_count; i++)
		workload->containers[i].is_served = false;
}

/* The pod template, or the pod itself; NULL: the object has none. */
static const struct node *template_of(const struct node *root, enum kube_kind kind)
{
	if (kind == KUBE_POD)
		return root;
	if (kind == KUBE_CRON_JOB)
		return node_find(root, "spec", "jobTemplate", "spec", "template", NULL);
	return node_find(root, "spec", "template", NULL);
}

static const struct node *spec_of(const struct node *root, enum kube_kind kind)
{
	return kind == KUBE_CRON_JOB ? node_find(root, "spec", "jobTemplate", "spec", NULL)
				     : node_get(root, "spec");
}

/* Of a Job, which is created and not applied, there may be the beginning of its name alone. */
static const char *name_of(const struct node *root)
{
	const struct node *metadata = node_get(root, "metadata");

	return text_or(node_get(metadata, "name"), text_or(node_get(metadata, "generateName"), ""));
}

static void read_workload(struct kube_model *model, const struct node *root, const char *kind_name)
{
	const enum kube_kind kind = kind_of(kind_name);
	const struct node *template = template_of(root, kind), *pod = node_get(template, "spec");
	struct kube_workload *workload;

	if (!node_is(node_get(pod, "containers"), NODE_SEQUENCE))
		return;
	workload = arena_alloc(model->arena, sizeof(*workload));
	*workload = (struct kube_workload){
		.kind = kind,
		.kind_name = kind_name,
		.name = name_of(root),
		.namespace = text_or(node_find(root, "metadata", "namespace", NULL), NULL),
		.document = model->document,
		.node = node_resolve(root),
		.spec = spec_of(root, kind),
		.pod = node_resolve(pod),
		.labels = node_find(template, "metadata", "labels", NULL),
		.replicas = number_read(node_find(root, "spec", "replicas", NULL), 1),
		.grace = number_read(node_get(pod, "terminationGracePeriodSeconds"), 30),
	};
	read_containers(model, workload);
	if (!model->is_whole && has_container_without_image(workload))
		mark_patch(workload);
	if (is_of_knative(root))
		mark_knative(workload);
	*model->last_workload = workload;
	model->last_workload = &workload->next;
}

static void read_budget(struct kube_model *model, const struct node *root)
{
	struct kube_budget *budget = arena_alloc(model->arena, sizeof(*budget));

	*budget = (struct kube_budget){
		.node = node_resolve(root),
		.spec = node_get(root, "spec"),
		.name = text_or(node_find(root, "metadata", "name", NULL), ""),
		.namespace = text_or(node_find(root, "metadata", "namespace", NULL), NULL),
		.document = model->document,
	};
	*model->last_budget = budget;
	model->last_budget = &budget->next;
}

static bool is_list(const char *kind)
{
	const size_t len = strlen(kind);

	return len >= 4 && strcmp(kind + len - 4, "List") == 0;
}

static void read_object(struct kube_model *model, const struct node *root, int depth)
{
	const char *kind = node_text(node_get(root, "kind"));

	if (!kind || depth > LISTS_DEEP)
		return;
	if (is_list(kind) && node_is(node_get(root, "items"), NODE_SEQUENCE)) {
		for (const struct node *item = node_first(node_get(root, "items")); item;
			item = item->next)
			read_object(model, item, depth + 1);
	} else if (strcmp(kind, "PodDisruptionBudget") == 0) {
		read_budget(model, root);
	} else if (!kube_autoscaler_read(&model->autoscalers, model->arena, kind, root,
			   model->document ? model->document->file : NULL)) {
		read_workload(model, root, kind);
	}
}

size_t kube_parts(const struct node *root)
{
	return 1 + node_count(node_get(root, "items"));
}

void kube_read(struct kube_model *model, const struct document *document)
{
	model->document = document;
	model->container_count = 0;
	read_object(model, document->root, 0);
	model->document = NULL;
}

void kube_add(struct kube_model *model, const struct node *root)
{
	read_object(model, root, 0);
}

bool kube_int_or_percent(const struct node *node, struct int_or_percent *ret_value)
{
	const char *text = node_text(node);

	return text && int_or_percent_parse(text, node_resolve(node)->quoted, ret_value) == 0;
}

bool kube_is_recreated(const struct kube_workload *workload)
{
	return workload->kind == KUBE_DEPLOYMENT &&
	       node_has_text(node_find(workload->spec, "strategy", "type", NULL), "Recreate");
}

bool kube_deployment_fenceposts(
	const struct kube_workload *workload, int64_t *ret_surge, int64_t *ret_unavailable)
{
	const struct node *update = node_find(workload->spec, "strategy", "rollingUpdate", NULL);
	const struct node *surge_node = node_get(update, "maxSurge"),
			  *unavailable_node = node_get(update, "maxUnavailable");
	struct int_or_percent surge = {25, true}, unavailable = {25, true};

	if (workload->kind != KUBE_DEPLOYMENT || kube_is_recreated(workload) ||
		!workload->replicas.is_known ||
		(surge_node && !kube_int_or_percent(surge_node, &surge)) ||
		(unavailable_node && !kube_int_or_percent(unavailable_node, &unavailable)))
		return false;
	*ret_surge = int_or_percent_of(surge, workload->replicas.value, true);
	*ret_unavailable = int_or_percent_of(unavailable, workload->replicas.value, false);
	if (*ret_surge == 0 && *ret_unavailable == 0)
		*ret_unavailable = 1;
	return true;
}

bool kube_is_served(const struct kube_workload *workload)
{
	for (size_t i = 0; i < workload->container_count; i++) {
		if (workload->containers[i].is_served)
			return true;
	}
	return false;
}

bool kube_runs_to_completion(const struct kube_workload *workload)
{
	const char *restart = node_text(node_get(workload->pod, "restartPolicy"));

	return workload->kind == KUBE_JOB || workload->kind == KUBE_CRON_JOB ||
	       (workload->kind == KUBE_POD && restart && strcmp(restart, "Always") != 0);
}
