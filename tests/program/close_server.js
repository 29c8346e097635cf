// SPDX-License-Identifier: MIT
// close_server.js MANNER PORT: a server as Node's documentation ends one, by server.close() at SIGTERM.
const http = require('http');
const server = http.createServer((request, response) =>
  setTimeout(() => response.end('ok\n'), request.url === '/slow' ? 1000 : 1));
server.listen(Number(process.argv[3]), '127.0.0.1');
process.on('SIGTERM', () => {
  for (const until = Date.now() + 100; Date.now() < until;); // as a log that is written to its end
  server.close();
});
