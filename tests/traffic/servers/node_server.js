/* SPDX-License-Identifier: MIT */
/* Node's own servers: node_server.js http|https|h2c|h2 PORT [CERTIFICATE KEY]. GET /wait/MS answers after so long. */
'use strict';

const fs = require('fs');

const [kind, port, certificate, key] = process.argv.slice(2);

function answer(request, response) {
	setTimeout(() => response.end('done'), Number(request.url.split('/')[2]));
}

function make() {
	if (kind === 'http')
		return require('http').createServer(answer);
	if (kind === 'h2c')
		return require('http2').createServer(answer);
	const secrets = {cert: fs.readFileSync(certificate), key: fs.readFileSync(key)};
	if (kind === 'https')
		return require('https').createServer(secrets, answer);
	return require('http2').createSecureServer(secrets, answer);
}

const server = make();
server.keepAliveTimeout = 600000; /* idle connections are the clients' to close */
server.listen({port: Number(port), host: '0.0.0.0', backlog: 511}, () => console.log('ready'));
