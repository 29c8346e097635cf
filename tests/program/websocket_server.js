// SPDX-License-Identifier: MIT
/* A WebSocket server on 127.0.0.1 (ws): node websocket_server.js MANNER PORT. It echoes messages, and / answers a
 * plain request. At SIGTERM it ends as its manner says:
 *
 * abrupt   at once
 * away     closes each call with 1001, serves plain requests for a second, and ends
 * failing  the same with 1011
 * dropped  the same without a Close
 * refusing never opens a call: 503 */
"use strict";
const http = require("http");
const {WebSocketServer} = require("ws");

const [manner, port] = process.argv.slice(2);
const server = http.createServer((request, response) => response.end("hello\n"));
const calls = new WebSocketServer({noServer: true});
server.on("upgrade", (request, socket, head) => {
	if (manner === "refusing") {
		socket.end("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
		return;
	}
	calls.handleUpgrade(request, socket, head, (call) => {
		call.on("error", () => {});
		call.on("message", (message, isBinary) => call.send(message, {binary: isBinary}));
	});
});

function endCalls(end) {
	for (const call of calls.clients)
		end(call);
	setTimeout(() => process.exit(0), 1000);
}

const ends = {
	abrupt: () => process.exit(0),
	away: () => endCalls((call) => call.close(1001)),
	failing: () => endCalls((call) => call.close(1011)),
	dropped: () => endCalls((call) => call.terminate()),
	refusing: () => process.exit(0),
};
process.on("SIGTERM", ends[manner]);
server.listen(Number(port), "127.0.0.1");
