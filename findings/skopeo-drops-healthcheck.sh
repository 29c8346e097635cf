#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# skopeo drops an image's HEALTHCHECK when it copies the image to the OCI format
#
# Guess: a copy of an image has the settings of the image; what the other format does not know is kept, or is an error.
# Seen: HEALTHCHECK, the stop timeout, SHELL and ONBUILD are gone, without a warning, and the status is 0. ENTRYPOINT and
#   STOPSIGNAL stay. A copy back to Docker's format does not bring them back. "docker" as the format keeps all.
# For containers: a pipeline that copies images to an "oci:" archive or a registry that wants OCI takes the health check
#   away from each container that relies on it. buildah and "podman build" write OCI images, too, unless they are given
#   --format docker.
# Software: Debian 12, skopeo 1.9.3+ds1-1+b10
# Source: containers/image, manifest conversion (convertToManifestOCI1); OCI image-spec, config.md
# Output, 2026-11-29:
#   dir to dir: says nothing; keeps Entrypoint Healthcheck OnBuild Shell StopSignal StopTimeout
#   dir to oci: says nothing; keeps Entrypoint StopSignal
#   oci to docker-archive: says nothing; keeps Entrypoint StopSignal
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian skopeo=1.9.3+ds1-1+b10 libdevmapper1.02.1=2:1.02.185-2 libgpgme11=1.18.0-3+deb12u1 libassuan0=2.5.5-5
cd "$work"
/usr/bin/python3 - <<'PY'
import gzip, hashlib, io, json, os, subprocess, sys, tarfile

os.mkdir("image")


def blob(kind, data):
    digest = hashlib.sha256(data).hexdigest()
    with open("image/" + digest, "wb") as file:
        file.write(data)
    return {"mediaType": "application/vnd.docker." + kind, "size": len(data), "digest": "sha256:" + digest}


archive = io.BytesIO()
with tarfile.open(fileobj=archive, mode="w") as tar:
    tar.addfile(tarfile.TarInfo("file"))
layer = archive.getvalue()
settings = {"Entrypoint": ["/app"], "StopSignal": "SIGQUIT", "StopTimeout": 60, "Shell": ["/bin/sh"], "OnBuild": ["RUN x"],
            "Healthcheck": {"Test": ["CMD", "/app", "--healthcheck"], "Interval": 1000000000}}
config = {"architecture": "amd64", "os": "linux", "config": settings, "history": [{"created_by": "x"}],
          "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]}}
manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": blob("container.image.v1+json", json.dumps(config).encode()),
            "layers": [blob("image.rootfs.diff.tar.gzip", gzip.compress(layer, mtime=0))]}
with open("image/version", "w") as file:
    file.write("Directory Transport Version: 1.1\n")
with open("image/manifest.json", "w") as file:
    json.dump(manifest, file)

changed = False
for source, target in (("dir:image", "dir:docker"), ("dir:image", "oci:oci:shop"), ("oci:oci:shop", "docker-archive:again.tar:shop:1")):
    copy = subprocess.run(["skopeo", "--insecure-policy", "copy", "--quiet", source, target], capture_output=True, text=True)
    if copy.returncode:
        print(copy.stderr, file=sys.stderr)
        sys.exit(77)
    told = "says: " + copy.stderr.strip() if copy.stderr.strip() else "says nothing"
    shown = subprocess.run(["skopeo", "inspect", "--config", "--raw", target.removesuffix(":1").removesuffix(":shop")],
                           capture_output=True, text=True, check=True).stdout
    kept = json.loads(shown)["config"]
    seen = f"{told}; keeps " + " ".join(sorted(name for name in settings if name in kept))
    expected = "says nothing; keeps " + ("Entrypoint Healthcheck OnBuild Shell StopSignal StopTimeout" if target == "dir:docker"
                                         else "Entrypoint StopSignal")
    print(f"{source.split(':')[0]} to {target.split(':')[0]}: {seen}" + ("" if seen == expected else f"   <- was: {expected}"))
    changed |= seen != expected
sys.exit(changed)
PY
