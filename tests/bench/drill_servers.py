#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What servers of a few lines lose when they are stopped, under tini and under lastcall: rows of docs/benchmarks.md.

usage: drill_servers.py LASTCALL DRILL RUNS [SERVER...]    as root; without containers: each server is PID 1 of a pid
namespace (--as=pid1), in a network namespace of its own. What is not installed is left out, and said so."""

import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PORT, HEALTH = 8080, 5278
FILES = {
    "server.js": """
const http = require('http');
const server = http.createServer((q, r) => setTimeout(() => r.end('ok\\n'), q.url === '/slow' ? 1500 : 0));
server.listen(8080, '127.0.0.1');
process.on('SIGTERM', () => server.close(() => process.exit(0)));
""",
    "package.json": '{"name": "shop", "version": "1.0.0", "scripts": {"start": "node server.js"}}',
    "config.ru": """
run ->(env) { sleep 1.5 if env['PATH_INFO'] == '/slow'; [200, {'Content-Type' => 'text/plain'}, ["ok\\n"]] }
""",
    "main.go": """
package main
import ("context"; "net/http"; "os"; "os/signal"; "syscall"; "time")
func main() {
	server := &http.Server{Addr: "127.0.0.1:8080", Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" { time.Sleep(1500 * time.Millisecond) }
			w.Write([]byte("ok\\n")) })}
	if len(os.Args) < 2 { server.ListenAndServe(); return }
	ended := make(chan bool)
	go func() {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM)
		<-signals
		server.Shutdown(context.Background())
		close(ended) }()
	server.ListenAndServe()
	<-ended
}
""",
    "index.php": '<?php if ($_SERVER["DOCUMENT_URI"] == "/slow") usleep(1500000); echo "ok\\n";',
    "fpm.conf": """[global]
error_log = /dev/null
[www]
user = nobody
listen = 127.0.0.1:9000
pm = static
pm.max_children = 40
""",
    "nginx.conf": """daemon off; worker_processes 1; pid nginx.pid; error_log stderr crit;
events {} http { access_log off; client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp;
uwsgi_temp_path tmp; scgi_temp_path tmp; server { listen 127.0.0.1:8080; location / {
fastcgi_pass 127.0.0.1:9000; fastcgi_param SCRIPT_FILENAME DIRECTORY/index.php;
fastcgi_param DOCUMENT_URI $uri; fastcgi_param REQUEST_METHOD $request_method; } } }
""",
}
SERVERS = {
    "Node, server.close()": ("node", "server.js"),
    "npm start": ("npm", "start"),
    "puma": ("puma", "-q", "-t", "32:32", "-b", f"tcp://127.0.0.1:{PORT}", "config.ru"),
    "php-fpm behind nginx": ("sh", "-c", "nginx -p . -c DIRECTORY/nginx.conf & exec php-fpm8.2 -F -y fpm.conf"),
    "Go, no handler": ("./shop",),
    "Go, Shutdown()": ("./shop", "graceful"),
}
NEEDS = {"php-fpm behind nginx": ("php-fpm8.2", "nginx"), "Go, no handler": ("go",), "Go, Shutdown()": ("go",)}
LOAD = ("--slow=/slow", "--in-flight=10", "--keep-alive=10", "--burst=10", "--rate=10/s", "--as=pid1", "--timeout=8s",
        "--stall-timeout=3s", "--stop-timeout=10s")


def lay_out(directory):
    for name, text in FILES.items():
        (directory / name).write_text(text.replace("DIRECTORY", str(directory)))
    directory.chmod(0o755)
    if shutil.which("go"):
        subprocess.run(("go", "build", "-o", "shop", "main.go"), cwd=directory, check=True,
                       env={"PATH": "/usr/bin:/bin:/usr/local/go/bin", "HOME": str(directory), "GO111MODULE": "off"})


def drill(directory, server, init):
    lastcall, program, runs = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3]
    command = [word.replace("DIRECTORY", str(directory)) for word in SERVERS[server]]
    before = [lastcall, f"--listen=127.0.0.1:{HEALTH}", "--stop-timeout=10s", "--"] if init == "lastcall" else \
        ["tini", "--"]
    health = [f"--health-url=http://127.0.0.1:{HEALTH}/healthcheck"] if init == "lastcall" else []
    out = directory / f"{init}-{list(SERVERS).index(server)}.json"
    line = [program, *LOAD, f"--runs={runs}", f"--json={out}", *health, f"http://127.0.0.1:{PORT}/quick", "--",
            *before, *command]
    done = subprocess.run(["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *line], cwd=directory,
                          capture_output=True, text=True)
    if not out.exists():
        return f"| {server} | {init} | {done.stderr.strip().splitlines()[-1:]} |"
    return row(server, init, json.loads(out.read_text()))


def row(server, init, result):
    numbers = [run["numbers"] for run in result["runs"]]
    lost = {}
    for one in numbers:
        for outcome, count in one["lost"].items():
            if count:
                lost[outcome] = lost.get(outcome, 0) + count
    stops = sorted(n["stop_wall_s"] for n in numbers if n["stop_wall_s"] is not None)
    return (f"| {server} | {init} | {result['verdict']} | {sum(n['in_flight_cut'] for n in numbers)} of "
            f"{sum(n['in_flight_at_stop'] for n in numbers)} "
            f"| {', '.join(f'{count} {outcome}' for outcome, count in lost.items()) or '-'} "
            f"| {stops[len(stops) // 2]:.2f} ({stops[-1]:.2f}) |" if stops else f"| {server} | {init} | no run |")


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    wanted = sys.argv[4:] or SERVERS
    print("| server | PID 1 | verdict | cut in flight | all lost, before the exit | stop, s |\n"
          "|---|---|---|--:|---|--:|")
    with tempfile.TemporaryDirectory() as name, concurrent.futures.ThreadPoolExecutor(2) as pool:
        lay_out(pathlib.Path(name))
        rows = []
        for server in wanted:
            missing = [word for word in NEEDS.get(server, SERVERS[server][:1]) if not shutil.which(word)]
            if missing:
                print(f"| {server} | - | {missing[0]} is not installed |")
                continue
            rows += [pool.submit(drill, pathlib.Path(name), server, init) for init in ("tini", "lastcall")]
        for one in rows:
            print(one.result(), flush=True)


if __name__ == "__main__":
    main()
