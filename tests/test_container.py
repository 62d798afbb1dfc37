"""The Dockerfile: its steps run in order in a temporary root, and its command runs there as a user without rights.

The root is this machine's own, with an overlay that takes every write; so the base image is this machine's Python, and
apt-get a check that the program is here. Docker itself is not run.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mjsync import __version__
from mjsync.emulator import Emulator
from tests.distribution import INDEX_MISSING

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "container"
PATH = f"{sys.base_prefix}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PIP = ("PIP_", "SSL_CERT", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
NOBODY = "4321:4321"
"""A user that exists nowhere, as with `docker run --user`."""
ANYWHERE = "0.0.0.0"  # noqa: S104 - inside the container; what is published is on loopback

ROOT_SCRIPT = """
set -euo pipefail
base="$1" root="$1/root"
mount -t tmpfs none "$base"
mkdir "$base/upper" "$base/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" "$root"
mount -t proc none "$root/proc"
mount --rbind /dev "$root/dev"
cp /etc/resolv.conf "$root/etc/" 2> /dev/null || true
folder="$PYTHON"
while [ "$folder" != / ]; do folder="$(dirname "$folder")"; chmod a+rx "$root$folder"; done
cat > "$root/usr/local/bin/apt-get" <<'END'
#!/bin/sh
[ "$1" = install ] || exit 0
shift
for word; do case "$word" in -*) ;; *) command -v "$word" > /dev/null || exit 100 ;; esac; done
END
chmod 755 "$root/usr/local/bin/apt-get"
"""


def instructions():
    """Each instruction of the Dockerfile with its argument."""
    lines = (FOLDER / "Dockerfile").read_text(encoding="utf-8").splitlines()
    return [tuple(line.split(" ", 1)) for line in lines if not line.startswith("#")]


class Image:
    """The image as a script that builds it and runs containers of it."""

    def __init__(self, folder, wheel):
        self.folder, self.wheel = folder, wheel
        self.variables = {"PATH": PATH, **{name: value for name, value in os.environ.items() if name.startswith(PIP)}}
        self.user, self.directory, self.entry = "root", "/", []
        self.build = [step for word, text in instructions() for step in self.step(word, text)]

    def step(self, word, text):
        """Return the shell commands of one instruction; an unknown instruction fails the test."""
        if word == "RUN":
            yield self.command(["sh", "-c", text])
        elif word == "COPY":
            pattern, target = text.split()
            assert re.fullmatch(pattern.replace("*", ".*"), self.wheel.name)
            yield f'cp {shlex.quote(str(self.wheel))} "$root{target}"'
        elif word == "ENV":
            name, value = text.split("=", 1)
            self.variables[name] = value.replace(f"${name}", self.variables.get(name, ""))
        elif word == "USER":
            self.user = text
        elif word == "WORKDIR":
            self.directory = text
            yield f'mkdir -p "$root{text}"'
        elif word == "ENTRYPOINT":
            self.entry = [part.strip('"') for part in text.strip("[]").split(", ")]
        else:
            assert word in ("FROM", "CMD"), word

    def command(self, words, user="", **variables):
        """Return a command in the root, with the image's variables only, in its directory and as its user."""
        values = [f"{name}={value}" for name, value in {**self.variables, **variables}.items()]
        inside = ["sh", "-c", f'cd {self.directory} && exec "$@"', "sh", *words]
        return f'chroot --userspec={user or self.user} "$root" {shlex.join(["env", "-i", *values, *inside])}'

    def container(self, *arguments, user="", **variables):
        """The command that runs the image with these arguments."""
        return self.command([*self.entry, *arguments], user, **variables)

    def run(self, *lines):
        """Build the image and run these lines; return the result."""
        script = "\n".join([ROOT_SCRIPT, *self.build, *lines])
        base = self.folder / "base"
        base.mkdir()
        return subprocess.run(
            ["unshare", "--mount", "bash", "-c", script, "bash", base],
            env={**os.environ, "PYTHON": f"{sys.base_prefix}/bin/python3"},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def image(tmp_path, wheel):
    """The image, where this machine allows a root of its own."""
    if os.getuid() or not shutil.which("unshare"):
        pytest.skip("a temporary root needs the rights of root, and unshare")
    (tmp_path / "probe").mkdir()
    probe = f'{ROOT_SCRIPT}\nchroot "$root" "$PYTHON" --version'
    started = subprocess.run(
        ["unshare", "--mount", "bash", "-c", probe, "bash", tmp_path / "probe"],
        env={**os.environ, "PYTHON": f"{sys.base_prefix}/bin/python3"},
        capture_output=True,
        check=False,
    )
    if started.returncode:
        pytest.skip("this machine does not allow a temporary root (unshare, overlay, chroot)")
    return Image(tmp_path, wheel)


def test_the_last_user_has_no_rights():
    """What the image runs is not root, and its command is mjsync."""
    found = dict(instructions())

    assert ("mjsync", '["mjsync"]') == (found["USER"], found["ENTRYPOINT"])


def test_the_steps_and_a_project_from_init_to_apply(image, tmp_path):
    """A user of the host whom the image does not know can init, plan and apply a mounted project."""
    project = tmp_path / "project"
    project.mkdir()
    os.chown(project, *map(int, NOBODY.split(":")))
    with Emulator() as emulator:
        keys = emulator.environment
        ended = image.run(
            image.command(["sh", "-c", "id -u; pwd; git --version > /dev/null"]),
            image.container("--version"),
            f'mount --bind {shlex.quote(str(project))} "$root/project"',
            image.container("init", user=NOBODY),
            image.container("validate", user=NOBODY),
            image.container("plan", user=NOBODY, **keys),
            image.container("apply", "--yes", user=NOBODY, **keys),
            image.container("emulator", "--host", ANYWHERE, "--port", "0").replace(
                "exec", "timeout --preserve-status 4"
            ),
        )
        names = [row["Name"] for row in emulator.rows("template")]
    if re.search(INDEX_MISSING, ended.stderr, re.IGNORECASE):
        pytest.skip("no index of packages can be reached")
    printed = ended.stdout.splitlines()

    assert ["10001", "/project", f"mjsync {__version__}"] == [
        line for line in printed if line in ("10001", "0", "/project") or line.startswith("mjsync ")
    ], ended.stderr
    assert f"export MJSYNC_BASE_URL=http://{ANYWHERE}:" in ended.stdout
    assert "welcome" in names
    assert 1 == len(list((project / ".mjsync" / "receipts").glob("*.json")))
