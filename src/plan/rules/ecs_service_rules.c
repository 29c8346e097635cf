/* SPDX-License-Identifier: MIT */
/* 2xx: services, and how they are deployed. */
#include "plan/rules/rule_registry.h"

static const struct rule rules[] = {
	{
		.id = "LC201",
		.severity = SEVERITY_ERROR,
		.title = "The deployment cannot start",
		.effect = "Between the least that has to run and the most that may run there is "
			  "no room for one task. The deployment waits for ever, and only a "
			  "service event says so.",
		.fix = "maximumPercent or minimumHealthyPercent that leave room for one task",
		.source = "Amazon ECS Developer Guide, Rolling update",
		.bad = "serviceName: web\n"
		       "taskDefinition: web\n"
		       "desiredCount: 1\n"
		       "deploymentConfiguration:\n"
		       "  minimumHealthyPercent: 100\n"
		       "  maximumPercent: 134\n"
		       "  deploymentCircuitBreaker: {enable: true, rollback: true}\n",
		.good = "serviceName: web\n"
			"taskDefinition: web\n"
			"desiredCount: 1\n"
			"deploymentConfiguration:\n"
			"  minimumHealthyPercent: 100\n"
			"  maximumPercent: 200\n"
			"  deploymentCircuitBreaker: {enable: true, rollback: true}\n",
	},
	{
		.id = "LC202",
		.severity = SEVERITY_WARNING,
		.title = "Every deployment is an outage",
		.effect = "ECS stops the old tasks first and then starts the new ones. Nothing "
			  "answers in between.",
		.fix = "minimumHealthyPercent: 100 with maximumPercent: 200",
		.source = "Amazon ECS Developer Guide, Rolling update",
		.bad = "serviceName: web\n"
		       "taskDefinition: web\n"
		       "desiredCount: 1\n"
		       "deploymentConfiguration:\n"
		       "  minimumHealthyPercent: 0\n"
		       "  maximumPercent: 100\n"
		       "  deploymentCircuitBreaker: {enable: true, rollback: true}\n",
		.good = "serviceName: web\n"
			"taskDefinition: web\n"
			"desiredCount: 1\n"
			"deploymentConfiguration:\n"
			"  minimumHealthyPercent: 100\n"
			"  maximumPercent: 200\n"
			"  deploymentCircuitBreaker: {enable: true, rollback: true}\n",
	},
	{
		.id = "LC203",
		.severity = SEVERITY_WARNING,
		.title = "Tasks are stopped before new ones are healthy, without need",
		.effect = "ECS may stop a part of the old tasks at once, and the rest carries "
			  "all requests. With 200 % all new tasks can start first. A rollback "
			  "has to start the stopped ones again. 50 is the CDK's default, not "
			  "ECS's.",
		.fix = "minimumHealthyPercent: 100",
		.source = "Amazon ECS Developer Guide, Rolling update; aws-cdk, issue 31705",
		.bad = "serviceName: web\n"
		       "taskDefinition: web\n"
		       "desiredCount: 4\n"
		       "deploymentConfiguration:\n"
		       "  minimumHealthyPercent: 50\n"
		       "  maximumPercent: 200\n"
		       "  deploymentCircuitBreaker: {enable: true, rollback: true}\n",
		.good = "serviceName: web\n"
			"taskDefinition: web\n"
			"desiredCount: 4\n"
			"deploymentConfiguration:\n"
			"  minimumHealthyPercent: 100\n"
			"  maximumPercent: 200\n"
			"  deploymentCircuitBreaker: {enable: true, rollback: true}\n",
	},
	{
		.id = "LC204",
		.severity = SEVERITY_NOTE,
		.title = "Many waves, and each waits for the load balancer",
		.effect = "The deployment takes as many times the deregistration delay as it "
			  "has waves.",
		.fix = "maximumPercent: 200, and a shorter deregistration delay",
		.source = "Amazon ECS Developer Guide, Rolling update",
		.bad = "Resources:\n"
		       "  Service:\n"
		       "    Type: AWS::ECS::Service\n"
		       "    Properties:\n"
		       "      DesiredCount: 10\n"
		       "      DeploymentConfiguration:\n"
		       "        MinimumHealthyPercent: 100\n"
		       "        MaximumPercent: 110\n"
		       "        DeploymentCircuitBreaker: {Enable: true, Rollback: true}\n"
		       "      LoadBalancers:\n"
		       "        - {TargetGroupArn: !Ref Group, ContainerName: web, ContainerPort: "
		       "80}\n"
		       "  Group:\n"
		       "    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
		       "    Properties:\n"
		       "      Protocol: HTTP\n"
		       "      HealthCheckPath: /healthcheck\n"
		       "      TargetGroupAttributes:\n"
		       "        - {Key: deregistration_delay.timeout_seconds, Value: 120}\n",
		.good = "Resources:\n"
			"  Service:\n"
			"    Type: AWS::ECS::Service\n"
			"    Properties:\n"
			"      DesiredCount: 10\n"
			"      DeploymentConfiguration:\n"
			"        MinimumHealthyPercent: 100\n"
			"        MaximumPercent: 200\n"
			"        DeploymentCircuitBreaker: {Enable: true, Rollback: true}\n"
			"      LoadBalancers:\n"
			"        - {TargetGroupArn: !Ref Group, ContainerName: web, ContainerPort: "
			"80}\n"
			"  Group:\n"
			"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
			"    Properties:\n"
			"      Protocol: HTTP\n"
			"      HealthCheckPath: /healthcheck\n"
			"      TargetGroupAttributes:\n"
			"        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n",
	},
	{
		.id = "LC205",
		.severity = SEVERITY_WARNING,
		.title = "Nothing ends a deployment that fails",
		.effect = "ECS starts tasks that die again and again, for hours. The CDK counts "
			  "on up to three hours, and CloudFormation waits that long.",
		.fix = "deploymentCircuitBreaker with rollback",
		.source = "Amazon ECS Developer Guide, How the Amazon ECS deployment circuit "
			  "breaker detects failures",
		.bad = "serviceName: web\n"
		       "taskDefinition: web\n"
		       "desiredCount: 4\n"
		       "deploymentConfiguration:\n"
		       "  maximumPercent: 200\n",
		.good = "serviceName: web\n"
			"taskDefinition: web\n"
			"desiredCount: 4\n"
			"deploymentConfiguration:\n"
			"  maximumPercent: 200\n"
			"  deploymentCircuitBreaker: {enable: true, rollback: true}\n",
	},
	{
		.id = "LC206",
		.severity = SEVERITY_WARNING,
		.title = "Tasks are killed while they start",
		.effect = "The load balancer's health check fails before the application is "
			  "ready. ECS replaces the task, and the next one fares no better.",
		.fix = "healthCheckGracePeriodSeconds: longer than the application takes to start",
		.source = "Amazon ECS API Reference, CreateService, "
			  "healthCheckGracePeriodSeconds",
		.bad = "Resources:\n"
		       "  Service:\n"
		       "    Type: AWS::ECS::Service\n"
		       "    Properties:\n"
		       "      HealthCheckGracePeriodSeconds: 0\n"
		       "      DeploymentConfiguration:\n"
		       "        DeploymentCircuitBreaker: {Enable: true, Rollback: true}\n"
		       "      TaskDefinition: !Ref Task\n"
		       "      LoadBalancers:\n"
		       "        - {TargetGroupArn: !Ref Group, ContainerName: web, ContainerPort: "
		       "80}\n"
		       "  Task:\n"
		       "    Type: AWS::ECS::TaskDefinition\n"
		       "    Properties:\n"
		       "      ContainerDefinitions:\n"
		       "        - {Name: web, HealthCheck: {Command: [CMD, lastcall, "
		       "--healthcheck], StartPeriod: 60}}\n"
		       "  Group:\n"
		       "    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
		       "    Properties:\n"
		       "      Protocol: HTTP\n"
		       "      HealthCheckPath: /healthcheck\n"
		       "      HealthCheckIntervalSeconds: 5\n"
		       "      HealthCheckTimeoutSeconds: 4\n"
		       "      TargetGroupAttributes:\n"
		       "        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n",
		.good = "Resources:\n"
			"  Service:\n"
			"    Type: AWS::ECS::Service\n"
			"    Properties:\n"
			"      HealthCheckGracePeriodSeconds: 90\n"
			"      DeploymentConfiguration:\n"
			"        DeploymentCircuitBreaker: {Enable: true, Rollback: true}\n"
			"      TaskDefinition: !Ref Task\n"
			"      LoadBalancers:\n"
			"        - {TargetGroupArn: !Ref Group, ContainerName: web, ContainerPort: "
			"80}\n"
			"  Task:\n"
			"    Type: AWS::ECS::TaskDefinition\n"
			"    Properties:\n"
			"      ContainerDefinitions:\n"
			"        - {Name: web, HealthCheck: {Command: [CMD, lastcall, "
			"--healthcheck], StartPeriod: 60}}\n"
			"  Group:\n"
			"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
			"    Properties:\n"
			"      Protocol: HTTP\n"
			"      HealthCheckPath: /healthcheck\n"
			"      HealthCheckIntervalSeconds: 5\n"
			"      HealthCheckTimeoutSeconds: 4\n"
			"      TargetGroupAttributes:\n"
			"        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n",
	},
	{
		.id = "LC207",
		.severity = SEVERITY_WARNING,
		.title = "Failing health checks are ignored for a long time",
		.effect = "A new task that does not work stays for that time, and the circuit "
			  "breaker counts it late.",
		.fix = "healthCheckGracePeriodSeconds: a little more than the application "
		       "takes to start",
		.source = "Amazon ECS API Reference, CreateService, "
			  "healthCheckGracePeriodSeconds",
		.bad = "serviceName: web\n"
		       "taskDefinition: web\n"
		       "healthCheckGracePeriodSeconds: 600\n"
		       "deploymentConfiguration:\n"
		       "  deploymentCircuitBreaker: {enable: true, rollback: true}\n",
		.good = "serviceName: web\n"
			"taskDefinition: web\n"
			"healthCheckGracePeriodSeconds: 60\n"
			"deploymentConfiguration:\n"
			"  deploymentCircuitBreaker: {enable: true, rollback: true}\n",
	},
	{
		.id = "LC208",
		.severity = SEVERITY_NOTE,
		.title = "ECS moves tasks between availability zones",
		.effect = "A task can get its stop signal at any hour, without a deployment. "
			  "Each move drains one task, for as long as its settings allow.",
		.fix = "Accept it, or availabilityZoneRebalancing: DISABLED",
		.source = "Amazon ECS Developer Guide, Balancing an Amazon ECS service across "
			  "Availability Zones",
		.bad = "Resources:\n"
		       "  Service:\n"
		       "    Type: AWS::ECS::Service\n"
		       "    Properties:\n"
		       "      AvailabilityZoneRebalancing: ENABLED\n"
		       "      DeploymentConfiguration:\n"
		       "        DeploymentCircuitBreaker: {Enable: true, Rollback: true}\n"
		       "      TaskDefinition: !Ref Task\n"
		       "  Task:\n"
		       "    Type: AWS::ECS::TaskDefinition\n"
		       "    Properties:\n"
		       "      ContainerDefinitions: [{Name: web, StopTimeout: 110}]\n",
		.good = "Resources:\n"
			"  Service:\n"
			"    Type: AWS::ECS::Service\n"
			"    Properties:\n"
			"      AvailabilityZoneRebalancing: DISABLED\n"
			"      DeploymentConfiguration:\n"
			"        DeploymentCircuitBreaker: {Enable: true, Rollback: true}\n"
			"      TaskDefinition: !Ref Task\n"
			"  Task:\n"
			"    Type: AWS::ECS::TaskDefinition\n"
			"    Properties:\n"
			"      ContainerDefinitions: [{Name: web, StopTimeout: 110}]\n",
	},
	{
		.id = "LC209",
		.severity = SEVERITY_ERROR,
		.title = "Availability zone rebalancing needs room for one more task",
		.effect = "ECS refuses the service: it starts the new task before it stops the "
			  "old one.",
		.fix = "maximumPercent above 100",
		.source = "Amazon ECS Developer Guide, Balancing an Amazon ECS service across "
			  "Availability Zones",
		.bad = "serviceName: web\n"
		       "taskDefinition: web\n"
		       "availabilityZoneRebalancing: ENABLED\n"
		       "deploymentConfiguration:\n"
		       "  minimumHealthyPercent: 50\n"
		       "  maximumPercent: 100\n"
		       "  deploymentCircuitBreaker: {enable: true, rollback: true}\n",
		.good = "serviceName: web\n"
			"taskDefinition: web\n"
			"availabilityZoneRebalancing: ENABLED\n"
			"deploymentConfiguration:\n"
			"  minimumHealthyPercent: 50\n"
			"  maximumPercent: 150\n"
			"  deploymentCircuitBreaker: {enable: true, rollback: true}\n",
	},
	{
		.id = "LC210",
		.severity = SEVERITY_NOTE,
		.title = "The deployment waits for drains that need no waiting",
		.effect = "A deployment is complete when the last old task is gone. "
			  "earlySuccessCriteria completes it when the new tasks are healthy, "
			  "and old ones drain behind it. No rollback comes after that.",
		.fix = "earlySuccessCriteria with DEFERRED",
		.source = "Amazon ECS API Reference, DeploymentConfiguration, "
			  "earlySuccessCriteria",
		.bad = "Resources:\n"
		       "  Service:\n"
		       "    Type: AWS::ECS::Service\n"
		       "    Properties:\n"
		       "      DeploymentConfiguration:\n"
		       "        DeploymentCircuitBreaker: {Enable: true, Rollback: true}\n"
		       "      LoadBalancers:\n"
		       "        - {TargetGroupArn: !Ref Group, ContainerName: web, ContainerPort: "
		       "80}\n"
		       "  Group:\n"
		       "    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
		       "    Properties:\n"
		       "      Protocol: HTTP\n"
		       "      HealthCheckPath: /healthcheck\n"
		       "      TargetGroupAttributes:\n"
		       "        - {Key: deregistration_delay.timeout_seconds, Value: 60}\n",
		.good = "Resources:\n"
			"  Service:\n"
			"    Type: AWS::ECS::Service\n"
			"    Properties:\n"
			"      DeploymentConfiguration:\n"
			"        EarlySuccessCriteria: {Enable: true, HealthyPercent: 100, "
			"SourceServiceRevisionCleanup: DEFERRED}\n"
			"        DeploymentCircuitBreaker: {Enable: true, Rollback: true}\n"
			"      LoadBalancers:\n"
			"        - {TargetGroupArn: !Ref Group, ContainerName: web, ContainerPort: "
			"80}\n"
			"  Group:\n"
			"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
			"    Properties:\n"
			"      Protocol: HTTP\n"
			"      HealthCheckPath: /healthcheck\n"
			"      TargetGroupAttributes:\n"
			"        - {Key: deregistration_delay.timeout_seconds, Value: 60}\n",
	},
	{
		.id = "LC211",
		.severity = SEVERITY_WARNING,
		.title = "The deployment is complete before all new tasks are healthy",
		.effect = "What fails after it is not rolled back: neither the circuit breaker "
			  "nor an alarm looks at it any more.",
		.fix = "healthyPercent: 100, or alarms",
		.source = "Amazon ECS API Reference, DeploymentConfiguration, "
			  "earlySuccessCriteria",
		.bad = "serviceName: web\n"
		       "taskDefinition: web\n"
		       "desiredCount: 4\n"
		       "deploymentConfiguration:\n"
		       "  minimumHealthyPercent: 50\n"
		       "  maximumPercent: 150\n"
		       "  earlySuccessCriteria: {enable: true, healthyPercent: 50, "
		       "sourceServiceRevisionCleanup: DEFERRED}\n"
		       "  deploymentCircuitBreaker: {enable: true, rollback: true}\n",
		.good = "serviceName: web\n"
			"taskDefinition: web\n"
			"desiredCount: 4\n"
			"deploymentConfiguration:\n"
			"  minimumHealthyPercent: 50\n"
			"  maximumPercent: 150\n"
			"  earlySuccessCriteria: {enable: true, healthyPercent: 100, "
			"sourceServiceRevisionCleanup: DEFERRED}\n"
			"  deploymentCircuitBreaker: {enable: true, rollback: true}\n",
	},
	{
		.id = "LC212",
		.severity = SEVERITY_ERROR,
		.title = "ECS refuses earlySuccessCriteria",
		.effect = "The update of the service fails: the criteria need healthyPercent of "
			  "at least minimumHealthyPercent, sourceServiceRevisionCleanup, and "
			  "the strategy ROLLING.",
		.fix = "All members, and a healthyPercent of at least minimumHealthyPercent",
		.source = "Amazon ECS API Reference, DeploymentConfiguration, "
			  "earlySuccessCriteria",
		.bad = "serviceName: web\n"
		       "taskDefinition: web\n"
		       "desiredCount: 4\n"
		       "deploymentConfiguration:\n"
		       "  minimumHealthyPercent: 90\n"
		       "  earlySuccessCriteria: {enable: true, healthyPercent: 50, "
		       "sourceServiceRevisionCleanup: DEFERRED}\n"
		       "  maximumPercent: 150\n"
		       "  deploymentCircuitBreaker: {enable: true, rollback: true}\n",
		.good = "serviceName: web\n"
			"taskDefinition: web\n"
			"desiredCount: 4\n"
			"deploymentConfiguration:\n"
			"  minimumHealthyPercent: 90\n"
			"  earlySuccessCriteria: {enable: true, healthyPercent: 100, "
			"sourceServiceRevisionCleanup: DEFERRED}\n"
			"  maximumPercent: 150\n"
			"  deploymentCircuitBreaker: {enable: true, rollback: true}\n",
	},
	{
		.id = "LC213",
		.severity = SEVERITY_WARNING,
		.title = "The circuit breaker does half of its job",
		.effect = "Without rollback the broken revision stays, and the service is short "
			  "of tasks. Not enabled, it does nothing. The CDK's circuitBreaker: {} "
			  "is the first of the two.",
		.fix = "enable: true and rollback: true",
		.source = "Amazon ECS Developer Guide, How the Amazon ECS deployment circuit "
			  "breaker detects failures",
		.bad = "serviceName: web\n"
		       "taskDefinition: web\n"
		       "desiredCount: 4\n"
		       "deploymentConfiguration:\n"
		       "  deploymentCircuitBreaker: {enable: true, rollback: false}\n",
		.good = "serviceName: web\n"
			"taskDefinition: web\n"
			"desiredCount: 4\n"
			"deploymentConfiguration:\n"
			"  deploymentCircuitBreaker: {enable: true, rollback: true}\n",
	},
	{
		.id = "LC214",
		.severity = SEVERITY_NOTE,
		.title = "The circuit breaker may never trip",
		.effect = "A task without a health check counts as healthy once it runs. Each "
			  "such task clears the count of failures, although it dies later.",
		.fix = "A health check, or resetOnHealthyTask: false",
		.source = "Amazon ECS API Reference, DeploymentCircuitBreaker, "
			  "resetOnHealthyTask",
		.bad = "Resources:\n"
		       "  Service:\n"
		       "    Type: AWS::ECS::Service\n"
		       "    Properties:\n"
		       "      DeploymentConfiguration:\n"
		       "        DeploymentCircuitBreaker: {Enable: true, Rollback: true}\n"
		       "      TaskDefinition: !Ref Task\n"
		       "  Task:\n"
		       "    Type: AWS::ECS::TaskDefinition\n"
		       "    Properties:\n"
		       "      ContainerDefinitions: [{Name: web}]\n",
		.good = "Resources:\n"
			"  Service:\n"
			"    Type: AWS::ECS::Service\n"
			"    Properties:\n"
			"      DeploymentConfiguration:\n"
			"        DeploymentCircuitBreaker: {Enable: true, Rollback: true, "
			"ResetOnHealthyTask: false}\n"
			"      TaskDefinition: !Ref Task\n"
			"  Task:\n"
			"    Type: AWS::ECS::TaskDefinition\n"
			"    Properties:\n"
			"      ContainerDefinitions: [{Name: web}]\n",
	},
	{
		.id = "LC215",
		.severity = SEVERITY_WARNING,
		.title = "One task that fails ends the deployment",
		.effect = "A task that fails by chance, because its host does, rolls back a "
			  "good revision.",
		.fix = "A threshold of at least 3",
		.source = "Amazon ECS API Reference, DeploymentCircuitBreaker, "
			  "thresholdConfiguration",
		.bad = "serviceName: web\n"
		       "taskDefinition: web\n"
		       "desiredCount: 4\n"
		       "deploymentConfiguration:\n"
		       "  deploymentCircuitBreaker: {enable: true, rollback: true, "
		       "thresholdConfiguration: {type: COUNT, value: 1}}\n",
		.good = "serviceName: web\n"
			"taskDefinition: web\n"
			"desiredCount: 4\n"
			"deploymentConfiguration:\n"
			"  deploymentCircuitBreaker: {enable: true, rollback: true, "
			"thresholdConfiguration: {type: COUNT, value: 3}}\n",
	},
	{
		.id = "LC216",
		.severity = SEVERITY_ERROR,
		.title = "The deployment bakes longer than CloudFormation waits",
		.effect = "CloudFormation refuses bake times of more than 33 h in all, and ends "
			  "each operation after 36 h. A deployment of half a day blocks the "
			  "next one, a fix for example.",
		.fix = "Larger steps, or shorter bake times",
		.source = "Amazon ECS Developer Guide, Amazon ECS linear deployments",
		.bad = "Resources:\n"
		       "  Service:\n"
		       "    Type: AWS::ECS::Service\n"
		       "    Properties:\n"
		       "      DeploymentConfiguration:\n"
		       "        Strategy: LINEAR\n"
		       "        BakeTimeInMinutes: 60\n"
		       "        LinearConfiguration: {StepPercent: 3, StepBakeTimeInMinutes: 60}\n",
		.good = "Resources:\n"
			"  Service:\n"
			"    Type: AWS::ECS::Service\n"
			"    Properties:\n"
			"      DeploymentConfiguration:\n"
			"        Strategy: LINEAR\n"
			"        BakeTimeInMinutes: 60\n"
			"        LinearConfiguration: {StepPercent: 10, StepBakeTimeInMinutes: "
			"60}\n",
	},
	{
		.id = "LC217",
		.severity = SEVERITY_WARNING,
		.title = "The two target groups are not alike",
		.effect = "Traffic uses them in turn: every second deployment drains or checks "
			  "in another way.",
		.fix = "The same settings in both",
		.source = "Amazon ECS Developer Guide, Amazon ECS blue/green deployments",
		.bad = "Resources:\n"
		       "  Service:\n"
		       "    Type: AWS::ECS::Service\n"
		       "    Properties:\n"
		       "      DeploymentConfiguration: {Strategy: BLUE_GREEN, BakeTimeInMinutes: "
		       "5}\n"
		       "      LoadBalancers:\n"
		       "        - TargetGroupArn: !Ref Group\n"
		       "          ContainerName: web\n"
		       "          ContainerPort: 80\n"
		       "          AdvancedConfiguration: {AlternateTargetGroupArn: !Ref Green}\n"
		       "  Group:\n"
		       "    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
		       "    Properties:\n"
		       "      Protocol: HTTP\n"
		       "      HealthCheckPath: /healthcheck\n"
		       "      TargetGroupAttributes:\n"
		       "        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n"
		       "  Green:\n"
		       "    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
		       "    Properties:\n"
		       "      Protocol: HTTP\n"
		       "      HealthCheckPath: /healthcheck\n"
		       "      TargetGroupAttributes:\n"
		       "        - {Key: deregistration_delay.timeout_seconds, Value: 60}\n",
		.good = "Resources:\n"
			"  Service:\n"
			"    Type: AWS::ECS::Service\n"
			"    Properties:\n"
			"      DeploymentConfiguration: {Strategy: BLUE_GREEN, BakeTimeInMinutes: "
			"5}\n"
			"      LoadBalancers:\n"
			"        - TargetGroupArn: !Ref Group\n"
			"          ContainerName: web\n"
			"          ContainerPort: 80\n"
			"          AdvancedConfiguration: {AlternateTargetGroupArn: !Ref Green}\n"
			"  Group:\n"
			"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
			"    Properties:\n"
			"      Protocol: HTTP\n"
			"      HealthCheckPath: /healthcheck\n"
			"      TargetGroupAttributes:\n"
			"        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n"
			"  Green:\n"
			"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
			"    Properties:\n"
			"      Protocol: HTTP\n"
			"      HealthCheckPath: /healthcheck\n"
			"      TargetGroupAttributes:\n"
			"        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n",
	},
	{
		.id = "LC218",
		.severity = SEVERITY_ERROR,
		.title = "A setting does not go with the strategy",
		.effect = "ECS refuses the service, or does without the setting: steps are "
			  "those of the default, and the circuit breaker watches nothing.",
		.fix = "The settings of the strategy",
		.source = "Amazon ECS API Reference, DeploymentConfiguration",
		.bad = "Resources:\n"
		       "  Service:\n"
		       "    Type: AWS::ECS::Service\n"
		       "    Properties:\n"
		       "      DeploymentConfiguration:\n"
		       "        Strategy: LINEAR\n"
		       "        BakeTimeInMinutes: 5\n"
		       "        CanaryConfiguration: {CanaryPercent: 5}\n",
		.good = "Resources:\n"
			"  Service:\n"
			"    Type: AWS::ECS::Service\n"
			"    Properties:\n"
			"      DeploymentConfiguration:\n"
			"        Strategy: LINEAR\n"
			"        BakeTimeInMinutes: 5\n"
			"        LinearConfiguration: {StepPercent: 25}\n",
	},
	{
		.id = "LC219",
		.severity = SEVERITY_NOTE,
		.title = "A pause waits for a day",
		.effect = "A hook of the type PAUSE waits for ContinueServiceDeployment. "
			  "Without it, the deployment hangs for 24 h and rolls back.",
		.fix = "timeoutConfiguration, with a time and an action chosen on purpose",
		.source = "Amazon ECS API Reference, DeploymentLifecycleHook, "
			  "timeoutConfiguration",
		.bad = "serviceName: web\n"
		       "taskDefinition: web\n"
		       "desiredCount: 4\n"
		       "deploymentConfiguration:\n"
		       "  strategy: BLUE_GREEN\n"
		       "  bakeTimeInMinutes: 5\n"
		       "  lifecycleHooks: [{targetType: PAUSE, lifecycleStages: "
		       "[POST_SCALE_UP]}]\n",
		.good = "serviceName: web\n"
			"taskDefinition: web\n"
			"desiredCount: 4\n"
			"deploymentConfiguration:\n"
			"  strategy: BLUE_GREEN\n"
			"  bakeTimeInMinutes: 5\n"
			"  lifecycleHooks: [{targetType: PAUSE, lifecycleStages: [POST_SCALE_UP], "
			"timeoutConfiguration: {timeoutInMinutes: 30, action: ROLLBACK}}]\n",
	},
	{
		.id = "LC220",
		.severity = SEVERITY_ERROR,
		.title = "A bake time or a share of the traffic is refused",
		.effect = "The update of the service fails: ECS bakes for a day at most, shifts at "
			  "least 3 % of the traffic in a linear step, and 0.1 % to a canary.",
		.fix = "A bake time of at most 1440 minutes",
		.source = "Amazon ECS API Reference, DeploymentConfiguration, LinearConfiguration, "
			  "CanaryConfiguration",
		.bad = "serviceName: web\n"
		       "taskDefinition: web\n"
		       "desiredCount: 4\n"
		       "deploymentConfiguration: {strategy: BLUE_GREEN, bakeTimeInMinutes: 2880}\n",
		.good = "serviceName: web\n"
			"taskDefinition: web\n"
			"desiredCount: 4\n"
			"deploymentConfiguration: {strategy: BLUE_GREEN, bakeTimeInMinutes: 60}\n",
	},
};

const struct rule_table ecs_service_rules = {
	.heading = "Services of Amazon ECS",
	.file = "service.yaml",
	.rules = rules,
	.count = sizeof(rules) / sizeof(*rules),
};
