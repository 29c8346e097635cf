#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# NestJS, terminus and Apollo Server end their stop with a signal to themselves, and as PID 1 may never end
#
# Guess: their stop on TERM ends the process, also as PID 1, with 143 or 0.
# Seen: when all hooks have run they remove their handler and call process.kill(process.pid, 'SIGTERM'). The kernel drops
#   a signal without a handler for PID 1. Node then ends with 0 if its event loop is empty; a timer, an idle
#   connection of a database pool or a subscription keeps it running, without a port and without a handler.
# For containers: the stop is done, and the container waits for SIGKILL, 137. It works on each developer's machine, and under
#   an init. NestJS's { useProcessExit: true } and terminus' { useExit0: true } call process.exit(0) instead.
# Software: @nestjs/core 11.2.10, @godaddy/terminus 4.12.1, @apollo/server 4.13.0 (npm); Node 20; Linux 6.18
# Source: @nestjs/core, nest-application-context.js (listenToShutdownSignals); terminus, lib/terminus.js (cleanup);
#   @apollo/server, ApolloServer.js (signalHandler); kernel/signal.c, sig_task_ignored
# Output, 2026-11-29:
#   NestJS, with a timer: the hook has run, exit status 143
#   NestJS, as PID 1: the hook has run, exit status 0
#   NestJS, as PID 1, with a timer: the hook has run, still running after 4 s
#   (the same three of terminus and of Apollo Server)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
npm_packages @nestjs/core@11.2.10 @nestjs/common@11.2.10 @nestjs/platform-express@11.2.10 reflect-metadata@0.2.2 rxjs@7.8.2 \
	@godaddy/terminus@4.12.1 @apollo/server@4.13.0 graphql@16.11.0
probe <<'PY'
from probe import Server, check, finish, wait_for, write

TIMER = "if (process.env.TIMER) setInterval(() => {}, 1000);\n"
write("NestJS.js", TIMER + """
require('reflect-metadata');
const { Module } = require('@nestjs/common');
class App { onApplicationShutdown() { console.log('hook has run'); } }
Module({})(App);
require('@nestjs/core').NestFactory.create(App, { logger: false }).then((app) => {
    app.enableShutdownHooks();
    return app.listen(8080, '127.0.0.1');
});
""")
write("terminus.js", TIMER + """
const server = require('http').createServer((request, response) => response.end('done\\n'));
const onShutdown = async () => console.log('hook has run');
require('@godaddy/terminus').createTerminus(server, { signal: 'SIGTERM', onShutdown });
server.listen(8080, '127.0.0.1');
""")
write("Apollo Server.js", TIMER + """
const { ApolloServer } = require('@apollo/server');
const serverWillStop = async () => console.log('hook has run');
const plugins = [{ serverWillStart: async () => ({ serverWillStop }) }];
const server = new ApolloServer({ typeDefs: 'type Query { a: String }', plugins });
require('@apollo/server/standalone').startStandaloneServer(server, { listen: { port: 8080, host: '127.0.0.1' } });
""")
for name in ("NestJS", "terminus", "Apollo Server"):
    for as_pid1, timer, expected in ((False, "1", 143), (True, "", 0), (True, "1", None)):
        open("server.log", "w").close()
        server = Server("node", f"{name}.js", port=8080, as_pid1=as_pid1, env={"TIMER": timer})
        server.signal("TERM")
        wait_for(lambda: "hook has run" in server.log_text() or not server.is_running(), "the hook")
        hook = "the hook has run" if "hook has run" in server.log_text() else "no hook"
        seconds = server.seconds_to_end(4)
        status = f"exit status {server.status()}" if seconds else "still running after 4 s"
        what = name + (", as PID 1" if as_pid1 else "") + (", with a timer" if timer else "")
        wanted = f"exit status {expected}" if expected is not None else "still running after 4 s"
        check(what, f"{hook}, {status}", f"the hook has run, {wanted}")
finish()
PY
