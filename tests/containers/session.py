# SPDX-License-Identifier: MIT
"""Before and after the ring, as ctest's fixture: `begin MARKER` sees to an engine and an image,
`end MARKER` ends the engine if `begin` started it. Both remove what a killed test has left."""

import pathlib
import subprocess
import sys

import engine
import ring

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "deployments"))
import swarm  # noqa: E402


def remove_containers():
    swarm.clear_leftovers()
    ours = f"label={engine.LABEL}.source={engine.SOURCE}"
    engine.remove("rm", *engine.docker("ps", "--all", "--quiet", "--filter", ours).split())


def begin(marker):
    script = engine.SOURCE / "docker" / "engine"
    there_is_one = subprocess.run([script, "status"], capture_output=True).returncode == 0
    engine.use_engine()
    if not there_is_one:
        marker.touch()
    remove_containers()
    print(engine.image())
    versions = "engine {{.Server.Version}}, client {{.Client.Version}}"
    print(engine.docker("version", "--format", versions))


def end(marker):
    engine.use_engine()
    remove_containers()
    if marker.exists():
        subprocess.run([engine.SOURCE / "docker" / "engine", "stop"], check=True)
        marker.unlink()


if __name__ == "__main__":
    verb, path = sys.argv[1:]
    try:
        {"begin": begin, "end": end}[verb](pathlib.Path(path))
    except engine.Unavailable as reason:
        print(reason)
        sys.exit(1 if ring.MUST_RUN else ring.SKIPPED)
