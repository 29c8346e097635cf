// SPDX-License-Identifier: MIT
// Node's http, with the graceful shutdown of its documentation: close() refuses new connections, and
// calls back when all are gone. Of a body that was handed over with end(), and that the client has not
// read yet, it knows nothing: the connection counts as idle. (18.19 and later close idle ones by
// themselves, 18.2 when asked to.)
'use strict';

const http = require('http');

function pattern(number, size) {
  const blocks = [];
  const digits = (n) => String(n).padStart(8, '0');
  for (let offset = 0; offset < size; offset += 18) {
    blocks.push(`${digits(number)}:${digits(offset)}\n`);
  }
  return Buffer.from(blocks.join('').slice(0, size));
}

const bodies = { '/quick': pattern(1, 200), '/slow': pattern(2, 20000), '/big': pattern(3, 8000000) };

const server = http.createServer((request, response) => {
  const body = bodies[request.url];
  response.setHeader('Content-Length', body.length);
  setTimeout(() => response.end(body), request.url === '/slow' ? 1500 : 0);
});
server.listen(8080);
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
