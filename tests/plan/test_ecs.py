# SPDX-License-Identifier: MIT
"""What is right in a template of ECS, although it looks like a mistake."""

import unittest

from plan import lint, rules

GROUP = """
  {name}:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Protocol: HTTP
      HealthCheckPath: /healthcheck
      TargetGroupAttributes: [{{Key: deregistration_delay.timeout_seconds, Value: "30"}}]
"""
BLUE_GREEN = """Resources:
  Service:
    Type: AWS::ECS::Service
    Properties:
      DeploymentConfiguration: {Strategy: BLUE_GREEN, BakeTimeInMinutes: 10}
      LoadBalancers:
        - TargetGroupArn: !Ref Blue
          AdvancedConfiguration: {AlternateTargetGroupArn: !Ref Green}
"""


def template(*containers):
    return "family: web\nrequiresCompatibilities: [FARGATE]\ncontainerDefinitions:\n" + "".join(
        f"  - {container}\n" for container in containers
    )


class TargetGroups(unittest.TestCase):
    def pair(self, *settings):
        blue = GROUP.format(name="Blue") + "".join(f"      {setting}\n" for setting in settings)
        return lint("-", stdin=BLUE_GREEN + blue + GROUP.format(name="Green"))

    def test_a_default_that_is_written_out_is_no_difference(self):
        defaults = ("HealthCheckIntervalSeconds: 30", "HealthyThresholdCount: 5", "UnhealthyThresholdCount: 2")
        self.assertEqual(rules(self.pair(*defaults), "error", "warning"), [])
        [finding] = [f for f in self.pair("HealthCheckIntervalSeconds: 10") if f["rule"] == "LC217"]
        self.assertIn("is 10, and that of Green is the default", finding["message"])

    def test_the_health_check_of_a_function_has_other_defaults(self):
        function = """Resources:
  Function:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {TargetType: lambda, HealthCheckEnabled: true, HealthCheckTimeoutSeconds: 30}
"""
        self.assertEqual(lint("-", stdin=function), [])
        appliance = function.replace("TargetType: lambda", "Protocol: GENEVE, Port: 6081")
        self.assertEqual(rules(lint("-", stdin=appliance), "warning"), [])
        addresses = function.replace("lambda", "ip, Protocol: HTTP, HealthCheckPath: /healthcheck")
        self.assertEqual(rules(lint("-", stdin=addresses), "error"), ["LC304"])


class Deployments(unittest.TestCase):
    def test_a_circuit_breaker_that_has_no_effect_is_no_error(self):
        breaker = "BakeTimeInMinutes: 10, DeploymentCircuitBreaker: {Enable: true, Rollback: true}"
        findings = lint("-", stdin=BLUE_GREEN.replace("BakeTimeInMinutes: 10", breaker))
        self.assertEqual(rules(findings, "warning"), ["LC218"])
        self.assertEqual(rules(findings, "error"), [])

    def test_one_task_is_not_moved_between_zones(self):
        service = """Resources:
  Service:
    Type: AWS::ECS::Service
    Properties:
      DesiredCount: 1
      DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true, Rollback: true}}
      TaskDefinition: !Ref Task
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions: [{Name: web, StopTimeout: 110, HealthCheck: {Command: [CMD, check]}}]
"""
        self.assertEqual(lint("-", stdin=service), [])
        self.assertEqual(rules(lint("-", stdin=service.replace("Count: 1", "Count: 2")), "note"), ["LC208"])


