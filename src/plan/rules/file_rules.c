/* SPDX-License-Identifier: MIT */
#include "plan/rules/rule_registry.h"

static const struct rule rules[] = {
	{
		.id = "LC001",
		.severity = SEVERITY_ERROR,
		.title = "The file cannot be read",
		.effect =
			"Nothing in this document is checked. A document that a strict parser "
			"refuses is "
			"refused at the deployment, too, or read in another way than it was meant.",
		.fix = "Repair the syntax at the place that the message names.",
		.source = "RFC 8259; YAML 1.2.2",
		.bad = "family: web\ncontainerDefinitions: [{name: web\n",
		.good = "family: web\ncontainerDefinitions: [{name: web, stopTimeout: 60}]\n",
	},
	{
		.id = "LC002",
		.severity = SEVERITY_ERROR,
		.title = "A key is given twice",
		.effect =
			"Tools disagree on which of the two counts: some take the first, some the "
			"last, some "
			"refuse the file. A stop timeout that you see in the file may not be in "
			"force.",
		.fix = "Keep one of the two.",
		.source = "RFC 8259, section 4; YAML 1.2.2, section 3.2.1.1",
		.bad = "family: web\ncontainerDefinitions:\n"
		       "  - name: web\n    stopTimeout: 60\n    stopTimeout: 30\n",
		.good = "family: web\ncontainerDefinitions:\n  - name: web\n    stopTimeout: 60\n",
	},
	{
		.id = "LC003",
		.severity = SEVERITY_NOTE,
		.title = "A value is known only at the deployment",
		.effect = "The rules that need this value are skipped, so that a mistake in it is "
			  "not found.",
		.fix = "Give a parameter with a default, or the value itself.",
		.source = "AWS CloudFormation User Guide, Intrinsic function reference",
		.file = "template.yaml",
		.bad = "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n"
		       "      ContainerDefinitions: [{Name: web, StopTimeout: !ImportValue "
		       "Stop}]\n",
		.good = "Parameters: {Stop: {Type: Number, Default: 60}}\n"
			"Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n"
			"      ContainerDefinitions: [{Name: web, StopTimeout: !Ref Stop}]\n",
	},
};

const struct rule_table file_rules = {
	.heading = "Files",
	.file = "task.yaml",
	.rules = rules,
	.count = sizeof(rules) / sizeof(*rules),
};
