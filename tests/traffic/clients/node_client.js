/* SPDX-License-Identifier: MIT */
/* Node's own clients: node_client.js https|h2c|h2. The plan and what is printed are those of exchange.py. A request of the
 * plan has `wait`, ms that its answer takes, `before`, exchanges on the same connection, and `beside`, requests that wait
 * so many ms each and are sent with it as streams of the same connection (HTTP/2). */
'use strict';

const readline = require('readline');

const kind = process.argv[2];

function now() {
	return Number(process.hrtime.bigint()) / 1e9;
}

function say(progress) {
	const whole = progress.body === 'done' && progress.status === 200;
	const lost = progress.connected === null ? 'refused' : progress.begun ? 'cut' : 'never';
	console.log(JSON.stringify({number: progress.number, opened: progress.opened, connected: progress.connected, sent: progress.sent,
		done: now(), result: whole ? 'whole' : lost}));
}

function fresh(number) {
	return {number, opened: now(), connected: null, sent: null, begun: false, status: null, body: ''};
}

/* One stream, to its end. */
function ask(session, ms, progress) {
	return new Promise((resolve) => {
		if (session.closed || session.destroyed) {
			resolve();
			return;
		}
		const stream = session.request({':path': `/wait/${ms}`});
		progress.sent = now();
		stream.on('response', (headers) => {
			progress.begun = true;
			progress.status = headers[':status'];
		});
		stream.on('data', (data) => { progress.body += data; });
		stream.on('error', () => {});
		stream.on('close', resolve);
	});
}

async function askHttp2(port, request, progress) {
	const scheme = kind === 'h2' ? 'https' : 'http';
	const session = require('http2').connect(`${scheme}://127.0.0.1:${port}`, {rejectUnauthorized: false});
	session.on('error', () => {});
	session.on('connect', () => { progress.connected = now(); });
	for (const ms of request.before || [])
		await ask(session, ms, fresh(0));
	const beside = (request.beside || []).map((ms) => ask(session, ms, fresh(0)));
	await ask(session, request.wait, progress);
	say(progress);
	await Promise.all(beside);
	session.close();
}

async function askHttps(port, request, progress) {
	const agent = new (require('https').Agent)({keepAlive: true, maxSockets: 1, rejectUnauthorized: false,
		minVersion: 'TLSv1.3', maxCachedSessions: 0});
	const one = (ms, of) => new Promise((resolve) => {
		const message = require('https').request({host: '127.0.0.1', port, path: `/wait/${ms}`, agent});
		message.on('socket', (socket) => {
			socket.once('secureConnect', () => { of.connected = of.sent = now(); });
			if (!socket.connecting)
				of.connected = of.sent = now();
		});
		message.on('response', (response) => {
			of.begun = true;
			of.status = response.statusCode;
			response.on('data', (data) => { of.body += data; });
			response.on('error', () => {});
			response.on('close', resolve);
		});
		message.on('error', resolve);
		message.end();
	});
	for (const ms of request.before || [])
		await one(ms, fresh(0));
	await one(request.wait, progress);
	say(progress);
	agent.destroy();
}

function run(plan) {
	plan.requests.forEach((request, number) => {
		setTimeout(() => (kind === 'https' ? askHttps : askHttp2)(plan.port, request, fresh(number)),
			(plan.zero + request.connect - now()) * 1000);
	});
}

readline.createInterface({input: process.stdin}).once('line', (line) => {
	process.stdin.destroy();
	run(JSON.parse(line));
});
console.log('ready');
