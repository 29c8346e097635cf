// SPDX-License-Identifier: MIT
// Compares manifests, as JSON on standard input, with what their makers document:
//
//   check.mjs kubernetes          objects: the schemas of Kubernetes' OpenAPI
//   check.mjs ecs REQUEST         a request like RegisterTaskDefinition: the members that the AWS SDK sends
//
// Prints what does not fit, a line each; exit status 1 when there is any.
import { readFileSync } from "node:fs";

const [kind, request] = process.argv.slice(2);
const document = JSON.parse(readFileSync(0, "utf8"));
const problems = [];

// An object whose members are crossed out when they are read. The schemas are compiled, and let members pass that they
// do not know: those are the ones that nothing reads.
function watched(value, path, unread) {
	if (value === null || typeof value !== "object") return value;
	const inner = Array.isArray(value) ? [] : {};
	for (const name of Object.keys(value)) {
		unread.add(`${path}/${name}`);
		inner[name] = watched(value[name], `${path}/${name}`, unread);
	}
	return new Proxy(inner, {
		get(target, name) {
			unread.delete(`${path}/${String(name)}`);
			return target[name];
		},
	});
}

async function checkKubernetes(object) {
	const [version, group = "core"] = object.apiVersion.split("/").reverse();
	const name = ["io", "k8s", "api", group, version, object.kind].map((word) => word[0].toUpperCase() + word.slice(1));
	const { validate } = await import(`kubernetes-models/_schemas/${name.join("")}`);
	const unread = new Set();
	if (!validate(watched(object, "", unread))) {
		for (const { instancePath, keyword, params } of validate.errors)
			problems.push(`${object.kind}${instancePath}: ${keyword} ${JSON.stringify(params)}`);
	}
	for (const path of unread) problems.push(`${object.kind}${path}: no such field`);
}

// The SDK's schemas (Smithy): [3, namespace, name, traits, members, their schemas, how many of them are required],
// [1, …, element], [2, …, key, value]; 0 is a string, 1 a number, 2 a boolean, 64 + x a list of x, 128 + x a map of x.
const TYPES = { 0: "string", 1: "number", 2: "boolean" };

function resolve(schema) {
	const found = typeof schema === "function" ? schema() : schema;
	return Array.isArray(found) && (typeof found[0] === "function" || found.length === 2) ? resolve(found[0]) : found;
}

function checkMembers(value, schema, path) {
	const [, , , , names, schemas, required = 0] = schema;
	for (const name of names.slice(0, required)) {
		if (!(name in value)) problems.push(`${path}: '${name}' is missing`);
	}
	for (const [name, inner] of Object.entries(value)) {
		const at = names.indexOf(name);
		if (at < 0) problems.push(`${path}: '${name}' is no member of ${schema[2]}`);
		else checkEcs(inner, schemas[at], `${path}.${name}`);
	}
}

function checkEcs(value, given, path) {
	const schema = resolve(given);
	if (typeof schema === "number") {
		if (schema >= 128) Object.entries(value).forEach(([name, inner]) => checkEcs(inner, schema - 128, `${path}.${name}`));
		else if (schema >= 64) value.forEach((inner, i) => checkEcs(inner, schema - 64, `${path}[${i}]`));
		else if (TYPES[schema] && typeof value !== TYPES[schema]) problems.push(`${path}: no ${TYPES[schema]}`);
	} else if (schema[0] === 1) {
		value.forEach((inner, i) => checkEcs(inner, schema[4], `${path}[${i}]`));
	} else if (schema[0] === 2) {
		Object.entries(value).forEach(([name, inner]) => checkEcs(inner, schema[5], `${path}.${name}`));
	} else {
		checkMembers(value, schema, path);
	}
}

if (kind === "kubernetes") {
	for (const object of document) await checkKubernetes(object);
} else {
	const sdk = await import("@aws-sdk/client-ecs");
	checkEcs(document, sdk[`${request}Request$`], request);
}
for (const problem of problems) console.log(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
