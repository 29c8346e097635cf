# SPDX-License-Identifier: MIT
"""php-fpm."""

from server import HttpServer, Stop


class PhpFpm(HttpServer):
    """Behind an nginx in the same container: both ends of its connections are the application's."""

    title = "php-fpm behind nginx"
    kind = "ruby"
    signals = ("TERM",)
    guess = "the script stops both with TERM, which cuts"
    note = ("The script forwards TERM to both. php-fpm finishes requests on QUIT, but only with "
            "`process_control_timeout`; alone, `lastcall` sends it TERM when nothing is in flight.")
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
