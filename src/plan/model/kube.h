/* SPDX-License-Identifier: MIT */
/* What Kubernetes manifests say of pods: workloads with their containers, and disruption budgets. */
#pragma once

#include "plan/core/int_or_percent.h"
#include "plan/core/lastcall_settings.h"
#include "plan/document/documents.h"
#include "plan/document/nearness.h"
#include "plan/model/kube_autoscalers.h"
#include "plan/model/number.h"

enum kube_kind {
	KUBE_POD,
	KUBE_DEPLOYMENT,
	KUBE_REPLICA_SET,
	KUBE_STATEFUL_SET,
	KUBE_DAEMON_SET,
	KUBE_REPLICATION_CONTROLLER,
	KUBE_JOB,
	KUBE_CRON_JOB,
	KUBE_OTHER, /* of another API, with a pod template at the same place: an Argo Rollout */
};

enum { KUBE_MAX_CONTAINERS = 20000 }; /* of a document; aliases multiply them */

enum kube_role {
	KUBE_MAIN,
	KUBE_SIDECAR, /* an init container that is restarted always */
	KUBE_INIT,
};

struct kube_container {
	const struct node *node;
	const char *name; /* "(unnamed)" where there is none */
	const char *image;
	enum kube_role role;
	char *const *argv; /* command and args, up to the first word that is unknown */
	bool is_argv_whole; /* no word of them is unknown */
	bool has_command; /* the document replaces the image's ENTRYPOINT */
	bool is_served; /* has a port that is not for metrics alone */
	const struct node *served_port; /* its number; NULL: not given */
	bool has_host_port; /* has a port of the node */
	const struct node *pre_stop; /* NULL: none */
	char *const *pre_stop_argv; /* of an exec hook; NULL: another one */
	int64_t pre_stop_s; /* it takes at least so long */
	struct container_words words; /* that lastcall would read */
	const struct lastcall_settings *lastcall; /* of kube_read_lastcall */
};

struct kube_workload {
	enum kube_kind kind;
	const char *kind_name, *name;
	const char *namespace; /* NULL: not given */
	const struct document *document; /* NULL: the caller's */
	const struct node *node; /* the object */
	const struct node *spec, *pod;
	const struct node *labels; /* of the pods */
	struct number replicas, grace; /* grace in seconds */
	const struct kube_autoscaler *autoscaler; /* that gave the replicas; NULL: none */
	struct kube_container *containers;
	size_t container_count;
	bool is_of_knative; /* it takes neither sidecars nor hooks */
	bool is_patch; /* an overlay of kustomize: what is absent may be in its base */
	struct kube_workload *next;
};

struct kube_budget { /* PodDisruptionBudget */
	const struct node *node, *spec;
	const char *name;
	const char *namespace; /* NULL: not given */
	const struct document *document; /* NULL: the caller's */
	struct kube_budget *next;
};

struct kube_model {
	struct arena *arena;
	bool image_has_lastcall; /* --image-has */
	bool is_whole; /* a container without an image is no patch: Terraform leaves out what it does not know */
	struct kube_workload *workloads, **last_workload; /* in the order of the documents */
	struct kube_budget *budgets, **last_budget;
	struct kube_autoscaler *autoscalers;
	const struct document *document; /* that is read now; NULL: the caller's */
	size_t container_count; /* of the document */
};

void kube_model_init(struct kube_model *model, struct arena *arena, bool image_has_lastcall);

/* Whether it is a Kubernetes object: it has apiVersion and kind. */
bool kube_recognises(const struct node *root);

/* How many parts a document may have: those of several documents count together. */
size_t kube_parts(const struct node *root);

/* Adds the workloads, budgets and autoscalers of a document, those of a List too. Other kinds add nothing.
 * The document has to outlive the model. */
void kube_read(struct kube_model *model, const struct document *document);

/* The same for one object, which is no document of its own. */
void kube_add(struct kube_model *model, const struct node *root);

/* Reads the settings of lastcall in the containers of a workload. They are large, and live in the arena: those of
 * one workload at a time are enough. */
void kube_read_lastcall(const struct kube_workload *workload, struct arena *arena);

/* Gives workloads that an autoscaler scales the least number of pods that it keeps. An autoscaler scales the
 * workload of its name that is nearest: in its file, in its folder, or elsewhere. */
void kube_apply_autoscalers(struct kube_model *model);

/* The pods that a budget is for: those of its file, else of its folder, that its matchLabels select. Returns -1
 * where their number is unknown. */
int64_t kube_budget_pods(const struct kube_model *model, const struct kube_budget *budget);

/* A field of IntOrString. Returns false where it is absent or unknown. */
bool kube_int_or_percent(const struct node *node, struct int_or_percent *ret_value);

/* maxSurge and maxUnavailable of a Deployment's rolling update, as its controller resolves them (kubectl,
 * pkg/util/deployment, ResolveFenceposts). Returns false where they or the replicas are unknown, or where the
 * strategy is another one. */
bool kube_deployment_fenceposts(
	const struct kube_workload *workload, int64_t *ret_surge, int64_t *ret_unavailable);
bool kube_is_recreated(const struct kube_workload *workload);

/* Whether a Service may send requests to it. */
bool kube_is_served(const struct kube_workload *workload);
bool kube_runs_to_completion(const struct kube_workload *workload);
