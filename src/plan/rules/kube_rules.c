/* SPDX-License-Identifier: MIT */
#include "plan/rules/rule_registry.h"

/* The pairs are whole manifests, as small as can be. */
#define APP(kind, spec) "apiVersion: apps/v1\nkind: " kind "\nmetadata: {name: web}\nspec:\n" spec
#define TEMPLATE "  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
#define CONTAINER                                                                                  \
	"      containers:\n"                                                                      \
	"        - name: web\n"                                                                    \
	"          image: shop\n"
#define READY "          readinessProbe: {httpGet: {path: /healthcheck, port: 5278}}\n"
#define SLEEP_5 "          lifecycle: {preStop: {sleep: {seconds: 5}}}\n"

static const char pod_termination[] =
	"Kubernetes documentation, Pod Lifecycle, Termination of Pods";
static const char api_types[] = "kubernetes/api, core/v1/types.go (v1.36)";

static const struct rule rules[] = {
	{
		.id = "LC501",
		.severity = SEVERITY_ERROR,
		.title = "The pod's grace period is shorter than lastcall's stop timeout",
		.effect = "The kubelet kills the pod in the middle of the drain. The requests that "
			  "lastcall was still waiting for are lost, and so is its report. The hook "
			  "preStop takes its time from the same grace period.",
		.fix = "terminationGracePeriodSeconds: LASTCALL_STOP_TIMEOUT, and what preStop "
		       "takes",
		.source = pod_termination,
		.bad = APP("Deployment",
			TEMPLATE "      terminationGracePeriodSeconds: 30\n" CONTAINER
				 "          env: [{name: LASTCALL_STOP_TIMEOUT, value: 60s}]\n"),
		.good = APP("Deployment",
			TEMPLATE "      terminationGracePeriodSeconds: 60\n" CONTAINER
				 "          env: [{name: LASTCALL_STOP_TIMEOUT, value: 60s}]\n"),
	},
	{
		.id = "LC502",
		.severity = SEVERITY_WARNING,
		.title = "A container that serves is stopped before its endpoints are gone",
		.effect = "The kubelet sends SIGTERM while the endpoints of the pod are still "
			  "being removed. For some seconds, proxies and load balancers send new "
			  "requests to a server that has closed its listener: 502.",
		.fix = "lifecycle: {preStop: {sleep: {seconds: 5}}}, or lastcall with "
		       "LASTCALL_MIN_DRAIN=5s or LASTCALL_QUIET_PERIOD=3s",
		.source = pod_termination,
		.bad = APP("Deployment",
			TEMPLATE CONTAINER "          command: [node, server.js]\n"
					   "          ports: [{containerPort: 8080}]\n" READY),
		.good = APP("Deployment", TEMPLATE CONTAINER
			"          command: [node, server.js]\n"
			"          ports: [{containerPort: 8080}]\n" SLEEP_5 READY),
	},
	{
		.id = "LC503",
		.severity = SEVERITY_ERROR,
		.title = "preStop sleeps as long as the grace period",
		.effect = "The hook uses up the grace period. The container gets SIGTERM and two "
			  "seconds later SIGKILL. The API accepts a sleep that is equal to the "
			  "grace period.",
		.fix = "A grace period of preStop and the time that the application needs",
		.source = "Kubernetes documentation, Container Lifecycle Hooks; KEP-3960",
		.bad = APP("Deployment",
			TEMPLATE "      terminationGracePeriodSeconds: 30\n" CONTAINER
				 "          lifecycle: {preStop: {sleep: {seconds: 30}}}\n"),
		.good = APP("Deployment",
			TEMPLATE "      terminationGracePeriodSeconds: 60\n" CONTAINER
				 "          lifecycle: {preStop: {sleep: {seconds: 10}}}\n"),
	},
	{
		.id = "LC504",
		.severity = SEVERITY_ERROR,
		.title = "preStop runs a program that the image does not have",
		.effect = "The hook fails (FailedPreStopHook), and SIGTERM follows at once: the "
			  "delay that the hook was made for never happens.",
		.fix = "preStop: {sleep: {seconds: 5}}, which needs no program (Kubernetes 1.30)",
		.source = "Kubernetes documentation, Container Lifecycle Hooks",
		.bad = APP("Deployment", TEMPLATE
			"      containers:\n"
			"        - name: web\n"
			"          image: gcr.io/distroless/static-debian12\n"
			"          lifecycle: {preStop: {exec: {command: [sh, -c, sleep 5]}}}\n"),
		.good = APP("Deployment",
			TEMPLATE "      containers:\n"
				 "        - name: web\n"
				 "          image: gcr.io/distroless/static-debian12\n" SLEEP_5),
	},
	{
		.id = "LC505",
		.severity = SEVERITY_ERROR,
		.title = "The grace period is 0",
		.effect = "The pod gets SIGKILL at once: nothing is finished, and nothing is "
			  "saved.",
		.fix = "terminationGracePeriodSeconds: 30",
		.source = api_types,
		.bad = APP("Deployment",
			TEMPLATE "      terminationGracePeriodSeconds: 0\n" CONTAINER),
		.good = APP("Deployment",
			TEMPLATE "      terminationGracePeriodSeconds: 30\n" CONTAINER),
	},
	{
		.id = "LC506",
		.severity = SEVERITY_WARNING,
		.title = "A rollout stops all pods at once",
		.effect = "Between the stop of the old pods and the readiness of the new ones, "
			  "no pod answers.",
		.fix = "strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}",
		.source = "Kubernetes documentation, Deployments, Strategy",
		.bad = APP("Deployment",
			"  strategy: {type: Recreate}\n" TEMPLATE CONTAINER
			"          ports: [{containerPort: 8080}]\n" SLEEP_5 READY),
		.good = APP("Deployment",
			"  strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}\n" TEMPLATE
				CONTAINER
			"          ports: [{containerPort: 8080}]\n" SLEEP_5 READY),
	},
	{
		.id = "LC507",
		.severity = SEVERITY_WARNING,
		.title = "A container that serves has no readinessProbe",
		.effect = "The pod counts as ready as soon as it runs. It gets requests before it "
			  "listens, and a rollout goes on although the new version never answers.",
		.fix = "readinessProbe: {httpGet: {path: /healthcheck, port: 5278}}",
		.source = "Kubernetes documentation, Liveness, Readiness, and Startup Probes",
		.bad = APP("Deployment",
			TEMPLATE CONTAINER "          ports: [{containerPort: 8080}]\n" SLEEP_5),
		.good = APP("Deployment", TEMPLATE CONTAINER
			"          ports: [{containerPort: 8080}]\n" SLEEP_5 READY),
	},
	{
		.id = "LC508",
		.severity = SEVERITY_WARNING,
		.title = "A proxy is stopped before the application",
		.effect = "Requests in flight need the proxy. As a container like any other, it "
			  "gets SIGTERM at the same time; as a sidecar, its preStop hook runs when "
			  "the stop of the pod begins. The application loses its network in the "
			  "drain.",
		.fix = "The proxy in initContainers with restartPolicy: Always, and no hook that "
		       "ends it: it is then stopped after the application.",
		.source = "Kubernetes documentation, Sidecar Containers",
		.bad = APP("Deployment", TEMPLATE CONTAINER "        - name: cloud-sql-proxy\n"
							    "          image: cloud-sql-proxy:2\n"),
		.good = APP("Deployment", TEMPLATE "      initContainers:\n"
						   "        - name: cloud-sql-proxy\n"
						   "          image: cloud-sql-proxy:2\n"
						   "          restartPolicy: Always\n" CONTAINER),
	},
	{
		.id = "LC509",
		.severity = SEVERITY_WARNING,
		.title = "A failing probe leaves less time than lastcall's stop timeout",
		.effect = "When the probe fails, the grace period of the probe replaces that of "
			  "the pod. lastcall cannot see that, and is killed in its drain.",
		.fix = "Remove terminationGracePeriodSeconds from the probe, or make it as long as "
		       "the pod's",
		.source = "KEP-2238",
		.bad = APP("Deployment", TEMPLATE CONTAINER
			"          env: [{name: LASTCALL_STOP_TIMEOUT, value: 30s}]\n"
			"          livenessProbe:\n"
			"            httpGet: {path: /livez, port: 5278}\n"
			"            terminationGracePeriodSeconds: 5\n"),
		.good = APP("Deployment", TEMPLATE CONTAINER
			"          env: [{name: LASTCALL_STOP_TIMEOUT, value: 30s}]\n"
			"          livenessProbe:\n"
			"            httpGet: {path: /livez, port: 5278}\n"),
	},
	{
		.id = "LC510",
		.severity = SEVERITY_WARNING,
		.title = "The livenessProbe asks an endpoint that answers 503 in a drain",
		.effect = "An older kubelet kills the container in its drain. A container that "
			  "starts slowly is killed by every kubelet.",
		.fix = "livenessProbe: {httpGet: {path: /livez, port: 5278}}",
		.source = "lastcall(1), ENDPOINTS",
		.bad = APP("Deployment", TEMPLATE CONTAINER
			"          env: [{name: LASTCALL_STOP_TIMEOUT, value: 30s}]\n"
			"          livenessProbe: {httpGet: {path: /healthcheck, port: 5278}}\n"),
		.good = APP("Deployment", TEMPLATE CONTAINER
			"          env: [{name: LASTCALL_STOP_TIMEOUT, value: 30s}]\n"
			"          livenessProbe: {httpGet: {path: /livez, port: 5278}}\n"),
	},
	{
		.id = "LC511",
		.severity = SEVERITY_WARNING,
		.title = "A shell is in front of the application",
		.effect = "The shell is PID 1. It ignores SIGTERM, or ends without its child: the "
			  "application is killed at the end of the grace period.",
		.fix = "command: [sh, -c, exec node server.js], or the program without a shell",
		.source = "Kubernetes documentation, Define a Command and Arguments for a "
			  "Container; POSIX, Shell Command Language, exec",
		.bad = APP("Deployment",
			TEMPLATE CONTAINER "          command: [sh, -c, node server.js]\n"),
		.good = APP("Deployment",
			TEMPLATE CONTAINER "          command: [sh, -c, exec node server.js]\n"),
	},
	{
		.id = "LC512",
		.severity = SEVERITY_ERROR,
		.title = "lifecycle.stopSignal is not possible here",
		.effect = "The API refuses the pod.",
		.fix = "os: {name: linux} in the spec of the pod",
		.source = "KEP-4960",
		.bad = APP("Deployment",
			TEMPLATE CONTAINER "          lifecycle: {stopSignal: SIGQUIT}\n"),
		.good = APP("Deployment", TEMPLATE "      os: {name: linux}\n" CONTAINER
						   "          lifecycle: {stopSignal: SIGQUIT}\n"),
	},
	{
		.id = "LC513",
		.severity = SEVERITY_ERROR,
		.title = "A rollout counts as failed before a pod can be available",
		.effect =
			"The API refuses a deadline that is not above minReadySeconds. One that is "
			"below the time to readiness lets the Deployment have "
			"ProgressDeadlineExceeded while its rollout works as configured, and "
			"kubectl rollout status fails.",
		.fix = "progressDeadlineSeconds: above minReadySeconds and the time to readiness",
		.source = "Kubernetes documentation, Deployments, Progress Deadline Seconds; "
			  "kubernetes/kubernetes, pkg/apis/apps/validation",
		.bad = APP("Deployment", "  minReadySeconds: 900\n" TEMPLATE CONTAINER),
		.good = APP("Deployment",
			"  minReadySeconds: 900\n  progressDeadlineSeconds: 1200\n" TEMPLATE
				CONTAINER),
	},
	{
		.id = "LC514",
		.severity = SEVERITY_NOTE,
		.title = "Pods that drain long need room beside the new ones",
		.effect = "A pod that terminates does not count against maxSurge. In a rollout, "
			  "all old pods may drain while all new ones run: twice the memory, twice "
			  "the addresses, and perhaps more than the quota.",
		.fix = "Room for the peak, or a shorter grace period",
		.source = "kubernetes/api, apps/v1/types.go, DeploymentStatus; KEP-3973",
		.bad = APP("Deployment", "  replicas: 10\n" TEMPLATE
					 "      terminationGracePeriodSeconds: 600\n" CONTAINER),
		.good = APP("Deployment", "  replicas: 10\n" TEMPLATE
					  "      terminationGracePeriodSeconds: 60\n" CONTAINER),
	},
	{
		.id = "LC515",
		.severity = SEVERITY_WARNING,
		.title = "A disruption budget lets no pod be evicted",
		.effect = "The drain of a node waits until a user deletes the pod or "
			  "the node by force.",
		.fix = "maxUnavailable: 1",
		.source = "Kubernetes documentation, Specifying a Disruption Budget for your "
			  "Application",
		.bad = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n"
		       "spec:\n  minAvailable: 100%\n  selector: {matchLabels: {app: web}}\n",
		.good = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n"
			"spec:\n  maxUnavailable: 1\n  selector: {matchLabels: {app: web}}\n",
	},
	{
		.id = "LC516",
		.severity = SEVERITY_NOTE,
		.title = "lastcall is not PID 1 in a pod that shares its processes",
		.effect = "The pause container is PID 1 and reaps orphans. lastcall adopts only "
			  "those of its own application.",
		.fix = "shareProcessNamespace: false, where nothing else needs it",
		.source = "Kubernetes documentation, Share Process Namespace between Containers "
			  "in a Pod",
		.bad = APP("Deployment",
			TEMPLATE "      shareProcessNamespace: true\n" CONTAINER
				 "          command: [lastcall, --, node, server.js]\n"),
		.good = APP("Deployment",
			TEMPLATE CONTAINER "          command: [lastcall, --, node, server.js]\n"),
	},
	{
		.id = "LC517",
		.severity = SEVERITY_WARNING,
		.title = "A job never completes, because a proxy does not end",
		.effect = "A Job is complete when all its containers have ended. The proxy waits "
			  "for requests, and the Job stays active.",
		.fix = "The proxy in initContainers with restartPolicy: Always",
		.source = "Kubernetes documentation, Sidecar Containers, Sidecar containers and "
			  "Jobs",
		.bad = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: pay}\nspec:\n" TEMPLATE
		       "      restartPolicy: Never\n" CONTAINER
		       "        - name: cloud-sql-proxy\n          image: cloud-sql-proxy:2\n",
		.good = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: pay}\nspec:\n" TEMPLATE
			"      restartPolicy: Never\n"
			"      initContainers:\n"
			"        - name: cloud-sql-proxy\n"
			"          image: cloud-sql-proxy:2\n"
			"          restartPolicy: Always\n" CONTAINER,
	},
	{
		.id = "LC518",
		.severity = SEVERITY_WARNING,
		.title = "A percentage of maxUnavailable is rounded",
		.effect = "A StatefulSet rounds it down, to 1 at least, and a DaemonSet up. The "
			  "rollout takes longer, or takes away more pods, than the percentage "
			  "says.",
		.fix = "The number of pods in place of the percentage",
		.source = "kubernetes/kubernetes, pkg/controller/statefulset, "
			  "getStatefulSetMaxUnavailable",
		.bad = APP("StatefulSet",
			"  replicas: 3\n"
			"  updateStrategy: {rollingUpdate: {maxUnavailable: 50%}}\n" TEMPLATE
				CONTAINER),
		.good = APP("StatefulSet",
			"  replicas: 3\n"
			"  updateStrategy: {rollingUpdate: {maxUnavailable: 1}}\n" TEMPLATE
				CONTAINER),
	},
};

const struct rule_table kube_rules = {
	.heading = "Kubernetes",
	.file = "manifest.yaml",
	.rules = rules,
	.count = sizeof(rules) / sizeof(*rules),
};
