# SPDX-License-Identifier: MIT
"""Servers and proxies written in C, with a backend outside."""

from clients import H2, H2Tls, Http1, Https1
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
    packages = "nginx-light"
    version = "nginx -v"
    files = {"nginx.conf": NGINX % ""}
    command = "nginx -p @dir@ -c nginx.conf"
    backend = True
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


# Debian's modules; Apache ends with TERM at once and with WINCH, the STOPSIGNAL of its image, when all is done.
APACHE = """
ServerRoot @dir@
ServerName localhost
PidFile @dir@/httpd.pid
ErrorLog /dev/stderr
Listen 8080 %s
AcceptFilter http data
AcceptFilter https data
LoadModule mpm_%s_module /usr/lib/apache2/modules/mod_mpm_%s.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
LoadModule socache_shmcb_module /usr/lib/apache2/modules/mod_socache_shmcb.so
LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
SSLCertificateFile @dir@/cert.pem
SSLCertificateKeyFile @dir@/key.pem
SSLEngine %s
KeepAliveTimeout 60
MaxKeepAliveRequests 0
User www-data
ProxyPass / http://127.0.0.1:9000/
"""


class ApacheEvent(HttpServer):
    """With TCP_DEFER_ACCEPT, its default: the connection that was never used is a SYN_RECV."""

    name = "apache-event"
    packages = "apache2-bin"
    version = "apache2 -v"
    files = {"httpd.conf": APACHE % ("http", "event", "event", "off")}
    command = "apache2 -d @dir@ -f httpd.conf -DFOREGROUND"
    backend = True
    stops = (Stop("WINCH", exits=(0,), ends_within=2.5), Stop("TERM", exits=(0,), ends_within=2.5))
    in_ci = True

    def prepare(self, box):
        box.certificate()


class ApachePrefork(ApacheEvent):
    name = "apache-prefork"
    files = {"httpd.conf": APACHE % ("http", "prefork", "prefork", "off")}
    in_ci = False


class ApacheTls(ApacheEvent):
    name = "apache-tls"
    files = {"httpd.conf": APACHE % ("https", "event", "event", "on")}
    client = Https1
    in_ci = False


HAPROXY = """
global
    stats timeout 30s
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend in
    bind :8080 %s
    default_backend out
backend out
    server one 127.0.0.1:9000
"""


class Haproxy(HttpServer):
    """USR1 is the STOPSIGNAL of its image: it waits for every connection, used or not."""

    packages = "haproxy"
    version = "haproxy -v"
    files = {"haproxy.cfg": HAPROXY % ""}
    command = "haproxy -f haproxy.cfg"
    backend = True
    stops = (Stop("USR1", exits=(0, 143)), Stop("TERM", exits=(143,)))
    in_ci = True


class HaproxyMaster(Haproxy):
    name = "haproxy-master"
    command = "haproxy -W -f haproxy.cfg"
    stops = (Stop("USR1", exits=(0, 143)), Stop("TERM", exits=(0, 143)))
    in_ci = False


class HaproxyH2(Haproxy):
    name = "haproxy-h2"
    files = {"haproxy.cfg": HAPROXY % "ssl crt @dir@/both.pem alpn h2"}
    client = H2Tls
    in_ci = False

    def prepare(self, box):
        box.certificate()


class Lighttpd(HttpServer):
    packages = "lighttpd"
    version = "lighttpd -v"
    files = {"lighttpd.conf": """
        server.document-root = "@dir@"
        server.port = 8080
        server.modules = ("mod_proxy")
        server.max-keep-alive-requests = 10000
        proxy.server = ("" => (("host" => "127.0.0.1", "port" => 9000)))
    """}
    command = "lighttpd -D -f lighttpd.conf"
    backend = True
    stops = (Stop("TERM", exits=(0, 1)), Stop("INT", exits=(0, 1)))


class PhpFpm(HttpServer):
    """Behind an nginx in the same container: both ends of its connections are the application's."""

    name = "php-fpm-nginx"
    packages = "php8.2-fpm nginx-light"
    version = "php-fpm8.2 -v"
    files = {
        "fpm.conf": """[global]
error_log = /dev/stderr
daemonize = no
process_control_timeout = 10s
[www]
user = www-data
listen = 127.0.0.1:9001
pm = static
pm.max_children = 4
""",
        "index.php": "<?php if (strpos($_SERVER['REQUEST_URI'], 'slow') !== false) sleep(3);"
                     " header('Content-Length: 5'); echo \"done\\n\";",
        "nginx.conf": """
daemon off; user root; pid @dir@/nginx.pid; error_log stderr; worker_processes 1;
events {}
http {
    access_log off;
    server {
        listen 8080;
        location / {
            fastcgi_pass 127.0.0.1:9001;
            fastcgi_param SCRIPT_FILENAME @dir@/index.php;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param REQUEST_URI $request_uri;
        }
    }
}
""",
        "start.sh": """php-fpm8.2 -F -y @dir@/fpm.conf &
php=$!
nginx -p @dir@ -c nginx.conf &
nginx=$!
trap 'kill -TERM $nginx $php' TERM
wait; wait $nginx $php; exit 0
""",
    }
    command = "sh start.sh"
    stops = (Stop("TERM", exits=(0,)),)


class Memcached(HttpServer):
    """Its clients talk a protocol of their own; one that is connected keeps nothing from ending."""

    packages = "memcached"
    version = "memcached -V"
    command = "memcached -u root -p 8080 -U 0"
    stops = (Stop("TERM", exits=(0,), ends_within=2), Stop("INT", exits=(0,), ends_within=2))

    def wait_serving(self, box):
        super(HttpServer, self).wait_serving(box)

    def begin(self, box):
        from clients import Lost
        box.idle = [box.connect() for _ in range(10)]
        for client in box.idle:
            for _ in range(50):
                client.sendall(b"get key\r\n")
                if client.recv(100) != b"END\r\n":
                    raise Lost("no answer")
        return []

    def during(self, box):
        return None
