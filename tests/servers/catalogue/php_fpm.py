# SPDX-License-Identifier: MIT
"""php-fpm."""

from server import HttpServer, Stop, TcpServer


class PhpFpm(HttpServer):
    """Behind an nginx in the same container: both ends of its connections are the application's."""

    title = "php-fpm behind nginx"
    kind = "ruby"
    signals = ("TERM",)
    guess = "the script stops both with TERM, which cuts"
    note = ("The script `start.sh` starts both, forwards TERM to both, and waits. `lastcall` sends TERM when "
            "nothing is in flight.")
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
        "index.php": "<?php if (strpos($_SERVER['REQUEST_URI'], 'slow') !== false) { $end = microtime(true) + 3;"
                     " while (microtime(true) < $end) usleep(20000); }"
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


def record(kind, content=b""):
    """A record of FastCGI, for request 1."""
    return bytes([1, kind, 0, 1]) + len(content).to_bytes(2, "big") + b"\0\0" + content


def request(uri):
    """A request as nginx sends it; the connection stays open (FCGI_KEEP_CONN)."""
    variables = {b"SCRIPT_FILENAME": b"index.php", b"REQUEST_METHOD": b"GET", b"REQUEST_URI": uri}
    content = b"".join(bytes([len(name), len(value)]) + name + value for name, value in variables.items())
    return record(1, b"\0\1\1\0\0\0\0\0") + record(4, content) + record(4) + record(5)


class PhpFpmAlone(TcpServer):
    """As in a container of its own, with the web server in another one."""

    shown = "php-fpm8.2 -F"
    name = "php-fpm"
    title = "php-fpm"
    kind = "ruby"
    signals = ("TERM", "QUIT", "INT")
    guess = "TERM cuts, QUIT finishes requests: process_control_timeout is set"
    note = ("QUIT finishes requests only with `process_control_timeout`, 10 s here; the default, 0, cuts. "
            "`lastcall` sends TERM when nothing is in flight, QUIT when work is left.")
    packages = "php8.2-fpm"
    version = "php-fpm8.2 -v"
    files = {"index.php": PhpFpm.files["index.php"], "fpm.conf": PhpFpm.files["fpm.conf"].replace(
        "127.0.0.1:9001", "8080\nchdir = @dir@")}
    command = "php-fpm8.2 -F -y @dir@/fpm.conf"
    quick = (request(b"/"), b"done\n")
    hello = (quick,)
    slow = (request(b"/slow"), b"", b"done\n")
    never_used = False
    stops = (Stop("TERM", exits=(0,), ends_within=2.0),)
