# SPDX-License-Identifier: MIT
"""RabbitMQ, with its start script."""

from server import Advice, Stop, TcpServer


class RabbitMQ(TcpServer):
    """As root its script changes the user."""

    name = "rabbitmq"
    title = "rabbitmq-server"
    kind = "data"
    signals = ("TERM", "INT")
    guess = "the script forwards TERM; the broker closes connections with a CLOSE and exits with 0"
    flaw = "`lastcall` waits for the connection that was only opened, and the broker takes a second to end."
    note = ("Debian's script ends on TERM at once, and leaves the broker running; as PID 1 the script ignores TERM. "
            "`lastcall` stops the broker that the script leaves.")
    patience = 25
    packages = "rabbitmq-server"
    version = "dpkg-query -W rabbitmq-server"
    command = "rabbitmq-server"
    environment = {"RABBITMQ_NODENAME": "rabbit@localhost", "RABBITMQ_NODE_PORT": "8080",
                   "RABBITMQ_MNESIA_BASE": "@dir@/mnesia", "RABBITMQ_LOG_BASE": "@dir@/log",
                   "RABBITMQ_PID_FILE": "@dir@/pid", "RABBITMQ_ENABLED_PLUGINS_FILE": "@dir@/plugins",
                   "RABBITMQ_LOGS": "-", "RABBITMQ_DIST_PORT": "9101", "RABBITMQ_CONF_ENV_FILE": "/dev/null"}
    hello = ((b"AMQP\0\0\x09\x01", b"PLAIN"),)
    stops = (Stop("TERM", exits=(0, 143), ends_within=15.0, alarm=None, timeout=40),)
    advice = Advice(options=("--longest-request=2s",),
                    why="a connection that was only opened may be in use, and holds the drain so long; the default is 10 s")

    def prepare(self, box):
        box.make("mkdir", "mnesia", "log")
        box.give_to("rabbitmq")
