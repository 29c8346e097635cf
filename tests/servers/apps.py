# SPDX-License-Identifier: MIT
"""The applications that more than one server runs. /slow takes 3 s, every other path none."""

WSGI = """
import time
def app(environ, start_response):
    if "slow" in environ["PATH_INFO"]:
        time.sleep(3)
    start_response("200 OK", [("Content-Length", "5")])
    return [b"done\\n"]
"""

RACK = """
run lambda { |env|
  sleep 3 if env['PATH_INFO'].include?('slow')
  [200, { 'Content-Length' => '5' }, ["done\\n"]]
}
"""

NODE = """
const fs = require('fs');
const [kind, stop] = process.argv.slice(2);
const pem = { cert: fs.readFileSync('cert.pem'), key: fs.readFileSync('key.pem') };
const stream = (response) => {
  let left = 8;
  const timer = setInterval(() => {
    response.write('piece\\n');
    if (--left === 0) { clearInterval(timer); response.end(); }
  }, 500);
};
const answer = (request, response) => request.url.includes('stream') ? stream(response) : setTimeout(() => {
  response.setHeader('Content-Length', 5);
  response.end('done\\n');
}, request.url.includes('slow') ? 3000 : 0);
const server = {
  http: () => require('http').createServer({ keepAliveTimeout: 60000 }, answer),
  https: () => require('https').createServer({ ...pem, keepAliveTimeout: 60000 }, answer),
  h2c: () => require('http2').createServer(answer),
  h2: () => require('http2').createSecureServer(pem, answer),
}[kind]();
server.keepAliveTimeout = 60000;
const sessions = new Set();
server.on('session', (session) => sessions.add(session));
const closeAll = () => { server.closeAllConnections?.(); for (const session of sessions) session.destroy(); };
if (stop === 'close-all') process.on('SIGTERM', () => { server.close(() => process.exit(0)); closeAll(); });
if (stop === 'close') process.on('SIGTERM', () => server.close(() => process.exit(0)));
server.listen(8080);
"""

JOB = """
import time
def job():
    open("@dir@/begun", "w").write("begun")
    time.sleep(8)
    open("@dir@/finished", "w").write("finished")
"""

ASGI = """
import asyncio
async def app(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    if scope["type"] != "http":
        return
    await receive()
    if "stream" in scope["path"]:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(8):
            await asyncio.sleep(0.5)
            await send({"type": "http.response.body", "body": b"piece\\n", "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return
    if "slow" in scope["path"]:
        await asyncio.sleep(3)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"done\\n"})
"""
