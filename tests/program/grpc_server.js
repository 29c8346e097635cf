// SPDX-License-Identifier: MIT
/* A gRPC server on 127.0.0.1 (@grpc/grpc-js): node grpc_server.js MANNER PORT. drill.Test has Quick, Slow (two
 * seconds), Stream (ten messages in two seconds) and Echo, which returns the message "hello" and refuses
 * others as INVALID_ARGUMENT. At SIGTERM it ends as its manner says:
 *
 * abrupt       at once
 * drain        serves on for a second, then finishes its calls (tryShutdown)
 * unavailable  ends Slow's calls as UNAVAILABLE, serves on, and ends a second later
 * forced       serves on, and a second later cancels what is open (forceShutdown) */
"use strict";
const grpc = require("@grpc/grpc-js");

const [manner, port] = process.argv.slice(2);
const server = new grpc.Server();
const open = new Set();
let isUnavailable = false;
const bytes = {serialize: (value) => value, deserialize: (value) => value};

function method(name, responseStream) {
	return {path: `/drill.Test/${name}`, requestStream: false, responseStream,
		requestSerialize: bytes.serialize, requestDeserialize: bytes.deserialize,
		responseSerialize: bytes.serialize, responseDeserialize: bytes.deserialize};
}

function fail(code) {
	return Object.assign(new Error("no"), {code, details: "no"});
}

server.addService({
	Quick: method("Quick", false), Slow: method("Slow", false), Stream: method("Stream", true),
	Echo: method("Echo", false),
}, {
	Quick: (call, callback) => callback(null, Buffer.from("quick")),
	Slow: (call, callback) => {
		if (isUnavailable) {
			callback(fail(grpc.status.UNAVAILABLE));
			return;
		}
		open.add(callback);
		setTimeout(() => {
			if (open.delete(callback))
				callback(null, Buffer.from("slow"));
		}, 2000);
	},
	Stream: (call) => {
		let left = 10;
		const timer = setInterval(() => {
			call.write(Buffer.from("part"));
			if (--left === 0) {
				clearInterval(timer);
				call.end();
			}
		}, 200);
		call.on("cancelled", () => clearInterval(timer));
	},
	Echo: (call, callback) => {
		if (call.request.toString() === "hello")
			callback(null, call.request);
		else
			callback(fail(grpc.status.INVALID_ARGUMENT));
	},
});

const ends = {
	abrupt: () => process.exit(0),
	drain: () => setTimeout(() => server.tryShutdown(() => process.exit(0)), 1000),
	unavailable: () => {
		isUnavailable = true;
		for (const callback of open)
			callback(fail(grpc.status.UNAVAILABLE));
		open.clear();
		setTimeout(() => process.exit(0), 1000);
	},
	forced: () => setTimeout(() => {
		server.forceShutdown();
		setTimeout(() => process.exit(0), 50);
	}, 1000),
};
process.on("SIGTERM", ends[manner]);
server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error) => {
	if (error)
		throw error;
});
