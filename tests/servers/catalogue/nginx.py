# SPDX-License-Identifier: MIT
"""nginx as a proxy."""

from clients import H2, H2Tls, Https1
from server import HttpServer, Stop

NGINX = """
daemon off; user root; pid @dir@/nginx.pid; error_log stderr; worker_processes 2;
events {}
http {
    access_log off;
    server {
        listen 8080 %s;
        ssl_certificate @dir@/cert.pem; ssl_certificate_key @dir@/key.pem;
        location / { proxy_pass http://127.0.0.1:9000; }
    }
}
"""


class Nginx(HttpServer):
    title = "nginx"
    kind = "web"
    signals = ("TERM", "QUIT", "INT")
    guess = "TERM cuts, QUIT finishes requests and closes idle connections at once"
    note = ("QUIT waits for a connection that was never used, for as long as its client keeps it "
            "open. `lastcall` sends TERM when nothing is in flight, QUIT when work is left.")
    shown = "nginx -g 'daemon off;'"
    packages = "nginx-light"
    version = "nginx -v"
    files = {"nginx.conf": NGINX % ""}
    command = "nginx -p @dir@ -c nginx.conf"
    backend = True
    stream = "/stream"
    stops = (Stop("TERM", exits=(0,)), Stop("QUIT", exits=(0,)))

    def prepare(self, box):
        box.certificate()


class NginxTls(Nginx):
    name = "nginx-tls"
    files = {"nginx.conf": NGINX % "ssl"}
    client = Https1


class NginxH2c(Nginx):
    name = "nginx-h2c"
    files = {"nginx.conf": NGINX % "http2"}
    client = H2


class NginxH2(Nginx):
    name = "nginx-h2"
    files = {"nginx.conf": NGINX % "ssl http2"}
    client = H2Tls
    in_ci = True
