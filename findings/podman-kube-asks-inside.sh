#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# podman play kube asks a liveness probe by a curl of the image, and has 10 s of any grace period
#
# Guess: podman asks the port from outside, as the kubelet does, and restarts the container after failureThreshold failures;
#   terminationGracePeriodSeconds is the stop timeout.
# Seen: httpGet becomes the health check "curl -f ... || exit 1", which is run in the container and needs a shell and a curl
#   there, with each restartPolicy. A readiness probe becomes nothing. The stop timeout is 10 s.
# For containers: a manifest that works in Kubernetes has an unhealthy container, and 10 s in place of 60 s for its stop.
# Software: Debian 12, podman 4.3.1+ds1-8+deb12u1+b3
# Source: podman, pkg/specgen/generate/kube/kube.go (setupLivenessProbe)
# Output, 2026-11-29:
#   livenessProbe, restartPolicy Always: the health check: CMD-SHELL curl -f http://localhost:5278/livez || exit 1
#   livenessProbe, restartPolicy Always: the stop timeout: 10
#   livenessProbe, restartPolicy Never: the health check: CMD-SHELL curl -f http://localhost:5278/livez || exit 1
#   livenessProbe, restartPolicy Never: the stop timeout: 10
#   readinessProbe, restartPolicy Always: the health check: None
#   readinessProbe, restartPolicy Always: the stop timeout: 10
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" -eq 0 ] || cannot_run "needs root, for podman"
debian podman=4.3.1+ds1-8+deb12u1+b3 conmon=2.1.6+ds1-1 runc=1.1.5+ds1-1+deb12u1 libdevmapper1.02.1=2:1.02.185-2 \
	libgpgme11=1.18.0-3+deb12u1 libassuan0=2.5.5-5 libsubid4=1:4.13+dfsg1-1+deb12u2 busybox-static=1:1.35.0-4+deb12u1+b1
probe <<'PY'
import json, os, shutil, subprocess, tarfile
from probe import cannot_run, check, finish, write

ROOT, HERE = os.environ["root"], os.getcwd()
os.makedirs("image/bin")
shutil.copy(ROOT + "/bin/busybox", "image/bin/busybox")
os.symlink("busybox", "image/bin/sh")
with tarfile.open("image.tar", "w") as tar:
    tar.add("image", arcname=".")
os.makedirs("etc")
write("etc/policy.json", '{"default": [{"type": "insecureAcceptAnything"}]}')
write("containers.conf", f'''[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
lock_type = "file"
events_logger = "none"
infra_image = "localhost/shop"
conmon_path = ["{ROOT}/usr/bin/conmon"]
tmp_dir = "{HERE}/tmp"
static_dir = "{HERE}/static"
volume_path = "{HERE}/volumes"
[engine.runtimes]
runc = ["{ROOT}/usr/sbin/runc"]
''')
os.environ["CONTAINERS_CONF"] = HERE + "/containers.conf"
if os.path.isdir("/etc/containers"):
    subprocess.run(["mount", "--bind", "etc", "/etc/containers"], check=True)  # in this mount namespace
PODMAN = ["podman", f"--root={HERE}/storage", f"--runroot={HERE}/run", f"--tmpdir={HERE}/tmp", "--storage-driver=vfs"]


def podman(*arguments):
    done = subprocess.run([*PODMAN, *arguments], capture_output=True, text=True)
    if done.returncode:
        cannot_run(f"podman {' '.join(arguments)}: {done.stderr}")
    return done.stdout


podman("import", "--change", 'CMD ["/bin/sh", "-c", "sleep 100"]', "image.tar", "localhost/shop")
CURL = "CMD-SHELL curl -f http://localhost:5278/livez || exit 1"
for kind, policy, expected in (("liveness", "Always", CURL), ("liveness", "Never", CURL), ("readiness", "Always", None)):
    write("pod.yaml", f"""apiVersion: v1
kind: Pod
metadata: {{name: shop}}
spec:
  hostNetwork: true
  restartPolicy: {policy}
  terminationGracePeriodSeconds: 60
  containers:
  - name: web
    image: localhost/shop
    command: [/bin/sh, -c, "sleep 100"]
    {kind}Probe:
      httpGet: {{path: /livez, port: 5278}}
      failureThreshold: 6
""")
    podman("play", "kube", "--start=false", "pod.yaml")
    settings = json.loads(podman("inspect", "shop-web"))[0]["Config"]
    health = settings.get("Healthcheck")
    check(f"{kind}Probe, restartPolicy {policy}: the health check", " ".join(health["Test"]) if health else None, expected)
    check(f"{kind}Probe, restartPolicy {policy}: the stop timeout", settings.get("StopTimeout"), 10)
    podman("play", "kube", "--down", "pod.yaml")
finish()
PY
