# SPDX-License-Identifier: MIT
"""Go, Caddy and Java."""

import os
import subprocess

from clients import H2Tls, Http1, Https1, Lost
from server import HttpServer, Stop

GO = """package main

import ("context"; "net/http"; "os"; "os/signal"; "strings"; "syscall"; "time")

func main() {
	server := &http.Server{Addr: ":8080", Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "slow") { time.Sleep(3 * time.Second) }
			w.Header().Set("Content-Length", "5")
			w.Write([]byte("done\\n"))
		})}
	done := make(chan struct{})
	go func() {
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
		<-stop
		server.Shutdown(context.Background())
		close(done)
	}()
	if len(os.Args) > 1 { server.ListenAndServeTLS("cert.pem", "key.pem") } else { server.ListenAndServe() }
	<-done
}
"""


class Go(HttpServer):
    """Shutdown waits 5 s for a connection that was never used."""

    name = "go"
    packages = "golang-go"
    version = "go version"
    command = "@dir@/server"
    stops = (Stop("TERM", exits=(0,), ends_within=6.5),)
    in_ci = True

    def missing(self):
        import shutil
        return None if shutil.which("go") else "no go here"

    def prepare(self, box):
        box.certificate()
        box.write("main.go", GO)
        def build(path):
            env = {**os.environ, "GO111MODULE": "off", "CGO_ENABLED": "0",
                   "GOCACHE": os.path.dirname(path) + "/go", "GOFLAGS": ""}
            subprocess.run(["go", "build", "-o", path, box.path("main.go")], env=env, check=True)
        os.symlink(box.cached("go-server", build), box.path("server"))


class GoTls(Go):
    name = "go-tls"
    command = "@dir@/server tls"
    client = Https1
    in_ci = False


class GoH2(GoTls):
    name = "go-h2"
    client = H2Tls


class Caddy(HttpServer):
    packages = "caddy"
    version = "dpkg-query -W caddy"
    files = {"Caddyfile": "{\n admin off\n auto_https off\n}\n:8080 {\n reverse_proxy 127.0.0.1:9000\n}\n"}
    command = "caddy run --config Caddyfile"
    backend = True
    client = Http1
    stops = (Stop("TERM", exits=(0,), ends_within=6.5), Stop("INT", exits=(0,), ends_within=6.5))


JAVA = """
import com.sun.net.httpserver.*;
import java.net.*;
import java.util.concurrent.*;
public class Main {
    public static void main(String[] args) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(8080), 100);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            try { if (exchange.getRequestURI().getPath().contains("slow")) Thread.sleep(3000); }
            catch (InterruptedException e) { }
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("done\\n".getBytes());
            exchange.close();
        });
        if (args.length > 0) Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.stop(1);
            try { Thread.sleep(Integer.parseInt(args[0]) * 1000L); } catch (InterruptedException e) { }
            System.out.println("closed");
        }));
        server.start();
    }
}
"""


class Jvm(HttpServer):
    """A thread dump before the stop ends nothing."""

    packages = "default-jdk-headless"
    version = "java -version"
    files = {"Main.java": JAVA}
    command = "java -Xshare:auto -XX:TieredStopAtLevel=1 Main.java"
    stops = (Stop("TERM"),)

    def begin(self, box):
        works = super().begin(box)
        box.send("QUIT")
        box.program.wait_app("Full thread dump")
        return works


class JvmHook(Jvm):
    """A shutdown hook that has 7 s to do when nothing is in flight any more."""

    name = "jvm-hook"
    command = Jvm.command + " 7"
    stops = (Stop("TERM", ends_within=9.0, timeout=30),)

    def after(self, box):
        if not box.program.out.find("^closed"):
            raise Lost("the shutdown hook did not end")
