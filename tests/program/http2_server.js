// SPDX-License-Identifier: MIT
/* An HTTP/2 server on 127.0.0.1: node http2_server.js MANNER PORT [KEY CERTIFICATE]. / is answered at once,
 * /slow after a second, /stream bit by bit for a second, an upload when it is whole. At SIGTERM it ends as its
 * manner says:
 *
 * abrupt   at once
 * drain    serves on for a second, sends GOAWAY, and ends when its streams have
 * refuse   refuses the streams that are open, serves on, and ends a second later
 * reset    resets the streams that are open, serves on, and ends a second later
 * shorten  ends the responses that are under way as if they were whole, and so on
 * cut      ends the connections in the middle of their responses, serves on, and ends a second later */
"use strict";
const fs = require("fs");
const http2 = require("http2");

const [manner, port, key, cert] = process.argv.slice(2);
const sessions = new Set(), streams = new Set();
const server = key ? http2.createSecureServer({key: fs.readFileSync(key), cert: fs.readFileSync(cert)})
	: http2.createServer();

function answer(stream, path) {
	if (stream.destroyed)
		return;
	stream.respond({":status": 200});
	if (path !== "/stream") {
		stream.end("x".repeat(1000));
		return;
	}
	let left = 10;
	const timer = setInterval(() => {
		if (stream.destroyed || --left === 0) {
			clearInterval(timer);
			stream.end("y".repeat(100));
		} else {
			stream.write("y".repeat(100));
		}
	}, 100);
}

server.on("session", (session) => {
	sessions.add(session);
	session.on("error", () => {});
	session.on("close", () => sessions.delete(session));
});
server.on("stream", (stream, headers) => {
	const path = headers[":path"];
	streams.add(stream);
	stream.on("error", () => {});
	stream.on("close", () => streams.delete(stream));
	stream.resume();
	if (path === "/slow")
		setTimeout(answer, 1000, stream, path);
	else if (headers[":method"] === "POST")
		stream.on("end", () => answer(stream, path));
	else
		answer(stream, path);
});

function drain() {
	server.close(() => process.exit(0));
	for (const session of sessions)
		session.close();
}

const ends = {
	abrupt: () => process.exit(0),
	drain: () => setTimeout(drain, 1000),
	refuse: () => {
		for (const stream of streams)
			stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
		setTimeout(() => process.exit(0), 1000);
	},
	reset: () => {
		for (const stream of streams)
			stream.destroy(new Error("given up"));
		setTimeout(() => process.exit(0), 1000);
	},
	shorten: () => {
		for (const stream of streams)
			stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
		setTimeout(() => process.exit(0), 1000);
	},
	cut: () => {
		for (const stream of streams)
			stream.session.destroy();
		setTimeout(() => process.exit(0), 1000);
	},
};
process.on("SIGTERM", ends[manner]);
server.listen(Number(port), "127.0.0.1");
