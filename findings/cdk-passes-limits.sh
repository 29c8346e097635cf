#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The AWS CDK checks one of four limits of a health check, and not stopTimeout's
#
# Guess: a stop timeout of 5 minutes on Fargate, which allows 120 s, is an error at synth, as a health check's interval
#   beyond its limit is.
# Seen: stopTimeout is written as it is, 300, and 0 is, too. An interval of 400 s is an error at synth; 20 retries (1
#   to 10), a start period of 10 minutes (0 to 300 s) and a timeout of 90 s (2 to 60 s) are not.
# For containers: `cdk synth` and its tests pass in CI; the limits come to light when ECS refuses the task definition.
# Software: aws-cdk-lib 2.200.0 (npm); Node 20
# Source: aws-cdk-lib, aws-ecs/lib/container-definition.js (renderHealthCheck); Amazon ECS API reference,
#   ContainerDefinition (stopTimeout), HealthCheck
# Output, 2026-11-29:
#   stopTimeout 300 s: passes, 300
#   stopTimeout 0 s: passes, 0
#   interval 400 s: is refused
#   retries 20: passes, 20
#   startPeriod 600 s: passes, 600
#   timeout 90 s: passes, 90
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
npm_packages aws-cdk-lib@2.200.0 constructs@10.4.2
node <<'JS'
const { App, Duration, Stack } = require("aws-cdk-lib");
const ecs = require("aws-cdk-lib/aws-ecs");

/* The container definition that `cdk synth` would write for Fargate, or null where it is an error. */
function synthesize(container) {
    const app = new App();
    const stack = new Stack(app, "Shop");
    try {
        const task = new ecs.FargateTaskDefinition(stack, "Task");
        task.addContainer("app", { image: ecs.ContainerImage.fromRegistry("shop"), ...container });
        const resources = Object.values(app.synth().getStackByName("Shop").template.Resources);
        const written = resources.find((resource) => resource.Type === "AWS::ECS::TaskDefinition");
        return written.Properties.ContainerDefinitions[0];
    } catch {
        return null;
    }
}

const healthCheck = (fields) => ({ healthCheck: { command: ["true"], ...fields } });
const cases = [
    ["stopTimeout 300 s", { stopTimeout: Duration.minutes(5) }, (app) => app.StopTimeout, 300],
    ["stopTimeout 0 s", { stopTimeout: Duration.seconds(0) }, (app) => app.StopTimeout, 0],
    ["interval 400 s", healthCheck({ interval: Duration.seconds(400) }), null, null],
    ["retries 20", healthCheck({ retries: 20 }), (app) => app.HealthCheck.Retries, 20],
    ["startPeriod 600 s", healthCheck({ startPeriod: Duration.minutes(10) }), (app) => app.HealthCheck.StartPeriod, 600],
    ["timeout 90 s", healthCheck({ timeout: Duration.seconds(90) }), (app) => app.HealthCheck.Timeout, 90],
];
for (const [name, container, field, expected] of cases) {
    const app = synthesize(container);
    const seen = app && field ? field(app) : null;
    console.log(`${name}: ${app ? `passes, ${seen}` : "is refused"}`);
    if ((app === null) !== (expected === null) || seen !== expected) process.exitCode = 1;
}
JS
