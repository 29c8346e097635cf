# SPDX-License-Identifier: MIT
"""Mosquitto, with MQTT 3.1.1 clients."""

from server import Stop, TcpServer


class Mosquitto(TcpServer):
    title = "Mosquitto"
    kind = "data"
    signals = ("TERM", "INT")
    guess = "TERM disconnects all clients at once and exits with 0; a PUBLISH in flight is lost"
    note = "It has no graceful stop. MQTT clients repeat messages of QoS 1 and 2 that were not acknowledged."
    packages = "mosquitto"
    version = "dpkg-query -W mosquitto"
    files = {"mosquitto.conf": "listener 8080\nallow_anonymous true\nuser root\n"}
    command = "mosquitto -c mosquitto.conf"
    hello = ((b"\x10\x0c\0\x04MQTT\x04\x02\0\x3c\0\0", b"\x20\x02\0\0"),)  # CONNECT, CONNACK
    quick = (b"\xc0\0", b"\xd0\0")  # PINGREQ
    slow = (b"\x32\x0b\0\x01t\0\x01abc", b"def", b"\x40\x02\0\x01")  # PUBLISH with QoS 1, PUBACK
    stops = (Stop("TERM", exits=(0,), ends_within=2.0, alarm=None),)
