#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The JDK's HttpServer.stop(10) takes ten seconds when nothing is in flight
#
# Guess: the argument is the longest time to wait for exchanges, so an idle server stops at once.
# Seen: stop(10) of a server without any connection returns after 10 s; with a request of 1 s in flight, when that is
#   answered.
# For containers: a shutdown hook with stop(10) uses all of Docker's 10 s in each idle stop, and ends in SIGKILL.
# Software: Debian 12, openjdk-17-jdk-headless 17.0.15+6-1~deb12u1, as installed (any JDK from 11 with this behaviour)
# Source: jdk.httpserver, sun.net.httpserver.ServerImpl.stop; its documentation ("waits until all current exchange
#   handlers have completed or else when approximately delay seconds have elapsed")
# Output, 2026-11-28:
#   idle: ends after: 10.0 s
#   a request in flight: answer: whole
#   a request in flight: ends after: 1.3 s
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need java javac
version=$(dpkg-query -W -f '${Version}' openjdk-17-jdk-headless 2>/dev/null || true)
[ "$version" = 17.0.15+6-1~deb12u1 ] || cannot_run "needs openjdk-17-jdk-headless 17.0.15+6-1~deb12u1, not $version"
probe <<'PY'
from probe import Client, Server, cannot_run, check, finish, run, wait_for, write

write("Shop.java", """
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

class Shop {
    public static void main(String[] args) throws Exception {
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 8080), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            System.out.println("began");
            try { Thread.sleep(1000); } catch (InterruptedException e) { return; }
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("done\\n".getBytes());
            exchange.close();
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> server.stop(10)));
        server.start();
        System.out.println("ready");
    }
}
""")
status, output = run("javac", "Shop.java")
if status:
    cannot_run(output)
for in_flight in (False, True):
    open("server.log", "w").close()
    name = "a request in flight" if in_flight else "idle"
    server = Server("java", "-XX:TieredStopAtLevel=1", "Shop", port=8080)
    wait_for(lambda: "ready" in server.log_text(), "the shutdown hook")
    if in_flight:
        client = Client(8080)
        client.get("/")
        wait_for(lambda: "began" in server.log_text(), "the request")
    server.signal("TERM")
    if in_flight:
        check(f"{name}: answer", client.answer(), "whole")
    check(f"{name}: ends after", server.seconds_to_end(), (0.5, 6.0) if in_flight else (9.0, 20.0))
finish()
PY
