# SPDX-License-Identifier: MIT
"""PHP's built-in server."""

from server import Advice, HttpServer, Stop


class PhpBuiltin(HttpServer):
    """It serves one request at a time: new ones wait for the one in flight."""

    name = "php-builtin"
    title = "php -S"
    kind = "ruby"
    signals = ("TERM", "INT")
    guess = "TERM ends it at once with 143, INT finishes the request and exits with 0"
    note = "A server for development, with one request at a time. As PID 1 it ignores TERM."
    packages = "php8.2-cli"
    version = "php8.2 --version"
    files = {"index.php": "<?php if (strpos($_SERVER['REQUEST_URI'], 'slow') !== false) { $end = microtime(true) + 3;"
                     " while (microtime(true) < $end) usleep(20000); }"
                     " header('Content-Length: 5'); echo \"done\\n\";"}
    command = "php8.2 -S 0.0.0.0:8080 index.php"
    never_used = False
    advice = Advice(options=("--stop-signal=INT",), why="INT finishes the request and exits with 0; TERM has no handler")
    stops = (Stop("TERM", exits=(143, 0)),)
