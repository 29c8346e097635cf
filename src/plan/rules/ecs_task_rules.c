/* SPDX-License-Identifier: MIT */
/* 1xx: task definitions. */
#include "plan/rules/rule_registry.h"

static const struct rule rules[] = {
	{
		.id = "LC101",
		.severity = SEVERITY_ERROR,
		.title = "stopTimeout is not what Fargate accepts",
		.effect = "The registration of the task definition fails, and so does the "
			  "deployment. The CDK and cfn-lint let the value pass.",
		.fix = "stopTimeout from 2 to 120",
		.source = "Amazon ECS API Reference, ContainerDefinition, stopTimeout",
		.bad = "family: web\n"
		       "requiresCompatibilities: [FARGATE]\n"
		       "containerDefinitions:\n"
		       "  - name: web\n"
		       "    stopTimeout: 300\n",
		.good = "family: web\n"
			"requiresCompatibilities: [FARGATE]\n"
			"containerDefinitions:\n"
			"  - name: web\n"
			"    stopTimeout: 120\n",
	},
	{
		.id = "LC102",
		.severity = SEVERITY_ERROR,
		.title = "ECS kills the container before lastcall is done",
		.effect = "ECS sends SIGKILL in the middle of the drain: the requests that "
			  "lastcall was still waiting for are lost, and so is its report.",
		.fix = "stopTimeout: LASTCALL_STOP_TIMEOUT at least, which includes "
		       "lastcall's margin",
		.source = "Amazon ECS API Reference, ContainerDefinition, stopTimeout; "
			  "lastcall(1), --stop-timeout",
		.bad = "family: web\n"
		       "requiresCompatibilities: [FARGATE]\n"
		       "containerDefinitions:\n"
		       "  - name: web\n"
		       "    entryPoint: [lastcall, --]\n"
		       "    environment: [{name: LASTCALL_STOP_TIMEOUT, value: 60s}]\n"
		       "    stopTimeout: 30\n",
		.good = "family: web\n"
			"requiresCompatibilities: [FARGATE]\n"
			"containerDefinitions:\n"
			"  - name: web\n"
			"    entryPoint: [lastcall, --]\n"
			"    environment: [{name: LASTCALL_STOP_TIMEOUT, value: 60s}]\n"
			"    stopTimeout: 60\n",
	},
	{
		.id = "LC103",
		.severity = SEVERITY_WARNING,
		.title = "The instance decides how long a container may take to stop",
		.effect =
			"Without stopTimeout, the agent's ECS_CONTAINER_STOP_TIMEOUT counts. Each "
			"instance sets its own; where it does not, the agent waits 30 s. The same "
			"task stops differently on another instance, and lastcall cannot ask "
			"which value holds.",
		.fix = "stopTimeout in the task definition",
		.source = "Amazon ECS Developer Guide, Container agent configuration; "
			  "amazon-ecs-agent, agent/engine/docker_task_engine.go",
		.bad = "family: web\n"
		       "requiresCompatibilities: [EC2]\n"
		       "containerDefinitions:\n"
		       "  - name: web\n",
		.good = "family: web\n"
			"requiresCompatibilities: [EC2]\n"
			"containerDefinitions:\n"
			"  - name: web\n"
			"    stopTimeout: 60\n",
	},
	{
		.id = "LC104",
		.severity = SEVERITY_ERROR,
		.title = "ECS_CONTAINER_STOP_TIMEOUT is no duration",
		.effect = "The agent reads durations of Go. It ignores a bare number and silently "
			  "waits 30 s. lastcall has to expect the shorter of the two.",
		.fix = "A number with its unit: 60s",
		.source = "amazon-ecs-agent, agent/config/parse.go",
		.bad = "family: web\n"
		       "requiresCompatibilities: [FARGATE]\n"
		       "containerDefinitions:\n"
		       "  - name: web\n"
		       "    environment: [{name: ECS_CONTAINER_STOP_TIMEOUT, value: \"60\"}]\n"
		       "    stopTimeout: 60\n",
		.good = "family: web\n"
			"requiresCompatibilities: [FARGATE]\n"
			"containerDefinitions:\n"
			"  - name: web\n"
			"    environment: [{name: ECS_CONTAINER_STOP_TIMEOUT, value: 60s}]\n"
			"    stopTimeout: 60\n",
	},
	{
		.id = "LC105",
		.severity = SEVERITY_ERROR,
		.title = "ECS_CONTAINER_STOP_TIMEOUT says more than stopTimeout",
		.effect = "lastcall reads this variable of the container and plans for a time "
			  "that ECS does not give: SIGKILL in the middle of the drain.",
		.fix = "The same value in both",
		.source = "amazon-ecs-agent, agent/engine/docker_task_engine.go",
		.bad = "family: web\n"
		       "requiresCompatibilities: [FARGATE]\n"
		       "containerDefinitions:\n"
		       "  - name: web\n"
		       "    environment: [{name: ECS_CONTAINER_STOP_TIMEOUT, value: 120s}]\n"
		       "    stopTimeout: 30\n",
		.good = "family: web\n"
			"requiresCompatibilities: [FARGATE]\n"
			"containerDefinitions:\n"
			"  - name: web\n"
			"    environment: [{name: ECS_CONTAINER_STOP_TIMEOUT, value: 30s}]\n"
			"    stopTimeout: 30\n",
	},
	{
		.id = "LC106",
		.severity = SEVERITY_NOTE,
		.title = "Fargate Spot gives more time than the container uses",
		.effect = "Fargate Spot warns two minutes before it takes the capacity back. "
			  "Of these two minutes, the container has only its stopTimeout.",
		.fix = "stopTimeout: 120, for containers that need it",
		.source = "Amazon ECS Developer Guide, Fargate capacity providers",
		.bad = "Resources:\n"
		       "  Service:\n"
		       "    Type: AWS::ECS::Service\n"
		       "    Properties:\n"
		       "      DeploymentConfiguration:\n"
		       "        DeploymentCircuitBreaker: {Enable: true, Rollback: true}\n"
		       "      TaskDefinition: !Ref Task\n"
		       "      CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT, Weight: "
		       "1}]\n"
		       "  Task:\n"
		       "    Type: AWS::ECS::TaskDefinition\n"
		       "    Properties:\n"
		       "      RequiresCompatibilities: [FARGATE]\n"
		       "      ContainerDefinitions: [{Name: web, StopTimeout: 30}]\n",
		.good = "Resources:\n"
			"  Service:\n"
			"    Type: AWS::ECS::Service\n"
			"    Properties:\n"
			"      DeploymentConfiguration:\n"
			"        DeploymentCircuitBreaker: {Enable: true, Rollback: true}\n"
			"      TaskDefinition: !Ref Task\n"
			"      CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT, Weight: "
			"1}]\n"
			"  Task:\n"
			"    Type: AWS::ECS::TaskDefinition\n"
			"    Properties:\n"
			"      RequiresCompatibilities: [FARGATE]\n"
			"      ContainerDefinitions: [{Name: web, StopTimeout: 120}]\n",
	},
	{
		.id = "LC107",
		.severity = SEVERITY_WARNING,
		.title = "Two inits: initProcessEnabled and lastcall",
		.effect = "Docker's init becomes PID 1 and adopts all orphans. lastcall adopts "
			  "those of its own application alone, and each stop passes two programs.",
		.fix = "initProcessEnabled: false, for lastcall is the init",
		.source = "Amazon ECS Developer Guide, Task definition parameters, Linux "
			  "parameters",
		.bad = "family: web\n"
		       "requiresCompatibilities: [FARGATE]\n"
		       "containerDefinitions:\n"
		       "  - name: web\n"
		       "    entryPoint: [lastcall, --]\n"
		       "    linuxParameters: {initProcessEnabled: true}\n",
		.good = "family: web\n"
			"requiresCompatibilities: [FARGATE]\n"
			"containerDefinitions:\n"
			"  - name: web\n"
			"    entryPoint: [lastcall, --]\n"
			"    linuxParameters: {initProcessEnabled: false}\n",
	},
	{
		.id = "LC108",
		.severity = SEVERITY_WARNING,
		.title = "pidMode keeps lastcall from being PID 1",
		.effect = "lastcall shares the processes of the other containers or of the "
			  "instance. It cannot reap orphans, and another init is PID 1.",
		.fix = "Leave pidMode out",
		.source = "Amazon ECS API Reference, RegisterTaskDefinition, pidMode",
		.bad = "family: web\n"
		       "pidMode: task\n"
		       "containerDefinitions:\n"
		       "  - name: web\n"
		       "    entryPoint: [lastcall, --]\n",
		.good = "family: web\n"
			"containerDefinitions:\n"
			"  - name: web\n"
			"    entryPoint: [lastcall, --]\n",
	},
	{
		.id = "LC109",
		.severity = SEVERITY_ERROR,
		.title = "Containers that stop one after the other need more than Fargate Spot "
			 "gives",
		.effect = "A container is stopped when all that depend on it are gone, so that "
			  "their stop timeouts add up. Fargate Spot ends the task after two "
			  "minutes, whatever is still running.",
		.fix = "Stop timeouts that add up to 120 s at most",
		.source = "Amazon ECS Developer Guide, Task definition parameters, Container "
			  "dependency",
		.bad = "Resources:\n"
		       "  Service:\n"
		       "    Type: AWS::ECS::Service\n"
		       "    Properties:\n"
		       "      DeploymentConfiguration:\n"
		       "        DeploymentCircuitBreaker: {Enable: true, Rollback: true}\n"
		       "      TaskDefinition: !Ref Task\n"
		       "      CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT, Weight: "
		       "1}]\n"
		       "  Task:\n"
		       "    Type: AWS::ECS::TaskDefinition\n"
		       "    Properties:\n"
		       "      RequiresCompatibilities: [FARGATE]\n"
		       "      ContainerDefinitions:\n"
		       "        - {Name: web, StopTimeout: 100, DependsOn: [{ContainerName: proxy, "
		       "Condition: START}]}\n"
		       "        - {Name: proxy, StopTimeout: 100}\n",
		.good = "Resources:\n"
			"  Service:\n"
			"    Type: AWS::ECS::Service\n"
			"    Properties:\n"
			"      DeploymentConfiguration:\n"
			"        DeploymentCircuitBreaker: {Enable: true, Rollback: true}\n"
			"      TaskDefinition: !Ref Task\n"
			"      CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT, Weight: "
			"1}]\n"
			"  Task:\n"
			"    Type: AWS::ECS::TaskDefinition\n"
			"    Properties:\n"
			"      RequiresCompatibilities: [FARGATE]\n"
			"      ContainerDefinitions:\n"
			"        - {Name: web, StopTimeout: 60, DependsOn: [{ContainerName: proxy, "
			"Condition: START}]}\n"
			"        - {Name: proxy, StopTimeout: 20}\n",
	},
	{
		.id = "LC110",
		.severity = SEVERITY_WARNING,
		.title = "The container that serves is not essential",
		.effect = "When it exits, the task stays and is not replaced. The load balancer "
			  "sees a task that does not answer until its health check fails.",
		.fix = "essential: true",
		.source = "Amazon ECS Developer Guide, Task definition parameters, essential",
		.bad = "family: web\n"
		       "requiresCompatibilities: [FARGATE]\n"
		       "containerDefinitions:\n"
		       "  - name: web\n"
		       "    essential: false\n"
		       "    entryPoint: [lastcall, --]\n",
		.good = "family: web\n"
			"requiresCompatibilities: [FARGATE]\n"
			"containerDefinitions:\n"
			"  - name: web\n"
			"    essential: true\n"
			"    entryPoint: [lastcall, --]\n",
	},
	{
		.id = "LC111",
		.severity = SEVERITY_WARNING,
		.title = "A shell is in front of the application",
		.effect = "The shell gets the stop signal and does not forward it. The "
			  "application runs on until SIGKILL, and its requests are lost.",
		.fix = "exec before the command, or no shell",
		.source = "POSIX.1-2017, Shell Command Language; lastcall(1)",
		.bad = "family: web\n"
		       "requiresCompatibilities: [FARGATE]\n"
		       "containerDefinitions:\n"
		       "  - name: web\n"
		       "    command: [sh, -c, node server.js]\n",
		.good = "family: web\n"
			"requiresCompatibilities: [FARGATE]\n"
			"containerDefinitions:\n"
			"  - name: web\n"
			"    command: [sh, -c, exec node server.js]\n",
	},
	{
		.id = "LC112",
		.severity = SEVERITY_WARNING,
		.title = "The health check needs a program that the image may lack",
		.effect = "The check fails in an image without it. No task becomes healthy, and "
			  "the deployment fails or never ends.",
		.fix = "[CMD, lastcall, --healthcheck], which needs nothing else",
		.source = "Amazon ECS Developer Guide, Task definition parameters, Health check",
		.bad = "family: web\n"
		       "requiresCompatibilities: [FARGATE]\n"
		       "containerDefinitions:\n"
		       "  - name: web\n"
		       "    healthCheck: {command: [CMD-SHELL, curl -f http://localhost/]}\n",
		.good = "family: web\n"
			"requiresCompatibilities: [FARGATE]\n"
			"containerDefinitions:\n"
			"  - name: web\n"
			"    healthCheck: {command: [CMD, lastcall, --healthcheck]}\n",
		.options = "--image-has=lastcall,sh",
	},
	{
		.id = "LC113",
		.severity = SEVERITY_ERROR,
		.title = "The health check has a value that ECS refuses",
		.effect = "The registration of the task definition fails. The CDK accepts a "
			  "timeout of up to 120 s, and ECS does not.",
		.fix = "interval 5 to 300, timeout 2 to 60, retries 1 to 10, startPeriod 0 "
		       "to 300",
		.source = "Amazon ECS API Reference, HealthCheck",
		.bad = "family: web\n"
		       "requiresCompatibilities: [FARGATE]\n"
		       "containerDefinitions:\n"
		       "  - name: web\n"
		       "    healthCheck: {command: [CMD, lastcall, --healthcheck], interval: 300, "
		       "timeout: 120}\n",
		.good = "family: web\n"
			"requiresCompatibilities: [FARGATE]\n"
			"containerDefinitions:\n"
			"  - name: web\n"
			"    healthCheck: {command: [CMD, lastcall, --healthcheck], interval: 30, "
			"timeout: 5}\n",
	},
	{
		.id = "LC114",
		.severity = SEVERITY_WARNING,
		.title = "A health check may still run when the next one begins",
		.effect = "A task that hangs is found late: the checks overlap, and each waits "
			  "for its timeout.",
		.fix = "A timeout below the interval",
		.source = "Amazon ECS API Reference, HealthCheck",
		.bad = "family: web\n"
		       "requiresCompatibilities: [FARGATE]\n"
		       "containerDefinitions:\n"
		       "  - name: web\n"
		       "    healthCheck: {command: [CMD, lastcall, --healthcheck], interval: 5, "
		       "timeout: 60}\n",
		.good = "family: web\n"
			"requiresCompatibilities: [FARGATE]\n"
			"containerDefinitions:\n"
			"  - name: web\n"
			"    healthCheck: {command: [CMD, lastcall, --healthcheck], interval: 30, "
			"timeout: 5}\n",
	},
	{
		.id = "LC115",
		.severity = SEVERITY_WARNING,
		.title = "The log can hold up the stop, or lose its report",
		.effect = "With the mode blocking, a write to standard output waits for "
			  "CloudWatch. With a tiny buffer, lines are dropped, and the report of "
			  "the stop is the last line.",
		.fix = "mode: non-blocking, max-buffer-size: 25m",
		.source = "Amazon ECS Developer Guide, Send Amazon ECS logs to CloudWatch",
		.bad = "family: web\n"
		       "requiresCompatibilities: [FARGATE]\n"
		       "containerDefinitions:\n"
		       "  - name: web\n"
		       "    entryPoint: [lastcall, --]\n"
		       "    logConfiguration: {logDriver: awslogs, options: {mode: blocking}}\n",
		.good = "family: web\n"
			"requiresCompatibilities: [FARGATE]\n"
			"containerDefinitions:\n"
			"  - name: web\n"
			"    entryPoint: [lastcall, --]\n"
			"    logConfiguration: {logDriver: awslogs, options: {mode: non-blocking, "
			"max-buffer-size: 25m}}\n",
	},
	{
		.id = "LC116",
		.severity = SEVERITY_NOTE,
		.title = "The restart policy restarts an application that is done",
		.effect = "An application that ends by itself with status 0 is started again in "
			  "the same task.",
		.fix = "ignoredExitCodes: [0, 143]",
		.source = "Amazon ECS API Reference, ContainerRestartPolicy",
		.bad = "family: web\n"
		       "requiresCompatibilities: [FARGATE]\n"
		       "containerDefinitions:\n"
		       "  - name: web\n"
		       "    entryPoint: [lastcall, --]\n"
		       "    restartPolicy: {enabled: true}\n",
		.good = "family: web\n"
			"requiresCompatibilities: [FARGATE]\n"
			"containerDefinitions:\n"
			"  - name: web\n"
			"    entryPoint: [lastcall, --]\n"
			"    restartPolicy: {enabled: true, ignoredExitCodes: [0, 143]}\n",
	},
	{
		.id = "LC117",
		.severity = SEVERITY_WARNING,
		.title = "FireLens wraps the report for CloudWatch's metrics",
		.effect = "FireLens puts each line into a field of another JSON object. CloudWatch "
			  "finds no embedded metrics at its root, makes no metric, and reports no "
			  "error: an alarm on lost work never fires.",
		.fix = "logDriver: awslogs for this container, or a parser in the router that "
		       "unwraps the line",
		.source = "Amazon CloudWatch User Guide, Specification: Embedded metric format",
		.bad = "family: web\n"
		       "requiresCompatibilities: [FARGATE]\n"
		       "containerDefinitions:\n"
		       "  - name: web\n"
		       "    entryPoint: [lastcall, \"--report=emf:stdout\", --]\n"
		       "    logConfiguration: {logDriver: awsfirelens}\n",
		.good = "family: web\n"
			"requiresCompatibilities: [FARGATE]\n"
			"containerDefinitions:\n"
			"  - name: web\n"
			"    entryPoint: [lastcall, \"--report=emf:stdout\", --]\n"
			"    logConfiguration: {logDriver: awslogs}\n",
	},
	{
		.id = "LC118",
		.severity = SEVERITY_ERROR,
		.title = "--protect without a role of the task",
		.effect =
			"The agent asks ECS for protection with the task's role. Without one "
			"every request is refused (403, AccessDeniedException), and ECS stops the "
			"task in the middle of its work.",
		.fix = "taskRoleArn, a role that allows ecs:GetTaskProtection and "
		       "ecs:UpdateTaskProtection",
		.source = "Amazon ECS Developer Guide, Task scale-in protection endpoint",
		.bad = "family: jobs\n"
		       "requiresCompatibilities: [FARGATE]\n"
		       "containerDefinitions:\n"
		       "  - name: worker\n"
		       "    entryPoint: [lastcall, --protect, --]\n",
		.good = "family: jobs\n"
			"requiresCompatibilities: [FARGATE]\n"
			"taskRoleArn: arn:aws:iam::123456789012:role/jobs\n"
			"containerDefinitions:\n"
			"  - name: worker\n"
			"    entryPoint: [lastcall, --protect, --]\n",
	},
};

const struct rule_table ecs_task_rules = {
	.heading = "Task definitions of Amazon ECS",
	.file = "task.yaml",
	.rules = rules,
	.count = sizeof(rules) / sizeof(*rules),
};
