/* SPDX-License-Identifier: MIT */
/* 3xx: target groups and load balancers. */
#include "plan/rules/rule_registry.h"

static const struct rule rules[] = {
	{
		.id = "LC301",
		.severity = SEVERITY_WARNING,
		.title = "Old tasks wait long after their last request",
		.effect = "The load balancer shows a target as draining until the delay is "
			  "over, and ECS waits for that with each old task. The default is 300 "
			  "s: with several waves, most of a deployment is this delay.",
		.fix = "deregistration_delay.timeout_seconds: a little more than the longest "
		       "request, 30 for example",
		.source = "User Guide for Application Load Balancers, Target groups, "
			  "Deregistration delay",
		.bad = "Resources:\n"
		       "  Group:\n"
		       "    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
		       "    Properties:\n"
		       "      Protocol: HTTP\n"
		       "      HealthCheckPath: /healthcheck\n"
		       "      TargetType: ip\n",
		.good = "Resources:\n"
			"  Group:\n"
			"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
			"    Properties:\n"
			"      Protocol: HTTP\n"
			"      HealthCheckPath: /healthcheck\n"
			"      TargetType: ip\n"
			"      TargetGroupAttributes:\n"
			"        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n",
	},
	{
		.id = "LC302",
		.severity = SEVERITY_ERROR,
		.title = "Requests take longer than the deregistration delay",
		.effect = "The load balancer closes the connection at the end of the delay: "
			  "requests that last longer are cut at each deployment.",
		.fix = "A delay above the longest request",
		.source = "User Guide for Application Load Balancers, Target groups, "
			  "Deregistration delay",
		.bad = "Resources:\n"
		       "  Group:\n"
		       "    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
		       "    Properties:\n"
		       "      Protocol: HTTP\n"
		       "      HealthCheckPath: /healthcheck\n"
		       "      TargetGroupAttributes:\n"
		       "        - {Key: deregistration_delay.timeout_seconds, Value: 10}\n",
		.good = "Resources:\n"
			"  Group:\n"
			"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
			"    Properties:\n"
			"      Protocol: HTTP\n"
			"      HealthCheckPath: /healthcheck\n"
			"      TargetGroupAttributes:\n"
			"        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n",
		.options = "--reports REPORTS",
	},
	{
		.id = "LC303",
		.severity = SEVERITY_ERROR,
		.title = "The deregistration delay is refused",
		.effect = "The update of the target group fails.",
		.fix = "A number of seconds from 0 to 3600, without a unit",
		.source = "Elastic Load Balancing API Reference, TargetGroupAttribute",
		.bad = "Resources:\n"
		       "  Group:\n"
		       "    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
		       "    Properties:\n"
		       "      Protocol: HTTP\n"
		       "      HealthCheckPath: /healthcheck\n"
		       "      TargetGroupAttributes:\n"
		       "        - {Key: deregistration_delay.timeout_seconds, Value: 30s}\n",
		.good = "Resources:\n"
			"  Group:\n"
			"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
			"    Properties:\n"
			"      Protocol: HTTP\n"
			"      HealthCheckPath: /healthcheck\n"
			"      TargetGroupAttributes:\n"
			"        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n",
	},
	{
		.id = "LC304",
		.severity = SEVERITY_ERROR,
		.title = "The health check of the target group is refused, or overlaps itself",
		.effect = "The update of the target group fails, or a check begins before the "
			  "one before has its result.",
		.fix = "A timeout below the interval; interval 5 to 300, timeout 2 to 120, "
		       "thresholds 2 to 10",
		.source = "Elastic Load Balancing API Reference, CreateTargetGroup",
		.bad = "Resources:\n"
		       "  Group:\n"
		       "    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
		       "    Properties:\n"
		       "      Protocol: HTTP\n"
		       "      HealthCheckPath: /healthcheck\n"
		       "      HealthCheckIntervalSeconds: 5\n"
		       "      HealthCheckTimeoutSeconds: 30\n"
		       "      TargetGroupAttributes:\n"
		       "        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n",
		.good = "Resources:\n"
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
		.id = "LC305",
		.severity = SEVERITY_NOTE,
		.title = "A target that recovered waits for its requests",
		.effect = "A new target needs one successful check; one that failed needs as "
			  "many as the threshold says.",
		.fix = "A shorter interval and a threshold of 2",
		.source = "User Guide for Application Load Balancers, Health checks for target "
			  "groups",
		.bad = "Resources:\n"
		       "  Group:\n"
		       "    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
		       "    Properties:\n"
		       "      Protocol: HTTP\n"
		       "      HealthCheckPath: /healthcheck\n"
		       "      HealthCheckIntervalSeconds: 30\n"
		       "      HealthyThresholdCount: 5\n"
		       "      TargetGroupAttributes:\n"
		       "        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n",
		.good = "Resources:\n"
			"  Group:\n"
			"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
			"    Properties:\n"
			"      Protocol: HTTP\n"
			"      HealthCheckPath: /healthcheck\n"
			"      HealthCheckIntervalSeconds: 5\n"
			"      HealthCheckTimeoutSeconds: 4\n"
			"      HealthyThresholdCount: 2\n"
			"      TargetGroupAttributes:\n"
			"        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n",
	},
	{
		.id = "LC306",
		.severity = SEVERITY_WARNING,
		.title = "The health check asks for the start page",
		.effect = "The page's errors and its cost count as health: one that needs a "
			  "login or a database takes tasks out of service. It does not say that "
			  "a drain has begun.",
		.fix = "HealthCheckPath: /healthcheck",
		.source = "User Guide for Application Load Balancers, Health checks for target "
			  "groups",
		.bad = "Resources:\n"
		       "  Group:\n"
		       "    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
		       "    Properties:\n"
		       "      Protocol: HTTP\n"
		       "      TargetGroupAttributes:\n"
		       "        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n",
		.good = "Resources:\n"
			"  Group:\n"
			"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
			"    Properties:\n"
			"      Protocol: HTTP\n"
			"      HealthCheckPath: /healthcheck\n"
			"      TargetGroupAttributes:\n"
			"        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n",
	},
	{
		.id = "LC307",
		.severity = SEVERITY_WARNING,
		.title = "The server closes idle connections before the load balancer does",
		.effect = "The load balancer sends a request on a connection that the server is "
			  "closing: 502.",
		.fix = "A keep-alive timeout of the server above the idle timeout of the "
		       "load balancer",
		.source = "User Guide for Application Load Balancers, Application Load "
			  "Balancers, Connection idle timeout; Troubleshoot your Application "
			  "Load Balancers, HTTP 502",
		.bad = "Resources:\n"
		       "  Balancer:\n"
		       "    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n"
		       "    Properties: {Type: application}\n"
		       "  Service:\n"
		       "    Type: AWS::ECS::Service\n"
		       "    Properties:\n"
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
		       "        - {Name: web, Command: [gunicorn, --keep-alive, \"5\", app]}\n"
		       "  Group:\n"
		       "    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
		       "    Properties:\n"
		       "      Protocol: HTTP\n"
		       "      HealthCheckPath: /healthcheck\n"
		       "      TargetGroupAttributes:\n"
		       "        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n",
		.good = "Resources:\n"
			"  Balancer:\n"
			"    Type: AWS::ElasticLoadBalancingV2::LoadBalancer\n"
			"    Properties: {Type: application}\n"
			"  Service:\n"
			"    Type: AWS::ECS::Service\n"
			"    Properties:\n"
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
			"        - {Name: web, Command: [gunicorn, --keep-alive, \"65\", app]}\n"
			"  Group:\n"
			"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
			"    Properties:\n"
			"      Protocol: HTTP\n"
			"      HealthCheckPath: /healthcheck\n"
			"      TargetGroupAttributes:\n"
			"        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n",
	},
	{
		.id = "LC308",
		.severity = SEVERITY_WARNING,
		.title = "The deregistration delay is short for a Network Load Balancer",
		.effect = "New connections come for up to two minutes after a target was "
			  "deregistered. After the delay ECS stops the task, and they are "
			  "refused.",
		.fix = "deregistration_delay.timeout_seconds: 120",
		.source = "User Guide for Network Load Balancers, Deregistration delay; "
			  "containers-roadmap, issue 470",
		.bad = "Resources:\n"
		       "  Group:\n"
		       "    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
		       "    Properties:\n"
		       "      Protocol: TCP\n"
		       "      TargetGroupAttributes:\n"
		       "        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n",
		.good = "Resources:\n"
			"  Group:\n"
			"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
			"    Properties:\n"
			"      Protocol: TCP\n"
			"      TargetGroupAttributes:\n"
			"        - {Key: deregistration_delay.timeout_seconds, Value: 120}\n",
	},
	{
		.id = "LC309",
		.severity = SEVERITY_NOTE,
		.title = "New targets get few requests for a long time",
		.effect = "With slow_start the old tasks leave while the new ones still get a "
			  "small share.",
		.fix = "slow_start.duration_seconds below the time of a wave, or 0",
		.source = "User Guide for Application Load Balancers, Target groups, Slow start "
			  "mode",
		.bad = "Resources:\n"
		       "  Group:\n"
		       "    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
		       "    Properties:\n"
		       "      Protocol: HTTP\n"
		       "      HealthCheckPath: /healthcheck\n"
		       "      TargetGroupAttributes:\n"
		       "        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n"
		       "        - {Key: slow_start.duration_seconds, Value: 300}\n",
		.good = "Resources:\n"
			"  Group:\n"
			"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
			"    Properties:\n"
			"      Protocol: HTTP\n"
			"      HealthCheckPath: /healthcheck\n"
			"      TargetGroupAttributes:\n"
			"        - {Key: deregistration_delay.timeout_seconds, Value: 30}\n"
			"        - {Key: slow_start.duration_seconds, Value: 30}\n",
	},
	{
		.id = "LC310",
		.severity = SEVERITY_NOTE,
		.title = "Connections are cut at the end of the delay",
		.effect = "Long connections of a Network Load Balancer end with a reset at each "
			  "deployment.",
		.fix = "A delay above the longest connection, or "
		       "connection_termination.enabled: false",
		.source = "Elastic Load Balancing API Reference, TargetGroupAttribute",
		.bad = "Resources:\n"
		       "  Group:\n"
		       "    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
		       "    Properties:\n"
		       "      Protocol: TCP\n"
		       "      TargetGroupAttributes:\n"
		       "        - {Key: deregistration_delay.timeout_seconds, Value: 120}\n"
		       "        - {Key: deregistration_delay.connection_termination.enabled, "
		       "Value: true}\n",
		.good = "Resources:\n"
			"  Group:\n"
			"    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n"
			"    Properties:\n"
			"      Protocol: TCP\n"
			"      TargetGroupAttributes:\n"
			"        - {Key: deregistration_delay.timeout_seconds, Value: 120}\n"
			"        - {Key: deregistration_delay.connection_termination.enabled, "
			"Value: false}\n",
	},
};

const struct rule_table ecs_target_rules = {
	.heading = "Target groups and load balancers",
	.file = "template.yaml",
	.rules = rules,
	.count = sizeof(rules) / sizeof(*rules),
};
