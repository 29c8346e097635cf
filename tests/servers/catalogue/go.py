# SPDX-License-Identifier: MIT
"""Go's net/http, with Shutdown on TERM."""

import os
import shutil
import subprocess

from clients import H2Tls, Https1
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

    title = "Go net/http, with Shutdown"
    kind = "compiled"
    signals = ("TERM", "INT")
    guess = "Shutdown finishes requests and closes idle connections at once"
    flaw = "Shutdown waits up to 5 s for a connection that was never used."
    note = ("A connection that was never used holds Shutdown for up to 5 s. If each stop has to be quick, give "
            "Shutdown a context that ends after a second, and call Close then.")
    name = "go"
    shown = "server"
    packages = "golang-go"
    version = "go version"
    command = "@dir@/server"
    stops = (Stop("TERM", exits=(0,), ends_within=6.5),)
    in_ci = True

    def missing(self):
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
