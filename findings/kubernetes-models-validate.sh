#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# kubernetes-models' validate() passes a misspelt terminationGracePeriodSeconds
#
# Guess: validation against the API's schema rejects unknown fields, a negative grace period and a preStop hook with
#   two handlers or none, as an API server does.
# Seen: all four are valid. Only types are checked: a text for the number is rejected.
# For containers: a grace period of 60 s with a letter missing is one of 30 s, and no test sees it.
# Software: npm kubernetes-models 4.5.1, Node 20
# Source: @kubernetes-models/validate; Kubernetes, kubectl --validate=strict and pkg/apis/core/validation
# Output, 2026-11-28:
#   grace period 60: valid
#   grace period "60": rejected
#   misspelt: terminationGracePeriodSecond: valid
#   grace period -5: valid
#   preStop with two handlers: valid
#   preStop with none: valid
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
npm_packages kubernetes-models@4.5.1
node <<'JS'
const { Deployment } = require("kubernetes-models/apps/v1");

function isValid(container, pod) {
    const deployment = new Deployment({
        metadata: { name: "shop" },
        spec: {
            selector: { matchLabels: { app: "shop" } },
            template: {
                metadata: { labels: { app: "shop" } },
                spec: { containers: [{ name: "shop", image: "shop", ...container }], ...pod },
            },
        },
    });
    try {
        deployment.validate();
        return true;
    } catch {
        return false;
    }
}

const handlers = { exec: { command: ["true"] }, httpGet: { port: 80 } };
const cases = [
    ["grace period 60", {}, { terminationGracePeriodSeconds: 60 }, true],
    ["grace period \"60\"", {}, { terminationGracePeriodSeconds: "60" }, false],
    ["misspelt: terminationGracePeriodSecond", {}, { terminationGracePeriodSecond: 60 }, true],
    ["grace period -5", {}, { terminationGracePeriodSeconds: -5 }, true],
    ["preStop with two handlers", { lifecycle: { preStop: handlers } }, {}, true],
    ["preStop with none", { lifecycle: { preStop: {} } }, {}, true],
];
for (const [name, container, pod, expected] of cases) {
    const valid = isValid(container, pod);
    console.log(`${name}: ${valid ? "valid" : "rejected"}`);
    if (valid !== expected) process.exitCode = 1;
}
JS
