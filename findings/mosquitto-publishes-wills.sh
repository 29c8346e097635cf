#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Mosquitto publishes the last will of each client when the broker itself is stopped
#
# Guess: a will is for a client that is lost. A stop of the broker publishes none: at most the clients see a DISCONNECT.
# Seen: on TERM each client's will is published to the subscribers that are still connected, and a retained one is saved
#   to disk: after the next start the broker says of each client that it is offline.
# For containers: each deployment of the broker sends a wave of "offline" to whatever watches, and alarms fire. Until a
#   client comes back and publishes its state again, the retained one is wrong.
# Software: Debian 12, mosquitto 2.0.11-1.2+deb12u2; Linux 6.18
# Source: mosquitto, src/mosquitto.c (main: context__send_will at the end); MQTT 5.0, section 3.1.2.5
# Output, 2026-11-29:
#   the monitor reads: online
#   TERM: exit status: 0
#   TERM: the monitor reads: offline
#   after the next start, without the device: the retained state: offline
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian mosquitto=2.0.11-1.2+deb12u2 mosquitto-clients=2.0.11-1.2+deb12u2 libmosquitto1=2.0.11-1.2+deb12u2 \
	libcjson1=1.7.15-1+deb12u4 libdlt2=2.18.8-6 libwebsockets17=4.1.6-3 libev4=1:4.33-1 libuv1=1.44.2-1+deb12u1
probe <<'PY'
import os, subprocess
from probe import Server, check, finish, is_listening, run, wait_for, write

write("mosquitto.conf", f"""listener 1883 127.0.0.1
allow_anonymous true
persistence true
persistence_location {os.getcwd()}/
log_type all
user root
""")


def subscribe(*options):
    return subprocess.Popen(["mosquitto_sub", *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


server = Server("mosquitto", "-c", "mosquitto.conf", port=1883)
device = subscribe("-t", "commands", "--will-topic", "device", "--will-payload", "offline", "--will-retain")
monitor = subscribe("-t", "device")
wait_for(lambda: server.log_text().count("Sending SUBACK") == 2, "the clients")
run("mosquitto_pub", "-t", "device", "-m", "online", "-r")
check("the monitor reads", monitor.stdout.readline().strip(), "online")
server.signal("TERM")
server.seconds_to_end()
check("TERM: exit status", server.status(), 0)
check("TERM: the monitor reads", monitor.stdout.readline().strip(), "offline")
for client in (device, monitor):
    client.kill()
    client.wait()
wait_for(lambda: not is_listening(1883), "the end of the listener")
server = Server("mosquitto", "-c", "mosquitto.conf", port=1883)
check("after the next start, without the device: the retained state", run("mosquitto_sub", "-t", "device", "-C", "1", "-W", "10")[1].strip(),
      "offline")
server.signal("TERM")
server.seconds_to_end()
finish()
PY
