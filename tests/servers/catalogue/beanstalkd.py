# SPDX-License-Identifier: MIT
"""beanstalkd."""

from server import Stop, TcpServer


class Beanstalkd(TcpServer):
    title = "beanstalkd"
    kind = "data"
    signals = ("TERM", "INT", "USR1")
    guess = "TERM ends it at once with 143; USR1 (drain mode) refuses new jobs and ends when there is none"
    note = ("It has no handler for TERM, and as PID 1 ignores it. USR1 stops it from taking jobs, and "
            "ends nothing.")
    packages = "beanstalkd"
    version = "beanstalkd -v"
    command = "beanstalkd -l 0.0.0.0 -p 8080"
    quick = (b"list-tubes\r\n", b"- default")
    slow = (b"put 0 0 60 10\r\nhello", b"world\r\n", b"INSERTED")
    stops = (Stop("TERM", exits=(143, 0), alarm=None),)