class Containers(unittest.TestCase):
    SETUP = "{name: setup, essential: false, command: [sh, -c, chown -R 1000 /data]}"
    WEB = "{name: web, stopTimeout: 60, dependsOn: [{containerName: setup, condition: %s}]}"

    def test_a_container_that_ends_before_the_others_start_may_run_a_shell(self):
        self.assertEqual(lint("-", stdin=template(self.SETUP, self.WEB % "SUCCESS")), [])
        self.assertEqual(lint("-", stdin=template(self.SETUP, self.WEB % "COMPLETE")), [])
        findings = lint("-", stdin=template(self.SETUP, self.WEB % "START"))
        self.assertEqual(rules(findings, "warning"), ["LC111"])

    def test_no_process_of_several_can_take_the_place_of_the_shell(self):
        for script, words in (("./a && ./b 2>&1", "exec before"), ("./a & ./b & wait", "a trap that passes")):
            [finding] = lint("-", stdin=template(f'{{name: web, stopTimeout: 60, command: [sh, -c, "{script}"]}}'))
            self.assertIn(words, finding["fix"])

    def test_what_has_ended_takes_no_time_to_stop(self):
        spot = """Resources:
  Service:
    Type: AWS::ECS::Service
    Properties: {TaskDefinition: !Ref Task, CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT}],
                 AvailabilityZoneRebalancing: DISABLED}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions:
        - {Name: setup, Essential: false, StopTimeout: 60}
        - {Name: proxy, StopTimeout: 20}
        - {Name: web, StopTimeout: 110, DependsOn: [{ContainerName: setup, Condition: SUCCESS}%s]}
"""
        self.assertEqual(rules(lint("-", stdin=spot % ""), "error"), [])
        [finding] = [
            f for f in lint("-", stdin=spot % ", {ContainerName: proxy, Condition: START}") if f["severity"] == "error"
        ]
        self.assertEqual(finding["rule"], "LC109")
        self.assertIn("web is stopped before proxy: one after the other they may take 130 s", finding["message"])

    def test_a_drain_is_as_long_as_containers_that_stop_one_after_the_other(self):
        """A short stopTimeout is none of the 30 s that it would be by default."""
        service = """Resources:
  Service:
    Type: AWS::ECS::Service
    Properties: {TaskDefinition: !Ref Task, LoadBalancers: [{TargetGroupArn: !Ref Group, ContainerName: web}]}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties: {ContainerDefinitions: [{Name: web, StopTimeout: %d%s}, {Name: proxy, StopTimeout: %d}]}
""" + GROUP.format(name="Group")
        depends = ", DependsOn: [{ContainerName: proxy, Condition: START}]"
        for values, longest in (((45, "", 60), "90 s"), ((45, depends, 60), "135 s"), ((5, "", 5), None)):
            found = [f["message"] for f in lint("-", stdin=service % values) if f["rule"] == "LC210"]
            self.assertEqual(len(found), longest is not None)
            self.assertTrue(not found or f"up to {longest} " in found[0], found)

    def test_a_service_on_instances_leaves_the_stop_timeout_to_them(self):
        """Also where the task definition says nothing of what it is for."""
        text = """Resources:
  Service: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !Ref Task, LaunchType: %s}}
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: [{Name: web}]}}
"""
        for kind, found in (("EC2", True), ("FARGATE", False), ("!Ref Kind", False)):
            self.assertEqual("LC103" in [f["rule"] for f in lint("-", stdin=text % kind)], found, kind)

    def test_a_list_of_services_is_known_by_its_first(self):
        """The API leaves deploymentConfiguration out of services that it does not deploy."""
        service = '{"serviceName": "web", "taskDefinition": "web", "deploymentController": {"type": "EXTERNAL"}}'
        self.assertEqual(lint("-", stdin='{"services": [%s]}' % service), [])

    def test_cloudformation_is_named_where_it_deploys(self):
        service = "serviceName: web\ntaskDefinition: web\ndeploymentConfiguration: {strategy: LINEAR, bakeTimeInMinutes: %d}\n"
        [finding] = lint("-", stdin=service % 1000)
        self.assertNotIn("CloudFormation", finding["message"])

    def test_a_map_gives_the_value_that_its_keys_name(self):
        text = """Parameters: {Env: {Type: String, Default: prod}, Zone: {Type: String}}
Mappings: {ByEnv: {prod: {Stop: 300, Init: true}, test: {Stop: 60}}}
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions: [{Name: web, StopTimeout: !FindInMap %s}]
"""
        for keys, found, words in (
            ("[ByEnv, !Ref Env, Stop]", "LC101", "stopTimeout is 300, the default of its parameter, and"),
            ("[ByEnv, prod, Stop]", "LC101", "stopTimeout is 300 and"),
            ("[ByEnv, !Ref Zone, Stop]", "LC003", ""),
            ("[ByEnv, prod, None]", "LC003", ""),
            ("[ByEnv]", "LC003", ""),
        ):
            [finding] = lint("-", stdin=text % keys)
            self.assertEqual(finding["rule"], found, keys)
            self.assertIn(words.lower(), finding["message"].lower())
        self.assertEqual(lint("-", stdin=text % "[ByEnv, test, Stop]"), [])

    def test_fixes_of_one_service_fit_together(self):
        service = """Resources:
  Service:
    Type: AWS::ECS::Service
    Properties:
      DesiredCount: 1
      AvailabilityZoneRebalancing: ENABLED
      DeploymentConfiguration: {MinimumHealthyPercent: 0, MaximumPercent: 100}
"""
        fixes = {f["rule"]: f["fix"] for f in lint("-", stdin=service)}
        self.assertEqual(
            fixes["LC202"], 'DeploymentConfiguration: {"MinimumHealthyPercent": 100, "MaximumPercent": 200}'
        )
        self.assertEqual(fixes["LC209"], "MaximumPercent: 200")

    def test_ecs_anywhere_has_no_availability_zones(self):
        service = """Resources:
  Service: {Type: "AWS::ECS::Service", Properties: {DesiredCount: 3, LaunchType: %s, TaskDefinition: !Ref Task}}
  Task: {Type: "AWS::ECS::TaskDefinition", Properties: {ContainerDefinitions: [{Name: web, StopTimeout: 120}]}}
"""
        self.assertIn("LC208", rules(lint("-", stdin=service % "EC2"), "note"))
        self.assertNotIn("LC208", rules(lint("-", stdin=service % "EXTERNAL"), "note"))

    def test_a_proposed_stop_timeout_makes_no_new_finding(self):
        """Neither for what lastcall plans for, nor for containers that stop one after the other."""
        task = (
            "family: web\nrequiresCompatibilities: [EC2]\ncontainerDefinitions:\n  - name: web\n"
            "    environment: [{name: LASTCALL_STOP_TIMEOUT, value: 90s}]\n%s"
        )
        [finding] = lint("-", stdin=task % "")
        self.assertEqual((finding["rule"], finding["fix"]), ("LC103", "stopTimeout: 90"))
        self.assertEqual(lint("-", stdin=task % "    stopTimeout: 90\n"), [])
        spot = """Resources:
  Service:
    Type: AWS::ECS::Service
    Properties:
      DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true, Rollback: true}}
      AvailabilityZoneRebalancing: DISABLED
      CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT, Weight: 1}]
      TaskDefinition: !Ref Task
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions:
        - {Name: web, StopTimeout: 60, HealthCheck: {Command: [CMD, ok]}%s}
        - {Name: proxy, StopTimeout: 60}
"""
        self.assertIn("LC106", rules(lint("-", stdin=spot % ""), "note"))
        for condition, is_found in (("START", False), ("SUCCESS", True)):
            chain = ", DependsOn: [{ContainerName: proxy, Condition: %s}]" % condition
            self.assertEqual("LC106" in rules(lint("-", stdin=spot % chain), "note"), is_found, condition)

    def test_bake_times_and_shares_have_limits(self):
        service = (
            "serviceName: web\ntaskDefinition: web\ndeploymentConfiguration: {strategy: %s, bakeTimeInMinutes: 5, %s}\n"
        )
        for strategy, setting, fix in (
            ("LINEAR", "linearConfiguration: {stepPercent: 2.5}", "stepPercent: 3"),
            ("LINEAR", "linearConfiguration: {stepBakeTimeInMinutes: 1441}", "stepBakeTimeInMinutes: 1440"),
            ("LINEAR", "linearConfiguration: {stepPercent: 3.0, stepBakeTimeInMinutes: 1}", None),
            ("CANARY", "canaryConfiguration: {canaryPercent: 0.0}", "canaryPercent: 0.1"),
            ("CANARY", "canaryConfiguration: {canaryPercent: 0.1, canaryBakeTimeInMinutes: 0}", None),
        ):
            fixes = [f["fix"] for f in lint("-", stdin=service % (strategy, setting)) if f["rule"] == "LC220"]
            self.assertEqual(fixes, [fix] if fix else [], setting)


if __name__ == "__main__":
    unittest.main()
